// States of a vMix as fast-check makes them up: every flag, hostile texts, missing parts, for each version.
import fc from 'fast-check';
import { versionOf, type VmixInput, type VmixState } from '../../lib/vmix/state';
import type { VmixBus, VmixField, VmixOutput, VmixVolume } from '../../lib/vmix/state-types';
import { faderOf } from '../../lib/vmix/volume';

/** Objects as a parser makes them. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true });
}

const MAJORS = [21, 24, 27, 28, 29] as const;

/** What people, and vMix itself, call their inputs. */
const TITLES = [
  'true',
  'False',
  '007',
  '0x1F',
  '1e5',
  '',
  ' spaces ',
  'Cam & <Co> "two" \'three\'',
  'a\r\nb',
  'tab\there',
  ']]>',
  '<!-- no -->',
  '<?xml?>',
  '</vmix>',
  '&amp;',
  '&#xD;',
  '&lol9;',
  '__proto__',
  'constructor',
  '🎥 Kamera №1',
  'e\u0301',
  '\u0001',
  '#text',
  '%20+&=,',
];
const title = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...TITLES) },
  {
    weight: 1,
    arbitrary: fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replaceAll('\0', '')),
  },
);
/** Outside attributes a document keeps no carriage return: XML reads each line end as one character. */
const text = title.map((value) => value.replace(/\r\n?/g, '\n'));
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null, freq: 4 });
const flag = maybe(fc.boolean());
const whole = fc.nat(100_000_000);
const single = (most: number) =>
  fc
    .oneof(fc.constantFrom(0, most, 1.229964e-5 * most), fc.double({ min: 0, max: most, noNaN: true }))
    .map((value) => (value < 1e-30 ? 0 : Number(value.toPrecision(7))));
const volume: fc.Arbitrary<VmixVolume> = single(100).map((amplitude) => ({
  amplitude,
  fader: faderOf(amplitude),
}));
const meters = record({ left: single(1), right: single(1) });
const field: fc.Arbitrary<VmixField> = record({ index: maybe(fc.nat(99)), name: title, value: text });
const few = <T>(arbitrary: fc.Arbitrary<T>, maxLength = 3) => fc.array(arbitrary, { maxLength });

const extra = fc.dictionary(
  fc.constantFrom('soloPFL', 'gainDb', 'markIn', 'frameDelay', 'volumeF1', 'newIn31'),
  title,
  { maxKeys: 3, noNullPrototype: true },
);

/** Types that show a page where others show a time. */
const PAGED = ['Photos', 'PowerPoint'];
const type = fc.constantFrom(
  ...['Capture', 'Video', 'GT', 'VideoCall', 'Placeholder', 'SomethingNew', '', ...PAGED],
);

const input: fc.Arbitrary<VmixInput> = record({
  key: fc.uuid(),
  number: fc.integer({ min: 1, max: 2000 }),
  type,
  title,
  shortTitle: maybe(title),
  state: maybe(fc.constantFrom('Running', 'Paused', 'Completed', 'New')),
  positionMs: maybe(whole),
  durationMs: maybe(whole),
  page: record({ index: fc.nat(50), count: fc.nat(50) }),
  loop: flag,
  muted: flag,
  volume: maybe(volume),
  balance: maybe(single(1)),
  solo: flag,
  buses: maybe(fc.subarray(['M', 'A', 'B', 'G'])),
  meters: maybe(meters),
  selectedIndex: maybe(fc.nat(1200)),
  texts: few(field),
  images: few(field),
  list: few(record({ path: text, selected: fc.boolean() }), 4),
  layers: few(record({ index: maybe(fc.nat(9)), key: fc.uuid() })),
  call: record({
    connected: fc.boolean(),
    password: maybe(title),
    videoSource: maybe(fc.constantFrom('Output1', 'None')),
    audioSource: maybe(fc.constantFrom('Master', 'Headphones')),
  }),
  extra,
}).map((made) => ({
  ...made,
  ...(PAGED.includes(made.type) ? { positionMs: null, durationMs: null } : { page: null }),
  call: made.type === 'VideoCall' ? made.call : null,
}));

const bus: fc.Arbitrary<VmixBus> = record({
  volume: maybe(volume),
  muted: flag,
  meters: maybe(meters),
  solo: flag,
  sendToMaster: flag,
});

const output = (major: number): fc.Arbitrary<VmixOutput> =>
  record({
    type: fc.constantFrom('output', 'fullscreen'),
    number: fc.integer({ min: 1, max: 4 }),
    source: maybe(fc.constantFrom('Output', 'Preview', 'MultiView', 'Replay', 'Mix', 'Input')),
    inputNumber: maybe(fc.nat(1000)),
    mix: maybe(fc.nat(15)),
    external: fc.boolean(),
    ndi: fc.boolean(),
    srt: fc.boolean(),
    omt: major >= 29 ? fc.boolean() : fc.constant(false),
  });

