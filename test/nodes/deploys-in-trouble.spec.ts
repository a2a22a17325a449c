import assert from 'node:assert/strict';
import type { ObsSimulator } from '../../simulators/obs';
import {
  around,
  connectionIs,
  connectionTo,
  deploy,
  helper,
  load,
  send,
  settle,
  simulate,
  tearDown,
  waitFor,
  type Flow,
  type FlowNode,
} from './support/rig';
import { HEALTH } from './support/health';

const EVENT = {
  type: 'live-event',
  source: 'show',
  events: ['scene_changed'],
  filters: [],
  limit: '100',
  present: false,
};
const timed = async (work: () => Promise<unknown>) => {
  const before = performance.now();
  await work();
  return performance.now() - before;
};

describe('deploys while OBS is in trouble', () => {
  let obs: ObsSimulator;
  beforeEach(async () => {
    obs = await simulate();
  });
  afterEach(tearDown);

  const all = (nr: number): FlowNode[] =>
    [
      'live-start-stream',
      'live-stop-stream',
      'live-record',
      'live-output',
      'live-stop-all',
      'live-status',
      'live-switch-scene',
      'live-stream-started',
      'live-stream-stopped',
      'live-obs-request',
      'live-health-alert',
    ].map((type) => ({
      ...HEALTH,
      id: type,
      z: 'tab',
      x: 1,
      y: nr,
      type,
      name: `deploy ${nr}`,
      application: 'obs',
      obs: 'studio',
      waitSeconds: '0',
      every: '1',
      action: 'start',
      output: 'virtualcam',
      scene: '',
      sceneType: 'str',
      to: 'program',
      wires: [],
    }));
  const flow = (nr: number): Flow =>
    around({ ...EVENT, name: `deploy ${nr}` }, connectionTo(obs), ...all(nr));

  const states: [string, () => Promise<void>][] = [
    [
      'frozen',
      async () => {
        await connectionIs('ready');
        obs.freeze();
        send({}, 'live-status');
        await settle(50);
      },
    ],
    [
      'starting a stream',
      async () => {
        await connectionIs('ready');
        obs.faults.hangStreams();
        send({}, 'live-start-stream');
        await waitFor(() => obs.state.stream === 'starting');
      },
    ],
    [
      'away',
      async () => {
        await connectionIs('ready');
        obs.crash();
        await connectionIs('disconnected');
      },
    ],
    [
      'frozen before it said hello',
      async () => {
        obs.faults.noHello();
        await waitFor(() => obs.connections > 0);
      },
    ],
  ];
  for (const [title, bring] of states)
    for (const how of ['keeps its settings', 'gets other settings', 'is stopped'])
      it(`a redeploy while OBS is ${title} takes less than 3 s when the connection ${how}`, async () => {
        await load(flow(0));
        await bring();
        const other = await simulate();
        const took = await timed(async () => {
          if (how === 'is stopped') return helper.clearFlows();
          const to = how === 'gets other settings' ? { port: String(other.port) } : {};
          const done = new Promise((resolve) =>
            (helper as unknown as { _events: NodeJS.EventEmitter })._events.once('flows:started', resolve),
          );
          // the helper's own wait begins after the stop, and may miss the start of a slow one
          deploy(flow(1).map((node) => (node.id === 'studio' ? { ...node, ...to } : node))).catch(
            () => undefined,
          );
          return done;
        });
        assert.ok(took < 3000, `${Math.round(took)} ms`);
        await settle(350);
        obs.thaw();
      });
});
