/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call -- a message carries anything */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Check } from '../../lib/preflight/types';
import type { ObsSimulator } from '../../simulators/obs';
import { tempDir } from '../support/temp';
import {
  application,
  around,
  ask,
  badges,
  connectionIs,
  connectionTo,
  heardBy,
  load,
  type FlowNode,
  type Msg,
  refuse,
  refuseUnheard,
  settle,
  simulate,
  tearDown,
  exactly,
  waitFor,
} from './support/rig';

const root = join(__dirname, '..', '..');
const TICKS = ['target', 'live', 'rehearsal', 'folder', 'disk', 'sound', 'picture', 'clock'];
const PREFLIGHT = {
  type: 'live-preflight',
  checks: TICKS,
  target: '',
  diskWarn: '1',
  diskFail: '0.5',
  profile: '',
  collection: '',
  scenes: '',
  sources: '',
  mustSound: '',
  timeServer: '',
  ffmpegPath: '',
  ifUnknown: 'warn',
  ifAway: 'answer',
};

const results = (msg: Msg): Record<string, string> =>
  Object.fromEntries(msg.payload.checks.map(({ id, result }: Check) => [id, result]));
const check = (msg: Msg, id: string): Check => msg.payload.checks.find((one: Check) => one.id === id);

describe('preflight', () => {
  let obs: ObsSimulator;
  beforeEach(async () => {
    obs = await simulate({ recordFolder: tempDir('recordings') });
  });
  afterEach(tearDown);

  const ready = async (node: object = {}, connection: object = {}) => {
    await load(around({ ...PREFLIGHT, ...node }, connectionTo(obs, connection)));
    await connectionIs('ready');
  };

  it('answers ready with its list, passes the message on, and says so on its badge', async () => {
    await ready({ mustSound: 'Microphone', scenes: 'Live, Break', sources: 'Camera' });
    await waitFor(() => badges().at(-1) === 'unknown', { message: 'no claim before it was asked' });
    const msg = await ask({ payload: 'well?', topic: 'mine', scene: 'stray' });
    assert.equal(msg.topic, 'mine');
    assert.deepEqual(Object.keys(msg.payload), ['ready', 'checks']);
    assert.equal(msg.payload.ready, true, JSON.stringify(msg.payload.checks, null, 1));
    for (const one of msg.payload.checks) {
      assert.deepEqual(Object.keys(one), ['id', 'result', 'message', 'advice']);
      assert.equal(one.result === 'ok', one.advice === null, JSON.stringify(one));
      assert.ok(one.message.length > 5 && !/undefined|null|NaN|\[object/.test(one.message), one.message);
    }
    const { tookMs, ...live } = msg.live;
    assert.ok(tookMs >= 0 && tookMs < 8000);
    assert.deepEqual(live, {
      action: 'preflight',
      application: 'obs',
      connection: { id: 'studio', name: 'Studio' },
      output: null,
      state: 'ready',
      confirmedBy: 'application',
    });
    assert.match(msg.report.subject, /^Studio: ready \(/);
    assert.equal(msg.report.counts.failed, 0);
    await exactly('completed', 1);
  });

  it('lists only what is ticked or named', async () => {
    await ready({ checks: [] });
    assert.deepEqual(results(await ask({})), { connection: 'ok' });
    await tearDown();
    obs = await simulate();
    await ready({ checks: ['live'], profile: 'Other', collection: 'Rehearsal' });
    assert.deepEqual(results(await ask({})), {
      connection: 'ok',
      profile: 'failed',
      collection: 'ok',
      live: 'ok',
      recording: 'ok',
    });
    await waitFor(() => badges().at(-1) === 'failed');
  });

  it('an OBS that is away is an answer: not ready, and the rest not known', async () => {
    await ready({ checks: [...TICKS, 'server'], scenes: 'Live' });
    obs.crash();
    await connectionIs('disconnected');
    const msg = await ask({});
    assert.equal(msg.payload.ready, false);
    const { clock, rehearsal, connection, ...rest } = results(msg);
    assert.deepEqual([clock, rehearsal, connection], ['ok', 'ok', 'failed']);
    assert.deepEqual([...new Set(Object.values(rest))], ['unknown']);
    assert.match(check(msg, 'connection').advice ?? '', /OBS/);
    assert.equal(msg.live.confirmedBy, null);
    assert.equal(heardBy('caught').length, 0);
    // it comes back: the old answer does not count any more
    await obs.restart();
    await connectionIs('ready');
    await waitFor(() => badges().at(-1) === 'unknown');
  });

  it('goes to Catch where the dialog wants that, and where the node makes no sense', async () => {
    await ready({ ifAway: 'fail' });
    obs.crash();
    await connectionIs('disconnected');
    await refuse({}, 'OBS_NOT_CONNECTED');
    for (const [wrong, code] of [
      [{ checks: ['weather'] }, 'CONFIG_INVALID'],
      [{ diskWarn: 'much' }, 'CONFIG_INVALID'],
      [{ profile: '${LIVE_TEST_NOT_SET}' }, 'CONFIG_ENV_MISSING'],
      [{ ifUnknown: 'perhaps' }, 'CONFIG_INVALID'],
      [{ waitSeconds: 'long' }, 'CONFIG_INVALID'],
      [{ obs: '' }, 'CONNECTION_MISSING'],
    ] as const) {
      await tearDown();
      obs = await simulate();
      await load(around({ ...PREFLIGHT, ...wrong }, connectionTo(obs)));
      if (!('obs' in wrong)) await connectionIs('ready');
      if ('waitSeconds' in wrong) {
        await refuse({}, code);
        continue;
      }
      await refuseUnheard(obs, {}, code);
    }
  });

  it('what is not known can count as failed', async () => {
    await ready({ ifUnknown: 'fail', checks: ['live', 'server'] });
    await application().client.call('SetStreamServiceSettings', {
      streamServiceType: 'rtmp_common',
      streamServiceSettings: { service: 'Twitch', server: 'auto', key: 'live_abc' },
    });
    const msg = await ask({});
    assert.equal(results(msg).server, 'unknown');
    assert.match(check(msg, 'server').message, /chooses its server itself/);
    assert.equal(msg.payload.ready, false);
    assert.equal(JSON.stringify(msg).includes('live_abc'), false);
  });

  it('looks at the stream target that is chosen, in place of what OBS is set to', async () => {
    const target = (more: object) => ({
      id: 'main',
      type: 'live-stream-target',
      name: 'Main',
      configVersion: 1,
      service: 'rtmp',
      server: 'rtmp://user:pass-word@127.0.0.1:9/live',
      ...more,
    });
    const flow = (more: object = {}) =>
      around({ ...PREFLIGHT, checks: ['target', 'server'], target: 'main' }, connectionTo(obs), target(more));
    await load(flow(), { main: { key: 'very-secret-key', user: '', password: '' } });
    await connectionIs('ready');
    const msg = await ask({});
    assert.deepEqual(results(msg), { connection: 'ok', target: 'ok', key: 'ok', server: 'failed' });
    assert.match(check(msg, 'target').message, /"Main" is complete/);
    assert.match(check(msg, 'server').message, /^127\.0\.0\.1:9 refuses/);
    assert.equal(/very-secret-key|pass-word/.test(JSON.stringify(msg)), false);
    await tearDown();
    obs = await simulate();
    await load(flow({ service: 'twitch', server: '' }), { main: { key: '', user: '', password: '' } });
    await connectionIs('ready');
    const twitch = await ask({});
    assert.equal(results(twitch).target, 'failed');
    assert.match(check(twitch, 'target').message, /no stream key/);
    await tearDown();
    obs = await simulate();
    await load(around({ ...PREFLIGHT, checks: ['target'], target: 'gone' }, connectionTo(obs)));
    await connectionIs('ready');
    assert.match(check(await ask({}), 'target').message, /deleted/);
  });

  it('waits for an OBS that is just starting, as long as the dialog says', async () => {
    await ready({ checks: ['live'], waitSeconds: '15' });
    obs.crash();
    await connectionIs('disconnected');
    const asked = ask({});
    await settle(200);
    assert.equal(badges().at(-1), 'busy');
    await obs.restart();
    assert.deepEqual(results(await asked), { connection: 'ok', live: 'ok', recording: 'ok' });
  });

  it('the example: a rehearsal is all that keeps it from being ready', async () => {
    const file = join(root, 'examples', '05 Health and alerts', '01 Are we ready.json');
    const flow = JSON.parse(readFileSync(file, 'utf8')) as FlowNode[];
    const of = (type: string) => flow.find((node) => node.type === type)!;
    const connection = { ...of('live-obs-connection'), id: 'studio' };
    await load(
      around({ ...of('live-preflight'), id: 'n', z: 'tab', obs: 'studio', wires: [['out']] }, connection),
    );
    await connectionIs('ready');
    const msg = await ask({});
    const { rehearsal, server, ...rest } = results(msg);
    assert.deepEqual([rehearsal, server], ['failed', 'unknown']);
    assert.deepEqual([...new Set(Object.values(rest))], ['ok'], msg.report.text);
  });

  it('a rehearsal is no show', async () => {
    await load(
      around(
        { ...PREFLIGHT, checks: ['rehearsal', 'server'] },
        connectionTo(obs, { connectTo: 'rehearsal' }),
      ),
    );
    await connectionIs('ready');
    const msg = await ask({});
    assert.deepEqual(results(msg), { connection: 'ok', rehearsal: 'failed', server: 'unknown' });
    await waitFor(() => badges().at(-1) === 'sim failed');
  });
});
