// The Test button and the lists of the dialogs; what a person typed into them.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hintOf } from '../../lib/vmix/activators';
import { listFrom, listOnce, testVmix } from '../../lib/vmix/probe';
import { findInput } from '../../lib/vmix/inputs';
import { parseState } from '../../lib/vmix/state';
import { parseVmixSettings, type VmixSettings } from '../../lib/vmix/settings';
import { startVmixSimulator, type VmixSimulator, type VmixSimulatorOptions } from '../../simulators/vmix';
import { freePort, loops } from '../support';
import { NOTHING_THERE } from '../support/vmix';
import { anyState } from '../support/vmix-state';

let simulator: VmixSimulator;
const code = (expected: string) => (error: { code?: string }) =>
  assert.equal(error.code, expected) === undefined;

async function start(options: VmixSimulatorOptions = {}): Promise<VmixSettings> {
  simulator = await startVmixSimulator({ speed: 20, ...options });
  return {
    host: '127.0.0.1',
    port: simulator.httpPort,
    tcpPort: simulator.tcpPort,
    user: '',
    password: '',
  };
}

describe('testing a vMix', () => {
  afterEach(() => simulator.close());

  it('says what answered', async () => {
    const settings = await start({ profile: 'vmix-27' });
    const { tookMs, ...result } = await testVmix(settings);
    assert.ok(tookMs >= 0);
    assert.deepEqual(result, {
      where: `127.0.0.1:${settings.port}`,
      version: '27.0.0.81',
      edition: '4K',
      inputs: 7,
      channels: 3,
      showsSrt: false,
      tcpFault: null,
    });
  });

  it('names the fault', async () => {
    const settings = await start({ user: 'desk', password: 'right' });
    const { port, tcpPort } = settings;
    const test = (more: Partial<VmixSettings>) => testVmix({ ...settings, ...more }, 600);
    await assert.rejects(test({}), code('VMIX_PASSWORD_MISSING'));
    await assert.rejects(test({ user: 'desk', password: 'wrong' }), code('VMIX_WRONG_PASSWORD'));
    const right = { user: 'desk', password: 'right' };
    await assert.rejects(test({ ...right, port: tcpPort ?? 0 }), code('VMIX_PORTS_SWAPPED'));
    assert.equal((await test({ ...right, tcpPort: port })).tcpFault?.code, 'VMIX_PORTS_SWAPPED');
    assert.equal((await test({ ...right, tcpPort: await freePort() })).tcpFault?.code, 'VMIX_TCP_REFUSED');
    assert.equal((await test({ ...right, tcpPort: null })).tcpFault, null);
    simulator.faults.failHttp('browser', { times: 1 });
    await assert.rejects(test(right), code('VMIX_BROWSER_REFUSED'));
    simulator.faults.failHttp('html', { times: 1 });
    await assert.rejects(test(right), code('VMIX_NOT_VMIX'));
    await simulator.webController(false);
    await assert.rejects(test(right), code('VMIX_WEB_CONTROLLER_OFF'));
    await assert.rejects(test({ ...right, tcpPort: null }), NOTHING_THERE);
    await simulator.quit();
    await assert.rejects(test(right), NOTHING_THERE);
  });

  it('gives the lists of the dialogs', async () => {
    const settings = await start();
    const inputs = await listOnce(settings, 'inputs');
    assert.deepEqual(inputs[1], { value: 'Camera 1', label: '2 Camera 1' });
    assert.deepEqual(
      (await listOnce(settings, 'channels')).map(({ value }) => value),
      ['1', '2', '3', '4', '5'],
    );
    assert.equal((await listOnce(settings, 'functions')).length, 792);
    assert.equal(listFrom(null, 'srt').length, 4);
    assert.equal(listFrom(null, 'outputs').length, 3);
    assert.deepEqual(listFrom(null, 'inputs'), []);
    const events = listFrom(null, 'events').map(({ value }) => value);
    assert.equal(new Set(events).size, events.length);
    // the one that has a command of its own
    assert.equal(events[0], 'Tally');
    for (const name of events.slice(1)) {
      const hint = hintOf({ kind: 'line', command: 'ACTS', ok: true, text: `${name} 1 1` });
      assert.ok(hint?.kind === 'activator' && hint.about !== 'other', name);
    }
  });
});

