/** Every line and every picture of a stream against its hash. */
import { hash } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { codeOf, reasonOf } from '../../durable/files';
import { LiveError } from '../../errors';
import { type Head, type Run, joined } from './chain';
import { INDEX, hourName } from './layout';
import { NO_HASH, readLine } from './line';
import { LARGEST, readPlain, unreadable } from './hour-file';
import { readPicture } from './pictures';
import type { StreamFiles } from './stream';
import type { KeptFrame, VerifyAnswer } from './types';

type Fault = VerifyAnswer['faults'][number];

/** So many faults are named. */
const MOST_FAULTS = 1000;
/** Pictures that are read at once. */
const AT_ONCE = 4;

/** Lines of a file that stand one behind the other; where its ends are, for a fault. */
interface Piece extends Run {
  /** null: what stands there cannot be read */
  firstAt: number | null;
  lastAt: number | null;
  last: string;
}

interface HourLines {
  pieces: Piece[];
  frames: KeptFrame[];
  lines: number;
  faults: Fault[];
}

/** Lines after which others in this process have their turn. */
const LINES_IN_TURN = 500;

/** Call `each` for every whole line, its number from 1 and its hash; a torn one at the end is none. */
async function eachLine(
  bytes: Buffer,
  each: (text: string, number: number, sha256: string) => void,
): Promise<void> {
  for (let at = 0, number = 1; at < bytes.length; number++) {
    const end = bytes.indexOf(0x0a, at);
    if (end < 0) return;
    const line = bytes.subarray(at, end);
    each(line.toString('utf8'), number, hash('sha256', line, 'hex'));
    at = end + 1;
    if (number % LINES_IN_TURN === 0) await nextTurn();
  }
}

/** The chain within one hour's file, and its pictures' lines. */
async function linesIn(bytes: Buffer, stream: string, hour: number): Promise<HourLines> {
  const found: HourLines = { pieces: [], frames: [], lines: 0, faults: [] };
  let previous: { n: number; hash: string | null } | null = null;
  let highest = -1;
  await eachLine(bytes, (text, number, sha256) => {
    found.lines++;
    const where = `${stream}/${hourName(hour)} line ${number}`;
    const line = readLine(text, stream, hour);
    if (typeof line === 'string') {
      found.faults.push({ at: null, what: 'line', where, reason: line });
      // the next line can only say that it comes behind this one
      const piece = found.pieces.at(-1);
      if (previous && piece) {
        previous = { n: previous.n + 1, hash: null };
        Object.assign(piece, { to: previous.n, hash: '', last: where });
      }
      return;
    }
    const { n, prev } = line;
    const at = line.kind === 'frame' ? line.frame.at : line.at;
    if (line.kind === 'frame') found.frames.push(line.frame);
    if (n <= highest)
      found.faults.push({
        at,
        what: 'line',
        where,
        reason: 'it stands behind lines that were written later',
      });
    highest = Math.max(highest, n);
    const piece = found.pieces.at(-1);
    if (piece && previous && n === previous.n + 1) {
      if (previous.hash !== null && prev !== previous.hash)
        found.faults.push({
          at: piece.lastAt,
          what: 'line',
          where: piece.last,
          reason: 'it is not the line that the next one was written behind',
        });
      Object.assign(piece, { to: n, hash: sha256, lastAt: at, last: where });
    } else found.pieces.push({ from: n, to: n, prev, hash: sha256, firstAt: at, lastAt: at, last: where });
    previous = { n, hash: sha256 };
  });
  return found;
}

