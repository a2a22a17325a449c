import { Badge } from '../../red/badges';
import { useApplication } from '../../red/connections';
import { liveOfAction } from '../../red/messages';
import { onClose } from '../../red/on-close';
import { onInput } from '../../red/on-input';
import { followStream } from '../../red/state-badges';
import { numberField } from '../../red/typed-inputs';
import type { ActionDef, Node, NodeAPI } from '../../red/types';
import { now } from '../../lib/connection/clock';
import { asLiveError } from '../../lib/errors';

interface StatusDef extends ActionDef {
  every: string;
}

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-status', Status);

  function Status(this: Node, config: StatusDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    const use = useApplication(RED, this, config, badge, (application) => followStream(application, badge));
    const report = async (atOnce: boolean) => {
      const beganAt = now();
      const application = await use.ready({ atOnce });
      const payload = await application.report();
      const state = application.streams?.state() ?? payload.streams[0]?.state ?? null;
      return { payload, live: liveOfAction('status', application, beganAt, { state }) };
    };

    onInput(this, badge, () => report(false));

    let every = 0;
    try {
      every = numberField(RED, this, 'every', config.every, 0, 0, 86_400);
      if (every > 0 && every < 1) every = 1;
    } catch (error) {
      badge.misconfigured();
      this.warn(asLiveError(error).toString());
    }
    if (every === 0) return;
    let reading = false;
    const timer = setInterval(() => {
      // while the application is away its badge says so, and a slow one is not asked twice at once
      if (reading) return;
      reading = true;
      report(true)
        .then(({ payload, live }) => this.send({ topic: 'status', payload, live }))
        .catch(() => undefined)
        .finally(() => (reading = false));
    }, every * 1000);
    timer.unref();
    onClose(this, () => clearInterval(timer));
  }
};
