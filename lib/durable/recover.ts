import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { LiveError, fail } from '../errors';
import { type Files, type OpenFile, codeOf, nodeFiles, readAll, reasonOf, writeAll } from './files';
import { replaceFile } from './replace';

const CHUNK_BYTES = 1024 * 1024;
/** No line of ours comes near this; what goes on without an end is not held in memory. */
const LONGEST_LINE = 16 * 1024 * 1024;
const NEWLINE = 0x0a;

export interface RecoverOptions {
  files?: Files;
  /** where to begin, bytes: everything before is known to be whole; default 0 */
  from?: number;
  /** whether a line (without its newline) is one of ours; asked in the order of the file; default: every line is */
  isWhole?: (line: Buffer) => boolean;
  /**
   * Write the whole lines from here on once more before they are trusted, bytes. After a failed sync the system may show bytes that it
   * will never bring to the disk; give `durableSize` of the file that failed, or 0 where nobody knows.
   */
  rewriteFrom?: number;
}

export interface Recovered {
  /** bytes of the file now, all of them whole lines and on the disk */
  size: number;
  /** whole lines from `from` on */
  lines: number;
  /** what was behind them and was moved aside, or null */
  quarantined: { bytes: number; sha256: string; file: string } | null;
}

/**
 * Bring a file of lines back to its last whole line after a crash: what is behind it is moved to `quarantine-<name>-<offset>-<hash>.bin`
 * beside the file, and cut off only when it is safe there. What remains is on the disk when this resolves, also the lines that a killed writer
 * had not synced. Doing it twice changes nothing, and it may be killed anywhere: the next call finishes.
 * A file that is not there has no lines. Only for the one who holds the folder's lock.
 * @throws LiveError DURABLE_RECOVERY_FAILED: a failing disk, or a file shorter than `from`
 */
export async function recoverTail(path: string, options: RecoverOptions = {}): Promise<Recovered> {
  const { files = nodeFiles, from = 0, isWhole = () => true, rewriteFrom } = options;
  try {
    const file = await openExisting(path, from, files);
    if (!file) return { size: 0, lines: 0, quarantined: null };
    try {
      const { size } = await file.stat();
      if (size < from)
        throw fail('DURABLE_RECOVERY_FAILED', {
          path,
          reason: `it has ${size} bytes where at least ${from} were written`,
        });
      const found = await wholeLines(file, from, size, isWhole);
      if (rewriteFrom !== undefined) await rewrite(file, rewriteFrom, found.end);
      let quarantined: Recovered['quarantined'] = null;
      if (found.end < size) {
        quarantined = await quarantine(path, file, found.end, size, files);
        await file.truncate(found.end);
      }
      await file.sync();
      return { size: found.end, lines: found.lines, quarantined };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof LiveError) throw error;
    throw fail('DURABLE_RECOVERY_FAILED', { path, reason: reasonOf(error) }, error);
  }
}

async function openExisting(path: string, from: number, files: Files): Promise<OpenFile | null> {
  try {
    return await files.open(path, 'change');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && from === 0) return null;
    throw error;
  }
}

/** The bytes of a file from `start` to `end`, in handy pieces. */
async function* pieces(file: OpenFile, start: number, end: number): AsyncGenerator<Buffer> {
  for (let at = start; at < end;) {
    const piece = await readAll(file, at, Math.min(CHUNK_BYTES, end - at));
    if (piece.length === 0) throw Object.assign(new Error('the file ends early'), { code: 'EIO' });
    yield piece;
    at += piece.length;
  }
}

/** How far the lines are whole, in bytes and lines. */
async function wholeLines(
  file: OpenFile,
  from: number,
  size: number,
  isWhole: (line: Buffer) => boolean,
): Promise<{ end: number; lines: number }> {
  let end = from;
  let lines = 0;
  let begun: Buffer[] = [];
  let begunBytes = 0;
  for await (const piece of pieces(file, from, size)) {
    let at = 0;
    for (let next = piece.indexOf(NEWLINE); next >= 0; next = piece.indexOf(NEWLINE, at)) {
      const rest = piece.subarray(at, next);
      const line = begunBytes ? Buffer.concat([...begun, rest]) : rest;
      if (!isWhole(line)) return { end, lines };
      end += line.length + 1;
      lines += 1;
      at = next + 1;
      begun = [];
      begunBytes = 0;
    }
    begun.push(piece.subarray(at));
    begunBytes += piece.length - at;
    if (begunBytes > LONGEST_LINE) break;
  }
  return { end, lines };
}

async function rewrite(file: OpenFile, from: number, end: number): Promise<void> {
  let at = from;
  for await (const piece of pieces(file, from, end)) {
    await writeAll(file, piece, at);
    at += piece.length;
  }
}

/** A copy of the torn bytes on the disk. Its name says what is in it: a second try finds the first one's copy and puts the same there. */
async function quarantine(
  path: string,
  file: OpenFile,
  from: number,
  size: number,
  files: Files,
): Promise<{ bytes: number; sha256: string; file: string }> {
  const hash = createHash('sha256');
  for await (const piece of pieces(file, from, size)) hash.update(piece);
  const sha256 = hash.digest('hex');
  const name = `quarantine-${basename(path)}-${from}-${sha256.slice(0, 12)}.bin`;
  const copy = join(dirname(path), name);
  await replaceFile(copy, pieces(file, from, size), { files });
  return { bytes: size - from, sha256, file: copy };
}
