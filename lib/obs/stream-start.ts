import { isoTime, now } from '../connection/clock';
import { pause } from '../connection/deadline';
import { fail } from '../errors';
import type { StartStreamOptions, StreamStarted } from '../production/application';
import { CONFIRM_MS, START_TIMEOUT_MS } from '../production/stream-machine';
import type { ObsClient } from './client';
import { streamDelayMs } from './delay';
import type { ServiceKeeper } from './service-keeper';
import { refusedWith } from './session';
import { Status } from './status-codes';
import { infoOf, readService, sameService, writeService, type ServiceSettings } from './stream-service';
import type { StreamStop } from './stream-stop';
import type { StreamTracker } from './stream-tracker';
import { STARTING_MS, type StreamWaits } from './stream-waits';

/** Long enough for frames to have risen at any frame rate. */
const ONE_LOOK_MS = 600;
/** How long another start on the same OBS may take before we give up waiting for it. */
const OTHER_START_MS = 2 * START_TIMEOUT_MS;

/** Starts the one stream of an OBS, confirmed, under the lock of its address. */
export class StreamStart {
  /** whether the start that holds the lock has reached OBS */
  private sent = false;

  constructor(
    private readonly client: ObsClient,
    private readonly tracker: StreamTracker,
    private readonly waits: StreamWaits,
    private readonly stop: StreamStop,
    private readonly keeper: ServiceKeeper,
    private readonly warn: (text: string) => void,
  ) {}

  /** Start and confirm, or find it running. Rejects with a coded error and then leaves OBS idle. */
  async run(
    options: StartStreamOptions,
    wanted: ServiceSettings | null,
    cancelled: () => boolean,
  ): Promise<StreamStarted> {
    const unlock = await this.takeLock(cancelled);
    this.sent = false;
    try {
      await this.keeper.putBack();
      await this.stop.settled();
      const running = await this.alreadyRunning(options, wanted, cancelled);
      if (running) return running;
      // a restart has just stopped a stream whose settings may have to come back first
      await this.keeper.putBack();
      return await this.startIdle(options, wanted, cancelled);
    } finally {
      if (this.sent) void this.tracker.unlockWhenSettled(unlock);
      else unlock();
    }
  }

  private async startIdle(
    options: StartStreamOptions,
    wanted: ServiceSettings | null,
    cancelled: () => boolean,
  ): Promise<StreamStarted> {
    const { tracker, client } = this;
    const old = await readService(client);
    const present = wanted ?? old;
    const info = infoOf(present);
    if (!info.server && present.type !== 'rtmp_common') throw fail('STREAM_NO_SERVER');
    if (info.bandwidthTest)
      this.warn('OBS is set to the bandwidth test of its service: it will stream and nobody will see it.');
    tracker.info = info;
    tracker.target = options.target?.name ?? null;
    tracker.machine.confirmMs = options.confirmMs ?? CONFIRM_MS;
    const changes = wanted !== null && !sameService(old, wanted);
    // kept before they are changed: OBS can take the new ones and still fail the check behind them
    if (changes && options.putBack) this.keeper.keep(old);
    try {
      if (changes) await writeService(client, wanted, options.target?.name ?? '');
      const delayMs = (await streamDelayMs(client)) + (options.connectingMayTakeMs ?? 0);
      tracker.machine.delayMs = delayMs;
      await this.send(cancelled);
      await this.waits.connected(delayMs, cancelled);
      await this.confirmed(options, delayMs, cancelled);
    } catch (error) {
      tracker.machine.confirmMs = CONFIRM_MS;
      // what never reached OBS is no target of a stream
      if (!this.sent) tracker.target = null;
      await this.keeper.putBack();
      throw error;
    }
    return this.report(true, false);
  }

  /** StartStream, until OBS begins: its reply says nothing, and a dialog makes it do nothing. */
  private async send(cancelled: () => boolean): Promise<void> {
    const { tracker } = this;
    let begun = false;
    const release = tracker.transitions.add(() => (begun = true));
    const sentAt = now();
    const unless = () => {
      if (cancelled()) throw fail('STREAM_START_CANCELLED');
      this.sent = true;
    };
    try {
      await this.client.call('StartStream', undefined, { unless }).catch((error: unknown) => {
        // somebody else was faster: it runs, which is what was wanted
        if (!refusedWith(error, Status.OutputRunning)) throw error;
      });
      const began = await tracker.until(
        () => (begun || tracker.state === 'unknown' ? true : undefined),
        STARTING_MS,
      );
      if (began) return;
      const sample = await tracker.read();
      if (sample?.active) tracker.machine.signal('STARTED', sentAt);
      else throw fail('STREAM_SILENT_NOOP');
    } finally {
      release();
    }
  }

