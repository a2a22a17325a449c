// The timeline page's answers: who gets what, by which token, and what stands in no address.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { request as ask } from 'node:http';
import fc from 'fast-check';
import { fail } from '../../lib/errors';
import { Doorkeeper } from '../../lib/web/timeline/access';
import { sessionCookie, sessionIn } from '../../lib/web/timeline/cookies';
import { pageIndex } from '../../lib/web/timeline/page-index';
import { readToken, signToken, type Claims } from '../../lib/web/timeline/tokens';
import type { PageAbout, PageFrames, PageIndex } from '../../lib/web/timeline/view';
import { loops, waitFor } from '../support';
import { PaperFrames } from '../support/paper-frames';
import { startTimeline, type TimelineRig } from '../support/timeline';

const BEGIN = Date.UTC(2026, 10, 20, 18, 59, 30);
const DATA = ['about', 'index', 'frames?stream=cam-1', 'nearest?stream=cam-1&at=1', 'events'];

function evening(): PaperFrames {
  return new PaperFrames([
    { stream: 'cam-1', from: BEGIN, frames: 200, everyMs: 1_000 },
    { stream: 'cam-2', from: BEGIN + 60_000, frames: 90, everyMs: 2_000 },
  ]);
}

describe('the cookie of the timeline', () => {
  it('is read again where it was set, with TLS and without, and on a port with TLS by its own name only', () => {
    for (const audience of ['page', 'editor'] as const)
      for (const secure of [true, false]) {
        const set = sessionCookie('s', { store: 'x', audience, secure, maxAgeS: 60 });
        assert.equal(sessionIn(set.split(';', 1)[0], 'x', audience, secure), 's', set);
      }
    const plain = sessionCookie('s', { store: 'x', audience: 'page', secure: false, maxAgeS: 60 });
    assert.equal(sessionIn(plain.split(';', 1)[0], 'x', 'page', true), null);
  });
});

describe('tokens of the timeline', () => {
  const claims: Claims = {
    ...{ audience: 'page', kind: 'link', store: 's', streams: ['a'], until: 5_000, nonce: 'n' },
  };

  it('say what they said, under the same secret only, and no changed one says anything', () => {
    const [secret, other] = [randomBytes(32), randomBytes(32)];
    const token = signToken(secret, claims);
    assert.deepEqual(readToken(secret, token), claims);
    assert.equal(readToken(other, token), null);
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, sign) => {
        const changed = token.slice(0, at) + sign + token.slice(at + 1);
        const read = readToken(secret, changed);
        // the last of 43 signs has two bits that stand for nothing
        assert.ok(read === null || changed === token || at === token.length - 1);
      }),
      { numRuns: loops(2_000) },
    );
    for (const text of ['', '.', 'a.b', token.repeat(20), `${token} `])
      assert.equal(readToken(secret, text), null);
  });

  it('end with their time and with the secret, are for one store and one door, and a ticket opens once', () => {
    let secret = randomBytes(32);
    let nowMs = 1_000_000;
    const keeper = (store = 's', audience: 'page' | 'editor' = 'page') =>
      new Doorkeeper(
        store,
        audience,
        () => secret,
        () => nowMs,
      );
    const door = keeper();
    const { token, until } = door.link(['a', 'b'], 3_600_000);
    assert.equal(until, nowMs + 3_600_000);
    const entered = door.redeem(token)!;
    assert.deepEqual([entered.until, entered.streams], [until, ['a', 'b']]);
    assert.deepEqual(door.access(entered.session)?.streams, ['a', 'b']);
    assert.equal(door.access(token), null, 'a link is no session');
    assert.equal(door.redeem(entered.session), null, 'a session is no link');
    assert.ok(door.redeem(token), 'a link opens again');
    assert.equal(keeper('other').redeem(token), null);
    assert.equal(keeper('s', 'editor').redeem(token), null);
    const access = door.access(entered.session)!;
    assert.equal(access.isValid(), true);
    nowMs = until;
    assert.equal(access.isValid(), false);
    assert.equal(door.redeem(token), null);
    const ticket = door.ticket();
    assert.ok(door.redeem(ticket));
    assert.equal(door.redeem(ticket), null, 'once');
    const late = door.ticket();
    nowMs += 60_000;
    assert.equal(door.redeem(late), null, 'a minute');
    const fresh = door.redeem(door.link(null, 60_000).token)!;
    secret = randomBytes(32);
    assert.equal(door.access(fresh.session), null, 'withdrawn');
    for (const ms of [0, NaN, 367 * 86_400_000]) assert.throws(() => door.link(null, ms), /CONFIG_INVALID/);
    assert.throws(
      () =>
        door.link(
          Array.from({ length: 50 }, (_, i) => `${i}`.repeat(50)),
          60_000,
        ),
      /streams/,
    );
    assert.throws(() => door.link([], 60_000), /streams/);
  });
});

