import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LiveJudge, type LiveVerdict } from '../../lib/switching/live-judge';
import type { MediaState, SourceReading } from '../../lib/switching/port';

const POLL_MS = 500;
const STALL_MS = 2000;
const STABLE_MS = 3000;

/** A live source that is looked at every half second. */
class Live {
  readonly judge: LiveJudge;
  readonly told: string[] = [];
  readonly forMs: number[] = [];
  atMs = 10_000;
  cursorMs = 60_000;

  constructor(verdict?: LiveVerdict, wish = { stallMs: STALL_MS, stableMs: STABLE_MS }) {
    this.judge = new LiveJudge(wish, verdict);
  }

  look(reading: Partial<SourceReading> | null): this {
    this.atMs += POLL_MS;
    const whole: SourceReading | null = reading && {
      state: 'playing',
      cursorMs: this.cursorMs,
      width: 1280,
      height: 720,
      enabled: true,
      ...reading,
    };
    const change = this.judge.reading(whole, this.atMs);
    if (!change) return this;
    this.told.push(change.event.replace('source_', ''));
    this.forMs.push(change.forMs);
    return this;
  }

  runs(ms: number): this {
    for (const until = this.atMs + ms; this.atMs < until;) {
      this.cursorMs += POLL_MS;
      this.look({});
    }
    return this;
  }

  stands(ms: number, reading: Partial<SourceReading> | null = {}): this {
    for (const until = this.atMs + ms; this.atMs < until;) this.look(reading);
    return this;
  }
}

