import { addressKey } from '../connection/shared';
import { asLiveError } from '../errors';
import type {
  Application,
  ConnectionStatus,
  OutputReport,
  Release,
  Startable,
  StatusReport,
} from '../production/application';
import { ConnectionEvents } from '../production/connection-events';
import { EventHub } from '../production/event-hub';
import type { Survey } from '../production/survey';
import type { EventName, ProductionEvent } from '../production/vocabulary';
import { WantedStarts } from '../production/wanted-starts';
import { hold } from '../secrets';
import { presentOf } from './changes';
import { VmixClient, type StateNews } from './client';
import { freshState } from './confirm';
import type { VmixExtras } from './extras';
import { VmixHealth } from './health';
import { VmixOutputs } from './outputs';
import { Overtaking } from './overtaking';
import { VmixRawEvents } from './raw-events';
import { RawFunctions } from './raw-functions';
import { VmixPictures } from './pictures';
import { VmixRecorder } from './recorder';
import { VmixScenes } from './scenes';
import type { VmixSettings } from './settings';
import { statusOf } from './status';
import { VmixSources } from './sources';
import { stopAll } from './stop-all';
import { StreamLogs } from './stream-logs';
import { readSurvey } from './survey';
import { Turns } from './turns';
import { VmixSrt } from './srt';
import { VmixStreams } from './streams';

export interface VmixApplicationOptions extends VmixSettings, VmixExtras {
  id: string;
  name: string;
  simulated: boolean;
  locate?: () => Promise<{ host: string; port: number; tcpPort: number }>;
  where?: string;
  /** closed together with the connection: the simulator of a rehearsal */
  closeToo?: () => Promise<void>;
  log: (level: 'info' | 'warn', text: string) => void;
}

/** One vMix and everything it can do. Kept by a lease; many nodes use it. */
export class VmixApplication implements Application {
  readonly kind = 'vmix';
  readonly id: string;
  name: string;
  readonly simulated: boolean;
  readonly client: VmixClient;
  readonly events: EventHub;
  readonly recorder: VmixRecorder;
  readonly outputs: VmixOutputs;
  readonly scenes: VmixScenes;
  readonly pictures: VmixPictures;
  readonly streams: VmixStreams;
  readonly health: VmixHealth;
  readonly srt: VmixSrt;
  readonly sources: VmixSources;
  // vMix makes no source by remote control that would not be seen at once
  readonly switching = null;
  readonly raw: RawFunctions;
  readonly rawEvents: VmixRawEvents;
  private readonly told: ConnectionEvents;
  private readonly starts = new WantedStarts();
  private readonly letGo: () => void;

  constructor(private readonly options: VmixApplicationOptions) {
    const { id, name, simulated, log } = options;
    this.id = id;
    this.name = name;
    this.simulated = simulated;
    this.letGo = hold(options.password);
    const complain = (error: unknown) => log('warn', `a listener failed: ${asLiveError(error).message}`);
    this.client = new VmixClient({ ...options, log });
    this.events = new EventHub(complain);
    this.raw = new RawFunctions(this.client, options.allowScripts);
    this.pictures = new VmixPictures(this.client, options);
    this.health = new VmixHealth(this.client, this.events, StreamLogs.in(options.logFolder), complain);
    this.rawEvents = new VmixRawEvents(this.client, complain);
    this.told = new ConnectionEvents(this.events, {
      kind: 'vmix',
      where: () => this.client.where,
      versions: () => this.versions(),
    });
    const address = addressKey(options.host, options.port);
    const turns = new Turns(address);
    this.recorder = new VmixRecorder(this.client, turns);
    this.outputs = new VmixOutputs(this.client, turns);
    this.scenes = new VmixScenes(this.client, turns, new Overtaking(address));
    this.srt = new VmixSrt(this.client, turns);
    this.sources = new VmixSources(this.client);
    this.streams = new VmixStreams(this.client, this.events, options);
    this.client.onStatus((status) => this.told.onStatus(status));
    this.client.onNews((news) => this.onNews(news));
    this.events.onEvent(() => this.remember());
    this.events.addPresent(() => {
      const { state } = this.client;
      if (!state) return [];
      return [
        { event: 'vmix_connected', state: 'ready', payload: this.versions() },
        ...presentOf(state).map((one) => this.streams.describe(one)),
      ];
    });
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

  cancelStarts(what: Startable | 'everything', channels?: readonly number[]): void {
    this.starts.cancel(what, channels);
    const all = what === 'everything';
    if (all || what === 'recording') this.recorder.cancelStart();
    if (all) this.outputs.cancelStarts();
    if (all || what === 'srt') this.srt.cancelStarts(channels);
    if (all || what === 'stream') this.streams.cancelStarts(channels);
  }

  startWanted(what: Startable, channels?: readonly number[]): () => boolean {
    return this.starts.wanted(what, channels);
  }

  async report(): Promise<StatusReport> {
    const state = await freshState(this.client);
    return statusOf(state, this.streams.list(), this.recorder.describe(state));
  }

  survey(): Promise<Survey> {
    return readSurvey(this.client, { ...this.options, simulated: this.simulated });
  }

  /** Functions may work where the state cannot be read: a proxy cuts it, or it is too large. */
  get stopsUnseen(): boolean {
    const { state } = this.client.status;
    return state === 'disconnected' || state === 'waiting';
  }

  async stopAll(progress?: (reports: OutputReport[]) => void): Promise<OutputReport[]> {
    this.cancelStarts('everything');
    const reports = await stopAll(this.client, { progress, channels: this.options.channels });
    this.announce('emergency_stop_all', { outputs: reports });
    return reports;
  }

  announce(event: EventName, payload: Record<string, unknown>, more: Partial<ProductionEvent> = {}): void {
    this.events.tell({ expected: true, ...more, event, payload });
  }

  /** What this vMix says of itself. */
  versions(): Record<string, unknown> {
    const { state } = this.client;
    return {
      where: this.client.where,
      vmixVersion: state?.version.text ?? null,
      edition: state?.edition ?? null,
    };
  }

  async close(): Promise<void> {
    await this.client.close();
    this.raw.close();
    await this.pictures.close();
    this.streams.close();
    this.health.close();
    this.rawEvents.close();
    this.events.clear();
    await this.options.closeToo?.();
    this.letGo();
  }

  private onNews(news: StateNews): void {
    for (const change of this.streams.follow(news)) this.events.tell(change);
    this.remember();
  }

  /** What runs, for when the connection is lost: news shows it, and what is told here between two of them. */
  private remember(): void {
    const { state } = this.client;
    if (!state) return;
    const { on } = state.recording;
    this.told.lost({
      stream: this.streams.state(),
      recording: on === null ? 'unknown' : on ? 'recording' : 'idle',
    });
  }
}
