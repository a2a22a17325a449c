// Why no connection comes about: each fault by its own code, as the Test button tells it.
import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { ObsSettings } from '../../lib/obs/settings';
import { testObs } from '../../lib/obs/probe';
import { freePort, startHangServer, waitFor } from '../support';
import { drive, rejected } from './drive';
import { contractGroup } from './group';

const at = (port: number, more: Partial<ObsSettings> = {}): ObsSettings => ({
  host: '127.0.0.1',
  port,
  tls: false,
  password: '',
  ...more,
});

contractGroup('a connection', { password: 'a plain secret' }, (scenario) => {
  scenario('with the right password says what answers', async (world) => {
    const found = await testObs(at(world.port, { password: world.password ?? '' }));
    assert.equal(found.where, `127.0.0.1:${world.port}`);
    assert.match(found.obsVersion ?? '', /^\d+\.\d+/);
    assert.match(found.websocketVersion ?? '', /^5\./);
  });

  scenario('with a wrong password, and with none, is refused as such', async (world) => {
    const wrong = await rejected(testObs(at(world.port, { password: 'no such' })), 'OBS_WRONG_PASSWORD');
    assert.equal(wrong.message.includes('no such'), false);
    await rejected(testObs(at(world.port)), 'OBS_PASSWORD_MISSING');
  });

  scenario('that was refused does not hammer, and says so to whoever waits', async (world) => {
    const { app, log, closeQuickly } = await drive(world, { ready: false, password: 'no such' });
    await waitFor(() => app.status().state === 'refused');
    await rejected(app.whenReady(60_000), 'OBS_WRONG_PASSWORD');
    await rejected(app.streams.stop(), 'OBS_WRONG_PASSWORD');
    assert.equal(log.length, 1, log.join('\n'));
    await closeQuickly();
  });

  scenario('by TLS to a plain port is told as that', async (world) => {
    await rejected(testObs(at(world.port, { tls: true, password: world.password ?? '' })), 'OBS_TLS_FAILED');
  });
});

contractGroup('a connection without a password', { password: null }, (scenario) => {
  scenario('needs none, and bears one', async (world) => {
    await testObs(at(world.port));
    await testObs(at(world.port, { password: 'not needed' }));
  });
});

describe('what is no OBS', function () {
  this.timeout(60_000);
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function web(answer: RequestListener): Promise<number> {
    const server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => new Promise((resolve) => server.close(resolve)));
    closing.unshift(() => server.closeAllConnections());
    return (server.address() as AddressInfo).port;
  }

  async function webSocket(onMessage: (data: string) => string | null, protocols: boolean): Promise<number> {
    const server = new WebSocketServer({
      host: '127.0.0.1',
      port: 0,
      handleProtocols: (offered) => (protocols ? ([...offered][0] ?? false) : false),
    });
    server.on('connection', (socket) =>
      socket.on('message', (data: Buffer) => {
        const answer = onMessage(data.toString());
        if (answer) socket.send(answer);
      }),
    );
    await new Promise((resolve) => server.once('listening', resolve));
    closing.push(() => {
      for (const client of server.clients) client.terminate();
      server.close();
    });
    return (server.address() as AddressInfo).port;
  }

  it('nothing that listens', async () => {
    await rejected(testObs(at(await freePort())), 'OBS_REFUSED', 'OBS_CONTAINER_LOOPBACK');
  });

  it('a name nobody knows', async () => {
    await rejected(testObs(at(4455, { host: 'no-such-host.invalid' })), 'OBS_UNREACHABLE');
  });

  it('a web server', async () => {
    const port = await web((_, response) => response.end('hello'));
    const fault = await rejected(testObs(at(port)), 'OBS_NOT_OBS');
    assert.match(fault.message, /200/);
  });

  it('a server that takes the connection and says nothing', async () => {
    const server = await startHangServer();
    closing.push(() => server.close());
    const began = performance.now();
    await rejected(testObs(at(server.port)), 'OBS_NO_ANSWER');
    assert.ok(performance.now() - began < 15_000);
  });

  it('a WebSocket server of another kind', async () => {
    await rejected(testObs(at(await webSocket(() => null, false))), 'OBS_NOT_OBS');
  });

  it('an obs-websocket 4', async () => {
    const port = await webSocket((text) => {
      const id = (JSON.parse(text) as Record<string, string>)['message-id'];
      return id ? JSON.stringify({ 'message-id': id, status: 'ok', version: 1.1 }) : null;
    }, false);
    await rejected(testObs(at(port)), 'OBS_TOO_OLD');
  });
});
