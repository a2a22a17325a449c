import { isoTime, now } from '../connection/clock';
import { pause } from '../connection/deadline';
import { asLiveError, fail } from '../errors';
import type { SrtReport, SrtWish } from '../production/srt';
import { ffmpegOptions, shownPlace, srtAddress, type SrtPlace } from '../production/srt-address';
import type { ObsClient } from './client';
import type { RecordTracker } from './record-tracker';
import { refusedWith } from './session';
import { valuesFor } from './srt-profile';
import { IDLE, noConnection } from './srt-stream';
import type { SrtTracker } from './srt-tracker';
import { Status } from './status-codes';
import type { StreamTracker } from './stream-tracker';
import { untilChanged } from './until';

/** OBS signals the beginning within 50 ms (measured). */
const STARTING_MS = 3_000;
const STOP_MS = 15_000;
/** Data counts within a second of the connection (measured). */
const FIRST_DATA_MS = 15_000;
/** An output reads active for up to 0.7 s after it has stopped (measured). */
const LINGER_MS = 3_000;

/** A second SRT output of an OBS through its custom recording. One action at a time; equal ones at once join; a stop wins. */
export class SrtBeside {
  private running: { key: string; action: string; result: Promise<unknown> } | null = null;
  private cancelled = false;
  private stops = 0;

  constructor(
    private readonly client: ObsClient,
    private readonly tracker: SrtTracker,
    private readonly stream: StreamTracker,
    private readonly record: RecordTracker,
    private readonly warn: (text: string) => void,
  ) {}

  /** Whether a start, or the change of profiles that arming takes, is under way here. */
  get isBusy(): boolean {
    return this.running !== null && this.running.action !== 'stop';
  }

  cancelStart(): void {
    this.stops++;
    this.cancelled = true;
    this.tracker.wake();
  }

  start(wish: SrtWish, place: SrtPlace): Promise<SrtReport> {
    const { stops } = this;
    return this.once('start', JSON.stringify([place, wish]), async () => {
      // a stop that came while it waited for its turn
      if (this.stops !== stops) throw fail('SRT_START_CANCELLED');
      this.cancelled = false;
      return await this.runStart(wish, place);
    });
  }

  stop(): Promise<SrtReport> {
    this.stops++;
    if (this.running?.action === 'start') this.cancelStart();
    return this.once('stop', '', () => this.runStop());
  }

  arm(wish: SrtWish, place: SrtPlace): Promise<SrtReport> {
    return this.once('arm', JSON.stringify([place, wish]), () => this.runArm(wish, place));
  }

  disarm(): Promise<SrtReport> {
    return this.once('disarm', '', () => this.runDisarm());
  }

  /** Put back what is owed, now that something has ended, if nothing else runs; a fault is a warning. */
  settle(): void {
    if (!this.tracker.setup?.kept?.owed || this.running) return;
    void this.once('putting back', '', () => this.settleNow(false)).catch((error: unknown) =>
      this.warn(asLiveError(error).message),
    );
  }

  private async once<T>(action: string, detail: string, work: () => Promise<T>): Promise<T> {
    const key = `${action} ${detail}`;
    while (this.running) {
      if (this.running.key === key) return this.running.result as Promise<T>;
      // a stop must not be refused, and a putting back is over in a moment
      if (action !== 'stop' && !['putting back', 'stop'].includes(this.running.action))
        throw fail('SRT_BUSY', { action: this.running.action });
      await this.running.result.catch(() => undefined);
    }
    const result = work().finally(() => (this.running = null));
    this.running = { key, action, result };
    return result;
  }

  private async runArm(wish: SrtWish, place: SrtPlace): Promise<SrtReport> {
    const { tracker } = this;
    const { url, options } = await tracker.look();
    const same =
      url === srtAddress(place, wish.waitForCallerMs) && options === (ffmpegOptions(place) || null);
    if (tracker.state !== 'idle') throw fail('SRT_STILL_LIVE', { address: tracker.shown?.address });
    await this.armed(wish, place, same);
    return this.report(place, { state: 'armed', alreadyRunning: same });
  }

  /** Have it all set; where that is so already, something may run. */
  private async armed(wish: SrtWish, place: SrtPlace, same: boolean): Promise<void> {
    try {
      await this.armIdle(wish, place);
    } catch (error) {
      if (!same || asLiveError(error).code !== 'SRT_NEEDS_IDLE') throw error;
      if (this.tracker.setup?.kept?.owed) await this.keepOwed(false);
    }
  }

