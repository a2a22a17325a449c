import { Badge, type BadgeName } from '../../red/badges';
import { useApplication } from '../../red/connections';
import { liveOfAction } from '../../red/messages';
import { onInput } from '../../red/on-input';
import { targetById } from '../../red/targets';
import { choiceField, numberField, resolveEnv } from '../../red/typed-inputs';
import type { ActionDef, Node, NodeAPI } from '../../red/types';
import { now } from '../../lib/connection/clock';
import { asLiveError } from '../../lib/errors';
import { preflight } from '../../lib/preflight/ask';
import { destinationOf, unusable } from '../../lib/preflight/destination';
import { reportOf } from '../../lib/preflight/summary';
import { TICKS, type Expectations, type Preflight as Answer, type Tick } from '../../lib/preflight/types';
import type { Application } from '../../lib/production/application';
import { namesIn } from '../../lib/production/names';

interface PreflightDef extends ActionDef {
  checks: string[];
  target: string;
  profile: string;
  collection: string;
  scenes: string;
  sources: string;
  mustSound: string;
  diskWarn: string;
  diskFail: string;
  timeServer: string;
  ffmpegPath: string;
  ifUnknown: 'warn' | 'fail';
  ifAway: 'answer' | 'fail';
}

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-preflight', Preflight);

  function Preflight(this: Node, config: PreflightDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    // green before anybody asked would be a claim
    let answered: BadgeName | null = 'unknown';
    const show = (application: Application) => badge.standsAt(application.status().state, answered);
    const use = useApplication(RED, this, config, badge, (application) => {
      show(application);
      return application.onStatus(() => {
        answered = 'unknown';
        show(application);
      });
    });

    const text = (field: keyof PreflightDef) => resolveEnv(RED, this, field, config[field]).trim();
    const gigabytes = (field: 'diskWarn' | 'diskFail', standard: number) =>
      numberField(RED, this, field, config[field], standard, 0, 1_000_000);
    const expectations = (): Expectations => ({
      ticks: new Set((config.checks ?? []).map((tick) => choiceField<Tick>('check', tick, TICKS))),
      destination: config.target ? chosenTarget(config.target) : null,
      profile: text('profile') || null,
      // vMix has neither, and the dialog hides them
      collection: (config.application !== 'vmix' && text('collection')) || null,
      scenes: config.application === 'vmix' ? [] : namesIn(text('scenes')),
      sources: namesIn(text('sources')),
      inputs: namesIn(text('mustSound')),
      diskWarnGigabytes: gigabytes('diskWarn', 20),
      diskFailGigabytes: gigabytes('diskFail', 5),
      timeServer: text('timeServer') || null,
      ffmpegPath: text('ffmpegPath') || null,
      unknownFails: choiceField('not known', config.ifUnknown, ['warn', 'fail']) === 'fail',
    });

    onInput(this, badge, async (msg) => {
      const beganAt = now();
      const expected = expectations();
      const ifAway = choiceField('if away', config.ifAway, ['answer', 'fail']);
      const application = use.get();
      await use.ready().catch((error: unknown) => {
        // that it is away is an answer too; a node that is filled in wrong has none
        if (ifAway === 'fail' || asLiveError(error).code.startsWith('CONFIG_')) throw error;
      });
      const payload = await preflight(application, expected);
      answered = badgeOf(payload);
      show(application);
      msg.report = reportOf(payload, application.name);
      return {
        payload,
        live: liveOfAction('preflight', application, beganAt, {
          state: payload.ready ? 'ready' : 'not ready',
          confirmedBy: application.status().state === 'ready' ? 'application' : null,
        }),
      };
    });
  }
};

/** A target that is gone or wrong is a fault that the check has to tell. */
function chosenTarget(id: string): Expectations['destination'] {
  try {
    const target = targetById(id);
    const destination = destinationOf(target);
    return destination && { name: target.name, destination };
  } catch (error) {
    const { code, details } = asLiveError(error);
    if (code === 'STREAM_TARGET_UNKNOWN')
      return { name: 'of the dialog', destination: unusable('it is disabled or was deleted') };
    return { name: String(details.target ?? ''), destination: unusable(details.reason) };
  }
}

function badgeOf({ ready, checks }: Answer): BadgeName | null {
  if (!ready) return 'failed';
  return checks.some(({ result }) => result !== 'ok') ? 'degraded' : null;
}
