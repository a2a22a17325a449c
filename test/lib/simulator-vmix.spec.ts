// The simulated vMix does what is known of the real one, and nothing beyond it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { VMIX_FUNCTIONS } from '../../lib/vmix/functions';
import { parseState } from '../../lib/vmix/state';
import { startVmixSimulator, type VmixSimulator, type VmixSimulatorOptions } from '../../simulators/vmix';
import { namesOf } from '../../simulators/vmix/function-names';
import { freePort, listens, removeTempDir, tempDir, waitFor } from '../support';
import { bareTcp, web, type BareTcp } from '../support/vmix';

let simulator: VmixSimulator;
let tcp: BareTcp | null = null;

async function start(options: VmixSimulatorOptions = {}): Promise<void> {
  simulator = await startVmixSimulator({ speed: 20, random: () => 0.4, ...options });
}
const call = (query: string) => web(simulator.url, `/api/?${query}`);
const state = async () => parseState((await web(simulator.url, '/api')).body);
async function open(): Promise<BareTcp> {
  tcp = await bareTcp(simulator.tcpPort ?? 0);
  await tcp.until(/VERSION OK \d+\.0\.0\.\d+\r\n/);
  tcp.clear();
  return tcp;
}

afterEach(async () => {
  tcp?.end();
  tcp = null;
  await simulator.close();
});

describe('the web controller of the simulated vMix', () => {
  it('gives its state at every spelling of its path', async () => {
    await start();
    for (const path of ['/api', '/api/', '/API/', '/Api/?']) {
      const { status, headers, body } = await web(simulator.url, path);
      assert.deepEqual([status, headers['content-type'], headers.connection], [200, 'text/xml', 'close']);
      assert.match(body, /^<vmix><version>29\.0\.0\.49<\/version>.*<\/vmix>$/);
    }
    assert.equal(simulator.stateRequests, 4);
    assert.equal((await web(simulator.url, '/nothing')).status, 404);
  });

  it('answers every known function alike, in any case, and others with 500', async () => {
    await start();
    const answers = await Promise.all(
      ['Function=StartRecording', 'function=cutdirect&INPUT=2', 'Function=SetVolume&Input=4&Value=x'].map(
        call,
      ),
    );
    for (const { status, body } of answers)
      assert.deepEqual([status, body], [200, 'Function completed successfully.']);
    for (const name of ['SetOutput', 'Transition', 'Nonsense', 'GetVersion'])
      assert.equal((await call(`Function=${name}`)).status, 500, name);
    assert.equal((await state()).active, 2);
  });

  it('wants user and password where they are set', async () => {
    await start({ user: 'desk', password: 'opén sesame' });
    const open401 = await web(simulator.url, '/api');
    assert.deepEqual([open401.status, open401.headers['www-authenticate']], [401, 'Basic realm="vMix"']);
    const basic = (text: string) => ({ Authorization: `Basic ${Buffer.from(text).toString('base64')}` });
    assert.equal((await web(simulator.url, '/api', basic('desk:wrong'))).status, 401);
    assert.equal((await web(simulator.url, '/api', basic('desk:opén sesame'))).status, 200);
  });

  it('answers what is no request with the words of vMix', async () => {
    await start();
    const socket = connect(simulator.httpPort, '127.0.0.1');
    let said = '';
    socket.on('data', (data) => (said += data.toString()));
    socket.write('SUBSCRIBE TALLY\r\n');
    await waitFor(() => said.includes('processed.'));
    assert.match(
      said,
      /^HTTP\/1\.0 400 Bad Request\r\nConnection: close\r\nContent-Length: 47\r\n\r\nThe request was/,
    );
    socket.destroy();
  });

  it('fails as it is told', async () => {
    await start();
    const { faults } = simulator;
    faults.failHttp('error', { times: 1 });
    assert.equal((await web(simulator.url, '/api')).status, 500);
    assert.equal((await web(simulator.url, '/api')).status, 200);
    faults.failHttp('html', { times: 1 });
    assert.match((await web(simulator.url, '/api')).body, /^<!DOCTYPE html>/);
    faults.failHttp('browser', { times: 1 });
    assert.equal((await web(simulator.url, '/api')).body, 'Browser script access not permitted');
    faults.failHttp('truncated', { times: 1 });
    await assert.rejects(web(simulator.url, '/api'));
    faults.failHttp('refuse', { times: 1 });
    await assert.rejects(web(simulator.url, '/api'));
    faults.failHttp('error', { on: 'function' });
    assert.equal((await web(simulator.url, '/api')).status, 200);
    assert.equal((await call('Function=Cut')).status, 500);
    faults.clear();
    faults.look = { bom: true, declaration: true, instruction: true };
    assert.match((await web(simulator.url, '/api')).body, /^\ufeff<\?xml [^>]*\?><\?vmix state\?><vmix>/);
    await state();
    await simulator.webController(false);
    assert.equal(await listens(simulator.httpPort), false);
    assert.equal(await listens(simulator.tcpPort ?? 0), true);
    await simulator.webController(true);
    await state();
  });
});

