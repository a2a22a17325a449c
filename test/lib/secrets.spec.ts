import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { fail, ERRORS, LiveError, asLiveError, type ErrorCode } from '../../lib/errors';
import {
  SECRET_MARKER,
  carriesSecret,
  containsMarker,
  hold,
  isSecretName,
  redact,
  redactError,
  redactText,
} from '../../lib/secrets';

const withHeld = <T>(secrets: string[], work: () => T): T => {
  const releases = secrets.map((secret) => hold(secret));
  try {
    return work();
  } finally {
    for (const release of releases) release();
  }
};
// a marker's own letters would be found in the marker
const secret = fc
  .string({ minLength: 6, maxLength: 40, unit: 'binary' })
  .filter((text) => !SECRET_MARKER.includes(text) && text.trim().length >= 4);

describe('secrets', () => {
  it('hides every form of a held secret: plain, JSON, URL and base64 at any alignment', () => {
    fc.assert(
      fc.property(secret, fc.string({ maxLength: 5 }), fc.string({ maxLength: 5 }), (text, before, after) =>
        withHeld([text], () => {
          const proper = !/\p{Surrogate}/u.test(text);
          const forms = [
            text,
            JSON.stringify(text).slice(1, -1),
            ...(proper ? [encodeURIComponent(text), encodeURIComponent(text).replace(/%20/g, '+')] : []),
          ];
          for (const form of forms)
            assert.ok(
              !redactText(`${before}${form}${after}`).includes(form) ||
                `${before}${SECRET_MARKER}${after}`.includes(form),
              form,
            );
          if (!proper) return;
          const base64 = Buffer.from(`${before}${text}${after}`).toString('base64');
          const hidden = redactText(base64);
          // what no neighbour shares of the secret's own characters
          const shift = Buffer.byteLength(before) % 3;
          const core = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)])
            .toString('base64')
            .replace(/=+$/, '')
            .slice(shift ? shift + 1 : 0, -1);
          if (core.length >= 8) assert.ok(!hidden.includes(core), `${base64} -> ${hidden}`);
        }),
      ),
      { numRuns: 500 },
    );
  });

  it('hides it in any value, by content and by name, and leaves the rest', () => {
    fc.assert(
      fc.property(secret, fc.jsonValue({ maxDepth: 3 }), (text, rest) =>
        withHeld([text], () => {
          const out = redact({ rest: 1, deep: [{ say: `a ${text} b` }], password: 'other', keep: 'kept' });
          assert.deepEqual(out, {
            rest: 1,
            deep: [{ say: redactText(`a ${text} b`) }],
            password: SECRET_MARKER,
            keep: redactText('kept'),
          });
          assert.ok(!JSON.stringify(redact({ rest, say: text })).includes(JSON.stringify(text)));
        }),
      ),
      { numRuns: 200 },
    );
  });

  it('changes nothing where nothing is secret', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        fc.pre(!carriesSecret(value));
        assert.deepEqual(redact(value), value);
      }),
      { numRuns: 300 },
    );
  });

  it('is held as often as asked, and let go as often', () => {
    const [first, second] = [hold('twice-held'), hold('twice-held')];
    first();
    first();
    assert.equal(redactText('twice-held'), SECRET_MARKER);
    second();
    assert.equal(redactText('twice-held'), 'twice-held');
    hold('')();
    hold(undefined)();
    assert.equal(redactText('plain words'), 'plain words');
  });

  it('the longest form goes first, and a short one is hidden only where it stands alone', () => {
    withHeld(['abcdef', 'abcdefghi'], () =>
      assert.equal(redactText('abcdefghi abcdef'), `${SECRET_MARKER} ${SECRET_MARKER}`),
    );
    withHeld(['ab'], () =>
      assert.equal(redactText('ab cab ab2 -ab-'), `${SECRET_MARKER} cab ab2 -${SECRET_MARKER}-`),
    );
  });

  it('knows addresses and queries that were never held', () => {
    assert.equal(redactText('rtmp://a.example/live/my-key?x=1'), `rtmp://a.example/live/${SECRET_MARKER}`);
    assert.equal(redactText('rtmps://a.example:443/live2'), 'rtmps://a.example:443/live2');
    assert.equal(
      redactText('srt://a.example:9000?mode=caller&passphrase=long-one&latency=2'),
      `srt://a.example:9000?mode=caller&passphrase=${SECRET_MARKER}&latency=2`,
    );
    assert.equal(redactText('srt://a:1?streamid=me'), `srt://a:1?streamid=${SECRET_MARKER}`);
    // as elements of GStreamer have it
    for (const name of ['user-pw', 'proxy-pw'])
      assert.equal(redactText(`rtspsrc ${name}="a b" !`), `rtspsrc ${name}="${SECRET_MARKER}" !`);
    assert.equal(redactText('https://user:pw@a.example/x'), `https://${SECRET_MARKER}@a.example/x`);
    assert.equal(
      redactText('mail me@a.example about http://a.example/x'),
      'mail me@a.example about http://a.example/x',
    );
  });

  it('names that say secret', () => {
    for (const name of [
      'key',
      'streamKey',
      'stream_key',
      'PASSWORD',
      'passphrase',
      'bearer_token',
      'token',
      'apiKey',
      'username',
      'user-pw',
      'streamid',
    ])
      assert.ok(isSecretName(name), name);
    for (const name of [
      'keyframe',
      'hotkeyName',
      'keyId',
      'author',
      'monkey',
      'tokens',
      'server',
      'streamName',
    ])
      assert.ok(!isSecretName(name), name);
  });

  it('lives with cycles, depth, Buffers, dates and names of the prototype', () => {
    const circle: Record<string, unknown> = { a: 1 };
    circle.self = circle;
    assert.deepEqual(redact(circle), { a: 1, self: '[circular]' });
    const shared = { x: 1 };
    assert.deepEqual(redact([shared, shared]), [shared, shared]);
    let deep: unknown = 'end';
    for (let i = 0; i < 60; i++) deep = { deep };
    assert.ok(JSON.stringify(redact(deep)).includes('[too deep]'));
    const buffer = Buffer.from('x');
    assert.equal(redact({ buffer }).buffer, buffer);
    assert.equal(containsMarker(deep), false);
    assert.equal(containsMarker(circle), false);
    const odd = JSON.parse(
      '{"__proto__": {"polluted": true}, "constructor": "c", "toString": "t"}',
    ) as object;
    const out = redact(odd);
    assert.equal(Object.getPrototypeOf(out), Object.prototype);
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
    assert.ok(Object.hasOwn(out, '__proto__'));
  });

  it('the marker is found wherever it stands, so that nobody sends it back', () => {
    assert.ok(containsMarker({ a: [{ b: `x${SECRET_MARKER}` }] }));
    assert.ok(!containsMarker({ a: ['hidden'] }));
    assert.ok(carriesSecret({ a: { token: 'x' } }));
    assert.ok(!carriesSecret({ a: { token: '' }, key: null }));
  });

  it('goes out of an error: message, stack, details and causes, however deep or odd', () => {
    withHeld(['very-secret'], () => {
      const inner = new Error('inner very-secret');
      inner.cause = inner;
      const error = redactError(fail('CONFIG_INVALID', { field: 'x', reason: 'very-secret' }, inner));
      assert.ok(!inspect(error, { depth: 20, showHidden: true }).includes('very-secret'));
      assert.equal((error.cause as Error).message, 'inner [hidden]');
      const odd = redactError(fail('INTERNAL', { reason: 'x' }, { token: 'a', text: 'very-secret' }));
      assert.deepEqual(odd.cause, { token: SECRET_MARKER, text: SECRET_MARKER });
      const foreign = Object.assign(new Error('x'), {
        code: 'E1',
        input: 'very-secret',
        errors: [new Error('very-secret')],
      });
      for (const cause of [
        Object.freeze(new Error('very-secret')),
        new DOMException('very-secret'),
        foreign,
      ]) {
        const told = redactError(fail('INTERNAL', {}, cause));
        assert.ok(told.cause instanceof Error);
        assert.ok(!inspect(told, { depth: 20, showHidden: true }).includes('very-secret'));
      }
    });
  });
});

