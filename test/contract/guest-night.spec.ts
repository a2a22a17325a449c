// A night of guests, whole: the real nginx-rtmp, ffmpeg publishers, a real Node-RED that is deployed and killed, and the real OBS, whose own
// recording of it all has to be without a black frame.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StoredKeys } from '../../lib/keys/store';
import type { QueueView } from '../../lib/queue/types';
import { type NodeRed, startNodeRed } from '../editor/support';
import { freePort, requirePrograms, tempDir, waitFor } from '../support';
import { type GuestPublisher, type GuestServer, publisher, startGuestServer } from '../support/guests';
import { guestNight } from './guest-night-flow';
import { emptyScene, RECORDED_PROFILE, recordWhile } from './switch-film';
import { type BareClient, endings, realWorld, rtmpModule, type World } from './support';

const SECRET = 'guestNightHookSecret0123456789';
const GUESTS = ['ana', 'ben', 'cleo', 'dan', 'eva'] as const;
type Guest = (typeof GUESTS)[number];

interface Told {
  event: string | undefined;
  stream: string | undefined;
  reason: unknown;
}

describe('a night of guests', function () {
  this.timeout(600_000);
  const ending = endings();
  const userDir = tempDir('guest-night');
  const eventFile = join(userDir, 'events.ndjson');
  const publishing = new Map<string, GuestPublisher>();
  const keys = new Map<string, string>();
  let world: World;
  let client: BareClient;
  let server: GuestServer;
  let nodeRed: NodeRed;
  let scene: string;
  let hookPort: number;

  before(async function () {
    requirePrograms(this, ['obs', 'Xvfb', 'nginx', 'ffmpeg', rtmpModule]);
    hookPort = await freePort();
    server = await startGuestServer({ hooks: `http://127.0.0.1:${hookPort}/hooks/night/${SECRET}` });
    ending.add(() => server.close());
    world = await realWorld({ profile: RECORDED_PROFILE }, ending);
    client = await world.connectClient();
    scene = await emptyScene(client);
    const store = new StoredKeys({ path: join(userDir, 'keys', 'people.json'), mostPeople: 10 });
    for (const id of GUESTS) keys.set(id, (await store.create({ id, name: id })).streamKey.split('?')[1]!);
    await store.close();
    nodeRed = await startNodeRed({ userDir });
    ending.add(() => nodeRed.close());
    await deploy();
  });
  after(() => ending.run());

  const flow = () =>
    guestNight({ world, nginx: server.nginx, hookPort, secret: SECRET, scene, userDir, eventFile });

  const deploy = async (): Promise<void> => {
    const started = () => nodeRed.program.log().split('Started flows').length;
    const before = started();
    await nodeRed.deploy(flow());
    await waitFor(() => started() > before, { timeoutMs: 30_000, message: 'the flows to be started' });
  };
  const command = async (payload: object): Promise<QueueView> => {
    const answer = await fetch(`${nodeRed.url}queue`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify(payload),
    });
    const body = await answer.text();
    assert.equal(answer.status, 200, body);
    return JSON.parse(body) as QueueView;
  };
  const view = (): Promise<QueueView> => command({ action: 'list' });
  const names = ({ waiting }: QueueView): string[] => waiting.map(({ stream }) => stream);
  const told = (): Told[] =>
    existsSync(eventFile)
      ? readFileSync(eventFile, 'utf8')
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as Told)
      : [];
  const isTold = (event: string, stream: string): Promise<unknown> =>
    waitFor(() => told().some((one) => one.event === event && one.stream === stream), {
      timeoutMs: 30_000,
      message: () => `${event} of ${stream}; told: ${JSON.stringify(told())}\n${nodeRed.program.log()}`,
    });
  const until = (text: string, fits: (queue: QueueView) => boolean): Promise<unknown> =>
    waitFor(async () => fits(await view()), {
      timeoutMs: 90_000,
      intervalMs: 250,
      message: () => `${text}; told: ${JSON.stringify(told())}\n${nodeRed.program.log()}`,
    });
  const isLive = (guest: Guest): Promise<unknown> =>
    until(`${guest} to be on air`, ({ lead }) => lead?.stream === guest && lead.state === 'live');
  const publish = async (stream: string, key = keys.get(stream)!): Promise<GuestPublisher> => {
    const guest = await publisher({ server: server.nginx.server, stream, key });
    ending.add(() => guest.close());
    return guest;
  };
  const come = async (guest: Guest): Promise<void> => {
    publishing.set(guest, await publish(guest));
    await until(`${guest} to be in the queue`, (queue) =>
      [queue.lead, ...queue.waiting].some((one) => one?.stream === guest && one.state !== 'admitted'),
    );
  };
  /** Whose picture is on air: of the sources that are shown, where each comes from; and that it moves. */
  const onAir = async (): Promise<string[]> => {
    const { sceneItems } = await client.call('GetSceneItemList', { sceneName: scene });
    const shown = sceneItems.filter(({ sceneItemEnabled }) => sceneItemEnabled);
    const inputs = await Promise.all(
      shown.map(({ sourceName }) => client.call('GetInputSettings', { inputName: sourceName as string })),
    );
    return inputs.map(({ inputSettings }) => (inputSettings.input as string).split('/').at(-1)!);
  };
  /** Where the picture on air is in what it plays, in ms; 0 while OBS has no connection. */
  const cursor = async (): Promise<number> => {
    const { sceneItems } = await client.call('GetSceneItemList', { sceneName: scene });
    const inputName = sceneItems.find(({ sceneItemEnabled }) => sceneItemEnabled)!.sourceName as string;
    return (await client.call('GetMediaInputStatus', { inputName })).mediaCursor ?? 0;
  };
  const moves = async (): Promise<void> => {
    const before = await cursor();
    // it begins anew with a new connection, and stands at 0 until something comes
    await waitFor(
      async () => {
        const now = await cursor();
        return now > 0 && now !== before;
      },
      { timeoutMs: 60_000, message: 'the picture to move' },
    );
  };
  /** What OBS had in store is played to its end. */
  const stands = async (): Promise<void> => {
    let before = -1;
    await waitFor(
      async () => {
        const last = before;
        before = await cursor();
        return before === last;
      },
      { timeoutMs: 60_000, intervalMs: 1_500, message: 'the picture to stand still' },
    );
  };

  it('five guests follow each other without a black frame, whatever goes wrong meanwhile', async () => {
    for (const guest of GUESTS) await come(guest);
    await isLive('ana');
    assert.deepEqual(names(await view()), ['ben', 'cleo', 'dan', 'eva']);
    assert.deepEqual(await onAir(), ['ana']);

    const recorded = await recordWhile(world.recordDir, client, async () => {
      // a wrong key, and the lead's own key a second time
      const stranger = await publish('dan', 'key=00000000000000000000');
      await stranger.gone();
      const unknown = await publish('mallory', keys.get('ana'));
      await unknown.gone();
      const second = await publish('ana');
      await second.gone();
      await isTold('publisher_denied', 'ana');
      assert.equal(publishing.get('ana')!.running, true);
      assert.deepEqual(await onAir(), ['ana']);
      assert.deepEqual(names(await view()), ['ben', 'cleo', 'dan', 'eva']);

      await command({ action: 'skip' });
      await isLive('ben');
      assert.deepEqual(await onAir(), ['ben']);
      await publishing.get('ana')!.gone();

      // the lead drops, and is back in time: the same turn, and OBS fetches him anew by itself
      const { turn } = (await view()).lead!;
      publishing.get('ben')!.kill();
      await until('ben to be missed', ({ lead }) => lead?.state === 'grace');
      await stands();
      publishing.set('ben', await publish('ben'));
      await isLive('ben');
      assert.equal((await view()).lead!.turn, turn);
      await moves();

      await command({ action: 'ban', who: 'cleo', seconds: 3600, reason: 'loud' });
      await publishing.get('cleo')!.gone();
      const again = await publish('cleo');
      await again.gone();
      assert.deepEqual(names(await view()), ['dan', 'eva']);

      // a Full deploy in mid-show
      await deploy();
      let now = await view();
      assert.deepEqual([now.lead!.turn, ...names(now)], [turn, 'dan', 'eva']);
      assert.deepEqual(await onAir(), ['ben']);

      // Node-RED is killed, and started again
      const { usedMs } = now.lead!;
      nodeRed.program.kill('SIGKILL');
      await nodeRed.close();
      nodeRed = await startNodeRed({ userDir });
      await isLive('ben');
      now = await view();
      assert.deepEqual([now.lead!.turn, ...names(now)], [turn, 'dan', 'eva']);
      assert.ok(now.lead!.usedMs >= usedMs, `${now.lead!.usedMs} after ${usedMs} ms`);
      assert.deepEqual(await onAir(), ['ben']);
      await moves();
      for (const guest of ['ben', 'dan', 'eva']) assert.equal(publishing.get(guest)!.running, true, guest);

      for (const guest of ['dan', 'eva'] as const) {
        await command({ action: 'skip' });
        await isLive(guest);
        assert.deepEqual(await onAir(), [guest]);
      }
      await publishing.get('dan')!.gone();
    });

    const { film } = recorded;
    console.log(
      `      ${film.frames.length} frames of ${Math.round(film.durationMs / 1000)} s: ${film.blackFrames} black in ${film.black.length} places`,
    );
    assert.equal(film.blackFrames, 0);
    assert.deepEqual(film.black, []);
    const live = told()
      .filter(({ event }) => event === 'publisher_live')
      .map(({ stream }) => stream);
    assert.deepEqual(live, ['ana', 'ben', 'dan', 'eva']);
    const log = nodeRed.program.log() + readFileSync(eventFile, 'utf8');
    for (const key of keys.values())
      assert.ok(!log.includes(key.slice('key='.length)), 'a key in a log or a message');
  });
});
