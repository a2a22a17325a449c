import { FRAME_SAMPLES, SAMPLE_RATE, silentFrame, toneFrame } from './aac';
import { writeAmf } from './amf';
import { audioHeader, audioTag, videoHeader, videoTag } from './flv';
import { blackPlanes, FPS, H264Writer, HEIGHT, WIDTH } from './h264';
import type { Piece } from './rtmp';
import { drawTestPicture } from './test-picture';

/** What is wrong with a test stream at the moment. `frozen`: the picture stands still, and nothing is heard. */
export type StreamFault = 'black' | 'frozen' | null;

/** How a test stream looks and sounds. */
export interface TestLook {
  name: string;
  /** counted from 0; its colour and its tone */
  number: number;
}

const KEY_EVERY = FPS;
/** Another picture, for whoever keeps pictures that changed. */
const SCENE_MS = 20_000;
/** Somebody who stood still has missed what was before, and goes on with now. */
const MOST_BEHIND_MS = 1_000;

/** A stream with a picture, a clock and a tone, by its own clock. It writes, and sends nothing. */
export class TestStream {
  private readonly video = new H264Writer();
  private frames = 0;
  private sounds = 0;
  private startMs: number | null = null;
  private shown: { text: string; scene: number } | null = null;

  constructor(private readonly look: TestLook) {}

  /** What comes before all else. */
  headers(): Piece[] {
    const about = { width: WIDTH, height: HEIGHT, framerate: FPS, videocodecid: 7, audiocodecid: 10 };
    return [
      { kind: 'data', timestampMs: 0, payload: writeAmf('@setDataFrame', 'onMetaData', about) },
      { kind: 'video', timestampMs: 0, payload: videoHeader() },
      { kind: 'audio', timestampMs: 0, payload: audioHeader() },
    ];
  }

  /**
   * What is due.
   * @param nowMs by any clock that goes forward
   * @param at what the clock in the picture shows
   */
  due(nowMs: number, at: Date, fault: StreamFault = null): Piece[] {
    this.startMs ??= nowMs;
    const pieces: Piece[] = [];
    const elapsedMs = nowMs - this.startMs;
    if (elapsedMs - this.videoMs > MOST_BEHIND_MS) {
      this.frames = Math.ceil((elapsedMs * FPS) / 1000 / KEY_EVERY) * KEY_EVERY;
      this.sounds = Math.ceil((this.videoMs * SAMPLE_RATE) / FRAME_SAMPLES / 1000);
    }
    for (; this.videoMs <= elapsedMs; this.frames++) {
      const isKey = this.frames % KEY_EVERY === 0;
      const nal = isKey ? this.key(at, fault) : this.video.same();
      pieces.push({ kind: 'video', timestampMs: this.videoMs, payload: videoTag(isKey, nal) });
    }
    for (; this.audioMs <= elapsedMs; this.sounds++) {
      const frame = fault === 'frozen' ? silentFrame() : toneFrame(3 + this.look.number, this.sounds);
      pieces.push({ kind: 'audio', timestampMs: this.audioMs, payload: audioTag(frame) });
    }
    return pieces.sort((one, other) => one.timestampMs - other.timestampMs);
  }

  private get videoMs(): number {
    return Math.round((this.frames * 1000) / FPS);
  }

  private get audioMs(): number {
    return Math.round((this.sounds * FRAME_SAMPLES * 1000) / SAMPLE_RATE);
  }

  private key(at: Date, fault: StreamFault): Buffer {
    const { name, number } = this.look;
    if (fault === 'black') return this.video.key(blackPlanes());
    const now = { text: clock(at), scene: Math.floor(this.videoMs / SCENE_MS) };
    this.shown = fault === 'frozen' ? (this.shown ?? now) : now;
    return this.video.key(drawTestPicture({ name, colour: number, ...this.shown }));
  }
}

/** As people read it where Node-RED runs: `19:30:05`. */
function clock(at: Date): string {
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
