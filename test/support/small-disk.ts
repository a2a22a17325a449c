// A real disk that is soon full.
import { execFileSync } from 'node:child_process';
import { notApplicable } from './mocha';
import { tempDir } from './temp';

export interface SmallDisk {
  folder: string;
  unmount(): void;
}

/** A disk of `kilobytes` of its own, in memory; unmount it in the end. Where that cannot be had, the test does not apply. */
export function smallDisk(test: Mocha.Context, kilobytes: number): SmallDisk {
  const folder = tempDir('full');
  try {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) throw new Error('not root');
    const options = ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder];
    execFileSync('mount', options, { stdio: 'ignore' });
  } catch {
    notApplicable(
      test,
      'a small disk of its own needs Linux and root; the disk in memory plays a full one in any case',
    );
  }
  return { folder, unmount: () => void execFileSync('umount', [folder]) };
}
