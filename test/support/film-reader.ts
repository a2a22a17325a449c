// What a recording shows, frame by frame, as ffmpeg reads it.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LOOKS, type Look } from './moving-pictures';
import { findProgram } from './programs';
import { removeTempDir, tempDir } from './temp';

export interface Frame {
  /** since the beginning of the file */
  atMs: number;
  /** mean of the whole picture, 16 is black and 235 white */
  luma: number;
  /** colours, 128 is none */
  blue: number;
  red: number;
  /** mean difference to the frame before, in steps of luminance; a picture that stands still has almost none */
  change: number;
}

/** A stretch of time in a recording. */
export interface Stretch {
  atMs: number;
  ms: number;
}

export interface Film {
  frames: Frame[];
  /** of one frame as it was recorded */
  frameMs: number;
  durationMs: number;
  /** frames that are black all over */
  blackFrames: number;
  /** the same as `blackdetect` has it, in stretches */
  black: Stretch[];
  /** how long the same picture was seen, wherever it was longer than one frame */
  still: Stretch[];
  /** the same as `freezedetect` has it: 150 ms and more */
  frozen: Stretch[];
  /** which of the two looks, in their order; `neither` for frames that show something else (grey, mixed, black) */
  looks: { look: Look | 'neither'; atMs: number; frames: number }[];
  /** without a sound, from 15 ms on; the run-in of the encoder at the very beginning is left out */
  silent: Stretch[];
  /** mean level of each 5 ms of sound in dB below full scale; minus infinity is told as -100 */
  levels: { atMs: number; db: number }[];
}

/** A picture darker than this on average is black: the darkest of ours has 102, black has 16. */
const BLACK_LUMA = 40;
/** So little differs between two encoded frames of one picture; the moving ones of ours differ by 1.2 at 30 frames a second. */
const STILL_CHANGE = 0.35;
/** How far the means of a frame may be from those of its look; the two looks are 50 apart in each. */
const LOOK_TOLERANCE = 8;
/** The tones have -24 dB. */
const SILENCE_DB = -45;
const SILENCE_MS = 15;
/** 5 ms, in which each of the tones swings more than twice */
const WINDOW_SAMPLES = 240;

/**
 * Reads a recording whole: blackdetect, freezedetect and signalstats on its picture, astats on its sound.
 * @throws Error where ffmpeg cannot read it
 */
export async function readFilm(file: string): Promise<Film> {
  const folder = tempDir('film-reader');
  const [video, audio] = [join(folder, 'video.txt'), join(folder, 'audio.txt')];
  const detectors = 'blackdetect=d=0:pix_th=0.10,freezedetect=n=0.0012:d=0.15';
  const picture = `${detectors},signalstats,metadata=print:file=${video}`;
  const stats = `asetnsamples=n=${WINDOW_SAMPLES}:p=0,astats=metadata=1:reset=1:measure_perchannel=none:measure_overall=RMS_level`;
  const sound = `${stats},ametadata=print:file=${audio}`;
  const maps = ['-map', '0:v:0', '-vf', picture, '-map', '0:a:0', '-af', sound, '-ac', '2'];
  const args = [
    '-v',
    'error',
    '-nostdin',
    '-i',
    file,
    ...maps,
    '-fps_mode',
    'passthrough',
    '-f',
    'null',
    '-',
  ];
  try {
    await promisify(execFile)(findProgram('ffmpeg') ?? 'ffmpeg', args, { timeout: 600_000 });
    return assemble(blocks(readFileSync(video, 'utf8')), blocks(readFileSync(audio, 'utf8')));
  } finally {
    removeTempDir(folder);
  }
}

interface Block {
  atMs: number;
  values: Map<string, number>;
}

/** What the metadata filters print: a line with the time, then one line for each value. */
function blocks(text: string): Block[] {
  const found: Block[] = [];
  for (const line of text.split('\n')) {
    const time = /^frame:.*pts_time:([\d.-]+)/.exec(line)?.[1];
    if (time !== undefined) found.push({ atMs: Number(time) * 1000, values: new Map() });
    const value = /^lavfi\.([^=]+)=(.*)$/.exec(line);
    if (value) found.at(-1)?.values.set(value[1]!, value[2] === '-inf' ? -100 : Number(value[2]));
  }
  return found;
}

