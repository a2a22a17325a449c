// Secrets planted in messages in every place we could think of: the witness writes none, in no form, and no hash of one.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { SECRET_MARKER, hold, redactText } from '../../lib/secrets';
import { sourceText } from '../../lib/witness/entry';
import { project, projectMessage } from '../../lib/witness/project';
import { forms, places, secrets, telling, waysToSee } from '../support/secret-places';

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content);

function assertHidden(line: string, secret: string, place: string): void {
  for (const seen of waysToSee(secret)) assert.ok(!line.includes(seen), `${place}: ${seen} in ${line}`);
  for (const form of [
    secret,
    JSON.stringify(secret),
    Buffer.from(secret, 'utf16le'),
    encodeURIComponent(secret),
  ]) {
    assert.ok(!line.includes(sha256(form).digest('hex')), `${place}: the hash of it in ${line}`);
    assert.ok(
      !line.includes(sha256(form).digest('base64').slice(0, 40)),
      `${place}: the hash of it in ${line}`,
    );
  }
}

describe('secrets in the witness', () => {
  const planted = new Map<string, number>();
  const plant = (place: string, secret: string, value: unknown) => {
    planted.set(place, (planted.get(place) ?? 0) + 1);
    const message = { topic: 'plain', payload: value, live: { event: 'stream-started' }, alert: [value] };
    assertHidden(project(value), secret, place);
    assertHidden(projectMessage(message), secret, `${place}, in a message`);
  };

  it('are hidden where a name, an address or their look tells them, unknown to anybody', () => {
    for (const [place, make] of Object.entries(telling))
      for (const secret of secrets) plant(place, secret, make(secret));
    for (const key of [
      ['live', '123456789', 'AbCdEfGhIjKlMnOpQrSt'].join('_'),
      'FB-123456789012345-0-AbCdEfGhIjKl',
      'a1b2-c3d4-e5f6-g7h8-i9j0',
      'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N',
      'PRIVATE+KEY+example.com/log+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280N',
      '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIOv\n-----END PRIVATE KEY-----',
    ])
      for (const [place, make] of Object.entries(places)) {
        if (/name|expression|pair|long list|large|fit|16/.test(place)) continue;
        plant(`a key that looks like one, ${place}`, key.slice(-16), make(` ${key} `));
      }
  });

  it('are hidden wherever they stand and however they are written, where they are known', () => {
    for (const secret of secrets) {
      const release = hold(secret);
      for (const [place, put] of Object.entries(places))
        for (const [form, write] of Object.entries(forms).slice(
          0,
          / (long list|large object)$/.test(place) ? 2 : 99,
        ))
          plant(`${form} ${place}`, secret, put(write(secret)));
      assertHidden(project(Number(secret)), secret, 'as a number');
      assertHidden(
        sourceText({ node: secret, flow: `f ${secret}`, name: encodeURIComponent(secret) }),
        secret,
        'source',
      );
      release();
    }
  });

  it('stood in more than sixty places', () => {
    assert.ok(Object.keys(telling).length >= 60, `${Object.keys(telling).length} that tell`);
    assert.ok(planted.size >= 350, `${planted.size} in all`);
  });

  it('numbers and short ones too', () => {
    const release = [hold('4711'), hold('x7')];
    assert.equal(project({ pin: 4711, other: 47110 }), `{"other":47110,"pin":"${SECRET_MARKER}"}`);
    assert.equal(project(4711n), `{"$bigint":"${SECRET_MARKER}"}`);
    assert.equal(
      project(['x7', 'say x7!', 'x78', 7]),
      `["${SECRET_MARKER}","say ${SECRET_MARKER}!","x78",7]`,
    );
    assert.equal(project({ x7: 1 }), `{"${SECRET_MARKER}":1}`);
    assert.ok(!project(Buffer.from('x7')).includes(sha256('x7').digest('hex')));
    release.forEach((free) => free());
    assert.equal(project(4711), '4711');
  });

  it('as names leave no name twice, and the same line in any order', () => {
    const release = hold('secret-name');
    const line = project({
      'secret-name': 1,
      'c secret-name': 5,
      [Buffer.from('secret-name').toString('hex')]: 2,
      '[hidden]': 3,
      '[hidden] (2)': 4,
      b: 6,
    });
    assert.equal(
      line,
      '{"[hidden]":2,"[hidden] (2)":4,"[hidden] (3)":3,"[hidden] (4)":1,"b":6,"c [hidden]":5}',
    );
    assert.equal(
      project({
        b: 6,
        '[hidden] (2)': 4,
        '[hidden]': 3,
        'c secret-name': 5,
        'secret-name': 1,
        '7365637265742d6e616d65': 2,
      }),
      line,
    );
    // what was harmless before it was held
    release();
    assert.match(project({ 'secret-name': 1 }), /secret-name/);
  });

  it('a hash is one of what was left: of texts, Buffers and what was cut', () => {
    const text = `${'a'.repeat(9000)} hunter2hunter2`;
    const bytes = Buffer.from('the word is hunter2hunter2');
    const release = hold('hunter2hunter2');
    const clean = redactText(text);
    assert.equal(
      project(text),
      `{"$cut":{"length":${clean.length},"sha256":"${sha256(clean).digest('hex')}","what":"text"}}`,
    );
    const left = Buffer.from(`the word is ${SECRET_MARKER}`);
    assert.equal(
      project(bytes),
      `{"$bytes":{"hidden":true,"length":${left.length},"sha256":"${sha256(left).digest('hex')}"}}`,
    );
    release();
    assert.equal(
      project(bytes),
      `{"$bytes":{"length":${bytes.length},"sha256":"${sha256(bytes).digest('hex')}"}}`,
    );
  });

  it('what was hidden once stays as it is', () => {
    for (const make of Object.values(telling)) {
      const value = make('hunter2-Stage!');
      if (typeof value !== 'string') continue;
      const once = redactText(value);
      assert.equal(redactText(once), once);
    }
  });
});
