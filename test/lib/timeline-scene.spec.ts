// The mark of a scene change, on what change detection said of real clips at one picture a second.
import assert from 'node:assert/strict';
import { isSceneOf } from '../../pages/timeline/scene';

/** Of each kept picture: how much had changed; `*`: there was a cut, `_`: the picture before had stood still. Encoded with x264 at 1.5 Mbit/s. */
const CLIPS: Record<string, string> = {
  'cuts: test pictures': '10 9 10 10 12 *96 _*90 35 37 44 53 56 *87 87 67 58 49 43 *98 19 18 19 24 32',
  'cuts: cameras of one stage': '_*56 _*55 _*47 _*54 _*59 _*48 _*89 0 _*85 _*55 _*66 _*66',
  'cuts: dark cameras of one stage': '_*26 _*40 _*35 _*46 _*49 _*36 _*76',
  'cuts: slides, white with text': '_*9 _*9 _*8 _*8 _*7',
  'talking head, moves 6 px': '1 2 2 1 2 2 1 2 2 1 2 2 1 2 2 1 2 2 1 2 2 1 2 2 1 2 2 1 2',
  'talking head, moves 25 px': '3 5 4 4 5 4 4 5 4 4 5 4 4 5 4 4 5 4 3 4 3 3 5 4 4 5 4 3 5',
  'talking head, moves 60 px': '6 9 6 6 9 7 7 9 6 7 8 6 7 9 6 6 8 6 6 9 6 6 9 7 7 9 7 6 8',
  'counter and moving bars (testsrc2)':
    '10 9 10 10 12 12 12 11 11 10 11 10 10 9 10 10 11 11 11 11 11 10 11 10 10 8 10 10 12',
  'zoom without an end (mandelbrot)':
    '34 37 43 52 57 57 54 52 48 42 35 33 30 27 26 24 23 18 17 18 20 20 23 26 27 30 32 33 33',
  'game of life': '86 64 56 50 41 37 33 30 30 31 27 27 25 25 23 20 22 20 21 21 20 20 19 18 17 15 14 14 13',
  'slow gradients': '_3 _7 _1 _4 _7 _1',
  'quick gradients': '90 86 84 92 92 89 86 85 92 92 88 86 86 92 92 87 87 87 92 92 86 86 89 92 92 85 86 89 92',
  'still with noise 30': '_0 0 0 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0',
  'still with noise 60': '5 7 5 5 8 8 7 8 9 7 7 9 9 10 6 6 6 6 9 8 6 7 7 7 6 8 8 7 7',
  'slow pan': '21 22 23 26 28 29 31 31 32 32 32 33 35 37 38 38 39 39 39 39 39 37 35 32 29 26 22 19 18',
  'quick pan': '90 55 60 89 79 38 50 88 88 48 68 89 74 30 56 92 84 34 74 90 68 22 61 92 80 2 78 92 63',
  handheld: '18 31 30 11 25 33 28 3 29 33 25 16 32 33 21 24 34 33 10 28 33 28 9 32 35 27 20 33 33',
  'zoom in slowly': '18 18 18 19 19 17 13 11 10 12 13 13 12 9 9 8 8 7 4 4 4 3 2 2 2 3 3 3 3',
  'lower third on and off': '_8 _8 _8 _8 _8 _8 _8',
  'flashes of white': '100 _100 100 _100 100 _100 100 _100 100 _100 100 _100 100 _100 100',
  'light show':
    '100 100 100 100 93 100 100 100 100 79 100 100 100 100 74 100 100 100 100 _100 100 100 100 _100 100 100 100',
  'crossfade over 2 s': '_19 33 21',
};

/** What is marked of a clip. */
function marked(figures: string): { cuts: number; ofCuts: number; motion: number; ofMotion: number } {
  const told = { cuts: 0, ofCuts: 0, motion: 0, ofMotion: 0 };
  let at = 0;
  let before = [
    { at, samples: 1, why: 'first' as 'first' | 'changed', changedPercent: null as number | null },
  ];
  for (const figure of figures.split(' ')) {
    const isStill = figure.startsWith('_');
    before[0]!.samples = isStill ? 3 : 1;
    at += isStill ? 3_000 : 1_000;
    const frame = { at, samples: 1, why: 'changed' as const, changedPercent: Number(/\d+/.exec(figure)![0]) };
    const isScene = isSceneOf(frame, before);
    if (figure.includes('*')) {
      told.ofCuts++;
      if (isScene) told.cuts++;
    } else {
      told.ofMotion++;
      if (isScene) told.motion++;
    }
    before = [frame, ...before];
  }
  return told;
}

describe('the mark of a scene change', () => {
  const all = Object.entries(CLIPS).map(([name, figures]) => ({ name, ...marked(figures) }));
  const sum = (what: 'cuts' | 'ofCuts' | 'motion' | 'ofMotion') =>
    all.reduce((total, one) => total + one[what], 0);

  it('is on every cut between cameras, dark ones too, and between other pictures', () => {
    for (const { name, cuts, ofCuts } of all.filter((one) => one.ofCuts > 0 && !one.name.includes('slides')))
      assert.equal(cuts, ofCuts, name);
    assert.deepEqual([sum('cuts'), sum('ofCuts')], [22, 27]);
  });

  it('is on hardly anything that only moves', () => {
    assert.ok(sum('motion') <= 18 && sum('ofMotion') > 440, `${sum('motion')} of ${sum('ofMotion')}`);
    for (const { name, motion } of all.filter((one) => !/flashes|light show/.test(one.name)))
      assert.ok(motion <= 1, `${name}: ${motion}`);
  });

  it('where nothing is known of what was before, or it is long ago, takes more; and another size is always one', () => {
    const frame = { at: 10_000, why: 'changed' as const, changedPercent: 30 };
    const still = { at: 5_000, samples: 4, why: 'changed' as const, changedPercent: 3 };
    assert.equal(isSceneOf(frame, [still]), true);
    assert.equal(isSceneOf(frame, [{ ...still, samples: 1 }]), false);
    assert.equal(isSceneOf(frame, []), false);
    assert.equal(isSceneOf({ ...frame, changedPercent: 36 }, []), true);
    assert.equal(isSceneOf({ ...frame, why: 'resolution', changedPercent: 0 }, []), true);
    for (const why of ['first', 'keep-alive', 'asked'] as const)
      assert.equal(isSceneOf({ ...frame, why, changedPercent: 90 }, [still]), false, why);
  });
});
