// Whatever happens to a guest queue, in whatever order: what must never be is not.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { QueueEffect, QueueState } from '../../lib/queue/types';
import { loops } from '../support';
import { Evening, happenings, policies, type Act } from '../support/queue-evening';
import { deepFreeze, switches } from '../support/queue-on-paper';

const RUNS = { numRuns: loops(1_000, 100) };
const evening = { policy: policies, what: happenings(150) };

/** Everybody who is put on air is the first of those who could be. */
function fair(effects: readonly QueueEffect[], after: QueueState): void {
  for (const { turn } of switches(effects)) {
    const next = after.entries.find((one) => one.turn === turn)!;
    for (const other of after.entries) {
      if (other.state !== 'waiting' || other.held || other.priority !== next.priority) continue;
      if (other.failures > 0 || next.failures > 0) continue;
      assert.ok(next.rank < other.rank, `${next.stream} overtook ${other.stream}`);
    }
  }
}

describe('guest queue, whatever happens', function () {
  this.timeout(600_000);

  it('one lead at most, nobody twice, turns fair, late and stale reports change nothing; in the end nobody is lost', () => {
    fc.assert(
      fc.property(evening.policy, evening.what, fc.constantFrom(3, 10, 50), (policy, what, people) => {
        const show = new Evening(policy, people);
        show.watch = (_, effects) => fair(effects, show.queue.state);
        for (const one of what) show.happen(one);
        show.settle();
      }),
      RUNS,
    );
  });

  it('a thousand publishers in one evening', () => {
    const people = loops(1_000, 100);
    const what = fc.sample(happenings(people * 6, [], people * 5), {
      numRuns: loops(10, 1),
      seed: 20_261_121,
    });
    for (const happened of what) {
      const show = new Evening({ mostEntries: 2_000, limitMs: 20_000 }, people);
      show.watch = (_, effects) => fair(effects, show.queue.state);
      // everybody comes at once, and the server says so
      for (let who = 0; who < people; who++) show.happen({ act: 'publish', who, much: who });
      show.queue.list();
      assert.equal(show.queue.state.entries.length, people);
      for (const one of happened) show.happen(one);
      show.settle();
    }
  });

  it('without a command nobody of equal priority is overtaken by who came after him', () => {
    const commands: Act[] = ['command', 'fails', 'list fails', 'restart server', 'drop unseen'];
    fc.assert(
      fc.property(policies, happenings(150, commands), (policy, what) => {
        // a switch always answers here, so that nobody is sent behind others for a failed one
        const show = new Evening({ ...policy, afterTurn: 'kick', switchMs: 1e9 }, 20, 1);
        show.watch = (_, effects) => {
          for (const { turn } of switches(effects)) {
            const { entries } = show.queue.state;
            const next = entries.find((one) => one.turn === turn)!;
            for (const other of entries)
              if (other.state === 'waiting')
                assert.ok(other.joinedAtMs >= next.joinedAtMs, `${next.stream} overtook ${other.stream}`);
          }
        };
        for (const one of what) show.happen(one);
      }),
      RUNS,
    );
  });

  it('every state survives JSON, and everything goes on as it would have', () => {
    fc.assert(
      fc.property(evening.policy, evening.what, (policy, what) => {
        const [one, other] = [new Evening(policy, 10), new Evening(policy, 10)];
        for (const happened of what) {
          one.happen(happened);
          other.happen(happened);
          other.queue.state = deepFreeze(JSON.parse(JSON.stringify(other.queue.state)) as QueueState);
        }
        assert.deepEqual(other.queue.state, one.queue.state);
        assert.deepEqual(other.queue.effects, one.queue.effects);
      }),
      RUNS,
    );
  });

  it('only differences of the clock that is passed in matter, and no other clock is ever asked', () => {
    const { Date: wall, performance } = globalThis;
    const forbidden = () => {
      throw new Error('a clock of its own');
    };
    fc.assert(
      fc.property(evening.policy, evening.what, (policy, what) => {
        const [one, other] = [new Evening(policy, 10), new Evening(policy, 10, 3, 9_000_000_000_000)];
        Object.assign(globalThis, { Date: Object.assign(forbidden, { now: forbidden }) });
        Object.defineProperty(globalThis, 'performance', { value: { now: forbidden }, configurable: true });
        try {
          for (const happened of what) {
            one.happen(happened);
            other.happen(happened);
          }
        } finally {
          Object.assign(globalThis, { Date: wall });
          Object.defineProperty(globalThis, 'performance', { value: performance, configurable: true });
        }
        assert.deepEqual(other.queue.effects, one.queue.effects);
      }),
      RUNS,
    );
  });

  it('nobody has more time on air than has passed, and none while nobody could follow', () => {
    fc.assert(
      fc.property(evening.policy, evening.what, (policy, what) => {
        const show = new Evening({ ...policy, onlyIfWaiting: true }, 10);
        for (const happened of what) {
          show.happen(happened);
          const { entries } = show.queue.state;
          const lead = entries.find(({ state }) => state === 'live');
          if (!lead) continue;
          const { nowMs } = show.queue;
          const used = lead.usedMs + (lead.countedAtMs === null ? 0 : nowMs - lead.countedAtMs);
          assert.ok(used <= nowMs - lead.liveAtMs!, `${used} ms of ${nowMs - lead.liveAtMs!}`);
          const follows = entries.some(({ state }) => ['waiting', 'promoting', 'admitted'].includes(state));
          assert.ok(follows || lead.countedAtMs === null, 'his time runs for nobody');
        }
      }),
      RUNS,
    );
  });
});
