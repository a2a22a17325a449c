import { Badge } from '../../red/badges';
import { useApplication } from '../../red/connections';
import { liveOfAction } from '../../red/messages';
import { onInput } from '../../red/on-input';
import { numberField } from '../../red/typed-inputs';
import type { ActionDef, Node, NodeAPI } from '../../red/types';
import { now } from '../../lib/connection/clock';

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-stop-all', StopAll);

  function StopAll(this: Node, config: ActionDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    const use = useApplication(RED, this, config, badge);

    onInput(this, badge, async (_msg, work) => {
      const beganAt = now();
      const application = await use.ready(numberField(RED, this, 'wait', config.waitSeconds, 0, 0, 86_400) * 1000);
      const payload = await application.stopAll((reports) =>
        work.interim({ payload: structuredClone(reports), live: liveOfAction('stop-all', application, beganAt, { state: 'stopping', confirmedBy: null }) }),
      );
      return { payload, live: liveOfAction('stop-all', application, beganAt, { state: 'idle', event: 'emergency_stop_all' }) };
    });
  }
};
