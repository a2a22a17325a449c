// One message of each node with every property it may carry. The types of the capabilities keep it whole: a property
// more in lib/production does not compile here until it is in the sample, and then its help has to name it.
import type { SourceChanged } from '../../lib/production/sources';
import type {
  OutputReport,
  RecordReport,
  StartedStream,
  SceneSwitched,
  StatusReport,
  StoppedStream,
  StreamReport,
  StreamStarted,
  StreamStopped,
  IngestFacts,
  IngestPublisher,
  VmixFacts,
  VmixInputFacts,
} from '../../lib/production/application';
import type { SrtReport } from '../../lib/production/srt';
import type { Picture } from '../../lib/production/pictures';
import type {
  PreparedReport,
  SwitchMetrics,
  SwitchProgress,
  SwitchReport,
} from '../../lib/production/switching';
import type { PreflightReport } from '../../lib/preflight/summary';
import type { Check, Preflight } from '../../lib/preflight/types';
import type {
  HealthHistory,
  HealthReport,
  HealthStatus,
  IncidentReport,
  Metrics,
  RuleReport,
} from '../../lib/health/types';
import type { ToldAlert } from '../../lib/health/watch';
import type { RawBatchResult } from '../../lib/obs/raw-requests';
import type { RawFunctionStep } from '../../lib/vmix/raw-functions';
import type { ExportedEntry, ExportedLine, WitnessExport } from '../../lib/witness/export';
import type { Receipt } from '../../lib/witness/kept-log';
import type { ShowReport } from '../../lib/witness/report';
import type { Problem, VerifyReport } from '../../lib/witness/verify';
import type { ServerStatus, Session } from '../../nodes/stream-session/sessions';
import type { FrameAnswer, VerifyAnswer } from '../../lib/frames/store/types';
import type { Attachment, FoundFrame, FoundLink } from '../../nodes/find-frames/answers';
import type { EntryView, QueueView } from '../../lib/queue/types';
import type { CheckpointMessage } from '../../red/witness-logs';
import type { CaptureFacts } from '../../nodes/capture-frames/messages';
import type { Ask } from '../../nodes/publish-gate/types';

type Whole<T> = { [K in keyof Required<T>]: unknown };

const connection = { id: 'a1', name: 'OBS' };
const spread = { last: 1, median: 1, p95: 1 };
const action = {
  action: 'start-stream',
  application: 'obs',
  connection,
  output: 'stream',
  state: 'live',
  tookMs: 5000,
  confirmedBy: 'application',
};
const trigger = {
  event: 'stream_started',
  state: 'live',
  previous: 'starting',
  at: '2026-01-01T19:00:00.000Z',
  cause: 'event',
  expected: true,
  application: 'obs',
  connection,
  output: 'stream',
};
const final = {
  sizeBytes: 1,
  totalFrames: 1,
  droppedFrames: 0,
  durationMs: 1,
  averageBitrateKbps: 1,
} satisfies Whole<NonNullable<StreamStopped['final']>>;
const error = { code: 'STREAM_BUSY', message: '…' };
const startedStream = {
  state: 'live',
  target: 'Twitch main',
  service: 'Twitch',
  server: 'rtmp://live.example/app',
  startedAt: '2026-01-01T19:00:00.000Z',
  confirmed: true,
  bitrateKbps: 2500,
  alreadyRunning: false,
  unknown: {},
} satisfies Whole<Omit<StreamStarted, 'streams'>>;
const stoppedStream = { state: 'idle', wasRunning: true, final, unknown: {} } satisfies Whole<
  Omit<StreamStopped, 'streams'>
>;
const output = { name: 'virtualcam', was: 'idle', state: 'active', path: null } satisfies Omit<
  Whole<OutputReport>,
  'error' | 'reason'
