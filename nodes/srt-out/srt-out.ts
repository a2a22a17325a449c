import { Badge } from '../../red/badges';
import { useApplication } from '../../red/connections';
import { liveOfAction } from '../../red/messages';
import { onInput } from '../../red/on-input';
import { followSrt } from '../../red/state-badges';
import { InOrder, actionFrom, choiceField } from '../../red/typed-inputs';
import type { NodeAPI } from '../../red/types';
import { now } from '../../lib/connection/clock';
import { fail } from '../../lib/errors';
import { applicationName } from '../../lib/production/names';
import type { SrtOutputs, SrtReport } from '../../lib/production/srt';
import type { EventName } from '../../lib/production/vocabulary';
import { hold } from '../../lib/secrets';
import type { SrtOutDef, SrtOutNode } from './types';
import { outputName, whichFor, wishFor } from './wish';

const ACTIONS = ['start', 'stop', 'arm', 'disarm'] as const;
type Action = (typeof ACTIONS)[number];

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-srt-out', SrtOut as never, {
    credentials: { streamId: { type: 'password' }, passphrase: { type: 'password' } },
  });

  function SrtOut(this: SrtOutNode, config: SrtOutDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    const use = useApplication(RED, this, config, badge, (application) => {
      const releases = [
        followSrt(application, badge, () => outputName(RED, this, config)),
        hold(this.credentials?.passphrase),
        hold(this.credentials?.streamId),
      ];
      return () => {
        for (const release of releases) release();
      };
    });
    const order = new InOrder();

    onInput(this, badge, async (msg, work) => {
      const beganAt = now();
      const action: Action =
        config.action === 'message'
          ? actionFrom(msg, ACTIONS)
          : choiceField('action', config.action, ACTIONS);
      const sets = action === 'start' || action === 'arm';
      const which = whichFor(RED, this, config);
      const wish = sets ? await order.run(() => wishFor(RED, this, config, msg, work)) : null;
      const kind = which.as === 'stream' ? 'stream' : 'srt';
      const channels = which.as === 'output' ? [which.output] : undefined;
      if (action === 'stop') use.get().cancelStarts(kind, channels);
      const application = await use.ready({ start: action === 'start' ? kind : undefined, channels });
      const { srt } = application;
      if (!srt)
        throw fail('CAPABILITY_MISSING', {
          application: applicationName(application.kind),
          action: 'SRT out',
        });
      const act: Record<Action, (srt: SrtOutputs) => Promise<SrtReport>> = {
        start: () => srt.start(wish!),
        stop: () => srt.stop(which),
        arm: () => srt.arm(wish!),
        disarm: () => srt.disarm(),
      };
      const payload = await act[action](srt);
      return {
        payload,
        live: liveOfAction(`srt-${action}`, application, beganAt, {
          output: payload.output,
          state: payload.state,
          confirmedBy: payload.confirmedBy,
          event: eventOf(action, payload),
        }),
      };
    });
  }
};

/** What happened, for a record of the show; nothing where it was so before, or where nobody can know. */
function eventOf(action: Action, report: SrtReport): EventName | undefined {
  if (report.confirmedBy === null) return undefined;
  if (action === 'start' && !report.alreadyRunning) return 'srt_stream_started';
  return action === 'stop' && report.wasRunning === true ? 'srt_stream_stopped' : undefined;
}
