// The listener that hooks and pages share: who gets which request, and what becomes of those who mean no good.
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { addressCheck, plainAddress } from '../../lib/web/addresses';
import { readBody } from '../../lib/web/body';
import { WebListener, type ListenerOptions } from '../../lib/web/listener';
import type { WebHandler } from '../../lib/web/types';
import { freePort, loops, waitFor } from '../support';

const open: { close(): Promise<unknown> }[] = [];

async function listener(options: ListenerOptions = {}, port?: number): Promise<WebListener> {
  const made = new WebListener({ host: '127.0.0.1', port: port ?? (await freePort()) }, options);
  open.push(made);
  await made.whenListening();
  return made;
}

interface Answer {
  status: number;
  body: string;
  headers: Record<string, unknown>;
}

function ask(port: number, path: string, body = '', method = 'POST', localAddress?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        localAddress,
        headers: { 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        let text = '';
        response.on('data', (part: Buffer) => (text += part.toString()));
        response.on('end', () =>
          resolve({ status: response.statusCode!, body: text, headers: response.headers }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Bytes as they are, and everything that comes back until the other side ends it. */
async function raw(port: number, bytes: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  let text = '';
  socket.on('data', (part) => (text += part.toString('latin1')));
  socket.on('error', () => undefined);
  const ended = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.write(bytes);
  await ended;
  return text;
}

const says =
  (text: string): WebHandler =>
  (_request, response, rest) =>
    void response.end(`${text}${rest}`);

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

describe('web listener', () => {
  it('gives a request to the longest path, and to nobody else', async () => {
    const web = await listener();
    const port = web.port!;
    web.mount('/hooks/a', says('a'));
    web.mount('/hooks/a/b', says('b'));
    web.mount('/hooks/ab', says('ab'));
    assert.equal((await ask(port, '/hooks/a')).body, 'a');
    assert.equal((await ask(port, '/hooks/a/')).body, 'a/');
    assert.equal((await ask(port, '/hooks/a/x/y?z=/hooks/ab')).body, 'a/x/y');
    assert.equal((await ask(port, '/hooks/a/b/c')).body, 'b/c');
    assert.equal((await ask(port, '/hooks/ab/c')).body, 'ab/c');
    for (const path of [
      '/',
      '/hooks',
      '/hooks/',
      '//hooks/a',
      '/hooks//a',
      '/hooks/%61',
      '/hooks%2fa',
      '/x/../hooks/a',
      '/./hooks/a',
      '/HOOKS/a',
      '/hooks/a;b',
      '/hooks/abc',
    ])
      assert.deepEqual([path, (await ask(port, path)).status, (await ask(port, path)).body], [path, 404, '']);
    web.mount('/', says('rest '));
    assert.equal((await ask(port, '//hooks/a')).body, 'rest //hooks/a');
  });

  it('says nothing at an unknown path that an unknown path does not say elsewhere', async () => {
    const web = await listener();
    const { headers } = await ask(web.port!, '/nothing');
    assert.deepEqual(Object.keys(headers).sort(), ['connection', 'content-length', 'date']);
  });

  it('takes nothing that is no plain path', async () => {
    const web = await listener();
    web.mount('/', says('all'));
    const port = web.port!;
    for (const target of ['http://127.0.0.1/', '*', 'x'])
      assert.match(
        await raw(port, `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`),
        /^HTTP\/1.1 40[04] /,
      );
    // two lengths, or a length beside chunks: what hides a second request from somebody in front
    for (const head of [
      'Content-Length: 1\r\nContent-Length: 2',
      'Transfer-Encoding: chunked\r\nContent-Length: 4',
      'Content-Length: +1',
    ])
      assert.match(
        await raw(port, `POST / HTTP/1.1\r\nHost: a\r\n${head}\r\n\r\n0\r\n\r\n`),
        /^HTTP\/1.1 400 /,
      );
    assert.match(await raw(port, `GET / HTTP/1.1\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`), /^HTTP\/1.1 431 /);
  });

  it('answers what comes in one go in its order', async () => {
    const web = await listener();
    web.mount('/slow', (_request, response) => void setTimeout(() => response.end('slow'), 50));
    web.mount('/quick', says('quick'));
    const one = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
    const text = await raw(web.port!, one('/slow') + one('/quick') + one('/quick', 'Connection: close\r\n'));
    assert.deepEqual(text.match(/slow|quick$|quick(?=HTTP)/g), ['slow', 'quick', 'quick']);
  });

  it('goes on when a handler throws, and tells nobody outside what', async () => {
    const heard: unknown[] = [];
    const web = await listener({ onError: (error) => heard.push(error) });
    web.mount('/bad', () => {
      throw new Error('key=secret');
    });
    const answer = await ask(web.port!, '/bad');
    assert.deepEqual([answer.status, answer.body], [500, '']);
    assert.equal(heard.length, 1);
  });

  it('keeps a request for whoever mounts next where somebody stood until a moment ago', async () => {
    const web = await listener();
    const port = web.port!;
    const late: WebHandler = (_request, response) => void response.end('nobody came');
    const first = web.mount('/hooks/a', says('first'), { gapMs: 20_000, late });
    first();
    const waiting = Promise.all([ask(port, '/hooks/a/x'), ask(port, '/hooks/a/y')]);
    assert.equal((await ask(port, '/hooks')).status, 404);
    const second = web.mount('/hooks/a', says('second'), { gapMs: 30, late });
    assert.deepEqual(
      (await waiting).map(({ body }) => body),
      ['second/x', 'second/y'],
    );
    // a release that comes late takes nothing from the next one
    first();
    assert.equal((await ask(port, '/hooks/a')).body, 'second');
    second();
    assert.equal((await ask(port, '/hooks/a')).body, 'nobody came');
    web.mount('/hooks/a', says('third'), { gapMs: 20_000, late })(true);
    assert.equal((await ask(port, '/hooks/a')).status, 404);
  });

  it('reads a body up to its limit, in time', async () => {
    const web = await listener();
    const seen: string[] = [];
    web.mount('/', (request, response) => {
      void readBody(request, 10, 100).then((read) => {
        seen.push('fault' in read ? read.fault : read.body.toString());
        response.writeHead(200, { Connection: 'close' }).end();
      });
    });
    const port = web.port!;
    await ask(port, '/', '0123456789');
    await ask(port, '/', '');
    await raw(port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n');
    await raw(
      port,
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n6\r\nabcdef\r\n',
    );
    await raw(port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab');
    const socket = connect({ port, host: '127.0.0.1' });
    socket.end('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab', () => socket.destroy());
    await waitFor(() => seen.length === 6);
    assert.deepEqual(seen, ['0123456789', '', 'size', 'size', 'late', 'aborted']);
  });

  it('cuts who sends a byte now and then, and serves the others meanwhile', async () => {
    const web = await listener();
    web.mount('/', says('ok'));
    const sockets: Socket[] = Array.from({ length: 50 }, () =>
      connect({ port: web.port!, host: '127.0.0.1' }),
    );
    let cut = 0;
    for (const socket of sockets) {
      socket.on('error', () => undefined).on('close', () => cut++);
      socket.write('GET / HTTP/1.1\r\nA: ');
    }
    const drip = setInterval(() => sockets.forEach((socket) => socket.writable && socket.write('a')), 500);
    assert.equal((await ask(web.port!, '/')).body, 'ok/');
    await waitFor(() => cut === 50);
    clearInterval(drip);
  });

  it('takes no more connections than it may, in all and from one address', async () => {
    for (const options of [{ mostConnections: 20, mostFromOne: 30 }, { mostConnections: 40 }]) {
      const web = await listener(options);
      web.mount('/', says('ok'));
      let cut = 0;
      const sockets = Array.from({ length: 30 }, () => connect({ port: web.port!, host: '127.0.0.1' }));
      for (const socket of sockets) socket.on('error', () => undefined).on('close', () => cut++);
      await waitFor(() => cut === 10);
      for (const socket of sockets) socket.destroy();
      await waitFor(() => cut === 30);
      await waitFor(async () => (await ask(web.port!, '/')).status === 200);
    }
  });

  it('keeps no idle connection for anybody once half of them are open', async () => {
    const web = await listener({ mostConnections: 20, mostFromOne: 20 });
    web.mount('/', says('ok'));
    const get = () => {
      const socket = connect({ port: web.port!, host: '127.0.0.1' });
      sockets.push(socket);
      let text = '';
      socket.on('error', () => undefined).on('data', (part) => (text += part.toString()));
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      return { socket, answered: waitFor(() => (text.includes('ok/') ? text : null)) };
    };
    const sockets: Socket[] = [];
    for (let n = 0; n < 9; n++) assert.match(await get().answered, /Connection: keep-alive/);
    for (let n = 0; n < 5; n++) {
      const { socket, answered } = get();
      const ended = new Promise((resolve) => socket.on('close', resolve));
      assert.match(await answered, n === 0 ? /Connection: (close|keep-alive)/ : /Connection: close/);
      if (n > 0) await ended;
    }
    for (const socket of sockets) socket.destroy();
    await waitFor(async () => /keep-alive/.test(await get().answered));
    for (const socket of sockets) socket.destroy();
  });

  it('answers whom it is for while others hold as many connections as they can', async function () {
    this.timeout(120_000);
    const web = await listener();
    web.mount('/hooks/a', says('ok'), { mayCome: addressCheck(['127.0.0.9']) });
    const attackers = new Set<Socket>();
    const wanted = loops(10_000);
    let tried = 0;
    let worstMs = 0;
    let answered = 0;
    const flood = setInterval(() => {
      for (let n = 0; n < 100 && tried < wanted; n++, tried++) {
        // from four addresses, so that no one of them is over its share
        const from = `127.0.0.${1 + (tried % 4)}`;
        const socket = connect({ port: web.port!, host: '127.0.0.1', localAddress: from });
        attackers.add(socket);
        socket.on('error', () => undefined).on('close', () => attackers.delete(socket));
        socket.write('POST /hooks/a HTTP/1.1\r\nA: ');
      }
    }, 5);
    while (tried < wanted || answered < 20) {
      const began = performance.now();
      const answer = await ask(web.port!, '/hooks/a', 'x', 'POST', '127.0.0.9');
      assert.equal(answer.body, 'ok');
      worstMs = Math.max(worstMs, performance.now() - began);
      answered++;
    }
    clearInterval(flood);
    await waitFor(() => attackers.size <= 600, {
      message: () => `the others to be cut, ${attackers.size} are held`,
    });
    assert.ok(worstMs < 5_000, `${worstMs} ms`);
    for (const socket of attackers) socket.destroy();
  });

  it('says why it cannot listen, and does so once the port is free', async () => {
    const port = await freePort();
    const other: Server = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    const web = new WebListener({ host: '127.0.0.1', port });
    open.push(web);
    let told = 0;
    web.onState(() => told++);
    await assert.rejects(web.whenListening(), { code: 'LISTEN_FAILED' });
    assert.match(web.fault!.message, new RegExp(`127.0.0.1:${port} .another program`));
    await new Promise((resolve) => other.close(resolve));
    await web.whenListening().catch(() => waitFor(() => web.listening));
    assert.equal(web.fault, null);
    assert.equal(told, 2);
  });

  it('closes with requests open', async () => {
    const web = await listener();
    let closed = false;
    web.mount('/', (_request, response) => void response.on('close', () => (closed = true)));
    const asked = ask(web.port!, '/').catch((error: Error) => error);
    await waitFor(
      async () =>
        new Promise((r) => (web as never as { server: Server }).server.getConnections((_, n) => r(n === 1))),
    );
    await web.close();
    assert.ok((await asked) instanceof Error);
    await waitFor(() => closed);
  });
});

describe('address check', () => {
  it('knows addresses, networks and mapped ones', () => {
    const may = addressCheck(['10.1.0.0/16', '192.168.1.7', 'fd00::/8', ' localhost ', '']);
    for (const address of [
      '10.1.2.3',
      '::ffff:10.1.2.3',
      '192.168.1.7',
      'fd12::1',
      '127.0.0.1',
      '127.9.9.9',
      '::1',
      '::ffff:127.0.0.1',
    ])
      assert.equal(may(address), true, address);
    for (const address of ['10.2.0.1', '192.168.1.8', 'fe80::1%eth0', '::ffff:10.2.0.1', 'x', '', undefined])
      assert.equal(may(address), false, address);
    assert.equal(addressCheck(['fe80::1'])('fe80::1%eth0'), true);
    assert.equal(addressCheck(['::ffff:10.0.0.1'])('10.0.0.1'), true);
    assert.equal(addressCheck([])('203.0.113.9'), true);
    assert.equal(plainAddress('[::1]'), '::1');
  });

  it('refuses what is neither', () => {
    for (const entry of [
      'srs',
      '10.0.0.0/33',
      '10.0.0/8',
      '::1/129',
      '10.0.0.1/8/8',
      '10.0.0.1/',
      '1.2.3.4/-1',
    ])
      assert.throws(() => addressCheck([entry]), { code: 'CONFIG_INVALID' }, entry);
  });
});
