import { asLiveError } from '../errors';
import type {
  Application,
  ConnectionStatus,
  OutputReport,
  Release,
  Startable,
  StatusReport,
} from '../production/application';
import type { RawEvents } from '../production/raw-events';
import type { Survey } from '../production/survey';
import type { EventName, ProductionEvent } from '../production/vocabulary';
import { WantedStarts } from '../production/wanted-starts';
import { hold } from '../secrets';
import { ObsClient } from './client';
import { ConnectionEvents } from '../production/connection-events';
import { EventHub } from '../production/event-hub';
import { ObsHealth } from './health';
import { ObsOutputs } from './outputs';
import { ObsPictures } from './pictures';
import { RawRequests } from './raw-requests';
import { ObsRecorder } from './record';
import { RecordTracker } from './record-tracker';
import { ObsScenes } from './scenes';
import { ObsSources } from './sources';
import { ObsSrt } from './srt';
import { SrtTracker } from './srt-tracker';
import type { ObsSettings } from './settings';
import { readSnapshot, runMark, wasRestarted, type RunMark } from './snapshot';
import { readStatus } from './status';
import { stopAll } from './stop-all';
import { ObsStreams } from './stream';
import { StreamTracker } from './stream-tracker';
import { ObsSwitching } from './switching';
import { readSurvey } from './survey';

export interface ObsApplicationOptions extends ObsSettings {
  id: string;
  name: string;
  simulated: boolean;
  locate?: () => Promise<{ host: string; port: number }>;
  where?: string;
  /** closed together with the connection: the simulator of a rehearsal */
  closeToo?: () => Promise<void>;
  log: (level: 'info' | 'warn', text: string) => void;
}

/** One OBS and everything it can do. Kept by a lease; many nodes use it. */
export class ObsApplication implements Application {
  readonly kind = 'obs';
  readonly id: string;
  name: string;
  readonly simulated: boolean;
  readonly client: ObsClient;
  readonly events: EventHub;
  readonly streams: ObsStreams;
  readonly recorder: ObsRecorder;
  readonly outputs: ObsOutputs;
  readonly scenes: ObsScenes;
  readonly pictures: ObsPictures;
  readonly health: ObsHealth;
  readonly srt: ObsSrt;
  readonly sources: ObsSources;
  readonly switching: ObsSwitching;
  readonly raw: RawRequests;
  readonly rawEvents: RawEvents;
  private readonly stream: StreamTracker;
  private readonly record: RecordTracker;
  private readonly beside: SrtTracker;
  private readonly letGo: () => void;
  private lastRun: RunMark | null = null;
  private readonly told: ConnectionEvents;
  private readonly starts = new WantedStarts();

  constructor(private readonly options: ObsApplicationOptions) {
    const { id, name, simulated, log } = options;
    this.id = id;
    this.name = name;
    this.simulated = simulated;
    this.letGo = hold(options.password);
    const complain = (error: unknown) => log('warn', `a listener failed: ${asLiveError(error).message}`);
    const warn = (text: string) => log('warn', text);
    this.client = new ObsClient({ ...options, log });
    this.rawEvents = {
      on: (name, listener) => this.client.on(name, (data) => listener(data, name)),
      // OBS spells out no list of its events, and they come by the one connection there is
      doubts: () => [],
      onDeaf: () => () => undefined,
    };
    this.events = new EventHub(complain);
    this.told = new ConnectionEvents(this.events, {
      kind: 'obs',
      where: () => this.client.where,
      versions: () => this.versions(),
    });
    // before the parts add theirs: whoever hears the present state hears first of whom
    this.events.addPresent(() =>
      this.client.status.state === 'ready'
        ? [{ event: 'obs_connected', state: 'ready', payload: this.versions() }]
        : [],
    );
    this.stream = new StreamTracker(this.client, this.events, complain);
    this.beside = new SrtTracker(this.client, this.events, complain);
    this.record = new RecordTracker(this.client, this.events, this.beside, complain);
    this.streams = new ObsStreams(this.client, this.stream, warn);
    this.recorder = new ObsRecorder(this.client, this.record, warn);
    this.outputs = new ObsOutputs(this.client, this.events, complain);
    this.scenes = new ObsScenes(this.client, this.events, complain);
    this.pictures = new ObsPictures(this.client);
    this.sources = new ObsSources(this.client);
    this.health = new ObsHealth(this.client, this.stream, this.record, this.scenes, complain);
    this.srt = new ObsSrt({
      client: this.client,
      hub: this.events,
      streams: this.streams,
      stream: this.stream,
      record: this.record,
      tracker: this.beside,
      warn,
    });
    this.switching = new ObsSwitching({
      ...{ id, log, warn, complain, client: this.client },
      studioMode: () => this.scenes.studioMode,
      announce: (event, payload, more) => this.announce(event, payload, more),
    });
    this.raw = new RawRequests(this.client, this.stream);
    this.client.onConnected = () => this.resync();
    this.client.onLost = () => this.lost();
    this.client.onStatus((status) => this.onConnection(status));
  }

