/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument -- a message carries anything */
import assert from 'node:assert/strict';
import type { ObsSimulator } from '../../simulators/obs';
import {
  around,
  ask,
  connectionIs,
  connectionTo,
  load,
  refuseUnheard,
  simulate,
  tearDown,
  type FlowNode,
} from './support/rig';

const START = {
  type: 'live-start-stream',
  targetFrom: 'as-set',
  target: '',
  targetName: 'target',
  targetNameType: 'msg',
  confirmSeconds: '1',
  ifLive: 'error',
  onUnstable: 'stop',
  putBack: false,
};

const target = (id: string, name: string, more: Partial<FlowNode> = {}): FlowNode => ({
  id,
  type: 'live-stream-target',
  name,
  service: 'rtmp',
  server: `rtmp://${id}.example/live`,
  configVersion: 1,
  ...more,
});

describe('start stream, its targets', () => {
  let obs: ObsSimulator;
  beforeEach(async () => {
    obs = await simulate();
  });
  afterEach(tearDown);

  const ready = async (node: object = {}, ...more: FlowNode[]) => {
    await load(around({ ...START, ...node }, connectionTo(obs), ...more), {
      main: { key: 'key-of-main' },
      other: { key: 'key-of-other' },
    });
    await connectionIs('ready');
  };

  describe('a target named by the message', () => {
    const byName = { targetFrom: 'message' };
    const both = () => [target('main', 'Twitch main'), target('other', 'Other')];

    it('is found whatever its case and spaces', async () => {
      await ready(byName, ...both());
      const msg = await ask({ target: ' twitch MAIN ', payload: 1 });
      assert.equal(msg.payload.target, 'Twitch main');
      assert.equal(msg.target, ' twitch MAIN ', 'a name is no secret and stays');
    });

    it('unknown, missing, empty or of a wrong type is refused, and OBS hears nothing', async () => {
      await ready(byName, ...both());
      const unknown = await refuseUnheard(obs, { target: 'Youtube' }, 'STREAM_TARGET_UNKNOWN');
      assert.match(unknown.error.message, /Known targets: Twitch main, Other/);
      await refuseUnheard(obs, {}, 'INPUT_INVALID');
      await refuseUnheard(obs, { target: '' }, 'INPUT_INVALID');
      await refuseUnheard(obs, { target: { name: 'Twitch main' } }, 'INPUT_INVALID');
      await refuseUnheard(obs, { target: ['Twitch main'] }, 'INPUT_INVALID');
      await refuseUnheard(obs, { target: 7 }, 'STREAM_TARGET_UNKNOWN');
      await refuseUnheard(obs, { target: Buffer.from('Twitch main') }, 'INPUT_INVALID');
      assert.equal(obs.state.stream, 'idle');
    });

    it('is refused when two targets have the name', async () => {
      await ready(byName, target('main', 'Same'), target('other', 'same '));
      const { error } = await refuseUnheard(obs, { target: 'same' }, 'STREAM_TARGET_INVALID');
      assert.match(error.message, /2 stream targets/);
    });

    it('may come by JSONata, and bad JSONata is refused', async () => {
      await ready({ ...byName, targetName: 'payload.where & " main"', targetNameType: 'jsonata' }, ...both());
      assert.equal((await ask({ payload: { where: 'Twitch' } })).payload.target, 'Twitch main');
      await tearDown();
      obs = await simulate();
      await ready({ ...byName, targetName: '$uppercase(', targetNameType: 'jsonata' }, ...both());
      await refuseUnheard(obs, { payload: 1 }, 'INPUT_INVALID');
    });

    it('ignores what the dialog does not name: msg.server, msg.key, msg.target', async () => {
      await ready({ targetFrom: 'target', target: 'main' }, ...both());
      const msg = await ask({
        server: 'rtmp://evil.example/x',
        key: 'k',
        target: 'Other',
        scene: 'x',
        settings: {},
        payload: { server: 'rtmp://evil.example/x' },
      });
      assert.equal(msg.payload.target, 'Twitch main');
      assert.ok(!JSON.stringify(obs.calls).includes('evil'));
    });
  });
});
