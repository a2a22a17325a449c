import { fail, LiveError, type ErrorCode } from '../errors';
import { MIN_AGE_MS, tolerate, waitUntil } from './after-swap';
import { discard } from './before-swap';
import { recover } from './recover';
import { Cancelled, Lost, type Outcome, type SwitchRun } from './run';
import type { Procedure } from './steps';

/** How often it is read back, and mended, that the old source is visible again. */
const MOST_TRIES = 3;
const AGAIN_MS = 150;

/**
 * End a switch that failed: the old source visible again where this switch hid it, the new one removed, and read back what is on air. With the
 * application gone nothing can be done now; what is left behind is found by the sweep.
 * @param touched whether what is on air may have been changed
 */
export function* rollBack(run: SwitchRun, thrown: unknown, touched: boolean): Procedure<Outcome> {
  const before = run.state;
  const cancelled = thrown instanceof Cancelled ? run.cancel : null;
  let live: boolean | null = null;
  try {
    if (thrown instanceof Lost) throw thrown;
    yield* run.enter('rollback');
    live = yield* putBack(run, touched);
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
    if (touched) return yield* recover(run, described(run, thrown, null));
    if (!(thrown instanceof Cancelled)) thrown = fail('SOURCE_SWITCH_LOST', { step: before }, error);
  }
  return { failed: described(run, thrown, live), cancelled };
}

/** What can be done for the old source, and what is on air then. The new one goes last, so that there is no gap between them. */
function* putBack(run: SwitchRun, touched: boolean): Procedure<boolean | null> {
  const showOld = touched && run.oldWasVisible && run.byPerson.old !== 'hidden' && !run.byPerson.fresh;
  if (showOld) yield* seeOld(run, true);
  if (run.name) {
    if (run.fresh && run.kind === 'gstreamer') yield* waitUntil(run, run.freshAtMs + MIN_AGE_MS);
    yield* discard(run, run.name);
  }
  return yield* seeOld(run, false, showOld);
}

/**
 * Whether the old source is visible, as read back; null where it could not be read.
 * @param first show it, before it is looked whether it is
 * @param mend show it where it is not
 */
function* seeOld(run: SwitchRun, first: boolean, mend = first): Procedure<boolean | null> {
  const { old } = run;
  if (!old || run.gone.has(old.name)) return false;
  let live: boolean | null = null;
  for (let tried = 0; tried < MOST_TRIES; tried++) {
    if (tried) yield* run.ask<'wait'>({ do: 'wait', ms: AGAIN_MS });
    if ((tried === 0 && first) || (tried > 0 && mend && live === false))
      yield* tolerate(run, run.ask<'show'>({ do: 'show', source: old, on: true }), `${old.name} not shown`);
    const reading = (yield* tolerate(run, run.read(old), `${old.name} not read`))?.[0];
    live = reading ? reading.enabled === true && reading.state !== 'missing' : null;
    if (live || !(mend || live === null)) break;
  }
  return live;
}

/** The error with what is on air now, in its details and in words. */
export function described(run: SwitchRun, thrown: unknown, oldStillLive: boolean | null): LiveError {
  const kept = keptText(run, oldStillLive, thrown);
  const more = { oldStillLive, kept, slot: run.slot, scene: run.scene ?? '' };
  if (thrown instanceof Cancelled) return fail(cancelCode(run), more, thrown);
  if (thrown instanceof LiveError)
    return new LiveError(thrown.code, { ...thrown.details, ...more }, { cause: thrown });
  throw thrown;
}

function cancelCode(run: SwitchRun): ErrorCode {
  return run.cancel === 'overtaken' ? 'SOURCE_SWITCH_OVERTAKEN' : 'SOURCE_SWITCH_CLOSED';
}

function keptText(run: SwitchRun, oldStillLive: boolean | null, thrown: unknown): string {
  const lost = thrown instanceof LiveError && thrown.code === 'SOURCE_SWITCH_LOST';
  if (lost && oldStillLive === null) return 'It is put in order as soon as OBS is back.';
  if (oldStillLive) return 'The source before is still on air.';
  if (oldStillLive === null) return 'What is on air now could not be read.';
  return run.old ? 'The source before is not on air.' : 'There was none of ours on air before.';
}
