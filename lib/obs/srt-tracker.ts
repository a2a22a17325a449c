import { isoTime, now } from '../connection/clock';
import { Emitter } from '../connection/emitter';
import type { Priority } from '../connection/lane';
import { fail } from '../errors';
import type { StreamReport } from '../production/application';
import type { EventHub } from '../production/event-hub';
import type { End, OutputReading } from '../production/health';
import { readSrtAddress } from '../production/srt-address';
import { CONNECT_MS, SrtMachine, type SrtSignal, type SrtTransition } from '../production/srt-machine';
import { hold } from '../secrets';
import type { ObsClient } from './client';
import type { RequestData } from './session';
import { SrtProfile, type Setup } from './srt-profile';
import { number } from './values';

/** How often the status is read, by state, in milliseconds: OBS signals neither a failed connect nor a lost other end. */
const POLL_MS: Partial<Record<SrtMachine['state'], number>> = { starting: 300, live: 1_000, stopping: 300 };
/** libsrt gives up a call after 3 s (measured on OBS 29; 4 s on 32), after looking up a name. */
const CALL_MS = 6_000;
/** What a listener is late when nobody came. */
const LISTENER_LATE_MS = 2_000;
const UNCOUNTED = 'OBS does not count rightly what it sends here';

/** Follows what OBS sends over SRT with its recording output, and keeps that apart from recordings. Tells the hub. */
export class SrtTracker {
  readonly machine = new SrtMachine();
  readonly changed: Emitter<void>;
  readonly profile: SrtProfile;
  /** what OBS was set to when it was read last; null before that */
  setup: Setup | null = null;
  /** whether what OBS starts as its recording is this */
  isOutput = false;
  /** the last end of it that was seen; null: none yet */
  lastEnd: End | null = null;
  /** OBS was told to wait for a caller without an end, and may still do so: a change of profiles would make it hang (measured) */
  mayWait = false;
  /** profiles are being changed here: what lies between is not looked at */
  switching = false;
  private address: string | null = null;
  private timer: NodeJS.Timeout | null = null;
  private letGo: () => void = () => undefined;
  private closed = false;

  constructor(
    private readonly client: ObsClient,
    private readonly hub: EventHub,
    onListenerError: (error: unknown) => void,
  ) {
    this.changed = new Emitter(onListenerError);
    this.profile = new SrtProfile(client);
    client.on('CurrentProfileChanged', () => {
      if (!this.switching) void this.look().catch(() => undefined);
    });
    hub.addPresent(() =>
      this.state === 'live'
        ? [{ event: 'srt_stream_started', output: 'srt', state: 'live', payload: this.payload() }]
        : [],
    );
  }

  get state(): SrtMachine['state'] {
    return this.machine.state;
  }

  /** Where it goes, as `srt://host:port`; null where it is not set up. */
  get shown(): ReturnType<typeof readSrtAddress> {
    return this.address === null ? null : readSrtAddress(this.address);
  }

  /** Throws RECORD_IS_SRT while what StartRecord starts is SRT, or is being made so. */
  mustBeRecording(): void {
    if (this.isOutput || this.switching)
      throw fail('RECORD_IS_SRT', { address: this.shown?.address ?? 'being set', action: 'start' });
  }

  /** Read what OBS is set to. */
  async look(): Promise<Setup> {
    const setup = await this.profile.read();
    this.setup = setup;
    this.letGo();
    const releases = [hold(setup.options), hold(setup.kept?.values.FFMCustom)];
    this.letGo = () => releases.forEach((release) => release());
    // what runs goes on as it began, whatever the profile says
    if (this.state !== 'starting' && this.state !== 'live' && this.state !== 'stopping') {
      this.isOutput = setup.url !== null;
      this.setAddress(setup.url);
    }
    return setup;
  }

  /** A signal of the recording output: true where it is this one's. A path says which, else what was set last. */
  take(signal: string, path: string | null): boolean {
    const address = path === null ? null : readSrtAddress(path);
    if (path !== null && (signal === 'STARTED' || this.state === 'idle')) {
      this.isOutput = address !== null;
      if (address) this.setAddress(path);
    }
    if (!this.isOutput) {
      this.machine.forget();
      return false;
    }
    if (signal === 'PAUSED' || signal === 'RESUMED') return true;
    if (signal === 'STARTED') this.mayWait = false;
    this.apply(this.machine.signal(signal as SrtSignal, now()));
    return true;
  }

