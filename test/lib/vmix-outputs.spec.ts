// External output, MultiCorder and fullscreen of a vMix.
import assert from 'node:assert/strict';
import { waitFor } from '../support';
import { closeMixers, connectTo, failsWith, functionsSent, mixerOn } from '../support/mixers';

const FUNCTIONS = {
  external: ['StartExternal', 'StopExternal'],
  multicorder: ['StartMultiCorder', 'StopMultiCorder'],
  fullscreen: ['FullscreenOn', 'FullscreenOff'],
} as const;
const FLAGS = { external: 'external', multicorder: 'multiCorder', fullscreen: 'fullscreen' } as const;

describe('outputs of vMix', function () {
  this.timeout(60_000);
  afterEach(closeMixers);

  for (const [name, functions] of Object.entries(FUNCTIONS))
    it(`${name} starts and stops, once each, confirmed and never by a toggle`, async () => {
      const { app, vmix, events } = await mixerOn();
      const flag = FLAGS[name as keyof typeof FLAGS];
      const on = { name, was: 'idle', state: 'active', path: null };
      assert.deepEqual(await Promise.all([app.outputs.start(name), app.outputs.start(name)]), [on, on]);
      assert.equal(vmix.studio.flag(flag), true);
      assert.deepEqual(await app.outputs.start(name), { ...on, was: 'active' });
      assert.deepEqual(await app.outputs.stop(name), { name, was: 'active', state: 'idle', path: null });
      assert.deepEqual(await app.outputs.stop(name), { name, was: 'idle', state: 'idle', path: null });
      assert.equal(vmix.studio.flag(flag), false);
      assert.deepEqual(functionsSent(vmix), functions);
      await waitFor(() => events.some(({ event }) => event === 'output_stopped'));
      assert.deepEqual(
        events
          .filter(({ event }) => event.startsWith('output_'))
          .map(({ event, output, expected }) => [event, output, expected]),
        [
          ['output_started', name, true],
          ['output_stopped', name, true],
        ],
      );
    });

  it('lists what leaves vMix besides streams, and says so where a version does not show its SRT', async () => {
    const { app, vmix } = await mixerOn();
    vmix.studio.srt(2, true, 0);
    vmix.studio.setFlag('external', true, 0);
    assert.deepEqual(
      (await app.outputs.list()).map(({ name, kind, state }) => `${name} ${kind} ${state}`),
      [
        'srt1 srt idle',
        'srt2 srt active',
        'srt3 srt idle',
        'srt4 srt idle',
        'external external active',
        'multicorder multicorder idle',
        'fullscreen fullscreen idle',
      ],
    );
    const { app: old } = await mixerOn({ profile: 'vmix-27' });
    const states = (await old.outputs.list()).map(({ state }) => state);
    assert.deepEqual(states.slice(0, 4), ['unknown', 'unknown', 'unknown', 'unknown']);
  });

  it('what vMix has not, and what has a node of its own, is refused before anything is sent', async () => {
    const { app, vmix } = await mixerOn();
    const { outputs } = app;
    assert.match((await failsWith(outputs.start('virtualcam'), 'OUTPUT_UNKNOWN')).message, /external, multi/);
    for (const name of ['toString', '__proto__', 'External', ''])
      await failsWith(outputs.stop(name), 'OUTPUT_UNKNOWN');
    for (const name of ['stream', 'stream2', 'srt1', 'recording'])
      assert.match((await failsWith(outputs.start(name), 'INPUT_INVALID')).message, /use (start|srt|record)/);
    await failsWith(outputs.save(), 'CAPABILITY_MISSING');
    assert.deepEqual(functionsSent(vmix), []);
  });

  it('accepted and not done is an error that says where to look', async () => {
    const { app, vmix } = await mixerOn();
    vmix.faults.ignoreNext('StartMultiCorder');
    const { message } = await failsWith(app.outputs.start('multicorder'), 'OUTPUT_SILENT_NOOP');
    assert.match(message, /^vMix accepted the start for multicorder.*at least one input/);
  });

  it('a stop overtakes a start, of another connection too, and a start is refused meanwhile', async () => {
    const { app, vmix } = await mixerOn({ speed: 0.2 });
    const { app: other } = await connectTo(vmix, 'other');
    const start = failsWith(app.outputs.start('external'), 'OUTPUT_START_CANCELLED');
    await waitFor(() => functionsSent(vmix).includes('StartExternal'), { intervalMs: 5 });
    const stop = other.outputs.stop('external');
    await start;
    await failsWith(app.outputs.start('external'), 'OUTPUT_BUSY');
    const { was, ...report } = await stop;
    assert.deepEqual(report, { name: 'external', state: 'idle', path: null });
    // a late start that the stop ended before anybody looked was seen by nobody
    assert.ok(was === 'starting' || was === 'idle', was);
    assert.equal(vmix.studio.flag('external'), false);
  });
});
