// Requests and batches as they are, outputs, status and the events that are asked for.
import assert from 'node:assert/strict';
import { containsMarker, SECRET_MARKER } from '../../lib/secrets';
import { waitFor } from '../support';
import { drive, rejected, setService, to } from './drive';
import { contractGroup } from './group';

contractGroup('a raw request', {}, (scenario) => {
  scenario('is answered as OBS answers', async (world) => {
    const { app } = await drive(world);
    const version = await app.raw.call('GetVersion', {});
    assert.equal(version.rpcVersion, 1);
    const created = await app.raw.call('CreateScene', { sceneName: 'From a flow' });
    assert.ok(created);
    const { scenes } = (await app.raw.call('GetSceneList', {})) as { scenes: { sceneName: string }[] };
    assert.ok(scenes.some(({ sceneName }) => sceneName === 'From a flow'));
    await app.raw.call('RemoveScene', { sceneName: 'From a flow' });
    const fault = await rejected(app.raw.call('RemoveScene', { sceneName: 'Nowhere' }), 'OBS_REJECTED');
    assert.equal(fault.details.status, 600);
  });

  scenario('that OBS does not know is refused with what comes near', async (world) => {
    const { app } = await drive(world);
    const fault = await rejected(app.raw.call('GetSceneLists', {}), 'OBS_UNSUPPORTED');
    assert.match(fault.message, /GetSceneList\b/);
    await rejected(app.raw.call('not a name', {}), 'INPUT_INVALID');
  });

  scenario('that shows a secret hides it, and one with the marker is not sent', async (world) => {
    const { app } = await drive(world);
    const settings = { ...world.good, use_auth: true, username: 'ann', password: 'kept to myself' };
    await setService(world, 'rtmp_custom', settings);
    const answer = await app.raw.call('GetStreamServiceSettings', {});
    const shown = JSON.stringify(answer);
    assert.equal(
      shown.includes(world.good.key) || shown.includes('kept to myself'),
      false,
      'a secret is shown',
    );
    assert.ok(containsMarker(answer));
    await rejected(app.raw.call('SetStreamServiceSettings', answer), 'SECRET_MARKER_SENT');
    const batch = [{ requestType: 'BroadcastCustomEvent', requestData: { eventData: { a: SECRET_MARKER } } }];
    await rejected(
      app.raw.batch(batch, { executionType: 'serial-realtime', haltOnFailure: false }),
      'SECRET_MARKER_SENT',
    );
    const client = await world.connectClient();
    const kept = await client.call('GetStreamServiceSettings');
    assert.equal(kept.streamServiceSettings.key, world.good.key);
    const [told] = await app.raw.batch([{ requestType: 'GetStreamServiceSettings' }], {
      executionType: 'serial-realtime',
      haltOnFailure: false,
    });
    assert.equal(JSON.stringify(told).includes(world.good.key), false);
  });

  scenario('in a batch keeps its order, and the batch halts where wished', async (world) => {
    const { app } = await drive(world);
    const requests = [
      { requestType: 'GetVersion' },
      { requestType: 'SetCurrentProgramScene', requestData: { sceneName: 'Nowhere' } },
      { requestType: 'GetStats' },
    ];
    const on = await app.raw.batch(requests, { executionType: 'serial-realtime', haltOnFailure: false });
    assert.deepEqual(
      on.map(({ requestType, ok, code }) => [requestType, ok, code]),
      [
        ['GetVersion', true, 100],
        ['SetCurrentProgramScene', false, 600],
        ['GetStats', true, 100],
      ],
    );
    assert.match(on[1]?.reason ?? '', /600/);
    const halted = await app.raw.batch(requests, { executionType: 'serial-realtime', haltOnFailure: true });
    assert.deepEqual(
      halted.map(({ ok }) => ok),
      [true, false],
    );
    const began = performance.now();
    const slept = await app.raw.batch(
      [{ requestType: 'Sleep', requestData: { sleepMillis: 400 } }, { requestType: 'GetStats' }],
      { executionType: 'serial-realtime', haltOnFailure: false },
    );
    assert.equal(slept.length, 2);
    assert.ok(performance.now() - began >= 380);
    const frames = await app.raw.batch(
      [{ requestType: 'Sleep', requestData: { sleepFrames: 3 } }, { requestType: 'GetStats' }],
      { executionType: 'serial-frame', haltOnFailure: false },
    );
    assert.ok(frames.every(({ ok }) => ok));
    await rejected(
      app.raw.batch([], { executionType: 'serial-frame', haltOnFailure: false }),
      'INPUT_INVALID',
    );
    await rejected(app.raw.call('Sleep', { sleepMillis: 1 }), 'OBS_REJECTED');
  });

  scenario('many at once keep their order', async (world) => {
    const { app } = await drive(world);
    const numbers = Array.from({ length: 60 }, (_, index) => index);
    const order: number[] = [];
    await Promise.all(
      numbers.map((number) =>
        app.raw
          .call('SetPersistentData', {
            realm: 'OBS_WEBSOCKET_DATA_REALM_PROFILE',
            slotName: 'order',
            slotValue: number,
          })
          .then(() => order.push(number)),
      ),
    );
    assert.deepEqual(order, numbers);
    const { slotValue } = await app.raw.call('GetPersistentData', {
      realm: 'OBS_WEBSOCKET_DATA_REALM_PROFILE',
      slotName: 'order',
    });
    assert.equal(slotValue, 59);
  });
});

