// Random evenings of a guest queue: a media server that behaves as real ones do, and people who do anything.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { banOf, isCooling } from '../../lib/queue/gate';
import type { QueueCommand, QueueEffect, QueuePolicy, QueueState } from '../../lib/queue/types';
import { PaperQueue, switches } from './queue-on-paper';

const ACTS = [
  'publish',
  'publish',
  'publish',
  'publish',
  'leave',
  'drop unseen',
  'stale leave',
  'intrude',
  'list',
  'list',
  'list fails',
  'restart server',
  'pass',
  'pass',
  'done',
  'done',
  'done',
  'fails',
  'late report',
  'command',
] as const;
export type Act = (typeof ACTS)[number];

export interface Happening {
  act: Act;
  /** which person */
  who: number;
  /** how long, which command, … */
  much: number;
}

/** What happens, one after the other. `without`: acts that do not occur. */
export function happenings(most: number, without: readonly Act[] = [], least = 0): fc.Arbitrary<Happening[]> {
  const acts = ACTS.filter((act) => !without.includes(act));
  return fc.array(fc.record({ act: fc.constantFrom(...acts), who: fc.nat(100_000), much: fc.nat(100_000) }), {
    minLength: least,
    maxLength: most,
    size: 'max',
  });
}

export const policies: fc.Arbitrary<Partial<QueuePolicy>> = fc.record({
  mostEntries: fc.constantFrom(3, 2_000),
  limitMs: fc.constantFrom(null, 20_000, 3_600_000),
  onlyIfWaiting: fc.boolean(),
  graceMs: fc.constantFrom(0, 10_000),
  secondPublisher: fc.constantFrom('reject' as const, 'takeover' as const),
  afterTurn: fc.constantFrom('kick' as const, 'tail' as const),
  rejoinMs: fc.constantFrom(0, 30_000),
  missesToLeave: fc.constantFrom(1, 3),
  mostFailures: fc.constantFrom(1, 3),
});

export class Evening {
  readonly queue: PaperQueue;
  /** of every person: the names he may have had a connection under */
  private connections = 0;
  private old: { stream: string; clientId: string }[] = [];
  private orders: NonNullable<PaperQueue['order']>[] = [];
  /** after each step; may throw */
  watch: (before: QueueState, effects: readonly QueueEffect[]) => void = () => undefined;

  constructor(
    policy: Partial<QueuePolicy>,
    private readonly people: number,
    private readonly priorities = 3,
    startMs = 5_000,
  ) {
    this.queue = new PaperQueue(policy);
    this.queue.nowMs = startMs;
    const step = this.queue.step.bind(this.queue);
    this.queue.step = (what) => {
      const before = this.queue.state;
      const effects = step(what);
      this.orders.push(...switches(effects));
      this.watch(before, effects);
      this.obey(effects);
      return effects;
    };
  }

  /** Kicked connections end at the server, which tells so. */
  private obey(effects: readonly QueueEffect[]): void {
    for (const effect of effects) {
      if (effect.do !== 'kick') continue;
      const { stream, clientId } = effect;
      const there = this.queue.publishing.get(stream);
      if (there === undefined || (clientId !== null && there !== clientId)) continue;
      this.queue.publishing.delete(stream);
      // some servers forget to tell
      if (this.connections % 3 !== 0) this.queue.leave(stream, there);
    }
  }

  happen({ act, who, much }: Happening): void {
    const { queue } = this;
    const name = `p${who % this.people}`;
    const there = queue.publishing.get(name);
    switch (act) {
      case 'publish':
      case 'intrude': {
        if ((act === 'intrude') !== (there !== undefined)) return;
        const clientId = `c${++this.connections}`;
        const verdict = queue.join(name, clientId, { priority: much % this.priorities });
        if (!verdict.allow) return;
        this.old.push({ stream: name, clientId });
        const replaces = queue.policy.secondPublisher === 'takeover';
        if (there === undefined || replaces) queue.publishing.set(name, clientId);
        if (there === undefined) return;
        // a server that refuses the second tells of its end under the same name; one that replaces the first, of that
        queue.leave(name, replaces ? there : clientId);
        return;
      }
      case 'leave':
        if (there !== undefined) queue.leave(name, there);
        return;
      case 'drop unseen':
        queue.publishing.delete(name);
        return;
      case 'stale leave': {
        const old = this.old[much % (this.old.length + 1)];
        if (!old || queue.publishing.get(old.stream) === old.clientId) return;
        const before = queue.state;
        if (queue.entry(old.stream)?.clientId === old.clientId) return;
        queue.leave(old.stream, old.clientId);
        assert.equal(queue.state, before, 'a stale event changes nothing');
        return;
      }
      case 'list':
        queue.list();
        return;
      case 'list fails':
        queue.listFails();
        return;
      case 'restart server':
        if (much % 10 !== 0) return;
        queue.publishing.clear();
        queue.list({ newRun: true });
        return;
      case 'pass':
        queue.run(much % 3 === 0 ? much : much % 2_000);
        return;
      case 'done':
        if (queue.order) queue.switched();
        return;
      case 'fails':
        if (queue.order) queue.switchFailed();
        return;
      case 'late report': {
        const late = this.orders[much % (this.orders.length + 1)];
        const now = queue.order;
        if (!late || (now?.turn === late.turn && now.generation === late.generation)) return;
        const before = queue.state;
        const done = [...queue.switched(late), ...queue.switchFailed('late', late)];
        assert.equal(queue.state.entries, before.entries, 'a late report changes nobody');
        // apart from the picture, which is made the lead's again
        for (const effect of done)
          assert.equal(
            effect.do === 'switch' && effect.stream,
            queue.lead,
            'and nobody else comes on air by it',
          );
        return;
      }
      case 'command':
        try {
          queue.command(commandOf(name, much));
        } catch (error) {
          assert.match(String((error as { code?: string }).code), /^QUEUE_(NOBODY|COMMAND_INVALID)$/);
        }
    }
  }

  /** Nothing happens any more, the server answers: whoever publishes is in the queue, and nobody else. */
  settle(): void {
    const { queue } = this;
    queue.list();
    for (let round = 0; round < 8; round++) {
      queue.run(11_000);
      queue.list();
    }
    const there = [...queue.publishing.keys()].filter(
      (name) => !banOf(queue.state, name, queue.nowMs) && !isCooling(queue.state, name, queue.nowMs),
    );
    const inQueue = queue.state.entries.filter(({ state }) => state !== 'leaving');
    assert.deepEqual(
      inQueue.map(({ stream }) => stream).sort(),
      there.sort(),
      'nobody is lost, nobody invented',
    );
  }
}

function commandOf(who: string, much: number): QueueCommand {
  const all: QueueCommand[] = [
    { action: 'skip' },
    { action: 'kick', who: much % 2 ? who : 'lead' },
    { action: 'ban', who, forMs: much % 2 ? null : much + 1, reason: null },
    { action: 'unban', who },
    { action: 'move', who, to: 1 + (much % 7) },
    { action: 'hold', who: much % 3 ? who : null },
    { action: 'resume', who: much % 3 ? who : null },
    { action: 'resume', who: null },
    { action: 'extend', byMs: much - 50_000 },
    { action: 'reset' },
    { action: 'limit', limitMs: much % 2 ? null : 1_000 + much, again: much % 4 === 0 },
    { action: 'clear' },
  ];
  return all[Math.floor(much / 7) % all.length]!;
}
