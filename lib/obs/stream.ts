import { isoTime, now } from '../connection/clock';
import { pause } from '../connection/deadline';
import { fail, type ErrorCode, type LiveError } from '../errors';
import type { StartStreamOptions, Streams, StreamStarted, StreamStopped } from '../production/application';
import { CONFIRM_MS, START_TIMEOUT_MS } from '../production/stream-machine';
import type { StreamState } from '../production/vocabulary';
import type { ObsClient } from './client';
import { streamDelayMs } from './delay';
import { refusedWith } from './session';
import { Status } from './status-codes';
import { infoOf, readService, sameService, settingsFor, toPutBack, writeService, type ServiceSettings } from './stream-service';
import type { StreamTracker } from './stream-tracker';

/** OBS signals STARTING within 50 ms (measured); longer without one means it will not. */
const STARTING_MS = 3_000;
/** Frames begin to count within a second of STARTED (measured), later only by the stream delay. */
const FIRST_FRAMES_MS = 15_000;
const STOP_MS = 15_000;
/** A reading this old says nothing of now. */
const FRESH_MS = 3_000;
/** A long batch of somebody's can keep the status from being read. */
const LOOKS_MAY_WAIT_MS = 60_000;
/** A stream that lost its server is back within this time, or it is worth telling. */
const RECONNECT_MS = 10_000;
/** Long enough for frames to have risen at any frame rate. */
const ONE_LOOK_MS = 600;
/** `outputActive` stays true for up to 0.7 s after STOPPED (measured). */
const LINGER_MS = 3_000;
/** How long another start on the same OBS may take before we give up waiting for it. */
const OTHER_START_MS = 2 * START_TIMEOUT_MS;

/** Starts and stops the one stream of an OBS, confirmed. */
export class ObsStreams implements Streams {
  private starting: { key: string; label: string; cancel: { asked: boolean }; result: Promise<StreamStarted> } | null = null;
  private stopping: Promise<StreamStopped> | null = null;
  /** whether the start that holds the lock has reached OBS */
  private sent = false;
  private putBack: ServiceSettings | null = null;
  private puttingBack: Promise<void> = Promise.resolve();

  constructor(
    private readonly client: ObsClient,
    private readonly tracker: StreamTracker,
    private readonly warn: (text: string) => void,
  ) {
    tracker.transitions.add(({ state }) => {
      if (state === 'idle' && this.putBack) this.puttingBack = this.puttingBack.then(() => this.restoreService());
    });
  }

  state(): StreamState {
    return this.tracker.state;
  }

  /** Start and confirm; two equal calls join one start. Rejects with a coded error and then leaves OBS idle. */
  async start(options: StartStreamOptions): Promise<StreamStarted> {
    const wanted = options.target ? settingsFor(options.target) : null;
    const key = JSON.stringify([wanted, options]);
    const label = options.target?.name ?? 'the target set in OBS';
    if (this.starting?.key === key) return this.starting.result;
    if (this.starting) throw fail('STREAM_BUSY', { target: this.starting.label });
    const cancel = { asked: false };
    const result = this.run(options, wanted, () => cancel.asked).finally(() => (this.starting = null));
    this.starting = { key, label, cancel, result };
    return result;
  }

  /** Stop and wait until it has. Waits out a start in progress, which OBS cannot cancel. */
  async stop(): Promise<StreamStopped> {
    const { starting } = this;
    this.cancelStart();
    // a start that has not reached OBS yet would otherwise go live after we said that nothing runs
    await starting?.result.catch(() => undefined);
    return this.stopNow();
  }

  /** Whether a start is under way here, in whatever phase. */
  get isStarting(): boolean {
    return this.starting !== null;
  }

  /** A start that is under way here is not wanted any more. */
  cancelStart(): void {
    if (!this.starting) return;
    this.starting.cancel.asked = true;
    this.tracker.wake();
  }

  /** After a reconnect: settings that wait to be put back, if the stream has ended meanwhile. */
  resynced(): void {
    if (this.tracker.state === 'idle' && this.putBack) this.puttingBack = this.puttingBack.then(() => this.restoreService());
  }

  private async run(options: StartStreamOptions, wanted: ServiceSettings | null, cancelled: () => boolean): Promise<StreamStarted> {
    const unlock = await this.takeLock(cancelled);
    this.sent = false;
    try {
      await this.puttingBack;
      await this.settled();
      const running = await this.alreadyRunning(options, wanted);
      if (running) return running;
      // a restart has just stopped a stream whose settings may have to come back first
      await this.puttingBack;
      return await this.startIdle(options, wanted, cancelled);
    } finally {
      if (this.sent) void this.tracker.unlockWhenSettled(unlock);
      else unlock();
    }
  }

