// Every fault that a switch has to cope with, on a simulated OBS: what was asked of it, and what was on air after each single change.
import assert from 'node:assert/strict';
import type { SourceWish } from '../../lib/production/switching';
import { SwitchStage } from './switch-stage';
import type { ObsSimulatorOptions } from '../../simulators/obs';

/** So many at once: each waits most of its time. */
const AT_ONCE = 8;
const DONE = ['create B', 'show B', 'hide A', 'remove A'];
const UNTOUCHED = ['create B', 'remove B'];
const PLAIN = { pipeline: { preset: 'plain' as const }, size: null };
const NEVER = { firstFrameMs: 600_000 };

interface Row {
  title: string;
  options?: ObsSimulatorOptions;
  /** with A on air */
  run(stage: SwitchStage): Promise<void>;
}

/** The next switch fails in this way, and A stays. */
async function fails(
  stage: SwitchStage,
  code: string,
  asked: string[] = UNTOUCHED,
  more = {},
): Promise<void> {
  assert.deepEqual(await stage.failing('b', more), { code, oldStillLive: true }, stage.story());
  await stage.endsWith('A');
  assert.deepEqual(stage.changed(), asked, stage.story());
}

/** The next switch succeeds. */
async function succeeds(stage: SwitchStage, asked: string[] = DONE, last = 'B', more = {}): Promise<void> {
  await stage.switchTo('b', more);
  await stage.endsWith(last);
  assert.deepEqual(stage.changed(), asked, stage.story());
}

