import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { now } from '../connection/clock';
import { pause, withDeadline } from '../connection/deadline';
import { flvHeader, flvTag } from '../rtmp/media/flv';
import { type Decoded, Joiner } from './outputs';

/** What waits for the decoder may be so large; then everything up to the next key frame is left out. */
const MOST_WAITING = 8 * 1024 * 1024;
/** End of input, then asking, then force: an ffmpeg child closes in 2 s. */
const TERM_MS = 1_000;
/** What it still has in hand is wanted, and it may have begun a moment ago on a busy machine. */
const TERM_HEARD_MS = 1_700;
const KILL_MS = 2_000;
const GIVE_UP_MS = 3_000;
const MOST_WORDS = 400;

export interface ChildOptions {
  /** null: as PATH finds it */
  path: string | null;
  args: string[];
  /** media time between the pictures it is to give, beside the delay it may have */
  expectMs: number;
  /** without any output for so long, although there should be some, it is ended */
  watchdogMs: number;
  onPicture: (picture: Decoded) => void;
  /** it has ended by itself, or had to be: in words. Not told after `stop` */
  onEnd: (reason: string) => void;
}

/** One ffmpeg that decodes one stream. It ends with its input, so also with this process, however that ends. */
export class DecoderChild {
  /** video tags that were left out, since it could not follow */
  dropped = 0;
  private readonly child: ChildProcess;
  private readonly closed: Promise<void>;
  private readonly joiner = new Joiner();
  private readonly watch: NodeJS.Timeout;
  private words = '';
  private over = false;
  private isStopping = false;
  private isDropping = false;
  private lastFed: number | null = null;
  /** media time of the last picture, or of where it began */
  private answered: number | null = null;
  private overdueSince: number | null = null;

  constructor(private readonly options: ChildOptions) {
    // a report that somebody's environment asks for would be a file with the arguments in it
    const env = { ...process.env };
    delete env.FFREPORT;
    this.child = spawn(options.path ?? 'ffmpeg', options.args, {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
      env,
      windowsHide: true,
    });
    this.closed = new Promise((resolve) => {
      this.child.once('close', () => resolve());
      this.child.once('error', () => resolve());
    });
    this.child.once('error', (error) => this.end(error.message));
    this.child.once('close', (code, signal) =>
      this.end(inOneLine(this.words) || (signal ? `ended by ${signal}` : `exit code ${code}`)),
    );
    // where the system gives none (too many open files), there are no pipes either, and `error` follows
    const pipes = (this.child.stdio ?? []) as [Writable?, ...Readable[]];
    const [stdin, stdout, stderr, grid, time, small] = pipes;
    // it may be gone before everything is written; `close` says so
    stdin?.on('error', () => undefined);
    this.read(stdout, (piece) => this.joiner.jpeg(piece));
    this.read(grid, (piece) => this.joiner.grid(piece));
    this.read(time, (piece) => this.joiner.time(piece));
    this.read(small, (piece) => this.joiner.small(piece));
    stderr?.on('data', (piece: Buffer) => {
      this.words = (this.words + piece.toString('utf8')).slice(-MOST_WORDS);
    });
    stderr?.on('error', () => undefined);
    this.watch = setInterval(() => this.look(), Math.max(50, options.watchdogMs / 8));
    this.watch.unref();
    stdin?.write(flvHeader({ audio: false }));
  }

  get pid(): number | null {
    return this.child.pid ?? null;
  }

  /** How many bytes wait for it. */
  get waiting(): number {
    return this.child.stdin?.writableLength ?? 0;
  }

  /** The header of the pictures that follow. */
  header(payload: Buffer, ms: number): void {
    this.write(payload, ms);
  }

  /**
   * Give it a picture; false: it was left out, and so is everything before the next key frame.
   * @param ms decoding time, within 0 and 2^31
   */
  feed(payload: Buffer, ms: number, isKeyframe: boolean): boolean {
    if (this.over || this.isStopping) return false;
    if (this.isDropping && isKeyframe) this.isDropping = this.waiting > MOST_WAITING / 2;
    if (this.waiting > MOST_WAITING) this.isDropping = true;
    if (this.isDropping) {
      this.dropped++;
      return false;
    }
    this.write(payload, ms);
    this.lastFed = ms;
    this.answered ??= ms - this.options.expectMs - 1;
    if (ms - this.answered > this.options.expectMs) this.overdueSince ??= now();
    return true;
  }

  /** End it, kindly first. `hear`: what it still has in hand is told. Resolves when it is gone, within 3 s. */
  async stop(hear = false): Promise<void> {
    clearInterval(this.watch);
    this.isStopping = true;
    if (!hear) this.over = true;
    this.child.stdin?.end();
    const away = new AbortController();
    void this.closed.then(() => away.abort());
    const force = async (): Promise<void> => {
      const termMs = hear ? TERM_HEARD_MS : TERM_MS;
      await pause(termMs, away.signal);
      if (!away.signal.aborted) this.child.kill('SIGTERM');
      await pause(KILL_MS - termMs, away.signal);
      if (!away.signal.aborted) this.child.kill('SIGKILL');
      await this.closed;
    };
    await withDeadline(force(), GIVE_UP_MS, () => new Error('it does not go')).catch(() => undefined);
    this.over = true;
  }

  private write(payload: Buffer, ms: number): void {
    const { stdin } = this.child;
    if (stdin && !stdin.destroyed && !stdin.writableEnded) stdin.write(flvTag('video', ms, payload));
  }

  private read(from: Readable | undefined, take: (piece: Buffer) => Decoded[]): void {
    from?.on('error', () => undefined);
    from?.on('data', (piece: Buffer) => {
      if (this.over) return;
      try {
        for (const picture of take(piece)) {
          this.answered = Math.max(this.answered ?? 0, picture.ptsMs);
          this.overdueSince = (this.lastFed ?? 0) - this.answered > this.options.expectMs ? now() : null;
          this.options.onPicture(picture);
        }
      } catch (error) {
        this.kill((error as Error).message);
      }
    });
  }

  private look(): void {
    if (this.overdueSince === null || now() - this.overdueSince < this.options.watchdogMs) return;
    this.kill(`no picture for ${Math.round(this.options.watchdogMs / 100) / 10} s`);
  }

  private kill(reason: string): void {
    this.child.kill('SIGKILL');
    this.end(reason);
  }

  private end(reason: string): void {
    clearInterval(this.watch);
    if (this.over || this.isStopping) return;
    this.over = true;
    this.options.onEnd(reason);
  }
}

/** What ffmpeg said last, without the addresses of its own parts. */
function inOneLine(words: string): string {
  // what is cut off at its beginning is no sentence
  const whole = words.length < MOST_WORDS ? words : words.slice(words.indexOf('\n') + 1);
  return whole
    .replace(/\[[^\]\n]* @ 0x[0-9a-f]+\] /g, '')
    .trim()
    .replace(/\s*\n\s*/g, '; ');
}
