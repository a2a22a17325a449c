import assert from 'node:assert/strict';
import type { SwitchUse, SwitchWish } from '../../lib/production/switching';
import type { Fault } from '../support/paper-switch';
import { loops } from '../support/scale';
import { SwitchRig, wishOf } from '../support/switch-rig';

/** Numbers in [0, 1) that are the same for the same seed. */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const FAULTS: readonly Fault[] = ['refuse', 'late', 'hang', 'lose', 'lose-after', 'half', 'taken'];
const SWITCHES = 10;

interface Asked {
  address: string;
  slot: string;
  outcome: 'open' | 'done' | 'failed';
  code: string;
}

/** Ten switches, with everything that can go wrong; then peace, and one more of each place. */
async function evening(seed: number): Promise<void> {
  const random = chance(seed);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const rig = new SwitchRig((obs) => {
    obs.addUser('Slate', true);
    if (random() < 0.5) obs.addOwned('live_main_0', { enabled: random() < 0.7, mark: random() < 0.5 });
    if (random() < 0.3) obs.addOwned('live_main_00', { enabled: random() < 0.5 });
  });
  const { obs, clock } = rig;
  const asked: Asked[] = [];
  const uses: SwitchUse[] = [rig.use, rig.switching.use()];
  const open: Promise<unknown>[] = [];
  for (const name of ['a', 'b', 'c', 'd'])
    obs.publishers.set(`rtmp://${name}`, {
      firstMs: pick([0, 300, 1000, 3000, Infinity]),
      ...(random() < 0.2 ? { diesMs: random() * 5000 } : {}),
      ...(random() < 0.1 ? { errorMs: random() * 3000 } : {}),
    });
  const slowest = pick([5, 50, 400]);
  const badly = pick([0, 0.02, 0.1]);
  if (badly) rig.mostThere++;
  obs.delayMs = () => random() * slowest;
  obs.fault = () => (random() < badly ? pick(FAULTS) : null);
  const wish = (address: string, slot: string): SwitchWish =>
    wishOf(address, {
      where: { scene: random() < 0.3 ? null : 'Show', slot },
      ifBusy: pick(['newest', 'newest', 'queue', 'reject']),
      transition: random() < 0.3 ? { kind: 'crossfade', ms: 500 } : { kind: 'cut' },
      readyTimeoutMs: 5000,
    });
  const ask = (use: SwitchUse, address: string, slot: string, how: 'switch' | 'prepare' | 'take') => {
    const entry: Asked = { address, slot, outcome: 'open', code: '' };
    if (how !== 'prepare') asked.push(entry);
    const wanted = wish(address, slot);
    const work: Promise<{ source: string }> =
      how === 'switch' ? use.switchTo(wanted) : how === 'prepare' ? use.prepare(wanted) : use.take(wanted);
    open.push(
      work.then(
        () => void (entry.outcome = 'done'),
        (error: unknown) => {
          entry.outcome = 'failed';
          entry.code = String((error as { code?: unknown }).code);
        },
      ),
    );
  };
  const trouble = (): void => {
    const what = random();
    const owned = obs.owned('Show', 'main');
    const name = owned.length ? pick(owned).name : '';
    if (what < 0.15) obs.save();
    else if (what < 0.3) obs.cut();
    else if (what < 0.45) obs.back();
    else if (what < 0.55 && obs.connected) obs.crash(500 + random() * 3000);
    else if (what < 0.62) obs.person('hide', name);
    else if (what < 0.69) obs.person('show', name);
    else if (what < 0.73) obs.person('remove', name);
    else if (what < 0.77) obs.tell({ change: 'playback-ended', source: name });
  };
  for (let switches = 0; switches < SWITCHES; switches++) {
    const slot = random() < 0.8 ? 'main' : 'side';
    ask(
      pick(uses),
      pick(['rtmp://a', 'rtmp://b', 'rtmp://c', 'rtmp://d']),
      slot,
      pick(['switch', 'switch', 'switch', 'prepare', 'take']),
    );
    if (random() < 0.1)
      open.push(
        pick(uses)
          .discard({ scene: 'Show', slot })
          .catch(() => undefined),
      );
    for (let more = random() * 4; more > 1; more--) {
      await rig.pass(random() < 0.3 ? 0 : random() * 3000);
      trouble();
    }
    if (random() < 0.05) {
      const from = clock.now();
      await uses[1]?.release();
      assert(clock.now() - from < 2000, 'it took too long to close');
      uses[1] = rig.switching.use();
    }
  }
  // peace
  obs.fault = () => null;
  obs.delayMs = () => 5;
  // earlier than before, so that what is ready stays so
  for (const [name, { firstMs }] of obs.publishers)
    obs.publishers.set(name, { firstMs: Math.min(firstMs, 500) });
  await rig.pass(5000);
  obs.back();
  let settled = false;
  void Promise.all(open).then(() => (settled = true));
  await rig.until(() => settled, 400_000);
  await rig.pass(60_000);
  assert(asked.every((one) => one.outcome !== 'open'));
  for (const slot of ['main', 'side']) {
    const visible = obs.visible('Show', slot);
    assert(visible.length <= 1, `visible: ${visible.join()}\n${rig.story()}`);
    const there = obs.owned('Show', slot).length;
    assert(there <= 2, `${there} are there\n${rig.story()}`);
  }
  // whatever was, the last request wins
  const last = ['rtmp://b', 'rtmp://c', 'rtmp://d'].map((address) =>
    rig.use.switchTo(wishOf(address, { where: { scene: 'Show', slot: 'main' } })).then(
      () => address,
      (error: unknown) => String((error as { code?: unknown }).code),
    ),
  );
  assert.equal((await Promise.all(last)).at(-1), 'rtmp://d', rig.story());
  assert.equal(obs.addressOnAir(), 'rtmp://d');
  await rig.pass(10_000);
  for (const use of uses) await use.release();
  await rig.pass(10_000);
  rig.assertInOrder(['main', 'side']);
  assert.equal(obs.addressOnAir(), 'rtmp://d', 'closing leaves what is on air alone');
  assert(obs.inputs.has('Slate'));
  // and it is there again after a restart that brings an older scene back; one that a person had hidden in that scene stays hidden
  obs.crash();
  const hidden = obs.owned('Show', 'main').some((one) => one.mark && !one.enabled);
  const onAir = (): boolean => obs.addressOnAir() === 'rtmp://d';
  await rig.until(() => obs.connected && (hidden || onAir()));
  await rig.pass(20_000);
  rig.assertInOrder(['main', 'side']);
  assert(hidden || onAir(), rig.story());
  rig.end();
}

describe('switching, random evenings', () => {
  const first = Number(
    process.env['LIVE_SEED'] ?? process.env['LIVE_FIRST'] ?? Math.floor(Math.random() * 1e9),
  );
  const count = process.env['LIVE_SEED'] ? 1 : loops(200, 20);
  it(`${count} evenings of ${SWITCHES} switches, from seed ${first}`, async function () {
    this.timeout(count * 2000);
    for (let seed = first; seed < first + count; seed++) {
      try {
        await evening(seed);
      } catch (error) {
        throw new Error(`LIVE_SEED=${seed}: ${(error as Error).message}`, { cause: error });
      }
    }
  });
});
