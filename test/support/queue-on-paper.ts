// A guest queue on paper: the pure machine with a server, a switch and a clock that the test moves.
import assert from 'node:assert/strict';
import {
  absent,
  command,
  emptyQueue,
  join,
  leave,
  nextDueMs,
  seen,
  switchFailed,
  switched,
  tick,
  type Listed,
  type Moment,
  type Step,
} from '../../lib/queue/machine';
import { STANDARD_POLICY } from '../../lib/queue/policy';
import { leadOf, promotingOf, waitingOf } from '../../lib/queue/turns';
import type {
  Entry,
  Joining,
  JoinVerdict,
  QueueCommand,
  QueueEffect,
  QueueEvent,
  QueuePolicy,
  QueueState,
  Seen,
} from '../../lib/queue/types';

type SwitchEffect = Extract<QueueEffect, { do: 'switch' }>;
type KickEffect = Extract<QueueEffect, { do: 'kick' }>;

export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}

export class PaperQueue {
  state: QueueState = deepFreeze(emptyQueue());
  nowMs = 5_000;
  mayPromote = true;
  readonly policy: QueuePolicy;
  /** everything that was to be done so far */
  effects: QueueEffect[] = [];
  /** who publishes: name to client id; what `list` shows */
  readonly publishing = new Map<string, string>();
  private dice = 1;

  constructor(policy: Partial<QueuePolicy> = {}) {
    this.policy = { ...STANDARD_POLICY, ...policy };
  }

  get at(): Moment {
    const chance = () => (this.dice = (this.dice * 16_807) % 2_147_483_647) / 2_147_483_647;
    return { policy: this.policy, nowMs: this.nowMs, chance, mayPromote: this.mayPromote };
  }

  /** One step, on a state that nobody may write to; what must always hold is looked at after it. */
  step(what: (state: QueueState, at: Moment) => Step): QueueEffect[] {
    const { state, effects } = what(this.state, this.at);
    this.state = deepFreeze(state);
    this.effects.push(...effects);
    checkSound(this.state);
    return effects;
  }

  join(stream: string, clientId: string | null = `c-${stream}`, more: Partial<Joining> = {}): JoinVerdict {
    let verdict: JoinVerdict | null = null;
    const joining: Joining = {
      app: 'live',
      stream,
      clientId,
      name: stream,
      limitMs: null,
      priority: 0,
      ...more,
    };
    this.step((state, at) => {
      const { verdict: said, ...rest } = join(state, joining, at);
      verdict = said;
      return rest;
    });
    return verdict!;
  }

  /** Joins, publishes and is seen by the next list. */
  publish(stream: string, clientId = `c-${stream}`, more: Partial<Joining> = {}): JoinVerdict {
    const verdict = this.join(stream, clientId, more);
    if (verdict.allow) this.publishing.set(stream, clientId);
    this.list();
    return verdict;
  }

  leave(stream: string, clientId: string | null = `c-${stream}`): QueueEffect[] {
    if (this.publishing.get(stream) === clientId) this.publishing.delete(stream);
    return this.step((state, at) => leave(state, { app: 'live', stream, clientId }, at));
  }

  /** The server's list comes in, with everybody who publishes. */
  list(more: Partial<Listed> = {}): QueueEffect[] {
    const publishers = [...this.publishing].map(([stream, clientId]): Seen => ({
      app: 'live',
      stream,
      clientId,
      bytesIn: 1000,
      sinceMs: null,
    }));
    const list: Listed = {
      publishers,
      askedAtMs: this.nowMs,
      newRun: false,
      adopt: () => true,
      doubted: new Set(),
      ...more,
    };
    return this.step((state, at) => seen(state, list, at));
  }

  listFails(): QueueEffect[] {
    return this.step((state, at) => seen(state, null, at));
  }

  command(wish: QueueCommand): QueueEffect[] {
    return this.step((state, at) => command(state, wish, at));
  }

  absent(turn: string): QueueEffect[] {
    return this.step((state, at) => absent(state, turn, at));
  }

