// What the media server gets, held beside what the application sends.
import assert from 'node:assert/strict';
import type { HealthOptions } from '../../lib/health/types';
import { Show } from '../support/show';

const BLANK = 'the page is blank';

/** A show whose stream a media server gets, and which is asked. */
function received(options: Partial<HealthOptions> = {}): Show {
  const show = new Show({ watch: ['stream', 'receiver'], ...options });
  show.serverAnswers = true;
  return show;
}

describe('what the media server gets', () => {
  it('is a figure of its own, and as much as is sent', () => {
    const show = received().begin(30);
    const { verdict, metrics, unknown } = show.monitor.report();
    assert.equal(verdict, 'ok');
    assert.equal(Math.round(metrics.receivedKbps!), 6000);
    assert.equal(Math.round(metrics.receivedPercent!), 100);
    assert.equal('receivedKbps' in unknown, false);
  });

  it('is told when it is less than what is sent: OBS says 6000, the server gets 900', () => {
    const show = received().begin(40);
    const [told, seconds] = show.until(60, () => (show.receivedPart = 0.15));
    assert.equal(told.length, 1);
    assert.equal(told[0]!.cause, 'receiver');
    assert.equal(told[0]!.severity, 'critical');
    assert.ok(seconds >= 10 && seconds <= 25, `after ${seconds} s`);
    show.run(15, () => (show.receivedPart = 0.15));
    const rule = show.rule('received')!;
    assert.equal(Math.round(rule.value!), 15);
    assert.match(told[0]!.detail, /OBS says 6000 kbps, the server gets \d+ \(\d+ %\)/);
    const [back] = show.until(60, () => (show.receivedPart = 1));
    assert.equal(back[0]!.change, 'recovered');
    assert.match(back[0]!.text, /The media server gets the stream again/);
  });

  it('says nothing where the application itself sends less', () => {
    const show = received().begin(40);
    show.stream.kbps = 900;
    show.run(40);
    assert.deepEqual(
      show.alerts.map(({ cause }) => cause).filter((cause) => cause === 'receiver'),
      [],
    );
    assert.equal(show.rule('bitrate')!.verdict, 'critical');
    assert.equal(show.rule('received')!.verdict, 'ok');
  });

  it('is critical where the server has no such stream, and only once the stream is judged', () => {
    const show = received();
    show.receivedPart = null;
    show.begin(8);
    assert.deepEqual(show.told, []);
    const [told] = show.until(30);
    assert.equal(told[0]!.rules[0]!.rule, 'notReceived');
    assert.equal(told[0]!.severity, 'critical');
    assert.match(told[0]!.title, /the media server does not get the stream/);
  });

  it('is unknown, and so is the verdict, while the page of the server is blank', () => {
    const show = received().begin(30);
    show.serverAnswers = false;
    show.run(30);
    const { verdict, metrics, unknown } = show.monitor.report();
    assert.equal(verdict, 'unknown');
    assert.equal(metrics.receivedKbps, null);
    assert.equal(unknown.receivedKbps, BLANK);
    assert.equal(unknown.receiver, BLANK);
    assert.deepEqual(show.alerts, [], 'a page that cannot be read is no fault of the stream');
    show.serverAnswers = true;
    show.run(30);
    assert.equal(show.monitor.report().verdict, 'ok');
  });

  it('an open incident stays open while the server cannot be asked', () => {
    const show = received().begin(40);
    show.receivedPart = 0.15;
    show.until(60);
    show.serverAnswers = false;
    show.run(60);
    assert.equal(show.monitor.report().incidents.length, 1);
    assert.equal(show.alerts.length, 1);
  });

  it('gives numbers where the application has none, held against what was normal at first', () => {
    const show = received();
    show.stream.missing = ['bytes', 'frames', 'droppedFrames', 'congestion', 'targetKbps'];
    show.begin(60);
    assert.equal(Math.round(show.monitor.report().metrics.receivedPercent!), 100);
    const [told] = show.until(60, () => (show.receivedPart = 0.3));
    assert.equal(told[0]!.cause, 'receiver');
    assert.equal(Math.round(show.monitor.report().metrics.receivedKbps! / 600) <= 10, true);
  });

  it('goes on being known while the application is away, and is held against nothing', () => {
    const show = received().begin(40);
    show.reachable = false;
    show.run(8);
    const { metrics } = show.monitor.report();
    assert.equal(Math.round(metrics.receivedKbps!), 6000);
    assert.equal(metrics.receivedPercent, null);
  });

  it('ends with the stream', () => {
    const show = received().begin(40);
    show.receivedPart = 0.15;
    show.until(60);
    show.stream.end(show.atMs, true);
    show.receivedPart = null;
    const told = show.run(30);
    assert.equal(told.at(-1)!.change, 'recovered');
    assert.equal(show.monitor.report().incidents.length, 0);
  });

  it('says that nobody is asked where no media server is chosen', () => {
    const show = new Show().begin(30);
    const { metrics, unknown } = show.monitor.report();
    assert.equal(metrics.receivedKbps, null);
    assert.equal(unknown.receivedKbps, 'no media server is asked');
    assert.deepEqual(
      show.monitor.report().rules.filter(({ rule }) => rule === 'received'),
      [],
    );
  });
});
