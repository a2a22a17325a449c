import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Cancel } from './clock';
import { Refusal } from './fields';
import type { Data } from './fields';
import { Meter, timecode } from './meter';
import { folderExists, nextPath, recordFolder, recordFormat } from './record-path';
import { hostOf } from './stream-outcome';
import type { OutputContext } from './stream-output';
import { Status } from './tables/codes';
import type { SimulatedRecordState } from './types';

/** The recording output, with the sequences, delays and silent no-ops measured on a real OBS 29.0.2. */
export class RecordOutput {
  state: SimulatedRecordState = 'idle';
  frontendActive = false;
  outputActive = false;
  paused = false;
  path: string | null = null;
  private format = 'mkv';
  private pausedAt = Number.NEGATIVE_INFINITY;
  /** measured on OBS 29.0.2: resumed within a frame of its pause, a recording never ends any more */
  private stuck = false;
  private readonly used = new Set<string>();
  private readonly meter: Meter;
  private timers: Cancel[] = [];

  constructor(
    private readonly context: OutputContext,
    private readonly writeFiles: boolean,
  ) {
    this.meter = new Meter(
      () => context.profiles.fps,
      () => context.profiles.bitrate,
    );
  }

  get name(): string {
    const { profiles } = this.context;
    if (profiles.custom) return 'adv_ffmpeg_output';
    return profiles.advanced ? 'adv_file_output' : 'simple_file_output';
  }

  /** StartRecord, ToggleRecord or a hotkey; `bare` is StartOutput, which tells no STARTING and keeps the last path. */
  start(bare = false): void {
    if (this.frontendActive || (bare && this.outputActive)) throw new Refusal(Status.OutputRunning);
    const { profiles, random, version } = this.context;
    if (profiles.sendsTo !== null) return this.startSending();
    // OBS takes the request and then finds the output still closing, or already on its way
    if (this.outputActive || this.state !== 'idle') return;
    profiles.starts(this.context.anyActive());
    // a modal dialog in OBS; no event reaches the client
    if (!folderExists(recordFolder(profiles))) return;
    this.cancel();
    this.state = 'starting';
    this.paused = false;
    this.format = recordFormat(profiles, version.recordFormat);
    const startingMs = 1 + random() * 35;
    if (!bare) this.after(startingMs, () => this.tell('STARTING'));
    this.after(startingMs + 1 + random() * 40, () => {
      if (!bare || this.path === null) {
        this.path = nextPath(profiles, version.recordFormat, this.used);
        this.used.add(this.path);
      }
      profiles.current.started.add(this.name);
      this.state = 'recording';
      this.frontendActive = true;
      this.write();
      this.meter.start(550);
      this.tell('STARTED');
      // measured: a status read in the same millisecond still says inactive
      this.after(random() * 10, () => {
        this.outputActive = true;
      });
    });
  }

  /**
   * A custom recording that sends to an address: measured on OBS 29.0.2. What does not connect is never told of, nor is the loss of
   * the other end, and while it connects nothing stops it.
   */
  private startSending(): void {
    const { profiles, random, anyActive, version } = this.context;
    this.after(1 + random() * 35, () => this.tell('STARTING'));
    // the thread that connects is there already
    if (this.outputActive || this.state !== 'idle') return;
    profiles.starts(anyActive());
    const address = profiles.sendsTo ?? '';
    const host = hostOf(address);
    this.state = 'starting';
    const listens = /[?&]mode=listener\b/.test(address);
    // in a rehearsal somebody calls a listener at once, unless it listens at this host
    if (host === 'refused.invalid' || (host === '' && !listens)) {
      const waits = /[?&]listen_timeout=(\d+)/.exec(address)?.[1];
      if (listens && waits === undefined) return;
      const ms = listens ? Number(waits) / 1000 : version.srtTimeoutMs;
      this.after(ms, () => {
        this.state = 'idle';
      });
      return;
    }
    this.after(40 + random() * 40, () => {
      this.path = address;
      profiles.current.started.add(this.name);
      this.state = 'recording';
      this.frontendActive = true;
      this.outputActive = true;
      this.meter.start(550);
      this.tell('STARTED');
    });
  }

  /** The other end of what is sent is gone: OBS finds out after 5.1 s, and says nothing. */
  lose(): void {
    if (this.context.profiles.sendsTo === null || !this.outputActive) return;
    this.after(5100, () => this.end());
  }

  /** Returns the path of a file that is not closed before STOPPED. */
  stop(): string {
    if (!this.frontendActive) throw new Refusal(Status.OutputNotRunning);
    const path = this.path ?? '';
    if (this.state === 'stopping') return path;
    const { random } = this.context;
    this.state = 'stopping';
    this.after(random() * 3, () => this.tell('STOPPING'));
    if (this.stuck) return path;
    this.after(120 + random() * 520, () => this.stopped());
    return path;
  }

