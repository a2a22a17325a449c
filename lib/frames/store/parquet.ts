/** Closed hours as Parquet: a cache that is made of their lines. What it answers is what the lines would. */
import { rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { nameBeside } from '../../durable/replace';
import type { Duck } from './duckdb';
import type { HourContent } from './hour';
import { HOUR_MS, PARQUET, frameId, hourFolder } from './layout';
import type { Wanted } from './query';
import type { FrameBucket, KeptFrame } from './types';

/** Columns in their order, as DuckDB has them. `dhash` is a number, to compare its bits. */
const COLUMNS = {
  stream: 'VARCHAR',
  at: 'BIGINT',
  seq: 'BIGINT',
  until: 'BIGINT',
  samples: 'BIGINT',
  why: 'VARCHAR',
  changedPercent: 'DOUBLE',
  mediaMs: 'DOUBLE',
  connectionId: 'VARCHAR',
  width: 'BIGINT',
  height: 'BIGINT',
  videoWidth: 'BIGINT',
  videoHeight: 'BIGINT',
  bytes: 'BIGINT',
  sha256: 'VARCHAR',
  dhash: 'VARCHAR',
} as const;
const NAMES = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];
/** A list that is the same for any order: by time, stream and number, as `byTime`. */
const ORDER = {
  oldest: '"at", stream, seq',
  newest: '"at" DESC, stream DESC, seq DESC',
} as const;

/** What `isChange` asks for. */
const CHANGE = "why NOT IN ('keep-alive', 'asked')";

/** A text in SQL. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Whether DuckDB takes a path as it is: in others it sees patterns. */
export function isPlainPath(path: string): boolean {
  return !/[*?[\]{}\0]/.test(path);
}

/**
 * Write the pictures of an hour as Parquet into its folder.
 * @returns its bytes
 * @throws what DuckDB or the file system says
 */
