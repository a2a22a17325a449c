import { Badge } from '../../red/badges';
import { liveOfGuests } from '../../red/guest-messages';
import { mediaServer, streamKeys, type StreamKeysNode } from '../../red/guests';
import { onClose } from '../../red/on-close';
import { onInput, type Result } from '../../red/on-input';
import { InOrder } from '../../red/typed-inputs';
import type { Node, NodeAPI } from '../../red/types';
import { now } from '../../lib/connection/clock';
import { asLiveError, fail } from '../../lib/errors';
import { FreshSecrets } from '../../lib/keys/secret';
import { redactError } from '../../lib/secrets';
import { carryOut, type Leased } from './actions';
import { wishOf, type StreamSessionDef } from './wishes';

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-stream-session', StreamSessionNode);

  function StreamSessionNode(this: Node, config: StreamSessionDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    const order = new InOrder();
    const tokens = new FreshSecrets();
    let fault: Error = fail('KEYS_MISSING');
    const leased = lease(this);

    onInput(this, badge, async (msg): Promise<Result> => {
      const beganAt = now();
      if (!leased) throw fault;
      const wish = await order.run(() => wishOf(RED, this, config, msg));
      const { payload, state } = await carryOut(wish, leased, tokens);
      const live = liveOfGuests(`session-${wish.action}`, leased.server?.node ?? null, beganAt, state);
      return { payload, live };
    });

    onClose(this, () => tokens.clear());

    function faultOf(id: string): unknown {
      return id ? (RED.nodes.getNode(id) as Partial<StreamKeysNode> | null)?.fault : undefined;
    }

    function lease(node: Node): Leased | null {
      try {
        const owner = streamKeys(RED, config.keys);
        const server = config.mediaServer ? mediaServer(RED, config.mediaServer) : null;
        const keys = owner.acquire();
        onClose(node, () => keys.release());
        const client = server?.acquire();
        if (client) onClose(node, () => client.release());
        badge.simulated = server?.simulated === true;
        badge.connectionIs('ready');
        const chosen = server && client ? { node: server, client: client.value } : null;
        return { owner, store: keys.value, server: chosen };
      } catch (error) {
        badge.misconfigured();
        fault = redactError(asLiveError(error));
        // a config node says itself what is wrong with it
        const told = [config.keys, config.mediaServer].some((id) => faultOf(id) === error);
        if (!told) node.warn(fault.toString());
        return null;
      }
    }
  }
};
