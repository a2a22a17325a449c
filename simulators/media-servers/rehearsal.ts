import { Clock } from '../obs/clock';
import { SrsSimulator } from './srs';
import type { MediaServerOptions, SimulatedPublisher } from './types';

export interface RehearsalOptions extends Omit<MediaServerOptions, 'hooks'> {
  /** where the gate takes hooks, its secret included */
  hookAddress: string;
  /** default `live` */
  app?: string;
  /** how many invented guests there are: `guest-1`, `guest-2` …; default 6 */
  guests?: number;
  /** nobody comes by himself; for tests. Default false */
  quiet?: boolean;
}

/** A simulated media server with invented guests who come and go. */
export interface RehearsalServer {
  /** the base of its API, which speaks as that of SRS; known once `start` resolved */
  readonly api: string;
  readonly publishers: readonly SimulatedPublisher[];
  /** for what only it can do */
  readonly simulator: SrsSimulator;
  /** Resolves when the API listens; rejects when its port cannot be had. The guests come by and by. */
  start(): Promise<void>;
  /** Everybody is gone, nothing keeps the process alive. */
  close(): Promise<void>;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** How long each thing takes, from and to, in simulated milliseconds: a small show with somebody waiting most of the time. */
const TIMES = {
  /** between the first and the second newcomer, and so on */
  apart: [10 * SECOND, 25 * SECOND],
  stays: [3 * MINUTE, 10 * MINUTE],
  away: [30 * SECOND, 2 * MINUTE],
  /** the network drops him, and his encoder is back */
  dropped: [3 * SECOND, 8 * SECOND],
  /** refused, or nobody listens at the hook address yet */
  again: [5 * SECOND, 15 * SECOND],
  /** somebody threw him off */
  kicked: [MINUTE, 3 * MINUTE],
} as const;
/** of those who leave, who only dropped out */
const DROPS = 0.25;

/**
 * The rehearsal of the guest queue: an SRS that is none, which asks the real hook address and lists, and lets be thrown off, guests who
 * do not exist. Starts nothing by itself; `speed` makes the evening quicker.
 */
export function createRehearsalServer(options: RehearsalOptions): RehearsalServer {
  return new Rehearsal(options);
}

class Rehearsal implements RehearsalServer {
  readonly simulator: SrsSimulator;
  private readonly clock: Clock;
  private readonly random: () => number;
  private readonly app: string;
  private ended = false;

  constructor(private readonly options: RehearsalOptions) {
    const { hookAddress: hooks, ...rest } = options;
    this.simulator = new SrsSimulator({ ...rest, hooks });
    this.clock = new Clock(Math.max(0.001, options.speed ?? 1));
    this.random = options.random ?? Math.random;
    this.app = options.app ?? 'live';
  }

  get api(): string {
    return this.simulator.api;
  }

  get publishers(): readonly SimulatedPublisher[] {
    return this.simulator.publishers;
  }

  async start(): Promise<void> {
    await this.simulator.start();
    if (this.options.quiet) return;
    const count = Math.max(1, Math.min(100, this.options.guests ?? 6));
    for (let number = 1, at = 2 * SECOND; number <= count; number++, at += this.chance('apart'))
      void this.live(`guest-${number}`, at);
  }

  async close(): Promise<void> {
    this.ended = true;
    this.clock.end();
    await this.simulator.close();
  }

  /** One guest's evening: he comes, stays, drops out or leaves, and comes again. */
  private async live(name: string, firstMs: number): Promise<void> {
    const { simulator, app } = this;
    for (let pause = firstMs; ;) {
      await this.clock.sleep(pause);
      if (this.ended) return;
      const kbps = 1_500 + Math.floor(this.random() * 4_500);
      const came = await simulator.publish(name, { app, kbps });
      if (this.ended) return;
      if (!came.allowed) {
        pause = this.chance('again');
        continue;
      }
      await this.clock.sleep(this.chance('stays'));
      if (this.ended) return;
      const there = simulator.publishers.some(({ clientId }) => clientId === came.clientId);
      if (there) await simulator.unpublish(name, app);
      pause = this.chance(!there ? 'kicked' : this.random() < DROPS ? 'dropped' : 'away');
    }
  }

  private chance(what: keyof typeof TIMES): number {
    const [from, to] = TIMES[what];
    return from + this.random() * (to - from);
  }
}
