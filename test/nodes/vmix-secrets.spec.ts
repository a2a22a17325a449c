// Secrets of a vMix: byte for byte where they belong, and nowhere else.
/* eslint-disable @typescript-eslint/no-unsafe-member-access -- a message carries anything */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fingerprint } from '../../red/leases';
import type { VmixSimulator } from '../../simulators/vmix';
import {
  ON_VMIX,
  around,
  connectionIs,
  deploy,
  heardBy,
  helper,
  load,
  logged,
  mixer,
  send,
  settle,
  simulateVmix,
  tearDown,
  vmixConnectionTo,
  waitFor,
  type Flow,
  type FlowNode,
} from './support/rig';
import { mustNotTell } from './support/untold';

/** Characters that URLs, JSON, base64 and vMix's own commas write in another way. */
const odd = (word: string) => `${word}&b#c+d%e f,gé"\\`;
const SECRETS = {
  user: odd('LOGINNAME'),
  password: odd('LOGINPW'),
  key: odd('TARGETKEY'),
  targetPassword: odd('TARGETPW'),
  message: odd('MESSAGEKEY'),
  list: odd('LISTKEY'),
  failed: odd('FAILEDKEY'),
  call: 'CALLPASSWORD#1',
  env: odd('ENVKEY'),
  wrong: odd('WRONGPW'),
};

