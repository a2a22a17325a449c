// Pictures of a show that never was: a stage with lights, somebody in front, and a name below.
import type { Planes } from '../../lib/frames/small/read';
import { writeJpeg } from '../../lib/frames/small/write';

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

/** One moment of it as a JPEG: `seed` is the scene, `move` what goes on in it. */
export function stagePicture(seed: number, move = 0, width = 640, height = 360): Buffer {
  const luma = new Uint8Array(width * height);
  const [halfWidth, halfHeight] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const blue = new Uint8Array(halfWidth * halfHeight);
  const red = new Uint8Array(halfWidth * halfHeight);
  const wall = fromHue(chance(seed, 1), 70);
  const lights = Array.from({ length: 3 }, (_, i) => ({
    x: 0.15 + 0.7 * chance(seed, 10 + i) + 0.02 * Math.sin(move + i),
    wide: 0.12 + 0.12 * chance(seed, 20 + i),
    colour: fromHue(chance(seed, 30 + i), 210),
  }));
  const person = {
    x: 0.3 + 0.4 * chance(seed, 2) + 0.015 * Math.sin(move * 1.3),
    size: 0.1 + 0.09 * chance(seed, 3),
  };
  const hasName = chance(seed, 4) > 0.5;
  const isWall = chance(seed, 5) > 0.75;
  const aspect = width / height;
  const at = (px: number, py: number): Colour => {
    const [x, y] = [px / width, py / height];
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
      [r, g, b] = (px >> 2) % 5 === 0 ? [24, 30, 44] : [230, 233, 238];
    return [r, g, b];
  };
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [r, g, b] = at(x, y);
      luma[y * width + x] = limit(0.299 * r + 0.587 * g + 0.114 * b);
      if (x % 2 || y % 2) continue;
      const to = (y >> 1) * halfWidth + (x >> 1);
      blue[to] = limit(128 - 0.169 * r - 0.331 * g + 0.5 * b);
      red[to] = limit(128 + 0.5 * r - 0.419 * g - 0.081 * b);
    }
  const planes: Planes = {
    width,
    height,
    planes: [
      { h: 2, v: 2, stride: width, points: luma },
      { h: 1, v: 1, stride: halfWidth, points: blue },
      { h: 1, v: 1, stride: halfWidth, points: red },
    ],
  };
  return writeJpeg(planes, 80);
}

function limit(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}
