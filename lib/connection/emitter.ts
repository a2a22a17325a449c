import type { Release } from '../production/application';

/** Listeners of one kind; one that throws harms no other, and each takes back exactly itself. */
export class Emitter<T> {
  /** copied when it changes, so that nobody who comes or goes meanwhile disturbs a telling */
  private listeners: readonly { hear: (value: T) => void }[] = [];

  constructor(private readonly onListenerError: (error: unknown) => void = () => undefined) {}

  get size(): number {
    return this.listeners.length;
  }

  add(hear: (value: T) => void): Release {
    const entry = { hear };
    this.listeners = [...this.listeners, entry];
    return () => void (this.listeners = this.listeners.filter((one) => one !== entry));
  }

  tell(value: T): void {
    for (const { hear } of this.listeners) {
      try {
        hear(value);
      } catch (error) {
        this.onListenerError(error);
      }
    }
  }

  clear(): void {
    this.listeners = [];
  }
}
