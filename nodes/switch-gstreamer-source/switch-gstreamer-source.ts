import { Badge } from '../../red/badges';
import { useApplication } from '../../red/connections';
import { liveOfAction } from '../../red/messages';
import { onInput, type Result } from '../../red/on-input';
import { followSource } from '../../red/state-badges';
import { InOrder } from '../../red/typed-inputs';
import type { Live, Node, NodeAPI } from '../../red/types';
import { now } from '../../lib/connection/clock';
import { asLiveError, fail } from '../../lib/errors';
import type { Application } from '../../lib/production/application';
import { applicationName } from '../../lib/production/names';
import type { SwitchProgress, SwitchUse } from '../../lib/production/switching';
import type { SourceDef } from './types';
import { askedFor, fixedPlace, watchOf, type Asked } from './wish';

/** What is held of addresses: the one on air, one that is prepared, and one before each. */
const ADDRESSES_HELD = 4;

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-switch-gstreamer-source', SwitchSource);

  function SwitchSource(this: Node, config: SourceDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    const place = fixedPlace(RED, this, config);
    const held: (() => void)[] = [];
    let switching: SwitchUse | null = null;
    /** What is on air already is watched again, as after a restart of Node-RED. */
    const watchAtStart = (mine: SwitchUse | null) => {
      const putsOnAir = ['switch', 'take', 'message'].includes(config.action);
      if (!mine || !place || !putsOnAir) return [];
      try {
        return [mine.watch(place, watchOf(RED, this, config))];
      } catch (error) {
        // the first message hears of it as well
        this.warn(asLiveError(error).message);
        return [];
      }
    };

    const use = useApplication(RED, this, config, badge, (application) => {
      const mine = application.switching?.use() ?? null;
      switching = mine;
      const ends = [followSource(application, badge, () => place), ...watchAtStart(mine)];
      return async () => {
        for (const end of ends) end();
        await mine?.release();
        for (const release of held.splice(0)) release();
      };
    });

    const order = new InOrder();
    const keep = (release: () => void) => {
      held.push(release);
      if (held.length > ADDRESSES_HELD) held.shift()?.();
    };

    onInput(this, badge, async (msg, work) => {
      const beganAt = now();
      const asked = await order.run(() => askedFor(RED, this, config, msg, work, keep));
      const application = asked.action === 'metrics' ? use.get() : await use.ready();
      if (!switching)
        throw fail('CAPABILITY_MISSING', {
          application: applicationName(application.kind),
          action: 'source switching',
        });
      const step = (progress: SwitchProgress) => {
        if (progress.state !== 'idle') badge.stepIs(progress.state);
        work.interim(told(asked, application, beganAt, progress));
      };
      try {
        return await act(switching, asked, application, beganAt, step);
      } catch (error) {
        // Catch is given no details of an error, and whoever keeps a list of guests needs this one
        msg.live = failed(asked, application, beganAt, error);
        throw error;
      }
    });
  }
};

/** Do what was asked for. */
async function act(
  switching: SwitchUse,
  asked: Asked,
  application: Application,
  beganAt: number,
  step: (progress: SwitchProgress) => void,
): Promise<Result> {
  const { action, wish, source } = asked;
  const live = (state: string | null) => liveOfAction(`source-${action}`, application, beganAt, { state });
  const result = (payload: object, state: string | null): Result => ({
    payload: withTurn(asked, payload),
    live: live(state),
  });
  if (action === 'metrics') {
    const figures = switching.metrics(wish.where.scene === null ? null : wish.where);
    return result(figures, null);
  }
  if (action === 'discard') {
    const discarded = await switching.discard(wish.where);
    return result({ discarded, scene: wish.where.scene, slot: wish.where.slot }, 'idle');
  }
  if (action === 'prepare')
    return result(await switching.prepare({ ...wish, source: source! }, step), 'prepared');
  const report = await (action === 'take'
    ? switching.take(wish, step)
    : switching.switchTo({ ...wish, source: source! }, step));
  const done = result(report, report.source);
  if (!report.alreadyLive) done.live!.event = 'source_switched';
  return done;
}

function told(asked: Asked, application: Application, beganAt: number, progress: SwitchProgress): Result {
  return {
    payload: withTurn(asked, progress),
    live: liveOfAction(`source-${asked.action}`, application, beganAt, {
      state: progress.state,
      confirmedBy: null,
      unconfirmed: 'a step on the way',
    }),
  };
}

function failed(asked: Asked, application: Application, beganAt: number, error: unknown): Live {
  const live = liveOfAction(`source-${asked.action}`, application, beganAt, {
    state: 'failed',
    confirmedBy: null,
    unconfirmed: 'it failed',
  });
  return { ...live, oldStillLive: asLiveError(error).details.oldStillLive ?? null };
}

function withTurn({ turn }: Asked, payload: object): object {
  return turn === undefined ? payload : { ...payload, turn };
}
