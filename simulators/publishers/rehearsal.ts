import { Clock } from '../obs/clock';
import { FPS } from './h264';
import { publish, Refused, type PublishTo, type RtmpPublisher } from './rtmp';
import { TestStream, type StreamFault } from './test-stream';

const SECOND = 1_000;

/** What becomes of a test stream by and by, so that whoever rehearses sees each alert. */
interface Habit {
  /** it begins anew after so long */
  everyMs: number;
  faults: readonly { fault: 'black' | 'frozen' | 'away'; fromMs: number; forMs: number }[];
}

/** The first one goes black, and then stands still; the second drops out and comes back; the third is well all evening. */
const HABITS: readonly Habit[] = [
  {
    everyMs: 240 * SECOND,
    faults: [
      { fault: 'black', fromMs: 60 * SECOND, forMs: 25 * SECOND },
      { fault: 'frozen', fromMs: 150 * SECOND, forMs: 30 * SECOND },
    ],
  },
  { everyMs: 180 * SECOND, faults: [{ fault: 'away', fromMs: 90 * SECOND, forMs: 5 * SECOND }] },
  { everyMs: 60 * SECOND, faults: [] },
];

/** What is wrong with the stream of this number after so long. `away`: it has lost its connection. */
export function habitOf(number: number, elapsedMs: number): StreamFault | 'away' {
  const { everyMs, faults } = HABITS[number % HABITS.length]!;
  const atMs = elapsedMs % everyMs;
  return faults.find(({ fromMs, forMs }) => atMs >= fromMs && atMs < fromMs + forMs)?.fault ?? null;
}

/** What waits to be sent: more, and the connection is as good as broken. */
const MOST_WAITING = 2 * 1_048_576;
/** Nothing listens yet, or somebody threw it off; whoever was refused may be let in later. */
const AGAIN_MS = { dropped: 5 * SECOND, unreachable: 2 * SECOND, lost: 10 * SECOND, refused: 60 * SECOND };

export interface TestPublishersOptions extends Omit<PublishTo, 'streamKey'> {
  /** what stands behind each name, `key=…`; null: nothing */
  args: string | null;
  /** public names; each is a stream of its own, with its own colour and tone */
  names: readonly string[];
  /** all of them stay well. Default false */
  quiet?: boolean;
  /** how long it takes until something goes wrong, and until it is tried again, is divided by this; default 1 */
  speed?: number;
  /** hears what a person may read: nothing secret */
  told?: (name: string, what: string) => void;
}

/** Some who publish test streams, until they are closed. */
export interface TestPublishers {
  /** how many are let in now */
  readonly publishing: number;
  /** These names from now on: who is none of them leaves, and who is new takes a free place. */
  follow(names: readonly string[]): void;
  /** All have said goodbye; nothing keeps the process alive. */
  close(): Promise<void>;
}

/** Publish test streams over RTMP. Nothing is thrown: who cannot get in tries again. */
export function startTestPublishers(options: TestPublishersOptions): TestPublishers {
  const all = new TestGroup(options);
  all.follow(options.names);
  return all;
}

class TestGroup implements TestPublishers {
  private readonly clock: Clock;
  /** by number: a place keeps its colour, its tone and its habits */
  private readonly places: (TestPublisher | null)[] = [];
  private readonly leaving = new Set<Promise<void>>();
  private ended = false;

  constructor(private readonly options: TestPublishersOptions) {
    this.clock = new Clock(options.speed ?? 1);
  }

  get publishing(): number {
    return this.places.filter((one) => one?.isLive).length;
  }

  follow(names: readonly string[]): void {
    if (this.ended) return;
    this.places.forEach((one, number) => {
      if (one && !names.includes(one.name)) this.leave(number);
    });
    for (const name of names) {
      if (this.places.some((one) => one?.name === name)) continue;
      const free = this.places.indexOf(null);
      const number = free < 0 ? this.places.length : free;
      const one = new TestPublisher(this.options, name, number, this.clock);
      this.places[number] = one;
      void one.live();
    }
  }

  async close(): Promise<void> {
    this.ended = true;
    this.places.forEach((_, number) => this.leave(number));
    await Promise.all(this.leaving);
    this.clock.end();
  }

  private leave(number: number): void {
    const left = this.places[number]?.leave() ?? Promise.resolve();
    this.places[number] = null;
    const done = left.finally(() => this.leaving.delete(done));
    this.leaving.add(done);
  }
}

class TestPublisher {
  isLive = false;
  private connection: RtmpPublisher | null = null;
  private ended = false;
  private readonly sinceMs = performance.now();

  constructor(
    private readonly options: TestPublishersOptions,
    readonly name: string,
    private readonly number: number,
    private readonly clock: Clock,
  ) {}

  async live(): Promise<void> {
    while (!this.ended) {
      let pauseMs = AGAIN_MS.lost;
      try {
        const { args, host, port, app, secure } = this.options;
        const streamKey = args === null ? this.name : `${this.name}?${args}`;
        this.connection = await publish({ host, port, app, streamKey, ...(secure ? { secure } : {}) });
        this.tell('publishes');
        pauseMs = await this.send(this.connection);
        this.tell('is off');
      } catch (error) {
        const { message } = error as Error;
        this.tell(error instanceof Refused ? `is refused: ${message}` : message);
        pauseMs = error instanceof Refused ? AGAIN_MS.refused : AGAIN_MS.unreachable;
      }
      this.connection = null;
      if (!this.ended) await this.clock.sleep(pauseMs);
    }
  }

  async leave(): Promise<void> {
    this.ended = true;
    await this.connection?.end();
  }

  /** Sends until the connection is gone. Returns after how long it comes back. */
  private async send(connection: RtmpPublisher): Promise<number> {
    if (this.ended) await connection.end();
    const stream = new TestStream({ name: this.name, number: this.number });
    connection.send(stream.headers());
    this.isLive = true;
    return await new Promise((resolve) => {
      let pauseMs: number = AGAIN_MS.lost;
      const timer = setInterval(() => {
        const fault = this.fault();
        if (fault === 'away') {
          pauseMs = AGAIN_MS.dropped;
          return connection.drop();
        }
        if (connection.waiting > MOST_WAITING) return connection.drop();
        connection.send(stream.due(performance.now(), new Date(), fault));
      }, SECOND / FPS);
      timer.unref();
      connection.onEnd(() => {
        clearInterval(timer);
        this.isLive = false;
        resolve(pauseMs);
      });
    });
  }

  private fault(): StreamFault | 'away' {
    const elapsedMs = (performance.now() - this.sinceMs) * this.clock.speed;
    return this.options.quiet ? null : habitOf(this.number, elapsedMs);
  }

  private tell(what: string): void {
    this.options.told?.(this.name, what);
  }
}
