import { asLiveError, fail } from '../lib/errors';
import { redactError } from '../lib/secrets';
import type { Badge } from './badges';
import type { Live, Message, Node } from './types';

/** What a node's handler gives back for one message. */
export interface Result {
  payload: unknown;
  live?: Live;
  /** which output the message goes on at; the first by default */
  output?: 1 | 2;
}

/** What a handler can do beside returning. */
export interface Work {
  /** Send an interim message on output 2; the message goes on. */
  interim(result: Result): void;
  /** Run this before the message goes on or to Catch: it takes a property off that held a secret. */
  forget(remove: () => void): void;
}

/**
 * The one input door. Runs `handle` for each message, sends the same message on with the result, and calls done exactly
 * once, with a coded error on failure, so that Catch hears it. A rejection that nobody catches would end Node-RED.
 */
export function onInput(
  node: Node,
  badge: Badge,
  handle: (msg: Message, work: Work) => Promise<Result | null>,
): void {
  let closed = false;
  node.on('close', (_removed: boolean, done: () => void) => {
    closed = true;
    done();
  });
  node.on('input', (incoming, send, done) => {
    const msg = incoming as Message;
    const forgotten: (() => void)[] = [];
    const clean = () => {
      for (const remove of forgotten.splice(0)) remove();
    };
    const work: Work = {
      interim: ({ payload, live }) => {
        if (!closed) send([null, { ...msg, payload, live }]);
      },
      forget: (remove) => void forgotten.push(remove),
    };
    const end = badge.begin();
    const finish = (error: Error | null) => {
      // a node that was deployed away must not speak any more, nor change the badge of its successor; Complete would take
      // done for a success that nobody knows of
      if (closed) return;
      end(error !== null);
      if (error) done(error);
      else done();
    };
    Promise.resolve()
      .then(() => handle(msg, work))
      .then((result) => {
        clean();
        if (result && !closed) {
          msg.payload = result.payload;
          if (result.live) msg.live = result.live;
          else delete msg.live;
          send(result.output === 2 ? [null, msg] : msg);
        }
        finish(null);
      })
      .catch((thrown: unknown) => {
        let error = redactError(asLiveError(thrown));
        try {
          clean();
        } catch {
          // a message that cannot be cleaned must not go on, not even to Catch
          for (const name of Object.keys(msg)) if (name !== '_msgid') Reflect.deleteProperty(msg, name);
          error = fail('INTERNAL', { reason: 'the message cannot be changed' });
        }
        finish(error);
      })
      // what a node further on throws is its own, and Node-RED must live on
      .catch((thrown: unknown) => node.error(asLiveError(thrown).code));
  });
}