describe('secrets of a vMix', () => {
  let vmix: VmixSimulator;
  let server: Server;
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await tearDown();
    delete process.env.LIVE_TEST_KEY;
  });

  const on = (id: string, type: string, more: object = {}): FlowNode => ({
    id,
    z: 'tab',
    x: 1,
    y: 1,
    type,
    waitSeconds: '0',
    wires: [['out'], ['interim']],
    ...ON_VMIX,
    ...more,
  });
  const aFunction = (id: string, more: object) =>
    on(id, 'live-vmix-function', {
      functionName: 'function',
      functionNameType: 'msg',
      parameters: 'payload',
      parametersType: 'msg',
      batch: 'payload',
      batchType: 'msg',
      haltOnFailure: false,
      ...more,
    });
  const flow = (name = 'Mixer'): Flow =>
    around(
      {
        type: 'live-event',
        source: 'show',
        events: [],
        filters: [],
        limit: '0',
        present: true,
        ...ON_VMIX,
      },
      vmixConnectionTo(vmix, { name, pollSeconds: '0.5' }),
      {
        id: 'target',
        type: 'live-stream-target',
        name: 'to rtmp',
        service: 'rtmp',
        server: 'rtmp://live.example/app',
        configVersion: 1,
      },
      aFunction('function', { mode: 'object' }),
      aFunction('list', { mode: 'batch' }),
      aFunction('fields', {
        mode: 'fields',
        functionName: 'StreamingSetKey',
        functionNameType: 'str',
        value: '3,${LIVE_TEST_KEY}',
        valueType: 'str',
      }),
      on('start', 'live-start-stream', {
        targetFrom: 'as-set',
        channel2: true,
        target2: 'target',
        confirmSeconds: '1',
        ifLive: 'error',
        onUnstable: 'stop',
      }),
      on('stop', 'live-stop-stream'),
      on('status', 'live-status', { every: '0' }),
      on('scene', 'live-switch-scene', {
        scene: 'payload',
        sceneType: 'msg',
        to: 'program',
        transition: '',
        durationMs: '',
      }),
      on('raw', 'live-event', {
        source: 'raw',
        rawEvents: 'Input InputPreview Streaming Tally',
        events: [],
        filters: [],
        limit: '0',
      }),
    );
  const credentials = () => ({
    mixer: { user: SECRETS.user, password: SECRETS.password },
    target: { key: SECRETS.key, user: '', password: '' },
  });

  const begin = async () => {
    process.env.LIVE_TEST_KEY = SECRETS.env;
    vmix = await simulateVmix({ user: SECRETS.user, password: SECRETS.password });
    // as vMix names a call by default: with its password in the title
    vmix.studio.add(
      {
        type: 'VideoCall',
        title: `VideoCall - ${SECRETS.call}`,
        shortTitle: `VideoCall - ${SECRETS.call}`,
        call: { password: SECRETS.call, connected: true, videoSource: 'Output1', audioSource: 'Master' },
      },
      true,
    );
    await load(flow(), credentials());
    await connectionIs('ready', 'mixer');
    const app = (helper as unknown as { _httpAdmin: { listen(port: number, host: string): Server } })
      ._httpAdmin;
    server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
  };
  const answered = async (id: string, msg: object) => {
    const count = () => heardBy('out').filter(({ live }) => live?.action).length + heardBy('caught').length;
    const before = count();
    send(structuredClone(msg), id);
    await waitFor(() => count() > before, { timeoutMs: 15_000, message: `an answer of ${id}` });
  };
  const admin = async (path: string, body: object) => {
    const { port } = server.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/live-production/vmix/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return await answer.text();
  };
  const settings = (more: object = {}) => ({
    id: 'mixer',
    connectTo: 'vmix',
    host: '127.0.0.1',
    port: String(vmix.httpPort),
    tcpPort: String(vmix.tcpPort),
    user: SECRETS.user,
    password: '__PWRD__',
    ...more,
  });

  it('arrive byte for byte, and appear in no message, badge, log line, error, exported flow or admin answer', async () => {
    await begin();
    const value = (channel: number, text: string) => ({ Value: `${channel - 1},${text}` });
    // by message, out of the environment, in a list, from a stream target
    await answered('function', { function: 'StreamingSetKey', payload: value(1, SECRETS.message) });
    assert.equal(vmix.received(1).key, SECRETS.message);
    await answered('fields', {});
    assert.equal(vmix.received(4).key, SECRETS.env);
    await answered('list', {
      payload: [
        { function: 'streamingsetkey', ...value(3, SECRETS.list) },
        { function: 'StreamingSetPassword', ...value(3, SECRETS.targetPassword) },
        {
          function: 'StreamingSetURL',
          ...value(3, `rtmp://live.example/app/${encodeURIComponent(SECRETS.list)}`),
        },
        { function: 'NoSuchFunction', Value: `the key is ${SECRETS.list}` },
      ],
    });
    assert.equal(vmix.received(3).key, SECRETS.list);
    assert.equal(vmix.received(3).password, SECRETS.targetPassword);
    await answered('start', {});
    assert.equal(vmix.received(2).key, SECRETS.key);
    await answered('status', {});

    // what fails, and what is refused
    for (const fault of ['error', 'hang', 'refuse', 'browser'] as const) {
      if (fault === 'hang') continue;
      vmix.faults.failHttp(fault, { on: 'function', times: 1 });
      await answered('function', {
        function: 'StreamingSetKey',
        payload: value(1, SECRETS.failed),
        key: SECRETS.failed,
      });
    }
    await answered('function', { function: 'StreamingSetKey', payload: { Value: SECRETS.failed } });
    await answered('function', {
      function: 'StreamingSetKey',
      payload: { ...value(9, SECRETS.failed), Extra: 1 },
    });
    await answered('function', {
      function: 'VideoCallConnect',
      payload: { Input: 8, Value: `guest,${SECRETS.call}` },
    });
    await answered('function', {
      function: 'ZoomJoinMeeting',
      payload: { Input: 8, Value: `1234,${SECRETS.failed}` },
    });
    await answered('function', {
      function: 'SetText',
      payload: { Input: 5, Value: `see ${SECRETS.message}` },
    });

    // the call goes on air: its title holds its password
    await answered('scene', { payload: '8' });
    await answered('scene', { payload: `VideoCall - ${SECRETS.call}` });
    await answered('status', {});
    await answered('stop', {});
    vmix.studio.show(1, 8);
    await settle(700);

    const answers = [
      await admin('test', { settings: settings() }),
      await admin('test', { settings: settings({ password: SECRETS.wrong }) }),
      await admin('test', {
        settings: settings({ host: `http://${encodeURIComponent(SECRETS.user)}:x@127.0.0.1` }),
      }),
      await admin('list', { settings: settings(), what: 'inputs' }),
      await admin('list', { settings: settings(), what: SECRETS.message }),
      await admin('function', { name: `StreamingSetKey ${SECRETS.message}` }),
      await admin('function', { name: 'StreamingSetKey' }),
    ];
    assert.match(answers[0]!, /"ok":true/);
    assert.match(answers[6]!, /"secret":true/);

    // a password that is wrong
    await deploy(flow('Renamed'), 'full', {
      ...credentials(),
      mixer: { user: SECRETS.user, password: SECRETS.wrong },
    });
    await connectionIs('refused', 'mixer');
    await answered('function', { function: 'StreamingSetKey', payload: value(1, SECRETS.message) });
    await settle(100);

    for (const id of ['out', 'interim', 'caught', 'completed', 'badges'])
      mustNotTell(`a message at ${id}`, heardBy(id), SECRETS);
    assert.ok(
      heardBy('out').length > 12 && heardBy('caught').length > 5,
      `${heardBy('out').length} messages, ${heardBy('caught').length} errors`,
    );
    mustNotTell('the log', logged(), SECRETS);
    mustNotTell('an admin answer', answers, SECRETS);
    const { flows } = (
      helper as unknown as { _redNodes: { getFlows(): { flows: unknown } } }
    )._redNodes.getFlows();
    mustNotTell('the exported flow', flows, SECRETS);
    mustNotTell(
      'the fingerprint',
      fingerprint({ host: 'x', user: SECRETS.user, password: SECRETS.password }),
      SECRETS,
    );
    mustNotTell('the events of the present state', mixer().events.present(), SECRETS);
  }).timeout(60_000);
});
