// The streaming channels of a vMix: started and stopped each by its own number, and believed only when its state shows it.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ProductionEvent } from '../../lib/production/vocabulary';
import type { StartStreamOptions } from '../../lib/production/application';
import { SomeStreamsFailed } from '../../lib/production/some-streams-failed';
import type { ServiceId, StreamTarget } from '../../lib/production/targets';
import { VmixApplication, type VmixApplicationOptions } from '../../lib/vmix/application';
import { NO_EXTRAS } from '../../lib/vmix/extras';
import { functionQuery } from '../../lib/vmix/functions/query';
import { APPEAR_MS, StartWatch } from '../../lib/vmix/stream-watch';
import { checkChannels, settingCalls, wishesOf } from '../../lib/vmix/stream-wishes';
import { startVmixSimulator, type VmixSimulator, type VmixSimulatorOptions } from '../../simulators/vmix';
import { waitFor } from '../support';

const target = (name: string, more: Partial<StreamTarget> = {}): StreamTarget => ({
  name,
  service: 'rtmp',
  server: 'rtmp://live.example/app',
  key: `key of ${name}`,
  user: '',
  password: '',
  ...more,
});
const TWITCH = target('Twitch', { service: 'twitch', server: '', key: 'live_1' });
const YOUTUBE = target('YouTube', { service: 'youtube', server: '', key: 'aa-bb' });
const code = (expected: string) => (error: { code?: string; message?: string }) =>
  assert.equal(error.code, expected, error.message) === undefined;

describe('a start of a channel', () => {
  const verdicts = (watch: StartWatch, looks: [atMs: number, on: boolean][]) =>
    looks.map(([atMs, on]) => watch.look(atMs, on));

  it('is live once the channel has stayed on, and not a moment sooner', () => {
    assert.deepEqual(
      verdicts(new StartWatch(0, 5_000), [
        [100, false],
        [1_500, true],
        [6_499, true],
        [6_500, true],
      ]),
      ['waiting', 'waiting', 'waiting', 'live'],
    );
  });

  it('has failed when the channel goes off again, however short it was on', () => {
    assert.deepEqual(
      verdicts(new StartWatch(0, 5_000), [
        [1_500, true],
        [6_400, false],
      ]),
      ['waiting', 'dropped'],
    );
  });

  it('has failed when the channel never comes on', () => {
    assert.deepEqual(
      verdicts(new StartWatch(1_000, 5_000), [
        [APPEAR_MS + 999, false],
        [APPEAR_MS + 1_000, false],
      ]),
      ['waiting', 'never'],
    );
  });

  it('counts what it was on before', () => {
    assert.deepEqual(verdicts(new StartWatch(9_000, 5_000, 5_000), [[10_000, true]]), ['live']);
    assert.deepEqual(verdicts(new StartWatch(9_000, 5_000, 5_000), [[9_500, false]]), ['dropped']);
  });

  it('is live only where every look within the time saw it on', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 900 }), fc.boolean()), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 10_000 }),
        (steps, confirmMs) => {
          const watch = new StartWatch(0, confirmMs, null, 20_000);
          let atMs = 0;
          const seen: [number, boolean][] = [];
          for (const [step, on] of steps) {
            atMs += step;
            seen.push([atMs, on]);
            const verdict = watch.look(atMs, on);
            if (verdict === 'waiting') continue;
            const first = seen.find(([, one]) => one)?.[0];
            const broken = first !== undefined && seen.some(([at, one]) => at > first && !one);
            if (verdict === 'live') assert.ok(!broken && atMs - first! >= confirmMs);
            if (verdict === 'dropped') assert.ok(broken);
            if (verdict === 'never') assert.ok(first === undefined && atMs >= 20_000);
            return;
          }
        },
      ),
    );
  });
});