describe('the TCP port of the simulated vMix', () => {
  it('greets and answers every command', async () => {
    await start();
    const client = await open();
    const cases: [string, string][] = [
      ['VERSION', 'VERSION OK 29.0.0.49'],
      ['ping', 'PING OK PONG'],
      ['TALLY', 'TALLY OK 1200000'],
      ['FUNCTION Nonsense Value=1', 'FUNCTION OK Completed'],
      ['FUNCTION SetVolume Input=4&Value=50', 'FUNCTION ER Input has no audio'],
      ['FUNCTION SetVolumeFade Input=2&Value=50', 'FUNCTION ER Value must be volume,milliseconds'],
      ['FUNCTION SetVolume Input=2&Value=50', 'FUNCTION OK Completed'],
      ['ACTS Recording', 'ACTS OK Recording 0'],
      ['ACTS Input 1', 'ACTS OK Input 1 1'],
      ['ACTS InputVolume 2', 'ACTS OK InputVolume 2 0.0625'],
      ['ACTS Input 99', 'ACTS ER No Input'],
      ['ACTS Overlay9 1', 'ACTS ER Invalid Activator'],
      ['XMLTEXT vmix/version', 'XMLTEXT OK 29.0.0.49'],
      ['XMLTEXT vmix/inputs/input[2]/@title', 'XMLTEXT OK Camera 1'],
      ['XMLTEXT vmix/nothing', 'XMLTEXT ER XML Entry Not Found'],
      ['SUBSCRIBE NOISE', 'SUBSCRIBE ER Unknown Event'],
      ['HELLO there', 'HELLO ER Unknown Command'],
    ];
    for (const [line, answer] of cases) {
      client.clear();
      client.send(line);
      assert.equal(await client.until(/^[^\r]*\r\n/), `${answer}\r\n`);
    }
    assert.equal((await state()).inputs[1]?.volume?.amplitude, 6.25);
    client.send('QUIT');
    await waitFor(() => client.closed);
  });

  it('announces a document by its bytes, line end included', async () => {
    await start({ inputs: ['é🎥', 'a\r\nb'] });
    const client = await open();
    client.send('XML');
    client.send('PING');
    const text = await client.until(/PING OK PONG\r\n/).then(() => client.text);
    const [, length = '', rest = ''] = /^XML (\d+)\r\n([^]*)PING OK PONG\r\n$/.exec(text) ?? [];
    assert.equal(Buffer.byteLength(rest), Number(length));
    assert.ok(rest.endsWith('</vmix>\r\n'));
    assert.deepEqual(
      parseState(rest).inputs.map(({ title }) => title),
      ['é🎥', 'a\r\nb'],
    );
  });

  it('tells what changes to those who subscribed, and tallies before the answer', async () => {
    await start();
    const client = await open();
    client.send('SUBSCRIBE ACTS');
    client.send('SUBSCRIBE TALLY');
    await client.until(/TALLY OK \d+\r\n$/);
    assert.equal(
      client.text,
      'SUBSCRIBE OK ACTS Subscribed\r\nSUBSCRIBE OK TALLY Subscribed\r\nTALLY OK 1200000\r\n',
    );
    client.clear();
    client.send('FUNCTION CutDirect Input=3');
    await client.until(/FUNCTION OK/);
    assert.deepEqual(client.text.trim().split('\r\n'), [
      'ACTS OK Input 1 0',
      'ACTS OK Input 3 1',
      'TALLY OK 0210000',
      'FUNCTION OK Completed',
    ]);
    client.clear();
    client.send('FUNCTION StartStreaming Value=1');
    client.send('FUNCTION StartRecording');
    await client.until(/ACTS OK Streaming 1\r\n/);
    assert.match(client.text, /ACTS OK Recording 1\r\n/);
    client.send('UNSUBSCRIBE ACTS');
    await client.until(/UNSUBSCRIBE OK ACTS\r\n/);
    client.clear();
    client.send('FUNCTION StopRecording');
    await waitFor(() => simulator.state.recording.on === false);
    assert.equal(client.text, 'FUNCTION OK Completed\r\n');
  });

  it('writes in pieces, comes late, drops who is silent', async () => {
    await start();
    simulator.faults.fragment = true;
    const client = await open();
    client.send('XML');
    await client.until(/<\/vmix>\r\n/);
    simulator.faults.delayNext('FUNCTION', 2_000);
    client.clear();
    const began = Date.now();
    client.send('FUNCTION Cut');
    client.send('PING');
    await client.until(/FUNCTION OK Completed\r\nPING OK PONG/);
    assert.ok(Date.now() - began >= 90);
    simulator.faults.dropIdleMs = 30;
    client.send('PING');
    await waitFor(() => client.closed);
  });

  it('can be switched off', async () => {
    await start({ tcpPort: null });
    assert.equal(simulator.tcpPort, null);
    await state();
  });
});

