// Streams out of a file, without a network: what an ingest would tell, at the pace that a test likes.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Emitter } from '../../lib/connection/emitter';
import { GRID_HEIGHT, GRID_WIDTH, type FeedSource } from '../../lib/frames/types';
import { readVideoTag } from '../../lib/rtmp/media/tags';
import type { Feed, StreamFigures, StreamHeaders, Tag } from '../../lib/rtmp/types';
import { findProgram } from './programs';
import { tempDir } from './temp';

const BITS = 12;

export interface FilmShape {
  width?: number;
  height?: number;
  fps?: number;
  seconds?: number;
  /** frames between key frames */
  gop?: number;
  /** in place of the frame's own number in bars: a source for ffmpeg's lavfi */
  source?: string;
  /** more for the encoder */
  more?: readonly string[];
}

const films = new Map<string, Promise<string>>();

/**
 * A film, encoded as a live encoder does, with B-frames. Every picture shows its own number: twelve bars from left to right, white for a one, the
 * lowest bit first. Made once for each process.
 */
export function numberedFilm(shape: FilmShape = {}): Promise<string> {
  const key = JSON.stringify(shape);
  const made = films.get(key) ?? make(shape, join(tempDir('film'), 'film.flv'));
  films.set(key, made);
  return made;
}

async function make(shape: FilmShape, file: string): Promise<string> {
  const { width = 320, height = 180, fps = 30, seconds = 10, gop = 60, more = [] } = shape;
  const bars = Array.from(
    { length: BITS },
    (_, bit) =>
      `drawbox=x=${bit}*iw/${BITS}:y=0:w=iw/${BITS}:h=ih:color=white:t=fill:enable='mod(floor(n/${2 ** bit}),2)'`,
  );
  const black = `color=black:size=${width}x${height}:rate=${fps}:duration=${seconds}`;
  const source = shape.source ?? [black, 'format=gray', ...bars].join(',');
  const args = [
    ...['-v', 'error', '-nostdin', '-y', '-f', 'lavfi', '-i', source, '-t', String(seconds)],
    ...['-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'veryfast', '-bf', '2', '-threads', '2'],
    ...['-g', String(gop), '-keyint_min', String(gop), '-sc_threshold', '0', ...more, '-f', 'flv', file],
  ];
  await promisify(execFile)(findProgram('ffmpeg') ?? 'ffmpeg', args, { timeout: 600_000 });
  return file;
}

/** The number that a picture of `numberedFilm` shows, read from its grid. */
export function numberIn(grid: Uint8Array): number {
  const row = GRID_WIDTH * Math.floor(GRID_HEIGHT / 2);
  const bits = Array.from(
    { length: BITS },
    (_, bit) => grid[row + Math.floor(((bit + 0.5) * GRID_WIDTH) / BITS)]!,
  );
  return bits.reduce((number, value, bit) => number + (value > 128 ? 2 ** bit : 0), 0);
}

/** The tags of an FLV file; `atMs` is the media time behind `startMs`. */
export function filmTags(file: string, startMs = 0): Tag[] {
  const bytes = readFileSync(file);
  const tags: Tag[] = [];
  for (let at = 13; at + 11 <= bytes.length;) {
    const size = bytes.readUIntBE(at + 1, 3);
    const timestampMs = bytes.readUIntBE(at + 4, 3) + bytes[at + 7]! * 2 ** 24;
    const kind = bytes[at] === 9 ? 'video' : bytes[at] === 8 ? 'audio' : 'data';
    const payload = Buffer.from(bytes.subarray(at + 11, at + 11 + size));
    tags.push({ kind, timestampMs, payload, atMs: startMs + timestampMs });
    at += 11 + size + 4;
  }
  return tags;
}

let connections = 0;

/** A stream that says what it is told to. */
export class PaperFeed implements Feed {
  readonly app = 'live';
  readonly connectionId = `paper-${(connections += 1)}`;
  readonly address = '127.0.0.1';
  readonly startedAt: string;
  ended = false;
  private readonly tags = new Emitter<Tag>();
  private readonly ends = new Emitter<string>();
  private readonly newest: StreamHeaders = { metadata: null, video: null, audio: null, keyframe: null };

  constructor(
    readonly stream: string,
    readonly sinceMs = Date.UTC(2026, 0, 1, 12),
  ) {
    this.startedAt = new Date(sinceMs).toISOString();
  }

  get listeners(): number {
    return this.tags.size;
  }

  headers(): StreamHeaders {
    return { ...this.newest };
  }

  figures(): StreamFigures {
    return {
      video: null,
      audio: null,
      bytes: 0,
      videoFrames: 0,
      keyframes: 0,
      bitrateKbps: null,
      fps: null,
      keyframeMs: null,
      longestKeyframeMs: null,
      videoAgeMs: null,
      audioAgeMs: null,
      gaps: 0,
      skewMs: null,
      silentSinceMs: null,
      isSilent: null,
      unknown: {},
    };
  }

  onTag(listener: (tag: Tag) => void): () => void {
    return this.tags.add(listener);
  }

  onEnd(listener: (reason: string) => void): () => void {
    return this.ends.add(listener);
  }

  send(tag: Tag): void {
    const video = tag.kind === 'video' ? readVideoTag(tag.payload) : null;
    if (video?.what === 'header') this.newest.video = tag;
    if (video?.keyframe) this.newest.keyframe = tag;
    this.tags.tell(tag);
  }

  end(reason = 'over'): void {
    this.ended = true;
    this.ends.tell(reason);
  }
}

/** Feeds as a test starts them. */
export class PaperSource implements FeedSource {
  private readonly comes = new Emitter<Feed>();
  private readonly live = new Set<PaperFeed>();

  feeds(): Feed[] {
    return [...this.live].filter((feed) => !feed.ended);
  }

  onFeed(listener: (feed: Feed) => void): () => void {
    return this.comes.add(listener);
  }

  start(stream: string, sinceMs?: number): PaperFeed {
    const feed = new PaperFeed(stream, sinceMs);
    this.live.add(feed);
    this.comes.tell(feed);
    return feed;
  }
}
