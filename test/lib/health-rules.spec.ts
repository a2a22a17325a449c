// Every rule, both levels, by the second: it speaks after its `for` and not before, holds, and is content after its clear time.
import assert from 'node:assert/strict';
import { RULE_FACTS } from '../../lib/health/facts';
import { PRESET_SETTINGS } from '../../lib/health/presets';
import type { HealthOptions, RuleId, WatchId } from '../../lib/health/types';
import { BEGIN, Show, only } from '../support/show';

interface Case {
  rule: RuleId;
  watch: WatchId;
  level: 'warn' | 'critical';
  /** make it bad: past this level and, for a warning, not past the critical one */
  spoil: (show: Show) => void;
  heal: (show: Show) => void;
  /** from what spoils it to the first figure that shows it, and from what heals it: a window needs its time */
  lagSeconds?: number;
  /** the first reading that shows it stands on as long before it: what was heard, or stood, since the reading before */
  coveredMs?: number;
  prepare?: (show: Show) => void;
  options?: Partial<HealthOptions>;
}

const media = (state: 'playing' | 'ended' | 'missing' | 'error') => (show: Show) => {
  show.media = [{ name: 'Intro', state, cursorMs: null, durationMs: null }];
};
/** a clip that plays: its cursor moves with the clock */
const playing = (show: Show) => {
  show.media = [
    {
      name: 'Intro',
      state: 'playing',
      get cursorMs() {
        return show.atMs - BEGIN;
      },
      durationMs: null,
    },
  ];
};
const stuck = (show: Show) => {
  show.media = [{ name: 'Intro', state: 'playing', cursorMs: show.atMs - BEGIN, durationMs: null }];
};
const noise = (index: number) => 100 + ((index * 37) % 50);
const moving = (show: Show) => {
  show.luma = (index) => noise(index + show.atMs / 1_000);
};

const air = (change: Partial<NonNullable<Show['onProgram']>>) => (show: Show) => {
  show.onProgram = { ...show.onProgram!, ...change };
};
const records = (show: Show) => {
  show.record();
};

/** what arrives is averaged over ten seconds */
const arrives =
  (part: number | null) =>
  (show: Show): void => {
    show.serverAnswers = true;
    show.receivedPart = part;
  };

