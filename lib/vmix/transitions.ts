import { fail } from '../errors';
import { VMIX_FUNCTIONS, findFunction } from './functions';
import type { VmixState } from './state-types';

/** How an input goes on air, once the wish is understood. */
export interface Transition {
  /** a function that takes an input; without one it would exchange program and preview */
  name: string;
  /** sent with it; undefined leaves it to vMix */
  durationMs?: number;
  /** how long it may take */
  takesMs: number;
}

/** Of a stinger nobody but its file knows the length, and an effect without a duration has the one vMix gives it. */
const UNTOLD_MS = 20_000;
/** What the field in the dialog takes, as for an OBS. */
const LONGEST_MS = 20_000;

/** A button beside the preview, with what the operator chose for it. It takes no input itself. */
const BUTTON = /^transition([1-4])$/;
const STINGER = /^stinger[1-8]$/;
const EFFECTS =
  /^(cut|fade|merge|(vertical)?(wipe|slide)(reverse)?|fly(rotate)?|(cross)?zoom|cube(zoom)?|stinger[1-8])$/;

const EFFECT_NAMES = VMIX_FUNCTIONS.filter(
  ({ category, name }) => category === 'switching' && EFFECTS.test(name.toLowerCase()),
);

/** What a switch can name here: effects, stingers and the four buttons, as far as this version of vMix has them. */
export function transitionNames(major: number): string[] {
  const effects = EFFECT_NAMES.filter(({ since }) => since <= major).map(({ name }) => name);
  return [...effects, ...[1, 2, 3, 4].map((button) => `Transition${button}`)];
}

/**
 * The effect that a name stands for, in any case; a button stands for the effect and duration that the operator set for it, and
 * no name for button 1. Throws TRANSITION_UNKNOWN and, for a length that none can have, INPUT_INVALID. Pure.
 */
export function resolveTransition(
  state: VmixState,
  wanted: string | null,
  durationMs: number | null,
): Transition {
  if (durationMs !== null && !(durationMs >= 1 && durationMs <= LONGEST_MS))
    throw fail('INPUT_INVALID', {
      field: 'duration',
      reason: `1 to ${LONGEST_MS} ms are possible, not ${durationMs}`,
    });
  const name = (wanted ?? 'Transition1').trim().replaceAll(' ', '');
  const button = BUTTON.exec(name.toLowerCase())?.[1];
  const set = button ? state.transitions.find(({ number }) => number === Number(button)) : undefined;
  const effect = effectNamed(state, set ? set.effect : name);
  if (!effect) throw unknown(state, wanted ?? 'Transition1', set?.effect);
  if (effect === 'Cut') return { name: effect, takesMs: 0 };
  if (STINGER.test(effect.toLowerCase()))
    return { name: effect, takesMs: Math.max(UNTOLD_MS, durationMs ?? 0) };
  const ms = durationMs ?? set?.durationMs ?? null;
  return ms === null
    ? { name: effect, takesMs: UNTOLD_MS }
    : { name: effect, durationMs: Math.round(ms), takesMs: ms };
}

function effectNamed(state: VmixState, name: string): string | null {
  const plain = name.trim().replaceAll(' ', '');
  const found = EFFECTS.test(plain.toLowerCase()) ? findFunction(plain) : null;
  return found && found.since <= state.version.major ? found.name : null;
}

function unknown(state: VmixState, transition: string, set: string | undefined) {
  const known = transitionNames(state.version.major).join(', ');
  const said = set === undefined ? transition : `${transition} (set to ${set})`;
  return fail('TRANSITION_UNKNOWN', { application: 'vMix', transition: said, known });
}
