// A normal show says nothing; odd readings (late, doubled, empty, huge) make no alert and no false peace.
import assert from 'node:assert/strict';
import { PRESETS, WATCHES, type HealthReport } from '../../lib/health/types';
import type { HealthSample } from '../../lib/production/health';
import { BEGIN, PaperStream, Show } from '../support/show';
import { loops } from '../support';

/** Numbers between 0 and 1 that look random, and are the same each time. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('health of a normal show', () => {
  for (const preset of PRESETS)
    it(`${preset}: an hour with its start, its noise and one clean reconnect tells nothing`, () => {
      for (let seed = 1; seed <= loops(20, 3); seed++) {
        const random = dice(seed * 7_919);
        const show = new Show({ preset, watch: WATCHES, media: ['Intro'], reminderMs: 60_000 });
        const { stream } = show;
        stream.targetKbps = seed % 3 === 0 ? null : 6_000;
        // an application that has run for weeks
        const began = show.atMs;
        show.luma = (index) => 90 + ((index * 31 + Math.floor(show.atMs / 1_000) * 17) % 80);
        show.media = [
          {
            name: 'Intro',
            state: 'playing',
            get cursorMs() {
              return (show.atMs - BEGIN) % 61_000;
            },
            durationMs: 61_000,
          },
        ];
        show.peakDb = -12;
        show.run(20);
        stream.state = 'starting';
        show.run(6);
        stream.live(show.atMs - 5_000);
        stream.bytes = stream.frames = 0;
        show.recording = 'recording';
        let cut = 0;
        let verdicts = 0;
        while (show.atMs < began + 3_600_000) {
          const minute = Math.floor((show.atMs - began) / 60_000);
          // once a slow OBS
          const slow = minute === 20 || minute === 21;
          const ms = slow ? 5_000 + random() * 5_000 : 985 + random() * 40;
          // measured: one-second samples of a steady stream swing by half; a scene cut doubles it and is paid back
          if (random() < 0.01) cut = 3;
          const swing = Math.min(1, 2_000 / ms);
          stream.kbps = 6_000 * (1 + (random() - 0.5) * swing) * (cut === 3 ? 1.6 : cut > 0 ? 0.8 : 1);
          cut = Math.max(0, cut - 1);
          /** a frame or two now and then, however long the reading covers */
          const mishap = () => (random() < 0.005 ? 4_000 / ms : 0);
          stream.fps = 29.5 + random();
          show.fps = 29.5 + random();
          stream.congestion = random() < 0.02 ? random() * 0.7 : random() * 0.1;
          stream.droppedPercent = mishap();
          show.skippedPercent = mishap();
          show.missedPercent = mishap();
          show.cpuPercent = random() < 0.01 ? 92 : 25 + random() * 30;
          show.freeDiskMegabytes = 90_000 - (show.atMs - began) / 200;
          show.clippedPercent = random() < 0.02 ? 4 : 0;
          // once a clean reconnect of its connection
          if (minute === 40 && show.reachable && show.atMs % 60_000 < 1_000) {
            show.reachable = false;
            show.run(3);
            show.reachable = true;
            stream.state = 'unknown';
            show.run(2);
            stream.state = 'live';
          }
          // the loudest of all that time: the longer, the surer somebody spoke
          show.peakDb = random() < 0.2 ** (ms / 1_000) ? -58 : -30 + random() * 25;
          show.step(ms);
          if (show.monitor.report().verdict === 'ok') verdicts++;
          assert.deepEqual(
            show.alerts.map(({ text }) => text),
            [],
            `seed ${seed}, minute ${minute}`,
          );
        }
        show.clippedPercent = show.skippedPercent = show.missedPercent = 0;
        stream.state = 'stopping';
        show.run(2);
        stream.end(show.atMs, true);
        show.recording = 'idle';
        show.run(60);
        assert.deepEqual(show.told, []);
        assert.ok(verdicts > 3_200, `well for ${verdicts} readings`);
      }
    });

  it('an hour takes a bounded history: rows of 5 s, the worst of each, the last hour alone', () => {
    const show = new Show().begin(60);
    show.cpuPercent = 85;
    show.run(60);
    show.cpuPercent = 30;
    show.run(7_200);
    const { samples, since, incidents } = show.monitor.history();
    assert.ok(samples.length >= 700 && samples.length <= 801, `${samples.length}`);
    assert.equal(since, new Date(show.atMs - 3_600_000).toISOString());
    assert.ok(Date.parse(samples[0]!.at) >= show.atMs - 3_600_000);
    assert.ok(Date.parse(samples.at(-1)!.at) > show.atMs - 6_000);
    assert.deepEqual(incidents, [], 'two hours ago');
    for (let i = 1; i < samples.length; i++) assert.ok(samples[i]!.at > samples[i - 1]!.at);
  });

  it('the history has the figures as they were, and every verdict', () => {
    const show = new Show({ media: ['Intro'], watch: ['stream', 'computer', 'media'] });
    show.media = [{ name: 'Intro', state: 'paused', cursorMs: 1_234, durationMs: null }];
    show.begin(30);
    show.cpuPercent = 85;
    show.run(40);
    // a second stream appears: its rows begin there
    show.streams.push(new PaperStream('srt'));
    show.run(20);
    const { samples, incidents } = show.monitor.history();
    assert.deepEqual([...new Set(samples.map(({ verdict }) => verdict))].sort(), [
      'degraded',
      'ok',
      'unknown',
    ]);
    assert.deepEqual(samples.at(-1)!.metrics, {
      ...show.monitor.report().metrics,
      streams: [
        {
          output: 'stream',
          state: 'live',
          bitrateKbps: 6_000,
          baselineKbps: 6_000,
          droppedPercent: 0,
          congestion: 0.05,
        },
        {
          output: 'srt',
          state: 'idle',
          bitrateKbps: null,
          baselineKbps: null,
          droppedPercent: null,
          congestion: null,
        },
      ],
    });
    assert.equal(samples[2]!.metrics.streams.length, 1);
    assert.deepEqual(samples[2]!.metrics.media, [{ name: 'Intro', state: 'paused', cursorMs: 1_234 }]);
    assert.equal(incidents.length, 1);
    assert.equal(incidents[0]!.until, null);
  });

  it('a short dip between two rows is in the history', () => {
    const show = new Show({ overrides: { fps: { warnForMs: 0, clearMs: 0 } } }).begin(31);
    show.fps = 27;
    show.step();
    show.fps = 30;
    show.run(10);
    assert.ok(show.monitor.history().samples.some(({ verdict }) => verdict === 'degraded'));
  });
});

