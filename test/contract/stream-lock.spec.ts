// Two starts while OBS connects crash it: whichever way they come, OBS lives and has one stream.
import assert from 'node:assert/strict';
import { loops, waitFor } from '../support';
import { type Driven, drive, rejected, setService, to } from './drive';
import { contractGroup } from './group';
import type { World } from './support';

type Way = (driven: Driven, world: World) => Promise<unknown>;

const confirmed: Way = ({ app }, world) => app.streams.start(to(world.good, { confirmMs: 500 }));
const asSet: Way = ({ app }) => app.streams.start({ target: null, confirmMs: 500 });
const raw =
  (requestType: string, requestData = {}): Way =>
  ({ app }) =>
    app.raw.call(requestType, requestData);
const batch: Way = ({ app }) =>
  app.raw.batch([{ requestType: 'GetVersion' }, { requestType: 'StartStream' }], {
    executionType: 'serial-realtime',
    haltOnFailure: false,
  });
const byName = raw('StartOutput', { outputName: 'simple_stream' });
const hotkey = raw('TriggerHotkeyByName', { hotkeyName: 'OBSBasic.StartStreaming' });

/** Two ways to start, the milliseconds between them, and whether they come by two connections. */
const pairs: { name: string; first: Way; second: Way; gapMs: number; two?: boolean }[] = [
  { name: 'two equal starts', first: confirmed, second: confirmed, gapMs: 0, two: true },
  { name: 'a start, then a raw StartStream', first: confirmed, second: raw('StartStream'), gapMs: 20 },
  { name: 'a raw StartStream, then a start', first: raw('StartStream'), second: confirmed, gapMs: 0 },
  { name: 'a raw StartStream, then a batch', first: raw('StartStream'), second: batch, gapMs: 50, two: true },
  { name: 'a hotkey, then a start', first: hotkey, second: asSet, gapMs: 10 },
  { name: 'a start, then StartOutput', first: confirmed, second: byName, gapMs: 100, two: true },
  {
    name: 'a raw ToggleStream, then a start',
    first: raw('ToggleStream'),
    second: asSet,
    gapMs: 30,
    two: true,
  },
  { name: 'StartOutput, then a raw StartStream', first: byName, second: raw('StartStream'), gapMs: 5 },
  { name: 'a batch, then a raw ToggleStream', first: batch, second: raw('ToggleStream'), gapMs: 0 },
  { name: 'a start as set, then a start elsewhere', first: asSet, second: confirmed, gapMs: 80, two: true },
];

contractGroup('pairs of starts at once', { timeoutMs: 300_000 }, (scenario) => {
  for (const { name, first, second, gapMs, two } of pairs) {
    scenario(`${name}, ${gapMs} ms apart${two ? ', by two connections' : ''}`, async (world) => {
      for (let round = 0; round < loops(10); round++) {
        const one = await drive(world);
        const other = two ? await drive(world) : one;
        const spy = await world.connectClient();
        await setService(world, 'rtmp_custom', {
          ...world.good,
          use_auth: false,
          username: '',
          password: '',
          bwtest: false,
        });
        // an output has its name from the first start on
        if ([first, second].includes(byName)) {
          await asSet(one, world);
          await one.app.streams.stop();
        }
        const from = spy.events.length;
        const started = first(one, world);
        started.catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, gapMs));
        const outcomes = await Promise.allSettled([started, second(other, world)]);
        for (const outcome of outcomes)
          if (outcome.status === 'rejected')
            assert.ok(
              ['STREAM_START_PENDING', 'STREAM_BUSY', 'OBS_REJECTED'].includes(
                (outcome.reason as { code: string }).code,
              ),
              String(outcome.reason),
            );
        assert.ok(outcomes.some(({ status }) => status === 'fulfilled'));
        await spy.waitForEvent('StreamStateChanged', { state: 'STARTED', from });
        await waitFor(async () => (await spy.call('GetStreamStatus')).outputTotalFrames > 5, {
          message: 'frames of the one stream',
        });
        const states = spy.events
          .slice(from)
          .filter(({ type }) => type === 'StreamStateChanged')
          .map(({ data }) => String(data.outputState).replace('OBS_WEBSOCKET_OUTPUT_', ''));
        assert.equal(states.filter((state) => state === 'STARTED').length, 1, states.join(', '));
        assert.ok(states.filter((state) => state === 'STARTING').length <= 1, states.join(', '));
        const publishers = await world.publishers();
        if (publishers) assert.deepEqual(Object.keys(publishers), [world.good.key]);
        assert.equal(spy.closed, undefined, 'OBS has ended');
        await one.app.streams.stop();
        await other.app.streams.stop();
        await Promise.all([one.closeQuickly(), other === one ? null : other.closeQuickly()]);
        await spy.close();
      }
    });
  }

  scenario('two starts in one batch are refused, and nothing is sent', async (world) => {
    const { app } = await drive(world);
    const two = [{ requestType: 'StartStream' }, { requestType: 'ToggleStream' }];
    await rejected(
      app.raw.batch(two, { executionType: 'serial-frame', haltOnFailure: false }),
      'STREAM_DOUBLE_START',
    );
    const spy = await world.connectClient();
    assert.equal((await spy.call('GetStreamStatus')).outputActive, false);
  });

  scenario('settings of the service cannot change while OBS connects', async (world) => {
    const { app } = await drive(world);
    const started = app.streams.start(to(world.good));
    await waitFor(() => app.streams.state() === 'starting');
    await rejected(
      app.raw.call('SetStreamServiceSettings', {
        streamServiceType: 'rtmp_custom',
        streamServiceSettings: { server: 'rtmp://127.0.0.1/elsewhere' },
      }),
      'STREAM_START_PENDING',
      'OBS_REJECTED',
    );
    await started;
    await app.streams.stop();
  });
});
