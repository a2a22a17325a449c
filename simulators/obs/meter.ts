import type { Uplink } from './uplink';

/** Byte and frame counters of one output, in real time: what a client measures as bitrate must be right at any speed. */
export class Meter {
  /** since when it counts on from the figures below, by performance.now(); null while it holds them */
  private since: number | null = null;
  private frames = 0;
  private bytes = 0;
  private dropped = 0;

  /** With an uplink the bytes are what gets through, and what does not is dropped, where `rtmp` counts drops. */
  constructor(
    private readonly fps: () => number,
    private readonly kbps: () => number,
    private readonly uplink: Uplink | null = null,
    private readonly rtmp: () => boolean = () => true,
  ) {}

  /** Count from 0; the first frame goes out after `leadMs` of real time. */
  start(leadMs: number): void {
    this.set(0, 0);
    this.since = performance.now() + leadMs;
  }

  /** Keep the figures as they are. */
  hold(): void {
    this.settle();
    this.set(Math.floor(this.frames), this.bytes, this.dropped);
  }

  /** Count on from the held figures. */
  resume(): void {
    this.since ??= performance.now();
  }

  /** Hold at these figures. */
  set(frames: number, bytes: number, dropped = 0): void {
    this.since = null;
    this.frames = frames;
    this.bytes = bytes;
    this.dropped = dropped;
  }

  /** What was counted so far stays; the rates may be others from now on. */
  settle(): void {
    const now = performance.now();
    if (this.since === null || now < this.since) return;
    const frames = this.framesAt(now);
    this.bytes += this.bytesOf(frames - this.frames);
    this.dropped += this.droppedAt(now);
    this.frames = frames;
    this.since = now;
  }

  get totalFrames(): number {
    return Math.floor(this.framesAt(performance.now()));
  }

  get totalBytes(): number {
    return Math.round(this.bytes + this.bytesOf(Math.max(0, this.totalFrames - this.frames)));
  }

  get droppedFrames(): number {
    return Math.floor(this.dropped + this.droppedAt(performance.now()));
  }

  /** What OBS calls the duration: frames times frame time, cut to whole milliseconds. */
  get durationMs(): number {
    const frames = this.totalFrames;
    return frames === 0 ? 0 : Math.floor((frames * 1000) / this.fps() - 0.5);
  }

  private framesAt(now: number): number {
    if (this.since === null) return this.frames;
    return this.frames + Math.max(0, ((now - this.since) / 1000) * this.fps());
  }

  private bytesOf(frames: number): number {
    return (frames / this.fps()) * this.kbps() * 125 * (this.uplink?.delivered(this.rtmp()) ?? 1);
  }

  private droppedAt(now: number): number {
    if (this.since === null || !this.uplink || !this.rtmp()) return 0;
    return (this.framesAt(now) - this.frames) * this.uplink.dropped(this.since, now);
  }
}

/** `HH:MM:SS.mmm` */
export function timecode(ms: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}.${String(ms % 1000).padStart(3, '0')}`;
}