describe('what is set of a channel', () => {
  const wishes = (channels: [number, StreamTarget | null][]) =>
    wishesOf({ target: null, channels: channels.map(([channel, one]) => ({ channel, target: one })) });

  it('goes to that very channel, counted from 0, and is never blank, whatever the target holds', () => {
    const text = fc.string({ unit: 'binary', maxLength: 30 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.record({ url: text, key: text, user: text, password: text }),
        fc.boolean(),
        (channel, settings, hadLogin) => {
          for (const call of settingCalls(channel, settings, hadLogin)) {
            const value = String(call.value);
            assert.ok(value.startsWith(`${channel - 1},`));
            assert.notEqual(value.trim(), '');
            functionQuery(call);
          }
        },
      ),
    );
  });

  it('is address and key together, the empty key too, and a login only where there is or was one', () => {
    const names = (user: string, hadLogin: boolean) =>
      settingCalls(2, { url: 'rtmp://a/b', key: '', user, password: '' }, hadLogin).map(
        ({ name, value }) => `${name} ${value}`,
      );
    const both = ['StreamingSetURL 1,rtmp://a/b', 'StreamingSetKey 1,'];
    assert.deepEqual(names('', false), both);
    assert.deepEqual(names('me', false), [...both, 'StreamingSetUsername 1,me', 'StreamingSetPassword 1,']);
    assert.deepEqual(names('', true), [...both, 'StreamingSetUsername 1,', 'StreamingSetPassword 1,']);
  });

  it('is nothing for a target that is as set in vMix', () => {
    const [none, asSet] = wishes([
      [1, null],
      [2, target('Usual', { service: 'as-set' })],
    ]);
    assert.deepEqual([none!.settings, none!.told.target], [null, null]);
    assert.deepEqual([asSet!.settings, asSet!.told.target], [null, 'Usual']);
  });

  it('is refused where vMix cannot stream that way, or where it makes no sense', () => {
    const to = (service: ServiceId, server: string) => () => wishes([[1, target('T', { service, server })]]);
    assert.throws(to('srt', 'srt://a:9000'), code('STREAM_TARGET_UNSUPPORTED'));
    assert.throws(to('srt', 'srt://a:9000'), /srt out/);
    assert.throws(to('whip', 'https://a/b'), code('STREAM_TARGET_UNSUPPORTED'));
    assert.throws(to('rtmp', ''), code('STREAM_TARGET_INVALID'));
    assert.throws(() => wishes([]), code('INPUT_INVALID'));
    const twice = [1, 1].map((channel): [number, null] => [channel, null]);
    assert.throws(() => wishes(twice), /channel 1 is named twice/);
  });

  it('is refused for a channel that this vMix does not have, by its version or by its connection', () => {
    const check = (channel: number, set: number | null, version: number) => () =>
      checkChannels([channel], { set, version, versionText: version === 3 ? '27' : '29' });
    for (const channel of [1, 2, 3]) check(channel, 3, 5)();
    check(5, null, 5)();
    assert.throws(check(4, null, 3), /vMix 27 has no channel 4.*28 and newer/);
    assert.throws(check(4, 5, 3), code('STREAM_CHANNEL_MISSING'));
    assert.throws(check(4, 3, 5), /set to 3 channels/);
    for (const none of [0, -1, 6, 1.5, NaN])
      assert.throws(check(none, null, 5), code('STREAM_CHANNEL_MISSING'));
  });
});