describe('the state of the simulated vMix', () => {
  it('says only what is on', async () => {
    await start({ twoRecorders: true });
    const text = async () => (await web(simulator.url, '/api')).body;
    assert.match(await text(), /<recording>False<\/recording>.*<streaming>False<\/streaming>/);
    for (const word of ['channel', 'srt=', 'ndi=', 'omt=', 'external='])
      assert.ok(!(await text()).includes(word), word);
    await call('Function=StartStreaming&Value=2');
    await call('Function=StartRecording');
    await call('Function=StartSRTOutput&Value=1');
    await call('Function=StartSRTOutput&Value=2');
    assert.ok(!(await text()).includes('channel'));
    await waitFor(async () => /<streaming channel3="True">True<\/streaming>/.test(await text()));
    assert.match(await text(), /<output type="output" number="2" source="Output" srt="True" \/>/);
    // it is not set up
    assert.match(await text(), /<output type="output" number="3" source="Output" \/>/);
    assert.match(await text(), /<recording duration="\d+" filename1="[^"]+" filename2="[^"]+">True</);
    await call('Function=StopRecording');
    await waitFor(async () => /<recording filename1="[^"]+" filename2="[^"]+">False</.test(await text()));
    await call('Function=StopSRTOutput');
    await call('Function=StopSRTOutput&Value=1');
    await waitFor(async () => !(await text()).includes('srt='));
  });

  it('starts every stream that has a destination where the value is blank', async () => {
    await start({ configuredStreams: [1, 4] });
    await call('Function=StartStreaming');
    await waitFor(() => simulator.channel(4) === 'live' && simulator.channel(1) === 'live');
    assert.deepEqual(
      [2, 3, 5].map((channel) => simulator.channel(channel)),
      ['off', 'off', 'off'],
    );
    assert.equal((await state()).streaming.channels[4], true);
    await call('Function=StopStreaming');
    assert.equal((await state()).streaming.on, false);
  });

  it('keeps what a stream was told, byte for byte, and never says it again', async () => {
    await start();
    const secret = 'a&b#c+d%e f,gé';
    for (const [what, channel] of [
      ['URL', 0],
      ['Key', 4],
      ['Username', 2],
      ['Password', 2],
    ] as const)
      await call(`Function=StreamingSet${what}&Value=${channel},${encodeURIComponent(secret)}`);
    await call('Function=StreamingSetKey&Value=no-number');
    assert.equal(simulator.received(1).url, secret);
    assert.equal(simulator.received(5).key, secret);
    assert.deepEqual([simulator.received(3).userName, simulator.received(3).password], [secret, secret]);
    assert.equal(simulator.received(1).key, 'no-number');
    assert.ok(!(await web(simulator.url, '/api')).body.includes('a&amp;b'));
  });

  it('shows not why a stream failed', async () => {
    await start();
    const { faults } = simulator;
    for (const outcome of ['refuse', 'hang', 'drop'] as const) {
      faults.streamOutcome = outcome;
      await call('Function=StartStreaming&Value=0');
      assert.equal(simulator.channel(1), 'connecting');
      if (outcome === 'drop') await waitFor(() => simulator.channel(1) === 'live');
      await waitFor(() => simulator.channel(1) === 'off', { intervalMs: 5 });
    }
    faults.clear();
    await call('Function=StreamingSetKey&Value=1,wrong');
    await call('Function=StreamingSetURL&Value=2,rtmp://refused.invalid/x');
    await call('Function=StartStreaming&Value=1');
    await call('Function=StartStreaming&Value=2');
    await waitFor(() => simulator.channel(2) === 'live', { intervalMs: 5 });
    await waitFor(() => simulator.channel(2) === 'off', { intervalMs: 5 });
    assert.equal(simulator.channel(3), 'off');
    faults.ignoreNext('StartStreaming');
    assert.equal((await call('Function=StartStreaming&Value=0')).status, 200);
    assert.equal(simulator.channel(1), 'off');
  });

  it('switches: cuts at once, fades in time, swaps without an input', async () => {
    await start();
    await call('Function=Cut');
    assert.deepEqual([simulator.state.active, simulator.state.preview], [2, 1]);
    await call('Function=CutDirect&Input=Camera%202');
    assert.deepEqual([simulator.state.active, simulator.state.preview], [3, 1]);
    await call('Function=Fade&Input=4&Duration=4000');
    assert.equal(simulator.state.active, 3);
    await waitFor(() => simulator.state.active === 4);
    assert.equal(simulator.state.preview, 3);
    await call(`Function=PreviewInput&Input=${simulator.state.inputs[4]?.key}`);
    await call('Function=PreviewInputNext');
    assert.equal(simulator.state.preview, 6);
    await call('Function=Transition2');
    await waitFor(() => simulator.state.active === 6);
    await call('Function=OverlayInput8In&Input=5');
    assert.equal((await state()).overlays[7]?.inputNumber, 5);
    await call('Function=OverlayInput8&Input=5');
    assert.equal((await state()).overlays[7]?.inputNumber, null);
  });

  it('restarts: sockets close, nothing runs, numbers may have moved, keys stay', async () => {
    await start();
    const client = await open();
    await call('Function=StartStreaming&Value=0');
    await call('Function=StartRecording');
    await waitFor(() => simulator.channel(1) === 'live' && simulator.state.recording.on === true);
    const keys = simulator.state.inputs.map(({ key }) => key);
    const on = simulator.state.inputs.find(({ number }) => number === simulator.state.active)?.key;
    await simulator.restart({ reorder: true });
    await waitFor(() => client.closed);
    const after = await state();
    assert.deepEqual([after.streaming.on, after.recording.on, after.recording.files], [false, false, []]);
    assert.deepEqual(
      after.inputs.map(({ key }) => key),
      [...keys].reverse(),
    );
    assert.equal(after.inputs.find(({ number }) => number === after.active)?.key, on);
  });

  it('writes pictures where the path says, later than it answers', async () => {
    const folder = tempDir('vmix');
    await start({ writeFiles: true });
    const file = join(folder, 'frame.png');
    await call(`Function=Snapshot&Value=${encodeURIComponent(file)}`);
    const bytes = await waitFor(async () => {
      const read = await readFile(file);
      return read.at(-1) === 0xd9 ? read : null;
    });
    assert.deepEqual([...bytes.subarray(0, 2)], [0xff, 0xd8]);
    await call('Function=Snapshot');
    assert.equal(simulator.studio.openWindows, 1);
    removeTempDir(folder);
  });

  it('frozen, takes connections and answers nothing', async () => {
    await start();
    const client = await open();
    simulator.freeze();
    client.send('PING');
    let answered = false;
    const asked = web(simulator.url, '/api').then(() => (answered = true));
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual([answered, client.text], [false, '']);
    simulator.thaw();
    await asked;
    await client.until(/PONG/);
  });
});

