// What one visitor of the timeline can take from the others, and what is over at once when it is over.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as ask, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { LinkSecret } from '../../lib/web/timeline/link-secret';
import { Places } from '../../lib/web/timeline/places';
import { tempDir, waitFor } from '../support';
import { PaperFrames } from '../support/paper-frames';
import { startTimeline, type TimelineRig } from '../support/timeline';

const HOUR = 3_600_000;
const BEGIN = Date.UTC(2026, 10, 20, 19);

describe('places of the timeline', () => {
  it('one who comes gets half at most, those with a link leave some to the editor, and each is free again once', () => {
    const places = new Places({ most: 10, fromOne: 5, forEditor: 2 });
    const page = (from: string) => places.take({ from, audience: 'page' });
    const greedy = Array.from({ length: 5 }, () => page('a'));
    assert.ok(greedy.every((one) => one !== null));
    assert.equal(page('a'), null, 'the sixth of one');
    assert.ok(page('b') && page('b') && page('b'));
    assert.equal(page('c'), null, 'the last two are the editor’s');
    const editor = () => places.take({ from: 'a', audience: 'editor' });
    const free = editor()!;
    assert.notEqual(editor(), null);
    assert.equal(editor(), null, 'none is left');
    free();
    free();
    assert.ok(editor());
    assert.equal(editor(), null);
    greedy[0]!();
    assert.notEqual(page('a'), null);
    assert.equal(page('b'), null);
  });
});

