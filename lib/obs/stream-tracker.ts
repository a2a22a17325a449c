import { isoTime, now } from '../connection/clock';
import { Emitter } from '../connection/emitter';
import type { Priority } from '../connection/lane';
import type { StreamReport } from '../production/application';
import {
  START_TIMEOUT_MS,
  StreamMachine,
  type StreamSample,
  type StreamSignal,
  type StreamTransition,
} from '../production/stream-machine';
import { StreamTotals } from '../production/stream-totals';
import type { StreamState } from '../production/vocabulary';
import type { ObsClient } from './client';
import type { EventHub } from '../production/event-hub';
import type { RequestData } from './session';
import { SignalOrder } from './signal-order';
import { reportOf, sampleOf } from './stream-report';
import { infoOf, readService, type ServiceInfo } from './stream-service';
import { untilChanged } from './until';
import { object, text } from './values';

const SIGNAL = /^OBS_WEBSOCKET_OUTPUT_(STARTING|STARTED|RECONNECTING|RECONNECTED|STOPPING|STOPPED)$/;
/** How often the status is read, by state, in milliseconds; a state that is not here needs no reading. */
const POLL_MS: Partial<Record<StreamState, number>> = {
  starting: 500,
  live: 2000,
  reconnecting: 1000,
  stopping: 500,
};
/** A reading of somebody else's may come this much late before it is missed. */
const FED_LATE_MS = 1_000;
const NOTHING: ServiceInfo = {
  service: null,
  server: null,
  srt: false,
  bandwidthTest: false,
  countsDrops: true,
};

/** Follows the one stream of an OBS: its signals, its status, and what both mean. Tells the hub. */
export class StreamTracker {
  readonly machine = new StreamMachine();
  readonly totals = new StreamTotals();
  readonly transitions: Emitter<StreamTransition>;
  /** the name of the target that was started here; null when somebody else started */
  target: string | null = null;
  info: ServiceInfo = NOTHING;
  private timer: NodeJS.Timeout | null = null;
  private telling: Promise<void> = Promise.resolve();
  private signals = 0;
  /** the last signal that came before the resync, which cannot see what has only begun */
  private early: StreamSignal | null = null;
  private readonly order = new SignalOrder<StreamSignal, null>((signal) => this.take(signal));
  /** nothing will be seen here any more */
  closed = false;
  private readonly changed: Emitter<void>;

  constructor(
    private readonly client: ObsClient,
    private readonly hub: EventHub,
    onListenerError: (error: unknown) => void,
  ) {
    this.transitions = new Emitter(onListenerError);
    this.changed = new Emitter(onListenerError);
    client.on('StreamStateChanged', (data) => this.onSignal(data));
    hub.addPresent(() => {
      const { state } = this.machine;
      if (state === 'live' || state === 'reconnecting')
        return [
          {
            event: 'stream_started',
            output: 'stream',
            state,
            previous: null,
            payload: { ...this.describe() },
          },
        ];
      return state === 'idle'
        ? [
            {
              event: 'stream_stopped',
              output: 'stream',
              state,
              previous: null,
              payload: { ...this.describe() },
            },
          ]
        : [];
    });
  }

  get state(): StreamState {
    return this.machine.state;
  }

  /** Read the status now and let the machine see it. Resolves with the sample, or null when a poll was dropped. */
  async read(priority: Priority = 'action'): Promise<StreamSample | null> {
    const before = this.signals;
    let answer: RequestData | undefined;
    if (priority === 'poll')
      answer = (await this.client.poll([{ requestType: 'GetStreamStatus' }]))?.[0]?.responseData;
    else answer = await this.client.call('GetStreamStatus', undefined, { priority });
    return answer ? this.look(answer, before) : null;
  }

  /** How many signals have come: told to `feed`, so that an answer that was overtaken by one is not believed. */
  get signalCount(): number {
    return this.signals;
  }

  /**
   * A status that somebody else has read: asked for when `signalsBefore` signals had come. Where the next one comes in
   * `nextMs`, soon enough, the tracker asks for none itself.
   */
  feed(answer: RequestData, signalsBefore: number, nextMs: number): void {
    this.look(answer, signalsBefore);
    this.changed.tell();
    const ms = POLL_MS[this.state];
    // a start or stop under way is watched closer than anybody else does
    if (ms === undefined || this.state === 'starting' || this.state === 'stopping') return;
    if (nextMs <= ms) this.schedule(Math.max(ms, nextMs + FED_LATE_MS));
  }

  private look(answer: RequestData, signalsBefore: number): StreamSample {
    const sample = sampleOf(answer);
    this.totals.add(sample);
    // a signal that came meanwhile is newer than this answer
    if (signalsBefore === this.signals) this.apply(this.machine.sample(sample));
    return sample;
  }

  /** The first status of a connection. */
  resync(status: RequestData, service: RequestData, restarted: boolean): void {
    const sample = sampleOf(status);
    this.info = infoOf({
      type: text(service.streamServiceType) ?? '',
      settings: object(service.streamServiceSettings),
    });
    if (restarted) this.totals.reset();
    if (restarted || sample.active) this.client.streamLock.settled();
    this.totals.add(sample);
    this.apply(this.machine.resync(sample, restarted));
    const { early } = this;
    this.early = null;
    const begun =
      (early === 'STARTING' && this.state === 'idle') || (early === 'STOPPING' && this.state !== 'idle');
    if (begun) this.take(early);
    else this.schedule();
  }

