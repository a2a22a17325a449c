import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RecordMachine, type RecordSignal } from '../../lib/production/record-machine';
import type { StreamSample } from '../../lib/production/stream-machine';
import { StreamTotals } from '../../lib/production/stream-totals';

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

describe('the record machine', () => {
  const fresh2 = () => {
    const machine = new RecordMachine();
    machine.resync({ active: false, paused: false }, false);
    return machine;
  };
  const playRecord = (machine: RecordMachine, ...signals: [RecordSignal, string | null][]) =>
    signals
      .flatMap(([signal, path]) => machine.signal(signal, path))
      .map(({ event, expected }) => `${event} ${String(expected)}`);

  it('records, pauses, resumes and stops; the path is finished only after STOPPED', () => {
    const machine = fresh2();
    assert.deepEqual(
      playRecord(machine, ['STARTING', null], ['STARTED', '/a.mkv'], ['PAUSED', null], ['RESUMED', null]),
      ['recording_started true', 'recording_paused true', 'recording_resumed true'],
    );
    assert.deepEqual([machine.path, machine.finishedPath], ['/a.mkv', null]);
    assert.deepEqual(playRecord(machine, ['STOPPING', null], ['STOPPED', '/a.mkv']), [
      'recording_stopped true',
    ]);
    assert.deepEqual([machine.path, machine.finishedPath], [null, '/a.mkv']);
  });

  it('STOPPED without STOPPING is not expected', () => {
    assert.deepEqual(playRecord(fresh2(), ['STARTING', null], ['STARTED', '/a.mkv'], ['STOPPED', null]), [
      'recording_started true',
      'recording_stopped false',
    ]);
  });

  it('whatever comes, a start has its end before the next', () => {
    const signals = fc.tuple(
      fc.constantFrom<RecordSignal>('STARTING', 'STARTED', 'PAUSED', 'RESUMED', 'STOPPING', 'STOPPED'),
      fc.constantFrom(null, '/a.mkv'),
    );
    const step2 = fc.oneof(
      signals,
      fc.constant('lost' as const),
      fc.record({ active: fc.boolean(), paused: fc.boolean(), restarted: fc.boolean() }),
    );
    fc.assert(
      fc.property(fc.array(step2, { maxLength: 50 }), (steps) => {
        const machine = fresh2();
        for (const one of steps) {
          if (one === 'lost') {
            machine.lost();
            assert.equal(machine.state, 'unknown');
            continue;
          }
          const out = Array.isArray(one)
            ? machine.signal(one[0], one[1])
            : machine.resync(one, one.restarted);
          let previous: string | null = null;
          for (const transition of out) {
            if (previous !== null) assert.equal(transition.previous, previous);
            assert.notEqual(transition.previous, transition.state);
            previous = transition.state;
          }
          if (out.length) assert.equal(machine.state, out.at(-1)!.state);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('stream totals', () => {
  it('add up over reconnects, which take the counters back', () => {
    const totals = new StreamTotals();
    assert.deepEqual(totals.totals(), { sizeBytes: null, totalFrames: null, droppedFrames: null });
    for (const [atMs, bytes, frames] of [
      [0, 0, 0],
      [1000, 100_000, 30],
      [2000, 200_000, 60],
      [3000, 50_000, 60],
      [4000, 90_000, 20],
    ] as const)
      totals.add(sample(atMs, { bytes, frames, droppedFrames: 0 }));
    assert.deepEqual(totals.totals(), { sizeBytes: 290_000, totalFrames: 80, droppedFrames: 0 });
    totals.reset();
    assert.equal(totals.bitrateKbps(), null);
  });

  it('measure the bitrate by the time that passed', () => {
    const totals = new StreamTotals();
    for (let nr = 0; nr <= 20; nr++) totals.add(sample(nr * 700, { bytes: nr * 70_000 }));
    assert.equal(totals.bitrateKbps(), 800);
    totals.add(sample(15_000, { bytes: 5 }));
    assert.equal(totals.bitrateKbps(), null, 'not across a reset');
    totals.add(sample(16_000, { bytes: null, congestion: null }));
    assert.equal(totals.bitrateKbps(), null);
    assert.equal(totals.congestion, null);
  });

  it('never shrink and never invent', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            after: fc.nat(3000),
            bytes: fc.option(fc.nat(1e9), { nil: null }),
            frames: fc.nat(1e6),
          }),
          { maxLength: 40 },
        ),
        (steps) => {
          const totals = new StreamTotals();
          let at = 0;
          let last = 0;
          for (const { after, bytes, frames } of steps) {
            totals.add(sample((at += after), { bytes, frames }));
            const { sizeBytes, totalFrames } = totals.totals();
            assert.equal(sizeBytes === null, bytes === null);
            assert.ok(totalFrames! >= frames && totalFrames! >= last);
            last = totalFrames!;
            const rate = totals.bitrateKbps();
            assert.ok(rate === null || rate >= 0);
          }
        },
      ),
    );
  });
});
