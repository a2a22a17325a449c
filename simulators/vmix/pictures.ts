import { appendFile, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { flatJpeg } from '../obs/jpeg';

/** vMix writes a picture after its OK, and not at once: whoever reads too soon has half of it. */
const BETWEEN_MS = 60;

/** Folders of the simulated machine, as `C:\\pictures`, and where they are on this one. */
export type FoldersThere = Readonly<Record<string, string>>;

/**
 * The picture of a snapshot, in two pieces; always a JPEG, whatever the name says. Nowhere but where the path says, or where its
 * folder is by `folders`.
 */
export function writePicture(named: string, folders: FoldersThere | true): void {
  const path = folders === true ? named : placeOf(named, folders);
  if (path === null || !isAbsolute(path)) return;
  const bytes = flatJpeg(640, 360, [40, 90, 160]);
  const half = Math.floor(bytes.length / 2);
  const write = async () => {
    await writeFile(path, bytes.subarray(0, half));
    await sleep(BETWEEN_MS, undefined, { ref: false });
    await appendFile(path, bytes.subarray(half));
  };
  // a folder that does not exist: vMix says nothing either
  write().catch(() => undefined);
}

/** As Windows has it: capitals do not count, both kinds of slash do. */
function placeOf(named: string, folders: FoldersThere): string | null {
  const plain = (path: string) => path.replace(/[\\/]+/g, '\\');
  for (const [there, here] of Object.entries(folders)) {
    const folder = plain(there).replace(/\\$/, '');
    if (!plain(named).toLowerCase().startsWith(`${folder.toLowerCase()}\\`)) continue;
    return join(here, ...plain(named).slice(folder.length).split('\\'));
  }
  return null;
}
