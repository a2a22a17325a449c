import { fail, type LiveError } from '../errors';
import { retire, tolerate, verify } from './after-swap';
import { POLL_MS, readFresh } from './before-swap';
import { Readiness } from './readiness';
import { described, rollBack } from './rollback';
import { Lost, type Outcome, type SwitchRun } from './run';
import type { Procedure } from './steps';
import { afterLoss } from './sweep';

/** How long a switch waits for an application that went away in its midst, in milliseconds; a restart of OBS takes some seconds. */
const RECONNECT_MS = 60_000;
/** How often it may be lost again meanwhile. */
const MOST_LOSSES = 5;
/** An application that has just come back may still be loading its scenes. */
const MOST_LOOKS = 20;
const LOOK_AGAIN_MS = 500;

/**
 * The application was lost when what is on air was being changed: wait for it, look what came of it, and go forward or back accordingly.
 * Nothing is repeated blindly.
 * @param because why it was going back already; null: it was not
 */
export function* recover(run: SwitchRun, because: LiveError | null): Procedure<Outcome> {
  const step = run.state;
  const lost = because ?? fail('SOURCE_SWITCH_LOST', { step });
  while (run.losses++ < MOST_LOSSES) {
    try {
      yield* run.enter('lost');
      yield* run.ask<'reconnect'>({ do: 'reconnect', ms: RECONNECT_MS });
      run.back();
      yield* lookBack(run);
      if (because || way(run) === 'back') return yield* rollBack(run, lost, true);
      yield* forward(run);
      return { done: run.report(false) };
    } catch (error) {
      if (error instanceof Lost) continue;
      if (!run.connected) break;
      return yield* rollBack(run, error, true);
    }
  }
  return { failed: described(run, lost, null), cancelled: null };
}

function way(run: SwitchRun): 'forward' | 'back' {
  const { fresh, old } = run;
  return afterLoss(fresh ? run.freshEnabled : null, old && !run.gone.has(old.name) ? old.enabled : null);
}

/** Find both sources again, by their names: in an older state of the scene their items may be others. */
function* lookBack(run: SwitchRun): Procedure<void> {
  for (let tried = 1; ; tried++) {
    try {
      const look = yield* run.ask<'look'>({ do: 'look' });
      const fresh = look.owned.find((one) => one.name === run.name) ?? null;
      const old = look.owned.find((one) => one.name === run.old?.name) ?? null;
      run.look = look;
      run.fresh = fresh;
      run.freshEnabled = fresh?.enabled ?? false;
      if (run.old && old) {
        run.old = old;
        run.gone.delete(old.name);
      } else if (run.old) run.gone.add(run.old.name);
      run.byPerson = { fresh: null, old: null };
      return;
    } catch (error) {
      if (error instanceof Lost || run.broken || tried >= MOST_LOOKS) throw error;
      yield* run.ask<'wait'>({ do: 'wait', ms: LOOK_AGAIN_MS });
    }
  }
}

/** The new source is where it should be: once it gives a picture, it is on air alone, and proves itself as always. */
function* forward(run: SwitchRun): Procedure<void> {
  const { fresh, old } = run;
  if (!fresh) return;
  const untilMs = run.atMs + run.wish.readyTimeoutMs;
  run.readiness = new Readiness({ settleMs: run.wish.settleMs });
  for (;;) {
    const verdict = yield* readFresh(run);
    if (verdict === 'ready') break;
    const last = run.readiness.describe();
    if (verdict === 'failed') throw fail('SOURCE_PLAYBACK_FAILED', { last });
    if (run.atMs >= untilMs)
      throw fail('SOURCE_NOT_READY', { seconds: Math.round(run.wish.readyTimeoutMs / 100) / 10, last });
    yield* run.ask<'wait'>({ do: 'wait', ms: POLL_MS });
  }
  if (!run.freshEnabled) yield* run.ask<'show'>({ do: 'show', source: fresh, on: true });
  if (old?.enabled && !run.gone.has(old.name))
    yield* tolerate(
      run,
      run.ask<'show'>({ do: 'show', source: old, on: false }),
      `${old.name} could not be hidden`,
    );
  run.swappedAtMs = run.atMs;
  run.totalMs ??= run.atMs - run.askedAtMs;
  yield* verify(run);
  run.verified = true;
  yield* retire(run);
}
