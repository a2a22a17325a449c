interface Turn {
  key: string;
  cancel: AbortController;
  result: Promise<unknown>;
}

/**
 * Keeps changes of one thing in order: a change that equals the last one asked for joins it, a different one comes after it. With
 * `newest` a different one ends those before it.
 */
export class SourceTurns {
  private readonly last = new Map<string, Turn>();

  /** Do `work` on `thing` in its turn. `overtaken` aborts when a newer change is not to wait; then `late()` is the answer of those that had not begun. */
  take<T>(
    thing: string,
    key: string,
    work: (overtaken: AbortSignal) => Promise<T>,
    newest?: () => Error,
  ): Promise<T> {
    const before = this.last.get(thing);
    // only the last one: behind a different one that waits, the same again is a wish of its own
    if (before?.key === key) return before.result as Promise<T>;
    if (newest) before?.cancel.abort();
    const cancel = new AbortController();
    const result = Promise.resolve(before?.result)
      .catch(() => undefined)
      .then(() => {
        if (newest && cancel.signal.aborted) throw newest();
        return work(cancel.signal);
      })
      .finally(() => {
        if (this.last.get(thing)?.result === result) this.last.delete(thing);
      });
    this.last.set(thing, { key, cancel, result });
    return result;
  }
}
