import type { Release } from './application';

/** What an application tells under names of its own, for everything the package has no word for. */
export interface RawEvents {
  /**
   * Hear one kind of event from now on; `data` is the application's own and may hold secrets, `told` is the name as the application
   * spells it. A listener that throws harms no other.
   */
  on(name: string, listener: (data: Record<string, unknown>, told: string) => void): Release;
  /** What speaks against hearing these, each in a sentence: a name that nothing has, or no way for any of them to come. */
  doubts(names: readonly string[]): string[];
  /** Why none of them comes at present, though the application is connected; null when they come. Told at once, and with each change. */
  onDeaf(listener: (fault: Error | null) => void): Release;
}
