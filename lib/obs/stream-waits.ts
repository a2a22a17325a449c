import { now } from '../connection/clock';
import { pause } from '../connection/deadline';
import { fail, type ErrorCode } from '../errors';
import { START_TIMEOUT_MS } from '../production/stream-machine';
import type { ObsClient } from './client';
import { infoOf, type ServiceSettings } from './stream-service';
import type { StreamTracker } from './stream-tracker';

/** OBS signals STARTING within 50 ms (measured); longer without one means it will not. */
export const STARTING_MS = 3_000;
/** Frames begin to count within a second of STARTED (measured), later only by the stream delay. */
const FIRST_FRAMES_MS = 15_000;
/** A reading this old says nothing of now. */
const FRESH_MS = 3_000;
/** A long batch of somebody's can keep the status from being read. */
const LOOKS_MAY_WAIT_MS = 60_000;
/** A stream that lost its server is back within this time, or it is worth telling. */
const RECONNECT_MS = 10_000;
/** `outputActive` stays true for up to 0.7 s after STOPPED (measured). */
const LINGER_MS = 3_000;

/** What became of a start that had connected. */
export type Confirmation = 'live' | 'flapping' | 'no-data' | 'ended';

/** What a start or a stop waits for, each with its deadline and its coded error; a lost connection ends every wait. */
export class StreamWaits {
  constructor(
    private readonly client: ObsClient,
    private readonly tracker: StreamTracker,
  ) {}

  /** The server of the present stream in words. */
  get server(): string {
    return this.tracker.info.server ?? this.tracker.info.service ?? 'its server';
  }

  /** Throws OBS_DISCONNECTED when nothing can be waited for any more. */
  throwIfLost(): undefined {
    const { state, fault } = this.client.status;
    if (this.tracker.state !== 'unknown' && state === 'ready') return;
    throw fail(
      'OBS_DISCONNECTED',
      { where: this.client.where, action: 'the stream action' },
      fault ?? undefined,
    );
  }

  /** While OBS connects, StopStream and StopOutput do nothing (measured): wait until it has connected or given up. */
  async connectingOver(): Promise<void> {
    const { machine } = this.tracker;
    if (!this.tracker.connecting) return;
    const limit = START_TIMEOUT_MS + machine.delayMs + STARTING_MS;
    const over = await this.tracker.until(() => {
      this.throwIfLost();
      return this.tracker.connecting ? undefined : true;
    }, limit);
    if (!over)
      throw fail('STREAM_STOP_TIMEOUT', {
        application: 'OBS',
        seconds: limit / 1000,
        state: machine.state,
      });
  }

  /** Until the status reads inactive, which lags behind STOPPED; no error when it goes on. */
  async inactive(): Promise<void> {
    const until = now() + LINGER_MS;
    while (now() < until) {
      const answer = await this.client.call('GetStreamStatus', undefined, { priority: 'stop' });
      if (answer.outputActive !== true) return;
      await pause(100);
    }
  }

  /** It was live and lost its server: a dip of the network, and no wrong key. */
  async reconnected(present: ServiceSettings): Promise<void> {
    const live = await this.tracker.until(() => {
      this.throwIfLost();
      return this.tracker.state === 'reconnecting' ? undefined : true;
    }, RECONNECT_MS);
    const { server, service } = infoOf(present);
    if (!live) throw fail('STREAM_RECONNECTING', { server: server ?? service ?? 'its server' });
  }

  /** From STARTING to STARTED. Rejects with STREAM_CONNECT_FAILED, STREAM_START_TIMEOUT or STREAM_START_CANCELLED. */
  async connected(delayMs: number, cancelled: () => boolean): Promise<void> {
    const { machine } = this.tracker;
    const begin = now();
    const limit = START_TIMEOUT_MS + delayMs + STARTING_MS;
    const { server } = this;
    const ended = (code: ErrorCode) =>
      cancelled()
        ? fail('STREAM_START_CANCELLED')
        : fail(code, { server, seconds: Math.round((now() - begin) / 1000) });
    const found = await this.tracker.until(() => {
      this.throwIfLost();
      if (machine.state === 'idle')
        throw ended(now() - begin >= START_TIMEOUT_MS ? 'STREAM_START_TIMEOUT' : 'STREAM_CONNECT_FAILED');
      return machine.startedAtMs !== null ? true : undefined;
    }, limit);
    if (!found) throw ended('STREAM_START_TIMEOUT');
  }

  /** From STARTED to frames that have risen long enough, or to whatever comes instead. */
  async confirmation(delayMs: number, cancelled: () => boolean): Promise<Confirmation> {
    const { machine } = this.tracker;
    const began = now();
    const framesLimit = FIRST_FRAMES_MS + delayMs;
    const outcome = await this.tracker.until<Confirmation>(
      () => {
        this.throwIfLost();
        if (cancelled()) return 'ended';
        if (machine.state === 'live') return 'live';
        if (machine.state === 'idle' || machine.state === 'stopping') return 'ended';
        if (machine.losses > 0) return 'flapping';
        // without a fresh look nobody can say that there are none
        const looked = machine.lastLookMs !== null && now() - machine.lastLookMs < FRESH_MS;
        return looked && now() - began > framesLimit && !machine.framesSeen ? 'no-data' : undefined;
      },
      framesLimit + machine.confirmMs * 2 + LOOKS_MAY_WAIT_MS,
    );
    return outcome ?? 'no-data';
  }
}
