import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { indexFor, inheritedTransform, wholeCanvas } from '../../lib/obs/switch-transform';

/** As OBS 29 answers for a source that nobody moved. */
const PLAIN = {
  alignment: 5,
  boundsAlignment: 0,
  boundsHeight: 0,
  boundsType: 'OBS_BOUNDS_NONE',
  boundsWidth: 0,
  cropBottom: 0,
  cropLeft: 0,
  cropRight: 0,
  cropTop: 0,
  height: 360,
  positionX: 40,
  positionY: 20,
  rotation: 0,
  scaleX: 0.5,
  scaleY: 0.5,
  sourceHeight: 720,
  sourceWidth: 1280,
  width: 640,
};

describe('where a new source goes', () => {
  it('what OBS computed and what it refuses is left out', () => {
    const same = inheritedTransform(PLAIN, { width: 1280, height: 720 });
    assert.deepEqual(Object.keys(same).sort(), [
      'alignment',
      'boundsAlignment',
      'boundsType',
      'cropBottom',
      'cropLeft',
      'cropRight',
      'cropTop',
      'positionX',
      'positionY',
      'rotation',
      'scaleX',
      'scaleY',
    ]);
    const bound = { ...PLAIN, boundsType: 'OBS_BOUNDS_STRETCH', boundsWidth: 320, boundsHeight: 180 };
    assert.equal(inheritedTransform(bound, { width: 640, height: 360 }).boundsWidth, 320);
    assert.equal('scaleX' in inheritedTransform({ ...PLAIN, scaleX: null }, { width: 0, height: 0 }), false);
  });

  it('another size of the same shape fills the same rectangle, and is cropped at the same places', () => {
    const small = inheritedTransform({ ...PLAIN, cropLeft: 100, cropTop: 36 }, { width: 640, height: 360 });
    assert.deepEqual([small.scaleX, small.scaleY, small.cropLeft, small.cropTop], [1, 1, 50, 18]);
    const flipped = inheritedTransform({ ...PLAIN, scaleX: -0.5 }, { width: 640, height: 360 });
    assert.deepEqual([flipped.scaleX, flipped.scaleY], [-1, 1]);
  });

  it('another shape is fitted into the same rectangle', () => {
    const tall = inheritedTransform(PLAIN, { width: 1080, height: 1920 });
    assert.deepEqual(
      [tall.boundsType, tall.boundsWidth, tall.boundsHeight, tall.positionX],
      ['OBS_BOUNDS_SCALE_INNER', 640, 360, 40],
    );
  });

  it('the first one fills the canvas', () => {
    const { boundsType, boundsWidth, boundsHeight } = wholeCanvas({ width: 1920, height: 1080 });
    assert.deepEqual([boundsType, boundsWidth, boundsHeight], ['OBS_BOUNDS_SCALE_INNER', 1920, 1080]);
  });

  it('right below the old one, or with so many above it once that is gone', () => {
    // 9 is the new one, on top, as OBS makes it
    assert.equal(indexFor([1, 2, 3, 9], 9, 2, { where: 'old', fromTop: 0 }), 1);
    assert.equal(indexFor([9, 1, 2, 3], 9, 3, { where: 'old', fromTop: 0 }), 2);
    assert.equal(indexFor([1, 2, 3, 9], 9, null, { where: 'old', fromTop: 1 }), 2);
    assert.equal(indexFor([1, 2, 3, 9], 9, null, { where: 'from-top', fromTop: 50 }), 0);
    assert.equal(indexFor([1, 2, 3, 9], 9, 7, { where: 'old', fromTop: 0 }), 3);
    assert.equal(indexFor([9], 9, null, { where: 'old', fromTop: 5 }), 0);

    const ids = fc.uniqueArray(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(ids, fc.nat(14), fc.nat(11), fc.nat(11), (all, fromTop, a, b) => {
        const fresh = all[a % all.length] ?? 0;
        const old = all[b % all.length] ?? 0;
        const place = (where: 'old' | 'from-top') => {
          const others = all.filter((id) => id !== fresh);
          const at = indexFor(all, fresh, old === fresh ? null : old, { where, fromTop });
          return [...others.slice(0, at), fresh, ...others.slice(at)];
        };
        const top = place('from-top').filter((id) => id !== old || old === fresh);
        assert.equal(top.length - 1 - top.indexOf(fresh), Math.min(fromTop, top.length - 1));
        if (old !== fresh) assert.equal(place('old').indexOf(old), place('old').indexOf(fresh) + 1);
      }),
    );
  });
});