  /** Set it all while nothing runs. Rejects with SRT_NEEDS_IDLE where something does. */
  private async armIdle(wish: SrtWish, place: SrtPlace): Promise<void> {
    const { tracker } = this;
    const { profile } = tracker;
    await profile.mustBeAdvanced();
    await this.whileIdle('It is not armed for this address.', async () => {
      const setup = await tracker.look();
      const second = setup.url === null ? await profile.second(wish.secondProfile) : '';
      const values = valuesFor(place, wish.waitForCallerMs, wish.encoding, await profile.fps());
      // armed in another profile before: that one gets its own settings back first
      if (setup.kept && setup.kept.profile !== setup.profile) {
        await profile.putBack(setup.kept);
        setup.kept = null;
      }
      await profile.arm(values, second, setup);
    });
  }

  private async runStart(wish: SrtWish, place: SrtPlace): Promise<SrtReport> {
    const { tracker } = this;
    const url = srtAddress(place, wish.waitForCallerMs);
    const options = ffmpegOptions(place) || null;
    const setup = await tracker.look();
    await tracker.read();
    const same = setup.url === url && setup.options === options;
    if (tracker.state === 'stopping')
      await this.until(() => (tracker.state === 'stopping' ? undefined : true), STOP_MS);
    if (tracker.state === 'starting') throw fail('SRT_BUSY', { action: 'start' });
    const { address } = shownPlace(place);
    if (tracker.state !== 'idle') {
      if (same) return this.report(place, { state: 'live', alreadyRunning: true });
      throw fail('SRT_LIVE_ELSEWHERE', { current: tracker.shown?.address, address });
    }
    const explicit = setup.kept !== null && same;
    await this.armed(wish, place, same);
    try {
      await this.connect(wish, place);
    } catch (error) {
      if (!explicit)
        await this.settleNow(true).catch((fault: unknown) => this.warn(asLiveError(fault).message));
      throw error;
    }
    return this.report(place, { state: 'live' });
  }

  /** StartRecord, until data has gone out long enough. */
  private async connect(wish: SrtWish, place: SrtPlace): Promise<void> {
    const { tracker, client } = this;
    const { machine } = tracker;
    const { address } = shownPlace(place);
    machine.confirmMs = wish.confirmMs;
    const sentAt = now();
    let begun = false;
    const release = tracker.changed.add(() => (begun ||= tracker.state !== 'idle'));
    try {
      await client
        .call('StartRecord', undefined, {
          unless: () => {
            if (this.cancelled) throw fail('SRT_START_CANCELLED');
          },
        })
        .catch((error: unknown) => {
          if (!refusedWith(error, Status.OutputRunning)) throw error;
        });
      if (!(await this.until(() => (begun ? true : undefined), STARTING_MS)) && !(await tracker.read()))
        throw fail('SRT_SILENT_NOOP');
      const limit = machine.connectMs + wish.confirmMs + FIRST_DATA_MS;
      const outcome = await this.until(() => {
        if (tracker.state === 'live') return 'live' as const;
        if (begun && tracker.state === 'idle') return 'ended' as const;
        if (this.cancelled && !machine.connecting) return 'cancelled' as const;
        return undefined;
      }, limit);
      if (outcome === 'live') return;
      if (this.cancelled) throw fail('SRT_START_CANCELLED');
      if (outcome === 'ended')
        throw machine.startedAtMs === null
          ? noConnection(place, wish.waitForCallerMs)
          : fail('SRT_LOST', { address });
      await client.call('StopRecord').catch(() => undefined);
      throw fail('SRT_NO_DATA', { address, seconds: Math.round((now() - sentAt) / 1000) });
    } finally {
      release();
    }
  }

  private async runStop(): Promise<SrtReport> {
    const { tracker } = this;
    await tracker.look();
    await tracker.read('stop');
    const wasRunning = await this.stopRunning();
    const { kept } = tracker.setup ?? {};
    if (kept) {
      await this.keepOwed(true);
      await this.settleNow(false).catch((error: unknown) => this.warn(asLiveError(error).message));
    }
    return { ...IDLE, output: 'srt', wasRunning };
  }

