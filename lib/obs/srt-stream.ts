import { fail, LiveError } from '../errors';
import type { SrtReport, SrtWish } from '../production/srt';
import { shownPlace, srtAddress, type SrtPlace } from '../production/srt-address';
import type { ObsStreams } from './stream';
import type { StreamTracker } from './stream-tracker';

/** A report of nothing that runs. */
export const IDLE: Omit<SrtReport, 'output'> = {
  state: 'idle',
  mode: null,
  address: null,
  latencyMs: null,
  startedAt: null,
  bitrateKbps: null,
  confirmedBy: 'application',
  alreadyRunning: false,
  unknown: {},
};

/** SRT as the one stream of an OBS: what a start of it is called, asked and reported. */
export class SrtStream {
  /** how many starts of ours are under way */
  private starting = 0;

  constructor(
    private readonly streams: ObsStreams,
    private readonly tracker: StreamTracker,
  ) {}

  /** Rejects as `Streams.start` does, a failed connect with SRT_CONNECT_FAILED or SRT_NO_CALLER. */
  async start({ waitForCallerMs, confirmMs }: SrtWish, place: SrtPlace): Promise<SrtReport> {
    const { mode, address, latencyMs } = shownPlace(place);
    const target = {
      name: address,
      service: 'srt' as const,
      server: srtAddress(place, waitForCallerMs),
      key: place.streamId,
      user: '',
      password: place.passphrase,
    };
    this.starting++;
    try {
      const { startedAt, bitrateKbps, alreadyRunning } = await this.streams.start({
        target,
        confirmMs,
        putBack: true,
        connectingMayTakeMs: mode === 'listener' ? waitForCallerMs : 0,
      });
      return {
        ...IDLE,
        ...{
          output: 'stream',
          state: 'live',
          mode,
          address,
          latencyMs,
          startedAt,
          bitrateKbps,
          alreadyRunning,
        },
        unknown: bitrateKbps === null ? { bitrateKbps: 'it has run too shortly to tell' } : {},
      };
    } catch (error) {
      const unconnected =
        error instanceof LiveError && /^STREAM_(CONNECT_FAILED|START_TIMEOUT)$/.test(error.code);
      throw unconnected ? noConnection(place, waitForCallerMs) : error;
    } finally {
      this.starting--;
    }
  }

  /** Stops the stream where it is SRT, and leaves any other alone. Rejects as `Streams.stop` does. */
  async stop(): Promise<SrtReport> {
    const runs = this.starting > 0 || (this.tracker.info.srt && this.tracker.state !== 'idle');
    return { ...IDLE, output: 'stream', wasRunning: runs && (await this.streams.stop()).wasRunning };
  }
}

/** Nobody called, or nobody answered. */
export function noConnection(place: SrtPlace, waitForCallerMs: number): LiveError {
  const { address } = shownPlace(place);
  return place.mode === 'listener'
    ? fail('SRT_NO_CALLER', { address, seconds: Math.round(waitForCallerMs / 1000) })
    : fail('SRT_CONNECT_FAILED', { address });
}
