// The four servers' own interfaces, as the simulators have them: who publishes, what he sends, how he is ended, and what is wrong.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Bitrates } from '../../lib/media-servers/bitrates';
import { createMediaServer } from '../../lib/media-servers/client';
import { publisherAt } from '../../lib/media-servers/reader';
import type { MediaServerClient, MediaServerSettings } from '../../lib/media-servers/types';
import { nextRun } from '../../lib/queue/server-run';
import { startMediaServerSimulator, type MediaServerSimulator } from '../../simulators/media-servers';
import { freePort, startHangServer, waitFor } from '../support';

const KINDS = ['srs', 'oryx', 'nginx-rtmp', 'mediamtx'] as const;
const LOGIN = { user: 'desk', password: 'api-password' };
const code = (expected: string) => (error: { code?: string; message: string }) => {
  assert.equal(error.code, expected, error.message);
  assert.ok(!error.message.includes(LOGIN.password));
  return true;
};

describe('a media server is asked', () => {
  let simulator: MediaServerSimulator;
  const clients: MediaServerClient[] = [];
  const clientOf = (more: Partial<MediaServerSettings> = {}): MediaServerClient => {
    const client = createMediaServer({
      kind: simulator.kind,
      api: simulator.api,
      control: simulator.control,
      user: simulator.kind === 'oryx' ? null : LOGIN.user,
      password: LOGIN.password,
      timeoutMs: 3000,
      ...more,
    });
    clients.push(client);
    return client;
  };
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await simulator.close();
  });

  for (const kind of KINDS)
    describe(kind, () => {
      beforeEach(async () => {
        simulator = await startMediaServerSimulator(kind, {
          ...LOGIN,
          speed: 10,
          ...(kind === 'nginx-rtmp' ? { apps: ['live', 'other'] } : {}),
        });
      });

      it('who publishes, and nobody else', async () => {
        const client = clientOf();
        assert.deepEqual((await client.list(0)).publishers, []);
        const one = await simulator.publish('guest1?key=abc');
        await simulator.publish('guest2', { app: 'other' });
        const { publishers, atMs } = await client.list(0);
        assert.ok(Number.isFinite(atMs));
        assert.deepEqual(publishers.map(({ app, stream }) => `${app}/${stream}`).sort(), [
          'live/guest1',
          'other/guest2',
        ]);
        assert.equal(publishers.find(({ stream }) => stream === 'guest1')?.clientId, one.clientId);
        await simulator.unpublish('guest1');
        assert.deepEqual(
          (await client.list(0)).publishers.map(({ stream }) => stream),
          ['guest2'],
        );
      });

      it('all of many', async () => {
        for (let count = 0; count < 230; count++) await simulator.publish(`guest-${count}`);
        assert.equal(new Set((await clientOf().list(0)).publishers.map(({ stream }) => stream)).size, 230);
      });

      if (kind !== 'oryx')
        it('what he sends, by the bytes between two lists', async () => {
          const client = clientOf();
          await simulator.publish('guest1', { kbps: 4000 });
          await client.list(0);
          const kbps = await waitFor(async () => {
            const [publisher] = (await client.list(0)).publishers;
            return publisher?.bitrateKbps ?? null;
          });
          // ten times as quick as it says
          assert.ok(kbps > 4000 && kbps < 100_000, `${kbps}`);
        });

      it('to end him, and never his successor', async () => {
        const client = clientOf();
        const first = await simulator.publish('guest1');
        const him = { app: 'live', stream: 'guest1', clientId: first.clientId };
        assert.equal(await client.kick(him), 'kicked');
        await waitFor(() => simulator.publishers.length === 0);
        assert.equal(await client.kick(him), 'absent');
        const second = await simulator.publish('guest1');
        assert.notEqual(second.clientId, first.clientId);
        assert.equal(await client.kick(him), 'absent');
        assert.equal(simulator.publishers.length, 1);
        assert.equal(await client.kick({ app: 'live', stream: 'nobody', clientId: null }), 'absent');
        assert.equal(await client.kick({ app: 'live', stream: 'guest1', clientId: null }), 'kicked');
      });

      it('for a test, and what is wrong is named', async () => {
        await simulator.publish('guest1');
        const found = await clientOf().probe();
        assert.equal(found.publishers, 1);
        assert.ok(found.version, 'no version');
        await assert.rejects(clientOf({ password: 'wrong' }).probe(), code('MEDIA_SERVER_LOGIN'));
        await assert.rejects(clientOf({ user: null, password: null }).probe(), code('MEDIA_SERVER_LOGIN'));
        const nowhere = `http://127.0.0.1:${await freePort()}`;
        await assert.rejects(clientOf({ api: nowhere }).probe(), code('MEDIA_SERVER_REFUSED'));
        await assert.rejects(
          clientOf({ api: 'http://no.such.host.invalid' }).probe(),
          code('MEDIA_SERVER_UNREACHABLE'),
        );
        await assert.rejects(clientOf({ api: null }).list(), code('MEDIA_SERVER_NO_API'));
        for (const other of KINDS.filter((one) => one !== kind))
          await assert.rejects(clientOf({ kind: other }).probe(), (error: { code?: string }) =>
            ['MEDIA_SERVER_UNFIT', 'MEDIA_SERVER_LOGIN'].includes(error.code ?? ''),
          );
      });

      it('a second reading is shared by all who ask within its time, a fault by nobody', async () => {
        const client = clientOf();
        await client.list(0);
        const before = simulator.apiRequests;
        const lists = await Promise.all([client.list(60_000), client.list(60_000), client.list(60_000)]);
        assert.equal(simulator.apiRequests, before);
        assert.ok(lists.every((list) => list === lists[0]));
        await simulator.apiOn(false);
        await assert.rejects(client.list(0));
        await simulator.apiOn(true);
        await client.list(60_000);
      });

      it('and a deploy ends what is under way', async () => {
        const hang = await startHangServer();
        const client = clientOf({ api: `http://127.0.0.1:${hang.port}` });
        const asked = client.list(0);
        await waitFor(() => hang.connections > 0);
        await client.close();
        await assert.rejects(asked, code('MEDIA_SERVER_CLOSED'));
        await assert.rejects(client.list(0), code('MEDIA_SERVER_CLOSED'));
        await hang.close();
      });

      it('one that hangs', async () => {
        const hang = await startHangServer();
        const api = `http://127.0.0.1:${hang.port}`;
        await assert.rejects(clientOf({ api, timeoutMs: 200 }).list(0), code('MEDIA_SERVER_TIMEOUT'));
        await hang.close();
      });
    });

  it('nginx-rtmp: without a control nobody can be ended', async () => {
    simulator = await startMediaServerSimulator('nginx-rtmp', LOGIN);
    const { clientId } = await simulator.publish('guest1');
    const client = clientOf({ control: null });
    await assert.rejects(
      client.kick({ app: 'live', stream: 'guest1', clientId }),
      code('MEDIA_SERVER_NO_API'),
    );
    await assert.rejects(clientOf({ control: simulator.api }).probe(), code('MEDIA_SERVER_UNFIT'));
  });
});

