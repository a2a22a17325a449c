// What media servers ask, tell, list and end: the adapters against the real nginx-rtmp and the simulated four.
import assert from 'node:assert/strict';
import { configLines } from '../../lib/media-servers/lines';
import { waitFor } from '../support';
import { guestContract } from './guest-world';

const LINES = { api: null, control: null, user: null, apps: ['live'] };

guestContract('whoever has the right key is let in, and listed with rising bytes', {}, async (world) => {
  const guest = await world.enter('guest1');
  const [hook] = world.heard('publish', 'guest1');
  assert.deepEqual([hook?.app, hook?.stream, hook?.params.get('key')], ['live', 'guest1', 'right']);
  if (world.kind === 'oryx') assert.equal(hook?.clientId, null);
  else assert.equal(hook?.clientId, guest.listed.clientId);
  assert.equal(guest.listed.app, 'live');
  assert.notEqual(guest.listed.clientId, null);
  if (world.kind === 'oryx') return assert.equal(guest.listed.bytesIn, null);
  const first = guest.listed.bytesIn ?? 0;
  await waitFor(async () => ((await world.list())[0]?.bytesIn ?? 0) > first + 1_000);
  const { version, publishers } = await world.client.probe();
  assert.equal(publishers, 1);
  assert.match(version ?? '', /\d+\.\d+/);
});

guestContract('whoever has a wrong key is refused, and nothing is told of his end', {}, async (world) => {
  const guest = await world.come('guest1', 'key=wrong');
  assert.equal(await guest.settled(), 'refused');
  await guest.ended();
  assert.deepEqual(await world.list(), []);
  // somebody else comes and goes meanwhile, so what would have been told is there by then
  const other = await world.enter('guest2');
  await other.leave();
  await waitFor(() => world.heard('unpublish', 'guest2').length === 1);
  assert.deepEqual(world.heard('unpublish', 'guest1'), []);
});

guestContract('a second publisher on a name does not touch the first', {}, async (world) => {
  const lead = await world.enter('guest1');
  const intruder = await world.come('guest1');
  await intruder.ended();
  const [first, second] = world.heard('publish', 'guest1');
  assert.equal(world.heard('publish', 'guest1').length, 2);
  if (world.kind !== 'oryx') assert.notEqual(second?.clientId, first?.clientId);
  if (world.kind === 'nginx-rtmp') {
    // it tells of an end with the name of the one who stays
    await waitFor(() => world.heard('unpublish', 'guest1').length > 0);
    assert.equal(world.heard('unpublish', 'guest1')[0]?.clientId, second?.clientId);
  }
  assert.ok(
    world.heard('unpublish').every(({ clientId }) => clientId !== first?.clientId || clientId === null),
  );
  const [listed] = await world.list();
  assert.equal(listed?.stream, 'guest1');
  // Oryx lists the one it refused, from then on
  if (world.kind !== 'oryx') assert.equal(listed?.clientId, lead.listed.clientId);
  assert.equal(lead.refused() === true, false);
  if (world.kind === 'oryx' || world.kind === 'srs' || world.kind === 'mediamtx')
    assert.equal(world.heard('unpublish').length, 0);
  // whoever asks to end the intruder, who is gone, ends nobody
  if (second?.clientId)
    assert.equal(
      await world.client.kick({ app: 'live', stream: 'guest1', clientId: second.clientId }),
      'absent',
    );
  await lead.leave();
});

guestContract(
  'with overridePublisher the second takes the place of the first',
  { kinds: ['mediamtx'], options: { override: true } },
  async (world) => {
    await world.enter('guest1');
    const second = await world.come('guest1');
    assert.equal(await second.settled(), 'in');
    const [first, next] = world.heard('publish', 'guest1');
    assert.deepEqual(
      world.heard('unpublish').map(({ clientId }) => clientId),
      [first?.clientId],
    );
    assert.deepEqual(
      (await world.list()).map(({ clientId }) => clientId),
      [next?.clientId],
    );
  },
);

for (const how of ['leave', 'die'] as const)
  guestContract(
    how === 'leave' ? 'whoever leaves is told of, and listed no more' : 'so is one whose program is killed',
    {},
    async (world) => {
      const guest = await world.enter('guest1');
      const other = await world.enter('guest2');
      await guest[how]();
      const told = await waitFor(() => world.heard('unpublish', 'guest1')[0]);
      assert.equal(told?.app, 'live');
      assert.equal(told?.clientId, world.kind === 'oryx' ? null : guest.listed.clientId);
      await waitFor(async () => (await world.list()).map(({ stream }) => stream).join() === 'guest2');
      assert.deepEqual(world.heard('unpublish', 'guest2'), []);
      await other.leave();
    },
  );

