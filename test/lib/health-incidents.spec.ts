// One fault, one incident: what belongs together is told together, and what ends as planned is no fault.
import assert from 'node:assert/strict';
import { BEGIN, PaperStream, Show, brief, only } from '../support/show';

describe('health incidents: the stream', () => {
  it('a key that is refused: endless reconnects are one incident, and end with the stream', () => {
    const show = new Show();
    show.run(5);
    show.stream.state = 'starting';
    let second = 0;
    // measured: RECONNECTING and RECONNECTED every 2.2 s, for ever; never confirmed live
    for (; second < 300; second++) {
      show.stream.state = second % 2 ? 'starting' : 'reconnecting';
      if (second % 2) show.stream.reconnects++;
      show.step();
    }
    assert.deepEqual(show.told, ['opened stream critical']);
    assert.ok(Date.parse(show.alerts[0]!.at) - BEGIN <= 15_000, 'three reconnects are enough');
    assert.match(show.alerts[0]!.text, /stream key is probably wrong/);
    show.stream.end(show.atMs, true, true);
    show.run(30);
    assert.deepEqual(show.told, ['opened stream critical', 'recovered stream critical']);
    assert.match(show.alerts[1]!.text, /it ended with the stream/);
    assert.equal(show.monitor.report().verdict, 'ok');
  });

  for (const [down, up] of [
    [2, 4],
    [5, 5],
    [4, 9],
    [12, 8],
    [6, 12],
    [3, 18],
  ] as const)
    it(`a reconnect storm, ${down} s away and ${up} s back for five minutes: one incident`, () => {
      const show = new Show().begin(60);
      while (show.atMs < BEGIN + 360_000) {
        show.stream.state = 'reconnecting';
        show.run(down);
        show.stream.live(show.atMs);
        show.run(up);
      }
      const [[recovered]] = show.until(120);
      assert.deepEqual(show.told, ['opened stream critical', 'recovered stream critical']);
      assert.ok(recovered!.durationMs > 280_000);
      show.run(300);
      assert.equal(show.alerts.length, 2);
    });

  it('a storm with pauses that count as well: two incidents at most', () => {
    for (const up of [20, 30, 40]) {
      const show = new Show().begin(60);
      for (let round = 0; round < 20; round++) {
        show.stream.state = 'reconnecting';
        show.run(6);
        show.stream.live(show.atMs);
        show.run(up);
      }
      const opened = show.alerts.filter(({ change }) => change === 'opened').length;
      assert.ok(opened <= 2, `${opened} with ${up} s between`);
    }
  });

  it('the server dies, reconnecting, given up, stopped: one incident, over when it is live again', () => {
    const show = new Show().begin(60);
    const cut = show.atMs;
    // what leaves the computer fades before OBS notices
    show.stream.kbps = 0;
    show.run(8);
    show.stream.state = 'reconnecting';
    show.run(60);
    show.stream.end(show.atMs, false);
    show.run(120);
    assert.deepEqual(show.told, ['opened stream critical']);
    assert.equal(show.monitor.report().verdict, 'critical');
    assert.equal(show.monitor.report().score, 0);
    show.stream.state = 'starting';
    show.run(5);
    show.stream.kbps = 6_000;
    show.stream.live(show.atMs);
    const [[recovered], seconds] = show.until(60);
    assert.equal(brief(recovered!), 'recovered stream critical');
    assert.ok(seconds <= 11, `${seconds}`);
    assert.ok(Math.abs(recovered!.durationMs - (show.atMs - seconds * 1_000 - cut)) < 3_000);
    const rules = recovered!.rules.map(({ rule }) => rule);
    assert.ok(rules.includes('unexpectedStop') && rules.includes('reconnecting'), rules.join());
    show.run(60);
    assert.equal(show.alerts.length, 2);
  });

  it('bitrate, then no data, then reconnecting: still one, worse when it gets worse', () => {
    const show = new Show().begin(60);
    show.stream.kbps = 3_600;
    show.run(30);
    assert.deepEqual(show.told, ['opened stream degraded']);
    show.stream.kbps = 0;
    show.run(10);
    assert.deepEqual(show.told.slice(1), ['worsened stream critical']);
    show.stream.state = 'reconnecting';
    show.run(30);
    show.stream.kbps = 6_000;
    show.stream.live(show.atMs);
    show.run(60);
    assert.deepEqual(show.told.slice(2), ['recovered stream critical']);
    assert.equal(new Set(show.alerts.map(({ id }) => id)).size, 1);
    // the figures were not judged for 10 s after the reconnect, then had to be well for their clear time
    assert.equal(show.alerts[2]!.durationMs > 40_000, true);
  });

  it('after a reconnect and after a start the figures are left alone for 10 s and the delay', () => {
    for (const delayMs of [0, 20_000]) {
      const show = new Show({ watch: ['stream'], overrides: only('bitrate', 'noData', 'congestion') });
      show.stream.delayMs = delayMs;
      show.stream.kbps = 0;
      show.stream.congestion = 1;
      show.stream.live(show.atMs);
      // the last reading of the grace
      show.run(9 + delayMs / 1_000);
      assert.equal(show.monitor.report().verdict, 'unknown');
      assert.match(show.monitor.report().unknown.stream!, /only just begun/);
      const [[opened], seconds] = show.until(60);
      assert.equal(opened!.severity, 'critical');
      // the first that counts is 10 s after the start
      assert.equal(seconds - 1, 5);
    }
  });

  it('a reconnect that nobody counted still begins the stable time anew', () => {
    const show = new Show().begin(60);
    show.stream.state = 'reconnecting';
    show.run(5);
    show.stream.live(show.atMs);
    show.run(8);
    show.stream.liveSinceMs = show.atMs;
    const [[recovered], seconds] = show.until(60);
    assert.equal(recovered!.change, 'recovered');
    assert.equal(seconds, 21);
  });

  it('a fault that ended with its stream is a new one in the next', () => {
    const show = new Show({ overrides: only('congestion', 'unexpectedStop') });
    for (let round = 0; round < 4; round++) {
      show.stream.live(show.atMs);
      show.stream.congestion = 1;
      show.run(30);
      show.stream.end(show.atMs, true);
      show.run(30);
    }
    show.stream.live(show.atMs);
    show.run(30);
    show.stream.congestion = 0;
    // a moment for its mean, and the plain clear time
    assert.ok(show.until(60)[1] <= 15 + 5);
    assert.deepEqual(
      show.alerts.map(({ change }) => change),
      Array.from({ length: 5 }, () => ['opened', 'recovered']).flat(),
    );
  });

  it('a planned stop is nothing', () => {
    for (const stopping of [0, 3, 20]) {
      const show = new Show().begin(120);
      if (stopping) show.stream.state = 'stopping';
      show.run(stopping);
      show.stream.end(show.atMs, true);
      show.run(120);
      assert.deepEqual(show.told, []);
      assert.equal(show.monitor.report().verdict, 'ok');
      assert.equal(show.monitor.report().score, 100);
    }
  });

  it('a planned stop while something is wrong ends it', () => {
    for (const how of ['stopping', 'at once', 'while reconnecting'] as const) {
      const show = new Show().begin(60);
      if (how === 'while reconnecting') show.stream.state = 'reconnecting';
      else show.stream.kbps = 600;
      show.run(30);
      assert.deepEqual(show.told, ['opened stream critical'], how);
      if (how === 'stopping') show.stream.state = 'stopping';
      else show.stream.end(show.atMs, true);
      const told = show.run(1);
      assert.deepEqual(told.map(brief), ['recovered stream critical'], how);
      assert.match(told[0]!.text, /it ended with the stream/);
      show.stream.end(show.atMs, true);
      show.run(300);
      assert.equal(show.alerts.length, 2);
      assert.equal(show.monitor.report().verdict, 'ok');
    }
  });

  it('an unexpected stop is told at once; where nobody can know, only what was live counts', () => {
    for (const expected of [false, null]) {
      const show = new Show().begin(60);
      show.stream.end(show.atMs + 500, expected);
      assert.deepEqual(show.run(1).map(brief), ['opened stream critical']);
      assert.equal(show.alerts[0]!.rules[0]!.rule, 'unexpectedStop');
    }
    const idle = new Show();
    idle.run(10);
    idle.stream.end(idle.atMs + 500, null);
    idle.run(60);
    assert.deepEqual(idle.told, []);
  });

  it('an end that is told a little after the state is the same end', () => {
    for (const [expected, told] of [
      [false, 1],
      [null, 1],
      [true, 0],
    ] as const) {
      const show = new Show().begin(60);
      const ended = show.atMs;
      show.stream.state = 'idle';
      show.run(3);
      show.stream.lastEnd = { atMs: ended, failed: false, expected };
      show.run(10);
      assert.equal(show.alerts.length, told, String(expected));
    }
  });

  it('a reconnect renews the grace, whether or not the application tells another time of its start', () => {
    for (const renewed of [true, false]) {
      const show = new Show({ watch: ['stream'], overrides: only('congestion') }).begin(60);
      show.stream.congestion = 1;
      show.run(5);
      show.stream.reconnects++;
      if (renewed) show.stream.liveSinceMs = show.atMs + 1_000;
      assert.equal(show.until(60)[1], 1 + 10 + 10, String(renewed));
    }
  });

  it('a start whose time is reckoned anew with each reading is one start', () => {
    const show = new Show({ watch: ['stream'] });
    show.stream.live(show.atMs);
    show.stream.kbps = 600;
    const began = show.atMs;
    const [[opened]] = show.until(
      60,
      (second) => (show.stream.liveSinceMs = began + second * 7 + (second % 3) * 90),
    );
    assert.equal(opened!.severity, 'critical');
  });

  it('a stop that is over within its time is none', () => {
    const show = new Show({ overrides: { unexpectedStop: { criticalForMs: 10_000 } } }).begin(60);
    show.stream.end(show.atMs, false);
    show.run(8);
    show.stream.live(show.atMs);
    show.run(60);
    assert.deepEqual(show.told, []);
  });

  it('a start that fails is told at once, once, and is over when it is live', () => {
    const show = new Show();
    show.run(5);
    show.stream.state = 'starting';
    show.run(2);
    show.stream.end(show.atMs, false, true);
    assert.deepEqual(show.run(1).map(brief), ['opened stream critical']);
    assert.equal(show.alerts[0]!.rules[0]!.rule, 'startFailed');
    show.run(60);
    // and again
    show.stream.state = 'starting';
    show.run(2);
    show.stream.end(show.atMs, false, true);
    show.run(60);
    assert.equal(show.alerts.length, 1);
    show.stream.live(show.atMs);
    const [[recovered], seconds] = show.until(30);
    assert.equal(recovered!.change, 'recovered');
    assert.equal(seconds, 6);
  });

  it('a start that somebody called off is nothing', () => {
    const show = new Show();
    show.run(5);
    show.stream.state = 'starting';
    show.run(3);
    show.stream.end(show.atMs, true, false);
    show.run(60);
    assert.deepEqual(show.told, []);
  });

  it('what ended before the first reading is nobody’s fault', () => {
    for (const failed of [true, false]) {
      const show = new Show();
      show.stream.end(BEGIN - 5_000, false, failed);
      show.run(60);
      assert.deepEqual(show.told, []);
      assert.equal(show.monitor.report().verdict, 'ok');
      // the same end, told again after an application that could not say
      const { lastEnd } = show.stream;
      show.stream.lastEnd = null;
      show.run(5);
      show.stream.lastEnd = lastEnd;
      show.run(5);
      assert.deepEqual(show.told, []);
    }
  });

  it('an end is told for an hour at most, with three reminders, and goes in silence', () => {
    const show = new Show({ reminderMs: 300_000 }).begin(60);
    show.stream.end(show.atMs, false);
    show.run(3_590);
    assert.deepEqual(show.told, [
      'opened stream critical',
      'reminder stream critical',
      'reminder stream critical',
      'reminder stream critical',
    ]);
    assert.equal(show.monitor.report().verdict, 'critical');
    show.run(60);
    assert.equal(show.alerts.length, 4);
    assert.equal(show.monitor.report().verdict, 'ok');
    assert.equal(show.monitor.history().incidents.length, 1);
    // live and gone again is a new one
    show.stream.live(show.atMs);
    show.run(60);
    show.stream.end(show.atMs, false);
    show.run(5);
    assert.equal(show.told[4], 'opened stream critical');
    assert.notEqual(show.alerts[4]!.id, show.alerts[0]!.id);
  });

  it('a stream that is started anew before anybody could see it off is nothing', () => {
    const show = new Show().begin(60);
    show.stream.end(show.atMs + 200, false);
    show.stream.live(show.atMs + 800);
    show.run(60);
    assert.deepEqual(show.told, []);
  });
});

