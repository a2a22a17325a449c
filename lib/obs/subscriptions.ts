import { Emitter } from '../connection/emitter';
import type { Release } from '../production/application';
import { maskFor } from './event-table';
import type { ObsSession, RequestData } from './session';

/** No mask at all: what was asked for last did not arrive. */
const REFUSED = -1;

/**
 * Who listens to which raw event. One raw listener per event on the socket, fanned out here; the event mask holds what
 * somebody listens to and nothing else, so a high-volume event costs nothing until it is wanted.
 */
export class Subscriptions {
  private readonly byName = new Map<string, Emitter<RequestData>>();
  private readonly raw = new Map<string, Release>();
  private session: ObsSession | null = null;
  private asked = REFUSED;
  private asking = false;

  constructor(private readonly onListenerError: (error: unknown) => void) {}

  /** The mask that brings what is listened to now. */
  get mask(): number {
    return maskFor(this.byName.keys());
  }

  /** How many listeners there are, over all events. */
  get size(): number {
    return [...this.byName.values()].reduce((sum, emitter) => sum + emitter.size, 0);
  }

  add(eventType: string, listener: (data: RequestData) => void): Release {
    let emitter = this.byName.get(eventType);
    if (!emitter) {
      emitter = new Emitter<RequestData>(this.onListenerError);
      this.byName.set(eventType, emitter);
      this.attach(eventType, emitter);
      this.askSoon();
    }
    const mine = emitter;
    const release = mine.add(listener);
    return () => {
      release();
      if (mine.size > 0 || this.byName.get(eventType) !== mine) return;
      this.byName.delete(eventType);
      this.raw.get(eventType)?.();
      this.raw.delete(eventType);
      this.askSoon();
    };
  }

  /** A new session takes over: hear from it what is listened to. `mask` is what it was opened with. */
  install(session: ObsSession, mask: number): void {
    this.session = session;
    this.asked = mask;
    this.raw.clear();
    for (const [eventType, emitter] of this.byName) this.attach(eventType, emitter);
    this.askSoon();
  }

  uninstall(): void {
    this.session = null;
    this.raw.clear();
  }

  clear(): void {
    this.uninstall();
    for (const emitter of this.byName.values()) emitter.clear();
    this.byName.clear();
  }

  private attach(eventType: string, emitter: Emitter<RequestData>): void {
    if (this.session)
      this.raw.set(
        eventType,
        this.session.hear(eventType, (data) => emitter.tell(data)),
      );
  }

  /** Many nodes come and go in one deploy: one Reidentify for all of them. */
  private askSoon(): void {
    if (this.asking || !this.session) return;
    this.asking = true;
    setImmediate(() => {
      void this.ask().finally(() => {
        this.asking = false;
        if (this.session && this.asked !== this.mask && this.asked !== REFUSED) this.askSoon();
      });
    });
  }

  private async ask(): Promise<void> {
    const { session, mask } = this;
    if (!session || mask === this.asked) return;
    this.asked = mask;
    // where it fails, a session that goes on is asked again with the next change
    await session.reidentify(mask).catch(() => {
      if (this.session === session) this.asked = REFUSED;
    });
  }
}
