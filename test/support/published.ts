// Films that real ffmpeg publishes, and what is seen in pictures that were kept of them.
import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { GRID_HEIGHT, GRID_WIDTH } from '../../lib/frames/types';
import { findProgram, type Program, startProgram } from './programs';

const GRID_BYTES = GRID_WIDTH * GRID_HEIGHT;

/** Publish a film as fast as it plays, without encoding anything. */
export async function publishFilm(
  film: string,
  address: string,
  options: { repeat?: boolean } = {},
): Promise<Program> {
  const { repeat = true } = options;
  const input = ['-re', ...(repeat ? ['-stream_loop', '-1'] : []), '-i', film, '-c', 'copy'];
  const output = ['-f', 'flv', '-flvflags', 'no_duration_filesize', address];
  return await startProgram('ffmpeg', [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error'],
    ...input,
    ...output,
  ]);
}

/** What ffmpeg makes of pictures that are all of one size, one after the other: their bytes in this format. */
async function decoded(jpegs: readonly Buffer[], output: readonly string[]): Promise<Buffer> {
  const input = ['-v', 'error', '-f', 'image2pipe', '-c:v', 'mjpeg', '-i', 'pipe:0', '-vsync', '0'];
  const child = spawn(findProgram('ffmpeg') ?? 'ffmpeg', [...input, ...output, '-f', 'rawvideo', 'pipe:1']);
  const [pieces, words]: [Buffer[], string[]] = [[], []];
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  child.stderr.on('data', (piece: Buffer) => words.push(piece.toString()));
  child.stdin.on('error', () => undefined);
  child.stdin.end(Buffer.concat(jpegs));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`ffmpeg cannot read the pictures: ${words.join('')}`);
  return Buffer.concat(pieces);
}

/** The grids of pictures of one size, as a decoder makes them. */
export async function gridsIn(jpegs: readonly Buffer[]): Promise<Buffer[]> {
  const scale = `scale=${GRID_WIDTH}:${GRID_HEIGHT}:flags=area,format=gray`;
  const bytes = await decoded(jpegs, ['-vf', scale, '-pix_fmt', 'gray']);
  return jpegs.map((_, i) => bytes.subarray(i * GRID_BYTES, (i + 1) * GRID_BYTES));
}

/** How many points a picture file really has: by its own words, and decoded. */
export async function pointsOf(file: string, jpeg: Buffer): Promise<{ size: string; points: number }> {
  const { stdout } = await promisify(execFile)(
    findProgram('ffprobe') ?? 'ffprobe',
    ['-v', 'error', '-show_entries', 'stream=width,height', '-of', 'csv=p=0:s=x', file],
    { timeout: 60_000 },
  );
  return { size: stdout.trim(), points: (await decoded([jpeg], ['-pix_fmt', 'gray'])).length };
}
