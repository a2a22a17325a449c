import { randomBytes, randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { plainAddress } from '../web/addresses';
import type { Ask } from './commands';
import type { IngestLimits } from './limits';
import type { PlayerSocket } from './player';
import { RtmpSession } from './session';
import type { TagKind } from './types';

/** What becomes of callers: the ingest. */
export interface CallerHost {
  asksToPublish(caller: Caller, ask: Ask): void;
  asksToPlay(caller: Caller, ask: Ask): void;
  bytes(caller: Caller, count: number): void;
  tag(caller: Caller, kind: TagKind, timestamp: number, payload: Buffer): void;
  /** any other message came */
  message(caller: Caller): void;
  /** once: it publishes, plays and asks no more; `inOrder`: he said so himself */
  ended(caller: Caller, was: CallerRole, reason: string, inOrder: boolean): void;
  /** once: its socket is closed */
  closed(caller: Caller): void;
  broken(error: unknown): void;
}

/** `stranger`: nobody has decided yet. `parting`: it is over, and the last words are on their way. */
export type CallerRole = 'stranger' | 'publisher' | 'player' | 'parting' | 'gone';

/** Who does not take what he is told is not told more. */
const MOST_UNREAD_ANSWERS = 262_144;
const KEEP_ALIVE_MS = 15_000;

/** One connection with its socket. */
export class Caller implements PlayerSocket {
  readonly connectionId = randomUUID();
  readonly address: string;
  role: CallerRole = 'stranger';
  /** of the last byte that came, or that a player took; by the ingest's clock */
  aliveMs: number;
  readonly sinceMs: number;
  private readonly session: RtmpSession;
  private timer: NodeJS.Timeout | null = null;
  /** why the socket broke, in words */
  private trouble: string | null = null;
  private flushed = 0;

  constructor(
    private readonly socket: Socket,
    private readonly host: CallerHost,
    private readonly limits: IngestLimits,
    private readonly now: () => number,
  ) {
    this.address = plainAddress(socket.remoteAddress ?? '');
    this.sinceMs = this.aliveMs = now();
    this.session = new RtmpSession(
      {
        send: (parts) => this.send(parts),
        publish: (ask) => host.asksToPublish(this, ask),
        play: (ask) => host.asksToPlay(this, ask),
        tag: (kind, timestamp, payload) => host.tag(this, kind, timestamp, payload),
        other: () => host.message(this),
        over: () => this.part('it was ended in good order', true),
        fault: (reason, error) => {
          if (error !== undefined) host.broken(error);
          this.destroy(`it broke the protocol: ${reason}`);
        },
      },
      randomBytes,
    );
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.trouble ??= `the connection broke (${error.code ?? 'error'})`;
    });
    socket.on('data', (data) => this.take(data));
    socket.on('end', () => this.destroy('the connection was closed by the other side'));
    socket.on('close', () => this.closed());
  }

  get secure(): boolean {
    return 'encrypted' in this.socket;
  }

  /** Bytes that were given to the socket and have not left it. */
  get waiting(): number {
    return this.socket.writableLength;
  }

  get isGone(): boolean {
    return this.role === 'gone' || this.role === 'parting';
  }

  send(parts: readonly Buffer[]): void {
    if (this.socket.destroyed) return;
    if (this.role !== 'player' && this.waiting > MOST_UNREAD_ANSWERS)
      return this.destroy('it does not read its answers');
    this.socket.cork();
    for (const part of parts) this.socket.write(part);
    this.socket.uncork();
  }

  startPublishing(): void {
    if (this.isGone) return;
    this.role = 'publisher';
    this.aliveMs = this.now();
    this.session.startPublishing();
  }

  startPlaying(): void {
    if (this.isGone) return;
    this.role = 'player';
    this.aliveMs = this.now();
    this.session.startPlaying();
  }

  /** Say no, and close once that has arrived. */
  deny(code: string, description: string): void {
    if (this.isGone) return;
    this.session.deny(code, description);
    this.part('it was turned away', false);
  }

  /** What it plays has ended. */
  endPlaying(): void {
    if (this.role !== 'player') return;
    this.session.endPlaying();
    this.part('what it played has ended', true);
  }

  /** Gone at once: whatever waits is not sent any more. */
  destroy(reason: string): void {
    this.end('gone', reason, false);
    this.socket.destroy();
  }

  /** A look once a second: whether a player still takes anything. */
  look(): void {
    if (this.role !== 'player') return;
    const flushed = this.socket.bytesWritten - this.waiting;
    if (this.waiting === 0 || flushed !== this.flushed) this.aliveMs = this.now();
    this.flushed = flushed;
  }

  private take(data: Buffer): void {
    if (this.isGone) return;
    if (this.role !== 'player') this.aliveMs = this.now();
    this.host.bytes(this, data.length);
    // an answer to the count may have ended it
    if (!this.isGone) this.session.push(data);
  }

  /**
   * The last words go out, and then it is closed as a whole: a half-closed one looks alive to an encoder, which goes on sending. What still
   * comes meanwhile is read away, since closing over unread bytes would take back the words too.
   */
  private part(reason: string, inOrder: boolean): void {
    if (this.isGone) return;
    this.end('parting', reason, inOrder);
    this.timer = setTimeout(() => this.socket.destroy(), this.limits.partingMs);
    this.timer.unref();
  }

  private end(next: 'parting' | 'gone', reason: string, inOrder: boolean): void {
    const was = this.role;
    this.role = was === 'gone' ? was : next;
    if (was !== 'parting' && was !== 'gone') this.host.ended(this, was, reason, inOrder);
  }

  private closed(): void {
    if (this.timer) clearTimeout(this.timer);
    this.end('gone', this.trouble ?? 'the connection was closed', false);
    this.host.closed(this);
  }
}
