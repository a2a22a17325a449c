import { appendFile, writeFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { flatJpeg } from '../obs/jpeg';

/** vMix writes a picture after its OK, and not at once: whoever reads too soon has half of it. */
const BETWEEN_MS = 60;

/** The picture of a snapshot, in two pieces; always a JPEG, whatever the name says. Nowhere but where the path says. */
export function writePicture(path: string): void {
  if (!isAbsolute(path)) return;
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