describe('health incidents: several causes', () => {
  it('a computer that cannot keep up sends less: one incident', () => {
    const show = new Show().begin(60);
    show.skippedPercent = 60;
    show.fps = 12;
    show.cpuPercent = 99;
    show.stream.kbps = 2_000;
    show.run(120);
    assert.deepEqual(show.told, ['opened computer critical']);
    const [incident] = show.monitor.report().incidents;
    assert.deepEqual(incident!.rules.map(({ rule }) => rule).sort(), ['bitrate', 'cpu', 'fps', 'skipped']);
    // 50 for the computer, 60 for the bitrate
    assert.equal(show.monitor.report().score, 0);
    show.skippedPercent = 0;
    show.fps = 30;
    show.cpuPercent = 50;
    show.run(60);
    assert.equal(show.alerts.length, 1, 'the bitrate still is too low');
    show.stream.kbps = 6_000;
    show.run(60);
    assert.deepEqual(show.told, ['opened computer critical', 'recovered computer critical']);
  });

  it('a bitrate that falls while the stream has its own incident belongs to the stream', () => {
    const show = new Show().begin(60);
    show.stream.congestion = 1;
    show.run(15);
    show.cpuPercent = 99;
    show.run(35);
    show.stream.kbps = 2_000;
    show.run(30);
    const incidents = show.monitor.report().incidents;
    assert.deepEqual(
      incidents.map(({ cause }) => cause),
      ['stream', 'computer'],
    );
    assert.deepEqual(
      incidents[0]!.rules.map(({ rule }) => rule),
      ['congestion', 'bitrate'],
    );
  });

  it('different causes are different incidents, and each recovers for itself', () => {
    const show = new Show().begin(60);
    show.freeDiskMegabytes = 3_000;
    show.cpuPercent = 85;
    show.stream.droppedPercent = 20;
    show.run(60);
    assert.deepEqual(show.told.sort(), [
      'opened computer degraded',
      'opened disk degraded',
      'opened stream critical',
    ]);
    show.stream.droppedPercent = 0;
    const [[recovered]] = show.until(60);
    assert.equal(recovered!.cause, 'stream');
    assert.match(recovered!.text, /Still wrong: Disk: .*; Computer: /);
    assert.equal(recovered!.verdict, 'degraded');
  });

  it('outside a show computer and disk are not watched, and what was wrong with them is over', () => {
    const show = new Show();
    show.cpuPercent = 99;
    show.freeDiskMegabytes = 10;
    show.run(120);
    assert.deepEqual(show.told, []);
    assert.equal(show.monitor.report().verdict, 'ok');
    show.recording = 'recording';
    show.run(60);
    assert.deepEqual(show.told, ['opened disk critical', 'opened computer critical']);
    show.recording = 'idle';
    show.run(1);
    assert.deepEqual(show.told.slice(2).sort(), ['recovered computer critical', 'recovered disk critical']);
    assert.match(show.alerts[3]!.text, /no longer watched/);
    assert.equal(show.monitor.report().verdict, 'ok');
  });

  it('an application that has just answered is given 10 s before its frames count', () => {
    for (const spoil of ['skippedPercent', 'missedPercent', 'fps'] as const) {
      const show = new Show({ watch: ['computer'] });
      show.stream.live(BEGIN - 3_600_000);
      show[spoil] = spoil === 'fps' ? 10 : 50;
      show.run(10);
      assert.equal(
        show.rule(spoil === 'fps' ? 'fps' : spoil === 'skippedPercent' ? 'skipped' : 'missed')!.verdict,
        'unknown',
      );
      const [[opened], seconds] = show.until(60);
      assert.equal(brief(opened!), 'opened computer critical');
      assert.equal(seconds, (spoil === 'fps' ? 10 : 5) + 1);
      // and again when it was away
      show[spoil] = spoil === 'fps' ? 30 : 0;
      show.run(60);
      show.reachable = false;
      show.run(5);
      show.reachable = true;
      show[spoil] = spoil === 'fps' ? 10 : 50;
      assert.ok(show.until(60)[1] >= 16);
    }
  });

  it('always means always', () => {
    const show = new Show({ when: 'always' });
    show.cpuPercent = 99;
    show.run(60);
    assert.deepEqual(show.told, ['opened computer critical']);
    show.begin(30);
    show.stream.end(show.atMs, true);
    show.run(30);
    assert.equal(show.alerts.length, 1);
    assert.equal(show.monitor.report().verdict, 'critical');
  });

  it('five streams, each with its own incidents', () => {
    const show = new Show({ watch: ['stream'] });
    show.streams = ['1', '2', '3', '4', '5'].map((output) => new PaperStream(output));
    show.streams[0]!.live(show.atMs);
    show.streams[1]!.live(show.atMs);
    show.run(60);
    assert.equal(show.monitor.report().verdict, 'ok');
    show.streams[1]!.kbps = 500;
    show.run(20);
    assert.deepEqual(show.told, ['opened stream 2 critical']);
    show.streams[0]!.end(show.atMs, false);
    show.run(20);
    assert.deepEqual(show.told.slice(1), ['opened stream 1 critical']);
    // another one that goes live ends nothing
    show.streams[2]!.live(show.atMs);
    show.run(60);
    assert.equal(show.alerts.length, 2);
    show.streams[1]!.end(show.atMs, true);
    show.run(1);
    assert.deepEqual(show.told.slice(2), ['recovered stream 2 critical']);
    show.streams[0]!.live(show.atMs);
    show.run(30);
    assert.deepEqual(show.told.slice(3), ['recovered stream 1 critical']);
    const report = show.monitor.report();
    assert.equal(report.verdict, 'ok');
    assert.deepEqual(
      report.metrics.streams.map(({ output, state }) => `${output} ${state}`),
      ['1 live', '2 idle', '3 live', '4 idle', '5 idle'],
    );
    assert.ok('2.bitrateKbps' in report.unknown);
    assert.equal(new Set(show.alerts.map(({ id }) => id)).size, 2);
  });

  it('an output that is no longer listed is held a minute, then let go', () => {
    const show = new Show({ watch: ['stream'] });
    show.streams = [new PaperStream('1'), new PaperStream('2')];
    for (const stream of show.streams) stream.live(show.atMs);
    show.streams[1]!.kbps = 500;
    show.run(30);
    assert.deepEqual(show.told, ['opened stream 2 critical']);
    show.streams.pop();
    show.run(58);
    assert.equal(show.alerts.length, 1);
    show.run(5);
    assert.deepEqual(show.told.slice(1), ['recovered stream 2 critical']);
    assert.equal(show.monitor.report().verdict, 'ok');
  });
});
