// Names, keys and tokens, without a disk: what is read of a published name, how ids are made, and what a check costs.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { fitMetadata, fitName } from '../../lib/keys/fit';
import { idFromName, isPersonId, isStreamName, parsePublished } from '../../lib/keys/names';
import { KeyCheck, hashKey, newKey, randomText, storedKey } from '../../lib/keys/secret';
import { tokensOf } from '../../lib/keys/token';
import { loops } from '../support/scale';

const runs = { numRuns: loops(5000, 200) };
const id = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,30}[a-z0-9]$/);

describe('a published name', () => {
  it('comes apart as encoders put it together', () => {
    const key = newKey();
    for (const [text, name] of [
      [`anna?key=${key}`, 'anna'],
      [`anna?key=${key}&vhost=__defaultVhost__`, 'anna'],
      [`anna?vhost=x&key=${key}`, 'anna'],
      [`anna?key=${key}?token=x`, 'anna'],
      [`anna?vhost=x;key=${key}`, 'anna'],
      [`anna?key=${key}\r\n`, 'anna'],
      [`anna?key=%20${key}%20`, 'anna'],
      [`anna?%6Bey=${key}`, 'anna'],
      [`anna?key=${key}&key=other`, 'anna'],
      [`?key=${key}`, ''],
      [`Anna Bö?key=${key}`, 'Anna Bö'],
    ] as const) {
      const parsed = parsePublished(text);
      assert.equal(parsed.name, name);
      assert.equal(parsed.args.get('key'), key, text);
    }
    for (const text of ['anna', 'anna?', 'anna?key', 'anna?=x', 'anna?Key=x', `anna%3Fkey=${key}`])
      assert.equal(parsePublished(text).args.get('key'), undefined, text);
    // the server lists this stream under the name with the key in it: nobody may be called so
    assert.equal(isStreamName(parsePublished(`anna%3Fkey=${key}`).name), false);
  });

  it('is no step to another folder, and no word of commands', () => {
    for (const name of ['.', '..', '...', 'lead', '__proto__', 'constructor'])
      assert.equal(isStreamName(name), false, name);
    for (const name of ['a..b', '.a', 'Lead', 'leader', 'prototype'])
      assert.equal(isStreamName(name), true, name);
  });

  it('gives back whatever was put in, and never throws', () => {
    const part = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 30 })
      .filter((text) => text === text.trim());
    fc.assert(
      fc.property(
        id,
        fc.uniqueArray(fc.tuple(part, part), { selector: ([name]) => name, maxLength: 8 }),
        (name, args) => {
          const query = args
            .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
            .join('&');
          const parsed = parsePublished(`${name}?${query}`);
          assert.equal(parsed.name, name);
          assert.deepEqual([...parsed.args], args);
        },
      ),
      runs,
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 5000 }), (text) => {
        const { name, args } = parsePublished(text);
        assert.ok(text.startsWith(name) && !name.includes('?') && args.size <= 32);
      }),
      runs,
    );
  });
});

describe('an id', () => {
  const tail = (length: number) => randomText(length);
  const make = (name: string, taken: string[] = []) => idFromName(name, (one) => taken.includes(one), tail);

  it('is made of the name', () => {
    assert.equal(make('Anna & Bö'), 'anna-bo');
    assert.equal(make('  Łukasz Østergård  '), 'lukasz-ostergard');
    assert.equal(make("Straße d'Or"), 'strasse-dor');
    assert.equal(make('ÀÉÎ 4'), 'aei-4');
    assert.equal(make('x'.repeat(50)), 'x'.repeat(32));
    assert.match(make('Anna', ['anna']), /^anna-[a-z2-7]{4}$/);
    assert.match(make('x'.repeat(50), ['x'.repeat(32)]), /^x{27}-[a-z2-7]{4}$/);
    assert.match(make('王小明'), /^guest-[a-z2-7]{4}$/);
    assert.match(make('🎸'), /^guest-[a-z2-7]{4}$/);
    // words that commands and addresses use
    for (const word of ['lead', 'list', 'create', 'status', 'constructor'])
      assert.match(make(word), new RegExp(`^${word}-[a-z2-7]{4}$`));
  });

  it('fits and is free whatever the name', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.array(id, { maxLength: 3 }),
        (name, others) => {
          const taken = [...others, idFromName(name, () => false, tail)];
          const made = make(name, taken);
          assert.ok(isPersonId(made) && isStreamName(made), made);
          assert.ok(!taken.includes(made));
        },
      ),
      runs,
    );
  });

  it('gets a longer tail where all short ones are taken', () => {
    let calls = 0;
    const made = idFromName(
      'anna',
      (one) => one.length < 12,
      (length) => (calls++, 'a'.repeat(length)),
    );
    assert.equal(made, 'anna-aaaaaaa');
    assert.equal(calls, 4);
  });
});

