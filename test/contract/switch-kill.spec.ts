// An OBS killed in the middle of a switch: after its restart one source of ours is on air, and nothing is left over.
import assert from 'node:assert/strict';
import type { SwitchState } from '../../lib/production/switching';
import { waitFor } from '../support';
import { loops, scale } from '../support/scale';
import { type OnAir, onAir, ownedIn, playable, switchWish } from './on-air';
import { contract, type World } from './support';

/** Before and after the swap in turn, so that any few of them hold both kinds. */
const STATES = ['preflight', 'swap', 'create', 'verify', 'prime', 'retire', 'place', 'prepared'] as const;

// a restart of the real OBS takes its time: the short form has some states, others each day; a simulated one is killed in each with the other faults
const first = (Math.floor(Date.now() / 86_400_000) * 2) % STATES.length;
const today = [...STATES, ...STATES].slice(first, first + loops(STATES.length, 2));

for (const state of scale < 1 ? today : STATES)
  contract(`OBS killed in ${state}`, { timeoutMs: 120_000 }, async (world) => {
    const air = await onAir(world);
    const { app, port, scene } = air;
    const use = app.switching.use();
    world.cleanUp(() => use.release());
    const [light, dark] = [await playable(world, 'light'), await playable(world, 'dark')];
    const before = await use.switchTo(switchWish(scene, light));
    const back: Promise<void>[] = [];
    const kill = (step: { state: SwitchState }) => {
      if (step.state === state && !back.length) back.push(world.kill('SIGKILL').then(() => world.start()));
    };
    const wish = switchWish(scene, dark);
    const outcome = await (state === 'prepared' ? use.prepare(wish, kill) : use.switchTo(wish, kill)).then(
      () => 'done',
      (error: unknown) => (error as { code: string }).code,
    );
    assert.equal(back.length, 1, `${state} was never reached`);
    await back[0];
    await app.whenReady(60_000);
    assert.match(outcome, /^(done|SOURCE_SWITCH_LOST)$/);
    await oneOnAir(world, air, state === 'prepared' ? 1 : 0);
    const next = await use.switchTo(
      switchWish(scene, outcome === 'done' && state !== 'prepared' ? light : dark),
    );
    assert.notEqual(next.source, before.source);
    await oneOnAir(world, air);
    assert.deepEqual(await ownedIn(port), [{ name: next.source, enabled: true, wasLive: true }]);
  });

/** Waits until one source of ours is visible and gives a picture, and beside it at most so many hidden ones. */
async function oneOnAir(world: World, { port, scene }: OnAir, hidden = 0): Promise<void> {
  let seen: unknown = null;
  await waitFor(
    async () => {
      const all = await port.ownedEverywhere();
      seen = all;
      const visible = all.filter(({ enabled }) => enabled);
      const [only] = visible;
      if (visible.length !== 1 || !only || all.length > 1 + hidden || only.scene !== scene) return false;
      const [reading] = (await port.read(scene, [only])) ?? [];
      return reading?.state === 'playing' && reading.width > 0;
    },
    {
      timeoutMs: 60_000,
      intervalMs: 250,
      message: () => `one source on air in ${world.kind}, and nothing else; last: ${JSON.stringify(seen)}`,
    },
  );
}
