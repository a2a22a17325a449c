// The simulated media servers speak as the real ones do, and accept what those accept.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import {
  type MediaServerSimulator,
  MediamtxSimulator,
  NginxRtmpSimulator,
  OryxSimulator,
  SrsSimulator,
  createRehearsalServer,
  oryxAccepts,
  srsAccepts,
} from '../../simulators/media-servers';
import { type HookAddress, startHookAddress, waitFor } from '../support';

const open: { close(): Promise<void> }[] = [];
let hooks: HookAddress;
let time = 0;
const now = () => time;

async function started<T extends MediaServerSimulator>(server: T): Promise<T> {
  open.push(server);
  await server.start();
  return server;
}
const accept = { status: 200, body: '{"code":0}' };
const refuse = { status: 200, body: '{"code":403}' };
const bodies = () => hooks.heard.map(({ body }) => body);
const json = () => bodies().map((body) => JSON.parse(body) as Record<string, string>);
async function get(url: string, init: RequestInit = {}): Promise<{ status: number; text: string }> {
  const answer = await fetch(url, { ...init, headers: { connection: 'close', ...init.headers } });
  return { status: answer.status, text: await answer.text() };
}
async function data<T>(url: string, init?: RequestInit): Promise<T> {
  return JSON.parse((await get(url, init)).text) as T;
}

beforeEach(async () => {
  hooks = await startHookAddress();
  hooks.answer = () => accept;
  time = 1_000;
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  await hooks.close();
});

interface Streams {
  server: string;
  service: string;
  streams: {
    name: string;
    vhost: string;
    frames: number;
    recv_bytes: number;
    kbps: { recv_30s: number };
    publish: { active: boolean; cid: string };
  }[];
}

