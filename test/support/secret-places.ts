// Secrets in messages: every place we could think of, and every form. What writes messages down must show none of them.
export type Plant = (secret: string) => unknown;

/** Every way a secret can be read from a text. */
export function waysToSee(secret: string): string[] {
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

/** Places where the name, the address or the look tells, so that it need not be known. */
export const telling: Record<string, Plant> = {
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
export const forms: Record<string, (secret: string) => string> = {
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
/** Where such a text may stand. */
export const places: Record<string, (text: string) => unknown> = {
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

/** Such as people have: with signs that addresses and JSON write in another way, and of digits alone. */
export const secrets = [
  'hunter2-Stage!',
  'live_sk 9f8e7d6c5b',
  'pä$$wörd/+&=<>"\\',
  'abcd-1234-efgh-5678-ijkl',
  '8831947120',
];
