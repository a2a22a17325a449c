import { fail } from '../../errors';
import { channelOfValue } from './numbers';
import { findFunction } from './index';

/** A function to be sent. */
export interface FunctionCall {
  name: string;
  /** key, number (0 preview, -1 program) or full title */
  input?: string | number;
  value?: string | number;
  durationMs?: number;
  /** from 0 for the main one; several where a function takes them */
  mix?: number | readonly number[];
  channel?: string;
  selectedName?: string;
  selectedIndex?: number;
}

/** Functions for which a blank value means everything at once, or a window on the vMix machine. */
const NEVER_BLANK = /^(Start|Stop|StartStop)(Streaming|SRTOutput)$|^StreamingSet|^Snapshot(Input)?$/i;
const NAMES_A_CHANNEL = /^(Start|Stop|StartStop)(Streaming|SRTOutput)$/i;
const SETS_A_CHANNEL = /^StreamingSet/i;

/**
 * The query of a function for HTTP, `Function=…&Value=…`, every value percent-encoded. Throws INPUT_INVALID for a name that is
 * none, a value that may not be blank and is, and a streaming function without its channel.
 */
export function functionQuery(call: FunctionCall): string {
  return [`Function=${encode(nameOf(call))}`, ...parametersOf(call)].join('&');
}

/** The same for the TCP port: `NAME Value=…&Input=…`, one line. */
export function functionLine(call: FunctionCall): string {
  const parameters = parametersOf(call);
  return [nameOf(call), ...(parameters.length > 0 ? [parameters.join('&')] : [])].join(' ');
}

function nameOf({ name }: FunctionCall): string {
  const trimmed = name.trim();
  if (!/^[A-Za-z][A-Za-z0-9]{0,63}$/.test(trimmed))
    throw fail('INPUT_INVALID', { field: 'function', reason: 'a name has only letters and digits' });
  return findFunction(trimmed)?.name ?? trimmed;
}

function parametersOf(call: FunctionCall): string[] {
  const { input, value, durationMs, mix, channel, selectedName, selectedIndex } = call;
  guardValue(nameOf(call), value === undefined ? '' : String(value));
  const pairs: [string, string | number | undefined][] = [
    ['Input', input],
    ['Value', value],
    ['Duration', durationMs],
    ...(typeof mix === 'object' ? mix : [mix]).map((one): [string, number | undefined] => ['Mix', one]),
    ['Channel', channel],
    ['SelectedName', selectedName],
    ['SelectedIndex', selectedIndex],
  ];
  return pairs.flatMap(([key, one]) =>
    one === undefined || one === '' ? [] : [`${key}=${encode(String(one))}`],
  );
}

function guardValue(name: string, value: string): void {
  if (!NEVER_BLANK.test(name)) return;
  if (value.trim() === '')
    throw fail('INPUT_INVALID', {
      field: 'value',
      reason: `${name} with a blank value would do more than was asked`,
    });
  if (NAMES_A_CHANNEL.test(name) && !/^\s*\d{1,2}\s*$/.test(value))
    throw fail('INPUT_INVALID', { field: 'value', reason: `${name} takes a number from 0` });
  if (SETS_A_CHANNEL.test(name) && (channelOfValue(value) === null || !value.includes(',')))
    throw fail('INPUT_INVALID', {
      field: 'value',
      reason: `${name} takes the number of the stream from 0, a comma, and what to set`,
    });
}

/** `encodeURIComponent` and the five characters it leaves; a half of a surrogate pair becomes the replacement character. */
function encode(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
