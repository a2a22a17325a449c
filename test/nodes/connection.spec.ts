/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-return -- a message carries anything */
import assert from 'node:assert/strict';
import type { ObsSimulator } from '../../simulators/obs';
import { freePort } from '../support/ports';
import {
  application,
  around,
  ask,
  badges,
  connectionIs,
  connectionTo,
  heardBy,
  load,
  logged,
  next,
  refuse,
  send,
  settle,
  simulate,
  tearDown,
  waitFor,
  type FlowNode,
} from './support/rig';

const STATUS = { type: 'live-status', every: '0' };
const WARN = 30;

describe('obs connection', () => {
  let obs: ObsSimulator;
  beforeEach(async () => {
    obs = await simulate();
  });
  afterEach(tearDown);

  it('badges follow it: connecting, ready, disconnected, ready, each with its colour and shape', async () => {
    await load(around(STATUS, connectionTo(obs)));
    await connectionIs('ready');
    obs.crash();
    await connectionIs('disconnected');
    await obs.restart();
    await connectionIs('ready');
    assert.deepEqual(badges(), ['connecting', 'ready', 'disconnected', 'ready']);
    await waitFor(() => heardBy('badges').some(({ status }) => status.text === 'disconnected'));
    const told = heardBy('badges').map(({ status }) => [status.text, status.fill, status.shape]);
    assert.ok(told.some((one) => one.join() === 'disconnected,red,ring'));
    assert.ok(told.some((one) => one.join() === 'ready,green,ring'));
  });

  it('warns once per change of state, never once per attempt', async () => {
    const port = await freePort();
    await load(around(STATUS, connectionTo({ port })));
    await connectionIs('waiting');
    await settle(3500);
    const warnings = logged().filter(({ level, text }) => level === WARN && text.includes('Studio'));
    assert.equal(warnings.length, 1, JSON.stringify(warnings));
    assert.match(warnings[0]!.text, /OBS_(REFUSED|CONTAINER_LOOPBACK)/);
    assert.equal(badges().at(-1), 'waiting');
  });

  it('a node fails at once, or waits as long as it was told for an OBS that comes later', async () => {
    obs.crash();
    await load(around(STATUS, connectionTo(obs)));
    await connectionIs('waiting');
    const before = performance.now();
    const { error } = await refuse({}, 'OBS_REFUSED').catch(() => refuse({}, 'OBS_CONTAINER_LOOPBACK'));
    assert.match(error.message, /WebSocket server|container/);
    assert.ok(performance.now() - before < 5000);
    const port = obs.port;
    await tearDown();
    obs = await simulate({ port });
    obs.crash();
    await load(around({ ...STATUS, waitSeconds: '1' }, connectionTo(obs)));
    await connectionIs('waiting');
    const late = performance.now();
    send({});
    await waitFor(() => heardBy('caught').length === 1);
    assert.ok(performance.now() - late >= 950 && performance.now() - late < 8000);
    await tearDown();
    obs = await simulate({ port });
    obs.crash();
    await load(around({ ...STATUS, waitSeconds: '10' }, connectionTo(obs)));
    await connectionIs('waiting');
    const answer = ask({ payload: 'patient' });
    assert.equal(badges().at(-1), 'busy');
    await settle(100);
    await obs.restart();
    assert.equal((await answer).live.action, 'status');
  });

  it('a wrong or missing password and a kick stop it, and say so', async () => {
    const locked = await simulate({ password: 'right' });
    await load(around({ ...STATUS, waitSeconds: '5' }, connectionTo(locked)), {
      studio: { password: 'wrong' },
    });
    await connectionIs('refused');
    assert.equal(badges().at(-1), 'refused');
    const before = performance.now();
    await refuse({}, 'OBS_WRONG_PASSWORD');
    assert.ok(performance.now() - before < 4000, 'waiting helps nobody here');
    await settle(1500);
    assert.equal(locked.connections, 1, 'it is not tried again');
    await tearDown();
    const again = await simulate({ password: 'right' });
    await load(around(STATUS, connectionTo(again)));
    await connectionIs('refused');
    await refuse({}, 'OBS_PASSWORD_MISSING');
    await tearDown();
    obs = await simulate({ password: 'right' });
    await load(around(STATUS, connectionTo(obs)), { studio: { password: 'right' } });
    await connectionIs('ready');
    obs.kick();
    await connectionIs('refused');
    await refuse({}, 'OBS_KICKED');
  });

  it('takes host, port and password from the environment', async () => {
    const locked = await simulate({ password: 'from-env' });
    Object.assign(process.env, {
      LIVE_TEST_HOST: '127.0.0.1',
      LIVE_TEST_PORT: String(locked.port),
      LIVE_TEST_PASSWORD: 'from-env',
    });
    try {
      await load(
        around(STATUS, connectionTo(locked, { host: '${LIVE_TEST_HOST}', port: '${LIVE_TEST_PORT}' })),
        { studio: { password: '${LIVE_TEST_PASSWORD}' } },
      );
      await connectionIs('ready');
    } finally {
      for (const name of ['HOST', 'PORT', 'PASSWORD']) delete process.env[`LIVE_TEST_${name}`];
    }
  });

  it('settings that make no sense are told once, and reach nobody', async () => {
    for (const [more, code] of [
      [{ port: 'abc' }, 'CONFIG_INVALID'],
      [{ port: '0' }, 'CONFIG_INVALID'],
      [{ host: '' }, 'CONFIG_INVALID'],
      [{ host: 'a b' }, 'CONFIG_INVALID'],
      [{ port: '${LIVE_TEST_NOT_SET}' }, 'CONFIG_ENV_MISSING'],
    ] as const) {
      await load(around(STATUS, connectionTo(obs, more)));
      await refuse({}, code);
      assert.equal(badges().at(-1), 'misconfigured');
      const told = logged().filter(({ text }) => text.includes(code));
      assert.ok(told.length >= 1);
      await tearDown();
      obs = await simulate();
    }
  });

  it('a node whose connection is of another kind, disabled or none says so', async () => {
    for (const id of ['', 'gone', 'tab', 'out']) {
      await load(around({ ...STATUS, obs: id }, connectionTo(obs)));
      await refuse({}, 'CONNECTION_MISSING');
      assert.equal(badges().at(-1), 'misconfigured');
      await tearDown();
      obs = await simulate();
    }
    await load(around(STATUS, connectionTo(obs, { d: true })));
    await refuse({}, 'CONNECTION_MISSING');
  });

  it('two OBS at once stay apart', async () => {
    const other = await simulate();
    const second = {
      id: 'n2',
      z: 'tab',
      x: 1,
      y: 1,
      ...STATUS,
      application: 'obs',
      obs: 'second',
      waitSeconds: '0',
      wires: [['interim']],
    } as FlowNode;
    await load(
      around(STATUS, connectionTo(obs), connectionTo(other, { id: 'second', name: 'Second' }), second),
    );
    await connectionIs('ready');
    await connectionIs('ready', 'second');
    await application('second').client.call('CreateScene', { sceneName: 'Only here' });
    await application('second').scenes.switchTo({ scene: 'Only here', to: 'program' });
    send({}, 'n2');
    assert.equal((await next('interim')).payload.scene.program, 'Only here');
    assert.notEqual((await ask({})).payload.scene.program, 'Only here');
    obs.crash();
    await connectionIs('disconnected');
    assert.equal(badges('n2').at(-1), 'ready');
  });

  it('an answer under way is told as lost when OBS goes', async () => {
    await load(around(STATUS, connectionTo(obs)));
    await connectionIs('ready');
    obs.faults.hang('GetStats');
    send({});
    await waitFor(() =>
      obs.calls.some(({ requestType }) => requestType === 'GetStats' && obs.calls.length > 9),
    );
    await settle(100);
    obs.crash();
    const caught = await next('caught');
    assert.equal(caught.error.code, 'OBS_DISCONNECTED');
    assert.match(caught.error.message, /GetStats/);
  });

  it('a rehearsal needs no OBS, and every badge says so', async () => {
    await load(
      around(
        {
          type: 'live-start-stream',
          targetFrom: 'as-set',
          confirmSeconds: '1',
          ifLive: 'error',
          onUnstable: 'stop',
        },
        {
          id: 'studio',
          type: 'live-obs-connection',
          name: '',
          connectTo: 'rehearsal',
          host: '',
          port: 'nonsense',
          tls: false,
          configVersion: 1,
        },
      ),
    );
    await connectionIs('ready');
    const msg = await ask({});
    assert.equal(msg.payload.state, 'live');
    assert.equal(msg.live.application, 'obs');
    await waitFor(() => badges().at(-1) === 'sim live');
    for (const text of badges()) assert.match(text, /^sim .{1,15}$/);
  });
});
