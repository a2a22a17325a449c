import type {
  EventName,
  ApplicationKind,
  OutputState,
  ProductionEvent,
  RecordState,
  StreamState,
} from './vocabulary';
import type { HealthSource } from './health';
import type { RawEvents } from './raw-events';
import type { Pictures } from './pictures';
import type { Sources } from './sources';
import type { SrtOutputs } from './srt';
import type { Survey } from './survey';
import type { SourceSwitching } from './switching';
import type { StreamTarget } from './targets';
import type { StatusReport } from './status-report';

export type { IngestFacts, IngestPublisher, StatusReport, VmixFacts, VmixInputFacts } from './status-report';

/** Take a listener or a subscription back. Safe to call twice. */
export type Release = () => void;

/** Where a connection stands; `refused` and `misconfigured` stay until somebody acts. */
export type ConnectionState =
  'connecting' | 'waiting' | 'ready' | 'disconnected' | 'refused' | 'misconfigured' | 'closed';

export interface ConnectionStatus {
  state: ConnectionState;
  /** why it is not ready; null when it is */
  fault: Error | null;
}

/** Tells what happens in the application, in the package's vocabulary. */
export interface EventSource {
  /** Hear every event from now on. A listener that throws harms no other. */
  onEvent(listener: (event: ProductionEvent) => void): Release;
  /** The present state as events with cause `startup`, for "also send the present state at start". */
  present(): ProductionEvent[];
}

export interface StreamReport {
  output: string;
  state: StreamState;
  target: string | null;
  service: string | null;
  server: string | null;
  /** ISO 8601; null when it does not run or nobody saw it start */
  startedAt: string | null;
  durationMs: number | null;
  sizeBytes: number | null;
  totalFrames: number | null;
  droppedFrames: number | null;
  bitrateKbps: number | null;
  congestion: number | null;
  /** for each figure that is null: why */
  unknown: Record<string, string>;
}

/** One of the streams that an application with several can send (vMix): which, and where to. */
export interface ChannelWish {
  /** from 1 */
  channel: number;
  /** null: as set in the application */
  target: StreamTarget | null;
}

export interface StartStreamOptions {
  /** null: as set in the application. Where `channels` says more, this is not looked at */
  target: StreamTarget | null;
  /** for an application with several streams; one that has a single stream refuses them */
  channels?: readonly ChannelWish[];
  /** one of several that fails: leave the others as they are, or stop those that this start began; default `leave` */
  ifOneFails?: 'leave' | 'stop';
  /** how long it must hold before it counts as live; default 5000 */
  confirmMs?: number;
  /** live to another target: refuse, or stop and start again; default `error` */
  ifLiveElsewhere?: 'error' | 'restart';
  /** a start that flaps: stop it again, or leave it; default `stop` */
  onUnstable?: 'stop' | 'leave';
  /** how much longer than usual connecting may take, in milliseconds: a listener waits for its caller; default 0 */
  connectingMayTakeMs?: number;
  /** put the application's own service settings back once the stream has stopped; default false */
  putBack?: boolean;
}

/** What became of one stream of a start. */
export interface StartedStream {
  /** `stream` where there is one, `stream1` … where there are several */
  output: string;
  state: StreamState;
  target: string | null;
  service: string | null;
  server: string | null;
  startedAt: string | null;
  confirmed: boolean;
  bitrateKbps: number | null;
  alreadyRunning: boolean;
  /** for each figure that is null: why, where that is not plain */
  unknown?: Record<string, string>;
  error?: { code: string; message: string };
}

/** A start that succeeded. What several streams do not have in common is null; each one is in `streams`. */
export interface StreamStarted {
  state: 'live';
  target: string | null;
  service: string | null;
  server: string | null;
  startedAt: string | null;
  confirmed: boolean;
  bitrateKbps: number | null;
  alreadyRunning: boolean;
  unknown?: Record<string, string>;
  streams: StartedStream[];
}

export interface FinalFigures {
  sizeBytes: number | null;
  totalFrames: number | null;
  droppedFrames: number | null;
  durationMs: number | null;
  averageBitrateKbps: number | null;
}

/** What became of one stream of a stop. */
export interface StoppedStream {
  output: string;
  state: StreamState;
  wasRunning: boolean;
  final: FinalFigures | null;
  /** for each figure of `final` that is null: why, where that is not plain */
  unknown?: Record<string, string>;
  error?: { code: string; message: string };
}

export interface StreamStopped {
  state: 'idle';
  wasRunning: boolean;
  /** of the one stream that was stopped; null where it were several: each one is in `streams` */
  final: FinalFigures | null;
  unknown?: Record<string, string>;
  streams: StoppedStream[];
}

export interface Streams {
  /** Rejects with a coded error; where only some of several failed, with a `SomeStreamsFailed`. */
  start(options: StartStreamOptions): Promise<StreamStarted>;
  /** Stop the stream, or of several the named ones; without names all that run. */
  stop(channels?: readonly number[]): Promise<StreamStopped>;
  /** of several, or of the named ones: the most alive */
  state(channels?: readonly number[]): StreamState;
}

