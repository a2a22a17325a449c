// Whoever answers at the address of a vMix may be broken, another program, or mean harm: a coded error, in bounded time and memory.
import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Backoff } from '../../lib/connection/backoff';
import { VmixClient } from '../../lib/vmix/client';
import { VmixHttp } from '../../lib/vmix/http';
import { VmixTcp } from '../../lib/vmix/tcp';
import { startVmixSimulator } from '../../simulators/vmix';
import { freePort, waitFor } from '../support';

const DOCUMENT = '<vmix><version>29.0.0.49</version></vmix>';
const OK = 'HTTP/1.1 200 OK\r\n';
const answer = (body = DOCUMENT): string => `${OK}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const BLOCK = Buffer.alloc(64 * 1024, 'a');
const BOMB = gzipSync(Buffer.alloc(64 * 1024 * 1024));

interface Hostile {
  port: number;
  /** connections taken so far, and still open */
  readonly taken: number;
  readonly open: number;
  /** bytes that the other side has taken */
  readonly sent: number;
  /** what was asked, as text */
  readonly heard: string;
}

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** A server that does this with each connection, the first time it is spoken to or, with `greets`, at once. */
async function hostile(act: (socket: Socket, number: number) => void, greets = false): Promise<Hostile> {
  const port = await freePort();
  const sockets = new Set<Socket>();
  const seen = { taken: 0, heard: '', sent: 0 };
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    const number = (seen.taken += 1);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      seen.sent += socket.bytesWritten;
    });
    socket.on('data', (data) => (seen.heard += data.toString('latin1')));
    if (greets) act(socket, number);
    else socket.once('data', () => act(socket, number));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  endings.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    port,
    get taken() {
      return seen.taken;
    },
    get open() {
      return sockets.size;
    },
    get sent() {
      return seen.sent;
    },
    get heard() {
      return seen.heard;
    },
  };
}

/** Sends pieces for as long as somebody takes them. */
function pour(socket: Socket, piece: string | Buffer): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', more);
  more();
}
/** A piece every few milliseconds, for ever. */
function trickle(socket: Socket, piece: string, everyMs = 20): void {
  const timer = setInterval(() => socket.write(piece), everyMs);
  socket.on('close', () => clearInterval(timer));
  endings.push(() => clearInterval(timer));
}

/** How long an answer is waited for: shortly where none comes, and longer than any busy machine takes for one that comes. */
const SHORT = { connect: 500, call: 700 };
const LONG = { connect: 10_000, call: 10_000 };

function ask(
  port: number,
  more: { user?: string; password?: string; timings?: typeof SHORT } = {},
): VmixHttp {
  const http = new VmixHttp({ host: '127.0.0.1', port, timings: LONG, ...more });
  endings.push(() => http.close());
  return http;
}
async function faultOf(work: Promise<unknown>): Promise<string> {
  const began = performance.now();
  const code = await work.then(
    () => 'none',
    (error: { code?: string }) => error.code ?? 'no code',
  );
  assert.ok(performance.now() - began < 15_000, `${code} after ${performance.now() - began} ms`);
  return code;
}

describe('in place of a web controller, a server that', () => {
  const cases: [string, (socket: Socket) => unknown, string | RegExp][] = [
    [
      'begins its headers and never ends them',
      (socket) => (socket.write(`${OK}X: `), trickle(socket, 'x')),
      'VMIX_TIMEOUT',
    ],
    [
      'sends headers one after the other, for ever',
      (socket) => (socket.write(OK), trickle(socket, 'X: y\r\n')),
      'VMIX_TIMEOUT',
    ],
    [
      'sends headers as fast as it can',
      (socket) => (socket.write(OK), pour(socket, 'X: y\r\n'.repeat(1000))),
      'VMIX_NOT_VMIX',
    ],
    [
      'sends one header as fast as it can',
      (socket) => (socket.write(`${OK}X: `), pour(socket, BLOCK)),
      'VMIX_NOT_VMIX',
    ],
    [
      'says "continue" for ever',
      (socket) => trickle(socket, 'HTTP/1.1 100 Continue\r\n\r\n'),
      /TIMEOUT|NOT_VMIX|DISCONNECTED/,
    ],
    [
      'says "continue" as fast as it can',
      (socket) => pour(socket, 'HTTP/1.1 100 Continue\r\n\r\n'),
      /TIMEOUT|NOT_VMIX|DISCONNECTED/,
    ],
    [
      'wants another protocol',
      (socket) =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
      /NOT_VMIX|DISCONNECTED|TIMEOUT/,
    ],
    [
      'sends its body in drops',
      (socket) => (socket.write(`${OK}Content-Length: 100000\r\n\r\n<vmix>`), trickle(socket, 'x')),
      'VMIX_TIMEOUT',
    ],
    [
      'sends a body without end',
      (socket) => (socket.write(`${OK}\r\n<vmix>`), pour(socket, BLOCK)),
      'VMIX_DOCUMENT_TOO_LARGE',
    ],
    [
      'sends chunks without end',
      (socket) => (
        socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\n`),
        pour(socket, `10000\r\n${BLOCK.toString()}\r\n`)
      ),
      'VMIX_DOCUMENT_TOO_LARGE',
    ],
    [
      'sends chunks of one byte, for ever',
      (socket) => (socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\n`), trickle(socket, '1\r\n<\r\n')),
      'VMIX_TIMEOUT',
    ],
    [
      'announces a chunk of any size',
      (socket) => socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n<vmix>`),
      /TRUNCATED|NOT_VMIX|TIMEOUT/,
    ],
    [
      'announces more than it sends',
      (socket) => socket.end(`${OK}Content-Length: 5000\r\n\r\n${DOCUMENT}`),
      'VMIX_DOCUMENT_TRUNCATED',
    ],
    [
      'announces less than it sends',
      (socket) => socket.end(`${OK}Content-Length: 20\r\n\r\n${DOCUMENT}`),
      /TRUNCATED|NOT_VMIX/,
    ],
    [
      'announces two lengths',
      (socket) => socket.end(`${OK}Content-Length: 5\r\nContent-Length: 41\r\n\r\n${DOCUMENT}`),
      /NOT_VMIX|TRUNCATED|DISCONNECTED/,
    ],
    [
      'announces no number',
      (socket) => socket.end(`${OK}Content-Length: many\r\n\r\n${DOCUMENT}`),
      /NOT_VMIX|DISCONNECTED/,
    ],
    [
      'announces 10^12 bytes',
      (socket) => socket.write(`${OK}Content-Length: 1000000000000\r\n\r\n<vmix>`),
      /TIMEOUT|TOO_LARGE/,
    ],
    [
      'compresses what it was not asked to',
      (socket) => {
        const body = gzipSync(DOCUMENT);
        socket.write(`${OK}Content-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`);
        socket.end(body);
      },
      'VMIX_NOT_VMIX',
    ],
    [
      'sends a bomb',
      (socket) => {
        socket.write(`${OK}Content-Encoding: gzip\r\nContent-Length: ${BOMB.length}\r\n\r\n`);
        socket.end(BOMB);
      },
      'VMIX_NOT_VMIX',
    ],
    [
      'says nothing with status 204',
      (socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n'),
      'VMIX_NOT_VMIX',
    ],
    [
      'sends a part',
      (socket) => socket.end(answer().replace('200 OK', '206 Partial Content')),
      'VMIX_NOT_VMIX',
    ],
    ['sends a page', (socket) => socket.end(answer('<!doctype html><title>hi</title>')), 'VMIX_NOT_VMIX'],
    ['sends nothing', (socket) => socket.end(answer('')), 'VMIX_DOCUMENT_TRUNCATED'],
    [
      'refuses with a page without end',
      (socket) => (socket.write('HTTP/1.1 401 No\r\n\r\n'), pour(socket, BLOCK)),
      /PASSWORD_MISSING|TOO_LARGE/,
    ],
    ['hangs up', (socket) => socket.destroy(), 'VMIX_DISCONNECTED'],
    ['resets', (socket) => socket.resetAndDestroy(), 'VMIX_DISCONNECTED'],
  ];
  for (const [what, act, expected] of cases)
    it(what, async () => {
      const server = await hostile(act);
      const http = ask(server.port, { timings: /TIMEOUT/.test(String(expected)) ? SHORT : LONG });
      const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
      const code = await faultOf(http.state());
      assert.match(code, expected instanceof RegExp ? expected : new RegExp(`^${expected}$`));
      await waitFor(() => server.open === 0, { message: 'the connection to be closed' });
      // what it holds of an answer ends with the largest document
      assert.ok(server.sent < 40e6, `${server.sent} bytes were taken`);
      const grown = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed - before;
      assert.ok(grown < 150e6, `${grown} bytes more`);
      // a function is answered no better
      const called = await faultOf(http.call({ name: 'StreamingSetKey', value: '0,hunter2hunter2' }));
      assert.ok(called === 'none' || called.startsWith('VMIX_'), called);
    });

  it('sends elsewhere is not followed, with the password least of all', async () => {
    const elsewhere = await hostile((socket) => socket.end(answer()));
    for (const status of [
      '301 Moved',
      '302 Found',
      '303 See Other',
      '307 Temporary',
      '308 Permanent',
      '300 Choices',
    ]) {
      const server = await hostile((socket) =>
        socket.end(
          `HTTP/1.1 ${status}\r\nLocation: http://127.0.0.1:${elsewhere.port}/api/\r\nContent-Length: 0\r\n\r\n`,
        ),
      );
      const http = ask(server.port, { user: 'desk', password: 'hunter2hunter2' });
      assert.equal(await faultOf(http.state()), 'VMIX_NOT_VMIX', status);
      assert.equal(await faultOf(http.call({ name: 'Cut' })), 'VMIX_NOT_VMIX', status);
    }
    const refreshing = await hostile((socket) =>
      socket.end(
        answer().replace(
          '\r\n',
          `\r\nRefresh: 0; url=http://127.0.0.1:${elsewhere.port}/\r\nLink: <http://127.0.0.1:${elsewhere.port}/>; rel=preload\r\n`,
        ),
      ),
    );
    await ask(refreshing.port).state();
    assert.equal(elsewhere.taken, 0);
  });

  it('says more than it was asked for answers nothing with it', async () => {
    const second = answer('<vmix><version>1.0.0.0</version></vmix>');
    const server = await hostile((socket) => socket.write(answer() + second + second));
    const http = ask(server.port);
    for (let round = 0; round < 3; round++) {
      const said = await http.state().then(
        ({ state }) => state.version.major,
        (error: { code?: string }) => error.code,
      );
      assert.ok(said === 29 || /^VMIX_/.test(String(said)), String(said));
    }
    await waitFor(() => server.open === 0, { message: 'no connection to be kept' });
    assert.equal(server.taken, 3, 'a connection for each');
  });

  it('keeps connections open is not kept', async () => {
    const server = await hostile((socket) =>
      socket.write(answer().replace('\r\n', '\r\nConnection: keep-alive\r\nKeep-Alive: timeout=600\r\n')),
    );
    const http = ask(server.port);
    for (let round = 0; round < 5; round++) await http.state();
    await waitFor(() => server.open === 0);
    assert.equal(server.taken, 5);
  });

  it('never answers is left at once when the connection is closed', async () => {
    const server = await hostile(() => undefined);
    const http = ask(server.port);
    const waits = [http.state(), ...Array.from({ length: 8 }, () => http.call({ name: 'Cut' }))].map(faultOf);
    await waitFor(() => server.taken > 0);
    const began = performance.now();
    await http.close();
    assert.deepEqual(new Set(await Promise.all(waits)), new Set(['VMIX_CLOSED']));
    assert.ok(performance.now() - began < 5000);
    await waitFor(() => server.open === 0);
  });

  it('wants credentials again and again hears them once', async () => {
    const server = await hostile((socket) =>
      socket.end('HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n'),
    );
    const client = new VmixClient({
      host: '127.0.0.1',
      port: server.port,
      tcpPort: null,
      user: 'desk',
      password: 'wrong',
      pollMs: 500,
    });
    endings.push(() => client.close());
    client.start();
    await assert.rejects(client.whenReady(5000), { code: 'VMIX_WRONG_PASSWORD' });
    await new Promise((resolve) => setTimeout(resolve, 700));
    assert.equal(server.taken, 1);
  });
});