function streaming(major: number): fc.Arbitrary<VmixState['streaming']> {
  const channelCount = major >= 28 ? 5 : 3;
  const numbers = Array.from({ length: channelCount }, (_, index) => index + 1);
  const all = (value: boolean | null, live: number[] = []) =>
    Object.fromEntries(numbers.map((number) => [number, live.includes(number) || value]));
  return fc.oneof(
    fc.constant({ on: null, channels: all(null), channelCount }),
    fc.constant({ on: false, channels: all(false), channelCount }),
    // vMix 21 says that it streams, and not where
    fc.constant({ on: true, channels: all(null), channelCount }),
    fc
      .subarray(numbers, { minLength: 1 })
      .map((live) => ({ on: true, channels: all(false, live), channelCount })),
  );
}

/** `inputs` inputs at most; a large number is made of few different ones, which is quicker. */
export function anyState(inputs = 6): fc.Arbitrary<VmixState> {
  const several =
    inputs <= 20
      ? fc.array(input, { maxLength: inputs })
      : fc
          .tuple(fc.array(input, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: inputs }))
          .map(([made, count]) =>
            Array.from({ length: count }, (_, index) => ({
              ...made[index % made.length]!,
              number: index + 1,
              key: `${made[index % made.length]!.key}-${index}`,
            })),
          );
  return fc.constantFrom(...MAJORS).chain((major) =>
    record({
      version: fc.nat(99).map((revision) => versionOf(`${major}.0.0.${revision}`)!),
      edition: maybe(fc.constantFrom('Trial', 'HD', '4K', 'Pro NFR')),
      preset: maybe(text),
      inputs: several,
      outputs: major >= 28 ? few(output(major), 6) : fc.constant(null),
      overlays: few(
        record({
          number: fc.integer({ min: 1, max: 16 }),
          inputNumber: maybe(fc.nat(1000)),
          preview: fc.boolean(),
        }),
        16,
      ),
      preview: maybe(fc.nat(1000)),
      active: maybe(fc.nat(1000)),
      fadeToBlack: flag,
      transitions: few(
        record({
          number: fc.integer({ min: 1, max: 4 }),
          effect: fc.constantFrom('Fade', 'CubeZoom'),
          durationMs: maybe(fc.nat(9999)),
        }),
        4,
      ),
      recording: fc.oneof(
        fc.constant({ on: null, durationS: null, files: [] }),
        record({
          on: fc.boolean(),
          durationS: maybe(whole),
          files: few(
            title.filter((name) => name !== ''),
            2,
          ),
        }),
      ),
      external: flag,
      streaming: streaming(major),
      playList: flag,
      multiCorder: flag,
      fullscreen: flag,
      mixes: few(
        record({
          number: fc.integer({ min: 2, max: 16 }),
          preview: maybe(fc.nat(1000)),
          active: maybe(fc.nat(1000)),
        }),
      ),
      audio: record({
        master: maybe(fc.tuple(bus, maybe(volume)).map(([one, headphones]) => ({ ...one, headphones }))),
        buses: fc.dictionary(fc.constantFrom(...'ABCDEFG'), bus, { noNullPrototype: true }),
      }),
      dynamic:
        major >= 24
          ? maybe(
              record({
                inputs: fc.array(text, { minLength: 4, maxLength: 4 }),
                values: fc.array(text, { minLength: 4, maxLength: 4 }),
              }),
            )
          : fc.constant(null),
    }),
  );
}

/** What a state is when these elements are missing in its document. */
export function withoutParts(state: VmixState, missing: ReadonlySet<string>): VmixState {
  const unknown = Object.fromEntries(Object.keys(state.streaming.channels).map((number) => [number, null]));
  const empty: { [K in keyof VmixState]?: VmixState[K] } = {
    edition: null,
    preset: null,
    inputs: [],
    outputs: state.version.major >= 28 ? [] : null,
    overlays: [],
    preview: null,
    active: null,
    fadeToBlack: null,
    transitions: [],
    recording: { on: null, durationS: null, files: [] },
    external: null,
    streaming: { ...state.streaming, on: null, channels: unknown },
    playList: null,
    multiCorder: null,
    fullscreen: null,
    mixes: [],
    audio: { master: null, buses: {} },
    dynamic: null,
  };
  const gone = Object.entries(empty).filter(([name]) => missing.has(name === 'mixes' ? 'mix' : name));
  return { ...state, ...Object.fromEntries(gone) };
}