export async function writeParquet(duck: Duck, content: HourContent, folder: string): Promise<number> {
  const beside = nameBeside(folder);
  // names by which they are known as left behind, where the process is killed meanwhile
  const rows = nameBeside(folder);
  const columns = NAMES.map((name) => `${quoted(name)}: ${quoted(COLUMNS[name])}`).join(', ');
  try {
    const lines = content.frames.map((frame) =>
      JSON.stringify(Object.fromEntries(NAMES.map((name) => [name, frame[name]]))),
    );
    await writeFile(rows, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
    await duck.rows(
      `COPY (SELECT * REPLACE (('0x' || dhash)::UBIGINT AS dhash) FROM read_json(${quoted(rows)}, format = 'newline_delimited', columns = {${columns}})) ` +
        `TO ${quoted(beside)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    const { size } = await stat(beside);
    await rename(beside, join(folder, PARQUET));
    return size;
  } finally {
    await unlink(rows).catch(() => undefined);
    await unlink(beside).catch(() => undefined);
  }
}

/** The same where there is DuckDB; what fails is a cache less, and told. @returns its bytes; null without one */
export async function writeCache(
  duck: Duck | null,
  content: HourContent,
  folder: string,
  warn: (error: unknown) => void,
): Promise<number | null> {
  if (!duck || content.frames.length === 0 || !isPlainPath(folder)) return null;
  try {
    return await writeParquet(duck, content, folder);
  } catch (error) {
    warn(error);
    return null;
  }
}

/** The files of hours that have one, as a table for SQL. */
function table(root: string, hours: readonly (readonly [stream: string, hour: number])[]): string {
  const paths = hours.map(([stream, hour]) => quoted(join(hourFolder(root, stream, hour), PARQUET)));
  return `read_parquet([${paths.join(', ')}])`;
}

/** What `fits` asks for, as a condition. All that goes in are numbers and checked names. */
function condition({ stream, from, to, changedOnly, similar }: Wanted): string {
  const parts = ['true'];
  if (stream !== null) parts.push(`stream = ${quoted(stream)}`);
  if (from !== null) parts.push(`"at" >= ${from}`);
  if (to !== null) parts.push(`"at" < ${to}`);
  if (changedOnly) parts.push(CHANGE);
  if (similar)
    parts.push(`bit_count(xor(dhash, ${BigInt(`0x${similar.dhash}`)}::UBIGINT)) <= ${similar.mostBits}`);
  return parts.join(' AND ');
}

/** What `isAfter` asks for. */
function behind({ after, order }: Wanted): string {
  if (!after) return 'true';
  const sign = order === 'oldest' ? '>' : '<';
  return `("at", stream, seq) ${sign} (${after.at}, ${quoted(after.stream)}, ${after.seq})`;
}

/**
 * Pictures of hours that have Parquet, in order, one more than `limit` where there are more. Where a piece of time may go on in the
 * next hour, all first ones, whatever the cursor and limit: that hour may be answered by its lines.
 * @throws what DuckDB says
 */
export async function findInParquet(
  duck: Duck,
  root: string,
  hours: readonly (readonly [string, number])[],
  wanted: Wanted,
): Promise<KeptFrame[]> {
  const { everyMs, order, limit } = wanted;
  const from = table(root, hours);
  const end = `${behind(wanted)} ORDER BY ${ORDER[order]} LIMIT ${limit + 1}`;
  const sql = everyMs
    ? firstsOf(from, condition(wanted), `"at" // ${everyMs}`, '') +
      ` SELECT * FROM firsts${staysInHour(everyMs) ? ` WHERE ${end}` : ''}`
    : `SELECT * FROM ${from} WHERE ${condition(wanted)} AND ${end}`;
  return (await duck.rows(sql)).map((row) => frameIn(row));
}

/** Whether a piece of time never goes on in the next hour. */
export function staysInHour(everyMs: number): boolean {
  return HOUR_MS % everyMs === 0;
}

/**
 * A table `firsts`: the first picture of each piece of time, of each stream. Looked for by its time alone and then fetched: whole rows
 * are wide, and most of them are not wanted.
 */
function firstsOf(from: string, where: string, part: string, more: string): string {
  return (
    `WITH parts AS (SELECT stream AS s, ${part} AS part, min("at") AS a${more} FROM ${from} WHERE ${where} GROUP BY ALL), ` +
    `firsts AS (SELECT f.*, parts.* EXCLUDE (s, a) FROM ${from} AS f JOIN parts ON f.stream = s AND f."at" = a ` +
    `WHERE ${where} QUALIFY row_number() OVER (PARTITION BY s, part ORDER BY f.seq) = 1)`
  );
}

/** Counts of hours that have Parquet, by stream and piece of time from `from` on; not more than `most` of them. @throws what DuckDB says */
export async function bucketsInParquet(
  duck: Duck,
  root: string,
  hours: readonly (readonly [string, number])[],
  { from, to, everyMs }: { from: number; to: number; everyMs: number },
  most: number,
): Promise<FrameBucket[]> {
  const sums = `, count(*)::BIGINT AS frames, count(*) FILTER (${CHANGE})::BIGINT AS changed, sum(bytes)::BIGINT AS total`;
  const where = `"at" >= ${from} AND "at" < ${to}`;
  const rows = await duck.rows(
    `${firstsOf(table(root, hours), where, `("at" - ${from}) // ${everyMs}`, sums)} SELECT * FROM firsts LIMIT ${most}`,
  );
  return rows.map((row) => {
    const first = frameIn(row);
    return {
      stream: first.stream,
      at: from + Number(row.part) * everyMs,
      frames: Number(row.frames),
      changed: Number(row.changed),
      bytes: Number(row.total),
      first,
    };
  });
}

/** A row as the line it was made of. */
function frameIn(row: Record<string, unknown>): KeptFrame {
  const text = (name: string): string => row[name] as string;
  const number = (name: string): number => Number(row[name]);
  const [stream, at, seq] = [text('stream'), number('at'), number('seq')];
  return {
    id: frameId({ stream, at, seq }),
    stream,
    at,
    until: number('until'),
    samples: number('samples'),
    mediaMs: number('mediaMs'),
    connectionId: text('connectionId'),
    seq,
    why: text('why') as KeptFrame['why'],
    changedPercent: row.changedPercent === null ? null : number('changedPercent'),
    width: number('width'),
    height: number('height'),
    videoWidth: number('videoWidth'),
    videoHeight: number('videoHeight'),
    bytes: number('bytes'),
    sha256: text('sha256'),
    dhash: BigInt(row.dhash as bigint)
      .toString(16)
      .padStart(16, '0'),
  };
}