  /** The connection went. */
  lost(): void {
    this.machine.lost();
    this.order.clear();
    this.early = null;
    this.stopPolling();
    this.changed.tell();
  }

  /** Make everyone who waits look again. */
  wake(): void {
    this.changed.tell();
  }

  close(): void {
    this.closed = true;
    this.stopPolling();
    this.changed.tell();
    this.transitions.clear();
    this.changed.clear();
  }

  /** Whether OBS is connecting to its server: nothing stops it then, and a second start can crash it. */
  get connecting(): boolean {
    return this.state === 'starting' && this.machine.startedAtMs === null;
  }

  /** Give the lock of a start back once OBS has settled; leave it to others when that will not be seen here. */
  async unlockWhenSettled(unlock: () => void): Promise<void> {
    const limit = 2 * START_TIMEOUT_MS;
    const settled = await this.until(
      () => (this.closed ? false : this.connecting || this.state === 'unknown' ? undefined : true),
      limit,
    );
    if (settled === false) this.client.streamLock.abandon(unlock, START_TIMEOUT_MS + this.machine.delayMs);
    else unlock();
  }

  /**
   * Resolves with what `look` finds, asked now and after every signal, reading and loss of the connection; with null
   * after `ms`. `look` may throw to end the wait.
   */
  until<T>(look: () => T | undefined, ms: number): Promise<T | null> {
    return untilChanged(this.changed, look, ms);
  }

  /** The stream as `status` reports it. */
  describe(): StreamReport {
    return reportOf(this);
  }

  private onSignal(data: RequestData): void {
    const signal = SIGNAL.exec(String(data.outputState))?.[1] as StreamSignal | undefined;
    if (signal) this.order.take(signal, null);
  }

  private take(signal: StreamSignal): void {
    if (this.state === 'unknown') {
      this.early = signal;
      return;
    }
    this.signals++;
    if (signal === 'STARTING' || (signal === 'STARTED' && this.state === 'idle')) this.refreshInfo();
    // until then OBS still reports the figures of the stream before
    if (signal === 'STARTED') this.totals.reset();
    this.apply(this.machine.signal(signal, now()));
    if (signal !== 'STARTING') this.client.streamLock.settled();
    this.schedule();
  }

  private refreshInfo(): void {
    this.telling = this.telling.then(async () => {
      const service = await readService(this.client).catch(() => null);
      if (service) this.info = infoOf(service);
    });
  }

  private apply(transitions: StreamTransition[]): void {
    for (const transition of transitions) {
      this.transitions.tell(transition);
      const startedAtMs = this.machine.startedAtMs;
      const at = isoTime(now());
      // figures are read before telling, and what happened first is told first
      this.telling = this.telling.then(() => this.tell(transition, startedAtMs, at)).catch(() => undefined);
    }
    this.changed.tell();
  }

  private async tell(
    { event, cause, expected, previous, state }: StreamTransition,
    startedAtMs: number | null,
    at: string,
  ): Promise<void> {
    const ended = event === 'stream_stopped' || event === 'stream_failed';
    // what never connected has no figures; OBS would show those of the stream before
    const final = ended && startedAtMs !== null ? await this.final(startedAtMs) : null;
    const { service, server, srt } = this.info;
    const payload: Record<string, unknown> = { output: 'stream', target: this.target, service, server };
    if (event === 'stream_started') payload.startedAt = startedAtMs === null ? null : isoTime(startedAtMs);
    if (event === 'stream_started') payload.bitrateKbps = this.totals.bitrateKbps();
    if (ended) payload.final = final;
    const told = { at, cause, expected, previous, state, output: 'stream', payload };
    this.hub.tell({ ...told, event });
    if (srt && event === 'stream_started') this.hub.tell({ ...told, event: 'srt_stream_started' });
    if (srt && event === 'stream_stopped') this.hub.tell({ ...told, event: 'srt_stream_stopped' });
    if (ended) this.target = null;
  }

  /** The last figures: OBS keeps bytes and frames until the next start, the duration only we know. */
  async final(startedAtMs = this.machine.startedAtMs, endedAtMs = now()) {
    const answer = await this.client
      .call('GetStreamStatus', undefined, { priority: 'stop' })
      .catch(() => null);
    if (answer) this.totals.add({ ...sampleOf(answer), active: false });
    const { sizeBytes, totalFrames, droppedFrames } = this.totals.totals();
    const durationMs = startedAtMs === null ? null : Math.round(endedAtMs - startedAtMs);
    const averageBitrateKbps =
      sizeBytes === null || !durationMs ? null : Math.round((sizeBytes * 8) / durationMs);
    return {
      sizeBytes,
      totalFrames,
      droppedFrames: this.info.countsDrops ? droppedFrames : null,
      durationMs,
      averageBitrateKbps,
    };
  }

  private schedule(ms = POLL_MS[this.state]): void {
    this.stopPolling();
    if (ms === undefined || this.closed) return;
    this.timer = setTimeout(() => {
      // while a start is watched its frames decide, so that reading must not wait behind a busy flow
      void this.read(this.state === 'starting' ? 'action' : 'poll')
        .catch(() => null)
        .then(() => {
          this.changed.tell();
          this.schedule();
        });
    }, ms);
    this.timer.unref();
  }

  private stopPolling(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }
}
