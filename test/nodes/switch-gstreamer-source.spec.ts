// One changing source after the other on air, as flows drive it: from the dialog to the simulated OBS and back.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-assignment -- a message carries anything */
import assert from 'node:assert/strict';
import type { ObsSimulator, ObsSimulatorOptions } from '../../simulators/obs';
import { isHeld } from '../../lib/secrets';
import {
  application,
  around,
  ask,
  badges,
  connectionIs,
  connectionTo,
  deploy,
  heardBy,
  helper,
  load,
  type Msg,
  refuse,
  send,
  simulate,
  tearDown,
  waitFor,
} from './support/rig';

afterEach(tearDown);

const SOURCE = {
  type: 'live-switch-gstreamer-source',
  scene: 'Live',
  sceneType: 'str',
  address: 'payload.address',
  addressType: 'msg',
  action: 'message',
  transition: 'cut',
  fadeMs: '300',
  waitSeconds: '0',
  stallMs: '2000',
  fallback: '',
  stableMs: '5000',
  slot: 'main',
  kind: 'auto',
  pipeline: 'low-latency',
  pipelineText: '',
  width: '',
  height: '',
  place: 'old',
  fromTop: '0',
  readySeconds: '4',
  settleMs: '100',
  ifBusy: 'newest',
};
const GUEST = (name: string) => `rtmp://media.example/live/${name}`;
const KEY = 'kEy4711sEcret';
/** as short as an action */
const KEY_ALONE = 'x7k2-p9q4-r8s3-t6u1';
const SECRET = `rtmp://user:pAssw0rd7@media.example/live/guest?key=${KEY}`;

let obs: ObsSimulator;

async function ready(node: object = {}, options: ObsSimulatorOptions = {}): Promise<void> {
  obs = await simulate(options);
  await load(around({ ...SOURCE, ...node }, connectionTo(obs)));
  await connectionIs('ready');
}

/** Our sources in a scene, and whether each is shown. */
async function owned(scene = 'Live'): Promise<{ name: string; shown: boolean }[]> {
  const { sceneItems } = (await application().raw.call('GetSceneItemList', { sceneName: scene })) as {
    sceneItems: { sourceName: string; sceneItemEnabled: boolean }[];
  };
  return sceneItems
    .filter(({ sourceName }) => sourceName.startsWith('live_'))
    .map(({ sourceName, sceneItemEnabled }) => ({ name: sourceName, shown: sceneItemEnabled }));
}

const act = (action: string, guest?: string, more: object = {}): Msg => ({
  payload: { action, ...(guest ? { address: GUEST(guest) } : {}), ...more },
});

function holdsNoSecret(value: unknown): void {
  const text = JSON.stringify(value);
  for (const secret of [KEY, KEY_ALONE, 'pAssw0rd7', 'user:'])
    assert.equal(text.includes(secret), false, `${secret} in ${text}`);
}

