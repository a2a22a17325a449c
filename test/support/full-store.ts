// A frame store on the disk with as many pictures as a test likes, written as a show of before would have left it.
import { type Files, nodeFiles } from '../../lib/durable/files';
import { FolderFrameStore, type StoreOptions } from '../../lib/frames/store/store';
import { GRID_HEIGHT, GRID_WIDTH, type Frame } from '../../lib/frames/types';
import type { PaperShow } from './paper-frames';
import { type StagePicture, stagePictures } from './stage';

const SCENES = 12;
/** Writes that wait for each other: the store takes them one after the other for each stream. */
const AT_ONCE = 32;
let drawn: StagePicture[] | null = null;

/** The disk without waiting for it: what is written survives this process, and that is all a test wants. */
const unhurried: Files = {
  ...nodeFiles,
  open: async (path, use, mode) => {
    const file = await nodeFiles.open(path, use, mode);
    const none = () => Promise.resolve();
    return { ...file, datasync: none, sync: none };
  },
  syncFolder: () => Promise.resolve(),
};

/** A picture of a show, as a decoder would give it. */
export function stageFrame({ stream, from, everyMs, scene = 20 }: PaperShow, n: number): Frame {
  drawn ??= stagePictures(SCENES);
  const { jpeg, small } = drawn[(Math.floor(n / scene) * 7 + stream.length * 5) % SCENES]!;
  const at = from + n * everyMs;
  return {
    ...{ stream, connectionId: 'c1', seq: n, at, mediaMs: n * everyMs, keyframe: true, arrivedMs: 0 },
    ...{ width: 640, height: 360, videoWidth: 1920, videoHeight: 1080, jpeg, small },
    grid: Buffer.alloc(GRID_WIDTH * GRID_HEIGHT, (n * 7) % 256),
  };
}

/** What was seen at picture `n` of a show: every twentieth is another scene. */
export function stageVerdict({ scene = 20 }: PaperShow, n: number) {
  if (n === 0) return { keep: true, why: 'first', changedPercent: null } as const;
  return {
    keep: true,
    why: 'changed',
    changedPercent: n % scene === 0 ? 64 + (n % 30) : 2 + (n % 7),
  } as const;
}

/** Write these shows into a folder with the store's own `put`, and close it: the next one opens what was there before. */
export async function fillStore(folder: string, shows: readonly PaperShow[], options: StoreOptions = {}) {
  const settings = { folder, keepDays: null, mostBytes: null, leastFreeBytes: null };
  const store = new FolderFrameStore(settings, { files: unhurried, ...options });
  await store.opened();
  for (const show of shows) {
    let next = 0;
    const write = async () => {
      while (next < show.frames) {
        const n = next++;
        await store.put(stageFrame(show, n), stageVerdict(show, n));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, write));
  }
  await store.close();
}
