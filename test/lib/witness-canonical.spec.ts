// RFC 8785: one value, one text. The published data lies beside the repository and is no part of it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { canonicalJson, isCanonical, sortNames, type JsonValue } from '../../lib/witness/canonical';

const data = resolve(__dirname, '..', '..', '..', 'shared', 'conformance', 'jcs', 'testdata');
const parsed = (text: string) => JSON.parse(text) as JsonValue;

/** The published numbers, in the order of their generator, as `<bits in hex>,<text>\n`. */
function* numberLines(readme: string): Iterable<string> {
  const fixed = readme.slice(readme.indexOf('staticU64s = '), readme.indexOf('staticF64s'));
  const bits = new BigUint64Array(1);
  const number = new Float64Array(bits.buffer);
  const line = () => `${bits[0]!.toString(16)},${canonicalJson(number[0]!)}\n`;
  const starts = [...fixed.matchAll(/0x([0-9a-f]+)n/g)].map(([all]) => BigInt(all.slice(0, -1)));
  for (let i = 0n; i < 2000n; i++) starts.push(0x0010000000000000n + i);
  for (const start of starts) {
    bits[0] = start;
    yield line();
  }
  let block: Buffer = Buffer.alloc(32);
  for (;;) {
    block = createHash('sha256').update(block).digest();
    for (let at = 0; at < 32; at += 8) {
      bits[0] = block.readBigUInt64LE(at);
      if (number[0] !== 0 && Number.isFinite(number[0])) yield line();
    }
  }
}

describe('canonical JSON, against what others publish', function () {
  before(function () {
    if (!existsSync(data)) {
      console.log('        skipped: the published data is not beside this repository');
      this.skip();
    }
  });

  for (const name of ['arrays', 'french', 'structures', 'unicode', 'values', 'weird'])
    it(`${name}.json`, () => {
      const read = (folder: string, end: string) =>
        readFileSync(join(data, folder, `${name}.${end}`), 'utf8');
      const text = canonicalJson(parsed(read('input', 'json')));
      assert.equal(text, read('output', 'json'));
      assert.equal(Buffer.from(text).toString('hex'), read('outhex', 'txt').replace(/\s/g, ''));
      assert.ok(isCanonical(text, parsed(text)));
      assert.ok(!isCanonical(read('input', 'json'), parsed(read('input', 'json'))));
    });

  it('a million numbers', function () {
    this.timeout(120_000);
    const known: Record<number, string> = {
      1e3: 'be18b62b6f69cdab33a7e0dae0d9cfa869fda80ddc712221570f9f40a5878687',
      1e4: 'b9f7a8e75ef22a835685a52ccba7f7d6bdc99e34b010992cbc5864cd12be6892',
      1e5: '22776e6d4b49fa294a0d0f349268e5c28808fe7e0cb2bcbe28f63894e494d4c7',
      1e6: '49415fee2c56c77864931bd3624faad425c3c577d6d74e89a83bc725506dad16',
    };
    const whole = 1_000_000;
    const hash = createHash('sha256');
    let count = 0;
    for (const line of numberLines(readFileSync(join(data, 'README.md'), 'utf8'))) {
      hash.update(line);
      count++;
      if (known[count]) assert.equal(hash.copy().digest('hex'), known[count], `${count} numbers`);
      if (count >= whole) break;
    }
    assert.equal(count, whole);
  });
});

describe('canonical JSON', () => {
  const shuffled = (value: JsonValue): JsonValue => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([name, inner]) => [name, shuffled(inner)]),
    );
  };
  const json = fc.jsonValue({ maxDepth: 5 }) as fc.Arbitrary<JsonValue>;

  it('says the same of a value whatever the order of its names, and gives it back', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalJson(value);
        assert.equal(canonicalJson(shuffled(value)), text);
        assert.equal(canonicalJson(parsed(text)), text);
        assert.deepEqual(parsed(text), parsed(JSON.stringify(value)));
      }),
      { numRuns: 500 },
    );
  });

  it('tells its own text from every other of the same value', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalJson(value);
        assert.ok(isCanonical(text, parsed(text)));
        for (const other of [
          ` ${text}`,
          `${text}\n`,
          JSON.stringify(value, null, 1),
          JSON.stringify(shuffled(value)),
        ])
          assert.equal(isCanonical(other, parsed(other)), other === text, other);
      }),
      { numRuns: 500 },
    );
  });

  it('orders names by UTF-16 units, few and many', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: 'binary' }), { maxLength: 60 }), (names) => {
        assert.deepEqual(sortNames([...names]), [...names].sort());
      }),
      { numRuns: 30 },
    );
    assert.equal(
      canonicalJson({ '\u{1f600}': 1, '\ufb33': 2, 10: 3, 9: 4 }),
      '{"10":3,"9":4,"\u{1f600}":1,"\ufb33":2}',
    );
    assert.ok(isCanonical('{"10":3,"9":4}', { 10: 3, 9: 4 }));
  });

  it('refuses what is no JSON', () => {
    const holed: unknown[] = [];
    holed.length = 1;
    for (const no of [
      undefined,
      NaN,
      Infinity,
      1n,
      Symbol('x'),
      () => 1,
      [undefined],
      holed,
      { a: NaN },
      '\ud800',
      { '\udc00': 1 },
    ])
      assert.throws(() => canonicalJson(no as JsonValue), TypeError);
    let deep: JsonValue = [];
    for (let i = 0; i < 100_000; i++) deep = [deep];
    assert.throws(() => canonicalJson(deep), RangeError);
    const text = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
    assert.equal(isCanonical(text, parsed(text)), false);
    assert.equal(isCanonical('"\\ud800"', parsed('"\\ud800"')), false);
    assert.equal(isCanonical('1e400', parsed('1e400')), false);
    assert.equal(isCanonical('-0', -0), false);
    assert.equal(canonicalJson(-0), '0');
    assert.equal(canonicalJson(parsed('{"__proto__":{"a":1}}')), '{"__proto__":{"a":1}}');
  });
});
