import { fail } from '../../errors';
import { findFunction, similarNames } from './index';

/** A name that no list has, of a kind that runs code in those we know; stopping a script is harmless. */
const SOUNDS_LIKE_CODE = /^script(?!stop)|keypress|sendkeys/i;
/** The same for what is secret. */
const SOUNDS_SECRET = /^streamingset|password|passphrase|secret|token/i;
/** What these set is shown in messages of other nodes, and what is secret in an address can be seen by its shape. */
const SHOWN_ELSEWHERE = /(username|url)$/i;

/** Whether a function runs code or presses keys on the vMix machine, also one that is newer than our list. */
export function runsCode(name: string): boolean {
  return findFunction(name)?.dangerous ?? SOUNDS_LIKE_CODE.test(name.replace(/\s/g, ''));
}

/** Whether the value of a function is secret, or holds something that is. */
export function isSecretFunction(name: string): boolean {
  return findFunction(name)?.secret ?? SOUNDS_SECRET.test(name.replace(/\s/g, ''));
}

/** Whether what a secret function sets is to be hidden wherever it stands, not only where the function is told of. */
export function isHiddenEverywhere(name: string): boolean {
  return isSecretFunction(name) && !SHOWN_ELSEWHERE.test(name.trim());
}

/** Throws VMIX_SCRIPTS_FORBIDDEN for a function that runs code where its connection does not allow that. */
export function mustBeAllowed(name: string, where: string, allowScripts: boolean): void {
  if (allowScripts || !runsCode(name)) return;
  throw fail('VMIX_SCRIPTS_FORBIDDEN', { where, name: findFunction(name)?.name ?? name.trim() });
}

/** What to say of a name that no list has, with those it resembles; null where nothing is to be said. */
export function doubtOf(name: string): string | null {
  if (findFunction(name)) return null;
  return `No vMix from 23 to 29 has a function "${name.trim().slice(0, 64)}". ${didYouMean(name)}`;
}

/** Advice for a name that vMix does not know. */
export function didYouMean(name: string): string {
  const similar = similarNames(name);
  return similar.length > 0 ? `Did you mean ${similar.join(' or ')}?` : 'Check how it is written.';
}
