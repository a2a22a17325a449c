import type { Cancel } from './clock';
import { Refusal } from './fields';
import type { Data } from './fields';
import { Meter } from './meter';
import { folderExists, nextPath, recordFolder } from './record-path';
import type { OutputContext } from './stream-output';
import { Status } from './tables/codes';

/** The virtual camera: OBS tells only STARTED and STOPPED. */
export class VirtualCamera {
  active = false;
  private timer: Cancel | null = null;

  constructor(
    private readonly context: OutputContext,
    readonly available: boolean,
  ) {}

  need(): void {
    if (!this.available) throw new Refusal(Status.InvalidResourceState, 'VirtualCam is not available.');
  }

  start(): void {
    this.need();
    if (this.active) throw new Refusal(Status.OutputRunning);
    this.change(true, 30);
  }

  stop(): void {
    this.need();
    if (!this.active) throw new Refusal(Status.OutputNotRunning);
    this.change(false, 60);
  }

  end(): void {
    this.timer?.();
    this.active = false;
  }

  private change(active: boolean, ms: number): void {
    this.timer?.();
    this.timer = this.context.clock.after(ms, () => {
      this.active = active;
      this.context.emit('VirtualcamStateChanged', {
        outputActive: active,
        outputState: `OBS_WEBSOCKET_OUTPUT_${active ? 'STARTED' : 'STOPPED'}`,
      });
    });
  }
}

/** The replay buffer: stopping it takes 0.6 s, saving 0.25 s and more. */
export class ReplayBuffer {
  active = false;
  lastPath = '';
  readonly meter: Meter;
  private starting = false;
  private stopping = false;
  private timers: Cancel[] = [];
  private readonly used = new Set<string>();

  constructor(
    private readonly context: OutputContext,
    private readonly hasSource: () => boolean,
  ) {
    this.meter = new Meter(
      () => context.profiles.fps,
      () => context.profiles.bitrate,
    );
  }

  get available(): boolean {
    return this.context.profiles.current.loaded.replayBuffer;
  }

  need(): void {
    if (!this.available) throw new Refusal(Status.InvalidResourceState, 'Replay buffer is not available.');
  }

  start(): void {
    this.need();
    if (this.active) throw new Refusal(Status.OutputRunning);
    // with nothing to show OBS opens a dialog and starts nothing
    if (this.starting || !this.hasSource()) return;
    this.starting = true;
    this.context.profiles.current.started.add('Replay Buffer');
    this.after(1 + this.context.random() * 40, () => {
      this.starting = false;
      this.active = true;
      this.meter.start(100);
      this.tell('STARTING');
      this.tell('STARTED');
    });
  }

  stop(): void {
    this.need();
    if (!this.active) throw new Refusal(Status.OutputNotRunning);
    if (this.stopping) return;
    this.stopping = true;
    this.after(this.context.random() * 3, () => this.tell('STOPPING'));
    this.after(590, () => {
      this.stopping = false;
      this.active = false;
      this.meter.hold();
      this.tell('STOPPED');
    });
  }

  save(): void {
    this.need();
    if (!this.active) throw new Refusal(Status.OutputNotRunning);
    const { profiles, version, emit, random } = this.context;
    if (!folderExists(recordFolder(profiles))) return;
    this.after(250 + random() * 450, () => {
      const prefix = profiles.get('SimpleOutput', 'RecRBPrefix') ?? '';
      this.lastPath = nextPath(profiles, version.recordFormat, this.used, prefix === '' ? '' : `${prefix} `);
      this.used.add(this.lastPath);
      emit('ReplayBufferSaved', { savedReplayPath: this.lastPath });
    });
  }

  end(): void {
    for (const cancel of this.timers) cancel();
    this.timers = [];
    this.active = false;
    this.starting = false;
    this.stopping = false;
    this.lastPath = '';
  }

  private tell(state: string): void {
    const data: Data = { outputActive: state === 'STARTED', outputState: `OBS_WEBSOCKET_OUTPUT_${state}` };
    this.context.emit('ReplayBufferStateChanged', data);
  }

  private after(ms: number, action: () => void): void {
    this.timers.push(this.context.clock.after(ms, action));
  }
}
