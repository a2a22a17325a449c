import { fail, LiveError } from '../errors';
import type { SourceKind } from '../production/switching';
import { Cancelled, type SwitchRun } from './run';
import { Readiness } from './readiness';
import type { Procedure } from './steps';
import { keepOf } from './sweep';

/** Between two looks at a source that is being waited for, in milliseconds. Source: the reference, "poll 200 ms". */
export const POLL_MS = 200;
/** How often another name is tried where the one before was taken. */
const MOST_NAMES = 3;
/** A removal may take this long, in milliseconds; measured: 51 to 78 ms until a name is free. */
export const REMOVE_MS = 2000;
/** How many polls the source on air has to move, before the same address counts as broken and is switched to anew. */
const HEALTHY_POLLS = 6;
/** Two looks with more between them do not show that a source moves now, in milliseconds; a prepared one is looked at each second. */
const FAR_APART_MS = 1200;

/** Look at the place; true where the very source is on air already, and moves. */
export function* preflight(run: SwitchRun): Procedure<boolean> {
  yield* run.enter('preflight');
  yield* lookAgain(run);
  run.kind = kindOf(run);
  const { old } = run;
  if (run.prepareOnly || !old?.enabled || !run.fingerprint) return false;
  const same = run.look?.owned.find((one) => one.name === old.name)?.fingerprint === run.fingerprint;
  return same && (yield* moves(run));
}

/** Read the place anew and decide which source is the live one; what else of ours is in it goes. */
export function* lookAgain(run: SwitchRun): Procedure<void> {
  const look = yield* run.ask<'look'>({ do: 'look' });
  run.look = look;
  run.scene = look.scene;
  for (const one of look.beside) if (!run.warnings.includes(one)) run.warnings.push(one);
  const kept = new Set(run.fresh ? [run.fresh.name] : []);
  const others = look.owned.filter((one) => !kept.has(one.name));
  const readings = others.length > 1 ? yield* run.read(...others) : null;
  const { live, remove } = keepOf(others, readings, run.known);
  run.old = live;
  run.oldWasVisible = live?.enabled === true;
  for (const one of remove) yield* discard(run, one.name);
}

/** Remove what is not wanted any more; what cannot be removed now is left to the sweep. */
export function* discard(run: SwitchRun, name: string): Procedure<void> {
  try {
    const removed = yield* run.ask<'remove'>({ do: 'remove', name, ms: REMOVE_MS });
    if (removed !== 'ghost') return;
    run.warnings.push(`OBS still lists ${name} after its removal.`);
  } catch (error) {
    if (!(error instanceof LiveError)) throw error;
    run.warnings.push(`${name} could not be removed: ${error.message}`);
  }
  run.leftover.push(name);
}

function kindOf(run: SwitchRun): SourceKind {
  const { kinds } = run.look ?? { kinds: { gstreamer: false, ffmpeg: false } };
  const { kind } = run.wish.source;
  const chosen = kind === 'auto' ? (kinds.gstreamer ? 'gstreamer' : 'ffmpeg') : kind;
  if (!kinds[chosen])
    throw fail('SOURCE_KIND_UNAVAILABLE', { kind: chosen === 'ffmpeg' ? 'media' : 'gstreamer' });
  return chosen;
}

function* moves(run: SwitchRun): Procedure<boolean> {
  const { old } = run;
  let cursorMs: number | null = null;
  for (let poll = 0; old && poll < HEALTHY_POLLS; poll++) {
    const reading = (yield* run.read(old))?.[0];
    if (reading) {
      if (!reading.enabled || reading.width === 0) return false;
      if (cursorMs !== null && reading.cursorMs !== null && reading.cursorMs !== cursorMs) {
        run.last = reading;
        run.kind = old.kind;
        return true;
      }
      cursorMs = reading.cursorMs;
    }
    yield* run.ask<'wait'>({ do: 'wait', ms: POLL_MS });
  }
  return false;
}

