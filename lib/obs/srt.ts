import { fail } from '../errors';
import type { SrtOutputs, SrtReport, SrtState, SrtWhich, SrtWish } from '../production/srt';
import type { SrtPlace } from '../production/srt-address';
import { SrtStream } from './srt-stream';
import type { ObsStreams } from './stream';
import type { StreamTracker } from './stream-tracker';

/** SRT out of an OBS: as its one stream, or as a second output beside it. */
export class ObsSrt implements SrtOutputs {
  private readonly main: SrtStream;

  constructor(
    streams: ObsStreams,
    private readonly stream: StreamTracker,
  ) {
    this.main = new SrtStream(streams, stream);
  }

  states(): SrtState[] {
    const { state, info } = this.stream;
    return info.srt ? [{ output: 'stream', state: state === 'reconnecting' ? 'starting' : state }] : [];
  }

  start(wish: SrtWish): Promise<SrtReport> {
    return this.main.start(wish, placeOf(wish));
  }

  stop(_which: SrtWhich): Promise<SrtReport> {
    return this.main.stop();
  }

  arm(_wish: SrtWish): Promise<SrtReport> {
    throw fail('CAPABILITY_MISSING', { application: 'OBS', action: 'that' });
  }

  disarm(): Promise<SrtReport> {
    throw fail('CAPABILITY_MISSING', { application: 'OBS', action: 'that' });
  }
}

function placeOf({ place }: SrtWish): SrtPlace {
  if (!place) throw fail('INPUT_INVALID', { field: 'host', reason: 'OBS needs an address' });
  return place;
}
