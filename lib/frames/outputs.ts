import { GRID_HEIGHT, GRID_WIDTH } from './types';
import { MpjpegReader } from './mpjpeg';

const GRID_BYTES = GRID_WIDTH * GRID_HEIGHT;
/** The lines before a time are two, and short. */
const MOST_LINE = 500;
/** One of the four pipes may be so far ahead of the others; more is a decoder out of step. */
const MOST_AHEAD = 1_000;

/** What the decoder makes of one picture. */
export interface Decoded {
  /** presentation time as the decoder was given it, in milliseconds */
  ptsMs: number;
  jpeg: Buffer;
  small: Buffer;
  grid: Buffer;
}

/** Cuts the grids, which are all of one length. */
export class GridReader {
  private grid = Buffer.allocUnsafeSlow(GRID_BYTES);
  private filled = 0;

  push(piece: Buffer): Buffer[] {
    const grids: Buffer[] = [];
    for (let at = 0; at < piece.length;) {
      const taken = piece.copy(this.grid, this.filled, at);
      at += taken;
      this.filled += taken;
      if (this.filled < GRID_BYTES) continue;
      grids.push(this.grid);
      this.grid = Buffer.allocUnsafeSlow(GRID_BYTES);
      this.filled = 0;
    }
    return grids;
  }
}

/** Reads the presentation times that ffmpeg's filter `metadata=print` writes, in milliseconds. Throws where one cannot be read. */
export class TimeReader {
  private rest = '';

  push(piece: Buffer): number[] {
    const lines = (this.rest + piece.toString('latin1')).split('\n');
    this.rest = lines.pop() ?? '';
    if (this.rest.length > MOST_LINE) throw new Error('no time stands where one should');
    return lines.flatMap((line) => {
      if (!line.startsWith('frame:')) return [];
      const ms = /\spts:(-?\d{1,15})\s/.exec(`${line} `)?.[1];
      if (ms === undefined) throw new Error('a picture without a time');
      return [Number(ms)];
    });
  }
}

/** Puts together what comes through four pipes: the first of each belong to one picture. */
export class Joiner {
  private readonly jpegs = new MpjpegReader();
  private readonly smalls = new MpjpegReader();
  private readonly grids = new GridReader();
  private readonly times = new TimeReader();
  private readonly waiting = {
    jpeg: [] as Buffer[],
    small: [] as Buffer[],
    grid: [] as Buffer[],
    time: [] as number[],
  };

  /** Each gives back the pictures that became whole. They throw what their readers throw. */
  jpeg(piece: Buffer): Decoded[] {
    this.waiting.jpeg.push(...this.jpegs.push(piece));
    return this.join();
  }

  small(piece: Buffer): Decoded[] {
    this.waiting.small.push(...this.smalls.push(piece));
    return this.join();
  }

  grid(piece: Buffer): Decoded[] {
    this.waiting.grid.push(...this.grids.push(piece));
    return this.join();
  }

  time(piece: Buffer): Decoded[] {
    this.waiting.time.push(...this.times.push(piece));
    return this.join();
  }

  private join(): Decoded[] {
    const { jpeg, small, grid, time } = this.waiting;
    const lengths = [jpeg.length, small.length, grid.length, time.length];
    const whole = Math.min(...lengths);
    if (Math.max(...lengths) > whole + MOST_AHEAD)
      throw new Error('pictures, grids and times do not come together');
    const [jpegs, smalls, grids] = [jpeg.splice(0, whole), small.splice(0, whole), grid.splice(0, whole)];
    return time
      .splice(0, whole)
      .map((ptsMs, i) => ({ ptsMs, jpeg: jpegs[i]!, small: smalls[i]!, grid: grids[i]! }));
  }
}
