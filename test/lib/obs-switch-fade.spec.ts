import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { FADE_FILTER, fadeFilter, fadeSteps, keptVolumes, showUnder } from '../../lib/obs/switch-fade';
import type { BatchRequest } from '../../lib/obs/session';

const plan = {
  scene: 'Stage',
  fresh: { name: 'new', itemId: 2 },
  old: { name: 'old', itemId: 1 },
  ms: 500,
  fps: 30,
  freshIsAbove: false,
  volumes: { new: 0.8, old: 0.5 },
};

function values(steps: BatchRequest[], type: string, field: string, name?: string): number[] {
  return steps
    .filter(
      ({ requestType, requestData }) => requestType === type && (!name || requestData?.inputName === name),
    )
    .map(({ requestData }) => Number(requestData?.[field]));
}

describe('steps of a crossfade', () => {
  it('take as many frames as asked for, and end on the volume that was inherited', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 10, max: 120 }), (ms, fps) => {
        const steps = fadeSteps({ ...plan, ms, fps });
        const frames = values(steps, 'Sleep', 'sleepFrames').reduce((sum, one) => sum + one, 0);
        assert.equal(frames, Math.max(1, Math.round((ms * fps) / 1000)));
        assert.ok(steps.length <= 402);
        const fresh = values(steps, 'SetInputVolume', 'inputVolumeMul', 'new');
        assert.equal(fresh.at(-1), 0.8);
        assert.ok(fresh.every((value, at) => value >= (fresh[at - 1] ?? 0)));
        const old = values(steps, 'SetInputVolume', 'inputVolumeMul', 'old');
        assert.equal(old.at(-1), 0);
        // OBS counts at least one frame
        assert.ok(values(steps, 'Sleep', 'sleepFrames').every((one) => one >= 1));
      }),
    );
  });

  it('keep the power the same all the way', () => {
    const steps = fadeSteps({ ...plan, volumes: { new: 1, old: 1 } });
    const [fresh, old] = ['new', 'old'].map((name) =>
      values(steps, 'SetInputVolume', 'inputVolumeMul', name),
    );
    for (const [at, value] of (old ?? []).entries())
      assert.ok(Math.abs(value ** 2 + (fresh?.[at] ?? 0) ** 2 - 1) < 1e-9);
  });

  it('the old one goes at the very end, whichever of the two is the upper one', () => {
    for (const freshIsAbove of [false, true]) {
      const steps = fadeSteps({ ...plan, freshIsAbove });
      const hides = steps.filter(({ requestType }) => requestType === 'SetSceneItemEnabled');
      assert.deepEqual(
        hides.map(({ requestData }) => requestData),
        [{ sceneName: 'Stage', sceneItemId: 1, sceneItemEnabled: false }],
      );
      assert.equal(steps.indexOf(hides[0] as BatchRequest), steps.length - 2);
      const opacity = steps
        .filter(({ requestType }) => requestType === 'SetSourceFilterSettings')
        .map(({ requestData }) => (requestData?.filterSettings as { opacity: number }).opacity);
      assert.equal(opacity.at(-1), freshIsAbove ? 1 : 0);
    }
  });

  it('the filter is not to be seen before, and says what to put back', () => {
    const { requestData } = fadeFilter(plan);
    assert.equal(requestData?.sourceName, 'old');
    assert.equal(requestData?.filterName, FADE_FILTER);
    assert.equal((requestData?.filterSettings as { opacity: number }).opacity, 1);
    assert.deepEqual(keptVolumes(requestData?.filterSettings), plan.volumes);
    assert.equal(fadeFilter({ ...plan, freshIsAbove: true }).requestData?.sourceName, 'new');
    fc.assert(fc.property(fc.anything(), (value) => void keptVolumes({ _live_volumes: value })));
    assert.deepEqual(
      keptVolumes({ _live_volumes: [{ name: 'a', factor: 21 }, { name: 7, factor: 1 }, null] }),
      {},
    );
  });

  it('the new one lies under the old one for at least a frame', () => {
    assert.equal(values(showUnder('Stage', plan.fresh, 0), 'Sleep', 'sleepFrames')[0], 1);
    assert.equal(values(showUnder('Stage', plan.fresh, 8), 'Sleep', 'sleepFrames')[0], 8);
  });
});