describe('what is said of a person', () => {
  it('is one line of text', () => {
    assert.equal(fitName('  Anna\n\tBö '), 'Anna Bö');
    assert.equal(fitName('a\u202egnp.exe'), 'agnp.exe');
    assert.equal(fitName('half \ud83d'), 'half \ufffd');
    assert.equal(fitName('👩‍🎤'), '👩‍🎤');
    for (const name of ['', ' \n', 'x'.repeat(81), 'x'.repeat(100_000), 5, null, undefined, {}])
      assert.throws(() => fitName(name), { code: 'INPUT_INVALID' });
  });

  it('holds metadata of plain JSON, up to 4 KiB', () => {
    const given = { song: 'Blue', list: [1, null, { deep: true }], gone: undefined };
    const kept = fitMetadata(given);
    assert.deepEqual(kept, { song: 'Blue', list: [1, null, { deep: true }] });
    given.song = 'Red';
    assert.equal(kept.song, 'Blue');
    assert.deepEqual(fitMetadata(undefined), {});
    assert.equal(Object.keys(fitMetadata({ a: 'x'.repeat(4000) })).length, 1);
    const deep: Record<string, unknown> = {};
    deep.self = deep;
    for (const metadata of [
      JSON.parse('{"__proto__": {"admin": true}}') as object,
      JSON.parse('{"a": {"constructor": 1}}') as object,
      { a: [JSON.parse('{"prototype": 1}')] },
      { a: 'x'.repeat(4096) },
      { a: 'ü'.repeat(2048) },
      { a: Array.from({ length: 5000 }, () => 1) },
      Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`n${index}`, 1])),
      { when: new Date() },
      { a: Buffer.from('x') },
      { a: () => 1 },
      { a: 1n },
      { a: NaN },
      { a: [undefined] },
      deep,
      [],
      'text',
    ])
      assert.throws(() => fitMetadata(metadata), { code: 'INPUT_INVALID' });
    assert.equal(({} as { admin?: boolean }).admin, undefined);
  });
});

describe('a key', () => {
  it('is 160 bits that no address needs to encode, never the same', () => {
    const keys = new Set(Array.from({ length: 1000 }, () => newKey()));
    assert.equal(keys.size, 1000);
    for (const key of keys) assert.match(key, /^[a-z2-7]{32}$/);
    assert.equal(new Set([...keys].flatMap((key) => [...key])).size, 32, 'all of the alphabet comes up');
  });

  it('is checked with one hash, also where nobody has the id', () => {
    let hashes = 0;
    const check = new KeyCheck((salt, key) => (hashes++, hashKey(salt, key)));
    const key = newKey();
    const stored = storedKey(key);
    for (const [against, given, right] of [
      [stored, key, true],
      [stored, `${key.slice(0, -1)}1`, false],
      [stored, '', false],
      [stored, 'x'.repeat(100_000), false],
      [null, key, false],
      [null, '', false],
    ] as const) {
      hashes = 0;
      assert.equal(check.isRight(against, given), right);
      assert.equal(hashes, 1);
    }
  });

  it('is salted: the same key is stored otherwise each time', () => {
    const [one, other] = [storedKey('same'), storedKey('same')];
    assert.notDeepEqual(one.salt, other.salt);
    assert.notDeepEqual(one.hash, other.hash);
    assert.ok(new KeyCheck().isRight(one, 'same') && new KeyCheck().isRight(other, 'same'));
  });
});

describe('an admission token', () => {
  const secret = 'a secret made by chance';
  const tokens = tokensOf(secret);
  const at = Date.UTC(2026, 10, 20, 19);

  it('lets one stream in until it ends', () => {
    const { token, expiresAtMs, streamKey } = tokens.make('anna', 600_000, at);
    assert.equal(expiresAtMs, at + 600_000);
    assert.equal(streamKey, `anna?token=${token}`);
    assert.equal(parsePublished(streamKey).args.get('token'), token);
    assert.deepEqual(tokens.check('anna', token, at), { ok: true, expiresAtMs });
    assert.deepEqual(tokens.check('anna', token, expiresAtMs - 1), { ok: true, expiresAtMs });
    assert.deepEqual(tokens.check('anna', token, expiresAtMs), { ok: false, why: 'expired' });
    assert.deepEqual(tokens.check('bert', token, at), { ok: false, why: 'wrong' });
    assert.deepEqual(tokensOf(`${secret}!`).check('anna', token, at), { ok: false, why: 'wrong' });
    assert.deepEqual(tokens.check('anna', null, at), { ok: false, why: 'no-token' });
    assert.deepEqual(tokens.check('anna', '', at), { ok: false, why: 'no-token' });
  });

  it('can be made by the recipe of its description', () => {
    const expires = Math.floor(at / 1000 + 60).toString(36);
    const mac = createHmac('sha256', secret).update(`anna?${expires}`).digest('base64url');
    assert.equal(tokens.make('anna', 60_000, at).token, `${expires}.${mac}`);
    assert.equal(tokens.check('anna', `${expires}.${mac}`, at).ok, true);
  });

  it('is worth nothing when any of it is changed', () => {
    const { token } = tokens.make('anna', 600_000, at);
    const character = fc.constantFrom(
      ...'0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.=?& ',
    );
    fc.assert(
      fc.property(fc.nat({ max: token.length - 1 }), character, (place, other) => {
        const changed = token.slice(0, place) + other + token.slice(place + 1);
        assert.equal(tokens.check('anna', changed, at).ok, changed === token);
      }),
      runs,
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (stream, text) => {
        assert.equal(tokens.check(stream, text, at).ok, false);
      }),
      runs,
    );
  });

  it('wants a secret, a name and a time that make sense', () => {
    assert.throws(() => tokensOf('short'), { code: 'CONFIG_INVALID' });
    for (const [stream, ms] of [
      ['a b', 1000],
      ['', 1000],
      ['anna?x', 1000],
      ['anna', 0],
      ['anna', NaN],
      ['anna', Infinity],
      ['anna', 400 * 24 * 3_600_000],
    ] as const)
      assert.throws(() => tokens.make(stream, ms, at), { code: 'INPUT_INVALID' });
  });
});