  private async startIdle(options: StartStreamOptions, wanted: ServiceSettings | null, cancelled: () => boolean): Promise<StreamStarted> {
    const { tracker, client } = this;
    const old = await readService(client);
    const present = wanted ?? old;
    const info = infoOf(present);
    if (!info.server && present.type !== 'rtmp_common') throw fail('STREAM_NO_SERVER');
    if (wanted && !sameService(old, wanted)) {
      await writeService(client, wanted, options.target?.name ?? '');
      if (options.putBack) this.putBack = this.putBack ?? old;
    }
    if (info.bandwidthTest) this.warn('OBS is set to the bandwidth test of its service: it will stream and nobody will see it.');
    tracker.info = info;
    tracker.target = options.target?.name ?? null;
    tracker.machine.confirmMs = options.confirmMs ?? CONFIRM_MS;
    const delayMs = (tracker.machine.delayMs = await streamDelayMs(client));
    try {
      await this.send(cancelled);
      await this.connected(delayMs, cancelled);
      await this.confirmed(options, delayMs, cancelled);
    } catch (error) {
      this.tracker.machine.confirmMs = CONFIRM_MS;
      if (this.tracker.state === 'idle' && this.putBack) await (this.puttingBack = this.puttingBack.then(() => this.restoreService()));
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
      const began = await tracker.until(() => (begun || tracker.state === 'unknown' ? true : undefined), STARTING_MS);
      if (began) return;
      const sample = await tracker.read();
      if (sample?.active) tracker.machine.signal('STARTED', sentAt);
      else throw fail('STREAM_SILENT_NOOP');
    } finally {
      release();
    }
  }

  private async connected(delayMs: number, cancelled: () => boolean): Promise<void> {
    const { machine } = this.tracker;
    const begin = now();
    const limit = START_TIMEOUT_MS + delayMs + STARTING_MS;
    const server = this.tracker.info.server ?? this.tracker.info.service ?? 'its server';
    const ended = (code: ErrorCode) => (cancelled() ? fail('STREAM_START_CANCELLED') : fail(code, { server, seconds: Math.round((now() - begin) / 1000) }));
    const found = await this.tracker.until(() => {
      this.throwIfLost();
      if (machine.state === 'idle') throw ended(now() - begin >= START_TIMEOUT_MS ? 'STREAM_START_TIMEOUT' : 'STREAM_CONNECT_FAILED');
      return machine.startedAtMs !== null ? true : undefined;
    }, limit);
    if (!found) throw ended('STREAM_START_TIMEOUT');
  }

  private async confirmed(options: StartStreamOptions, delayMs: number, cancelled: () => boolean): Promise<void> {
    const { tracker } = this;
    const { machine } = tracker;
    const began = now();
    const framesLimit = FIRST_FRAMES_MS + delayMs;
    const server = tracker.info.server ?? tracker.info.service ?? 'its server';
    const outcome = await tracker.until<'live' | 'flapping' | 'no-data' | 'ended'>(() => {
      this.throwIfLost();
      if (cancelled()) return 'ended';
      if (machine.state === 'live') return 'live';
      if (machine.state === 'idle' || machine.state === 'stopping') return 'ended';
      if (machine.losses > 0) return 'flapping';
      // without a fresh look nobody can say that there are none
      const looked = machine.lastLookMs !== null && now() - machine.lastLookMs < FRESH_MS;
      return looked && now() - began > framesLimit && !machine.framesSeen ? 'no-data' : undefined;
    }, framesLimit + machine.confirmMs * 2 + LOOKS_MAY_WAIT_MS);
    if (outcome === 'live') return;
    if (outcome === 'ended') throw fail(cancelled() || machine.state === 'stopping' ? 'STREAM_START_CANCELLED' : 'STREAM_CONNECT_FAILED', { server, seconds: Math.round((now() - began) / 1000) });
    const stop = options.onUnstable !== 'leave';
    const stopped = stop && (await this.stopNow().then(() => true, () => false));
    const told = stopped ? 'The stream was stopped again.' : stop ? 'Stopping it failed: look at the OBS window.' : 'OBS goes on trying.';
    if (outcome === 'flapping') throw fail('STREAM_FLAPPING', { server, times: Math.max(1, machine.losses), outcome: told });
    throw fail('STREAM_NO_DATA', { server, seconds: Math.round((now() - began) / 1000) });
  }

  /** A stream that is up already: what was wanted, or a reason to refuse. Null when OBS is idle. */
  private async alreadyRunning(options: StartStreamOptions, wanted: ServiceSettings | null): Promise<StreamStarted | null> {
    const sample = await this.tracker.read();
    const { state } = this.tracker;
    if (!sample?.active || state === 'idle') return null;
    const present = await readService(this.client);
    if (wanted && !sameService(present, wanted)) {
      if (options.ifLiveElsewhere !== 'restart') {
        const { service, server } = infoOf(present);
        throw fail('STREAM_LIVE_ELSEWHERE', { current: server ?? service ?? 'another place', target: options.target?.name });
      }
      await this.stopNow();
      return null;
    }
    if (options.target) this.tracker.target = options.target.name;
    if (state === 'reconnecting' && this.tracker.machine.isConfirmed) await this.reconnected(present);
    if (state === 'starting') this.tracker.machine.confirmMs = options.confirmMs ?? CONFIRM_MS;
    // it is not ours, so a flapping one is told and left alone
    if (this.tracker.state !== 'live') await this.confirmed({ ...options, onUnstable: 'leave' }, await streamDelayMs(this.client), () => false);
    const first = sample.frames;
    await pause(ONE_LOOK_MS);
    const moving = await this.tracker.read();
    const rising = first !== null && moving !== null && moving.frames !== null && moving.frames !== first;
    return this.report(rising, true);
  }

