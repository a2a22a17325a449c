// Asking vMix over its web controller, and what becomes of it when that misbehaves.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { VmixHttp, type VmixHttpOptions } from '../../lib/vmix/http';
import { Poller } from '../../lib/vmix/poller';
import { streamSetting } from '../../lib/vmix/functions/numbers';
import { startVmixSimulator, type VmixSimulator, type VmixSimulatorOptions } from '../../simulators/vmix';
import { freePort, waitFor } from '../support';
import { NOTHING_THERE } from '../support/vmix';

let simulator: VmixSimulator;
let http: VmixHttp;
const code = (expected: string) => (error: { code?: string }) =>
  assert.equal(error.code, expected) === undefined;

async function start(options: VmixSimulatorOptions = {}, more: Partial<VmixHttpOptions> = {}): Promise<void> {
  simulator = await startVmixSimulator({ speed: 20, ...options });
  http = new VmixHttp({ host: '127.0.0.1', port: simulator.httpPort, ...more });
}
const brief = { timings: { connect: 300, call: 300 } };

afterEach(async () => {
  await http.close();
  await simulator.close();
});

describe('asking vMix for its state', () => {
  it('gives it, with what it cost', async () => {
    await start();
    const answer = await http.state();
    assert.equal(answer.state.version.text, '29.0.0.49');
    assert.ok(answer.bytes > 1000 && answer.tookMs > 0 && answer.parseMs > 0);
  });

  it('one request at a time, shared by all who wait for the next', async () => {
    await start();
    simulator.freeze();
    const asked = [http.state(), http.state(), http.state(), http.state()];
    await waitFor(() => http.requests === 1);
    simulator.thaw();
    const [first, ...others] = await Promise.all(asked);
    assert.equal(simulator.stateRequests, 2);
    assert.ok(others.every((one) => one === others[0] && one !== first));
    await http.state();
    assert.equal(simulator.stateRequests, 3);
  });

  it('with user and password, also such as need care', async () => {
    await start({ user: 'désk', password: 'p:ä ss' }, { user: 'désk', password: 'p:ä ss' });
    await http.state();
    await http.close();
    http = new VmixHttp({ host: '127.0.0.1', port: simulator.httpPort, user: 'désk', password: 'wrong' });
    await assert.rejects(http.state(), code('VMIX_WRONG_PASSWORD'));
    await http.close();
    http = new VmixHttp({ host: '127.0.0.1', port: simulator.httpPort });
    await assert.rejects(http.state(), code('VMIX_PASSWORD_MISSING'));
    await assert.rejects(http.call({ name: 'Cut' }), code('VMIX_PASSWORD_MISSING'));
  });

  it('whatever stands before the document', async () => {
    await start();
    simulator.faults.look = { bom: true, declaration: true, instruction: true };
    assert.equal((await http.state()).state.inputs.length, 7);
  });

  const faults = [
    ['error', 'VMIX_REJECTED'],
    ['html', 'VMIX_NOT_VMIX'],
    ['browser', 'VMIX_BROWSER_REFUSED'],
    ['truncated', 'VMIX_DOCUMENT_TRUNCATED'],
    ['refuse', 'VMIX_DISCONNECTED'],
    ['large', 'VMIX_DOCUMENT_TOO_LARGE'],
    ['hang', 'VMIX_TIMEOUT'],
    ['slow', 'VMIX_TIMEOUT'],
  ] as const;
  for (const [fault, expected] of faults)
    it(`${fault}: ${expected}, and the next one goes`, async () => {
      await start({}, expected === 'VMIX_TIMEOUT' ? { timings: { call: 1000 } } : {});
      simulator.faults.failHttp(fault, { times: 1 });
      await assert.rejects(http.state(), code(expected));
      await http.state();
    });

  it('a web controller that is off, and on again', async () => {
    await start();
    await simulator.webController(false);
    await assert.rejects(http.state(), NOTHING_THERE);
    await simulator.webController(true);
    await http.state();
  });

  it('the TCP port in place of the web controller', async () => {
    await start();
    const wrong = new VmixHttp({ host: '127.0.0.1', port: simulator.tcpPort ?? 0 });
    await assert.rejects(wrong.state(), code('VMIX_PORTS_SWAPPED'));
    await wrong.close();
  });

  it('other programs: one that greets, one that is mute, one that is not there', async () => {
    await start({}, brief);
    const servers: Server[] = [];
    const other = async (greeting: string | null): Promise<VmixHttp> => {
      const port = await freePort();
      const server = createServer((socket) => {
        socket.on('error', () => undefined);
        if (greeting !== null) socket.end(greeting);
      });
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      return new VmixHttp({ host: '127.0.0.1', port, ...brief });
    };
    const cases = [
      ['220 mail.example ESMTP\r\n', 'VMIX_NOT_VMIX'],
      ['', 'VMIX_DISCONNECTED'],
      ['HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n', 'VMIX_NOT_VMIX'],
      ['HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n', 'VMIX_NOT_VMIX'],
      [null, 'VMIX_TIMEOUT'],
    ] as const;
    for (const [greeting, expected] of cases) {
      const client = await other(greeting);
      await assert.rejects(client.state(), code(expected), String(greeting));
      await client.close();
    }
    for (const server of servers) server.close();
    const nowhere = new VmixHttp({ host: 'vmix.invalid', port: 8088 });
    await assert.rejects(nowhere.state(), code('VMIX_UNREACHABLE'));
    await nowhere.close();
  });

  it('an answer as servers of HTTP 1.0 give it: it ends where the connection does', async () => {
    await start({}, {});
    const document = '<vmix><version>23.0.0.1</version></vmix>';
    const answers = [
      `HTTP/1.0 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n\r\n${document}`,
      `HTTP/1.0 200 OK\r\n\r\n\ufeff${document}\r\n`,
      `HTTP/1.0 200 OK\r\n\r\n${document.slice(0, -5)}`,
      `HTTP/1.0 200 OK\r\n\r\n`,
    ];
    const port = await freePort();
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(answers.shift() ?? ''));
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const client = new VmixHttp({ host: '127.0.0.1', port });
    assert.equal((await client.state()).state.version.major, 23);
    assert.equal((await client.state()).state.version.major, 23);
    await assert.rejects(client.state(), code('VMIX_DOCUMENT_TRUNCATED'));
    await assert.rejects(client.state(), code('VMIX_DOCUMENT_TRUNCATED'));
    await client.close();
    server.close();
  });

  it('ends at once when it is closed', async () => {
    await start();
    simulator.freeze();
    const asked = assert.rejects(http.state(), code('VMIX_CLOSED'));
    const called = assert.rejects(http.call({ name: 'Cut' }), code('VMIX_CLOSED'));
    const waits = assert.rejects(http.call({ name: 'Fade' }), code('VMIX_CLOSED'));
    await waitFor(() => http.requests === 1);
    await http.close();
    await Promise.all([asked, called, waits]);
    await assert.rejects(http.state(), code('VMIX_CLOSED'));
  });
});

