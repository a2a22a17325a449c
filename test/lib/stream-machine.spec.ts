import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  START_TIMEOUT_MS,
  StreamMachine,
  type StreamSample,
  type StreamSignal,
  type StreamTransition,
} from '../../lib/production/stream-machine';

const sample = (atMs: number, more: Partial<StreamSample> = {}): StreamSample => ({
  atMs,
  active: true,
  reconnecting: false,
  frames: 0,
  droppedFrames: 0,
  bytes: 0,
  congestion: 0,
  ...more,
});
const idle = (atMs: number): StreamSample => sample(atMs, { active: false });

/** A machine that knows an idle application at time 0. */
function fresh(): StreamMachine {
  const machine = new StreamMachine();
  assert.deepEqual(machine.resync(idle(0), false), []);
  assert.equal(machine.state, 'idle');
  return machine;
}

/** Play signals `[ms, name]` and, in between, a status every 500 ms with rising frames where `frames` says so. */
function play(
  machine: StreamMachine,
  steps: [number, StreamSignal][],
  untilMs: number,
  frames: (atMs: number) => Partial<StreamSample>,
): StreamTransition[] {
  const out: StreamTransition[] = [];
  const rest = [...steps];
  for (let at = 0; at <= untilMs; at += 500) {
    while (rest.length && rest[0]![0] <= at) out.push(...machine.signal(rest[0]![1], rest.shift()![0]));
    out.push(...machine.sample(sample(at, frames(at))));
  }
  return out;
}
const told = (transitions: StreamTransition[]) =>
  transitions.map(({ event, expected, cause }) => `${event} ${String(expected)} ${cause}`);
const from = (startMs: number) => (at: number) =>
  at >= startMs
    ? { frames: Math.floor((at - startMs) * 0.03), bytes: at - startMs }
    : { active: false, frames: 0 };