describe('an answer that is none', () => {
  let server: Server;
  let answer = { status: 200, body: '' };
  before(async () => {
    server = createServer((_, response) => response.writeHead(answer.status).end(answer.body));
    server.listen(0, '127.0.0.1');
    await waitFor(() => server.listening);
  });
  after(() => new Promise((resolve) => server.close(resolve)));

  it('of nginx-rtmp: a process of the same number is another one once it began anew', async () => {
    const page = (uptime: string) =>
      `<rtmp><pid>1</pid>${uptime}<server><application><name>live</name><live></live></application></server></rtmp>`;
    const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}/stat`;
    const client = createMediaServer({
      kind: 'nginx-rtmp',
      api,
      control: null,
      user: null,
      password: null,
      timeoutMs: 3000,
    });
    const runOf = async (uptime: string): Promise<string | null> => {
      answer = { status: 200, body: page(uptime) };
      return (await client.list(0)).serverRun;
    };
    const before = await runOf('<uptime>86400</uptime>');
    assert.match(before!, /^1@\d{10}$/);
    assert.equal(nextRun(before, await runOf('<uptime>86401</uptime>')).isNew, false);
    assert.equal(nextRun(before, await runOf('<uptime>3</uptime>')).isNew, true);
    assert.equal(await runOf(''), '1');
    await client.close();
  });

  it('of SRS: pages without end end', async () => {
    const stream = { app: 'live', name: 'g', publish: { active: true, cid: 'c' } };
    answer = {
      status: 200,
      body: JSON.stringify({ code: 0, server: 's', pid: 1, streams: Array(100).fill(stream) }),
    };
    const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const settings = {
      kind: 'srs',
      api,
      control: null,
      user: null,
      password: null,
      timeoutMs: 5000,
    } as const;
    const client = createMediaServer(settings);
    try {
      // the same one on each page
      assert.equal((await client.list(0)).publishers.length, 1);
    } finally {
      await client.close();
    }
  });

  for (const kind of KINDS)
    it(`of ${kind}: blank, cut off, another program's, too large`, async () => {
      const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const client = createMediaServer({
        kind,
        api,
        control: null,
        user: null,
        password: null,
        timeoutMs: 5000,
      });
      try {
        for (const body of [
          '',
          ' \n',
          '{',
          '{"code":0',
          '[]',
          'null',
          '<html></html>',
          '<rtmp><server>',
          '<rtmp/>',
          'x'.repeat(9_000_000),
        ]) {
          answer = { status: 200, body };
          await assert.rejects(client.list(0), code('MEDIA_SERVER_UNFIT'), body.slice(0, 20));
        }
        for (const [status, expected] of [
          [401, 'MEDIA_SERVER_LOGIN'],
          [404, 'MEDIA_SERVER_UNFIT'],
          [302, 'MEDIA_SERVER_UNFIT'],
          [503, 'MEDIA_SERVER_FAILED'],
        ] as const) {
          answer = { status, body: 'no' };
          await assert.rejects(client.list(0), code(expected), String(status));
        }
      } finally {
        await client.close();
      }
    });
});

describe('what a publisher sends', () => {
  const sent = (bytesIn: number, own: number | null = null) => ({
    ...publisherAt('live', 'g', '1'),
    bytesIn,
    bitrateKbps: own,
  });

  it("is the bytes between two lists, and the server's own word before", () => {
    const rates = new Bitrates();
    const at = (atMs: number, ...all: Parameters<typeof sent>) =>
      rates.measure([sent(...all)], atMs)[0]!.bitrateKbps;
    assert.equal(at(0, 0), null);
    assert.equal(at(100, 50_000, 77), 77);
    assert.equal(at(1000, 125_000), 1000);
    // too soon to say something new
    assert.equal(at(1100, 125_000), 1000);
    assert.equal(at(2000, 125_000), 0);
    // began anew
    assert.equal(at(3000, 10), null);
    assert.equal(at(4000, 10 + 250_000), 2000);
    assert.equal(at(200_000, 300_000), null);
  });

  it("is nobody else's of the same name", () => {
    const rates = new Bitrates();
    rates.measure([sent(0)], 0);
    const [other] = rates.measure([{ ...sent(1_000_000), clientId: '2' }], 1000);
    assert.equal(other?.bitrateKbps, null);
  });
});