describe('the index of the timeline', () => {
  it('asks only for hours that have pictures, in pieces that a store answers, and leaves out the oldest', async () => {
    const day = 86_400_000;
    const frames = new PaperFrames([
      { stream: 'a', from: 0, frames: 100, everyMs: 1_000 },
      { stream: 'a', from: 400 * day, frames: 7_200, everyMs: 1_000 },
      { stream: 'b', from: 400 * day + 3_600_000, frames: 10, everyMs: 600_000 },
    ]);
    const { streams } = await frames.store.use();
    const wish = { from: 0, to: 500 * day, everyMs: 60_000 };
    const index = await pageIndex(frames.store, streams, wish);
    assert.equal(index.older, false);
    assert.equal(
      index.entries.reduce((sum, [, , count]) => sum + count, 0),
      7_310,
    );
    assert.ok(frames.asked.filter((one) => one === 'buckets').length < 12);
    assert.deepEqual(
      index.entries,
      [...index.entries].sort((one, other) => one[1] - other[1] || one[0] - other[0]),
    );
    const few = await pageIndex(frames.store, streams, wish, 120);
    assert.equal(few.older, true);
    assert.equal(few.from, 400 * day + 7_200_000);
    assert.ok(few.entries.every(([, at]) => at >= few.from));
  });
});

