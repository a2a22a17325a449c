// The quick way through a message and the thorough one write the same, to the letter.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { KIND, KINDS, hold, redactText } from '../../lib/secrets';
import { shapeOf } from '../../lib/witness/names';
import { PROJECT_LIMITS, Projection, RECORDED_FIELDS, projectMessage } from '../../lib/witness/project';
import { quickFields, quickObject } from '../../lib/witness/quick';
import { loops } from '../support/scale';

const thorough = (value: unknown, limits = PROJECT_LIMITS) => new Projection(limits).value(value, 0);

/** Pieces that secrets are made of, and what stands around them. */
const piece = fc.constantFrom(
  ...[
    'rtmp://host/app/',
    'https://',
    'user:pa55@',
    '?key=',
    '&token=abc',
    'streamid=',
    '%3A%2F%2F',
    '%3Fkey%3D',
    '%5F',
  ],
  ...[
    'live_12345_abcdefghijk',
    'eyJhbGciOi.eyJzdWIiOiIx.sig',
    '<key>hush</key>',
    'HTTPS://Hooks.Slack.com/services/T0/B0/x',
    'https://api.Telegram.org/bot1:x/send',
    'https://a.b/WebHooks/x',
    'RTMP://host/app/',
    'live_',
    '12345_abcdefghijk',
    'eyJhbGciOi',
    '.eyJzdWIiOiIx',
    '.sig',
    'Bearer ',
    'BEARER 1234567890abcdef',
    'live',
  ],
  ...[
    'abcd-1234-efgh-5678-ijkl',
    'FB-123456-1-abcdef',
    '--password ',
    '-----BEGIN PRIVATE KEY-----',
    '{"password":"x"}',
  ],
  ...[
    'PRIVATE+KEY+name+12345678+',
    'secret',
    'Authorization: ',
    'cookie: a=b',
    '<password>',
    'hush</password>',
    '\\"',
  ],
  ...[
    'held secret',
    'aGVsZCBzZWNyZXQ',
    '68656c6420736563726574',
    'data:image/png;base64,',
    'AAAA',
    '/',
    '-',
    '_',
    ' ',
    '"',
  ],
  ...[
    'ä',
    'é',
    '日本',
    '😀',
    '\ud800',
    '\n',
    '\u0000',
    '\u007f',
    '\u2028',
    'K',
    'ſecret=',
    'plain words',
    '12:34:56',
  ],
);
const text = fc.oneof(
  fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary' }),
  fc.string(),
);
const name = fc.oneof(
  text,
  fc.constantFrom(
    'name',
    'value',
    'key',
    'password',
    'streamKey',
    'type',
    'data',
    '$x',
    '10',
    '9',
    'größe',
    '名',
  ),
);
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.nat(),
  fc.constantFrom(0, -0, NaN, -Infinity, 9, 10, 99, 100, 2 ** 31 - 1, 2 ** 31, 2 ** 53, 1e21, 1e-7, 48151623),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof({ maxDepth: 5 }, tie('leaf'), tie('list'), tie('object'), tie('object')),
  leaf: fc.oneof(text, number, fc.boolean(), fc.constant(null)),
  list: fc.array(tie('tree'), { maxLength: 4 }),
  object: fc.dictionary(name, fc.oneof(tie('tree'), fc.constant(undefined)), { maxKeys: 6 }),
}));

