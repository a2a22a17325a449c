import { now } from '../connection/clock';
import { Emitter } from '../connection/emitter';
import type { Priority } from '../connection/lane';
import type { RecordReport } from '../production/application';
import { formatOf } from '../production/names';
import { RecordMachine, type RecordSignal, type RecordTransition } from '../production/record-machine';
import type { RecordState } from '../production/vocabulary';
import { redactText } from '../secrets';
import type { ObsClient } from './client';
import type { EventHub } from '../production/event-hub';
import type { RequestData } from './session';
import { SignalOrder } from './signal-order';
import type { SrtTracker } from './srt-tracker';
import { number, text } from './values';

const SIGNAL = /^OBS_WEBSOCKET_OUTPUT_(STARTING|STARTED|PAUSED|RESUMED|STOPPING|STOPPED)$/;

/** How often the status is read while a recording starts or stops. */
const WATCH_MS = 1_000;

/** Follows the recording of an OBS and tells the hub. Paths are on the machine OBS runs on. */
export class RecordTracker {
  readonly machine = new RecordMachine();
  readonly changed: Emitter<void>;
  /** when OBS last paused or resumed, by the clock, in milliseconds */
  pauseChangedAtMs = Number.NEGATIVE_INFINITY;
  /** the last state that was known: what it was as the connection went */
  lastKnown: RecordState = 'unknown';
  /** the last end that was seen, by `now()`, and whether somebody asked for it */
  lastEnd: { atMs: number; expected: boolean | null } | null = null;
  private startedAtMs: number | null = null;
  private changedAtMs = 0;
  private timer: NodeJS.Timeout | null = null;
  private early: RecordSignal | null = null;
  private readonly order = new SignalOrder<RecordSignal, string | null>((signal, path) =>
    this.take(signal, path),
  );
  private last: { durationMs: number | null; sizeBytes: number | null } = {
    durationMs: null,
    sizeBytes: null,
  };

  constructor(
    private readonly client: ObsClient,
    private readonly hub: EventHub,
    /** takes what OBS sends in place of a recording */
    readonly srt: SrtTracker,
    onListenerError: (error: unknown) => void,
  ) {
    this.changed = new Emitter(onListenerError);
    client.on('RecordStateChanged', (data) => this.onSignal(data));
    client.on('RecordFileChanged', (data) => this.apply(this.machine.fileChanged(text(data.newOutputPath))));
    hub.addPresent(() => {
      const { state } = this.machine;
      if (state === 'unknown' || state === 'starting' || state === 'stopping') return [];
      const event =
        state === 'idle'
          ? 'recording_stopped'
          : state === 'paused'
            ? 'recording_paused'
            : 'recording_started';
      return [{ event, output: 'recording', state, payload: { outputPath: this.path } }];
    });
  }

  get state(): RecordState {
    return this.machine.state;
  }

  /** Whether OBS has an open file, by its signals. */
  get running(): boolean {
    return this.state === 'recording' || this.state === 'paused' || this.state === 'stopping';
  }

  /** The file being written, or the last one finished, without anything secret (a recording can go to an address). */
  get path(): string | null {
    const path = this.machine.path ?? (this.machine.state === 'idle' ? this.machine.finishedPath : null);
    return path === null ? null : redactText(path);
  }

  resync(status: RequestData, restarted: boolean): void {
    this.remember(status);
    this.apply(
      this.machine.resync(
        { active: status.outputActive === true, paused: status.outputPaused === true },
        restarted,
      ),
      status,
    );
    const { early } = this;
    this.early = null;
    if ((early === 'STARTING' && this.state === 'idle') || (early === 'STOPPING' && this.running))
      this.take(early, null);
  }

  lost(): void {
    this.machine.lost();
    this.order.clear();
    this.early = null;
    this.changed.tell();
  }

  close(): void {
    if (this.timer) clearTimeout(this.timer);
    this.order.clear();
    this.changed.tell();
    this.changed.clear();
  }

  /** Read the status now. */
  async read(
    priority: Priority = 'action',
  ): Promise<{ active: boolean; paused: boolean; durationMs: number | null; sizeBytes: number | null }> {
    const status = await this.client.call('GetRecordStatus', undefined, { priority });
    if (this.srt.isOutput) {
      this.srt.feed(status);
      return { active: false, paused: false, ...this.last };
    }
    if (status.outputActive === true) this.remember(status);
    return { active: status.outputActive === true, paused: status.outputPaused === true, ...this.last };
  }

  describe(): RecordReport {
    const { state } = this.machine;
    const unknown: Record<string, string> = {};
    const { running } = this;
    if (state === 'unknown') unknown.state = 'OBS is not connected';
    if (running && this.path === null)
      unknown.outputPath = 'the recording began before this connection, and OBS tells the path only then';
    return {
      state,
      outputPath: this.path,
      finished: state === 'idle' && this.machine.finishedPath !== null,
      format: formatOf(this.path),
      durationMs: running || state === 'idle' ? this.last.durationMs : null,
      sizeBytes: running || state === 'idle' ? this.last.sizeBytes : null,
      alreadyRunning: false,
      unknown,
    };
  }

  private remember(status: RequestData): void {
    this.last = { durationMs: number(status.outputDuration), sizeBytes: number(status.outputBytes) };
  }

  private onSignal(data: RequestData): void {
    const signal = SIGNAL.exec(String(data.outputState))?.[1] as RecordSignal | undefined;
    if (signal) this.order.take(signal, text(data.outputPath));
  }

  private take(signal: RecordSignal, path: string | null): void {
    if (this.state === 'unknown') {
      this.early = signal;
      return;
    }
    if (this.srt.take(signal, path)) {
      // it was taken for a recording until it said where it goes
      if (this.state === 'starting') this.machine.state = 'idle';
      return;
    }
    if (signal === 'STARTED') {
      this.startedAtMs = now();
      this.last = { durationMs: null, sizeBytes: null };
    }
    if (signal === 'PAUSED' || signal === 'RESUMED') this.pauseChangedAtMs = now();
    this.changedAtMs = now();
    this.apply(this.machine.signal(signal, path));
  }

  private apply(transitions: RecordTransition[], status?: RequestData): void {
    for (const { event, cause, expected, previous, state } of transitions) {
      const ended = event === 'recording_stopped';
      if (ended) this.lastEnd = { atMs: now(), expected };
      const path = ended ? this.machine.finishedPath : this.machine.path;
      const payload: Record<string, unknown> = {
        output: 'recording',
        outputPath: path === null ? null : redactText(path),
        format: formatOf(path),
      };
      if (ended) payload.finished = cause === 'event' && path !== null;
      if (ended && !status)
        payload.durationMs =
          this.last.durationMs ?? (this.startedAtMs === null ? null : Math.round(now() - this.startedAtMs));
      this.hub.tell({ event, cause, expected, previous, state, output: 'recording', payload });
    }
    if (this.state !== 'unknown') this.lastKnown = this.state;
    this.changed.tell();
    this.watch();
  }

  /** While it starts or stops, the status ends what no signal ends. */
  private watch(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (this.state !== 'starting' && this.state !== 'stopping') return;
    this.timer = setTimeout(() => {
      const look = async () => {
        const { active, paused } = await this.read();
        this.apply(this.machine.sample({ active, paused }, now() - this.changedAtMs));
      };
      look().catch(() => this.watch());
    }, WATCH_MS);
    this.timer.unref();
  }
}
