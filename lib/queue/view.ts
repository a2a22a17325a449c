import { isoTime } from '../connection/clock';
import type { Moment } from './draft';
import { allowedMs, leadOf, promotingOf, remainingMs, usedMs, waitingOf } from './turns';
import type { Entry, EntryView, QueueState, QueueView } from './types';

export interface ViewedAt extends Pick<Moment, 'policy' | 'nowMs'> {
  /** ms since 1970 at `nowMs`: only for what people read */
  wallMs: number;
  /** null: no server can be asked at all */
  serverReachable: boolean | null;
}

/** The queue as people see it. Nothing in it is secret; who is being kicked is not there any more. */
export function viewOf(state: Readonly<QueueState>, at: ViewedAt): QueueView {
  const { nowMs, wallMs, policy, serverReachable } = at;
  const iso = (ms: number) => isoTime(wallMs - (nowMs - ms));
  const onAir = leadOf(state);
  const promoting = promotingOf(state);
  const lead = onAir ?? promoting;
  const following = [...(onAir && promoting ? [promoting] : []), ...waitingOf(state)];

  const view = (entry: Entry, place: number): EntryView => {
    const used = usedMs(entry, nowMs);
    const counting = entry.countedAtMs !== null;
    const left = counting || used > 0 ? remainingMs(entry, state, at) : null;
    return {
      turn: entry.turn,
      stream: entry.stream,
      name: entry.name,
      state: entry.state,
      place,
      held: entry.held,
      joinedAt: iso(entry.joinedAtMs),
      liveAt: entry.liveAtMs === null ? null : iso(entry.liveAtMs),
      usedMs: Math.round(used),
      limitMs: allowedMs(entry, state, policy),
      remainingMs: left === null ? null : Math.max(0, Math.round(left)),
      counting,
    };
  };

  return {
    lead: lead && view(lead, 0),
    waiting: following.map((entry, index) => view(entry, index + 1)),
    bans: state.bans
      .filter(({ untilMs }) => untilMs === null || untilMs > nowMs)
      .map(({ stream, name, untilMs, reason }) => ({
        stream,
        name,
        until: untilMs === null ? null : iso(untilMs),
        reason,
      })),
    onHold: state.onHold,
    limitMs: state.limit ? state.limit.ms : policy.limitMs,
    serverReachable,
    at: isoTime(wallMs),
  };
}