/** Stretches from a detector that tells their begin and, at a later frame, their end. */
function stretches(from: readonly Block[], start: string, end: string, endMs: number): Stretch[] {
  const found: Stretch[] = [];
  let began: number | null = null;
  for (const { values } of from) {
    const [starts, ends] = [values.get(start), values.get(end)];
    // a short one begins and ends with the same frame
    if (starts !== undefined && ends !== undefined && ends > starts) {
      found.push({ atMs: starts * 1000, ms: (ends - starts) * 1000 });
      continue;
    }
    if (ends !== undefined && began !== null) {
      found.push({ atMs: began, ms: ends * 1000 - began });
      began = null;
    }
    if (starts !== undefined) began = starts * 1000;
  }
  if (began !== null) found.push({ atMs: began, ms: endMs - began });
  return found;
}

function assemble(video: Block[], audio: Block[]): Film {
  const frames = video.map(({ atMs, values }): Frame => {
    const of = (name: string): number => values.get(`signalstats.${name}`) ?? NaN;
    return { atMs, luma: of('YAVG'), blue: of('UAVG'), red: of('VAVG'), change: of('YDIF') };
  });
  const gaps = frames.slice(1).map((frame, index) => frame.atMs - frames[index]!.atMs);
  const frameMs = [...gaps].sort((a, b) => a - b)[gaps.length >> 1] ?? 0;
  const durationMs = (frames.at(-1)?.atMs ?? 0) + frameMs;
  const levels = audio.flatMap(({ atMs, values }) => {
    const db = values.get('astats.Overall.RMS_level');
    return db === undefined ? [] : [{ atMs, db }];
  });
  return {
    frames,
    frameMs,
    durationMs,
    blackFrames: frames.filter(({ luma }) => luma < BLACK_LUMA).length,
    black: stretches(video, 'black_start', 'black_end', durationMs),
    still: stillOf(frames, durationMs).filter(({ ms }) => ms > frameMs * 1.5),
    frozen: stretches(video, 'freezedetect.freeze_start', 'freezedetect.freeze_end', durationMs),
    looks: looksOf(frames),
    silent: silentOf(levels).filter(({ atMs, ms }) => ms >= SILENCE_MS && atMs > 0),
    levels,
  };
}

/** How long each picture was seen. A frame that is missing in the file prolongs the one before. */
function stillOf(frames: readonly Frame[], durationMs: number): Stretch[] {
  const found: Stretch[] = [];
  for (const { atMs, change } of frames) {
    const last = found.at(-1);
    if (last && change < STILL_CHANGE) continue;
    if (last) last.ms = atMs - last.atMs;
    found.push({ atMs, ms: 0 });
  }
  const last = found.at(-1);
  if (last) last.ms = durationMs - last.atMs;
  return found;
}

function silentOf(levels: Film['levels']): Stretch[] {
  const found: Stretch[] = [];
  let silent = false;
  levels.forEach(({ atMs, db }, index) => {
    const before = silent;
    silent = db < SILENCE_DB;
    if (!silent) return;
    if (!before) found.push({ atMs, ms: 0 });
    const last = found.at(-1)!;
    last.ms = (levels[index + 1]?.atMs ?? atMs + 5) - last.atMs;
  });
  return found;
}

/** Which look a frame has, by its brightness and colours. */
export function lookOf(frame: Frame): Look | 'neither' {
  const near = (look: Look): boolean =>
    (['luma', 'blue', 'red'] as const).every(
      (name) => Math.abs(frame[name] - LOOKS[look][name]) <= LOOK_TOLERANCE,
    );
  return near('light') ? 'light' : near('dark') ? 'dark' : 'neither';
}

function looksOf(frames: readonly Frame[]): Film['looks'] {
  const found: Film['looks'] = [];
  for (const frame of frames) {
    const look = lookOf(frame);
    const last = found.at(-1);
    if (last?.look === look) last.frames += 1;
    else found.push({ look, atMs: frame.atMs, frames: 1 });
  }
  return found;
}

/** The longest of some stretches, ms; 0 of none. */
export function longest(stretches: readonly Stretch[]): number {
  return stretches.reduce((most, { ms }) => Math.max(most, ms), 0);
}