describe('the simulated SRS', () => {
  const start = (options = {}) => started(new SrsSimulator({ hooks: hooks.url, now, ...options }));

  it('asks and tells field for field as 7.0.18 does', async () => {
    const srs = await start({ forward: true });
    hooks.answer = ({ body }) =>
      body.includes('on_forward')
        ? { status: 200, body: '{"code":0,"data":{"urls":["rtmp://10.0.0.1/live/x"]}}' }
        : accept;
    const came = await srs.publish('guest1?key=abc', { address: '10.0.0.7' });
    assert.deepEqual([came.allowed, came.forwardedTo], [true, ['rtmp://10.0.0.1/live/x']]);
    assert.equal(await srs.unpublish('guest1'), true);
    const [publish, forward, unpublish] = json();
    assert.deepEqual(
      [Object.keys(publish ?? {}).join(), Object.keys(forward ?? {}).join()],
      [
        'server_id,service_id,action,client_id,ip,vhost,app,tcUrl,stream,param,stream_url,stream_id',
        'action,server_id,service_id,client_id,ip,vhost,app,tcUrl,stream,param',
      ],
    );
    assert.deepEqual(
      [publish?.action, publish?.vhost, publish?.stream, publish?.param, publish?.ip, publish?.stream_url],
      ['on_publish', '__defaultVhost__', 'guest1', '?key=abc', '10.0.0.7', '/live/guest1'],
    );
    assert.deepEqual([forward?.action, unpublish?.action], ['on_forward', 'on_unpublish']);
    assert.equal(unpublish?.client_id, publish?.client_id);
    assert.deepEqual(
      hooks.heard.map(({ method, contentType }) => [method, contentType]),
      Array(3).fill(['POST', 'application/json']),
    );
  });

  it('lets in by the rule of its source, and nobody else', () => {
    const by = (status: number, body: string) => srsAccepts({ status, body, headers: new Map() });
    for (const body of ['0', '{"code":0}', '{"code": 0, "data": null}']) assert.ok(by(200, body), body);
    assert.ok(by(201, '0'));
    for (const body of ['', '{}', 'OK', '1', '00', '{"code":"0"}', '{"code":1}', '[0]', 'null', '{"code":0'])
      assert.equal(by(200, body), false, body);
    for (const status of [204, 202, 302, 401, 500]) assert.equal(by(status, '0'), false);
  });

  it('refuses a second publisher as busy; before 5.0.214 it tells of his end as well', async () => {
    for (const profile of ['srs-7', 'srs-5'] as const) {
      hooks.heard.length = 0;
      const srs = await start({ profile });
      const lead = await srs.publish('guest1');
      const other = await srs.publish('guest1?key=stolen');
      assert.deepEqual([other.allowed, other.why], [false, 'busy']);
      assert.deepEqual(
        json().map(({ action, client_id }) => `${action} ${client_id}`),
        [
          `on_publish ${lead.clientId}`,
          `on_publish ${other.clientId}`,
          ...(profile === 'srs-5' ? [`on_unpublish ${other.clientId}`] : []),
        ],
      );
      assert.equal(srs.publishers[0]?.clientId, lead.clientId);
    }
  });

  it('throws off whom on_forward gives no list, without a word', async () => {
    const srs = await start({ forward: true });
    assert.deepEqual((await srs.publish('guest1')).why, 'forward');
    assert.deepEqual(
      json().map(({ action }) => action),
      ['on_publish', 'on_forward'],
    );
    assert.equal(srs.publishers.length, 0);
  });

  it('lists ten at least, bytes at once, frames and bitrate late, and ends whom it is told to', async () => {
    const srs = await start();
    for (let number = 1; number <= 12; number++) await srs.publish(`guest${number}`, { kbps: 800 });
    time += 4_000;
    const list = (query: string) => data<Streams>(`${srs.api}/api/v1/streams/${query}`);
    assert.deepEqual(
      [(await list('')).streams.length, (await list('?start=0&count=1')).streams.length],
      [10, 10],
    );
    assert.deepEqual(
      [(await list('?start=10')).streams.length, (await list('?count=100')).streams.length],
      [2, 12],
    );
    const [one] = (await list('')).streams;
    assert.deepEqual([one?.frames, one?.kbps.recv_30s, one?.recv_bytes], [0, 0, 400_000]);
    assert.match(one?.vhost ?? '', /^vid-/);
    time += 8_000;
    assert.deepEqual((await list('')).streams[0]?.kbps.recv_30s, 800);
    const client = `${srs.api}/api/v1/clients/${one?.publish.cid}`;
    assert.equal((await data<{ code: number }>(client, { method: 'DELETE' })).code, 0);
    await waitFor(() =>
      json().some(({ action, client_id }) => action === 'on_unpublish' && client_id === one?.publish.cid),
    );
    const again = await get(client, { method: 'DELETE' });
    assert.deepEqual([again.status, again.text], [200, '{"code":2049}']);
    assert.equal((await list('?count=100')).streams.length, 11);
  });

  it('keeps ended streams in its list before 7, as not active', async () => {
    const srs = await start({ profile: 'srs-5' });
    const came = await srs.publish('guest1');
    await srs.unpublish('guest1');
    const { streams } = await data<Streams>(`${srs.api}/api/v1/streams/`);
    assert.deepEqual(streams[0]?.publish, { active: false, cid: came.clientId });
  });

  it('is another process after a restart, tells nobody, and wants its login', async () => {
    const srs = await start({ user: 'admin', password: 'secret', speed: 50 });
    await srs.publish('guest1');
    const authorization = `Basic ${Buffer.from('admin:secret').toString('base64')}`;
    const list = () => data<Streams>(`${srs.api}/api/v1/streams/`, { headers: { authorization } });
    assert.equal((await get(`${srs.api}/api/v1/streams/`)).status, 401);
    const before = await list();
    const { port } = srs;
    await srs.restart();
    const after = await list();
    assert.deepEqual([after.streams, after.server, srs.port], [[], before.server, port]);
    assert.notEqual(after.service, before.service);
    assert.equal(hooks.heard.length, 1);
  });
});