describe('in place of a TCP port, a server that', () => {
  function listen(port: number): { tcp: VmixTcp; told: string[]; log: string[]; hints: number } {
    const told: string[] = [];
    const log: string[] = [];
    const kept = { hints: 0 };
    const tcp = new VmixTcp({
      ...{ host: '127.0.0.1', port, timings: { connect: 600, greeting: 100, call: 300, ping: 200 } },
      backoff: new Backoff(() => 0.5, 50, 2, 1000, 0),
      log: (_, text) => log.push(text),
    });
    endings.push(() => tcp.close());
    tcp.onStatus(({ state, fault }) =>
      told.push(`${state} ${(fault as { code?: string } | null)?.code ?? ''}`.trim()),
    );
    tcp.onHint(() => (kept.hints += 1));
    tcp.start();
    return {
      tcp,
      told,
      log,
      get hints() {
        return kept.hints;
      },
    };
  }
  const GREETING = 'VERSION OK 29.0.0.49\r\n';

  const cases: [string, (socket: Socket) => unknown, string][] = [
    ['never greets', () => undefined, 'VMIX_NO_ANSWER'],
    ['greets in drops, for ever', (socket) => trickle(socket, 'V'), 'VMIX_NO_ANSWER'],
    ['greets as something else', (socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n'), 'VMIX_NOT_VMIX'],
    [
      'greets with a length',
      (socket) => socket.write('VERSION 29\r\n29.0.0.49 and some more text\r\n'),
      'VMIX_NOT_VMIX',
    ],
    ['is a web server', (socket) => socket.write('HTTP/1.0 400 Bad Request\r\n\r\n'), 'VMIX_PORTS_SWAPPED'],
    ['sends without a line end', (socket) => pour(socket, BLOCK), 'VMIX_NOT_VMIX'],
    ['sends line ends only', (socket) => pour(socket, '\r\n'.repeat(10_000)), 'VMIX_NO_ANSWER'],
    [
      'sends a document of any size in place of a greeting',
      (socket) => (socket.write('XML 9999999\r\n'), pour(socket, BLOCK)),
      'VMIX_NOT_VMIX',
    ],
    [
      'announces 10^12 bytes',
      (socket) => (socket.write('XML 1000000000000\r\n'), pour(socket, BLOCK)),
      'VMIX_NOT_VMIX',
    ],
    ['hangs up', (socket) => socket.destroy(), 'VMIX_NOT_VMIX'],
    ['resets', (socket) => socket.resetAndDestroy(), 'VMIX_NOT_VMIX'],
  ];
  for (const [what, act, expected] of cases)
    it(what, async () => {
      const server = await hostile(act, true);
      const { told, tcp } = listen(server.port);
      await waitFor(() => told.length > 0, { timeoutMs: 5000 });
      assert.match(told[0]!, new RegExp(`^waiting (${expected}|VMIX_DISCONNECTED)$`));
      await tcp.close();
      await waitFor(() => server.open === 0);
      assert.ok(server.sent < 60e6, `${server.sent} bytes were taken`);
    });

  it('greets, and then sends without a line end, or a body without end', async () => {
    for (const begin of ['', 'XML 9999999\r\n', 'XML 1000000000000\r\n', 'XML 8000000\r\n', 'TALLY OK ']) {
      const server = await hostile((socket) => (socket.write(GREETING + begin), pour(socket, BLOCK)), true);
      const { told, tcp } = listen(server.port);
      await waitFor(() => told.some((one) => /NOT_VMIX/.test(one)), {
        timeoutMs: 10_000,
        message: () => `${begin}: ${told.join()}`,
      });
      await tcp.close();
    }
  });

  it('closes in the middle of a message leaves nothing of it for the next connection', async () => {
    const server = await hostile((socket, number) => {
      if (number === 1) socket.end(`${GREETING}XML 5000\r\n<vmix>`);
      else {
        socket.write(GREETING);
        socket.on('data', (data) => {
          for (const line of data.toString().split('\r\n'))
            if (line.startsWith('SUBSCRIBE')) socket.write('SUBSCRIBE OK\r\n');
            else if (line === 'PING') socket.write('PING OK PONG\r\n');
            else if (line === 'XML') socket.write(`XML ${DOCUMENT.length + 2}\r\n${DOCUMENT}\r\n`);
        });
      }
    }, true);
    const { tcp } = listen(server.port);
    await waitFor(() => server.taken >= 2 && tcp.status.state === 'ready');
    assert.equal((await tcp.document()).toString(), DOCUMENT);
  });

  it('greets and answers nothing is found out, and its commands are rejected in time', async () => {
    const server = await hostile((socket) => socket.write(GREETING), true);
    const { told } = listen(server.port);
    await waitFor(() => told.some((one) => one.includes('VMIX_NO_ANSWER')), {
      timeoutMs: 5000,
      message: () => told.join(),
    });
  });

  it('greets and hangs up, again and again, is asked less and less often, and told of once', async () => {
    const server = await hostile((socket) => {
      socket.write(GREETING);
      setTimeout(() => socket.destroy(), 5);
    }, true);
    const { log, told } = listen(server.port);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    // 50, 100, 200, 400, 800, 1000 …
    assert.ok(server.taken <= 8, `${server.taken} connections`);
    assert.ok(told.length <= 3, told.join());
    assert.ok(log.length <= 2, log.join('\n'));
  });

  it('sends events as fast as it can costs the vMix nothing more', async () => {
    const simulator = await startVmixSimulator({ speed: 20 });
    endings.push(() => simulator.close());
    const server = await hostile((socket) => {
      socket.write(GREETING);
      const events = ['Recording 1', 'Recording 0', 'Streaming 1', 'Input 2 1']
        .map((one) => `ACTS OK ${one}\r\n`)
        .join('');
      trickle(socket, events.repeat(200) + 'TALLY OK 1\r\nTALLY OK 2\r\n'.repeat(200));
    }, true);
    const client = new VmixClient({
      host: '127.0.0.1',
      port: simulator.httpPort,
      tcpPort: server.port,
      pollMs: 60_000,
    });
    endings.push(() => client.close());
    client.start();
    await client.whenReady(5000);
    const before = simulator.stateRequests;
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const asked = simulator.stateRequests - before;
    // four at once, and one for each half second
    assert.ok(asked <= 10, `${asked} requests in two seconds`);
    assert.equal(client.status.state, 'ready');
  });

  it('answers late answers nothing with it', async () => {
    const server = await hostile((socket) => {
      socket.write(GREETING);
      socket.on('data', (data) => {
        for (const line of data.toString().split('\r\n')) {
          if (line.startsWith('SUBSCRIBE')) socket.write('SUBSCRIBE OK\r\n');
          if (line === 'PING') socket.write('FUNCTION OK late\r\nPING OK PONG\r\n');
          if (line === 'FUNCTION Fade') socket.write('FUNCTION ER this one\r\n');
        }
      });
    }, true);
    const { tcp } = listen(server.port);
    await waitFor(() => tcp.status.state === 'ready');
    const first = faultOf(tcp.call({ name: 'Cut' }));
    const second = faultOf(tcp.call({ name: 'Fade' }));
    assert.deepEqual([await first, await second], ['VMIX_TIMEOUT', 'VMIX_REJECTED']);
  });
});
