/** What is found in a store's folder when it is opened, and brought back to a whole state after a kill. */
import { lstat, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { now } from '../../connection/clock';
import { pause } from '../../connection/deadline';
import { type Files, codeOf } from '../../durable/files';
import { type FolderLock, lockFolder } from '../../durable/lock';
import { nameBeside, removeLeftovers } from '../../durable/replace';
import { recoverTail } from '../../durable/recover';
import { LiveError } from '../../errors';
import { isStreamName } from '../../keys/names';
import { type ChainNote, type Head, endsOf, newest } from './chain';
import { type HourContent, emptyHour } from './hour';
import { loadHour } from './hour-file';
import { GONE, INDEX, LOCK, SUMMARY, hourFolder, hourIn, pictureIn } from './layout';
import { smallBytesIn } from './pictures';
import { readChain, readSummary } from './summary';

/** The store of before a deploy closes within this, ms. */
const CLOSES_WITHIN_MS = 1_500;
const LOOK_AGAIN_MS = 50;

/**
 * The lock of a store's folder. One that is taken is waited for a moment: the store of before a deploy may still be closing.
 * @throws LiveError DURABLE_LOCKED, or the file system's error
 */
export async function lockStore(folder: string): Promise<FolderLock> {
  const until = now() + CLOSES_WITHIN_MS;
  for (;;) {
    try {
      return await lockFolder(folder, LOCK);
    } catch (error) {
      if (!(error instanceof LiveError) || error.code !== 'DURABLE_LOCKED' || now() > until) throw error;
    }
    await pause(LOOK_AGAIN_MS);
  }
}

/** The names of the real folders in a folder: what is a link leads elsewhere. None where it is missing. */
async function foldersIn(path: string): Promise<string[]> {
  try {
    const found = await readdir(path, { withFileTypes: true });
    return found.filter((one) => one.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** The streams that have a folder. @throws the file system's error */
export async function streamsIn(root: string): Promise<string[]> {
  return (await foldersIn(root)).filter(isStreamName).sort();
}

/** The hours of a stream that have a folder, oldest first. @throws the file system's error */
export async function hoursIn(root: string, stream: string): Promise<number[]> {
  const hours: number[] = [];
  for (const day of await foldersIn(join(root, stream)))
    for (const name of await foldersIn(join(root, stream, day))) {
      const hour = hourIn(day, name);
      if (hour !== null) hours.push(hour);
    }
  return hours.sort((a, b) => a - b);
}

/** What a stream is opened with. */
export interface OpenedStream {
  hours: number[];
  chain: ChainNote | null;
  head: Head | null;
  /** the newest hour's lines, its hashes worked out; null without an hour */
  newest: HourContent | null;
  /** hours that nobody closed, without the newest one */
  unclosed: number[];
}

/**
 * Open a stream: of the hours that were closed only the newest is read, of the others all, and their torn ends are brought back. Only for the one who
 * holds the store's lock.
 * @throws the file system's error, LiveError DURABLE_RECOVERY_FAILED
 */
export async function openStream(root: string, stream: string, files: Files): Promise<OpenedStream> {
  const folder = join(root, stream);
  await finishVanishing(folder);
  await removeLeftovers(folder, files);
  const hours: number[] = [];
  for (const hour of await hoursIn(root, stream)) if (!(await isEmpty(root, stream, hour))) hours.push(hour);
  const chain = await readChain(folder);
  const heads: (Head | null)[] = [chain?.head ?? null];
  let last: HourContent | null = null;
  const unclosed: number[] = [];
  for (const hour of hours) {
    const isNewest = hour === hours.at(-1);
    const closed = await isThere(join(hourFolder(root, stream, hour), SUMMARY));
    if (closed && !isNewest && chain) continue;
    const content = await endOf(root, stream, hour, closed, isNewest || !closed, files);
    heads.push(...content.heads);
    if (isNewest) {
      last = content.content;
      if (last) last.small = await smallBytesIn(hourFolder(root, stream, hour));
    } else if (!closed) unclosed.push(hour);
  }
  return { hours, chain, head: newest(heads), newest: last, unclosed };
}

/** Remove the folder of an hour that its writer was killed in before anything was in it. */
async function isEmpty(root: string, stream: string, hour: number): Promise<boolean> {
  return await rmdir(hourFolder(root, stream, hour)).then(
    () => true,
    () => false,
  );
}

/** The newest lines of one hour: of its summary where that is enough. */
async function endOf(
  root: string,
  stream: string,
  hour: number,
  closed: boolean,
  whole: boolean,
  files: Files,
): Promise<{ heads: Head[]; content: HourContent | null }> {
  if (!whole) {
    const summary = await readSummary(hourFolder(root, stream, hour));
    if (summary) return { heads: endsOf(summary.runs), content: null };
  }
  const content = closed
    ? await loadHour(root, stream, hour, true).catch(() => emptyHour(stream, hour))
    : await recoverHour(root, stream, hour, files);
  return { heads: endsOf(content.runs), content };
}

async function isThere(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Bring the index of an hour back to its last whole line and remove the pictures that no line tells of: their writer was killed before he acknowledged them.
 * Where lines are missing or bad, nothing is removed: that was no crash.
 * @param rewriteFrom see `recoverTail`
 * @throws the file system's error, LiveError DURABLE_RECOVERY_FAILED
 */
export async function recoverHour(
  root: string,
  stream: string,
  hour: number,
  files: Files,
  rewriteFrom?: number,
): Promise<HourContent> {
  const folder = hourFolder(root, stream, hour);
  await removeLeftovers(folder, files);
  const index = join(folder, INDEX);
  const plain = await lstat(index).catch(() => null);
  // a link is not followed, not even to mend what is behind it
  if (plain && !plain.isFile()) return emptyHour(stream, hour);
  await recoverTail(index, { files, ...(rewriteFrom === undefined ? {} : { rewriteFrom }) });
  const content = plain ? await loadHour(root, stream, hour, true) : emptyHour(stream, hour);
  if (!plain || content.badLines > 0 || content.runs.length > 1) return content;
  const known = new Set(content.frames.map(({ at, seq }) => `${at}-${seq}`));
  for (const name of await readdir(folder)) {
    const picture = pictureIn(name);
    if (picture && !known.has(`${picture.at}-${picture.seq}`)) await files.unlink(join(folder, name));
  }
  return content;
}

/** Remove a folder with all that is in it: gone at once for whoever looks, and for good also when the process is killed meanwhile. @throws the file system's error */
export async function vanish(path: string, parent: string, files: Files): Promise<void> {
  const gone = join(parent, `${GONE}${basename(nameBeside('')).slice(1, -4)}`);
  try {
    await rename(path, gone);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  await rm(gone, { recursive: true, force: true, maxRetries: 3 });
  await files.syncFolder(parent);
}

/** Remove what a killed process was just removing. @throws the file system's error */
export async function finishVanishing(folder: string): Promise<void> {
  for (const name of await foldersIn(folder))
    if (name.startsWith(GONE)) await rm(join(folder, name), { recursive: true, force: true });
}
