// Scripted faults, ends of the program, and the command line.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import WebSocket from 'ws';
import { startObsSimulator } from '../../simulators/obs';
import type { ObsSimulator } from '../../simulators/obs/types';
import { type BareClient, bareClient } from '../contract/client';
import { freePort, listens, waitFor } from '../support';

describe('OBS simulator: faults', () => {
  let simulator: ObsSimulator;
  let client: BareClient;
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const silent = async (promise: Promise<unknown>, ms = 80): Promise<boolean> => {
    const answered = promise.then(
      () => true,
      () => true,
    );
    return !(await Promise.race([answered, pause(ms).then(() => false)]));
  };

  beforeEach(async () => {
    simulator = await startObsSimulator({ speed: 10, random: () => 0.5 });
    client = await bareClient(simulator.url, null);
  });
  afterEach(async () => {
    await client.close();
    await simulator.close();
  });

  it('hangs, fails, loses, delays and ignores requests', async () => {
    const { faults } = simulator;
    faults.hang('GetStats');
    assert.ok(await silent(client.call('GetStats')));
    faults.release('GetStats');
    await client.call('GetStats');
    faults.failNext('GetStats', { code: 702, comment: 'no' });
    await assert.rejects(client.call('GetStats'), { code: 702, message: 'no' });
    await client.call('GetStats');
    faults.dropNext('SetCurrentProgramScene');
    assert.ok(await silent(client.call('SetCurrentProgramScene', { sceneName: 'Live' })));
    assert.equal(simulator.state.programScene, 'Live');
    faults.delayNext('GetStats', 1500);
    const asked = Date.now();
    await client.call('GetStats');
    assert.ok(Date.now() - asked >= 145);
    faults.ignoreNext('StartStream');
    await client.call('StartStream');
    await pause(60);
    assert.equal(simulator.state.stream, 'idle');
  });

  it('keeps the last ten thousand calls', async () => {
    for (let round = 0; round < 11; round += 1) {
      await client.obs.callBatch(
        Array.from({ length: 1000 }, () => ({ requestType: 'GetStudioModeEnabled' as const })),
      );
    }
    await client.call('GetStats', undefined);
    assert.equal(simulator.calls.length, 10_000);
    assert.equal(simulator.calls.at(-1)?.requestType, 'GetStats');
  });

  it('quits with ExitStarted and 1001, and comes back on the same port', async () => {
    await simulator.quit();
    await waitFor(() => client.closed !== undefined);
    assert.equal(client.closed, 1001);
    assert.ok(client.events.some((event) => event.type === 'ExitStarted'));
    assert.equal(await listens(simulator.port), false);
    await simulator.restart();
    const again = await bareClient(simulator.url, null);
    await again.call('GetVersion');
    await again.close();
  });

  it('crashes with 1006; what ran is gone, what was set stays', async () => {
    await client.call('SetStreamServiceSettings', {
      streamServiceType: 'rtmp_custom',
      streamServiceSettings: { key: 'kept' },
    });
    await client.call('StartStream');
    await client.waitForEvent('StreamStateChanged', { state: 'STARTED' });
    simulator.crash();
    await waitFor(() => client.closed !== undefined);
    assert.equal(client.closed, 1006);
    assert.equal(await listens(simulator.port), false);
    await simulator.restart();
    assert.equal(simulator.state.stream, 'idle');
    assert.equal(simulator.state.service.settings.key, 'kept');
  });

  it('kicks with 4011 and goes on', async () => {
    simulator.kick();
    await waitFor(() => client.closed !== undefined);
    assert.equal(client.closed, 4011);
    const again = await bareClient(simulator.url, null);
    await again.close();
  });

  it('frozen, it takes connections and answers nothing: no reply, no pong, no Hello', async () => {
    const socket = new WebSocket(simulator.url, 'obswebsocket.json');
    await once(socket, 'message');
    let pongs = 0;
    socket.on('pong', () => (pongs += 1));
    await client.call('StartStream');
    simulator.freeze();
    socket.ping();
    const call = client.call('GetStats');
    const late = new WebSocket(simulator.url, 'obswebsocket.json');
    let greeted = false;
    late.on('message', () => (greeted = true));
    late.on('error', () => undefined);
    assert.ok(await silent(call));
    assert.deepEqual([pongs, greeted], [0, false]);
    assert.ok(!client.states('StreamStateChanged').includes('STARTED'));
    assert.equal(await listens(simulator.port), true);
    simulator.thaw();
    await call;
    await client.waitForEvent('StreamStateChanged', { state: 'STARTED' });
    await waitFor(() => greeted && pongs === 1);
    socket.terminate();
    late.terminate();
  });

  it('says no Hello where asked', async () => {
    simulator.faults.noHello();
    const socket = new WebSocket(simulator.url, 'obswebsocket.json');
    await once(socket, 'open');
    assert.ok(await silent(once(socket, 'message')));
    socket.terminate();
    simulator.faults.clear();
    const again = await bareClient(simulator.url, null);
    await again.close();
  });

  it('closes at once in the middle of everything, and twice', async () => {
    await client.call('StartStream');
    await client.call('StartRecord');
    simulator.faults.hang('GetStats');
    client.call('GetStats').catch(() => undefined);
    simulator.freeze();
    const asked = Date.now();
    await simulator.close();
    await simulator.close();
    assert.ok(Date.now() - asked < 5000);
    assert.equal(await listens(simulator.port), false);
  });

  it('says why a port cannot be had', async () => {
    await assert.rejects(startObsSimulator({ port: simulator.port }), { code: 'EADDRINUSE' });
  });
});

