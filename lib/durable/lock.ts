import { createHash } from 'node:crypto';
import { link, rename, stat, unlink, utimes } from 'node:fs/promises';
import { type Server, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LiveError, fail } from '../errors';
import { codeOf, reasonOf } from './files';
import { type Holder, mayDie, mayLive, readHolder, thisProcess } from './lock-holder';
import { nameBeside, replaceFile } from './replace';

/** How often and how long apart (ms) one looks again while another is just coming, going, or was killed: half a second. */
const LOOKS = 20;
const BETWEEN_LOOKS_MS = 25;
/** A lock file without a readable content that is older than this (ms) is what a power cut left. */
const TORN_AFTER_MS = 10_000;

/** How a lock shows that its holder lives, for computers that can see nothing of it but the file. */
export interface LockTimes {
  /** the holder gives its file the time of now so often, ms */
  beatMs: number;
  /** a file that did not move for so long, while it was watched, is of a dead holder, ms */
  deadMs: number;
  /** ms that only rise */
  now: () => number;
}

const TIMES: LockTimes = { beatMs: 10_000, deadMs: 60_000, now: () => performance.now() };

export interface FolderLock {
  /** Let others in. Never rejects; twice is once. */
  release(): Promise<void>;
}

/** What was seen of a lock of another computer, over several tries. */
interface Watched {
  id: string;
  mtimeNs: bigint;
  /** when it was looked at last, and for how long it has not moved by then, ms */
  seenAt: number;
  stillMs: number;
}

/** Folders that this process holds: device and number on it. */
const held = new Set<string>();
/** The same folders where another computer holds them. */
const watched = new Map<string, Watched>();

/**
 * Reserve a folder for one writer, in this process and beside it. The kernel's own lock (Linux: an abstract socket, Windows: a named pipe) decides between
 * processes of one machine and is free the moment its holder dies; the file `lock` in the folder says who it is, and decides
 * where the kernel's lock does not reach: in containers, on network drives and on other systems.
 *
 * A lock file is taken over when its process is dead, of another start of the machine, or of a container that is gone. Of one of another
 * computer, or of a container that was made anew under another name, nothing can be known but whether its file still moves: it is taken over by
 * the try that has seen it stand still for a minute, together with the tries before.
 * @param name of the lock file
 * @throws LiveError DURABLE_LOCKED naming process and computer; DURABLE_LOCK_FAILED, for example where the folder is missing
 */
export async function lockFolder(
  folder: string,
  name = 'lock',
  times: LockTimes = TIMES,
): Promise<FolderLock> {
  const file = join(folder, name);
  let key: string | null = null;
  let kernel: Server | null = null;
  try {
    const { dev, ino } = await stat(folder, { bigint: true });
    const wanted = `${dev}:${ino}:${name}`;
    const here = await thisProcess();
    if (held.has(wanted)) throw lockedBy(here, here, file);
    held.add((key = wanted));
    kernel = await kernelLock(wanted, here, file);
    const mine = { ...here, kernel: kernel !== null };
    await takeFile(file, mine, wanted, times);
    watched.delete(wanted);
    return releaseOnce(file, mine, wanted, kernel, keepMoving(file, mine, times.beatMs));
  } catch (error) {
    await closeServer(kernel);
    if (key) held.delete(key);
    if (error instanceof LiveError) throw error;
    throw fail('DURABLE_LOCK_FAILED', { path: folder, reason: reasonOf(error) }, error);
  }
}

function releaseOnce(
  file: string,
  mine: Holder,
  key: string,
  kernel: Server | null,
  beating: NodeJS.Timeout,
): FolderLock {
  const release = async (): Promise<void> => {
    clearInterval(beating);
    // first the file, while the kernel still keeps others out
    if ((await readHolder(file))?.id === mine.id) await unlink(file).catch(() => undefined);
    await closeServer(kernel);
    held.delete(key);
  };
  let released: Promise<void> | null = null;
  return { release: () => (released ??= release()) };
}

/** Show to other computers that we live. */
function keepMoving(file: string, mine: Holder, ms: number): NodeJS.Timeout {
  let running = false;
  const beat = async (): Promise<void> => {
    // a disk that hangs gets no second call
    if (running) return;
    running = true;
    try {
      const now = new Date();
      if ((await readHolder(file))?.id === mine.id) await utimes(file, now, now);
    } catch {
      // gone, or not to be written for a while: the next one tries again
    } finally {
      running = false;
    }
  };
  // a lock keeps no process alive
  return setInterval(() => void beat(), ms).unref();
}

/**
 * The lock that the kernel takes back itself; null where this system has none, or forbids it (some sandboxes).
 * @throws DURABLE_LOCKED
 */
