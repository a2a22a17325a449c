import assert from 'node:assert/strict';
import type { Call, Fault } from '../support/paper-switch';
import { failureOf, SwitchRig, wishOf } from '../support/switch-rig';

/** The first such call goes wrong in that way. */
const once = (call: Call, fault: Fault) => {
  let left = 1;
  return (now: Call) => (now === call && left-- > 0 ? fault : null);
};

describe('switching, every fault', () => {
  let rig: SwitchRig;

  beforeEach(() => {
    rig = new SwitchRig();
  });
  afterEach(() => {
    rig.assertInOrder();
    rig.end();
  });

  /** A on air. */
  async function onAir(): Promise<string> {
    return (await rig.use.switchTo(wishOf('rtmp://a'))).source;
  }

  it('never ready: the new one goes, the old one stays', async () => {
    const old = await onAir();
    rig.obs.publishers.set('rtmp://b', { firstMs: Infinity });
    const { code, oldStillLive } = await failureOf(rig.use.switchTo(wishOf('rtmp://b')));
    assert.deepEqual({ code, oldStillLive }, { code: 'SOURCE_NOT_READY', oldStillLive: true });
    assert.deepEqual(rig.obs.visible(), [old]);
  });

  it('an error state: it fails at once', async () => {
    await onAir();
    rig.obs.publishers.set('rtmp://b', { firstMs: Infinity, errorMs: 100 });
    const fromMs = rig.clock.now();
    assert.equal((await failureOf(rig.use.switchTo(wishOf('rtmp://b')))).code, 'SOURCE_PLAYBACK_FAILED');
    assert(rig.clock.now() - fromMs < 3000);
  });

  it('two ends of the playback: it fails at once', async () => {
    await onAir();
    rig.obs.publishers.set('rtmp://b', { firstMs: Infinity });
    rig.clock.after(400, () =>
      rig.obs.tell({ change: 'playback-ended', source: rig.obs.owned()[1]?.name ?? '' }),
    );
    rig.clock.after(900, () =>
      rig.obs.tell({ change: 'playback-ended', source: rig.obs.owned()[1]?.name ?? '' }),
    );
    assert.equal((await failureOf(rig.use.switchTo(wishOf('rtmp://b')))).code, 'SOURCE_PLAYBACK_FAILED');
  });

  it('ready, then dead before the swap: it is not swapped in', async () => {
    const old = await onAir();
    rig.obs.publishers.set('rtmp://b', { firstMs: 500, diesMs: 1000 });
    rig.obs.delayMs = (call) => (call === 'place' ? 3000 : 5);
    assert.equal((await failureOf(rig.use.switchTo(wishOf('rtmp://b')))).code, 'SOURCE_NOT_READY');
    assert.deepEqual(rig.obs.visible(), [old]);
    assert(!rig.obs.log.some((line) => line.startsWith('swap live_main_2')));
  });

  it('dead right after the swap: the old one is shown again first', async () => {
    const old = await onAir();
    rig.obs.publishers.set('rtmp://b', { firstMs: 500, diesMs: 1000 });
    const { code, oldStillLive } = await failureOf(rig.use.switchTo(wishOf('rtmp://b')));
    assert.deepEqual({ code, oldStillLive }, { code: 'SOURCE_PLAYBACK_FAILED', oldStillLive: true });
    assert.deepEqual(rig.obs.visible(), [old]);
  });

  it('the plugin is missing: a media source is taken', async () => {
    rig.obs.kinds.gstreamer = true;
    rig.obs.fault = once('create', 'unavailable');
    const report = await rig.use.switchTo(wishOf('rtmp://a'));
    assert.equal(report.kind, 'ffmpeg');
    assert.equal(report.warnings.length, 1);
  });

  it('the wanted plugin is missing: it fails', async () => {
    const wish = wishOf('rtmp://a');
    wish.source.kind = 'gstreamer';
    assert.equal((await failureOf(rig.use.switchTo(wish))).code, 'SOURCE_KIND_UNAVAILABLE');
  });

  it('a name is taken: another one', async () => {
    rig.obs.fault = once('create', 'taken');
    assert.equal((await rig.use.switchTo(wishOf('rtmp://a'))).source, 'live_main_2');
  });

  it('every name is taken: it fails, and removes nothing', async () => {
    rig.obs.fault = (call) => (call === 'create' ? 'taken' : null);
    assert.equal((await failureOf(rig.use.switchTo(wishOf('rtmp://a')))).code, 'SOURCE_NAME_TAKEN');
    assert(!rig.obs.log.some((line) => line.startsWith('remove')));
  });

  it('the creation times out and was done: it is removed', async () => {
    const old = await onAir();
    rig.obs.fault = once('create', 'late');
    assert.equal((await failureOf(rig.use.switchTo(wishOf('rtmp://b')))).code, 'OBS_TIMEOUT');
    assert.deepEqual(rig.obs.visible(), [old]);
  });

  for (const call of ['look', 'create', 'read', 'place', 'swap'] as const) {
    for (const fault of ['refuse', 'late', 'hang'] as const) {
      it(`${call}: ${fault}`, async () => {
        const old = await onAir();
        rig.obs.fault = once(call, fault);
        const result = await rig.use.switchTo(wishOf('rtmp://b')).catch((error: unknown) => error);
        if (result instanceof Error) assert.deepEqual(rig.obs.visible(), [old]);
        else assert.equal(rig.obs.addressOnAir(), 'rtmp://b');
      });
    }
  }

  for (const fault of ['refuse', 'late', 'hang'] as const) {
    it(`mark: ${fault}: on air all the same`, async () => {
      await onAir();
      rig.obs.fault = once('mark', fault);
      assert.equal((await rig.use.switchTo(wishOf('rtmp://b'))).warnings.length, 1);
    });

    it(`remove of the old one: ${fault}: on air all the same, and removed later`, async () => {
      await onAir();
      rig.obs.fault = once('remove', fault);
      assert.equal((await rig.use.switchTo(wishOf('rtmp://b'))).warnings.length, 1);
      await rig.until(() => rig.obs.owned().length === 1);
      assert.equal(rig.obs.addressOnAir(), 'rtmp://b');
    });

    it(`show of the old one: ${fault}: tried again`, async () => {
      const old = await onAir();
      const show = once('show', fault);
      rig.obs.fault = (call) => (call === 'swap' ? 'half' : show(call));
      assert.equal((await failureOf(rig.use.switchTo(wishOf('rtmp://b')))).oldStillLive, true);
      assert.deepEqual(rig.obs.visible(), [old]);
    });
  }

  it('the old one is removed by hand while the new one gets ready: forward', async () => {
    const old = await onAir();
    rig.clock.after(700, () => rig.obs.person('remove', old));
    await rig.use.switchTo(wishOf('rtmp://b'));
    assert.equal(rig.obs.addressOnAir(), 'rtmp://b');
  });

  it('the old one is removed by hand in the swap: forward', async () => {
    const old = await onAir();
    const going = rig.use.switchTo(wishOf('rtmp://b'), (step) => {
      if (step.state === 'swap') rig.clock.after(50, () => rig.obs.person('remove', old));
    });
    await going;
    assert.equal(rig.obs.addressOnAir(), 'rtmp://b');
  });

  it('the new one is removed by hand: the old one stays', async () => {
    const old = await onAir();
    rig.clock.after(700, () => rig.obs.person('remove', 'live_main_2'));
    assert.equal((await failureOf(rig.use.switchTo(wishOf('rtmp://b')))).code, 'SOURCE_SWITCH_OVERRIDDEN');
    assert.deepEqual(rig.obs.visible(), [old]);
  });

  it('the new one is hidden by hand after the swap: what a person does counts', async () => {
    const old = await onAir();
    const going = rig.use.switchTo(wishOf('rtmp://b'), (step) => {
      if (step.state === 'verify') rig.clock.after(300, () => rig.obs.person('hide', 'live_main_2'));
    });
    const { code, oldStillLive } = await failureOf(going);
    assert.deepEqual({ code, oldStillLive }, { code: 'SOURCE_SWITCH_OVERRIDDEN', oldStillLive: false });
    assert.deepEqual(rig.obs.visible(), []);
    assert.deepEqual(
      rig.obs.owned().map((one) => one.name),
      [old],
    );
  });

  it('the old one is shown by hand after the swap: it stays', async () => {
    const old = await onAir();
    const going = rig.use.switchTo(wishOf('rtmp://b'), (step) => {
      if (step.state === 'verify') rig.clock.after(300, () => rig.obs.person('show', old));
    });
    const { code, oldStillLive } = await failureOf(going);
    assert.deepEqual({ code, oldStillLive }, { code: 'SOURCE_SWITCH_OVERRIDDEN', oldStillLive: true });
    assert.deepEqual(rig.obs.visible(), [old]);
  });

  for (const state of ['preflight', 'create', 'prime', 'place', 'swap', 'verify', 'retire'] as const) {
    it(`the scene is renamed in ${state}: it is followed`, async () => {
      await onAir();
      const going = rig.use.switchTo(wishOf('rtmp://b'), (step) => {
        if (step.state === state) rig.clock.after(2, () => rig.obs.renameScene('Show', 'Main show'));
      });
      const result = await going.catch((error: unknown) => error);
      await rig.pass(10_000);
      // a rename in the very swap may end it, with the old one on air
      const expected = result instanceof Error ? 'rtmp://a' : 'rtmp://b';
      if (state !== 'swap') assert.equal(expected, 'rtmp://b', String(result));
      assert.equal(rig.obs.addressOnAir('Main show'), expected);
      assert.equal(rig.obs.owned('Main show').length, 1);
    });

    it(`the scene is removed in ${state}: it fails and leaves nothing`, async () => {
      await onAir();
      const going = rig.use.switchTo(wishOf('rtmp://b'), (step) => {
        if (step.state === state) rig.clock.after(2, () => rig.obs.removeScene('Show'));
      });
      await going.catch(() => undefined);
      assert.equal(rig.obs.inputs.size, 0, rig.story());
    });

    it(`the collection is changed in ${state}: nothing is put into the other one`, async () => {
      await onAir();
      const going = rig.use.switchTo(wishOf('rtmp://b'), (step) => {
        if (step.state === state) rig.clock.after(2, () => rig.obs.changeCollection());
      });
      await going.catch(() => undefined);
      await rig.pass(20_000);
      assert.equal(rig.obs.inputs.size, 0, rig.story());
    });

    for (const how of ['cut', 'crash'] as const) {
      it(`OBS: ${how} in ${state}: one is on air afterwards, none left behind`, async () => {
        await onAir();
        rig.obs.save();
        let left = 1;
        const going = rig.use.switchTo(wishOf('rtmp://b'), (step) => {
          if (step.state !== state || left-- < 1) return;
          rig.clock.after(2, () => {
            if (how === 'crash') return rig.obs.crash();
            rig.obs.cut();
            rig.clock.after(2000, () => rig.obs.back());
          });
        });
        const result = await going.catch((error: unknown) => error);
        await rig.pass(30_000);
        assert.equal(rig.obs.visible().length, 1, rig.story());
        assert.equal(rig.obs.owned().length, 1, rig.story());
        const expected = result instanceof Error && state !== 'retire' ? 'rtmp://a' : 'rtmp://b';
        assert.equal(rig.obs.addressOnAir(), expected, rig.story());
      });
    }
  }

  it('OBS quits in prime: it fails at once, and is put in order later', async () => {
    await onAir();
    rig.obs.save();
    const going = rig.use.switchTo(wishOf('rtmp://b'), (step) => {
      if (step.state === 'prime') rig.clock.after(300, () => rig.obs.tell({ change: 'exiting' }));
    });
    assert.equal((await failureOf(going)).code, 'SOURCE_SWITCH_LOST');
    rig.obs.crash();
    await rig.until(() => rig.obs.connected && rig.obs.owned().length === 1);
    assert.equal(rig.obs.addressOnAir(), 'rtmp://a');
  });

  it('a ghost stays in the list: told, and tried again', async () => {
    await onAir();
    rig.obs.ghosts = true;
    assert.equal((await rig.use.switchTo(wishOf('rtmp://b'))).warnings.length, 1);
  });

  it('OBS crashes and brings an older scene back: what was on air is switched to again', async () => {
    await onAir();
    rig.obs.save();
    await rig.use.switchTo(wishOf('rtmp://b'));
    rig.obs.crash();
    await rig.until(
      () => rig.obs.connected && rig.obs.addressOnAir() === 'rtmp://b' && rig.obs.owned().length === 1,
    );
    await rig.until(() => rig.told.some((one) => one.event === 'source_switched' && one.cause === 'resync'));
  });

  it('OBS crashes and brings an empty scene back', async () => {
    await onAir();
    rig.obs.crash();
    await rig.until(
      () => rig.obs.connected && rig.obs.addressOnAir() === 'rtmp://a' && rig.obs.owned().length === 1,
    );
    await rig.pass(5000);
  });
});
