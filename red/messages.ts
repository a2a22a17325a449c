import { now } from '../lib/connection/clock';
import type { Application } from '../lib/production/application';
import type { EventName, ProductionEvent } from '../lib/production/vocabulary';
import type { Live } from './types';

/** `msg.live` of an action that was carried out; `event` only where something happened, so that no record holds a stop that never was. */
export function liveOfAction(
  action: string,
  application: Application,
  beganAtMs: number,
  more: {
    output?: string | null;
    state?: string | null;
    event?: EventName;
    confirmedBy?: 'application' | 'receiver' | null;
    /** why `confirmedBy` is null, where that is not plain from the action */
    unconfirmed?: string;
    /** why the media server that was to confirm it did not */
    notReceived?: string;
  },
): Live {
  const live: Live = {
    action,
    application: application.kind,
    connection: connectionOf(application),
    output: more.output ?? null,
    state: more.state ?? null,
    tookMs: Math.round(now() - beganAtMs),
    confirmedBy: more.confirmedBy === undefined ? 'application' : more.confirmedBy,
  };
  if (more.event) live.event = more.event;
  if (more.notReceived !== undefined) live.unknown = { receiver: more.notReceived };
  if (more.unconfirmed !== undefined) live.unknown = { confirmedBy: more.unconfirmed };
  return live;
}

/** `msg.live` of what was asked of a witness log; nothing acts on an application here, so nobody confirms. */
export function liveOfLog(
  action: string,
  log: { id: string; name?: string },
  beganAtMs: number,
  state: string | null,
): Live {
  return {
    action,
    application: 'witness',
    connection: { id: log.id, name: log.name ?? '' },
    output: null,
    state,
    tookMs: Math.round(now() - beganAtMs),
    confirmedBy: null,
  };
}

/** A whole message for something that happened. */
export function messageOfEvent(
  application: Application,
  event: ProductionEvent,
): { topic: string; payload: Record<string, unknown>; live: Live } {
  const { payload, event: name, state, previous, at, cause, expected, output } = event;
  // each receiver gets its own payload: a flow may change it
  return {
    topic: name,
    payload: structuredClone(payload),
    live: {
      event: name,
      state,
      previous,
      at,
      cause,
      expected,
      application: application.kind,
      connection: connectionOf(application),
      output,
    },
  };
}

export function connectionOf(application: Application): { id: string; name: string } {
  return { id: application.id, name: application.name };
}
