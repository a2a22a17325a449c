// Messages as the witness writes them: whatever they hold, it is written, told apart, and in bounded time.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { isSecretName, redactText } from '../../lib/secrets';
import { canonicalJson, isCanonical, type JsonValue } from '../../lib/witness/canonical';
import { project, projectMessage } from '../../lib/witness/project';

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
const parsed = (text: string) => JSON.parse(text) as JsonValue;
const bomb = () => {
  throw new Error('no');
};

/** The value of which this is the projection, of those that are written whole. */
function unproject(value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map(unproject);
  if (typeof value !== 'object' || value === null) return value;
  const [mark] = Object.keys(value);
  const inner = value[mark ?? ''] as string;
  switch (mark) {
    case '$undefined':
      return undefined;
    case '$number':
      return Number(inner);
    case '$bigint':
      return BigInt(inner);
    case '$date':
      return new Date(inner);
    case '$text':
      return JSON.parse(`"${inner}"`);
    case '$type':
      return inner === 'Map'
        ? new Map(unproject(value.entries!) as [unknown, unknown][])
        : new Set(unproject(value.values!) as unknown[]);
  }
  const names = Object.entries(value).map(([name, one]) => [
    name.startsWith('$text:') ? (JSON.parse(`"${name.slice(6)}"`) as string) : name.replace(/^\$\$/, '$'),
    unproject(one),
  ]);
  return Object.fromEntries(names);
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, one]) => [name, reversed(one)]),
  );
}

const text = fc
  .oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('$', '$$', '$type', '$text:a', '\ud800', '\udc00x', '\\ud800'),
  )
  .filter((one) => redactText(one) === one);
const name = text.filter((one) => !isSecretName(one) && one !== '__proto__');
const { tree: anything } = fc.letrec((tie) => ({
  tree: fc.oneof({ maxDepth: 4 }, tie('leaf'), tie('list'), tie('object'), tie('map'), tie('set')),
  leaf: fc.oneof(
    text,
    fc.double(),
    fc.integer(),
    fc.boolean(),
    fc.bigInt(),
    fc.constantFrom(null, -0, NaN, Infinity),
    fc.date({ noInvalidDate: true }),
  ),
  list: fc.array(fc.oneof(tie('tree'), fc.constant(undefined)), { maxLength: 4 }),
  object: fc.dictionary(name, tie('tree'), { maxKeys: 5, noNullPrototype: true }),
  map: fc.array(fc.tuple(name, tie('tree')), { maxLength: 3 }).map((entries) => new Map(entries)),
  set: fc.array(tie('leaf'), { maxLength: 3 }).map((items) => new Set(items)),
}));