/** Make the hidden source. */
export function* create(run: SwitchRun): Procedure<void> {
  yield* run.enter('create');
  const fromMs = run.atMs;
  for (let tried = 1; ; tried++) {
    run.name = run.names();
    try {
      yield* run.ask<'create'>({ do: 'create', name: run.name, kind: run.kind });
      break;
    } catch (error) {
      if (!(error instanceof LiveError)) throw error;
      if (error.code === 'SOURCE_NAME_TAKEN' && tried < MOST_NAMES) continue;
      const unavailable = error.code === 'SOURCE_KIND_UNAVAILABLE' || error.code === 'SOURCE_NAME_TAKEN';
      // such an answer means that nothing was made; and what has the name is somebody else's
      if (unavailable) run.name = null;
      if (error.code !== 'SOURCE_KIND_UNAVAILABLE' || !mayFallBack(run)) throw error;
      run.warnings.push('OBS has no gstreamer source, so a media source was taken.');
      run.kind = 'ffmpeg';
    }
  }
  run.createMs = run.atMs - fromMs;
  run.freshAtMs = run.atMs;
}

function mayFallBack(run: SwitchRun): boolean {
  return run.wish.source.kind === 'auto' && run.kind === 'gstreamer' && run.look?.kinds.ffmpeg === true;
}

/** Wait until the source is ready: it has a size, moves, and has done so for the settle time. */
export function* prime(run: SwitchRun, untilMs: number): Procedure<void> {
  yield* run.enter('prime');
  const fromMs = run.atMs;
  for (;;) {
    const verdict = yield* readFresh(run);
    if (verdict === 'ready') break;
    const last = run.readiness.describe();
    if (verdict === 'failed') throw fail('SOURCE_PLAYBACK_FAILED', { last });
    if (run.atMs >= untilMs)
      throw fail('SOURCE_NOT_READY', { seconds: Math.round(run.wish.readyTimeoutMs / 100) / 10, last });
    yield* run.ask<'wait'>({ do: 'wait', ms: Math.min(POLL_MS, Math.max(1, untilMs - run.atMs)) });
  }
  run.readyMs = (run.readyMs ?? 0) + run.atMs - fromMs;
}

/** One look at the new source; `waiting` where nothing could be read. */
export function* readFresh(run: SwitchRun): Procedure<'waiting' | 'ready' | 'failed'> {
  const { fresh } = run;
  if (!fresh) return 'failed';
  const reading = (yield* run.read(fresh))?.[0] ?? null;
  if (!reading) return run.readiness.reading(null, run.atMs);
  if (reading.state === 'missing' || run.gone.has(fresh.name))
    throw fail('SOURCE_SWITCH_OVERRIDDEN', { source: fresh.name });
  const moved = reading.width > 0 && reading.cursorMs !== null && reading.cursorMs !== run.last?.cursorMs;
  // between two looks that are far apart it may have died
  if (moved && run.atMs - run.readAtMs <= FAR_APART_MS) run.movedAtMs = run.atMs;
  run.readAtMs = run.atMs;
  run.last = reading;
  return run.readiness.reading(reading, run.atMs);
}

/** How often a prepared source is looked at, in milliseconds: often enough to know that it moves when it is taken. */
const PARKED_LOOK_MS = 1000;

/** Rest, prepared, until the source is taken; then look at the place anew, since much may have changed. */
export function* park(run: SwitchRun): Procedure<void> {
  yield* run.enter('prepared');
  while (run.prepareOnly) {
    try {
      const why = yield* run.ask<'park'>({ do: 'park', ms: PARKED_LOOK_MS });
      // it may break down and come back as often as it likes before somebody wants it
      if (why === 'time' && (yield* readFresh(run)) === 'failed')
        run.readiness = new Readiness({ settleMs: run.wish.settleMs });
    } catch (error) {
      if (error instanceof Cancelled || run.broken || isOverridden(error)) throw error;
      // an application that is away, or too busy to answer, may be back in a moment
      if (run.connected) run.back();
    }
  }
  yield* lookAgain(run);
}

function isOverridden(error: unknown): boolean {
  return error instanceof LiveError && error.code === 'SOURCE_SWITCH_OVERRIDDEN';
}
