import type { Release } from '../production/application';
import type { SwitchOrder } from './guests';

/** A deploy takes who carries out the orders away, and brings him back: only then the next one's time has come, ms. */
const PASS_ON_MS = 500;
/** So long somebody may wait with nobody to put him on air, ms; flows that start need less. */
const UNHEARD_MS = 10_000;

interface Listener {
  hear: (order: SwitchOrder) => void;
  place: (isFirst: boolean) => void;
}

export interface OrdersOptions {
  /** the order that is open and ours to give, if one is */
  open: () => SwitchOrder | null;
  somebodyWaits: () => boolean;
  /** whether somebody waits in vain, each time that changes; `isNews` the first time after somebody heard orders */
  unheard: (is: boolean, isNews: boolean) => void;
  unheardMs?: number;
}

/** Who carries out the orders of a queue: one at a time, since two switches for one guest would take each other's place. The others stand by. */
export class Orders {
  private all: readonly Listener[] = [];
  private isUnheard = false;
  private wasTold = false;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly options: OrdersOptions) {}

  get size(): number {
    return this.all.length;
  }

  /** Hear the orders, if nobody does before; `place` is told whether it is so, and when that changes. An order that is open is told at once. */
  add(hear: Listener['hear'], place: Listener['place'] = () => undefined): Release {
    const one: Listener = { hear, place };
    this.all = [...this.all, one];
    this.wasTold = false;
    const isFirst = this.all[0] === one;
    place(isFirst);
    const open = isFirst ? this.options.open() : null;
    // behind whoever is just being set up; what is ordered from now on he hears anyway
    if (open) setImmediate(() => this.tellOpen(one, open.turn));
    this.look();
    return () => this.leave(one);
  }

  tell(order: SwitchOrder): void {
    try {
      this.all[0]?.hear(order);
    } catch {
      // a listener that throws harms no queue
    }
  }

  /** Somebody may have begun or ceased to wait. */
  look(): void {
    const inVain = this.all.length === 0 && !this.closed && this.options.somebodyWaits();
    if (!inVain) {
      clearTimeout(this.timer);
      this.timer = undefined;
      this.is(false);
    } else if (!this.timer) {
      this.timer = setTimeout(() => this.is(true), this.options.unheardMs ?? UNHEARD_MS);
      this.timer.unref();
    }
  }

  clear(): void {
    this.closed = true;
    this.all = [];
    this.look();
  }

  private is(unheard: boolean): void {
    if (unheard === this.isUnheard) return;
    this.isUnheard = unheard;
    const isNews = unheard && !this.wasTold;
    this.wasTold ||= unheard;
    this.options.unheard(unheard, isNews);
  }

  private leave(one: Listener): void {
    const wasFirst = this.all[0] === one;
    this.all = this.all.filter((other) => other !== one);
    this.look();
    const [next] = this.all;
    if (!wasFirst || !next) return;
    setTimeout(() => {
      if (this.all[0] !== next) return;
      next.place(true);
      this.tellOpen(next);
    }, PASS_ON_MS).unref();
  }

  private tellOpen(one: Listener, turn?: string): void {
    const order = this.all[0] === one ? this.options.open() : null;
    if (order && (turn ?? order.turn) === order.turn) this.tell(order);
  }
}
