import { isoTime, now } from '../connection/clock';
import { Emitter } from '../connection/emitter';
import type { EventSource, Release } from './application';
import type { ProductionEvent } from './vocabulary';
import { redact } from '../secrets';

/** What a part of the application tells; the hub adds the time and what is usual. */
export type Told = Partial<ProductionEvent> & Pick<ProductionEvent, 'event'>;

/** Where every part of one application tells its events, and every node hears them. */
export class EventHub implements EventSource {
  private readonly listeners: Emitter<ProductionEvent>;
  private readonly presents: (() => Told[])[] = [];

  constructor(onListenerError: (error: unknown) => void) {
    this.listeners = new Emitter(onListenerError);
  }

  get size(): number {
    return this.listeners.size;
  }

  tell(told: Told): void {
    this.listeners.tell(complete(told));
  }

  onEvent(listener: (event: ProductionEvent) => void): Release {
    return this.listeners.add(listener);
  }

  /** A part that can say its present state. */
  addPresent(present: () => Told[]): void {
    this.presents.push(present);
  }

  present(): ProductionEvent[] {
    return this.presents.flatMap((present) =>
      present().map((told) => complete({ ...told, cause: 'startup' })),
    );
  }

  clear(): void {
    this.listeners.clear();
  }
}

function complete(told: Told): ProductionEvent {
  return {
    at: isoTime(now()),
    cause: 'event',
    expected: null,
    output: null,
    ...told,
    // the name of what is on air stands there too, and it may hold the password of a call
    state: redact(told.state ?? null),
    previous: redact(told.previous ?? null),
    payload: redact(told.payload ?? {}),
  };
}
