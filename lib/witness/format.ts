import type { JsonValue } from './canonical';
import type { Entry } from './entry';

/** Version of the folder's format, as the first entry names it. */
export const FORMAT = 1;
/** The newest signed checkpoint, replaced as a whole. */
export const CHECKPOINT_FILE = 'checkpoint';
/** Every signed checkpoint, oldest first, each followed by one more line break. Only grows. */
export const HISTORY_FILE = 'checkpoints';
const SEGMENT = /^(\d{12})\.jsonl$/;

/** Name of the file whose first entry is `seq`. */
export function segmentName(seq: number): string {
  return `${String(seq).padStart(12, '0')}.jsonl`;
}

/** The number of the first entry in a file of this name; null for files that hold no entries. */
export function segmentStart(name: string): number | null {
  const digits = SEGMENT.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** A checkpoint as it stands in the history. */
export function historyItem(note: string): string {
  return `${note}\n`;
}

/** The log a new one goes on from, and why it is not the same one. */
export interface Continued {
  origin: string;
  logId: string;
  /** the last checkpoint that was known of it */
  size: number;
  /** base64 */
  root: string;
  /** `rollback`: it has fewer entries than were signed, or others · `damaged`: signed entries cannot be read · `removed`: it is gone · `key`: its key is */
  reason: 'rollback' | 'damaged' | 'removed' | 'key';
}

/** `data` of what a log writes about itself, by type. Every log begins with `log.genesis`; a writer begins with `log.open`. */
export interface OwnEntries {
  'log.genesis': {
    format: typeof FORMAT;
    origin: string;
    /** 16 random bytes in hexadecimal: no two logs are alike */
    logId: string;
    /** key of the log's signatures: `name+id+base64` */
    vkey: string;
    /** package and version */
    software: string;
    continues?: Continued;
  };
  /** `size` and `root` (base64): what was there before this entry */
  'log.open': { pid: number; previous: 'new' | 'closed' | 'crashed'; size: number; root: string };
  'log.close': { size: number };
  /** torn bytes that were moved aside; `file` is a name in the log's folder */
  'log.recovered': { bytes: number; sha256: string; file: string };
  /** entries that could not be written, and when the first and last of them came */
  'log.gap': { count: number; first: string; last: string; reason: string };
  /** entries of each type up to this one, this one not counted */
  'log.stats': { counts: Record<string, number> };
  /** the folder was found with fewer entries than this computer had signed, or with others */
  'log.rollback': { expectedSize: number; foundSize: number };
}

export type OwnType = keyof OwnEntries;

/** `data` of an entry, where it is one of the log's own of that type. */
export function ownData<T extends OwnType>(
  entry: Pick<Entry, 'type' | 'data'>,
  type: T,
): OwnEntries[T] | null {
  return entry.type === type ? (entry.data as unknown as OwnEntries[T]) : null;
}

/** What the log writes about itself, as `encodeEntry` takes it. */
export function ownJson<T extends OwnType>(_type: T, data: OwnEntries[T]): JsonValue {
  return data as unknown as JsonValue;
}