describe('the versions the simulator plays', () => {
  for (const profile of ['vmix-24', 'vmix-27', 'vmix-28', 'vmix-29'] as const)
    it(profile, async () => {
      await start({ profile });
      const major = Number(profile.slice(5));
      const shown = await state();
      assert.deepEqual(
        [
          shown.version.major,
          shown.streaming.channelCount,
          shown.outputs?.length ?? null,
          shown.overlays.length,
        ],
        [major, major < 28 ? 3 : 5, major < 28 ? null : 6, major < 29 ? 8 : 16],
      );
      assert.deepEqual(
        [...namesOf(major)].sort(),
        VMIX_FUNCTIONS.filter(({ since }) => since <= major)
          .map(({ name }) => name.toLowerCase())
          .sort(),
      );
      const known = await call('Function=OverlayInput5In&Input=1');
      assert.equal(known.status, major < 29 ? 500 : 200);
      // before vMix 28 SRT runs and nobody sees it
      await call('Function=StartSRTOutput&Value=0');
      await waitFor(() => simulator.studio.outputs.some(({ srt }) => srt));
    });

  it('shows of any size', async () => {
    await start({ inputs: 1000 });
    const { inputs } = await state();
    assert.equal(inputs.length, 1000);
    assert.equal(new Set(inputs.map(({ key }) => key)).size, 1000);
  });

  it('says why a port cannot be had, and leaves the other one free', async () => {
    await start();
    await assert.rejects(startVmixSimulator({ httpPort: simulator.httpPort }), { code: 'EADDRINUSE' });
    await assert.rejects(startVmixSimulator({ tcpPort: simulator.tcpPort }), { code: 'EADDRINUSE' });
  });
});

