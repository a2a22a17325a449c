import { createHash } from 'node:crypto';
import type { VmixInput } from '../../lib/vmix/state-types';

/** An input that somebody at the machine can change. */
export type Input = { -readonly [K in keyof VmixInput]: VmixInput[K] };

/** What runs is heard: -18 dB. */
const RUNNING_LEVEL = 0.125;

/** The same key for the same place of the same show, in each run. */
export function keyOf(place: number): string {
  const hash = createHash('sha256').update(`input ${place}`).digest('hex');
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    hash.slice(12, 16),
    hash.slice(16, 20),
    hash.slice(20, 32),
  ].join('-');
}

/** An input with what every input has; `sounds`: it has sound. */
export function makeInput(place: number, given: Partial<Input>, sounds: boolean, pfl: boolean): Input {
  const title = given.title ?? `Input ${place}`;
  const level = given.state === 'Running' ? RUNNING_LEVEL : 0;
  return {
    key: keyOf(place),
    number: place,
    type: 'Colour',
    title,
    shortTitle: title,
    state: 'Paused',
    positionMs: 0,
    durationMs: 0,
    page: null,
    loop: false,
    muted: sounds ? false : null,
    volume: sounds ? { amplitude: 100, fader: 100 } : null,
    balance: sounds ? 0 : null,
    solo: sounds ? false : null,
    buses: sounds ? ['M'] : null,
    meters: sounds ? { left: level, right: level } : null,
    selectedIndex: null,
    texts: [],
    images: [],
    list: [],
    layers: [],
    call: null,
    extra: sounds ? { ...(pfl ? { soloPFL: 'False' } : {}), gainDb: '0' } : {},
    ...given,
  };
}

/** The inputs of a small show. */
export function smallShow(pfl: boolean): Input[] {
  const shows: [Partial<Input>, boolean][] = [
    [{ type: 'Video', title: 'Intro.mp4', durationMs: 30_000 }, true],
    [{ type: 'Capture', title: 'Camera 1', state: 'Running' }, true],
    [{ type: 'Capture', title: 'Camera 2', state: 'Running' }, true],
    [{ type: 'Image', title: 'Pause' }, false],
    [
      {
        type: 'GT',
        title: 'Lower third',
        loop: null,
        selectedIndex: 0,
        texts: [
          { index: 0, name: 'Name.Text', value: 'Name' },
          { index: 1, name: 'Role.Text', value: 'Role' },
        ],
        images: [{ index: 2, name: 'Picture.Source', value: '' }],
      },
      false,
    ],
    [
      {
        type: 'VideoList',
        title: 'Playlist - one.mp4',
        shortTitle: 'Playlist',
        selectedIndex: 1,
        durationMs: 60_000,
        list: ['one.mp4', 'two.mp4'].map((name, at) => ({
          path: `C:\\Rehearsal\\${name}`,
          selected: at === 0,
        })),
      },
      true,
    ],
    [{ type: 'Colour', title: 'Black' }, false],
  ];
  return shows.map(([given, sounds], at) => makeInput(at + 1, given, sounds, pfl));
}