/** The chain over all hours: what is missing between pieces, and ends that are not what the next piece names. */
function chainFaults(pieces: Piece[], removed: readonly Run[], head: Head | null, stream: string): Fault[] {
  const faults: Fault[] = [];
  const all: { run: Run; piece: Piece | null }[] = [
    ...pieces.map((piece) => ({ run: piece, piece })),
    ...joined(removed).map((run) => ({ run, piece: null })),
  ].sort((a, b) => a.run.from - b.run.from || a.run.to - b.run.to);
  let next = 0;
  let before: { hash: string; piece: Piece | null } = { hash: NO_HASH, piece: null };
  const missing = (from: number, to: number, at: number | null): void => {
    const where = from === to ? `${stream} line number ${from}` : `${stream} line numbers ${from} to ${to}`;
    const many = from === to ? 'this line is' : `these ${to - from + 1} lines are`;
    faults.push({
      at,
      what: 'missing line',
      where,
      reason: `${many} missing, and retention removed none of them`,
    });
  };
  const changed = ({ hash: known, piece }: typeof before, said: string): void => {
    if (known === '' || known === said) return;
    const where = piece?.last ?? stream;
    const reason = 'it is not the line that the next one was written behind';
    faults.push({ at: piece?.lastAt ?? null, what: 'line', where, reason });
  };
  for (const { run, piece } of all) {
    // retention was killed before it had removed what it noted down, or a line stands twice (told where it stands)
    if (run.to < next) continue;
    if (run.from > next) missing(next, run.from - 1, piece?.firstAt ?? null);
    else if (run.from === next) changed(before, run.prev);
    next = run.to + 1;
    before = { hash: run.hash, piece };
  }
  if (head && head.n >= next) missing(next, head.n, null);
  else if (head && head.n === next - 1) changed(before, head.hash);
  return faults;
}

async function pictureFault(files: StreamFiles, frame: KeptFrame, hour: number): Promise<Fault | null> {
  try {
    await readPicture(files.root, frame, hour);
    return null;
  } catch (error) {
    const { id: where, at } = frame;
    const code = error instanceof LiveError ? error.code : '';
    if (code === 'FRAMES_UNKNOWN')
      return { at, what: 'missing picture', where, reason: 'its file is not there' };
    const reason = code === 'FRAMES_CHANGED' ? 'its hash is another one' : reasonOf(error);
    return { at, what: 'picture', where, reason };
  }
}

/** Check a stream while it may be written and cleaned up: what comes meanwhile is not looked at. @throws nothing of the disk: those are faults */
export async function verifyStream(files: StreamFiles): Promise<VerifyAnswer> {
  const { hours, growing, head } = await files.snapshot();
  const { stream } = files;
  const faults: Fault[] = [];
  const pieces: Piece[] = [];
  let lines = 0;
  let pictures = 0;
  let lastHash: Head | null = null;
  for (const hour of hours) {
    let bytes: Buffer;
    try {
      bytes = await readPlain(join(files.folder(hour), INDEX), LARGEST);
    } catch (error) {
      const where = `${stream}/${hourName(hour)}`;
      const what = codeOf(error) === 'ENOENT' ? 'missing line' : 'line';
      if (files.hours.has(hour)) faults.push({ at: hour, what, where, reason: unreadable(error) });
      continue;
    }
    if (growing?.hour === hour) bytes = bytes.subarray(0, growing.size);
    const found = await linesIn(bytes, stream, hour);
    const here = [...found.faults];
    for (let at = 0; at < found.frames.length && here.length < MOST_FAULTS; at += AT_ONCE) {
      const some = found.frames.slice(at, at + AT_ONCE);
      const checked = await Promise.all(some.map((frame) => pictureFault(files, frame, hour)));
      here.push(...checked.filter((fault) => fault !== null));
    }
    // retention removed it meanwhile
    if (!files.hours.has(hour)) continue;
    faults.push(...here);
    pieces.push(...found.pieces);
    lines += found.lines;
    pictures += found.frames.length;
    for (const { to, hash: sha256 } of found.pieces)
      if (!lastHash || to > lastHash.n) lastHash = { n: to, hash: sha256 };
  }
  faults.push(...chainFaults(pieces, files.removed, head, stream));
  return { stream, lines, pictures, head: lastHash?.hash || null, faults: faults.slice(0, MOST_FAULTS) };
}

/** Of what nothing is kept. */
export function nothingToVerify(stream: string): VerifyAnswer {
  return { stream, lines: 0, pictures: 0, head: null, faults: [] };
}
