import { fail } from '../errors';
import type { JsonValue } from './canonical';
import { parseCheckpoint } from './checkpoint';
import { parseEntry, type Entry } from './entry';
import { addOne, isOwnType } from './entry-type';
import { parseNote } from './note';
import { checkFilter, type EntryFilter } from './query';
import { leavesOf, readLines } from './read';
import { inclusionProof, leafHash, subtreesOf } from './tree';
import type { VerifyReport } from './verify';

export interface ExportOptions {
  /** without one, all is exported, what the log says of itself too; with one, only what it wants */
  filter?: EntryFilter;
  verification: VerifyReport;
  /** with each entry, the proof that it is in the signed checkpoint; default false */
  proofs?: boolean;
  /** ms */
  now: number;
  /** of `exportLog`: bytes of JSON it may come to, about; default 20 MiB */
  mostBytes?: number;
}

/** A message is copied for each wire and shown in the editor; what is larger belongs into a file. */
const MOST_BYTES = 20 * 1024 * 1024;
/** What stands around an entry in both lists, in bytes, about. */
const AROUND_BYTES = 450;

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
  verification: VerifyReport;
}

/** What was left out, and why. `counts` + `omitted.counts` of a type are all there are. */
export interface ExportTail {
  exported_events: number;
  omitted: { count: number; counts: Record<string, number>; filter: EntryFilter | null };
  /**
   * of a part of a log: the newest entry in which the log itself counted its entries. Of the types that the filter asks for, as many as it
   * says have to be there before it; with its proof nobody can leave one out unnoticed. null: the whole log, or it has not counted yet
   */
  stats: ExportedLine | null;
  /** lines that are no entries, of a log that was changed */
  unreadable: { seq: number; fault: string }[];
}

/** `chain` is for reading, `events` for checking: the same entries in the same order. */
export type WitnessExport = ExportHead & { chain: ExportedEntry[]; events: ExportedLine[] } & ExportTail;

/**
 * A log, or a part of it, with everything that somebody needs who wants to check it. Entries that came after the verification are left
 * out. For what is too large for a message see `exportText`.
 * @throws LiveError WITNESS_NO_LOG, WITNESS_UNREADABLE, WITNESS_FILTER_INVALID; WITNESS_EXPORT_TOO_LARGE as soon as it is beyond `mostBytes`
 */
export async function exportLog(folder: string, options: ExportOptions): Promise<WitnessExport> {
  const chain: ExportedEntry[] = [];
  const events: ExportedLine[] = [];
  const tail = newTail(options.filter);
  const prove = await proverOf(folder, options);
  const { mostBytes = MOST_BYTES } = options;
  let bytes = 0;
  for await (const found of wantedOf(folder, options, tail, prove)) {
    const line = exportedLine(found, prove);
    // its data stand in both lists
    bytes += 2 * found.line.length + AROUND_BYTES + 47 * (line.proof?.length ?? 0);
    if (bytes > mostBytes) throw fail('WITNESS_EXPORT_TOO_LARGE', { most: Math.round(mostBytes / 2 ** 20) });
    chain.push(exportedEntry(found));
    events.push(line);
  }
  return { ...headOf(options), chain, events, ...tail };
}

/**
 * The same as JSON text, piece by piece: memory does not grow with the log, but for 32 bytes an entry where proofs are asked for. The log is read
 * twice.
 * @throws as `exportLog`, but for the size
 */
export async function* exportText(folder: string, options: ExportOptions): AsyncGenerator<string> {
  const prove = await proverOf(folder, options);
  yield `${JSON.stringify(headOf(options)).slice(0, -1)},\n"chain":[`;
  let separator = '\n';
  for await (const found of wantedOf(folder, options, newTail(options.filter), prove)) {
    yield separator + JSON.stringify(exportedEntry(found));
    separator = ',\n';
  }
  yield '],\n"events":[';
  separator = '\n';
  const tail = newTail(options.filter);
  for await (const found of wantedOf(folder, options, tail, prove)) {
    yield separator + JSON.stringify(exportedLine(found, prove));
    separator = ',\n';
  }
  yield `],\n${JSON.stringify(tail).slice(1)}\n`;
}

function headOf({ verification, now }: ExportOptions): ExportHead {
  const { valid, total_events, first_hash, last_hash, broken_at, origin, root } = verification;
  const { signed_size, checkpoint, counts } = verification;
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
    signed_size,
    checkpoint,
    counts: { ...counts },
    verification,
  };
}

function newTail(filter: EntryFilter | undefined): ExportTail {
  return {
    exported_events: 0,
    omitted: { count: 0, counts: {}, filter: filter ?? null },
    stats: null,
    unreadable: [],
  };
}

interface Found {
  entry: Entry;
  line: Buffer;
  hash: string;
}

/** The entries that are wanted; and in `tail` what became of the others. */
async function* wantedOf(
  folder: string,
  { filter, verification }: ExportOptions,
  tail: ExportTail,
  prove: Prove | null,
): AsyncGenerator<Found> {
  const { type, from, to, after, limit } = checkFilter(filter ?? { own: true });
  const { total_events, broken_at } = verification;
  for await (const { line, seq } of readLines(folder)) {
    // later ones were not verified; behind a break they are still evidence
    if (seq >= total_events && broken_at === null) break;
    const { entry, fault } = parseEntry(line);
    if (!entry) {
      tail.unreadable.push({ seq, fault: fault ?? '' });
      continue;
    }
    const found = { entry, line, hash: leafHash(line).toString('hex') };
    if (filter && entry.type === 'log.stats') tail.stats = exportedLine(found, prove);
    const t = Date.parse(entry.t);
    const wanted = seq > after && t >= from && t <= to && type(entry.type);
    if (wanted && tail.exported_events < limit) {
      tail.exported_events++;
      yield found;
      continue;
    }
    tail.omitted.count++;
    addOne(tail.omitted.counts, entry.type);
  }
}

/** An entry as exports show it, with its hash in hexadecimal. */
export function exportedEntry({ entry, hash }: Pick<Found, 'entry' | 'hash'>): ExportedEntry {
  const { t, type, data, prev, seq } = entry;
  const isMessage = typeof data === 'object' && data !== null && !Array.isArray(data) && !isOwnType(type);
  const { payload: result = null, ...params } = isMessage ? data : {};
  return {
    timestamp: t,
    event_type: type,
    params: isMessage ? params : data,
    result,
    prev_hash: prev,
    hash,
    seq,
  };
}

function exportedLine({ entry, line, hash }: Found, prove: Prove | null): ExportedLine {
  const { seq, t, type } = entry;
  return {
    seq,
    timestamp: t,
    event_type: type,
    hash,
    line: line.toString('utf8'),
    ...(prove && { proof: prove(seq) }),
  };
}

type Prove = (seq: number) => string[] | null;

/** Proofs of inclusion in the signed checkpoint: null for entries behind it, and for all where there is none. */
async function proverOf(
  folder: string,
  { proofs = false, verification }: ExportOptions,
): Promise<Prove | null> {
  if (!proofs) return null;
  const { checkpoint, total_events } = verification;
  const size = parseCheckpoint(parseNote(checkpoint ?? '')?.text ?? '')?.size ?? 0;
  if (size > total_events) return () => null;
  const subtree = subtreesOf(await leavesOf(folder, size));
  return (seq) =>
    seq < size ? inclusionProof(seq, size, subtree).map((hash) => hash.toString('base64')) : null;
}
