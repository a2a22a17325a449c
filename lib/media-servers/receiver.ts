import { now } from '../connection/clock';
import type { Release } from '../production/application';
import type { ReceiverReading } from '../production/health';
import { asLiveError } from '../errors';
import { redactText } from '../secrets';
import type { MediaServerClient, Publisher, PublisherList } from './types';

/** How often the server is asked, in milliseconds; several who ask share one answer. */
const EVERY_MS = 2_000;
/** An answer older than this says nothing of now. */
const STALE_MS = 15_000;

/** Which of the server's streams is meant. */
export interface ReceivedStream {
  app: string;
  stream: string;
}

/** The publisher of a stream in the server's list; null: it has none. */
export function publisherOf(
  { publishers }: PublisherList,
  { app, stream }: ReceivedStream,
): Publisher | null {
  return publishers.find((one) => one.app === app && one.stream === stream) ?? null;
}

/**
 * Follows what a media server gets of one stream, until it is closed. It asks one question at a time; what it cannot learn is null
 * with the reason, never "nobody publishes".
 */
export class Receiver {
  private last: ReceiverReading = {
    publishing: null,
    bytes: null,
    reason: 'the media server has not answered yet',
  };
  private readAtMs = now();
  private timer: NodeJS.Timeout | null = null;
  private closed = false;

  constructor(
    private readonly client: MediaServerClient,
    private readonly stream: ReceivedStream,
    private readonly everyMs = EVERY_MS,
  ) {
    void this.ask();
  }

  /** What is known now. */
  read(): ReceiverReading {
    if (now() - this.readAtMs <= STALE_MS) return { ...this.last };
    return { publishing: null, bytes: null, reason: this.last.reason ?? 'the media server does not answer' };
  }

  /** Hear nothing more of it. */
  readonly close: Release = () => {
    this.closed = true;
    if (this.timer) clearTimeout(this.timer);
  };

  private async ask(): Promise<void> {
    try {
      const found = publisherOf(await this.client.list(this.everyMs / 2), this.stream);
      const bytes = found?.bytesIn ?? null;
      const reason = found && bytes === null ? 'the media server does not tell how much it gets' : null;
      this.last = { publishing: found !== null, bytes, reason };
    } catch (error) {
      this.last = { publishing: null, bytes: null, reason: redactText(asLiveError(error).message) };
    }
    this.readAtMs = now();
    if (this.closed) return;
    this.timer = setTimeout(() => void this.ask(), this.everyMs);
    this.timer.unref();
  }
}
