// Switches between moving sources in the real OBS, as its own recording shows them, beside a recording without one and beside the seed's way.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SwitchTransition, SwitchWish } from '../../lib/production/switching';
import { loops, requirePrograms, scale } from '../support';
import { LOOKS, type MovingPicture, publishMoving } from '../support/moving-pictures';
import { drive } from './drive';
import { seedSwitch, type SeedReadiness } from './seed-switch';
import {
  emptyScene,
  FREEZE_MS,
  judge,
  RECORDED_PROFILE,
  recordWhile,
  SILENCE_MS,
  told,
  untilMoving,
  worse,
  type Recorded,
  type Verdict,
} from './switch-film';
import { type BareClient, endings, realWorld, rtmpModule, type World } from './support';

/** How long a recording without switches is. */
const CONTROL_MS = scale < 1 ? 3000 : 10_000;
/** A freeze that comes from the machine does not come again and again at the same place. */
const ATTEMPTS = 3;
/** More frames late than this, and the machine is too busy for OBS. */
const BUSY_SHARE = 0.02;
const FADE_MS = 800;
/** so many frames of a crossfade show neither of its two pictures */
const MIXED = (FADE_MS * 30) / 1000;

/**
 * What of the recording is worse than without switches, beyond one frame of 30 and two windows of sound. On a machine that does not give OBS the
 * time for its frames a longer recording has longer freezes: then what is away from the switches counts as without them, too.
 */
function faults(verdict: Verdict, control: Verdict): string[] {
  const busy = verdict.lateShare > BUSY_SHARE;
  const [stillAway, silentAway] = busy ? [verdict.stillElsewhereMs, verdict.silentElsewhereMs] : [0, 0];
  const still = Math.max(FREEZE_MS, control.longestStillMs, stillAway) + 34;
  const silent = Math.max(SILENCE_MS, control.longestSilenceMs, silentAway) + 10;
  const { longestStillMs, longestSilenceMs } = verdict;
  return [
    ...(longestStillMs > still
      ? [`the picture stands still for ${longestStillMs} ms, ${still} at most`]
      : []),
    ...(longestSilenceMs > silent ? [`there is no sound for ${longestSilenceMs} ms, ${silent} at most`] : []),
  ];
}

type Pair = [MovingPicture, MovingPicture];