>;
const running = {
  state: 'recording',
  outputPath: '/videos/show.mkv',
  outputPaths: '…',
  finished: false,
  format: 'mkv',
  durationMs: 1,
  sizeBytes: 1,
  alreadyRunning: false,
  unknown: {},
} satisfies Omit<Whole<RecordReport>, 'wasRunning'>;
const recording = { ...running, wasRunning: true } satisfies Whole<RecordReport>;
const stream = {
  output: 'stream',
  state: 'live',
  target: 'Twitch main',
  service: 'Twitch',
  server: 'rtmp://live.example/app',
  startedAt: '2026-01-01T19:00:00.000Z',
  durationMs: 1,
  sizeBytes: 1,
  totalFrames: 1,
  droppedFrames: 0,
  bitrateKbps: 1,
  congestion: 0,
  unknown: {},
} satisfies Whole<StreamReport>;
const vmixInput = {
  key: '…',
  number: 1,
  title: 'Camera 1',
  type: 'Capture',
  state: 'Running',
} satisfies Whole<VmixInputFacts>;
const vmix = {
  version: '29.0.0.49',
  edition: '4K',
  preset: 'show.vmix',
  fadeToBlack: false,
  playList: false,
  inputCount: 2,
  programInput: vmixInput,
  previewInput: vmixInput,
  overlays: '…',
} satisfies Whole<VmixFacts>;
const ingest = {
  listening: true,
  server: 'rtmp://127.0.0.1:1935/live',
  port: 1935,
  guarded: true,
  mostPublishers: 10,
  publishers: [
    {
      stream: 'anna',
      name: 'Anna',
      app: 'live',
      address: '127.0.0.1',
      connectionId: '…',
      state: 'live',
      awaySince: null,
      players: 0,
      resolution: '1920x1080',
      videoCodec: 'avc',
      videoProfile: 'High',
      fps: 30,
      keyframes: 1,
      keyframeMs: 2000,
      audioCodec: 'aac',
      audioSampleRateHz: 48000,
      audioChannels: 2,
      skewMs: 0,
      silentMs: null,
      gaps: 0,
      videoAgeMs: 1,
      audioAgeMs: 1,
      unknown: {},
    } satisfies Whole<IngestPublisher>,
  ],
} satisfies Whole<IngestFacts>;
const statistics = {
  cpuPercent: 1,
  memoryMegabytes: 1,
  freeDiskMegabytes: 1,
  fps: 30,
  frameRenderMs: 1,
  missedFrames: 0,
  renderedFrames: 1,
  skippedFrames: 0,
  encodedFrames: 1,
};

const picture = {
  source: 'Live',
  format: 'jpg',
  contentType: 'image/jpeg',
  width: 1280,
  height: 720,
  takenAt: '2026-01-01T19:00:00.000Z',
} satisfies Omit<Whole<Picture>, 'data'>;
const rule = {
  rule: 'bitrate',
  subject: 'stream',
  verdict: 'critical',
  value: 31,
  unit: '%',
  threshold: 40,
  since: '2026-01-01T19:00:00.000Z',
  reason: null,
} satisfies Whole<RuleReport>;
const incident = {
  id: 'stream-1',
  cause: 'stream',
  subject: 'stream',
  severity: 'critical',
  worst: 'critical',
  since: '2026-01-01T19:00:00.000Z',
  until: null,
  durationMs: 1,
  acknowledged: false,
  rules: [rule],
  title: '…',
} satisfies Whole<IncidentReport>;
const metrics = {
  streams: [
    {
      output: 'stream',
      state: 'live',
      bitrateKbps: 1,
      baselineKbps: 1,
      droppedPercent: 0,
      congestion: 0,
    } satisfies Whole<Metrics['streams'][number]>,
  ],
  receivedKbps: 1,
  receivedPercent: 100,
  recordingMs: 1,
  skippedPercent: 0,
  missedPercent: 0,
  fps: 30,
  targetFps: 30,
  cpuPercent: 1,
  memoryMegabytes: 1,
  freeDiskMegabytes: 1,
  darkPercent: 1,
  unchangedMs: 1,
  peakDb: -20,
  clippedPercent: 0,
  media: [{ name: 'Clip', state: 'playing', cursorMs: 1 } satisfies Whole<Metrics['media'][number]>],
} satisfies Whole<Metrics>;
const report = {
  verdict: 'critical',
  score: 40,
  at: '2026-01-01T19:00:00.000Z',
  unknown: {},
  metrics,
  outputs: [{ output: 'srt1', running: true } satisfies Whole<HealthReport['outputs'][number]>],
  onProgram: {
    title: 'Camera',
    offline: false,
    callConnected: null,
    fadeToBlack: false,
    masterMuted: false,
  } satisfies Whole<HealthReport['onProgram']>,
  rules: [rule],
  incidents: [{ ...incident, rules: [] }],
} satisfies Whole<HealthReport>;
const history = {
  since: '2026-01-01T18:00:00.000Z',
  samples: [
    { at: '2026-01-01T19:00:00.000Z', verdict: 'ok', score: 100, metrics: {} } satisfies Whole<
      HealthHistory['samples'][number]
    >,
  ],
  incidents: [{ ...incident, rules: [] }],
} satisfies Whole<HealthHistory>;
const status = {
  watching: ['stream'],
  preset: 'standard',
  readings: 1,
  lastReadingAt: '2026-01-01T19:00:00.000Z',
  intervalMs: 1000,
  snoozedUntil: null,
  incidents: [{ ...incident, rules: [] }],
} satisfies Whole<HealthStatus>;
const alert = {
  ...incident,
  change: 'opened',
  at: '2026-01-01T19:00:03.000Z',
  verdict: 'critical',
  score: 40,
  detail: '…',
  advice: '…',
  subjectLine: '…',
  text: '…',
  pictureMissing: null,
} satisfies Whole<ToldAlert>;

