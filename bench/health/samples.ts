// An endless show as readings one second apart, by a clock that only counts.
import type { HealthSample } from '../../lib/production/health';

const SECOND_MS = 1000;
const FPS = 30;
/** a fault begins this often in a show with trouble, and lasts as long as given: it has cleared long before the next */
const TROUBLE = { everyS: 900, lastsS: 60 };

/** Readings of a show that streams and records; with `trouble`, the uplink and the computer fail now and then. */
export class Show {
  private second = 0;
  private readonly counters = {
    bytes: 0,
    frames: 0,
    dropped: 0,
    missed: 0,
    rendered: 0,
    skipped: 0,
    encoded: 0,
  };

  constructor(
    private readonly trouble: boolean,
    private readonly startMs = 1_800_000_000_000,
  ) {}

  next(): HealthSample {
    const { counters } = this;
    const second = (this.second += 1);
    const bad = this.trouble && second % TROUBLE.everyS < TROUBLE.lastsS && second > TROUBLE.everyS;
    // a few hundred kbit/s up and down, as encoders do
    const kbps = bad ? 400 : 6000 + ((second * 37) % 500);
    counters.bytes += (kbps * 1000) / 8;
    counters.frames += FPS;
    counters.dropped += bad ? 12 : 0;
    counters.rendered += FPS;
    counters.missed += bad ? 6 : 0;
    counters.encoded += FPS;
    counters.skipped += bad ? 6 : 0;
    return {
      atMs: this.startMs + second * SECOND_MS,
      reachable: true,
      connection: 'ready',
      reason: null,
      streams: [
        {
          output: 'stream',
          state: 'live',
          liveSinceMs: this.startMs,
          delayMs: 0,
          reconnects: 0,
          lastEnd: null,
          bytes: counters.bytes,
          frames: counters.frames,
          droppedFrames: counters.dropped,
          congestion: bad ? 0.9 : 0.02,
          targetKbps: 6160,
          unknown: {},
        },
      ],
      recording: 'recording',
      program: 'Camera 1',
      statistics: {
        cpuPercent: 12 + (second % 5),
        memoryMegabytes: 512,
        freeDiskMegabytes: 500_000 - second * 0.01,
        fps: bad ? 20 : FPS,
        targetFps: FPS,
        frameRenderMs: 3,
        missedFrames: counters.missed,
        renderedFrames: counters.rendered,
        skippedFrames: counters.skipped,
        encodedFrames: counters.encoded,
      },
      picture: null,
      sound: null,
      media: [],
      unknown: {},
    };
  }
}