async function kernelLock(key: string, here: Holder, file: string): Promise<Server | null> {
  const id = `live-production-${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;
  const address =
    process.platform === 'linux' ? `\0${id}` : process.platform === 'win32' ? `\\\\.\\pipe\\${id}` : null;
  if (!address) return null;
  for (let look = 1; ; look++) {
    const server = await listen(address);
    if (server !== 'taken') return server;
    // the file may be that of a dead holder still, or missing while its holder is coming or going
    const holder = await readHolder(file);
    if ((holder && mayLive(holder, here)) || look === LOOKS) throw lockedBy(holder, here, file);
    await sleep(BETWEEN_LOOKS_MS);
  }
}

function listen(address: string): Promise<Server | 'taken' | null> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error) => resolve(codeOf(error) === 'EADDRINUSE' ? 'taken' : null));
    server.listen({ path: address, exclusive: true }, () => resolve(server));
    // a lock keeps no process alive
    server.unref();
  });
}

function closeServer(server: Server | null): Promise<void> {
  return new Promise((resolve) => (server ? server.close(() => resolve()) : resolve()));
}

/** Put our name into the lock file, or throw DURABLE_LOCKED with the name that is there. */
async function takeFile(file: string, mine: Holder, key: string, times: LockTimes): Promise<void> {
  for (let look = 1; ; look++) {
    try {
      await replaceFile(file, `${JSON.stringify(mine)}\n`, { overwrite: false });
      return;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const holder = await readHolder(file);
    const still = holder && holder.host !== mine.host ? await stoodStill(file, holder, key, times) : null;
    if (still !== null) await moveAway(file, holder, still);
    else if (holder ? isStale(holder, mine) : await isTorn(file)) await moveAway(file, holder);
    // gone, being written, or of a process that is just being killed: looked at again
    else if ((holder && !mayDie(holder, mine)) || look >= LOOKS) throw lockedBy(holder, mine, file);
    else await sleep(BETWEEN_LOOKS_MS);
  }
}

/** Whether the holder of a lock file is certainly not at work any more. */
function isStale(holder: Holder, here: Holder): boolean {
  if (holder.host !== here.host) return false;
  if (holder.boot !== here.boot) return true;
  // the kernel gave us the very lock it had
  if (holder.kernel && here.kernel && holder.network === here.network) return true;
  // the container it ran in was started anew: its process numbers mean nothing here
  if (holder.pids !== here.pids) return true;
  return !mayLive(holder, here);
}

/** The time of a lock file that has not moved for so long that its holder is dead; null where it lives, or nobody knows yet. */
async function stoodStill(
  file: string,
  { id, beats }: Holder,
  key: string,
  { deadMs, now }: LockTimes,
): Promise<bigint | null> {
  if (!beats) return null;
  // it was opened and read just before: a network drive gives no time from its memory then
  const mtimeNs = await stat(file, { bigint: true }).then(
    (found) => found.mtimeNs,
    () => null,
  );
  if (mtimeNs === null) return null;
  const seenAt = now();
  const before = watched.get(key);
  const same = before?.id === id && before.mtimeNs === mtimeNs;
  // a computer that slept between two looks has not watched meanwhile: no pause between two counts for more than half of the time
  const stillMs = same ? before.stillMs + Math.min(seenAt - before.seenAt, deadMs / 2) : 0;
  watched.set(key, { id, mtimeNs, seenAt, stillMs });
  return stillMs >= deadMs ? mtimeNs : null;
}

/** A file without a readable content that nobody is just writing. */
async function isTorn(file: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(file)).mtimeMs > TORN_AFTER_MS;
  } catch {
    return false;
  }
}

/**
 * Two may want to take over the same file: only the one that moves away what it has judged goes on.
 * @param still the time the file has to have, where it was judged by that
 */
async function moveAway(file: string, judged: Holder | null, still: bigint | null = null): Promise<void> {
  const aside = nameBeside(join(file, '..'));
  try {
    await rename(file, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  const same = (await readHolder(aside))?.id === judged?.id;
  const moved = still !== null && (await stat(aside, { bigint: true })).mtimeNs !== still;
  if (!same || moved) await link(aside, file).catch(() => undefined);
  await unlink(aside).catch(() => undefined);
}

function lockedBy(holder: Holder | null, here: Holder, file: string): LiveError {
  const elsewhere = holder !== null && holder.host !== here.host;
  const advice = elsewhere
    ? holder.beats
      ? 'If that computer or container is gone, the folder is taken over by itself after a minute or two.'
      : `If that computer or container is gone for good, delete ${file}.`
    : holder?.pid === process.pid && holder.id === here.id
      ? 'That is this Node-RED: let one node use the folder, or give each its own.'
      : 'Stop that program, or choose another folder.';
  return fail('DURABLE_LOCKED', {
    path: join(file, '..'),
    pid: holder?.pid ?? 'of unknown number',
    host: holder?.host ?? 'this computer',
    advice,
  });
}
