import type { Coming, SimulatedPublisher } from './types';

/** The simulated time of a server. */
export type SimulatedTime = () => number;

/** One connection that publishes, or tries to. */
export class Guest implements SimulatedPublisher {
  readonly app: string;
  /** the name he asked for, which hooks go on to call him by */
  readonly called: string;
  /** the name he publishes under: another one where he was renamed */
  stream: string;
  readonly args: string;
  readonly address: string;
  readonly kbps: number;
  /** simulated milliseconds; when he connected */
  readonly cameMs: number;
  /** when he was let in; null before */
  enteredMs: number | null = null;
  forwardedTo: readonly string[] = [];
  private sent = 0;
  private sendsSince: number | null = null;

  constructor(
    stream: string,
    coming: Coming,
    readonly clientId: string,
    private readonly time: SimulatedTime,
  ) {
    const split = stream.indexOf('?');
    this.called = split === -1 ? stream : stream.slice(0, split);
    this.stream = this.called;
    this.args = coming.args ?? (split === -1 ? '' : stream.slice(split + 1));
    this.app = coming.app ?? 'live';
    this.address = coming.address ?? '127.0.0.1';
    this.kbps = coming.kbps ?? 2500;
    this.cameMs = time();
  }

  get key(): string {
    return keyOf(this.app, this.stream);
  }

  get sends(): boolean {
    return this.sendsSince !== null;
  }

  get bytesIn(): number {
    // 1 kbit/s is one eighth of a byte in a millisecond
    const running = this.sendsSince === null ? 0 : ((this.time() - this.sendsSince) * this.kbps) / 8;
    return Math.floor(this.sent + running);
  }

  /** since he was let in, in milliseconds */
  get ageMs(): number {
    return this.enteredMs === null ? 0 : this.time() - this.enteredMs;
  }

  enter(): void {
    this.enteredMs = this.time();
    this.send();
  }

  send(): void {
    this.sendsSince ??= this.time();
  }

  hush(): void {
    this.sent = this.bytesIn;
    this.sendsSince = null;
  }
}

/** What one name is known by in a server. */
export function keyOf(app: string, stream: string): string {
  return `${app}/${stream}`;
}
