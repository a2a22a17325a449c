import { isoTime } from '../connection/clock';
import { Emitter } from '../connection/emitter';
import type { Kept } from '../connection/lease';
import type { Files } from '../durable/files';
import { fail, type LiveError } from '../errors';
import type { Release } from '../production/application';
import type { Cause } from '../production/vocabulary';
import { systemClock, type QueueClock } from './clock';
import type { GuestQueue, SwitchOrder, ToldQueueEvent } from './guests';
import {
  command,
  isWanted,
  join,
  leave,
  nextDueMs,
  orderText,
  parseOrder,
  switchFailed,
  switched,
  tick,
  tryAgain,
  viewOf,
  type Moment,
  type Order,
  type Step,
} from './machine';
import { Orders } from './orders';
import { Rounds, type QueueServer, type RoundTimes } from './rounds';
import { QueueStore } from './store';
import { entryOf, leadOf, promotingOf, waitingOf } from './turns';
import type {
  Joining,
  JoinVerdict,
  QueueCommand,
  QueueEffect,
  QueuePolicy,
  QueueState,
  QueueView,
} from './types';

/** No timer sleeps longer, ms. */
const LONGEST_SLEEP_MS = 60_000;

/** What may change while the queue goes on: a deploy brings it anew. */
export interface KeeperUse {
  policy: QueuePolicy;
  /** null: no server can be asked */
  server: QueueServer | null;
  /** whoever publishes to another app is no guest; empty: all are */
  apps: readonly string[];
}

export interface KeeperOptions extends KeeperUse {
  /** a folder of its own */
  folder: string;
  /** what an operator should know: faults once each, and that they are over */
  tell: (what: LiveError | string) => void;
  clock?: QueueClock;
  /** 0 to 1, as Math.random */
  chance?: () => number;
  files?: Files;
  times?: Partial<RoundTimes>;
  /** how long somebody may wait with nobody who carries out orders, before that is told */
  unheardMs?: number;
}

/**
 * The guest queue that runs: the state machine with a clock, a file, a server to ask and people who listen. It answers out of memory; what
 * follows is done after whoever brought it has his answer.
 */
export class QueueKeeper implements GuestQueue, Kept {
  isUnheard = false;
  private state: QueueState;
  private policy: QueuePolicy;
  private readonly clock: QueueClock;
  private readonly chance: () => number;
  private readonly store: QueueStore;
  private readonly rounds: Rounds;
  private readonly events = new Emitter<ToldQueueEvent>();
  private readonly changes = new Emitter<void>();
  private readonly orders: Orders;
  private pending: { effect: QueueEffect; cause: Cause }[] = [];
  private draining = false;
  private isOurs = false;
  private timer: NodeJS.Timeout | undefined;
  private closed: Promise<void> | null = null;

  constructor(options: KeeperOptions) {
    const { folder, files, tell, policy, server, apps, times, unheardMs } = options;
    const clock = (this.clock = options.clock ?? systemClock());
    this.chance = options.chance ?? Math.random;
    this.policy = policy;
    const queue = () => this.state;
    this.orders = new Orders({
      open: () => this.openOrder(),
      somebodyWaits: () => waitingOf(this.state).length > 0,
      unheard: (is, isNews) => {
        this.isUnheard = is;
        if (isNews) tell(fail('QUEUE_UNHEARD'));
        this.changes.tell();
      },
      ...(unheardMs !== undefined && { unheardMs }),
    });
    const reopened = (found: QueueState) => this.reopened(found);
    const store = new QueueStore({ folder, clock, tell, queue, reopened, ...(files && { files }) });
    this.store = store;
    this.state = store.found;
    const rounds = {
      state: queue,
      at: () => this.at,
      take: (step: Step, cause: Cause) => this.take(step, cause),
      tell,
      get serverRun() {
        return store.serverRun;
      },
      set serverRun(run) {
        if (run === store.serverRun) return;
        store.serverRun = run;
        store.changed();
      },
    };
    this.rounds = new Rounds(rounds, server, apps, times);
    // until the folder is ours nobody is put on air, and nobody is kicked
    void store.reserve().then(() => {
      if (this.closed) return;
      this.isOurs = true;
      const open = this.openOrder();
      if (open) this.orders.tell(open);
      this.rounds.start();
    });
  }

  /** Another policy, or another client of the server, from now on: a deploy does not interrupt the queue. */
  renew({ policy, server, apps }: KeeperUse): void {
    const another = this.rounds.server !== server;
    this.policy = policy;
    Object.assign(this.rounds, { server, apps });
    this.take(tick(this.state, this.at), 'event');
    if (another) this.rounds.askSoon();
  }

  join(joining: Joining): JoinVerdict {
    const { verdict, ...step } = join(this.state, joining, this.at);
    this.take(step, 'event');
    if (verdict.allow) this.rounds.came(joining);
    // the one who has his name may be gone
    else if (verdict.why === 'taken') this.rounds.askSoon();
    return verdict;
  }

  leave(left: { app: string; stream: string; clientId: string | null }): void {
    const entry = entryOf(this.state, left.app, left.stream);
    if (entry && (left.clientId === null || entry.clientId === null)) this.rounds.doubt(entry.turn);
    this.rounds.left(left);
    this.take(leave(this.state, left, this.at), 'event');
  }

