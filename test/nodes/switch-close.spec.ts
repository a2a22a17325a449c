// A node that goes while its switch is under way: quickly, with what is on air left alone, and nothing of it left behind.
/* eslint-disable @typescript-eslint/no-unsafe-member-access -- a message carries anything */
import assert from 'node:assert/strict';
import type { SwitchState } from '../../lib/production/switching';
import type { ObsSimulator } from '../../simulators/obs';
import {
  around,
  ask,
  connectionIs,
  connectionTo,
  deploy,
  type Flow,
  heardBy,
  helper,
  load,
  type Msg,
  send,
  settle,
  simulate,
  tearDown,
  waitFor,
} from './support/rig';

afterEach(tearDown);

/** No node may take longer to close, in milliseconds. */
const CLOSE_MS = 3000;
/** Longer than a node may take to close; as the simulator counts, which is ten times as fast. */
const HELD_MS = 32_000;
const SOURCE = {
  type: 'live-switch-gstreamer-source',
  scene: 'Live',
  sceneType: 'str',
  address: 'payload.address',
  addressType: 'msg',
  action: 'message',
  transition: 'cut',
  fadeMs: '300',
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
  readySeconds: '20',
  settleMs: '100',
  ifBusy: 'newest',
};
const GUEST = (name: string) => `rtmp://media.example/live/${name}`;
const act = (action: string, guest: string): Msg => ({ payload: { action, address: GUEST(guest) } });

let obs: ObsSimulator;
const owned = () => obs.items('Live').filter(({ name }) => name.startsWith('live_'));

/** The flow with the node, and another one that keeps the connection where the node goes. */
const flow = (name = 'Studio'): Flow =>
  around(SOURCE, connectionTo(obs, { name }), {
    id: 'other',
    type: 'live-obs-request',
    z: 'tab',
    x: 1,
    y: 1,
    name: '',
    obs: 'studio',
    wires: [[]],
  });

interface Case {
  state: SwitchState;
  /** how the simulator keeps the switch there; nothing where it stays there for a second by itself */
  hold?: () => void;
  /** what is on air may have changed already */
  touched?: boolean;
  title?: string;
}

const CASES: Case[] = [
  { state: 'preflight', hold: () => obs.faults.delayNext('GetSceneItemList', HELD_MS) },
  { state: 'create', hold: () => obs.faults.delayNext('CreateInput', HELD_MS) },
  { state: 'prime', hold: () => obs.publishers.publish(GUEST('next'), { firstFrameMs: 600_000 }) },
  { state: 'prepared' },
  { state: 'place', hold: () => obs.faults.delayNext('GetSourceFilterList', HELD_MS) },
  { state: 'swap', hold: () => obs.faults.delayNext('SetSceneItemEnabled', 20_000), touched: true },
  {
    state: 'swap',
    hold: () => obs.faults.nextBatch({ kind: 'hang', after: 1 }),
    touched: true,
    title: 'swap, which OBS never answers',
  },
  { state: 'verify', touched: true },
  {
    state: 'retire',
    hold: () => obs.faults.delayNext('RemoveInput', HELD_MS),
    touched: true,
    title: 'retire, whose removal takes long',
  },
];

/** One guest on air, and a switch to the next one under way in that state. */
async function under(one: Case): Promise<{ first: string; dark: () => number }> {
  obs = await simulate();
  await load(flow());
  await connectionIs('ready');
  const first = String((await ask(act('switch', 'guest1'))).payload.source);
  let dark = 0;
  obs.onItems(() => {
    if (!owned().some(({ enabled }) => enabled)) dark++;
  });
  one.hold?.();
  const before = heardBy('interim').length;
  const states = () =>
    heardBy('interim')
      .slice(before)
      .map(({ payload }) => String(payload.state));
  send(act(one.state === 'prepared' ? 'prepare' : 'switch', 'next'));
  await waitFor(() => states().includes(one.state), {
    intervalMs: 5,
    message: () => `${one.state}; ${states().join()}`,
  });
  // or it is past it before it is closed
  assert.equal(states().at(-1), one.state);
  return { first, dark: () => dark };
}

/** Runs `close` within its time by the test's own clock; the answer tells whether the message was settled more than once. */
async function closing(close: () => Promise<unknown>): Promise<() => void> {
  // a switch that is done is told at its output and to Complete
  const settled = () => heardBy('caught').length + heardBy('completed').length;
  const before = settled();
  const began = performance.now();
  await close();
  const tookMs = performance.now() - began;
  assert.ok(tookMs < CLOSE_MS, `it took ${Math.round(tookMs)} ms`);
  return () => assert.ok(settled() - before <= 1, JSON.stringify(heardBy('caught')));
}

/** Until one source of ours is there, on air. */
async function oneLeft(one: Case, first: string): Promise<void> {
  await waitFor(() => owned().length === 1 && owned()[0]?.enabled === true, {
    timeoutMs: 15_000,
    intervalMs: 20,
    message: () => `one source on air; there are ${JSON.stringify(owned())}`,
  });
  if (!one.touched) assert.equal(owned()[0]?.name, first);
  // what comes late comes now
  await settle(300);
  assert.equal(owned().length, 1);
}

describe('a node that goes while its switch is under way', function () {
  this.timeout(60_000);

  for (const one of CASES)
    it(`in ${one.title ?? one.state}`, async () => {
      const { first, dark } = await under(one);
      const once = await closing(() =>
        deploy(
          flow().filter(({ id }) => id !== 'n'),
          'nodes',
        ),
      );
      assert.equal(helper.getNode('n'), null);
      await oneLeft(one, first);
      once();
      assert.equal(dark(), 0, 'something was on air all the time');
    });

  const some = CASES.filter(({ state, title }) => state === 'prime' || (state === 'swap' && title));

  for (const one of some)
    it(`with all of Node-RED, in ${one.title ?? one.state}`, async () => {
      const { first, dark } = await under(one);
      const once = await closing(() => helper.unload());
      once();
      assert.equal(dark(), 0, 'something was on air all the time');
      await load(flow());
      await connectionIs('ready');
      await oneLeft(one, first);
      assert.equal(dark(), 0, 'something was on air all the time');
    });

  for (const one of some)
    it(`with another connection, in ${one.title ?? one.state}`, async () => {
      const { first, dark } = await under(one);
      const once = await closing(() => deploy(flow('Another name'), 'nodes'));
      await connectionIs('ready');
      await oneLeft(one, first);
      once();
      assert.equal(dark(), 0, 'something was on air all the time');
      await ask(act('switch', 'guest3'));
      assert.equal(owned().length, 1);
    });
});
