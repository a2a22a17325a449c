// Streams of any application: started to a target and seen there, found running, failed, stopped, overtaken, and by others.
import assert from 'node:assert/strict';
import type { SomeStreamsFailed } from '../../../lib/production/some-streams-failed';
import { waitFor } from '../../support';
import { rejected } from '../drive';
import { capability } from './play';
import { byAnybody, connected, disconnected, gone, type Opened, type Stage } from './stage';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const STARTED = [
  'alreadyRunning',
  'bitrateKbps',
  'confirmed',
  'server',
  'service',
  'startedAt',
  'state',
  'streams',
  'target',
];
const FAILED = [
  'VMIX_STREAM_NOT_ON',
  'VMIX_STREAM_DROPPED',
  'STREAM_CONNECT_FAILED',
  'STREAM_FLAPPING',
  'STREAM_START_TIMEOUT',
  'STREAM_UNSTABLE',
];

async function keyArrives(stage: Stage, key: string): Promise<void> {
  if ((await stage.received()) === null) return;
  await waitFor(async () => (await stage.received())?.includes(key), { message: 'the stream to arrive' });
}
async function nothingArrives(stage: Stage): Promise<void> {
  await waitFor(async () => !(await stage.runs('stream')), { message: 'the stream to be off' });
  await waitFor(async () => ((await stage.received()) ?? []).length === 0, { message: 'nothing to arrive' });
}
function saysNoKey(stage: Stage, { events, log }: Opened, ...more: unknown[]): void {
  assert.ok(!JSON.stringify([events, log, more]).includes(stage.key), 'somewhere the key is told');
}
/** What a start was rejected with, where the application has one stream or several. */
function codesOf(fault: Error & { code?: string }): string[] {
  const { streams } = fault as SomeStreamsFailed;
  return streams ? streams.map(({ error }) => error?.code ?? '') : [fault.code ?? ''];
}

