// A value that dances around a level: an operator hears of it once or twice in ten minutes, not twenty times.
import assert from 'node:assert/strict';
import { PRESET_SETTINGS } from '../../lib/health/presets';
import { PRESETS, type PresetId, type RuleId, type WatchId } from '../../lib/health/types';
import { Show, only } from '../support/show';

const TEN_MINUTES = 600;

/** How each figure is set; the figure that is judged follows at once or through its window. */
const KNOBS: { rule: RuleId; watch: WatchId; set: (show: Show, value: number) => void; well: number }[] = [
  { rule: 'bitrate', watch: 'stream', set: ({ stream }, value) => (stream.kbps = value * 60), well: 100 },
  { rule: 'dropped', watch: 'stream', set: ({ stream }, value) => (stream.droppedPercent = value), well: 0 },
  { rule: 'congestion', watch: 'stream', set: ({ stream }, value) => (stream.congestion = value), well: 0 },
  { rule: 'skipped', watch: 'computer', set: (show, value) => (show.skippedPercent = value), well: 0 },
  { rule: 'missed', watch: 'computer', set: (show, value) => (show.missedPercent = value), well: 0 },
  { rule: 'fps', watch: 'computer', set: (show, value) => (show.fps = value * 0.3), well: 100 },
  { rule: 'cpu', watch: 'computer', set: (show, value) => (show.cpuPercent = value), well: 30 },
  { rule: 'silent', watch: 'silent', set: (show, value) => (show.peakDb = value), well: -12 },
  {
    rule: 'clipped',
    watch: 'clipped',
    set: (show, value) => ((show.peakDb = 0), (show.clippedPercent = value)),
    well: 0,
  },
];

/** Ten minutes of a value that is `one` for a while and then `other`; gives how often each change was told. */
function dance(
  { rule, watch, set, well }: (typeof KNOBS)[number],
  one: number,
  other: number,
  period: number,
  first?: number,
  preset: PresetId = 'standard',
): Record<string, number> {
  const show = new Show({ preset, watch: [watch], overrides: only(rule) });
  show.peakDb = -12;
  set(show, well);
  show.begin();
  if (first !== undefined) {
    set(show, first);
    show.run(60);
  }
  const before = show.alerts.length;
  show.run(TEN_MINUTES, (second) => set(show, second % period < period / 2 ? one : other));
  const told: Record<string, number> = { opened: 0, worsened: 0, recovered: 0 };
  for (const { change } of show.alerts.slice(before)) told[change]!++;
  // and in the end it finds its rest
  set(show, well);
  show.run(300);
  assert.equal(show.monitor.report().verdict, 'ok');
  assert.deepEqual(show.monitor.report().incidents, []);
  return told;
}

describe('health: values that dance', () => {
  for (const knob of KNOBS) {
    const { rule, well } = knob;
    const { warn, critical, clear, warnForMs, criticalForMs } = PRESET_SETTINGS.standard[rule];
    const down = ['bitrate', 'fps', 'silent'].includes(rule) ? -1 : 1;
    const [level, forMs] = warn === null ? [critical!, criticalForMs] : [warn, warnForMs];
    const small = Math.min(
      Math.abs(level - clear!) / 3,
      critical === null || warn === null ? Infinity : Math.abs(critical - warn) / 3,
    );
    // long enough for the level to be told
    const long = (forMs / 1_000) * 2 + 10;
    const past = (from: number) => from + down * small;
    const under = (from: number) => from - down * small;

    it(`${rule}: fast around the level it speaks at: nothing is told`, () => {
      for (const period of [2, 4]) {
        const told = dance(knob, past(level), under(level), period);
        assert.deepEqual(told, { opened: 0, worsened: 0, recovered: 0 }, `every ${period / 2} s`);
      }
      assert.ok(forMs >= 3_000);
    });

    it(`${rule}: slowly around the level it speaks at, never content: one incident, no end`, () => {
      for (const period of [long, long * 2])
        assert.deepEqual(dance(knob, past(level), under(level), period), {
          opened: 1,
          worsened: 0,
          recovered: 0,
        });
    });

    it(`${rule}: around the clear level, once it speaks: no end is told that is none`, () => {
      for (const period of [2, 6])
        assert.deepEqual(dance(knob, past(past(clear!)), under(clear!), period, past(level)), {
          opened: 0,
          worsened: 0,
          recovered: 0,
        });
      // long enough well to be well: then it takes the level to begin again
      assert.deepEqual(dance(knob, past(clear!), under(clear!), 120, past(level)), {
        opened: 0,
        worsened: 0,
        recovered: 1,
      });
    });

    it(`${rule}: slowly between bad and well: two incidents at most, then it is held`, () => {
      for (const period of [long, long + 20]) {
        const { opened, recovered } = dance(knob, past(level), well, period);
        assert.ok(opened! >= 1 && opened! <= 2, `${opened} in steps of ${period / 2} s`);
        assert.equal(recovered, opened! - 1);
      }
      for (const period of [120, 240]) {
        const { opened, recovered } = dance(knob, past(level), well, period);
        assert.ok(opened! <= 3 && recovered! <= 3, `${opened} in steps of ${period / 2} s`);
      }
    });

    if (warn === null || critical === null) continue;
    it(`${rule}: around the critical level: worse is told once`, () => {
      const fast = dance(knob, past(critical), under(critical), 2);
      assert.deepEqual(fast, { opened: 1, worsened: 0, recovered: 0 });
      for (const period of [60, 120]) {
        const { opened, worsened, recovered } = dance(knob, past(critical), under(critical), period);
        assert.deepEqual([opened, recovered], [1, 0]);
        assert.ok(worsened! <= 1);
      }
    });
  }

  it('a fault that comes back has to stay away longer each time, four minutes at most', () => {
    const show = new Show({ watch: ['computer'], overrides: only('cpu') }).begin();
    const clears: number[] = [];
    for (let round = 0; round < 6; round++) {
      show.cpuPercent = 85;
      show.run(60);
      show.cpuPercent = 20;
      const [[told], seconds] = show.until(400);
      assert.equal(told!.change, 'recovered');
      clears.push(seconds - 1);
    }
    assert.deepEqual(clears, [15, 60, 120, 240, 240, 240]);
    // ten quiet minutes, and it is a new fault
    show.run(601);
    show.cpuPercent = 85;
    show.run(60);
    show.cpuPercent = 20;
    assert.equal(show.until(400)[1] - 1, 15);
  });

  it('in each preset a value that swings around its level once a second is silent', () => {
    for (const preset of PRESETS)
      for (const knob of KNOBS) {
        const { warn, critical, clear, warnForMs, criticalForMs } = PRESET_SETTINGS[preset][knob.rule];
        const level = warn ?? critical;
        if (level === null || (warn === null ? criticalForMs : warnForMs) < 2_000) continue;
        const absolute = PRESET_SETTINGS[preset][knob.rule].absolute;
        const scaled = absolute && knob.rule === 'bitrate' ? level / 60 : absolute ? level / 0.3 : level;
        const small = Math.abs(level - clear!) / 3 || level / 50;
        const told = dance(knob, scaled + small, scaled - small, 2, undefined, preset);
        assert.deepEqual(told, { opened: 0, worsened: 0, recovered: 0 }, `${preset} ${knob.rule}`);
      }
  });
});
