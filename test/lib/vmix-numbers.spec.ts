// People and the state document of vMix count from 1, functions from 0: each number at the simulator, in both directions.
import assert from 'node:assert/strict';
import { VmixApplication } from '../../lib/vmix/application';
import { NO_EXTRAS } from '../../lib/vmix/extras';
import {
  channelOfValue,
  outputOfValue,
  outputValue,
  streamSetting,
  streamValue,
} from '../../lib/vmix/functions/numbers';
import { srtOf } from '../../lib/vmix/state';
import type { ProductionEvent } from '../../lib/production/vocabulary';
import { startVmixSimulator, type VmixProfile, type VmixSimulator } from '../../simulators/vmix';
import { removeTempDir, tempDir, waitFor } from '../support';

let simulator: VmixSimulator;
let app: VmixApplication;
let folder = '';
const events: ProductionEvent[] = [];
const PICTURES = 'D:\\pictures';
const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);
const live = (): number[] => numbers(5).filter((channel) => simulator.channel(channel) === 'live');
const sending = (): number[] => numbers(4).filter((output) => srtOf(simulator.state, output) === true);

async function start(profile: VmixProfile = 'vmix-29'): Promise<void> {
  events.length = 0;
  folder = tempDir('vmix');
  simulator = await startVmixSimulator({
    ...{ profile, speed: 20, configuredSrt: [1, 2, 3, 4], writeFiles: { [PICTURES]: folder } },
  });
  app = new VmixApplication({
    ...{ id: 'numbers', name: 'numbers', simulated: false, host: '127.0.0.1', port: simulator.httpPort },
    ...{ tcpPort: simulator.tcpPort, user: '', password: '', log: () => undefined },
    ...NO_EXTRAS,
    ...{ pollMs: 500, sharedThere: PICTURES, sharedHere: folder },
  });
  app.events.onEvent((event) => events.push(event));
  await app.start().whenReady(10_000);
}
afterEach(async () => {
  await app.close();
  await simulator.close();
  removeTempDir(folder);
});

const target = (name: string) => ({
  name,
  service: 'rtmp' as const,
  server: 'rtmp://127.0.0.1/live',
  key: `key ${name}`,
  user: `user ${name}`,
  password: `pass ${name}`,
});
const callsOf = (name: RegExp) => simulator.calls.filter((call) => name.test(call.name));

