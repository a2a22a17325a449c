import type { Socket } from 'node:net';
import { plainAddress } from '../web/addresses';
import { rateKey } from '../web/client-address';
import type { Caller } from './caller';
import type { IngestLimits } from './limits';

/** How often it is looked at who is silent. */
const LOOK_MS = 1_000;
/** A look that comes so late tells of this process and not of those who are connected. */
const LATE_LOOK_MS = 3_000;

/** A connection that has come and is no caller yet: its TLS has not begun. */
interface Knocker {
  socket: Socket;
  from: string;
}

/** All connections, and how long each may do nothing. */
export class Callers {
  private readonly all = new Set<Caller>();
  private readonly knocking = new Map<string, Knocker>();
  private readonly timer: NodeJS.Timeout;
  private lastLookMs: number;

  constructor(
    private readonly limits: IngestLimits,
    private readonly now: () => number,
  ) {
    this.lastLookMs = now();
    this.timer = setInterval(() => this.look(), LOOK_MS);
    this.timer.unref();
  }

  get players(): number {
    return [...this.all].filter(({ role }) => role === 'player').length;
  }

  /**
   * Whether one more may come. Where all places of those who were not let in yet are taken, the one who has had his for the longest loses it:
   * who means well needs it for a moment only.
   */
  mayCome(socket: Socket): boolean {
    const strangers = [...this.all].filter(({ role }) => role !== 'publisher' && role !== 'player');
    const from = rateKey(plainAddress(socket.remoteAddress ?? ''));
    const knocking = [...this.knocking.values()];
    const near = [...knocking.map((one) => one.from), ...strangers.map(({ address }) => rateKey(address))];
    if (near.filter((other) => other === from).length >= this.limits.mostStrangersFromOne) return false;
    if (near.length >= this.limits.mostStrangers) {
      // whoever speaks no TLS yet goes first
      if (knocking[0]) knocking[0].socket.destroy();
      else strangers[0]!.destroy('others came after it');
    }
    const key = wayOf(socket);
    this.knocking.set(key, { socket, from });
    socket.once('close', () => this.knocking.delete(key));
    return true;
  }

  add(caller: Caller, socket: Socket): void {
    this.knocking.delete(wayOf(socket));
    this.all.add(caller);
  }

  delete(caller: Caller): void {
    this.all.delete(caller);
  }

  close(reason: string): void {
    clearInterval(this.timer);
    for (const { socket } of this.knocking.values()) socket.destroy();
    for (const caller of [...this.all]) caller.destroy(reason);
  }

  private look(): void {
    const now = this.now();
    const lateMs = now - this.lastLookMs - LOOK_MS;
    this.lastLookMs = now;
    const { handshakeMs, idleMs } = this.limits;
    for (const caller of [...this.all]) {
      // this process stood still: what was sent meanwhile has not been read yet
      if (lateMs > LATE_LOOK_MS) caller.aliveMs += lateMs;
      caller.look();
      const isStranger = caller.role === 'stranger';
      const leftMs = isStranger ? caller.sinceMs + handshakeMs - now : caller.aliveMs + idleMs - now;
      if (leftMs > 0 || caller.isGone) continue;
      const seconds = Math.round((isStranger ? handshakeMs : idleMs) / 1_000);
      caller.destroy(isStranger ? `it asked for nothing in ${seconds} s` : `nothing came for ${seconds} s`);
    }
  }
}

/** What a connection and the TLS within it have in common. */
function wayOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress}:${remotePort}`;
}
