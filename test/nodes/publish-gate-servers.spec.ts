// The gate with its real media server, stream keys and guest queue, asked by each simulated server.
import assert from 'node:assert/strict';
import { leases } from '../../red/leases';
import type { Lease } from '../../lib/connection/lease';
import type { KeyStore } from '../../lib/keys/types';
import type { GuestQueue } from '../../lib/queue/guests';
import { startMediaServerSimulator, type MediaServerSimulator } from '../../simulators/media-servers';
import { freePort, loops, tempDir } from '../support';
import {
  around,
  badges,
  deploy,
  heardBy,
  helper,
  load,
  logged,
  settle,
  tearDown,
  waitFor,
  type Flow,
  type FlowNode,
} from './support/rig';

const SECRET = 'dR7mQ2xVb7LkM4nRw8ZyH3';
const KINDS = ['srs', 'oryx', 'nginx-rtmp', 'mediamtx'] as const;
type Kind = (typeof KINDS)[number];

let simulator: MediaServerSimulator;
let keys: Lease<KeyStore>;
let queue: Lease<GuestQueue>;
let streamKeys: Record<string, string>;

function flow(port: number, kind: Kind, folder: string, gate: Partial<FlowNode> = {}): Flow {
  return around(
    {
      type: 'live-publish-gate',
      server: 'server',
      admission: 'keys',
      keys: 'keys',
      queue: 'queue',
      answerMs: '800',
      target: '',
      sendOn: 'first',
      players: 'anyone',
      ...gate,
    },
    {
      id: 'server',
      type: 'live-media-server',
      name: 'The server',
      configVersion: 1,
      kind,
      api: simulator.api,
      control: simulator.control ?? '',
      publishAddress: '',
      playAddress: '',
      apps: 'live',
      otherApps: 'deny',
      hookHost: '127.0.0.1',
      hookPort: String(port),
      hookName: 'main',
      allowFrom: 'localhost',
      reachedAt: '',
    },
    { id: 'keys', type: 'live-stream-keys', configVersion: 1, folder: `${folder}/keys`, mostPeople: '' },
    {
      id: 'queue',
      type: 'live-guest-queue',
      configVersion: 1,
      server: 'server',
      limitMinutes: '60',
      onlyIfWaiting: true,
      afterTurn: 'kick',
      graceSeconds: '10',
      mostEntries: '100',
      warnAt: '60, 10',
      secondPublisher: 'reject',
      rejoinSeconds: '30',
      admitSeconds: '60',
      switchSeconds: '30',
      mostFailures: '3',
      missesToLeave: '3',
      folder: `${folder}/queue`,
    },
  );
}

async function start(kind: Kind, people: string[]): Promise<Flow> {
  leases.lingerMs = 10_000;
  const port = await freePort();
  simulator = await startMediaServerSimulator(kind, {
    hooks: `http://127.0.0.1:${port}/hooks/main/${SECRET}`,
    speed: 10,
  });
  const deployed = flow(port, kind, tempDir('gate'));
  await load(deployed, { server: { secret: SECRET } });
  await waitFor(() => badges().at(-1) === 'ready');
  const node = <T>(id: string) => helper.getNode(id) as unknown as { acquire(): Lease<T> };
  keys = node<KeyStore>('keys').acquire();
  queue = node<GuestQueue>('queue').acquire();
  streamKeys = {};
  for (const id of people)
    streamKeys[id] = (await keys.value.create({ id, name: `Name of ${id}` })).streamKey;
  return deployed;
}

/** As an encoder publishes: `anna?key=…`. */
const publish = (published: string) => simulator.publish(published);
const inQueue = () => {
  const { lead, waiting } = queue.value.view();
  return [lead, ...waiting].flatMap((one) => (one ? [one.stream] : []));
};
const everything = () =>
  JSON.stringify([heardBy('out'), heardBy('interim'), heardBy('caught'), heardBy('badges'), logged()]);

describe('publish gate of each media server', () => {
  afterEach(async () => {
    keys?.release();
    queue?.release();
    await tearDown();
    await simulator?.close();
  });

  for (const kind of KINDS)
    it(`${kind}: the right key comes into the queue, the wrong one does not, and who ends is gone`, async () => {
      await start(kind, ['anna', 'bob']);
      assert.equal((await publish(streamKeys.anna!)).allowed, true);
      assert.equal((await publish(streamKeys.bob!)).allowed, true);
      const wrong = streamKeys.anna!.replace('anna', 'bob');
      for (const published of [wrong, 'bob', 'nobody?key=x', `${streamKeys.bob!}x`])
        assert.equal((await publish(published)).allowed, false, published.split('?')[0]);
      assert.deepEqual(inQueue(), ['anna', 'bob']);
      await waitFor(() => heardBy('out').filter(({ topic }) => topic === 'publisher_denied').length >= 3);
      // Oryx does not tell whose end it was: its list has to have had him
      await waitFor(() => queue.value.view().waiting.every(({ state }) => state === 'waiting'));
      await simulator.unpublish('bob');
      await waitFor(() => inQueue().join() === 'anna');
      for (const streamKey of Object.values(streamKeys))
        assert.ok(!everything().includes(streamKey.split('=')[1]!), 'a key was told');
      assert.ok(!everything().includes(SECRET));
    });

  it('somebody on the name of one who publishes changes nothing', async () => {
    await start('srs', ['anna']);
    await publish(streamKeys.anna!);
    assert.equal((await publish(streamKeys.anna!)).allowed, false);
    await simulator.staleUnpublish('anna');
    await settle();
    assert.deepEqual(inQueue(), ['anna']);
  });

  it('nobody is lost over deploys, whoever comes and goes meanwhile', async () => {
    const people = Array.from({ length: loops(60, 12) }, (_, n) => `guest-${n}`);
    const deployed = await start('srs', people);
    const came: boolean[] = [];
    const coming = (async () => {
      for (const id of people) {
        came.push((await publish(streamKeys[id]!)).allowed);
        if (Number(id.slice(6)) % 3 === 2) await simulator.unpublish(id);
        await settle(15);
      }
    })();
    const gate = (name: string) => deployed.map((node) => (node.id === 'n' ? { ...node, name } : node));
    for (let n = 0; came.length < people.length; n++) {
      await deploy(gate(`gate ${n}`), n % 2 ? 'nodes' : 'full', { server: { secret: SECRET } });
      await settle(20);
    }
    await coming;
    assert.deepEqual(
      came,
      people.map(() => true),
    );
    const stay = people.filter((_, n) => n % 3 !== 2);
    await waitFor(() => inQueue().sort().join() === stay.sort().join(), {
      message: () => `all who stay, and not ${inQueue().join()}`,
    });
  });

  it('answers while the API of the server hangs', async () => {
    await start('srs', ['anna']);
    await simulator.apiOn(false);
    assert.equal((await publish(streamKeys.anna!)).allowed, true);
    assert.deepEqual(inQueue(), ['anna']);
  });

  it('a gate that is deleted lets nobody in, and its address is gone', async () => {
    const deployed = await start('srs', ['anna']);
    await deploy(
      deployed.filter(({ id }) => id !== 'n'),
      'full',
      { server: { secret: SECRET } },
    );
    assert.equal((await publish(streamKeys.anna!)).allowed, false);
  });
});
