import { similarTo } from '../similar';
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
  return similarTo(
    name,
    VMIX_FUNCTIONS.map((one) => one.name),
  );
}
