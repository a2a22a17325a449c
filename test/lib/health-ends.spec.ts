// What ended, and who asked for it: recording, SRT and other outputs, a restart; and what the application says of its program.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PRESETS } from '../../lib/health/types';
import { loops } from '../support';
import { PaperStream, Show } from '../support/show';

const ENDS = ['recordingStopped', 'srtStopped', 'outputStopped'] as const;
const OF = {
  recordingStopped: {
    cause: 'recording',
    severity: 'critical',
    begin: (show: Show) => void show.record(),
    end: (show: Show, expected: boolean | null) => show.endRecording(expected),
    lose: (show: Show) => (show.recording = 'unknown'),
  },
  srtStopped: {
    cause: 'output srt1',
    severity: 'critical',
    begin: (show: Show) => show.output('srt1', true),
    end: (show: Show, expected: boolean | null) => show.output('srt1', false, expected),
    lose: (show: Show) => show.output('srt1', null),
  },
  outputStopped: {
    cause: 'output multicorder',
    severity: 'degraded',
    begin: (show: Show) => show.output('multicorder', true),
    end: (show: Show, expected: boolean | null) => show.output('multicorder', false, expected),
    lose: (show: Show) => show.output('multicorder', null),
  },
};
/** A show in which only what the application itself says of its outputs is watched. */
const showWith = (more: ConstructorParameters<typeof Show>[0] = {}) =>
  new Show({ watch: ['stream', 'recording', 'outputs'], ...more });

