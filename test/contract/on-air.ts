// What scenarios of sources on air need: publishers, scenes of their own, and our port.
import type { ObsApplication } from '../../lib/obs/application';
import type { ObsSwitchPort } from '../../lib/obs/switch-port';
import type { SourceWish, SwitchWish } from '../../lib/production/switching';
import type { Placed, SourceReading, SwitchPort } from '../../lib/switching/port';
import { waitFor } from '../support';
import { publishMoving } from '../support/moving-pictures';
import { drive } from './drive';
import type { World } from './support';

let scenes = 0;
let streams = 0;

/** An address that plays within some seconds, in either world. */
export async function playable(world: World, look: 'light' | 'dark' = 'light', fps = 30): Promise<string> {
  if (!world.real) return `rtmp://127.0.0.1/live/moving-${look}-${fps}-${(streams += 1)}`;
  const picture = await publishMoving(world.real.nginx, look, fps);
  world.cleanUp(() => picture.close());
  return picture.address;
}

/** What a wish for a media source of this address says. */
export function wish(address: string, more: Partial<SourceWish> = {}): SourceWish {
  return { address, kind: 'ffmpeg', pipeline: { preset: 'low-latency' }, size: null, ...more };
}

/** A scene of its own, on air. Names of removed ones may be held, so that each has another. */
export async function sceneOnAir(world: World): Promise<string> {
  const client = await world.connectClient();
  const scene = `On air ${(scenes += 1)}`;
  const before = await client.call('GetCurrentProgramScene');
  await client.call('CreateScene', { sceneName: scene });
  await client.call('CreateInput', {
    sceneName: scene,
    inputName: `Wall ${scenes}`,
    inputKind: 'color_source_v3',
    inputSettings: { color: 0xff224466, width: 640, height: 360 },
  });
  await client.call('SetCurrentProgramScene', { sceneName: scene });
  await waitFor(async () => (await client.call('GetCurrentProgramScene')).currentProgramSceneName === scene, {
    message: `${scene} to be on air`,
  });
  world.cleanUp(async () => {
    const last = await world.connectClient();
    await last.call('SetCurrentProgramScene', { sceneName: before.currentProgramSceneName });
    await last.call('RemoveScene', { sceneName: scene });
  });
  return scene;
}

export interface OnAir {
  app: ObsApplication;
  port: ObsSwitchPort;
  scene: string;
}

/** Our port on this world's OBS, and a scene of its own on air. What it made is removed at the end. */
export async function onAir(world: World): Promise<OnAir> {
  const { app } = await drive(world);
  const scene = await sceneOnAir(world);
  const { port } = app.switching;
  world.cleanUp(async () => {
    if (app.status().state !== 'ready') return;
    for (const { name } of await port.ownedEverywhere()) await port.remove(name);
  });
  return { app, port, scene };
}

/** A hidden source of ours. */
export async function made(
  { port, scene }: Pick<OnAir, 'port' | 'scene'>,
  address: string,
  slot = 'main',
): Promise<Placed> {
  const name = port.nameFor({ slot });
  return await port.create({ scene, slot, name, kind: 'ffmpeg', source: wish(address) });
}

/** Waits until a source has a picture that moves, and gives its last reading. */
export async function moving(port: SwitchPort, scene: string, source: Placed): Promise<SourceReading> {
  let cursor: number | null = null;
  let last: SourceReading | undefined;
  return await waitFor(
    async () => {
      const [reading] = (await port.read(scene, [source])) ?? [];
      if (!reading) return null;
      const moved = cursor !== null && reading.cursorMs !== null && reading.cursorMs > cursor;
      cursor = reading.cursorMs;
      last = reading;
      return moved && reading.width > 0 ? reading : null;
    },
    { intervalMs: 100, message: () => `${source.name} to move; last: ${JSON.stringify(last)}` },
  );
}

/** A source of ours that is visible and moves, as after a switch. */
export async function live(air: OnAir, address: string, slot = 'main'): Promise<Placed> {
  const source = await made(air, address, slot);
  await moving(air.port, air.scene, source);
  await air.port.place(air.scene, source, { where: 'old', fromTop: 0 }, null);
  await air.port.show(air.scene, source, true);
  await air.port.mark(air.scene, source, true);
  return source;
}

/** A switch to this address, as a node asks for it. */
export function switchWish(
  scene: string | null,
  address: string,
  more: Partial<SwitchWish> = {},
): SwitchWish {
  return {
    where: { scene, slot: 'main' },
    source: wish(address),
    place: { where: 'old', fromTop: 0 },
    transition: { kind: 'cut' },
    readyTimeoutMs: 20_000,
    settleMs: 300,
    ifBusy: 'newest',
    watch: { stallMs: 60_000, stableMs: 5000, fallback: null },
    ...more,
  };
}

/** Every source of ours, in any scene, as far as a test compares it. */
export async function ownedIn(
  port: SwitchPort,
): Promise<{ name: string; enabled: boolean; wasLive: boolean }[]> {
  const all = await port.ownedEverywhere();
  return all.map(({ name, enabled, wasLive }) => ({ name, enabled, wasLive }));
}