describe('the simulated Oryx', () => {
  it('tells no client when somebody leaves, and lists the one who was refused as busy', async () => {
    const oryx = await started(new OryxSimulator({ hooks: hooks.url, password: 'token', now }));
    const ask = (what: string, body: object = {}, bearer = 'token') =>
      get(`${oryx.api}/terraform/v1/mgmt/streams/${what}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${bearer}` },
        body: JSON.stringify(body),
      });
    assert.match((await ask('query')).text, /^\{"code":0,"server":\d+,"data":\{"streams":null\}\}$/);
    assert.equal((await ask('query', {}, 'wrong')).status, 500);
    await oryx.publish('guest1?key=abc');
    assert.equal((await oryx.publish('guest1')).why, 'busy');
    const kick = { vhost: '__defaultVhost__', app: 'live', stream: 'guest1' };
    assert.match((await ask('kickoff', { ...kick, vhost: '' })).text, /no vhost/);
    // the client it has for this stream is gone: nobody is ended, and the stream is listed no more
    assert.equal((await ask('kickoff', kick)).status, 200);
    assert.equal(oryx.publishers.length, 1);
    assert.equal((await ask('kickoff', kick)).status, 500);
    await oryx.unpublish('guest1');
    const [publish, , unpublish] = json();
    assert.equal(Object.keys(publish ?? {}).join(), 'request_id,action,opaque,vhost,app,stream,param');
    assert.equal(Object.keys(unpublish ?? {}).join(), 'request_id,action,opaque,vhost,app,stream');
  });

  it('ends the one it lists', async () => {
    const oryx = await started(new OryxSimulator({ hooks: hooks.url, password: 'token' }));
    await oryx.publish('guest1');
    await get(`${oryx.api}/terraform/v1/mgmt/streams/kickoff`, {
      method: 'POST',
      headers: { authorization: 'Bearer token' },
      body: '{"vhost":"__defaultVhost__","app":"live","stream":"guest1"}',
    });
    await waitFor(() => oryx.publishers.length === 0 && hooks.heard.length === 2);
  });

  it('lets in by the rule of its source', () => {
    const by = (status: number, body: string) => oryxAccepts({ status, body, headers: new Map() });
    for (const body of ['0', '{"code":0}']) assert.ok(by(200, body), body);
    for (const body of ['', '1', '{"code":403}', '{"code":"0"}', 'OK'])
      assert.equal(by(200, body), false, body);
    assert.equal(by(201, '0'), false);
  });
});