  /** Rejects unless it is live; an unstable stream is stopped again where wished. */
  private async confirmed(
    options: StartStreamOptions,
    delayMs: number,
    cancelled: () => boolean,
  ): Promise<void> {
    const { machine } = this.tracker;
    const { server } = this.waits;
    const began = now();
    const outcome = await this.waits.confirmation(delayMs, cancelled);
    const seconds = Math.round((now() - began) / 1000);
    if (outcome === 'live') return;
    if (outcome === 'ended') {
      const wanted = !cancelled() && machine.state !== 'stopping';
      throw wanted ? fail('STREAM_CONNECT_FAILED', { server, seconds }) : fail('STREAM_START_CANCELLED');
    }
    const times = Math.max(1, machine.losses);
    const said = options.onUnstable === 'leave' ? 'OBS goes on trying.' : await this.stoppedAgain();
    if (outcome === 'flapping') throw fail('STREAM_FLAPPING', { server, times, outcome: said });
    throw fail('STREAM_NO_DATA', { server, seconds });
  }

  private stoppedAgain(): Promise<string> {
    return this.stop.now().then(
      () => 'The stream was stopped again.',
      () => 'Stopping it failed: look at the OBS window.',
    );
  }

  /** A stream that is up already: what was wanted, or a reason to refuse. Null when OBS is idle. */
  private async alreadyRunning(
    options: StartStreamOptions,
    wanted: ServiceSettings | null,
    cancelled: () => boolean,
  ): Promise<StreamStarted | null> {
    const sample = await this.tracker.read();
    const { state } = this.tracker;
    if (!sample?.active || state === 'idle') return null;
    const present = await readService(this.client);
    if (wanted && !sameService(present, wanted)) {
      if (options.ifLiveElsewhere !== 'restart') {
        const { service, server } = infoOf(present);
        throw fail('STREAM_LIVE_ELSEWHERE', {
          where: 'OBS',
          current: server ?? service ?? 'another place',
          target: options.target?.name,
        });
      }
      await this.stop.now();
      return null;
    }
    if (options.target) this.tracker.target = options.target.name;
    if (state === 'reconnecting' && this.tracker.machine.isConfirmed) await this.waits.reconnected(present);
    if (state === 'starting') this.tracker.machine.confirmMs = options.confirmMs ?? CONFIRM_MS;
    // it is not ours, so a flapping one is told and left alone
    if (this.tracker.state !== 'live')
      await this.confirmed({ ...options, onUnstable: 'leave' }, await streamDelayMs(this.client), cancelled);
    const first = sample.frames;
    await pause(ONE_LOOK_MS);
    const moving = await this.tracker.read();
    const rising = first !== null && moving !== null && moving.frames !== null && moving.frames !== first;
    return this.report(rising, true);
  }

  private async takeLock(cancelled: () => boolean): Promise<() => void> {
    const until = now() + OTHER_START_MS;
    for (;;) {
      const unlock = this.client.streamLock.tryTake();
      if (unlock) return unlock;
      if (now() > until) throw fail('STREAM_BUSY', { where: 'this OBS', target: 'an unknown target' });
      const lost = this.tracker.until(
        () => {
          if (cancelled()) throw fail('STREAM_START_CANCELLED');
          return this.waits.throwIfLost();
        },
        until - now() + 1,
      );
      await Promise.race([this.client.streamLock.whenFree(), lost]);
    }
  }

  private report(confirmed: boolean, alreadyRunning: boolean): StreamStarted {
    const { target, info, machine } = this.tracker;
    const startedAt = machine.startedAtMs === null ? null : isoTime(machine.startedAtMs);
    const started = {
      state: 'live',
      target,
      service: info.service,
      server: info.server,
      startedAt,
      confirmed,
      bitrateKbps: this.tracker.totals.bitrateKbps(),
      alreadyRunning,
    } as const;
    return { ...started, streams: [{ output: 'stream', ...started }] };
  }
}