  start(): this {
    this.client.start();
    return this;
  }

  /** It was refused and will not try again by itself. */
  get spent(): boolean {
    return this.client.status.state === 'refused';
  }

  status(): ConnectionStatus {
    return this.client.status;
  }

  onStatus(listener: (status: ConnectionStatus) => void): Release {
    return this.client.onStatus(listener);
  }

  whenReady(waitMs: number): Promise<void> {
    return this.client.whenReady(waitMs);
  }

  cancelStarts(what: Startable | 'everything'): void {
    this.starts.cancel(what);
    if (what === 'stream' || what === 'everything') this.streams.cancelStart();
    if (what === 'recording' || what === 'everything') this.recorder.cancelStart();
    if (what === 'srt' || what === 'everything') this.srt.beside.cancelStart();
  }

  startWanted(what: Startable): () => boolean {
    return this.starts.wanted(what);
  }

  report(): Promise<StatusReport> {
    return readStatus(this.client, this.stream, this.record, this.beside, this.outputs, this.scenes);
  }

  survey(): Promise<Survey> {
    return readSurvey(this.client, this.simulated, this.stream, this.record);
  }

  async stopAll(progress?: (reports: OutputReport[]) => void): Promise<OutputReport[]> {
    this.cancelStarts('everything');
    const reports = await stopAll(
      {
        client: this.client,
        streams: this.streams,
        recorder: this.recorder,
        stream: this.stream,
        record: this.record,
        srt: this.beside,
      },
      progress,
    );
    this.announce('emergency_stop_all', { outputs: reports });
    return reports;
  }

  announce(event: EventName, payload: Record<string, unknown>, more: Partial<ProductionEvent> = {}): void {
    this.events.tell({ expected: true, ...more, event, payload });
  }

  /** What this OBS says of itself. */
  versions(): Record<string, unknown> {
    return {
      where: this.client.where,
      obsVersion: this.client.version?.obs ?? null,
      websocketVersion: this.client.version?.websocket ?? null,
    };
  }

  async close(): Promise<void> {
    this.health.close();
    await this.client.close();
    this.switching.close();
    this.stream.close();
    this.record.close();
    this.beside.close();
    this.events.clear();
    await this.options.closeToo?.();
    this.letGo();
  }

  /** Read everything again after a connect, and tell what changed meanwhile. */
  private async resync(): Promise<void> {
    const snapshot = await readSnapshot(this.client);
    const run = runMark(this.client, snapshot.GetStats);
    const restarted = wasRestarted(this.lastRun, run);
    this.lastRun = run;
    this.stream.resync(snapshot.GetStreamStatus ?? {}, snapshot.GetStreamServiceSettings ?? {}, restarted);
    await this.beside.look();
    const recording = snapshot.GetRecordStatus ?? {};
    this.beside.resync(recording, restarted);
    this.record.resync(this.beside.isOutput ? {} : recording, restarted);
    for (const [name, answer] of [
      ['virtualcam', snapshot.GetVirtualCamStatus],
      ['replay_buffer', snapshot.GetReplayBufferStatus],
    ] as const)
      this.outputs.resync(name, answer ? answer.outputActive === true : null);
    if (snapshot.GetSceneList)
      this.scenes.resync(
        snapshot.GetSceneList,
        snapshot.GetStudioModeEnabled ? snapshot.GetStudioModeEnabled.studioModeEnabled === true : null,
      );
  }

  private lost(): void {
    this.told.lost({ stream: this.stream.state, recording: this.record.state });
    this.stream.lost();
    this.record.lost();
    this.beside.lost();
    this.outputs.lost();
    this.scenes.lost();
  }

  private onConnection(status: ConnectionStatus): void {
    if (status.state === 'ready') {
      this.streams.resynced();
      void this.recorder.resynced();
      this.srt.beside.settle();
    }
    this.told.onStatus(status);
  }
}