describe('the simulated nginx-rtmp', () => {
  const start = (options = {}) => started(new NginxRtmpSimulator({ hooks: hooks.url, now, ...options }));
  const session = (id: number) =>
    `app=live&flashver=FMLE/3.0%20(compatible%3B%20Lavf59.27&swfurl=&tcurl=rtmp://127.0.0.1/live&pageurl=&addr=127.0.0.1&clientid=${id}`;

  it('asks in its order, with what was appended as it came', async () => {
    const nginx = await start();
    await nginx.publish('guest1?key=abc&name=other&call=publish_done');
    await nginx.unpublish('guest1');
    assert.deepEqual(bodies(), [
      `${session(1)}&call=publish&name=guest1&type=live&key=abc&name=other&call=publish_done`,
      `${session(1)}&call=publish_done&name=guest1&key=abc&name=other&call=publish_done`,
    ]);
    assert.equal(hooks.heard[0]?.contentType, 'application/x-www-form-urlencoded');
  });

  it('tells of the end of whom it refused as publishing already, and of nobody whom the hook denied', async () => {
    const nginx = await start();
    const lead = await nginx.publish('guest1');
    const other = await nginx.publish('guest1');
    assert.equal(other.why, 'busy');
    hooks.answer = () => ({ status: 403 });
    assert.equal((await nginx.publish('guest2')).why, 'denied');
    assert.deepEqual(
      bodies().map((body) => /clientid=(\d+)&call=(\w+)/.exec(body)?.slice(1).join(' ')),
      [`${lead.clientId} publish`, `${other.clientId} publish`, `${other.clientId} publish_done`].concat(
        /clientid=(\d+)/.exec(bodies().at(-1) ?? '')?.[1] + ' publish',
      ),
    );
    assert.equal(nginx.publishers.length, 1);
  });

  it('renames, pushes to addresses, and does not look names up', async () => {
    const nginx = await start();
    const to = (location: string) => (hooks.answer = () => ({ status: 302, headers: { location } }));
    to('hall');
    assert.equal((await nginx.publish('guest1')).stream, 'hall');
    to('rtmp://10.0.0.1/live/key');
    assert.deepEqual((await nginx.publish('guest2')).forwardedTo, ['rtmp://10.0.0.1/live/key']);
    to('rtmp://example.org/live/key');
    assert.deepEqual((await nginx.publish('guest3')).forwardedTo, []);
    await nginx.unpublish('hall');
    assert.match(bodies().at(-1) ?? '', /call=publish_done&name=guest1$/);
  });

  it('drops whom on_update does not confirm, also where nobody answers', async () => {
    const nginx = await start({ updateMs: 2_000, speed: 50 });
    await nginx.publish('guest1?key=abc');
    await waitFor(() =>
      bodies().some((body) => /&call=update_publish&time=\d+&timestamp=\d+&name=guest1&key=abc$/.test(body)),
    );
    await hooks.on(false);
    await waitFor(() => nginx.publishers.length === 0);
    await hooks.on(true);
  });

  it('shows bytes at once and bitrates after ten seconds, drops by client, is a blank page when told so', async () => {
    const nginx = await start();
    const { clientId } = await nginx.publish('guest1', { kbps: 800 });
    time += 2_000;
    const page = await get(nginx.api);
    assert.match(
      page.text,
      /<name>guest1<\/name>\r\n<time>2000<\/time>\r\n<bw_in>0<\/bw_in>\r\n<bytes_in>200000<\/bytes_in>/,
    );
    time += 8_000;
    assert.match((await get(nginx.api)).text, /<bw_in>800000<\/bw_in>/);
    const drop = (query: string, filter = 'publisher') => get(`${nginx.control}/drop/${filter}?${query}`);
    assert.deepEqual(await drop('app=live&name=guest1&clientid=999'), { status: 200, text: '0' });
    assert.equal((await drop('app=live', 'nobody')).status, 500);
    nginx.faults.failApi('blank', 1);
    assert.deepEqual(await get(nginx.api), { status: 200, text: '' });
    assert.deepEqual(await drop(`app=live&name=guest1&clientid=${clientId}`), { status: 200, text: '1' });
    await waitFor(() => hooks.heard.length === 2);
  });
});

interface Paths {
  itemCount: number;
  pageCount: number;
  items: {
    name: string;
    online: boolean;
    available: boolean;
    source: { type: string; id: string } | null;
    inboundBytes: number;
  }[];
}

