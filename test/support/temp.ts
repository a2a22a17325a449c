// Private folders for the programs under test, gone when the test process is.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders = new Set<string>();

process.on('exit', () => {
  for (const folder of folders) removeTempDir(folder);
});

/**
 * A new empty private folder. It is removed when the test process ends, or before by `removeTempDir`.
 * @param label what it is for, part of its name
 */
export function tempDir(label = 'test'): string {
  const folder = mkdtempSync(join(tmpdir(), `live-production-${label}-`));
  folders.add(folder);
  return folder;
}

/** Removes a folder that `tempDir` made. Silent when it is in use or gone: the exit hook tries again. */
export function removeTempDir(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 });
    folders.delete(folder);
  } catch {
    // a program that is just dying may still write into it
  }
}
