// What an attacker, a broken proxy or another writer of XML could send as the state of a vMix.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LARGEST_DOCUMENT_BYTES } from '../../lib/vmix/document';
import { parseState } from '../../lib/vmix/state';
import { tagsAreSound } from '../../lib/vmix/tags';
import { writeDocument } from '../../simulators/vmix/document';
import { loops } from '../support';
import { anyState } from '../support/vmix-state';

const around = (inside: string) => `<vmix><version>29.0.0.49</version>${inside}</vmix>`;
const code = (expected: string) => (error: { code?: string }) => error.code === expected;
const broken = code('VMIX_DOCUMENT_BROKEN');
/** So much that it would be refused at the next byte. */
const full = (unit: string, head: string, tail: string): string =>
  around(
    head +
      unit.repeat(Math.floor((LARGEST_DOCUMENT_BYTES - around(head + tail).length) / unit.length)) +
      tail,
  );
const TAG = /<([\w]+)((?:\s+\w+="[^"]*")*)\s*(\/?)>/g;

/** The same document as another writer of XML would put it. */
function rewritten(document: string, next: () => number): string {
  return document.replace(TAG, (_, name: string, attributes: string, end: string) => {
    const pieces = [...attributes.matchAll(/(\w+)="([^"]*)"/g)].map(([, attribute, value = '']) => {
      const quote = next() % 2 === 0 && !value.includes("'") ? "'" : '"';
      const equals = ['=', ' =', '= ', ' = '][next() % 4];
      return { rank: next(), text: `${attribute}${equals}${quote}${value}${quote}` };
    });
    pieces.sort((one, other) => one.rank - other.rank);
    const space = ['', ' ', '\n '][next() % 3];
    return `<${[name, ...pieces.map(({ text }) => text)].join([' ', '\n', '  '][next() % 3])}${space}${end}>`;
  });
}