const CASES: Case[] = [
  {
    rule: 'keyframes',
    watch: 'coding',
    level: 'warn',
    prepare: ({ stream }) => void (stream.keyframeMs = 2_000),
    spoil: ({ stream }) => void (stream.keyframeMs = 8_333),
    heal: ({ stream }) => void (stream.keyframeMs = 4_033),
    lagSeconds: 0,
  },
  {
    rule: 'resolution',
    watch: 'coding',
    level: 'warn',
    prepare: ({ stream }) => void (stream.size = '1920x1080'),
    spoil: ({ stream }) => void (stream.size = '640x360'),
    heal: ({ stream }) => void (stream.size = '1920x1080'),
    lagSeconds: 0,
  },
  {
    rule: 'notReceived',
    watch: 'receiver',
    level: 'critical',
    prepare: arrives(1),
    spoil: arrives(null),
    heal: arrives(1),
    lagSeconds: 0,
  },
  {
    rule: 'received',
    watch: 'receiver',
    level: 'warn',
    prepare: arrives(1),
    spoil: arrives(0.6),
    heal: arrives(1),
    lagSeconds: 10,
  },
  {
    rule: 'received',
    watch: 'receiver',
    level: 'critical',
    prepare: arrives(1),
    spoil: arrives(0.1),
    heal: arrives(1),
    lagSeconds: 10,
  },
  {
    rule: 'recordingStalled',
    watch: 'recording',
    level: 'critical',
    prepare: records,
    spoil: (show) => (show.grows = false),
    heal: (show) => (show.grows = true),
    // it has stood since the last reading in which it moved; three readings must show it
    coveredMs: 1_000,
  },
  ...(['warn', 'critical'] as const).flatMap((level): Case[] => [
    {
      rule: 'fadedOut',
      watch: 'faded',
      level,
      spoil: air({ fadeToBlack: true }),
      heal: air({ fadeToBlack: false }),
      lagSeconds: 0,
    },
    {
      rule: 'muted',
      watch: 'muted',
      level,
      spoil: air({ masterMuted: true }),
      heal: air({ masterMuted: false }),
      lagSeconds: 0,
    },
    {
      rule: 'callDropped',
      watch: 'offline',
      level,
      prepare: air({ callConnected: true }),
      spoil: air({ callConnected: false }),
      heal: air({ callConnected: true }),
      lagSeconds: 0,
    },
  ]),
  {
    rule: 'offline',
    watch: 'offline',
    level: 'critical',
    spoil: air({ offline: true, title: 'Offline - Camera 1' }),
    heal: air({ offline: false }),
    lagSeconds: 0,
  },
  {
    rule: 'reconnecting',
    watch: 'stream',
    level: 'critical',
    spoil: ({ stream }) => (stream.state = 'reconnecting'),
    heal: (show) => show.stream.live(show.atMs),
  },
  {
    rule: 'noData',
    watch: 'stream',
    level: 'critical',
    spoil: ({ stream }) => (stream.kbps = 0),
    heal: ({ stream }) => (stream.kbps = 6_000),
  },
  {
    rule: 'bitrate',
    watch: 'stream',
    level: 'warn',
    spoil: ({ stream }) => (stream.kbps = 3_600),
    heal: ({ stream }) => (stream.kbps = 6_000),
  },
  {
    rule: 'bitrate',
    watch: 'stream',
    level: 'critical',
    spoil: ({ stream }) => (stream.kbps = 600),
    heal: ({ stream }) => (stream.kbps = 6_000),
  },
  {
    rule: 'dropped',
    watch: 'stream',
    level: 'warn',
    spoil: ({ stream }) => (stream.droppedPercent = 3),
    heal: ({ stream }) => (stream.droppedPercent = 0),
  },
  {
    rule: 'dropped',
    watch: 'stream',
    level: 'critical',
    spoil: ({ stream }) => (stream.droppedPercent = 40),
    heal: ({ stream }) => (stream.droppedPercent = 0),
  },
  {
    rule: 'congestion',
    watch: 'stream',
    level: 'warn',
    spoil: ({ stream }) => (stream.congestion = 0.5),
    heal: ({ stream }) => (stream.congestion = 0),
  },
  {
    rule: 'congestion',
    watch: 'stream',
    level: 'critical',
    spoil: ({ stream }) => (stream.congestion = 1),
    heal: ({ stream }) => (stream.congestion = 0),
  },
  ...(['skipped', 'missed'] as const).flatMap((rule): Case[] =>
    (['warn', 'critical'] as const).map((level) => ({
      rule,
      watch: 'computer',
      level,
      spoil: (show) => (show[`${rule}Percent`] = level === 'warn' ? 3 : 50),
      heal: (show) => (show[`${rule}Percent`] = 0),
    })),
  ),
  {
    rule: 'fps',
    watch: 'computer',
    level: 'warn',
    spoil: (show) => (show.fps = 28),
    heal: (show) => (show.fps = 30),
    lagSeconds: 0,
  },
  {
    rule: 'fps',
    watch: 'computer',
    level: 'critical',
    spoil: (show) => (show.fps = 20),
    heal: (show) => (show.fps = 30),
    lagSeconds: 0,
  },
  {
    rule: 'cpu',
    watch: 'computer',
    level: 'warn',
    spoil: (show) => (show.cpuPercent = 85),
    heal: (show) => (show.cpuPercent = 40),
    lagSeconds: 0,
  },
  {
    rule: 'cpu',
    watch: 'computer',
    level: 'critical',
    spoil: (show) => (show.cpuPercent = 99),
    heal: (show) => (show.cpuPercent = 40),
    lagSeconds: 0,
  },
  {
    rule: 'disk',
    watch: 'disk',
    level: 'warn',
    spoil: (show) => (show.freeDiskMegabytes = 4_000),
    heal: (show) => (show.freeDiskMegabytes = 6_000),
    lagSeconds: 0,
  },
  {
    rule: 'disk',
    watch: 'disk',
    level: 'critical',
    spoil: (show) => (show.freeDiskMegabytes = 900),
    heal: (show) => (show.freeDiskMegabytes = 6_000),
    lagSeconds: 0,
  },
  {
    rule: 'black',
    watch: 'black',
    level: 'critical',
    prepare: moving,
    spoil: (show) => (show.luma = (index) => (index === 0 ? 200 : 16)),
    heal: moving,
    lagSeconds: 0,
  },
  {
    rule: 'silent',
    watch: 'silent',
    level: 'critical',
    prepare: (show) => (show.peakDb = -12),
    spoil: (show) => (show.peakDb = -80),
    heal: (show) => (show.peakDb = -12),
    lagSeconds: 0,
    coveredMs: 1_000,
  },
  {
    rule: 'clipped',
    watch: 'clipped',
    level: 'warn',
    prepare: (show) => (show.peakDb = -1),
    spoil: (show) => (show.clippedPercent = 10),
    heal: (show) => (show.clippedPercent = 0),
    lagSeconds: 0,
  },
  {
    rule: 'clipped',
    watch: 'clipped',
    level: 'critical',
    prepare: (show) => (show.peakDb = 0),
    spoil: (show) => (show.clippedPercent = 60),
    heal: (show) => (show.clippedPercent = 0),
    lagSeconds: 0,
  },
  ...(['warn', 'critical'] as const).map((level): Case => ({
    rule: 'mediaStalled',
    watch: 'media',
    level,
    prepare: playing,
    spoil: level === 'warn' ? stuck : media('error'),
    heal: playing,
    options: { media: ['Intro'] },
    ...(level === 'warn' ? { coveredMs: 1_000 } : {}),
  })),
  {
    rule: 'mediaEnded',
    watch: 'media',
    level: 'warn',
    prepare: playing,
    spoil: media('ended'),
    heal: playing,
    options: { media: ['Intro'] },
    lagSeconds: 0,
  },
  {
    rule: 'mediaMissing',
    watch: 'media',
    level: 'critical',
    prepare: playing,
    spoil: media('missing'),
    heal: playing,
    options: { media: ['Intro'] },
    lagSeconds: 0,
  },
];

