import assert from 'node:assert/strict';
import type { LiveWatcher, Unwatch } from '../../lib/switching/live-watcher';
import { createLiveWatcher } from '../../lib/switching/live-watch';
import { PaperObs } from '../support/paper-switch';
import { QuickClock } from '../support/quick-clock';

const STALL_MS = 2000;
const STABLE_MS = 3000;
const ADDRESS = 'rtmp://a';

/** A live source on air, a slate of the user's below it, and a watch of both. */
class Show {
  readonly clock = new QuickClock();
  readonly obs = new PaperObs(this.clock);
  readonly told: string[] = [];
  readonly steps: string[] = [];
  readonly warned: string[] = [];
  readonly shownWhenTold: (boolean | null)[] = [];
  unwatch: Unwatch = () => Promise.resolve();
  watcher = this.newWatcher();

  constructor(slate: { enabled: boolean } | null = { enabled: false }) {
    this.obs.publishers.set(ADDRESS, { firstMs: -60_000 });
    if (slate) this.obs.addUser('Slate', slate.enabled);
    this.obs.addOwned('live_main_1', { enabled: true, mark: true });
    this.obs.onStep = (_who, what) => {
      this.steps.push(what);
      const items = this.obs.scenes.get('Show');
      if (items && !items.some(({ enabled }) => enabled) && this.obs.connected) this.steps.push('black');
    };
    shows.push(this);
  }

  newWatcher(): LiveWatcher {
    const log = (_level: string, text: string) => void this.warned.push(text);
    return (this.watcher = createLiveWatcher({ port: this.obs, clock: this.clock, log }));
  }

  watch(fallback: string | null = 'Slate', name = 'live_main_1'): this {
    const item = this.obs.scenes.get('Show')?.find((one) => one.name === name);
    this.unwatch = this.watcher.watch(
      'Show',
      { name, itemId: item?.id ?? 0 },
      {
        slot: 'main',
        stallMs: STALL_MS,
        stableMs: STABLE_MS,
        fallback,
        tell: ({ event, payload }) => {
          this.told.push(event.replace('source_', ''));
          this.shownWhenTold.push(payload.fallbackShown);
          assert.equal(payload.source, name);
        },
      },
    );
    return this;
  }

  pass(ms: number): Promise<void> {
    return this.clock.pause(ms);
  }

  publisherStops(): void {
    const input = this.obs.inputs.get('live_main_1')!;
    const diesMs = this.clock.now() - input.startedAtMs + 60_000;
    this.obs.publishers.set(ADDRESS, { firstMs: -60_000, diesMs });
  }

  publisherIsBack(): void {
    this.obs.publishers.set(ADDRESS, { firstMs: -60_000 });
  }

  /** What is visible in the scene. */
  get visible(): string[] {
    return (this.obs.scenes.get('Show') ?? []).filter(({ enabled }) => enabled).map(({ name }) => name);
  }

  polls(): number {
    return this.obs.log.filter((line) => line.startsWith('read')).length;
  }
}

const shows: Show[] = [];

async function stalled(show: Show): Promise<Show> {
  await show.pass(3000);
  show.publisherStops();
  await show.pass(6000);
  assert.deepEqual(show.told, ['stalled']);
  return show;
}