  resync(status: RequestData, restarted: boolean): void {
    if (restarted) this.mayWait = false;
    this.apply(this.machine.resync(this.isOutput && status.outputActive === true, restarted, now()));
  }

  lost(): void {
    this.machine.lost();
    this.stopPolling();
    this.changed.tell();
  }

  close(): void {
    this.closed = true;
    this.stopPolling();
    this.letGo();
    this.changed.tell();
    this.changed.clear();
  }

  /** Read the status now. */
  async read(priority: Priority = 'action'): Promise<boolean> {
    return this.feed(await this.client.call('GetRecordStatus', undefined, { priority }));
  }

  /** A status that somebody else has read. */
  feed(status: RequestData): boolean {
    const active = status.outputActive === true;
    if (this.isOutput) this.apply(this.machine.sample({ active, bytes: number(status.outputBytes) }, now()));
    return active;
  }

  /** As a watcher of the show's health reads it; nothing where OBS was never set up for it. */
  get reading(): OutputReading[] {
    const { isOutput, lastEnd, state } = this;
    if (!isOutput && !lastEnd) return [];
    const running = state === 'unknown' ? null : state === 'live' || state === 'stopping';
    return [{ output: 'srt', running, lastEnd, isShow: true }];
  }

  /** Make everyone who waits look again. */
  wake(): void {
    this.changed.tell();
  }

  /** As `status` reports it; null where it neither runs nor is set up. */
  describe(): StreamReport | null {
    const { machine, shown } = this;
    if (!this.isOutput) return null;
    const startedAtMs = this.state === 'live' ? machine.startedAtMs : null;
    return {
      output: 'srt',
      state: this.state,
      target: null,
      service: 'SRT',
      server: shown?.address ?? null,
      startedAt: startedAtMs === null ? null : isoTime(startedAtMs),
      durationMs: startedAtMs === null ? null : Math.round(now() - startedAtMs),
      sizeBytes: null,
      totalFrames: null,
      droppedFrames: null,
      bitrateKbps: null,
      congestion: null,
      unknown: Object.fromEntries(
        ['sizeBytes', 'totalFrames', 'droppedFrames', 'bitrateKbps', 'congestion'].map((name) => [
          name,
          UNCOUNTED,
        ]),
      ),
    };
  }

  private setAddress(address: string | null): void {
    this.address = address;
    const { mode, waitForCallerMs } = this.shown ?? { mode: 'caller', waitForCallerMs: null };
    this.machine.connectMs =
      mode !== 'listener'
        ? CALL_MS
        : waitForCallerMs === null
          ? CONNECT_MS
          : waitForCallerMs + LISTENER_LATE_MS;
  }

  private get waitsForEver(): boolean {
    return this.shown?.mode === 'listener' && this.shown.waitForCallerMs === null;
  }

  private payload(): Record<string, unknown> {
    const { mode = null, address = null, latencyMs = null } = this.shown ?? {};
    return { output: 'srt', service: 'SRT', server: address, mode, latencyMs };
  }

  private apply(transitions: SrtTransition[]): void {
    for (const { event, cause, expected, previous, state } of transitions) {
      if (event === 'srt_stream_stopped') this.lastEnd = { atMs: now(), expected };
      if (event === 'stream_failed') this.mayWait = this.machine.startedAtMs === null && this.waitsForEver;
      const payload = this.payload();
      const { startedAtMs } = this.machine;
      if (event === 'srt_stream_started')
        payload.startedAt = startedAtMs === null ? null : isoTime(startedAtMs);
      else payload.durationMs = startedAtMs === null ? null : Math.round(now() - startedAtMs);
      this.hub.tell({ event, cause, expected, previous, state, output: 'srt', payload });
    }
    this.changed.tell();
    this.schedule();
  }

  private schedule(): void {
    const ms = POLL_MS[this.state];
    if (ms === undefined || this.closed) return this.stopPolling();
    if (this.timer) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.read()
        .catch(() => undefined)
        .finally(() => this.schedule());
    }, ms);
    this.timer.unref();
  }

  private stopPolling(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }
}
