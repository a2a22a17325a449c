/** One wish for a thing of a vMix, from the moment it is uttered until it is fulfilled or has failed. */
export interface Wish {
  /** no other one has it */
  readonly id: number;
  readonly key: string;
  /** the later one wins; an equal one that joins makes it later */
  at: number;
  sent: boolean;
  /** aborts when a later one is sent, with what that wishes as the reason */
  readonly overtaken: AbortController;
}

let count = 0;
/** What is wished, by address and thing. Two connections, even of two nodes, may go to the same vMix. */
const wishes = new Map<string, Set<Wish>>();

/** Lets the later one of two different wishes for the same thing win, within this process. */
export class Overtaking {
  /** `address`: see `addressKey` */
  constructor(private readonly address: string) {}

  /** A wish; where an equal one is under way, that one, which is now the latest. End it with `end`. */
  wish(thing: string, key: string): Wish {
    const all = this.all(thing);
    const equal = [...all].find((one) => one.key === key && !one.overtaken.signal.aborted);
    if (equal) {
      equal.at = count += 1;
      return equal;
    }
    const at = (count += 1);
    const wish = { id: at, key, at, sent: false, overtaken: new AbortController() };
    all.add(wish);
    return wish;
  }

  /** Whether another one has been sent whose effect may still come. */
  othersSent(thing: string, wish: Wish): boolean {
    return [...this.all(thing)].some((one) => one !== wish && one.sent);
  }

  /** It is about to be fulfilled: those before it are overtaken. `what` is what it wishes, as people call it. */
  go(thing: string, wish: Wish, what: string, sent: boolean): void {
    wish.sent = sent;
    const all = this.all(thing);
    // another connection that was to fulfil it may have been closed
    all.add(wish);
    for (const one of all) if (one.at < wish.at) one.overtaken.abort(what);
  }

  end(thing: string, wish: Wish): void {
    const all = this.all(thing);
    all.delete(wish);
    if (all.size === 0) wishes.delete(this.placeOf(thing));
  }

  private all(thing: string): Set<Wish> {
    const place = this.placeOf(thing);
    const all = wishes.get(place) ?? new Set<Wish>();
    wishes.set(place, all);
    return all;
  }

  private placeOf(thing: string): string {
    return `${this.address} ${thing}`;
  }
}
