import { randomBytes } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { codeOf } from './files';

/** What the lock file says about its holder. */
export interface Holder {
  /** tells one lock from the next of the same process */
  id: string;
  pid: number;
  host: string;
  /** this start of the machine, where the system has a name for it */
  boot: string | null;
  /** the namespaces in which the pid and the kernel's lock mean something (containers have their own) */
  pids: string | null;
  network: string | null;
  /** it holds the kernel's lock beside the file */
  kernel: boolean;
  /** it moves its file as `LockTimes` says */
  beats: boolean;
}

/** This process, as the holder of a new lock. */
export async function thisProcess(): Promise<Holder> {
  const say = (work: Promise<string>): Promise<string | null> =>
    work.then((text) => text.trim()).catch(() => null);
  const [boot, pids, network] = await Promise.all([
    say(readFile('/proc/sys/kernel/random/boot_id', 'utf8')),
    say(readlink('/proc/self/ns/pid')),
    say(readlink('/proc/self/ns/net')),
  ]);
  const id = randomBytes(8).toString('hex');
  return { id, pid: process.pid, host: hostname(), boot, pids, network, kernel: false, beats: true };
}

/** Whether it may be at work; false only where it certainly is not. */
export function mayLive(holder: Holder, here: Holder): boolean {
  if (holder.host !== here.host || holder.boot !== here.boot || holder.pids !== here.pids) return true;
  // this process knows what it holds: such a file is of a former one with the same number, as in a container
  if (holder.pid === process.pid) return false;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

/** Worth another look: a holder on this machine, which a signal may just be ending. */
export function mayDie(holder: Holder, here: Holder): boolean {
  return holder.host === here.host && holder.boot === here.boot;
}

/** Who a lock file names; null for one that is missing or cannot be read as such. */
export async function readHolder(file: string): Promise<Holder | null> {
  try {
    const read = Object(JSON.parse(await readFile(file, 'utf8'))) as Record<string, unknown>;
    const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
    const { pid } = read;
    const id = text(read.id);
    const host = text(read.host);
    if (!id || !host || typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return null;
    const { boot, pids, network } = read;
    const kernel = read.kernel === true;
    const beats = read.beats === true;
    return { id, pid, host, boot: text(boot), pids: text(pids), network: text(network), kernel, beats };
  } catch {
    return null;
  }
}
