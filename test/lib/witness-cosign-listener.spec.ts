// The cosigner's own port: what it answers, and what it cuts off.
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import type { LiveError } from '../../lib/errors';
import { CosignListener, type CosignListenerOptions } from '../../lib/witness/cosign/listener';
import { CosignerService } from '../../lib/witness/cosign/service';
import { KEY_TYPES, signerOf } from '../../lib/witness/keys';
import { sha256 } from '../../lib/witness/tree';
import { freePort, listens, loops, tempDir, waitFor } from '../support';
import { GrowingLog } from '../support/growing-log';

const signer = signerOf('cosigner.example', Buffer.alloc(32, 9), KEY_TYPES.cosigner);

describe('the port of a cosigner', () => {
  const log = new GrowingLog().grow(8);
  const sockets = new Set<Socket>();
  let listener: CosignListener;
  let url: string;

  const start = async (
    options: Partial<CosignListenerOptions> = {},
    stateFolder = tempDir('cosign-port'),
  ) => {
    const service = await CosignerService.open({ signer, logs: [log.vkey], stateFolder });
    listener = await CosignListener.open(service, { port: 0, ...options });
    url = `http://127.0.0.1:${listener.port}`;
  };

  /** Sends these bytes over a connection of its own; what came back, and whether the other side has ended it. */
  const raw = (...parts: string[]) => {
    const socket = connect(listener.port, '127.0.0.1');
    const told = { text: '', ended: false, socket };
    sockets.add(socket);
    socket.on('data', (part) => (told.text += part.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => (told.ended = true));
    for (const part of parts) socket.write(part);
    return told;
  };
  const post = (body: string, path = '/add-checkpoint') => fetch(`${url}${path}`, { method: 'POST', body });

  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    await listener.close();
  });

  it('takes checkpoints under any prefix, and says what it is', async () => {
    await start();
    const signed = await post(log.request(0), '/some/secret/prefix/add-checkpoint?x=1');
    assert.equal(signed.status, 200);
    assert.match(await signed.text(), /^— cosigner\.example \S+\n$/);
    const behind = await post(log.request(0));
    assert.deepEqual(
      [behind.status, behind.headers.get('content-type'), await behind.text()],
      [409, 'text/x.tlog.size', '8\n'],
    );
    const page = await (await fetch(url)).text();
    assert.ok(page.includes(signer.verifier.text) && page.includes('countersigns'));
    assert.ok(!page.includes(log.origin), 'whose logs these are is nobody else’s business');
    const hash = sha256(Buffer.from(log.origin)).toString('hex');
    const shown = await (await fetch(`${url}/prefix/${hash}/checkpoint`)).text();
    assert.ok(shown.startsWith(log.note()) && shown.includes('— cosigner.example '));
    const status = async (method: string, path: string) => (await fetch(`${url}${path}`, { method })).status;
    assert.equal(await status('GET', '/add-checkpoint'), 405);
    assert.equal(await status('PUT', '/add-checkpoint'), 405);
    assert.equal(await status('POST', '/'), 405);
    assert.equal(await status('HEAD', '/'), 200);
    assert.equal(await status('GET', `/${'0'.repeat(64)}/checkpoint`), 404);
    assert.equal(await status('GET', '/../../etc/passwd'), 404);
    assert.equal(await status('POST', '/add-checkpointx'), 404);
    assert.equal(await status('OPTIONS', '/add-checkpoint'), 405);
    assert.equal((await fetch(url)).headers.get('access-control-allow-origin'), null);
  });

  it('reads no more than a request can be', async () => {
    await start();
    const large = raw('POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n');
    await waitFor(() => large.ended);
    assert.match(large.text, /^HTTP\/1\.1 413 /);
    const endless = raw('POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    const part = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
    const sending = setInterval(() => endless.socket.destroyed || endless.socket.write(part), 5);
    try {
      await waitFor(() => endless.ended);
    } finally {
      clearInterval(sending);
    }
    assert.match(endless.text, /^HTTP\/1\.1 413 |^$/);
    const headers = raw(`GET / HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(9000)}\r\n\r\n`);
    await waitFor(() => headers.ended);
    assert.match(headers.text, /^HTTP\/1\.1 431 /);
    assert.equal((await post(log.request(0))).status, 200);
  });

  it('cuts off who comes to stay', async function () {
    await start({ headersMs: 150, requestMs: 300 });
    const slow = [
      raw(),
      raw('POST /add-chec'),
      raw('POST /add-checkpoint HTTP/1.1\r\nHost: x\r\n'),
      raw('POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nold 0\n'),
      raw('POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n'),
    ];
    // and three that say a byte now and then
    const dripping = setInterval(
      () => slow.slice(2).forEach(({ socket }) => socket.destroyed || socket.write('a')),
      40,
    );
    try {
      await waitFor(() => slow.every(({ ended }) => ended), {
        timeoutMs: 5000,
        message: 'all to be cut off',
      });
    } finally {
      clearInterval(dripping);
    }
    // a busy computer may be slower than these deadlines
    await waitFor(async () =>
      [200, 409].includes((await post(log.request(0)).catch(() => null))?.status ?? 0),
    );
  });

  it('takes no more connections than it needs, and goes on afterwards', async () => {
    await start();
    const many = Array.from({ length: 80 }, () => raw('POST /add-checkpoint HTTP/1.1\r\nHost: x\r\n'));
    await waitFor(() => many.filter(({ ended }) => ended).length >= 16);
    assert.equal(many.filter(({ ended }) => !ended).length, 64);
    many.forEach(({ socket }) => socket.destroy());
    await waitFor(async () =>
      [200, 409].includes((await post(log.request(0)).catch(() => null))?.status ?? 0),
    );
  });

  it('answers nonsense with a number, never with a failure', async () => {
    await start();
    const good = log.request(0);
    let at = 0;
    const random = () => sha256(Buffer.from(`${at++}`)).readUInt32BE(0);
    const bodies = Array.from({ length: loops(200) }, () => {
      const bytes = Buffer.from(good);
      for (let change = 0; change < 3; change++) bytes[random() % bytes.length] = random() % 256;
      return bytes;
    });
    for (const body of bodies) {
      const { status } = await fetch(`${url}/add-checkpoint`, { method: 'POST', body });
      assert.ok([200, 400, 403, 404, 409, 422].includes(status), String(status));
    }
    const lines = [
      '\r\n\r\n',
      'GET',
      '\0\0\0\0',
      'POST /add-checkpoint HTTP/9.9\r\n\r\n',
      'POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
      'POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n',
      'POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
      'POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      'CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    ];
    for (const line of lines) {
      const told = raw(line);
      told.socket.end();
      await waitFor(() => told.ended, { timeoutMs: 5000, message: line });
      assert.doesNotMatch(told.text, /^HTTP\/1\.1 5/, line);
    }
    assert.equal((await post(log.request(0))).status < 500, true);
  });

  it('closes in time with everybody still there, and lets port and folder go', async () => {
    const [port, stateFolder] = [await freePort(), tempDir('cosign-port')];
    await start({ port }, stateFolder);
    const there = [raw(), raw('POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n')];
    await post(log.request(0));
    const began = performance.now();
    const [first, second] = [listener.close(), listener.close()];
    assert.equal(await listens(port), false, 'at once');
    await Promise.all([first, second]);
    assert.ok(performance.now() - began < 8000);
    await waitFor(() => there.every(({ ended }) => ended));
    await start({ port }, stateFolder);
    assert.equal((await post(log.request(8))).status, 200);
  });

  it('says so where it cannot listen, and keeps no folder then', async () => {
    await start();
    const stateFolder = tempDir('cosign-port');
    const failing = async (options: CosignListenerOptions, reason: RegExp) => {
      const service = await CosignerService.open({ signer, logs: [log.vkey], stateFolder });
      await assert.rejects(
        CosignListener.open(service, options),
        ({ code, message }: LiveError) => code === 'WITNESS_COSIGN_PORT' && reason.test(message),
      );
    };
    await failing({ port: listener.port }, /another program/);
    await failing({ port: 70_000 }, /no such port/);
    await failing({ port: 0, host: '192.0.2.1' }, /does not have that address/);
    await failing({ port: 0, host: 'nowhere.invalid' }, /no such address|EAI_AGAIN/);
  });
});
