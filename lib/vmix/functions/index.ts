import { INPUTS } from './rows-inputs';
import { MACHINE } from './rows-machine';
import { PRODUCTION } from './rows-production';
import { REPLAY } from './rows-replay';
import { SOUND } from './rows-sound';
import type { VmixFunction } from './types';

export { OLDEST_LIST } from './rows';
export type * from './types';

/**
 * Every function of vMix 23 to 29. vMix answers OK to any name over TCP, and over HTTP 500 to one it does not know, so a
 * name is looked up here before it is sent.
 */
export const VMIX_FUNCTIONS: readonly VmixFunction[] = [
  ...PRODUCTION,
  ...INPUTS,
  ...SOUND,
  ...MACHINE,
  ...REPLAY,
];

const BY_NAME = new Map(VMIX_FUNCTIONS.map((one) => [one.name.toLowerCase(), one]));

/** The function of this name, in any case as vMix takes it; null for one that no list has. */
export function findFunction(name: string): VmixFunction | null {
  return BY_NAME.get(name.trim().toLowerCase()) ?? null;
}

/** Names that look like a mistyped one, at most three: for the warning about an unknown name. */
export function similarNames(name: string): string[] {
  const wanted = name.trim().toLowerCase();
  if (wanted.length < 3) return [];
  return VMIX_FUNCTIONS.map((one) => ({ name: one.name, far: distance(wanted, one.name.toLowerCase()) }))
    .filter(({ far }) => far <= Math.max(2, Math.floor(wanted.length / 4)))
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map((one) => one.name);
}

/** How many letters differ, by insertion, removal and exchange; beyond a length where it means nothing, infinity. */
function distance(one: string, other: string): number {
  if (one.length > 60 || Math.abs(one.length - other.length) > 8) return Infinity;
  let before = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row++) {
    const now = [row];
    for (let column = 1; column <= other.length; column++)
      now.push(
        Math.min(
          now[column - 1]! + 1,
          before[column]! + 1,
          before[column - 1]! + (one[row - 1] === other[column - 1] ? 0 : 1),
        ),
      );
    before = now;
  }
  return before[other.length]!;
}
