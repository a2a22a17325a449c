// Whatever an application tells, in whatever order: what must never happen does not.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RULE_FACTS } from '../../lib/health/facts';
import { settingsOf } from '../../lib/health/settings';
import {
  PRESETS,
  WATCHES,
  type HealthAlert,
  type HealthOptions,
  type HealthReport,
  type RuleReport,
  type RuleSetting,
} from '../../lib/health/types';
import { loops } from '../support';
import { PaperStream, Show } from '../support/show';

const RUNS = { numRuns: loops(600, 60) };

/** Something that changes in a show; it stays so until something else changes it. */
type Change = (show: Show) => void;
const pick = <T>(...values: T[]) => fc.constantFrom(...values);
const change: fc.Arbitrary<Change> = fc.oneof(
  pick(0, 600, 3_000, 4_500, 6_000).map(
    (kbps): Change =>
      ({ stream }) =>
        (stream.kbps = kbps),
  ),
  pick(0, 0.7, 3, 40).map(
    (percent): Change =>
      ({ stream }) =>
        (stream.droppedPercent = percent),
  ),
  pick(0, 0.25, 0.5, 1, null).map(
    (value): Change =>
      ({ stream }) =>
        (stream.congestion = value),
  ),
  pick(0, 0.7, 3, 40).map(
    (percent): Change =>
      (show) =>
        (show.skippedPercent = percent),
  ),
  pick(0, 3, 40).map(
    (percent): Change =>
      (show) =>
        (show.missedPercent = percent),
  ),
  pick(10, 28.6, 30, null).map(
    (fps): Change =>
      (show) =>
        (show.fps = fps),
  ),
  pick(20, 77, 85, 99, null).map(
    (percent): Change =>
      (show) =>
        (show.cpuPercent = percent),
  ),
  pick(500, 3_000, 5_200, 90_000, null).map(
    (free): Change =>
      (show) =>
        (show.freeDiskMegabytes = free),
  ),
  pick(true, true, false).map(
    (reachable): Change =>
      (show) =>
        (show.reachable = reachable),
  ),
  pick('idle', 'recording', 'paused', 'unknown').map(
    (state): Change =>
      (show) =>
        (show.recording = state as 'idle'),
  ),
  pick('starting', 'reconnecting', 'stopping', 'unknown').map(
    (state): Change =>
      ({ stream }) =>
        (stream.state = state as 'starting'),
  ),
  pick('live', 'live', 'live').map((): Change => (show) => show.stream.live(show.atMs)),
  fc.tuple(pick(true, false, null), fc.boolean()).map(
    ([expected, failed]): Change =>
      (show) =>
        show.stream.end(show.atMs, expected, failed),
  ),
  pick<Change>(
    (show) => (show.luma = null),
    (show) => (show.luma = () => 0),
    (show) => (show.luma = (index) => index),
    (show) => (show.luma = (index) => 50 + ((index + show.atMs / 1_000) % 90)),
  ),
  pick(null, -90, -48, -10).map(
    (peakDb): Change =>
      (show) =>
        (show.peakDb = peakDb),
  ),
  pick(0, 3, 10, 60).map(
    (percent): Change =>
      (show) =>
        (show.clippedPercent = percent),
  ),
  pick('playing', 'ended', 'error', 'missing', 'paused').map(
    (state): Change =>
      (show) =>
        (show.media = [
          { name: 'Intro', state: state as 'playing', cursorMs: show.atMs % 60_000, durationMs: null },
        ]),
  ),
  pick<Change>(
    (show) => void show.record(),
    (show) => show.endRecording(true),
    (show) => show.endRecording(null),
    (show) => (show.grows = !show.grows),
    (show) => (show.recordingMs = null),
    (show) => show.restart(),
  ),
  fc.tuple(pick('srt1', 'external'), pick(true, false, null), pick(true, false, null)).map(
    ([output, running, expected]): Change =>
      (show) =>
        show.output(output, running, expected),
  ),
  fc
    .record(
      {
        title: pick('Camera', null),
        offline: pick(true, false, null),
        callConnected: pick(true, false, null),
        fadeToBlack: pick(true, false, null),
        masterMuted: pick(true, false, null),
      },
      { noNullPrototype: true },
    )
    .map(
      (onProgram): Change =>
        (show) =>
          (show.onProgram = onProgram),
    ),
  pick(true, false).map(
    (has): Change =>
      (show) =>
        (show.hasStatistics = has),
  ),
  pick<Change>(
    ({ stream }) => (stream.missing = []),
    ({ stream }) => (stream.missing = ['bytes', 'frames', 'droppedFrames', 'congestion']),
    ({ stream }) => (stream.bytes = stream.frames = 0),
    (show) => (show.streams[1] ??= new PaperStream('two')).live(show.atMs),
    (show) => show.streams[1]?.end(show.atMs, null),
    (show) => show.streams.splice(1),
  ),
);
const command: fc.Arbitrary<Change> = fc.oneof(
  pick(0, 10_000, 120_000, NaN).map(
    (ms): Change =>
      (show) =>
        void show.alerts.push(...show.monitor.snooze(ms, show.atMs)),
  ),
  pick<Change>((show) => void show.alerts.push(...show.monitor.acknowledge(show.atMs))),
);
const step = fc.record({
  change: fc.oneof({ weight: 12, arbitrary: change }, { weight: 1, arbitrary: command }),
  readings: pick(1, 2, 5, 12, 40),
  ms: pick(1_000, 1_000, 1_000, 1_003, 950, 250, 2_500, 8_000, 0, 16_000),
});
type Step = { change: Change; readings: number; ms: number };
const steps = fc.array(step, { minLength: 3, maxLength: 40 });
const options: fc.Arbitrary<Partial<HealthOptions>> = fc.record({
  preset: pick(...PRESETS),
  when: pick('show' as const, 'always' as const),
  reminderMs: pick(0, 30_000),
  frozenNeedsSilence: fc.boolean(),
  bitrateKbps: pick(null, 6_000),
  watch: fc.oneof(fc.constant([...WATCHES]), fc.subarray([...WATCHES])),
});

