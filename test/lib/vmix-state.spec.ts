// What vMix sends as its state, and what is made of it: whatever comes, in whatever order, or not at all.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { LARGEST_DOCUMENT_BYTES } from '../../lib/vmix/document';
import { findInput, inputNumbered, parseState, srtOf, versionOf, type VmixInput } from '../../lib/vmix/state';
import { amplitudeOf, decibelsOf, faderOf } from '../../lib/vmix/volume';
import { documentParts, joinParts, netNumber, writeDocument } from '../../simulators/vmix/document';
import { loops, notApplicable } from '../support';
import { anyState, withoutParts } from '../support/vmix-state';

const RUNS = { numRuns: loops(1000, 100) };
const HEADS = [
  '',
  '\ufeff',
  '<?xml version="1.0" encoding="utf-8"?>',
  '\ufeff<?xml version="1.0"?>\r\n<?vmix something new="1"?> ',
  '<!-- a copy -->\n',
];
const around = (inside: string) => `<vmix><version>29.0.0.49</version>${inside}</vmix>`;
const code = (expected: string) => (error: { code?: string }) => error.code === expected;

describe('state documents', () => {
  it('say what they were made from, whatever it was', () => {
    fc.assert(
      fc.property(anyState(), fc.constantFrom(...HEADS), fc.constantFrom('', '\r\n'), (state, head, end) => {
        const document = head + writeDocument(state) + end;
        assert.deepEqual(parseState(document), state);
        assert.deepEqual(parseState(Buffer.from(document)), state);
      }),
      RUNS,
    );
  });

  it('up to a thousand inputs', () => {
    fc.assert(
      fc.property(anyState(1000), (state) => assert.deepEqual(parseState(writeDocument(state)), state)),
      { numRuns: loops(100, 10) },
    );
  });

  it('in any order of their elements, with any of them missing', () => {
    fc.assert(
      fc.property(anyState(3), fc.infiniteStream(fc.nat(1000)), (state, chance) => {
        const parts = documentParts(state);
        // mixes keep their order among themselves, as inputs do
        const ranks = new Map(parts.map(([name]) => [name, chance.next().value]));
        const present = parts.filter(([name]) => name === 'version' || (ranks.get(name) ?? 0) > 250);
        const shuffled = [...present].sort(([a], [b]) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0));
        const names = new Set(present.map(([name]) => name));
        const missing = new Set(parts.map(([name]) => name).filter((name) => !names.has(name)));
        assert.deepEqual(parseState(joinParts(shuffled)), withoutParts(state, missing));
      }),
      RUNS,
    );
  });

  it('are refused when they are cut off, at whatever byte', () => {
    fc.assert(
      fc.property(anyState(2), fc.constantFrom(...HEADS), (state, head) => {
        const bytes = Buffer.from(head + writeDocument(state));
        for (let cut = 0; cut < bytes.length; cut++)
          assert.throws(
            () => parseState(bytes.subarray(0, cut)),
            code('VMIX_DOCUMENT_TRUNCATED'),
            `at ${cut}`,
          );
      }),
      { numRuns: loops(50, 5) },
    );
  });

  it('know one input from none and many', () => {
    assert.deepEqual(parseState(around('')).inputs, []);
    assert.deepEqual(parseState(around('<inputs />')).inputs, []);
    assert.deepEqual(parseState(around('<inputs></inputs>')).inputs, []);
    const one = '<input key="k" number="1" type="Blank" title="A" />';
    assert.deepEqual(
      parseState(around(`<inputs>${one}</inputs>`)).inputs.map(({ title }) => title),
      ['A'],
    );
    assert.equal(parseState(around(`<inputs>${one}${one}</inputs>`)).inputs.length, 2);
  });

  it('take an input without key and number, and one as vMix 11 wrote it', () => {
    const { inputs } = parseState(
      around('<inputs><input type="Blank" title="A" /><input>B</input></inputs>'),
    );
    assert.deepEqual(
      inputs.map(({ key, number, title, shortTitle }) => ({ key, number, title, shortTitle })),
      [
        { key: '#1', number: 1, title: 'A', shortTitle: null },
        { key: '#2', number: 2, title: 'B', shortTitle: null },
      ],
    );
  });

  it('tell no sound from muted', () => {
    const { inputs } = parseState(
      around(
        '<inputs><input number="1" title="A" /><input number="2" title="B" muted="TRUE" audiobusses="" /></inputs>',
      ),
    );
    assert.deepEqual(
      inputs.map(({ muted, buses, meters, volume }) => ({ muted, buses, meters, volume })),
      [
        { muted: null, buses: null, meters: null, volume: null },
        { muted: true, buses: [], meters: null, volume: null },
      ],
    );
  });

  it('take a channel that is said to be off, flags in any case, and nothing for a flag that is neither', () => {
    const state = parseState(
      around(
        '<streaming channel1="False" channel2="true" channel9="x" channelX="True">TRUE</streaming>' +
          '<recording>maybe</recording><external>false</external><fullscreen />',
      ),
    );
    assert.deepEqual(state.streaming.channels, {
      ...{ 1: false, 2: true, 3: false, 4: false, 5: false },
      ...{ 6: false, 7: false, 8: false, 9: false },
    });
    assert.deepEqual([state.recording.on, state.external, state.fullscreen], [null, false, null]);
  });

  it('show SRT only where the version can', () => {
    const outputs =
      '<outputs><output type="fullscreen" number="2" srt="True" /><output type="Output" number="2" /></outputs>';
    assert.equal(srtOf(parseState(around(outputs)), 2), false);
    assert.equal(
      srtOf(parseState(around(outputs.replace('number="2" />', 'number="2" srt="True" />'))), 2),
      true,
    );
    assert.equal(srtOf(parseState(around(outputs)), 3), null);
    const old = parseState('<vmix><version>27.0.0.81</version></vmix>');
    assert.deepEqual([old.outputs, srtOf(old, 1), old.streaming.channelCount], [null, null, 3]);
  });

  it('read what XML hides: entities, numbers of characters, CDATA, comments', () => {
    const { preset, edition } = parseState(
      around(
        '<preset>&#67;:\\&#x1F3A5; &amp;lt; &lol; &#0; &#xD800;</preset><edition><!-- no --><![CDATA[4<K]]></edition>',
      ),
    );
    assert.equal(preset, 'C:\\🎥 &lt; &lol; &#0; &#xD800;');
    assert.equal(edition, '4<K');
  });

  it('take the first of two', () => {
    assert.equal(parseState(around('<active>1</active><active>2</active>')).active, 1);
  });

  it('know numbers from what looks like one', () => {
    const numbers = [
      '5',
      '05',
      '1.5',
      '-1',
      '1,5',
      '0x10',
      'NaN',
      'Infinity',
      '1e400',
      '9'.repeat(30),
      '',
      ' 5',
    ];
    assert.deepEqual(
      numbers.map((text) => parseState(around(`<active>${text}</active>`)).active),
      [5, 5, ...Array<null>(10).fill(null)],
    );
  });

  describe('that are none', () => {
    const none: [string, string | Buffer, string][] = [
      ['nothing', '', 'VMIX_DOCUMENT_TRUNCATED'],
      ['white space', ' \r\n', 'VMIX_DOCUMENT_TRUNCATED'],
      ['the refusal of a browser', 'Browser script access not permitted', 'VMIX_BROWSER_REFUSED'],
      ['what a function answers', 'Function completed successfully.', 'VMIX_NOT_VMIX'],
      ['a web page', '<!DOCTYPE html><html><body>hi</body></html>', 'VMIX_NOT_VMIX'],
      ['another document', '<?xml version="1.0"?><rss></rss>', 'VMIX_NOT_VMIX'],
      ['a name that begins like it', '<vmixer><version>1</version></vmixer>', 'VMIX_NOT_VMIX'],
      [
        'a type of its own',
        '<!DOCTYPE vmix [<!ENTITY a "b">]><vmix><version>1</version></vmix>',
        'VMIX_NOT_VMIX',
      ],
      ['one without version', '<vmix><edition>4K</edition></vmix>', 'VMIX_NOT_VMIX'],
      ['a version of words', '<vmix><version>twenty</version></vmix>', 'VMIX_NOT_VMIX'],
      ['bytes', Buffer.from([0, 255, 254, 60, 118]), 'VMIX_NOT_VMIX'],
      [
        'an end within another element',
        '<vmix><version>29.0</version><preset></vmix',
        'VMIX_DOCUMENT_TRUNCATED',
      ],
      ['a tag that never ends', around('<inputs><input title="a></inputs>'), 'VMIX_DOCUMENT_BROKEN'],
      ['depth without end', around('<a>'.repeat(5000)), 'VMIX_DOCUMENT_BROKEN'],
      ['a prototype', around('<__proto__ polluted="1" />'), 'VMIX_DOCUMENT_BROKEN'],
      ['a constructor', around('<inputs><input constructor="1" /></inputs>'), 'VMIX_DOCUMENT_BROKEN'],
    ];
    for (const [what, document, expected] of none)
      it(what, () => assert.throws(() => parseState(document), code(expected)));

    it('too much of it', () => {
      const most = around(
        `<preset>${'a'.repeat(LARGEST_DOCUMENT_BYTES - around('<preset></preset>').length)}</preset>`,
      );
      assert.equal(Buffer.byteLength(most), LARGEST_DOCUMENT_BYTES);
      assert.equal(parseState(most).inputs.length, 0);
      assert.throws(() => parseState(`${most} `), code('VMIX_DOCUMENT_TOO_LARGE'));
    });

    it('instructions without end, soon', () => {
      assert.throws(() => parseState(around('<?x?>'.repeat(1_500_000))), code('VMIX_DOCUMENT_BROKEN'));
      assert.equal(parseState(around('<?x y="1"?>'.repeat(100))).version.major, 29);
    });

    it('too many elements, soon', () => {
      const many = around('<a/>'.repeat(1_500_000));
      assert.throws(() => parseState(many), code('VMIX_DOCUMENT_BROKEN'));
    });

    it('and say nothing of what they hold', () => {
      const secret = 'hunter2hunter2';
      for (const document of [
        secret,
        `<vmix>${secret}`,
        around(`<${secret} title="`),
        `<rss>${secret}</rss>`,
      ])
        assert.throws(
          () => parseState(document, 'studio:8088'),
          (error: Error) => error.message.includes('studio:8088') && !String(error.stack).includes(secret),
        );
    });
  });

  it('are read or refused in words, whatever was changed in them', () => {
    const spoil = fc.record({
      at: fc.nat(),
      length: fc.nat(6),
      put: fc.constantFrom(
        '',
        '<',
        '>',
        '"',
        '&',
        '</',
        '/>',
        '<![CDATA[',
        '<!--',
        '<!DOCTYPE x [',
        '=',
        ' ',
        '&#x;',
        '\0',
      ),
    });
    fc.assert(
      fc.property(anyState(3), fc.array(spoil, { minLength: 1, maxLength: 4 }), (state, spoils) => {
        let document = writeDocument(state);
        for (const { at, length, put } of spoils) {
          const place = at % document.length;
          document = document.slice(0, place) + put + document.slice(place + length);
        }
        try {
          const { inputs, version } = parseState(document);
          assert.ok(version.major > 0 || version.text !== '');
          for (const { key, number } of inputs) assert.ok(key !== '' && Number.isSafeInteger(number));
        } catch (error) {
          assert.match(String((error as { code?: string }).code), /^VMIX_(NOT_VMIX|DOCUMENT_\w+)$/);
        }
      }),
      { numRuns: loops(5000, 500) },
    );
  });

  it('explode nothing and pollute nothing', () => {
    const bomb =
      '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>' +
      '<preset>&c;&c;</preset>';
    let preset: string | null = null;
    try {
      ({ preset } = parseState(around(bomb)));
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'VMIX_DOCUMENT_BROKEN');
    }
    assert.ok(preset === null || preset === '&c;&c;');
    const { inputs } = parseState(
      around('<inputs><input toString="x" hasOwnProperty="y" valueOf="z" /></inputs>'),
    );
    assert.equal(typeof inputs[0]?.extra.toString, 'function');
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
  });

  it('find an input by key, number or title', () => {
    const state = parseState(
      around(
        '<inputs><input key="k1" number="1" title="2" /><input key="k2" number="2" title="Cam" /><input key="k3" number="3" title="Cam" /></inputs>',
      ),
    );
    assert.equal(findInput(state, 'k3')?.number, 3);
    assert.equal(findInput(state, '2')?.key, 'k2');
    assert.equal(findInput(state, 'Cam')?.key, 'k2');
    assert.equal(findInput(state, 'cam'), null);
    assert.equal(inputNumbered(state, 0), null);
    assert.equal(inputNumbered(state, 3)?.key, 'k3');
  });
});