  pause(): void {
    if (this.paused) throw new Refusal(Status.OutputPaused);
    this.setPaused(true);
  }

  resume(): void {
    if (!this.paused) throw new Refusal(Status.OutputNotPaused);
    this.setPaused(false);
  }

  /** Returns what OBS answers, which is what it was asked for, whether it happens or not. */
  togglePause(): boolean {
    const paused = !this.paused;
    this.setPaused(paused);
    return paused;
  }

  /** SplitRecordFile: only with file splitting switched on in the advanced output. */
  split(): void {
    const { profiles, version, emit } = this.context;
    if (!this.frontendActive) throw new Refusal(Status.OutputNotRunning);
    if (!profiles.advanced || !profiles.flag('AdvOut', 'RecSplitFile') || this.paused) {
      throw new Refusal(
        Status.ProcessingFailed,
        'Verify that file splitting is enabled in the output settings.',
      );
    }
    this.after(150, () => {
      this.path = nextPath(profiles, version.recordFormat, this.used);
      this.used.add(this.path);
      this.write();
      emit('RecordFileChanged', { newOutputPath: this.path });
    });
  }

  /** CreateRecordChapter: only into the hybrid formats. */
  chapter(): void {
    if (!this.frontendActive) throw new Refusal(Status.OutputNotRunning);
    if (!this.format.startsWith('hybrid_')) {
      throw new Refusal(
        Status.ProcessingFailed,
        'Verify that the output being used supports chapter markers.',
      );
    }
  }

  status(): Data {
    const duration = this.outputActive ? this.meter.durationMs : 0;
    return {
      outputActive: this.outputActive,
      outputBytes: this.meter.totalBytes,
      outputDuration: duration,
      outputPaused: this.paused,
      outputTimecode: timecode(duration),
    };
  }

  get totalFrames(): number {
    return this.meter.totalFrames;
  }

  end(): void {
    this.cancel();
    this.state = 'idle';
    this.frontendActive = false;
    this.outputActive = false;
    this.paused = false;
    this.stuck = false;
    this.meter.set(0, 0);
  }

  private setPaused(paused: boolean): void {
    if (!this.frontendActive || this.state === 'stopping') return;
    const { profiles, random } = this.context;
    // a recording that shares the stream's encoder cannot pause; OBS says nothing
    const shared = profiles.advanced
      ? profiles.get('AdvOut', 'RecEncoder') === 'none'
      : profiles.get('SimpleOutput', 'RecQuality') === 'Stream';
    if (shared) return;
    const now = performance.now();
    if (paused) this.pausedAt = now;
    else if (now - this.pausedAt < 1000 / profiles.fps)
      this.stuck = this.context.version.recordFormat === 'RecFormat';
    this.paused = paused;
    this.state = paused ? 'paused' : 'recording';
    if (paused) this.meter.hold();
    else this.meter.resume();
    this.after(random() * 3, () => this.tell(paused ? 'PAUSED' : 'RESUMED'));
  }

  /** It ends by itself. */
  fail(): void {
    if (this.state === 'recording' || this.state === 'paused') this.stopped();
  }

  private stopped(): void {
    const { faults, random } = this.context;
    this.cancel();
    this.meter.hold();
    this.state = 'idle';
    this.frontendActive = false;
    this.paused = false;
    const linger = faults.lingerMs ?? (random() < 0.33 ? random() * 700 : 0);
    if (linger > 0) {
      this.after(linger, () => {
        this.outputActive = false;
      });
    } else this.outputActive = false;
    this.tell('STOPPED');
  }

  private write(): void {
    if (!this.writeFiles || this.path === null) return;
    try {
      mkdirSync(dirname(this.path), { recursive: true });
      writeFileSync(this.path, 'A rehearsal recording: no picture, no sound.\n');
    } catch {
      // a folder that cannot be written is the business of a real OBS only
    }
  }

  private tell(state: string): void {
    this.context.emit('RecordStateChanged', {
      outputActive: state === 'STARTED' || state === 'RESUMED',
      outputPath: state === 'STARTED' || state === 'STOPPED' ? this.path : null,
      outputState: `OBS_WEBSOCKET_OUTPUT_${state}`,
    });
  }

  private after(ms: number, action: () => void): void {
    this.timers.push(this.context.clock.after(ms, action));
  }

  private cancel(): void {
    for (const cancel of this.timers) cancel();
    this.timers = [];
  }
}
