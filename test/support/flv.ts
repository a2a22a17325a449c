// Streams that the real ffmpeg and x264 make, as tags.
import { execFileSync } from 'node:child_process';
import { BitWriter, withEmulation } from '../../lib/rtmp/media/bits';
import { FlvReader } from '../../lib/rtmp/media/flv';
import type { Tag } from '../../lib/rtmp/types';
import { findProgram } from './programs';

/** Runs ffmpeg with these arguments and gives what it wrote to its standard output. */
export function ffmpeg(args: readonly string[], input?: Buffer): Buffer {
  return execFileSync(findProgram('ffmpeg') ?? 'ffmpeg', ['-hide_banner', '-loglevel', 'error', ...args], {
    input,
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** The tags of an FLV file; their arrival is their media time. */
export function tagsOf(file: Buffer, pieces = 65_536): Tag[] {
  const tags: Tag[] = [];
  const reader = new FlvReader({
    onTag: (tag) => tags.push({ ...tag, atMs: tag.timestampMs }),
    now: () => 0,
  });
  for (let at = 0; at < file.length; at += pieces) reader.push(file.subarray(at, at + pieces));
  if (reader.fault !== null) throw new Error(reader.fault);
  return tags;
}

/** Pictures of x264 as FLV. `more` are arguments of the output. */
export function x264(size: string, more: readonly string[] = [], frames = 2, rate = 30): Buffer {
  return ffmpeg([
    ...['-f', 'lavfi', '-i', `testsrc=size=${size}:rate=${rate}`, '-frames:v', String(frames)],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-threads', '1', ...more, '-f', 'flv', 'pipe:1'],
  ]);
}

/** Sound of ffmpeg's AAC encoder as FLV, from a source of lavfi. */
export function aac(source: string, more: readonly string[] = []): Buffer {
  return ffmpeg(['-f', 'lavfi', '-i', source, '-t', '2', '-c:a', 'aac', ...more, '-f', 'flv', 'pipe:1']);
}

/** A sequence header of the Baseline profile with these counts of macroblocks, as nobody's encoder writes it. */
export function paperSps(
  widthMbs: number,
  heightMbs: number,
  crop: readonly [number, number, number, number] | null = null,
): Buffer {
  const w = new BitWriter();
  w.bits(0x67, 8);
  w.bits(66, 8);
  w.bits(0, 8);
  w.bits(40, 8);
  for (const value of [0, 0, 0, 0, 1]) w.ue(value);
  w.bit(0);
  w.ue(widthMbs - 1);
  w.ue(heightMbs - 1);
  w.bits(0b11, 2);
  w.bit(crop ? 1 : 0);
  for (const value of crop ?? []) w.ue(value);
  w.bit(0);
  return withEmulation(w.finish());
}