describe('errors', () => {
  it('every sentence says something to a person, and fills its places', () => {
    for (const [code, sentence] of Object.entries(ERRORS)) {
      const names = [...sentence.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
      const error = fail(code as ErrorCode, Object.fromEntries(names.map((name) => [name, `<${name}>`])));
      assert.equal(error.code, code);
      assert.ok(!/\{\w+\}/.test(error.message), code);
      for (const name of names) assert.ok(error.message.includes(`<${name}>`), `${code} shows ${name}`);
      assert.match(code, /^[A-Z]+(_[A-Z]+)+$|^INTERNAL$/);
      assert.match(error.toString(), new RegExp(`\\[${code}\\]$`));
      assert.ok(sentence.length > 20 || /^\{/.test(sentence), code);
    }
  });

  it('a place nobody filled leaves no brace, and $ in a detail is no pattern', () => {
    assert.equal(fail('CONFIG_INVALID').message, ': .');
    assert.equal(fail('CONFIG_INVALID', { field: '$&', reason: '$1 {field}' }).message, '$&: $1 {field}.');
  });

  it('anything thrown becomes one', () => {
    const own = fail('OBS_KICKED');
    assert.equal(asLiveError(own), own);
    for (const thrown of [
      new Error('x'),
      'x',
      7,
      null,
      undefined,
      {},
      Object.create(null),
      Symbol('x'),
      { message: 5 },
      () => 1,
    ]) {
      const error = asLiveError(thrown);
      assert.ok(error instanceof LiveError);
      assert.equal(error.code, 'INTERNAL');
      assert.ok(!error.message.includes('[object'), error.message);
    }
  });
});
