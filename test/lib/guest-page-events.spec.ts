// What browsers hear of the queue: server-sent events, also for the slow, the many and the ones of yesterday.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { connect } from 'node:net';
import type { PublicQueue, You } from '../../lib/web/guest-page/view';
import { waitFor } from '../support/wait';
import {
  INVITATION,
  PaperQueue,
  SERVER,
  cookieOf,
  entryView,
  startPage,
  type PageRig,
} from '../support/guest-page';

interface Heard {
  status: number;
  events: { event: string; data: unknown }[];
  ended: boolean;
  queue(): PublicQueue | null | undefined;
  you(): You | null | undefined;
  close(): void;
}

describe('events of the guest page', () => {
  let rig: PageRig;
  const open: Heard[] = [];
  afterEach(async () => {
    for (const one of open.splice(0)) one.close();
    await rig.close();
  });

  /** Listen as a browser does. */
  async function listen(cookie?: string): Promise<Heard> {
    const events: Heard['events'] = [];
    const last = <T>(event: string) => events.findLast((one) => one.event === event)?.data as T;
    const heard: Heard = {
      status: 0,
      events,
      ended: false,
      queue: () => last('queue'),
      you: () => last('you'),
      close: () => void sent.destroy(),
    };
    let text = '';
    const sent = request({
      host: '127.0.0.1',
      port: rig.port,
      path: '/events',
      agent: false,
      headers: cookie ? { cookie } : {},
    });
    sent.on('error', () => (heard.ended = true));
    sent.on('response', (response) => {
      heard.status = response.statusCode ?? 0;
      response.on('close', () => (heard.ended = true));
      response.on('error', () => undefined);
      response.on('data', (part: Buffer) => {
        const parts = (text + part.toString()).split('\n\n');
        text = parts.pop()!;
        for (const one of parts) {
          const [, event] = /^event: (.*)$/m.exec(one) ?? [];
          const [, data] = /^data: (.*)$/m.exec(one) ?? [];
          if (event && data) events.push({ event, data: JSON.parse(data) });
        }
      });
    });
    sent.end();
    open.push(heard);
    await waitFor(() => heard.status !== 0);
    return heard;
  }

  it('tell the whole queue at once and after each change, and each guest of himself alone', async () => {
    rig = await startPage({ page: { listeners: { gapMs: 1 } } });
    const cookie = cookieOf(await rig.post('/join', { code: INVITATION, name: 'Ana' }));
    const [ana, other] = [await listen(cookie), await listen()];
    await waitFor(() => ana.queue() && other.queue());
    assert.equal(ana.you()?.name, 'Ana');
    assert.equal(other.you(), null);
    rig.queue.show({ lead: entryView('guest-1', { name: 'Ana', turn: 't7', state: 'live', place: 0 }) });
    await waitFor(() => ana.you()?.turn === 't7' && other.queue()?.lead?.name === 'Ana');
    assert.equal(other.you(), null);
    const told = ana.events.filter(({ event }) => event === 'you').length;
    rig.queue.show({ onHold: true });
    await waitFor(() => ana.queue()?.onHold);
    assert.equal(ana.events.filter(({ event }) => event === 'you').length, told, 'nothing new of himself');
    // his key is taken from him
    await rig.post('/leave', {}, cookie);
    await waitFor(() => ana.you() === null);
  });

  it('come at a measured pace in a burst, the newest always', async () => {
    rig = await startPage({ page: { listeners: { gapMs: 50 } } });
    const heard = await listen();
    await waitFor(() => heard.queue());
    for (let n = 1; n <= 200; n++) rig.queue.show({ waiting: [entryView(`guest-${n}`)] });
    await waitFor(() => heard.queue()?.waiting[0]?.name === 'guest-200');
    assert.ok(heard.events.length < 20, `${heard.events.length} events`);
  });

  it('go on by themselves, so that times stay right and a dead connection is noticed', async () => {
    rig = await startPage({ page: { listeners: { heartbeatMs: 20 } } });
    const heard = await listen();
    await waitFor(() => heard.events.filter(({ event }) => event === 'queue').length >= 3);
  });

  it('are for so many browsers and no more, in all and from one address', async () => {
    rig = await startPage({ page: { listeners: { most: 3, mostFromOne: 2 } } });
    const [first, second] = [await listen(), await listen()];
    const third = await listen();
    assert.deepEqual([first.status, second.status, third.status], [200, 200, 429]);
    first.close();
    await waitFor(async () => (await listen()).status === 200);
  });

  it('a reader that takes nothing is cut off, and holds nobody up', async () => {
    rig = await startPage({ page: { listeners: { gapMs: 1, heartbeatMs: 25, slowMs: 100 } } });
    const many = (n: number) =>
      Array.from({ length: 1000 }, (_, i) => entryView(`${n}-${i}`, { name: 'x'.repeat(80), place: i + 1 }));
    const slow = connect(rig.port, '127.0.0.1');
    slow.on('error', () => undefined);
    slow.write(`GET /events HTTP/1.1\r\nHost: x\r\n\r\n`);
    slow.pause();
    const quick = await listen();
    let count = 0;
    const connections = () =>
      new Promise<number>((resolve) => rig.server.getConnections((_error, found) => resolve(found)));
    await waitFor(async () => (await connections()) === 2);
    await waitFor(
      async () => {
        rig.queue.show({ waiting: many(++count) });
        return (await connections()) === 1;
      },
      { timeoutMs: 15_000, message: 'the slow one to be cut off' },
    );
    const news = quick.events.length;
    rig.queue.show({ waiting: many(++count) });
    await waitFor(() => quick.events.length > news && quick.queue()?.waiting[0]?.turn === `t-${count}-0`);
    assert.equal(quick.ended, false);
    slow.destroy();
  });

  it('a deploy cuts nobody off: the new queue is told on the old connection', async () => {
    rig = await startPage({ page: { listeners: { gapMs: 1 } } });
    const heard = await listen();
    await waitFor(() => heard.queue());
    const next = new PaperQueue();
    next.show({ waiting: [entryView('after')] });
    rig.page.attach({ queue: next.queue, keys: rig.keys.store, publishAddress: SERVER });
    await waitFor(() => heard.queue()?.waiting[0]?.name === 'after');
    assert.equal(heard.ended, false);
    await rig.page.close();
    await waitFor(() => heard.ended);
  });
});
