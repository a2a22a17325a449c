import { LiveError } from '../../errors';
import type { Ruling } from '../guards';
import { roleOf } from '../group';
import { startIngest } from '../ingest';
import { Player } from '../player';
import type { Feed, Ingest, IngestEvent, PublishRequest, Tag } from '../types';
import { tagPieces } from './pieces';
import type { ChildWord, ListenFault, ParentWord } from './words';

/** What waits of one stream for Node-RED at most: then it goes on with its next key frame. */
const MOST_UNTAKEN = 8_388_608;

/** Pictures: half a second and more, so that what is told is less than what is left out. */
const MISSED_TOLD = 30;

/** The way to Node-RED. */
export interface ChildLink {
  tell(word: ChildWord): void;
  /** `taken`: they are on their way */
  send(pieces: readonly Buffer[], taken: () => void): void;
  /** everything is closed */
  over(): void;
}

/** An ingest in this process, which does what Node-RED tells it, and tells what happens. */
export class ChildIngest {
  mostPublishers = 0;
  private ingest: Ingest | null = null;
  private questions = 0;
  private readonly open = new Map<number, (ruling: Ruling) => void>();
  private numbers = 0;

  constructor(private readonly link: ChildLink) {}

  /** Node-RED is believed: it checked what it tells. */
  hear(word: ParentWord): void {
    switch (word.is) {
      case 'open':
        return this.begin(word);
      case 'answer':
        return this.answered(word.id, word.ruling);
      case 'kick':
        return void this.ingest?.kick(word.connectionId, word.reason);
      case 'renew':
        this.mostPublishers = Math.max(this.mostPublishers, word.settings.mostPublishers);
        return this.ingest?.renew({ ...word.settings, graceMs: 0 });
      case 'close':
        void this.ingest?.close().finally(() => this.link.over());
    }
  }

  /** Who is waited for, is waited for in Node-RED: it outlives this process. */
  private begin({ settings, limits }: Extract<ParentWord, { is: 'open' }>): void {
    this.mostPublishers = settings.mostPublishers;
    const ingest = (this.ingest = startIngest(
      { ...settings, graceMs: 0 },
      {
        limits,
        onPlayers: (stream) => this.link.tell({ is: 'players', stream, count: ingest.players(stream) }),
        onError: (error) => {
          const { name, stack } = error instanceof Error ? error : new Error('none');
          this.link.tell({
            is: 'error',
            text: `${name} ${/\n {4}at .*/.exec(stack ?? '')?.[0].trim() ?? ''}`,
          });
        },
      },
    ));
    ingest.guard((request) => this.ask(request));
    ingest.onEvent((event) => this.happened(event));
    ingest.onStatus(() => this.tellState(ingest));
    this.tellState(ingest);
  }

  private tellState(ingest: Ingest): void {
    const { listening, port, fault } = ingest.status();
    this.link.tell({ is: 'state', listening, port, fault: faultOf(fault) });
  }

  private ask({ params, ...request }: PublishRequest): Promise<Ruling> {
    const { app, stream, connectionId, address, secure } = request;
    const id = ++this.questions;
    const who = { app, stream, params: [...params], connectionId, address, secure };
    this.link.tell({ is: 'ask', id, ...who });
    return new Promise((resolve) => this.open.set(id, resolve));
  }

  private answered(id: number, ruling: Ruling): void {
    const answer = this.open.get(id);
    this.open.delete(id);
    answer?.(ruling);
  }

  private happened(event: IngestEvent): void {
    if (event.what === 'publishing') return this.follow(event.feed);
    if (event.what === 'denied') {
      const { why, reason, stream, app, address, connectionId } = event;
      return this.link.tell({ is: 'denied', why, reason, stream, app, address, connectionId });
    }
    // what a header says is read there too, and nobody is away here
    if (event.what !== 'left') return;
    const { feed, reason, expected } = event;
    this.link.tell({ is: 'left', connectionId: feed.connectionId, reason, expected });
  }

  /** Node-RED plays every stream: what it cannot take is left out up to the next key frame, and counted. */
  private follow(feed: Feed): void {
    const number = ++this.numbers;
    this.link.tell({ is: 'publishing', connectionId: feed.connectionId, number });
    const missed = { bytes: 0, frames: 0 };
    let isMissing = false;
    const tellMissed = () => {
      if (missed.bytes > 0) this.link.tell({ is: 'missed', number, ...missed });
      missed.bytes = missed.frames = 0;
    };
    const parts = ({ kind, timestampMs, payload }: Tag): Buffer[] =>
      tagPieces({ number, kind, timestamp: Math.trunc(timestampMs) % 2 ** 32, payload });
    const told = {
      waiting: 0,
      send: (pieces: readonly Buffer[]) => {
        tellMissed();
        isMissing = false;
        const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
        told.waiting += bytes;
        this.link.send(pieces, () => void (told.waiting -= bytes));
      },
    };
    const player = new Player(told, MOST_UNTAKEN, parts);
    player.beginAtOnce();
    feed.onTag((tag) => {
      const role = roleOf(tag);
      const before = player.dropped;
      player.take(tag, role, () => feed.headers());
      if (player.dropped === before) return;
      missed.bytes += tag.payload.length;
      if (tag.kind === 'video' && !role.header) missed.frames++;
      // at once that something is missing, then now and then
      if (!isMissing || missed.frames >= MISSED_TOLD) tellMissed();
      isMissing = true;
    });
  }
}

function faultOf(fault: Error | null): ListenFault | null {
  if (!(fault instanceof LiveError)) return null;
  const code = fault.code === 'CONFIG_INVALID' ? fault.code : 'INGEST_LISTEN';
  return { code, reason: String(fault.details.reason) };
}
