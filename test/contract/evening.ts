// The flow of an evening, as somebody would wire it.
import { HEALTH, QUICK } from '../nodes/support/health';
import type { Flow, FlowNode } from '../nodes/support/rig';
import { QUERY } from '../nodes/support/witness';
import type { World } from './support';

const node = (id: string, type: string, more: object = {}): FlowNode => ({
  id,
  type,
  z: 'tab',
  x: 10,
  y: 10,
  application: 'obs',
  obs: 'studio',
  waitSeconds: '10',
  configVersion: 1,
  wires: [['w']],
  ...more,
});
const sink = (id: string): FlowNode => ({ id, type: 'test-sink', z: 'tab', x: 10, y: 10 });

/** Every node that acts or tells goes through one witness; `go`, `end`, `rec`, `scene` and `query` take messages, `out` and `asked` keep what comes. */
export function eveningFlow(world: World, server: string, log: FlowNode): Flow {
  const studio = { host: world.host, port: String(world.port), tls: false, connectTo: 'obs' };
  const witness = { name: 'Show log', log: 'log', checkpoints: 'each', minutes: '30' };
  return [
    { id: 'tab', type: 'tab', label: 'Show' },
    { id: 'studio', type: 'live-obs-connection', name: 'Studio', configVersion: 1, ...studio },
    { id: 'church', type: 'live-stream-target', name: 'Church', service: 'rtmp', server, configVersion: 1 },
    log,
    node('go', 'live-start-stream', {
      targetFrom: 'target',
      target: 'church',
      targetName: '',
      targetNameType: 'str',
      confirmSeconds: '2',
      ifLive: 'error',
      onUnstable: 'leave',
      putBack: false,
    }),
    node('end', 'live-stop-stream'),
    node('rec', 'live-record', {
      action: 'message',
      folder: '',
      folderType: 'str',
      fileName: '',
      fileNameType: 'str',
      format: '',
      chapterName: '',
      chapterNameType: 'str',
      ifRecording: 'error',
    }),
    node('scene', 'live-switch-scene', {
      scene: 'scene',
      sceneType: 'msg',
      to: 'program',
      transition: '',
      durationMs: '',
    }),
    node('event', 'live-event', { source: 'show', events: [], filters: [], limit: '0', present: true }),
    node('health', 'live-health-alert', { ...HEALTH, ...QUICK, watch: ['stream'] }),
    node('w', 'live-witness', { ...witness, wires: [['out'], ['checkpoints']] }),
    node('query', 'live-witness-query', { ...QUERY, title: 'An evening', wires: [['asked'], []] }),
    node('catch', 'catch', { scope: null, uncaught: false, wires: [['caught']] }),
    ...['out', 'checkpoints', 'asked', 'caught'].map(sink),
  ];
}
