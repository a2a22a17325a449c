import { type Taken, StreamMeter } from '../media/meter';
import type { FeedMeter } from '../media/told-feed';
import type { StreamFigures, Tag } from '../types';

/** Rates look back so far. */
const LOOKS_BACK_MS = 10_000;
const WHY = 'Node-RED was too busy to follow the stream';

/** Measures a stream of which some is left out on its way here, where the publisher did send it. */
export class HoleyMeter implements FeedMeter {
  private bytes = 0;
  private frames = 0;
  private missedMs: number | null = null;
  private isHole = false;
  /** holes that are none of the publisher's */
  private ownGaps = 0;

  constructor(
    private readonly now: () => number,
    private readonly meter: FeedMeter = new StreamMeter(),
  ) {}

  take(tag: Tag): Taken {
    if (!this.isHole || tag.kind === 'data') return this.meter.take(tag);
    this.isHole = false;
    const gaps = () => this.meter.figures(tag.atMs).gaps;
    const before = gaps();
    const taken = this.meter.take(tag);
    this.ownGaps += gaps() - before;
    return taken;
  }

  /** So much more came, and was left out before the next tag. */
  missed(bytes: number, frames: number): void {
    this.bytes += bytes;
    this.frames += frames;
    this.missedMs = this.now();
    this.isHole = true;
  }

  figures(nowMs: number): StreamFigures {
    const figures = this.meter.figures(nowMs);
    const whole = {
      ...figures,
      bytes: figures.bytes + this.bytes,
      videoFrames: figures.videoFrames + this.frames,
      gaps: figures.gaps - this.ownGaps,
    };
    if (this.missedMs === null || nowMs - this.missedMs > LOOKS_BACK_MS) return whole;
    const unknown = { ...figures.unknown, bitrateKbps: WHY, fps: WHY };
    return { ...whole, bitrateKbps: null, fps: null, unknown };
  }
}
