import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SrtMachine, type SrtSignal, type SrtTransition } from '../../lib/production/srt-machine';
import { loops } from '../support';

/** A machine that has seen an idle OBS. */
function idle(): SrtMachine {
  const machine = new SrtMachine();
  assert.deepEqual(machine.resync(false, false, 0), []);
  machine.confirmMs = 1000;
  machine.connectMs = 6000;
  return machine;
}

function live(): SrtMachine {
  const machine = idle();
  machine.signal('STARTING', 0);
  machine.signal('STARTED', 100);
  machine.sample({ active: true, bytes: 1 }, 600);
  assert.deepEqual(names(machine.sample({ active: true, bytes: 2 }, 1200)), ['srt_stream_started']);
  return machine;
}

const names = (transitions: SrtTransition[]) => transitions.map(({ event }) => event);

describe('the state of an SRT output that tells little', () => {
  it('is live once data has gone out long enough, not when it has connected', () => {
    const machine = idle();
    machine.signal('STARTING', 0);
    assert.equal(machine.connecting, true);
    machine.signal('STARTED', 100);
    assert.equal(machine.connecting, false);
    assert.deepEqual(machine.sample({ active: true, bytes: 1 }, 600), []);
    assert.deepEqual(machine.sample({ active: true, bytes: 1 }, 5000), []);
    assert.equal(machine.state, 'starting');
    const [started] = machine.sample({ active: true, bytes: 2 }, 5500);
    assert.deepEqual(
      [started?.event, started?.expected, started?.previous],
      ['srt_stream_started', true, 'starting'],
    );
  });

  it('fails where nothing has connected in time, although nobody says so', () => {
    const machine = idle();
    machine.signal('STARTING', 0);
    assert.deepEqual(machine.sample({ active: false, bytes: 0 }, 5900), []);
    const [failed] = machine.sample({ active: false, bytes: 0 }, 6000);
    assert.deepEqual([failed?.event, failed?.cause, failed?.expected], ['stream_failed', 'poll', false]);
    assert.equal(machine.state, 'idle');
  });

  it('ends without a signal when its status does, and nobody asked for it', () => {
    const machine = live();
    assert.deepEqual(machine.sample({ active: false, bytes: 2 }, 2000), []);
    const [ended] = machine.sample({ active: false, bytes: 2 }, 4000);
    assert.deepEqual([ended?.event, ended?.cause, ended?.expected], ['srt_stream_stopped', 'poll', false]);
  });

  it('ends as asked after a stop', () => {
    const machine = live();
    machine.signal('STOPPING', 2000);
    const [ended] = machine.signal('STOPPED', 2001);
    assert.deepEqual(
      [ended?.event, ended?.expected, ended?.previous],
      ['srt_stream_stopped', true, 'stopping'],
    );
  });

  it('is not told as stopped where it never was live', () => {
    const machine = idle();
    machine.signal('STARTING', 0);
    machine.signal('STARTED', 100);
    machine.signal('STOPPING', 200);
    assert.deepEqual(names(machine.signal('STOPPED', 300)), ['stream_failed']);
  });

  it('after a reconnect tells what changed meanwhile, and not what was so before', () => {
    const first = new SrtMachine();
    assert.deepEqual(first.resync(true, false, 0), []);
    assert.equal(first.state, 'live');
    const same = live();
    same.lost();
    assert.deepEqual(same.resync(true, false, 9000), []);
    const gone = live();
    gone.lost();
    const [ended] = gone.resync(false, false, 9000);
    assert.deepEqual([ended?.event, ended?.cause, ended?.expected], ['srt_stream_stopped', 'resync', null]);
    const crashed = live();
    crashed.lost();
    assert.equal(crashed.resync(false, true, 9000)[0]?.expected, false);
    const begun = idle();
    begun.lost();
    assert.deepEqual(names(begun.resync(true, false, 9000)), ['srt_stream_started']);
  });

  it('whatever comes in whatever order: starts and ends alternate, and none is told twice', () => {
    const step = fc.oneof(
      fc.constantFrom<SrtSignal>('STARTING', 'STARTED', 'STOPPING', 'STOPPED').map((signal) => ({ signal })),
      fc.record({ active: fc.boolean(), bytes: fc.option(fc.nat(1000)) }).map((sample) => ({ sample })),
      fc.record({ back: fc.boolean(), restarted: fc.boolean() }).map((lost) => ({ lost })),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.nat(4000)), { maxLength: 60 }), (steps) => {
        const machine = idle();
        let at = 0;
        let runs = false;
        for (const [one, later] of steps) {
          at += later;
          const told =
            'signal' in one
              ? machine.signal(one.signal, at)
              : 'sample' in one
                ? machine.sample(one.sample, at)
                : (machine.lost(), machine.resync(one.lost.back, one.lost.restarted, at));
          for (const { event, state } of told) {
            if (event === 'srt_stream_started') {
              assert.equal(runs, false, 'started twice');
              runs = true;
            } else if (event === 'srt_stream_stopped') {
              assert.equal(runs, true, 'stopped twice');
              runs = false;
            } else assert.equal(runs, false, 'failed while live');
            assert.ok(['live', 'idle'].includes(state));
          }
          assert.ok(runs || machine.state !== 'live');
        }
      }),
      { numRuns: loops(3000) },
    );
  });
});
