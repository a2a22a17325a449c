import type { FunctionCategory, ParameterName, VmixFunction, VmixParameter } from './types';

const PARAMETERS: Readonly<Record<string, { name: ParameterName; meaning: string; required: boolean }>> = {
  I: { name: 'Input', meaning: 'the input: key, number or title', required: true },
  i: { name: 'Input', meaning: 'the input: key, number or title; without it the preview', required: false },
  V: { name: 'Value', meaning: '', required: true },
  v: { name: 'Value', meaning: '', required: false },
  D: { name: 'Duration', meaning: 'milliseconds', required: true },
  d: { name: 'Duration', meaning: 'milliseconds; without it as vMix has it', required: false },
  M: { name: 'Mix', meaning: 'which mix, from 0 for the main one', required: false },
  C: { name: 'Channel', meaning: 'the replay channel: A or B; without it the chosen one', required: false },
  S: { name: 'SelectedName', meaning: 'the field, by its name', required: false },
  N: { name: 'SelectedIndex', meaning: 'the field, by its place from 0', required: false },
};
/** The oldest list known: what it has, every version has that we know. */
export const OLDEST_LIST = 23;
const ALTERNATIVES = /^([^{]*)\{([^}]*)\}(.*)$/;

/**
 * Rows of a table as functions. A row reads `name | parameters | what the value is | what it does | since | flags`; the last two
 * may be missing. `{1-8}` and `{A,B}` in a name stand for a function each, and the same in the sentence for what its
 * name has there. Flags: `t` toggle, `d` dangerous, `s` secret.
 */
export function functionsOf(category: FunctionCategory, rows: string): VmixFunction[] {
  return rows
    .trim()
    .split('\n')
    .flatMap((row) => {
      const [names = '', letters = '', value = '', does = '', since = '', flags = ''] = row
        .split('|')
        .map((cell) => cell.trim());
      return spelled(names).map(({ name, picks }) => ({
        name,
        category,
        does: does.replace(/\{(\d)\}/g, (_, place: string) => picks[Number(place) - 1] ?? '').trimEnd(),
        parameters: [...letters].map((letter) => parameterOf(letter, value)),
        since: since === '' ? OLDEST_LIST : Number(since),
        toggle: flags.includes('t'),
        dangerous: flags.includes('d'),
        secret: flags.includes('s'),
      }));
    });
}

function parameterOf(letter: string, value: string): VmixParameter {
  const parameter = PARAMETERS[letter];
  if (!parameter) throw new TypeError(`no parameter is called "${letter}"`);
  return parameter.name === 'Value' ? { ...parameter, meaning: value } : parameter;
}

/** Every name that a pattern stands for, with what was picked for each place. */
function spelled(
  pattern: string,
  picks: readonly string[] = [],
): { name: string; picks: readonly string[] }[] {
  const [, before = '', choice = '', after = ''] = ALTERNATIVES.exec(pattern) ?? [];
  if (choice === '') return [{ name: pattern, picks }];
  const range = /^(\d+)-(\d+)$/.exec(choice);
  const options = range
    ? Array.from({ length: Number(range[2]) - Number(range[1]) + 1 }, (_, index) =>
        String(Number(range[1]) + index),
      )
    : choice.split(',');
  return options.flatMap((option) => spelled(`${before}${option}${after}`, [...picks, option]));
}
