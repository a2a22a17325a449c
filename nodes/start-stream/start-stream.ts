import { Badge } from '../../red/badges';
import { useApplication } from '../../red/connections';
import { liveOfAction } from '../../red/messages';
import { onInput } from '../../red/on-input';
import { followStream } from '../../red/state-badges';
import { targetById, targetByName } from '../../red/targets';
import { InOrder, numberField, typedText } from '../../red/typed-inputs';
import type { ActionDef, Message, Node, NodeAPI } from '../../red/types';
import { now } from '../../lib/connection/clock';
import { fail } from '../../lib/errors';
import type { StreamTarget } from '../../lib/production/targets';
import { applicationName } from '../../lib/production/names';

interface StartStreamDef extends ActionDef {
  targetFrom: 'as-set' | 'target' | 'message';
  target: string;
  targetName: string;
  targetNameType: string;
  confirmSeconds: string;
  ifLive: 'error' | 'restart';
  onUnstable: 'stop' | 'leave';
  putBack: boolean;
}

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-start-stream', StartStream);

  function StartStream(this: Node, config: StartStreamDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    const use = useApplication(RED, this, config, badge, (application) => followStream(application, badge));

    const order = new InOrder();
    const targetFor = async (msg: Message): Promise<StreamTarget> => {
      const name = await typedText(RED, this, 'target', config.targetName, config.targetNameType, msg);
      if (name === null)
        throw fail('INPUT_INVALID', { field: 'target', reason: 'the message names no stream target' });
      return targetByName(name);
    };

    onInput(this, badge, async (msg) => {
      const beganAt = now();
      let target = config.targetFrom === 'target' ? targetById(config.target) : null;
      if (config.targetFrom === 'message') target = await order.run(() => targetFor(msg));
      const confirmMs = numberField(RED, this, 'confirm', config.confirmSeconds, 5, 1, 600) * 1000;
      const application = await use.ready({ start: 'stream' });
      if (!application.streams)
        throw fail('CAPABILITY_MISSING', {
          application: applicationName(application.kind),
          action: 'stream',
        });
      const payload = await application.streams.start({
        target,
        confirmMs,
        ifLiveElsewhere: config.ifLive,
        onUnstable: config.onUnstable,
        putBack: config.putBack === true,
      });
      return {
        payload,
        live: liveOfAction('start-stream', application, beganAt, {
          output: 'stream',
          state: payload.state,
          event: payload.alreadyRunning ? undefined : 'stream_started',
        }),
      };
    });
  }
};
