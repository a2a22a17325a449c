import type { End, OutputReading } from '../production/health';
import type { StateNews } from './client';
import { channelOf, runningThings, srtOutputOf, type Thing } from './things';

/** What is known of one thing that a vMix starts and stops. */
export interface Track {
  /** null: the document does not say */
  running: boolean | null;
  /** since when it has run without a break, by `now()`; null when it does not */
  sinceMs: number | null;
  lastEnd: (End & { failed: boolean }) | null;
}

/** A failed start is told by whoever confirms it and by the state it left behind: within so many ms it is one. */
const SAME_END_MS = 5_000;
/** Outputs that somebody may miss; a full screen is switched off and on by hand. */
const WATCHED = ['external', 'multicorder'];
const isStream = (thing: Thing): boolean => thing === 'stream' || channelOf(thing) !== null;

/** Follows what runs in a vMix from state to state. Pure: all times come with what is told. */
export class RunningThings {
  /** the last time another run of vMix was found while something ran; null: never */
  restartedAtMs: number | null = null;
  private readonly tracks = new Map<Thing, Track>();

  /** A state that was asked for at `atMs`. Gives the streams that have ended since the one before. */
  see(
    { state, changes, restarted }: Pick<StateNews, 'state' | 'changes' | 'restarted'>,
    atMs: number,
  ): Thing[] {
    const running = runningThings(state);
    const ended: Thing[] = [];
    for (const { event, output, expected } of changes) {
      if (output === null || !/_(stopped|failed)$/.test(event)) continue;
      const track = this.track(output);
      track.lastEnd = { atMs, expected, failed: event === 'stream_failed' };
      track.sinceMs = null;
      if (restarted) this.restartedAtMs = atMs;
      if (isStream(output)) ended.push(output);
    }
    // before vMix names its channels it says only that it streams
    if (this.tracks.has('stream') && !running.has('stream')) running.set('stream', false);
    for (const [thing, track] of this.tracks)
      if (srtOutputOf(thing) !== null && !running.has(thing)) track.running = state.outputs ? false : null;
    for (const [thing, runs] of running) {
      const track = this.track(thing);
      track.running = runs;
      if (!runs) track.sinceMs = null;
      else track.sinceMs ??= atMs;
    }
    return ended;
  }

  /** A start that was given up, whether any state showed it or not. */
  failed(thing: Thing, atMs: number): void {
    if (!isStream(thing)) return;
    const track = this.track(thing);
    if (track.lastEnd?.failed && atMs - track.lastEnd.atMs < SAME_END_MS) return;
    track.lastEnd = { atMs, expected: false, failed: true };
  }

  /** Why a stream has ended, where its log says so. */
  explain(thing: Thing, reason: string | null): void {
    const { lastEnd } = this.track(thing);
    if (lastEnd) lastEnd.reason = reason;
  }

  /** The streams that run, have run or failed to, by name. */
  get streams(): [Thing, Track][] {
    return [...this.tracks]
      .filter(([thing, { running, lastEnd }]) => isStream(thing) && (running === true || lastEnd !== null))
      .sort(([one], [other]) => (one < other ? -1 : 1));
  }

  /** The streams that run now. */
  get live(): Thing[] {
    return this.streams.flatMap(([thing, { running }]) => (running ? [thing] : []));
  }

  get recording(): Track {
    return this.track('recording');
  }

  /** The outputs that this vMix tells of; `known`: whether it can be asked now. */
  outputs(known: boolean): OutputReading[] {
    return [...this.tracks].flatMap(([output, { running, lastEnd }]) => {
      if (srtOutputOf(output) === null && !WATCHED.includes(output)) return [];
      return running === null && lastEnd === null
        ? []
        : [{ output, running: known ? running : null, lastEnd }];
    });
  }

  private track(thing: Thing): Track {
    let track = this.tracks.get(thing);
    if (!track) this.tracks.set(thing, (track = { running: null, sinceMs: null, lastEnd: null }));
    return track;
  }
}
