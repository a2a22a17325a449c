import { now } from '../lib/connection/clock';
import type { ToldQueueEvent } from '../lib/queue/guests';
import type { EntryState } from '../lib/queue/types';
import type { Live } from './types';

/** The media server that something is about, as `msg.live.connection` names it. */
export interface ServerName {
  id: string;
  name?: string;
}

/** `msg.live` of what was asked of a guest queue or a key store. */
export function liveOfGuests(
  action: string,
  server: ServerName | null,
  beganAtMs: number,
  state: string | null,
): Live {
  return {
    action,
    application: 'media-server',
    connection: connectionOf(server),
    output: null,
    state,
    tookMs: Math.round(now() - beganAtMs),
    confirmedBy: null,
  };
}

/** Where an entry stands after an event. */
const STATE_AFTER: Record<ToldQueueEvent['event'], EntryState | null> = {
  publisher_waiting: 'waiting',
  publisher_live: 'live',
  publisher_left: null,
  publisher_denied: null,
  publisher_kicked: null,
  publisher_banned: null,
  turn_warning: 'live',
};

/** A whole message for something that happened in the queue or at its gate. */
export function messageOfGuest(
  server: ServerName | null,
  { event, stream, name, turn, expected, more, at, cause }: ToldQueueEvent,
): { topic: string; payload: Record<string, unknown>; live: Live } {
  return {
    topic: event,
    payload: { publisher: { id: stream, name }, turn, ...structuredClone(more) },
    live: {
      event,
      state: STATE_AFTER[event],
      previous: null,
      at,
      cause,
      expected,
      application: 'media-server',
      connection: connectionOf(server),
      output: null,
    },
  };
}

function connectionOf(server: ServerName | null): { id: string; name: string } | null {
  return server && { id: server.id, name: server.name ?? '' };
}
