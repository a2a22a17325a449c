// What a transition of vMix is sent as: always a function that takes an input.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findFunction } from '../../lib/vmix/functions';
import type { VmixState } from '../../lib/vmix/state-types';
import { resolveTransition, transitionNames } from '../../lib/vmix/transitions';

const stateOf = (major: number, effects: [string, number | null][]): VmixState =>
  ({
    version: { text: `${major}.0.0.1`, parts: [major, 0, 0, 1], major },
    transitions: effects.map(([effect, durationMs], at) => ({ number: at + 1, effect, durationMs })),
  }) as unknown as VmixState;
const SHOW = stateOf(29, [
  ['Fade', 500],
  ['Merge', 1000],
  ['Cube Zoom', null],
  ['AlphaFade', 700],
]);
const code = (expected: string) => (error: { code?: string }) => error.code === expected;

describe('transitions of vMix', () => {
  it('a button is what the operator set for it, and no name is button 1', () => {
    assert.deepEqual(resolveTransition(SHOW, null, null), { name: 'Fade', durationMs: 500, takesMs: 500 });
    assert.deepEqual(resolveTransition(SHOW, 'transition2', null), {
      name: 'Merge',
      durationMs: 1000,
      takesMs: 1000,
    });
    assert.deepEqual(resolveTransition(SHOW, 'Transition 2', 300), {
      name: 'Merge',
      durationMs: 300,
      takesMs: 300,
    });
    assert.equal(resolveTransition(SHOW, 'Transition3', null).name, 'CubeZoom');
  });

  it('an effect takes a duration, a cut none, and of a stinger nobody knows it', () => {
    assert.deepEqual(resolveTransition(SHOW, 'verticalwipe', 1500), {
      name: 'VerticalWipe',
      durationMs: 1500,
      takesMs: 1500,
    });
    assert.deepEqual(resolveTransition(SHOW, 'Cut', 1500), { name: 'Cut', takesMs: 0 });
    assert.deepEqual(resolveTransition(SHOW, 'Stinger1', 500), { name: 'Stinger1', takesMs: 20_000 });
    assert.equal(resolveTransition(SHOW, 'Zoom', null).durationMs, undefined);
  });

  it('refuses what no version, or not this one, has, with what there is', () => {
    for (const name of [
      'Sparkle',
      'FadeToBlack',
      'StartRecording',
      'Transition5',
      'Stinger9',
      'Stinger',
      '',
      ' ',
    ])
      assert.throws(() => resolveTransition(SHOW, name, null), code('TRANSITION_UNKNOWN'), name);
    assert.throws(
      () => resolveTransition(SHOW, 'Transition4', null),
      /Transition4 \(set to AlphaFade\).*Merge/,
    );
    const old = stateOf(27, [['Fade', 500]]);
    assert.throws(() => resolveTransition(old, 'Stinger5', null), code('TRANSITION_UNKNOWN'));
    assert.throws(() => resolveTransition(old, 'Transition2', null), code('TRANSITION_UNKNOWN'));
    assert.ok(!transitionNames(27).includes('Stinger5') && transitionNames(29).includes('Stinger5'));
    for (const length of [0, -1, 20_001, NaN, Infinity])
      assert.throws(() => resolveTransition(SHOW, 'Fade', length), code('INPUT_INVALID'));
  });

  it('whatever is wished, what is sent takes an input and is no toggle', () => {
    const names = fc.oneof(fc.constantFrom(...transitionNames(29)), fc.string());
    fc.assert(
      fc.property(names, fc.option(fc.integer({ min: 1, max: 20_000 })), (name, ms) => {
        try {
          const sent = findFunction(resolveTransition(SHOW, name, ms).name);
          return sent !== null && !sent.toggle && sent.parameters.some((one) => one.name === 'Input');
        } catch (error) {
          return (error as { code?: string }).code === 'TRANSITION_UNKNOWN';
        }
      }),
    );
  });
});
