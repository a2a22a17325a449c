// Who decides about a publisher while a deploy takes some of those away who do.
import assert from 'node:assert/strict';
import { Guards, type Ruling } from '../../lib/rtmp/guards';
import type { PublishRequest, PublishVerdict } from '../../lib/rtmp/types';

const REQUEST: PublishRequest = {
  ...{
    app: 'live',
    stream: 'ana',
    params: new Map(),
    connectionId: 'c1',
    address: '127.0.0.1',
    secure: false,
  },
};
const yes = (): PublishVerdict => ({ allow: true, name: 'Ana' });
const no = (): PublishVerdict => ({ allow: false, reason: 'not he', why: 'gate' });
const guards = (limits: { gapMs?: number; deployMs?: number; verdictMs?: number } = {}) =>
  new Guards({ gapMs: 1, deployMs: 60_000, verdictMs: 500, ...limits }, () => performance.now());

describe('guards of an ingest over a deploy', () => {
  it('whom those allow who are there is not let in before the one who is missing has decided', async () => {
    const all = guards();
    const away = all.attach(yes);
    all.attach(yes);
    away();
    let ruling: Ruling | null = null;
    const asked = all.ask(REQUEST).then((one) => (ruling = one));
    // much longer than where nobody decides at all
    await new Promise((resolve) => setTimeout(resolve, 150));
    assert.equal(ruling, null);
    all.attach(no);
    const { allow, why } = (await asked) as Extract<Ruling, { allow: false }>;
    assert.deepEqual([allow, why], [false, 'gate']);
  });

  it('whom one of those denies who are there is told at once', async () => {
    const all = guards();
    const away = all.attach(yes);
    all.attach(no);
    away();
    assert.equal((await all.ask(REQUEST)).allow, false);
  });

  it('nobody waits for one for ever who was taken away for good, and all wait where nobody is there', async () => {
    const all = guards({ deployMs: 150 });
    const first = all.attach(yes);
    const second = all.attach(yes);
    first();
    assert.equal((await all.ask(REQUEST)).allow, true);
    second();
    const asked = all.ask(REQUEST);
    await new Promise((resolve) => setTimeout(resolve, 30));
    all.attach(yes);
    assert.equal((await asked).allow, true);
  });

  it('a crowd that waits for a deploy lets nobody in', async () => {
    const all = guards();
    const away = all.attach(yes);
    all.attach(yes);
    away();
    const crowd = Array.from({ length: 200 }, () => all.ask(REQUEST));
    await new Promise((resolve) => setImmediate(resolve));
    const ruling = (await all.ask(REQUEST)) as Extract<Ruling, { allow: false }>;
    assert.deepEqual([ruling.allow, ruling.why], [false, 'late']);
    all.attach(no);
    for (const ruling of await Promise.all(crowd)) assert.equal(ruling.allow, false);
  });
});
