import assert from 'node:assert/strict';
import { failureOf, SwitchRig, wishOf } from '../support/switch-rig';

describe('switching, taking off air', () => {
  let rig: SwitchRig;
  const where = { scene: 'Show', slot: 'main' };
  const events = () => rig.told.map(({ event }) => event);

  beforeEach(() => {
    rig = new SwitchRig();
  });
  afterEach(() => rig.end());

  it('the live one is hidden and removed, which is told; a second time there is none', async () => {
    const { source } = await rig.use.switchTo(wishOf('rtmp://a'));
    assert.deepEqual(await rig.use.clear(where, 't1'), { source, ...where });
    assert.deepEqual(rig.obs.owned(), []);
    assert.deepEqual(rig.told.at(-1), {
      event: 'source_cleared',
      payload: { ...where, source, turn: 't1' },
      cause: 'event',
    });
    assert.deepEqual(await rig.use.clear(where), { source: null, ...where });
    assert.equal(events().filter((event) => event === 'source_cleared').length, 1);
    assert.equal((await rig.use.switchTo(wishOf('rtmp://a'))).previous, null);
  });

  it('one that gets ready is overtaken, and what is prepared stays', async () => {
    await rig.use.switchTo(wishOf('rtmp://a'));
    const prepared = await rig.use.prepare(wishOf('rtmp://p'));
    await rig.use.clear(where);
    assert.deepEqual(
      rig.obs.owned().map(({ name, enabled }) => [name, enabled]),
      [[prepared.source, false]],
    );
    await rig.use.take(wishOf(''));
    rig.obs.publishers.set('rtmp://b', { firstMs: Infinity });
    const going = failureOf(rig.use.switchTo(wishOf('rtmp://b')));
    await rig.pass(500);
    assert.equal((await rig.use.clear(where)).source, prepared.source);
    assert.equal((await going).code, 'SOURCE_SWITCH_OVERTAKEN');
    assert.deepEqual(rig.obs.owned(), []);
  });

  it('one that is being swapped in is waited for, and goes then', async () => {
    await rig.use.switchTo(wishOf('rtmp://a'));
    const cleared: Promise<unknown>[] = [];
    const { source } = await rig.use.switchTo(wishOf('rtmp://b'), ({ state }) => {
      if (state === 'swap') cleared.push(rig.use.clear(where));
    });
    assert.deepEqual(await Promise.all(cleared), [{ source, ...where }]);
    assert.deepEqual(rig.obs.owned(), []);
  });

  it('nobody brings it back after a restart of the application', async () => {
    await rig.use.switchTo(wishOf('rtmp://a'));
    await rig.use.clear(where);
    rig.obs.crash();
    await rig.pass(30_000);
    assert.deepEqual(rig.obs.owned(), []);
    assert.deepEqual(events(), ['source_switched', 'source_cleared']);
  });

  it('refused by the application, or with it away: the error says so', async () => {
    await rig.use.switchTo(wishOf('rtmp://a'));
    rig.obs.fault = (call) => (call === 'remove' ? 'refuse' : null);
    assert.equal((await failureOf(rig.use.clear(where))).code, 'OBS_REJECTED');
    rig.obs.fault = () => null;
    rig.obs.cut();
    assert.equal((await failureOf(rig.use.clear(where))).code, 'OBS_NOT_CONNECTED');
    assert.ok(!events().includes('source_cleared'));
  });

  it('a fallback that stands in goes with it, where it was shown for it', async () => {
    rig.obs.addUser('Slate', true);
    await rig.use.switchTo(
      wishOf('rtmp://a', { watch: { stallMs: 2000, stableMs: 5000, fallback: 'Slate' } }),
    );
    const slate = () => rig.obs.scenes.get('Show')!.find(({ name }) => name === 'Slate')!;
    await rig.use.clear(where);
    assert.equal(slate().enabled, true, 'it was there anyway');
    await rig.use.switchTo(
      wishOf('rtmp://a', { watch: { stallMs: 2000, stableMs: 5000, fallback: 'Slate' } }),
    );
    slate().standsIn = 'shown';
    await rig.use.clear(where);
    assert.deepEqual([slate().enabled, slate().standsIn], [false, null]);
  });
});

describe('switching, who else is there', () => {
  let rig: SwitchRig;
  beforeEach(() => {
    rig = new SwitchRig();
  });
  afterEach(() => rig.end());

  it('sources like ours that stay visible are named once', async () => {
    rig.obs.beside = ['live_x is in a group'];
    await rig.use.prepare(wishOf('rtmp://a'));
    assert.deepEqual((await rig.use.take(wishOf(''))).warnings, ['live_x is in a group']);
  });

  it('two that watch one place in different ways: the last one counts, and the log says so', async () => {
    const watch = { stallMs: 2000, stableMs: 5000, fallback: 'Slate' };
    const where = { scene: 'Show', slot: 'main' };
    rig.use.watch(where, watch);
    await rig.pass(100);
    const again = rig.switching.use();
    again.watch(where, watch);
    await rig.pass(100);
    assert.deepEqual(
      rig.notes.filter((note) => note.includes('two nodes')),
      [],
    );
    rig.switching.use().watch(where, { ...watch, fallback: null });
    await rig.pass(100);
    assert.equal(rig.notes.filter((note) => note.includes('two nodes')).length, 1);
  });

  it('scenes that nobody has leave nothing behind, however many messages name them', async () => {
    await rig.use.switchTo(wishOf('rtmp://a'));
    for (let at = 0; at < 80; at++)
      assert.equal(
        (
          await failureOf(
            rig.use.switchTo(wishOf('rtmp://b', { where: { scene: `No ${at}`, slot: 'main' } })),
          )
        ).code,
        'SCENE_UNKNOWN',
      );
    const looks = () => rig.obs.log.filter((line) => line.startsWith('look')).length;
    const before = looks();
    rig.obs.cut();
    rig.obs.back();
    await rig.pass(10_000);
    assert.ok(looks() - before <= 40, `${looks() - before} places are put in order`);
    assert.equal(rig.obs.addressOnAir(), 'rtmp://a');
    assert.equal((await rig.use.switchTo(wishOf('rtmp://a'))).alreadyLive, true, 'its own place is known');
  });
});
