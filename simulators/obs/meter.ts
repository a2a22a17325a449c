/** Byte and frame counters of one output, in real time: what a client measures as bitrate must be right at any speed. */
export class Meter {
  private startedAt: number | null = null;
  private frames = 0;
  private bytes = 0;

  constructor(
    private readonly fps: () => number,
    private readonly kbps: () => number,
  ) {}

  /** Count from 0; the first frame goes out after `leadMs` of real time. */
  start(leadMs: number): void {
    this.frames = 0;
    this.bytes = 0;
    this.startedAt = performance.now() + leadMs;
  }

  /** Keep the figures as they are. */
  hold(): void {
    this.frames = this.totalFrames;
    this.bytes = this.totalBytes;
    this.startedAt = null;
  }

  /** Count on from the held figures. */
  resume(): void {
    const held = (this.frames / this.fps()) * 1000;
    this.startedAt = performance.now() - held;
  }

  /** Hold at these figures. */
  set(frames: number, bytes: number): void {
    this.startedAt = null;
    this.frames = frames;
    this.bytes = bytes;
  }

  get totalFrames(): number {
    if (this.startedAt === null) return this.frames;
    return Math.max(0, Math.floor(((performance.now() - this.startedAt) / 1000) * this.fps()));
  }

  get totalBytes(): number {
    if (this.startedAt === null) return this.bytes;
    return Math.round((this.totalFrames / this.fps()) * this.kbps() * 125);
  }

  /** What OBS calls the duration: frames times frame time, cut to whole milliseconds. */
  get durationMs(): number {
    const frames = this.totalFrames;
    return frames === 0 ? 0 : Math.floor((frames * 1000) / this.fps() - 0.5);
  }
}

/** `HH:MM:SS.mmm` */
export function timecode(ms: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}.${String(ms % 1000).padStart(3, '0')}`;
}
