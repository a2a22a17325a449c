// Which input a person means, by key, number or title.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LiveError } from '../../lib/errors';
import { findInput, inputParameter, resolveInput } from '../../lib/vmix/inputs';
import { parseState, type VmixState } from '../../lib/vmix/state';
import { loops } from '../support';
import { anyState } from '../support/vmix-state';

const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;');

function stateOf(...inputs: [key: string, title: string, shortTitle?: string][]): VmixState {
  const parts = inputs.map(
    ([key, title, short], at) =>
      `<input${key ? ` key="${key}"` : ''} number="${at + 1}" type="Colour" title="${escaped(title)}"` +
      `${short === undefined ? '' : ` shortTitle="${escaped(short)}"`} />`,
  );
  return parseState(`<vmix><version>29.0.0.49</version><inputs>${parts.join('')}</inputs></vmix>`);
}
const numberOf = (state: VmixState, wanted: string) => findInput(state, wanted).input?.number ?? null;
function thrown(work: () => unknown): LiveError {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof LiveError);
    return error;
  }
  return assert.fail('nothing was thrown');
}

describe('an input of vMix, as a person names it', () => {
  const show = stateOf(
    ['AA-1', 'Intro'],
    ['aa-2', '1'],
    ['k3', 'Live'],
    ['k4', 'Live'],
    ['k5', 'List - one.mp4', 'List'],
  );

  it('is found by its key, its number and its whole title', () => {
    for (const [wanted, number] of [
      ['AA-1', 1],
      ['aa-1', 1],
      ['Intro', 1],
      [' Intro ', 1],
      ['2', 2],
      ['5', 5],
      ['List - one.mp4', 5],
      ['List', 5],
      ['k4', 4],
    ] as const)
      assert.equal(numberOf(show, wanted), number, wanted);
  });

  it('is not guessed: capitals count, and so does every letter', () => {
    for (const wanted of ['', ' ', 'intro', 'Intr', '0', '-1', '01', '6', '1e0', '#1', 'Live 2', '__proto__'])
      assert.equal(numberOf(show, wanted), null, wanted);
  });

  it('that is unknown is told with those there are', () => {
    const { code, message } = thrown(() => resolveInput(show, 'Cam 9', 'SOURCE_UNKNOWN'));
    assert.equal(code, 'SOURCE_UNKNOWN');
    assert.equal(
      message,
      'vMix has no input called "Cam 9". It has: 1 Intro, 2 1, 3 Live, 4 Live, 5 List - one.mp4.',
    );
    assert.equal(thrown(() => resolveInput(show, '', 'SCENE_UNKNOWN')).code, 'SCENE_UNKNOWN');
    assert.match(thrown(() => resolveInput(stateOf(), '1', 'SCENE_UNKNOWN')).message, /It has: none\.$/);
  });

  it('that fits several is refused with each of them: nobody wants the wrong one on air', () => {
    for (const [wanted, fits] of [
      ['Live', '3 "Live" (key k3), 4 "Live" (key k4)'],
      ['1', '1 "Intro" (key AA-1), 2 "1" (key aa-2)'],
    ] as const) {
      const { code, message } = thrown(() => resolveInput(show, wanted, 'SCENE_UNKNOWN'));
      assert.equal(code, 'VMIX_INPUT_AMBIGUOUS');
      assert.ok(message.includes(fits), message);
    }
  });

  it('is told to vMix by its key, which stays when inputs are moved, or by its number where there is none', () => {
    assert.equal(inputParameter(resolveInput(show, '5', 'SCENE_UNKNOWN')), 'k5');
    assert.equal(inputParameter(resolveInput(stateOf(['', 'Old']), 'Old', 'SCENE_UNKNOWN')), '1');
  });

  it('of any state is found by its key; and whatever is asked for, it is one that fits', () => {
    fc.assert(
      fc.property(anyState(), fc.string(), (state, asked) => {
        const keys = state.inputs.map(({ key }) => key.toLowerCase());
        for (const input of state.inputs) {
          if (keys.filter((key) => key === input.key.toLowerCase()).length === 1)
            assert.equal(findInput(state, input.key).input, input);
          for (const wanted of [input.title, String(input.number), asked]) {
            const { input: found } = findInput(state, wanted);
            const fits = found && [
              found.key.toLowerCase(),
              String(found.number),
              found.title.trim(),
              found.shortTitle?.trim(),
            ];
            assert.ok(!fits || fits.includes(wanted.trim()) || fits[0] === wanted.trim().toLowerCase());
          }
        }
      }),
      { numRuns: loops(300, 100) },
    );
  });
});
