import type { Files } from '../../durable/files';
import { LiveError, fail } from '../../errors';
import { parseCheckpoint } from '../checkpoint';
import type { Continued, OwnEntries } from '../format';
import { type Verifier, parseVerifier } from '../keys';
import { parseNote } from '../note';
import { EMPTY_ROOT } from '../tree';
import { readGenesis } from '../verify/genesis';
import { holdsLog } from './folders';
import { isDamaged, judge } from './judge';
import { type Signed, signedBy } from './notes';
import { readCheckpoint, readHistoryEnd } from './published';
import { type Scan, type ScanOptions, firstEntry, scan } from './scan';
import type { Remembered, SecondLocation } from './second-location';

type Genesis = OwnEntries['log.genesis'];

/** What is to be done with a folder. */
export type Finding =
  /** it is our log, and whole as far as it was signed */
  | { act: 'extend'; genesis: Genesis; found: Scan; signed: Signed | null }
  /** there is no log in it */
  | { act: 'begin'; continues: Continued | null; notice: Notice | null }
  /** what is in it is never touched again: the log goes on in the next folder */
  | {
      act: 'leave';
      continues: Continued | null;
      notice: Notice;
      rollback: OwnEntries['log.rollback'] | null;
    };

/** What the operator is told; the next folder is not known yet. */
export type Notice = (next: string) => LiveError;

/** What this process wrote before it failed, of which not all may be there, or as it was. */
export interface Written {
  logId: string;
  /** in hexadecimal; undefined where it is not known any more */
  hashOf: (seq: number) => string | undefined;
}

export interface SurveyOptions {
  files: Files;
  verifier: Verifier;
  second: SecondLocation;
  written: Written | null;
}

/**
 * Look at a folder and at what this computer remembers; nothing is changed.
 * @throws LiveError WITNESS_UNREADABLE for a log of a newer version, the file system's error
 */
export async function survey(folder: string, options: SurveyOptions): Promise<Finding> {
  const { files, verifier, second, written } = options;
  const remembered = await second.all();
  const there = await readFirst(folder, files);
  // what lay here and was continued by nobody
  const here = remembered.filter(
    (one) => one.folder === folder && !one.continuedBy && one.logId !== there.genesis?.continues?.logId,
  );
  const lost = here.at(-1);
  if (!(await holdsLog(folder, files))) {
    const continues = lost ? goesOn(lost, 'removed') : null;
    return { act: 'begin', continues, notice: lost ? removed(lost) : null };
  }
  const { genesis } = there;
  if (!genesis) {
    const notice: Notice = (next) => fail('WITNESS_LEFT_DAMAGED', { folder, next, reason: there.fault });
    return { act: 'leave', continues: lost ? goesOn(lost, 'damaged') : null, notice, rollback: null };
  }
  const mine = remembered.find(({ logId }) => logId === genesis.logId);
  const newer = mine ? lastOf(mine, remembered) : lost;
  // a log that was continued, or one that nobody here knows in the place of another
  if (newer && (newer !== mine || mine.continuedBy))
    return { act: 'leave', continues: goesOn(newer, 'removed'), notice: removed(newer), rollback: null };
  const key = genesis.vkey === verifier.text ? verifier : parseVerifier(genesis.vkey)!;
  const notes = await notesOf(folder, key, mine?.note ?? null, files);
  const signed = notes.reduce<Signed | null>(
    (most, one) => (one.size > (most?.size ?? -1) ? one : most),
    null,
  );
  if (key !== verifier) {
    const notice: Notice = (next) => fail('WITNESS_KEY_CHANGED', { folder, next });
    return { act: 'leave', continues: continued(genesis, signed, 'key'), notice, rollback: null };
  }
  const known = written?.logId === genesis.logId ? written.hashOf : undefined;
  return measure(folder, genesis, notes, signed, { files, ...(known && { hashOf: known }) });
}

/** Compare the entries of our own log with what was signed. */
async function measure(
  folder: string,
  genesis: Genesis,
  notes: readonly Signed[],
  signed: Signed | null,
  how: Pick<ScanOptions, 'files' | 'hashOf'>,
): Promise<Finding> {
  const rootsAt = notes.map(({ size }) => size);
  const found = await scan(folder, { ...how, signed: signed?.size ?? 0, rootsAt });
  const judged = judge(found, notes);
  if (judged.sound) return { act: 'extend', genesis, found, signed };
  let { detail } = judged;
  let reason: Continued['reason'] = 'damaged';
  const { expected } = judged;
  if (judged.reason === 'other') {
    const strict = await scan(folder, { ...how, signed: 0, rootsAt: [] });
    if (!isDamaged(strict, expected)) reason = 'rollback';
    else if (strict.fault) detail = `${strict.fault.file}: ${strict.fault.detail}`;
  }
  const continues = continued(genesis, signed, reason);
  if (reason === 'damaged') {
    const notice: Notice = (next) => fail('WITNESS_LEFT_DAMAGED', { folder, next, reason: detail });
    return { act: 'leave', continues, notice, rollback: null };
  }
  const rollback = { expectedSize: expected, foundSize: found.entries };
  const notice: Notice = (next) =>
    fail('WITNESS_ROLLED_BACK', { folder, next, found: found.entries, expected });
  return { act: 'leave', continues, notice, rollback };
}

async function readFirst(
  folder: string,
  files: Files,
): Promise<{ genesis: Genesis; fault: null } | { genesis: null; fault: string }> {
  const first = await firstEntry(folder, files);
  if (!first) return { genesis: null, fault: 'its first entry cannot be read' };
  const read = readGenesis(first);
  if (read.fault === 'format')
    throw fail('WITNESS_UNREADABLE', { path: folder, reason: `${read.detail}, of a newer version` });
  return read.fault ? { genesis: null, fault: read.detail } : { genesis: read.data, fault: null };
}

/** Every checkpoint that is known of a log and has a right signature. */
async function notesOf(
  folder: string,
  key: Verifier,
  remembered: string | null,
  files: Files,
): Promise<Signed[]> {
  const { note } = await readHistoryEnd(folder, key, files);
  return [signedBy(key, remembered), signedBy(key, await readCheckpoint(folder, files)), note].filter(
    (one): one is Signed => one !== null,
  );
}

/** The last log of those that go on from one another, as far as they are remembered. */
function lastOf(first: Remembered, all: readonly Remembered[]): Remembered {
  let last = first;
  // as many steps as there are logs: whoever writes a ring into these files gets no endless loop
  for (let step = 0; step < all.length; step++)
    last = all.find(({ logId }) => logId === last.continuedBy) ?? last;
  return last;
}

function removed({ folder, note }: Remembered): Notice {
  return (next) => fail('WITNESS_REMOVED', { folder, next, expected: sizeAndRoot(note).size });
}

function goesOn({ origin, logId, note }: Remembered, reason: Continued['reason']): Continued {
  return { origin, logId, ...sizeAndRoot(note), reason };
}

function continued(
  { origin, logId }: Genesis,
  signed: Signed | null,
  reason: Continued['reason'],
): Continued {
  return { origin, logId, ...sizeAndRoot(signed?.note ?? ''), reason };
}

/** What a checkpoint says; nothing at all is a log without entries. */
function sizeAndRoot(note: string): { size: number; root: string } {
  const text = parseNote(note)?.text;
  const { size = 0, root = EMPTY_ROOT } = (text && parseCheckpoint(text)) || {};
  return { size, root: root.toString('base64') };
}