capability('a stream', ['streams'], (scenario) => {
  scenario('is confirmed live, arrives, and is stopped', async (stage) => {
    const opened = await stage.open();
    const { app, told, names } = opened;
    assert.equal(app.streams!.state(), 'idle');
    const started = await app.streams!.start(stage.to(stage.good));
    for (const name of STARTED) assert.ok(name in started, name);
    assert.deepEqual(
      [started.state, started.target, started.confirmed, started.alreadyRunning],
      ['live', 'good', true, false],
    );
    assert.equal(started.server, stage.good.server);
    assert.match(started.startedAt ?? '', ISO);
    const [one, ...others] = started.streams;
    assert.deepEqual(others, []);
    assert.deepEqual([one?.output, one?.state, one?.error], [stage.stream, 'live', undefined]);
    assert.equal(app.streams!.state(), 'live');
    await keyArrives(stage, stage.key);
    const live = await told('stream_started');
    assert.deepEqual(
      [live.expected, live.output, live.state, live.previous],
      [true, stage.stream, 'live', 'starting'],
    );
    const stopped = await app.streams!.stop();
    assert.deepEqual([stopped.state, stopped.wasRunning], ['idle', true]);
    assert.deepEqual(
      stopped.streams.map(({ output, state, wasRunning }) => ({ output, state, wasRunning })),
      [{ output: stage.stream, state: 'idle', wasRunning: true }],
    );
    const ended = await told('stream_stopped');
    assert.deepEqual([ended.expected, ended.output, ended.state], [true, stage.stream, 'idle']);
    assert.ok(ended.previous === 'stopping' || ended.previous === 'live', String(ended.previous));
    assert.deepEqual(names(), ['stream_starting', 'stream_started', 'stream_stopped']);
    await nothingArrives(stage);
    assert.equal(app.streams!.state(), 'idle');
    saysNoKey(stage, opened, started, stopped);
  });

  scenario('that nothing has to stop is well', async (stage) => {
    const { app, names } = await stage.open();
    const stopped = await app.streams!.stop();
    assert.deepEqual([stopped.state, stopped.wasRunning, stopped.final], ['idle', false, null]);
    assert.deepEqual(names(), []);
  });

  scenario('that is live already is found running, and nothing is touched', async (stage) => {
    const { app, names } = await stage.open();
    await app.streams!.start(stage.to(stage.good));
    await keyArrives(stage, stage.key);
    const again = await app.streams!.start(stage.to(stage.good));
    assert.deepEqual(
      [again.state, again.alreadyRunning, again.confirmed, again.target],
      ['live', true, true, 'good'],
    );
    await rejected(app.streams!.start(stage.to(stage.other)), 'STREAM_LIVE_ELSEWHERE', 'STREAM_SOME_FAILED');
    assert.equal(app.streams!.state(), 'live');
    assert.deepEqual(names(), ['stream_starting', 'stream_started']);
    await keyArrives(stage, stage.key);
    const moved = await app.streams!.start(stage.to(stage.other, { ifLiveElsewhere: 'restart' }));
    assert.deepEqual([moved.alreadyRunning, moved.target], [false, 'other']);
    await keyArrives(stage, stage.other.key);
    await app.streams!.stop();
    await nothingArrives(stage);
    assert.deepEqual(
      names().filter((name) => name !== 'stream_starting'),
      ['stream_started', 'stream_stopped', 'stream_started', 'stream_stopped'],
    );
  });

  scenario('asked for twice at once is started once', async (stage) => {
    const { app, names } = await stage.open();
    const start = () => app.streams!.start(stage.to(stage.good));
    const [one, two] = await Promise.all([start(), start()]);
    assert.deepEqual(one, two);
    await app.streams!.stop();
    assert.deepEqual(names(), ['stream_starting', 'stream_started', 'stream_stopped']);
  });

  scenario('that nothing takes fails, and is no stop', async (stage) => {
    const opened = await stage.open();
    const { app, told, names } = opened;
    const fault = await app.streams!.start(stage.to(stage.refused)).then(
      () => assert.fail('started to nowhere'),
      (error: Error) => error,
    );
    assert.ok(
      codesOf(fault).every((one) => FAILED.includes(one)),
      codesOf(fault).join(),
    );
    const failed = await told('stream_failed');
    assert.deepEqual(
      [failed.output, failed.state, failed.previous, failed.expected],
      [stage.stream, 'idle', 'starting', false],
    );
    assert.deepEqual(names(), ['stream_starting', 'stream_failed']);
    await nothingArrives(stage);
    assert.equal(app.streams!.state(), 'idle');
    saysNoKey(stage, opened, fault, fault.message, fault.stack);
  });

  scenario('whose key is not taken fails, never was live, and is stopped again', async (stage) => {
    const { app, told, names } = await stage.open();
    const fault = await app.streams!.start(stage.to(stage.denied, { confirmMs: 5000 })).then(
      () => assert.fail('started with a wrong key'),
      (error: Error) => error,
    );
    assert.ok(
      codesOf(fault).every((one) => FAILED.includes(one)),
      codesOf(fault).join(),
    );
    await told('stream_failed');
    // OBS tries again, and says so
    assert.deepEqual(
      names().filter((name) => name !== 'stream_reconnecting'),
      ['stream_starting', 'stream_failed'],
    );
    await nothingArrives(stage);
  });

  scenario('that is stopped while it starts is not live afterwards', async (stage) => {
    const { app, told, names } = await stage.open();
    const start = app.streams!.start(stage.to(stage.good, { confirmMs: 20_000 }));
    start.catch(() => undefined);
    await told('stream_starting');
    const began = performance.now();
    app.cancelStarts('stream');
    const stopped = await app.streams!.stop();
    assert.equal(stopped.state, 'idle');
    const fault = await start.then(
      () => assert.fail('the start did not hear of the stop'),
      (error: Error) => error,
    );
    assert.ok(performance.now() - began < 15_000, 'the start was waited for');
    assert.deepEqual(codesOf(fault), ['STREAM_START_CANCELLED']);
    await nothingArrives(stage);
    assert.equal(app.streams!.state(), 'idle');
    assert.ok(!names().includes('stream_started'), names().join());
  });

  scenario('that somebody at the machine starts and stops is told as theirs', async (stage) => {
    const opened = await stage.open();
    const { app, told } = opened;
    await stage.machine.startStream();
    const live = await told('stream_started');
    assert.equal(live.output, stage.stream);
    assert.equal(live.expected, byAnybody(stage));
    assert.equal(app.streams!.state(), 'live');
    await stage.machine.stopStream();
    const ended = await told('stream_stopped');
    assert.equal(ended.output, stage.stream);
    assert.equal(ended.expected, byAnybody(stage));
    assert.equal(app.streams!.state(), 'idle');
    saysNoKey(stage, opened);
  });

  scenario('that somebody at the machine started can be stopped here', async (stage) => {
    const { app, told } = await stage.open();
    await stage.machine.startStream();
    await told('stream_started');
    const stopped = await app.streams!.stop();
    assert.equal(stopped.wasRunning, true);
    assert.equal((await told('stream_stopped')).expected, true);
    await nothingArrives(stage);
  });

  scenario('is told by every connection, and asked for by one', async (stage) => {
    const [one, two] = [await stage.open(), await stage.open()];
    await one.app.streams!.start(stage.to(stage.good));
    await two.told('stream_started');
    await two.app.streams!.stop();
    for (const { told } of [one, two]) await told('stream_stopped');
    assert.deepEqual(one.names(), ['stream_starting', 'stream_started', 'stream_stopped']);
    assert.ok(
      two.names().filter((name) => name === 'stream_started').length === 1 &&
        two.names().filter((name) => name === 'stream_stopped').length === 1,
      two.names().join(),
    );
  });

  scenario('that runs when the connection opens is present, and not told', async (stage) => {
    await stage.machine.startStream();
    const { app, names } = await stage.open();
    assert.equal(app.streams!.state(), 'live');
    assert.deepEqual(names(), []);
    const [present, ...others] = app.events
      .present()
      .filter(({ output, state }) => output === stage.stream && state === 'live');
    assert.deepEqual(
      [present?.event, present?.cause, present?.expected],
      ['stream_started', 'startup', null],
    );
    assert.deepEqual(others, []);
    await app.streams!.stop();
  });

  scenario('that was live when the application went is told as ended once it is back', async (stage) => {
    const { app, told, names, events } = await stage.open();
    await app.streams!.start(stage.to(stage.good));
    await told('stream_started');
    await stage.machine.crash();
    const lost = await told(disconnected(stage));
    assert.equal(lost.payload.stream, 'live');
    assert.equal(app.streams!.state(), 'unknown');
    await rejected(app.streams!.stop(), ...gone(stage));
    await rejected(app.streams!.start(stage.to(stage.good)), ...gone(stage));
    assert.deepEqual(names(), ['stream_starting', 'stream_started']);
    const from = events.length;
    await stage.machine.comeBack();
    await told(connected(stage), { from, timeoutMs: 60_000 });
    const ended = await told('stream_stopped', { from });
    assert.deepEqual([ended.cause, ended.state, ended.output], ['resync', 'idle', stage.stream]);
    assert.notEqual(ended.expected, true);
    assert.equal(app.streams!.state(), 'idle');
    // nothing of the old one is in the way
    assert.equal((await app.streams!.start(stage.to(stage.good))).confirmed, true);
    await app.streams!.stop();
  });

  scenario('whose application goes while it starts fails once, and at once', async (stage) => {
    const { app, told, names, events } = await stage.open();
    const start = app.streams!.start(stage.to(stage.good, { confirmMs: 20_000 }));
    start.catch(() => undefined);
    await told('stream_starting');
    const began = performance.now();
    await stage.machine.crash();
    const fault = await start.then(
      () => assert.fail('the start did not hear of the loss'),
      (error: Error) => error,
    );
    assert.ok(performance.now() - began < 10_000, 'not at once');
    for (const one of codesOf(fault)) assert.match(one, /^(OBS|VMIX)_(DISCONNECTED|REFUSED|NOT_CONNECTED)$/);
    const from = events.length;
    await stage.machine.comeBack();
    await told(connected(stage), { from, timeoutMs: 60_000 });
    await waitFor(() => app.streams!.state() === 'idle');
    assert.ok(!names().includes('stream_started'), names().join());
  });

  scenario('is closed at once in each of its states', async (stage) => {
    const starting = await stage.open();
    const start = starting.app.streams!.start(stage.to(stage.good, { confirmMs: 20_000 }));
    start.catch(() => undefined);
    await starting.told('stream_starting');
    await starting.closeQuickly();
    await assert.rejects(start);
    const live = await stage.open();
    await live.app.streams!.start(stage.to(stage.good));
    const stop = live.app.streams!.stop();
    stop.catch(() => undefined);
    await live.closeQuickly();
    const last = await stage.open();
    await last.app.streams!.stop();
    await nothingArrives(stage);
  });
});
