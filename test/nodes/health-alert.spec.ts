/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call -- a message carries anything */
// The health alert node in Node-RED: what it tells, what it answers. The rules themselves are tested in test/lib.
import assert from 'node:assert/strict';
import { leases } from '../../red/leases';
import type { ObsSimulator } from '../../simulators/obs';
import {
  application,
  around,
  badges,
  connectionIs,
  connectionTo,
  heardBy,
  load,
  logged,
  next,
  refuse,
  send,
  sentTypes,
  settle,
  simulate,
  tearDown,
  waitFor,
  type FlowNode,
  type Msg,
} from './support/rig';
import { alerts, HEALTH, QUICK, report } from './support/health';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe('health alert', () => {
  let obs: ObsSimulator;
  beforeEach(async () => {
    obs = await simulate();
  });
  afterEach(tearDown);

  const live = async (more: Partial<FlowNode> = {}, ...others: FlowNode[]) => {
    await load(around({ ...HEALTH, ...more }, connectionTo(obs), ...others));
    await connectionIs('ready');
    await application().streams.start({ target: null, confirmMs: 100 });
  };
  const answer = async (payload: unknown, more: Msg = {}) => {
    const before = heardBy('interim').length;
    send({ payload, ...more });
    return next(
      'interim',
      (msg) => heardBy('interim').indexOf(msg) >= before && msg.live.action !== 'health',
    );
  };

  it('one fault, one message: it opens, it is over, and every other node hears of it', async () => {
    const hears: FlowNode = {
      id: 'hears',
      type: 'live-event',
      z: 'tab',
      x: 1,
      y: 1,
      application: 'obs',
      obs: 'studio',
      source: 'show',
      events: ['health_alert', 'health_recovered'],
      filters: [],
      limit: '100',
      wires: [['heard']],
    };
    await live(QUICK, hears, { id: 'heard', type: 'test-sink', z: 'tab', x: 1, y: 1 });
    obs.faults.loseServer();
    const opened = await next('out');
    assert.equal(opened.alert.change, 'opened');
    assert.equal(opened.topic, opened.alert.subjectLine);
    assert.equal(opened.payload, opened.alert.text);
    assert.match(opened.payload, /Studio/, 'the text says which OBS');
    assert.ok(!('attachments' in opened));
    assert.equal(opened.alert.pictureMissing, null);
    const { at, ...rest } = opened.live;
    assert.match(at, ISO);
    assert.deepEqual(rest, {
      event: 'health_alert',
      state: 'critical',
      previous: 'ok',
      cause: 'poll',
      expected: false,
      application: 'obs',
      connection: { id: 'studio', name: 'Studio' },
      output: 'stream',
    });
    await waitFor(() => badges().at(-1) === 'critical', { timeoutMs: 5_000 });
    // what it does meanwhile, reconnecting without data or bitrate, is the same fault
    await settle(1_500);
    assert.deepEqual(
      alerts().map(({ change }) => change),
      ['opened'],
    );
    obs.faults.restoreServer();
    const over = await next('out', ({ alert }) => alert.change === 'recovered', 15_000);
    assert.equal(over.alert.id, opened.alert.id);
    assert.deepEqual(
      [over.live.event, over.live.state, over.live.previous],
      ['health_recovered', 'ok', 'critical'],
    );
    assert.ok(over.alert.durationMs > 1_000);
    assert.deepEqual(
      heardBy('heard').map(({ topic }) => topic),
      ['health_alert', 'health_recovered'],
    );
    const [told] = heardBy('heard') as [Msg];
    assert.equal(told.payload.title, opened.alert.title);
    assert.equal(told.live.state, 'critical');
    assert.equal(heardBy('caught').length, 0);
  });

  it('sends samples, the first at once, and its badge says the verdict', async () => {
    // the figures of the stream begin to count 10 s later
    await live({ sampleSeconds: '1', watch: ['disk'] });
    const sample = await next('interim', ({ payload }) => payload.verdict === 'ok', 20_000);
    assert.equal(sample.topic, 'health');
    assert.match(sample.payload.at, ISO);
    const { tookMs, ...rest } = sample.live;
    assert.equal(typeof tookMs, 'number');
    assert.deepEqual(rest, {
      action: 'health',
      application: 'obs',
      connection: { id: 'studio', name: 'Studio' },
      output: null,
      state: 'ok',
      confirmedBy: 'application',
    });
    assert.equal(badges().at(-1), 'live');
    const [before, began] = [heardBy('interim').length, performance.now()];
    await waitFor(() => heardBy('interim').length >= before + 3);
    const afterMs = performance.now() - began;
    assert.ok(afterMs > 1_800, `3 samples in ${afterMs} ms`);
    assert.equal(heardBy('out').length, 0);
  });

  it('answers on output 2, on the very message', async () => {
    await live();
    await waitFor(() => sentTypes(obs, 'GetStats').length >= 2);
    const current = await answer(' Current ', { topic: 'mine', own: 1 });
    assert.deepEqual([current.topic, current.own], ['mine', 1]);
    assert.equal(current.live.action, 'health-current');
    for (const property of ['verdict', 'score', 'at', 'unknown', 'metrics', 'rules', 'incidents'])
      assert.ok(property in current.payload, property);
    const history = await answer('history');
    assert.ok(Array.isArray(history.payload.samples));
    const status = await answer('status');
    assert.deepEqual(status.payload.watching, HEALTH.watch);
    assert.equal(status.payload.preset, 'standard');
    assert.equal(status.payload.snoozedUntil, null);
    const snoozed = await answer('snooze 10');
    assert.equal(snoozed.live.action, 'health-snooze');
    const untilMs = Date.parse(snoozed.payload.snoozedUntil) - Date.now();
    assert.ok(untilMs > 590_000 && untilMs < 601_000, String(untilMs));
    assert.equal((await answer('snooze 0')).payload.snoozedUntil, null);
    assert.equal((await answer('ack')).live.action, 'health-ack');
    assert.equal(heardBy('out').length, 0);
    await waitFor(() => heardBy('completed').length === 6);
  });

  it('a snooze holds a fault back until it ends, and an ack is seen in the incident', async () => {
    await live(QUICK);
    await waitFor(() => sentTypes(obs, 'GetStats').length >= 2);
    await answer('snooze 10');
    obs.faults.loseServer();
    await waitFor(async () => (await answer('current')).payload.incidents.length === 1, {
      timeoutMs: 10_000,
    });
    assert.equal(heardBy('out').length, 0, 'held back');
    await answer('snooze 0');
    const { alert } = await next('out');
    assert.equal(alert.change, 'opened');
    const acknowledged = await answer('ack');
    assert.equal(acknowledged.payload.incidents[0].acknowledged, true);
  });

  it('answers before OBS was ever there: unknown', async () => {
    await obs.close();
    await load(around({ ...HEALTH, sampleSeconds: '1' }, connectionTo(obs)));
    const current = await answer('current');
    assert.deepEqual([current.payload.verdict, current.payload.score], ['unknown', null]);
    assert.deepEqual([current.live.state, current.live.confirmedBy], ['unknown', null]);
    assert.equal((await report(() => true)).payload.verdict, 'unknown');
    assert.equal(heardBy('out').length, 0, 'nothing was live, so nothing is wrong');
  });

  it('anything else is a coded error that names what there is', async () => {
    await live();
    for (const payload of ['now', 7, true, { action: 'current' }, ['current'], null, '', undefined]) {
      const { error } = await refuse({ payload }, 'ACTION_UNKNOWN');
      assert.match(error.message, /It knows: current, history, status, snooze 10, ack\./);
    }
    for (const payload of ['snooze', 'snooze soon', 'snooze -1', 'snooze 1441', 'snooze 10 minutes']) {
      const { error } = await refuse({ payload }, 'INPUT_INVALID');
      assert.match(error.message, /number of minutes from 0 to 1440/);
    }
  });

  it('OBS gone while live: told as unknown, then as critical, without waiting for a picture; it still answers', async () => {
    await live({
      attachPicture: true,
      overrides: { unreachable: { warnSeconds: '0', criticalSeconds: '1' } },
    });
    await waitFor(() => sentTypes(obs, 'GetStats').length >= 2);
    await obs.close();
    await waitFor(() => application().status().state !== 'ready');
    const opened = await next('out');
    assert.deepEqual([opened.alert.cause, opened.alert.severity], ['connection', 'unknown']);
    assert.match(opened.alert.pictureMissing, /not connected|lost/);
    const worse = await next('out', ({ alert }) => alert.change === 'worsened');
    assert.deepEqual([worse.live.state, worse.live.previous], ['critical', 'unknown']);
    const current = await waitFor(async () => {
      const msg = await answer('current');
      return msg.payload.verdict === 'critical' ? msg : null;
    });
    assert.equal(current.payload.metrics.cpuPercent, null);
    assert.deepEqual([current.live.state, current.live.confirmedBy], ['critical', null]);
    assert.ok(['waiting', 'disconnected', 'connecting'].includes(badges().at(-1)!), badges().join());
    await answer('history');
    await answer('status');
  });

  it('what cannot be is told at the deploy and to whoever asks', async () => {
    const wrong: [Partial<FlowNode>, string, RegExp][] = [
      [{ watch: ['weather'] }, 'CONFIG_INVALID', /watch: "weather" is none of/],
      [{ watch: ['media'], media: ' , ' }, 'CONFIG_INVALID', /no media input is named/],
      [{ preset: 'loud' }, 'CONFIG_INVALID', /preset/],
      [{ sampleSeconds: 'often' }, 'CONFIG_INVALID', /samples: "often"/],
      [{ bitrateKbps: '${NO_SUCH_BITRATE}' }, 'CONFIG_ENV_MISSING', /NO_SUCH_BITRATE/],
      [{ overrides: { dropped: { warn: 'much' } } }, 'CONFIG_INVALID', /"much" is no number/],
      [{ overrides: { dropped: { warn: '9' } } }, 'CONFIG_INVALID', /critical/],
      [{ overrides: { weather: { warn: '9' } } }, 'CONFIG_INVALID', /weather/],
      [{ obs: '' }, 'CONNECTION_MISSING', /No connection/],
    ];
    for (const [more, code, says] of wrong) {
      await load(around({ ...HEALTH, ...more }, connectionTo(obs)));
      const { error } = await refuse({ payload: 'current' }, code);
      assert.match(error.message, says);
      assert.equal(badges().at(-1), 'misconfigured');
      assert.ok(more.obs === '' || logged().some(({ text }) => says.test(text)), 'the log says it too');
      await tearDown();
      obs = await simulate();
    }
  });

  it('reads its values from the environment', async () => {
    process.env.HEALTH_SAMPLES = '1';
    process.env.HEALTH_SECONDS = '0';
    process.env.HEALTH_MEDIA = 'Clip, "One, two"';
    try {
      await live({
        sampleSeconds: '${HEALTH_SAMPLES}',
        watch: ['stream', 'media'],
        media: '${HEALTH_MEDIA}',
        overrides: { reconnecting: { criticalSeconds: '${HEALTH_SECONDS}', clearSeconds: '0' } },
      });
      const { payload } = await report(({ rules }) => rules.some(({ subject }) => subject === 'One, two'));
      assert.ok(payload.rules.some(({ subject }: { subject: string }) => subject === 'Clip'));
      obs.faults.loseServer();
      await next('out', ({ alert }) => alert.cause === 'stream');
    } finally {
      for (const name of ['SAMPLES', 'SECONDS', 'MEDIA']) delete process.env[`HEALTH_${name}`];
    }
  });

  it('says sim in a rehearsal', async () => {
    const rehearsal: FlowNode = {
      id: 'studio',
      type: 'live-obs-connection',
      name: '',
      connectTo: 'rehearsal',
    };
    await load(around({ ...HEALTH, sampleSeconds: '1' }, rehearsal));
    const { payload } = await report((found) => found.verdict === 'ok');
    assert.equal(payload.incidents.length, 0);
    assert.equal(badges().at(-1), 'sim ready');
  });

  it('leaves nothing behind', async () => {
    await live(QUICK);
    assert.equal(leases.size, 2);
    await tearDown();
    assert.equal(leases.size, 0);
    const calls = obs.calls.length;
    await settle(1_200);
    assert.equal(obs.calls.length, calls);
  });
});