describe('watch of a live source', () => {
  afterEach(() => {
    for (const show of shows.splice(0)) show.clock.stop();
  });

  it('tells a stall and a recovery', async () => {
    const show = await stalled(new Show().watch(null));
    assert.deepEqual(show.visible, ['live_main_1']);
    show.publisherIsBack();
    await show.pass(6000);
    assert.deepEqual(show.told, ['stalled', 'recovered']);
    assert.deepEqual(show.steps, []);
  });

  it('shows the fallback and takes it away again, never with nothing on screen', async () => {
    const show = await stalled(new Show().watch());
    assert.deepEqual(show.visible, ['Slate']);
    show.publisherIsBack();
    await show.pass(2500);
    assert.deepEqual(show.visible, ['Slate'], 'not stable yet');
    await show.pass(4000);
    assert.deepEqual(show.visible, ['live_main_1']);
    assert.deepEqual(show.told, ['stalled', 'recovered']);
    assert.deepEqual(show.shownWhenTold, [true, false]);
    const changes = show.steps.filter((step, index) => step !== show.steps[index - 1]);
    assert.deepEqual(changes, ['show Slate', 'hide live_main_1', 'show live_main_1', 'hide Slate']);
    assert.equal(show.obs.scenes.get('Show')![0]!.standsIn, null);
    assert.deepEqual(show.warned, []);
  });

  it('leaves a fallback visible that was visible before', async () => {
    const show = await stalled(new Show({ enabled: true }).watch());
    assert.deepEqual(show.visible, ['Slate']);
    show.publisherIsBack();
    await show.pass(7000);
    assert.deepEqual(show.visible, ['Slate', 'live_main_1']);
  });

  it('keeps a frozen picture rather than hide it for a fallback without one', async () => {
    const show = new Show().watch();
    show.obs.blank.add('Slate');
    await stalled(show);
    assert.deepEqual(show.visible, ['Slate', 'live_main_1']);
    assert.deepEqual(show.shownWhenTold, [false]);
    show.obs.blank.clear();
    await show.pass(2000);
    assert.deepEqual(show.visible, ['Slate']);
  });

  it('says once that there is no such fallback', async () => {
    const show = await stalled(new Show(null).watch());
    await show.pass(10_000);
    assert.deepEqual(show.visible, ['live_main_1']);
    assert.equal(show.warned.length, 1);
    assert.deepEqual(show.shownWhenTold, [false]);
  });

  for (const [what, name] of [
    ['hide', 'Slate'],
    ['show', 'live_main_1'],
  ] as const)
    it(`a person who ${what}s ${name} while it stands in has the say until the next switch`, async () => {
      const show = await stalled(new Show().watch());
      show.obs.person(what, name);
      const { visible } = show;
      show.publisherIsBack();
      await show.pass(7000);
      show.publisherStops();
      await show.pass(7000);
      assert.deepEqual(show.visible, visible);
      assert.deepEqual(show.told, ['stalled', 'recovered', 'stalled']);
      assert.equal(show.obs.scenes.get('Show')![0]!.standsIn, null);
    });

  it('a live source that a person hid stays hidden, and nothing stands in for it', async () => {
    const show = new Show().watch();
    await show.pass(2000);
    show.obs.person('hide', 'live_main_1');
    show.publisherStops();
    await show.pass(10_000);
    assert.deepEqual(show.visible, []);
    // also for a watch that begins later
    await show.unwatch();
    show.newWatcher();
    show.watch();
    await show.pass(10_000);
    assert.deepEqual(show.visible, []);
  });

  it('changes nothing once it was ended, and asks nothing', async () => {
    const show = await stalled(new Show().watch());
    await show.unwatch();
    const [polls, steps] = [show.polls(), show.steps.length];
    show.publisherIsBack();
    await show.pass(20_000);
    assert.deepEqual(show.visible, ['Slate']);
    assert.deepEqual([show.polls(), show.steps.length], [polls, steps]);
  });

  it('finds its way back after a restart of Node-RED', async () => {
    const show = await stalled(new Show().watch());
    await show.unwatch();
    show.newWatcher();
    show.watch();
    await show.pass(10_000);
    assert.deepEqual(show.visible, ['Slate'], 'the publisher is away yet');
    show.publisherIsBack();
    await show.pass(7000);
    assert.deepEqual(show.visible, ['live_main_1']);
    assert.deepEqual(show.told, ['stalled', 'recovered']);
  });

  it('finds its way back after the connection was away, and does not poll meanwhile', async () => {
    const show = await stalled(new Show().watch());
    show.obs.cut();
    await show.pass(1000);
    const polls = show.polls();
    await show.pass(30_000);
    assert.equal(show.polls(), polls);
    show.publisherIsBack();
    show.obs.back();
    await show.pass(7000);
    assert.deepEqual(show.visible, ['live_main_1']);
    assert.deepEqual(show.told, ['stalled', 'recovered']);
  });

  it('an OBS that came back from a crash with an older scene gets the fallback again', async () => {
    const show = new Show().watch();
    show.obs.save();
    await stalled(show);
    show.obs.crash();
    show.obs.publishers.set(ADDRESS, { firstMs: -60_000, diesMs: 0 });
    await show.pass(12_000);
    assert.deepEqual(show.visible, ['Slate']);
    assert.deepEqual(show.told, ['stalled']);
  });

  it("the live source gets another name by hand: it is the user's, and stays as it is", async () => {
    const show = new Show().watch();
    await show.pass(3000);
    show.obs.renameSource('live_main_1', 'Guest');
    await show.pass(6000);
    assert.deepEqual(show.visible, ['Guest']);
    assert.deepEqual(show.steps, []);
    assert.deepEqual(show.told, ['ended']);
    assert.deepEqual(show.shownWhenTold, [false]);
  });

  for (const markless of [false, true])
    it(`the next switch takes the fallback away at once${markless ? ', also where nothing can be written to an item' : ''}`, async () => {
      const show = new Show().watch();
      show.obs.markless = markless;
      await stalled(show);
      await show.unwatch();
      // as the runner does it
      show.obs.publishers.set('rtmp://b', { firstMs: -1000 });
      show.obs.addOwned('live_main_2', { enabled: true, mark: true });
      show.obs.inputs.get('live_main_2')!.address = 'rtmp://b';
      await show.obs.remove('live_main_1');
      show.watch('Slate', 'live_main_2');
      await show.pass(1500);
      assert.deepEqual(show.visible, ['live_main_2']);
      await show.pass(10_000);
      assert.deepEqual(show.told, ['stalled']);
    });

  it('after a switch that was rolled back the fallback goes on standing in', async () => {
    const show = await stalled(new Show().watch());
    await show.unwatch();
    const live = show.obs.scenes.get('Show')!.find((one) => one.name === 'live_main_1')!;
    // the rollback shows what was on air before
    await show.obs.show('Show', { name: live.name, itemId: live.id }, true);
    show.watch();
    await show.pass(3000);
    assert.deepEqual(show.visible, ['Slate']);
    show.publisherIsBack();
    await show.pass(7000);
    assert.deepEqual(show.visible, ['live_main_1']);
    assert.deepEqual(show.told, ['stalled', 'recovered']);
  });

  it('a fallback that nobody wishes any more is taken away when the live source is well', async () => {
    const show = await stalled(new Show().watch());
    show.watch(null);
    show.publisherIsBack();
    await show.pass(7000);
    assert.deepEqual(show.visible, ['live_main_1']);
  });

  it('a live source that a person removed is told as an end, and the fallback stands in', async () => {
    const show = new Show().watch();
    await show.pass(2000);
    show.obs.person('remove', 'live_main_1');
    await show.pass(3000);
    assert.deepEqual(show.told, ['ended']);
    assert.deepEqual(show.visible, ['Slate']);
  });

  it('what a person removed is asked for no more, once the fallback stands in', async () => {
    for (const fallback of ['Slate', null]) {
      const show = new Show().watch(fallback);
      await show.pass(1000);
      show.obs.person('remove', 'live_main_1');
      await show.pass(5000);
      assert.deepEqual(show.told, ['ended']);
      assert.deepEqual(show.shownWhenTold, [fallback !== null]);
      const asked = show.obs.log.length;
      await show.pass(20_000);
      assert.equal(show.obs.log.length, asked);
    }
  });

  it('in another collection it shows nothing', async () => {
    const show = new Show().watch();
    await show.pass(2000);
    show.obs.changeCollection();
    show.obs.scenes.set('Show', []);
    show.obs.addUser('Slate', false);
    await show.pass(5000);
    assert.deepEqual(show.visible, []);
  });

  it('follows a scene to its new name, and ends with it', async () => {
    const show = new Show().watch();
    await show.pass(1000);
    show.obs.renameScene('Show', 'Main');
    show.publisherStops();
    await show.pass(5000);
    assert.deepEqual(show.told, ['stalled']);
    show.obs.removeScene('Main');
    await show.pass(2000);
    const polls = show.polls();
    await show.pass(5000);
    assert.deepEqual([show.told, show.polls()], [['stalled', 'ended'], polls]);
  });

  it('a step that fails is done at the next look', async () => {
    for (const call of ['show', 'swap', 'find', 'look', 'mark'] as const) {
      for (const fault of ['refuse', 'late'] as const) {
        const show = new Show().watch();
        await show.pass(1000);
        let left = 2;
        show.obs.fault = (asked) => (asked === call && left-- > 0 ? fault : null);
        show.publisherStops();
        await show.pass(9000);
        assert.deepEqual(show.visible, ['Slate'], `${call} ${fault}`);
        left = 2;
        show.publisherIsBack();
        await show.pass(9000);
        assert.deepEqual(show.visible, ['live_main_1'], `${call} ${fault}`);
        assert.deepEqual(show.told, ['stalled', 'recovered']);
        assert.ok(!show.steps.includes('black'), show.steps.join());
      }
    }
  });

  it('a half swap leaves nothing black, and is done whole at the next look', async () => {
    const show = new Show().watch();
    let left = 1;
    show.obs.fault = (asked) => (asked === 'swap' && left-- > 0 ? 'half' : null);
    await stalled(show);
    assert.deepEqual(show.visible, ['Slate']);
    left = 1;
    show.publisherIsBack();
    await show.pass(8000);
    assert.deepEqual(show.visible, ['live_main_1']);
    assert.ok(!show.steps.includes('black'));
  });

  it('ends within seconds also while a call of the application hangs', async () => {
    const show = new Show().watch();
    show.obs.fault = (asked) => (asked === 'show' ? 'hang' : null);
    show.publisherStops();
    await show.pass(5000);
    const began = show.clock.now();
    await show.unwatch();
    assert.ok(show.clock.now() - began <= 5000);
  });
});