describe('judge of a live source', () => {
  it('tells a stall after its time and the recovery once it was stable', () => {
    const live = new Live().runs(5000).stands(1500);
    assert.deepEqual(live.told, []);
    live.stands(500);
    assert.deepEqual(live.told, ['stalled']);
    assert.deepEqual(live.forMs, [STALL_MS]);
    live.stands(60_000).runs(3000);
    assert.deepEqual(live.told, ['stalled']);
    live.runs(1000);
    assert.deepEqual(live.told, ['stalled', 'recovered']);
    assert.deepEqual(live.forMs, [STALL_MS, 62_500]);
  });

  it('believes the time and not the word "playing": a size that is gone is a stall', () => {
    const live = new Live().runs(5000).stands(500, { width: 0, height: 0 });
    assert.deepEqual(live.told, [], 'one look may fall into a restart');
    live.stands(500, { width: 0, height: 0 });
    assert.deepEqual(live.told, ['stalled']);
  });

  it('tells an end once, also after a stall, however often it tries again', () => {
    const over = { state: 'ended', cursorMs: null, width: 0, height: 0 } as const;
    const live = new Live().runs(5000).stands(4000);
    for (let tries = 0; tries < 20; tries += 1)
      live.stands(1000, over).stands(2000, { cursorMs: 0, width: 0, height: 0 });
    assert.deepEqual(live.told, ['stalled', 'ended']);
    live.cursorMs = 0;
    live.runs(4000);
    assert.deepEqual(live.told, ['stalled', 'ended', 'recovered']);
  });

  it('an error is an end at once; a source or an item that is gone at the second look', () => {
    assert.deepEqual(new Live().runs(2000).look({ state: 'error', cursorMs: null }).told, ['ended']);
    for (const gone of [{ state: 'missing', cursorMs: null, enabled: null }, { enabled: null }] as const) {
      const live = new Live().runs(2000).look(gone).runs(1000);
      assert.deepEqual(live.told, []);
      assert.deepEqual(live.look(gone).look(gone).told, ['ended']);
    }
  });

  it('what a person paused is no stall, and what waits for its publisher is', () => {
    assert.deepEqual(new Live().runs(3000).stands(600_000, { state: 'paused' }).runs(3000).told, []);
    // it still ran for a part of the time between two looks
    const between = new Live().runs(3000);
    between.cursorMs += 200;
    assert.deepEqual(between.stands(600_000, { state: 'paused' }).runs(3000).told, []);
    // an element of a pipeline says "paused" while pictures come: nobody paused it
    const says = new Live().runs(3000);
    for (let looks = 0; looks < 4; looks += 1) {
      says.cursorMs += POLL_MS;
      says.look({ state: 'paused' });
    }
    assert.deepEqual(says.stands(3000, { state: 'paused' }).told, ['stalled']);
    const live = new Live().runs(3000).look({ state: 'ended', cursorMs: null });
    live.stands(60_000, { state: 'paused', cursorMs: 0 });
    assert.deepEqual(live.told, ['ended']);
    const lost = new Live().runs(3000).look({ state: 'buffering', cursorMs: null });
    assert.deepEqual(lost.stands(3000, { state: 'paused', cursorMs: 0 }).told, ['stalled']);
    assert.deepEqual(new Live().runs(3000).stands(3000, { state: 'stopped', cursorMs: null }).told, [
      'stalled',
    ]);
  });

  it('knows nothing of a time in which nobody could look', () => {
    const live = new Live().runs(3000).stands(1000);
    live.stands(60_000, null).look({}).look({});
    assert.deepEqual(live.told, []);
    live.judge.unknown();
    live.stands(1500);
    assert.deepEqual(live.told, []);
    live.stands(1000);
    assert.deepEqual(live.told, ['stalled']);
    // nor does such a time prove that it is stable
    live.runs(1000).stands(60_000, null).runs(1000);
    assert.deepEqual(live.told, ['stalled']);
    live.judge.unknown();
    assert.equal(live.judge.verdict, 'stalled');
    live.runs(4000);
    assert.deepEqual(live.told, ['stalled', 'recovered']);
  });

  it('dancing around the level gives one stall and not twenty', () => {
    for (const [runMs, standMs] of [
      [500, 2000],
      [1000, 2500],
      [2500, 2000],
      [2500, 1500],
    ] as const) {
      const live = new Live().runs(3000).stands(2500);
      for (let turn = 0; turn < 40; turn += 1) live.runs(runMs).stands(standMs);
      assert.deepEqual(live.told, ['stalled'], `${runMs} ${standMs}`);
      assert.deepEqual(live.runs(4000).told, ['stalled', 'recovered']);
    }
  });

  it('one picture a second is slow and well', () => {
    const live = new Live();
    for (let second = 0; second < 60; second += 1) live.runs(500).stands(500);
    assert.deepEqual(live.told, []);
    live.stands(3000);
    for (let second = 0; second < 10; second += 1) live.runs(500).stands(500);
    assert.deepEqual(live.told, ['stalled', 'recovered']);
  });

  it('a file that loops is well, and a stream that only begins again and again is not', () => {
    const live = new Live();
    for (let turn = 0; turn < 20; turn += 1) {
      live.cursorMs = 0;
      live.runs(1500);
    }
    assert.deepEqual(live.told, []);
    const again = new Live().runs(2000);
    for (let turn = 0; turn < 10; turn += 1) again.look({ cursorMs: 1000 - turn });
    assert.deepEqual(again.told, ['stalled']);
  });

  it('begun as stalled, it has to be stable before it is told', () => {
    const live = new Live('stalled').stands(10_000);
    assert.deepEqual(live.told, []);
    assert.deepEqual(live.runs(4000).told, ['recovered']);
  });

  const anyReading = fc.option(
    fc.record(
      {
        state: fc.constantFrom<MediaState>(
          'opening',
          'buffering',
          'playing',
          'paused',
          'stopped',
          'ended',
          'missing',
        ),
        width: fc.constantFrom(0, 1280, 1280, 1280),
        advances: fc.constantFrom(0, 500, 500, -700),
      },
      { requiredKeys: ['advances'] },
    ),
    { freq: 8 },
  );

  it('whatever it sees: no two stalls without a recovery between them, each change moves the verdict, a recovery was earned', () => {
    fc.assert(
      fc.property(fc.array(anyReading, { maxLength: 150 }), (looks) => {
        const live = new Live();
        let verdict: LiveVerdict = 'well';
        let wellLooks = 0;
        for (const look of looks) {
          const told = live.told.length;
          if (look) {
            const { advances, ...reading } = look;
            live.cursorMs = Math.max(0, live.cursorMs + advances);
            live.look(reading);
          } else live.look(null);
          const changed = live.told.length > told;
          assert.equal(changed, live.judge.verdict !== verdict);
          wellLooks =
            look && look.width !== 0 && look.state !== 'ended' ? wellLooks + 1 : look ? 0 : wellLooks;
          if (changed && live.told.at(-1) === 'recovered')
            assert.ok(wellLooks * POLL_MS >= STABLE_MS, 'earned');
          if (changed && live.told.at(-1) === 'stalled') assert.equal(verdict, 'well');
          verdict = live.judge.verdict;
        }
        assert.ok(live.forMs.every((ms) => ms >= 0));
      }),
    );
  });
});
