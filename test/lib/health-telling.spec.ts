// What is told of an incident, and what is held back: reminders, snooze, acknowledge.
import assert from 'node:assert/strict';
import { BEGIN, Show, brief, only } from '../support/show';

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
