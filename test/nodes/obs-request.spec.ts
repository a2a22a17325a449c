/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call -- a message carries anything */
import assert from 'node:assert/strict';
import type { ObsSimulator } from '../../simulators/obs';
import {
  application,
  around,
  ask,
  connectionIs,
  connectionTo,
  heardBy,
  load,
  refuse,
  refuseUnheard,
  send,
  sentTypes,
  simulate,
  tearDown,
  exactly,
  waitFor,
} from './support/rig';

const REQUEST = {
  type: 'live-obs-request',
  mode: 'request',
  requestType: 'type',
  requestTypeType: 'msg',
  requestData: 'payload',
  requestDataType: 'msg',
  batch: 'payload',
  batchType: 'msg',
  executionType: 'serial-realtime',
  haltOnFailure: false,
};

describe('obs request', () => {
  let obs: ObsSimulator;
  beforeEach(async () => {
    obs = await simulate();
  });
  afterEach(tearDown);

  const ready = async (node: object = {}) => {
    await load(around({ ...REQUEST, ...node }, connectionTo(obs)));
    await connectionIs('ready');
  };

  it('sends any request and gives the answer', async () => {
    await ready();
    const msg = await ask({ type: 'GetVersion', payload: {}, topic: 'mine' });
    assert.equal(msg.payload.rpcVersion, 1);
    assert.equal(msg.topic, 'mine');
    const { tookMs, ...live } = msg.live;
    assert.ok(tookMs >= 0);
    assert.deepEqual(live, {
      action: 'GetVersion',
      application: 'obs',
      connection: { id: 'studio', name: 'Studio' },
      output: null,
      state: null,
      confirmedBy: null,
    });
    assert.deepEqual(
      (await ask({ type: 'SetStudioModeEnabled', payload: { studioModeEnabled: true } })).payload,
      {},
    );
    assert.equal(obs.state.studioMode, true);
    await exactly('completed', 2);
  });

  it('tells what OBS refused in words, with its status', async () => {
    await ready();
    const { error } = await refuse(
      { type: 'SetCurrentProgramScene', payload: { sceneName: 'nowhere' } },
      'OBS_REJECTED',
    );
    assert.match(error.message, /600/);
    const unknown = await refuse({ type: 'GetSceneLists' }, 'OBS_UNSUPPORTED');
    assert.match(unknown.error.message, /GetSceneList/);
    obs.faults.failNext('GetStats', { code: 207 });
    assert.ok((await ask({ type: 'GetStats' })).payload.activeFps > 0, 'not ready is tried again');
  });

  it('an answer that does not come is a timeout, and the lane goes on', async () => {
    await ready();
    obs.faults.hang('GetStats');
    send({ type: 'GetStats', payload: {} });
    send({ type: 'GetVersion', payload: {} });
    await waitFor(() => heardBy('caught')[0]?.error.code === 'OBS_TIMEOUT', { timeoutMs: 12_000 });
    await waitFor(() => heardBy('out').length === 1);
  });

  it('bad input of every kind is refused, and OBS hears nothing', async () => {
    await ready();
    for (const type of [
      '',
      null,
      undefined,
      {},
      ['GetVersion'],
      'Get Version',
      '../x',
      'Get\nVersion',
      'x'.repeat(70),
      5,
    ])
      await refuseUnheard(obs, { type, payload: {} }, 'INPUT_INVALID');
    for (const payload of ['text', 7, true, ['x'], Buffer.from('{}')])
      await refuseUnheard(obs, { type: 'GetVersion', payload }, 'INPUT_INVALID');
    await refuseUnheard(
      obs,
      { type: 'SetStreamServiceSettings', payload: { streamServiceSettings: { key: '[hidden]' } } },
      'SECRET_MARKER_SENT',
    );
    for (const [requestData, requestDataType] of [
      ['{"a":', 'json'],
      ['$sum(', 'jsonata'],
    ]) {
      await tearDown();
      obs = await simulate();
      await ready({ requestData, requestDataType });
      await refuseUnheard(obs, { type: 'GetVersion' }, 'INPUT_INVALID');
    }
  });

  it('what has no JSON or circles is refused, and the connection lives', async () => {
    await ready();
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    await refuseUnheard(obs, { type: 'GetVersion', payload: circle }, 'INPUT_INVALID');
    await refuseUnheard(obs, { type: 'GetVersion', payload: { big: 1n } }, 'INPUT_INVALID');
    assert.ok((await ask({ type: 'GetVersion', payload: {} })).payload.obsVersion);
  });

  it('a batch goes in order and gives one result each', async () => {
    await ready({ mode: 'batch' });
    const msg = await ask({
      payload: [
        { requestType: 'GetVersion' },
        { requestType: 'Nonsense' },
        { requestType: 'Sleep', requestData: { sleepMillis: 20 } },
        { requestType: 'GetStudioModeEnabled' },
      ],
    });
    assert.deepEqual(
      msg.payload.map(({ requestType, ok, code }: { requestType: string; ok: boolean; code: number }) => [
        requestType,
        ok,
        code,
      ]),
      [
        ['GetVersion', true, 100],
        ['Nonsense', false, 204],
        ['Sleep', true, 100],
        ['GetStudioModeEnabled', true, 100],
      ],
    );
    assert.equal(msg.payload[0].reason, null);
    assert.match(msg.payload[1].reason, /204/);
    assert.deepEqual(msg.payload[3].responseData, { studioModeEnabled: false });
    assert.equal(msg.live.action, 'batch');
    await tearDown();
    obs = await simulate();
    await ready({ mode: 'batch', haltOnFailure: true });
    assert.equal(
      (await ask({ payload: [{ requestType: 'Nonsense' }, { requestType: 'GetVersion' }] })).payload.length,
      1,
    );
  });

  it('a bad batch is refused, and OBS hears nothing', async () => {
    await ready({ mode: 'batch' });
    const bad = [
      [],
      {},
      'x',
      null,
      undefined,
      [null],
      ['GetVersion'],
      [{}],
      [{ requestType: 5 }],
      [{ requestType: 'GetVersion', requestData: [] }],
      [{ requestType: 'GetVersion' }, { requestType: '' }],
      Array.from({ length: 1001 }, () => ({ requestType: 'GetVersion' })),
    ];
    for (const payload of bad) await refuseUnheard(obs, { payload }, 'INPUT_INVALID');
    await refuseUnheard(
      obs,
      { payload: [{ requestType: 'StartStream' }, { requestType: 'ToggleStream' }] },
      'STREAM_DOUBLE_START',
    );
  });

  it('every way to start the stream waits for a start in progress, and OBS lives', async () => {
    await ready();
    const start = application().streams.start({ target: null, confirmMs: 1000 });
    await waitFor(() => application().streams.state() === 'starting');
    for (const [type, payload] of [
      ['StartStream', {}],
      ['ToggleStream', {}],
      ['StartOutput', { outputName: 'simple_stream' }],
      ['TriggerHotkeyByName', { hotkeyName: 'OBSBasic.StartStreaming' }],
      ['TriggerHotkeyByKeySequence', { keyId: 'OBS_KEY_A' }],
      ['SetStreamServiceSettings', { streamServiceType: 'rtmp_custom', streamServiceSettings: {} }],
    ])
      await refuseUnheardOf(type as string, payload as object);
    await start;
    assert.equal(obs.crashed, false);
    assert.deepEqual(
      sentTypes(
        obs,
        'StartStream',
        'ToggleStream',
        'StartOutput',
        'TriggerHotkeyByName',
        'TriggerHotkeyByKeySequence',
      ),
      ['StartStream'],
    );
  });

  const refuseUnheardOf = async (type: string, payload: object) => {
    const before = sentTypes(obs, type).length;
    await refuse({ type, payload }, 'STREAM_START_PENDING');
    assert.equal(sentTypes(obs, type).length, before);
  };

  it('takes a secret off the message it came by, on success and on error', async () => {
    await ready({ requestData: 'payload["the settings"]' });
    const settings = {
      streamServiceType: 'rtmp_custom',
      streamServiceSettings: { server: 'rtmp://a.example/x', key: 'sekrit' },
    };
    const msg = await ask({
      type: 'SetStreamServiceSettings',
      payload: { 'the settings': settings },
      other: 1,
    });
    assert.ok(!JSON.stringify(msg).includes('sekrit'));
    const caught = await refuse(
      {
        type: 'SetCurrentProgramScene',
        payload: { 'the settings': { sceneName: 'x', key: 'sekrit' }, kept: 2 },
      },
      'OBS_REJECTED',
    );
    assert.deepEqual(caught.payload, { kept: 2 });
    const answer = await ask({ type: 'GetStreamServiceSettings', payload: {} });
    assert.equal(answer.payload.streamServiceSettings.key, '[hidden]');
  });

  it('takes it off too when JSONata read it, or when nothing was sent', async () => {
    await ready({
      requestData: '{"streamServiceSettings": {"key": deep.of}, "sceneName": "x"}',
      requestDataType: 'jsonata',
    });
    const caught = await refuse(
      { type: 'SetCurrentProgramScene', deep: { of: 'sekrit-42', kept: 1 }, address: 'rtmp://x/sekrit-42' },
      'OBS_REJECTED',
    );
    assert.ok(!JSON.stringify(caught).includes('sekrit'), JSON.stringify(caught));
    assert.equal(caught.deep.kept, 1);
    await tearDown();
    obs = await simulate();
    await load(around({ ...REQUEST, obs: 'gone' }, connectionTo(obs)));
    const unsent = await refuse({ type: 'X', payload: { key: 'sekrit' } }, 'CONNECTION_MISSING');
    assert.ok(!JSON.stringify(unsent).includes('sekrit'));
  });
});
