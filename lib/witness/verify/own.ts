import { createHash } from 'node:crypto';
import type { JsonValue } from '../canonical';
import type { Entry } from '../entry';
import type { LogFolder } from '../folder';
import { objectOf } from './genesis';
import type { Findings } from './problems';

const CHUNK_BYTES = 256 * 1024;
/** Names of files beside the entries; nothing outside of the folder. */
const PLAIN_NAME = /^[^/\\\0]{1,255}$/;

/** Moved bytes that are hashed in one log, all files together: sixteen whole files of entries. A sparse file costs nobody anything but the one who reads it. */
export const MOST_ASIDE_BYTES = 2 ** 30;

/** Bytes that were moved aside, as an entry tells it. */
export interface SetAside {
  seq: number;
  file: string;
  bytes: number;
  sha256: string;
}

/** What is known when an entry of the log itself is read. */
export interface Around {
  seq: number;
  /** base64, over the entries before */
  root: () => string;
  /** entries of each type before; null where there were too many types to count */
  counts: ReadonlyMap<string, number> | null;
}

/**
 * Check what the log says about itself.
 * @returns bytes that were moved aside, whose file has to be looked at
 */
export function checkOwn(
  { type, data }: Pick<Entry, 'type' | 'data'>,
  { seq, root, counts }: Around,
  findings: Findings,
): SetAside | null {
  const told = objectOf(data);
  const wrong = (detail: string) => findings.add('OWN_ENTRY_WRONG', `${type}: ${detail}`, { seq });
  switch (type) {
    case 'log.genesis':
      if (seq !== 0) wrong('a log begins only once');
      return null;
    case 'log.open':
      if (told.size !== seq) wrong(`it counts ${shown(told.size)} entries before it, and there are ${seq}`);
      else if (told.root !== root()) wrong('its root is not that of the entries before it');
      return null;
    case 'log.close':
      if (told.size !== seq) wrong(`it counts ${shown(told.size)} entries before it, and there are ${seq}`);
      return null;
    case 'log.stats':
      if (counts) checkCounts(told.counts, counts, seq, findings);
      return null;
    case 'log.gap': {
      const { count, first, last, reason } = told;
      if (
        !isCount(count) ||
        typeof first !== 'string' ||
        typeof last !== 'string' ||
        typeof reason !== 'string'
      )
        wrong('it cannot be read');
      else
        findings.add('GAP', `${count} entries were not recorded between ${first} and ${last}: ${reason}`, {
          seq,
        });
      return null;
    }
    case 'log.rollback': {
      const { expectedSize, foundSize } = told;
      if (!isCount(expectedSize) || !isCount(foundSize)) wrong('it cannot be read');
      else
        findings.add(
          'ROLLBACK',
          `the log before this one was found with ${foundSize} entries, and ${expectedSize} had been signed`,
          { seq },
        );
      return null;
    }
    case 'log.recovered': {
      const { file, bytes, sha256 } = told;
      if (
        typeof file !== 'string' ||
        !PLAIN_NAME.test(file) ||
        !isCount(bytes) ||
        typeof sha256 !== 'string' ||
        !/^[0-9a-f]{64}$/.test(sha256)
      ) {
        wrong('it cannot be read');
        return null;
      }
      findings.add('RECOVERED', `${bytes} torn bytes were moved aside into ${file} after a crash`, { seq });
      return { seq, file, bytes, sha256 };
    }
    default:
      findings.add('OWN_TYPE_UNKNOWN', `${type} is nothing this version knows`, { seq });
      return null;
  }
}

function checkCounts(
  told: JsonValue | undefined,
  counts: ReadonlyMap<string, number>,
  seq: number,
  findings: Findings,
): void {
  const given = new Map(Object.entries(told === undefined ? {} : objectOf(told)));
  for (const type of new Set([...given.keys(), ...counts.keys()])) {
    const [said, found] = [given.get(type) ?? 0, counts.get(type) ?? 0];
    if (said === found) continue;
    findings.add('STATS_WRONG', `it counts ${shown(said)} entries of type ${type}, and there are ${found}`, {
      seq,
    });
    return;
  }
}

/**
 * Whether the file with bytes that were moved aside is what the entry says.
 * @param most bytes that may be hashed; a longer file is told and left alone
 * @returns bytes that were hashed
 * @throws LiveError WITNESS_UNREADABLE
 */
export async function checkSetAside(
  folder: LogFolder,
  aside: SetAside,
  findings: Findings,
  most: number,
): Promise<number> {
  const { seq, file: name } = aside;
  const place = { seq, file: name };
  const file = await folder.open(name);
  if (!file) {
    findings.add('RECOVERED_MISSING', `${name}, with the bytes that were moved aside, is not here`, place);
    return 0;
  }
  try {
    const changed = () => findings.add('RECOVERED_CHANGED', `${name} is not as it was put there`, place);
    if ((await file.size()) !== aside.bytes) {
      changed();
      return 0;
    }
    if (aside.bytes > most) {
      findings.add('NOT_ALL_CHECKED', `${name} is too long to be looked at`, place);
      return 0;
    }
    const hash = createHash('sha256');
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (let at = 0; at < aside.bytes;) {
      const count = await file.read(chunk, at);
      if (count === 0) break;
      hash.update(chunk.subarray(0, count));
      at += count;
    }
    if (hash.digest('hex') !== aside.sha256) changed();
    return aside.bytes;
  } finally {
    await file.close();
  }
}

function isCount(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function shown(value: JsonValue | undefined): string {
  return (JSON.stringify(value) ?? 'none').slice(0, 40);
}
