// Presets and what overrides them, the score and its weights, and the sentences an operator reads.
import assert from 'node:assert/strict';
import { LiveError } from '../../lib/errors';
import { RULE_FACTS } from '../../lib/health/facts';
import { HealthMonitor } from '../../lib/health/monitor';
import { PRESET_SETTINGS } from '../../lib/health/presets';
import { SCORE_WEIGHTS } from '../../lib/health/score';
import { settingsOf } from '../../lib/health/settings';
import { durationText, localClock } from '../../lib/health/time';
import { PRESETS, RULES, type HealthOptions, type RuleId, type RuleSetting } from '../../lib/health/types';
import { OPTIONS, Show, only } from '../support/show';

type Overrides = HealthOptions['overrides'];
const invalid = (act: () => unknown, sentence: RegExp): void => {
  assert.throws(act, (error: unknown) => {
    assert.ok(error instanceof LiveError, String(error));
    assert.equal(error.code, 'CONFIG_INVALID');
    assert.match(error.message, sentence);
    return true;
  });
};

describe('health settings', () => {
  for (const preset of PRESETS)
    it(`${preset}: every rule is there and makes sense`, () => {
      assert.deepEqual(
        settingsOf({ preset, overrides: {} }),
        PRESET_SETTINGS[preset],
        'nothing has to be mended',
      );
      assert.deepEqual(Object.keys(PRESET_SETTINGS[preset]).sort(), [...RULES].sort());
      assert.deepEqual(JSON.parse(JSON.stringify(PRESET_SETTINGS[preset])), PRESET_SETTINGS[preset]);
    });

  it('the standard levels are those of the reference', () => {
    const { standard, plain } = PRESET_SETTINGS;
    const brief = ({ warn, critical, warnForMs, criticalForMs, clear, clearMs }: RuleSetting) =>
      [warn, critical, warnForMs / 1_000, criticalForMs / 1_000, clear, clearMs / 1_000].join(' ');
    assert.deepEqual(
      {
        dropped: brief(standard.dropped),
        skipped: brief(standard.skipped),
        missed: brief(standard.missed),
        congestion: brief(standard.congestion),
        bitrate: brief(standard.bitrate),
        fps: brief(standard.fps),
        disk: brief(standard.disk),
      },
      {
        dropped: '1 5 10 5 0.5 15',
        skipped: '1 5 10 5 0.5 15',
        missed: '1 5 10 5 0.5 15',
        congestion: '0.33 0.67 10 10 0.2 15',
        bitrate: '70 40 10 5 80 15',
        fps: '95 80 10 10 97 15',
        disk: '5000 1000 0 0 5500 10',
      },
    );
    assert.equal(plain.bitrate.absolute && plain.fps.absolute, true);
    assert.equal(plain.bitrate.warn, 1_000);
    assert.equal(plain.fps.critical, 25);
  });

  it('careful speaks no later than standard, quiet no earlier', () => {
    const { careful, standard, quiet } = PRESET_SETTINGS;
    for (const rule of RULES) {
      const first = (setting: RuleSetting) =>
        Math.min(
          setting.warn === null ? Infinity : setting.warnForMs,
          setting.critical === null ? Infinity : setting.criticalForMs,
        );
      assert.ok(first(careful[rule]) <= first(standard[rule]), rule);
      assert.ok(first(standard[rule]) <= first(quiet[rule]), rule);
      const worse = RULE_FACTS[rule].kind === 'below' ? -1 : 1;
      for (const level of ['warn', 'critical'] as const) {
        const [a, b, c] = [careful[rule][level], standard[rule][level], quiet[rule][level]];
        if (a !== null && b !== null) assert.ok(a * worse <= b * worse, `${rule} ${level}`);
        if (b !== null && c !== null) assert.ok(b * worse <= c * worse, `${rule} ${level}`);
      }
    }
  });

  it('only what differs is overridden, and the preset stays as it is', () => {
    const before = JSON.stringify(PRESET_SETTINGS);
    const settings = settingsOf({
      preset: 'standard',
      overrides: { dropped: { warn: 2 }, cpu: { critical: null }, disk: { warn: null, critical: null } },
    });
    assert.deepEqual(settings.dropped, { ...PRESET_SETTINGS.standard.dropped, warn: 2 });
    assert.equal(settings.cpu.critical, null);
    assert.deepEqual(settings.fps, PRESET_SETTINGS.standard.fps);
    assert.equal(JSON.stringify(PRESET_SETTINGS), before);
  });

  it('a level without a clear level is clear where it begins', () => {
    const clear = (overrides: Overrides, rule: RuleId) =>
      settingsOf({ preset: 'standard', overrides })[rule].clear;
    assert.equal(clear({ cpu: { clear: null } }, 'cpu'), 80);
    assert.equal(clear({ cpu: { clear: null, warn: null } }, 'cpu'), 95);
    assert.equal(clear({ bitrate: { clear: null } }, 'bitrate'), 70);
    assert.equal(clear({ black: { clear: null } }, 'black'), 97);
  });

  const faults: [Overrides, RegExp][] = [
    [{ nonsense: {} } as Overrides, /no rule "nonsense"/],
    [{ cpu: { level: 3 } } as Overrides, /"level" is not a property/],
    [{ bitrate: { absolute: true } }, /"absolute" is not a property/],
    [{ cpu: { warn: NaN } }, /the warning level is not a number/],
    [{ cpu: { critical: '90' as never } }, /the critical level is not a number/],
    [{ cpu: { warnForMs: -1 } }, /between 0 and an hour/],
    [{ cpu: { clearMs: 4_000_000 } }, /the clear time must lie between/],
    [{ cpu: { clearMs: null as never } }, /the clear time must lie between/],
    [{ cpu: { warn: 97 } }, /the warning level \(97\) must lie below the critical one \(95\)/],
    [{ bitrate: { warn: 30 } }, /the warning level \(30\) must lie above the critical one \(40\)/],
    [{ dropped: { warn: 0.4 } }, /the clear level \(0.5\) must lie below the level it clears \(0.4\)/],
    [{ disk: { warn: 6_000 } }, /"free disk".*the clear level \(5500\) must lie above/],
    [{ flapping: { clear: 3 } }, /must lie below/],
    [{ frozen: { critical: 5 } }, /only be on \(0\) or off/],
  ];
  for (const [overrides, sentence] of faults)
    it(`refuses ${JSON.stringify(overrides)}`, () => {
      invalid(() => settingsOf({ preset: 'standard', overrides }), sentence);
      invalid(() => new HealthMonitor({ ...OPTIONS, overrides }), sentence);
    });

  it('refuses what else makes no sense', () => {
    const options: [Partial<HealthOptions>, RegExp][] = [
      [{ preset: 'mine' as never }, /"mine" is none of careful, standard/],
      [{ watch: ['everything' as never] }, /"everything" is none of/],
      [{ when: 'never' as never }, /neither show nor always/],
      [{ reminderMs: -1 }, /0 or more/],
      [{ reminderMs: NaN }, /0 or more/],
      [{ bitrateKbps: 0 }, /above 0/],
      [{ media: [''] }, /a name is empty/],
    ];
    for (const [wrong, sentence] of options)
      invalid(() => new HealthMonitor({ ...OPTIONS, ...wrong }), sentence);
  });

  it('an override is what counts', () => {
    const show = new Show({
      overrides: { ...only('cpu'), cpu: { warn: 50, clear: 45, warnForMs: 3_000, clearMs: 2_000 } },
    });
    show.begin(20);
    show.cpuPercent = 60;
    assert.equal(show.until(30)[1], 4);
    show.cpuPercent = 40;
    assert.equal(show.until(30)[1], 3);
  });

  it('plain: absolute levels, in kbps and frames per second', () => {
    const show = new Show({ preset: 'plain', bitrateKbps: 50_000 }).begin(120);
    assert.deepEqual(show.told, [], 'what it should be does not matter');
    assert.equal(show.rule('bitrate')!.unit, 'kbps');
    assert.equal(show.rule('fps')!.unit, 'fps');
    show.targetFps = null;
    show.fps = 24;
    show.stream.kbps = 900;
    show.run(60);
    assert.deepEqual(show.told, ['opened computer critical']);
    assert.deepEqual(
      show.monitor.report().incidents[0]!.rules.map(({ rule }) => rule),
      ['fps', 'bitrate'],
    );
    assert.match(show.alerts[0]!.text, /24 frames per second/);
  });
});

