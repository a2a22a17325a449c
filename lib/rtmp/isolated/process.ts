import { spawn, type ChildProcess } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { join } from 'node:path';
import { Backoff } from '../../connection/backoff';
import { now } from '../../connection/clock';
import { pause, withDeadline } from '../../connection/deadline';
import { LinkFault, PieceReader, wordPiece, type LinkTag } from './pieces';
import { MOST_CHILD_WORD, readChildWord, type ChildWord, type ParentWord } from './words';

/** What becomes of the process. */
export interface ProcessHost {
  /** the first word to each that is started */
  opening(): ParentWord;
  /** may throw LinkFault: such a word it would not say */
  word(word: ChildWord): void;
  tag(tag: LinkTag): void;
  /** it has gone by itself or had to be ended, in words why; another one is started */
  gone(reason: string): void;
  /** what should never happen */
  broken(error: unknown): void;
}

export interface ProcessOptions {
  /** what its own objects may take; pictures and sound in hand are beside that */
  heapMb?: number;
  /** it says something every second; after so long without a word it hangs */
  silentMs?: number;
  /** tests have others */
  script?: string;
  random?: () => number;
}

const HEAP_MB = 256;
const SILENT_MS = 15_000;
const LOOK_MS = 1_000;
/** Asking, then force: a node has 2.5 s to close. */
const KILL_MS = 800;
const GIVE_UP_MS = 2_000;
/** The first try is soon: publishers come back after some two seconds. One that lived so long had no fault of its own. */
const AGAIN_MS = 250;
const LIVED_MS = 60_000;
const LAST_WORDS_MS = 500;
const MOST_WORDS = 16_384;
/** Answers that it does not take: then it does not read at all. */
const MOST_UNREAD = 8_388_608;
/** What a program needs to begin at all; everything else is Node-RED's own business. */
const ENVIRONMENT = ['LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'SystemRoot', 'TZ'];

/** The process of an ingest: started, watched, started again. It ends with this one, however that ends. */
export class IngestProcess {
  private child: ChildProcess | null = null;
  private link: Duplex | null = null;
  private readonly backoff: Backoff;
  private again: NodeJS.Timeout | null = null;
  private watch: NodeJS.Timeout | null = null;
  private heardMs = 0;
  private lookedMs = 0;
  private startedMs = 0;
  /** why we end it ourselves */
  private verdict: string | null = null;
  private words = '';
  private closing = false;

  constructor(
    private readonly host: ProcessHost,
    private readonly options: ProcessOptions = {},
  ) {
    this.backoff = new Backoff(options.random, AGAIN_MS);
  }

  /** null while there is none */
  get pid(): number | null {
    return this.child?.pid ?? null;
  }

  open(): void {
    this.again = null;
    this.verdict = null;
    this.words = '';
    this.startedMs = this.heardMs = this.lookedMs = now();
    const known = ENVIRONMENT.filter((name) => process.env[name] !== undefined);
    const child = (this.child = spawn(
      process.execPath,
      [
        `--max-old-space-size=${this.options.heapMb ?? HEAP_MB}`,
        this.options.script ?? join(__dirname, 'child.js'),
      ],
      {
        stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
        env: Object.fromEntries(known.map((name) => [name, process.env[name]])),
        windowsHide: true,
      },
    ));
    child.once('error', (error: NodeJS.ErrnoException) =>
      this.ended(child, `it could not be started (${error.code ?? error.message})`),
    );
    child.once('exit', (code, signal) => {
      const over = () => this.ended(child, signal ? `ended by ${signal}` : `exit code ${code}`);
      // what it said last is read first; a process of its own that holds its pipes is not waited for
      const late = setTimeout(over, LAST_WORDS_MS);
      late.unref();
      child.once('close', over);
    });
    // where the system gives none there are no pipes either, and `error` follows
    const pipes = (child.stdio ?? []) as (Duplex | null | undefined)[];
    pipes[2]?.on('error', () => undefined);
    pipes[2]?.on('data', (piece: Buffer) => {
      this.words = (this.words + piece.toString('latin1')).slice(-MOST_WORDS);
    });
    this.link = pipes[3] ?? null;
    this.link?.on('error', () => undefined);
    this.follow(child);
    this.tell(this.host.opening());
    this.watch = setInterval(() => this.look(), LOOK_MS);
    this.watch.unref();
  }

  tell(word: ParentWord): void {
    const { link } = this;
    if (!link || link.destroyed || this.verdict !== null) return;
    if (link.writableLength > MOST_UNREAD) return this.end('it does not read what it is told');
    link.write(wordPiece(word));
  }

  /** It is not itself any more: another one has to take its place. */
  end(reason: string): void {
    if (!this.child || this.verdict !== null) return;
    this.verdict = reason;
    this.child.kill('SIGKILL');
  }

  /** Resolves when it is gone, within 2 s. */
  async close(): Promise<void> {
    this.closing = true;
    if (this.again) clearTimeout(this.again);
    if (this.watch) clearInterval(this.watch);
    const { child } = this;
    if (!child) return;
    const away = new AbortController();
    const gone = new Promise<void>((resolve) => {
      for (const what of ['exit', 'error'] as const)
        child.once(what, () => {
          away.abort();
          resolve();
        });
    });
    this.tell({ is: 'close' });
    const force = async (): Promise<void> => {
      await pause(KILL_MS, away.signal);
      if (!away.signal.aborted) child.kill('SIGKILL');
      await gone;
    };
    await withDeadline(force(), GIVE_UP_MS, () => new Error('it does not go')).catch(() => undefined);
    this.link?.destroy();
  }

  private follow(child: ChildProcess): void {
    const isOver = () => this.child !== child || this.verdict !== null || this.closing;
    const reader = new PieceReader(
      {
        word: (word) => {
          const read = readChildWord(word);
          if (!isOver()) this.host.word(read);
        },
        tag: (tag) => {
          if (!isOver()) this.host.tag(tag);
        },
      },
      MOST_CHILD_WORD,
    );
    this.link?.on('data', (piece: Buffer) => {
      if (isOver()) return;
      this.heardMs = now();
      try {
        reader.push(piece);
      } catch (error) {
        if (!(error instanceof LinkFault)) this.host.broken(error);
        this.end(error instanceof LinkFault ? `it said ${error.message}` : 'something unexpected');
      }
    });
  }

  private look(): void {
    const lateMs = now() - this.lookedMs - LOOK_MS;
    this.lookedMs = now();
    // this process stood still: what was said meanwhile has not been read yet
    if (lateMs > LOOK_MS) this.heardMs += lateMs;
    const silentMs = this.options.silentMs ?? SILENT_MS;
    if (now() - this.heardMs > silentMs) this.end(`no word from it for ${Math.round(silentMs / 1000)} s`);
  }

  private ended(child: ChildProcess, how: string): void {
    if (this.child !== child) return;
    this.child = null;
    if (this.watch) clearInterval(this.watch);
    this.link?.destroy();
    this.link = null;
    if (this.closing) return;
    if (now() - this.startedMs >= LIVED_MS) this.backoff.reset();
    this.again = setTimeout(() => this.open(), this.backoff.next());
    this.again.unref();
    this.host.gone(this.verdict ?? reasonOf(how, this.words));
  }
}

/** What it wrote last is told only as far as it can hold nothing of what it was sent. */
function reasonOf(how: string, words: string): string {
  if (/out of memory|\bOOM\b|Array buffer allocation failed/.test(words)) return 'it ran out of memory';
  const fault = /^FAULT ([\w .:/\\-]{1,200})$/m.exec(words);
  return fault ? `${how}, ${fault[1]}` : how;
}
