import { fail, type LiveError } from '../errors';
import { fewNames } from '../production/names';
import type { VmixInput, VmixState } from './state-types';

/** What a person's name for an input comes to. */
export type FoundInput = { input: VmixInput } | { input: null; several: readonly VmixInput[] };

/**
 * The input that a person means by its key, its number or its title. A title counts as vMix has it, capitals and all; where none
 * is the same, so does a short title. Nothing is guessed: a number that is the title of another input, and a title that two
 * inputs have, fit several. Pure.
 */
export function findInput({ inputs }: VmixState, wanted: string): FoundInput {
  const name = wanted.trim();
  const byKey = inputs.find(({ key }) => key.toLowerCase() === name.toLowerCase());
  if (byKey) return { input: byKey };
  const numbered = /^[1-9]\d{0,5}$/.test(name) ? inputs.filter(({ number }) => number === Number(name)) : [];
  const titled = inputs.filter(({ title }) => title === wanted || title.trim() === name);
  const fits = [...new Set([...numbered, ...titled])];
  const found = fits.length > 0 ? fits : inputs.filter(({ shortTitle }) => shortTitle?.trim() === name);
  return found.length === 1 ? { input: found[0]! } : { input: null, several: name === '' ? [] : found };
}

/**
 * The same, as an action needs it. Throws `unknown` (SCENE_UNKNOWN where scenes are meant, SOURCE_UNKNOWN where anything that can
 * be seen is) with the inputs there are, and VMIX_INPUT_AMBIGUOUS with those that fit.
 */
export function resolveInput(
  state: VmixState,
  wanted: string,
  unknown: 'SCENE_UNKNOWN' | 'SOURCE_UNKNOWN',
): VmixInput {
  const found = findInput(state, wanted);
  if (found.input) return found.input;
  if (found.several.length > 0)
    throw fail('VMIX_INPUT_AMBIGUOUS', { input: wanted, fits: found.several.map(described).join(', ') });
  throw unknownInput(state, wanted, unknown);
}

function unknownInput(
  { inputs }: VmixState,
  wanted: string,
  code: 'SCENE_UNKNOWN' | 'SOURCE_UNKNOWN',
): LiveError {
  const known = fewNames(inputs.map(({ number, title }) => `${number} ${title}`)) || 'none';
  return fail(code, { application: 'vMix', what: 'input', scene: wanted, source: wanted, known });
}

const described = ({ number, title, key }: VmixInput): string => `${number} "${title}" (key ${key})`;

/** How a function is told which input is meant: by its key, which stays; documents of old versions have only numbers. */
export function inputParameter({ key, number }: VmixInput): string {
  return key.startsWith('#') ? String(number) : key;
}
