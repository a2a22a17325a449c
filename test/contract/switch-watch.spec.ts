// A live source whose publisher drops out and comes back: what is told, what is on screen, and what a recording of it shows.
import assert from 'node:assert/strict';
import { startProgram, waitFor } from '../support';
import { movingFilm } from '../support/moving-pictures';
import { drive } from './drive';
import { emptyScene, recordWhile, RECORDED_PROFILE } from './switch-film';
import { contract, type World } from './support';

const STALL_MS = 2000;
const STABLE_MS = 2000;

interface Guest {
  address: string;
  comes(): Promise<void>;
  drops(): Promise<void>;
}

/** Somebody who publishes, drops out as when a line is cut, and comes back at the same address. */
async function guest(world: World): Promise<Guest> {
  const address = world.real ? `${world.real.nginx.server}/guest` : 'rtmp://127.0.0.1/live/guest';
  if (!world.real) {
    const { publishers } = world.simulator!;
    return {
      address,
      comes: () => Promise.resolve(publishers.publish(address, { width: 640, height: 360 })),
      drops: () => Promise.resolve(publishers.stop(address)),
    };
  }
  const from = ['-re', '-stream_loop', '-1', '-i', await movingFilm('light', 30)];
  let program: Awaited<ReturnType<typeof startProgram>> | null = null;
  world.cleanUp(() => program?.close('SIGKILL'));
  return {
    address,
    comes: async () => {
      program = await startProgram('ffmpeg', [
        '-v',
        'warning',
        '-nostdin',
        ...from,
        '-c',
        'copy',
        '-f',
        'flv',
        address,
      ]);
    },
    drops: async () => {
      await program?.close('SIGKILL');
      program = null;
    },
  };
}

contract(
  'a live source drops out and comes back',
  { timeoutMs: 120_000, profile: RECORDED_PROFILE },
  async (world) => {
    const client = await world.connectClient();
    const scene = await emptyScene(client);
    const slate = `Slate of ${scene}`;
    await client.call('CreateInput', {
      sceneName: scene,
      inputName: slate,
      inputKind: 'color_source_v3',
      inputSettings: { color: 0xff40a0e0, width: 640, height: 360 },
      sceneItemEnabled: false,
    });
    const publisher = await guest(world);
    await publisher.comes();
    const { app } = await drive(world);
    const told: { event: string; fallbackShown: unknown; forMs: unknown }[] = [];
    world.cleanUp(
      app.events.onEvent(({ event, payload }) => {
        if (event.startsWith('source_'))
          told.push({ event, fallbackShown: payload.fallbackShown, forMs: payload.forMs });
      }),
    );
    const use = app.switching.use();
    world.cleanUp(() => use.release());
    const { source } = await use.switchTo({
      where: { scene, slot: 'main' },
      source: { address: publisher.address, kind: 'ffmpeg', pipeline: { preset: 'low-latency' }, size: null },
      place: { where: 'old', fromTop: 0 },
      transition: { kind: 'cut' },
      readyTimeoutMs: 30_000,
      settleMs: 300,
      ifBusy: 'newest',
      watch: { stallMs: STALL_MS, stableMs: STABLE_MS, fallback: slate },
    });
    const visible = async (): Promise<string[]> => {
      const { sceneItems } = await client.call('GetSceneItemList', { sceneName: scene });
      return sceneItems.filter((item) => item.sceneItemEnabled).map((item) => item.sourceName as string);
    };
    const heard = (event: string): Promise<unknown> =>
      waitFor(() => told.some((one) => one.event === event), {
        timeoutMs: 30_000,
        message: () => `${event}; told was ${JSON.stringify(told)}`,
      });
    const dropOut = async (): Promise<void> => {
      await heard('source_switched');
      await publisher.drops();
      await heard('source_stalled');
      assert.deepEqual(await visible(), [slate]);
      await publisher.comes();
      await heard('source_recovered');
      assert.deepEqual(await visible(), [source]);
    };
    if (world.real) {
      const { film } = await recordWhile(world.recordDir, client, dropOut);
      assert.equal(film.blackFrames, 0);
      assert.deepEqual(
        film.looks.filter(({ frames }) => frames > 5).map(({ look }) => look),
        ['light', 'neither', 'light'],
        'the guest, the slate, the guest',
      );
    } else await dropOut();
    const events = told.map(({ event }) => event).filter((event) => event !== 'source_ended');
    assert.deepEqual(events, ['source_switched', 'source_stalled', 'source_recovered']);
    const [, stalled] = told;
    assert.equal(stalled?.fallbackShown, true);
    assert.ok(Number(stalled.forMs) >= STALL_MS && Number(stalled.forMs) < STALL_MS + 2000);
    assert.equal(told.at(-1)?.fallbackShown, false);
  },
);
