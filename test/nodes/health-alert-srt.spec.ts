/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call -- a message carries anything */
// The health alert node on an OBS that sends SRT with its recording output: that is a show, and no recording.
import assert from 'node:assert/strict';
import type { HealthReport } from '../../lib/health/types';
import type { SrtWish } from '../../lib/production/srt';
import type { ObsSimulator } from '../../simulators/obs';
import { alerts, HEALTH, report } from './support/health';
import {
  application,
  around,
  badges,
  connectionIs,
  connectionTo,
  heardBy,
  load,
  next,
  settle,
  simulate,
  tearDown,
  waitFor,
  type FlowNode,
} from './support/rig';

const WISH: SrtWish = {
  place: {
    mode: 'caller',
    host: 'studio.example',
    port: 9000,
    latencyMs: 120,
    streamId: '',
    passphrase: '',
    keyLength: null,
  },
  which: { as: 'beside' },
  secondProfile: 'Spare',
  waitForCallerMs: 2_000,
  encoding: { videoKbps: 1_500, audioKbps: 128, keyframeSeconds: 2 },
  confirmMs: 500,
};
const WATCHES = {
  ...HEALTH,
  watch: ['stream', 'recording', 'outputs', 'disk'],
  sampleSeconds: '1',
  overrides: { disk: { criticalSeconds: '0', clearSeconds: '0' } },
};

describe('health alert on an OBS that sends SRT beside its stream', function () {
  this.timeout(60_000);
  let obs: ObsSimulator;
  afterEach(tearDown);

  /** An OBS in the advanced mode with a second profile, which sends SRT and nothing else. */
  const sending = async (more: Partial<FlowNode> = {}) => {
    obs = await simulate();
    await load(around({ ...WATCHES, ...more }, connectionTo(obs)));
    await connectionIs('ready');
    const call = (type: string, data: object) => application().client.call(type, { ...data });
    const mode = { parameterCategory: 'Output', parameterName: 'Mode', parameterValue: 'Advanced' };
    await call('CreateProfile', { profileName: 'Spare' });
    await call('SetCurrentProfile', { profileName: 'Rehearsal' });
    await call('SetProfileParameter', mode);
    await call('SetCurrentProfile', { profileName: 'Spare' });
    await call('SetCurrentProfile', { profileName: 'Rehearsal' });
    await application().srt.start(WISH);
    await report(({ outputs }) => outputs.some(({ output, running }) => output === 'srt' && running));
  };
  const samples = () =>
    heardBy('interim')
      .filter(({ topic }) => topic === 'health')
      .map(({ payload }): HealthReport => payload);

  it('is a show, and no recording, from its start to its planned end', async () => {
    await sending();
    await waitFor(() => badges().at(-1) === 'live', { timeoutMs: 10_000 });
    obs.health.figures({ availableDiskSpace: 10 });
    const { alert } = await next('out', () => true, 20_000);
    assert.deepEqual([alert.change, alert.cause], ['opened', 'disk']);
    obs.health.figures({ availableDiskSpace: 90_000 });
    await next('out', (msg) => msg.alert.change === 'recovered', 20_000);
    // long enough for a recording that stands still to be told, if this were one
    await settle(4_000);
    for (const { rules, metrics, unknown } of samples()) {
      assert.equal(metrics.recordingMs, null);
      assert.deepEqual(
        rules.map(({ rule }) => rule).filter((rule) => rule.startsWith('recording')),
        [],
      );
      assert.equal(unknown.recording, undefined);
    }
    const before = alerts().length;
    await application().srt.stop({ as: 'beside' });
    await report(({ outputs }) => outputs.some(({ output, running }) => output === 'srt' && !running));
    await settle(1_500);
    assert.equal(alerts().length, before, 'a planned end is no fault');
    await waitFor(() => badges().at(-1) === 'ready', { message: () => `ready, not ${badges().at(-1)}` });
    // and is judged no longer
    obs.health.figures({ availableDiskSpace: 10 });
    await settle(1_500);
    assert.equal(alerts().length, before);
  });

  it('that ends by itself is told as its end, and is over when it is out again', async () => {
    await sending({ overrides: { srtStopped: { clearSeconds: '0' } } });
    obs.faults.loseServer();
    const { alert, live } = await next('out', () => true, 30_000);
    assert.deepEqual(
      [alert.change, alert.cause, alert.subject, alert.severity, live.output],
      ['opened', 'output', 'srt', 'critical', null],
    );
    assert.deepEqual(
      alert.rules.map(({ rule }: { rule: string }) => rule),
      ['srtStopped'],
    );
    assert.match(alert.title, /Output "srt": it has stopped, and nobody asked for it/);
    assert.equal(badges().at(-1), 'critical');
    obs.faults.restoreServer();
    await application().srt.start(WISH);
    const over = await next('out', (msg) => msg.alert.change === 'recovered', 30_000);
    assert.deepEqual([over.alert.id, over.live.state], [alert.id, 'ok']);
    assert.match(over.payload, /"srt" is on again/);
    assert.equal(alerts().length, 2);
  });

  it('an OBS that goes while it sends is a fault, as in any show', async () => {
    await sending();
    obs.crash();
    const { alert } = await next('out', () => true, 30_000);
    assert.deepEqual([alert.cause, alert.severity], ['connection', 'unknown']);
  });
});
