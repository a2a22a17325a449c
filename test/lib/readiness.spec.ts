import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { MediaState, SourceReading } from '../../lib/switching/port';
import { Readiness } from '../../lib/switching/readiness';

const POLL_MS = 200;
const SETTLE_MS = 300;
const STATES: MediaState[] = ['none', 'opening', 'buffering', 'playing', 'paused', 'stopped', 'ended'];

function saying(over: Partial<SourceReading> = {}): SourceReading {
  return { state: 'playing', cursorMs: 0, width: 1280, height: 720, enabled: false, ...over };
}

/** A source that is asked every 200 ms. */
class Asked {
  readonly readiness: Readiness;
  atMs = 1000;

  constructor(settleMs = SETTLE_MS) {
    this.readiness = new Readiness({ settleMs });
  }

  says(...readings: (SourceReading | null)[]): string {
    return readings.map((reading) => this.readiness.reading(reading, (this.atMs += POLL_MS))).join(' ');
  }

  /** So many looks at a picture that runs from `cursorMs` on. */
  runs(looks: number, cursorMs = 5000): string {
    return this.says(
      ...Array.from({ length: looks }, (_, look) => saying({ cursorMs: cursorMs + look * POLL_MS })),
    );
  }
}

describe('readiness of a new source', () => {
  it('is ready once its size is known and its time went on twice, for the settle time', () => {
    assert.equal(new Asked().runs(3), 'waiting waiting ready');
    assert.equal(new Asked(0).runs(3), 'waiting waiting ready');
    assert.equal(new Asked(1000).runs(7), 'waiting waiting waiting waiting waiting ready ready');
  });

  it('does not believe "playing": neither without a size nor with a time that stands', () => {
    const asked = new Asked();
    for (let look = 0; look < 100; look += 1) {
      assert.equal(asked.says(saying({ width: 0, height: 0, cursorMs: look * POLL_MS })), 'waiting');
      assert.equal(asked.says(saying({ cursorMs: 0 })), 'waiting');
    }
    assert.match(asked.readiness.describe(), /^it says that it plays, 1280x720, its time stands at 0\.0 s$/);
  });

  it('waits while it is paused, stopped, opening or buffering', () => {
    for (const state of ['none', 'opening', 'buffering', 'paused', 'stopped'] as const) {
      const asked = new Asked();
      for (let look = 0; look < 100; look += 1) assert.equal(asked.says(saying({ state })), 'waiting');
    }
  });

  it('two looks within one frame neither break nor prove', () => {
    const asked = new Asked();
    assert.equal(asked.says(saying({ cursorMs: 0 }), saying({ cursorMs: 0 })), 'waiting waiting');
    assert.equal(asked.says(saying({ cursorMs: 500 }), saying({ cursorMs: 500 })), 'waiting waiting');
    assert.equal(asked.says(saying({ cursorMs: 1000 }), saying({ cursorMs: 1000 })), 'ready ready');
  });

  it('a stream that began again has to prove itself again', () => {
    const asked = new Asked();
    asked.runs(5, 60_000);
    assert.equal(asked.runs(3, 0), 'waiting waiting ready');
  });

  it('a look that could not be taken neither breaks nor proves', () => {
    const asked = new Asked();
    assert.equal(asked.says(saying({ cursorMs: 0 }), saying({ cursorMs: 200 })), 'waiting waiting');
    assert.equal(asked.says(...Array<null>(50).fill(null)), Array(50).fill('waiting').join(' '));
    // it moved twice, and nobody knows how it was in between
    assert.equal(asked.says(saying({ cursorMs: 10_600 })), 'waiting');
    assert.equal(asked.says(saying({ cursorMs: 10_800 })), 'ready');
    assert.equal(asked.says(null, null, saying({ cursorMs: 11_400 })), 'ready ready ready');
    // and one that is over is not given up for a time in which nobody looked
    const over = new Asked();
    over.says(saying({ state: 'ended', cursorMs: null }), ...Array<null>(50).fill(null));
    assert.equal(over.says(saying({ state: 'ended', cursorMs: null })), 'waiting');
  });

  it('one that dies after it was ready is not ready any more', () => {
    for (const dead of [
      { width: 0, height: 0 },
      { state: 'ended', cursorMs: null },
      { cursorMs: 0 },
    ] as const) {
      const asked = new Asked();
      assert.match(asked.runs(4), /ready$/);
      assert.equal(asked.says(saying(dead)), 'waiting');
    }
    const stalls = new Asked();
    stalls.runs(4);
    const last = saying({ cursorMs: 5600 });
    assert.equal(stalls.says(...Array<SourceReading>(9).fill(last)), Array(9).fill('ready').join(' '));
    assert.equal(stalls.says(last), 'waiting');
    const ended = new Asked();
    ended.runs(4);
    assert.equal(ended.readiness.playbackEnded(), 'waiting');
  });

  it('fails at once with an error, when it is gone, and when it ends twice', () => {
    for (const state of ['error', 'missing'] as const) {
      const asked = new Asked();
      asked.runs(1);
      assert.equal(asked.says(saying({ state, cursorMs: null, width: 0, height: 0 })), 'failed');
      assert.equal(asked.runs(5), 'failed failed failed failed failed');
    }
    const refused = new Asked();
    const empty = saying({ width: 0, height: 0 });
    assert.equal(refused.readiness.playbackEnded(), 'waiting');
    // the same event once more
    assert.equal(refused.readiness.playbackEnded(), 'waiting');
    refused.says(empty, empty);
    assert.equal(refused.readiness.playbackEnded(), 'failed');
    assert.match(
      refused.readiness.describe(),
      /no picture yet, its time stands at 0\.0 s, it ended 2 times$/,
    );
  });

  it('an end long ago does not count against a stream that was well since', () => {
    const asked = new Asked();
    asked.readiness.playbackEnded();
    asked.runs(5);
    assert.equal(asked.readiness.playbackEnded(), 'waiting');
    assert.equal(asked.runs(3, 90_000), 'waiting waiting ready');
  });

  it('a file that ended and does not begin again fails without waiting for the end of the time', () => {
    const asked = new Asked();
    asked.runs(2);
    asked.readiness.playbackEnded();
    const over = saying({ state: 'ended', cursorMs: null, width: 0, height: 0 });
    const verdicts = asked.says(...Array<SourceReading>(30).fill(over)).split(' ');
    assert.equal(verdicts.indexOf('failed'), 25);
    assert.equal(asked.readiness.describe(), 'it ended, no picture yet');
  });

  it('says in words what it saw last', () => {
    const asked = new Asked();
    assert.equal(asked.readiness.describe(), 'it could not be looked at');
    asked.says(saying({ state: 'opening', cursorMs: null, width: 0, height: 0 }));
    assert.equal(asked.readiness.describe(), 'it is opening, no picture yet');
    asked.runs(3, 3000);
    assert.equal(asked.readiness.describe(), 'it says that it plays, 1280x720, its time is 3.4 s');
    asked.says(saying({ state: 'missing', cursorMs: null }));
    assert.equal(asked.readiness.describe(), 'it is not there any more');
  });

  const anyReading = fc.option(
    fc.record({
      state: fc.constantFrom(...STATES),
      cursorMs: fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 3000 }), fc.constant(Number.NaN)),
      width: fc.constantFrom(0, 1280),
      height: fc.constantFrom(0, 720),
      enabled: fc.constantFrom(true, false, null),
    }),
    { freq: 8 },
  );
  const anyLooks = fc.array(fc.tuple(anyReading, fc.integer({ min: 0, max: 900 })), { maxLength: 60 });

  it('is never ready without two steps of its time and the settle time since the last break', () => {
    fc.assert(
      fc.property(anyLooks, fc.integer({ min: 0, max: 1500 }), (looks, settleMs) => {
        const readiness = new Readiness({ settleMs });
        let atMs = 0;
        const seen: { reading: SourceReading; atMs: number }[] = [];
        for (const [reading, waitMs] of looks) {
          atMs += waitMs;
          const verdict = readiness.reading(reading, atMs);
          readiness.describe();
          if (reading) {
            const before = seen.at(-1)?.reading.cursorMs;
            const well = reading.width > 0 && reading.height > 0 && Number.isFinite(reading.cursorMs);
            const off = reading.state === 'stopped' || reading.state === 'ended';
            if (!well || off || (typeof before === 'number' && before > reading.cursorMs!)) seen.length = 0;
            if (well) seen.push({ reading, atMs });
          }
          if (verdict !== 'ready') continue;
          assert.ok(new Set(seen.map((one) => one.reading.cursorMs)).size > 2, 'two steps');
          assert.ok(atMs - seen[0]!.atMs >= settleMs, 'held');
        }
      }),
    );
  });

  it('whatever was before, a picture that runs is ready within the settle time and three looks', () => {
    fc.assert(
      fc.property(anyLooks, fc.integer({ min: 0, max: 1500 }), (looks, settleMs) => {
        const asked = new Asked(settleMs);
        for (const [reading, waitMs] of looks) asked.readiness.reading(reading, (asked.atMs += waitMs));
        if (asked.says(null) === 'failed') return;
        assert.match(asked.runs(Math.ceil(settleMs / POLL_MS) + 4, 10_000), /ready$/);
      }),
    );
  });
});