const checkpoint = {
  origin: 'studio/live-witness/main',
  size: 1,
  root: '…',
  cosignedBy: ['venue'],
  missing: ['friend'],
} satisfies Whole<CheckpointMessage['witness']>;
const entry = {
  timestamp: '2026-01-01T19:00:00.000Z',
  event_type: 'stream_started',
  params: '…',
  result: '…',
  prev_hash: '…',
  hash: '…',
  seq: 1,
} satisfies Whole<ExportedEntry>;
const evidence = {
  seq: 1,
  timestamp: '…',
  event_type: '…',
  hash: '…',
  line: '…',
  proof: ['…'],
} satisfies Whole<ExportedLine>;
const verdict = {
  valid: true,
  verdict: 'valid',
  sentence: '…',
  total_events: 1,
  first_hash: '…',
  last_hash: '…',
  broken_at: null,
  origin: '…',
  log_id: '…',
  vkey: '…',
  root: '…',
  checkpoint: '…',
  signed_size: 1,
  cosigned_size: null,
  cosigned_by: ['venue'],
  trusted_size: null,
  closed: true,
  from: '…',
  to: '…',
  counts: '…',
  continued_in: null,
  continues: null,
  problems: [
    { code: '…', severity: 'notice', seq: 1, file: '…', offset: 0, detail: '…' } satisfies Whole<Problem>,
  ],
} satisfies Whole<VerifyReport>;
const exported = {
  export_date: '…',
  timestamp: '…',
  origin: '…',
  verified: true,
  valid: true,
  chain_valid: true,
  total_events: 1,
  first_hash: '…',
  last_hash: '…',
  broken_at: null,
  size: 1,
  root: '…',
  signed_size: 1,
  checkpoint: '…',
  counts: '…',
  verification: '…',
  chain: [entry],
  events: [evidence],
  exported_events: 1,
  omitted: { count: 0, counts: '…', filter: null } satisfies Whole<WitnessExport['omitted']>,
  stats: '…',
  unreadable: [{ seq: 1, fault: '…' }],
} satisfies Whole<WitnessExport>;
// what is in these has a page of its own: the report says it
const showReport = {
  title: '…',
  log: { origin: '…', name: '…' },
  from: '…',
  to: '…',
  timeZone: '…',
  madeAt: '…',
  summary: '…',
  streams: '…',
  recordings: '…',
  outputs: '…',
  files: '…',
  interruptions: '…',
  incidents: '…',
  scenes: '…',
  acts: '…',
  stopAlls: '…',
  failures: '…',
  unknown: '…',
  notes: '…',
  counts: '…',
  entries: 1,
  verification: '…',
  pictures: { pictures: [], notes: [] },
} satisfies Whole<ShowReport>;

export interface Sample {
  topic?: string;
  /** a list where payloads differ from message to message: what stands in any of them */
  payload: unknown;
  live: Record<string, unknown>;
  /** what a node hangs on its message beside these */
  [property: string]: unknown;
}

