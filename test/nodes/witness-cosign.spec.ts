// Two witness logs: one countersigns the checkpoints of the other. And the routes behind the dialog.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument -- a message carries anything */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { KEY_TYPES, signerOf } from '../../lib/witness/keys';
import { leases } from '../../red/leases';
import { freePort, listens } from '../support/ports';
import {
  ask,
  auth,
  badges,
  deploy,
  heardBy,
  helper,
  load,
  logged,
  next,
  send,
  settle,
  tearDown,
  waitFor,
  type Flow,
  type FlowNode,
  type Msg,
} from './support/rig';
import { QUERY, folders, logNode, opened, passed, witnessing } from './support/witness';

const LOG_SEED = Buffer.alloc(32, 3);
const COSIGNER_SEED = Buffer.alloc(32, 4);
const LOG_VKEY = signerOf('a/live-witness/show', LOG_SEED).verifier.text;
const COSIGNER_VKEY = signerOf('b/cosigner', COSIGNER_SEED, KEY_TYPES.cosigner).verifier.text;
const CREDENTIALS = {
  log: { key: `a/live-witness/show+${LOG_SEED.toString('base64')}` },
  other: { cosignKey: `b/cosigner+${COSIGNER_SEED.toString('base64')}` },
};

describe('a witness log that another one countersigns', () => {
  let at: ReturnType<typeof folders>;
  let port: number;
  beforeEach(async () => {
    at = folders();
    port = await freePort();
  });
  afterEach(tearDown);

  const flow = (log: Partial<FlowNode> = {}, other: Partial<FlowNode> = {}): Flow =>
    witnessing(
      logNode(at, {
        cosigners: [{ address: `http://127.0.0.1:${port}`, vkey: COSIGNER_VKEY }],
        checkpointEntries: '5',
        ...log,
      }),
      {},
      logNode(folders(), {
        id: 'other',
        name: 'venue',
        stateFolder: join(at.state, 'of the other'),
        countersign: true,
        port: String(port),
        logs: [{ vkey: LOG_VKEY }],
        ...other,
      }),
      {
        ...QUERY,
        id: 'q',
        z: 'tab',
        x: 1,
        y: 1,
        name: '',
        action: 'verify',
        configVersion: 1,
        wires: [['out']],
      },
    );
  const told = (matches: (witness: Msg) => boolean) =>
    next('interim', ({ witness }) => matches(witness as Msg), 20_000);

  it('says so with each checkpoint, to its badge and to whoever verifies it', async () => {
    await load(flow(), CREDENTIALS);
    await waitFor(() => listens(port));
    await opened();
    for (let n = 0; n < 10; n++) send({ payload: n });
    await passed(10);
    const { payload, witness } = await told(({ cosignedBy }) => cosignedBy.length === 1);
    assert.deepEqual([witness.cosignedBy, witness.missing], [['b/cosigner'], []]);
    assert.match(payload, /^— b\/cosigner /m);
    const verified = await ask({}, 'q', 30_000);
    assert.equal(verified.payload.verdict, 'valid', verified.payload.sentence);
    assert.deepEqual(verified.payload.cosigned_by, ['b/cosigner']);
    assert.equal(verified.payload.cosigned_size, verified.payload.total_events);
    assert.ok(heardBy('badges').every(({ status }) => status.fill !== 'yellow'));
  });

  it('may have an address that is all in a variable, with a password in it', async () => {
    process.env.LIVE_TEST_ADDRESS = `http://me:hunter2@127.0.0.1:${port}`;
    try {
      await load(
        flow({ cosigners: [{ address: '${LIVE_TEST_ADDRESS}', vkey: COSIGNER_VKEY }] }),
        CREDENTIALS,
      );
      await opened();
    } finally {
      delete process.env.LIVE_TEST_ADDRESS;
    }
  });

  it('turns yellow when the other one is gone, and green when it is back; messages go on all the time', async () => {
    leases.lingerMs = 10_000;
    await load(flow(), CREDENTIALS);
    await waitFor(() => listens(port));
    await opened();
    let sent = 0;
    const more = async () => {
      for (let n = 0; n < 6; n++) send({ payload: sent++ });
      await passed(sent);
    };
    const colour = () => heardBy('badges').at(-1)?.status.fill as string;
    await more();
    await told(({ cosignedBy }) => cosignedBy.length === 1);
    await deploy(flow({}, { countersign: false }), 'nodes', CREDENTIALS);
    await waitFor(async () => !(await listens(port)));
    await waitFor(
      async () => {
        await more();
        return colour() === 'yellow';
      },
      { intervalMs: 200 },
    );
    await deploy(flow(), 'nodes', CREDENTIALS);
    await waitFor(
      async () => {
        await more();
        return colour() === 'green';
      },
      { intervalMs: 300 },
    );
    assert.ok(heardBy('out').every(({ witness }) => witness.seq !== null));
    assert.match(badges().at(-1)!, /entries$/);
  });

  it('turns red when the other one has seen another history of it, and both say so in the log of Node-RED', async () => {
    await load(flow(), CREDENTIALS);
    await waitFor(() => listens(port));
    await opened();
    for (let n = 0; n < 10; n++) send({ payload: n });
    await told(({ cosignedBy, size }) => cosignedBy.length === 1 && size >= 10);
    await tearDown();
    // the same key, and another log: needed or not, nobody may see green
    const fresh = folders();
    await load(flow({ folder: fresh.log, stateFolder: fresh.state, needed: '0' }), CREDENTIALS);
    await opened();
    const last = () => heardBy('badges').at(-1)?.status as Msg | undefined;
    const warned = (text: string) => logged().some((one) => one.level === 30 && one.text.includes(text));
    await waitFor(
      () => {
        send({ payload: 'other' });
        return last()?.fill === 'red' && warned('was not countersigned');
      },
      { intervalMs: 50, timeoutMs: 20_000 },
    );
    assert.equal(last()?.text, 'critical');
    assert.ok(warned('[WITNESS_COSIGNER_'));
    assert.ok(heardBy('out').every(({ witness }) => witness.seq !== null));
  });

  it('keeps its port over deploys, also with other settings, and tries again while somebody else has it', async () => {
    leases.lingerMs = 10_000;
    await load(flow(), CREDENTIALS);
    await waitFor(() => listens(port));
    for (const longestText of ['1', '2', '3']) {
      await deploy(
        flow(
          {},
          {
            longestText,
            logs: [{ vkey: LOG_VKEY }, { vkey: signerOf(`x${longestText}`, LOG_SEED).verifier.text }],
          },
        ),
        'nodes',
        CREDENTIALS,
      );
      await waitFor(() => listens(port));
    }
    assert.deepEqual(
      logged().filter(({ text }) => text.includes('WITNESS_COSIGN_PORT')),
      [],
    );
    await tearDown();
    const taken = createServer().listen(port, '127.0.0.1');
    await once(taken, 'listening');
    await load(flow(), CREDENTIALS);
    await waitFor(() => logged().some(({ text }) => text.includes('WITNESS_COSIGN_PORT')));
    await new Promise((resolve) => taken.close(resolve));
    await waitFor(() => listens(port));
    assert.equal(logged().filter(({ text }) => text.includes('WITNESS_COSIGN_PORT')).length, 1);
  });
});