describe('projection of messages', () => {
  it('loses nothing: every value can be had back from its text', () => {
    fc.assert(
      fc.property(anything, (value) => {
        assert.deepStrictEqual(unproject(parsed(project(value))), value);
      }),
      { numRuns: 500 },
    );
  });

  it('is canonical, and the same whatever the order of names', () => {
    fc.assert(
      fc.property(
        fc.oneof(anything, fc.anything({ withBigInt: true, withTypedArray: true, withSparseArray: true })),
        (value) => {
          const line = project(value);
          assert.ok(isCanonical(line, parsed(line)), line);
          assert.equal(canonicalJson(parsed(line)), line);
          assert.equal(project(reversed(value)), line);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is plain JSON where the message is', () => {
    assert.equal(
      project({ b: [1, 'x', null, true], a: { d: 1.5, c: '' } }),
      '{"a":{"c":"","d":1.5},"b":[1,"x",null,true]}',
    );
    assert.equal(project({ 10: 'a', 9: 'b' }), '{"10":"a","9":"b"}');
    assert.equal(project(JSON.parse('{"__proto__":{"x":1}}')), '{"__proto__":{"x":1}}');
  });

  it('has a mark for each value that JSON does not know, and tells them apart', () => {
    const { buffer } = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
    const shared = new Uint8Array(new SharedArrayBuffer(4));
    const circle: Record<string, unknown> = { a: 1, list: [] };
    (circle.list as unknown[]).push(circle, circle.list);
    class Scene {
      constructor(readonly title: string) {}
    }
    const error = Object.assign(new TypeError('wrong', { cause: new Error('why') }), { code: 'E_X' });
    const holed = [1, , 3];
    const digestOf = (bytes: Uint8Array, more: object = {}) =>
      canonicalJson({ $bytes: { length: bytes.length, sha256: sha256(bytes), ...more } });
    const table: [unknown, string][] = [
      [Buffer.from('abc'), digestOf(Buffer.from('abc'))],
      [new Uint8Array([97, 98, 99]), digestOf(Buffer.from('abc'), { type: 'Uint8Array' })],
      [{ type: 'Buffer', data: [97, 98, 99] }, digestOf(Buffer.from('abc'), { type: 'JSON' })],
      [{ type: 'Buffer', data: [97, 256] }, '{"data":[97,256],"type":"Buffer"}'],
      [buffer, digestOf(new Uint8Array(buffer), { type: 'ArrayBuffer' })],
      [new DataView(buffer, 2, 3), digestOf(new Uint8Array([3, 4, 5]), { type: 'DataView' })],
      [new Float64Array(buffer), digestOf(new Uint8Array(buffer), { type: 'Float64Array' })],
      [shared, digestOf(new Uint8Array(4), { type: 'Uint8Array' })],
      [new Date(Date.UTC(2026, 10, 20)), '{"$date":"2026-11-20T00:00:00.000Z"}'],
      [new Date(NaN), '{"$date":"invalid"}'],
      ['2026-11-20T00:00:00.000Z', '"2026-11-20T00:00:00.000Z"'],
      [12n, '{"$bigint":"12"}'],
      [12, '12'],
      [NaN, '{"$number":"NaN"}'],
      [Infinity, '{"$number":"Infinity"}'],
      [-Infinity, '{"$number":"-Infinity"}'],
      [-0, '{"$number":"-0"}'],
      [0, '0'],
      [5e-324, '5e-324'],
      [undefined, '{"$undefined":true}'],
      [[undefined], '[{"$undefined":true}]'],
      [holed, '[1,{"$undefined":"hole"},3]'],
      [{ a: undefined }, '{}'],
      [() => 1, '{"$type":"function"}'],
      [Symbol('x'), '{"$type":"symbol"}'],
      [
        new Map<unknown, unknown>([
          ['a', 1],
          [1, 'a'],
        ]),
        '{"$type":"Map","entries":[["a",1],[1,"a"]]}',
      ],
      [new Set(['a', 1]), '{"$type":"Set","values":["a",1]}'],
      [/a"b/gi, '{"$type":"RegExp","value":"/a\\"b/gi"}'],
      [new Error('bad'), '{"$type":"Error","message":"bad","name":"Error"}'],
      [
        error,
        '{"$type":"Error","cause":{"$type":"Error","message":"why","name":"Error"},"fields":{"code":"E_X"},"message":"wrong","name":"TypeError"}',
      ],
      [new Scene('Main'), '{"$type":"Scene","fields":{"title":"Main"}}'],
      [{ title: 'Main' }, '{"title":"Main"}'],
      [Object('x'), '{"$type":"String","value":"x"}'],
      [Object(1), '{"$type":"Number","value":1}'],
      [Object(1n), '{"$type":"BigInt","value":{"$bigint":"1"}}'],
      [Promise.resolve(), '{"$type":"Promise","fields":{}}'],
      [new WeakMap(), '{"$type":"WeakMap","fields":{}}'],
      [new EventEmitter(), '{"$type":"EventEmitter"}'],
      [circle, '{"a":1,"list":[{"$cycle":0},{"$cycle":1}]}'],
      ['a\ud800b', '{"$text":"a\\\\ud800b"}'],
      [{ '\ud800': 1 }, '{"$text:\\\\ud800":1}'],
      [{ $text: 'a' }, '{"$$text":"a"}'],
      [{ $bytes: 1, $$x: 2 }, '{"$$$x":2,"$$bytes":1}'],
      [{ '$text:a': 1 }, '{"$$text:a":1}'],
      [Object.create(null), '{}'],
      [Object.create({ inherited: 1 }), '{"$type":"Object","fields":{}}'],
    ];
    for (const [value, line] of table) assert.equal(project(value), line);
    const all = table.map(([, line]) => line);
    assert.deepEqual(
      all.filter((line, at) => all.indexOf(line) !== at),
      ['{}'],
      'only {a: undefined} and {} are one',
    );
  });

  it('knows what a function node made in its sandbox', () => {
    const own = {
      a: [1],
      at: new Date(0),
      map: new Map([['k', 1]]),
      set: new Set([1]),
      error: new Error('x'),
      re: /x/,
    };
    const foreign: unknown = runInNewContext(
      "({a: [1], at: new Date(0), map: new Map([['k', 1]]), set: new Set([1]), error: new Error('x'), re: /x/})",
    );
    assert.equal(project(foreign), project(own));
  });

  it('survives what throws, and never calls toJSON', () => {
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const revokedList = Proxy.revocable([], {});
    revokedList.revoke();
    const traps = ['ownKeys', 'get', 'getOwnPropertyDescriptor', 'getPrototypeOf', 'has'] as const;
    const getter = Object.defineProperty({ b: 1 }, 'a', { get: bomb, enumerable: true });
    assert.equal(project(getter), '{"a":{"$threw":true},"b":1}');
    assert.equal(project([revoked.proxy, revokedList.proxy]), '[{"$threw":true},{"$threw":true}]');
    for (const trap of traps)
      for (const target of [{ a: 1 }, [1], new Map(), new Date(), new Error('x'), Buffer.from('x')]) {
        const line = project({ odd: new Proxy(target, { [trap]: bomb }), next: 1 });
        assert.ok(isCanonical(line, parsed(line)), line);
        assert.match(line, /"next":1/);
      }
    assert.equal(
      project(new Proxy([], { get: (_, key) => (key === 'length' ? Infinity : 1) })),
      '{"$threw":true}',
    );
    const jsons = {
      toJSON: bomb,
      toString: bomb,
      valueOf: bomb,
      [Symbol.toPrimitive]: bomb,
      [Symbol.iterator]: bomb,
    };
    assert.equal(
      project(jsons),
      '{"toJSON":{"$type":"function"},"toString":{"$type":"function"},"valueOf":{"$type":"function"}}',
    );
    const date = Object.assign(new Date(0), { toJSON: bomb, toISOString: bomb, getTime: bomb });
    assert.equal(project(date), '{"$date":"1970-01-01T00:00:00.000Z"}');
    const map = Object.assign(new Map([['a', 1]]), { entries: bomb, [Symbol.iterator]: bomb });
    Object.defineProperty(map, 'size', { get: bomb });
    assert.equal(project(map), '{"$type":"Map","entries":[["a",1]]}');
    assert.equal(project({ a: new Proxy({ b: 1 }, {}) }), '{"a":{"b":1}}');
    assert.equal(
      project(Object.setPrototypeOf({}, new Proxy({}, { get: bomb, has: bomb }))),
      '{"$threw":true}',
    );
    const fake = Object.create(Error.prototype, { message: { get: bomb } }) as unknown;
    assert.equal(project(fake), '{"$type":"Error","message":{"$threw":true},"name":"Error"}');
  });

  it('writes the fields of a message that are recorded, and never its machinery', () => {
    const msg = {
      topic: 't',
      payload: { a: 1 },
      live: { event: 'e' },
      alert: undefined,
      _msgid: 'x',
      extra: 1,
      req: { a: 1 },
      res: 1,
    };
    assert.equal(projectMessage(msg), '{"live":{"event":"e"},"payload":{"a":1},"topic":"t"}');
    assert.equal(
      projectMessage(msg, ['extra', 'topic', 'req', 'res', 'topic', 'none']),
      '{"extra":1,"topic":"t"}',
    );
    assert.equal(
      projectMessage(Object.defineProperty({ topic: 1 }, 'payload', { get: bomb })),
      '{"payload":{"$threw":true},"topic":1}',
    );
    assert.equal(projectMessage({ payload: { msg } }).includes('$cycle'), false);
    const own: Record<string, unknown> = { topic: 1 };
    own.payload = own;
    assert.equal(projectMessage(own), '{"payload":{"$cycle":0},"topic":1}');
    assert.equal(projectMessage('x'), '"x"');
  });
});