export interface RecordOptions {
  folder?: string | null;
  fileName?: string | null;
  format?: string | null;
  /** already recording to another file: refuse, or stop and start again; default `error` */
  ifRecordingElsewhere?: 'error' | 'restart';
}

export interface RecordReport {
  state: RecordState;
  /** on the application's own machine */
  outputPath: string | null;
  /** every file, where an application writes several at once (vMix) */
  outputPaths?: string[];
  /** true once the application has closed the file; null where it does not say */
  finished: boolean | null;
  format: string | null;
  durationMs: number | null;
  sizeBytes: number | null;
  alreadyRunning: boolean;
  /** stop, pause or resume found nothing to do */
  wasRunning?: boolean;
  unknown?: Record<string, string>;
}

export interface Recorder {
  start(options: RecordOptions): Promise<RecordReport>;
  stop(): Promise<RecordReport>;
  pause(): Promise<RecordReport>;
  resume(): Promise<RecordReport>;
  split(): Promise<RecordReport>;
  chapter(name: string | null): Promise<RecordReport>;
  state(): RecordState;
}

export interface OutputReport {
  name: string;
  was: OutputState;
  state: OutputState;
  path: string | null;
  /** why the state is unknown, where nobody can know it */
  reason?: string;
  error?: { code: string; message: string };
}

export interface Outputs {
  /** `virtualcam`, `replay_buffer`, or a name of the application's own */
  start(name: string): Promise<OutputReport>;
  stop(name: string): Promise<OutputReport>;
  /** save the replay buffer; `path` is the file */
  save(): Promise<OutputReport>;
  list(): Promise<{ name: string; kind: string; state: OutputState }[]>;
}

export interface SceneSwitch {
  scene: string;
  /** straight to program, only into the preview, or through the preview with a transition */
  to: 'program' | 'preview' | 'transition';
  transition?: string | null;
  durationMs?: number | null;
}

/** Names as people see them. */
export interface SceneSwitched {
  from: string | null;
  to: string;
  /** for an application whose inputs have keys, of which several may have the same name (vMix) */
  inputKey?: string;
  inputNumber?: number;
  /** it was there already, and nothing was sent */
  alreadyThere?: boolean;
}

export interface Scenes {
  switchTo(change: SceneSwitch): Promise<SceneSwitched>;
  list(): Promise<{ scenes: string[]; program: string | null; preview: string | null }>;
}

/** What can be started and stopped as a whole. */
export type Startable = 'stream' | 'recording' | 'srt';

/** An application that runs a show: what it can do is what is not null. */
export interface Application {
  readonly kind: ApplicationKind;
  readonly id: string;
  readonly name: string;
  /** true in rehearsal mode */
  readonly simulated: boolean;
  readonly events: EventSource;
  readonly streams: Streams | null;
  readonly recorder: Recorder | null;
  readonly outputs: Outputs | null;
  readonly scenes: Scenes | null;
  readonly pictures: Pictures | null;
  readonly health: HealthSource | null;
  readonly srt: SrtOutputs | null;
  readonly sources: Sources | null;
  readonly switching: SourceSwitching | null;
  /** the application's own events, under its own names */
  readonly rawEvents: RawEvents | null;
  /** of one that gets streams and sends none: whether this one comes in; with null the most alive of all */
  streamState?(stream: string | null): StreamState;
  status(): ConnectionStatus;
  onStatus(listener: (status: ConnectionStatus) => void): Release;
  /** Resolves when connected; rejects at once with 0, else after `waitMs`, with the connection's fault. */
  whenReady(waitMs: number): Promise<void>;
  report(): Promise<StatusReport>;
  /** Read everything a check before the show wants to know. */
  survey(): Promise<Survey>;
  /**
   * Starts of this kind that wait or are under way are not wanted any more: somebody asked for a stop. `channels` narrows it down
   * to some of several streams, or of several SRT outputs.
   */
  cancelStarts(what: Startable | 'everything', channels?: readonly number[]): void;
  /** A question to ask after a wait: whether a start asked for now is still wanted. */
  startWanted(what: Startable, channels?: readonly number[]): () => boolean;
  /** Whether it may take a `stopAll` although it is not connected: nobody could see what became of it. */
  readonly stopsUnseen?: boolean;
  /** Stop everything that runs; `progress` hears the interim report. Rejects with STOP_ALL_INCOMPLETE, whose `reports` say what is left. */
  stopAll(progress?: (reports: OutputReport[]) => void): Promise<OutputReport[]>;
  /** Tell what the package itself did (`emergency_stop_all`, `source_switched`) to everyone who listens. */
  announce(event: EventName, payload: Record<string, unknown>, more?: Partial<ProductionEvent>): void;
}
