import { createHash, timingSafeEqual } from 'node:crypto';
import { visible } from '../../witness/report/escape';

/** Characters of a name that a guest gives himself; longer ones fit no phone. */
export const LONGEST_NAME = 40;
/** Of an invitation code. With the rates of joining, six of 36 characters last for centuries. */
export const SHORTEST_CODE = 6;
const LONGEST_CODE = 200;

/**
 * The name a guest typed, fit for everybody's eyes: one line, no signs that turn or hide text, no towers of accents. Null where no letter
 * or digit is left, or where it is too long.
 */
export function guestName(typed: unknown): string | null {
  if (typeof typed !== 'string' || typed.length > 400) return null;
  const name = visible(typed.normalize('NFC').replace(/\s+/gu, ' '), '')
    .replace(/(\p{M}{2})\p{M}+/gu, '$1')
    .trim();
  const length = [...name].length;
  return length >= 1 && length <= LONGEST_NAME && /[\p{L}\p{N}]/u.test(name) ? name : null;
}

/** A name as it is shown, whoever gave it. */
export function shownName(name: string): string {
  const seen = visible(name.replace(/\s+/gu, ' '), '·')
    .replace(/(\p{M}{2})\p{M}+/gu, '$1')
    .trim();
  return [...seen].slice(0, 80).join('') || '?';
}

/** Whether this is the invitation code. Takes the same time whatever was typed. */
export function isInvitation(typed: unknown, code: string): boolean {
  const text = typeof typed === 'string' && typed.length <= LONGEST_CODE ? typed : '';
  return timingSafeEqual(digest(text), digest(code)) && text !== '';
}

function digest(code: string): Buffer {
  return createHash('sha256').update(code.normalize('NFKC').trim()).digest();
}
