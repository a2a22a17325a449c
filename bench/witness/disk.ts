// A folder on a real disk, the processor time of the whole process, and appends with a sync for each.
import { closeSync, fdatasyncSync, openSync, statfsSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { removeTempDir, tempDir } from '../../test/support/temp';

/** What Linux calls a file system that is only memory. */
const IN_MEMORY = new Set([0x01021994, 0x858458f6]);
let told = false;
let made = 0;

/** A path that is free, in a private folder of the system's temporary one (TMPDIR chooses another). */
export function freshPath(label: string): string {
  const folder = tempDir('bench-witness');
  if (!told && IN_MEMORY.has(statfsSync(folder).type))
    console.log(`${folder} is in memory: durability costs nothing there. Set TMPDIR to a folder on a disk.`);
  told = true;
  return join(folder, `${label}-${made++}`);
}

/** Remove what is at a path that `freshPath` gave. */
export function discard(path: string): void {
  removeTempDir(dirname(path));
}

/** Microseconds of processor time of this process so far, with all its threads. */
export function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Entries a second, each written and synced before the next: the plainest thing that is durable. */
export function syncEach(lines: readonly Uint8Array[]): number {
  const path = freshPath('each');
  const file = openSync(path, 'a');
  const began = performance.now();
  for (const line of lines) {
    writeSync(file, line);
    fdatasyncSync(file);
  }
  const seconds = (performance.now() - began) / 1000;
  closeSync(file);
  discard(path);
  return lines.length / seconds;
}
