// Pictures of a show that never was: a stage with lights, somebody in front, and a name below.
import { spawnSync } from 'node:child_process';
import { MpjpegReader } from '../../lib/frames/mpjpeg';
import { SMALL_WIDTH } from '../../lib/frames/types';
import { findProgram } from './programs';
import { blockJpeg } from './jpeg';

const [WIDTH, HEIGHT] = [640, 360];

/** A number from 0 to 1 that belongs to these two. */
function chance(seed: number, n: number): number {
  const value = Math.sin(seed * 127.1 + n * 311.7) * 43_758.5453;
  return value - Math.floor(value);
}

type Colour = [number, number, number];

function fromHue(hue: number, light: number): Colour {
  const part = (offset: number) =>
    light * (0.5 + 0.5 * Math.cos(2 * Math.PI * (hue + offset))) + light * 0.15;
  return [part(0), part(1 / 3), part(2 / 3)];
}

/** The scene of a number: the colour of each point, x and y from 0 to 1. */
function scene(seed: number): (x: number, y: number) => Colour {
  const wall = fromHue(chance(seed, 1), 70);
  const lights = Array.from({ length: 3 }, (_, i) => ({
    x: 0.15 + 0.7 * chance(seed, 10 + i),
    wide: 0.12 + 0.12 * chance(seed, 20 + i),
    colour: fromHue(chance(seed, 30 + i), 210),
  }));
  const person = {
    x: 0.3 + 0.4 * chance(seed, 2),
    size: 0.1 + 0.09 * chance(seed, 3),
  };
  const hasName = chance(seed, 4) > 0.5;
  const isWall = chance(seed, 5) > 0.75;
  const aspect = WIDTH / HEIGHT;
  return (x, y) => {
    let [r, g, b] = wall.map((one) => one * (0.35 + 0.5 * y)) as Colour;
    if (isWall && y < 0.7) {
      const bar = Math.floor(x * 8);
      const colour = fromHue(bar / 8 + chance(seed, 6), 190);
      [r, g, b] = colour;
    }
    for (const light of lights) {
      const spread = light.wide * (0.25 + y);
      const near = Math.max(0, 1 - Math.abs(x - light.x) / spread) * (1 - 0.65 * y);
      r += light.colour[0] * near;
      g += light.colour[1] * near;
      b += light.colour[2] * near;
    }
    // the floor
    if (y > 0.82) [r, g, b] = [r * 0.55 + 12, g * 0.55 + 10, b * 0.55 + 10];
    const [dx, dy] = [(x - person.x) * aspect, y - (0.62 - person.size * 1.6)];
    const head = Math.hypot(dx, dy) < person.size * 0.55;
    const under = y - (0.62 - person.size * 0.95);
    const body = under > 0 && Math.abs(dx) < person.size * (0.75 + under * 0.8);
    if (body) [r, g, b] = fromHue(chance(seed, 7), 60);
    if (head) [r, g, b] = [196, 150, 122];
    if (hasName && y > 0.86 && y < 0.96 && x > 0.06 && x < 0.5)
      [r, g, b] = x < 0.075 ? [235, 170, 40] : [24, 30, 44];
    if (hasName && y > 0.893 && y < 0.925 && x > 0.1 && x < 0.22 + 0.2 * chance(seed, 8))
      [r, g, b] = Math.floor(x * 160) % 5 === 0 ? [24, 30, 44] : [230, 233, 238];
    return [limit(r), limit(g), limit(b)];
  };
}

function limit(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}

export interface StagePicture {
  jpeg: Buffer;
  /** the same as a decoder makes it for contact sheets */
  small: Buffer;
}

/** So many scenes, drawn by ffmpeg; in blocks, for nobody to look at, where there is none. */
export function stagePictures(count: number): StagePicture[] {
  const scenes = Array.from({ length: count }, (_, index) => scene(index + 1));
  if (!findProgram('ffmpeg')) {
    const blocks = (colourAt: ReturnType<typeof scene>, width: number, height: number) =>
      blockJpeg(width, height, (column, row) => colourAt((column * 8) / width, (row * 8) / height));
    return scenes.map((one) => ({ jpeg: blocks(one, WIDTH, HEIGHT), small: blocks(one, SMALL_WIDTH, 90) }));
  }
  const input = Buffer.alloc(count * WIDTH * HEIGHT * 3);
  let to = 0;
  for (const colourAt of scenes)
    for (let y = 0; y < HEIGHT; y++)
      for (let x = 0; x < WIDTH; x++) for (const part of colourAt(x / WIDTH, y / HEIGHT)) input[to++] = part;
  const { output, stderr } = spawnSync(
    'ffmpeg',
    [
      ...['-v', 'error', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${WIDTH}x${HEIGHT}`, '-i', 'pipe:0'],
      ...['-filter_complex', `[0:v]split[a][b];[b]scale=${SMALL_WIDTH}:-2:flags=area[c]`],
      ...[
        '-map',
        '[a]',
        '-q:v',
        '4',
        '-f',
        'mpjpeg',
        'pipe:1',
        '-map',
        '[c]',
        '-q:v',
        '4',
        '-f',
        'mpjpeg',
        'pipe:3',
      ],
    ],
    { input, stdio: ['pipe', 'pipe', 'pipe', 'pipe'], maxBuffer: 64 * 1024 * 1024 },
  );
  const [jpegs, smalls] = [output[1], output[3]].map((bytes) =>
    new MpjpegReader().push(bytes as unknown as Buffer),
  ) as [Buffer[], Buffer[]];
  if (jpegs.length !== count || smalls.length !== count)
    throw new Error(`ffmpeg drew no stage: ${stderr.toString()}`);
  return jpegs.map((jpeg, index) => ({ jpeg, small: smalls[index]! }));
}