/** Play all of it; `look` after every reading. */
function play(
  settings: Partial<HealthOptions>,
  script: Step[],
  look: (show: Show, told: HealthAlert[]) => void,
): Show {
  const show = new Show({ media: ['Intro'], ...settings });
  show.luma = (index) => index;
  show.peakDb = -10;
  show.stream.live(show.atMs);
  for (const { change: act, readings, ms } of script) {
    act(show);
    for (let i = 0; i < readings; i++) look(show, show.step(ms));
  }
  return show;
}

const key = ({ rule, subject }: RuleReport): string => `${rule} ${subject}`;
const fires = ({ verdict, since }: RuleReport): boolean => since !== null && verdict !== 'ok';

describe('health, whatever comes', function () {
  this.timeout(120_000);

  it('the verdict, the score and the incidents agree with each other', () => {
    fc.assert(
      fc.property(options, steps, (settings, script) => {
        play(settings, script, (show, told) => {
          const report = show.monitor.report();
          agrees(report, show.reachable);
          for (const alert of told) {
            assert.equal(alert.verdict, report.verdict);
            assert.equal(alert.score, report.score);
            assert.equal(alert.at, report.at);
          }
        });
      }),
      RUNS,
    );
  });

  it('each incident is opened once, told in order, and ends once', () => {
    fc.assert(
      fc.property(options, steps, (settings, script) => {
        const show = play(settings, script, () => undefined);
        const told = new Map<string, HealthAlert[]>();
        for (const alert of show.alerts) told.set(alert.id, [...(told.get(alert.id) ?? []), alert]);
        for (const alerts of told.values()) {
          assert.equal(alerts[0]!.change, 'opened');
          assert.equal(alerts.filter(({ change }) => change === 'opened').length, 1);
          const ends = alerts.findIndex(({ change }) => change === 'recovered');
          assert.ok(ends === -1 || ends === alerts.length - 1);
          for (const alert of alerts) {
            assert.ok(alert.since <= alert.at);
            assert.ok(alert.durationMs >= 0);
            if (alert.change === 'recovered') {
              assert.ok(alert.until! >= alert.since && alert.until! <= alert.at);
              assert.ok(Math.abs(Date.parse(alert.until!) - Date.parse(alert.since) - alert.durationMs) <= 1);
            } else assert.equal(alert.until, null);
          }
          if (!settings.reminderMs) assert.ok(alerts.every(({ change }) => change !== 'reminder'));
        }
      }),
      RUNS,
    );
  });

  it('no level is told before its time, and no end before its clear time', () => {
    fc.assert(
      fc.property(options, steps, (settings, script) => {
        const rules = settingsOf({ preset: settings.preset!, overrides: {} });
        const past = new Map<string, { atMs: number; report: RuleReport }[]>();
        play(settings, script, (show) => {
          const { rules: now, at } = show.monitor.report();
          const seen = new Set<string>();
          for (const report of now) {
            // a stream has a name once there are two
            const name = `${report.rule} ${report.subject ?? 'stream'}`;
            seen.add(name);
            const readings = past.get(name) ?? [];
            past.set(name, readings);
            readings.push({ atMs: Date.parse(at!), report });
            holdsTimes(readings, rules[report.rule]);
          }
          // what is not judged for a while begins anew
          for (const name of past.keys()) if (!seen.has(name)) past.delete(name);
        });
      }),
      RUNS,
    );
  });

  it('everything it says can be told as JSON, and asking changes nothing', () => {
    fc.assert(
      fc.property(options, steps, (settings, script) => {
        let readings = 0;
        const asked = play(settings, script, ({ monitor }, told) => {
          if (told.length === 0 && readings++ % 7) return;
          const all = [monitor.report(), monitor.history(), monitor.status(), told];
          const text = JSON.stringify(all);
          assert.deepEqual(JSON.parse(text), all);
          assert.doesNotMatch(text, /NaN|Infinity|undefined|\{place\}|\{subject\}/);
        });
        const silent = play(settings, script, () => undefined);
        assert.deepEqual(asked.alerts, silent.alerts);
      }),
      { numRuns: loops(100, 20) },
    );
  });

  it('without a figure nothing is ever ok while live', () => {
    fc.assert(
      fc.property(steps, (script) => {
        play({ watch: ['stream'] }, script, (show) => {
          show.stream.missing = ['bytes', 'frames', 'droppedFrames', 'congestion'];
          show.streams.splice(1);
          if (
            show.stream.state === 'live' &&
            show.monitor.report().metrics.streams[0]?.bitrateKbps === null
          ) {
            const { rules, verdict } = show.monitor.report();
            const known = rules.some(({ rule, value }) => RULE_FACTS[rule].evidence && value !== null);
            if (!known) assert.notEqual(verdict, 'ok');
          }
        });
      }),
      RUNS,
    );
  });

  it('a show in which nothing is wrong tells nothing, whatever its rhythm', () => {
    const rhythm = fc.array(fc.integer({ min: 1, max: 14_000 }), { minLength: 50, maxLength: 300 });
    fc.assert(
      fc.property(pick(...PRESETS), rhythm, pick(0, 4_000, 20_000), (preset, times, delayMs) => {
        const show = new Show({ preset, reminderMs: 1_000 });
        show.stream.delayMs = delayMs;
        show.run(3);
        show.stream.state = 'starting';
        show.run(5);
        show.stream.live(show.atMs);
        for (const ms of times) show.step(ms);
        show.stream.end(show.atMs, true);
        show.run(20);
        assert.deepEqual(show.told, []);
      }),
      RUNS,
    );
  });

  it('memory is bounded: a day of trouble leaves what an hour leaves', () => {
    const show = new Show({ reminderMs: 30_000, watch: [...WATCHES], media: ['Intro'] }).begin(30);
    const random = fc.sample(step, { numRuns: 400, seed: 7 }) as Step[];
    for (const { change: act, readings } of random) {
      act(show);
      show.run(readings);
      show.step(60_000 * 5);
    }
    const { samples, incidents } = show.monitor.history();
    assert.ok(samples.length <= 801);
    assert.ok(incidents.length <= 210);
    assert.ok(show.monitor.report().incidents.length <= 12);
  });
});

