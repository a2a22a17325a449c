import type { ProgramReading } from '../programs';
import type { Plan } from './sampler';
import { GRID_HEIGHT, GRID_WIDTH, SMALL_WIDTH } from './types';

/** The filter `metadata` writes at once (`direct`) since this version. */
const OLDEST = [4, 4] as const;
/** `-vsync` became `-fps_mode` here. */
const FPS_MODE = [5, 1] as const;
/** Media times are whole milliseconds, so a frame may be one off; half of a picture of 60 in a second is 8. */
export const EARLY_MS = 5;
/** Of a small picture, in mjpeg's scale: 3 to 5 kB. */
const SMALL_SCALE = 6;

/**
 * No piece of memory is larger, so that a picture that lies about its size ends its decoder and not this machine: a plane of 8K in 10 bits has 66 MB,
 * one of 12,000 x 12,000 has 144. The encoder wants 6 bytes a point of what it makes, or 12 without subsampling (measured with 5.1).
 */
const MOST_ALLOC = 120_000_000;
const WIDE = 1920;
const MOST_ALLOC_WIDE = 420_000_000;

/** The option that lets every picture through as it is, by its name in this version. */
export type FpsMode = '-fps_mode' | '-vsync';

/** What is known of the ffmpeg of this machine, or why there is none. */
export type Ffmpeg = { fault: null; fpsMode: FpsMode } | { fault: string };

const WORDS = {
  missing: 'there is no such program',
  forbidden: 'it may not be run',
  silent: 'it does not answer',
  broken: 'it ends with an error',
} as const;

/** What its version means for us; numbers that are none (a build of somebody's own) count as new. */
export function ffmpegOf(reading: ProgramReading): Ffmpeg {
  if ('fault' in reading) return { fault: reading.detail ?? WORDS[reading.fault] };
  const [, major, minor] = /^n?(\d{1,2})\.(\d{1,3})/.exec(reading.version) ?? [];
  const isBefore = ([wantMajor, wantMinor]: readonly [number, number]): boolean =>
    major !== undefined &&
    (Number(major) < wantMajor || (Number(major) === wantMajor && Number(minor) < wantMinor));
  if (isBefore(OLDEST))
    return { fault: `its version ${reading.version} is too old, ${OLDEST.join('.')} is needed` };
  return { fault: null, fpsMode: isBefore(FPS_MODE) ? '-vsync' : '-fps_mode' };
}

const whole = (value: number, least: number, most: number): number =>
  Number.isFinite(value) ? Math.round(Math.min(most, Math.max(least, value))) : least;

/** Quality 1 to 100 as mjpeg's own scale from 31, the worst, to 2. 90 is 5, which people take for the original. */
function scaleOf(quality: number): number {
  return whole(32 - whole(quality, 1, 100) * 0.3, 2, 31);
}

/**
 * The arguments of a decoder: FLV on standard input; JPEG with lengths on descriptor 1, the grid on 3, presentation times on 4, the small JPEG on 5. Fixed texts and numbers within limits, nothing
 * that anybody typed. What each is for was measured: little probing and one thread for each output, else every picture waits for the next ones; never
 * `-fflags nobuffer`, which throws the first key frame away. Every picture carries its own time, so that one that is lost shifts no other. The small picture is made of the
 * large one, not of the stream's, since that is less to read.
 */
export function decoderArguments(plan: Plan, fpsMode: FpsMode): string[] {
  const every = (whole(plan.everyMs, 20, 86_400_000) - EARLY_MS) / 1000;
  const pick =
    plan.mode === 'all' ? `select='isnan(prev_selected_t)+gte(t-prev_selected_t\\,${every})',` : '';
  const width = whole(plan.width, 16, 7680);
  // as the scaler's own -2, which makes nothing at all of a ribbon
  const inProportion = 'max(2,2*round(ow*ih/iw/2))';
  const filter = [
    `[0:v]${pick}split[a][b]`,
    // a picture that is not made smaller stays as it is, an odd height too
    `[a]scale='min(${width},iw)':'if(lte(iw,${width}),ih,${inProportion})',split[j][c]`,
    `[c]scale='min(${SMALL_WIDTH},iw)':'${inProportion}':flags=area[s]`,
    `[b]scale=${GRID_WIDTH}:${GRID_HEIGHT}:flags=area,format=gray,metadata=mode=add:key=n:value=0,` +
      `metadata=mode=print:file='pipe\\:4':direct=1[g]`,
  ].join(';');
  const skip =
    plan.mode === 'keyframes'
      ? ['-skip_frame', 'nokey']
      : ['-skip_frame', 'noref', '-skip_loop_filter', 'all'];
  const most = width <= WIDE ? MOST_ALLOC : MOST_ALLOC_WIDE;
  const output = [fpsMode, 'passthrough', '-threads', '1', '-flush_packets', '1'];
  const jpegs = (scale: number): string[] => ['-c:v', 'mjpeg', '-q:v', `${scale}`, '-f', 'mpjpeg'];
  return [
    ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'error', '-max_alloc', `${most}`],
    ...['-threads', '1', '-flags', 'low_delay', ...skip, '-copyts'],
    ...['-f', 'flv', '-probesize', '32', '-analyzeduration', '1', '-fpsprobesize', '0', '-i', 'pipe:0'],
    ...['-an', '-filter_complex_threads', '1', '-filter_complex', filter],
    ...['-map', '[j]', ...output, ...jpegs(scaleOf(plan.quality)), 'pipe:1'],
    ...['-map', '[g]', ...output, '-f', 'rawvideo', 'pipe:3'],
    ...['-map', '[s]', ...output, ...jpegs(SMALL_SCALE), 'pipe:5'],
  ];
}