describe('the timeline page, bounded', () => {
  let rig: TimelineRig;
  const open: (ClientRequest | Socket)[] = [];
  const evening = () => new PaperFrames([{ stream: 'cam-1', from: BEGIN, frames: 60, everyMs: 1_000 }]);
  afterEach(async () => {
    for (const one of open.splice(0)) one.destroy();
    await rig.close();
  });

  /** Ask, and give the head of the answer; what comes after is heard in `ended`. */
  function begin(
    path: string,
    headers: Record<string, string>,
  ): Promise<{ status: number; text: () => string; ended: () => boolean }> {
    return new Promise((resolve, reject) => {
      const sent = ask(`${rig.origin}${path}`, { headers, agent: false }, (response: IncomingMessage) => {
        let [text, ended] = ['', false];
        response.on('data', (part: Buffer) => (text += part.toString('latin1')));
        for (const event of ['end', 'close', 'error']) response.on(event, () => (ended = true));
        resolve({ status: response.statusCode ?? 0, text: () => text, ended: () => ended });
      });
      open.push(sent);
      sent.on('error', reject);
      sent.end();
    });
  }

  it('whoever has a link and asks without an end leaves places to the editor and to others', async () => {
    const frames = evening();
    let go = () => undefined as void;
    const hangs = new Promise<void>((resolve) => (go = resolve));
    const use = frames.store.use.bind(frames.store);
    let waiting = 0;
    frames.store.use = async () => {
      waiting++;
      await hangs;
      return await use();
    };
    rig = await startTimeline({ frames, from: ({ headers }) => String(headers['x-from']) });
    const cookie = await rig.cookie();
    const greedy = Array.from({ length: 70 }, () => rig.get('/about', cookie, { 'x-from': 'a' }));
    const refused: number[] = [];
    for (const one of greedy) void one.then(({ status }) => status === 429 && refused.push(status));
    await waitFor(() => refused.length === 70 - 32, { message: () => `38 refused, not ${refused.length}` });
    const others = Array.from({ length: 20 }, () => rig.get('/about', cookie, { 'x-from': 'b' }));
    for (const one of others) void one.then(({ status }) => status === 429 && refused.push(status));
    await waitFor(() => refused.length === 38 + 4, { message: () => `42 refused, not ${refused.length}` });
    const editor = rig.get('/editor/about', undefined, { 'x-from': 'a' });
    await waitFor(() => waiting === 32 + 16 + 1);
    go();
    assert.equal((await editor).status, 200);
    const answered = (await Promise.all([...greedy, ...others])).filter(({ status }) => status === 200);
    assert.equal(answered.length, 32 + 16);
    // and they are all free again
    assert.equal((await rig.get('/about', cookie)).status, 200);
  });

  it('listeners of one link leave room for the editor', async () => {
    rig = await startTimeline({
      frames: evening(),
      from: ({ headers }) => String(headers['x-from']),
      site: { listeners: { most: 8, fromOne: 4, forEditor: 2 } },
    });
    const cookie = await rig.cookie();
    const statuses: number[] = [];
    for (let n = 0; n < 5; n++) statuses.push((await begin('/events', { cookie, 'x-from': 'a' })).status);
    for (let n = 0; n < 3; n++) statuses.push((await begin('/events', { cookie, 'x-from': 'b' })).status);
    assert.deepEqual(statuses, [200, 200, 200, 200, 429, 200, 200, 429]);
    assert.equal((await begin('/editor/events', {})).status, 200);
  });

  it('after links were withdrawn the news of all of them end at once, and those of the editor go on', async () => {
    rig = await startTimeline({ frames: evening() });
    const heard = await begin('/events', { cookie: await rig.cookie() });
    const editor = await begin('/editor/events', {});
    await waitFor(() => heard.text().includes('hello') && editor.text().includes('hello'));
    rig.linkSecret = randomBytes(32);
    rig.site.recheck();
    await waitFor(() => heard.ended(), { timeoutMs: 5_000 });
    assert.match(heard.text(), /event: over/);
    const later = rig.frames.keep('cam-1', Date.now());
    await waitFor(() => editor.text().includes(later.id));
    assert.ok(!heard.text().includes(later.id));
  });

  it('a picture stays in the browser no longer than the link is good for, nor half a day, and with that session only', async () => {
    rig = await startTimeline({ frames: evening() });
    const path = `/picture/${rig.frames.byStream.get('cam-1')![0]!.id}.jpg`;
    const cookie = await rig.cookie(null, HOUR);
    const picture = await rig.get(path, cookie);
    const [, maxAge] = /^private, max-age=(\d+)$/.exec(picture.headers['cache-control'] ?? '') ?? [];
    assert.ok(Number(maxAge) <= 3_600 && Number(maxAge) > 3_000, picture.headers['cache-control']);
    assert.equal(picture.headers.vary, 'Cookie');
    for (const [who, at] of [
      [await rig.cookie(null, 200 * 24 * HOUR), path],
      [undefined, `/editor${path}`],
    ] as const)
      assert.match(
        (await rig.get(at, who)).headers['cache-control'] ?? '',
        /^private, max-age=4(3200|319\d)$/,
      );
    const again = await rig.get(path, cookie, { 'if-none-match': picture.headers.etag! });
    assert.equal(again.status, 304);
    for (const name of [
      'content-security-policy',
      'x-content-type-options',
      'cross-origin-resource-policy',
      'vary',
    ])
      assert.equal(again.headers[name], picture.headers[name], name);
  });

  it('an answer that nobody reads is cut off, and its place is free', async () => {
    const frames = evening();
    const large = Buffer.alloc(24 * 1024 * 1024, 1);
    const picture = frames.store.picture.bind(frames.store);
    frames.store.picture = async (id) => ({ ...(await picture(id)), jpeg: large });
    rig = await startTimeline({
      frames,
      site: { slowMs: 150, places: { most: 2, fromOne: 1, forEditor: 1 } },
    });
    const cookie = await rig.cookie();
    const path = `/picture/${frames.byStream.get('cam-1')![0]!.id}.jpg`;
    const { port } = new URL(rig.origin);
    const socket = connect(Number(port), '127.0.0.1');
    open.push(socket);
    let closed = false;
    for (const event of ['close', 'error']) socket.on(event, () => (closed = true));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nCookie: ${cookie}\r\n\r\n`);
    await waitFor(() => frames.asked.includes('picture'));
    socket.pause();
    assert.equal((await rig.get('/about', cookie)).status, 429, 'while it is being sent');
    await waitFor(async () => (await rig.get('/about', cookie)).status === 200, { timeoutMs: 10_000 });
    socket.resume();
    await waitFor(() => closed);
    // whoever reads gets all of it
    assert.equal((await rig.get(path, cookie)).body.length, large.length);
  });

  it('a session of the editor ends with the login that it was opened with', async () => {
    rig = await startTimeline({ frames: evening() });
    let good = true;
    rig.permit = ({ headers }) => good && headers.authorization === 'Bearer mine';
    assert.equal((await rig.get('/editor/about')).status, 401);
    const entered = await rig.enter(rig.editor.ticket('Bearer mine'), '/editor/');
    const cookie = (entered.headers['set-cookie'] ?? [])[0]!.split(';', 1)[0]!;
    assert.ok(!cookie.includes('mine'));
    assert.equal((await rig.get('/editor/about', cookie)).status, 200);
    good = false;
    assert.equal((await rig.get('/editor/about', cookie)).status, 401);
    assert.equal((await begin('/editor/events', { cookie })).status, 401);
    good = true;
    assert.equal((await rig.get('/editor/about', cookie)).status, 200, 'as long as there is the login');
    // a page that asks nothing any more hears nothing any more
    const idle = await begin('/editor/events', { cookie });
    await waitFor(() => idle.text().includes('hello'));
    rig.later = 11 * 60_000;
    rig.site.recheck();
    await waitFor(() => idle.ended());
  });
});

describe('the secret that links are signed with', () => {
  it('is kept over a restart, and is another one for another folder', async () => {
    const path = join(tempDir('links'), 'links', 'store1.json');
    const told: string[] = [];
    const tell = (sentence: string) => void told.push(sentence);
    const one = new LinkSecret(path, '/pictures/one', tell);
    await one.renew();
    assert.deepEqual(new LinkSecret(path, '/pictures/one', tell).get(), one.get());
    const [, last] = await Promise.all([one.renew(), one.renew().then(() => one.get())]);
    assert.deepEqual(new LinkSecret(path, '/pictures/one', tell).get(), last, 'the last one counts');
    const other = new LinkSecret(path, '/pictures/two', tell);
    assert.notDeepEqual(other.get(), one.get());
    await other.written;
    assert.deepEqual(new LinkSecret(path, '/pictures/two', tell).get(), other.get());
    assert.notDeepEqual(
      new LinkSecret(path, '/pictures/one', tell).get(),
      one.get(),
      'nor the first ones again',
    );
    assert.deepEqual(told, []);
    assert.ok(!readFileSync(path, 'utf8').includes('pictures'));
  });
});