describe('sending functions to vMix', () => {
  it('in their order, every byte of a secret, and nowhere else', async () => {
    await start();
    const secret = 'a&b#c+d%e f,gé';
    await Promise.all([
      http.call({ name: 'StreamingSetURL', value: streamSetting(2, 'rtmp://host/app') }),
      http.call({ name: 'StreamingSetKey', value: streamSetting(2, secret) }),
      http.call({ name: 'StartStreaming', value: '1' }),
    ]);
    assert.deepEqual(
      simulator.calls.map(({ name }) => name),
      ['StreamingSetURL', 'StreamingSetKey', 'StartStreaming'],
    );
    assert.equal(simulator.received(2).key, secret);
    assert.equal(simulator.received(1).key, '');
    await waitFor(() => simulator.channel(2) === 'live');
  });

  it('tells an unknown one from a refused one', async () => {
    await start();
    await assert.rejects(http.call({ name: 'StartStreeming' }), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'VMIX_FUNCTION_UNKNOWN');
      return error.message.includes('Did you mean StartStreaming?');
    });
    simulator.faults.failHttp('browser', { times: 1 });
    await assert.rejects(http.call({ name: 'Cut' }), code('VMIX_BROWSER_REFUSED'));
    await assert.rejects(http.call({ name: 'StartStreaming' }), code('INPUT_INVALID'));
    assert.equal(simulator.calls.length, 2);
  });

  it('says no secret in any error', async () => {
    await start({}, brief);
    const value = streamSetting(1, 'hunter2hunter2');
    for (const fault of ['hang', 'refuse', 'error', 'html', 'truncated', 'large'] as const) {
      simulator.faults.failHttp(fault, { times: 1 });
      await http.call({ name: 'StreamingSetKey', value }).then(
        () => assert.equal(fault, 'html'),
        (error: Error) =>
          assert.ok(!JSON.stringify([error, error.stack, error.message]).includes('hunter2'), fault),
      );
    }
  });

  it('goes past a state request that hangs', async () => {
    await start();
    simulator.faults.failHttp('hang', { times: 1, on: 'state' });
    const asked = assert.rejects(http.state(), code('VMIX_CLOSED'));
    await http.call({ name: 'StopRecording' });
    await http.close();
    await asked;
  });

  it('asks once more before it goes', async () => {
    await start();
    const unwanted = new Error('not wanted any more');
    const refused = http.call({ name: 'Cut' }, { unless: () => assert.fail(unwanted) });
    await assert.rejects(refused, unwanted);
    assert.equal(simulator.calls.length, 0);
  });
});

