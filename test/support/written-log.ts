// A folder of a witness log, written entry by entry without the writer: for whoever reads, verifies, exports and attacks.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, type JsonValue } from '../../lib/witness/canonical';
import { checkpointText } from '../../lib/witness/checkpoint';
import { NO_HASH, encodeEntry, sourceText, type EntrySource } from '../../lib/witness/entry';
import { CHECKPOINT_FILE, FORMAT, HISTORY_FILE, historyItem, segmentName } from '../../lib/witness/format';
import { signerOf, type Signer } from '../../lib/witness/keys';
import { signNote } from '../../lib/witness/note';
import { CompactRange, leafHash } from '../../lib/witness/tree';

export interface WrittenEntry {
  type: string;
  data: JsonValue;
  src?: EntrySource;
  /** ISO time; default: a second after the one before */
  t?: string;
}

export interface WrittenLog {
  origin: string;
  signer: Signer;
  vkey: string;
  lines: Buffer[];
  hashes: Buffer[];
  /** every checkpoint, oldest first */
  notes: string[];
  /** file name to content: what `put` writes, free to be changed */
  files: Map<string, Buffer>;
  put(folder: string): string;
}

export interface WriteOptions {
  origin?: string;
  seed?: Uint8Array;
  logId?: string;
  /** entries in a file; default: all in one */
  segment?: number;
  /** sizes at which a checkpoint is signed; default: only at the end */
  signedAt?: readonly number[];
  /** false: no `log.close` at the end */
  closed?: boolean;
  software?: string;
}

const STARTED = Date.parse('2026-11-20T19:00:00.000Z');

/** An honest log of these entries, between `log.genesis`, `log.open` and `log.close`. */
export function writtenLog(entries: readonly WrittenEntry[], options: WriteOptions = {}): WrittenLog {
  const { origin = 'studio.example/live-witness/main', seed = Buffer.alloc(32, 7), closed = true } = options;
  const { logId = 'ab'.repeat(16), segment = Infinity, software = 'test 1.0.0' } = options;
  const signer = signerOf(origin, seed);
  const vkey = signer.verifier.text;
  const range = new CompactRange();
  const lines: Buffer[] = [];
  const hashes: Buffer[] = [];
  const notes: string[] = [];
  const sign = () =>
    notes.push(signNote(checkpointText({ origin, size: range.size, root: range.root() }), signer));
  const add = ({ type, data, src = {}, t }: WrittenEntry): void => {
    const seq = lines.length;
    const line = encodeEntry({
      seq,
      t: t ?? new Date(STARTED + seq * 1000).toISOString(),
      mono: seq * 1_000_000,
      type,
      src: sourceText(src),
      data: canonicalJson(data),
      prev: hashes.at(-1)?.toString('hex') ?? NO_HASH,
    });
    lines.push(line);
    hashes.push(leafHash(line));
    range.push(hashes.at(-1)!);
    if (options.signedAt?.includes(lines.length)) sign();
  };
  add({ type: 'log.genesis', data: { format: FORMAT, origin, logId, vkey, software } });
  const opened = { pid: 1, previous: 'new', size: 1, root: range.root().toString('base64') };
  add({ type: 'log.open', data: opened });
  entries.forEach(add);
  if (closed) {
    const counts: Record<string, number> = {};
    for (const line of lines) {
      const { type } = JSON.parse(line.toString()) as { type: string };
      counts[type] = (counts[type] ?? 0) + 1;
    }
    add({ type: 'log.stats', data: { counts } });
    add({ type: 'log.close', data: { size: lines.length } });
  }
  if (!options.signedAt?.includes(lines.length)) sign();
  const files = new Map<string, Buffer>();
  for (let at = 0; at < lines.length; at += segment) {
    const part = lines.slice(at, at + segment).map((line) => `${line.toString()}\n`);
    files.set(segmentName(at), Buffer.from(part.join('')));
  }
  files.set(CHECKPOINT_FILE, Buffer.from(notes.at(-1)!));
  files.set(HISTORY_FILE, Buffer.from(notes.map(historyItem).join('')));
  return {
    origin,
    signer,
    vkey,
    lines,
    hashes,
    notes,
    files,
    put(folder) {
      mkdirSync(folder, { recursive: true });
      for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
      return folder;
    },
  };
}
