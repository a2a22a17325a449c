// An OBS killed in the middle of a switch: after its restart one source of ours is on air, and nothing is left over.
import assert from 'node:assert/strict';
import type { SwitchState } from '../../lib/production/switching';
import { waitFor } from '../support';
import { onAir, ownedIn, playable, switchWish } from './on-air';
import { contract } from './support';

const STATES: SwitchState[] = ['preflight', 'create', 'prime', 'place', 'swap', 'verify', 'retire'];

for (const state of STATES)
  contract(`OBS killed in ${state}`, { timeoutMs: 120_000 }, async (world) => {
    const { app, port, scene } = await onAir(world);
    const use = app.switching.use();
    world.cleanUp(() => use.release());
    await use.switchTo(switchWish(scene, await playable(world, 'light')));
    let killed: Promise<void> | null = null;
    const outcome = await use
      .switchTo(switchWish(scene, await playable(world, 'dark')), (step) => {
        if (step.state === state) killed ??= world.kill('SIGKILL');
      })
      .then(
        () => 'done',
        (error: unknown) => (error as { code: string }).code,
      );
    assert.ok(killed, `${state} was never reached`);
    await killed;
    assert.match(outcome, /^(done|SOURCE_SWITCH_LOST)$/);
    await world.start();
    await app.whenReady(60_000);
    await waitFor(
      async () => {
        const all = await ownedIn(port);
        return all.length === 1 && all[0]?.enabled === true;
      },
      { timeoutMs: 60_000, intervalMs: 250, message: () => `one source on air after a kill in ${state}` },
    );
  });
