// The guest queue as a config node: over deploys, restarts, and with a dialog that makes no sense.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join as path } from 'node:path';
import { leases } from '../../red/leases';
import { PaperServer } from '../support/paper-server';
import { tempDir } from '../support/temp';
import { doubles, freshQueue, join, queueDoubles, queueFlow, queueNow } from './support/queue';
import { deploy, helper, load, tearDown, waitFor, type Flow } from './support/rig';

describe('guest-queue', () => {
  let folder = '';
  beforeEach(() => {
    folder = tempDir('guest-queue');
    freshQueue();
    leases.lingerMs = 5_000;
  });
  afterEach(tearDown);

  const start = (flow: Flow) => load(flow, {}, [queueDoubles]);
  const onAir = async (stream: string) => {
    await waitFor(() => doubles.orders.at(-1)?.stream === stream, { message: `an order for ${stream}` });
    assert.equal(queueNow().switched(doubles.orders.at(-1)!.turn), true);
  };
  const names = () => {
    const { lead, waiting } = queueNow().view();
    return [lead?.stream ?? null, ...waiting.map(({ stream }) => stream)];
  };

  it('keeps one queue for all who use it, and writes it where only Node-RED may read', async () => {
    await start(
      queueFlow(folder, {}, [
        { id: 'user2', type: 'test-queue-user', z: 'tab', x: 1, y: 1, queue: 'queue', wires: [] },
      ]),
    );
    assert.equal(doubles.uses.length, 2);
    assert.equal(doubles.uses[0]!.queue, doubles.uses[1]!.queue);
    join('ada');
    await onAir('ada');
    await queueNow().command({ action: 'hold', who: null });
    const file = path(folder, 'queue.json');
    assert.match(readFileSync(file, 'utf8'), /"onHold":true/);
    assert.equal(statSync(file).mode & 0o077, 0);
  });

  it('a Full deploy in mid-show loses nobody, interrupts nothing and puts nobody on air twice', async () => {
    await start(queueFlow(folder));
    for (const name of ['ada', 'bob', 'cleo']) join(name);
    await onAir('ada');
    const queue = queueNow();
    const { turn } = queue.view().lead!;
    const [orders, events] = [doubles.orders.length, doubles.events.length];
    await deploy(queueFlow(folder), 'full');
    assert.equal(queueNow(), queue, 'the very same queue');
    assert.equal(doubles.clients, 1, 'and the same connection to the server');
    assert.deepEqual(names(), ['ada', 'bob', 'cleo']);
    assert.equal(queueNow().view().lead!.turn, turn);
    assert.equal(doubles.orders.length, orders);
    assert.equal(doubles.events.length, events);
    await queueNow().command({ action: 'skip' });
    await onAir('bob');
  });

  it('a deploy in the middle of a switch asks for it again, under the same order', async () => {
    await start(queueFlow(folder));
    join('ada');
    await waitFor(() => doubles.orders.length === 1);
    await deploy(queueFlow(folder), 'full');
    await waitFor(() => doubles.orders.length === 2);
    assert.deepEqual(doubles.orders[1], doubles.orders[0]);
    assert.equal(queueNow().switched(doubles.orders[0]!.turn), true);
  });

  it('another dialog holds from the deploy on, for the same queue', async () => {
    await start(queueFlow(folder));
    for (const name of ['ada', 'bob']) join(name);
    await onAir('ada');
    const queue = queueNow();
    await deploy(queueFlow(folder, { limitMinutes: '5', mostEntries: '2' }), 'nodes');
    assert.equal(queueNow(), queue);
    assert.equal(queueNow().view().limitMs, 300_000);
    assert.deepEqual(join('cleo'), { allow: false, why: 'full' });
  });

  it('another media server is asked from the deploy on', async () => {
    await start(queueFlow(folder));
    join('ada');
    await onAir('ada');
    const queue = queueNow();
    doubles.server = new PaperServer();
    doubles.server.publish('ada');
    const changed = queueFlow(folder).map((node) =>
      node.id === 'server' ? { ...node, name: 'other' } : node,
    );
    await deploy(changed, 'full');
    assert.equal(queueNow(), queue);
    await waitFor(() => doubles.server.lists > 0);
    assert.deepEqual(names(), ['ada']);
  });

  it('goes on after Node-RED was stopped: everything is written and the folder free', async () => {
    await start(queueFlow(folder));
    for (const name of ['ada', 'bob', 'cleo']) join(name);
    await onAir('ada');
    await queueNow().command({ action: 'move', who: 'cleo', to: 1 });
    const { turn } = queueNow().view().lead!;
    await tearDown();
    assert.equal(existsSync(path(folder, 'lock')), false);
    doubles.orders.length = 0;
    doubles.server.lists = 0;
    await start(queueFlow(folder));
    assert.deepEqual(names(), ['ada', 'cleo', 'bob']);
    assert.equal(queueNow().view().lead!.turn, turn);
    await waitFor(() => doubles.server.lists > 0);
    assert.deepEqual(doubles.orders, []);
  });

  it('is closed when it is removed', async () => {
    await start(queueFlow(folder));
    await waitFor(() => existsSync(path(folder, 'lock')));
    await deploy([{ id: 'tab', type: 'tab', label: 'Show' }]);
    await waitFor(() => !existsSync(path(folder, 'lock')));
  });

  for (const [what, wrong] of [
    ['a turn of no number', { limitMinutes: 'soon' }],
    ['a warning of no number', { warnAt: '60, never' }],
    ['an unknown end of a turn', { afterTurn: 'vanish' }],
    ['a time that cannot be', { switchSeconds: '0' }],
  ] as const)
    it(`says what is wrong: ${what}`, async () => {
      await start(queueFlow(folder, wrong));
      assert.equal(doubles.uses[0]!.fault, 'CONFIG_INVALID');
    });

  it('says that no media server is chosen', async () => {
    await start(queueFlow(folder, { server: '' }));
    assert.equal(doubles.uses[0]!.fault, 'MEDIA_SERVER_MISSING');
    const said = helper
      .log()
      .args.filter(([entry]: { type?: string; msg?: unknown }[]) => entry?.type === 'live-guest-queue');
    assert.equal(said.length, 1);
  });
});
