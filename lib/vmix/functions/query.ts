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
  /** a blank value of a streaming or SRT function is meant: all streams, or output 1 */
  blankIsMeant?: boolean;
}

/** Functions for which a blank value means everything at once, */
const MEANS_ALL = /^(Start|Stop|StartStop)(Streaming|SRTOutput)$|^StreamingSet/i;
/** or a window on the vMix machine, where nobody may be to close it. */
const OPENS_WINDOW = /^Snapshot(Input)?$|^(Open|Save)Preset$|^ListExport$/i;
/** Functions that empty something by a value that is there and empty. */
const EMPTIES = /^SetText$|^SetImage$|^SetDynamicValue[1-4]$/i;
const NAMES_A_CHANNEL = /^(Start|Stop|StartStop)(Streaming|SRTOutput)$/i;
const SETS_A_CHANNEL = /^StreamingSet/i;

/** Whether an empty value means something to this function: it empties a text, a picture, a dynamic value. */
export function emptiesByBlank(name: string): boolean {
  return EMPTIES.test(name.trim());
}

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
  const name = nameOf(call);
  guardValue(name, value === undefined ? '' : String(value), call.blankIsMeant === true);
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
    one === undefined || (one === '' && !(key === 'Value' && emptiesByBlank(name)))
      ? []
      : [`${key}=${encode(String(one))}`],
  );
}

function guardValue(name: string, value: string, blankIsMeant: boolean): void {
  const refuse = (reason: string) => {
    throw fail('INPUT_INVALID', { field: 'value', reason });
  };
  const blank = value.trim() === '';
  if (blank && OPENS_WINDOW.test(name))
    refuse(`${name} with a blank value would open a window on the vMix machine`);
  if (!MEANS_ALL.test(name)) return;
  if (blank && blankIsMeant && NAMES_A_CHANNEL.test(name)) return;
  if (blank) refuse(`${name} with a blank value would do more than was asked`);
  if (NAMES_A_CHANNEL.test(name) && !/^\s*\d{1,2}\s*$/.test(value)) refuse(`${name} takes a number from 0`);
  if (SETS_A_CHANNEL.test(name) && (channelOfValue(value) === null || !value.includes(',')))
    refuse(`${name} takes the number of the stream from 0, a comma, and what to set`);
}

/** `encodeURIComponent` and the five characters it leaves; a half of a surrogate pair becomes the replacement character. */
function encode(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