describe('the timeline page', () => {
  let rig: TimelineRig;
  beforeEach(async () => {
    rig = await startTimeline({ frames: evening() });
  });
  afterEach(() => rig.close());

  it('gives nothing to who has no link, whatever he sends', async () => {
    for (const path of [...DATA, 'picture/cam-1/1-0.jpg', 'small/cam-1/1-0.jpg'])
      for (const cookie of [undefined, 'live_frames_page_x=1', (await rig.cookie()).replace(/.$/, '!')]) {
        const answer = await rig.get(`/${path}`, cookie);
        assert.equal(answer.status, 401, path);
        assert.deepEqual(answer.json(), { ok: false, why: 'no-access' });
      }
    assert.deepEqual(rig.frames.asked, [], 'the store was not even asked');
  });

  it('answers what it is about, where pictures are, and which', async () => {
    const cookie = await rig.cookie();
    const about = (await rig.get('/about', cookie)).json<PageAbout>();
    assert.deepEqual(
      about.streams.map(({ stream, frames }) => [stream, frames]),
      [
        ['cam-1', 200],
        ['cam-2', 90],
      ],
    );
    assert.ok(about.until! > Date.now());
    const index = (await rig.get('/index?every=60000', cookie)).json<PageIndex>();
    assert.deepEqual(index.streams, ['cam-1', 'cam-2']);
    assert.deepEqual(index.entries[0], [0, BEGIN - 30_000, 30, 29, `${BEGIN}-0`]);
    const page = (path: string) => rig.get(`/frames?stream=cam-1&${path}`, cookie);
    const one = (await page('from=0&limit=150')).json<PageFrames>();
    assert.equal(one.frames.length, 150);
    const two = (await page(`from=0&limit=150&cursor=${one.cursor}`)).json<PageFrames>();
    assert.deepEqual([two.frames.length, two.cursor], [50, null]);
    assert.deepEqual(
      Object.keys(two.frames[0]!).filter((key) => ['connectionId', 'mediaMs', 'dhash'].includes(key)),
      [],
    );
    const near = (await rig.get(`/nearest?stream=cam-2&at=${BEGIN + 63_000}`, cookie)).json<{
      frame: { at: number };
    }>();
    assert.equal(near.frame.at, BEGIN + 62_000);
    for (const wrong of [
      'frames',
      'frames?stream=../x',
      'frames?stream=cam-1&from=x',
      'nearest?stream=cam-1',
      'index?every=-1',
    ])
      assert.equal((await rig.get(`/${wrong}`, cookie)).status, 400, wrong);
  });

  it('gives pictures that the browser may keep and nobody between, by their hash', async () => {
    const cookie = await rig.cookie();
    const [frame] = rig.frames.byStream.get('cam-1')!;
    const answer = await rig.get(`/picture/${frame!.id}.jpg`, cookie);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.etag, `"${frame!.sha256}"`);
    assert.match(answer.headers['cache-control'] ?? '', /^private, max-age=\d+$/);
    assert.equal(answer.headers['content-type'], 'image/jpeg');
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
    assert.equal(answer.headers['cross-origin-resource-policy'], 'same-origin');
    const again = await rig.get(`/picture/${frame!.id}.jpg`, cookie, {
      'if-none-match': answer.headers.etag,
    });
    assert.deepEqual([again.status, again.body.length], [304, 0]);
    const small = await rig.get(`/small/${frame!.id}.jpg`, cookie);
    assert.ok(small.body.length < answer.body.length / 2, `${small.body.length} of ${answer.body.length}`);
    rig.frames.withoutSmall = true;
    const instead = await rig.get(`/small/${frame!.id}.jpg`, cookie);
    assert.deepEqual(
      [instead.status, instead.body],
      [200, answer.body],
      'itself, where there is no small one',
    );
    for (const path of [
      'picture/cam-1/1-1.jpg',
      'picture/..%2fcam-1/1-1.jpg',
      'small/../1-1.jpg',
      'picture/x/y.jpg',
    ])
      assert.equal((await rig.get(`/${path}`, cookie)).status, 404, path);
    rig.frames.fault = fail('FRAMES_CHANGED', { id: 'x' });
    const changed = await rig.get(`/picture/${frame!.id}.jpg`, cookie);
    assert.deepEqual([changed.status, changed.json().why], [409, 'changed']);
    assert.equal((await rig.get(`/small/${frame!.id}.jpg`, cookie)).status, 409);
    rig.frames.fault = new Error('/secret/path');
    const failed = await rig.get('/about', cookie);
    assert.equal(failed.status, 500);
    assert.ok(!failed.body.includes('secret'));
  });

  it('a link to one stream shows no other', async () => {
    const cookie = await rig.cookie(['cam-2']);
    const about = (await rig.get('/about', cookie)).json<PageAbout>();
    assert.deepEqual(
      about.streams.map(({ stream }) => stream),
      ['cam-2'],
    );
    const index = (await rig.get('/index', cookie)).json<PageIndex>();
    assert.deepEqual(index.streams, ['cam-2']);
    const [other] = rig.frames.byStream.get('cam-1')!;
    assert.equal((await rig.get(`/picture/${other!.id}.jpg`, cookie)).status, 404);
    assert.equal((await rig.get(`/small/${other!.id}.jpg`, cookie)).status, 404);
    assert.equal((await rig.get('/frames?stream=cam-1', cookie)).status, 400);
    assert.equal((await rig.get('/nearest?stream=cam-1&at=1', cookie)).status, 400);
  });

  it('exchanges a token from its own page only, in JSON, and not too often', async () => {
    const { token } = rig.keeper.link(null, 60_000);
    for (const [more, status] of [
      [{ origin: 'https://evil.example' }, 403],
      [{ 'sec-fetch-site': 'cross-site' }, 403],
      [{ 'content-type': 'text/plain' }, 400],
    ] as const)
      assert.equal((await rig.enter(token, '/', more)).status, status);
    const good = await rig.enter(token);
    assert.equal(good.status, 200);
    assert.match(
      good.headers['set-cookie']![0]!,
      /^live_frames_page_[0-9a-f]{12}=[^;]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/,
    );
    assert.ok(!good.headers['set-cookie']![0]!.includes(token));
    const secure = await rig.enter(token, '/', { origin: rig.origin.replace('http:', 'https:') });
    assert.match(secure.headers['set-cookie']![0]!, /^__Host-live_frames_page_.*; Secure$/);
    const statuses = new Set<number>();
    for (let i = 0; i < 25; i++) statuses.add((await rig.enter('x.y')).status);
    assert.deepEqual([...statuses].sort(), [401, 429]);
  });

  it('inside the editor Node-RED decides, or a ticket that opens once', async () => {
    assert.equal((await rig.get('/editor/about')).status, 200, 'nobody is asked for a login');
    rig.permitted = false;
    assert.equal((await rig.get('/editor/about')).status, 401);
    rig.permit = ({ headers }) => headers.authorization === 'Bearer mine';
    const ticket = rig.editor.ticket('Bearer mine');
    assert.equal((await rig.enter(ticket, '/')).status, 401, 'no link for the port');
    const entered = await rig.enter(ticket, '/editor/');
    const [cookie = ''] = entered.headers['set-cookie'] ?? [];
    assert.match(cookie, /^live_frames_editor_[0-9a-f]{12}=[^;]+; HttpOnly; SameSite=Strict; Max-Age=43200$/);
    const session = cookie.split(';', 1)[0]!;
    assert.equal((await rig.get('/editor/about', session)).status, 200);
    assert.equal((await rig.get('/about', session)).status, 401);
    assert.equal((await rig.enter(ticket, '/editor/')).status, 401);
  });

  /** Listen to the news; `text` grows. */
  async function listen(cookie: string): Promise<{ text: string; ended: boolean; stop: () => void }> {
    const heard = { text: '', ended: false, stop: () => undefined as void };
    const sent = ask(`${rig.origin}/events`, { headers: { cookie }, agent: false }, (response) => {
      assert.match(response.headers['content-type'] ?? '', /event-stream/);
      response.on('data', (part: Buffer) => (heard.text += part.toString()));
      response.on('end', () => (heard.ended = true));
      response.on('error', () => (heard.ended = true));
    });
    sent.on('error', () => undefined);
    sent.end();
    heard.stop = () => void sent.destroy();
    await waitFor(() => heard.text.includes('event: hello'));
    return heard;
  }

  it('tells new pictures to who may see them, and holds the store only while somebody listens', async () => {
    const [all, one] = [await listen(await rig.cookie()), await listen(await rig.cookie(['cam-2']))];
    assert.equal(rig.frames.listening, 1);
    rig.frames.keep('cam-1', Date.now());
    const second = rig.frames.keep('cam-2', Date.now());
    await waitFor(() => all.text.includes(second.id) && one.text.includes(second.id));
    assert.ok(all.text.includes('"stream":"cam-1"') && !one.text.includes('cam-1'));
    assert.ok(!all.text.includes('connectionId'));
    all.stop();
    one.stop();
    await waitFor(() => rig.frames.listening === 0);
  });

  it('ends the news of a link whose time is over, or that was withdrawn', async () => {
    await rig.close();
    rig = await startTimeline({ frames: evening(), site: { live: { beatMs: 30 } } });
    const one = await listen(await rig.cookie(null, 60_000));
    const two = await listen(await rig.cookie(null, 3_600_000));
    rig.later = 61_000;
    await waitFor(() => one.ended);
    assert.ok(one.text.includes('event: over') && !two.ended);
    rig.secret = randomBytes(32);
    await waitFor(() => two.ended);
  });

  it('says that the store is away, and comes back with it', async () => {
    const cookie = await rig.cookie();
    const release = rig.site.attach(() => {
      throw fail('FRAMES_BUSY', { path: '/x' });
    });
    assert.deepEqual((await rig.get('/about', cookie)).json(), { ok: false, why: 'away' });
    assert.equal((await rig.get('/events', cookie)).status, 503);
    release();
    assert.equal((await rig.get('/about', cookie)).status, 503);
    rig.site.attach(rig.frames.open);
    assert.equal((await rig.get('/about', cookie)).status, 200);
    assert.deepEqual(rig.warnings, []);
  });
});
