import { now } from '../connection/clock';
import { withDeadline } from '../connection/deadline';
import { fail } from '../errors';
import { hold } from '../secrets';
import type { Api } from './api';
import { Bitrates } from './bitrates';
import type { KickOutcome, MediaServerClient, MediaServerKind, Publisher, PublisherList } from './types';

/** Who asks without saying otherwise takes a list of the last second. */
const FRESH_MS = 1000;

/** What of one kind of server is its own. Every call rejects with a coded error. */
export interface MediaServerReader {
  readonly kind: MediaServerKind;
  /** every connection of it */
  readonly apis: readonly Api[];
  read(): Promise<{ publishers: Publisher[]; serverRun: string | null }>;
  /** End this very publisher, who was seen a moment ago. */
  end(publisher: Publisher): Promise<KickOutcome>;
  version(): Promise<string | null>;
}

/** A client on one kind of reader: one reading is shared, bitrates are measured, and a kick looks first. */
export class SharedClient implements MediaServerClient {
  readonly kind: MediaServerKind;
  private latest: { atMs: number; list: Promise<PublisherList> } | null = null;
  private readonly bitrates = new Bitrates();
  private readonly release: () => void;

  constructor(
    private readonly reader: MediaServerReader,
    secret: string | null,
    /** a list may have many pages, each with its own deadline; this is that of all of them */
    private readonly totalMs = 10_000,
    private readonly clock: () => number = now,
  ) {
    this.kind = reader.kind;
    this.release = hold(secret);
  }

  list(freshMs = FRESH_MS): Promise<PublisherList> {
    const atMs = this.clock();
    if (this.latest && atMs - this.latest.atMs < freshMs) return this.latest.list;
    const mine = { atMs, list: this.readList(atMs) };
    this.latest = mine;
    // whoever asks next shall not be told an old fault
    mine.list.catch(() => {
      if (this.latest === mine) this.latest = null;
    });
    return mine.list;
  }

  async kick({
    app,
    stream,
    clientId,
  }: Pick<Publisher, 'app' | 'stream' | 'clientId'>): Promise<KickOutcome> {
    const { publishers } = await this.list(0);
    const isHe = (one: Publisher) => clientId === null || one.clientId === null || one.clientId === clientId;
    const there = publishers.find((one) => one.app === app && one.stream === stream && isHe(one));
    // somebody else publishes there now, or nobody
    if (!there) return 'absent';
    const outcome = await this.reader.end({ ...there, clientId: clientId ?? there.clientId });
    // he is still in the list that others share
    this.latest = null;
    return outcome;
  }

  async probe(): Promise<{ version: string | null; publishers: number }> {
    const version = await this.reader.version();
    return { version, publishers: (await this.list(0)).publishers.length };
  }

  async close(): Promise<void> {
    await Promise.all(this.reader.apis.map((api) => api.close()));
    this.release();
  }

  /** `atMs` is when it was asked for: who came later need not be in it. */
  private async readList(atMs: number): Promise<PublisherList> {
    const late = () =>
      fail('MEDIA_SERVER_TIMEOUT', {
        where: this.reader.apis[0]?.where,
        action: 'the list of its streams',
        seconds: this.totalMs / 1000,
      });
    const { publishers, serverRun } = await withDeadline(this.reader.read(), this.totalMs, late);
    return { publishers: this.bitrates.measure(once(publishers), atMs), serverRun, atMs };
  }
}

/** Each connection once: somebody who came or went between two pages moves the others. */
function once(publishers: readonly Publisher[]): Publisher[] {
  const keyOf = ({ app, stream, clientId }: Publisher) => JSON.stringify([app, stream, clientId]);
  return [...new Map(publishers.map((publisher) => [keyOf(publisher), publisher])).values()];
}

/** A publisher of whom nothing is known but where he publishes. */
export function publisherAt(app: string, stream: string, clientId: string | null): Publisher {
  return {
    app,
    stream,
    clientId,
    address: null,
    sinceMs: null,
    bytesIn: null,
    bitrateKbps: null,
    frames: null,
    readers: null,
    video: null,
    audio: null,
  };
}
