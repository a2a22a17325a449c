import { isUtf8 } from 'node:buffer';

/** Bytes as a text; empty where they are no UTF-8. Replaced characters would make another text of them, which could pass for a whole one. */
export function utf8Text(bytes: Uint8Array): string {
  return isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString() : '';
}

/** Whether a text has a UTF-8 form: no half of a surrogate pair stands alone. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** The same text, with the replacement character for every half of a surrogate pair. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}
