import { isKeyName, strictBase64 } from './keys';
import { HASH_BYTES } from './tree';

/** What a log says of itself: its name, how many entries it has, and the root over them. */
export interface Checkpoint {
  origin: string;
  size: number;
  root: Buffer;
}

/** The text of a checkpoint, to be signed. Throws RangeError where it would be none. Source: C2SP tlog-checkpoint. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  if (!isKeyName(origin) || !Number.isSafeInteger(size) || size < 0 || root.length !== HASH_BYTES)
    throw new RangeError('this is no checkpoint');
  return `${origin}\n${size}\n${root.toString('base64')}\n`;
}

/** Read the text of a checkpoint; null for anything that is not exactly one. Lines of extensions are passed over. */
export function parseCheckpoint(text: string): Checkpoint | null {
  const lines = text.split('\n');
  const [origin = '', digits = '', encoded = '', ...more] = lines;
  if (more.at(-1) !== '' || more.slice(0, -1).includes('')) return null;
  const size = Number(digits);
  const root = strictBase64(encoded);
  if (origin === '' || !/^(?:0|[1-9][0-9]{0,15})$/.test(digits) || !Number.isSafeInteger(size)) return null;
  return root?.length === HASH_BYTES ? { origin, size, root } : null;
}
