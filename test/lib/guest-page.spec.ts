// What guests can and cannot do by the page's own port.
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressCheck } from '../../lib/web/addresses';
import { clientAddress, networkKey, rateKey } from '../../lib/web/client-address';
import { Buckets } from '../../lib/web/buckets';
import { checkOrigin } from '../../lib/web/guest-page/headers';
import { guestName, isInvitation, shownName } from '../../lib/web/guest-page/names';
import { publicQueue } from '../../lib/web/guest-page/view';
import { MOST_SESSIONS, Sessions } from '../../lib/web/guest-page/sessions';
import { tempDir } from '../support/temp';
import {
  INVITATION,
  SERVER,
  cookieOf,
  entryView,
  startPage,
  type Answer,
  type PageRig,
} from '../support/guest-page';

const JOIN = { code: INVITATION, name: 'Ana' };

describe('the guest page', () => {
  let rig: PageRig;
  afterEach(() => rig.close());

  const asset = { type: 'text/html; charset=utf-8', body: Buffer.from('<!doctype html>') };
  const why = (answer: Answer) => answer.json().why;

  it('carries on every answer what a security review asks for, and nothing that invites others', async () => {
    rig = await startPage({ assets: new Map([['/', asset]]) });
    const answers = [
      ...(await Promise.all(
        ['/', '/queue', '/queue-json', '/queue-list', '/me', '/nothing', '/join'].map((path) =>
          rig.ask('GET', path),
        ),
      )),
      await rig.ask('HEAD', '/'),
      await rig.ask('DELETE', '/'),
      await rig.ask('OPTIONS', '/join', {
        origin: 'https://evil.example',
        'access-control-request-method': 'POST',
      }),
      await rig.post('/join', {}),
      await rig.post('/join', JOIN),
    ];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200, 200, 404, 405, 200, 405, 405, 403, 200],
    );
    for (const { headers } of answers) {
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['x-frame-options'], 'DENY');
      assert.equal(headers['referrer-policy'], 'no-referrer');
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
      assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
      assert.match(headers['permissions-policy'] as string, /camera=\(\), microphone=\(\)/);
      const policy = headers['content-security-policy'] as string;
      for (const part of [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
      ])
        assert.ok(policy.includes(part), part);
      assert.doesNotMatch(policy, /unsafe|\*|data:|http/);
      for (const name of [
        'server',
        'x-powered-by',
        'access-control-allow-origin',
        'strict-transport-security',
      ])
        assert.equal(headers[name], undefined, name);
    }
    assert.equal(answers[7]!.body, '');
  });

  it('a guest joins with the code, sees his key once, and by nothing else ever again', async () => {
    rig = await startPage();
    const joined = await rig.post('/join', JOIN);
    const { streamKey, ...rest } = joined.json<{ streamKey: string }>();
    assert.deepEqual(rest, { ok: true, me: { id: 'guest-1', name: 'Ana' }, server: SERVER });
    assert.match(streamKey, /^guest-1\?key=[\w-]{27}$/);
    const [set = ''] = joined.headers['set-cookie'] ?? [];
    assert.match(set, /^live_guest=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
    const cookie = cookieOf(joined);
    const secret = streamKey.split('=')[1]!;
    rig.queue.show({ lead: entryView('guest-1', { name: 'Ana', state: 'live', place: 0 }) });
    for (const path of ['/me', '/queue', '/queue-json', '/queue-list']) {
      const { body } = await rig.ask('GET', path, { cookie });
      assert.ok(!body.includes(secret) && !body.includes(cookie.split('=')[1]!), path);
    }
    const me = await rig.ask('GET', '/me', { cookie });
    assert.deepEqual(me.json(), {
      id: 'guest-1',
      name: 'Ana',
      server: SERVER,
      turn: 't-guest-1',
      banned: null,
    });
    assert.equal(why(await rig.post('/join', JOIN, cookie)), 'joined-already');
    const renewed = (await rig.post('/new-key', {}, cookie)).json<{ streamKey: string }>();
    assert.notEqual(renewed.streamKey, streamKey);
    assert.ok(!JSON.stringify(rig.warnings).includes(secret));
  });

  it('leaving takes the key first and then the place, and the cookie is worth nothing', async () => {
    rig = await startPage();
    const cookie = cookieOf(await rig.post('/join', JOIN));
    rig.queue.show({ waiting: [entryView('guest-1')] });
    const left = await rig.post('/leave', {}, cookie);
    assert.equal(left.status, 200);
    assert.match(left.headers['set-cookie']![0]!, /^live_guest=; .*Max-Age=0$/);
    assert.deepEqual(rig.queue.commands, [{ action: 'kick', who: 'guest-1' }]);
    assert.equal(rig.keys.people.size, 0);
    assert.equal((await rig.ask('GET', '/me', { cookie })).json(), null);
    assert.equal(why(await rig.post('/leave', {}, cookie)), 'not-joined');
    // who is not in the queue leaves as well
    rig.queue.show({ waiting: [] });
    const again = cookieOf(await rig.post('/join', JOIN));
    assert.equal((await rig.post('/leave', {}, again)).status, 200);
  });

  it('a made up, stolen or outlived cookie opens nothing', async () => {
    rig = await startPage();
    const cookie = cookieOf(await rig.post('/join', JOIN));
    const wrong = [
      '',
      'live_guest=',
      'live_guest=x',
      `live_guest=${'A'.repeat(43)}`,
      `live_guest=${'A'.repeat(5000)}`,
    ];
    for (const one of wrong) {
      assert.equal((await rig.ask('GET', '/me', { cookie: one })).json(), null, one.slice(0, 30));
      assert.equal(why(await rig.post('/new-key', {}, one)), 'not-joined');
    }
    // the operator deleted him, and gave the same id to somebody else
    const person = rig.keys.people.get('guest-1')!;
    rig.keys.people.set('guest-1', { ...person, name: 'Bob', createdAt: '2030-01-01T00:00:00.000Z' });
    assert.equal((await rig.ask('GET', '/me', { cookie })).json(), null);
  });

  it('over TLS the cookie that anybody nearby can set counts for nothing', async () => {
    rig = await startPage({ settings: { publicOrigin: 'https://night.example' } });
    const tls = { origin: 'https://night.example' };
    const planted = cookieOf(await rig.post('/join', JOIN));
    assert.match(planted, /^live_guest=/);
    assert.equal(why(await rig.post('/new-key', {}, planted, tls)), 'not-joined');
    const own = await rig.post('/join', { ...JOIN, name: 'Bo' }, planted, tls);
    assert.equal(own.status, 200);
    assert.match(own.headers['set-cookie']![0]!, /^__Host-live_guest=/);
    assert.equal((await rig.post('/new-key', {}, `${planted}; ${cookieOf(own)}`, tls)).status, 200);
  });

  it('behind a proxy that speaks TLS it counts for nothing either, also where only the page is read', async () => {
    const settings = { publicOrigin: 'https://night.example', isTrusted: addressCheck(['127.0.0.1']) };
    rig = await startPage({ settings });
    const planted = cookieOf(await rig.post('/join', JOIN));
    const proxied = { 'x-forwarded-for': '192.0.2.4' };
    assert.equal((await rig.ask('GET', '/me', { cookie: planted, ...proxied })).json(), null);
    assert.notEqual((await rig.ask('GET', '/me', { cookie: planted })).json(), null, 'without the proxy');
    const tls = { origin: 'https://night.example', ...proxied };
    const own = cookieOf(await rig.post('/join', { ...JOIN, name: 'Bo' }, undefined, tls));
    const me = await rig.ask('GET', '/me', { cookie: `${planted}; ${own}`, ...proxied });
    assert.equal(me.json().id, 'guest-2');
  });

  it('another site can post nothing with a visitor’s cookie', async () => {
    rig = await startPage();
    const cookie = cookieOf(await rig.post('/join', JOIN));
    const from = (more: Record<string, string>) => rig.post('/leave', {}, cookie, more);
    for (const origin of [
      'https://evil.example',
      `${rig.origin}.evil.example`,
      'null',
      '',
      'http://127.0.0.1',
      `${rig.origin}/`,
    ])
      assert.equal(why(await from({ origin })), 'origin', origin);
    assert.equal(why(await from({ 'sec-fetch-site': 'cross-site' })), 'origin');
    assert.equal(why(await from({ 'sec-fetch-site': 'same-site' })), 'origin');
    assert.equal(why(await from({ 'content-type': 'text/plain' })), 'not-json');
    assert.equal(why(await from({ 'content-type': 'application/x-www-form-urlencoded' })), 'not-json');
    assert.equal(rig.keys.people.size, 1);
    assert.equal(
      (await from({ 'content-type': 'application/json; charset=utf-8', 'sec-fetch-site': 'same-origin' }))
        .status,
      200,
    );
  });

  it('codes are guessed slowly, and one who guesses takes no turn of others', async () => {
    rig = await startPage({ settings: { isTrusted: addressCheck(['127.0.0.1']) }, page: { now: () => 0 } });
    const joinFrom = (address: string, code: string) =>
      rig.post('/join', { code, name: 'Ana' }, undefined, { 'x-forwarded-for': address });
    const answers: unknown[] = [];
    for (let n = 0; n < 14; n++) answers.push(why(await joinFrom('192.0.2.1', `guess ${n}`)));
    assert.deepEqual(answers, [...Array<string>(12).fill('wrong-code'), 'slow-down', 'slow-down']);
    const slow = await joinFrom('192.0.2.1', INVITATION);
    assert.equal(slow.status, 429);
    assert.equal(slow.headers['retry-after'], '10');
    assert.equal(slow.json().waitS, 10);
    assert.equal((await joinFrom('192.0.2.2', INVITATION)).status, 200);
    // and all together, from wherever they come
    let wrong = 0;
    for (let n = 0; n < 60; n++) if (why(await joinFrom(`198.51.${n}.1`, 'x')) === 'wrong-code') wrong++;
    assert.equal(wrong, 60 - 13);
  });

  it('who has a whole network of addresses keeps nobody else from joining', async () => {
    rig = await startPage({ settings: { isTrusted: addressCheck(['127.0.0.1']) }, page: { now: () => 0 } });
    const joinFrom = (address: string, code: string) =>
      rig.post('/join', { code, name: 'Ana' }, undefined, { 'x-forwarded-for': address });
    for (const network of [
      (n: number) => `2001:db8:77:${n.toString(16)}::1`,
      (n: number) => `198.51.100.${n}`,
    ]) {
      let wrong = 0;
      for (let n = 0; n < 100; n++) if (why(await joinFrom(network(n), 'x')) === 'wrong-code') wrong++;
      assert.equal(wrong, 25);
    }
    assert.equal((await joinFrom('192.0.2.2', INVITATION)).status, 200);
  });

  it('takes no body that is too long, no JSON or no object, and stays alive', async () => {
    rig = await startPage();
    const headers = { 'content-type': 'application/json', origin: rig.origin };
    for (const [body, reason] of [
      ['', 'malformed'],
      ['{', 'malformed'],
      ['[]', 'malformed'],
      ['null', 'malformed'],
      ['"x"', 'malformed'],
      ['{}', 'wrong-code'],
      ['{"__proto__":{"code":"summer night"}}', 'wrong-code'],
      [`{"code":["${INVITATION}"],"name":"Ana"}`, 'wrong-code'],
      [`{"code":"${INVITATION}"}`, 'bad-name'],
      [`{"code":"${INVITATION}","name":{"a":1}}`, 'bad-name'],
      [JSON.stringify({ code: 'x'.repeat(3000) }), 'too-long'],
    ] as const)
      assert.equal(why(await rig.ask('POST', '/join', headers, body)), reason, body.slice(0, 40));
  });

  it('says so when nobody can join: no code set, no keys left, queue not there', async () => {
    rig = await startPage({ settings: { invitation: null } });
    assert.equal(why(await rig.post('/join', JOIN)), 'no-joining');
    assert.equal(
      (await rig.ask('GET', '/queue')).json<{ queue: { joining: boolean } }>().queue.joining,
      false,
    );
    await rig.close();
    rig = await startPage();
    rig.keys.most = 0;
    assert.equal(why(await rig.post('/join', JOIN)), 'full');
    const release = rig.page.attach({ queue: rig.queue.queue, keys: rig.keys.store, publishAddress: SERVER });
    release();
    const answer = await rig.post('/join', JOIN);
    assert.deepEqual([answer.status, why(answer)], [503, 'not-open']);
    assert.equal((await rig.ask('GET', '/queue')).json().queue, null);
    assert.match((await rig.ask('GET', '/queue-list')).body, /not open at the moment/);
  });

  it('nobody takes the name of one who is in the queue', async () => {
    rig = await startPage();
    rig.queue.show({ lead: entryView('dj', { name: 'DJ Ana', place: 0 }) });
    for (const name of ['DJ Ana', 'dj ana', ' ＤＪ  Ana ', 'DJ\u200b Ana'])
      assert.equal(why(await rig.post('/join', { code: INVITATION, name })), 'name-taken', name);
  });

  it('shows neither reasons of bans nor stream names, and tells only himself that he is banned', async () => {
    rig = await startPage();
    const cookie = cookieOf(await rig.post('/join', JOIN));
    const ban = {
      stream: 'guest-1',
      name: 'Ana',
      until: '2026-01-01T21:00:00.000Z',
      reason: 'threw a bottle',
    };
    rig.queue.show({ bans: [ban], waiting: [entryView('secret-stream-id', { name: 'Bob', turn: 't9' })] });
    const pages = await Promise.all(
      ['/queue', '/queue-json', '/queue-list', '/me'].map((path) => rig.ask('GET', path, { cookie })),
    );
    for (const { body } of pages) assert.doesNotMatch(body, /bottle|secret-stream-id/);
    assert.deepEqual(pages[3]!.json(), {
      id: 'guest-1',
      name: 'Ana',
      server: SERVER,
      turn: null,
      banned: { until: ban.until },
    });
    assert.doesNotMatch((await rig.ask('GET', '/queue')).body, /Ana/);
  });

  it('hostile names are text, in JSON and in the plain page', async () => {
    rig = await startPage({ settings: { title: '<script>alert(1)</script>' } });
    const name = '<img src=x onerror=alert(1)>"\'&\u202eevil\u0000';
    rig.queue.show({
      lead: entryView('x', { name, place: 0 }),
      waiting: [entryView('y', { name: '\u0301'.repeat(60) })],
    });
    const { body } = await rig.ask('GET', '/queue-list');
    assert.ok(!/<img|<script|\u202e|\u0000/.test(body), body);
    const [lead] = (await rig.ask('GET', '/queue-json')).json<{ name: string }[]>();
    assert.ok(!/[\u202e\u0000]/.test(lead!.name));
  });

  it('queue-json is seed 003’s array, with turns', async () => {
    rig = await startPage();
    rig.queue.show({
      lead: entryView('a', { state: 'live', place: 0, remainingMs: 60_000, counting: true }),
      waiting: [
        entryView('b'),
        entryView('c', { place: 2, held: true }),
        entryView('d', { place: 3, limitMs: null }),
        entryView('e', { place: 4 }),
      ],
    });
    const list = (await rig.ask('GET', '/queue-json')).json<Record<string, unknown>[]>();
    assert.deepEqual(
      list.map(({ name, place, startsInMs }) => [name, place, startsInMs]),
      [
        ['a', 0, null],
        ['b', 1, 60_000],
        ['c', 2, null],
        ['d', 3, 660_000],
        ['e', 4, null],
      ],
    );
    const html = (await rig.ask('GET', '/queue-list')).body;
    assert.match(html, /<strong>a<\/strong>, one minute left/);
    assert.match(html, /<li>c \(held back\)<\/li>/);
    assert.equal(
      publicQueue({ ...rig.queue.shown, onHold: true }, { title: '', joining: true }).waiting[0]!.startsInMs,
      null,
    );
  });
});

