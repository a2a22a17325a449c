// The TCP port of vMix: its events, its commands, and what becomes of both when the line is bad.
import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { Backoff } from '../../lib/connection/backoff';
import type { Hint } from '../../lib/vmix/activators';
import { parseState } from '../../lib/vmix/state';
import { VmixTcp, type VmixTcpOptions } from '../../lib/vmix/tcp';
import { startVmixSimulator, type VmixSimulator, type VmixSimulatorOptions } from '../../simulators/vmix';
import { freePort, waitFor } from '../support';

let simulator: VmixSimulator;
let tcp: VmixTcp;
let hints: Hint[] = [];
let told: string[] = [];
const code = (expected: string) => (error: { code?: string }) =>
  assert.equal(error.code, expected) === undefined;
const quick = () => new Backoff(() => 0.5, 30, 1.2, 60, 0);

function watch(options: Partial<VmixTcpOptions> = {}): VmixTcp {
  hints = [];
  told = [];
  tcp = new VmixTcp({ host: '127.0.0.1', port: simulator.tcpPort ?? 0, backoff: quick(), ...options });
  tcp.onHint((hint) => hints.push(hint));
  tcp.onStatus(({ state, fault }) =>
    told.push(`${state} ${(fault as { code?: string } | null)?.code ?? ''}`.trim()),
  );
  tcp.start();
  return tcp;
}
const ready = () => waitFor(() => tcp.status.state === 'ready');
async function start(options: VmixSimulatorOptions = {}, more: Partial<VmixTcpOptions> = {}): Promise<void> {
  simulator = await startVmixSimulator({ speed: 20, ...options });
  watch(more);
  await ready();
}
const activators = () =>
  hints.flatMap((hint) => (hint.kind === 'activator' ? [`${hint.name} ${hint.value}`] : []));

afterEach(async () => {
  await tcp.close();
  await simulator.close();
});

