import type { Studio } from './studio';

export type Parameters = Readonly<Record<string, string>>;

/** What a function does; a text is what the TCP port complains about. `found` is what the pattern caught of its name. */
export type Does = (studio: Studio, parameters: Parameters, found: readonly string[]) => string | void;

/** What a function with `on`, `off` or nothing at its end makes of a flag. */
export function switched(word: string | undefined, present: boolean): boolean {
  return word === 'on' || word === 'start' ? true : word === 'off' || word === 'stop' ? false : !present;
}