describe('versions of vMix', () => {
  it('have up to four parts', () => {
    assert.deepEqual(versionOf('29.0.0.49')?.parts, [29, 0, 0, 49]);
    assert.deepEqual(versionOf(' 27.0 ')?.parts, [27, 0, 0, 0]);
    for (const text of ['', 'x', '1.2.3.4.5', '29.0.0.49 beta', '999999'])
      assert.equal(versionOf(text), null);
  });
});

describe('volumes of vMix', () => {
  it('are amplitudes where they are read and faders where they are written', () => {
    const measured = [
      [50, 6.25],
      [75, 31.64063],
      [90, 65.60999],
      [25, 0.390625],
      [80, 40.96],
      [70, 24.01],
      [100, 100],
      [0, 0],
    ] as const;
    for (const [fader, amplitude] of measured) {
      assert.equal(faderOf(amplitude), fader);
      assert.ok(Math.abs(amplitudeOf(fader) - amplitude) < 2e-5, `${fader}`);
    }
    for (let fader = 0; fader <= 100; fader++) assert.equal(faderOf(amplitudeOf(fader)), fader);
    assert.equal(decibelsOf(0), null);
    assert.equal(decibelsOf(0.1), -20);
  });

  it('are written as .NET does', () => {
    assert.deepEqual([1.229964e-5, 0.0007324442, 31.640625, 0, 100, 0.5].map(netNumber), [
      '1.229964E-05',
      '0.0007324442',
      '31.64063',
      '0',
      '100',
      '0.5',
    ]);
  });
});

