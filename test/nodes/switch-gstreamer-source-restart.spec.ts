// A source is on air while Node-RED starts again: its node goes on watching it, without a message.
/* eslint-disable @typescript-eslint/no-unsafe-member-access -- a message carries anything */
import assert from 'node:assert/strict';
import type { ObsSimulator } from '../../simulators/obs';
import { Example } from './support/example';
import {
  application,
  around,
  ask,
  badges,
  connectionIs,
  connectionTo,
  deploy,
  type Flow,
  heardBy,
  helper,
  load,
  type Msg,
  next,
  simulate,
  tearDown,
  waitFor,
} from './support/rig';

afterEach(tearDown);

const ADDRESS = 'rtmp://media.example/live/guest1';
const SLATE = {
  sceneName: 'Live',
  inputName: 'Slate',
  inputKind: 'color_source_v3',
  inputSettings: {},
  sceneItemEnabled: false,
};

describe('switch gstreamer source, deployed while its source is on air', function () {
  this.timeout(60_000);
  let obs: ObsSimulator;

  /** The node of the example, with what is told of its source. */
  const flow = (more: object = {}): Flow => {
    const node = new Example('11 Sources on air/02').node('guest');
    const here = { id: 'n', z: 'tab', wires: [['out'], ['interim']] };
    const times = { stallMs: '700', stableMs: '1000' };
    const told = {
      id: 'told',
      type: 'live-event',
      z: 'tab',
      application: 'obs',
      obs: 'studio',
      vmix: '',
      source: 'show',
      events: ['source_stalled', 'source_recovered'],
      rawEvents: '',
      filters: [],
      limit: '100',
      present: false,
      configVersion: 1,
      wires: [['events']],
    };
    const events = { id: 'events', type: 'test-sink', z: 'tab' };
    return around({ ...node, ...here, ...times, obs: 'studio', ...more }, connectionTo(obs), told, events);
  };
  const shown = () =>
    obs
      .items('Live')
      .filter(({ enabled }) => enabled)
      .map(({ name }) => name);
  const isTold = async (event: string): Promise<Msg> =>
    await next('events', (msg) => msg.live.event === event);
  /** A Node-RED that is gone remembers nothing. */
  const restart = async (more: object = {}) => {
    await deploy([]);
    assert.equal(helper.getNode('studio'), null);
    await waitFor(() => obs.clients === 0, { message: 'the connection to be closed' });
    await deploy(flow(more));
    await connectionIs('ready');
  };

  /** A guest on air. */
  const begin = async (): Promise<string> => {
    obs = await simulate({ speed: 5 });
    await load(flow());
    await connectionIs('ready');
    await application().raw.call('CreateInput', SLATE);
    const { payload } = await ask({ payload: { address: ADDRESS } });
    return payload.source as string;
  };

  for (const [how, again] of [
    ['a restart of Node-RED', restart],
    ['a deploy of a changed node', () => deploy(flow({ name: 'our guest' }), 'nodes')],
  ] as const)
    it(`${how}: it is watched, and the slate comes and goes`, async () => {
      const source = await begin();
      await again();
      const from = badges().length;
      obs.publishers.stall(ADDRESS);
      const stalled = await isTold('source_stalled');
      assert.deepEqual([stalled.payload.source, stalled.payload.fallbackShown], [source, true]);
      assert.ok(shown().includes('Slate') && !shown().includes(source), shown().join());
      await waitFor(() => badges().slice(from).includes('stalled'), { message: () => badges().join() });
      obs.publishers.publish(ADDRESS);
      const recovered = await isTold('source_recovered');
      assert.deepEqual([recovered.payload.source, recovered.payload.fallbackShown], [source, false]);
      assert.ok(!shown().includes('Slate') && shown().includes(source), shown().join());
      await waitFor(() => badges().at(-1) === 'live', { message: () => badges().join() });
    });

  it('a restart while the slate stands in: it goes when the guest is back', async () => {
    const source = await begin();
    obs.publishers.stop(ADDRESS);
    await isTold('source_stalled');
    await restart();
    heardBy('events').length = 0;
    assert.ok(shown().includes('Slate') && !shown().includes(source), shown().join());
    obs.publishers.publish(ADDRESS);
    const recovered = await isTold('source_recovered');
    assert.deepEqual([recovered.payload.source, recovered.payload.fallbackShown], [source, false]);
    assert.ok(!shown().includes('Slate') && shown().includes(source), shown().join());
  });
});
