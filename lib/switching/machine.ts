import { place, retire, swap, verify } from './after-swap';
import { create, park, preflight, prime, readFresh } from './before-swap';
import { rollBack } from './rollback';
import type { Outcome, SwitchRun } from './run';
import type { Procedure } from './steps';

/** How often a source may die between being ready and being swapped in; the time for it to be ready limits it as well. */
const MOST_PRIMES = 20;

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
    return yield* ended(run, yield* rollBack(run, error));
  }
  return yield* ended(run, { done: run.report(false) });
}

/** Placed, and still ready afterwards; a source that died meanwhile is waited for again, within the time it has. */
function* placeReady(run: SwitchRun): Procedure<void> {
  const untilMs = Math.max(run.atMs, run.freshAtMs) + run.wish.readyTimeoutMs;
  for (let primed = 0; primed < MOST_PRIMES; primed++) {
    if (primed) yield* prime(run, untilMs);
    yield* place(run);
    if ((yield* readFresh(run)) === 'ready') return;
  }
}

function* ended(run: SwitchRun, outcome: Outcome): Procedure<Outcome> {
  yield* run.enter('idle');
  return outcome;
}