export const samples: Record<string, Sample> = {
  preflight: {
    payload: {
      ready: false,
      checks: [{ id: 'server', result: 'failed', message: '…', advice: '…' } satisfies Whole<Check>],
    } satisfies Whole<Preflight>,
    report: {
      subject: 'Studio: NOT ready (1 failed of 1 check)',
      text: 'FAILED server: …',
      counts: { ok: 0, warning: 0, failed: 1, unknown: 0 },
    } satisfies Whole<PreflightReport>,
    live: { ...action, state: 'not ready' },
  },
  'start-stream': {
    payload: {
      ...startedStream,
      streams: [{ output: 'stream', ...startedStream, error } satisfies Whole<StartedStream>],
    } satisfies Whole<StreamStarted>,
    live: { ...action, event: 'stream_started' },
  },
  'stop-stream': {
    payload: {
      ...stoppedStream,
      streams: [{ output: 'stream', ...stoppedStream, error } satisfies Whole<StoppedStream>],
    } satisfies Whole<StreamStopped>,
    live: { ...action, event: 'stream_stopped' },
  },
  'srt-out': {
    payload: {
      output: 'srt',
      state: 'live',
      mode: 'caller',
      address: 'srt://studio.example:9000',
      latencyMs: 120,
      startedAt: '2026-01-01T19:00:00.000Z',
      bitrateKbps: 4000,
      confirmedBy: 'application',
      alreadyRunning: false,
      wasRunning: true,
      unknown: {},
    } satisfies Whole<SrtReport>,
    live: { ...action, event: 'srt_stream_started' },
  },
  'switch-gstreamer-source': {
    payload: [
      {
        source: 'live_main_1_2',
        scene: 'Live',
        slot: 'main',
        kind: 'ffmpeg',
        previous: null,
        transition: 'cut',
        createMs: 1,
        readyMs: 1,
        swapMs: 1,
        totalMs: 1,
        alreadyLive: false,
        width: 1280,
        height: 720,
        warnings: [],
        turn: '…',
      } satisfies Whole<SwitchReport> & { turn: unknown },
      {
        source: 'live_main_1_2',
        scene: 'Live',
        slot: 'main',
        kind: 'ffmpeg',
        createMs: 1,
        readyMs: 1,
        width: 1280,
        height: 720,
      } satisfies Whole<PreparedReport>,
      {
        state: 'prime',
        previous: 'create',
        scene: 'Live',
        slot: 'main',
        source: 'live_main_1_2',
        atMs: 1,
        detail: null,
      } satisfies Whole<SwitchProgress>,
      {
        asked: 1,
        done: 1,
        failed: 0,
        cancelled: 0,
        byCause: {},
        createMs: spread,
        readyMs: spread,
        swapMs: spread,
        totalMs: spread,
        stalled: 0,
        ended: 0,
      } satisfies Whole<SwitchMetrics>,
      { discarded: true, scene: 'Live', slot: 'main' },
      { cleared: true, source: 'live_main_1_2', scene: 'Live', slot: 'main' },
    ],
    live: { ...action, event: 'source_switched', oldStillLive: true, unknown: {} },
  },
  record: { payload: recording, live: { ...action, event: 'recording_started' } },
  output: { payload: output, live: { ...action, event: 'virtualcam_started' } },
  'stop-all': {
    payload: [
      { ...output, reason: '…', error: { code: 'OUTPUT_TIMEOUT', message: '…' } },
    ] satisfies Whole<OutputReport>[],
    live: { ...action, event: 'emergency_stop_all' },
  },
  status: {
    payload: {
      streams: [stream],
      recording: running,
      outputs: [{ name: 'virtualcam', kind: 'virtualcam_output', state: 'idle' }],
      scene: { program: 'Live', preview: null, studioMode: false },
      statistics,
      unknown: {},
      vmix,
      ingest,
    } satisfies Whole<StatusReport>,
    live: action,
  },
  snapshot: {
    payload: Buffer.alloc(1),
    filename: '2026-01-01 19-00-00-000 Live.jpg',
    picture: { ...picture, sizeBytes: 1, path: null, unknown: {} },
    live: action,
  },
  'switch-scene': {
    payload: {
      from: 'Break',
      to: 'Live',
      inputKey: '…',
      inputNumber: 1,
      alreadyThere: false,
    } satisfies Whole<SceneSwitched>,
    live: { ...action, event: 'scene_changed' },
  },
  'set-source': {
    payload: {
      source: 'Lower third',
      what: 'visible',
      before: false,
      now: true,
      alreadySo: false,
      scene: 'Live',
      filter: 'Blur',
      field: 'Name.Text',
      overlay: 1,
      inputKey: '…',
      inputNumber: 5,
      unknown: {},
    } satisfies Whole<SourceChanged>,
    live: action,
  },
  'stream-started': {
    topic: 'stream_started',
    payload: {
      output: 'stream1',
      channel: 1,
      unknown: {},
      target: null,
      service: 'Twitch',
      server: 'rtmp://live.example/app',
      startedAt: '2026-01-01T19:00:00.000Z',
      bitrateKbps: 2500,
      publisher: { id: 'anna', name: 'Anna' },
      app: 'live',
      address: '127.0.0.1',
      connectionId: '…',
    },
    live: trigger,
  },
  'stream-stopped': {
    topic: 'stream_stopped',
    payload: {
      output: 'stream1',
      channel: 1,
      unknown: {},
      restarted: false,
      target: null,
      service: 'Twitch',
      server: 'rtmp://live.example/app',
      final,
      publisher: { id: 'anna', name: 'Anna' },
      app: 'live',
      address: '127.0.0.1',
      connectionId: '…',
      reason: '…',
    },
    live: trigger,
  },
  event: {
    topic: 'scene_changed',
    payload: 'depends on the event',
    live: { ...trigger, rawEvent: 'SceneCreated', dropped: 1 },
  },
  'health-alert': {
    topic: '…',
    payload: [report, history, status],
    alert,
    attachments: [{ filename: 'program.jpg', content: '…', contentType: 'image/jpeg' }],
    live: { ...trigger, ...action, event: 'health_alert' },
  },
  witness: {
    topic: '…',
    payload: '…',
    witness: {
      ...({ seq: 1, hash: '…', size: 2 } satisfies Whole<Receipt>),
      reason: '…',
      ...checkpoint,
    },
    // as it came
    live: {},
  },
  'witness-query': {
    topic: '…',
    payload: [entry, verdict, exported, 'text'],
    report: showReport,
    attachments: [{ filename: 'show-report.html', content: '…', contentType: 'text/html' }],
    filename: 'entry-17.tlog-proof',
    witness: checkpoint,
    live: action,
  },
  'capture-frames': {
    topic: 'frame_stored',
    payload: '…',
    frame: {
      id: 'anna/1767294000000-0',
      stream: 'anna',
      connectionId: '…',
      seq: 0,
      at: '2026-01-01T19:00:00.000Z',
      mediaMs: 0,
      width: 1280,
      height: 720,
      videoWidth: 1920,
      videoHeight: 1080,
      keyframe: true,
      sizeBytes: 1,
      kept: true,
      why: 'changed',
      changedPercent: 4.2,
      sha256: '…',
      dhash: '…',
      path: '…',
    } satisfies Whole<CaptureFacts>,
    live: { ...trigger, ...action },
  },
  'publish-gate': {
    topic: 'publisher_waiting',
    payload: {
      publisher: { id: 'anna', name: 'Anna' },
      app: 'live',
      address: '192.0.2.7',
      turn: '…',
      place: 1,
      onAir: 'bob',
      waiting: 1,
      reason: '…',
      tries: 1,
    },
    ask: { id: '…', answerBefore: '…' } satisfies Whole<Ask>,
    live: { ...trigger, ...action },
  },
  'stream-queue': {
    topic: 'switch',
    payload: [
      { address: 'rtmp://127.0.0.1/live/anna', turn: '…', publisher: '…' },
      { publisher: '…', turn: '…', onAir: 'bob', waiting: 1 },
      {
        lead: {
          turn: '…',
          stream: 'bob',
          name: 'Bob',
          state: 'live',
          place: 0,
          held: false,
          joinedAt: '2026-01-01T19:00:00.000Z',
          liveAt: '2026-01-01T19:00:00.000Z',
          usedMs: 1,
          limitMs: 1,
          remainingMs: 1,
          counting: true,
        } satisfies Whole<EntryView>,
        waiting: '…',
        bans: [
          { stream: 'cleo', name: 'Cleo', until: null, reason: null } satisfies Whole<
            QueueView['bans'][number]
          >,
        ],
        onHold: false,
        limitMs: 1,
        serverReachable: true,
        at: '2026-01-01T19:00:00.000Z',
      } satisfies Whole<QueueView>,
    ],
    live: { ...trigger, ...action },
  },
  'obs-request': {
    payload: [
      { requestType: 'GetVersion', ok: true, code: 100, reason: null, responseData: {} },
    ] satisfies Whole<RawBatchResult>[],
    live: action,
  },
  'vmix-function': {
    payload: [
      { function: 'Cut', accepted: true, parameters: '…', code: null, reason: null },
    ] satisfies Whole<RawFunctionStep>[],
    live: { ...action, unknown: { confirmedBy: '…' } },
  },
  'stream-session': {
    payload: [
      {
        session_id: 'anna',
        name: 'Anna',
        status: 'live',
        active: true,
        rtmp_url: 'rtmp://studio.example/live/anna',
        metadata: '…',
        created_at: '2026-01-01T19:00:00.000Z',
        key_changed_at: '2026-01-01T19:00:00.000Z',
        limit_ms: null,
        priority: 0,
        live_since: '2026-01-01T19:00:00.000Z',
        resolution: '1920x1080',
        bitrate_kbps: 2500,
        bytes_received: 1,
        frames_received: 1,
        unknown: {},
      } satisfies Whole<Session>,
      { stream_key: 'anna?key=…', kicked: 1, deleted: true, expires_at: '2026-01-01T20:00:00.000Z' },
      {
        reachable: true,
        sessions: 2,
        live: 1,
        waiting: 1,
        stopped: 0,
        streams: '…',
        strangers: [{ app: 'live', stream: 'bert' }],
        unknown: {},
      } satisfies Whole<ServerStatus>,
    ],
    live: { ...action, application: 'media-server' },
  },
  'find-frames': {
    payload: [
      {
        id: 'anna/1767294000000-0',
        stream: 'anna',
        at: '2026-01-01T19:00:00.000Z',
        until: '2026-01-01T19:00:00.000Z',
        samples: 1,
        why: 'changed',
        changedPercent: 1,
        width: 1,
        height: 1,
        videoWidth: 1,
        videoHeight: 1,
        sizeBytes: 1,
        sha256: '…',
        dhash: '…',
        mediaMs: 1,
        seq: 0,
        connectionId: '…',
        jpeg: '…',
        path: '…',
      } satisfies Whole<FoundFrame>,
      { frames: '…', cursor: null, by: 'ndjson', unreadable: '…' } satisfies Whole<
        Omit<FrameAnswer, 'tookMs'>
      >,
      { segments: '…', buckets: '…', streams: '…', freeBytes: 1 },
      { url: '…', expiresAt: '2026-01-01T19:00:00.000Z' } satisfies Whole<FoundLink>,
      { valid: true, stream: 'anna', lines: 1, pictures: 1, head: '…', faults: '…' } satisfies Whole<
        VerifyAnswer & { valid: true }
      >,
    ],
    attachments: [
      { filename: 'anna.jpg', content: '…', contentType: 'image/jpeg' } satisfies Whole<Attachment>,
    ],
    live: { ...action, application: 'frames' },
  },
};

/** The properties of a sample as the help names them: `payload.streams.state`, `live.event`. */
export function pathsOf(sample: Sample): string[] {
  const paths = new Set<string>();
  const visit = (value: unknown, path: string): void => {
    if (Array.isArray(value)) return value.forEach((item) => visit(item, path));
    const whole = typeof value !== 'object' || value === null || Buffer.isBuffer(value);
    // an object on the message itself is told by what is in it
    if (whole || path.includes('.')) paths.add(path);
    // id and name of the connection, and an error's code and message, stand in one line of their parent
    if (whole || /\.(connection|error|responseData)$/.test(path)) return;
    for (const [name, inner] of Object.entries(value)) visit(inner, `${path}.${name}`);
  };
  for (const [name, value] of Object.entries(sample)) visit(value, name);
  return [...paths];
}
