import type { Release } from './application';

/** What an application tells under names of its own, for everything the package has no word for. */
export interface RawEvents {
  /** Hear one kind of event from now on; `data` is the application's own and may hold secrets. A listener that throws harms no other. */
  on(name: string, listener: (data: Record<string, unknown>) => void): Release;
}
