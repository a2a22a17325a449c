import { place, retire, swap, verify } from './after-swap';
import { create, park, preflight, prime, readFresh } from './before-swap';
import { recover } from './recover';
import { rollBack } from './rollback';
import { Lost, type Outcome, type SwitchRun } from './run';
import type { Procedure } from './steps';

/** So long without a new picture, in milliseconds, and a source is not swapped in: it may have died just now. */
const MOVED_WITHIN_MS = 600;
/** Until the next look at a source that has not moved just now, in milliseconds: a frame or two. */
const AGAIN_MS = 100;

/**
 * The states of a switch and what leads from one to the next: preflight, create, prime, place, swap, verify, retire; rollback where one
 * of them fails. Pure: it says steps and is given their answers, with the time; whoever runs it does them on a port. It always comes to an
 * outcome as long as every step is answered.
 */
export function* switching(run: SwitchRun): Procedure<Outcome> {
  try {
    if (yield* preflight(run)) return yield* ended(run, { done: run.report(true) });
    yield* create(run);
    yield* prime(run, run.freshAtMs + run.wish.readyTimeoutMs);
    if (run.prepareOnly) yield* park(run);
    yield* placeReady(run);
    yield* swap(run);
    yield* verify(run);
    run.verified = true;
    yield* retire(run);
  } catch (error) {
    const touched = !run.cancellable;
    const lost = error instanceof Lost && touched;
    return yield* ended(run, yield* lost ? recover(run, null) : rollBack(run, error, touched));
  }
  return yield* ended(run, { done: run.report(false) });
}

/** Placed, and still ready afterwards; a source that died meanwhile is waited for again, within the time it has. */
function* placeReady(run: SwitchRun): Procedure<void> {
  const untilMs = Math.max(run.atMs, run.freshAtMs) + run.wish.readyTimeoutMs;
  for (;;) {
    yield* place(run);
    for (;;) {
      const verdict = yield* readFresh(run);
      if (verdict !== 'ready') break;
      if (run.atMs - run.movedAtMs <= MOVED_WITHIN_MS) return;
      yield* run.ask<'wait'>({ do: 'wait', ms: AGAIN_MS });
    }
    yield* prime(run, untilMs);
  }
}

function* ended(run: SwitchRun, outcome: Outcome): Procedure<Outcome> {
  yield* run.enter('idle');
  return outcome;
}