describe('hostile state documents', () => {
  it('of another writer say the same: attributes in any order, either quotes, spaces anywhere', () => {
    fc.assert(
      fc.property(anyState(4), fc.infiniteStream(fc.nat(1000)), (state, chance: Iterator<number, number>) => {
        const document = writeDocument(state);
        const other = rewritten(document, () => chance.next().value ?? 0);
        // the same parts stand in another order: compared as data
        assert.deepEqual(parseState(other), parseState(document));
      }),
      { numRuns: loops(1000, 100) },
    );
  });

  it('with the texts, pictures, layers and the list of an input in any order among each other', () => {
    const children = [
      '<text index="0" name="a">A</text>',
      '<image index="0" name="i">I</image>',
      '<overlay index="0" key="k" />',
      '<list><item selected="true">L</item></list>',
      '<position x="1" />',
      'Title',
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(children, { minLength: 6 }), (order) => {
        const [input] = parseState(
          around(`<inputs><input number="1">${order.join('')}</input></inputs>`),
        ).inputs;
        assert.deepEqual(
          [
            input?.title,
            input?.texts[0]?.value,
            input?.images[0]?.value,
            input?.layers[0]?.key,
            input?.list[0]?.path,
          ],
          ['Title', 'A', 'I', 'k', 'L'],
        );
      }),
      { numRuns: 100 },
    );
  });

  it('one and many of everything that comes as a list', () => {
    const input = '<input number="1" title="A"';
    const lists: [string, string, (state: ReturnType<typeof parseState>) => readonly unknown[] | null][] = [
      ['<outputs>,</outputs>', '<output type="output" number="1" />', ({ outputs }) => outputs],
      ['<overlays>,</overlays>', '<overlay number="1" />', ({ overlays }) => overlays],
      [
        '<transitions>,</transitions>',
        '<transition number="1" effect="Fade" duration="1" />',
        ({ transitions }) => transitions,
      ],
      [',', '<mix number="2"><active>1</active></mix>', ({ mixes }) => mixes],
      [
        `<inputs>${input}>,</input></inputs>`,
        '<text index="0" name="a">b</text>',
        ({ inputs }) => inputs[0]!.texts,
      ],
      [
        `<inputs>${input}>,</input></inputs>`,
        '<image index="0" name="a">b</image>',
        ({ inputs }) => inputs[0]!.images,
      ],
      [
        `<inputs>${input}>,</input></inputs>`,
        '<overlay index="0" key="k" />',
        ({ inputs }) => inputs[0]!.layers,
      ],
      [`<inputs>${input}><list>,</list></input></inputs>`, '<item>b</item>', ({ inputs }) => inputs[0]!.list],
      ['<inputs>,</inputs>', `${input} />`, ({ inputs }) => inputs],
    ];
    for (const [frame, one, found] of lists)
      for (const count of [0, 1, 2, 7]) {
        const [before = '', behind = ''] = frame.split(',');
        const state = parseState(around(before + one.repeat(count) + behind));
        assert.equal(found(state)?.length, count, `${count} ${one}`);
      }
  });

  it('with attributes, names, quotes or signs without end are refused, soon', () => {
    const endless: [string, string][] = [
      ['attributes', full(' a="1"', '<x', '/>')],
      ['other attributes', full(' a="1" b="&gt;"', '<x', '/>')],
      ['attributes without values', full(' a', '<x', '/>')],
      ['attributes without values, in quotes', full(' a', '<x "', '"/>')],
      ['words in an instruction', full(' a', '<?x', '?>')],
      ['words behind the quote of an instruction', full(' a', '<?x "?>', '" ?>')],
      ['tags in a tag', full('< ', '', '')],
      ['beginnings', full('<', '', '')],
      ['quotes', full('"', '<x a=', '/>')],
      ['signs', full('=', '<x a', '/>')],
      ['attributes of the root', around('').replace('>', `${' a="1"'.repeat(1_000_000)}>`)],
    ];
    for (const [what, document] of endless) {
      const began = process.cpuUsage();
      assert.throws(() => parseState(document), broken, what);
      // seconds, and a gigabyte of memory, where the parser saw them
      const { user, system } = process.cpuUsage(began);
      assert.ok(user + system < 2e6, `${what}: ${user + system} µs`);
    }
  });

  it('with as many attributes as an element may have are read, with one more not', () => {
    const attributes = (count: number) =>
      Array.from({ length: count }, (_, at) => `a${at}="${at}"`).join(' ');
    const { inputs } = parseState(around(`<inputs><input ${attributes(500)} /></inputs>`));
    assert.equal(Object.keys(inputs[0]!.extra).length, 500);
    assert.throws(() => parseState(around(`<inputs><input ${attributes(501)} /></inputs>`)), broken);
  });

  it('of the largest size are read in little more time than the library alone takes', function () {
    this.timeout(60_000);
    const input =
      '<input key="2ba7427a" number="1" type="Image" title="A" muted="True" volume="100" meterF1="0">A</input>';
    const document = full(input, '<inputs>', '</inputs>');
    const began = performance.now();
    assert.ok(tagsAreSound(document));
    const soundMs = performance.now() - began;
    const from = performance.now();
    assert.ok(parseState(document).inputs.length > 50_000);
    const allMs = performance.now() - from;
    assert.ok(soundMs < allMs / 3, `${soundMs} of ${allMs} ms`);
  });

  it('that define what text means are refused', () => {
    const types = [
      '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>',
      '<!DOCTYPE vmix SYSTEM "file:///etc/passwd">',
      '<!ENTITY a "b">',
      '<!ELEMENT a (b)>',
      '<!doctype html>',
      '<!>',
      '<!-',
    ];
    for (const type of types) {
      assert.throws(() => parseState(around(`${type}<preset>&a;</preset>`)), broken, type);
      assert.throws(() => parseState(type + around('')), code('VMIX_NOT_VMIX'), type);
    }
    assert.equal(parseState(around('<preset>&a;&b;&xxe;</preset>')).preset, '&a;&b;&xxe;');
  });

  it('with markup that hides markup say what XML says', () => {
    const { preset, edition, active, inputs } = parseState(
      around(
        '<!-- <active>9</active> > " -->' +
          '<preset><![CDATA[<active>8</active> " \' > &amp;]]></preset>' +
          '<edition>a <!-- " --> b</edition><?x y="<active>7</active>"?>' +
          `<inputs><input number="1" title="> /> <active>6</active> '" shortTitle='a "b"' /></inputs><active>1</active>`,
      ),
    );
    assert.equal(preset, '<active>8</active> " \' > &amp;');
    assert.equal(edition, 'a  b');
    assert.equal(active, 1);
    assert.deepEqual([inputs[0]?.title, inputs[0]?.shortTitle], ["> /> <active>6</active> '", 'a "b"']);
  });

  it('never touch a prototype, whatever elements and attributes are called', () => {
    const names = [
      '__proto__',
      'constructor',
      'prototype',
      'toString',
      'hasOwnProperty',
      'valueOf',
      '__defineGetter__',
    ];
    for (const name of names)
      for (const inside of [
        `<inputs><input number="1" ${name}="x" /></inputs>`,
        `<streaming ${name}="True" channel1="True">True</streaming>`,
        `<audio><${name} volume="1" /></audio>`,
        `<${name}>1</${name}>`,
        `<dynamic><${name}>1</${name}></dynamic>`,
      ]) {
        let state: ReturnType<typeof parseState> | null = null;
        try {
          state = parseState(around(inside));
        } catch (error) {
          assert.ok(broken(error as { code?: string }), inside);
        }
        assert.equal(({} as Record<string, unknown>).volume, undefined);
        assert.equal(typeof {}.toString, 'function');
        if (!state) continue;
        assert.equal(Object.getPrototypeOf(state), Object.prototype);
        assert.equal(Object.getPrototypeOf(state.streaming.channels), Object.prototype);
        for (const { extra } of state.inputs) assert.equal(Object.getPrototypeOf(extra), Object.prototype);
      }
  });

  it('with one attribute twice are read or refused, and never half', () => {
    try {
      const [input] = parseState(
        around('<inputs><input number="1" number="2" title="A" title="B" /></inputs>'),
      ).inputs;
      assert.ok(input && [1, 2].includes(input.number) && ['A', 'B'].includes(input.title));
    } catch (error) {
      assert.ok(broken(error as { code?: string }));
    }
  });

  it('in another encoding are refused, and a byte order mark is none', () => {
    const document = around('<preset>é</preset>');
    assert.equal(parseState(Buffer.from(`\ufeff${document}`)).preset, 'é');
    const little = Buffer.from(document, 'utf16le');
    const big = Buffer.from(little).swap16();
    for (const [what, bytes] of [
      ['UTF-16', Buffer.concat([Buffer.from([0xff, 0xfe]), little])],
      ['UTF-16, the other way round', Buffer.concat([Buffer.from([0xfe, 0xff]), big])],
      ['UTF-16 without a mark', little],
      ['gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0])],
    ] as const)
      assert.throws(() => parseState(bytes), code('VMIX_NOT_VMIX'), what);
    // Latin 1 in place of UTF-8: a title is unreadable, and nothing else
    assert.equal(parseState(Buffer.from(document, 'latin1')).preset, '\ufffd');
  });

  it('with characters that are none keep them or lose them, and nothing else', () => {
    for (const odd of ['\0', '\u0001', '\ufffe', '\ud800', '\u2028'])
      assert.equal(parseState(around(`<preset>a${odd}b</preset><active>3</active>`)).active, 3);
    assert.equal(parseState(around('<active>3\0</active>')).active, null);
    assert.throws(() => parseState(around('').replace('29', '29\0')), code('VMIX_NOT_VMIX'));
  });

  it('that a check of the tags lets through stay within its bounds, whatever they are', () => {
    const piece = fc.constantFrom(
      ...[
        '<',
        '>',
        '</',
        '/>',
        '"',
        "'",
        '=',
        ' ',
        '\n',
        '\t',
        'a',
        'b',
        '<a ',
        '="',
        '<!--',
        '-->',
        '<![CDATA[',
        ']]>',
      ],
      ...['<?', '?>', '<!', '&amp;', 'x="1"'],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const document = around(pieces.join(''));
        try {
          const state = parseState(document);
          assert.ok(tagsAreSound(document));
          assert.equal(state.version.major, 29);
        } catch (error) {
          assert.match(String((error as { code?: string }).code), /^VMIX_(NOT_VMIX|DOCUMENT_\w+)$/);
        }
      }),
      { numRuns: loops(20_000, 2_000) },
    );
  });
});
