import type { VmixRecording } from '../../lib/vmix/state-types';
import type { Faults } from './faults';

/** The recording: whole seconds while it runs, file names that stay afterwards. No pause, no split, no format, as in vMix. */
export class Recording {
  on = false;
  private files: string[] = [];
  private startedAt = 0;
  private stalledAt: number | null = null;

  constructor(
    private readonly faults: Faults,
    private readonly twoRecorders: boolean,
    private readonly now: () => number = Date.now,
  ) {}

  start(): boolean {
    if (this.on) return false;
    this.on = true;
    this.startedAt = this.now();
    this.stalledAt = null;
    const time = new Date(this.startedAt).toISOString().slice(0, 19).replace('T', ' ').replaceAll(':', '-');
    this.files = [`C:\\Rehearsal\\capture - ${time}.mp4`];
    if (this.twoRecorders) this.files.push(`C:\\Rehearsal\\capture 2 - ${time}.mp4`);
    return true;
  }

  stop(): boolean {
    const was = this.on;
    this.on = false;
    return was;
  }

  /** Another run of vMix knows no file. */
  reset(): void {
    this.on = false;
    this.files = [];
  }

  get state(): VmixRecording {
    if (!this.faults.stallRecording) this.stalledAt = null;
    else this.stalledAt ??= this.now();
    const until = this.stalledAt ?? this.now();
    return {
      on: this.on,
      durationS: this.on ? Math.max(0, Math.floor((until - this.startedAt) / 1000)) : null,
      files: this.files,
    };
  }
}