describe('live-simulator', () => {
  const command = join(__dirname, '..', '..', 'dist', 'simulators', 'cli.js');

  function run(...args: string[]) {
    const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { out: '', err: '' };
    child.stdout.on('data', (data: Buffer) => (said.out += data.toString()));
    child.stderr.on('data', (data: Buffer) => (said.err += data.toString()));
    const ended = once(child, 'close').then(([code]) => code as number | null);
    return { child, said, ended };
  }

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`prints its address, answers, and ends cleanly on ${signal}`, async () => {
      const port = await freePort();
      const { child, said, ended } = run(
        'obs',
        '--port',
        String(port),
        '--password',
        'hush',
        '--profile',
        'obs-30',
      );
      await waitFor(() => said.out.includes('\n'));
      assert.match(said.out, new RegExp(`ws://127\\.0\\.0\\.1:${port}, with password`));
      assert.ok(!said.out.includes('hush'));
      const client = await bareClient(`ws://127.0.0.1:${port}`, 'hush');
      assert.equal((await client.call('GetVersion')).obsVersion, '30.2.3');
      child.kill(signal);
      assert.equal(await ended, 0);
      assert.equal(client.closed, 1001);
    });
  }

  it('explains itself', async () => {
    const { said, ended } = run('--help');
    assert.equal(await ended, 0);
    assert.match(said.out, /usage: live-simulator obs/);
  });

  for (const args of [
    [],
    ['vtx'],
    ['obs', '--nope'],
    ['obs', '--port', 'x'],
    ['obs', '--profile', 'obs-1'],
    ['obs', 'more'],
  ]) {
    it(`ends with 2 and one clear line: ${args.join(' ') || '(nothing)'}`, async () => {
      const { said, ended } = run(...args);
      assert.equal(await ended, 2);
      assert.equal(said.err.trim().split('\n').length, 1);
      assert.match(said.err, /^live-simulator: .+\. See live-simulator --help\.$/m);
    });
  }

  it('names a port that is taken', async () => {
    const taken = await startObsSimulator();
    const { said, ended } = run('obs', '--port', String(taken.port));
    assert.equal(await ended, 1);
    assert.match(said.err, /taken by another program/);
    await taken.close();
  });
});
