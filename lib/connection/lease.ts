/** Something kept open for as long as anybody uses it. */
export interface Kept {
  close(): Promise<void>;
  /** it has given up, and only a new one can do better: a wrong password, a kick */
  readonly spent?: boolean;
}

export interface Lease<T> {
  readonly value: T;
  /** Give it back; the last one starts the linger. Safe to call twice. */
  release(): void;
}

interface Entry {
  settings: string;
  value: Kept;
  users: number;
  linger: NodeJS.Timeout | null;
}

/**
 * What a config node keeps, by its id and settings, in one registry of the process. The first lease opens it; when
 * the last goes it lingers, so that a deploy that changes nothing cuts no socket.
 */
export class LeaseRegistry {
  private readonly entries = new Map<string, Entry>();
  private readonly closing = new Set<Promise<void>>();

  /** `lingerMs` 0 closes at once. `onCloseError` hears what a close rejected with. */
  constructor(
    public lingerMs = 10_000,
    private readonly onCloseError: (error: unknown) => void = () => undefined,
  ) {}

  /** How many things are open. */
  get size(): number {
    return this.entries.size;
  }

  /** A lease of the thing `id` with these `settings`; one of the same id with other settings is closed first. */
  acquire<T extends Kept>(id: string, settings: string, open: () => T): Lease<T> {
    let entry = this.entries.get(id);
    // whoever deploys again wants another try, where the old one would never make one
    if (entry && (entry.settings !== settings || (entry.users === 0 && entry.value.spent))) {
      void this.discard(id, entry);
      entry = undefined;
    }
    if (!entry) {
      entry = { settings, value: open(), users: 0, linger: null };
      this.entries.set(id, entry);
    }
    if (entry.linger) clearTimeout(entry.linger);
    entry.linger = null;
    entry.users++;
    const mine = entry;
    let released = false;
    return {
      value: mine.value as T,
      release: () => {
        if (released) return;
        released = true;
        if (--mine.users === 0 && this.entries.get(id) === mine) this.startLinger(id, mine);
      },
    };
  }

  /** The open thing of this id and these settings, or null: opens nothing. */
  peek(id: string, settings: string): Kept | null {
    const entry = this.entries.get(id);
    return entry && entry.settings === settings ? entry.value : null;
  }

  /** Close it now, whoever uses it: its config node was removed. */
  async closeNow(id: string): Promise<void> {
    const entry = this.entries.get(id);
    if (entry) await this.discard(id, entry);
  }

  /** Close everything now and wait for what is closing already. */
  async closeAll(): Promise<void> {
    for (const [id, entry] of [...this.entries]) void this.discard(id, entry);
    await Promise.all(this.closing);
  }

  private startLinger(id: string, entry: Entry): void {
    if (this.lingerMs === 0) {
      void this.discard(id, entry);
      return;
    }
    entry.linger = setTimeout(() => void this.discard(id, entry), this.lingerMs);
    entry.linger.unref();
  }

  private discard(id: string, entry: Entry): Promise<void> {
    if (this.entries.get(id) === entry) this.entries.delete(id);
    if (entry.linger) clearTimeout(entry.linger);
    const closing = entry.value.close().catch(this.onCloseError);
    this.closing.add(closing);
    void closing.finally(() => this.closing.delete(closing));
    return closing;
  }
}
