// The frame store and find frames inside Node-RED: what is asked and answered, over deploys, and what the dialog is shown.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-assignment -- a message carries anything */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FrameStoreNode } from '../../red/capture';
import { redactText } from '../../lib/secrets';
import { freePort, startProgram, waitFor } from '../support';
import { tempDir } from '../support/temp';
import { CHANGED, SHOW_STARTS, fillStore, frameOf } from '../support/frames';
import {
  around,
  ask,
  auth,
  badges,
  deploy,
  helper,
  load,
  logged,
  refuse,
  tearDown,
  type Flow,
  type FlowNode,
} from './support/rig';
import { openRoutes } from './support/routes';

describe('find frames', () => {
  let folder: string;
  beforeEach(() => {
    folder = tempDir('find-frames');
  });
  afterEach(tearDown);

  const storeNode = (more: Partial<FlowNode> = {}): FlowNode => ({
    id: 'store',
    type: 'live-frame-store',
    name: 'pictures',
    configVersion: 1,
    folder,
    keepDays: '0',
    mostGb: '0',
    leastFreeGb: '0',
    ...more,
  });
  const find = (more: Partial<FlowNode> = {}): Partial<FlowNode> & { type: string } => ({
    type: 'live-find-frames',
    store: 'store',
    action: 'find',
    stream: '',
    streamType: 'str',
    from: '',
    fromType: 'str',
    to: '',
    toType: 'str',
    at: '',
    atType: 'str',
    picture: 'none',
    everySeconds: '',
    changedOnly: false,
    similarTo: '',
    similarToType: 'str',
    mostBits: '8',
    order: 'oldest',
    limit: '100',
    cursor: '',
    cursorType: 'str',
    ...more,
  });
  const flow = (more: Partial<FlowNode> = {}, store: Partial<FlowNode> = {}): Flow =>
    around(find(more), storeNode(store));

  it('finds by time as text, number and expression, with what a message may carry', async () => {
    fillStore(folder, { frames: 600, streams: ['anna', 'bob'], everyMs: 10_000 });
    await load(
      flow({ stream: 'who', streamType: 'msg', from: '2026-03-29T00:00:30Z', to: 'until', toType: 'msg' }),
    );
    const { payload, live, topic } = await ask({ who: 'anna', until: SHOW_STARTS + 60_000, topic: 'kept' });
    assert.equal(topic, 'kept');
    assert.deepEqual(
      payload.frames.map(({ at }: { at: string }) => at),
      ['2026-03-29T00:00:30.000Z', '2026-03-29T00:00:40.000Z', '2026-03-29T00:00:50.000Z'],
    );
    assert.deepEqual([payload.cursor, payload.unreadable], [null, []]);
    const { tookMs, ...said } = live;
    assert.equal(typeof tookMs, 'number');
    assert.deepEqual(said, {
      action: 'frames-find',
      application: 'frames',
      connection: { id: 'store', name: 'pictures' },
      output: 'anna',
      state: null,
      confirmedBy: null,
    });
    await deploy(flow({ from: '$millis()', fromType: 'jsonata' }), 'nodes');
    assert.deepEqual((await ask({})).payload.frames, []);
    await deploy(flow({ limit: '2', cursor: 'cursor', cursorType: 'msg', order: 'newest' }), 'nodes');
    const one = (await ask({})).payload;
    const two = (await ask({ cursor: one.cursor })).payload;
    assert.deepEqual(
      [...one.frames, ...two.frames].map(({ id }: { id: string }) => id.split('-').at(-1)),
      ['299', '299', '298', '298'],
    );
  });

  it('gives the picture of a time as Buffer, path and attachment', async () => {
    const { from } = fillStore(folder, { frames: 10, streams: ['anna'], everyMs: 10_000 });
    const nearest = { action: 'nearest', stream: 'anna', at: String(from + 21_000), atType: 'num' };
    await load(flow({ ...nearest, picture: 'path' }));
    const { path } = (await ask({})).payload;
    assert.ok(path.startsWith(folder));
    await deploy(flow({ ...nearest, picture: 'buffer' }), 'nodes');
    const { jpeg, at } = (await ask({})).payload;
    assert.equal(at, '2026-03-29T00:00:20.000Z');
    assert.deepEqual(jpeg, readFileSync(path));
    await deploy(flow({ ...nearest, picture: 'attachments' }), 'nodes');
    const { attachments } = await ask({});
    assert.deepEqual(attachments, [
      { filename: 'anna-2026-03-29T00-00-20-000Z.jpg', content: jpeg, contentType: 'image/jpeg' },
    ]);
    writeFileSync(path, 'another');
    await refuse({}, 'FRAMES_CHANGED');
    await deploy(flow({ action: 'nearest', stream: 'nobody' }), 'nodes');
    assert.equal((await ask({})).payload, null);
  });

  it('counts, tells what was shown, lists streams and verifies', async () => {
    fillStore(folder, { frames: 120, streams: ['anna', 'bob'] });
    await load(
      flow({
        action: 'message',
        stream: 'anna',
        from: '2026-03-29T00:00Z',
        to: '2026-03-29T01:00Z',
        limit: '1000',
      }),
    );
    const { buckets } = (await ask({ payload: 'buckets' })).payload;
    assert.deepEqual(
      buckets.map(({ frames, at }: { frames: number; at: string }) => [at, frames]),
      [['2026-03-29T00:00:00.000Z', 60]],
    );
    const { segments } = (await ask({ payload: 'segments' })).payload;
    assert.ok(segments.length > 1 && segments.length < 30, String(segments.length));
    assert.equal(
      segments.reduce((sum: number, one: { frames: number }) => sum + one.frames, 0),
      60,
    );
    const { streams, frames } = (await ask({ payload: 'streams' })).payload;
    assert.deepEqual(
      streams.map(({ stream }: { stream: string }) => stream),
      ['anna', 'bob'],
    );
    assert.equal(frames, 120);
    const verified = (await ask({ payload: 'verify' })).payload;
    assert.deepEqual([verified.valid, verified.lines, verified.faults], [true, 60, []]);
    const index = join(folder, 'anna', '2026-03-29', '00', 'index.ndjson');
    const lines = readFileSync(index, 'utf8').split('\n');
    writeFileSync(index, lines.filter((_, at) => at !== 7).join('\n'));
    const { valid, faults } = (await ask({ payload: 'verify' })).payload;
    assert.deepEqual([valid, faults.map(({ what }: { what: string }) => what)], [false, ['missing line']]);
    await refuse({ payload: 'delete' }, 'ACTION_UNKNOWN');
  });

  it('makes a link to the timeline, whose token stands in the answer and nowhere else', async () => {
    const page = { page: true, pagePort: String(await freePort()), pageHost: '127.0.0.1' };
    const link = {
      action: 'link',
      stream: 'rooms',
      streamType: 'msg',
      validMinutes: '5',
      validMinutesType: 'num',
    };
    await load(flow(link, page));
    const begin = Date.now();
    const { payload, live } = await ask({ rooms: ['anna', 'bob'] });
    assert.deepEqual(Object.keys(payload).sort(), ['expiresAt', 'url']);
    const [address, token] = String(payload.url).split('#') as [string, string];
    assert.equal(address, `http://127.0.0.1:${page.pagePort}/`);
    const lasts = Date.parse(payload.expiresAt) - begin;
    assert.ok(lasts >= 300_000 && lasts < 400_000, `${lasts} ms`);
    assert.deepEqual([live.action, live.output], ['frames-link', null]);
    const entered = await fetch(`${address}session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: address.slice(0, -1) },
      body: JSON.stringify({ token }),
    });
    assert.deepEqual(((await entered.json()) as { streams: string[] }).streams, ['anna', 'bob']);
    const told = JSON.stringify([badges(), logged()]);
    assert.ok(!told.includes(token));
    assert.ok(!redactText(`see ${token}`).includes(token), 'it is held');

    // what a message lacks is no link to everything
    await refuse({ rooms: [] }, 'INPUT_INVALID');
    await refuse({ rooms: '' }, 'INPUT_INVALID');
    await refuse({}, 'INPUT_INVALID');
    await refuse({ rooms: [1] }, 'INPUT_INVALID');
    await deploy(flow({ ...link, stream: '', streamType: 'str', validMinutes: '' }, page), 'nodes');
    const day = Date.parse((await ask({})).payload.expiresAt) - Date.now();
    assert.ok(day > 86_000_000 && day <= 86_400_000, `${day} ms`);
    await deploy(flow({ ...link, stream: '', streamType: 'str', validMinutes: '0.5' }, page), 'nodes');
    await refuse({}, 'CONFIG_INVALID');
    await deploy(flow({ action: 'message' }, page), 'nodes');
    await refuse({ payload: 'link' }, 'ACTION_UNKNOWN');
    await deploy(flow({ ...link, stream: 'anna', streamType: 'str' }), 'nodes');
    await refuse({}, 'CONFIG_INVALID');
  });

  it('says what is wrong, and needs a store', async () => {
    await load(flow({ stream: '../up' }));
    await refuse({}, 'FRAMES_QUERY_INVALID');
    await deploy(flow({ from: 'yesterday' }), 'nodes');
    await refuse({}, 'INPUT_INVALID');
    await deploy(flow({ action: 'verify' }), 'nodes');
    await refuse({}, 'INPUT_INVALID');
    await deploy(flow({ store: '' }), 'nodes');
    await refuse({}, 'FRAME_STORE_MISSING');
    await deploy(flow({}, { keepDays: 'long' }), 'nodes');
    await refuse({}, 'CONFIG_INVALID');
  });

  it('takes a day as To up to its end, and what a message has only where it fits', async () => {
    const midnight = new Date(2026, 2, 30).getTime();
    fillStore(folder, { frames: 3, streams: ['anna'], from: midnight - 1, everyMs: 1, looks: 3 });
    const byMessage = {
      ...{ from: 'payload.from', fromType: 'msg', to: 'payload.to', toType: 'msg', cursor: 'payload.cursor' },
      ...{ cursorType: 'msg', similarTo: 'payload.like', similarToType: 'msg', stream: 'payload.stream' },
      ...{ streamType: 'msg', limit: '2' },
    };
    await load(flow(byMessage));
    const ids = async (payload: Record<string, unknown>): Promise<string[]> =>
      (await ask({ payload })).payload.frames.map(({ id }: { id: string }) => id.split('/')[1]) as string[];
    const [last, first, second] = [0, 1, 2].map((seq) => `${midnight - 1 + seq}-${seq}`);
    assert.deepEqual(await ids({ from: '2026-03-29', to: '2026-03-29' }), [last]);
    assert.deepEqual(await ids({ from: '2026-03-30', to: '2026-03-30' }), [first, second]);
    assert.deepEqual(await ids({ from: midnight, to: midnight }), []);
    assert.deepEqual(await ids({ to: new Date(midnight) }), [last]);
    const page = (await ask({ payload: {} })).payload;
    assert.equal(page.frames.length, 2);
    assert.deepEqual(await ids({ cursor: page.cursor }), [second]);
    const [one] = page.frames;
    assert.ok((await ids({ like: one.id })).includes(last!));
    assert.ok((await ids({ like: one.dhash })).includes(last!));
    for (const wrong of [
      { from: 'soon' },
      { from: {} },
      { to: [] },
      { from: '2026-02-31' },
      { from: NaN },
      { like: Buffer.from('jpeg') },
      { like: 'anything' },
      { stream: ['anna'] },
      { cursor: { on: 1 } },
    ])
      await refuse({ payload: wrong }, 'INPUT_INVALID');
    for (const wrong of [{ cursor: 'nonsense' }, { stream: 'a/b' }])
      await refuse({ payload: wrong }, 'FRAMES_QUERY_INVALID');
    await refuse({ payload: { like: 'anna/1-1' } }, 'FRAMES_UNKNOWN');
    await deploy(flow({ action: 'message' }), 'nodes');
    await refuse({ payload: 'remove' }, 'ACTION_UNKNOWN');
  });

  it('says that another Node-RED has the folder, and goes on once that one is gone', async function () {
    this.timeout(60_000);
    fillStore(folder, { frames: 3, streams: ['anna'] });
    const built = join(__dirname, '..', '..', 'dist', 'lib', 'frames', 'store', 'store.js');
    const settings = { folder, keepDays: null, mostBytes: null, leastFreeBytes: null };
    const other = await startProgram('node', [
      '-e',
      `const { FolderFrameStore } = require(${JSON.stringify(built)});
       new FolderFrameStore(${JSON.stringify(settings)}).opened().then(() => console.log('open'));
       setInterval(() => 0, 1000);`,
    ]);
    try {
      await waitFor(() => other.log().includes('open'), { message: () => other.log() });
      await load(flow());
      await refuse({}, 'FRAMES_BUSY');
      assert.deepEqual(badges().at(-1), 'failed');
    } finally {
      other.kill('SIGKILL');
      await other.waitExit();
      await other.close();
    }
    const lease = (helper.getNode('store') as unknown as FrameStoreNode).acquire();
    await waitFor(() => lease.value.use());
    lease.release();
    assert.equal((await ask({})).payload.frames.length, 3);
  });

  it('keeps its store over a deploy of other limits, and shows what it has in the dialog', async () => {
    await load(flow());
    const store = () => helper.getNode('store') as unknown as FrameStoreNode;
    const before = store().acquire();
    await before.value.put(frameOf('anna', SHOW_STARTS, 0), CHANGED);
    await deploy(flow({}, { mostGb: '2' }), 'nodes');
    const after = store().acquire();
    assert.equal(after.value, before.value);
    assert.equal(after.value.settings.mostBytes, 2e9);
    const routes = await openRoutes('a secret that is nowhere');
    const { body } = await routes.post('frame-store/use', { id: 'store' });
    assert.equal(body.ok, true);
    const { streams, frames, folder: shown } = body.use;
    assert.deepEqual([frames, shown, streams[0].stream], [1, folder, 'anna']);
    assert.deepEqual((await routes.post('frame-store/use', { id: 'none' })).body.use, null);
    auth.allowed.delete('live-production.read');
    assert.equal((await routes.post('frame-store/use', { id: 'store' })).status, 401);
    auth.allowed.add('live-production.read');
    await routes.close();
    before.release();
    after.release();
  });
});
