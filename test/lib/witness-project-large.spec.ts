// Messages of any size and depth as the witness writes them: in bounded time, and never longer than a line.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { isCanonical, type JsonValue } from '../../lib/witness/canonical';
import { PROJECT_LIMITS, project, projectMessage } from '../../lib/witness/project';
import { loops } from '../support';

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
const parsed = (text: string) => JSON.parse(text) as JsonValue;

describe('projection of large messages', () => {
  /** CPU in ms: others may use the machine too. */
  const cpuMs = (work: () => void): number => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  /** The best of three, since the first runs are not compiled yet. */
  const within = (name: string, ms: number, value: unknown, expected: RegExp | string) => {
    let line = '';
    let took = Infinity;
    for (let run = 0; run < 3 && took > ms; run++)
      took = Math.min(
        took,
        cpuMs(() => (line = project(value))),
      );
    if (typeof expected === 'string') assert.equal(line, expected);
    else assert.match(line, expected);
    assert.ok(Buffer.byteLength(line) <= PROJECT_LIMITS.room, name);
    assert.ok(isCanonical(line, parsed(line)), name);
    assert.ok(took < ms, `${name} took ${took} ms`);
  };

  it('are written in bounded time: Buffers', () => {
    const large = Buffer.alloc(8 * 1024 * 1024, 'picture');
    within(
      '8 MiB',
      60,
      { payload: large },
      `{"payload":{"$bytes":{"length":8388608,"sha256":"${sha256(large)}"}}}`,
    );
    const larger = Buffer.alloc(64 * 1024 * 1024);
    const start = sha256(larger.subarray(0, 8_388_608));
    within('64 MiB', 60, larger, `{"$bytes":{"hashed":8388608,"length":67108864,"sha256":"${start}"}}`);
    within(
      '100 of 64 kB',
      400,
      Array.from({ length: 100 }, () => Buffer.alloc(64_000, '?a=b&c:d')),
      /^\[\{"\$bytes"/,
    );
  });

  it('texts', () => {
    within(
      '50 MB',
      150,
      'x'.repeat(50_000_000),
      /^\{"\$cut":\{"hashed":1048576,"length":50000000,"sha256":"[0-9a-f]{64}","what":"text"\}\}$/,
    );
    const mixed = 'rtmp://h/a? https://x.y/z?a=b&c=d, {"a":"b"} %3A -- '.repeat(100_000);
    within('5 MB of addresses', 300, mixed, /"hashed":1048576/);
    const most = 'x'.repeat(PROJECT_LIMITS.text);
    assert.equal(project(most), `"${most}"`);
    assert.equal(
      project(`${most}y`),
      `{"$cut":{"length":8193,"sha256":"${sha256(`${most}y`)}","what":"text"}}`,
    );
    within(
      '9,000 texts',
      400,
      Array.from({ length: 9000 }, (_, i) => `${'a=b:c-d%20 '.repeat(700)}${i}`),
      /^\{"\$cut"/,
    );
    const digits = 10n ** 5000n;
    assert.match(
      project(digits),
      /^\{"\$bigint":\{"\$cut":\{"length":\d+,"sha256":"[0-9a-f]{64}","what":"text"\}\}\}$/,
    );
  });

  it('hostile texts do not keep a pattern busy', () => {
    for (const part of [
      '://',
      'a://',
      'http://',
      'rtmp://',
      '"',
      '\\',
      '\\"',
      '"a":',
      '"key":"',
      '"key":[',
      '?key',
      '?key=',
      'password="',
      '%3F',
      '%2525',
      'eyJ-',
      '<key>',
      '</',
      '--',
      'a-',
      'cookie:',
      ' :',
      '-----BEGIN PRIVATE KEY-----',
      '+KEY+',
      'PRIVATE+KEY+a+',
    ])
      within(part, 400, part.repeat(1_048_576 / part.length), /"\$cut"/);
  });

  it('depth and number of values', () => {
    let list: unknown = [];
    let object: unknown = {};
    for (let i = 0; i < 100_000; i++) {
      list = [list];
      object = { a: object };
    }
    within(
      'lists, 10^5 deep',
      50,
      list,
      /^\[{32}\{"\$cut":\{"length":\d+,"sha256":"[0-9a-f]{64}","what":"value"\}\}\]{32}$/,
    );
    within('objects, 10^5 deep', 50, object, /"what":"value"/);
    within(
      '10^6 items',
      150,
      Array.from({ length: 1_000_000 }, (_, i) => i),
      /^\{"\$cut":\{"hashed":20000,"length":1000000,/,
    );
    const sparse: unknown[] = [];
    sparse.length = 4_000_000_000;
    within('a sparse list', 50, sparse, /"length":4000000000/);
    within(
      'a large map',
      100,
      new Map(Array.from({ length: 100_000 }, (_, i) => [i, i])),
      /"entries":\{"\$cut":\{"hashed":10000,/,
    );
    let dag: unknown = { a: 1 };
    for (let i = 0; i < 30; i++) dag = { l: dag, r: dag };
    within('2^30 paths', 200, dag, /"\$cut"/);
  });

  it('an object of 10^6 names costs hardly more than asking for its names', () => {
    const many: Record<string, number> = {};
    const count = loops(1_000_000, 100_000);
    for (let i = 0; i < count; i++) many[`k${i}`] = i;
    const names = cpuMs(() => Object.keys(many));
    within(`${count} names`, names * 2 + 150, many, `{"$cut":{"length":${count},"what":"names"}}`);
  });

  it('what does not fit is cut where it is largest, and the rest stays', () => {
    const big = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`t${i}`, `${i}`.repeat(4000)]));
    const msg = { topic: 'kept', payload: { big, list: [1, 2], note: 'kept too' }, live: { event: 'e' } };
    const line = projectMessage(msg);
    assert.ok(Buffer.byteLength(line) <= PROJECT_LIMITS.room);
    const { payload, topic } = parsed(line) as {
      payload: { big: Record<string, unknown>; note: string };
      topic: string;
    };
    assert.deepEqual([topic, payload.note], ['kept', 'kept too']);
    assert.equal(payload.big.t3, '3'.repeat(4000));
    assert.deepEqual(payload.big.t13, {
      $cut: { length: 8000, sha256: sha256('13'.repeat(4000)), what: 'text' },
    });
    assert.equal(
      projectMessage({ live: msg.live, payload: { note: 'kept too', list: [1, 2], big }, topic: 'kept' }),
      line,
    );
    const other = projectMessage({
      ...msg,
      payload: { ...msg.payload, big: { ...big, t13: '31'.repeat(4000) } },
    });
    assert.notEqual(other, line);
  });
});