function agrees(report: HealthReport, reachable: boolean): void {
  const { verdict, score, rules, incidents } = report;
  assert.equal(score === null, verdict === 'unknown');
  if (score !== null) assert.ok(score >= 0 && score <= 100);
  const firing = rules.filter(fires);
  if (verdict === 'ok') {
    assert.deepEqual(firing, []);
    assert.deepEqual(incidents, []);
    assert.equal(score, 100);
  }
  if (reachable) {
    const worst = firing.some((rule) => rule.verdict === 'critical')
      ? 'critical'
      : firing.some((rule) => rule.verdict === 'degraded')
        ? 'degraded'
        : null;
    if (worst) assert.equal(verdict, worst);
    // every rule that speaks is in exactly one incident
    const told = incidents.flatMap((incident) => incident.rules.map(key));
    assert.deepEqual([...firing.map(key)].sort(), told.sort());
  } else assert.ok(verdict === 'unknown' || verdict === 'critical');
  const subjects = incidents.map(({ cause, subject }) => `${cause} ${subject}`);
  // a stream that was alone when its incident began has no name there
  assert.equal(new Set(subjects).size, subjects.length, subjects.join());
  for (const rule of rules) {
    if (rule.value === null) {
      assert.notEqual(rule.verdict, 'ok');
      assert.ok(rule.reason);
    }
    if (rule.verdict === 'ok') assert.equal(rule.threshold, null);
  }
  if (verdict === 'unknown') assert.ok(Object.keys(report.unknown).length > 0);
}

