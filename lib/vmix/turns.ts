import { asLiveError } from '../errors';

interface Turn {
  owner: Turns;
  key: string;
  cancel: AbortController;
  result: Promise<unknown>;
}

/** What is being done, by address and thing. Two connections, even of two nodes, may go to the same vMix. */
const turns = new Map<string, Turn>();

/** What a connection that is closed rejects with. */
const GONE = new Set(['VMIX_CLOSED', 'VMIX_NOT_CONNECTED']);

/** Keeps actions on the same thing of one vMix from getting in each other's way, within this process. */
export class Turns {
  /** `address`: see `addressKey` */
  constructor(private readonly address: string) {}

  /**
   * Do `work` on `thing`. An equal one (same `key`) that is under way is joined. Another one is waited for, or, with `busy`,
   * refused with what that says. `cancelled` aborts when somebody calls `cancel`.
   */
  async take<T>(
    thing: string,
    key: string,
    work: (cancelled: AbortSignal) => Promise<T>,
    busy?: (key: string) => Error,
  ): Promise<T> {
    const place = this.placeOf(thing);
    for (let present = turns.get(place); present; present = turns.get(place)) {
      if (present.key === key) {
        const { owner, result } = present;
        if (owner === this) return result as Promise<T>;
        try {
          return (await result) as T;
        } catch (error) {
          // its connection was deployed away; this one is still there
          if (!GONE.has(asLiveError(error).code)) throw error;
          continue;
        }
      }
      if (busy) throw busy(present.key);
      await present.result.catch(() => undefined);
    }
    const cancel = new AbortController();
    const result = Promise.resolve()
      .then(() => work(cancel.signal))
      .finally(() => turns.delete(place));
    turns.set(place, { owner: this, key, cancel, result });
    return result;
  }

  /** What is done with this key is not wanted any more; says whether there was any. */
  cancel(thing: string, key: string): boolean {
    const present = turns.get(this.placeOf(thing));
    if (present?.key !== key) return false;
    present.cancel.abort();
    return true;
  }

  /** The key of what is being done to this thing. */
  present(thing: string): string | null {
    return turns.get(this.placeOf(thing))?.key ?? null;
  }

  private placeOf(thing: string): string {
    return `${this.address} ${thing}`;
  }
}