describe('the list of inputs', () => {
  const stateOf = (...inputs: [key: string, title: string, shortTitle: string][]) => {
    const parts = inputs.map(
      ([key, title, short], at) =>
        `<input key="${key}" number="${at + 1}" type="Colour" title="${title}" shortTitle="${short}" />`,
    );
    return parseState(`<vmix><version>29.0.0.49</version><inputs>${parts.join('')}</inputs></vmix>`);
  };

  it('is of names a person can read, and of keys where a name does not say which', () => {
    const show = stateOf(
      ['k1', 'Camera', 'Camera'],
      ['k2', 'Live', 'Live'],
      ['k3', 'Live', 'Live'],
      ['k4', '7', '7'],
      ['k5', 'List - one.mp4', 'List'],
      ['k6', 'Live - Live', 'Live'],
      ['k7', ' ', ' '],
    );
    assert.deepEqual(listFrom(show, 'inputs'), [
      { value: 'Camera', label: '1 Camera' },
      { value: 'k2', label: '2 Live' },
      { value: 'k3', label: '3 Live' },
      // one day there may be an input 7
      { value: 'k4', label: '4 7' },
      // the rest of the title changes with what it plays
      { value: 'List', label: '5 List - one.mp4' },
      { value: 'Live - Live', label: '6 Live - Live' },
      { value: 'k7', label: '7  ' },
    ]);
  });

  it('has only values that are found again, also after inputs were moved', () => {
    fc.assert(
      fc.property(anyState(), (state) => {
        const list = listFrom(state, 'inputs');
        const numbers = state.inputs.length;
        const moved = {
          ...state,
          inputs: state.inputs.map((input) => ({ ...input, number: numbers + 1 - input.number })).reverse(),
        };
        for (const [at, { value }] of list.entries())
          for (const present of [state, moved])
            assert.equal(findInput(present, value).input?.key, state.inputs[at]!.key, value);
      }),
      { numRuns: loops(500, 100) },
    );
  });
});

describe('settings of a vMix as typed', () => {
  const typed = { host: 'studio', port: '8088', tcpPort: '8099', user: '', password: '' };

  it('are taken apart', () => {
    assert.deepEqual(parseVmixSettings(typed), { ...typed, port: 8088, tcpPort: 8099 });
    assert.deepEqual(parseVmixSettings({ ...typed, host: ' http://desk:p%40ss@10.0.0.7:9000/api/ ' }), {
      host: '10.0.0.7',
      port: 9000,
      tcpPort: 8099,
      user: 'desk',
      password: 'p@ss',
    });
    assert.equal(parseVmixSettings({ ...typed, host: '[fe80::1]:8089' }).host, 'fe80::1');
    assert.equal(parseVmixSettings({ ...typed, host: 'studio:8089' }).port, 8089);
    assert.equal(parseVmixSettings({ ...typed, port: '' }).port, 8088);
    for (const tcpPort of ['', '0', 0]) assert.equal(parseVmixSettings({ ...typed, tcpPort }).tcpPort, null);
  });

  it('are refused with the field and the reason, and no password', () => {
    const cases = [
      { host: '' },
      { host: 'two words' },
      { host: 'desk:hunter2hunter2@studio' },
      { port: '99999' },
      { tcpPort: 'x' },
    ];
    for (const more of cases)
      assert.throws(
        () => parseVmixSettings({ ...typed, ...more }),
        (error: Error & { code?: string }) =>
          error.code === 'CONFIG_INVALID' && !error.message.includes('hunter2'),
      );
  });
});
