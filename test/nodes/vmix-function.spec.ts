// The node that sends any function of vMix.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call -- a message carries anything */
import assert from 'node:assert/strict';
import type { VmixSimulator, VmixSimulatorOptions } from '../../simulators/vmix';
import {
  ON_VMIX,
  around,
  ask,
  connectionIs,
  connectionTo,
  heardBy,
  load,
  logged,
  mixer,
  next,
  refuse,
  send,
  simulate,
  simulateVmix,
  tearDown,
  vmixConnectionTo,
  waitFor,
  type Msg,
} from './support/rig';

const FUNCTION = {
  type: 'live-vmix-function',
  mode: 'object',
  functionName: 'function',
  functionNameType: 'msg',
  parameters: 'payload',
  parametersType: 'msg',
  batch: 'payload',
  batchType: 'msg',
  haltOnFailure: true,
  allowBlank: false,
  ...ON_VMIX,
};

describe('vmix function', () => {
  let vmix: VmixSimulator;
  afterEach(tearDown);

  const ready = async (node: object = {}, options: VmixSimulatorOptions = {}, more: object = {}) => {
    vmix = await simulateVmix(options);
    await load(around({ ...FUNCTION, ...node }, vmixConnectionTo(vmix, more)));
    await connectionIs('ready', 'mixer');
  };
  /** Functions that arrived. */
  const arrived = () =>
    vmix.calls
      .filter(({ via, name }) => via === 'http' && name !== 'state')
      .map(({ name, parameters: { function: _, ...rest } }) => ({ name, ...rest }));
  const refuseUnsent = async (msg: Msg, code: string) => {
    const before = arrived().length;
    const caught = await refuse(msg, code);
    assert.deepEqual(arrived().slice(before), [], 'nothing is sent to vMix');
    return caught;
  };

  it('sends any function with its parameters, and says what was sent', async () => {
    await ready();
    const msg = await ask({
      function: ' setTEXT ',
      payload: { input: 5, VALUE: 'A & B + 100% é', selectedIndex: '0' },
      topic: 'mine',
    });
    assert.deepEqual(msg.payload, {
      function: 'SetText',
      accepted: true,
      parameters: { Input: '5', Value: 'A & B + 100% é', SelectedIndex: 0 },
    });
    assert.equal(msg.topic, 'mine');
    const { tookMs, unknown, ...live } = msg.live;
    assert.ok(tookMs >= 0);
    assert.match(unknown.confirmedBy, /before anything is done/);
    assert.deepEqual(live, {
      action: 'vmix-function',
      application: 'vmix',
      connection: { id: 'mixer', name: 'Mixer' },
      output: null,
      state: null,
      confirmedBy: null,
    });
    assert.deepEqual(arrived(), [
      { name: 'SetText', input: '5', value: 'A & B + 100% é', selectedindex: '0' },
    ]);
    await ask({ function: 'SetText', payload: { Input: 5, Value: '', SelectedIndex: 0 } });
    assert.deepEqual(arrived()[1], { name: 'SetText', input: '5', value: '', selectedindex: '0' });
  });

  it('of the fields sends only those that this function takes', async () => {
    await ready({
      mode: 'fields',
      input: 'in',
      inputType: 'msg',
      value: 'left from another function',
      valueType: 'str',
      duration: '300',
      durationType: 'str',
      mix: '$sum([0, 0])',
      mixType: 'jsonata',
      channel: '',
    });
    assert.deepEqual((await ask({ function: 'Fade', in: 3 })).payload.parameters, {
      Input: '3',
      Duration: 300,
      Mix: 0,
    });
    assert.deepEqual((await ask({ function: 'StartRecording', in: 3 })).payload.parameters, {});
    // one that no list has may take anything
    await refuse({ function: 'NewInVmix40', in: 3 }, 'VMIX_FUNCTION_UNKNOWN');
    assert.deepEqual(arrived().at(-1), {
      name: 'NewInVmix40',
      input: '3',
      value: 'left from another function',
      duration: '300',
      mix: '0',
    });
  });

  it('what it starts and stops is told as expected, and passes the same lane', async () => {
    vmix = await simulateVmix();
    await load(
      around({ ...FUNCTION }, vmixConnectionTo(vmix), {
        id: 'events',
        z: 'tab',
        x: 1,
        y: 1,
        type: 'live-event',
        source: 'show',
        events: ['recording_started', 'recording_stopped'],
        filters: [],
        limit: '0',
        wires: [['interim']],
        ...ON_VMIX,
      }),
    );
    await connectionIs('ready', 'mixer');
    send({ function: 'StartStopRecording', payload: {} });
    const { live } = await next('interim', ({ topic }) => topic === 'recording_started');
    assert.equal(live.expected, true);
    send({ function: 'stopRecording', payload: {} });
    assert.equal((await next('interim', ({ topic }) => topic === 'recording_stopped')).live.expected, true);
  });

  it('tells a name that vMix does not know, with what it resembles, and warns once', async () => {
    await ready();
    const { error } = await refuse({ function: 'StartRecordin', payload: {} }, 'VMIX_FUNCTION_UNKNOWN');
    assert.match(error.message, /Did you mean StartRecording/);
    await refuse({ function: 'StartRecordin', payload: {} }, 'VMIX_FUNCTION_UNKNOWN');
    const warnings = logged().filter(({ text }) => text.includes('has a function "StartRecordin"'));
    assert.equal(warnings.length, 1);
    assert.equal(arrived().length, 2, 'it is sent all the same');
  });

  it('says which version a function came with, where vMix is older', async () => {
    await ready({}, { profile: 'vmix-24' });
    const { error } = await refuse(
      { function: 'SetCropX1', payload: { Input: 1, Value: '0.5' } },
      'VMIX_FUNCTION_UNKNOWN',
    );
    assert.match(error.message, /came with vMix 27/);
    // what every version has was refused for another reason
    vmix.faults.failHttp('error', { times: 1, on: 'function' });
    await refuse({ function: 'StartRecording', payload: {} }, 'VMIX_REJECTED');
  });

  it('what runs code is refused until the connection allows it, however it is written', async () => {
    await ready({ functionName: 'function' });
    const names = [
      'ScriptStart',
      'scriptstart',
      ' SCRIPTSTARTDYNAMIC\t',
      'ScriptStartDynamic',
      'KeyPress',
      'sendKEYS',
      'ScriptRunLater',
      'SendKeysTwice',
    ];
    for (const name of names)
      await refuseUnsent({ function: name, payload: { Value: 'x' } }, 'VMIX_SCRIPTS_FORBIDDEN');
    for (const name of [
      'Script Start',
      'ScriptStart&Value=1',
      'ScriptStart%20',
      '\u017fcriptStart',
      'Cut&Function=ScriptStart',
      'Cut\r\nFUNCTION ScriptStart',
    ])
      await refuseUnsent({ function: name, payload: {} }, 'INPUT_INVALID');
    await refuseUnsent({ function: 'Cut', payload: { Function: 'ScriptStart' } }, 'INPUT_INVALID');
    await ask({ function: 'SetText', payload: { Input: 1, Value: 'a&Function=ScriptStart' } });
    assert.deepEqual(arrived(), [{ name: 'SetText', input: '1', value: 'a&Function=ScriptStart' }]);
    await assert.rejects(mixer().client.tcp!.call({ name: 'scriptStart', value: 'x' }), {
      code: 'VMIX_SCRIPTS_FORBIDDEN',
    });
    await assert.rejects(mixer().client.call({ name: ' ScriptSTART', value: 'x' }), {
      code: 'VMIX_SCRIPTS_FORBIDDEN',
    });
    assert.equal((await ask({ function: 'ScriptStop', payload: { Value: 'x' } })).payload.accepted, true);
  });

  it('nor in a list, where nothing before it is sent either', async () => {
    await ready({ mode: 'batch' });
    await refuseUnsent(
      { payload: [{ function: 'Cut' }, { function: 'scriptstart', value: 'x' }] },
      'VMIX_SCRIPTS_FORBIDDEN',
    );
  });

  it('what runs code is sent where the connection allows it', async () => {
    await ready({}, {}, { allowScripts: true });
    for (const name of ['ScriptStartDynamic', 'KeyPress'])
      assert.equal((await ask({ function: name, payload: { Value: 'x' } })).payload.accepted, true);
    await mixer().client.tcp!.call({ name: 'ScriptStart', value: 'y' });
    assert.deepEqual(
      vmix.calls.filter(({ name }) => /script|key/i.test(name)).map(({ via, name }) => [via, name]),
      [
        ['http', 'ScriptStartDynamic'],
        ['http', 'KeyPress'],
        ['tcp', 'ScriptStart'],
      ],
    );
  });

  it('a blank that would do more than was asked is refused', async () => {
    await ready();
    for (const [name, parameters] of [
      ['StartStreaming', {}],
      ['stopstreaming', { Value: ' ' }],
      ['StartSRTOutput', { Value: null }],
      ['Snapshot', {}],
      ['SnapshotInput', { Input: 1, Value: '' }],
      ['OpenPreset', { Value: '' }],
      ['SetText', { Value: 'x' }],
      ['SetText', { Input: 1 }],
      ['CutDirect', { Input: '' }],
      ['StreamingSetKey', { Value: 'a key without a stream' }],
    ] as const)
      await refuseUnsent({ function: name, payload: parameters }, 'INPUT_INVALID');
    assert.equal(vmix.studio.openWindows, 0);
  });

  it('a tick lets through what vMix documents, and never a window or a setting without its stream', async () => {
    await ready({ allowBlank: true }, { configuredStreams: [1, 3] });
    await ask({ function: 'StartStreaming', payload: {} });
    await waitFor(() => vmix.channel(1) === 'live' && vmix.channel(3) === 'live');
    await ask({ function: 'StopStreaming', payload: { Value: '' } });
    await waitFor(() => vmix.channel(1) === 'off' && vmix.channel(3) === 'off');
    for (const [name, parameters] of [
      ['Snapshot', {}],
      ['snapshotinput', { Input: 1 }],
      ['SavePreset', {}],
      ['StreamingSetKey', {}],
      ['StreamingSetURL', { Value: 'rtmp://host/app' }],
    ] as const)
      await refuseUnsent({ function: name, payload: parameters }, 'INPUT_INVALID');
    assert.equal(vmix.studio.openWindows, 0);
  });

  it('bad input of every kind is refused, and vMix hears nothing', async () => {
    await ready();
    for (const name of ['', null, undefined, {}, ['Cut'], '../x', 'x'.repeat(70), 5, '1Cut'])
      await refuseUnsent({ function: name, payload: {} }, 'INPUT_INVALID');
    const circle: Record<string, unknown> = {};
    circle.Value = circle;
    for (const payload of [
      'text',
      7,
      true,
      ['x'],
      Buffer.from('{}'),
      { Inputs: 1 },
      { Input: 1, input: 2 },
      { Input: {} },
      { Input: true },
      { Input: NaN },
      { Duration: 'soon' },
      { Duration: -1 },
      { Duration: 1.5 },
      { Mix: 'main' },
      { Mix: Array.from({ length: 17 }, () => 0) },
      { Value: 'x'.repeat(100_001) },
      circle,
    ])
      await refuseUnsent({ function: 'Fade', payload }, 'INPUT_INVALID');
    await refuseUnsent(
      { function: 'SetText', payload: { Input: 1, Value: '[hidden]' } },
      'SECRET_MARKER_SENT',
    );
  });

  it('a list goes in order, with one result each', async () => {
    await ready({ mode: 'batch', haltOnFailure: false });
    const { payload, live } = await ask({
      payload: [
        { function: 'PreviewInput', Input: 3 },
        { function: 'Fdae' },
        { function: 'fade', duration: 10, mix: [0] },
      ],
    });
    assert.deepEqual(
      payload.map((one: Msg) => [one.function, one.accepted, one.code, one.parameters]),
      [
        ['PreviewInput', true, null, { Input: '3' }],
        ['Fdae', false, 'VMIX_FUNCTION_UNKNOWN', {}],
        ['Fade', true, null, { Duration: 10, Mix: [0] }],
      ],
    );
    assert.match(payload[1].reason, /Did you mean Fade/);
    assert.equal(live.action, 'vmix-function');
    await waitFor(() => vmix.studio.active === 3);
    await tearDown();
    await ready({ mode: 'batch' });
    assert.equal((await ask({ payload: [{ function: 'Fdae' }, { function: 'Cut' }] })).payload.length, 1);
  });

  it('a bad list is refused before anything is sent, and one that breaks off says how far it came', async () => {
    await ready({ mode: 'batch' });
    for (const payload of [
      [],
      {},
      'x',
      null,
      [null],
      ['Cut'],
      [{}],
      [{ function: 5 }],
      [{ function: 'Cut', Nonsense: 1 }],
      [{ function: 'Cut' }, { function: 'StartStreaming' }],
      Array.from({ length: 1001 }, () => ({ function: 'Cut' })),
    ])
      await refuseUnsent({ payload }, 'INPUT_INVALID');
    vmix.faults.failHttp('refuse', { times: 1, on: 'function' });
    await refuse({ payload: [{ function: 'Cut' }, { function: 'Cut' }] }, 'VMIX_DISCONNECTED');
    send({ payload: [{ function: 'PreviewInput', Input: 2 }, { function: 'Cut' }, { function: 'Cut' }] });
    await waitFor(() => vmix.calls.some(({ name }) => name === 'PreviewInput'), { intervalMs: 1 });
    vmix.faults.failHttp('refuse', { on: 'function' });
    const { error } = await next('caught', ({ error: { code } }) => code === 'VMIX_BATCH_BROKEN');
    assert.match(error.message, /[12] of 3 functions were accepted/);
  });

  it('takes a secret off the message it came by, on success and on error', async () => {
    await ready({ functionName: 'StreamingSetKey', functionNameType: 'str', parameters: 'payload.deep' });
    const key = 'sekrit&key+1%2,é';
    const msg = await ask({
      payload: { deep: { Value: `1,${key}` } },
      key,
      told: `it is ${key}`,
      kept: 1,
    });
    assert.equal(vmix.received(2).key, key);
    assert.ok(!JSON.stringify(msg).includes('sekrit'), JSON.stringify(msg));
    assert.deepEqual([msg.kept, msg.payload.parameters], [1, { Value: '1,[hidden]' }]);
    const caught = await refuse({ payload: { deep: { Value: key, Nonsense: 1 } }, key }, 'INPUT_INVALID');
    assert.ok(!JSON.stringify(caught).includes('sekrit'), JSON.stringify(caught));
    // hidden from now on, wherever it stands
    const other = await refuse({ payload: { deep: { Value: `0,${key}`, [key]: 1 } } }, 'INPUT_INVALID');
    assert.match(other.error.message, /"\[hidden\]" is none/);
  });

  it('takes it off too when JSONata read it, in a list, or when there is no connection', async () => {
    await ready({
      mode: 'fields',
      functionName: 'StreamingSetKey',
      functionNameType: 'str',
      value: "'0,' & secret.key",
      valueType: 'jsonata',
    });
    const msg = await ask({ secret: { key: 'sekrit-42' }, other: 'key=sekrit-42' });
    assert.equal(vmix.received(1).key, 'sekrit-42');
    assert.ok(!JSON.stringify(msg).includes('sekrit'), JSON.stringify(msg));
    await tearDown();
    vmix = await simulateVmix();
    await load(around({ ...FUNCTION, mode: 'batch', vmix: 'gone' }, vmixConnectionTo(vmix)));
    const unsent = await refuse(
      { payload: [{ function: 'streamingsetpassword', value: '0,sekrit-43' }, { function: 'Cut' }] },
      'CONNECTION_MISSING',
    );
    assert.ok(!JSON.stringify(unsent).includes('sekrit'), JSON.stringify(unsent));
  });

  it('says that it needs a connection to vMix', async () => {
    const obs = await simulate();
    vmix = await simulateVmix();
    await load(around({ ...FUNCTION, application: 'obs', obs: 'studio', vmix: '' }, connectionTo(obs)));
    await connectionIs('ready');
    await refuse({ function: 'Cut', payload: {} }, 'CAPABILITY_MISSING');
    assert.equal(heardBy('out').length, 0);
  });
});