guestContract('a kick ends one connection, and never the next one of the same name', {}, async (world) => {
  const guest = await world.enter('guest1');
  const other = await world.enter('guest2');
  const { app, stream, clientId } = guest.listed;
  assert.equal(await world.client.kick({ app, stream, clientId }), 'kicked');
  await guest.ended();
  await waitFor(() => world.heard('unpublish', 'guest1').length === 1);
  await waitFor(async () => (await world.list()).length === 1);
  assert.equal(await world.client.kick({ app, stream, clientId }), 'absent');
  const again = await world.enter('guest1');
  assert.notEqual(again.listed.clientId, clientId);
  assert.equal(await world.client.kick({ app, stream, clientId }), 'absent');
  assert.equal((await world.list()).length, 2);
  assert.equal(other.refused() === true, false);
  await again.leave();
  await other.leave();
});

guestContract('a server that was restarted says so, and has nobody', {}, async (world) => {
  const guest = await world.enter('guest1');
  const before = (await world.client.list(0)).serverRun;
  await world.restart();
  await guest.ended();
  const after = await world.client.list(0);
  assert.deepEqual(after.publishers, []);
  assert.deepEqual(world.heard('unpublish'), [], 'nobody is told');
  // Oryx says it of its streams only
  if (world.kind === 'oryx') return;
  assert.notEqual(before, null);
  assert.notEqual(after.serverRun, before);
  await (await world.enter('guest1')).leave();
});

guestContract('the API goes away and comes back; whoever publishes stays', {}, async (world) => {
  const guest = await world.enter('guest1');
  await world.apiOn(false);
  const who = { app: 'live', stream: 'guest1', clientId: guest.listed.clientId };
  await assert.rejects(world.client.list(0), { code: 'MEDIA_SERVER_REFUSED' });
  await assert.rejects(world.client.kick(who), { code: 'MEDIA_SERVER_REFUSED' });
  await world.apiOn(true);
  const [listed] = await waitFor(async () => await world.list());
  assert.equal(listed?.clientId, guest.listed.clientId);
  await guest.leave();
});

guestContract('what a publisher appends is never taken for what the server says', {}, async (world) => {
  const wrong = [
    'key=wrong&key=right',
    'key=right&name=guest2&call=publish_done&clientid=1',
    'app=other&key=wrong&action=on_unpublish&path=live/x',
    'call[]=publish&key=wrong&__proto__=x&constructor=y',
  ];
  for (const args of wrong) {
    const guest = await world.come('guest1', args);
    if ((await guest.settled()) === 'in') {
      assert.ok(args.startsWith('key=right'), args);
      const [listed] = await world.list();
      assert.deepEqual([listed?.app, listed?.stream], ['live', 'guest1']);
      await guest.leave();
      await waitFor(async () => (await world.list()).length === 0);
    }
  }
  for (const hook of world.hooks) {
    assert.ok(hook === null || ['publish', 'unpublish'].includes(hook.action), hook?.called);
    if (hook) assert.deepEqual([hook.app, hook.stream], ['live', 'guest1']);
  }
});

guestContract('nobody is let in while nothing answers at the hook address', {}, async (world) => {
  await world.address.on(false);
  const guest = await world.come('guest1');
  assert.equal(await guest.settled(), 'refused');
  await world.address.on(true);
  await (await world.enter('guest1')).leave();
});

guestContract('whoever publishes stays while nothing answers at the hook address', {}, async (world) => {
  const guest = await world.enter('guest1');
  await world.address.on(false);
  const bytes = async () => (await world.list())[0]?.bytesIn ?? null;
  const before = await bytes();
  if (before !== null) await waitFor(async () => ((await bytes()) ?? 0) > before + 50_000);
  await world.address.on(true);
  assert.equal((await world.list())[0]?.clientId, guest.listed.clientId);
  await guest.leave();
  await waitFor(() => world.heard('unpublish', 'guest1').length === 1);
});

guestContract(
  'with on_update nginx-rtmp drops everybody while nothing answers, so our lines have none',
  { kinds: ['nginx-rtmp'], updateMs: 500 },
  async (world) => {
    const guest = await world.enter('guest1');
    await waitFor(() => world.heard('update', 'guest1').length >= 2);
    await world.address.on(false);
    await guest.ended();
    await world.address.on(true);
    const again = await world.enter('guest1');
    // a hook can end somebody in this way too
    world.decide = ({ action }) =>
      action === 'update' ? { allow: false, reason: 'kicked' } : { allow: true };
    await again.ended();
    await waitFor(() => world.heard('unpublish', 'guest1').length >= 1);
    const lines = configLines({ ...LINES, kind: 'nginx-rtmp', hookAddress: world.address.url });
    assert.ok(lines.every(({ text }) => !text.includes('on_update')));
  },
);
