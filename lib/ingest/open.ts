import { asLiveError } from '../errors';
import { FramesOf } from '../frames/source';
import type { FeedSource } from '../frames/types';
import { startIngest } from '../rtmp/ingest';
import { startIsolatedIngest } from '../rtmp/isolated/ingest';
import type { Ingest } from '../rtmp/types';
import { redactText } from '../secrets';
import { IngestApplication, type IngestApplicationOptions, type OpenIngestSettings } from './application';
import { IngestHealth } from './health';

/** Whoever takes a picture every second or two keeps its decoder; nobody else pays for it. */
const SINGLE_LINGER_MS = 3_000;

/** Our own ingest, listening, with its pictures and its health. Throws CONFIG_INVALID for an allowed address that is none. */
export function openIngest(
  settings: OpenIngestSettings,
  about: Omit<IngestApplicationOptions, 'ingest' | 'frames' | 'apart' | 'health' | 'renewed'>,
): IngestApplication {
  const onError = (error: unknown) => about.log('warn', redactText(asLiveError(error).toString()));
  const start = settings.ownProcess ? startIsolatedIngest : startIngest;
  const ingest = start(settings.ingest, { onError });
  let { ffmpeg } = settings;
  // read again for each decoder that is started
  const decoders = (lingerMs?: number) => ({
    ...(lingerMs !== undefined && { lingerMs }),
    get ffmpegPath() {
      return ffmpeg;
    },
    get maxWidth() {
      return ingest.settings.maxWidth;
    },
    get maxHeight() {
      return ingest.settings.maxHeight;
    },
  });
  const frames = new FramesOf(feedsOf(ingest), decoders());
  return new IngestApplication({
    ...about,
    ingest,
    frames,
    apart: new FramesOf(feedsOf(ingest), decoders(SINGLE_LINGER_MS)),
    health: new IngestHealth(ingest, frames, onError),
    renewed: (renewed) => void (ffmpeg = renewed.ffmpeg),
  });
}

/** What people publish, as decoders take it. */
function feedsOf(ingest: Ingest): FeedSource {
  return {
    feeds: () => ingest.feeds(),
    onFeed: (listener) =>
      ingest.onEvent((event) => {
        if (event.what === 'publishing') listener(event.feed);
      }),
  };
}