const ROWS: Row[] = [
  { title: 'no fault', run: (stage) => succeeds(stage) },
  {
    title: 'never ready',
    run: async (stage) => {
      stage.obs.publishers.publish(stage.address('b'), NEVER);
      await fails(stage, 'SOURCE_NOT_READY', UNTOUCHED, { readyTimeoutMs: 1000 });
    },
  },
  {
    title: 'nothing listens there',
    run: async (stage) => {
      stage.obs.publishers.refuse(stage.address('b'));
      await fails(stage, 'SOURCE_PLAYBACK_FAILED');
    },
  },
  ...[true, false].map((back): Row => ({
    title: `ready, then dead before the swap: ${back ? 'waited for again' : 'not swapped in'}`,
    // a media source gives up by itself after a while; this one does later
    options: { gstreamer: true, speed: 3 },
    run: async (stage) => {
      const { publishers, faults } = stage.obs;
      const source: SourceWish = { address: stage.address('b'), ...PLAIN, kind: 'gstreamer' };
      publishers.publish(source.address, { firstFrameMs: 600 });
      stage.at('place', () => {
        publishers.stall(source.address);
        faults.delayNext('GetSourceFilterList', 3600);
        if (back) stage.at('prime', () => publishers.publish(source.address));
      });
      if (back) await succeeds(stage, DONE, 'B', { source, readyTimeoutMs: 20_000 });
      else {
        const { code, oldStillLive } = await stage.failing('b', { source, readyTimeoutMs: 5000 });
        // it may give up by itself before
        assert.match(code, /^SOURCE_(NOT_READY|PLAYBACK_FAILED)$/, stage.story());
        assert.equal(oldStillLive, true);
        await stage.endsWith('A');
        assert.deepEqual(stage.changed(), UNTOUCHED, stage.story());
      }
      const states = stage.states.slice(stage.states.indexOf('idle'));
      assert.equal(states.filter((state) => state === 'prime').length, 2, states.join());
    },
  })),
  {
    title: 'dead right after the swap: the old one is shown again first',
    run: async (stage) => {
      stage.at('swap', () => {
        stage.obs.publishers.stall(stage.address('b'));
        stage.obs.faults.delayNext('SetSceneItemEnabled', 10_000);
      });
      await fails(stage, 'SOURCE_PLAYBACK_FAILED', ['create B', 'show B', 'hide A', 'show A', 'remove B']);
    },
  },
  ...(['preflight', 'create', 'prime', 'place', 'swap', 'verify', 'retire'] as const).map((state): Row => ({
    title: `OBS is killed in ${state}`,
    run: async (stage) => {
      const back: Promise<void>[] = [];
      stage.at(state, () => back.push(stage.again('crash').then(() => stage.personAgain())));
      const outcome = await stage.switchTo('b').then(
        () => 'done',
        (error: unknown) => (error as { code: string }).code,
      );
      assert.match(outcome, /^(done|SOURCE_SWITCH_LOST)$/, stage.story());
      await Promise.all(back);
      const last = stage.states.includes('retire') && outcome === 'done' ? 'B' : 'A';
      await stage.endsWith(last);
    },
  })),
  {
    title: 'the answer to the creation is lost',
    run: async (stage) => {
      stage.obs.faults.dropNext('CreateInput');
      await fails(stage, 'OBS_TIMEOUT');
    },
  },
  {
    title: 'the plugin is missing: a media source instead',
    options: { gstreamer: true },
    run: async (stage) => {
      stage.obs.faults.failNext('CreateInput', { code: 605 });
      const source: SourceWish = { address: stage.address('b'), ...PLAIN, kind: 'auto' };
      await succeeds(stage, ['create B', 'create C', 'show C', 'hide A', 'remove A'], 'C', { source });
    },
  },
  {
    title: 'the plugin that is asked for is missing',
    run: async (stage) => {
      const source: SourceWish = { address: stage.address('b'), ...PLAIN, kind: 'gstreamer' };
      await fails(stage, 'SOURCE_KIND_UNAVAILABLE', [], { source });
    },
  },
  {
    title: 'the name is taken: another one',
    run: async (stage) => {
      stage.obs.faults.failNext('CreateInput', { code: 601 });
      await succeeds(stage, ['create B', 'create C', 'show C', 'hide A', 'remove A'], 'C');
    },
  },
  {
    title: 'every name is taken: nothing is removed',
    run: async (stage) => {
      for (let left = 3; left; left--) stage.obs.faults.failNext('CreateInput', { code: 601 });
      await fails(stage, 'SOURCE_NAME_TAKEN', ['create B', 'create C', 'create D']);
    },
  },
  {
    title: 'the old one is removed by hand while the new one gets ready: forward',
    run: async (stage) => {
      stage.at('prime', () => stage.byHand('RemoveInput', { inputName: stage.name('A') }));
      await succeeds(stage, ['create B', 'show B']);
    },
  },
  {
    title: 'the old one is removed by hand in the swap: forward',
    run: async (stage) => {
      stage.at('swap', () => {
        stage.obs.faults.delayNext('SetSceneItemEnabled', 1000);
        return stage.byHand('RemoveInput', { inputName: stage.name('A') });
      });
      await succeeds(stage, ['create B', 'show B', 'hide A']);
    },
  },
  {
    title: 'the scene is renamed: it is followed',
    run: async (stage) => {
      stage.at('prime', async () => {
        await stage.byHand('SetSceneName', { sceneName: 'Live', newSceneName: 'Main show' });
        stage.scene = 'Main show';
      });
      await succeeds(stage);
    },
  },
  {
    title: 'the scene is removed: it fails, and leaves nothing',
    run: async (stage) => {
      stage.at('prime', () => stage.byHand('RemoveScene', { sceneName: 'Live' }));
      assert.equal((await stage.failing('b')).code, 'SOURCE_SCENE_GONE', stage.story());
      await stage.endsWith();
    },
  },
  {
    title: 'the new one is hidden by hand on air: what a person does counts',
    run: async (stage) => {
      stage.at('verify', () =>
        stage.byHand('SetSceneItemEnabled', {
          ...{ sceneName: 'Live', sceneItemId: stage.itemOf('B'), sceneItemEnabled: false },
        }),
      );
      const outcome = await stage.failing('b');
      assert.deepEqual(outcome, { code: 'SOURCE_SWITCH_OVERRIDDEN', oldStillLive: false }, stage.story());
      assert.deepEqual(stage.broken, [], stage.story());
      assert.deepEqual([stage.visible(), stage.owned()], [[], ['A']], stage.story());
    },
  },
  {
    title: 'the new one is removed by hand while it gets ready',
    run: async (stage) => {
      stage.obs.publishers.publish(stage.address('b'), NEVER);
      stage.at('prime', () => stage.byHand('RemoveInput', { inputName: stage.name('B') }));
      assert.equal((await stage.failing('b')).code, 'SOURCE_SWITCH_OVERRIDDEN', stage.story());
      await stage.endsWith('A');
    },
  },
  {
    title: 'the live one stalls after success: told, and the fallback is shown',
    run: async (stage) => {
      await stage.byHand('CreateInput', {
        ...{ sceneName: 'Live', inputName: 'Slate', inputKind: 'color_source_v3', sceneItemEnabled: false },
        inputSettings: { width: 640, height: 360 },
      });
      await stage.switchTo('b', { watch: { stallMs: 600, stableMs: 300, fallback: 'Slate' } });
      stage.standIn = 'Slate';
      const slate = () => stage.obs.items('Live').find(({ name }) => name === 'Slate')?.enabled;
      const heard = (...names: string[]) => stage.events.some(({ event }) => names.includes(event));
      stage.obs.publishers.stall(stage.address('b'));
      await stage.waitFor(
        () => heard('source_stalled', 'source_ended') && slate() === true && !stage.visible().length,
      );
      stage.obs.publishers.publish(stage.address('b'));
      await stage.waitFor(() => heard('source_recovered') && slate() === false);
      await stage.endsWith('B');
    },
  },
  ...([0, 1, 2] as const).map((after): Row => ({
    title: `the swap is done in part only: ${after} of its steps`,
    run: async (stage) => {
      stage.obs.faults.nextBatch({ kind: 'short', after });
      const shown = after === 0 ? [] : ['show B'];
      await fails(stage, 'SOURCE_SWITCH_INCOMPLETE', ['create B', ...shown, 'show A', 'remove B']);
    },
  })),
  {
    title: 'a step of the swap is refused',
    run: async (stage) => {
      stage.obs.faults.nextBatch({ kind: 'fail', at: 0, answer: { code: 205 } });
      const { code, oldStillLive } = await stage.failing('b');
      assert.deepEqual([code, oldStillLive], ['SOURCE_SWITCH_INCOMPLETE', true], stage.story());
      await stage.endsWith('A');
    },
  },
  {
    title: 'the answer to the swap is lost',
    run: async (stage) => {
      stage.obs.faults.nextBatch({ kind: 'lose' });
      const { oldStillLive } = await stage.failing('b');
      assert.equal(oldStillLive, true, stage.story());
      await stage.endsWith('A');
    },
  },
  {
    title: 'OBS stops drawing in the swap',
    run: async (stage) => {
      stage.obs.faults.nextBatch({ kind: 'hang', after: 1 });
      const { oldStillLive } = await stage.failing('b');
      assert.equal(oldStillLive, true, stage.story());
      await stage.endsWith('A');
    },
  },
  {
    title: 'the old one stays as a ghost: told, and on air all the same',
    run: async (stage) => {
      stage.obs.faults.ghost(stage.name('A'), 30_000);
      const { warnings } = await stage.switchTo('b');
      assert.equal(warnings.length, 1, stage.story());
      await stage.endsWith('B');
    },
  },
  {
    title: 'OBS quits while the new one gets ready: it fails at once, and is put in order later',
    run: async (stage) => {
      stage.obs.publishers.publish(stage.address('b'), NEVER);
      const back: Promise<void>[] = [];
      stage.at('prime', () => back.push(stage.again('quit').then(() => stage.personAgain())));
      const began = performance.now();
      assert.equal((await stage.failing('b', { readyTimeoutMs: 60_000 })).code, 'SOURCE_SWITCH_LOST');
      assert.ok(performance.now() - began < 30_000);
      await Promise.all(back);
      await stage.endsWith('A');
    },
  },
];

describe('every fault of a switch, on a simulated OBS', function () {
  this.timeout(240_000);
  const outcomes = new Map<Row, Promise<void>>();

  before(() => {
    const lanes = Array.from({ length: AT_ONCE }, () => Promise.resolve());
    for (const [at, row] of ROWS.entries()) {
      const outcome = lanes[at % AT_ONCE]!.then(() => whole(row));
      outcomes.set(row, outcome);
      lanes[at % AT_ONCE] = outcome.catch(() => undefined);
    }
  });

  for (const row of ROWS) it(row.title, () => outcomes.get(row));
});

async function whole(row: Row): Promise<void> {
  const stage = await SwitchStage.open(row.options);
  try {
    await stage.switchTo('a');
    await stage.endsWith('A');
    assert.deepEqual(stage.changed(), ['create A', 'show A'], stage.story());
    await row.run(stage);
    assert.deepEqual(stage.broken, [], stage.story());
  } finally {
    await stage.close();
  }
}