// documents of real versions, published by others, where they are at hand
const captures = join(__dirname, '..', '..', '..', 'shared', 'vmix-captures');

/** The document; `whole`: a piece of one, which lacks its version. Skips the test where it is not at hand. */
function capture(test: Mocha.Context, name: string, whole = true): string {
  const file = join(captures, name);
  if (!existsSync(file)) return notApplicable(test, `${name} is not at hand`);
  const text = readFileSync(file, 'utf8');
  return whole ? text : text.replace('<vmix>', '<vmix><version>24.0.0.56</version>');
}

describe('documents of real versions', () => {
  it('27.0.0.61, byte for byte as it came', function () {
    const document = capture(this, 'bitfocus-companion-module-studiocoast-vmix_v27.0.0.61.xml');
    const state = parseState(document);
    const bus = {
      volume: { amplitude: 100, fader: 100 },
      muted: false,
      meters: { left: 0, right: 0 },
      solo: false,
      sendToMaster: false,
    };
    const input = (number: number, key: string): VmixInput => ({
      key,
      number,
      type: 'Image',
      title: `SampleInput${number}`,
      shortTitle: `SampleInput${number}`,
      state: 'Paused',
      positionMs: 0,
      durationMs: 0,
      page: null,
      loop: false,
      muted: null,
      volume: null,
      balance: null,
      solo: null,
      buses: null,
      meters: null,
      selectedIndex: null,
      texts: [],
      images: [],
      list: [],
      layers: [],
      call: null,
      extra: {},
    });
    assert.deepEqual(state, {
      version: { text: '27.0.0.61', parts: [27, 0, 0, 61], major: 27 },
      edition: 'Pro NFR',
      preset: ['C:', 'Users', 'jeff', 'AppData', 'Roaming', 'last.vmix'].join('\\'),
      inputs: [
        input(1, '2ba7427a-71d6-4973-acfc-52935f3e0b0b'),
        input(2, '9e69f116-85ac-4790-939f-3ff5fb567934'),
      ],
      outputs: null,
      overlays: [1, 2, 3, 4, 5, 6, 7, 8].map((number) => ({ number, inputNumber: null, preview: false })),
      preview: 2,
      active: 1,
      fadeToBlack: false,
      transitions: [
        { number: 1, effect: 'Fade', durationMs: 500 },
        { number: 2, effect: 'Merge', durationMs: 2000 },
        { number: 3, effect: 'Wipe', durationMs: 1000 },
        { number: 4, effect: 'CubeZoom', durationMs: 1000 },
      ],
      recording: { on: false, durationS: null, files: [] },
      external: false,
      streaming: { on: false, channels: { 1: false, 2: false, 3: false }, channelCount: 3 },
      playList: false,
      multiCorder: false,
      fullscreen: false,
      mixes: [],
      audio: {
        master: {
          ...bus,
          solo: null,
          sendToMaster: null,
          headphones: { amplitude: 100, fader: 100 },
        },
        buses: { A: bus, B: bus, C: bus, D: bus, E: bus, F: bus, G: bus },
      },
      dynamic: { inputs: ['1', '', '', ''], values: ['1', '2', '3', ''] },
    });
    // and it is written again as it came
    assert.equal(writeDocument(state), document.trim());
  });

  it('27.0.0.81', function () {
    const state = parseState(capture(this, 'FlowingSPDG-vmix-rs_v27.0.0.81.xml'));
    const [mix, list] = state.inputs;
    assert.deepEqual(
      [state.edition, state.external, state.recording.on, state.streaming.on],
      ['4K', true, false, false],
    );
    assert.deepEqual(
      [mix?.type, mix?.title, mix?.muted, mix?.layers.length, mix?.layers[6]],
      ['Colour', 'Team A MIX', null, 7, { index: 6, key: 'dc151ef7-fb96-4592-bde8-b474d8c754a9' }],
    );
    assert.deepEqual(
      [
        list?.number,
        list?.title,
        list?.shortTitle,
        list?.muted,
        list?.volume,
        list?.buses,
        list?.selectedIndex,
      ],
      [21, 'Left_Top - DC CORE_Top.png', 'Left_Top', false, { amplitude: 100, fader: 100 }, ['M'], 1],
    );
    assert.equal(list?.list.length, 8);
    assert.deepEqual(
      list?.list.map(({ selected }) => selected),
      [true, ...Array<boolean>(7).fill(false)],
    );
    assert.ok(list?.list[7]?.path.endsWith('ST NEXT_Top.png'));
    assert.deepEqual(list?.extra, { soloPFL: 'False', gainDb: '0' });
    assert.deepEqual(state.audio.master?.meters, { left: 1.229964e-5, right: 1.229964e-5 });
    assert.deepEqual(Object.keys(state.audio.buses), ['A', 'B']);
    assert.deepEqual(state.audio.buses.A?.volume, { amplitude: 59.96953, fader: 88 });
    assert.deepEqual(state.dynamic, { inputs: ['', '', '', ''], values: ['', '', '', ''] });
  });

  it('21.0.0.55, indented by a person', function () {
    const state = parseState(capture(this, 'Sofie-TSR-mock_v21.0.0.55.xml'));
    assert.deepEqual(
      state.inputs.map(({ title, shortTitle, muted, buses }) => ({ title, shortTitle, muted, buses })),
      [
        { title: 'Cam 1', shortTitle: null, muted: false, buses: ['M'] },
        { title: 'Cam 2', shortTitle: null, muted: true, buses: ['M', 'C'] },
      ],
    );
    assert.equal(state.overlays.length, 6);
    assert.deepEqual(state.recording, { on: true, durationS: 25_519, files: [] });
    // it streams, and does not say where
    assert.deepEqual(state.streaming, { on: true, channels: { 1: null, 2: null, 3: null }, channelCount: 3 });
    assert.deepEqual(state.audio.master?.headphones, { amplitude: 74.80521, fader: 93 });
    assert.equal(state.audio.buses.E?.muted, true);
    assert.equal(state.dynamic, null);
  });

  it('pieces of 24.0.0: flags, mixes, streams that come in', function () {
    const flags = parseState(
      capture(this, 'fragment_jensstigaard-vmix-js-utils_general-state_v24.0.0.56.xml'),
    );
    assert.deepEqual(
      [flags.edition, flags.fadeToBlack, flags.multiCorder, flags.inputs, flags.audio.master],
      ['Pro', false, false, [], null],
    );
    const mixes = parseState(capture(this, 'fragment_jensstigaard-vmix-js-utils_mixes_v24.0.0.51.xml'));
    assert.deepEqual(mixes.mixes, [
      { number: 2, preview: 1, active: 3 },
      { number: 3, preview: 0, active: 0 },
      { number: 4, preview: 0, active: 0 },
    ]);
    assert.equal(mixes.preset, null);
    const streams = parseState(capture(this, 'fragment_jensstigaard-vmix-js-utils_streams_v24.0.0.56.xml'));
    assert.deepEqual(
      streams.inputs.map(({ number, type, meters }) => [number, type, meters?.left]),
      [
        [9, 'SRT', 0],
        [10, 'Stream', 0.01793959],
        [13, 'VLC', 0.2591553],
      ],
    );
  });

  it('pieces of 24.0.0: titles and a call', function () {
    const titles = parseState(
      capture(this, 'fragment_jensstigaard-vmix-js-utils_titles-inputs.xml', false),
    ).inputs;
    assert.deepEqual(
      titles.map(({ number, type, loop, texts, images }) => [
        number,
        type,
        loop,
        texts.length,
        images.length,
      ]),
      [
        [1, 'Blank', false, 0, 0],
        [2, 'Blank', false, 0, 0],
        [4, 'GT', null, 27, 0],
        [5, 'Xaml', false, 2, 0],
        [6, 'Xaml', false, 4, 4],
      ],
    );
    assert.deepEqual(titles[2]?.texts[26], { index: 26, name: 'Away-Player12.Text', value: 'Away 12' });
    assert.equal(titles[2]?.title, 'Scoreboard 3- Lineup 12.gtzip');
    const [call] = parseState(
      capture(this, 'fragment_jensstigaard-vmix-js-utils_video-call.xml', false),
    ).inputs;
    assert.deepEqual(call?.call, {
      connected: false,
      password: '2838532823',
      videoSource: 'Output1',
      audioSource: 'Master',
    });
    assert.equal(call?.title, 'Call XYZ');
  });

  it('are refused when they are cut off, at whatever byte', function () {
    const bytes = Buffer.from(
      capture(this, 'bitfocus-companion-module-studiocoast-vmix_v27.0.0.61.xml').trimEnd(),
    );
    for (let cut = 0; cut < bytes.length; cut++)
      assert.throws(() => parseState(bytes.subarray(0, cut)), code('VMIX_DOCUMENT_TRUNCATED'), `at ${cut}`);
  });
});
