import { fail } from '../errors';
import type { EventHub } from '../production/event-hub';
import type { SrtOutputs, SrtReport, SrtState, SrtWhich, SrtWish } from '../production/srt';
import type { SrtPlace } from '../production/srt-address';
import type { ObsClient } from './client';
import type { RecordTracker } from './record-tracker';
import { SrtBeside } from './srt-beside';
import { SrtStream } from './srt-stream';
import type { SrtTracker } from './srt-tracker';
import type { ObsStreams } from './stream';
import type { StreamTracker } from './stream-tracker';

interface Parts {
  client: ObsClient;
  hub: EventHub;
  streams: ObsStreams;
  stream: StreamTracker;
  record: RecordTracker;
  tracker: SrtTracker;
  warn: (text: string) => void;
}

/** SRT out of an OBS: as its one stream, or as a second output beside it. */
export class ObsSrt implements SrtOutputs {
  readonly beside: SrtBeside;
  private readonly main: SrtStream;

  constructor(private readonly parts: Parts) {
    const { client, hub, streams, stream, record, tracker, warn } = parts;
    this.main = new SrtStream(streams, stream);
    this.beside = new SrtBeside(client, tracker, stream, record, warn);
    hub.onEvent(({ event }) => {
      if (/_(stopped|failed)$/.test(event)) this.beside.settle();
    });
  }

  states(): SrtState[] {
    const { stream, tracker } = this.parts;
    const main: SrtState[] = stream.info.srt
      ? [{ output: 'stream', state: stream.state === 'reconnecting' ? 'starting' : stream.state }]
      : [];
    return [...main, ...(tracker.isOutput ? [{ output: 'srt', state: tracker.state }] : [])];
  }

  async start(wish: SrtWish): Promise<SrtReport> {
    const place = placeOf(wish);
    return besideIt(wish.which) ? this.beside.start(wish, place) : this.main.start(wish, place);
  }

  async stop(which: SrtWhich): Promise<SrtReport> {
    // an OBS that is not there shows nothing that runs
    await this.parts.client.whenReady(0);
    return besideIt(which) ? this.beside.stop() : this.main.stop();
  }

  async arm(wish: SrtWish): Promise<SrtReport> {
    if (!besideIt(wish.which)) throw nothingToArm();
    return this.beside.arm(wish, placeOf(wish));
  }

  async disarm(): Promise<SrtReport> {
    return this.beside.disarm();
  }
}

function besideIt(which: SrtWhich): boolean {
  if (which.as === 'output')
    throw fail('INPUT_INVALID', { field: 'output', reason: 'OBS sends SRT as its stream, or beside it' });
  return which.as === 'beside';
}

function placeOf({ place }: SrtWish): SrtPlace {
  if (!place) throw fail('INPUT_INVALID', { field: 'host', reason: 'OBS needs an address' });
  return place;
}

function nothingToArm() {
  return fail('INPUT_INVALID', {
    field: 'action',
    reason: 'only a second output beside the stream is armed; the main stream just starts',
  });
}