describe('live-simulator vmix', () => {
  it('prints its addresses, answers, and ends cleanly', async () => {
    await start();
    const command = join(__dirname, '..', '..', 'dist', 'simulators', 'cli.js');
    const [port, tcpPort] = [await freePort(), await freePort()];
    const args = [
      '--port',
      String(port),
      '--tcp-port',
      String(tcpPort),
      '--password',
      'hush',
      '--profile',
      'vmix-27',
    ];
    const child = spawn(process.execPath, [command, 'vmix', ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'close');
    let said = '';
    child.stdout.on('data', (data: Buffer) => (said += data.toString()));
    await waitFor(() => said.includes('\n'));
    assert.equal(
      said,
      `Simulated vMix (vmix-27) listens at http://127.0.0.1:${port}, with password; TCP API on port ${tcpPort}\n`,
    );
    const basic = `Basic ${Buffer.from(':hush').toString('base64')}`;
    const { body } = await web(`http://127.0.0.1:${port}`, '/api', { Authorization: basic });
    assert.equal(parseState(body).version.major, 27);
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
  });

  it('fails as it is told to', async () => {
    await start();
    const command = join(__dirname, '..', '..', 'dist', 'simulators', 'cli.js');
    const args = ['vmix', '--port', '0', '--tcp-port', '0', '--fault', 'browser', '--profile', 'vmix-28'];
    const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    let said = '';
    child.stdout.on('data', (data: Buffer) => (said += data.toString()));
    const url = await waitFor(() => /http:\S+?(?=,)/.exec(said)?.[0]);
    assert.equal((await web(url, '/api')).body, 'Browser script access not permitted');
    child.kill('SIGTERM');
    await ended;
  });

  it('says what is wrong with its options', async () => {
    await start();
    const command = join(__dirname, '..', '..', 'dist', 'simulators', 'cli.js');
    for (const args of [['--tcp-port', 'x'], ['--profile', 'obs-29'], ['--fault', 'x'], ['--nope']]) {
      const child = spawn(process.execPath, [command, 'vmix', ...args], { stdio: 'ignore' });
      assert.deepEqual(await once(child, 'close'), [2, null]);
    }
  });
});