describe('health: what ended unasked', () => {
  for (const rule of ENDS) {
    const { cause, severity, begin, end, lose } = OF[rule];
    for (const expected of [false, null]) {
      it(`${rule}, ${expected === null ? 'by nobody knows whom' : 'by nobody'}: at once, once, until it is on again for 5 s`, () => {
        const show = showWith();
        begin(show);
        show.run(20);
        end(show, expected);
        const ended = show.atMs;
        const [[opened], after] = show.until(10);
        assert.deepEqual([after, `${opened!.change} ${opened!.severity}`], [1, `opened ${severity}`]);
        assert.equal(Date.parse(opened!.since), ended);
        assert.match(
          opened!.title,
          expected === null ? /OBS does not say who stopped it/ : /nobody asked for it/,
        );
        assert.deepEqual(show.run(120), []);
        assert.equal(show.monitor.report().verdict, severity);
        begin(show);
        const [[recovered], clear] = show.until(20);
        assert.equal(`${recovered!.change} ${clear}`, 'recovered 6');
        assert.deepEqual(show.told, [`opened ${cause} ${severity}`, `recovered ${cause} ${severity}`]);
        show.run(30);
        assert.equal(show.alerts.length, 2);
      });
    }

    it(`${rule}: an end that somebody asked for is none, and ends what was open`, () => {
      const show = showWith();
      begin(show);
      show.run(5);
      end(show, true);
      show.run(60);
      assert.deepEqual(show.told, []);
      begin(show);
      show.run(5);
      end(show, null);
      show.run(5);
      begin(show);
      show.run(1);
      end(show, true);
      show.run(2);
      assert.deepEqual(
        show.alerts.map(({ change }) => change),
        ['opened', 'recovered'],
      );
    });

    it(`${rule}: what was over before the first reading is nobody's fault; an hour later it is let go`, () => {
      const show = showWith();
      begin(show);
      end(show, null);
      show.run(60);
      assert.deepEqual(show.told, []);
      begin(show);
      show.run(5);
      end(show, false);
      show.run(3_700);
      assert.equal(show.alerts.length, 1);
      assert.equal(show.monitor.report().incidents.length, 0);
    });

    it(`${rule}: not known for a while tells nothing and clears nothing; acknowledged it is let go`, () => {
      const show = showWith();
      begin(show);
      show.run(5);
      lose(show);
      show.run(30);
      assert.deepEqual(show.told, []);
      begin(show);
      show.run(5);
      end(show, null);
      show.run(1);
      lose(show);
      show.run(30);
      assert.equal(show.monitor.report().incidents.length, 1);
      show.monitor.acknowledge(show.atMs);
      show.run(1);
      assert.equal(show.monitor.report().incidents.length, 0);
      assert.equal(show.alerts.length, 1);
    });

    it(`${rule}: an end while nobody could look is told once it is seen, in the incident of the connection if one is open`, () => {
      for (const away of [4, 40]) {
        const show = showWith();
        begin(show);
        show.run(20);
        show.reachable = false;
        show.run(away);
        show.reachable = true;
        end(show, null);
        show.run(30);
        const recording = rule === 'recordingStopped' && away === 40;
        assert.equal(show.alerts.filter(({ change }) => change === 'opened').length, 1, `${away}`);
        assert.equal(show.alerts.at(-1)!.cause, recording ? 'connection' : cause.split(' ')[0]);
      }
    });

    it(`${rule}: an end that somebody asked for as the application went is none`, () => {
      const show = showWith();
      begin(show);
      show.run(5);
      end(show, true);
      show.reachable = false;
      show.run(60);
      show.reachable = true;
      show.run(60);
      assert.deepEqual(
        show.told.filter((one) => !one.includes('connection')),
        [],
      );
    });
  }

  it('a recording that was stopped and begun anew between two readings is on', () => {
    const show = showWith().record();
    show.run(10);
    show.endRecording(null);
    show.record();
    show.run(30);
    assert.deepEqual(show.told, []);
  });

  it('a recording stands still when three readings show it, however often they come', () => {
    for (const [ms, due] of [
      [250, 5_000],
      [1_000, 5_000],
      [2_000, 6_000],
      [5_000, 15_000],
      [30_000, 90_000],
    ] as const) {
      const show = showWith({ watch: ['recording'] }).record();
      for (let i = 0; i < 10; i++) show.step(ms);
      const moved = show.atMs;
      show.grows = false;
      let told = show.step(ms);
      for (let i = 0; i < 40 && told.length === 0; i++) told = show.step(ms);
      assert.deepEqual([show.atMs - moved, told[0]?.rules[0]?.rule], [due, 'recordingStalled'], `${ms}`);
      assert.equal(Date.parse(told[0]!.since), moved);
    }
  });

  it('a clock of whole seconds stands still for a reading: that is nothing', () => {
    const show = showWith({ watch: ['recording'], preset: 'careful' }).record();
    const began = show.atMs;
    for (let i = 0; i < 400; i++) {
      show.recordingMs = Math.floor((show.atMs - began) / 1_000) * 1_000;
      show.grows = false;
      show.step(270);
    }
    assert.deepEqual(show.told, []);
    assert.equal(show.monitor.report().verdict, 'ok', 'a recording that grows is evidence');
  });

  it('by its bytes where it has no clock; unknown with its reason where it has neither; not while it is paused', () => {
    const show = showWith({ watch: ['recording'] }).record();
    show.recordingMs = null;
    show.run(10);
    assert.equal(show.monitor.report().verdict, 'unknown');
    assert.ok(show.monitor.report().unknown.recording);
    show.recordingBytes = 1;
    show.run(3, () => (show.recordingBytes! += 1));
    assert.equal(show.monitor.report().verdict, 'ok');
    show.recording = 'paused';
    show.run(60);
    assert.deepEqual(show.told, []);
    show.recording = 'recording';
    show.run(10);
    assert.deepEqual(show.told, ['opened recording critical']);
  });
});

