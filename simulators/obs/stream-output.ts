import type { Cancel, Clock } from './clock';
import type { Faults, StreamOutcome } from './faults';
import { Refusal } from './fields';
import type { Data } from './fields';
import type { SimulatedHealth } from './health';
import { Meter, timecode } from './meter';
import type { Profiles } from './profiles';
import { StarvedUplink } from './starved-uplink';
import { outcomeOf, targetOf } from './stream-outcome';
import type { Target } from './stream-outcome';
import { Status } from './tables/codes';
import type { Version } from './tables/requests';
import type { SimulatedStreamState } from './types';

export interface OutputContext {
  clock: Clock;
  faults: Faults;
  health: SimulatedHealth;
  profiles: Profiles;
  version: Version;
  random: () => number;
  emit: (type: string, data: Data) => void;
  crash: () => void;
  anyActive: () => boolean;
}

/** A weak uplink is found some time after the start, as in life. */
const WEAK_AFTER_MS = 20_000;
const WEAK_SHARE = 0.3;

const between = (random: () => number, low: number, high: number): number => low + random() * (high - low);

/** The streaming output, with the sequences and delays measured on a real OBS 29.0.2. */
export class StreamOutput {
  state: SimulatedStreamState = 'idle';
  /** what OBS's requests look at: from STARTED to STOPPED, also while reconnecting */
  frontendActive = false;
  /** what GetStreamStatus tells: also for a while after STOPPED */
  outputActive = false;
  reconnecting = false;
  target: Target | null = null;
  private congestion: number | null = 0;
  private readonly meter: Meter;
  private timers: Cancel[] = [];
  private lingering: Cancel | null = null;
  private readonly starved: StarvedUplink;
  private outcome: StreamOutcome = 'live';
  private serverLost = false;
  private retries = 0;
  private delayMs = 0;
  private firstDataAt = 0;

  constructor(private readonly context: OutputContext) {
    const { network } = context.health;
    this.meter = new Meter(
      () => context.profiles.fps,
      () => context.profiles.bitrate,
      network,
      () => this.isRtmp,
    );
    this.starved = new StarvedUplink(context, {
      isLive: () => this.state === 'live',
      disconnected: () => this.disconnected(),
      reconnected: () => this.reconnected(),
    });
    network.onChange(
      () => this.meter.settle(),
      () => this.starved.look(this.isRtmp),
    );
  }

  private get isRtmp(): boolean {
    return this.target?.kind === 'rtmp_output';
  }

  get name(): string {
    return this.context.profiles.advanced ? 'adv_stream' : 'simple_stream';
  }

  /** StartStream, ToggleStream or a hotkey; `bare` is StartOutput, which tells no STARTING. */
  start(bare = false): void {
    if (this.frontendActive || (bare && this.outputActive)) throw new Refusal(Status.OutputRunning);
    if (this.state === 'starting') {
      this.startTwice();
      return;
    }
    this.cancel();
    this.lingering?.();
    this.lingering = null;
    const { profiles, faults, random } = this.context;
    profiles.starts(this.context.anyActive());
    this.state = 'starting';
    this.congestion = 0;
    this.outputActive = false;
    this.reconnecting = false;
    this.retries = 0;
    profiles.current.started.add(this.name);
    const target = targetOf(profiles.current.service);
    // the frames of the last stream stay until this one is live, unless another kind of output takes its place
    this.meter.set(this.target?.kind === target.kind ? this.meter.totalFrames : 0, 0);
    this.target = target;
    this.outcome = faults.streamOutcome ?? outcomeOf(this.target, this.context.version);
    if (this.serverLost && (this.outcome === 'live' || this.outcome === 'weak')) this.outcome = 'refuse';
    this.delayMs = profiles.flag('Output', 'DelayEnable') ? profiles.number('Output', 'DelaySec') * 1000 : 0;
    const startingMs = between(random, 2, 30);
    if (!bare) {
      this.after(startingMs, () => {
        this.tell('STARTING');
        if (this.delayMs > 0 && this.outcome !== 'silent') this.outputActive = true;
      });
    }
    this.connect(startingMs);
  }

  stop(): void {
    if (!this.frontendActive) throw new Refusal(Status.OutputNotRunning);
    const { clock, random } = this.context;
    if (this.state === 'stopping') {
      // without a delay the second stop is OBS's force stop; with one it waits for the delay again
      this.cancel();
      if (this.delayMs > 0) {
        this.tell('STOPPING');
        this.after(this.remainingDelay(), () => this.stopped());
      } else this.stopped();
      return;
    }
    const wasReconnecting = this.state === 'reconnecting';
    this.cancel();
    this.state = 'stopping';
    this.after(between(random, 0, 3), () => {
      this.tell('STOPPING');
      const tail = wasReconnecting ? 1 : between(random, 40, 180);
      this.timers.push(clock.after(tail + this.remainingDelay(), () => this.stopped()));
    });
  }

  status(): Data {
    const duration = this.outputActive ? this.meter.durationMs : 0;
    const { network } = this.context.health;
    return {
      outputActive: this.outputActive,
      outputBytes: this.meter.totalBytes,
      outputCongestion: this.isRtmp && this.outputActive ? network.congestion : this.congestion,
      outputDuration: duration,
      outputReconnecting: this.reconnecting,
      outputSkippedFrames: this.meter.droppedFrames,
      outputTimecode: timecode(duration),
      outputTotalFrames: this.meter.totalFrames,
    };
  }

  get frames(): number {
    return this.meter.totalFrames;
  }

