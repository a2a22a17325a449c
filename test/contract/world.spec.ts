// The two worlds keep the promises that every other scenario stands on.
import assert from 'node:assert/strict';
import { listens, waitFor } from '../support';
import { type Address, type BareClient, contract } from './support';

async function startStream(client: BareClient, address: Address): Promise<void> {
  await client.call('SetStreamServiceSettings', {
    streamServiceType: 'rtmp_custom',
    streamServiceSettings: { ...address, use_auth: false, username: '', password: '' },
  });
  await client.call('StartStream');
}

describe('the worlds', () => {
  contract('answers with the protocol and its version', {}, async (world) => {
    const client = await world.connectClient();
    const version = await client.call('GetVersion');
    assert.equal(version.rpcVersion, 1);
    assert.match(version.obsWebSocketVersion, /^5\.\d+\.\d+$/);
    const { scenes } = await client.call('GetSceneList');
    assert.ok(scenes.length >= 1);
  });

  contract('goes live to the good server', {}, async (world) => {
    const client = await world.connectClient();
    await startStream(client, world.good);
    await client.waitForEvent('StreamStateChanged', { state: 'STARTED' });
    const counted = await world.publishers();
    if (counted)
      await waitFor(async () =>
        Object.values((await world.publishers()) ?? {}).some((bytes) => bytes > 10_000),
      );
    await client.call('StopStream');
    await client.waitForEvent('StreamStateChanged', { state: 'STOPPED' });
    assert.deepEqual(client.states('StreamStateChanged').sort(), [
      'STARTED',
      'STARTING',
      'STOPPED',
      'STOPPING',
    ]);
  });

  contract('fails at the refused port', {}, async (world) => {
    const client = await world.connectClient();
    await startStream(client, world.refused);
    await client.waitForEvent('StreamStateChanged', { state: 'STOPPED' });
    assert.equal(client.states('StreamStateChanged').includes('STARTED'), false);
  });

  contract('flaps at the server that rejects the key', {}, async (world) => {
    const client = await world.connectClient();
    await startStream(client, world.denied);
    await client.waitForEvent('StreamStateChanged', { state: 'RECONNECTED' });
    assert.deepEqual((await world.publishers()) ?? {}, {});
  });

  contract('starts late, is killed, comes back on its port', { started: false }, async (world) => {
    assert.equal(await listens(world.port), false);
    await world.start();
    const client = await world.connectClient();
    await world.kill('SIGKILL');
    await waitFor(() => client.closed === 1006, { message: () => `close code 1006, got ${client.closed}` });
    assert.equal(await listens(world.port), false);
    await world.restart();
    const again = await world.connectClient();
    await again.call('GetVersion');
  });

  contract('says goodbye with 1001 when it quits', {}, async (world) => {
    const client = await world.connectClient();
    await world.kill('SIGINT');
    await waitFor(() => client.closed !== undefined, { message: 'the close' });
    assert.equal(client.closed, 1001);
    assert.ok(client.events.some((event) => event.type === 'ExitStarted'));
  });

  contract('frozen it is silent, thawed it answers', {}, async (world) => {
    const client = await world.connectClient();
    await client.call('GetStats');
    world.freeze();
    let answered = false;
    const call = client.call('GetStats').then(() => (answered = true));
    assert.equal(await listens(world.port), true);
    assert.equal(answered, false);
    world.thaw();
    await call;
  });
});
