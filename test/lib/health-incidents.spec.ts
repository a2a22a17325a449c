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
    for (const up of [12, 20, 30, 40]) {
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

describe('health incidents: the application does not answer', () => {
  it('while live: unknown at once, told after 10 s, critical after 30 s, over 5 s after it answers', () => {
    const show = new Show().begin(60);
    show.reachable = false;
    show.run(1);
    const report = show.monitor.report();
    assert.equal(report.verdict, 'unknown');
    assert.equal(report.score, null);
    assert.equal(report.unknown.connection, 'OBS is not running');
    const [[opened], seconds] = show.until(60);
    assert.equal(
      `${brief(opened!)} ${opened!.verdict} ${opened!.score}`,
      'opened connection unknown unknown null',
    );
    assert.equal(seconds, 10);
    const [[worsened], more] = show.until(60);
    assert.equal(
      `${brief(worsened!)} ${worsened!.verdict} ${worsened!.score}`,
      'worsened connection critical critical 0',
    );
    assert.equal(more, 20);
    show.run(120);
    assert.equal(show.alerts.length, 2);
    show.reachable = true;
    const [[recovered], back] = show.until(60);
    assert.equal(brief(recovered!), 'recovered connection critical');
    assert.equal(back, 6);
    assert.equal(recovered!.durationMs, 151_000);
    assert.match(recovered!.text, /OBS answers again after 2 min 31 s\./);
    show.run(60);
    assert.equal(show.monitor.report().verdict, 'ok');
    assert.equal(show.alerts.length, 3);
  });

  it('not live before: unknown, and no incident', () => {
    for (const state of ['idle', 'starting', 'stopping'] as const) {
      const show = new Show();
      show.run(5);
      show.stream.state = state;
      show.run(1);
      show.reachable = false;
      show.run(600);
      assert.deepEqual(show.told, []);
      assert.equal(show.monitor.report().verdict, 'unknown');
    }
    const never = new Show();
    never.reachable = false;
    never.run(600);
    assert.deepEqual(never.told, []);
    assert.equal(never.monitor.report().verdict, 'unknown');
  });

  it('a recording counts as much as a stream, and what did not come back is said', () => {
    for (const recording of ['recording', 'paused'] as const) {
      const show = new Show();
      show.recording = recording;
      show.run(30);
      show.reachable = false;
      show.run(60);
      assert.deepEqual(show.told, ['opened connection unknown', 'worsened connection critical']);
      show.reachable = true;
      show.recording = 'idle';
      show.run(10);
      assert.equal(show.told[2], 'recovered connection critical');
      assert.match(show.alerts[2]!.text, /recording that ran before has not come back/);
    }
  });

  it('crashed while live, back and not live: the same incident until it is live again', () => {
    for (const told of [true, false]) {
      const show = new Show({ reminderMs: 600_000 }).begin(60);
      show.reachable = false;
      show.run(90);
      show.reachable = true;
      // the first readings know nothing of the stream
      show.stream.state = 'unknown';
      show.run(7);
      assert.equal(show.alerts.length, 2);
      if (told) show.stream.end(show.atMs, null);
      else show.stream.state = 'idle';
      show.run(400);
      assert.deepEqual(show.told, ['opened connection unknown', 'worsened connection critical']);
      assert.equal(show.monitor.report().verdict, 'critical');
      assert.deepEqual(
        show.monitor
          .report()
          .incidents.map(({ cause, rules }) => `${cause} ${rules.map(({ rule }) => rule).join()}`),
        ['connection unexpectedStop'],
      );
      show.stream.state = 'starting';
      show.run(10);
      assert.equal(show.alerts.length, 2);
      show.stream.live(show.atMs);
      const [[recovered], seconds] = show.until(60);
      assert.equal(brief(recovered!), 'recovered connection critical');
      assert.equal(seconds, 6);
      assert.equal(recovered!.id, show.alerts[0]!.id);
      show.run(60);
      assert.equal(show.alerts.length, 3);
    }
  });

  it('away for less than 10 s and no longer live: a stream that stopped unasked', () => {
    const show = new Show().begin(60);
    show.reachable = false;
    show.run(6);
    show.reachable = true;
    show.stream.end(show.atMs, null);
    assert.deepEqual(show.run(1).map(brief), ['opened stream critical']);
  });

  it('stopped as planned while nobody could look: no fault of the stream', () => {
    const show = new Show().begin(60);
    show.reachable = false;
    show.run(40);
    show.reachable = true;
    show.stream.end(show.atMs, true);
    show.run(30);
    assert.deepEqual(show.told, [
      'opened connection unknown',
      'worsened connection critical',
      'recovered connection critical',
    ]);
    assert.equal(show.monitor.report().verdict, 'ok');
  });

  it('a connection that comes and goes is one incident', () => {
    const show = new Show().begin(60);
    for (let round = 0; round < 40; round++) {
      show.reachable = false;
      show.run(12);
      show.reachable = true;
      show.run(4);
    }
    show.run(30);
    assert.deepEqual(show.told, ['opened connection unknown', 'recovered connection unknown']);
  });

  it('one clean reconnect of the connection is nothing', () => {
    const show = new Show().begin(60);
    show.reachable = false;
    show.run(4);
    show.reachable = true;
    show.stream.state = 'unknown';
    show.run(2);
    show.stream.state = 'live';
    show.run(60);
    assert.deepEqual(show.told, []);
    assert.equal(show.monitor.report().verdict, 'ok');
  });

  it('what is open is held: not judged, not cleared, not reminded of', () => {
    const show = new Show({ reminderMs: 60_000 }).begin(60);
    show.stream.droppedPercent = 20;
    show.run(30);
    assert.deepEqual(show.told, ['opened stream critical']);
    show.reachable = false;
    show.run(8);
    assert.equal(show.monitor.report().verdict, 'unknown');
    assert.equal(show.monitor.report().incidents.length, 1);
    show.run(300);
    assert.deepEqual(new Set(show.alerts.slice(1).map(({ cause }) => cause)), new Set(['connection']));
    show.reachable = true;
    show.stream.droppedPercent = 0;
    show.run(60);
    assert.deepEqual(show.told.slice(-2), ['recovered connection critical', 'recovered stream critical']);
  });

  it('a stream that was reconnecting when the application died and comes back idle stays one open incident', () => {
    const show = new Show().begin(60);
    show.stream.state = 'reconnecting';
    show.run(20);
    show.reachable = false;
    show.run(60);
    show.reachable = true;
    show.stream.end(show.atMs, null);
    show.run(60);
    const stillOpen = show.monitor.report().incidents.map(({ cause }) => cause);
    assert.deepEqual(stillOpen, ['stream']);
    assert.equal(show.monitor.report().verdict, 'critical');
    assert.match(show.alerts.at(-1)!.text, /Still wrong: Stream:/);
  });
});

describe('health incidents: reminders, snooze, acknowledge', () => {
  const wrong = (reminderMs = 60_000): Show => {
    const show = new Show({ reminderMs, overrides: only('cpu') }).begin(60);
    show.cpuPercent = 85;
    show.run(40);
    assert.deepEqual(show.told, ['opened computer degraded']);
    return show;
  };

  it('reminds again and again, and never with 0', () => {
    const show = wrong();
    const openedMs = Date.parse(show.alerts[0]!.at);
    show.run(300);
    assert.deepEqual(
      show.alerts.map(({ change, at }) => `${change} ${(Date.parse(at) - openedMs) / 1_000}`),
      ['opened 0', 'reminder 60', 'reminder 120', 'reminder 180', 'reminder 240', 'reminder 300'],
    );
    assert.match(show.alerts[1]!.text, /Still so/);
    const silent = wrong(0);
    silent.run(3_000);
    assert.equal(silent.alerts.length, 1);
  });

  it('does not remind of what only waits for its clear time', () => {
    const show = wrong(30_000);
    show.run(19);
    show.cpuPercent = 10;
    show.run(14);
    assert.equal(show.alerts.length, 1);
    show.run(10);
    assert.deepEqual(show.told, ['opened computer degraded', 'recovered computer degraded']);
  });

  it('a snooze holds everything back and tells what is still wrong when it ends', () => {
    const show = new Show({ reminderMs: 60_000, overrides: only('cpu') }).begin(60);
    assert.deepEqual(show.monitor.snooze(600_000, show.atMs), []);
    assert.equal(show.monitor.status().snoozedUntil, new Date(show.atMs + 600_000).toISOString());
    show.cpuPercent = 85;
    show.run(300);
    show.cpuPercent = 99;
    show.run(299);
    assert.deepEqual(show.told, []);
    assert.equal(show.monitor.report().verdict, 'critical');
    show.run(1);
    assert.deepEqual(show.told, ['opened computer critical']);
    assert.equal(show.monitor.status().snoozedUntil, null);
    show.run(60);
    assert.equal(show.told[1], 'reminder computer critical');
  });

  it('what began and ended in a snooze is never told; the end of what was told is', () => {
    const show = wrong();
    show.monitor.snooze(600_000, show.atMs);
    show.run(120);
    show.cpuPercent = 20;
    show.run(60);
    assert.deepEqual(show.told, ['opened computer degraded', 'recovered computer degraded']);
    show.cpuPercent = 99;
    show.run(60);
    show.cpuPercent = 20;
    show.run(120);
    show.run(600);
    assert.equal(show.alerts.length, 2);
  });

  it('a snooze can be ended and tells at once; worse in a snooze is told after it', () => {
    const show = wrong();
    show.monitor.snooze(3_600_000, show.atMs);
    show.cpuPercent = 99;
    show.run(100);
    assert.equal(show.alerts.length, 1);
    const told = show.monitor.snooze(0, show.atMs + 400);
    assert.deepEqual(told.map(brief), ['worsened computer critical']);
    assert.equal(show.monitor.status().snoozedUntil, null);
    assert.deepEqual(show.monitor.snooze(0, show.atMs + 500), []);
  });

  it('a reminder that was due in a snooze is told when it ends', () => {
    const show = wrong();
    show.monitor.snooze(300_000, show.atMs);
    show.run(299);
    assert.equal(show.alerts.length, 1);
    show.run(1);
    assert.deepEqual(show.told.slice(1), ['reminder computer degraded']);
  });

  it('acknowledged: no reminders, but worse and the end are told', () => {
    const show = wrong();
    assert.deepEqual(show.monitor.acknowledge(show.atMs), []);
    assert.equal(show.monitor.report().incidents[0]!.acknowledged, true);
    show.run(600);
    assert.equal(show.alerts.length, 1);
    show.cpuPercent = 99;
    show.run(60);
    assert.deepEqual(show.told.slice(1), ['worsened computer critical']);
    show.run(600);
    assert.equal(show.alerts.length, 2);
    show.cpuPercent = 20;
    show.run(60);
    assert.deepEqual(show.told.slice(2), ['recovered computer critical']);
    // a new one is not acknowledged
    show.cpuPercent = 99;
    show.run(120);
    assert.deepEqual(show.told.slice(3, 5), ['opened computer critical', 'reminder computer critical']);
  });

  it('acknowledged within a snooze: not told when it ends', () => {
    const show = new Show({ reminderMs: 60_000, overrides: only('cpu') }).begin(60);
    show.monitor.snooze(300_000, show.atMs);
    show.cpuPercent = 85;
    show.run(100);
    show.monitor.acknowledge(show.atMs);
    show.run(400);
    assert.deepEqual(show.told, []);
    // getting worse is the first that is told of it
    show.cpuPercent = 99;
    show.run(60);
    assert.deepEqual(show.told, ['opened computer critical']);
  });

  it('acknowledging an end lets it go in silence', () => {
    const show = new Show({ reminderMs: 60_000 }).begin(60);
    show.stream.end(show.atMs, false);
    show.run(70);
    assert.deepEqual(show.told, ['opened stream critical', 'reminder stream critical']);
    assert.deepEqual(show.monitor.acknowledge(show.atMs), []);
    assert.equal(show.monitor.report().verdict, 'ok');
    show.run(600);
    assert.equal(show.alerts.length, 2);
    assert.deepEqual(show.monitor.report().incidents, []);
    assert.equal(show.monitor.history().incidents.length, 1);
  });

  it('acknowledging a crash that left nothing live lets it go too', () => {
    const show = new Show().begin(60);
    show.reachable = false;
    show.run(60);
    show.reachable = true;
    show.stream.end(show.atMs, null);
    show.run(60);
    show.monitor.acknowledge(show.atMs);
    show.run(60);
    assert.deepEqual(show.told, ['opened connection unknown', 'worsened connection critical']);
    assert.equal(show.monitor.report().verdict, 'ok');
  });

  it('before the first reading there is nothing to tell', () => {
    const { monitor } = new Show();
    assert.deepEqual(monitor.acknowledge(BEGIN), []);
    assert.deepEqual(monitor.snooze(1_000, BEGIN), []);
    assert.notEqual(monitor.status().snoozedUntil, null);
    assert.deepEqual(monitor.snooze(0, BEGIN), []);
    assert.equal(monitor.report().verdict, 'unknown');
    assert.equal(monitor.report().at, null);
    assert.deepEqual(monitor.history().samples, []);
  });
});