  /** The server goes away: RTMP notices at once, SRT after 5.1 s. */
  lose(): void {
    this.serverLost = true;
    if (this.state !== 'live') return;
    if (this.target?.kind === 'ffmpeg_mpegts_muxer') {
      this.after(5100, () => {
        if (this.serverLost) this.disconnected();
      });
    } else {
      this.after(between(this.context.random, 5, 50), () => this.disconnected());
    }
  }

  restore(): void {
    this.serverLost = false;
  }

  /** The program is gone. */
  end(): void {
    this.cancel();
    this.lingering?.();
    this.state = 'idle';
    this.frontendActive = false;
    this.outputActive = false;
    this.reconnecting = false;
    this.meter.set(0, 0);
  }

  private connect(startingMs: number): void {
    const { random, version } = this.context;
    const srt = this.target?.kind === 'ffmpeg_mpegts_muxer';
    switch (this.outcome) {
      case 'live':
      case 'weak':
      case 'deny':
        this.after(startingMs + this.delayMs + between(random, 140, 210), () => this.started());
        return;
      case 'refuse':
        this.after(
          startingMs +
            (srt && this.target?.server !== '' ? version.srtTimeoutMs - 20 : between(random, 1, 60)),
          () => this.failed(),
        );
        return;
      case 'hang':
        this.after(30_600, () => this.failed());
        return;
      case 'silent':
        this.after(startingMs + 20, () => {
          this.state = 'idle';
        });
    }
  }

  /** A delayed stream stops when what was delayed is sent, and not before its first data was. */
  private remainingDelay(): number {
    if (this.delayMs === 0) return 0;
    return Math.max(this.delayMs, (this.firstDataAt - performance.now()) * this.context.clock.speed);
  }

  private startTwice(): void {
    if (this.outcome === 'hang' || this.outcome === 'silent') {
      this.after(between(this.context.random, 2, 30), () => this.tell('STARTING'));
    } else if (this.context.version.recordFormat === 'RecFormat') {
      // OBS has no guard here: its RTMP output is torn down while it connects
      this.context.clock.after(50, this.context.crash);
    } else if (this.context.version.webSocket.startsWith('5.7')) {
      // measured once on 32.2.2: it survives, told STOPPED and RECONNECTING at once, and reconnects for ever
      this.outcome = 'deny';
      this.after(between(this.context.random, 2, 30), () => this.tell('STARTING'));
    } else {
      this.after(between(this.context.random, 2, 30), () => this.tell('STARTING'));
    }
  }

  private started(): void {
    this.state = 'live';
    this.frontendActive = true;
    this.outputActive = true;
    this.tell('STARTED');
    this.run();
  }

  private run(): void {
    // with a delay the first key frame is lost while it connects: measured, data begins with the next one, 250 frames on
    const leadMs = this.delayMs > 0 ? 250_000 / this.context.profiles.fps : 150;
    this.firstDataAt = performance.now() + leadMs / (this.delayMs > 0 ? this.context.clock.speed : 1);
    this.meter.start(this.firstDataAt - performance.now());
    if (this.outcome === 'deny') this.after(150, () => this.disconnected());
    if (this.outcome === 'weak') this.after(WEAK_AFTER_MS, () => this.context.health.uplink(WEAK_SHARE));
    this.starved.look(this.isRtmp);
  }

  private disconnected(): void {
    if (this.state !== 'live' && this.state !== 'reconnecting') return;
    const { profiles, random } = this.context;
    const again =
      profiles.flag('Output', 'Reconnect') && this.retries < profiles.number('Output', 'MaxRetries');
    if (!again) {
      this.stopped();
      return;
    }
    if (this.state === 'live') {
      if (this.outcome === 'deny') this.meter.set(1, 22);
      else this.meter.hold();
    }
    this.state = 'reconnecting';
    this.reconnecting = true;
    this.tell('RECONNECTING');
    const wait = profiles.number('Output', 'RetryDelay') * 1000 * 1.5 ** this.retries;
    this.retries += 1;
    this.after(wait, () => {
      // each attempt takes the bytes back to 0; frames and duration stay until it succeeds
      this.meter.set(this.meter.totalFrames, 0);
      if (this.serverLost) this.after(between(random, 5, 60), () => this.disconnected());
      else if (this.context.health.network.share === 0) this.starved.attempt();
      else this.after(between(random, 100, 250), () => this.reconnected());
    });
  }

  private reconnected(): void {
    this.retries = 0;
    this.state = 'live';
    this.reconnecting = false;
    this.tell('RECONNECTED');
    this.run();
  }

  private failed(): void {
    const { faults, random, version } = this.context;
    const nullable = version.recordFormat === 'RecFormat';
    this.congestion = (faults.nullCongestion ?? (nullable && random() < 0.25)) ? null : 0;
    this.state = 'idle';
    this.outputActive = false;
    this.tell('STOPPED');
  }

  private stopped(): void {
    this.cancel();
    const { faults, random, clock, health } = this.context;
    this.meter.hold();
    if (this.outcome === 'weak') health.uplink(1);
    this.state = 'idle';
    this.frontendActive = false;
    this.reconnecting = false;
    const linger = faults.lingerMs ?? (random() < 0.33 ? random() * 700 : 0);
    if (linger > 0) {
      this.lingering = clock.after(linger, () => {
        this.outputActive = false;
      });
    } else this.outputActive = false;
    this.tell('STOPPED');
  }

  private tell(state: string): void {
    this.context.emit('StreamStateChanged', {
      outputActive: state === 'STARTED' || state === 'RECONNECTED',
      outputState: `OBS_WEBSOCKET_OUTPUT_${state}`,
    });
  }

  private after(ms: number, action: () => void): void {
    this.timers.push(this.context.clock.after(ms, action));
  }

  private cancel(): void {
    for (const cancel of this.timers) cancel();
    this.timers = [];
    this.starved.cancel();
  }
}