describe('the streams of a vMix', () => {
  let simulator: VmixSimulator;
  let told: ProductionEvent[] = [];
  let apps: VmixApplication[] = [];

  const open = (more: Partial<VmixApplicationOptions> = {}): VmixApplication => {
    const app = new VmixApplication({
      id: 'a',
      name: 'Mixer',
      simulated: false,
      log: () => undefined,
      host: '127.0.0.1',
      port: simulator.httpPort,
      tcpPort: simulator.tcpPort,
      user: '',
      password: '',
      ...NO_EXTRAS,
      ...more,
    });
    apps.push(app);
    return app.start();
  };
  const begin = async (
    options: VmixSimulatorOptions = {},
    more: Partial<VmixApplicationOptions> = {},
  ): Promise<VmixApplication> => {
    simulator = await startVmixSimulator({ speed: 20, random: () => 0.5, ...options });
    const app = open(more);
    app.events.onEvent((event) => told.push(event));
    await app.whenReady(10_000);
    return app;
  };
  afterEach(async () => {
    for (const app of apps) await app.close();
    await simulator.close();
    apps = [];
    told = [];
  });

  const to = (channels: [number, StreamTarget | null][], more: Partial<StartStreamOptions> = {}) => ({
    target: null,
    channels: channels.map(([channel, one]) => ({ channel, target: one })),
    confirmMs: 300,
    ...more,
  });
  const sent = (name: RegExp) =>
    simulator.calls
      .filter((call) => name.test(call.name))
      .map((call) => `${call.name} ${call.parameters.value ?? ''}`);
  const events = () =>
    told
      .filter(({ event }) => event.startsWith('stream_'))
      .map(({ event, output, expected, previous, state }) =>
        [event, output, String(expected), previous, state].join(' '),
      );

  it('start several at once, each with its own address and key, and tell of each', async () => {
    const app = await begin();
    const started = await app.streams.start(
      to([
        [1, TWITCH],
        [3, YOUTUBE],
        [5, null],
      ]),
    );
    assert.deepEqual(
      [1, 2, 3, 4, 5].map((channel) => simulator.channel(channel)),
      ['live', 'off', 'live', 'off', 'live'],
    );
    assert.deepEqual(
      [simulator.received(1), simulator.received(3)].map(({ url, key }) => [url, key]),
      [
        ['rtmp://live.twitch.tv/app', 'live_1'],
        ['rtmps://a.rtmps.youtube.com:443/live2', 'aa-bb'],
      ],
    );
    assert.equal(simulator.received(5).url, 'rtmp://rehearsal.invalid/live', 'as set in vMix');
    assert.deepEqual(
      started.streams.map(({ output, target, service, confirmed, alreadyRunning, bitrateKbps }) => [
        output,
        target,
        service,
        confirmed,
        alreadyRunning,
        bitrateKbps,
      ]),
      [
        ['stream1', 'Twitch', 'Twitch', true, false, null],
        ['stream3', 'YouTube', 'YouTube', true, false, null],
        ['stream5', null, null, true, false, null],
      ],
    );
    for (const { unknown, startedAt } of started.streams) {
      assert.match(unknown!.bitrateKbps!, /no figures/);
      assert.match(startedAt!, /^2\d{3}-.*Z$/);
    }
    assert.match(started.streams[2]!.unknown!.target!, /does not tell where/);
    assert.equal(started.target, null);
    assert.match(started.unknown!.target!, /each one is in streams/);
    for (const output of ['stream1', 'stream3', 'stream5'])
      assert.deepEqual(
        events().filter((one) => one.includes(output)),
        [`stream_starting ${output} true idle starting`, `stream_started ${output} true starting live`],
      );
    assert.deepEqual(
      app.streams.list().map(({ output, state }) => `${output} ${state}`),
      ['stream1 live', 'stream2 idle', 'stream3 live', 'stream4 idle', 'stream5 live'],
    );
    const { payload } = told.find(({ event, output }) => event === 'stream_started' && output === 'stream1')!;
    assert.deepEqual(
      [payload.channel, payload.target, payload.server, payload.bitrateKbps],
      [1, 'Twitch', 'rtmp://live.twitch.tv/app', null],
    );
  });

  it('go by the right number for each channel, there and back', async () => {
    const app = await begin();
    for (const channel of [1, 2, 3, 4, 5]) {
      await app.streams.start(to([[channel, null]], { confirmMs: 50 }));
      assert.deepEqual(
        [1, 2, 3, 4, 5].filter((one) => simulator.channel(one) === 'live'),
        [channel],
      );
      assert.equal(sent(/^StartStreaming$/i).at(-1), `StartStreaming ${channel - 1}`);
      assert.deepEqual(
        app.streams.views().flatMap((view) => (view.state === 'live' ? [view.channel] : [])),
        [channel],
      );
      const stopped = await app.streams.stop([channel]);
      assert.deepEqual([stopped.wasRunning, stopped.streams[0]?.output], [true, `stream${channel}`]);
      assert.equal(sent(/^StopStreaming$/i).at(-1), `StopStreaming ${channel - 1}`);
      assert.deepEqual(
        [1, 2, 3, 4, 5].filter((one) => simulator.channel(one) !== 'off'),
        [],
      );
    }
    assert.deepEqual(
      sent(/^(Start|Stop)Streaming$/i).filter((one) => !/ \d$/.test(one)),
      [],
      'a blank value would mean all',
    );
  });

  it('bring every byte of a secret to vMix, and to nobody else', async () => {
    const key = 'a&b#c+d%20e f,é=?"\'\\<>😀';
    const password = 'p&w#+%, é';
    const app = await begin();
    const started = await app.streams.start(to([[2, target('Own', { key, user: 'me,&you', password })]]));
    const received = simulator.received(2);
    assert.deepEqual(
      [received.key, received.userName, received.password, received.url],
      [key, 'me,&you', password, 'rtmp://live.example/app'],
    );
    for (const other of [1, 3, 4, 5]) assert.equal(simulator.received(other).key, '');
    const out = JSON.stringify([started, told, app.streams.list(), app.streams.views()]);
    for (const secret of [key, password, encodeURIComponent(key), JSON.stringify(key).slice(1, -1)])
      assert.ok(!out.includes(secret));
    // the next one has no login, and must not send the old one
    await app.streams.stop([2]);
    await app.streams.start(to([[2, TWITCH]]));
    assert.deepEqual([simulator.received(2).userName, simulator.received(2).password], ['', '']);
  });

  it('that drop while they are confirmed have failed, with a sentence of their own', async () => {
    const app = await begin();
    simulator.faults.streamOutcome = 'drop';
    const { code: failed, message } = await app.streams.start(to([[2, TWITCH]], { confirmMs: 5_000 })).then(
      () => assert.fail('it started'),
      (error: { code: string; message: string }) => error,
    );
    assert.equal(failed, 'VMIX_STREAM_DROPPED');
    assert.match(message, /Channel 2 .*rtmp:\/\/live\.twitch\.tv\/app.*its own screen.*Custom RTMP Server/);
    assert.deepEqual(events(), [
      'stream_starting stream2 true idle starting',
      'stream_failed stream2 false starting idle',
    ]);
    const { payload } = told.find(({ event }) => event === 'stream_failed')!;
    assert.equal(payload.target, 'Twitch');
    assert.equal(app.streams.state(), 'idle');
  });

  it('that drop after they were confirmed have stopped, and nobody knows who did it', async () => {
    const app = await begin();
    await app.streams.start(to([[1, TWITCH]]));
    simulator.studio.channels.end(1);
    const { payload, expected } = await waitFor(() => told.find(({ event }) => event === 'stream_stopped'));
    assert.equal(expected, null);
    assert.equal(payload.target, 'Twitch');
    const final = payload.final as Record<string, number | null>;
    assert.ok(final.durationMs! >= 290);
    assert.deepEqual([final.sizeBytes, final.totalFrames, final.droppedFrames], [null, null, null]);
    assert.match((payload.unknown as Record<string, string>).sizeBytes!, /no figures/);
  });

  it('stop: sent again to one that stays on, as if somebody had started it in the same moment', async () => {
    const app = await begin();
    await app.streams.start(to([[2, TWITCH]]));
    simulator.faults.ignoreNext('StopStreaming');
    assert.equal((await app.streams.stop([2])).state, 'idle');
    assert.deepEqual(sent(/^StopStreaming$/i), ['StopStreaming 1', 'StopStreaming 1']);
  }).timeout(30_000);

  it('stop: seen to by a vMix that takes long for each of its states', async () => {
    const app = await begin();
    await app.streams.start(to([[2, TWITCH]]));
    simulator.faults.failHttp('slow', { on: 'state' });
    assert.equal((await app.streams.stop([2])).state, 'idle');
  }).timeout(45_000);

  it('stop: all that are live, each by its own number, with how long they ran', async () => {
    const app = await begin();
    await app.streams.start(
      to([
        [1, TWITCH],
        [2, YOUTUBE],
      ]),
    );
    simulator.studio.channels.start('3');
    await waitFor(() => simulator.channel(4) === 'live');
    const stopped = await app.streams.stop();
    assert.deepEqual(
      stopped.streams.map(({ output, wasRunning }) => [output, wasRunning]),
      [
        ['stream1', true],
        ['stream2', true],
        ['stream4', true],
      ],
    );
    assert.equal(stopped.final, null);
    assert.deepEqual(sent(/^StopStreaming$/i).sort(), [
      'StopStreaming 0',
      'StopStreaming 1',
      'StopStreaming 3',
    ]);
    const [first] = stopped.streams;
    assert.ok(first!.final!.durationMs! >= 290);
    assert.equal(first!.final!.sizeBytes, null);
    assert.match(first!.unknown!.sizeBytes!, /no figures/);
    assert.deepEqual(await app.streams.stop(), {
      state: 'idle',
      wasRunning: false,
      final: null,
      streams: [],
    });
    assert.deepEqual(
      events()
        .filter((one) => one.startsWith('stream_stopped'))
        .sort(),
      ['stream1', 'stream2', 'stream4'].map((output) => `stream_stopped ${output} true live idle`),
    );
  });

  it('stop wins over a start of the same channel, and the others go on', async () => {
    const app = await begin();
    const options = to(
      [
        [1, TWITCH],
        [2, YOUTUBE],
      ],
      { confirmMs: 1_000 },
    );
    const started = app.streams.start(options).then(
      () => assert.fail('it started'),
      (error: unknown) => error,
    );
    await waitFor(() => simulator.channel(1) === 'live' && simulator.channel(2) === 'live');
    const stopped = await app.streams.stop([2]);
    assert.equal(stopped.wasRunning, true);
    const failed = (await started) as SomeStreamsFailed;
    assert.ok(failed instanceof SomeStreamsFailed);
    assert.deepEqual(
      failed.streams.map(({ output, state, error }) => [output, state, error?.code]),
      [
        ['stream1', 'live', undefined],
        ['stream2', 'idle', 'STREAM_START_CANCELLED'],
      ],
    );
    assert.deepEqual([simulator.channel(1), simulator.channel(2)], ['live', 'off']);
    assert.ok(!events().some((one) => one.startsWith('stream_failed')));
  });

  it('stop takes back a start that shows nothing yet', async () => {
    const app = await begin({ speed: 1 });
    const started = app.streams.start(to([[1, TWITCH]]));
    const refused = assert.rejects(started, code('STREAM_START_CANCELLED'));
    await waitFor(() => simulator.channel(1) === 'connecting');
    const stopped = await app.streams.stop();
    await refused;
    assert.equal(stopped.wasRunning, false);
    assert.equal(simulator.channel(1), 'off');
    assert.deepEqual(events(), [
      'stream_starting stream1 true idle starting',
      'stream_stopped stream1 true starting idle',
    ]);
  });

  it('equal starts join, another one on the same channel is busy, other channels go side by side', async () => {
    const app = await begin();
    const both = await Promise.allSettled([
      app.streams.start(to([[1, TWITCH]])),
      app.streams.start(to([[1, TWITCH]])),
      app.streams.start(to([[1, YOUTUBE]])),
      app.streams.start(to([[2, YOUTUBE]])),
      app.streams.start(
        to([
          [3, null],
          [1, YOUTUBE],
        ]),
      ),
    ]);
    assert.deepEqual(
      both.map((one) => (one.status === 'fulfilled' ? 'live' : (one.reason as { code: string }).code)),
      ['live', 'live', 'STREAM_BUSY', 'live', 'STREAM_BUSY'],
    );
    assert.deepEqual(sent(/^StartStreaming$/i).sort(), ['StartStreaming 0', 'StartStreaming 1']);
    assert.equal(simulator.channel(3), 'off', 'all of a start, or none');
  });

  it('two connections to the same vMix do not get in each other’s way', async () => {
    const app = await begin();
    const other = open({ id: 'b', host: 'localhost' });
    await other.whenReady(10_000);
    const heard: string[] = [];
    other.events.onEvent(({ event, expected }) => void heard.push(`${event} ${String(expected)}`));
    const [one, two] = await Promise.all([
      app.streams.start(to([[1, TWITCH]])),
      other.streams.start(to([[1, TWITCH]])),
    ]);
    assert.deepEqual([one.streams[0]!.target, two.streams[0]!.target], ['Twitch', 'Twitch']);
    assert.deepEqual(sent(/^StartStreaming$/i), ['StartStreaming 0']);
    assert.equal((await other.streams.start(to([[1, TWITCH]]))).alreadyRunning, true);
    await assert.rejects(other.streams.start(to([[1, YOUTUBE]])), code('STREAM_LIVE_ELSEWHERE'));
    await app.streams.stop();
    await waitFor(() => heard.includes('stream_stopped true'), { message: () => heard.join() });
    assert.ok(heard.includes('stream_started true'), heard.join());
  });

  it('that are live already are a success where nobody wants them elsewhere', async () => {
    const app = await begin();
    await app.streams.start(to([[1, TWITCH]]));
    const again = await app.streams.start(to([[1, TWITCH]]));
    assert.deepEqual([again.alreadyRunning, again.target, again.confirmed], [true, 'Twitch', true]);
    assert.equal((await app.streams.start(to([[1, null]]))).alreadyRunning, true);
    assert.deepEqual(sent(/^StartStreaming$/i), ['StartStreaming 0']);
    await assert.rejects(app.streams.start(to([[1, YOUTUBE]])), (error: Error) => {
      assert.match(error.message, /channel 1 of vMix already streams to Twitch, not to YouTube/);
      return true;
    });
    const moved = await app.streams.start(to([[1, YOUTUBE]], { ifLiveElsewhere: 'restart' }));
    assert.deepEqual([moved.alreadyRunning, moved.target], [false, 'YouTube']);
    assert.equal(simulator.received(1).key, 'aa-bb');
    // stopped and started by somebody: where it goes now, nobody knows
    simulator.studio.channels.end(1);
    await waitFor(() => app.streams.state() === 'idle');
    simulator.studio.channels.start('0');
    await waitFor(() => app.streams.state() === 'live');
    assert.equal(app.streams.list()[0]!.target, null);
    await assert.rejects(app.streams.start(to([[1, YOUTUBE]])), /a target that vMix does not tell/);
    assert.equal((await app.streams.start(to([[1, null]]))).alreadyRunning, true);
  });

  it('nothing is set of a channel that is on', async () => {
    const app = await begin();
    simulator.studio.channels.start('1');
    await waitFor(() => app.streams.state() === 'live');
    await assert.rejects(app.streams.start(to([[2, TWITCH]])), code('STREAM_LIVE_ELSEWHERE'));
    assert.deepEqual(sent(/^StreamingSet/i), []);
  });

  it('of several, one that fails: the others stay, or are stopped where wished', async () => {
    const wrong = target('Wrong', { server: 'rtmp://live.example/app', key: 'denied' });
    for (const ifOneFails of ['leave', 'stop'] as const) {
      // on for two thirds of a second, so that a look sees it
      const app = await begin({ speed: 3 });
      const failed = (await app.streams
        .start(
          to(
            [
              [1, TWITCH],
              [2, wrong],
            ],
            { ifOneFails, confirmMs: 3_000 },
          ),
        )
        .then(
          () => assert.fail('it started'),
          (error: unknown) => error,
        )) as SomeStreamsFailed;
      assert.ok(failed instanceof SomeStreamsFailed, String(failed));
      assert.equal(failed.code, 'STREAM_SOME_FAILED');
      const live = ifOneFails === 'leave';
      assert.deepEqual(
        failed.streams.map(({ output, state, error }) => [output, state, error?.code]),
        [
          ['stream1', live ? 'live' : 'idle', undefined],
          ['stream2', 'idle', 'VMIX_STREAM_DROPPED'],
        ],
      );
      assert.equal(simulator.channel(1), live ? 'live' : 'off');
      assert.match(
        failed.message,
        live ? /stream2: Channel 2.*stream1 live/ : /stream2: Channel 2.*stream1 idle/,
      );
      await app.close();
      await simulator.close();
    }
  });

  it('a channel that this vMix has not, is refused before anything is sent', async () => {
    const app = await begin({ profile: 'vmix-27' });
    await assert.rejects(
      app.streams.start(
        to([
          [1, TWITCH],
          [4, YOUTUBE],
        ]),
      ),
      code('STREAM_CHANNEL_MISSING'),
    );
    await assert.rejects(app.streams.stop([4]), code('STREAM_CHANNEL_MISSING'));
    assert.deepEqual(sent(/Stream/i), []);
  });

  it('a start that vMix takes and never does', async () => {
    const app = await begin();
    simulator.faults.ignoreNext('StartStreaming');
    const began = Date.now();
    const refused = app.streams.start(to([[1, TWITCH]]));
    await assert.rejects(refused, (error: Error) => {
      assert.equal((error as { code?: string }).code, 'VMIX_STREAM_NOT_ON', error.message);
      assert.match(error.message, /Custom RTMP Server.*taken back/);
      return true;
    });
    assert.ok(Date.now() - began >= APPEAR_MS - 1_000);
    assert.deepEqual(sent(/^StopStreaming$/i), ['StopStreaming 0']);
    assert.deepEqual(events(), [
      'stream_starting stream1 true idle starting',
      'stream_failed stream1 false starting idle',
    ]);
  }).timeout(60_000);
});
