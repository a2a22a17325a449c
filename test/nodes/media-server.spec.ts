// The media server as nodes and its dialog have it: what it offers, what is wrong, its client, its test, its lines, its rehearsal.
import assert from 'node:assert/strict';
import type { MediaServerNode } from '../../red/guests';
import { speechOf } from '../../lib/media-servers/speech';
import type { HookRequest } from '../../lib/media-servers/types';
import { startMediaServerSimulator, type MediaServerSimulator } from '../../simulators/media-servers';
import { createServer, type Server } from 'node:http';
import { freePort } from '../support/ports';
import { auth, deploy, helper, load, logged, tearDown, waitFor, type FlowNode } from './support/rig';
import { openRoutes, type Routes } from './support/routes';

const SECRET = 'Ab_dEfGhIjKlMnOpQrSt-v';
const PASSWORD = 'pa ss/w"ö+rd';
const USER = 'desk';

const serverNode = (more: object = {}): FlowNode => ({
  id: 'media',
  type: 'live-media-server',
  name: '',
  configVersion: 1,
  kind: 'srs',
  api: '',
  control: '',
  publishAddress: 'rtmp://studio.example/live/',
  playAddress: 'rtmp://127.0.0.1/{app}/{stream}',
  apps: 'live, night',
  otherApps: 'deny',
  hookHost: '127.0.0.1',
  hookPort: '8931',
  hookName: '',
  allowFrom: 'localhost',
  reachedAt: '',
  ...more,
});
const secrets = { media: { user: USER, password: PASSWORD, secret: SECRET } };
const node = (): MediaServerNode => helper.getNode('media') as unknown as MediaServerNode;

