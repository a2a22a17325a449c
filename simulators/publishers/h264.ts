import { BitWriter } from './bits';

/** A picture in 4:2:0, of limited range: luma 16 to 235. */
export interface Planes {
  luma: Uint8Array;
  cb: Uint8Array;
  cr: Uint8Array;
}

/** 16:9 and small: a key frame is written without any compression, and has 92 kB. */
export const WIDTH = 320;
export const HEIGHT = 180;
export const FPS = 25;

const MACROBLOCK = 16;
const COLUMNS = WIDTH / MACROBLOCK;
const ROWS = Math.ceil(HEIGHT / MACROBLOCK);
/** What is coded below the picture, in the pairs of lines that cropping counts in. */
const CROPPED = (ROWS * MACROBLOCK - HEIGHT) / 2;
const PROFILE = 66;
/** Baseline and constrained baseline: every decoder there is takes it. */
const COMPATIBLE = 0xc0;
/** 3.0: of the smaller levels none takes 92 kB in one picture (table A-1, and MinCR in A.3.1). */
const LEVEL = 30;
const FRAME_NUMBER_BITS = 8;
/** mb_type of samples as they are, in a slice of I (table 7-11). */
const I_PCM = 25;
const ZEROS = Buffer.alloc(2);
const NAL = { picture: 1, key: 5, sps: 7, pps: 8 } as const;

/** No planes, all black. */
export function blackPlanes(): Planes {
  return {
    luma: new Uint8Array(WIDTH * HEIGHT).fill(16),
    cb: new Uint8Array((WIDTH * HEIGHT) / 4).fill(128),
    cr: new Uint8Array((WIDTH * HEIGHT) / 4).fill(128),
  };
}

/**
 * Writes H.264 without any program: key frames of plain samples (I_PCM), and between them pictures that say "as before". Source: ITU-T
 * H.264, 7.3. Each of its pieces is one NAL unit without its length.
 */
export class H264Writer {
  private frameNumber = 0;
  private keys = 0;

  /** The header of the sequence: size, rate, and that no picture waits for a later one. */
  static sps(): Buffer {
    const w = new BitWriter().bits(PROFILE, 8).bits(COMPATIBLE, 8).bits(LEVEL, 8);
    w.ue(0).ue(FRAME_NUMBER_BITS - 4);
    // pictures are shown in the order in which they come; one is kept to refer to
    w.ue(2).ue(1).bits(0, 1);
    w.ue(COLUMNS - 1).ue(ROWS - 1);
    // whole frames only, and direct_8x8_inference
    w.bits(0b11, 2);
    w.bits(1, 1).ue(0).ue(0).ue(0).ue(CROPPED);
    // VUI: square points; no overscan, signal type and chroma place
    w.bits(1, 1).bits(1, 1).bits(1, 8).bits(0, 3);
    // the rate, in fields; fixed
    w.bits(1, 1)
      .bits(0, 16)
      .bits(1, 16)
      .bits(0, 16)
      .bits(2 * FPS, 16)
      .bits(1, 1);
    // no HRD, no pic_struct; restrictions: nothing is reordered, one frame is buffered
    w.bits(0, 3).bits(1, 1).bits(1, 1).ue(0).ue(0).ue(16).ue(16).ue(0).ue(1);
    return nal(NAL.sps, w.end().written);
  }

  static pps(): Buffer {
    const w = new BitWriter().ue(0).ue(0).bits(0, 2).ue(0).ue(0).ue(0).bits(0, 3).se(0).se(0).se(0);
    // deblocking is said in each slice (there is none); no constrained intra prediction, no redundant pictures
    return nal(NAL.pps, w.bits(0b100, 3).end().written);
  }

  /** A picture that needs no other. */
  key(planes: Planes): Buffer {
    this.frameNumber = 0;
    const w = new BitWriter().ue(0).ue(7).ue(0).bits(0, FRAME_NUMBER_BITS);
    // two in a row have to differ
    w.ue(this.keys++ % 2)
      .bits(0, 2)
      .se(0)
      .ue(1);
    w.ue(I_PCM).align();
    const head = w.written;
    // from the second macroblock on its type is two whole bytes
    const type = new BitWriter().ue(I_PCM).align().written;
    const parts: Buffer[] = [head];
    for (let row = 0; row < ROWS; row++)
      for (let column = 0; column < COLUMNS; column++) {
        if (row + column > 0) parts.push(type);
        parts.push(samples(planes, column, row));
      }
    parts.push(new BitWriter().end().written);
    return nal(NAL.key, Buffer.concat(parts));
  }

  /** The picture before, once more. */
  same(): Buffer {
    this.frameNumber = (this.frameNumber + 1) % 2 ** FRAME_NUMBER_BITS;
    const w = new BitWriter().ue(0).ue(5).ue(0).bits(this.frameNumber, FRAME_NUMBER_BITS);
    w.bits(0, 3).se(0).ue(1);
    return nal(NAL.picture, w.ue(COLUMNS * ROWS).end().written);
  }
}

/** The 384 samples of a macroblock; below the picture its last line goes on. */
function samples({ luma, cb, cr }: Planes, column: number, row: number): Buffer {
  const out = Buffer.allocUnsafe(384);
  let at = 0;
  const copy = (plane: Uint8Array, width: number, height: number, size: number) => {
    for (let y = 0; y < size; y++) {
      const line = Math.min(height - 1, row * size + y) * width + column * size;
      out.set(plane.subarray(line, line + size), at);
      at += size;
    }
  };
  copy(luma, WIDTH, HEIGHT, 16);
  copy(cb, WIDTH / 2, HEIGHT / 2, 8);
  copy(cr, WIDTH / 2, HEIGHT / 2, 8);
  return out;
}

/** A NAL unit that others refer to: its header, and after each two zeros a three where a start could be seen (7.4.1). */
function nal(type: number, payload: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from([0x60 | type])];
  let from = 0;
  for (let at = payload.indexOf(ZEROS); at >= 0 && at + 2 < payload.length; at = payload.indexOf(ZEROS, at)) {
    at += 2;
    if (payload[at]! > 3) continue;
    parts.push(payload.subarray(from, at), Buffer.from([3]));
    from = at;
  }
  parts.push(payload.subarray(from));
  return Buffer.concat(parts);
}