contractGroup('events and figures', {}, (scenario) => {
  scenario('volume meters come only while somebody listens', async (world) => {
    const { app } = await drive(world);
    let heard = 0;
    const release = app.client.on('InputVolumeMeters', () => heard++);
    await waitFor(() => heard >= 5, { message: 'volume meters' });
    const after = app.client.on('InputVolumeMeters', () => undefined);
    release();
    const had = heard;
    after();
    // by now the mask has changed: what is asked next comes after it
    await app.raw.call('GetVersion', {});
    const spied: string[] = [];
    const inner = app.client as unknown as { session: { wire: { emit(...args: unknown[]): boolean } } };
    const { wire } = inner.session;
    const emit = wire.emit.bind(wire);
    wire.emit = (...args: unknown[]) => {
      spied.push(String(args[0]));
      return emit(...args);
    };
    await app.raw.batch([{ requestType: 'Sleep', requestData: { sleepMillis: 500 } }], {
      executionType: 'serial-realtime',
      haltOnFailure: false,
    });
    assert.equal(heard, had);
    assert.ok(spied.filter((name) => name === 'InputVolumeMeters').length <= 2, spied.join(', '));
  });

  scenario('a custom event reaches a listener, once, and never after its release', async (world) => {
    const { app } = await drive(world);
    const heard: unknown[] = [];
    const thrown = app.client.on('CustomEvent', () => {
      throw new Error('a listener of somebody else');
    });
    const release = app.client.on('CustomEvent', (data) => heard.push(data));
    await app.raw.call('GetVersion', {});
    await app.raw.call('BroadcastCustomEvent', { eventData: { number: 1 } });
    await waitFor(() => heard.length > 0);
    release();
    thrown();
    await app.raw.call('BroadcastCustomEvent', { eventData: { number: 2 } });
    await app.raw.call('GetVersion', {});
    assert.deepEqual(heard, [{ number: 1 }]);
  });

  scenario('the status has figures, and a reason for each it has not', async (world) => {
    const { app } = await drive(world);
    const idle = await app.report();
    assert.equal(idle.streams.length, 1);
    assert.equal(idle.streams[0]?.state, 'idle');
    assert.equal(idle.streams[0]?.bitrateKbps, null);
    assert.equal(idle.recording?.state, 'idle');
    assert.ok(idle.scene.program);
    for (const [name, value] of Object.entries(idle.statistics))
      assert.ok(typeof value === 'number' && value >= 0, `${name}: ${value}`);
    assert.deepEqual(idle.unknown, {});
    await app.streams.start(to(world.good));
    await waitFor(async () => ((await app.report()).streams[0]?.bitrateKbps ?? 0) > 0);
    const live = (await app.report()).streams[0];
    assert.equal(live?.state, 'live');
    for (const value of [live?.durationMs, live?.sizeBytes, live?.totalFrames]) assert.ok((value ?? 0) > 0);
    assert.equal(live?.droppedFrames, 0);
    assert.ok((live?.bitrateKbps ?? 0) < 20_000);
    await app.streams.stop();
  });
});

contractGroup('other outputs', {}, (scenario) => {
  scenario('the virtual camera is told as unavailable where there is no driver', async (world) => {
    const { app } = await drive(world);
    const fault = await rejected(app.outputs.start('virtualcam'), 'OUTPUT_UNAVAILABLE');
    assert.match(fault.message, /v4l2loopback/);
    await rejected(app.outputs.stop('virtualcam'), 'OUTPUT_UNAVAILABLE');
  });

  scenario('the replay buffer starts, saves and stops', async (world) => {
    const { app, told, names } = await drive(world);
    await rejected(app.outputs.save(), 'OUTPUT_SILENT_NOOP');
    const started = await app.outputs.start('replay_buffer');
    assert.deepEqual([started.was, started.state], ['idle', 'active']);
    assert.equal((await app.outputs.start('replay_buffer')).was, 'active');
    // there is something to save once a second has passed
    await waitFor(
      async () =>
        Number((await app.raw.call('GetOutputStatus', { outputName: 'Replay Buffer' })).outputTotalFrames) >
        30,
    );
    const saved = await app.outputs.save();
    assert.match(saved.path ?? '', /\.mkv$/);
    assert.equal((await told('replay_saved')).payload.path, saved.path);
    const stopped = await app.outputs.stop('replay_buffer');
    assert.deepEqual([stopped.was, stopped.state], ['active', 'idle']);
    assert.equal((await app.outputs.stop('replay_buffer')).was, 'idle');
    assert.deepEqual(names(), ['output_started', 'replay_saved', 'output_stopped']);
  });

  scenario('by name: unknown ones, the stream and the recording are refused', async (world) => {
    const { app } = await drive(world);
    const fault = await rejected(app.outputs.start('no_such_output'), 'OUTPUT_UNKNOWN');
    assert.match(fault.message, /simple_file_output/);
    await rejected(app.outputs.start('simple_file_output'), 'INPUT_INVALID');
  });
});
