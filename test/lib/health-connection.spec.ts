// An application that does not answer: unknown, not well and not down, and one fault until the show is live again.
import assert from 'node:assert/strict';
import { Show, brief } from '../support/show';

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

  it('a show that was ended as somebody wished, and OBS closed before the next reading: no incident', () => {
    const streamed = new Show().begin(60);
    streamed.stream.end(streamed.atMs + 200, true);
    streamed.reachable = false;
    streamed.run(600);
    assert.deepEqual(streamed.told, []);
    const recorded = new Show();
    recorded.recording = 'recording';
    recorded.run(60);
    recorded.recording = 'idle';
    recorded.reachable = false;
    recorded.run(600);
    assert.deepEqual(recorded.told, []);
  });

  it('an end that nobody wished, as it went, is the fault it was', () => {
    const show = new Show().begin(60);
    show.stream.end(show.atMs + 200, false);
    show.reachable = false;
    show.run(60);
    assert.deepEqual(show.told, ['opened connection unknown', 'worsened connection critical']);
  });

  it('reminds three times of one that stays away, and not all night', () => {
    const show = new Show({ reminderMs: 300_000 }).begin(60);
    show.reachable = false;
    show.run(8 * 3_600);
    assert.deepEqual(show.told.slice(2), Array(3).fill('reminder connection critical'));
    assert.equal(show.monitor.report().verdict, 'critical');
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
