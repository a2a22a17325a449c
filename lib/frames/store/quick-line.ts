/**
 * The lines of an index as this store writes them, read without JSON: an hour of ten streams is tens of thousands of them. What is not exactly
 * so is left to `readLine`, which says the same of these. Pure.
 */
import { frameId, hourOf, isTime } from './layout';
import type { Line } from './line';
import type { KeptFrame } from './types';

const COUNT = '(0|[1-9]\\d{0,11})';
const NUMBER = '(-?(?:0|[1-9]\\d{0,11})(?:\\.\\d{1,20})?)';
const HASH = '([0-9a-f]{64})';
const BEGIN = `\\{"n":${COUNT},"prev":"${HASH}","stream":"([A-Za-z0-9._-]{1,100})"`;
const TIME = '([1-9]\\d{0,14})';

const FRAME = new RegExp(
  `${BEGIN},"at":${TIME},"seq":${COUNT},"why":"(first|changed|resolution|keep-alive|asked)",` +
    `"changedPercent":(null|(?:0|[1-9]\\d?)(?:\\.\\d{1,20})?|100),"mediaMs":${NUMBER},` +
    `"connectionId":"([ !#-[\\]-~]{0,200})","width":${COUNT},"height":${COUNT},"videoWidth":${COUNT},"videoHeight":${COUNT},` +
    `"bytes":${COUNT},"sha256":"[0-9a-f]{64}","dhash":"[0-9a-f]{16}"\\}\\n`,
  'y',
);
const SEEN = new RegExp(
  `${BEGIN},"seen":"${TIME}-${COUNT}","until":${TIME},"samples":([1-9]\\d{0,11})\\}\\n`,
  'y',
);

/** How a line of a picture ends: two hashes, and what is between and behind them. */
const [SHA256_LENGTH, DHASH_LENGTH, BETWEEN, BEHIND] = [64, 16, '","dhash":"'.length, '"}\n'.length];

/**
 * The line that begins at `from`, and where the next one begins; null where it is none that is exactly as this store writes it.
 * @param text the same bytes, each of them a character
 */
export function quickLine(
  bytes: Buffer,
  text: string,
  from: number,
  stream: string,
  hour: number,
): { line: Line; next: number } | null {
  FRAME.lastIndex = from;
  const found = FRAME.exec(text);
  if (!found) return quickSeen(text, from, stream, hour);
  const at = Number(found[4]);
  if (found[3] !== stream || !isTime(at) || hourOf(at) !== hour) return null;
  const seq = Number(found[5]);
  const next = FRAME.lastIndex;
  const dhash = next - BEHIND - DHASH_LENGTH;
  const sha256 = dhash - BETWEEN - SHA256_LENGTH;
  const frame: KeptFrame = {
    id: frameId({ stream, at, seq }),
    stream,
    at,
    until: at,
    samples: 1,
    mediaMs: Number(found[8]),
    connectionId: found[9]!,
    seq,
    why: found[6] as KeptFrame['why'],
    changedPercent: found[7] === 'null' ? null : Number(found[7]),
    width: Number(found[10]),
    height: Number(found[11]),
    videoWidth: Number(found[12]),
    videoHeight: Number(found[13]),
    bytes: Number(found[14]),
    // copies: what was found is a part of the text, and would keep all of it in memory
    sha256: bytes.toString('latin1', sha256, sha256 + SHA256_LENGTH),
    dhash: bytes.toString('latin1', dhash, dhash + DHASH_LENGTH),
  };
  return { line: { n: Number(found[1]), prev: found[2]!, kind: 'frame', frame }, next };
}

function quickSeen(
  text: string,
  from: number,
  stream: string,
  hour: number,
): { line: Line; next: number } | null {
  SEEN.lastIndex = from;
  const found = SEEN.exec(text);
  if (!found || found[3] !== stream) return null;
  const [at, until] = [Number(found[4]), Number(found[6])];
  if (!isTime(at) || !isTime(until) || until < at || hourOf(at) !== hour) return null;
  const place = { n: Number(found[1]), prev: found[2]! };
  const [seq, samples] = [Number(found[5]), Number(found[7])];
  return { line: { ...place, kind: 'seen', at, seq, until, samples }, next: SEEN.lastIndex };
}