describe('switches, as OBS records them', function () {
  this.timeout(scale < 1 ? 240_000 : 2_400_000);
  const ending = endings();
  let world: World;
  let client: BareClient;
  const pairs = new Map<number, Pair>();
  const pairOf = async (fps: number): Promise<Pair> => {
    const found = pairs.get(fps);
    if (found) return found;
    const nginx = world.real!.nginx;
    const pair: Pair = [await publishMoving(nginx, 'light', fps), await publishMoving(nginx, 'dark', fps)];
    for (const one of pair) ending.add(() => one.close());
    pairs.set(fps, pair);
    return pair;
  };

  before(async function () {
    requirePrograms(this, ['obs', 'Xvfb', 'nginx', 'ffmpeg', rtmpModule]);
    world = await realWorld({ profile: RECORDED_PROFILE }, ending);
    client = await world.connectClient();
  });
  after(() => ending.run());

  /**
   * Some switches of ours from one to the other, recorded, with a recording of the same scene at rest before, and one after where the first does
   * not show what the switches do.
   */
  async function ours(
    fps: number,
    count: number,
    transition: SwitchTransition,
  ): Promise<{ recorded: Recorded; verdict: Verdict; control: Verdict }> {
    const pair = await pairOf(fps);
    const scene = await emptyScene(client);
    const { app, closeQuickly } = await drive(world);
    const use = app.switching.use();
    const to = async (index: number) => {
      const wish: SwitchWish = {
        where: { scene, slot: 'main' },
        source: {
          address: pair[index % 2]!.address,
          kind: 'ffmpeg',
          pipeline: { preset: 'low-latency' },
          size: null,
        },
        place: { where: 'old', fromTop: 5 },
        transition,
        readyTimeoutMs: 30_000,
        settleMs: 300,
        ifBusy: 'newest',
        watch: { stallMs: 5000, stableMs: 2000, fallback: null },
      };
      return await use.switchTo(wish);
    };
    const rest = (): Promise<Recorded> => recordWhile(world.recordDir, client, () => sleep(CONTROL_MS));
    await to(0);
    const before = judge('without a switch', 0, await rest());
    const recorded = await recordWhile(world.recordDir, client, async () => {
      for (let index = 1; index <= count; index++) {
        const report = await to(index);
        assert.deepEqual([report.alreadyLive, report.warnings], [false, []]);
      }
    });
    const name = `ours, ${transition.kind}, ${fps} fps`;
    const verdict = judge(name, count, recorded);
    const control =
      scale === 1 || faults(verdict, before).length > 0
        ? worse(before, judge('without a switch', 0, await rest()))
        : before;
    await use.release();
    await closeQuickly();
    const { sceneItems } = await client.call('GetSceneItemList', { sceneName: scene });
    assert.equal(sceneItems.length, 1, 'one source is left, the live one');
    await client.call('RemoveInput', { inputName: sceneItems[0]!.sourceName as string });
    console.log(told(control));
    console.log(told(verdict));
    return { recorded, verdict, control };
  }

  /** The seed's switches, only told. */
  async function seeds(fps: number, count: number, readiness: SeedReadiness): Promise<void> {
    const pair = await pairOf(fps);
    const scene = await emptyScene(client);
    const seed = seedSwitch(client, scene, readiness);
    const to = async (index: number): Promise<void> => {
      const { name, itemId } = await seed.to(pair[index % 2]!.address);
      await untilMoving(client, scene, name, itemId);
    };
    await to(0);
    const recorded = await recordWhile(world.recordDir, client, async () => {
      for (let index = 1; index <= count; index++) await to(index);
    });
    await seed.end();
    const how = readiness === 'playing' ? 'as written' : 'waiting as ours does';
    console.log(told(judge(`the seed's way, ${how}, ${fps} fps`, count, recorded)));
  }

  /** What the machine did to the picture is measured once more; what is black is not forgiven. */
  async function prove(fps: number, count: number, transition: SwitchTransition): Promise<Recorded> {
    for (let attempt = 1; ; attempt++) {
      const { recorded, verdict, control } = await ours(fps, count, transition);
      assert.equal(verdict.changes, count, 'every switch is in the recording');
      assert.equal(verdict.blackFrames, 0, 'black frames');
      assert.equal(verdict.blackStretches, 0, 'blackdetect');
      const wrong = faults(verdict, control);
      if (wrong.length === 0) return recorded;
      if (attempt === ATTEMPTS) assert.fail(wrong.join('; '));
      console.log(`      measured once more: ${wrong.join('; ')}`);
    }
  }

  it('cuts between sources of 30 frames a second show no black frame', async () => {
    const { film } = await prove(30, loops(50, 5), { kind: 'cut' });
    // no frame that is grey, mixed or anything else than one of the two
    assert.deepEqual(
      film.looks.filter(({ look }) => look === 'neither'),
      [],
    );
  });

  it('cuts between sources of 10 frames a second show no black frame', async () => {
    const { film } = await prove(10, loops(20, 2), { kind: 'cut' });
    assert.deepEqual(
      film.looks.filter(({ look }) => look === 'neither'),
      [],
    );
  });

  it('crossfades go from one picture to the other without a dip, and so does their sound', async () => {
    const { film } = await prove(30, loops(10, 1), { kind: 'crossfade', ms: FADE_MS });
    const darkest = Math.min(...film.frames.map(({ luma }) => luma));
    assert.ok(darkest > LOOKS.dark.luma - 8, `as dark as ${darkest}`);
    for (const { look, frames } of film.looks)
      if (look === 'neither')
        assert.ok(frames > MIXED / 2 && frames < MIXED * 2, `${frames} frames are mixed`);
    console.log(`      the darkest frame of a crossfade has a luminance of ${darkest.toFixed(1)}`);
  });

  it("the seed's way, for comparison", async () => {
    const whole = scale === 1;
    await seeds(30, whole ? 50 : 2, 'playing');
    await seeds(10, whole ? 20 : 1, 'moving');
  });
});