  denied(stream: string, why: string): void {
    const name = this.state.entries.find((one) => one.stream === stream)?.name ?? stream;
    const event = { event: 'publisher_denied', stream, name, turn: null, expected: null } as const;
    this.act([{ do: 'tell', event: { ...event, more: { reason: why } } }], 'event');
  }

  async command(wish: QueueCommand): Promise<QueueView> {
    this.take(command(this.state, wish, this.at), 'event');
    await this.store.saved();
    return this.view();
  }

  switched(turn: string): boolean {
    return this.answered(turn, (order) => switched(this.state, order, this.at));
  }

  switchFailed(turn: string, why: string, isHis = true): boolean {
    return this.answered(turn, (order) => switchFailed(this.state, order, why, this.at, isHis));
  }

  tryAgain(): void {
    this.take(tryAgain(this.state, this.at), 'event');
  }

  view(): QueueView {
    const { rounds, policy } = this;
    const none = !rounds.server || rounds.fault === 'MEDIA_SERVER_NO_API';
    const serverReachable = none ? null : !this.state.degraded;
    const [nowMs, wallMs] = [this.clock.nowMs(), this.clock.wallMs()];
    return viewOf(this.state, { policy, nowMs, wallMs, serverReachable });
  }

  onEvent(listener: (event: ToldQueueEvent) => void): Release {
    return this.events.add(listener);
  }

  onChange(listener: () => void): Release {
    return this.changes.add(listener);
  }

  onSwitch(listener: (order: SwitchOrder) => void, place?: (isFirst: boolean) => void): Release {
    const release = this.orders.add(listener, place);
    this.take(tick(this.state, this.at), 'event');
    return release;
  }

  /** Write what is not written, and let others have the folder. Safe to call twice; never rejects. */
  close(): Promise<void> {
    this.closed ??= this.finish();
    return this.closed;
  }

  private async finish(): Promise<void> {
    clearTimeout(this.timer);
    this.rounds.stop();
    this.drain();
    await this.store.close();
    for (const emitter of [this.events, this.changes, this.orders]) emitter.clear();
  }

  private get at(): Moment {
    // before the first list it is not known who of the saved ones is still there
    const mayPromote = this.rounds.asked && this.orders.size > 0 && !this.closed;
    return { policy: this.policy, nowMs: this.clock.nowMs(), chance: this.chance, mayPromote };
  }

  /** An open order in a folder that is not ours yet may be another's who is carrying it out. */
  private openOrder(): SwitchOrder | null {
    const open = this.isOurs ? promotingOf(this.state) : null;
    return open && orderOf(open, { turn: open.turn, generation: this.state.generation });
  }

  private answered(turn: string, step: (order: Order) => Step): boolean {
    const order = parseOrder(turn);
    if (!order) return false;
    const present = isWanted(this.state, order);
    this.take(step(order), 'event');
    return present;
  }

  /** Another process had the folder until now: its queue goes on, with whoever came to us meanwhile. */
  private reopened(found: QueueState): void {
    const mine = this.state.entries;
    this.state = found;
    for (const { app, stream, clientId, name, limitMs, priority } of mine)
      this.take(join(this.state, { app, stream, clientId, name, limitMs, priority }, this.at), 'startup');
  }

  /** The next state, and what is to be done. */
  private take({ state, effects }: Step, cause: Cause): void {
    const changed = state !== this.state;
    this.state = state;
    if (changed) this.store.changed();
    else if (leadOf(state)?.countedAtMs != null) this.store.beat();
    this.act(effects, cause);
    this.schedule();
    this.orders.look();
    if (changed) this.changes.tell();
  }

  private act(effects: readonly QueueEffect[], cause: Cause): void {
    if (effects.length === 0) return;
    const idle = this.pending.length === 0 && !this.draining;
    for (const effect of effects) this.pending.push({ effect, cause });
    // decide, reply, then act
    if (idle) setImmediate(() => this.drain());
  }

  /** In order, also where somebody who hears of one thing causes another. */
  private drain(): void {
    if (this.draining) return;
    this.draining = true;
    for (let next = this.pending.shift(); next; next = this.pending.shift()) {
      const { effect, cause } = next;
      if (effect.do === 'tell')
        this.events.tell({ ...effect.event, at: isoTime(this.clock.wallMs()), cause });
      else if (effect.do === 'kick') void this.rounds.kick(effect);
      else if (isWanted(this.state, effect)) this.orders.tell(orderOf(effect, effect));
    }
    this.draining = false;
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (this.closed) return;
    const { at } = this;
    const due = nextDueMs(this.state, at);
    if (due === null) return;
    const ms = Math.max(1, Math.min(LONGEST_SLEEP_MS, Math.ceil(due - at.nowMs)));
    this.timer = setTimeout(() => this.take(tick(this.state, this.at), 'event'), ms);
    this.timer.unref();
  }
}

function orderOf({ app, stream, name }: Omit<SwitchOrder, 'turn'>, order: Order): SwitchOrder {
  return { turn: orderText(order), app, stream, name };
}
