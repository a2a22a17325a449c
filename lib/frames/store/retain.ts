/** What a store takes up, and what of it has to go. */
import { lstat, readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catalog } from './catalog';
import { HOUR_MS } from './layout';
import type { StoreSettings, StoreUse, StoredStream } from './types';

const DAY_MS = 24 * HOUR_MS;
/** A picture that was seen so lately, ms, is still on air: its hour is not removed. */
const LATELY_MS = 60_000;

/** Bytes that are free for Node-RED on the disk of a folder; null where the system does not say. Never rejects. */
export async function freeBytes(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

/** Bytes of the files in a folder, as they are counted on the disk. Never rejects. */
async function bytesIn(folder: string): Promise<number> {
  let sum = 0;
  const names = await readdir(folder).catch(() => []);
  for (const name of names)
    sum += await lstat(join(folder, name)).then(
      ({ size }) => size,
      () => 0,
    );
  return sum;
}

interface StoredHour {
  stream: string;
  hour: number;
  frames: number;
  bytes: number;
  first: number | null;
  /** until when it grew, UTC in milliseconds */
  end: number;
  until: number | null;
}

/** All hours of a store, oldest first. */
async function hoursOf(catalog: Catalog): Promise<StoredHour[]> {
  const found: StoredHour[] = [];
  for (const [stream, files] of catalog.all)
    for (const hour of files.hours) {
      const known = await catalog.known(stream, hour);
      const { frames = 0, bytes = 0, small = 0, size = 0, first = null, until = null } = known ?? {};
      const parquet = files.summaries.get(hour)?.parquet ?? 0;
      const end = Math.max(hour + HOUR_MS, until ?? 0);
      const all = bytes + small + size + parquet;
      found.push({ stream, hour, frames, bytes: all, first, until, end });
    }
  return found.sort((a, b) => a.hour - b.hour);
}

/** What is kept of each stream, and how much in all. */
export async function useOf(catalog: Catalog, folder: string, duckdb: StoreUse['duckdb']): Promise<StoreUse> {
  const streams = new Map<string, StoredStream>();
  let bytes = 0;
  let frames = 0;
  for (const one of await hoursOf(catalog)) {
    bytes += one.bytes;
    frames += one.frames;
    if (one.first === null || one.until === null) continue;
    const known = streams.get(one.stream);
    streams.set(one.stream, {
      stream: one.stream,
      first: Math.min(known?.first ?? Infinity, one.first),
      last: Math.max(known?.last ?? 0, one.until),
      frames: (known?.frames ?? 0) + one.frames,
      bytes: (known?.bytes ?? 0) + one.bytes,
    });
  }
  const sorted = [...streams.values()].sort((a, b) => (a.stream < b.stream ? -1 : 1));
  return { bytes, frames, freeBytes: await freeBytes(folder), duckdb, streams: sorted };
}

/**
 * Remove whole hours: those that are too old, then the oldest of all streams until the rest is small enough and enough of the disk is free. An hour that
 * still grows stays.
 * @param free bytes that are free now; null where nobody knows
 * @returns bytes that became free
 * @throws the file system's error
 */
export async function retain(
  catalog: Catalog,
  { keepDays, mostBytes, leastFreeBytes }: StoreSettings,
  nowMs: number,
  free: () => Promise<number | null>,
): Promise<number> {
  let left = await hoursOf(catalog);
  let total = left.reduce((sum, { bytes }) => sum + bytes, 0);
  let freed = 0;
  const remove = async (which: StoredHour[]): Promise<void> => {
    for (const { stream, hour, bytes } of which) {
      const files = catalog.all.get(stream);
      if (!files?.hours.has(hour)) continue;
      const real = await bytesIn(files.folder(hour));
      await files.removeHours([hour]);
      freed += real;
      total -= bytes;
    }
    left = left.filter((one) => !which.includes(one));
  };
  if (keepDays !== null) await remove(left.filter(({ end }) => end <= nowMs - keepDays * DAY_MS));
  const tooMuch = async (): Promise<boolean> => {
    if (mostBytes !== null && total > mostBytes) return true;
    if (leastFreeBytes === null) return false;
    const now = await free();
    return now !== null && now < leastFreeBytes;
  };
  while (await tooMuch()) {
    const closed = left.filter(({ end, until }) => end <= nowMs && (until ?? 0) + LATELY_MS <= nowMs);
    const oldest = closed[0]?.hour;
    if (oldest === undefined) break;
    await remove(closed.filter(({ hour }) => hour === oldest));
  }
  return freed;
}

/** Remove a stream with all that is kept of it. @returns bytes that became free. @throws the file system's error */
export async function removeStream(catalog: Catalog, stream: string): Promise<number> {
  const files = catalog.all.get(stream);
  if (!files) return 0;
  let freed = 0;
  for (const hour of files.hours) freed += await bytesIn(files.folder(hour));
  await files.removeAll();
  return freed;
}
