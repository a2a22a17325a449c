import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonValue } from './canonical';
import { parseCheckpoint } from './checkpoint';
import { parseEntry, type Entry } from './entry';
import { isOwnType } from './entry-type';
import { segmentStart } from './format';
import { parseNote } from './note';
import { inclusionProof, leafHash, subtreesOf } from './tree';
import type { Verification } from './verification';

/** Which entries are wanted. Without any of these, all are, the log's own too. */
export interface ExportFilter {
  /** `stream_*`: all that begin so */
  types?: readonly string[];
  /** ISO 8601 or ms, both included */
  from?: string | number;
  to?: string | number;
  /** only entries after this number */
  after?: number;
  /** this many at most */
  limit?: number;
  /** the log's own entries too, where there is a filter */
  own?: boolean;
}

export interface ExportOptions {
  filter?: ExportFilter;
  verification: Verification;
  /** with each entry, the proof that it is in the signed checkpoint; default false */
  proofs?: boolean;
  /** ms */
  now: number;
}

/** An entry as people and programs read it. */
export interface ExportedEntry {
  timestamp: string;
  event_type: string;
  /** what was recorded of the message, without its payload */
  params: JsonValue;
  /** its payload; null where it has none */
  result: JsonValue;
  prev_hash: string;
  hash: string;
  seq: number;
}

/** The same entry as evidence: SHA-256 over a zero byte and the UTF-8 bytes of `line` is `hash`. */
export interface ExportedLine {
  seq: number;
  timestamp: string;
  event_type: string;
  hash: string;
  line: string;
  /** hashes beside its way to the checkpoint's root, base64; null where the checkpoint does not reach it; only where asked for */
  proof?: string[] | null;
}

/** What is in an export beside the entries; snake_case, since these names were promised. */
export interface ExportHead {
  export_date: string;
  timestamp: string;
  origin: string | null;
  verified: boolean;
  valid: boolean;
  chain_valid: boolean;
  /** of the whole log */
  total_events: number;
  first_hash: string | null;
  last_hash: string | null;
  broken_at: number | null;
  /** entries of the whole log, and the root over them, base64 */
  size: number;
  root: string | null;
  signed_size: number;
  checkpoint: string | null;
  /** entries of each type in the whole log */
  counts: Record<string, number>;
  verification: Verification;
}

/** What was left out, and why. `counts` + `omitted.counts` of a type are all there are. */
export interface ExportTail {
  exported_events: number;
  omitted: { count: number; counts: Record<string, number>; filter: ExportFilter | null };
  /** lines that are no entries, of a log that was changed */
  unreadable: { seq: number; fault: string }[];
}

/** `chain` is for reading, `events` for checking: the same entries in the same order. */
export type WitnessExport = ExportHead & { chain: ExportedEntry[]; events: ExportedLine[] } & ExportTail;

/**
 * A log, or a part of it, with everything that somebody needs who wants to check it. Entries that came after the verification are left
 * out. For logs that do not fit into memory see `exportText`.
 * @throws the file system's errors
 */
export async function exportLog(folder: string, options: ExportOptions): Promise<WitnessExport> {
  const chain: ExportedEntry[] = [];
  const events: ExportedLine[] = [];
  const tail = newTail(options.filter);
  for await (const { entry, line } of entriesOf(folder, options, tail)) {
    chain.push(entry);
    events.push(line);
  }
  return { ...headOf(options), chain, events, ...tail };
}

function headOf({ verification, now }: ExportOptions): ExportHead {
  const { valid, total_events, first_hash, last_hash, broken_at, origin, root } = verification;
  const date = new Date(now).toISOString();
  return {
    export_date: date,
    timestamp: date,
    origin,
    verified: valid,
    valid,
    chain_valid: valid,
    total_events,
    first_hash,
    last_hash,
    broken_at,
    size: total_events,
    root,
    signed_size: verification.signed_size,
    checkpoint: verification.checkpoint,
    counts: { ...verification.counts },
    verification,
  };
}

function newTail(filter: ExportFilter | undefined): ExportTail {
  return { exported_events: 0, omitted: { count: 0, counts: {}, filter: filter ?? null }, unreadable: [] };
}

