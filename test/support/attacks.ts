// What somebody with a text editor, and somebody with the key too, does to a witness log.
import { canonicalJson, type JsonValue } from '../../lib/witness/canonical';
import { checkpointText } from '../../lib/witness/checkpoint';
import { NO_HASH, type Entry } from '../../lib/witness/entry';
import { CHECKPOINT_FILE, HISTORY_FILE, historyItem, segmentName } from '../../lib/witness/format';
import type { Signer } from '../../lib/witness/keys';
import { signNote } from '../../lib/witness/note';
import { CompactRange, leafHash } from '../../lib/witness/tree';
import { writtenLog, type WriteOptions, type WrittenEntry, type WrittenLog } from './written-log';

export type LogFiles = Map<string, Buffer>;

/** Entries in a file of `victim`. */
export const SEGMENT = 8;

/** An honest log of 20 entries in three files, signed at 5, 12 and 20. */
export function victim(options: WriteOptions = {}): WrittenLog {
  const entries: WrittenEntry[] = Array.from({ length: 16 }, (_, at) => ({
    type: at % 2 === 0 ? 'scene_changed' : 'stream_started',
    data: { payload: { scene: `scene ${at}`, n: at } },
    src: { node: 'a1' },
  }));
  return writtenLog(entries, { segment: SEGMENT, signedAt: [5, 12, 20], ...options });
}

/** The files of a log, to be changed. */
export function copyOf(log: Pick<WrittenLog, 'files'>): LogFiles {
  return new Map([...log.files].map(([name, bytes]) => [name, Buffer.from(bytes)]));
}

/** The same log with these lines in its files, and everything else as it was. */
export function withLines(log: WrittenLog, lines: readonly (Buffer | string)[]): LogFiles {
  const files = copyOf(log);
  for (const name of files.keys()) if (name.endsWith('.jsonl')) files.delete(name);
  for (let at = 0; at < lines.length; at += SEGMENT) {
    const part = lines
      .slice(at, at + SEGMENT)
      .map((line) => Buffer.concat([Buffer.from(line), Buffer.from('\n')]));
    files.set(segmentName(at), Buffer.concat(part));
  }
  return files;
}

/** A line with something else in it, and nothing done about its hash. */
export function edited(line: Buffer, change: (entry: Entry) => void): Buffer {
  const entry = JSON.parse(line.toString()) as Entry;
  change(entry);
  return Buffer.from(canonicalJson(entry as unknown as JsonValue));
}

/**
 * The same entries after a change, each numbered and linked to the one before as if it had always been so; with what the log says of
 * itself put right too.
 */
export function relinked(lines: readonly Buffer[], change: (entries: Entry[]) => Entry[] | void): Buffer[] {
  const entries = lines.map((line) => JSON.parse(line.toString()) as Entry);
  const changed = change(entries) ?? entries;
  const range = new CompactRange();
  const counts: Record<string, number> = {};
  let prev = NO_HASH;
  return changed.map((entry, seq) => {
    let { data } = entry;
    if (entry.type === 'log.open')
      data = { ...(data as object), size: seq, root: range.root().toString('base64') };
    if (entry.type === 'log.stats') data = { counts: { ...counts } };
    if (entry.type === 'log.close') data = { size: seq };
    counts[entry.type] = (counts[entry.type] ?? 0) + 1;
    const line = Buffer.from(canonicalJson({ ...entry, data, seq, prev } as unknown as JsonValue));
    const leaf = leafHash(line);
    range.push(leaf);
    prev = leaf.toString('hex');
    return line;
  });
}

/** Signed checkpoints of these lines. */
export function signed(lines: readonly Buffer[], signer: Signer, sizes: readonly number[]): string[] {
  const range = new CompactRange();
  const notes: string[] = [];
  if (sizes.includes(0)) notes.push(noteOf(signer, 0, range.root()));
  for (const line of lines) {
    range.push(leafHash(line));
    if (sizes.includes(range.size)) notes.push(noteOf(signer, range.size, range.root()));
  }
  return notes;
}

/** A checkpoint that says whatever it is told to. */
export function noteOf(signer: Signer, size: number, root: Buffer, origin = signer.verifier.name): string {
  return signNote(checkpointText({ origin, size, root }), signer);
}

/** Put these notes into files: all into the history, the last as the checkpoint. */
export function withNotes(files: LogFiles, notes: readonly string[]): LogFiles {
  const copy = new Map(files);
  const last = notes.at(-1);
  if (last === undefined) {
    copy.delete(CHECKPOINT_FILE);
    copy.delete(HISTORY_FILE);
  } else {
    copy.set(CHECKPOINT_FILE, Buffer.from(last));
    copy.set(HISTORY_FILE, Buffer.from(notes.map(historyItem).join('')));
  }
  return copy;
}

/** All bytes of the entries, as one file. */
export function inOneFile(log: WrittenLog): LogFiles {
  const files = copyOf(log);
  for (const name of files.keys()) if (name.endsWith('.jsonl')) files.delete(name);
  files.set(segmentName(0), Buffer.from(log.lines.map((line) => `${line.toString()}\n`).join('')));
  return files;
}
