// The short way to read a line: never more lenient than the long one, and taken by the lines there are.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MOST_LINE_BYTES, encodeEntry, parseEntry, sourceText } from '../../lib/witness/entry';
import { project } from '../../lib/witness/project';
import { scanEntry } from '../../lib/witness/scan';
import { loops } from '../support/scale';

const prev = 'ab'.repeat(32);
const encoded = (
  data: string,
  more: { t?: string; type?: string; src?: string; seq?: number } = {},
): Buffer =>
  encodeEntry({
    seq: more.seq ?? 17,
    t: more.t ?? '2026-11-20T19:45:14.123Z',
    mono: 81_234_567,
    type: more.type ?? 'stream_started',
    src: more.src ?? sourceText({ node: 'a1b2', flow: 'f1', name: 'start main' }),
    data,
    prev,
  });

/** What the short way took, the long way takes, with the same values. */
function isHonest(line: Buffer): boolean {
  const scanned = scanEntry(line);
  if (!scanned) return false;
  const { entry, fault, detail } = parseEntry(line);
  assert.equal(fault, null, `${detail}: ${line.toString()}`);
  const { dataStart, dataEnd, ...values } = scanned;
  const { seq, t, mono, type } = entry;
  assert.deepEqual(values, { seq, t, mono, type, prev: entry.prev });
  assert.deepEqual(JSON.parse(line.toString('utf8', dataStart, dataEnd)), entry.data);
  return true;
}

const jsonData = fc.jsonValue({ maxDepth: 5 }).map((value) => project(value));
const anyData = fc.anything({ withNullPrototype: true, withDate: true }).map((value) => project(value));

describe('short way to read a line of the witness log', () => {
  it('is taken by the lines that a show makes', () => {
    for (const data of [
      '{}',
      '[]',
      'null',
      'true',
      '"ünïcode 🎬"',
      project({
        payload: { scene: 'Main', fps: 59.94, list: [1, -2, null, false, 'a\nb\t"c"\\'], big: 1e21 },
        topic: 'x',
      }),
      project({ payload: Buffer.alloc(100), at: new Date(0), deep: [[[[{ a: [{}] }]]]] }),
      '{"10":1,"9":{"a":0,"a.b":1,"aa":2}}',
    ])
      for (const src of [
        '{}',
        sourceText({ node: 'n' }),
        sourceText({ flow: 'f', node: 'n' }),
        sourceText({ name: 'Ü' }),
      ])
        assert.ok(isHonest(encoded(data, { src })), data);
  });

  it('takes no line that the long way refuses, whatever the values', () => {
    let taken = 0;
    const runs = loops(20_000);
    fc.assert(
      fc.property(
        fc.oneof(jsonData, anyData),
        fc.stringMatching(/^[a-z][a-z0-9_.:-]{0,63}$/),
        (data, type) => {
          if (isHonest(encoded(data, { type }))) taken++;
        },
      ),
      { numRuns: runs },
    );
    assert.ok(taken > runs / 3, `${taken} of ${runs}`);
  });

  it('takes no line that the long way refuses, whatever was changed in it', () => {
    const seeds = [
      encoded(project({ a: [1, 2.5, -3e-7, 'x\ny', { b: null, c: true }], d: 'ü', e: {} })),
      encoded('{"10":1,"9":[],"a":"\\\\","aa":-1.5e+300}', { src: '{"name":"x"}', type: 'a' }),
      encoded('"text"', { src: '{}', seq: 0 }),
    ];
    const pieces = [
      '"',
      '\\',
      '\\u0041',
      '\\u001f',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '0',
      '-',
      '1e3',
      '1.0',
      ' ',
      '\n',
      '\0',
      'true',
    ];
    const more = [
      'null',
      '\ufeff',
      '\ud83c\udfac',
      '\u00e9',
      '"a":1,',
      ',"a":1',
      '__proto__',
      '2',
      'e',
      '.',
      '\u007f',
      '\u2028',
    ];
    const change = fc.record({
      seed: fc.constantFrom(...seeds),
      at: fc.nat({ max: 400 }),
      cut: fc.nat({ max: 3 }),
      put: fc.oneof(
        fc.constantFrom(...pieces, ...more).map((text) => Buffer.from(text)),
        fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes)),
      ),
    });
    let taken = 0;
    fc.assert(
      fc.property(change, ({ seed, at, cut, put }) => {
        const place = at % seed.length;
        if (isHonest(Buffer.concat([seed.subarray(0, place), put, seed.subarray(place + cut)]))) taken++;
      }),
      { numRuns: loops(200_000) },
    );
    assert.ok(taken > 0);
  });

  it('takes no flipped bit that the long way refuses', () => {
    const line = encoded(project({ a: [1, 2.5, 'x\ny', { b: null, c: true }], d: 'ü' }));
    for (let bit = 0; bit < line.length * 8; bit++) {
      line[bit >> 3]! ^= 1 << (bit & 7);
      isHonest(line);
      line[bit >> 3]! ^= 1 << (bit & 7);
    }
    assert.ok(isHonest(line));
  });

  it('leaves what it cannot tell to the long way', () => {
    for (const line of [
      encoded('"\\u001f"'),
      encoded('{"ü":1}'),
      encoded('{}', { t: '2028-02-29T00:00:00.000Z' }),
      encoded('['.repeat(100) + ']'.repeat(100)),
      encoded('{}', { src: sourceText({ name: 'a"b' }) }),
    ]) {
      assert.equal(scanEntry(line), null);
      assert.equal(parseEntry(line).fault, null);
    }
  });

  it('reads a line where it stands among others', () => {
    const line = encoded('{"a":1}');
    const lines = Buffer.concat([line, Buffer.from('\n'), line, Buffer.from('\n')]);
    assert.deepEqual(scanEntry(lines, line.length + 1, line.length * 2 + 1)?.prev, prev);
    for (let to = 0; to < lines.length; to++)
      if (to !== line.length) assert.equal(scanEntry(lines, 0, to), null);
    assert.ok(line.length < MOST_LINE_BYTES);
  });
});
