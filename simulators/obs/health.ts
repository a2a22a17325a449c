import { Uplink } from './uplink';

/** What the picture of a scene or an input does. */
export type SimulatedPicture = 'moving' | 'frozen' | 'black';
/** What a media input does: `stalled` says it plays and its cursor stands; `unopened` says so too, at 0, as a dead address does. */
export type SimulatedMedia = 'playing' | 'stalled' | 'unopened' | 'ended' | 'missing';

/** Figures of GetStats, in its own units. */
export interface SimulatedFigures {
  cpuUsage: number;
  memoryUsage: number;
  /** megabytes */
  availableDiskSpace: number;
  activeFps: number;
  averageFrameRenderTime: number;
}

/** Frames that came too late, as a counter that goes on when the rate changes. */
class LateFrames {
  private percent = 0;
  private before = 0;
  private from = 0;
  private last = 0;

  set(percent: number): void {
    this.before = this.count(this.last);
    this.from = this.last;
    this.percent = percent;
  }

  /** How many of `total` were late. */
  of(total: number): number {
    // counted anew from 0, as OBS does with each first output that starts
    if (total < this.last) this.before = this.from = 0;
    this.last = total;
    return this.count(total);
  }

  private count(total: number): number {
    return Math.floor(this.before + ((total - this.from) * this.percent) / 100);
  }
}

/** The health of the simulated OBS: calm until a test or a rehearsal asks for something else. */
export class SimulatedHealth {
  /** the simulator's own */
  readonly network: Uplink;
  readonly skipped = new LateFrames();
  readonly missed = new LateFrames();
  readonly scripted: Partial<SimulatedFigures> = {};
  private readonly pictures = new Map<string, SimulatedPicture>();
  private readonly sounds = new Map<string, number>();
  private readonly clips = new Map<string, SimulatedMedia>();
  private readonly standing = new Map<string, number>();

  constructor(speed: number) {
    this.network = new Uplink(speed);
  }

  /**
   * So much of the stream's bitrate gets through, 0 to 1. What does not is held back for a moment (the congestion rises), then
   * dropped; with 0 OBS finds the connection dead after 11.5 s and reconnects until there is some again.
   */
  uplink(share: number): void {
    this.network.set({ share: Math.min(1, Math.max(0, share)) });
  }

  /** The encoder makes so much of the bitrate that is set, 0 to 1: nothing is dropped, nothing is congested. */
  encoderBitrate(share: number): void {
    this.network.set({ encoded: Math.max(0, share) });
  }

  /** So many percent of the stream's frames are dropped, without any congestion. */
  dropFrames(percent: number): void {
    this.network.set({ lost: Math.min(1, Math.max(0, percent / 100)) });
  }

  /** The congestion is told as this, 0 to 1, whatever the uplink does; null: as the uplink has it. */
  congestion(value: number | null): void {
    this.network.set({ congestion: value });
  }

  /** So many percent of the frames are encoded too late. */
  skipFrames(percent: number): void {
    this.skipped.set(percent);
  }

  /** So many percent of the frames are drawn too late. */
  missFrames(percent: number): void {
    this.missed.set(percent);
  }

  /** Figures of GetStats as they shall be; those not named stay as they are. */
  figures(values: Partial<SimulatedFigures>): void {
    Object.assign(this.scripted, values);
  }

  /** The picture of a scene or an input by its name; null: as it is by itself. */
  picture(name: string, what: SimulatedPicture | null): void {
    put(this.pictures, name, what);
  }

  /** The peak of an input's sound before its fader, in dB (0 is full scale, -Infinity silence); null: as it is by itself. */
  sound(name: string, peakDb: number | null): void {
    put(this.sounds, name, peakDb);
  }

  /** What a media input does; null: as it is by itself. */
  media(name: string, what: SimulatedMedia | null): void {
    put(this.clips, name, what);
    this.standing.delete(name);
  }

  /** Everything is well again. */
  calm(): void {
    this.network.set({ share: 1, encoded: 1, lost: 0, congestion: null });
    this.skipFrames(0);
    this.missFrames(0);
    for (const name of Object.keys(this.scripted)) delete this.scripted[name as keyof SimulatedFigures];
    for (const scripts of [this.pictures, this.sounds, this.clips, this.standing]) scripts.clear();
  }

  /** The simulator asks. */
  pictureOf(name: string): SimulatedPicture | null {
    return this.pictures.get(name) ?? null;
  }

  /** The simulator asks: the peak as a multiplier. */
  peakOf(name: string): number | null {
    const peakDb = this.sounds.get(name);
    return peakDb === undefined ? null : 10 ** (peakDb / 20);
  }

  /** The simulator asks: where a stalled clip stands, which is where it was first looked at. */
  standsAt(name: string, cursorMs: number): number {
    const at = this.standing.get(name) ?? cursorMs;
    this.standing.set(name, at);
    return at;
  }

  /** The simulator asks. */
  mediaOf(name: string): SimulatedMedia | null {
    return this.clips.get(name) ?? null;
  }
}

function put<T>(scripts: Map<string, T>, name: string, what: T | null): void {
  if (what === null) scripts.delete(name);
  else scripts.set(name, what);
}