describe('the simulated MediaMTX', () => {
  const start = (options = {}) => started(new MediamtxSimulator({ hooks: hooks.url, now, ...options }));

  it('asks with path, query and login, and lets a second publisher take the place of the first', async () => {
    const mediamtx = await start();
    const first = await mediamtx.publish('guest1?user=u&pass=p', { address: '10.0.0.7' });
    const second = await mediamtx.publish('guest1', { protocol: 'srt', user: 'guest1', password: 'key' });
    assert.deepEqual([first.allowed, second.allowed], [true, true]);
    assert.deepEqual(
      mediamtx.publishers.map(({ clientId }) => clientId),
      [second.clientId],
    );
    const [asked, again, told] = bodies();
    assert.deepEqual(JSON.parse(asked ?? ''), {
      ip: '10.0.0.7',
      user: 'u',
      password: 'p',
      token: '',
      action: 'publish',
      path: 'live/guest1',
      protocol: 'rtmp',
      id: first.clientId,
      query: 'user=u&pass=p',
      userAgent: 'FMLE/3.0 (compatible; Lavf59.27.100)',
    });
    assert.match(again ?? '', /"user":"guest1","password":"key"/);
    assert.equal(told, `action=unpublish&path=live%2Fguest1&id=${first.clientId}`);
  });

  it('without overridePublisher, and refused: no command is run', async () => {
    const mediamtx = await start({ override: false });
    await mediamtx.publish('guest1');
    assert.equal((await mediamtx.publish('guest1')).why, 'busy');
    hooks.answer = () => ({ status: 401 });
    assert.equal((await mediamtx.publish('guest2')).why, 'denied');
    assert.equal(hooks.heard.length, 3);
  });

  it('lists in pages, kicks by kind of connection, and lists what is always available', async () => {
    const mediamtx = await start({ alwaysAvailable: ['live/guest3'] });
    await mediamtx.publish('guest1', { kbps: 800 });
    await mediamtx.publish('guest2', { protocol: 'srt' });
    time += 1_000;
    const list = (query = '') => data<Paths>(`${mediamtx.api}/v3/paths/list${query}`);
    const { itemCount, pageCount, items } = await list();
    assert.deepEqual([itemCount, pageCount], [3, 1]);
    assert.deepEqual(
      items.map(({ name, online, available, source }) => [name, online, available, source?.type ?? null]),
      [
        ['live/guest1', true, true, 'rtmpConn'],
        ['live/guest2', true, true, 'srtConn'],
        ['live/guest3', false, true, null],
      ],
    );
    assert.equal(items[0]?.inboundBytes, 100_000);
    assert.deepEqual((await list('?itemsPerPage=2&page=1')).items.length, 1);
    assert.equal((await get(`${mediamtx.api}/v3/paths/list?itemsPerPage=0`)).status, 400);
    const kick = async (kind: string, id = items[1]?.source?.id) =>
      (await get(`${mediamtx.api}/v3/${kind}/kick/${id}`, { method: 'POST' })).status;
    assert.deepEqual(
      [await kick('rtmpconns'), await kick('srtconns'), await kick('srtconns')],
      [404, 200, 404],
    );
    assert.equal(await kick('srtconns', 'no-uuid'), 400);
    await waitFor(() => hooks.heard.length === 3);
  });
});

describe('what all simulated media servers do', () => {
  const make = {
    srs: () => new SrsSimulator({ hooks: hooks.url, speed: 100 }),
    oryx: () => new OryxSimulator({ hooks: hooks.url, speed: 100 }),
    'nginx-rtmp': () => new NginxRtmpSimulator({ hooks: hooks.url, speed: 100 }),
    mediamtx: () => new MediamtxSimulator({ hooks: hooks.url, speed: 100 }),
  };
  for (const [kind, create] of Object.entries(make))
    it(`${kind}: faults, silence, a hook address that is away`, async () => {
      const server = await started(create());
      const came = await server.publish('guest1');
      assert.equal(server.kill('guest1'), true);
      const bytes = server.publishers[0]?.bytesIn;
      assert.equal(server.publishers[0]?.bytesIn, bytes);
      await waitFor(() => server.publishers.length === 0 && hooks.heard.length === 2);
      server.faults.hookTwice = true;
      await server.publish('guest1');
      await server.unpublish('guest1');
      assert.equal(hooks.heard.length, 5);
      server.faults.clear();
      server.faults.loseUnpublish = true;
      await server.publish('guest1');
      await server.unpublish('guest1');
      assert.equal(hooks.heard.length, 6);
      server.faults.clear();
      await server.staleUnpublish('guest1', { clientId: came.clientId });
      assert.equal(hooks.heard.length, 7);
      if (kind !== 'oryx') assert.ok(bodies().at(-1)?.includes(came.clientId));
      server.faults.hooksDown = true;
      assert.equal((await server.publish('guest2')).why, 'no-answer');
      server.faults.clear();
      hooks.answer = () => ({ status: 500 });
      assert.equal((await server.publish('guest2')).allowed, false);
      const address = server.api;
      await server.apiOn(false);
      await assert.rejects(fetch(address));
      await server.apiOn(true);
      assert.ok((await get(address)).status > 0);
      server.faults.failApi('reset', 1);
      await assert.rejects(fetch(address));
      server.faults.failApi('hang');
      await assert.rejects(fetch(address, { signal: AbortSignal.timeout(100) }));
      await server.close();
      assert.deepEqual([server.listening, (await server.publish('x')).why], [false, 'down']);
    });
});