  /** The clock goes on by so much at once. */
  pass(ms: number): QueueEffect[] {
    this.nowMs += ms;
    return this.step(tick);
  }

  /** The clock goes on, and stops wherever something is due. */
  run(ms: number): QueueEffect[] {
    const until = this.nowMs + ms;
    const before = this.effects.length;
    for (let steps = 0; ; steps++) {
      assert.ok(steps < 10_000, 'time does not get on');
      const due = nextDueMs(this.state, this.at);
      if (due === null || due > until) break;
      this.nowMs = Math.max(this.nowMs, due);
      this.step(tick);
    }
    this.nowMs = until;
    this.step(tick);
    return this.effects.slice(before);
  }

  /** The order that is open, or none. */
  get order(): SwitchEffect | null {
    const promoting = promotingOf(this.state);
    if (!promoting) return null;
    const { turn, app, stream, name } = promoting;
    return { do: 'switch', turn, generation: this.state.generation, app, stream, name };
  }

  /** The open switch is done; those who are kicked by it publish no longer. */
  switched(order = this.order): QueueEffect[] {
    assert.ok(order, 'nobody is to be switched to');
    const effects = this.step((state, at) => switched(state, order, at));
    return effects;
  }

  switchFailed(why = 'no picture', order = this.order): QueueEffect[] {
    assert.ok(order, 'nobody is to be switched to');
    return this.step((state, at) => switchFailed(state, order, why, at));
  }

  /** The server does what it is asked to: kicked connections end, and it tells so. */
  obey(effects: readonly QueueEffect[]): void {
    for (const { stream, clientId } of kicks(effects))
      if (this.publishing.get(stream) === clientId) this.leave(stream, clientId);
  }

  /** Let everybody who is due go on air, one after the other, for as long as somebody is. */
  entry(stream: string): Entry | null {
    return this.state.entries.find((one) => one.stream === stream) ?? null;
  }

  stands(stream: string): Entry['state'] | null {
    return this.entry(stream)?.state ?? null;
  }

  get lead(): string | null {
    return leadOf(this.state)?.stream ?? null;
  }

  /** names, in the order of their turns */
  get waiting(): string[] {
    return waitingOf(this.state).map(({ stream }) => stream);
  }

  told(event: QueueEvent['event']): QueueEvent[] {
    return events(this.effects).filter((one) => one.event === event);
  }
}

export const kicks = (effects: readonly QueueEffect[]): KickEffect[] =>
  effects.filter((one): one is KickEffect => one.do === 'kick');
export const switches = (effects: readonly QueueEffect[]): SwitchEffect[] =>
  effects.filter((one): one is SwitchEffect => one.do === 'switch');
export const events = (effects: readonly QueueEffect[]): QueueEvent[] =>
  effects.flatMap((one) => (one.do === 'tell' ? [one.event] : []));

/** What must hold after every step, whatever happened. */
export function checkSound({ entries, bans, cooling, nextRank }: QueueState): void {
  const count = (...states: Entry['state'][]) => entries.filter(({ state }) => states.includes(state)).length;
  assert.ok(count('live', 'grace') <= 1, 'one lead at most');
  assert.ok(count('promoting') <= 1, 'one is put on air at a time');
  const alone = (keys: unknown[], what: string) => assert.equal(new Set(keys).size, keys.length, what);
  alone(
    entries.map(({ turn }) => turn),
    'no turn twice',
  );
  alone(
    entries.map(({ app, stream }) => `${app}/${stream}`),
    'no name twice',
  );
  alone(
    entries.map(({ rank }) => rank),
    'no rank twice',
  );
  alone(
    bans.map(({ stream }) => stream),
    'no ban twice',
  );
  alone(
    cooling.map(({ stream }) => stream),
    'no cooling twice',
  );
  for (const entry of entries) {
    assert.ok(entry.rank < nextRank);
    assert.ok(entry.usedMs >= 0, 'time on air is never negative');
    if (entry.state !== 'live') assert.equal(entry.countedAtMs, null, 'only time on air counts');
  }
}
