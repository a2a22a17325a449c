import { Badge } from '../../red/badges';
import { useEveryApplication } from '../../red/connections';
import { liveOfGuests, messageOfGuest } from '../../red/guest-messages';
import { guestQueue, type GuestQueueNode } from '../../red/guests';
import { onClose } from '../../red/on-close';
import { onInput, type Result } from '../../red/on-input';
import type { Node, NodeAPI } from '../../red/types';
import { now } from '../../lib/connection/clock';
import { asLiveError, fail } from '../../lib/errors';
import type { GuestQueue, SwitchOrder } from '../../lib/queue/guests';
import { redactError } from '../../lib/secrets';
import { playAddress } from '../../lib/media-servers/play-address';
import { CommandReader, type StreamQueueDef } from './commands';
import { answerIn } from './heard';
import { followOrders } from './orders';
import { showQueue } from './show';

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-stream-queue', StreamQueueNode);

  function StreamQueueNode(this: Node, config: StreamQueueDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    const reader = new CommandReader(RED, this, config);
    let queue: GuestQueue | null = null;
    let owner: GuestQueueNode | null = null;
    let fault: Error = fail('QUEUE_MISSING');
    try {
      owner = guestQueue(RED, config.queue);
      queue = follow(this, owner, badge, config);
    } catch (error) {
      fault = redactError(asLiveError(error));
      badge.misconfigured();
      if (owner?.fault !== error) this.warn(fault.toString());
    }
    const server = owner?.mediaServer ?? null;

    onInput(this, badge, async (msg): Promise<Result | null> => {
      const beganAt = now();
      if (!queue) throw fault;
      const asked = await reader.read(msg);
      // what comes back from a switch is no message of its own: it goes on as an event
      if (asked.ask === 'switched' || asked.ask === 'failed') {
        if (asked.ask === 'switched') queue.switched(asked.turn);
        else queue.switchFailed(asked.turn, asked.why);
        return null;
      }
      const action = asked.ask === 'command' ? asked.command.action : 'list';
      const payload = asked.ask === 'command' ? await queue.command(asked.command) : queue.view();
      const state = payload.onHold ? 'hold' : (payload.lead?.state ?? 'empty');
      return { payload, live: liveOfGuests(`queue-${action}`, server, beganAt, state), output: 2 };
    });
  }

  /** Lease the queue for as long as the node lives, and send what it orders and tells. */
  function follow(node: Node, owner: GuestQueueNode, badge: Badge, config: StreamQueueDef): GuestQueue {
    const lease = owner.acquire();
    const { value: queue } = lease;
    const server = owner.mediaServer;
    badge.simulated = server?.simulated === true;
    const send = (order: SwitchOrder) => {
      const { turn, stream, name } = order;
      const address = playAddress(server?.playAddress ?? null, order);
      const live = liveOfGuests('queue-switch', server, now(), 'promoting');
      node.send([
        { topic: 'switch', payload: { address, turn, publisher: { id: stream, name } }, live },
        null,
      ]);
      if (config.handOver === 'at-once') queue.switched(turn);
    };
    let isSecond = false;
    const show = () => (isSecond ? badge.restsAt('second') : showQueue(badge, queue.view()));
    badge.connectionIs('ready');
    const changed = () => {
      show();
      if (config.changes !== true) return;
      const payload = queue.view();
      const live = liveOfGuests('queue-list', server, now(), payload.lead?.state ?? 'empty');
      node.send([null, { topic: 'queue', payload, live }]);
    };
    const releases = [
      queue.onEvent((event) => {
        const msg = messageOfGuest(server, event);
        const { lead, waiting } = queue.view();
        Object.assign(msg.payload, { onAir: lead?.stream ?? null, waiting: waiting.length });
        node.send([null, msg]);
      }),
      queue.onChange(changed),
    ];
    show();
    const place = (second: boolean) => {
      if (second && !isSecond) node.warn(fail('QUEUE_SECOND').toString());
      isSecond = second;
      show();
    };
    releases.push(followOrders(RED, node, queue, config.handOver === 'at-once', send, place));
    if (config.handOver !== 'at-once')
      useEveryApplication(node, 'any', null, (application) => {
        const ends = [
          application.events.onEvent((event) => answerIn(event, queue)),
          application.onStatus(({ state }) => {
            if (state === 'ready') queue.tryAgain();
          }),
        ];
        return () => {
          for (const end of ends) end();
        };
      });
    onClose(node, () => {
      for (const release of releases) release();
      lease.release();
    });
    return queue;
  }
};