/** Hold the last reading of a rule with levels against those before it. */
function holdsTimes(readings: { atMs: number; report: RuleReport }[], setting: RuleSetting): void {
  const { atMs, report } = readings.at(-1)!;
  const before = readings.at(-2)?.report;
  const { kind } = RULE_FACTS[report.rule];
  if (kind === 'state' || report.rule === 'black') return;
  const rank = (one?: RuleReport) => (!one || one.since === null ? 0 : one.verdict === 'critical' ? 2 : 1);
  const [was, is] = [rank(before), rank(report)];
  const known = (fits: (value: number) => boolean) => {
    // how long it has been so, as far as figures were known
    let sinceMs = atMs;
    for (let i = readings.length - 1; i >= 0; i--) {
      const { value } = readings[i]!.report;
      if (value === null) continue;
      if (!fits(value)) break;
      sinceMs = readings[i]!.atMs;
    }
    return atMs - sinceMs;
  };
  const past = (level: number) => (value: number) =>
    kind === 'below' ? value < level : kind === 'atLeast' ? value >= level : value > level;
  if (is > was) {
    assert.notEqual(report.value, null, 'a rule speaks by a figure');
    const [level, forMs] =
      is === 2 ? [setting.critical!, setting.criticalForMs] : [setting.warn!, setting.warnForMs];
    // silence stands on the time since the reading before
    if (report.rule === 'silent') return;
    assert.ok(known(past(level)) >= forMs, `${report.rule} after ${known(past(level))} of ${forMs} ms`);
  }
  if (was > 0 && is === 0 && report.value !== null) {
    const clear = setting.clear!;
    const heldMs = known((value) => (kind === 'below' ? value >= clear : value <= clear));
    assert.ok(heldMs >= setting.clearMs, `${report.rule} content for ${heldMs} of ${setting.clearMs} ms`);
  }
}
