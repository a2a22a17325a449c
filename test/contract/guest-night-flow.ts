// The flow of a night of guests: as it is dragged; the events go to a file, and commands come and are answered over HTTP.
import { join } from 'node:path';
import type { NginxRtmp } from '../support';
import type { World } from './support';

export interface Night {
  /** the OBS */
  world: Pick<World, 'port' | 'password'>;
  nginx: NginxRtmp;
  hookPort: number;
  secret: string;
  scene: string;
  userDir: string;
  eventFile: string;
  /** how long a dropped lead keeps his place; 30 s, which is long enough on a busy machine */
  graceSeconds?: number;
}

const SERVER = 'c-server';
const QUEUE = 'c-queue';
const KEYS = 'c-keys';
const OBS = 'c-obs';

const node = (id: string, type: string, rest: object) => ({
  id,
  type,
  z: 'tab',
  name: '',
  x: 1,
  y: 1,
  ...rest,
});
// a name that is some node's id would be taken for a reference to it
const config = (id: string, type: string, rest: object) => ({
  id,
  type,
  name: `our ${id}`,
  configVersion: 1,
  ...rest,
});
const script = (id: string, func: string, to: string) =>
  node(id, 'function', {
    func,
    outputs: 1,
    timeout: 0,
    noerr: 0,
    initialize: '',
    finalize: '',
    libs: [],
    wires: [[to]],
  });

const STREAM_QUEUE = {
  configVersion: 1,
  queue: QUEUE,
  handOver: 'switch',
  action: 'message',
  who: '',
  whoType: 'str',
  seconds: '',
  secondsType: 'num',
  to: '1',
  toType: 'num',
  reason: '',
  reasonType: 'str',
  again: false,
  changes: false,
};

const SWITCH = {
  configVersion: 1,
  application: 'obs',
  obs: OBS,
  sceneType: 'str',
  action: 'switch',
  address: 'payload.address',
  addressType: 'msg',
  transition: 'cut',
  fadeMs: '500',
  waitSeconds: '20',
  stallMs: '2000',
  fallback: '',
  stableMs: '2000',
  slot: 'guests',
  kind: 'ffmpeg',
  pipeline: 'low-latency',
  pipelineText: '',
  width: '',
  height: '',
  place: 'old',
  fromTop: '0',
  readySeconds: '30',
  settleMs: '300',
  ifBusy: 'newest',
};

/** Gate, queue and switch on the real programs. */
export function guestNight(night: Night): object[] {
  const { world, nginx, hookPort, secret, scene, userDir, eventFile, graceSeconds = 30 } = night;
  return [
    { id: 'tab', type: 'tab', label: 'Guests', disabled: false, info: '' },
    config(OBS, 'live-obs-connection', {
      connectTo: 'obs',
      host: '127.0.0.1',
      port: String(world.port),
      tls: false,
      credentials: { password: world.password },
    }),
    config(SERVER, 'live-media-server', {
      kind: 'nginx-rtmp',
      api: nginx.statUrl,
      control: nginx.controlUrl,
      publishAddress: nginx.server,
      playAddress: `rtmp://127.0.0.1:${nginx.port}/{app}/{stream}`,
      apps: 'live',
      otherApps: 'deny',
      hookHost: '127.0.0.1',
      hookPort: String(hookPort),
      hookName: 'night',
      allowFrom: 'localhost',
      reachedAt: '',
      credentials: { secret },
    }),
    config(KEYS, 'live-stream-keys', { folder: join(userDir, 'keys'), mostPeople: '10' }),
    config(QUEUE, 'live-guest-queue', {
      server: SERVER,
      limitMinutes: '60',
      onlyIfWaiting: true,
      afterTurn: 'kick',
      graceSeconds: String(graceSeconds),
      mostEntries: '20',
      warnAt: '60, 10',
      secondPublisher: 'reject',
      rejoinSeconds: '60',
      admitSeconds: '30',
      switchSeconds: '60',
      mostFailures: '3',
      missesToLeave: '3',
      folder: '',
    }),
    node('gate', 'live-publish-gate', {
      configVersion: 1,
      server: SERVER,
      admission: 'keys',
      keys: KEYS,
      answerMs: '800',
      queue: QUEUE,
      target: '',
      sendOn: 'first',
      players: 'anyone',
      wires: [['line'], []],
    }),
    node('queue1', 'live-stream-queue', { ...STREAM_QUEUE, wires: [['switch'], []] }),
    node('switch', 'live-switch-gstreamer-source', { ...SWITCH, scene, wires: [[], []] }),
    node('ask', 'http in', {
      url: '/queue',
      method: 'post',
      upload: false,
      swaggerDoc: '',
      wires: [['queue2']],
    }),
    node('queue2', 'live-stream-queue', { ...STREAM_QUEUE, wires: [[], ['answer', 'line']] }),
    node('wrong', 'catch', { scope: ['queue2'], uncaught: false, wires: [['fault']] }),
    script('fault', 'if (msg.res) { msg.statusCode = 500; msg.payload = msg.error; return msg; }', 'reply'),
    script('answer', 'if (msg.res) return msg;', 'reply'),
    node('reply', 'http response', { statusCode: '', headers: {}, wires: [] }),
    script(
      'line',
      `if (!msg.live.event) return;
return { payload: { event: msg.live.event, stream: msg.payload.publisher?.id, reason: msg.payload.reason } };`,
      'json',
    ),
    node('json', 'json', { property: 'payload', action: 'str', pretty: false, wires: [['file']] }),
    node('file', 'file', {
      filename: eventFile,
      filenameType: 'str',
      appendNewline: true,
      createDir: false,
      overwriteFile: 'false',
      encoding: 'none',
      wires: [[]],
    }),
  ];
}
