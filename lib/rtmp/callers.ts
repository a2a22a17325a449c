import type { Socket } from 'node:net';
import { plainAddress } from '../web/addresses';
import { rateKey } from '../web/client-address';
import type { Caller } from './caller';
import type { IngestLimits } from './limits';

/** How often it is looked at who is silent. */
const LOOK_MS = 1_000;
/** A look that comes so late tells of this process and not of those who are connected. */
const LATE_LOOK_MS = 3_000;

/** All connections, and how long each may do nothing. */
export class Callers {
  private readonly all = new Set<Caller>();
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
    const near = strangers.filter(({ address }) => rateKey(address) === from);
    if (near.length >= this.limits.mostStrangersFromOne) return false;
    if (strangers.length >= this.limits.mostStrangers) strangers[0]!.destroy('others came after it');
    return true;
  }

  add(caller: Caller): void {
    this.all.add(caller);
  }

  delete(caller: Caller): void {
    this.all.delete(caller);
  }

  close(reason: string): void {
    clearInterval(this.timer);
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