describe("the routes of the witness log's dialog", () => {
  let at: ReturnType<typeof folders>;
  let server: Server;
  beforeEach(async () => {
    at = folders();
    process.env.LIVE_TEST_FOLDER = at.log;
    await load(witnessing(logNode(at)), CREDENTIALS);
    await opened();
    const admin = (helper as unknown as { _httpAdmin: { listen(port: number, host: string): Server } })
      ._httpAdmin;
    server = admin.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(async () => {
    delete process.env.LIVE_TEST_FOLDER;
    delete process.env.LIVE_TEST_SECRET;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await tearDown();
  });
  const post = async (path: string, body: unknown): Promise<{ status: number; body: Msg }> => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/live-production/witness/${path}`;
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    for (const secret of [LOG_SEED, COSIGNER_SEED]) assert.ok(!text.includes(secret.toString('base64')));
    return { status: answer.status, body: (text.startsWith('{') ? JSON.parse(text) : {}) as Msg };
  };
  const settings = (more: object = {}) => ({ ...logNode(at), ...more });

  it('tell of the deployed log: key, entries and checkpoint, and of one that is not deployed nothing', async () => {
    send({ payload: 1 });
    await passed(1);
    const { body } = await post('state', { id: 'log' });
    const { state } = body;
    assert.deepEqual(
      [state.now, state.vkey, state.origin, state.folder, state.entries],
      ['open', LOG_VKEY, 'a/live-witness/show', at.log, 3],
    );
    assert.ok(state.signed >= 1);
    assert.deepEqual(
      [state.error, state.lost, state.cosigners, state.countersigning, state.cosignerVkey],
      [null, 0, [], null, null],
    );
    assert.deepEqual((await post('state', { id: 'none' })).body, { ok: true, state: null });
    assert.deepEqual((await post('state', { id: 'n' })).body, { ok: true, state: null });
    assert.deepEqual((await post('state', {})).body, { ok: true, state: null });
    await deploy(witnessing(logNode(at, { fields: '1' })), 'nodes', CREDENTIALS);
    assert.equal((await post('state', { id: 'log' })).body.state.code, 'CONFIG_INVALID');
  });

  it('try a folder with the values of the dialog, leave nothing behind, and show no variable', async () => {
    const fresh = `${at.log}-fresh`;
    assert.deepEqual((await post('test', { settings: settings({ folder: fresh, id: 'new' }) })).body, {
      ok: true,
      folder: fresh,
      isNew: true,
      entries: null,
    });
    assert.ok(!existsSync(fresh));
    const there = (await post('test', { settings: settings() })).body;
    assert.deepEqual([there.isNew, there.folder], [false, at.log]);
    assert.ok(there.entries >= 1);
    const file = `${at.log}-file`;
    writeFileSync(file, '');
    for (const [more, code] of [
      [{ folder: join(file, 'x') }, 'CONFIG_INVALID'],
      [{ fields: '#' }, 'CONFIG_INVALID'],
      [{ folder: '${LIVE_TEST_NONE}' }, 'CONFIG_ENV_MISSING'],
      [{ cosigners: [{ address: 'x', vkey: 'y' }] }, 'CONFIG_INVALID'],
    ] as const)
      assert.equal((await post('test', { settings: settings(more) })).body.code, code);
    const env = await post('test', { settings: settings({ folder: '${LIVE_TEST_FOLDER}' }) });
    assert.equal(env.body.folder, '${LIVE_TEST_FOLDER}');
    const wrong = await post('test', {
      settings: settings({ folder: '${LIVE_TEST_FOLDER}', stateFolder: '${LIVE_TEST_FOLDER}/in' }),
    });
    assert.ok(!JSON.stringify(wrong.body).includes(at.log));
    process.env.LIVE_TEST_SECRET = 'hunter2/../hunter3 +';
    const held = '${LIVE_TEST_SECRET}';
    for (const more of [
      { folder: held },
      { folder: join(at.log, 'x', '..', held) },
      { folder: join(file, held) },
      { stateFolder: join(file, held) },
      { fields: `topic, ${held}` },
      { origin: held },
      { needed: held },
      { checkpointSeconds: held },
      { cosigners: [{ address: held, vkey: COSIGNER_VKEY }] },
      { cosigners: [{ address: 'http://127.0.0.1', vkey: held }] },
      { countersign: true, port: held, logs: [{ vkey: LOG_VKEY }] },
    ]) {
      const { body } = await post('test', { settings: settings(more) });
      assert.doesNotMatch(JSON.stringify(body), /hunter/, JSON.stringify(more));
    }
    for (const body of [{}, { settings: [] }, { settings: null }])
      assert.equal((await post('test', body)).status, 400);
  });

  it('need the permission to read, and to write where something is tried', async () => {
    auth.allowed = new Set(['live-production.read']);
    assert.equal((await post('state', { id: 'log' })).status, 200);
    assert.equal((await post('test', { settings: settings() })).status, 401);
    auth.allowed = new Set();
    assert.equal((await post('state', { id: 'log' })).status, 401);
    await settle();
  });
});