describe('switch gstreamer source', function () {
  this.timeout(60_000);

  it('a slot is the same place in capital letters', async () => {
    await ready({ slot: 'Main' });
    assert.equal((await ask(act('switch', 'guest1'))).payload.slot, 'main');
  });

  it('puts one guest after the other on air; each step is told, and what the queue gave along comes back', async () => {
    await ready();
    const first = await ask({ ...act('switch', 'guest1', { turn: { id: 7 } }), kept: 1 });
    assert.equal(first.kept, 1);
    const { source, ...report } = first.payload;
    assert.match(source, /^live_main_/);
    assert.deepEqual(
      { ...report, createMs: 0, readyMs: 0, swapMs: 0, totalMs: 0 },
      {
        scene: 'Live',
        slot: 'main',
        kind: 'ffmpeg',
        previous: null,
        transition: 'cut',
        createMs: 0,
        readyMs: 0,
        swapMs: 0,
        totalMs: 0,
        alreadyLive: false,
        width: 1280,
        height: 720,
        warnings: [],
        turn: { id: 7 },
      },
    );
    const { tookMs, ...live } = first.live;
    assert.ok(tookMs > 0);
    assert.deepEqual(live, {
      action: 'source-switch',
      application: 'obs',
      connection: { id: 'studio', name: 'Studio' },
      output: null,
      state: source,
      confirmedBy: 'application',
      event: 'source_switched',
    });
    const steps = heardBy('interim');
    assert.deepEqual(
      steps.map(({ payload }) => String(payload.state)),
      ['preflight', 'create', 'prime', 'place', 'swap', 'verify', 'retire', 'idle'],
    );
    for (const step of steps) {
      assert.deepEqual(step.payload.turn, { id: 7 });
      assert.equal(step.kept, 1);
      assert.equal(step.live.event, undefined);
      assert.equal(step.live.state, step.payload.state);
      assert.equal(step.live.confirmedBy, null);
    }
    await waitFor(() => badges().at(-1) === 'live', { message: () => badges().join() });
    assert.ok(badges().includes('prime') && badges().includes('swap'), badges().join());

    const second = await ask(act('switch', 'guest2'));
    assert.equal(second.payload.previous, source);
    assert.equal('turn' in second.payload, false);
    assert.deepEqual(await owned(), [{ name: second.payload.source, shown: true }]);

    const again = await ask(act('switch', 'guest2'));
    assert.deepEqual([again.payload.alreadyLive, again.live.event], [true, undefined]);
    assert.equal(again.payload.source, second.payload.source);
  });

  it('prepares, takes and discards; a deploy discards what was prepared, in under 3 s, and leaves what is on air', async () => {
    await ready();
    await refuse(act('take'), 'SOURCE_NOT_PREPARED');
    const prepared = await ask(act('prepare', 'guest1'));
    assert.deepEqual([prepared.live.action, prepared.live.state], ['source-prepare', 'prepared']);
    assert.deepEqual(await owned(), [{ name: prepared.payload.source, shown: false }]);
    const taken = await ask({ payload: 'take' });
    assert.deepEqual([taken.payload.source, taken.live.event], [prepared.payload.source, 'source_switched']);
    await ask(act('prepare', 'guest2'));
    const discarded = await ask({ payload: ' Discard ' });
    assert.deepEqual(discarded.payload, { discarded: true, scene: 'Live', slot: 'main' });
    assert.equal((await ask(act('discard'))).payload.discarded, false);
    await ask(act('prepare', 'guest3'));
    assert.equal((await owned()).length, 2);
    const began = performance.now();
    await deploy(around({ ...SOURCE, settleMs: '150' }, connectionTo(obs)));
    assert.ok(performance.now() - began < 3000);
    await connectionIs('ready');
    await waitFor(async () => (await owned()).length === 1);
    assert.deepEqual(await owned(), [{ name: taken.payload.source, shown: true }]);
  });

  it('a key in an address is in no message, badge, error or log, wherever the message carried it', async () => {
    await ready({ address: 'from.where', kind: 'ffmpeg' });
    const msg = {
      payload: { action: 'switch', copy: `see ${SECRET}`, turn: SECRET },
      from: { where: SECRET },
    };
    const done = await ask(structuredClone(msg));
    assert.equal(done.from.where, undefined);
    holdsNoSecret(done);
    holdsNoSecret(heardBy('interim'));
    assert.ok(isHeld(KEY), 'what is on air stays secret');
    const failed = structuredClone(msg);
    const everywhere = (address: string) =>
      JSON.parse(JSON.stringify(failed).replaceAll(SECRET, address)) as Msg;
    const refused = everywhere(SECRET.replace('media.example', 'refused.invalid'));
    holdsNoSecret(await refuse(refused, 'SOURCE_PLAYBACK_FAILED'));
    holdsNoSecret(await refuse(everywhere(`${SECRET}!`), 'SOURCE_ADDRESS_INVALID'));
    // one in place of an action
    holdsNoSecret(await refuse({ payload: SECRET, from: { where: SECRET } }, 'ACTION_UNKNOWN'));
    holdsNoSecret(await refuse({ payload: { action: SECRET } }, 'ACTION_UNKNOWN'));
    // nor the key alone
    holdsNoSecret(await refuse({ payload: KEY_ALONE }, 'ACTION_UNKNOWN'));
    holdsNoSecret(await refuse({ payload: { action: KEY_ALONE } }, 'ACTION_UNKNOWN'));
    // asked for nothing that needs one: it is taken off all the same
    holdsNoSecret(await ask({ payload: 'metrics', from: { where: SECRET } }));
    holdsNoSecret(badges());
    holdsNoSecret(heardBy('caught'));
    holdsNoSecret(helper.log().args);
    // OBS itself has the address, and whoever asks it through us sees no key
    holdsNoSecret(await application().raw.call('GetInputSettings', { inputName: done.payload.source }));
    await deploy([]);
    await waitFor(() => !isHeld(KEY), { message: 'nothing is held for a node that is gone' });
  });

  it('a key stays secret for as long as its message waits, however many wait behind it', async () => {
    await ready({ ifBusy: 'queue', readySeconds: '30' });
    const slow = GUEST('slow');
    obs.publishers.publish(slow, { firstFrameMs: 60_000 });
    send(act('switch', 'slow'));
    await waitFor(() => heardBy('interim').some(({ payload }) => payload.state === 'prime'));
    const keys = Array.from({ length: 7 }, (_, n) => `w4itingKey${n}of7`);
    for (const [n, key] of keys.entries()) {
      // the last ones are refused at once, and hold nothing up
      const address = n < 6 ? `${GUEST(`guest${n}`)}?key=${key}` : `${GUEST('guest')}?key=${key}!`;
      send({ payload: { action: 'switch', address } });
    }
    await waitFor(() => heardBy('caught').length === 1);
    assert.deepEqual(
      keys.filter((key) => !isHeld(key)),
      keys.slice(6),
      'those that wait are held',
    );
    await deploy([]);
    await waitFor(() => !keys.some(isHeld), { message: 'nothing is held for a node that is gone' });
  });

  it('what fails goes to Catch, and says what is still on air', async () => {
    await ready({ readySeconds: '1.5' });
    const first = await ask(act('switch', 'guest1'));
    obs.publishers.publish(GUEST('slow'), { firstFrameMs: 60_000 });
    const caught = await refuse(act('switch', 'slow', { turn: 3 }), 'SOURCE_NOT_READY');
    assert.equal(caught.live.oldStillLive, true);
    assert.deepEqual([caught.live.action, caught.live.event], ['source-switch', undefined]);
    assert.deepEqual(caught.payload, { action: 'switch', turn: 3 });
    assert.deepEqual(await owned(), [{ name: first.payload.source, shown: true }]);
    await waitFor(() => badges().at(-1) === 'failed');
  });

  it('events carry the turn, a short text, whatever a message came to; a queue needs no wire back', async () => {
    await ready();
    const told: unknown[] = [];
    application().events.onEvent(({ event, state, payload }) => {
      if (event.startsWith('source_')) told.push([event, payload.turn, payload.code ?? null, state]);
    });
    const done = await ask(act('switch', 'guest1', { turn: 't1.1' }));
    await refuse(act('switch', 'a"b', { turn: 't2.1' }), 'SOURCE_ADDRESS_INVALID');
    await refuse({ payload: { action: 'nonsense', turn: SECRET } }, 'ACTION_UNKNOWN');
    const long = await ask(act('switch', 'guest2', { turn: 'x'.repeat(101) }));
    await obs.close();
    await waitFor(() => application().status().state !== 'ready');
    await refuse(act('switch', 'guest3', { turn: 't3.1' }), 'OBS_NOT_CONNECTED');
    assert.deepEqual(told, [
      ['source_switched', 't1.1', null, done.payload.source],
      ['source_switch_failed', 't2.1', 'SOURCE_ADDRESS_INVALID', 'failed'],
      ['source_switched', null, null, long.payload.source],
      ['source_switch_failed', 't3.1', 'OBS_NOT_CONNECTED', 'failed'],
    ]);
  });

  it('a frozen message that fails keeps its own code', async () => {
    await ready({ address: GUEST('guest1'), addressType: 'str', action: 'take' });
    await refuse(Object.freeze({ payload: 'take' }), 'SOURCE_NOT_PREPARED');
  });

  it('clear takes off air what is on air, and says so', async () => {
    await ready({}, { speed: 10 });
    const events: string[] = [];
    application().events.onEvent(({ event, state }) => void events.push(`${event} ${state}`));
    const { payload } = await ask(act('switch', 'guest1'));
    await waitFor(() => badges().at(-1) === 'live');
    const cleared = await ask({ payload: { action: 'clear', turn: 't1' } });
    assert.deepEqual(cleared.payload, {
      ...{ cleared: true, source: payload.source, scene: 'Live', slot: 'main', turn: 't1' },
    });
    assert.deepEqual(
      [cleared.live.action, cleared.live.state, cleared.live.event],
      ['source-clear', 'idle', 'source_cleared'],
    );
    assert.deepEqual(await owned(), []);
    assert.ok(events.includes('source_cleared idle'), events.join());
    await waitFor(() => badges().at(-1) !== 'live', { message: () => badges().join() });
    const none = await ask({ payload: 'clear' });
    assert.deepEqual([none.payload.cleared, none.payload.source, none.live.event], [false, null, undefined]);
  });

  it('the newest wins: the one under way is told so', async () => {
    await ready();
    obs.publishers.publish(GUEST('slow'), { firstFrameMs: 60_000 });
    send(act('switch', 'slow'));
    await waitFor(() => heardBy('interim').some(({ payload }) => payload.state === 'prime'));
    const done = await ask(act('switch', 'guest2'));
    const [caught] = await waitFor(() => (heardBy('caught').length ? heardBy('caught') : undefined));
    assert.equal(caught!.error.code, 'SOURCE_SWITCH_OVERTAKEN');
    assert.deepEqual(await owned(), [{ name: done.payload.source, shown: true }]);
  });

  it('crossfade, size, own text and gstreamer-source: what the dialog says is what OBS gets', async () => {
    await ready(
      {
        kind: 'gstreamer',
        transition: 'crossfade',
        pipeline: 'own',
        pipelineText: 'uridecodebin uri="{address}" name=d d. ! queue ! videoconvert ! video.',
      },
      { gstreamer: true },
    );
    await ask(act('switch', 'guest1'));
    const done = await ask(act('switch', 'guest2'));
    assert.deepEqual([done.payload.kind, done.payload.transition], ['gstreamer', 'crossfade']);
    const { inputSettings } = (await application().raw.call('GetInputSettings', {
      inputName: done.payload.source,
    })) as { inputSettings: { pipeline: string } };
    assert.match(
      inputSettings.pipeline,
      /^uridecodebin uri="[^"]+" name=d d\. ! queue ! videoconvert ! video\.$/,
    );
  });

  it('metrics: of the place in the dialog, also while OBS is away', async () => {
    await ready();
    await ask(act('switch', 'guest1'));
    const { payload, live } = await ask(act('metrics', undefined, { turn: 5 }));
    assert.deepEqual([payload.asked, payload.done, payload.failed, payload.turn], [1, 1, 0, 5]);
    assert.equal(typeof payload.totalMs.last, 'number');
    assert.deepEqual([live.action, live.state], ['source-metrics', null]);
    await obs.close();
    await waitFor(() => application().status().state !== 'ready');
    assert.equal((await ask(act('metrics'))).payload.asked, 1);
  });

  const wrong: [name: string, node: object, msg: Msg, code: string][] = [
    ['no address', {}, { payload: { action: 'switch' } }, 'SOURCE_ADDRESS_INVALID'],
    [
      'an address with another element in it',
      {},
      { payload: { action: 'switch', address: 'rtmp://h/live/a" ! filesink location="/tmp/a' } },
      'SOURCE_ADDRESS_INVALID',
    ],
    [
      'an address that is no text',
      {},
      { payload: { action: 'prepare', address: { of: 'guest' } } },
      'INPUT_INVALID',
    ],
    ['no action', {}, { payload: 17 }, 'ACTION_UNKNOWN'],
    ['another action', {}, { payload: 'stop' }, 'ACTION_UNKNOWN'],
    [
      'a pipeline without a place for the address',
      { pipeline: 'own', pipelineText: 'videotestsrc ! video.' },
      act('switch', 'a'),
      'SOURCE_PIPELINE_INVALID',
    ],
    ['a slot with a space', { slot: 'left side' }, act('switch', 'a'), 'CONFIG_INVALID'],
    ['a width without a height', { width: '640' }, act('switch', 'a'), 'CONFIG_INVALID'],
    ['a fade of no time', { transition: 'crossfade', fadeMs: '0' }, act('switch', 'a'), 'CONFIG_INVALID'],
  ];
  it('what makes no sense is refused before OBS hears of anything', async () => {
    for (const [name, node, msg, code] of wrong) {
      await ready(node);
      const caught = await refuse(structuredClone(msg), code);
      assert.ok(!obs.calls.some(({ requestType }) => requestType === 'CreateInput'), name);
      assert.ok(!JSON.stringify(caught).includes('filesink'), name);
      await tearDown();
    }
  });

  it('the scene on air, where the dialog names none; an unknown one is refused', async () => {
    await ready({ scene: '' });
    const { payload } = await ask(act('switch', 'guest1'));
    assert.equal(payload.scene, 'Starting soon');
    await tearDown();
    await ready({ scene: 'scene', sceneType: 'msg' });
    await refuse({ ...act('switch', 'guest1'), scene: 'Nowhere' }, 'SCENE_UNKNOWN');
    assert.equal((await ask({ ...act('switch', 'guest1'), scene: 'Break' })).payload.scene, 'Break');
  });

  it('says on its badge how the source on air is, of its own place only', async () => {
    await ready();
    const { payload } = await ask(act('switch', 'guest1'));
    const tell = (event: 'source_stalled' | 'source_recovered', slot: string) =>
      application().announce(event, { ...payload, slot }, {});
    await waitFor(() => badges().at(-1) === 'live');
    tell('source_stalled', 'main');
    await waitFor(() => badges().at(-1) === 'stalled', { message: () => badges().join() });
    tell('source_recovered', 'main');
    await waitFor(() => badges().at(-1) === 'live', { message: () => badges().join() });
    tell('source_stalled', 'side');
    tell('source_recovered', 'main');
    assert.equal(badges().at(-1), 'live');
  });

  it('a node without a connection is misconfigured', async () => {
    await load(around({ ...SOURCE, obs: '' }));
    await refuse(act('switch', 'guest1'), 'CONNECTION_MISSING');
    await waitFor(() => badges().at(-1) === 'misconfigured', { message: () => badges().join() });
  });
});