describe('numbers of vMix', () => {
  /** Each function with a number in its value: the people's number, its value, and what the simulator says happened. */
  const table: [
    name: string,
    most: number,
    value: (number: number) => string,
    done: (number: number) => boolean,
    undo?: string,
  ][] = [
    ['StartStreaming', 5, streamValue, (one) => String(live()) === String([one]), 'StopStreaming'],
    ['StartStopStreaming', 5, streamValue, (one) => String(live()) === String([one]), 'StartStopStreaming'],
    [
      'StreamingSetURL',
      5,
      (one) => streamSetting(one, `rtmp://${one}`),
      (one) => simulator.received(one).url === `rtmp://${one}`,
    ],
    [
      'StreamingSetKey',
      5,
      (one) => streamSetting(one, `k${one}`),
      (one) => simulator.received(one).key === `k${one}`,
    ],
    [
      'StreamingSetUsername',
      5,
      (one) => streamSetting(one, `u${one}`),
      (one) => simulator.received(one).userName === `u${one}`,
    ],
    [
      'StreamingSetPassword',
      5,
      (one) => streamSetting(one, `p${one}`),
      (one) => simulator.received(one).password === `p${one}`,
    ],
    ['StartSRTOutput', 4, outputValue, (one) => String(sending()) === String([one]), 'StopSRTOutput'],
    [
      'StartStopSRTOutput',
      4,
      outputValue,
      (one) => String(sending()) === String([one]),
      'StartStopSRTOutput',
    ],
  ];
  for (const [name, most, value, done, undo] of table)
    it(`${name} is for the one that is meant, and for no other`, async () => {
      await start();
      for (const number of numbers(most)) {
        await app.client.call({ name, value: value(number) });
        await waitFor(() => done(number), { message: `${name} of ${number}` });
        const sent = callsOf(new RegExp(`^${name}$`, 'i')).at(-1);
        assert.match(sent?.parameters.value ?? '', new RegExp(`^${number - 1}(,|$)`));
        const back = /SRT/.test(name) ? outputOfValue : channelOfValue;
        assert.equal(back(sent?.parameters.value ?? ''), number);
        if (undo === undefined) continue;
        await app.client.call({ name: undo, value: value(number) });
        await waitFor(() => live().length + sending().length === 0);
      }
      // what one number was told, no other has heard
      if (/^StreamingSet/.test(name))
        for (const number of numbers(most)) assert.ok(done(number), `${number} was overwritten`);
    });

  for (const profile of ['vmix-24', 'vmix-27', 'vmix-28', 'vmix-29'] as const) {
    const channels = profile < 'vmix-28' ? 3 : 5;

    it(`${profile}: a channel that is started and stopped here is that channel everywhere`, async () => {
      await start(profile);
      for (const channel of numbers(channels)) {
        const from = events.length;
        const started = await app.streams.start({
          target: null,
          channels: [{ channel, target: target(`t${channel}`) }],
          confirmMs: 0,
        });
        assert.equal(started.streams[0]?.output, `stream${channel}`);
        assert.deepEqual(live(), [channel]);
        const { url, key, userName, password } = simulator.received(channel);
        assert.deepEqual(
          [url, key, userName, password],
          ['rtmp://127.0.0.1/live', `key t${channel}`, `user t${channel}`, `pass t${channel}`],
        );
        const running = (await app.report()).streams.filter(({ state }) => state === 'live');
        assert.deepEqual(
          running.map(({ output, target: name }) => [output, name]),
          [[`stream${channel}`, `t${channel}`]],
        );
        const stopped = await app.streams.stop([channel]);
        assert.deepEqual(
          stopped.streams.map(({ output }) => output),
          [`stream${channel}`],
        );
        assert.deepEqual(live(), []);
        await waitFor(() => events.slice(from).some(({ event }) => event === 'stream_stopped'));
        assert.deepEqual(
          new Set(events.slice(from).map(({ output, payload }) => `${output} ${String(payload.channel)}`)),
          new Set([`stream${channel} ${channel}`]),
        );
      }
      for (const channel of [0, channels + 1, 6, -1, 1.5, Number.NaN])
        await assert.rejects(
          app.streams.start({ target: null, channels: [{ channel, target: target('t') }] }),
          (fault: { code?: string }) =>
            ['INPUT_INVALID', 'STREAM_CHANNEL_MISSING'].includes(fault.code ?? ''),
        );
    });

    it(`${profile}: a channel that somebody at the machine starts is told by its number`, async () => {
      await start(profile);
      for (const channel of numbers(channels)) {
        const from = events.length;
        simulator.studio.channels.start(String(channel - 1));
        await waitFor(() => events.slice(from).some(({ event }) => event === 'stream_started'));
        simulator.studio.channels.end(channel);
        await waitFor(() => events.slice(from).some(({ event }) => event === 'stream_stopped'));
        assert.deepEqual(
          events.slice(from).map(({ event, output }) => `${event} ${output}`),
          [`stream_started stream${channel}`, `stream_stopped stream${channel}`],
        );
      }
    });
  }

  it('an SRT output that is switched here or there is that output everywhere', async () => {
    await start();
    const wish = (output: number) => ({
      which: { as: 'output' as const, output },
      place: null,
      waitForCallerMs: 0,
      confirmMs: 0,
      encoding: { videoKbps: 0, audioKbps: 0, keyframeSeconds: 0 },
      secondProfile: '',
    });
    for (const output of numbers(4)) {
      const from = events.length;
      assert.equal((await app.srt.start(wish(output))).output, `srt${output}`);
      assert.deepEqual(sending(), [output]);
      assert.deepEqual(
        app.srt
          .states()
          .filter(({ state }) => state === 'live')
          .map((one) => one.output),
        [`srt${output}`],
      );
      await app.srt.stop({ as: 'output', output });
      assert.deepEqual(sending(), []);
      simulator.studio.srt(output, true, 0);
      await waitFor(
        () => events.slice(from).filter(({ event }) => event === 'srt_stream_started').length === 2,
      );
      simulator.studio.srt(output, false, 0);
      await waitFor(
        () => events.slice(from).filter(({ event }) => event === 'srt_stream_stopped').length === 2,
      );
      assert.deepEqual(new Set(events.slice(from).map((event) => event.output)), new Set([`srt${output}`]));
    }
    for (const output of [0, 5, -1, 1.5, Number.NaN])
      await assert.rejects(app.srt.start(wish(output)), { code: 'INPUT_INVALID' });
  });

  it('overlays, inputs and dynamic values have in functions the number that people see', async () => {
    await start();
    for (const overlay of numbers(8)) {
      await app.client.call({ name: `OverlayInput${overlay}In`, input: 3 });
      const shown = await app.client.until(
        ({ overlays }) => (overlays.some(({ inputNumber }) => inputNumber === 3) ? overlays : undefined),
        5_000,
      );
      assert.deepEqual(
        shown?.filter(({ inputNumber }) => inputNumber !== null).map(({ number }) => number),
        [overlay],
      );
      await app.client.call({ name: `OverlayInput${overlay}Off` });
      await app.client.until(
        ({ overlays }) => (overlays.every(({ inputNumber }) => inputNumber === null) ? true : undefined),
        5_000,
      );
    }
    for (const input of numbers(7)) {
      await app.client.call({ name: 'CutDirect', input });
      await app.client.until(({ active }) => (active === input ? true : undefined), 5_000);
      assert.equal(simulator.state.active, input);
      assert.equal((await app.scenes.list()).program, simulator.state.inputs[input - 1]!.title);
    }
    for (const place of numbers(4)) {
      await app.client.call({ name: `SetDynamicValue${place}`, value: `value ${place}` });
      const read = await app.client.until(
        ({ dynamic }) => (dynamic?.values[place - 1] ? dynamic.values : undefined),
        5_000,
      );
      assert.deepEqual(
        read?.filter((value) => value !== ''),
        numbers(place).map((one) => `value ${one}`),
      );
    }
  });

  it('no value is ever blank where a blank one means more, whatever is done', async () => {
    await start();
    await app.streams.start({ target: null, confirmMs: 0 });
    await app.recorder.start({});
    await app.outputs.start('external');
    await app.srt.start({
      ...{
        which: { as: 'output', output: 1 },
        place: null,
        waitForCallerMs: 0,
        confirmMs: 0,
        secondProfile: '',
      },
      encoding: { videoKbps: 0, audioKbps: 0, keyframeSeconds: 0 },
    });
    await app.pictures.saveThere(
      { source: null, width: null, height: null, format: 'jpg', quality: null },
      () => `${PICTURES}\\a.jpg`,
    );
    await app.streams.stop();
    await app.stopAll();
    const named = callsOf(/^(Start|Stop|StartStop)(Streaming|SRTOutput)$|^StreamingSet|^Snapshot/i);
    assert.ok(named.length >= 8, String(named.length));
    for (const { name, parameters } of named)
      assert.ok((parameters.value ?? '').trim() !== '', `${name} without a value`);
    for (const { name, parameters } of callsOf(/Streaming$|SRTOutput$/i))
      assert.match(parameters.value ?? '', /^[0-4]$/, name);
    for (const { name, parameters } of callsOf(/^StreamingSet/i))
      assert.match(parameters.value ?? '', /^[0-4],/, name);
    assert.deepEqual(callsOf(/^StartStop|^Fullscreen$|^FadeToBlack$/i), [], 'a toggle was sent');
    assert.equal(simulator.studio.openWindows, 0);
  });
});
