import { letters, textWidth } from './font';
import { blackPlanes, HEIGHT, WIDTH, type Planes } from './h264';

/** What a test picture shows. */
export interface TestPicture {
  /** in large letters */
  name: string;
  /** which of the colours, counted from 0 */
  colour: number;
  /** counts what is shown: the next one is another picture to whoever compares them */
  scene: number;
  /** in small letters: a clock */
  text: string;
}

type Colour = readonly [luma: number, cb: number, cr: number];

/** As far apart as 4:2:0 has them: blue, green, red, violet, cyan, brown. */
const COLOURS: readonly Colour[] = [
  [70, 170, 105],
  [85, 100, 95],
  [75, 110, 180],
  [65, 165, 160],
  [95, 155, 80],
  [80, 90, 150],
];
const WHITE: Colour = [225, 128, 128];
/**
 * The clock and what it stands on differ by colour, and hardly by brightness: so it is read by people, keeps the picture from being taken for
 * frozen (more than 2 of 255), and is no change of picture (more than 12).
 */
const PANEL: Colour = [96, 150, 84];
const CLOCK: Colour = [103, 70, 196];
const PANEL_AT = { left: 16, top: 116, width: 288, height: 56 } as const;
const CLOCK_SCALE = 5;
const MOST_SCALE = 6;
const MARGIN = 12;
/** how much brighter the second half of a scene's pattern is */
const STEP = 45;
const PATTERNS: readonly ((x: number, y: number) => boolean)[] = [
  () => false,
  (x) => x % 80 < 40,
  (x, y) => x + y < 250,
  (x, y) => (x >> 5) % 2 === (y >> 5) % 2,
];

/** Draw a test picture. */
export function drawTestPicture({ name, colour, scene, text }: TestPicture): Planes {
  const planes = blackPlanes();
  const [luma, cb, cr] = COLOURS[colour % COLOURS.length]!;
  const bright = PATTERNS[scene % PATTERNS.length]!;
  // a pattern that comes again is as much brighter as keeps it from being the same picture
  const shade = 20 * (Math.floor(scene / PATTERNS.length) % 3);
  planes.cb.fill(cb);
  planes.cr.fill(cr);
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++) planes.luma[y * WIDTH + x] = luma + shade + (bright(x, y) ? STEP : 0);
  write(planes, name, WHITE, { top: MARGIN, height: PANEL_AT.top - 2 * MARGIN, most: MOST_SCALE });
  fill(planes, PANEL, PANEL_AT.left, PANEL_AT.top, PANEL_AT.width, PANEL_AT.height);
  write(planes, text, CLOCK, { ...PANEL_AT, most: CLOCK_SCALE });
  return planes;
}

/** A text in the middle of a strip, as large as it fits. */
function write(
  planes: Planes,
  text: string,
  colour: Colour,
  { top, height, most }: { top: number; height: number; most: number },
): void {
  const room = WIDTH - 2 * MARGIN;
  const shown = text.slice(0, Math.floor(room / 6));
  const scale = Math.max(1, Math.min(most, Math.floor(room / Math.max(1, textWidth(shown)))));
  const left = Math.round((WIDTH - scale * textWidth(shown)) / 2);
  const from = top + Math.round((height - 7 * scale) / 2);
  letters(shown, (x, y) => fill(planes, colour, left + scale * x, from + scale * y, scale, scale));
}

function fill(
  { luma, cb, cr }: Planes,
  colour: Colour,
  left: number,
  top: number,
  width: number,
  height: number,
): void {
  for (let y = top; y < top + height; y++) luma.fill(colour[0], y * WIDTH + left, y * WIDTH + left + width);
  const [from, to] = [left >> 1, (left + width + 1) >> 1];
  for (let y = top >> 1; y < (top + height + 1) >> 1; y++) {
    cb.fill(colour[1], (y * WIDTH) / 2 + from, (y * WIDTH) / 2 + to);
    cr.fill(colour[2], (y * WIDTH) / 2 + from, (y * WIDTH) / 2 + to);
  }
}
