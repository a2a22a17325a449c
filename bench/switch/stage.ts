// A real OBS, a media server with two guests, and both ways to switch between them.
import { ObsApplication } from '../../lib/obs/application';
import type { SwitchReport } from '../../lib/production/switching';
import { bareClient, type BareClient } from '../../test/contract/client';
import { seedSwitch, type SeedReadiness } from '../../test/contract/seed-switch';
import { emptyScene, RECORDED_PROFILE, untilMoving } from '../../test/contract/switch-film';
import { type RealObs, startObs } from '../../test/support/obs';
import { type MovingPicture, publishMoving } from '../../test/support/moving-pictures';
import { type NginxRtmp, startNginxRtmp } from '../../test/support/servers';
import { countRequests, type Counter } from './counter';

export const SETTLE_MS = 300;

/** One way to switch, in a scene of its own, from one guest to the other and back. */
export interface Way {
  /** one switch; the milliseconds from asking until the new one is on air and has a picture */
  next(): Promise<number>;
  /** back to nothing */
  end(): Promise<void>;
}

export interface Stage {
  readonly obs: RealObs;
  readonly client: BareClient;
  readonly counter: Counter;
  guests(fps: number): Promise<readonly [MovingPicture, MovingPicture]>;
  ours(fps: number): Promise<Way>;
  seed(fps: number, readiness: SeedReadiness): Promise<Way>;
  close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const nginx: NginxRtmp = await startNginxRtmp();
  const obs = await startObs({ password: null, profile: RECORDED_PROFILE });
  const counter = await countRequests(obs.url);
  const client = await bareClient(obs.url, null);
  const through = await bareClient(`ws://127.0.0.1:${counter.port}`, null);
  const application = new ObsApplication({
    ...{ id: 'bench', name: 'bench', simulated: false, host: '127.0.0.1', port: counter.port, tls: false },
    password: '',
    log: () => undefined,
  });
  application.start();
  await application.whenReady(20_000);
  const pairs = new Map<number, [MovingPicture, MovingPicture]>();
  const guests = async (fps: number) => {
    const found = pairs.get(fps);
    if (found) return found;
    const pair: [MovingPicture, MovingPicture] = [
      await publishMoving(nginx, 'light', fps),
      await publishMoving(nginx, 'dark', fps),
    ];
    pairs.set(fps, pair);
    return pair;
  };
  return {
    obs,
    client,
    counter,
    guests,
    async ours(fps) {
      const pair = await guests(fps);
      const scene = await emptyScene(client);
      const use = application.switching.use();
      let [count, last]: [number, SwitchReport | null] = [0, null];
      return {
        async next() {
          await client.call('SetCurrentProgramScene', { sceneName: scene });
          last = await use.switchTo({
            where: { scene, slot: 'main' },
            source: {
              ...{ address: pair[(count += 1) % 2]!.address, kind: 'ffmpeg', size: null },
              pipeline: { preset: 'low-latency' },
            },
            place: { where: 'old', fromTop: 0 },
            transition: { kind: 'cut' },
            ...{ readyTimeoutMs: 30_000, settleMs: SETTLE_MS, ifBusy: 'newest' },
            watch: { stallMs: 5000, stableMs: 2000, fallback: null },
          });
          return last.totalMs;
        },
        async end() {
          await use.release();
          if (last) await client.call('RemoveInput', { inputName: last.source });
        },
      };
    },
    async seed(fps, readiness) {
      const pair = await guests(fps);
      const scene = await emptyScene(client);
      const seed = seedSwitch(through, scene, readiness);
      let count = 0;
      return {
        async next() {
          await client.call('SetCurrentProgramScene', { sceneName: scene });
          const began = performance.now();
          const { name, itemId } = await seed.to(pair[(count += 1) % 2]!.address);
          await untilMoving(client, scene, name, itemId);
          return performance.now() - began;
        },
        end: () => seed.end(),
      };
    },
    async close() {
      await application.close();
      await client.close();
      await through.close();
      counter.close();
      await obs.close();
      for (const pair of pairs.values()) for (const guest of pair) await guest.close();
      await nginx.close();
    },
  };
}
