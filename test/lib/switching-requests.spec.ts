import assert from 'node:assert/strict';
import { joinJob, restoringJob, type Job } from '../../lib/switching/job';
import { failureOf, SwitchRig, wishOf } from '../support/switch-rig';

describe('switching, requests that meet', () => {
  let rig: SwitchRig;

  beforeEach(() => {
    rig = new SwitchRig();
  });
  afterEach(() => {
    rig.assertInOrder(['main', 'side']);
    rig.end();
  });

  it('the same address twice at once is one switch', async () => {
    const [one, two] = await Promise.all([
      rig.use.switchTo(wishOf('rtmp://a')),
      rig.switching.use().switchTo(wishOf('rtmp://a')),
    ]);
    assert.deepEqual(one, two);
    assert.equal(rig.obs.log.filter((line) => line.startsWith('create')).length, 1);
  });

  it('who joins a switch under way brings the own watch and fallback; the last one who asked watches', () => {
    const use = [{}, {}];
    const jobOf = (of: object, fallback: string | null): Job => ({
      ...restoringJob(wishOf('rtmp://a', { watch: { stallMs: 1, stableMs: 1, fallback } }), 'a', 0),
      uses: new Set([of]),
    });
    const job = jobOf(use[0]!, 'Slate');
    joinJob(job, jobOf(use[1]!, 'Other'));
    assert.deepEqual([job.wish.watch.fallback, [...job.uses].at(-1)], ['Other', use[1]]);
    joinJob(job, jobOf(use[0]!, null));
    assert.equal(job.wish.watch.fallback, null);
    assert.equal([...job.uses].at(-1), use[0]);
  });

  it('the address that is on air and moves: nothing is done', async () => {
    await rig.use.switchTo(wishOf('rtmp://a'));
    assert.equal((await rig.use.switchTo(wishOf('rtmp://a'))).alreadyLive, true);
  });

  it('the address that is on air and stands still is switched to anew', async () => {
    await rig.use.switchTo(wishOf('rtmp://a'));
    rig.obs.publishers.set('rtmp://a', { firstMs: 0, diesMs: 1 });
    const again = rig.use.switchTo(wishOf('rtmp://a'));
    rig.clock.after(1500, () => rig.obs.publishers.set('rtmp://a', { firstMs: 500 }));
    assert.equal((await again).alreadyLive, false);
  });

  it('a queue goes on after a failing one', async () => {
    rig.obs.publishers.set('rtmp://a', { firstMs: Infinity });
    const failing = failureOf(rig.use.switchTo(wishOf('rtmp://a', { ifBusy: 'queue' })));
    const b = rig.use.switchTo(wishOf('rtmp://b', { ifBusy: 'queue' }));
    const c = rig.use.switchTo(wishOf('rtmp://c', { ifBusy: 'queue' }));
    assert.equal((await failing).code, 'SOURCE_NOT_READY');
    await Promise.all([b, c]);
    assert.equal(rig.obs.addressOnAir(), 'rtmp://c');
  });

  it('busy is refused where that is wished', async () => {
    const going = rig.use.switchTo(wishOf('rtmp://a'));
    assert.equal(
      (await failureOf(rig.use.switchTo(wishOf('rtmp://b', { ifBusy: 'reject' })))).code,
      'SOURCE_SWITCH_BUSY',
    );
    await going;
  });

  it('two places at once', async () => {
    const side = wishOf('rtmp://b', { where: { scene: null, slot: 'side' } });
    await Promise.all([rig.use.switchTo(wishOf('rtmp://a')), rig.use.switchTo(side)]);
    assert.equal(rig.obs.addressOnAir('Show', 'main'), 'rtmp://a');
    assert.equal(rig.obs.addressOnAir('Show', 'side'), 'rtmp://b');
    assert.equal(rig.use.metrics(null).done, 2);
    assert.equal(rig.use.metrics({ scene: 'Show', slot: 'side' }).done, 1);
  });

  it('prepared, and taken: on air within half a second', async () => {
    await rig.use.switchTo(wishOf('rtmp://a'));
    await rig.use.prepare(wishOf('rtmp://b'));
    assert.equal(rig.obs.addressOnAir(), 'rtmp://a');
    await rig.pass(5000);
    const report = await rig.use.take(wishOf(''));
    assert(report.totalMs < 500, `${report.totalMs} ms`);
    assert.equal(rig.obs.addressOnAir(), 'rtmp://b');
  });

  it('taken while it gets ready: both are answered', async () => {
    const prepared = rig.use.prepare(wishOf('rtmp://b'));
    await rig.pass(300);
    const taken = rig.use.take(wishOf(''));
    assert.equal((await prepared).source, (await taken).source);
  });

  it('a prepared one is discarded by another address, and taken by its own', async () => {
    await rig.use.prepare(wishOf('rtmp://b'));
    await rig.use.switchTo(wishOf('rtmp://c'));
    assert.equal(rig.obs.owned().length, 1);
    const { source } = await rig.use.prepare(wishOf('rtmp://d'));
    assert.equal((await rig.use.switchTo(wishOf('rtmp://d'))).source, source);
  });

  it('discarded, nothing is prepared', async () => {
    await rig.use.prepare(wishOf('rtmp://b'));
    assert.equal(await rig.use.discard({ scene: 'Show', slot: 'main' }), true);
    assert.equal(await rig.use.discard({ scene: 'Show', slot: 'main' }), false);
    assert.equal((await failureOf(rig.use.take(wishOf('')))).code, 'SOURCE_NOT_PREPARED');
  });

  it('a prepared one survives a cut of the connection', async () => {
    await rig.use.prepare(wishOf('rtmp://b'));
    rig.obs.cut();
    await rig.pass(3000);
    rig.obs.back();
    await rig.pass(3000);
    await rig.use.take(wishOf(''));
    assert.equal(rig.obs.addressOnAir(), 'rtmp://b');
  });

  for (const state of [
    'preflight',
    'create',
    'prime',
    'prepared',
    'place',
    'swap',
    'verify',
    'retire',
  ] as const) {
    it(`closed in ${state}: within 2 s, and what is on air stays`, async () => {
      await rig.switching.use().switchTo(wishOf('rtmp://a'));
      let closed: Promise<number> | null = null;
      const close = async () => {
        const fromMs = rig.clock.now();
        await rig.use.release();
        return rig.clock.now() - fromMs;
      };
      const wish = wishOf('rtmp://b');
      const hear = (step: { state: string }) => {
        if (step.state === state) closed ??= close();
      };
      const going: Promise<unknown> =
        state === 'prepared' ? rig.use.prepare(wish, hear) : rig.use.switchTo(wish, hear);
      await going.catch(() => undefined);
      await rig.until(() => closed !== null);
      assert((await (closed as unknown as Promise<number>)) < 2000);
      await rig.pass(10_000);
      const late = ['swap', 'verify', 'retire'].includes(state);
      assert.equal(rig.obs.addressOnAir(), late ? 'rtmp://b' : 'rtmp://a');
      assert.equal(rig.obs.owned().length, 1);
    });
  }

  it('closed while OBS does not answer: within 2 s', async () => {
    rig.obs.fault = (call) => (call === 'create' ? 'hang' : null);
    const going = failureOf(rig.use.switchTo(wishOf('rtmp://b')));
    await rig.pass(500);
    const fromMs = rig.clock.now();
    await rig.use.release();
    assert(rig.clock.now() - fromMs < 2000);
    assert.equal((await going).code, 'SOURCE_SWITCH_CLOSED');
  });
});
