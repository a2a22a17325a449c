// A rehearsal of the ingest: test streams come by themselves, and nobody else.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call -- a message carries anything */
import assert from 'node:assert/strict';
import type { FramesOf } from '../../lib/frames/source';
import { leases } from '../../red/leases';
import { freePort, loops, requirePrograms, tempDir } from '../support';
import { alive } from '../support/programs';
import { listens } from '../support/ports';
import { publishing } from '../support/rtmp';
import {
  around,
  badges,
  deploy,
  heardBy,
  helper,
  load,
  logged,
  next,
  tearDown,
  waitFor,
  type Flow,
  type FlowNode,
} from './support/rig';
import {
  endPublishing,
  ingestNode,
  isLive,
  keysNode,
  keyStore,
  ON_INGEST,
  openIngest,
  serverNode,
} from './support/ingest';

const SHOW = { source: 'show', events: [], filters: [], limit: '', present: false };
const CAPTURE = {
  ...{ type: 'live-capture-frames', source: 'ingest', ingest: 'ingest', server: '', stream: '' },
  ...{ everySeconds: '0.5', sampling: 'auto', cells: '2', delta: '12', masks: '', keepAliveSeconds: '' },
  ...{ width: '', quality: '90', store: '', picture: 'buffer', waits: false, ffmpeg: '' },
};
const NAMES = ['test-1', 'test-2', 'test-3'];

describe('rehearsal of the ingest', function () {
  this.timeout(90_000);
  let port: number;
  let folder: string;
  beforeEach(async () => {
    port = await freePort();
    folder = tempDir('rehearsal');
    leases.lingerMs = 10_000;
  });
  afterEach(async () => {
    await endPublishing();
    await tearDown();
  });

  const rehearsing = (node: Partial<FlowNode>, settings: Partial<FlowNode> = {}, ...more: FlowNode[]): Flow =>
    around(
      { ...node } as never,
      keysNode(folder),
      ingestNode(port, { simulate: true, ...settings }),
      ...more,
    );
  const events = (settings: Partial<FlowNode> = {}): Flow =>
    rehearsing({ type: 'live-event', ...ON_INGEST, ...SHOW }, settings);
  const all = async (names = NAMES) => {
    for (const name of names) await isLive(name);
  };
  const everything = () =>
    JSON.stringify([heardBy('out'), heardBy('badges'), logged(), openIngest().facts()]);

  it('three streams begin by themselves; others are let in nowhere, and the port of the show is left alone', async () => {
    await load(events({ host: '0.0.0.0', tls: 'gone', ownProcess: true }));
    await all();
    const started = () => heardBy('out').filter(({ topic }) => topic === 'stream_started');
    // a message is on its way for a moment
    await waitFor(() => started().length >= NAMES.length);
    assert.deepEqual(
      started()
        .map(({ live }) => live.output)
        .sort(),
      NAMES,
    );
    assert.match(badges().at(-1)!, /^sim /);
    assert.equal(await listens(port), false);
    const { ingest, simulated } = openIngest();
    const { host, port: own } = { ...ingest.settings, ...ingest.status() };
    assert.deepEqual([simulated, host], [true, '127.0.0.1']);
    for (const stream of ['test-1', 'anna', 'anna?key=wrong']) {
      const stranger = await publishing(own!, stream);
      await stranger.gone();
      assert.deepEqual(stranger.codes(), ['NetStream.Publish.BadName']);
    }
    assert.ok(!/key=(?!wrong)/.test(everything()), 'the secret of the rehearsal was told');
    const facts = openIngest().facts().publishers[0]!;
    assert.deepEqual([facts.resolution, facts.videoCodec, facts.audioCodec], ['320x180', 'avc', 'aac']);
  });

  it('whoever gets a key is rehearsed at once, and goes when it is stopped; unticked it is the ingest of the show', async () => {
    await load(events());
    await all();
    await keyStore().create({ id: 'anna', name: 'Anna B.' });
    await all(['anna', 'test-2', 'test-3']);
    const anna = await next('out', ({ topic, live }) => topic === 'stream_started' && live.output === 'anna');
    assert.equal(anna.payload.publisher.name, 'Anna B.');
    const left = await next('out', ({ topic }) => topic === 'stream_stopped');
    assert.deepEqual([left.live.output, left.live.expected], ['test-1', true]);
    await deploy(events());
    await keyStore().change('anna', { active: false });
    await all(NAMES);
    assert.equal(openIngest().streamState('anna'), 'idle');
    await deploy(events({ simulate: false }));
    await waitFor(() => badges().at(-1) === 'ready');
    assert.deepEqual([openIngest().ingest.feeds().length, await listens(port)], [0, true]);
  });

  it('as a media server it says where OBS finds the streams, and that it is a rehearsal', async () => {
    await load(rehearsing({ type: 'live-event', ...ON_INGEST, ...SHOW }, {}, serverNode()));
    await all();
    const server = helper.getNode('server') as unknown as Record<string, unknown>;
    const own = openIngest().ingest.status().port;
    assert.deepEqual(
      [server.simulated, server.playAddress, server.publishAddress],
      [true, `rtmp://127.0.0.1:${own}/{app}/{stream}`, `rtmp://127.0.0.1:${own}/live`],
    );
  });

  it('pictures of all three, and none for a clock that goes on', async function () {
    requirePrograms(this, ['ffmpeg']);
    await load(rehearsing(CAPTURE));
    await waitFor(() => new Set(heardBy('out').map(({ frame }) => frame.stream)).size === 3, {
      timeoutMs: 60_000,
    });
    const { frame, payload } = await next('out', () => true);
    assert.equal(payload.readUIntBE(0, 3), 0xffd8ff);
    assert.deepEqual([frame.width, frame.height], [320, 180]);
    // several clocks later: looked at, and not kept
    const seen = () => heardBy('interim').filter(({ payload: { stream } }) => stream === 'test-1');
    await waitFor(() => seen().length >= 8, { timeoutMs: 60_000 });
    const firsts = seen().slice(0, 8);
    assert.ok(firsts.filter(({ payload: { kept } }) => kept).length <= 2, JSON.stringify(firsts));
    await waitFor(() => badges().at(-1) === 'sim live');
  });

  it('deploys cut no test stream off; nothing is left behind', async function () {
    requirePrograms(this, ['ffmpeg']);
    const sockets = () => process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout/.test(kind)).length;
    await load(events({ simulate: false }));
    await waitFor(() => badges().at(-1) === 'ready');
    const before = sockets();
    const flow = rehearsing(CAPTURE);
    await deploy(flow, 'full');
    await all();
    const feeds = openIngest().ingest.feeds();
    for (let i = 0; i < loops(50, 10); i++)
      await deploy([...flow, { id: `tab${i}`, type: 'tab', label: `${i}` }], 'full');
    assert.deepEqual(openIngest().ingest.feeds(), feeds);
    await waitFor(() => heardBy('out').length > 0, { timeoutMs: 60_000 });
    const children = [...(openIngest().frames as FramesOf).children];
    await deploy(events({ simulate: false }), 'full');
    for (const child of children) await waitFor(() => !alive(child));
    await waitFor(() => sockets() <= before, { message: () => process.getActiveResourcesInfo().join(' ') });
  });
});