describe('media server', () => {
  let simulator: MediaServerSimulator | null = null;
  let routes: Routes | null = null;
  const simulate = async (kind: 'srs' | 'nginx-rtmp' = 'srs') =>
    (simulator = await startMediaServerSimulator(kind, { user: USER, password: PASSWORD, speed: 10 }));
  afterEach(async () => {
    await routes?.close();
    routes = null;
    await tearDown();
    await simulator?.close();
    simulator = null;
  });

  it('offers what gate, queue and page need', async () => {
    await load([serverNode({ hookName: 'main', allowFrom: '127.0.0.1, 10.0.0.0/8' })], secrets);
    const { fault, simulated, speech, hooks, publishAddress, playAddress, apps, otherApps } = node();
    assert.equal(fault, null);
    assert.deepEqual(
      { simulated, speech, hooks, publishAddress, playAddress, apps, otherApps },
      {
        simulated: false,
        speech: speechOf('srs'),
        hooks: {
          listen: { host: '127.0.0.1', port: 8931 },
          path: `/hooks/main/${SECRET}`,
          secret: SECRET,
          allowFrom: ['127.0.0.1', '10.0.0.0/8'],
        },
        publishAddress: 'rtmp://studio.example/live',
        playAddress: 'rtmp://127.0.0.1/{app}/{stream}',
        apps: ['live', 'night'],
        otherApps: 'deny',
      },
    );
  });

  for (const [what, more, credentials] of [
    ['no kind', { kind: 'wowza' }, {}],
    ['an address that is none', { api: 'studio' }, {}],
    ['a password in its address', { api: 'http://desk:word@studio' }, {}],
    ['no port', { hookPort: '99999' }, {}],
    ['a path name of other signs', { hookName: 'a/b' }, {}],
    ['no secret', {}, { secret: '' }],
    ['a word for a secret', {}, { secret: 'short-word' }],
    ['an allowed address that is none', { allowFrom: 'studio' }, {}],
    ['a play address without the stream', { playAddress: 'rtmp://127.0.0.1/live' }, {}],
    ['an app that is a path upwards', { apps: 'live, ../x' }, {}],
    ['a variable that is not set', { hookHost: '${NO_SUCH_VARIABLE_HERE}' }, {}],
  ] as const)
    it(`with ${what} it says so, and cannot be leased`, async () => {
      await load([serverNode(more)], { media: { ...secrets.media, ...credentials } });
      const { fault } = node();
      assert.ok(fault && ['CONFIG_INVALID', 'CONFIG_ENV_MISSING'].includes(fault.code), String(fault));
      assert.ok(!/word@|short-word/.test(fault.message), fault.message);
      assert.throws(() => node().acquire(), fault);
      assert.ok(logged().some(({ text }) => text.includes(fault.message)));
    });

  it('is asked over one client, which a deploy that changes nothing keeps', async () => {
    const { api } = await simulate();
    await load([serverNode({ api })], secrets);
    const first = node().acquire();
    await simulator!.publish('guest1');
    assert.deepEqual(
      (await first.value.list(0)).publishers.map(({ stream }) => stream),
      ['guest1'],
    );
    const second = node().acquire();
    assert.equal(second.value, first.value);
    second.release();
    await deploy([serverNode({ api })], 'full', secrets);
    const third = node().acquire();
    assert.equal(third.value, first.value);
    first.release();
    assert.equal((await third.value.probe()).publishers, 1);
    third.release();
  });

  it('test: what answered, with the stored password or a typed one, and what is wrong', async () => {
    const { api } = await simulate();
    await load([serverNode({ api })], secrets);
    routes = await openRoutes(PASSWORD);
    const stored = { user: USER, password: '__PWRD__', secret: '__PWRD__' };
    const test = async (more: object) =>
      (await routes!.post('media-server/test', { settings: { ...serverNode({ api }), ...stored, ...more } }))
        .body;
    const good = { ok: true, simulated: false, version: '7.0.18', publishers: 0 };
    const { version, ...answer } = await test({});
    assert.ok(version);
    assert.deepEqual({ ...answer, version: good.version }, good);
    assert.equal((await test({ password: PASSWORD, id: 'not-deployed-yet' })).ok, true);
    // nothing to do with the API
    assert.equal((await test({ secret: '' })).ok, true);
    assert.equal((await test({ password: 'wrong' })).code, 'MEDIA_SERVER_LOGIN');
    assert.equal((await test({ kind: 'mediamtx', password: PASSWORD })).code, 'MEDIA_SERVER_UNFIT');
    assert.equal((await test({ api: '', password: PASSWORD })).code, 'MEDIA_SERVER_NO_API');
    const nowhere = `http://127.0.0.1:${await freePort()}`;
    assert.equal((await test({ api: nowhere, password: PASSWORD })).code, 'MEDIA_SERVER_REFUSED');
    // the stored password is for where it was stored
    for (const more of [{ api: nowhere }, { kind: 'mediamtx' }, { user: 'other' }])
      assert.equal((await test(more)).code, 'MEDIA_SERVER_PASSWORD_NEEDED', JSON.stringify(more));
    assert.equal((await test({ kind: 'rehearsal' })).simulated, true);
  });

  it('test: shows nothing that a variable held', async () => {
    const port = await freePort();
    process.env.TEST_MEDIA_PLACE = `127.0.0.1:${port}`;
    try {
      await load([serverNode()], secrets);
      routes = await openRoutes(PASSWORD);
      const settings = {
        ...serverNode({ api: 'http://${TEST_MEDIA_PLACE}' }),
        id: 'new',
        password: '',
        user: '',
      };
      const { body, text } = await routes.post('media-server/test', { settings });
      assert.equal(body.code, 'MEDIA_SERVER_REFUSED');
      assert.ok(text.includes('${TEST_MEDIA_PLACE}') && !text.includes(String(port)), text);
    } finally {
      delete process.env.TEST_MEDIA_PLACE;
    }
  });

  it('test and lines: no variable is read that the deployed node does not name', async () => {
    process.env.TEST_MEDIA_OTHERS = 'a-secret-of-somebody-else-1234';
    try {
      await load([serverNode()], secrets);
      routes = await openRoutes(PASSWORD);
      const variable = '${TEST_MEDIA_OTHERS}';
      const ask = (path: string, more: object) =>
        routes!.post(path, { settings: { ...serverNode(), user: '', secret: '__PWRD__', ...more } });
      const shownIn = ['user', 'secret', 'hookName', 'reachedAt', 'hookHost', 'apps'].map((name) => ({
        [name]: variable,
      }));
      const places = ['api', 'control'].map((name) => ({
        kind: 'nginx-rtmp',
        [name]: `http://127.0.0.1:9/${variable}`,
      }));
      for (const more of [...shownIn, ...places]) {
        const { body, text } = await ask('media-server/lines', more);
        assert.equal(body.code, 'CONFIG_INVALID', JSON.stringify(more));
        assert.ok(!text.includes('somebody-else'), JSON.stringify(more));
      }
      // it would be sent to whatever address is typed
      for (const more of [{ user: variable, password: 'x' }, { password: variable }])
        assert.equal((await ask('media-server/test', more)).body.code, 'CONFIG_INVALID');
      for (const place of ['api', 'control'])
        for (const typed of [
          `http://attacker.invalid/${variable}`,
          `http://${variable}.attacker.invalid`,
          `http://attacker.invalid?x=${variable}`,
          `http://${variable}@attacker.invalid`,
        ]) {
          const more = { kind: 'nginx-rtmp', password: '', [place]: typed };
          assert.equal((await ask('media-server/test', more)).body.code, 'CONFIG_INVALID', typed);
        }
    } finally {
      delete process.env.TEST_MEDIA_OTHERS;
    }
  });

  it('lines: variables of the deployed node are filled in', async () => {
    process.env.TEST_MEDIA_REACHED = 'nodered.example';
    try {
      await load([serverNode({ reachedAt: '${TEST_MEDIA_REACHED}' })], secrets);
      routes = await openRoutes(PASSWORD);
      const settings = { ...serverNode({ reachedAt: '${TEST_MEDIA_REACHED}' }), secret: '__PWRD__' };
      const { text } = await routes.post('media-server/lines', { settings });
      assert.ok(text.includes('http://nodered.example:8931/'), text);
    } finally {
      delete process.env.TEST_MEDIA_REACHED;
    }
  });

  it('lines: with the secret, for those only who may write', async () => {
    await load(
      [serverNode({ hookHost: '0.0.0.0', reachedAt: 'nodered.example', hookName: 'main' })],
      secrets,
    );
    routes = await openRoutes(PASSWORD);
    const settings = {
      ...serverNode({ hookHost: '0.0.0.0', reachedAt: 'nodered.example', hookName: 'main' }),
      secret: '__PWRD__',
    };
    const { body } = await routes.post('media-server/lines', { settings });
    const lines = body.lines as { where: string; text: string }[];
    assert.ok(lines[0]!.text.includes(`on_publish   http://nodered.example:8931/hooks/main/${SECRET};`));
    const typed = await routes.post('media-server/lines', {
      settings: { ...settings, secret: 'x'.repeat(30) },
    });
    assert.ok(typed.text.includes('x'.repeat(30)) && !typed.text.includes(SECRET));
    const none = await routes.post('media-server/lines', { settings: { ...settings, secret: '' } });
    assert.equal(none.body.code, 'CONFIG_INVALID');
    auth.allowed.delete('live-production.write');
    try {
      assert.equal((await routes.post('media-server/lines', { settings })).status, 401);
      assert.equal((await routes.post('media-server/test', { settings })).status, 401);
    } finally {
      auth.allowed.add('live-production.write');
    }
  });

  it('rehearsal: simulated guests come through the very hook address, are listed and can be ended', async () => {
    const port = await freePort();
    await load([serverNode({ kind: 'rehearsal', hookPort: String(port), apps: 'night' })]);
    const { speech, hooks, simulated, fault } = node();
    assert.equal(fault, null);
    assert.ok(simulated && hooks && speech);
    const came: HookRequest[] = [];
    const server: Server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        assert.equal(request.url, hooks.path);
        const contentType = request.headers['content-type'] ?? null;
        const hook = { method: request.method ?? '', contentType, query: '', body: Buffer.concat(pieces) };
        came.push(hook);
        const read = speech.parse(hook);
        const { status, headers, body } = speech.reply({ allow: true }, 'fault' in read ? null : read);
        response.writeHead(status, headers).end(body);
      });
    });
    server.listen(port, '127.0.0.1');
    const lease = node().acquire();
    try {
      await waitFor(async () => (await lease.value.list(0)).publishers.length > 0, { timeoutMs: 15_000 });
      const [guest] = (await lease.value.list(0)).publishers;
      assert.ok(guest);
      assert.match(`${guest.app}/${guest.stream}`, /^night\/guest-\d+$/);
      const read = speech.parse(came[0]!);
      assert.ok(!('fault' in read) && read.action === 'publish');
      assert.equal(await lease.value.kick(guest), 'kicked');
      await waitFor(() => came.some((hook) => hook.body.includes('on_unpublish')));
    } finally {
      lease.release();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