describe('the stream machine', () => {
  describe('the sequences measured on a real OBS', () => {
    it('good RTMP: started once frames have risen for the whole confirmation', () => {
      const machine = fresh();
      const out = play(
        machine,
        [
          [1000, 'STARTING'],
          [1170, 'STARTED'],
        ],
        6000,
        from(1350),
      );
      assert.deepEqual(told(out), ['stream_starting true event']);
      assert.deepEqual(told(play(machine, [], 9000, (at) => from(1350)(at + 6500))), [
        'stream_started true event',
      ]);
      assert.equal(machine.state, 'live');
      assert.ok(machine.isConfirmed);
    });

    for (const [title, ms] of [
      ['refused', 30],
      ['SRT without a listener', 3000],
      ['a handshake that hangs', 30_600],
    ] as const)
      it(`${title}: STARTING and STOPPED, no STARTED`, () => {
        const out = play(
          fresh(),
          [
            [1000, 'STARTING'],
            [1000 + ms, 'STOPPED'],
          ],
          ms + 3000,
          () => ({ active: false }),
        );
        assert.deepEqual(told(out), ['stream_starting true event', 'stream_failed false event']);
      });

    it('a denied key: STARTED, then RECONNECTING for ever, and it never counts as started', () => {
      const machine = fresh();
      const steps: [number, StreamSignal][] = [
        [1000, 'STARTING'],
        [1170, 'STARTED'],
      ];
      for (let at = 1300; at < 20_000; at += 2300)
        steps.push([at, 'RECONNECTING'], [at + 2050, 'RECONNECTED']);
      const out = play(machine, steps, 20_000, (at) => ({
        active: at > 1170,
        frames: 1,
        reconnecting: at > 1300 && (at - 1300) % 2300 < 2050,
      }));
      assert.ok(!told(out).some((event) => event.startsWith('stream_started')));
      assert.ok(machine.losses >= 5);
      assert.deepEqual(told([...machine.signal('STOPPING', 21_000), ...machine.signal('STOPPED', 21_100)]), [
        'stream_failed true event',
      ]);
    });

    const live = () => {
      const machine = fresh();
      machine.confirmMs = 1000;
      play(
        machine,
        [
          [0, 'STARTING'],
          [170, 'STARTED'],
        ],
        4000,
        from(300),
      );
      assert.equal(machine.state, 'live');
      return machine;
    };

    it('the server dies and returns: one event for many RECONNECTING, then reconnected', () => {
      const machine = live();
      const out = [5000, 7000, 10_000].flatMap((at) => machine.signal('RECONNECTING', at));
      out.push(...machine.signal('RECONNECTED', 14_500));
      assert.deepEqual(told(out), ['stream_reconnecting false event', 'stream_reconnected null event']);
      assert.equal(machine.losses, 3);
    });

    it('the server dies for good: STOPPED without STOPPING is not expected', () => {
      const machine = live();
      for (const at of [5000, 6000, 7500]) machine.signal('RECONNECTING', at);
      assert.deepEqual(told(machine.signal('STOPPED', 9800)), ['stream_stopped false event']);
    });

    it('a stop: expected, also while reconnecting', () => {
      let machine = live();
      assert.deepEqual(told([...machine.signal('STOPPING', 5000), ...machine.signal('STOPPED', 5100)]), [
        'stream_stopped true event',
      ]);
      machine = live();
      machine.signal('RECONNECTING', 5000);
      assert.deepEqual(told([...machine.signal('STOPPING', 6000), ...machine.signal('STOPPED', 6000)]), [
        'stream_stopped true event',
      ]);
    });

    it('a stream delay of 4 s: no frames for seconds after STARTED, and it starts all the same', () => {
      const machine = fresh();
      machine.delayMs = 4000;
      machine.confirmMs = 2000;
      const out = play(
        machine,
        [
          [500, 'STARTING'],
          [4600, 'STARTED'],
        ],
        16_000,
        (at) => ({ active: at > 4600, frames: at < 9000 ? 0 : Math.floor((at - 9000) * 0.03) }),
      );
      assert.deepEqual(told(out), ['stream_starting true event', 'stream_started true event']);
    });

    it('StartOutput by name: STARTED alone is a start', () => {
      const out = play(fresh(), [[1000, 'STARTED']], 8000, from(1100));
      assert.deepEqual(told(out), ['stream_starting true event', 'stream_started true event']);
    });

    it('STARTING and then nothing, ever: the status ends it', () => {
      const machine = fresh();
      const out = play(machine, [[0, 'STARTING']], START_TIMEOUT_MS + 1000, () => ({ active: false }));
      assert.deepEqual(told(out), ['stream_starting true event', 'stream_failed false poll']);
    });

    it('a stop asked before the confirmation is no failure', () => {
      const machine = fresh();
      machine.signal('STARTING', 0);
      machine.signal('STARTED', 200);
      assert.deepEqual(told([...machine.signal('STOPPING', 400), ...machine.signal('STOPPED', 500)]), [
        'stream_stopped true event',
      ]);
    });
  });

  describe('a lost connection', () => {
    const lost = (bring: (machine: StreamMachine) => void) => {
      const machine = fresh();
      machine.confirmMs = 1000;
      bring(machine);
      machine.lost();
      assert.equal(machine.state, 'unknown');
      return machine;
    };
    const goLive = (machine: StreamMachine) =>
      void play(
        machine,
        [
          [0, 'STARTING'],
          [170, 'STARTED'],
        ],
        4000,
        from(300),
      );

    it('tells nothing when all is as before', () => {
      assert.deepEqual(lost(goLive).resync(sample(9000, { frames: 900 }), false), []);
      assert.deepEqual(lost(() => undefined).resync(idle(9000), false), []);
    });
    it('tells by resync what changed meanwhile', () => {
      assert.deepEqual(told(lost(goLive).resync(idle(9000), false)), ['stream_stopped null resync']);
      assert.deepEqual(told(lost(goLive).resync(sample(9000, { reconnecting: true }), false)), [
        'stream_reconnecting false resync',
      ]);
      assert.ok(
        told(lost(() => undefined).resync(sample(9000), false)).includes('stream_started null resync'),
      );
    });
    it('another run of the application is another stream', () => {
      const events = told(lost(goLive).resync(sample(9000), true));
      assert.deepEqual(
        events.filter((event) => /stopped|started/.test(event)),
        ['stream_stopped null resync', 'stream_started null resync'],
      );
    });
    it('the first connect of all invents nothing', () => {
      for (const first of [sample(0, { frames: 5 }), idle(0), sample(0, { reconnecting: true })])
        assert.deepEqual(new StreamMachine().resync(first, false), []);
    });
  });

  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        signal: fc.constantFrom<StreamSignal>(
          'STARTING',
          'STARTED',
          'RECONNECTING',
          'RECONNECTED',
          'STOPPING',
          'STOPPED',
        ),
        after: fc.nat(6000),
      }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        sample: fc.record({
          active: fc.boolean(),
          reconnecting: fc.boolean(),
          frames: fc.option(fc.nat(500), { nil: null }),
        }),
        after: fc.nat(6000),
      }),
    },
    { weight: 1, arbitrary: fc.record({ lost: fc.constant(true), after: fc.nat(6000) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        resync: fc.record({ active: fc.boolean(), reconnecting: fc.boolean() }),
        restarted: fc.boolean(),
        after: fc.nat(6000),
      }),
    },
  );

  it('whatever comes, its events make sense', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, active) => {
        const machine = new StreamMachine();
        let at = 0;
        assert.deepEqual(machine.resync(sample(0, { active }), false), []);
        let open = machine.state !== 'idle';
        let started = open;
        let stopAsked = false;
        for (const one of steps) {
          at += one.after;
          if ('lost' in one) machine.lost();
          if ('signal' in one && one.signal === 'STOPPING') stopAsked = true;
          const before = machine.state;
          const out =
            'signal' in one
              ? machine.signal(one.signal, at)
              : 'sample' in one
                ? machine.sample(sample(at, one.sample))
                : 'resync' in one
                  ? machine.resync(sample(at, one.resync), one.restarted)
                  : [];
          if ('sample' in one && before === 'unknown') assert.deepEqual(out, []);
          for (const { event, state, expected } of out) {
            if (event === 'stream_starting') [open, started, stopAsked] = [true, false, false];
            if (event === 'stream_started') {
              assert.ok(!started, 'never two stream_started without an end between');
              [open, started] = [true, true];
            }
            if (event === 'stream_stopped' || event === 'stream_failed') {
              assert.ok(open, `${event} ends something that was told`);
              if (event === 'stream_stopped')
                assert.ok(
                  started || stopAsked || expected === null,
                  'never stream_stopped for what was never started',
                );
              if (event === 'stream_failed') assert.ok(!started, 'what was live has not failed to start');
              [open, started] = [false, false];
            }
            if (event === 'stream_reconnecting') open = true;
            assert.equal(
              state,
              {
                stream_starting: 'starting',
                stream_started: 'live',
                stream_reconnecting: 'reconnecting',
                stream_reconnected: 'live',
                stream_failed: 'idle',
                stream_stopped: 'idle',
              }[event],
            );
          }
          if (out.length)
            assert.equal(machine.state, out.at(-1)!.state, 'the state is that of the last event');
        }
      }),
      { numRuns: 3000 },
    );
  });

  describe('what health asks of it', () => {
    const live = () => {
      const machine = fresh();
      play(
        machine,
        [
          [1000, 'STARTING'],
          [1200, 'STARTED'],
        ],
        9000,
        from(1300),
      );
      assert.equal(machine.state, 'live');
      return machine;
    };

    it('since when it is live without a break: from STARTED, and anew from each RECONNECTED', () => {
      const machine = live();
      assert.equal(machine.liveSinceMs, 1200);
      machine.signal('RECONNECTING', 20_000);
      assert.equal(machine.liveSinceMs, null);
      machine.signal('RECONNECTED', 22_000);
      assert.deepEqual([machine.liveSinceMs, machine.reconnects, machine.startedAtMs], [22_000, 1, 1200]);
    });

    it('a lost connection is no break of the stream, unless OBS was started anew', () => {
      const machine = live();
      machine.lost();
      assert.equal(machine.liveSinceMs, null);
      machine.resync(sample(30_000), false);
      assert.equal(machine.liveSinceMs, 1200);
      machine.lost();
      machine.resync(sample(60_000), true);
      assert.equal(machine.liveSinceMs, 60_000);
    });

    it('found running it is live since it was found', () => {
      const machine = new StreamMachine();
      machine.resync(sample(5000), false);
      assert.deepEqual([machine.liveSinceMs, machine.lastEnd], [5000, null]);
    });

    it('the reconnects of a wrong key count, though it was never live; a late signal counts once', () => {
      const machine = fresh();
      machine.signal('STARTING', 1000);
      machine.signal('STARTED', 1200);
      for (let at = 2000; at < 8000; at += 2000) {
        machine.signal('RECONNECTING', at);
        machine.signal('RECONNECTED', at + 1000);
        machine.signal('RECONNECTED', at + 1001);
      }
      assert.deepEqual([machine.reconnects, machine.liveSinceMs], [3, null]);
    });

    it('how it ended: asked for, by itself, and before it ever was live', () => {
      const machine = live();
      assert.equal(machine.lastEnd, null);
      machine.signal('STOPPING', 20_000);
      machine.signal('STOPPED', 20_100);
      assert.deepEqual(machine.lastEnd, { atMs: 20_100, failed: false, expected: true });
      play(
        machine,
        [
          [30_000, 'STARTING'],
          [30_200, 'STARTED'],
        ],
        40_000,
        from(30_300),
      );
      machine.signal('STOPPED', 50_000);
      assert.deepEqual(machine.lastEnd, { atMs: 50_000, failed: false, expected: false });
      machine.signal('STARTING', 60_000);
      machine.signal('STOPPED', 60_100);
      assert.deepEqual(machine.lastEnd, { atMs: 60_100, failed: true, expected: false });
    });
  });
});