describe('what the guest page stands on', () => {
  it('the address that asks: only proxies that are trusted are believed, the nearest first', () => {
    const trusted = addressCheck(['localhost', '10.0.0.0/8']);
    for (const [peer, forwarded, expected] of [
      ['192.0.2.7', '1.2.3.4', '192.0.2.7'],
      ['::ffff:192.0.2.7', undefined, '192.0.2.7'],
      ['127.0.0.1', undefined, '127.0.0.1'],
      ['127.0.0.1', '6.6.6.6, 192.0.2.9', '192.0.2.9'],
      ['127.0.0.1', '6.6.6.6, 192.0.2.9, 10.1.2.3', '192.0.2.9'],
      ['127.0.0.1', 'nonsense', '127.0.0.1'],
      ['127.0.0.1', '192.0.2.9:4711', '192.0.2.9'],
      ['::1', '[2001:db8::1]:80', '2001:db8::1'],
      [undefined, '1.2.3.4', ''],
    ] as const)
      assert.equal(clientAddress(peer, forwarded, trusted), expected, `${peer} ${forwarded}`);
    assert.equal(rateKey('2001:db8:1:2:3:4:5:6'), rateKey('2001:db8:1:2::9'));
    assert.notEqual(rateKey('2001:db8:1:2::9'), rateKey('2001:db8:1:3::9'));
    assert.equal(networkKey('2001:db8:1:2::9'), networkKey('2001:db8:1:3::9'));
    assert.notEqual(networkKey('2001:db8:1:2::9'), networkKey('2001:db8:2:2::9'));
    assert.equal(networkKey('192.0.2.1'), networkKey('192.0.2.200'));
    assert.notEqual(networkKey('192.0.2.1'), networkKey('192.0.3.1'));
  });

  it('a bucket gives its burst, then one at a time, and remembers no more than it may', () => {
    const buckets = new Buckets({ burst: 3, everyMs: 100 }, 2);
    assert.deepEqual(
      [0, 0, 0, 0].map((at) => buckets.take('a', at)),
      [0, 0, 0, 100],
    );
    assert.equal(buckets.take('a', 99), 1);
    assert.equal(buckets.take('a', 100), 0);
    assert.equal(buckets.take('b', 100), 0);
    assert.equal(buckets.take('c', 100), 0);
    assert.equal(buckets.take('a', 100), 0, 'forgotten, since two came after it');
  });

  it('origins: the page’s own, also behind a proxy that changes the host', () => {
    const host = 'queue.example:8932';
    const at = (headers: object, own: string | null = null) => checkOrigin({ host, ...headers }, own);
    assert.deepEqual(at({ origin: 'http://queue.example:8932' }), { ok: true, secure: false });
    assert.deepEqual(at({ origin: 'https://queue.example:8932' }), { ok: true, secure: true });
    assert.deepEqual(at({ origin: 'https://night.example' }, 'https://night.example'), {
      ok: true,
      secure: true,
    });
    assert.deepEqual(at({ origin: 'null', 'sec-fetch-site': 'same-origin' }), { ok: true, secure: false });
    // with an address of its own no other name of the world is the page, whoever lets it point here
    assert.deepEqual(at({ origin: 'http://queue.example:8932' }, 'https://night.example'), { ok: false });
    for (const own of ['192.168.1.7:8932', '[fd00::7]:8932', 'studio:8932', 'studio.local:8932', 'localhost'])
      assert.deepEqual(
        checkOrigin({ host: own, origin: `http://${own}` }, 'https://night.example'),
        { ok: true, secure: false },
        own,
      );
    for (const headers of [
      {},
      { origin: 'https://night.example' },
      { origin: 'file://queue.example:8932' },
      { origin: 'x' },
    ])
      assert.deepEqual(at(headers), { ok: false });
  });

  it('names of guests: what is left is readable', () => {
    for (const [typed, name] of [
      ['  Ana   B  ', 'Ana B'],
      ['é', 'é'],
      ['DJ \u{1F3A7}', 'DJ \u{1F3A7}'],
      ['Ana\u202e\u200b', 'Ana'],
      ['a\u0301\u0302\u0303\u0304\u0305', 'á\u0302\u0303'],
      ['   ', null],
      ['\u{1F3A7}', null],
      ['x'.repeat(41), null],
      [7, null],
      [undefined, null],
    ] as const)
      assert.equal(guestName(typed), name, JSON.stringify(typed));
    assert.equal(shownName('\u202e'), '·');
    assert.equal(shownName(''), '?');
    assert.equal(isInvitation(' summer night ', INVITATION), true);
    for (const wrong of ['', 'Summer night', 'summer nigh', null, {}, 'x'.repeat(1000)])
      assert.equal(isInvitation(wrong, INVITATION), false);
  });

  it('sessions survive a restart as hashes only, in a file nobody else reads; a broken file ends nothing', async () => {
    const path = join(tempDir('sessions'), 'deep', 'page.json');
    const warnings: string[] = [];
    const open = () => new Sessions({ path, warn: (sentence) => void warnings.push(sentence) });
    const first = open();
    const person = { id: 'ana', createdAt: 'then' };
    const tokens = await Promise.all([first.create(person), first.create({ ...person, id: 'bob' })]);
    await first.close();
    const text = readFileSync(path, 'utf8');
    for (const token of tokens) assert.ok(!text.includes(token));
    if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o600);
    const second = open();
    await second.ready;
    assert.equal(second.find(tokens[0])?.person, 'ana');
    await second.removePerson('ana');
    assert.equal(second.find(tokens[0]), null);
    assert.equal(second.find(tokens[1])?.person, 'bob');
    await second.close();
    for (const broken of ['', '{', '[]', '{"v":1}', '{"v":1,"sessions":[{"hash":1}]}', 'null']) {
      writeFileSync(path, broken);
      const again = open();
      await again.ready;
      assert.equal(again.find(tokens[1]), null);
      await again.close();
    }
    assert.equal(warnings.length, 5);
    for (const warning of warnings) assert.ok(warning.startsWith(path));
  });

  it('sessions end, and the one unseen for longest makes room', async () => {
    let nowMs = 0;
    const sessions = new Sessions({ path: null, now: () => nowMs });
    const person = { id: 'ana', createdAt: 'then' };
    const first = await sessions.create(person);
    nowMs = 1;
    for (let n = 0; n < MOST_SESSIONS - 1; n++) await sessions.create(person);
    assert.ok(sessions.find(first));
    const last = await sessions.create(person);
    assert.equal(sessions.find(first), null);
    nowMs += 31 * 24 * 3600 * 1000;
    assert.equal(sessions.find(last), null);
  });
});
