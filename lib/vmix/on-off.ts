import type { LiveError } from '../errors';
import type { VmixClient } from './client';
import { freshState, sendAndSee } from './confirm';
import type { VmixState } from './state-types';
import type { Thing } from './things';
import type { Turns } from './turns';

/** Something of vMix with a function to start and another to stop it; a toggle would undo what was done meanwhile. */
export interface OnOff {
  thing: Thing;
  start: string;
  stop: string;
  /** what both are given; a blank one would mean another output */
  value?: string;
  /** whether it runs; null where the document does not say */
  runs: (state: VmixState) => boolean | null;
  startMs: number;
  stopMs: number;
  /** what a start rejects with that a stop overtook */
  cancelled: () => LiveError;
  /** what a start is refused with while it is being stopped: waiting, it would undo a stop that came after it */
  busy: (action: string) => LiveError;
}

/** What became of it. */
export interface Switched {
  /** before anything was sent */
  before: VmixState;
  was: boolean | null;
  /** the state that shows it done; null where none did in time */
  after: VmixState | null;
  /** it ran at some time, also where it did not yet as the stop came */
  ran: boolean;
}

/** A start that a stop overtook may still take effect after this long (the simulator's second; nothing is known of vMix). */
const SETTLE_MS = 1_500;
/** A stop has the state from before it this late at most, for what it tells of what ran. */
const STOP_LOOK_MS = 1_000;
/** What a late start began has to be stopped once more. */
const AGAIN_MS = 2_000;

/** Start it, confirmed from the document. Two at once join; what runs already is left alone. */
export function switchOn(client: VmixClient, turns: Turns, it: OnOff): Promise<Switched> {
  const work = async (signal: AbortSignal): Promise<Switched> => {
    const before = await freshState(client);
    const was = it.runs(before);
    if (was === true) return { before, was, after: before, ran: true };
    const { cancelled, startMs: ms } = it;
    const runs = (state: VmixState) => (it.runs(state) === true ? state : undefined);
    const after = await sendAndSee(client, { name: it.start, value: it.value }, runs, {
      ms,
      signal,
      cancelled,
    });
    return { before, was, after, ran: after !== null };
  };
  return turns.take(it.thing, 'start', work, it.busy);
}

/** Stop it, confirmed from the document; a start that is under way is cancelled. */
export function switchOff(client: VmixClient, turns: Turns, it: OnOff): Promise<Switched> {
  const overtook = turns.cancel(it.thing, 'start');
  return turns.take(it.thing, 'stop', () => stop(client, it, overtook));
}

/** The state as it is; a stop of what shows running does not wait long for it. */
async function beforeStop(client: VmixClient, it: OnOff): Promise<VmixState> {
  const shown = client.state;
  if (!shown || it.runs(shown) !== true) return freshState(client);
  return (await client.until((state) => state, STOP_LOOK_MS, { soon: true })) ?? shown;
}

async function stop(client: VmixClient, it: OnOff, overtook: boolean): Promise<Switched> {
  const before = await beforeStop(client, it);
  const was = it.runs(before);
  // a start that was sent and shows nothing yet has to be stopped too
  if (was === false && !overtook) return { before, was, after: before, ran: false };
  const until = performance.now() + it.stopMs;
  let ran = was === true;
  let settledAt = Number.POSITIVE_INFINITY;
  const off = (state: VmixState) => {
    ran ||= it.runs(state) === true;
    const settled = !overtook || performance.now() >= settledAt;
    return it.runs(state) === false && settled ? state : undefined;
  };
  for (;;) {
    const left = until - performance.now();
    const ms = Math.max(0, overtook ? Math.min(AGAIN_MS, left) : left);
    settledAt = Math.min(settledAt, performance.now() + SETTLE_MS);
    const after = await sendAndSee(client, { name: it.stop, value: it.value }, off, { ms, priority: 'stop' });
    if (after || performance.now() >= until) return { before, was, after, ran };
  }
}