describe('the rehearsal of the guest queue', () => {
  it('has invented guests come, wait, leave and come again through the hook address', async () => {
    const show = createRehearsalServer({ hookAddress: hooks.url, guests: 3, speed: 2_000 });
    open.push(show);
    await show.start();
    const actions = (action: string) => json().filter((hook) => hook.action === action).length;
    await waitFor(() => actions('on_publish') >= 6 && actions('on_unpublish') >= 3);
    const names = new Set(json().map(({ stream }) => stream));
    assert.deepEqual([...names].sort(), ['guest-1', 'guest-2', 'guest-3']);
    // whoever is denied tries again
    hooks.answer = () => refuse;
    const before = actions('on_publish');
    await waitFor(() => show.publishers.length === 0 && actions('on_publish') > before + 3);
    await show.close();
    // those on their way arrive; nobody comes after them
    const [ended, one] = [hooks.heard.length, 3];
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(hooks.heard.length <= ended + one);
  });
});

describe('live-simulator of media servers', () => {
  const command = join(__dirname, '..', '..', 'dist', 'simulators', 'cli.js');

  it('publishes as it is told, by option and by line, and ends cleanly', async () => {
    hooks.answer = ({ body }) => (body.includes('bad') ? refuse : accept);
    const args = ['srs', '--port', '0', '--hooks', hooks.url, '--publish', 'guest1?key=abc,guest2?key=bad'];
    const child = spawn(process.execPath, [command, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    let said = '';
    child.stdout.on('data', (data: Buffer) => (said += data.toString()));
    await waitFor(() => said.includes('guest2'));
    assert.match(
      said,
      /^Simulated srs listens at http:\S+, hooks go to http:\/\/127\.0\.0\.1:\d+\nguest1 publishes \(\w{8}\)\nguest2 is refused: denied\n$/,
    );
    const lines = [
      'publish guest3?key=abc',
      'publish guest1',
      'stall guest3',
      'resume guest3',
      'unpublish guest1',
    ];
    const told = [
      /guest3 publishes/,
      /guest1 is refused: busy/,
      /guest3 sends nothing/,
      /sends again/,
      /guest1 left/,
    ];
    for (const [at, line] of lines.entries()) {
      child.stdin.write(`${line}\n`);
      await waitFor(() => told[at]?.test(said));
    }
    for (const line of ['list', 'kill nobody', 'dance', 'restart']) child.stdin.write(`${line}\n`);
    await waitFor(() => said.includes('restarted'));
    assert.match(
      said,
      /1 publish\nlive\/guest3 \w{8} \d+ bytes\nnobody publishes as nobody\n"dance" is no command/,
    );
    assert.doesNotMatch(said, /abc|secret/);
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
  });

  it('brings invented guests', async () => {
    const args = ['srs', '--port', '0', '--hooks', hooks.url, '--guests', '2', '--speed', '100'];
    const child = spawn(process.execPath, [command, ...args], { stdio: 'ignore' });
    await waitFor(() => json().some(({ stream }) => stream === 'guest-2'));
    child.kill('SIGTERM');
    await once(child, 'close');
  });

  it('says what is wrong with its options', async () => {
    const wrong = [
      ['srs', '--hooks', 'nowhere'],
      ['oryx', '--guests', '3', '--hooks', hooks.url],
      ['nginx-rtmp', '--speed', 'quick'],
      ['mediamtx', '--port', '99999'],
    ];
    for (const args of wrong) {
      const child = spawn(process.execPath, [command, ...args], { stdio: 'ignore' });
      assert.deepEqual(await once(child, 'close'), [2, null]);
    }
  });
});