describe('health: readings that are odd', () => {
  const verdictOf = (show: Show): string => show.monitor.report().verdict;

  it('a slow application, read every 5 to 10 s: measured time, and every rule still works', () => {
    for (const ms of [3_000, 5_000, 7_500, 10_000]) {
      const show = new Show({ watch: ['stream'] });
      show.stream.live(show.atMs);
      while (show.atMs < BEGIN + 120_000) show.step(ms);
      assert.deepEqual(show.told, []);
      assert.equal(verdictOf(show), 'ok');
      const { bitrateKbps, droppedPercent } = show.monitor.report().metrics.streams[0]!;
      assert.equal(Math.round(bitrateKbps!), 6_000);
      assert.equal(droppedPercent, 0);
      show.stream.kbps = 600;
      const bad = show.atMs;
      while (show.alerts.length === 0 && show.atMs < bad + 60_000) show.step(ms);
      assert.equal(show.told[0], 'opened stream critical');
      assert.ok(show.atMs - bad <= 5_000 + 2 * ms + 1_000, `${show.atMs - bad} ms at every ${ms} ms`);
      show.stream.kbps = 6_000;
      const well = show.atMs;
      while (show.alerts.length === 1 && show.atMs < well + 90_000) show.step(ms);
      assert.equal(show.told[1], 'recovered stream critical');
    }
  });

  it('readings at uneven times show the same bitrate', () => {
    const random = dice(5);
    const show = new Show({ watch: ['stream'] }).begin(15);
    for (let i = 0; i < 500; i++) {
      show.step(50 + random() * 4_000);
      const { bitrateKbps } = show.monitor.report().metrics.streams[0]!;
      assert.ok(Math.abs(bitrateKbps! - 6_000) < 1, `${bitrateKbps}`);
    }
    assert.deepEqual(show.told, []);
  });

  it('very many readings: the window is bounded and right', () => {
    const show = new Show({ watch: ['stream'] }).begin(15);
    for (let i = 0; i < 2_000; i++) show.step(7);
    assert.equal(Math.round(show.monitor.report().metrics.streams[0]!.bitrateKbps!), 6_000);
    assert.deepEqual(show.told, []);
    assert.ok(show.monitor.history().samples.length < 20);
  });

  it('the same moment again, a clock that stands still or goes back: nothing happens, nothing breaks', () => {
    const show = new Show({ watch: ['stream', 'computer'] }).begin(30);
    show.cpuPercent = 85;
    for (let i = 0; i < 500; i++) show.step(0);
    assert.deepEqual(show.told, []);
    show.run(29);
    for (let i = 0; i < 50; i++) show.step(-1_000);
    assert.deepEqual(show.told, []);
    assert.equal(show.rule('noData')!.verdict, 'ok');
    show.atMs += 50_000;
    show.run(31);
    assert.deepEqual(show.told, ['opened computer degraded']);
  });

  it('a counter that falls is a counter that began anew: the window is thrown away, and no rate is made of it', () => {
    const show = new Show().begin(30);
    show.stream.bytes = 100;
    show.stream.frames = 3;
    show.step();
    let report: HealthReport = show.monitor.report();
    assert.equal(report.metrics.streams[0]!.bitrateKbps, null);
    assert.match(report.unknown.bitrateKbps!, /count anew/);
    assert.equal(report.rules.find(({ rule }) => rule === 'bitrate')!.verdict, 'unknown');
    assert.equal(report.verdict, 'ok', 'congestion is known');
    show.step();
    report = show.monitor.report();
    assert.equal(report.metrics.streams[0]!.bitrateKbps, 6_000);
    assert.deepEqual(show.run(120), []);
  });

  it('frame counters of the computer that begin anew make no percentage', () => {
    const show = new Show({ watch: ['computer'] }).begin(30);
    const { monitor } = show;
    const sample = show.sample();
    sample.atMs += 1_000;
    Object.assign(sample.statistics, {
      skippedFrames: 0,
      encodedFrames: 10,
      missedFrames: 0,
      renderedFrames: 10,
    });
    monitor.sample(sample);
    assert.equal(monitor.report().metrics.skippedPercent, null);
    assert.equal(monitor.report().metrics.missedPercent, null);
    assert.equal(monitor.report().verdict, 'ok', 'processor and frame rate are known');
  });

  it('readings that were missed: over 15 s apart nothing is carried over', () => {
    const show = new Show({ watch: ['computer'] }).begin(30);
    show.cpuPercent = 99;
    show.run(20);
    show.step(16_000);
    assert.deepEqual(show.told, []);
    assert.equal(show.monitor.report().metrics.skippedPercent, null);
    show.run(29);
    assert.deepEqual(show.told, []);
    show.run(1);
    assert.deepEqual(show.told, ['opened computer critical']);
    // being content begins anew as well
    show.cpuPercent = 20;
    show.run(14);
    show.step(60_000);
    assert.equal(show.alerts.length, 1);
    assert.deepEqual(show.run(15).length, 1);
  });

  it('what lies under 15 s apart is one: a reading that was missed does not begin anew', () => {
    const show = new Show({ watch: ['computer'] }).begin(30);
    show.cpuPercent = 99;
    show.run(20);
    show.step(11_000);
    assert.deepEqual(show.told, ['opened computer critical']);
  });

  it('SRT: no drops and no congestion; well by its bitrate, with the two listed as unknown', () => {
    const show = new Show({ watch: ['stream'] });
    show.stream.missing = ['droppedFrames', 'congestion'];
    const why = 'OBS does not count this for SRT';
    show.stream.unknown = { droppedFrames: why, congestion: why };
    show.begin(30);
    const report = show.monitor.report();
    assert.equal(report.verdict, 'ok');
    assert.equal(report.score, 100);
    assert.deepEqual(
      report.rules
        .filter(({ verdict }) => verdict === 'unknown')
        .map(({ rule, reason }) => `${rule}: ${reason}`),
      [`dropped: ${why}`, `congestion: ${why}`],
    );
    assert.equal(report.unknown.droppedPercent, why);
    assert.equal(report.unknown.congestion, why);
    assert.equal(report.metrics.streams[0]!.droppedPercent, null);
    assert.deepEqual(show.run(600), []);
    show.stream.kbps = 600;
    assert.equal(show.until(60)[0][0]!.change, 'opened');
  });

  it('an application that gives no figure at all: unknown while live, never ok, no score', () => {
    const show = new Show();
    const nothing = () => {
      show.stream.missing = ['bytes', 'frames', 'droppedFrames', 'congestion', 'targetKbps', 'liveSinceMs'];
      show.stream.unknown = { bytes: 'vMix does not tell it' };
      show.missing = Object.keys(show.sample().statistics) as (keyof HealthSample['statistics'])[];
    };
    nothing();
    show.run(10);
    assert.equal(verdictOf(show), 'ok', 'idle and reachable, nothing to watch');
    show.stream.live(show.atMs);
    for (let second = 0; second < 600; second++) {
      show.step();
      const { verdict, score, unknown } = show.monitor.report();
      assert.equal(verdict, 'unknown');
      assert.equal(score, null);
      assert.ok(unknown.computer && unknown.disk);
      assert.match(
        unknown.stream!,
        second < 11 ? /./ : /\(vMix does not tell it\), but that it ends unasked is told/,
      );
      assert.equal(unknown.bitrateKbps, 'vMix does not tell it');
    }
    assert.deepEqual(show.told, []);
    // what it does tell still counts
    show.stream.end(show.atMs, false);
    show.run(5);
    assert.deepEqual(show.told, ['opened stream critical']);
  });

  it('each single figure that is missing is unknown and not well; the others judge on', () => {
    for (const key of [
      'cpuPercent',
      'fps',
      'freeDiskMegabytes',
      'targetFps',
      'skippedFrames',
      'renderedFrames',
    ] as const) {
      const show = new Show();
      show.missing = [key];
      show.begin(60);
      const { verdict, rules, unknown } = show.monitor.report();
      assert.equal(verdict, key === 'freeDiskMegabytes' ? 'unknown' : 'ok', key);
      assert.equal(rules.filter(({ verdict }) => verdict === 'unknown').length, 1, key);
      assert.ok(Object.keys(unknown).length > 0);
      assert.deepEqual(show.told, []);
    }
  });

  it('an empty or broken reading never makes it well, and never breaks it', () => {
    const odd = [
      NaN,
      Infinity,
      -Infinity,
      -1,
      1e300,
      Number.MAX_SAFE_INTEGER,
      null,
      undefined,
      'x',
    ] as never[];
    for (const value of odd)
      for (const when of ['show', 'always'] as const) {
        const show = new Show({ when, watch: WATCHES, media: ['a'] });
        show.luma = () => 100;
        show.peakDb = -10;
        show.begin(30);
        for (let i = 0; i < 40; i++) {
          const sample = show.sample();
          sample.atMs = show.atMs += 1_000;
          for (const key of Object.keys(sample.statistics) as (keyof HealthSample['statistics'])[])
            sample.statistics[key] = value;
          for (const key of [
            'bytes',
            'frames',
            'droppedFrames',
            'congestion',
            'targetKbps',
            'liveSinceMs',
            'delayMs',
            'reconnects',
          ] as const)
            sample.streams[0]![key] = value;
          sample.streams[0]!.lastEnd = { atMs: value, failed: false, expected: null };
          sample.sound = { peakDb: value, clippedPercent: value, readings: 3, heard: [] };
          sample.picture!.atMs = value;
          if (i % 2) sample.picture!.luma = new Uint8Array(0);
          sample.media = [{ name: 'a', state: 'playing', cursorMs: value, durationMs: value }];
          show.monitor.sample(sample);
          const text = JSON.stringify([show.monitor.report(), show.monitor.history(), show.monitor.status()]);
          assert.deepEqual(JSON.parse(text), [
            show.monitor.report(),
            show.monitor.history(),
            show.monitor.status(),
          ]);
        }
        if (!(typeof value === 'number' && Math.abs(value) < Infinity))
          assert.notEqual(verdictOf(show), 'ok', String(value));
      }
  });

  it('a time that is none is ignored', () => {
    const show = new Show().begin(20);
    for (const atMs of [NaN, Infinity, -Infinity, 9e15]) {
      const readings = show.monitor.status().readings;
      assert.deepEqual(show.monitor.sample({ ...show.sample(), atMs }), []);
      assert.equal(show.monitor.status().readings, readings);
    }
    show.monitor.snooze(1e300, show.atMs);
    assert.equal(show.monitor.status().snoozedUntil, null);
    assert.deepEqual(show.run(60), []);
    assert.equal(verdictOf(show), 'ok');
  });

  it('counters as large as they get', () => {
    const show = new Show();
    show.stream.live(show.atMs);
    show.stream.bytes = 8e15;
    show.stream.frames = 4e15;
    show.run(60);
    const { bitrateKbps, droppedPercent } = show.monitor.report().metrics.streams[0]!;
    assert.ok(Math.abs(bitrateKbps! - 6_000) < 10);
    assert.equal(droppedPercent, 0);
    assert.equal(verdictOf(show), 'ok');
  });

  it('what the bitrate should be: set here, else by the encoder, else the median of the first half minute', () => {
    const baseline = (show: Show) => show.monitor.report().metrics.streams[0]!.baselineKbps;
    assert.equal(baseline(new Show({ bitrateKbps: 2_500 }).begin(5)), 2_500);
    assert.equal(baseline(new Show().begin(5)), 6_000);
    const show = new Show({ watch: ['stream'] });
    show.stream.targetKbps = null;
    show.stream.unknown = { targetKbps: 'not told' };
    show.stream.kbps = 3_000;
    show.stream.live(show.atMs);
    show.run(39);
    assert.equal(baseline(show), null);
    assert.match(show.monitor.report().unknown.baselineKbps!, /still being measured/);
    assert.equal(show.rule('bitrate')!.verdict, 'unknown');
    assert.equal(verdictOf(show), 'ok', 'by drops and congestion');
    show.run(2);
    assert.equal(baseline(show), 3_000);
    show.stream.kbps = 600;
    assert.equal(show.until(60)[0][0]!.severity, 'critical');
    // a reconnect is the same stream, a new start is another one
    show.stream.state = 'reconnecting';
    show.run(5);
    show.stream.live(show.atMs);
    show.run(15);
    assert.equal(baseline(show), 3_000);
    show.stream.end(show.atMs, true);
    show.run(5);
    show.stream.live(show.atMs);
    show.run(15);
    assert.equal(baseline(show), null);
  });

  it('a set bitrate wins over the encoder’s', () => {
    const show = new Show({ watch: ['stream'], bitrateKbps: 20_000 }).begin(60);
    assert.equal(show.told[0], 'opened stream critical');
  });

  it('a monitor that begins in the middle of a stream judges at once', () => {
    const show = new Show({ watch: ['stream'] });
    show.stream.live(show.atMs - 3_600_000);
    show.stream.congestion = 1;
    assert.equal(show.until(60)[1], 11);
    assert.equal(show.told[0], 'opened stream critical');
  });
});