describe('the quick way through a message', () => {
  const releases: (() => void)[] = [];
  afterEach(() => {
    for (const release of releases.splice(0)) release();
  });

  it('writes what the thorough way writes, or nothing', () => {
    let quick = 0;
    const same = (value: unknown) => {
      if (typeof value !== 'object' || value === null) return;
      const found = quickObject(value, PROJECT_LIMITS);
      if (found === null) return;
      quick++;
      assert.equal(found, thorough(value));
    };
    for (const secrets of [[], ['held secret', '48151623'], ['held secret', 'abc', 'K']]) {
      releases.push(...secrets.map((secret) => hold(secret)));
      fc.assert(fc.property(tree, same), { numRuns: loops(20_000) });
    }
    assert.ok(quick > loops(20_000), `only ${quick} were quick`);
  });

  it('keeps to the limits of a message', () => {
    const limits = { depth: 3, values: 6, text: 12, room: 62_000 };
    const same = (value: unknown) => {
      if (typeof value !== 'object' || value === null) return;
      const found = quickObject(value, limits);
      if (found !== null) assert.equal(found, thorough(value, limits));
    };
    fc.assert(fc.property(tree, same), { numRuns: loops(10_000) });
  });

  it('takes the fields of a message as the thorough way does', () => {
    const same = (msg: unknown) => {
      const found = quickFields(msg as object, shapeOf(RECORDED_FIELDS), PROJECT_LIMITS);
      if (found !== null)
        assert.equal(found, new Projection(PROJECT_LIMITS).message(msg as object, RECORDED_FIELDS));
    };
    const field = fc.oneof(tree, fc.constant(undefined));
    const message = fc.record({ topic: field, payload: field, live: field, alert: field, req: field });
    fc.assert(fc.property(message, same), { numRuns: loops(5000) });
  });

  it('writes whole numbers of any size as the language does', () => {
    const around = (value: number) => [value - 1, value, value + 1];
    const powers = Array.from({ length: 17 }, (_, at) => 10 ** at).flatMap((ten) =>
      [1, 2, 5, 9].map((by) => by * ten),
    );
    const numbers = [...powers, ...Array.from({ length: 54 }, (_, at) => 2 ** at)].flatMap(around);
    assert.equal(quickObject(numbers, PROJECT_LIMITS), JSON.stringify(numbers));
    const whole = fc.oneof(
      fc.maxSafeNat(),
      fc.nat(9_007_199).map((billions) => billions * 1e9),
      fc.nat(9_007_199).map((billions) => billions * 1e9 - 1),
    );
    fc.assert(
      fc.property(whole, (value) =>
        assert.equal(quickObject([value], PROJECT_LIMITS), JSON.stringify([value])),
      ),
      { numRuns: loops(50_000) },
    );
  });

  it('is the way of ordinary messages', () => {
    const msg = {
      topic: 'a',
      payload: { n: 1.5, at: '2026-11-20T19:45:14.123Z', list: ['Bühne', '舞台', { ok: true }] },
    };
    assert.notEqual(quickFields(msg, shapeOf(RECORDED_FIELDS), PROJECT_LIMITS), null);
    const held = { topic: 'rtmp://host/app/hush', payload: { password: 'hush', name: 'Main' } };
    assert.equal(
      quickFields(held, shapeOf(RECORDED_FIELDS), PROJECT_LIMITS),
      '{"payload":{"name":"Main","password":"[hidden]"},"topic":"rtmp://host/app/[hidden]"}',
    );
  });

  it('gives way to getters that throw, proxies, cycles, and a message within a message', () => {
    const bomb = {
      get payload(): string {
        throw new Error('no');
      },
    };
    const cycle: Record<string, unknown> = {};
    cycle.payload = [cycle, cycle];
    const shifty = new Proxy([], {
      get: (target, key) => (key === 'length' ? 1.5 : (Reflect.get(target, key) as unknown)),
    });
    for (const odd of [
      bomb,
      cycle,
      { payload: shifty },
      { payload: new Date(0) },
      { payload: Buffer.alloc(3) },
    ]) {
      assert.equal(quickObject(odd, PROJECT_LIMITS), null);
      assert.equal(projectMessage({ payload: 'next' }), '{"payload":"next"}');
    }
    const within = {
      get payload(): string {
        return projectMessage({ topic: 'inner' });
      },
      topic: 'outer',
    };
    assert.deepEqual(JSON.parse(projectMessage(within)), { payload: '{"topic":"inner"}', topic: 'outer' });
  });

  it('looks only for secrets that the characters of a text allow, and finds all of them', () => {
    releases.push(hold('held secret'));
    const kindsOf = (one: string) =>
      [...one].reduce((kinds, char) => kinds | (KINDS[char.charCodeAt(0)] ?? KIND.any), 0);
    fc.assert(
      fc.property(text, (one) => assert.equal(redactText(one, kindsOf(one)), redactText(one))),
      { numRuns: loops(100_000) },
    );
  });
});