describe('the TCP port of vMix', () => {
  it('greets, and then tells what changes', async () => {
    await start();
    assert.equal(tcp.version, '29.0.0.49');
    // the present tally comes with the subscription, no present activator does
    await waitFor(() => hints.length > 0);
    assert.deepEqual(hints[0]?.kind === 'tally' && hints[0].inputs.slice(0, 3), [
      'program',
      'preview',
      'off',
    ]);
    await tcp.call({ name: 'CutDirect', input: 3 });
    await tcp.call({ name: 'StartStreaming', value: 4 });
    await waitFor(() => activators().includes('Streaming 1'));
    assert.deepEqual(activators(), ['Input 0', 'Input 1', 'Streaming 1']);
  });

  it('answers commands one after the other', async () => {
    await start();
    const [document, pong, text] = await Promise.all([
      tcp.document(),
      tcp.command('PING', 'a ping'),
      tcp.command('XMLTEXT vmix/edition', 'a question'),
      tcp.call({ name: 'Cut' }),
    ]);
    assert.equal(parseState(document).active, 1);
    assert.deepEqual(pong, { kind: 'line', command: 'PING', ok: true, text: 'PONG' });
    assert.deepEqual(text, { kind: 'line', command: 'XMLTEXT', ok: true, text: '4K' });
    assert.equal(simulator.state.active, 2);
  });

  it('says no where vMix does, which is only for arguments', async () => {
    await start();
    await tcp.call({ name: 'NoSuchFunction' });
    await assert.rejects(
      tcp.call({ name: 'SetVolume', input: 4, value: 50 }),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'VMIX_REJECTED');
        return error.message.includes('Input has no audio');
      },
    );
    await assert.rejects(tcp.command('PING\r\nQUIT', 'two lines'), code('INPUT_INVALID'));
  });

  it('is the same in pieces', async () => {
    simulator = await startVmixSimulator({ inputs: ['é🎥', 'a\r\nb'] });
    simulator.faults.fragment = true;
    watch();
    await ready();
    for (let round = 0; round < 20; round++) {
      const [document] = await Promise.all([tcp.document(), tcp.call({ name: 'Cut' })]);
      assert.equal(parseState(document).inputs[1]?.title, 'a\r\nb');
    }
  });

  it('takes no late answer for another', async () => {
    await start({}, { timings: { call: 600 } });
    simulator.faults.delayNext('FUNCTION', 16_000);
    await assert.rejects(tcp.call({ name: 'CutDirect', input: 5 }), code('VMIX_TIMEOUT'));
    // the late OK of the cut is none for this one, which vMix refuses
    await assert.rejects(tcp.call({ name: 'SetVolume', input: 4, value: 50 }), code('VMIX_REJECTED'));
    assert.equal(simulator.state.active, 5);
    assert.equal(tcp.status.state, 'ready');
  });

  it('gives up a vMix that answers nothing, and comes back', async () => {
    await start({}, { timings: { call: 60, ping: 40, connect: 500 } });
    simulator.freeze();
    await waitFor(() => told.includes('disconnected VMIX_NO_ANSWER'));
    await assert.rejects(tcp.call({ name: 'Cut' }));
    simulator.thaw();
    await ready();
    hints = [];
    await tcp.call({ name: 'CutDirect', input: 2 });
    await waitFor(() => hints.some(({ kind }) => kind === 'tally'));
  });

  it('keeps a silent connection alive', async () => {
    simulator = await startVmixSimulator({});
    simulator.faults.dropIdleMs = 700;
    watch({ timings: { ping: 100 } });
    await ready();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.equal(tcp.status.state, 'ready');
    assert.deepEqual(told, ['ready']);
  });

  it('comes back after a restart, and hears events again', async () => {
    await start();
    const lost = assert.rejects(
      (simulator.faults.delayNext('FUNCTION', 100_000), tcp.call({ name: 'Cut' })),
      code('VMIX_DISCONNECTED'),
    );
    await waitFor(() => simulator.calls.length >= 2);
    simulator.studio.version = '29.0.0.50';
    await simulator.restart({ reorder: true });
    await lost;
    await ready();
    assert.equal(tcp.version, '29.0.0.50');
    simulator.studio.record(true, 0);
    await waitFor(() => activators().includes('Recording 1'));
    assert.equal(told[0], 'ready');
    assert.equal(told.at(-1), 'ready');
    assert.ok(told.some((one) => one.startsWith('disconnected')));
  });

  it('waits for a vMix that is not there yet, and says so once', async () => {
    const lines: string[] = [];
    simulator = await startVmixSimulator();
    await simulator.quit();
    watch({ log: (_, text) => lines.push(text) });
    await waitFor(() => told.includes('waiting VMIX_TCP_REFUSED'));
    await assert.rejects(tcp.call({ name: 'Cut' }), code('VMIX_TCP_REFUSED'));
    await new Promise((resolve) => setTimeout(resolve, 150));
    assert.equal(lines.length, 1);
    await simulator.restart();
    await ready();
  });

  it('knows the web controller, a mute program, and another one', async () => {
    simulator = await startVmixSimulator();
    watch({ port: simulator.httpPort, timings: { greeting: 50 } });
    await waitFor(() => told.includes('waiting VMIX_PORTS_SWAPPED'));
    await tcp.close();

    const cases: [string | null, string][] = [
      [null, 'waiting VMIX_NO_ANSWER'],
      ['220 mail ESMTP\r\n', 'waiting VMIX_NOT_VMIX'],
      ['VERSION ER no\r\n', 'waiting VMIX_NOT_VMIX'],
      ['', 'waiting VMIX_NOT_VMIX'],
    ];
    for (const [greeting, expected] of cases) {
      const port = await freePort();
      const sockets: Socket[] = [];
      const server = createServer((socket) => {
        sockets.push(socket);
        socket.on('error', () => undefined);
        if (greeting === '') socket.end();
        else if (greeting !== null) socket.write(greeting);
      });
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      watch({ port, timings: { connect: 150, greeting: 50 } });
      await waitFor(() => told.includes(expected), { message: () => `${expected}, not ${told.join(', ')}` });
      await tcp.close();
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });

  it('ends at once, in the middle of everything, and twice', async () => {
    await start();
    simulator.freeze();
    const waits = [1, 2, 3].map(() => assert.rejects(tcp.call({ name: 'Cut' }), code('VMIX_CLOSED')));
    await tcp.close();
    await tcp.close();
    await Promise.all(waits);
    simulator.thaw();
    await waitFor(() => simulator.clients === 0);
    await assert.rejects(tcp.call({ name: 'Cut' }), code('VMIX_NOT_CONNECTED'));
    assert.equal(told.at(-1), 'closed');
  });

  it('says no secret in any error', async () => {
    await start({}, { timings: { call: 50, connect: 200 } });
    simulator.faults.delayNext('FUNCTION', 10_000);
    const value = '0,hunter2hunter2';
    await assert.rejects(
      tcp.call({ name: 'StreamingSetKey', value }),
      (error: Error) => !JSON.stringify([error, error.message, error.stack]).includes('hunter2'),
    );
  });
});
