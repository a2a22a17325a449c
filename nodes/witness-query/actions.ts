import type { WitnessLogNode } from '../../red/witness-logs';
import { LiveError, fail } from '../../lib/errors';
import { parseCheckpoint } from '../../lib/witness/checkpoint';
import { exportLog, exportText, exportedEntry, type ExportedEntry } from '../../lib/witness/export';
import { folderAt, type LogFolder } from '../../lib/witness/folder';
import type { Continued } from '../../lib/witness/format';
import type { KeptLog } from '../../lib/witness/kept-log';
import { parseNote } from '../../lib/witness/note';
import { proveEntry } from '../../lib/witness/proof';
import { readEntries } from '../../lib/witness/query';
import { readLines, type LogEntry } from '../../lib/witness/read';
import type { FrameStore } from '../../lib/frames/store/types';
import { reportHtml, reportText, showReport, takePictures, type ShowReport } from '../../lib/witness/report';
import { verifyFolder, type VerifyReport } from '../../lib/witness/verify';
import type { CheckpointTold } from '../../lib/witness/store/log';
import { newestNote, stoppable } from './places';
import type { Wish } from './wishes';

/** The log may be recovering after a crash. */
const OPEN_MS = 10_000;

/** The log that is asked: this Node-RED's own, or a copy. */
export interface Place {
  folder: LogFolder;
  /** the newest checkpoint, just signed; null where it could not be, or for a copy */
  signed: CheckpointTold | null;
  trust: { origin?: string; vkeys: string[]; cosigners: string[]; quorum: number };
}

/** The log itself, with a checkpoint over all that was recorded so far; or the copy a message names. Stops reading when `signal` aborts. */
export async function placeOf(
  log: KeptLog,
  config: WitnessLogNode,
  { copy, action }: Wish,
  signal: AbortSignal,
): Promise<Place> {
  const { origin, vkey, cosigners } = config.trust;
  const trust = { origin, vkeys: [vkey], cosigners, quorum: config.needed };
  if (copy) {
    const own = copy.vkey === null;
    const its = own ? trust : { vkeys: [copy.vkey!], cosigners: [], quorum: 0 };
    return { folder: stoppable(folderAt(copy.folder), signal), signed: null, trust: its };
  }
  const signed = await log.checkpoint(OPEN_MS).catch((error: unknown) => {
    // a log that cannot be signed now can be read and judged all the same
    if (action === 'checkpoint' || action === 'prove') throw error;
    return null;
  });
  const folder = log.status().log?.folder ?? config.folder;
  return { folder: stoppable(folderAt(folder), signal), signed, trust };
}

const BEFORE: Record<Continued['reason'], string> = {
  rollback: 'was set back: it has fewer entries than were signed, or others',
  damaged: 'was changed or damaged where it was signed already',
  removed: 'is gone',
  key: 'was signed with a key that is lost',
};

/** Everything that was recorded up to the checkpoint. What became of the log it goes on from is said too: it is evidence by itself. */
export async function verify({ folder, signed, trust }: Place): Promise<VerifyReport> {
  const { cosigners, quorum, ...known } = trust;
  const report = await verifyFolder(folder, {
    ...known,
    ...(quorum > 0 ? { cosigners, quorum } : {}),
    ...(signed ? { size: signed.size } : {}),
  });
  const { continues } = report;
  if (!continues) return report;
  const more = `It goes on from an earlier log of ${continues.size} entries, which ${BEFORE[continues.reason]}. ${
    continues.reason === 'removed'
      ? ''
      : 'That one lies in the folder beside it, and is to be verified by itself.'
  }`;
  return { ...report, sentence: `${report.sentence} ${more.trim()}` };
}

/** Entries that pass the filter. */
export async function entries({ folder }: Place, { filter }: Wish): Promise<ExportedEntry[]> {
  const found: ExportedEntry[] = [];
  for await (const { entry, hash } of readEntries(folder, filter)) found.push(exportedEntry({ entry, hash }));
  return found;
}

/** The export, whole or as pieces of text. */
export async function exported(place: Place, { filter, proofs }: Wish, now: number) {
  const verification = await verify(place);
  const options = { verification, proofs, now, ...(Object.keys(filter).length ? { filter } : {}) };
  return {
    state: verification.verdict,
    whole: () => exportLog(place.folder.path, options),
    text: () => exportText(place.folder.path, options),
  };
}

/** The show report: data, page and mail; with pictures where there is a store of them. */
export async function report(
  place: Place,
  { filter, title }: Wish,
  now: number,
  pictures: FrameStore | null = null,
) {
  const verification = await verify(place);
  const { from, to } = filter;
  const size = verification.total_events;
  const data: ShowReport = await showReport(upTo(place.folder, size), verification, {
    now,
    ...(title ? { title } : {}),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  });
  if (!pictures) return { data, html: reportHtml(data), ...reportText(data) };
  const taken = await takePictures(pictures, data.from, data.to);
  data.pictures = taken.told;
  return { data, html: reportHtml(data, taken), ...reportText(data) };
}

/** The text that proves one entry. Throws WITNESS_TOO_SHORT where there is none of this number. */
export async function prove({ folder, signed }: Place, { entry, copy }: Wish): Promise<string> {
  const note = signed?.note ?? (await newestNote(folder));
  const size = parseCheckpoint(parseNote(note ?? '')?.text ?? '')?.size ?? 0;
  if (!note || entry >= size) throw fail('WITNESS_TOO_SHORT', { found: size, size: entry + 1 });
  try {
    return (await proveEntry(readLines(folder), entry, note, true)).text;
  } catch (error) {
    if (error instanceof LiveError || !(error instanceof RangeError)) throw error;
    throw fail(
      'WITNESS_NOT_PROVED',
      { seq: entry, reason: error.message, which: copy ? 'copy' : 'log' },
      error,
    );
  }
}

/** Entries of a log up to a size, or to the first that cannot be read: the verification says what is wrong there. */
async function* upTo(folder: LogFolder, size: number): AsyncGenerator<LogEntry> {
  try {
    for await (const found of readEntries(folder, { own: true })) {
      if (found.seq >= size) return;
      yield found;
    }
  } catch (error) {
    if (!(error instanceof LiveError) || !['WITNESS_DAMAGED', 'WITNESS_NO_LOG'].includes(error.code))
      throw error;
  }
}
