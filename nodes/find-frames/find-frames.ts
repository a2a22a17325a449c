import { Badge } from '../../red/badges';
import { frameStore, type FrameStoreNode } from '../../red/capture';
import { onClose } from '../../red/on-close';
import { onInput } from '../../red/on-input';
import { InOrder } from '../../red/typed-inputs';
import type { Live, Node, NodeAPI } from '../../red/types';
import { now } from '../../lib/connection/clock';
import { asLiveError } from '../../lib/errors';
import { redactError } from '../../lib/secrets';
import { answer } from './answers';
import { wishOf, type FindFramesDef, type Wish } from './wishes';

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-find-frames', FindFramesNode);

  function FindFramesNode(this: Node, config: FindFramesDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    const order = new InOrder();
    try {
      const lease = frameStore(RED, config.store).acquire();
      onClose(this, () => lease.release());
      badge.restsAt('ready');
    } catch (error) {
      badge.misconfigured();
      const fault = redactError(asLiveError(error));
      const store = RED.nodes.getNode(config.store) as FrameStoreNode | null;
      if (store?.fault !== fault) this.warn(fault.toString());
    }

    onInput(this, badge, async (msg) => {
      const beganAt = now();
      const node = frameStore(RED, config.store);
      const wish = await order.run(() => wishOf(RED, this, config, msg));
      const lease = node.acquire();
      try {
        const { payload, attachments } = await answer(lease.value, node.id, wish);
        if (attachments) msg.attachments = attachments;
        return { payload, live: liveOf(wish, node, beganAt) };
      } finally {
        lease.release();
      }
    });
  }
};

/** Nothing acts on an application here, so nobody confirms. */
function liveOf({ action, stream }: Wish, { id, name }: FrameStoreNode, beganAt: number): Live {
  return {
    action: `frames-${action}`,
    application: 'frames',
    connection: { id, name: name ?? '' },
    output: stream,
    state: null,
    tookMs: Math.round(now() - beganAt),
    confirmedBy: null,
  };
}
