// Secrets planted in messages in every place we could think of: the witness writes none, in no form, and no hash of one.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { SECRET_MARKER, hold, redactText } from '../../lib/secrets';
import { sourceText } from '../../lib/witness/entry';
import { project, projectMessage } from '../../lib/witness/project';

type Plant = (secret: string) => unknown;
const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content);

/** Every way a secret can be read from a text. */
function waysToSee(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    return text.slice(shift ? shift + 1 : 0, (shift + bytes.length) % 3 ? -1 : undefined);
  });
  const url = encodeURIComponent(secret);
  const seen = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    url,
    url.toLowerCase(),
    url.replace(/%20/g, '+'),
    encodeURIComponent(url),
  ];
  seen.push(...base64, ...base64.map((text) => text.replace(/\+/g, '-').replace(/\//g, '_')));
  seen.push(bytes.toString('hex'), bytes.toString('hex').toUpperCase());
  return [...new Set(seen)];
}

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

/** Places where the name, the address or the look tells, so that it need not be known. */
const telling: Record<string, Plant> = {
  password: (s) => ({ payload: { password: s } }),
  'OBS password': (s) => ({ payload: { obs: { host: 'localhost', obsPassword: s } } }),
  obs_password: (s) => ({ obs_password: s }),
  'stream key': (s) => ({ payload: { streamServiceSettings: { server: 'rtmp://a/live', key: s } } }),
  streamKey: (s) => ({ streamKey: s }),
  stream_key: (s) => ({ stream_key: s }),
  'STREAM-KEY': (s) => ({ 'STREAM-KEY': s }),
  rtmpKey: (s) => ({ rtmpKey: s }),
  twitch_key: (s) => ({ twitch_key: s }),
  'srt passphrase': (s) => ({ srtPassphrase: s }),
  passphrase: (s) => [[{ passphrase: s }]],
  streamid: (s) => ({ streamid: s }),
  token: (s) => ({ token: s }),
  accessToken: (s) => ({ accessToken: s }),
  bearer_token: (s) => ({ bearer_token: s }),
  'refresh-token': (s) => ({ 'refresh-token': s }),
  client_secret: (s) => ({ client_secret: s }),
  apiKey: (s) => ({ apiKey: s }),
  'x-api-key': (s) => ({ headers: { 'x-api-key': s } }),
  authorization: (s) => ({ headers: { authorization: `Bearer ${s}` } }),
  cookie: (s) => ({ headers: { cookie: `sid=${s}` } }),
  'set-cookie': (s) => ({ headers: { 'set-cookie': [`sid=${s}; Path=/`] } }),
  cookies: (s) => ({ cookies: { sid: s } }),
  credentials: (s) => ({ credentials: { user: 'me', code: s } }),
  webhook: (s) => ({ webhook: `https://hooks.example/${s}` }),
  'list below a secret name': (s) => ({ tokens: 1, token: [s, s] }),
  'Buffer below a secret name': (s) => ({ password: Buffer.from(s) }),
  'Date beside': (s) => ({ at: new Date(0), pwd: s }),
  'Map by name': (s) => new Map([['password', s]]),
  'field of a class': (s) => new (class Account { secret = s; })(), // prettier-ignore
  'field of an error': (s) => Object.assign(new Error('failed'), { token: s }),
  'cause of an error': (s) => new Error('failed', { cause: { password: s } }),
  'name and value': (s) => [{ name: 'password', value: s }],
  'key and value': (s) => [{ key: 'streamKey', value: s }],
  'header and value': (s) => [{ header: 'Authorization', value: s }],
  rawHeaders: (s) => ({ rawHeaders: ['Host', 'a', 'Authorization', `Basic ${s}`, 'Cookie', s] }),
  'rtmp path': (s) => `rtmp://a.rtmp.youtube.com/live2/${encodeURIComponent(s)}`,
  'rtmps path with a query': (s) => ({
    url: `rtmps://live.example:443/app/${encodeURIComponent(s)}?bandwidthtest=true`,
  }),
  'rtmp user': (s) => `rtmp://user:${encodeURIComponent(s)}@a.example/app`,
  'https user': (s) => `see https://me:${encodeURIComponent(s)}@a.example/x now`,
  'srt passphrase in an address': (s) =>
    `srt://a:9000?mode=caller&passphrase=${encodeURIComponent(s)}&latency=120`,
  'srt streamid in an address': (s) => `srt://a:9000?streamid=${encodeURIComponent(s)}`,
  'srt access control': (s) => `srt://a:9000?streamid=#!::u=me,s=${encodeURIComponent(s)}`,
  'token in a query': (s) => `https://a.example/hook?a=1&access_token=${encodeURIComponent(s)}#x`,
  'signature in a query': (s) => `https://a.example/hook?sig=${encodeURIComponent(s)}`,
  'vMix URL=': (s) =>
    `http://vmix:8088/api/?Function=StreamingSetURL&Value=0,${encodeURIComponent(`rtmp://h/app/${encodeURIComponent(s)}`)}`,
  'vMix URL= of srt': (s) => `URL=${encodeURIComponent(`srt://h:9000?passphrase=${encodeURIComponent(s)}`)}`,
  'address encoded twice': (s) =>
    encodeURIComponent(encodeURIComponent(`https://u:${encodeURIComponent(s)}@h/`)),
  'query encoded': (s) => `next=${encodeURIComponent(`/cb?token=${encodeURIComponent(s)}&x=1`)}`,
  'Slack webhook': (s) => `https://hooks.slack.com/services/T0/B0/${encodeURIComponent(s)}`,
  'Discord webhook': (s) => `https://discord.com/api/webhooks/123/${encodeURIComponent(s)}`,
  'Telegram bot': (s) => `https://api.telegram.org/bot123:${encodeURIComponent(s)}/sendMessage`,
  'form body': (s) => `stream_key=${encodeURIComponent(s)}&name=x`,
  'assigned in a sentence': (s) => `it ran with password=${JSON.stringify(s)} and failed`,
  'argument of a command': (s) => `ffmpeg --stream-key ${encodeURIComponent(s)} -i x`,
  'error with an address': (s) => new Error(`connect ECONNREFUSED rtmp://h/app/${encodeURIComponent(s)}`),
  'JSON in a text': (s) => JSON.stringify({ a: 1, password: s, b: 2 }),
  'JSON in JSON in a text': (s) => JSON.stringify({ body: JSON.stringify({ streamKey: s }) }),
  'indented JSON': (s) => JSON.stringify({ deep: { token: s } }, null, 2),
  'list in JSON in a text': (s) => JSON.stringify({ cookies: [s, s], after: 1 }),
  'header in a text': (s) =>
    `GET / HTTP/1.1\r\nAuthorization: Basic ${Buffer.from(s).toString('base64')}\r\nAccept: x`,
  'cookie in a text': (s) => `Cookie: sid=${encodeURIComponent(s)}; a=b\r\n`,
  'bearer in a text': (s) => `sent bearer ${Buffer.from(s).toString('base64url')}`,
  XML: (s) => `<vmix><password>${s.replace(/&/g, '&amp;').replace(/</g, '&lt;')}</password></vmix>`,
  'XML attribute': (s) => `<stream password="${encodeURIComponent(s)}"/>`,
  'Buffer of JSON': (s) => ({ payload: Buffer.from(JSON.stringify({ password: s })) }),
  'typed array of an address': (s) => new Uint8Array(Buffer.from(`rtmp://h/app/${encodeURIComponent(s)}`)),
};

/** Texts with a form of the secret in them, which has to be known to be found. */
const forms: Record<string, (secret: string) => string> = {
  plain: (s) => s,
  JSON: (s) => JSON.stringify(s),
  URL: (s) => encodeURIComponent(s),
  'URL in lower case': (s) => encodeURIComponent(s).replace(/%../g, (code) => code.toLowerCase()),
  form: (s) => encodeURIComponent(s).replace(/%20/g, '+'),
  'URL twice': (s) => encodeURIComponent(encodeURIComponent(s)),
  base64: (s) => Buffer.from(s).toString('base64'),
  'base64, second place': (s) => Buffer.from(`u${s}:`).toString('base64'),
  'base64, third place': (s) => Buffer.from(`me${s}:x`).toString('base64'),
  base64url: (s) => Buffer.from(`x:${s}`).toString('base64url'),
  hex: (s) => Buffer.from(s).toString('hex'),
  HEX: (s) => Buffer.from(`a${s}b`).toString('hex').toUpperCase(),
};
const places: Record<string, (text: string) => unknown> = {
  topic: (t) => ({ topic: t }),
  'in a sentence': (t) => ({ payload: `they said ${t} on air` }),
  'in a word': (t) => `x${t}y`,
  'in a name': (t) => ({ payload: { [t]: 1, [`a ${t}`]: 2 } }),
  'in a list': (t) => [1, [t]],
  'in a Map': (t) => new Map([[t, { a: t }]]),
  'in a Set': (t) => new Set([t]),
  'in an error': (t) => new Error(`bad ${t}`, { cause: t }),
  'in the name of an error': (t) => Object.assign(new Error('x'), { name: t }),
  'in a class': (t) => Object.assign(new (class Thing {})(), { text: t }),
  'in the name of a class': (t) => new (Object.defineProperty(class {}, 'name', { value: t }))(),
  'in a regular expression': (t) => new RegExp(t.replace(/[^\w%]/g, '\\$&')),
  'in a String object': (t) => Object(t) as unknown,
  'below a getter': (t) => Object.defineProperty({}, 'a', { get: () => t, enumerable: true }),
  'in a long text': (t) => `${'long '.repeat(3000)}${t}${' long'.repeat(3000)}`,
  'alone in a long list': (t) => Array.from({ length: 11_000 }, () => t),
  'in a large object': (t) => Object.fromEntries(Array.from({ length: 10_100 }, (_, i) => [`n${i}`, t])),
  'deep down': (t) => {
    let deep: unknown = t;
    for (let i = 0; i < 40; i++) deep = { deep };
    return deep;
  },
  'just too deep': (t) => {
    let deep: unknown = t;
    for (let i = 0; i < 33; i++) deep = [deep];
    return deep;
  },
  'in a Buffer': (t) => Buffer.from(t),
  'in a longer Buffer': (t) => Buffer.from(`head ${t} tail`),
  'in a large Buffer': (t) =>
    Buffer.concat([Buffer.alloc(100_000, 'ab'), Buffer.from(t), Buffer.alloc(10, 'c')]),
  'in a Buffer of JSON': (t) => Buffer.from(t).toJSON(),
  'in UTF-16': (t) => Buffer.from(t, 'utf16le'),
  'in an ArrayBuffer': (t) => new Uint8Array(Buffer.from(t)).buffer,
  'in what does not fit': (t) =>
    Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`n${i}`, `${t} `.repeat(200).slice(0, 8000)])),
  'beside a picture': (t) => `data:image/png;base64,AAAA ${t}`,
  'with half a pair': (t) => `\ud800${t}`,
};

const secrets = [
  'hunter2-Stage!',
  'live_sk 9f8e7d6c5b',
  'pä$$wörd/+&=<>"\\',
  'abcd-1234-efgh-5678-ijkl',
  '8831947120',
];

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
