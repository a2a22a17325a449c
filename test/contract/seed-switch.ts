// The procedure that ours is measured against: a new source for each switch, taken when OBS calls it PLAYING, in two requests.
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../support';
import { untilMoving } from './switch-film';
import type { BareClient } from './client';

/** Its own figures: a look every half second for 15 s at most, a second of grace before the old one is removed. */
const POLL_MS = 500;
const READY_MS = 15_000;
const GRACE_MS = 1000;
const FROM_TOP = 5;

/**
 * `playing`: as written, which takes the word PLAYING for a picture. `moving`: it waits as ours does, so that only the swap itself is its own: hide
 * the old one, show the new one.
 */
export type SeedReadiness = 'playing' | 'moving';

export interface SeedSwitch {
  /** one switch; the new source, and the milliseconds until OBS had been told to show it */
  to(address: string): Promise<{ name: string; itemId: number; tookMs: number }>;
  /** requests so far */
  requests(): number;
  /** removes its last source */
  end(): Promise<void>;
}

/** A source of OBS's own media kind without one setting that its makers did not choose, except what it must have to start hidden. */
export function mediaSettings(address: string): Record<string, string | number | boolean> {
  return {
    is_local_file: false,
    input: address,
    restart_on_activate: false,
    close_when_inactive: false,
    clear_on_media_end: false,
    reconnect_delay_sec: 2,
  };
}

let prefixes = 0;

/** The seed's switches in this scene, by requests of a bare client. Source: seed 004, "Source Lifecycle" and "Readiness Polling". */
export function seedSwitch(client: BareClient, scene: string, readiness: SeedReadiness): SeedSwitch {
  const prefix = `GMOTHERSTREAM_${(prefixes += 1)}`;
  let [count, requests] = [0, 0];
  let old: { name: string; itemId: number } | null = null;
  const call: BareClient['call'] = (type, data) => {
    requests += 1;
    return client.call(type, data);
  };
  const show = (itemId: number, on: boolean) =>
    call('SetSceneItemEnabled', { sceneName: scene, sceneItemId: itemId, sceneItemEnabled: on });
  return {
    requests: () => requests,
    async end() {
      if (old) await client.call('RemoveInput', { inputName: old.name });
    },
    async to(address) {
      const began = performance.now();
      const name = `${prefix}_${(count += 1)}`;
      const { sceneItemId } = await call('CreateInput', {
        sceneName: scene,
        inputName: name,
        inputKind: 'ffmpeg_source',
        inputSettings: mediaSettings(address),
        sceneItemEnabled: false,
      });
      const { sceneItems } = await call('GetSceneItemList', { sceneName: scene });
      await call('SetSceneItemIndex', {
        sceneName: scene,
        sceneItemId,
        sceneItemIndex: Math.max(0, sceneItems.length - FROM_TOP - 1),
      });
      const state = async () => (await call('GetMediaInputStatus', { inputName: name })).mediaState;
      await waitFor(async () => (await state()) === 'OBS_MEDIA_STATE_PLAYING', {
        timeoutMs: READY_MS,
        intervalMs: POLL_MS,
        message: `${name} to play`,
      });
      if (readiness === 'moving') await untilMoving(client, scene, name, sceneItemId);
      if (old) await show(old.itemId, false);
      await show(sceneItemId, true);
      const tookMs = performance.now() - began;
      await sleep(GRACE_MS);
      if (old) await call('RemoveInput', { inputName: old.name });
      old = { name, itemId: sceneItemId };
      return { ...old, tookMs };
    },
  };
}