  private async stopRunning(): Promise<boolean> {
    const { tracker, client } = this;
    if (tracker.state === 'idle') return false;
    // nothing stops an OBS that connects
    const limit = STOP_MS + tracker.machine.connectMs;
    const connected = await this.until(() => {
      if (tracker.machine.connecting) return undefined;
      return tracker.state !== 'idle';
    }, limit);
    if (connected === false) return false;
    await client.call('StopRecord', undefined, { priority: 'stop' }).catch((error: unknown) => {
      if (!refusedWith(error, Status.OutputNotRunning)) throw error;
    });
    const done = await this.until(() => (tracker.state === 'idle' ? true : undefined), STOP_MS);
    if (!done) throw fail('SRT_STOP_TIMEOUT', { seconds: STOP_MS / 1000 });
    return true;
  }

  private async runDisarm(): Promise<SrtReport> {
    const { tracker } = this;
    const { kept } = await tracker.look();
    await tracker.read();
    if (tracker.state !== 'idle') throw fail('SRT_STILL_LIVE', { address: tracker.shown?.address });
    if (!kept) return { ...IDLE, output: 'srt', wasRunning: false };
    await this.keepOwed(true);
    const done = await this.settleNow(false);
    return { ...IDLE, output: 'srt', state: done ? 'idle' : 'armed', wasRunning: true };
  }

  private async keepOwed(owed: boolean): Promise<void> {
    const kept = this.tracker.setup?.kept;
    if (!kept) return;
    kept.owed = owed;
    await this.tracker.profile.keep(kept);
  }

  /** Put back what is owed (or `anyway`), where nothing runs; false: something does. Rejects with SRT_NOT_PUT_BACK. */
  private async settleNow(anyway: boolean): Promise<boolean> {
    const { tracker } = this;
    const { kept } = await tracker.look();
    if (!kept || !(anyway || kept.owed)) return true;
    try {
      await this.whileIdle('', () => tracker.profile.putBack(kept));
      return true;
    } catch (error) {
      const fault = asLiveError(error);
      if (fault.code === 'SRT_NEEDS_IDLE') {
        await this.keepOwed(true);
        return false;
      }
      throw fail('SRT_NOT_PUT_BACK', { reason: fault.message }, error);
    }
  }

  /** Run `work` while no output of OBS runs or begins to; no stream starts meanwhile. Rejects with SRT_NEEDS_IDLE. */
  private async whileIdle(reason: string, work: () => Promise<void>): Promise<void> {
    const { tracker } = this;
    const busy = (outputs: string) => fail('SRT_NEEDS_IDLE', { outputs, reason });
    const unlock = this.client.streamLock.tryTake();
    if (!unlock) throw busy('a start of the stream is under way');
    try {
      const until = now() + LINGER_MS;
      for (;;) {
        const running = await tracker.profile.running();
        const begins = [
          ...(this.stream.state === 'idle' ? [] : ['the stream runs']),
          ...(this.record.state === 'idle' ? [] : ['a recording runs']),
          // a change of profiles while OBS waits for a caller makes it hang (measured)
          ...(tracker.state === 'idle' ? [] : ['SRT runs']),
          ...(tracker.mayWait ? ['its recording output still waits for a caller'] : []),
        ];
        if (running.length === 0 && begins.length === 0) break;
        if (begins.length > 0 || now() > until) throw busy([...new Set([...begins, ...running])].join(', '));
        await pause(150);
      }
      tracker.switching = true;
      await work();
    } finally {
      tracker.switching = false;
      unlock();
      await tracker.look().catch(() => undefined);
    }
  }

  private report(place: SrtPlace, more: Partial<SrtReport>): SrtReport {
    const { mode, address, latencyMs } = shownPlace(place);
    const { startedAtMs } = this.tracker.machine;
    const live = more.state === 'live';
    return {
      ...IDLE,
      ...{ output: 'srt', mode, address, latencyMs },
      startedAt: live && startedAtMs !== null ? isoTime(startedAtMs) : null,
      unknown: live ? { bitrateKbps: 'OBS does not count rightly what it sends here' } : {},
      ...more,
    };
  }

  private until<T>(look: () => T | undefined, ms: number): Promise<T | null> {
    return untilChanged(this.tracker.changed, look, ms, () => {
      if (this.tracker.state === 'unknown')
        throw fail('OBS_DISCONNECTED', { where: this.client.where, action: 'the SRT action' });
    });
  }
}
