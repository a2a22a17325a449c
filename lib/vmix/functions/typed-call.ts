import { fail } from '../../errors';
import { isHiddenEverywhere, isSecretFunction } from './guard';
import { findFunction } from './index';
import { emptiesByBlank, type FunctionCall } from './query';
import type { ParameterName } from './types';

/** The parameters of a function as people and messages write them. */
export type TypedParameters = Readonly<Record<string, unknown>>;

/** vMix's names of parameters, in the order of a dialog. */
export const PARAMETER_NAMES: readonly ParameterName[] = [
  'Input',
  'Value',
  'Duration',
  'Mix',
  'Channel',
  'SelectedName',
  'SelectedIndex',
];
const BY_NAME = new Map(PARAMETER_NAMES.map((name) => [name.toLowerCase(), name]));
/** Longer than any text for a title. */
const LONGEST = 100_000;
const MOST_MIXES = 16;

/**
 * A function with its parameters, whose names are taken in any case. What is blank is missing, except the value of a function that
 * empties something by it. Throws INPUT_INVALID for a parameter that no function has, one of a wrong kind, and one that this
 * function needs and that is missing; `blankIsMeant` lets the last one pass.
 */
export function callOf(name: string, typed: TypedParameters, blankIsMeant = false): FunctionCall {
  const given = new Map<ParameterName, unknown>();
  for (const [key, value] of Object.entries(typed)) {
    const known = BY_NAME.get(key.trim().toLowerCase());
    if (!known)
      throw fail('INPUT_INVALID', {
        field: 'parameters',
        reason: `"${key.slice(0, 64)}" is none; there are ${PARAMETER_NAMES.join(', ')}`,
      });
    if (given.has(known)) throw fail('INPUT_INVALID', { field: known, reason: 'it is given twice' });
    const blank = typeof value === 'string' && value.trim() === '';
    if (value === undefined || value === null) continue;
    if (!blank || (known === 'Value' && emptiesByBlank(name))) given.set(known, value);
  }
  const call: FunctionCall = {
    name: name.trim(),
    input: textOf('Input', given),
    value: textOf('Value', given),
    durationMs: wholeOf('Duration', given),
    mix: mixOf(given),
    channel: textOf('Channel', given),
    selectedName: textOf('SelectedName', given),
    selectedIndex: wholeOf('SelectedIndex', given),
    ...(blankIsMeant ? { blankIsMeant } : {}),
  };
  if (!blankIsMeant) mustBeWhole(call, given);
  return call;
}

/** The parameters of a call under vMix's own names, without those that are blank. Holds secrets where the function takes any. */
export function parametersOf(call: FunctionCall): Partial<Record<ParameterName, unknown>> {
  const { input, value, durationMs, mix, channel, selectedName, selectedIndex } = call;
  const all: Record<ParameterName, unknown> = {
    Input: input,
    Value: value,
    Duration: durationMs,
    Mix: mix,
    Channel: channel,
    SelectedName: selectedName,
    SelectedIndex: selectedIndex,
  };
  return Object.fromEntries(Object.entries(all).filter(([, one]) => one !== undefined && one !== ''));
}

/** The value of a function whose value is secret, and what in it is: all behind the comma. Null where nothing is. */
export function secretOf(name: string, value: unknown): { whole: string; secret: string } | null {
  if (typeof value !== 'string' || value === '' || !isSecretFunction(name)) return null;
  return { whole: value, secret: value.slice(value.indexOf(',') + 1) };
}

/** Texts that a message must not go on with: what was to be sent of secrets, even where it makes no sense and is refused. */
export function secretTexts(name: unknown, typed: TypedParameters): string[] {
  const known = typeof name === 'string' ? name : '';
  return Object.entries(typed).flatMap(([key, value]) => {
    const found = key.trim().toLowerCase() === 'value' ? secretOf(known, value) : null;
    if (!found) return [];
    return isHiddenEverywhere(known) && found.secret !== '' ? [found.whole, found.secret] : [found.whole];
  });
}

function mustBeWhole({ name }: FunctionCall, given: ReadonlyMap<ParameterName, unknown>): void {
  for (const parameter of findFunction(name)?.parameters ?? [])
    if (parameter.required && !given.has(parameter.name))
      throw fail('INPUT_INVALID', {
        field: parameter.name,
        reason: `${findFunction(name)?.name} needs it (${parameter.meaning})`,
      });
}

function textOf(name: ParameterName, given: ReadonlyMap<ParameterName, unknown>): string | undefined {
  const value = given.get(name);
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value !== 'string' || value.length > LONGEST)
    throw fail('INPUT_INVALID', {
      field: name,
      reason:
        typeof value === 'string'
          ? `it is longer than ${LONGEST} characters`
          : 'it must be a text or a number',
    });
  return value;
}

/** A whole number from 0, also as a text. */
function wholeOf(name: ParameterName, given: ReadonlyMap<ParameterName, unknown>): number | undefined {
  const value = given.get(name);
  const text = typeof value === 'string' ? value.trim() : value;
  if (text === undefined) return undefined;
  const number = typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : text;
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0)
    throw fail('INPUT_INVALID', { field: name, reason: 'it must be a whole number from 0' });
  return number;
}

/** One number or, for functions that take several mixes at once, a list of them. */
function mixOf(given: ReadonlyMap<ParameterName, unknown>): number | number[] | undefined {
  const value = given.get('Mix');
  if (!Array.isArray(value)) return wholeOf('Mix', given);
  if (value.length > MOST_MIXES)
    throw fail('INPUT_INVALID', { field: 'Mix', reason: `there are ${MOST_MIXES} at most` });
  return value.flatMap((one: unknown) => wholeOf('Mix', new Map([['Mix', one]])) ?? []);
}
