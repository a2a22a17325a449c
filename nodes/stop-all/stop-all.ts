import { Badge } from '../../red/badges';
import { useApplication } from '../../red/connections';
import { liveOfAction } from '../../red/messages';
import { onInput } from '../../red/on-input';
import type { ActionDef, Node, NodeAPI } from '../../red/types';
import { now } from '../../lib/connection/clock';
import { StopAllIncomplete } from '../../lib/production/stop-all';
import type { OutputReport } from '../../lib/production/application';

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-stop-all', StopAll);

  function StopAll(this: Node, config: ActionDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    const use = useApplication(RED, this, config, badge);

    onInput(this, badge, async (_msg, work) => {
      const beganAt = now();
      use.get().cancelStarts('everything');
      const application = await use.ready().catch((fault: unknown) => {
        const there = use.get();
        if (there.stopsUnseen) return there;
        throw fault;
      });
      const tell = (reports: OutputReport[]) =>
        work.interim({
          payload: structuredClone(reports),
          live: liveOfAction('stop-all', application, beganAt, { state: 'stopping', confirmedBy: null }),
        });
      const payload = await application.stopAll(tell).catch((error: unknown) => {
        // Catch hears that something still runs; which, and what became of the rest, is said here
        if (error instanceof StopAllIncomplete) tell(error.reports);
        throw error;
      });
      // an old vMix does not show its SRT: stopped, and nobody saw it
      const confirmedBy = payload.some(({ state }) => state === 'unknown') ? null : 'application';
      return {
        payload,
        live: liveOfAction('stop-all', application, beganAt, {
          state: 'idle',
          event: 'emergency_stop_all',
          confirmedBy,
        }),
      };
    });
  }
};
