import { asLiveError, fail } from '../errors';
import { discard, POLL_MS } from './before-swap';
import type { Placed, SwapPlan } from './port';
import type { SwitchRun } from './run';
import { Lost } from './run';
import type { Procedure } from './steps';

/** How long the new source has to show on air that it moves, in milliseconds. Source: the reference, VERIFY. */
const VERIFY_MS = 1000;
/** So long without a new picture at the end of that, and it is dead; a source of a few pictures a second may pause. */
const VERIFY_STILL_MS = 600;
/** How much longer than that it may be waited for. */
const VERIFY_LATEST_MS = 3000;
/** From the swap until the old source goes, in milliseconds: its own hide transition may still run. Source: the reference, RETIRE. */
const RETIRE_GRACE_MS = 1000;
/** No gstreamer source is removed younger than this, in milliseconds: OBS can crash of it. Source: the reference, finding 4. */
export const MIN_AGE_MS = 1500;
/** On top of what the frames of a swap take. Source: the reference, SWAP. */
const SWAP_SPARE_MS = 3000;
/** No fewer frames than these under the old source: measured, 0 of 30 black. */
const FRAMES_UNDER = 6;
/** The slowest source that is reckoned with, in pictures a second. */
const SLOWEST_FPS = 10;

/** How many frames of a canvas of `fps` the new source lies under the old one. Source: the reference, the sleep rule of §6. */
export function framesUnder(fps: number): number {
  return Math.max(FRAMES_UNDER, Math.ceil(fps / SLOWEST_FPS) + 2);
}

/** Put the new source where it belongs; false where it is not ready any more afterwards. */
export function* place(run: SwitchRun): Procedure<void> {
  yield* run.enter('place');
  const { fresh } = run;
  if (!fresh) return;
  const old = run.old && !run.gone.has(run.old.name) ? run.old : null;
  run.warnings.push(...(yield* run.ask<'place'>({ do: 'place', fresh, old })));
}

/** The new one shown under the old one, which is hidden some frames later. What came of it is seen in VERIFY. */
export function* swap(run: SwitchRun): Procedure<void> {
  const { fresh, scene } = run;
  if (!fresh || scene === null) return;
  yield* run.enter('swap');
  const fps = run.look?.fps ?? 30;
  const { transition } = run.wish;
  const old: Placed | null = run.old && !run.gone.has(run.old.name) ? run.old : null;
  const plan: SwapPlan = { scene, fresh, old, transition, framesUnder: framesUnder(fps), fps };
  const takesMs = (plan.framesUnder / fps) * 1000 + (transition.kind === 'crossfade' ? transition.ms : 0);
  const fromMs = run.atMs;
  const answer = yield* run.ask<'swap'>({ do: 'swap', plan, ms: takesMs + SWAP_SPARE_MS });
  run.swappedBy = old ? transition.kind : 'cut';
  run.swappedAtMs = run.atMs;
  run.swapMs = run.atMs - fromMs;
  run.totalMs = run.atMs - run.askedAtMs;
  if (answer.oldGone && run.old) run.gone.add(run.old.name);
  if (!answer.complete && !answer.oldGone)
    throw fail('SOURCE_SWITCH_INCOMPLETE', { reason: answer.reason ?? 'a step failed' });
}

/** Read back that the new source is visible, the old one is not, and that it goes on moving. */
export function* verify(run: SwitchRun): Procedure<void> {
  yield* run.enter('verify');
  const { fresh } = run;
  if (!fresh) return;
  const fromMs = run.atMs;
  let cursorMs: number | null = null;
  let movedAtMs: number | null = null;
  for (;;) {
    const old = run.old && !run.gone.has(run.old.name) ? run.old : null;
    const readings = yield* run.read(...(old ? [fresh, old] : [fresh]));
    const passedMs = run.atMs - fromMs;
    if (readings?.[0]) {
      const [now, before] = readings;
      if (run.byPerson.fresh || run.byPerson.old === 'shown' || now.state === 'missing')
        throw fail('SOURCE_SWITCH_OVERRIDDEN', { source: run.byPerson.old ? (old?.name ?? '') : fresh.name });
      if (!now.enabled) throw fail('SOURCE_SWITCH_INCOMPLETE', { reason: 'the new source is not visible' });
      if (before?.enabled) throw fail('SOURCE_SWITCH_INCOMPLETE', { reason: 'the source before is visible' });
      run.last = now;
      if (cursorMs !== null && now.cursorMs !== null && now.cursorMs !== cursorMs) movedAtMs = run.atMs;
      cursorMs = now.cursorMs;
      const moves = movedAtMs !== null && run.atMs - movedAtMs <= VERIFY_STILL_MS && now.width > 0;
      if (now.state === 'error' || (passedMs >= VERIFY_MS && !moves && passedMs >= VERIFY_LATEST_MS))
        throw fail('SOURCE_PLAYBACK_FAILED', { last: 'on air it stopped moving' });
      if (passedMs >= VERIFY_MS && moves) return;
    } else if (passedMs >= VERIFY_LATEST_MS) {
      throw fail('SOURCE_SWITCH_INCOMPLETE', { reason: 'it did not say what it shows' });
    }
    yield* run.ask<'wait'>({ do: 'wait', ms: POLL_MS });
  }
}

/** The new one is proven: mark it, and let the old one go. */
export function* retire(run: SwitchRun): Procedure<void> {
  yield* run.enter('retire');
  const { fresh, old } = run;
  if (!fresh) return;
  yield* tolerate(run, run.ask<'mark'>({ do: 'mark', source: fresh, live: true }), 'It could not be marked');
  if (!old || run.gone.has(old.name)) return;
  yield* waitUntil(run, Math.max(run.swappedAtMs + RETIRE_GRACE_MS, oldestRemoval(run, old)));
  yield* discard(run, old.name);
}

/** By a clock that was set back since, it may have been made in the future. */
function oldestRemoval(run: SwitchRun, source: { kind: string; madeAtMs: number }): number {
  return source.kind === 'gstreamer' ? Math.min(source.madeAtMs, run.swappedAtMs) + MIN_AGE_MS : 0;
}

/** Wait until that moment, whatever wakes it. */
export function* waitUntil(run: SwitchRun, atMs: number): Procedure<void> {
  while (run.atMs < atMs) yield* run.ask<'wait'>({ do: 'wait', ms: atMs - run.atMs });
}

/** What a part came to; where it failed with the application still there, a warning and null. */
export function* tolerate<T>(run: SwitchRun, part: Procedure<T>, what: string): Procedure<T | null> {
  try {
    return yield* part;
  } catch (error) {
    if (error instanceof Lost) throw error;
    run.warnings.push(`${what}: ${asLiveError(error).message}`);
    return null;
  }
}