describe('health score', () => {
  it('every rule has its weight, and states what viewers lose', () => {
    assert.deepEqual(Object.keys(SCORE_WEIGHTS).sort(), [...RULES].sort());
    for (const weight of Object.values(SCORE_WEIGHTS)) assert.ok(weight > 0 && weight <= 100);
  });

  it('is 100 less the heaviest rule of each cause, half where it is degraded', () => {
    const show = new Show().begin(30);
    assert.equal(show.monitor.report().score, 100);
    show.cpuPercent = 85;
    show.run(40);
    assert.equal(show.monitor.report().score, 90);
    show.fps = 20;
    show.run(20);
    assert.equal(show.monitor.report().score, 50);
    show.freeDiskMegabytes = 3_000;
    show.run(5);
    assert.equal(show.monitor.report().score, 30);
    show.stream.state = 'reconnecting';
    show.run(10);
    assert.equal(show.monitor.report().score, 0);
  });
});

describe('health sentences', () => {
  it('say what, since when in the operator’s time, how bad with figures, and what to try first', () => {
    const show = new Show().begin(30);
    show.stream.state = 'reconnecting';
    const [[opened]] = show.until(30);
    assert.equal(opened!.subjectLine, 'Stream: the server is not reached (OBS, since 19:00:31)');
    assert.deepEqual(opened!.text.split('\n'), [
      'Stream: the server is not reached.',
      'Since 19:00:31, for 3 s: critical.',
      'It has been trying to reach the streaming server for 3 s. Viewers see nothing meanwhile.',
      'What to try first: Check the internet connection of the computer that runs OBS, then the status page of the streaming service. It goes on trying by itself.',
    ]);
    assert.equal(opened!.title, 'Stream: the server is not reached.');
    show.run(178);
    show.stream.live(show.atMs);
    const [[recovered]] = show.until(30);
    assert.equal(recovered!.subjectLine, 'Stream: well again after 3 min 2 s (OBS)');
    assert.deepEqual(recovered!.text.split('\n'), [
      'The stream is well again after 3 min 2 s.',
      'What was wrong: Stream: the server is not reached.',
      'It lasted 3 min 2 s, from 19:00:31 to 19:03:33, and was critical at worst.',
    ]);
  });

  it('reminders and worse say so, and every text has figures and advice', () => {
    const show = new Show({ reminderMs: 60_000 }).begin(30);
    show.cpuPercent = 85;
    show.run(120);
    show.cpuPercent = 99;
    show.run(60);
    const subjects = show.alerts.map(({ subjectLine }) => subjectLine);
    assert.match(subjects[0]!, /^Computer: the processor is close to its limit \(OBS, since /);
    assert.match(subjects[1]!, /^Still: Computer: /);
    assert.match(subjects[2]!, /^Worse: Computer: /);
    assert.match(show.alerts[2]!.text, /99 % of the processor/);
    for (const { text, advice, detail } of show.alerts) {
      assert.ok(text.includes(advice) && text.includes(detail));
      assert.match(detail, /\d/);
    }
  });

  it('without a name it is "the application"', () => {
    const show = new Show({ place: undefined }).begin(30);
    show.cpuPercent = 99;
    const [[opened]] = show.until(60);
    assert.match(opened!.text, /\nThe application uses 99 % of the processor\.\n/);
    assert.match(opened!.text, /Close other programs on the computer that runs the application;/);
    assert.doesNotMatch(opened!.text, /the the/);
  });

  it('a name is taken as it is, whatever stands in it', () => {
    const show = new Show({ watch: ['media'], media: ['$& {place} "x"'], place: '$1 Studio' });
    show.media = [{ name: '$& {place} "x"', state: 'missing', cursorMs: null, durationMs: null }];
    const text = show.begin(30).alerts[0]!.text;
    assert.ok(text.includes('$& {place} "x"'), text);
    assert.ok(text.includes('$1 Studio has had no input called'), text);
  });

  it('every rule of every cause has its sentences', () => {
    const texts = new Set<string>();
    for (const spoil of SPOILERS) {
      const show = new Show({
        watch: ['stream', 'computer', 'disk', 'black', 'frozen', 'silent', 'clipped', 'media'],
        media: ['Intro'],
        frozenNeedsSilence: false,
      });
      show.luma = (index) => 80 + ((index + Math.floor(show.atMs / 1_000) * 13) % 90);
      show.peakDb = -12;
      show.media = [{ name: 'Intro', state: 'paused', cursorMs: 5, durationMs: null }];
      show.begin(30);
      spoil(show);
      show.run(60);
      assert.ok(show.alerts.length > 0, spoil.toString());
      for (const { text, subjectLine, title, advice } of show.alerts) {
        assert.doesNotMatch(text, /undefined|NaN|null|Infinity|\{|\}|the the|\.\./);
        assert.ok(subjectLine.length < 120 && !subjectLine.includes('\n'));
        assert.match(title, /^[A-Z].*\.$/);
        assert.match(advice, /\.$|\?$/);
        texts.add(title);
      }
    }
    assert.ok(texts.size >= SPOILERS.length - 1, [...texts].join('\n'));
  });

  it('durations and clocks read well', () => {
    assert.deepEqual([0, 400, 12_400, 59_600, 60_000, 192_000, 3_600_000, 7_500_000].map(durationText), [
      '0 s',
      '0 s',
      '12 s',
      '1 min',
      '1 min',
      '3 min 12 s',
      '1 h',
      '2 h 5 min',
    ]);
    assert.match(localClock(Date.UTC(2026, 0, 1, 3, 4, 5)), /^\d\d:\d\d:05$/);
  });
});

const SPOILERS: ((show: Show) => void)[] = [
  ({ stream }) => (stream.state = 'reconnecting'),
  ({ stream, atMs }) => stream.end(atMs, false),
  ({ stream, atMs }) => stream.end(atMs, false, true),
  ({ stream }) => (stream.kbps = 0),
  ({ stream }) => (stream.kbps = 1_000),
  ({ stream }) => (stream.droppedPercent = 30),
  ({ stream }) => (stream.congestion = 1),
  ({ stream }) => (stream.reconnects += 4),
  (show) => (show.skippedPercent = 30),
  (show) => (show.missedPercent = 30),
  (show) => (show.fps = 10),
  (show) => (show.cpuPercent = 100),
  (show) => (show.freeDiskMegabytes = 700),
  (show) => (show.freeDiskMegabytes = 4_200),
  (show) => (show.reachable = false),
  (show) => (show.luma = () => 3),
  (show) => (show.luma = (index) => index),
  (show) => (show.peakDb = -90),
  (show) => (show.clippedPercent = 50),
  (show) => (show.media = [{ name: 'Intro', state: 'error', cursorMs: null, durationMs: null }]),
  (show) => (show.media = [{ name: 'Intro', state: 'ended', cursorMs: null, durationMs: null }]),
  (show) => (show.media = [{ name: 'Intro', state: 'missing', cursorMs: null, durationMs: null }]),
];