  /** It was live and lost its server: a dip of the network, and no wrong key. */
  private async reconnected(present: ServiceSettings): Promise<void> {
    const live = await this.tracker.until(() => {
      this.throwIfLost();
      return this.tracker.state === 'reconnecting' ? undefined : true;
    }, RECONNECT_MS);
    const { server, service } = infoOf(present);
    if (!live) throw fail('STREAM_RECONNECTING', { server: server ?? service ?? 'its server' });
  }

  private stopNow(): Promise<StreamStopped> {
    this.stopping ??= this.runStop().finally(() => (this.stopping = null));
    return this.stopping;
  }

  private async runStop(): Promise<StreamStopped> {
    const { tracker, client } = this;
    await this.connectingOver();
    const sample = await tracker.read('stop');
    if (!sample?.active && (tracker.state === 'idle' || tracker.state === 'starting')) return { state: 'idle', wasRunning: false, final: null };
    const startedAtMs = tracker.machine.startedAtMs;
    const limit = STOP_MS + (await streamDelayMs(client, { priority: 'stop' }));
    if (tracker.state !== 'stopping') {
      try {
        // once only: with a stream delay a second one cuts the rest off
        await client.call('StopStream', undefined, { priority: 'stop' });
      } catch (error) {
        if (!refusedWith(error, Status.OutputNotRunning)) throw error;
      }
    }
    const idle = await tracker.until(() => {
      this.throwIfLost();
      return tracker.state === 'idle' ? true : undefined;
    }, limit);
    const endedAtMs = now();
    if (!idle) throw fail('STREAM_STOP_TIMEOUT', { seconds: limit / 1000, state: tracker.state });
    await this.inactive();
    return { state: 'idle', wasRunning: true, final: await tracker.final(startedAtMs, endedAtMs) };
  }

  /** While OBS connects, StopStream and StopOutput do nothing (measured): wait until it has connected or given up. */
  private async connectingOver(): Promise<void> {
    const { machine } = this.tracker;
    if (!this.tracker.connecting) return;
    const limit = START_TIMEOUT_MS + machine.delayMs + STARTING_MS;
    const over = await this.tracker.until(() => {
      this.throwIfLost();
      return this.tracker.connecting ? undefined : true;
    }, limit);
    if (!over) throw fail('STREAM_STOP_TIMEOUT', { seconds: limit / 1000, state: machine.state });
  }

  /** Nothing half-way: no start of somebody else's that connects, no stop that is not done. */
  private async settled(): Promise<void> {
    await this.connectingOver();
    if (this.stopping) await this.stopping.catch(() => undefined);
    if (this.tracker.state === 'stopping') await this.tracker.until(() => (this.tracker.state === 'stopping' ? undefined : true), STOP_MS + this.tracker.machine.delayMs);
    if (this.tracker.state === 'idle') await this.inactive();
  }

  private async inactive(): Promise<void> {
    const until = now() + LINGER_MS;
    while (now() < until) {
      const answer = await this.client.call('GetStreamStatus', undefined, { priority: 'stop' });
      if (answer.outputActive !== true) return;
      await pause(100);
    }
  }

  private async takeLock(cancelled: () => boolean): Promise<() => void> {
    const until = now() + OTHER_START_MS;
    for (;;) {
      const unlock = this.client.streamLock.tryTake();
      if (unlock) return unlock;
      if (now() > until) throw fail('STREAM_BUSY', { target: 'an unknown target' });
      const lost = this.tracker.until(() => {
        if (cancelled()) throw fail('STREAM_START_CANCELLED');
        return this.throwIfLost();
      }, until - now() + 1);
      await Promise.race([this.client.streamLock.whenFree(), lost]);
    }
  }

  private async restoreService(): Promise<void> {
    const old = this.putBack;
    if (!old) return;
    try {
      await this.inactive();
      await writeService(this.client, toPutBack(old), 'the old settings');
      this.putBack = null;
    } catch (error) {
      this.warn(`the old stream settings could not be put back: ${(error as Error).message}`);
    }
  }

  private throwIfLost(): undefined {
    const { state, fault } = this.client.status;
    if (this.tracker.state === 'unknown' || state !== 'ready') throw lostError(this.client.where, fault);
  }

  private report(confirmed: boolean, alreadyRunning: boolean): StreamStarted {
    const { target, info, machine } = this.tracker;
    const startedAt = machine.startedAtMs === null ? null : isoTime(machine.startedAtMs);
    return { state: 'live', target, service: info.service, server: info.server, startedAt, confirmed, bitrateKbps: this.tracker.totals.bitrateKbps(), alreadyRunning };
  }
}

function lostError(where: string, fault: Error | null): LiveError {
  return fail('OBS_DISCONNECTED', { where, action: 'the stream action' }, fault ?? undefined);
}
