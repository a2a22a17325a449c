import { randomUUID } from 'node:crypto';
import { Badge } from '../../red/badges';
import { closeDoor, leaseDoor } from '../../red/doors';
import { liveOfGuests, messageOfGuest } from '../../red/guest-messages';
import { followRuntime } from '../../red/leases';
import { onClose } from '../../red/on-close';
import { onInput } from '../../red/on-input';
import type { NodeAPI } from '../../red/types';
import { isoTime, now } from '../../lib/connection/clock';
import { asLiveError, type LiveError } from '../../lib/errors';
import { Asking } from '../../lib/gate/asking';
import { Gate } from '../../lib/gate/gate';
import type { GateEvent } from '../../lib/gate/types';
import type { Release } from '../../lib/production/application';
import { redactError, redactText } from '../../lib/secrets';
import { Outbox } from './outbox';
import { settingsOf } from './settings';
import type { Ask, PublishGateDef, PublishGateNode } from './types';

/** What a gate tells; the rest of a queue's evening is told by stream queue. */
const TOLD = new Set(['publisher_waiting', 'publisher_left', 'publisher_denied']);

export = function (RED: NodeAPI): void {
  followRuntime(RED);
  RED.nodes.registerType('live-publish-gate', PublishGate as never, {
    credentials: { playToken: { type: 'password' } },
  });

  function PublishGate(this: PublishGateNode, config: PublishGateDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    let asking: Asking | null = null;
    let fault: LiveError | null = null;
    try {
      asking = open(this, config, badge);
    } catch (error) {
      fault = redactError(asLiveError(error));
      badge.misconfigured();
      const named = [config.server, config.keys, config.queue].map((id) => RED.nodes.getNode(id));
      // a config node that makes no sense has said so itself
      if (!named.some((one) => (one as { fault?: unknown } | null)?.fault === error))
        this.warn(fault.toString());
    }

    onInput(this, badge, (msg) => {
      if (!asking) throw fault!;
      const { ask } = msg as { ask?: Partial<Ask> | null };
      asking.answer(ask?.id, msg.payload);
      return Promise.resolve(null);
    });
  }

  /** Opens the hook address, for as long as the node lives. */
  function open(node: PublishGateNode, config: PublishGateDef, badge: Badge): Asking {
    const settings = settingsOf(RED, node, config);
    const { server, queue, releases } = settings;
    const outbox = new Outbox(RED, node);
    const asking = new Asking(
      settings.answerMs,
      ({ id, stream, app, address, ms }) =>
        outbox.put(2, {
          topic: 'publisher_asks',
          payload: { publisher: { id: stream }, app, address },
          ask: { id, answerBefore: isoTime(now() + ms) } satisfies Ask,
          live: liveOfGuests('gate-ask', server, now(), 'asked'),
        }),
      randomUUID,
      now,
    );
    const tell = (event: GateEvent) =>
      outbox.put(
        1,
        messageOfGuest(server, { ...event, turn: null, expected: null, at: isoTime(now()), cause: 'event' }),
      );
    let detach: Release;
    try {
      const door = leaseDoor(server);
      const { memory } = door.value;
      const gate = new Gate({
        ...settings.options(asking),
        memory,
        now,
        tell,
        warn: (text) => node.warn(redactText(text)),
        log: (text) => node.log(redactText(text)),
      });
      releases.push(() => door.release());
      if (queue) {
        const waits = () => badge.restsAt(queue.isUnheard ? 'unheard' : null);
        waits();
        releases.push(
          queue.onChange(waits),
          queue.onEvent((event) => {
            if (TOLD.has(event.event)) outbox.put(1, messageOfGuest(server, event));
            if (event.event === 'publisher_kicked' || event.event === 'publisher_banned')
              gate.drop(event.stream);
          }),
        );
      }
      badge.simulated = server.simulated;
      const show = () => {
        const { listening, fault: reason } = door.value.state();
        badge.logIs(listening ? 'open' : reason ? 'failed' : 'opening');
        if (reason) node.warn(reason.toString());
      };
      releases.push(door.value.onState(show));
      detach = door.value.attach(gate);
      show();
    } catch (error) {
      outbox.end();
      for (const release of releases) release();
      throw error;
    }
    onClose(node, (removed) => {
      // in this order: a hook that is being asked about goes to the next gate
      detach();
      asking.close();
      outbox.end();
      for (const release of releases) release();
      return removed ? closeDoor(server) : undefined;
    });
    return asking;
  }
};
