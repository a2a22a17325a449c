/** A value of a state document as what it means; null for what is missing or means nothing. Pure. */

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

/** A number as vMix writes it, also `1.229964E-05`; never one with a comma, in hexadecimal or without end. */
export function numberOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  // most of them: one digit
  if (text.length === 1) {
    const digit = text.charCodeAt(0) - 48;
    return digit >= 0 && digit <= 9 ? digit : null;
  }
  if (!NUMBER.test(text)) return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}

/** A whole number from 0. */
export function wholeOf(text: string | undefined): number | null {
  const number = numberOf(text);
  return number !== null && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

/** `True` and `False` in any case. */
export function flagOf(text: string | undefined): boolean | null {
  if (text === undefined) return null;
  if (text === 'False') return false;
  if (text === 'True') return true;
  const low = text.trim().toLowerCase();
  return low === 'true' ? true : low === 'false' ? false : null;
}