describe('asking again and again', () => {
  let poller: Poller;
  const seen: number[] = [];
  const faults: string[] = [];

  function poll(options: { everyMs?: number; afterFailure?: (failures: number) => number } = {}): void {
    seen.length = 0;
    faults.length = 0;
    poller = new Poller(() => http.state(), {
      ...options,
      onState: ({ state }) => seen.push(state.active ?? 0),
      onFault: (fault, failures) => faults.push(`${fault.code} ${failures}`),
    });
    poller.start();
  }
  afterEach(async () => {
    await poller.stop();
  });

  it('no more often than every half second, whatever is set', async () => {
    await start();
    poll({ everyMs: 10 });
    const began = Date.now();
    await waitFor(() => seen.length === 3);
    assert.ok(Date.now() - began >= 990);
    assert.equal(simulator.stateRequests, 3);
  });

  it('at once after a hint, and not for each of many', async () => {
    await start();
    poll({ everyMs: 60_000 });
    await waitFor(() => seen.length === 1);
    await http.call({ name: 'CutDirect', input: 3 });
    const began = Date.now();
    poller.hint();
    await waitFor(() => seen.at(-1) === 3, { intervalMs: 2 });
    assert.ok(Date.now() - began < 10_000);
    const before = simulator.stateRequests;
    const until = Date.now() + 1500;
    while (Date.now() < until) {
      poller.hint();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const asked = simulator.stateRequests - before;
    assert.ok(asked >= 2 && asked <= 7, `${asked} requests`);
  });

  it('more often while an action is being confirmed', async () => {
    await start();
    poll({ everyMs: 60_000 });
    await waitFor(() => seen.length === 1);
    const release = poller.hurry();
    await waitFor(() => seen.length >= 4);
    release();
    release();
    const count = seen.length;
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert.ok(seen.length <= count + 1);
  });

  it('goes on after any fault, as slowly as it is told', async () => {
    await start();
    simulator.faults.failHttp('error', { times: 3 });
    poll({ everyMs: 500, afterFailure: (failures) => failures * 20 });
    await waitFor(() => seen.length === 1);
    assert.deepEqual(faults, ['VMIX_REJECTED 1', 'VMIX_REJECTED 2', 'VMIX_REJECTED 3']);
  });

  it('through a restart', async () => {
    await start();
    poll({ everyMs: 500, afterFailure: () => 30 });
    await waitFor(() => seen.length === 1);
    await simulator.restart({ reorder: true, downMs: 20_000 });
    await waitFor(() => seen.length >= 2);
    assert.ok(faults.some((one) => NOTHING_THERE.test(one)));
    assert.equal(seen.at(-1), 7);
  });

  it('tells nothing more once it is stopped', async () => {
    await start();
    poll({ everyMs: 500 });
    simulator.freeze();
    await waitFor(() => http.requests === 1);
    const stopped = poller.stop();
    simulator.thaw();
    await stopped;
    assert.deepEqual([seen, faults], [[], []]);
  });
});