/** A show of twenty good seconds in which this one rule is judged alone; of this level only, where that is wanted. */
function showOf({ rule, watch, prepare, options, level }: Case, levelAlone = true): Show {
  const other = level === 'warn' ? { critical: null } : { warn: null };
  const show = new Show({
    watch: [watch],
    ...options,
    overrides: { ...only(rule), ...(levelAlone ? { [rule]: other } : {}) },
  });
  prepare?.(show);
  return show.begin();
}

describe('health rules', () => {
  for (const one of CASES) {
    const { rule, level, watch } = one;
    const setting = PRESET_SETTINGS.standard[rule];
    const forMs = level === 'warn' ? setting.warnForMs : setting.criticalForMs;
    const severity = level === 'warn' ? 'degraded' : 'critical';
    const isPast = (show: Show): boolean => {
      const value = show.rule(rule)?.value ?? NaN;
      const bound = setting[level]!;
      if (isStateRule(rule)) return value > 0;
      return rule === 'black'
        ? value >= bound
        : RULE_FACTS[rule].kind === 'below'
          ? value < bound
          : value > bound;
    };
    const isClear = (show: Show): boolean => {
      const value = show.rule(rule)?.value ?? NaN;
      const bound = setting.clear!;
      return RULE_FACTS[rule].kind === 'below' ? value >= bound : value <= bound;
    };

    it(`${rule}: ${level} after ${forMs / 1_000} s and not before, and content after ${setting.clearMs / 1_000} s`, () => {
      const show = showOf(one);
      assert.deepEqual(show.told, []);
      assert.equal(
        show.monitor.report().verdict,
        one.watch === 'stream' && !RULES_WITH_FIGURES.has(rule) ? 'unknown' : 'ok',
      );

      // the first reading that shows it, then to the very reading on which it is due
      one.spoil(show);
      let told = show.step();
      const covered = one.coveredMs ?? 0;
      let shownMs = isStateRule(rule) || isPast(show) ? show.atMs - covered : NaN;
      let steps = 0;
      while (told.length === 0 && steps++ < 90) {
        told = show.step();
        if (Number.isNaN(shownMs) && isPast(show)) shownMs = show.atMs;
      }
      assert.equal(told.length, 1, 'one alert');
      const [opened] = told;
      assert.equal(`${opened!.change} ${opened!.severity}`, `opened ${severity}`);
      assert.equal(show.atMs - shownMs, forMs);
      assert.equal(Date.parse(opened!.since), shownMs);
      assert.equal(opened!.rules[0]!.rule, rule);
      assert.equal(opened!.verdict, severity);
      if (one.lagSeconds === 0) assert.equal(show.atMs - BEGIN, 20_000 + 1_000 + forMs - covered);

      // it holds, and says so once
      show.run(120);
      assert.equal(show.alerts.length, 1);
      assert.equal(show.monitor.report().verdict, severity);
      assert.equal(show.monitor.report().incidents.length, 1);

      // back, and content for the clear time
      one.heal(show);
      let clearMs = NaN;
      told = [];
      for (let second = 0; second < 120 && told.length === 0; second++) {
        told = show.step();
        if (Number.isNaN(clearMs) && isClear(show)) clearMs = show.atMs;
      }
      assert.equal(told.length, 1);
      const [recovered] = told;
      assert.equal(recovered!.change, 'recovered');
      assert.equal(recovered!.id, opened!.id);
      assert.equal(show.atMs - clearMs, setting.clearMs);
      assert.equal(Date.parse(recovered!.until!), clearMs);
      assert.equal(recovered!.durationMs, clearMs - shownMs);
      assert.match(recovered!.text, / (\d+ s|\d+ min)/);
      show.run(60);
      assert.equal(show.alerts.length, 2);
      assert.equal(show.monitor.report().incidents.length, 0);
    });

    it(`${rule}: ${level} for one second less than its time is nothing`, () => {
      if (forMs === 0) return;
      const show = showOf(one);
      one.spoil(show);
      const spoiled = show.atMs;
      // until the last reading before it would be told
      let shownMs = NaN;
      for (let second = 0; second < 90; second++) {
        show.step();
        if (Number.isNaN(shownMs) && (isStateRule(rule) || isPast(show)))
          shownMs = show.atMs - (one.coveredMs ?? 0);
        if (show.atMs - shownMs === forMs - 1_000) break;
      }
      assert.ok(show.atMs > spoiled);
      one.heal(show);
      show.run(3);
      // a window still carries what was: only what has no window can be stopped to the second
      if (one.lagSeconds === 0 || isStateRule(rule)) assert.deepEqual(show.told, []);
    });

    it(`${rule}: one reading without a figure tells nothing and clears nothing`, () => {
      const show = showOf(one);
      one.spoil(show);
      assert.equal(show.until(120)[0].length, 1);
      hide(show, watch);
      const told = show.run(10);
      assert.deepEqual(told, []);
      assert.notEqual(show.monitor.report().verdict, 'ok');
      assert.equal(show.monitor.report().incidents.length, 1);
    });
  }

  const CLIMBS = CASES.filter(
    (one) =>
      one.level === 'warn' &&
      CASES.some((other) => other.rule === one.rule && other.level === 'critical') &&
      // what only knows yes and no is worse by lasting
      RULE_FACTS[one.rule].kind !== 'state',
  );
  for (const one of CLIMBS) {
    const critical = CASES.find(({ rule, level }) => rule === one.rule && level === 'critical')!;

    it(`${one.rule}: degraded, worse, less bad in silence, worse again only after ten minutes`, () => {
      const show = showOf(one, false);
      one.spoil(show);
      const id = show.until(120)[0][0]!.id;
      critical.spoil(show);
      const [[worse]] = show.until(120);
      assert.equal(`${worse!.change} ${worse!.severity} ${worse!.id}`, `worsened critical ${id}`);
      assert.equal(worse!.worst, 'critical');
      one.spoil(show);
      assert.deepEqual(show.run(120), []);
      assert.equal(show.monitor.report().verdict, 'degraded');
      assert.equal(show.monitor.report().incidents[0]!.worst, 'critical');
      critical.spoil(show);
      assert.deepEqual(show.run(120), []);
      one.spoil(show);
      assert.deepEqual(show.run(720), []);
      critical.spoil(show);
      assert.equal(show.until(120)[0][0]!.change, 'worsened');
      one.heal(show);
      assert.equal(show.until(120)[0][0]!.change, 'recovered');
      assert.equal(new Set(show.alerts.map((alert) => alert.id)).size, 1);
    });
  }

  it('skips nothing: every rule with levels of the standard preset has its case', () => {
    const covered = new Set(CASES.map(({ rule, level }) => `${rule} ${level}`));
    const elsewhere =
      /^(flapping|unexpectedStop|startFailed|recordingStopped|srtStopped|outputStopped|unreachable|restarted|frozen) /;
    const wanted = Object.entries(PRESET_SETTINGS.standard).flatMap(([rule, { warn, critical }]) => [
      ...(warn === null ? [] : [`${rule} warn`]),
      ...(critical === null ? [] : [`${rule} critical`]),
    ]);
    assert.deepEqual(
      wanted.filter((one) => !covered.has(one) && !elsewhere.test(one)),
      [],
    );
  });
});

const RULES_WITH_FIGURES = new Set<RuleId>(['noData', 'bitrate', 'dropped', 'congestion']);
const isStateRule = (rule: RuleId): boolean => RULE_FACTS[rule].kind === 'state';

/** The application gives no figure of this any more. */
function hide(show: Show, watch: WatchId): void {
  switch (watch) {
    case 'stream':
      show.stream.missing = ['bytes', 'frames', 'droppedFrames', 'congestion'];
      break;
    case 'computer':
      show.missing = [
        'cpuPercent',
        'fps',
        'skippedFrames',
        'encodedFrames',
        'missedFrames',
        'renderedFrames',
      ];
      break;
    case 'disk':
      show.missing = ['freeDiskMegabytes'];
      break;
    case 'recording':
      show.recordingMs = null;
      break;
    case 'faded':
    case 'muted':
    case 'offline':
      show.onProgram = null;
      break;
    case 'media':
      show.media = [];
      break;
    case 'silent':
    case 'clipped':
      show.peakDb = null;
      break;
    default:
      show.luma = null;
  }
}