describe('health: a show that goes out over SRT alone', () => {
  const sending = (isShow: boolean) => {
    const show = new Show({ watch: ['outputs', 'recording', 'disk'] });
    show.output('srt', true, null, isShow);
    show.freeDiskMegabytes = 10;
    return show;
  };
  const stop = (show: Show, expected: boolean | null) => show.output('srt', false, expected, true);

  it('is judged, where its being on is a show; and no longer once it has stopped', () => {
    const show = sending(true);
    show.run(60);
    assert.deepEqual(show.told, ['opened disk critical']);
    assert.deepEqual(show.rule('recordingStalled'), undefined, 'nothing records');
    assert.equal(show.monitor.report().metrics.recordingMs, null);
    stop(show, true);
    show.run(60);
    assert.deepEqual(show.told, ['opened disk critical', 'recovered disk critical']);
    assert.match(show.alerts[1]!.text, /nothing is live or recording/);
    const idle = sending(false);
    idle.run(60);
    assert.deepEqual(idle.told, []);
  });

  it('is still one while nobody can say whether it runs, and was one as the application went', () => {
    const show = sending(true);
    show.run(30);
    show.output('srt', null, null, true);
    show.run(60);
    assert.deepEqual(show.told, ['opened disk critical']);
    show.reachable = false;
    show.run(60);
    assert.deepEqual(show.told.slice(1), ['opened connection unknown', 'worsened connection critical']);
    show.reachable = true;
    show.output('srt', false, null, true);
    show.run(60);
    assert.equal(show.alerts.at(-1)!.cause, 'disk', 'nothing is on any more, and its SRT has not come back');
    assert.ok(show.monitor.report().incidents[0]!.rules.some(({ rule }) => rule === 'srtStopped'));
    const vmix = sending(false);
    vmix.run(30);
    vmix.reachable = false;
    vmix.run(60);
    assert.deepEqual(vmix.told, []);
  });

  it('that was stopped as somebody wished before the application went is no fault', () => {
    const show = sending(true);
    show.freeDiskMegabytes = 90_000;
    show.run(30);
    stop(show, true);
    show.reachable = false;
    show.run(60);
    assert.deepEqual(show.told, []);
  });
});

describe('health: a restart', () => {
  const everything = () => {
    const show = showWith();
    show.streams = [new PaperStream('stream1'), new PaperStream('stream2')];
    for (const stream of show.streams) stream.live(show.atMs);
    show.record();
    for (const output of ['srt1', 'srt2', 'external', 'multicorder']) show.output(output, true);
    show.run(30);
    return show;
  };

  it('is one incident, however much ran, and over when all of it is back', () => {
    const show = everything();
    show.restart();
    show.run(30);
    assert.deepEqual(show.told, ['opened connection critical']);
    const [opened] = show.alerts;
    assert.match(opened!.title, /OBS has been started anew while something ran/);
    assert.match(opened!.detail, /stream1: .*stream2: .*recording: .*srt1: .*multicorder: /s);
    assert.deepEqual(opened!.rules.map(({ rule }) => rule).sort(), [
      'outputStopped',
      'outputStopped',
      'recordingStopped',
      'restarted',
      'srtStopped',
      'srtStopped',
      'unexpectedStop',
      'unexpectedStop',
    ]);
    for (const stream of show.streams) stream.live(show.atMs);
    show.record();
    for (const output of ['srt1', 'srt2', 'external']) show.output(output, true);
    show.run(30);
    assert.equal(show.alerts.length, 1, 'not without the last of them');
    show.output('multicorder', true);
    show.run(30);
    assert.deepEqual(show.told, ['opened connection critical', 'recovered connection critical']);
  });

  it('that took long is the incident of the connection', () => {
    const show = everything();
    show.reachable = false;
    show.run(40);
    show.restart();
    show.reachable = true;
    show.run(60);
    assert.deepEqual(show.told, ['opened connection unknown', 'worsened connection critical']);
  });

  it('of one that ran nothing, or before the first reading, is none', () => {
    const show = showWith();
    show.restartedAtMs = show.atMs - 1_000;
    show.run(30);
    assert.deepEqual(show.told, []);
  });
});

