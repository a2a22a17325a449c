import type { Release } from '../production/application';

/** Listeners of one kind; one that throws harms no other, and each takes back exactly itself. */
export class Emitter<T> {
  private readonly listeners = new Set<{ hear: (value: T) => void }>();

  constructor(private readonly onListenerError: (error: unknown) => void = () => undefined) {}

  get size(): number {
    return this.listeners.size;
  }

  add(hear: (value: T) => void): Release {
    const entry = { hear };
    this.listeners.add(entry);
    return () => void this.listeners.delete(entry);
  }

  tell(value: T): void {
    for (const { hear } of [...this.listeners]) {
      try {
        hear(value);
      } catch (error) {
        this.onListenerError(error);
      }
    }
  }

  clear(): void {
    this.listeners.clear();
  }
}
