import { byOf, UNKNOWN_BY } from './by';
import type { Fact } from './facts';
import { known, missing, type Mark } from './marks';
import type { Outages } from './outages';
import type { By } from './types';
import { textOf } from './values';

export interface SceneDraft {
  connection: string;
  scene: string;
  begin: Mark;
  end: Mark | null;
  by: By;
  seenMs: number;
  seq: number;
}

/** A node's message of a switch may come after the next ones. */
const LOOK_BACK = 8;
const LATE_MS = 2_000;

/** Follows what is in the program of every connection. */
export class SceneBook {
  readonly all: SceneDraft[] = [];
  private readonly tracks = new Map<string, SceneDraft[]>();

  constructor(private readonly outages: Outages) {}

  take(fact: Fact): void {
    if (fact.event !== 'scene_changed') return;
    const { payload, action, connection } = fact;
    const scene = textOf(action === null ? payload.scene : payload.to) ?? fact.state;
    const from = textOf(payload.from) ?? fact.previous;
    if (scene === null) return;
    let track = this.tracks.get(connection);
    if (!track) this.tracks.set(connection, (track = []));
    if (action !== null && this.claim(track, scene, fact)) return;
    const present = track.at(-1);
    if (present?.scene === scene) {
      present.seenMs = fact.atMs;
      // the application's own word is nearer to when it was
      if (present.by.who === 'flow' && action === null && fact.cause === 'event') this.correct(track, fact);
      return;
    }
    const begin =
      fact.cause === 'startup'
        ? missing('it was in program already', { notAfter: fact.atMs })
        : this.outages.mark(fact, 'it came into the program');
    if (present) this.end(present, from, begin, fact);
    if (fact.cause !== 'startup' && from !== null && from !== scene && present?.scene !== from) {
      const unseen = missing(present ? 'its begin was not recorded' : 'it was in program already', {
        notAfter: fact.atMs,
      });
      this.push(track, { ...draftOf(fact, from, unseen), by: UNKNOWN_BY, end: begin });
    }
    this.push(track, draftOf(fact, scene, begin));
  }

  finish(untilMs: (connection: string) => number): void {
    for (const [connection, track] of this.tracks) {
      const last = track.at(-1);
      if (!last || last.end) continue;
      const notBefore = Math.max(last.seenMs, untilMs(connection));
      last.end = missing('it was still in program when the record ends', { notBefore });
    }
  }

  private end(present: SceneDraft, from: string | null, begin: Mark, { atMs, cause }: Fact): void {
    const whole = cause !== 'startup' && (from === null || from === present.scene);
    present.end = whole
      ? begin
      : missing('its end was not recorded', { notBefore: present.seenMs, notAfter: atMs });
  }

  /** Whether a switch that the application has told of was this node's. */
  private claim(track: readonly SceneDraft[], scene: string, fact: Fact): boolean {
    const last = track.slice(-LOOK_BACK);
    const one = last.findLast(
      (draft) => draft.scene === scene && (draft.begin.ms ?? -Infinity) >= fact.begunMs - LATE_MS,
    );
    if (!one || one.by.who === 'flow') return false;
    one.by = byOf(fact);
    return true;
  }

  private correct(track: readonly SceneDraft[], { atMs }: Fact): void {
    const [before, present] = [track.at(-2), track.at(-1)!];
    if (present.begin.ms === null || atMs >= present.begin.ms) return;
    if (before?.end?.ms === present.begin.ms) before.end = known(atMs);
    present.begin = known(atMs);
  }

  private push(track: SceneDraft[], draft: SceneDraft): void {
    track.push(draft);
    this.all.push(draft);
  }
}

function draftOf(fact: Fact, scene: string, begin: Mark): SceneDraft {
  return {
    connection: fact.connection,
    scene,
    begin,
    end: null,
    by: byOf(fact),
    seenMs: fact.atMs,
    seq: fact.seq,
  };
}