describe('health: what the application says of its program', () => {
  it('faded to black counts while a stream is live, and from then on', () => {
    const show = new Show({ watch: ['faded'], when: 'always' });
    show.onProgram = { ...show.onProgram!, fadeToBlack: true };
    show.record();
    show.run(120);
    assert.deepEqual(show.told, []);
    show.stream.live(show.atMs);
    const [[opened], after] = show.until(60);
    assert.deepEqual([opened!.cause, opened!.severity, after], ['picture', 'degraded', 11]);
    assert.match(opened!.title, /faded to black/);
    show.stream.end(show.atMs, true);
    show.run(30);
    assert.deepEqual(show.told, ['opened picture degraded', 'recovered picture degraded']);
    assert.match(show.alerts.at(-1)!.text, /ended with the stream/);
  });

  it('muted and silent are one fault; offline and a dropped call are one', () => {
    const show = new Show({ watch: ['silent', 'muted', 'offline'] });
    show.peakDb = -12;
    show.begin();
    show.onProgram = { ...show.onProgram!, masterMuted: true, offline: true, callConnected: false };
    show.peakDb = -100;
    show.run(60);
    assert.deepEqual(show.told.sort(), [
      'opened program critical',
      'opened sound degraded',
      'worsened sound critical',
    ]);
    const program = show.alerts.find(({ cause }) => cause === 'program');
    assert.match(program!.detail, /"Camera" has had no source/);
  });

  it('readings a minute apart tell it as well', () => {
    const show = new Show({ watch: ['faded', 'muted'] }).begin();
    show.onProgram = { ...show.onProgram!, fadeToBlack: true, masterMuted: true };
    for (let i = 0; i < 3; i++) show.step(60_000);
    assert.deepEqual(show.told.sort(), ['opened picture critical', 'opened sound critical']);
  });

  it('a meter that is read now and then says nothing of the time between', () => {
    const silentFor = (readings: number) => {
      const show = new Show({ watch: ['silent'] });
      show.peakDb = -12;
      show.soundReadings = readings;
      show.begin();
      show.peakDb = -100;
      return show.until(60)[1];
    };
    assert.equal(silentFor(20), 10);
    assert.equal(silentFor(1), 11);
  });

  it('figures that can be about nothing now are no unknown verdict', () => {
    const show = new Show({ watch: ['recording', 'computer'] }).record();
    show.missing = ['fps', 'cpuPercent', 'skippedFrames', 'missedFrames'];
    show.run(20);
    assert.equal(show.monitor.report().verdict, 'unknown');
    show.hasStatistics = false;
    show.run(2);
    assert.equal(show.monitor.report().verdict, 'ok');
    assert.equal(show.rule('fps'), undefined);
    show.hasStatistics = true;
    show.fps = 10;
    show.missing = ['cpuPercent', 'skippedFrames', 'missedFrames'];
    show.run(20);
    assert.deepEqual(show.told, ['opened computer critical']);
    show.hasStatistics = false;
    show.run(2);
    assert.deepEqual(show.told.at(-1), 'recovered computer critical');
  });
});

describe('health: planned ends', () => {
  type Act = (show: Show) => void;
  const pick = <T>(...values: T[]) => fc.constantFrom(...values);
  const acts: fc.Arbitrary<Act> = fc.oneof(
    pick<Act>(
      (show) => show.recording === 'idle' && show.record(),
      (show) => show.recording === 'recording' && show.endRecording(true),
      (show) => (show.recording = show.recording === 'recording' ? 'paused' : show.recording),
      (show) => (show.recording = show.recording === 'paused' ? 'recording' : show.recording),
    ),
    fc.tuple(pick('srt1', 'srt2', 'external', 'multicorder'), fc.boolean()).map(
      ([output, on]): Act =>
        (show) =>
          show.output(output, on, true),
    ),
    fc.tuple(pick(0, 1), fc.boolean()).map(([at, on]): Act => (show) => {
      const stream = show.streams[at]!;
      if (on && stream.state === 'idle') stream.live(show.atMs);
      if (!on && stream.state === 'live') stream.end(show.atMs, true);
    }),
    pick<Act>(
      (show) => (show.reachable = true),
      (show) => (show.reachable = !show.reachable),
    ),
  );
  const script = fc.array(
    fc.record({ act: acts, readings: pick(1, 1, 2, 4, 8), ms: pick(250, 1_000, 2_000, 5_000) }),
    { minLength: 5, maxLength: 60 },
  );

  it('never alert, in whatever order they come, seen or not', () => {
    fc.assert(
      fc.property(pick(...PRESETS), script, (preset, steps) => {
        const show = showWith({ preset });
        show.streams = [new PaperStream('stream1'), new PaperStream('stream2')];
        for (const { act, readings, ms } of steps) {
          act(show);
          for (let i = 0; i < readings; i++) show.step(ms);
        }
        const ends = show.alerts.flatMap(({ rules }) => rules.map(({ rule }) => rule));
        assert.deepEqual(
          ends.filter((rule) => rule !== 'unreachable'),
          [],
        );
      }),
      { numRuns: loops(600, 150) },
    );
  });
});
