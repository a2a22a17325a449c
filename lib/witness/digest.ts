import { hash } from 'node:crypto';

/** SHA-256 in hexadecimal, of bytes or of a text in UTF-8. Only for what was redacted: a bare hash of a secret tells it. */
export function digest(content: Uint8Array | string): string {
  return hash('sha256', content, 'hex');
}

/**
 * Stands where something was cut out: what it was, how long, and its hash. Members that are undefined are left out;
 * `hashed` tells that only so much of the beginning is in the hash.
 */
export function cutMark(cut: {
  what: 'text' | 'value' | 'items' | 'names' | 'entries' | 'depth';
  length?: number;
  sha256?: string;
  hashed?: number;
}): string {
  // in the order of their names
  const members = [
    cut.hashed === undefined ? '' : `"hashed":${cut.hashed},`,
    cut.length === undefined ? '' : `"length":${cut.length},`,
    cut.sha256 === undefined ? '' : `"sha256":"${cut.sha256}",`,
  ];
  return `{"$cut":{${members.join('')}"what":"${cut.what}"}}`;
}

/** A part of canonical text as the mark that stands for it. `length` counts bytes. */
export function cutValue(text: string): string {
  return cutMark({ what: 'value', length: Buffer.byteLength(text), sha256: digest(text) });
}
