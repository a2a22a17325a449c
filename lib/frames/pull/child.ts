import { type ChildProcess, spawn } from 'node:child_process';
import { now } from '../../connection/clock';
import { pause, withDeadline } from '../../connection/deadline';
import { FlvReader } from '../../rtmp/media/flv';
import type { Tag } from '../../rtmp/types';
import type { PullAddress } from './address';
import { LONG_LOOK_MS, type PullWish, pullArguments, pullScript } from './arguments';

/** Asking, then force: an ffmpeg child closes in 2 s. */
const KILL_MS = 1_000;
const GIVE_UP_MS = 2_000;
const MOST_WORDS = 4_000;
/** A connection takes its time beside the look. */
const CONNECT_MS = 10_000;

/** How a pull ended. */
export interface PullEnd {
  /** what ffmpeg wrote; it may hold secrets, and is for `pullReason` only */
  written: string;
  /** in words, where that says nothing */
  reason: string;
  /** ffmpeg itself could not be started */
  missing: boolean;
  /** it ended by itself, as at the end of a file */
  clean: boolean;
}

export interface PullChildOptions {
  /** null: as PATH finds it */
  ffmpegPath: string | null;
  address: PullAddress;
  wish: PullWish;
  /** without any tag for so long it is ended */
  stallMs: number;
  onTag: (tag: Tag) => void;
  /** once; not after `stop` */
  onEnd: (end: PullEnd) => void;
}

/** One ffmpeg that reads one address and gives what it finds as it is. Ends when nobody reads from it any more. */
export class PullChild {
  private readonly child: ChildProcess;
  private readonly closed: Promise<void>;
  private readonly watch: NodeJS.Timeout;
  private readonly openUntil: number;
  private lastTag: number | null = null;
  private words = '';
  private over = false;

  constructor(private readonly options: PullChildOptions) {
    const { address, wish } = options;
    // a report that somebody's environment asks for would be a file with the address in it
    const env = { ...process.env };
    delete env.FFREPORT;
    this.openUntil = now() + CONNECT_MS + Math.min(wish.lookMs, LONG_LOOK_MS);
    this.child = spawn(options.ffmpegPath ?? 'ffmpeg', pullArguments(address, wish), {
      stdio: ['pipe', 'pipe', 'pipe'],
      env,
      windowsHide: true,
    });
    this.closed = new Promise((resolve) => {
      this.child.once('close', () => resolve());
      this.child.once('error', () => resolve());
    });
    const { stdin, stdout, stderr } = this.child;
    const reader = new FlvReader({ onTag: (tag) => this.tag(tag), now });
    this.child.once('error', (error) => this.end({ reason: error.message, missing: true }));
    this.child.once('close', (code, signal) =>
      this.end({ reason: signal ? `ended by ${signal}` : `exit code ${code}`, clean: code === 0 }),
    );
    for (const pipe of [stdin, stdout, stderr]) pipe?.on('error', () => undefined);
    stderr?.on('data', (piece: Buffer) => {
      if (this.words.length < MOST_WORDS) this.words += piece.toString('utf8').slice(0, MOST_WORDS);
    });
    stdout?.on('data', (piece: Buffer) => {
      if (this.over) return;
      reader.push(piece);
      if (reader.fault !== null) this.kill(reader.fault);
    });
    stdin?.end(pullScript(address, wish));
    this.watch = setInterval(() => this.look(), Math.max(50, options.stallMs / 8));
    this.watch.unref();
  }

  get pid(): number | null {
    return this.child.pid ?? null;
  }

  /** End it, kindly first. Resolves when it is gone, within 2 s. */
  async stop(): Promise<void> {
    this.over = true;
    clearInterval(this.watch);
    const away = new AbortController();
    void this.closed.then(() => away.abort());
    const force = async (): Promise<void> => {
      this.child.kill('SIGTERM');
      await pause(KILL_MS, away.signal);
      if (!away.signal.aborted) this.child.kill('SIGKILL');
      await this.closed;
    };
    await withDeadline(force(), GIVE_UP_MS, () => new Error('it does not go')).catch(() => undefined);
  }

  private tag(tag: Tag): void {
    this.lastTag = now();
    if (!this.over) this.options.onTag(tag);
  }

  private look(): void {
    if (this.lastTag === null) {
      if (now() > this.openUntil) this.kill('nothing came in time');
    } else if (now() - this.lastTag > this.options.stallMs)
      this.kill(`nothing came for ${Math.round(this.options.stallMs / 1000)} s`);
  }

  private kill(reason: string): void {
    this.end({ reason });
    // what hangs does not hear a kind word either
    this.child.kill('SIGKILL');
  }

  private end(end: Pick<PullEnd, 'reason'> & Partial<PullEnd>): void {
    clearInterval(this.watch);
    if (this.over) return;
    this.over = true;
    this.options.onEnd({ written: this.words, missing: false, clean: false, ...end });
  }
}
