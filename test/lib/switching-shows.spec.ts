import assert from 'node:assert/strict';
import { createLiveWatcher } from '../../lib/switching/live-watch';
import { createSwitching } from '../../lib/switching/switching';
import { PaperObs } from '../support/paper-switch';
import { QuickClock } from '../support/quick-clock';
import { failureOf, SwitchRig, wishOf } from '../support/switch-rig';

describe('switching, in a show', () => {
  let rig: SwitchRig;
  const begin = (prepare?: (obs: PaperObs) => void) => (rig = new SwitchRig(prepare));
  afterEach(() => rig.end());

  it('the old one was made by a clock that ran ahead: nobody waits for hours', async () => {
    const hour = 3_600_000;
    begin((obs) =>
      obs.addOwned('live_main_old', {
        enabled: true,
        mark: true,
        kind: 'gstreamer',
        madeAtMs: obs.clock.now() + hour,
      }),
    );
    const beganMs = rig.clock.now();
    await rig.use.switchTo(wishOf('rtmp://b'));
    assert(rig.clock.now() - beganMs < 10_000, rig.story());
    assert.equal(rig.obs.addressOnAir(), 'rtmp://b');
    rig.assertInOrder();
  });

  it('a frozen guest was hidden by hand: a switch that fails does not show them again', async () => {
    begin();
    const { source } = await rig.use.switchTo(wishOf('rtmp://a'));
    rig.obs.person('hide', source);
    rig.obs.publishers.set('rtmp://b', { firstMs: 500, diesMs: 800 });
    const { code, oldStillLive } = await failureOf(rig.use.switchTo(wishOf('rtmp://b')));
    assert.equal(code, 'SOURCE_PLAYBACK_FAILED', rig.story());
    assert.equal(oldStillLive, false);
    assert.deepEqual(rig.obs.visible(), []);
    assert.deepEqual(
      rig.obs.owned().map(({ name }) => name),
      [source],
    );
  });

  it('a node ends while its switch waits for what was prepared to go: nothing comes on air later', async () => {
    begin((obs) => (obs.kinds = { gstreamer: true, ffmpeg: true }));
    const { source } = await rig.use.switchTo(wishOf('rtmp://a'));
    await rig.use.prepare(wishOf('rtmp://b'));
    const failure = failureOf(rig.use.switchTo(wishOf('rtmp://c')));
    await rig.pass(1);
    await rig.use.release();
    assert.equal((await failure).code, 'SOURCE_SWITCH_CLOSED');
    await rig.pass(20_000);
    assert.deepEqual(rig.obs.visible(), [source], rig.story());
    rig.assertInOrder();
  });

  it('a newer one overtakes one that waits for what was prepared to go', async () => {
    begin();
    await rig.use.prepare(wishOf('rtmp://b'));
    const failure = failureOf(rig.use.switchTo(wishOf('rtmp://c')));
    await rig.pass(1);
    await rig.use.switchTo(wishOf('rtmp://d'));
    assert.equal((await failure).code, 'SOURCE_SWITCH_OVERTAKEN');
    assert.equal(rig.obs.addressOnAir(), 'rtmp://d');
    assert.equal(rig.obs.log.filter((line) => line.startsWith('swap')).length, 1, rig.story());
    rig.assertInOrder();
  });

  it('many wait in their order: a newest one still overtakes them', async () => {
    begin();
    const waiting = Array.from({ length: 51 }, (_, index) =>
      failureOf(rig.use.switchTo(wishOf(`rtmp://${index}`, { ifBusy: 'queue' }))),
    );
    await rig.use.switchTo(wishOf('rtmp://last'));
    for (const failure of waiting) assert.equal((await failure).code, 'SOURCE_SWITCH_OVERTAKEN');
    assert.equal(rig.obs.addressOnAir(), 'rtmp://last');
  });

  it('on air already after a restart of Node-RED: it is brought back after a crash of OBS as well', async () => {
    begin((obs) => {
      obs.save();
      obs.addOwned('live_main_old', { enabled: true, mark: true });
    });
    // what OBS saved last is from before the source
    const save = rig.obs;
    await rig.pass(2000);
    const { alreadyLive } = await rig.use.switchTo(wishOf('rtmp://a'));
    assert(alreadyLive);
    save.scenes.set('Show', []);
    const inputs = new Map(save.inputs);
    save.inputs.clear();
    save.save();
    save.inputs = inputs;
    save.crash();
    await rig.until(() => rig.obs.addressOnAir() === 'rtmp://a');
  });
});

describe('switching, the watch after its node', () => {
  it('a node that ends in the midst of a swap leaves no watch', async () => {
    const clock = new QuickClock();
    const obs = new PaperObs(clock);
    const log = () => undefined;
    const watcher = createLiveWatcher({ port: obs, clock, log });
    const switching = createSwitching({ port: obs, clock, watcher, log, tell: log });
    try {
      const use = switching.use();
      let retiring: () => void = log;
      const retires = new Promise<void>((resolve) => (retiring = resolve));
      await use.switchTo(wishOf('rtmp://a'));
      const done = use.switchTo(wishOf('rtmp://b'), ({ state }) => state === 'retire' && retiring());
      await retires;
      await use.release();
      await done;
      await clock.pause(5000);
      obs.log.length = 0;
      await clock.pause(5000);
      assert.deepEqual(obs.log, []);
    } finally {
      switching.close();
      clock.stop();
    }
  });
});
