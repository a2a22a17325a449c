import type { LogFolder } from './log-folder';
import { readStreamLogLine, splitStreamLog } from './stream-log';

/** ffmpeg writes some hundred bytes a second: more than this at once is skipped but for the end. */
const MOST_BYTES = 256 * 1024;

/** What a log says of its stream; counters are of the stream so far. */
export interface StreamFigures {
  frames: number | null;
  /** a second, over the last 20 */
  fps: number | null;
  bytes: number | null;
  /** by the encoder, and for want of room in the buffer before it */
  droppedFrames: number;
  /** 1 where the buffer was too full since the look before, which vMix shows in amber; 0 where it was not */
  congestion: number;
  /** frames a second that the stream is made of; null until that is clear */
  targetFps: number | null;
}

/** Frame rates that pictures have. */
const RATES = [23.976, 24, 25, 29.97, 30, 48, 50, 59.94, 60, 100, 119.88, 120];
/** Frames and the time they cover have to come this close to one of them. */
const CLOSE = 0.005;
const ENOUGH_FRAMES = 250;
/**
 * The log's own `fps` is the mean since the beginning, so an hour hides a minute. Lines come twice a second and are read now
 * and then: over so long a time that is an error of two or three in a hundred.
 */
const RATE_OVER_MS = 20_000;
const RATE_LEAST_MS = 10_000;
const MOST_POINTS = 100;

/** One log as it grows. A file that was cut, or replaced by another of its name, is read from its beginning. */
export class LogTail {
  figures: StreamFigures | null = null;
  /** when the log last told figures, and when it last grew, by the clock of the caller */
  saidAtMs = Number.NEGATIVE_INFINITY;
  grewAtMs: number;
  ending: 'disconnected' | 'rejected' | null = null;
  private rest = '';
  /** in the middle of a line that is none of ours */
  private skipping = false;
  /** frames that did not fit into the buffer, counted by their lines */
  private overflowed = 0;
  private targetFps: number | null = null;
  private points: { atMs: number; frames: number }[] = [];

  constructor(
    readonly name: string,
    public identity: string,
    public offset: number,
    atMs: number,
  ) {
    this.grewAtMs = atMs;
  }

  /** Read what was added. Rejects with the fault of the folder. */
  async advance(folder: LogFolder, atMs: number): Promise<void> {
    let piece = await folder.piece(this.name, this.offset, MOST_BYTES);
    if (piece.identity !== this.identity || piece.size < this.offset) {
      this.begin();
      // all of it is news
      if (piece.from > 0) piece = await folder.piece(this.name, 0, MOST_BYTES);
      this.identity = piece.identity;
    }
    if (piece.from > this.offset) {
      this.rest = '';
      this.skipping = true;
    }
    if (piece.to > this.offset) this.grewAtMs = atMs;
    this.offset = piece.to;
    this.take(piece.text, atMs);
  }

  private begin(): void {
    this.figures = null;
    this.ending = null;
    this.rest = '';
    this.skipping = false;
    this.overflowed = 0;
    this.targetFps = null;
    this.points = [];
    this.offset = 0;
  }

  private take(text: string, atMs: number): void {
    let lines = this.linesOf(text);
    if (this.skipping && lines.length > 0) {
      lines = lines.slice(1);
      this.skipping = false;
    }
    let congestion = 0;
    let said = false;
    for (const line of lines) {
      const event = readStreamLogLine(line);
      if (event === null) continue;
      if (event.kind === 'congested') {
        congestion = 1;
        this.overflowed += event.dropped;
      } else if (event.kind === 'progress') {
        const { frames, fps, sizeBytes: bytes, dropped } = event;
        this.targetFps = rateOf(event) ?? this.targetFps;
        this.figures = {
          frames,
          fps,
          bytes,
          droppedFrames: (dropped ?? 0) + this.overflowed,
          congestion,
          targetFps: this.targetFps,
        };
        this.ending = null;
        said = true;
      } else this.ending = event.kind;
    }
    if (!this.figures) return;
    const { frames, fps } = this.figures;
    if (said && frames !== null) this.points.push({ atMs, frames });
    this.figures = { ...this.figures, congestion, fps: this.rate() ?? fps };
    if (said) this.saidAtMs = atMs;
  }

  /** Frames a second lately; null where too little time has gone. */
  private rate(): number | null {
    const last = this.points.at(-1);
    if (!last) return null;
    this.points = this.points.filter(({ atMs }) => last.atMs - atMs <= RATE_OVER_MS).slice(-MOST_POINTS);
    const first = this.points[0]!;
    const spanMs = last.atMs - first.atMs;
    return spanMs < RATE_LEAST_MS ? null : ((last.frames - first.frames) / spanMs) * 1000;
  }

  private linesOf(text: string): string[] {
    const { lines, rest } = splitStreamLog(this.rest + text);
    // a line without end is let go, and what is left of it too
    if (rest === '' && text !== '' && !/[\r\n]$/.test(text)) this.skipping = true;
    this.rest = rest;
    return lines;
  }
}

/** The rate that frames have by the time they cover; null where they are few, or it is none that pictures have. */
function rateOf({ frames, timeMs }: { frames: number | null; timeMs: number | null }): number | null {
  if (frames === null || timeMs === null || frames < ENOUGH_FRAMES || timeMs <= 0) return null;
  const rate = (frames / timeMs) * 1000;
  const off = (one: number) => Math.abs(one - rate);
  const nearest = RATES.reduce((best, one) => (off(one) < off(best) ? one : best));
  return off(nearest) <= nearest * CLOSE ? nearest : null;
}