/** The entries that are wanted, and in `tail` what became of the others. */
async function* entriesOf(
  folder: string,
  { filter, verification, proofs = false }: ExportOptions,
  tail: ExportTail,
): AsyncGenerator<{ entry: ExportedEntry; line: ExportedLine }> {
  const wanted = matcher(filter);
  const prove = proofs ? await prover(folder, verification) : null;
  let seq = -1;
  for await (const bytes of linesOf(folder)) {
    if (++seq >= verification.total_events) break;
    const { entry, fault } = parseEntry(bytes);
    if (!entry) {
      tail.unreadable.push({ seq, fault: fault ?? '' });
      continue;
    }
    if (tail.exported_events >= (filter?.limit ?? Infinity) || !wanted(entry)) {
      tail.omitted.count++;
      tail.omitted.counts[entry.type] = (tail.omitted.counts[entry.type] ?? 0) + 1;
      continue;
    }
    tail.exported_events++;
    const hash = leafHash(bytes).toString('hex');
    yield {
      entry: exportedEntry(entry, hash),
      line: {
        seq: entry.seq,
        timestamp: entry.t,
        event_type: entry.type,
        hash,
        line: bytes.toString('utf8'),
        ...(prove && { proof: prove(seq) }),
      },
    };
  }
}

function exportedEntry({ t, type, data, prev, seq }: Entry, hash: string): ExportedEntry {
  const message = typeof data === 'object' && data !== null && !Array.isArray(data) ? data : null;
  // the log's own entries are no messages
  const { payload: result = null, ...params } = message && !isOwnType(type) ? message : {};
  return {
    timestamp: t,
    event_type: type,
    params: message && !isOwnType(type) ? params : data,
    result,
    prev_hash: prev,
    hash,
    seq,
  };
}

/** Whether an entry passes the filter. */
function matcher(filter: ExportFilter | undefined): (entry: Entry) => boolean {
  if (!filter) return () => true;
  const { types, after = -1, own = false } = filter;
  const [from, to] = [timeOf(filter.from, -Infinity), timeOf(filter.to, Infinity)];
  const exact = new Set(types?.filter((type) => !type.endsWith('*')));
  const starts = types?.filter((type) => type.endsWith('*')).map((type) => type.slice(0, -1)) ?? [];
  return ({ type, seq, t }) => {
    const at = Date.parse(t);
    if (seq <= after || at < from || at > to) return false;
    if (types?.length && !exact.has(type) && !starts.some((start) => type.startsWith(start))) return false;
    return own || exact.has(type) || !isOwnType(type);
  };
}

function timeOf(time: string | number | undefined, otherwise: number): number {
  if (time === undefined) return otherwise;
  return typeof time === 'number' ? time : Date.parse(time);
}

/** Proofs of inclusion in the signed checkpoint; null for entries behind it, and for all where there is none. */
async function prover(
  folder: string,
  { checkpoint }: Verification,
): Promise<(seq: number) => string[] | null> {
  const size = parseCheckpoint(parseNote(checkpoint ?? '')?.text ?? '')?.size ?? 0;
  const leaves: Buffer[] = [];
  for await (const line of linesOf(folder)) {
    if (leaves.length >= size) break;
    leaves.push(leafHash(line));
  }
  if (leaves.length < size) return () => null;
  const subtree = subtreesOf(leaves);
  return (seq) =>
    seq < size ? inclusionProof(seq, size, subtree).map((one) => one.toString('base64')) : null;
}

/** Every line of a folder, without its line break. */
async function* linesOf(folder: string): AsyncGenerator<Buffer> {
  const names = (await readdir(folder)).filter((name) => segmentStart(name) !== null).sort();
  for (const name of names) {
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of createReadStream(join(folder, name)) as AsyncIterable<Buffer>) {
      rest = rest.length ? Buffer.concat([rest, chunk]) : chunk;
      let from = 0;
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, from)) {
        yield rest.subarray(from, end);
        from = end + 1;
      }
      rest = rest.subarray(from);
    }
  }
}
