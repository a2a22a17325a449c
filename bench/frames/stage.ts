// An ingest in this process, open to anybody on this machine, and the pictures of what is sent to it.
import { FramesOf } from '../../lib/frames/source';
import type { FeedSource } from '../../lib/frames/types';
import { startIngest } from '../../lib/rtmp/ingest';
import type { Ingest, IngestSettings } from '../../lib/rtmp/types';
import { waitFor } from '../../test/support/wait';

export interface Stage {
  readonly ingest: Ingest;
  readonly frames: FramesOf;
  /** where a publisher sends a stream of this name */
  address(stream: string): string;
  close(): Promise<void>;
}

export async function openStage(
  mostPublishers = 100,
  start: (settings: IngestSettings) => Ingest = startIngest,
): Promise<Stage> {
  const ingest = start({
    host: '127.0.0.1',
    port: 0,
    app: 'live',
    mostPublishers,
    duplicates: 'reject',
    graceMs: 0,
    maxWidth: 7680,
    maxHeight: 4320,
    maxKbps: null,
    tls: null,
    play: { allowFrom: ['localhost'], token: null },
  });
  ingest.guard(({ stream }) => ({ allow: true, name: stream }));
  await waitFor(() => ingest.status().listening, { message: 'the ingest to listen' });
  const source: FeedSource = {
    feeds: () => ingest.feeds(),
    onFeed: (listener) => ingest.onEvent((event) => event.what === 'publishing' && listener(event.feed)),
  };
  const frames = new FramesOf(source, { ffmpegPath: null });
  return {
    ingest,
    frames,
    address: (stream) => `rtmp://127.0.0.1:${ingest.status().port}/live/${stream}`,
    async close() {
      await frames.close();
      await ingest.close();
    },
  };
}
