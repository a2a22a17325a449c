// What only looks like a secret, in messages: the witness writes it as it is.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { SECRET_MARKER, hold, isHarmless, redactBytes, redactText } from '../../lib/secrets';
import { canonicalJson, type JsonValue } from '../../lib/witness/canonical';
import { project, projectMessage } from '../../lib/witness/project';

describe('what is no secret', () => {
  const corpus: JsonValue[] = [
    'monkey', 'keyframe', 'tokenRing', 'Keynote', 'The Secret Garden', 'Passport control', 'Password: please ask at the door',
    'Key of the evening', 'keyboard cam', 'Cookie break', 'Cookie: the dog', 'Basic information', 'bearer of news',
    'Scene = Main', 'a=b', 'x=1&y=2', '50% off', '100%', 'tea & biscuits', '<b>bold</b>', '<title>Main</title>', 'C:\\obs\\key\\file.mkv',
    'rtmp://a.rtmp.youtube.com/live2', 'rtmp://localhost/live', 'rtmps://live-api-s.facebook.com:443/rtmp/', 'srt://a:9000?mode=caller&latency=120',
    'https://a.example/watch?v=dQw4w9WgXcQ&t=10s', 'http://localhost:1880/ui', 'mail me@a.example, or http://a.example/x',
    'https%3A%2F%2Fa.example%2Fwatch%3Fv%3D1', 'https://a.example/monkey?monkey=1&keyframe=2&tokenring=3',
    '2026-11-20T19:45:14.123Z', '2026-11-20 19-45-14.mkv', 'f47ac10b-58cc-4372-a567-0e02b2c3d479', 'real-time-live-show', 'real-time-live-show-test',
    'take-five-plus-more-then-some', 'live_show_tonight', 'FB-Live', 'eyJust kidding', '00:12:33.120', 'ratio 16:9', 'OBS: scene "Main": on', '{"scene":"Main","fps":60}',
    '{"keyframe":2,"monkey":"see","tokens":3}', 'Authorization is needed', 'the token bucket', 'secretary', '-- end --', 'ffmpeg -i x --preset fast',
    'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ', 'Größe', '日本語', '🎬 take 1', '', ' ', '{"a":"b"', '"":', '%zz', '://', 'key', 'token',
  ]; // prettier-ignore
  const names = [
    'monkey', 'keyframe', 'keyFrameInterval', 'keyint', 'hotkey', 'hotKey', 'hotkeyName', 'tokenRing', 'tokens', 'author', 'authors', 'keyId', 'keys', 'keynote',
    'passed', 'passes', 'bypass', 'compass', 'secretary', 'secrets', 'cookieCount', 'color_key', 'chromaKey', 'lumaKey', 'primaryKey', 'publicKey', 'sceneName',
    'streamName', 'streaming', 'server', 'username_hint', 'userName2', 'passwordLess', 'turkey', 'donkey', 'webhooks', 'sidecar', 'session', 'authenticated',
  ]; // prettier-ignore

  it('is left as it was: texts, names, scenes', () => {
    const release = [hold('live_sk-9f8e7d6c5b'), hold('hunter2!'), hold('another-password'), hold('q')];
    for (const value of corpus) assert.equal(project(value), canonicalJson(value));
    for (const value of corpus)
      assert.equal(projectMessage({ payload: { say: value } }), canonicalJson({ payload: { say: value } }));
    for (const name of names) assert.equal(project({ [name]: 'Main' }), canonicalJson({ [name]: 'Main' }));
    assert.equal(project({ name: 'keynote', value: 'Main' }), '{"name":"keynote","value":"Main"}');
    assert.equal(
      project({ password: true, token: null, key: '' }),
      '{"key":"","password":true,"token":null}',
    );
    for (const value of corpus)
      assert.ok(redactBytes(Buffer.from(value as string)).equals(Buffer.from(value as string)));
    const noise = Buffer.alloc(300_000, createHash('sha256').update('noise').digest());
    assert.equal(redactBytes(noise), noise);
    release.forEach((free) => free());
  });

  it('a known secret takes nothing but itself', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 6, maxLength: 20 }),
        fc.jsonValue({ maxDepth: 3 }),
        (secret, value) => {
          const before = project(value);
          const release = hold(secret);
          try {
            const after = project(value);
            assert.ok(after === before || after.includes(SECRET_MARKER), after);
          } finally {
            release();
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('what is harmless at first sight is so at the second, and JSON has it as it stands', () => {
    const parts = fc.constantFrom(
      ...['bearer ', 'a1b2', 'FB-', '123456-', '-', '--', 'token', 'key', ' ', '/', '=', ':', '?', '%3A', '\\', '"', 'é', '\n', 'x9', 'cookie', '<'],
      ...['live_', 'eyJ', '.', '+KEY+', 'held', 'secret'],
    ); // prettier-ignore
    const release = [hold('heldsecret'), hold('x9')];
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 8 }), (words) => {
        const text = words.join('');
        if (!isHarmless(text)) return;
        assert.equal(redactText(text), text);
        assert.equal(JSON.stringify(text), `"${text}"`);
      }),
      { numRuns: 5000 },
    );
    release.forEach((free) => free());
    assert.ok(isHarmless('Camera 1') && !isHarmless('Bearer a1b2c3d4'));
  });
});
