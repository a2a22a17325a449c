import { Emitter } from '../connection/emitter';
import { untilReady } from '../connection/until-ready';
import { asLiveError, fail } from '../errors';
import type { FrameSource } from '../frames/types';
import { Denials } from '../gate/denials';
import type {
  Application,
  ConnectionState,
  ConnectionStatus,
  IngestFacts,
  OutputReport,
  Release,
  StatusReport,
} from '../production/application';
import { EventHub } from '../production/event-hub';
import type { HealthSource } from '../production/health';
import type { Survey } from '../production/survey';
import type { EventName, ProductionEvent, StreamState } from '../production/vocabulary';
import type { Ingest, IngestEvent, IngestSettings } from '../rtmp/types';
import { IngestPictures, type RunningFrames } from './pictures';
import { factsOf, serverOf, statusReport } from './report';
import { StreamBook } from './streams';
import { presentOf, toldOf } from './told';

/** A deploy takes the guards away and brings the next ones; longer than this, and nobody guards it. */
const UNGUARDED_MS = 1_500;

/** What an ingest is opened with. */
export interface OpenIngestSettings {
  ingest: IngestSettings;
  /** what strangers send is read in a process beside this one */
  ownProcess: boolean;
  /** null: as PATH finds it */
  ffmpeg: string | null;
}

export interface IngestApplicationOptions {
  id: string;
  name: string;
  ingest: Ingest;
  frames: FrameSource & RunningFrames;
  /** decoders of their own for single pictures */
  apart: FrameSource;
  /** null: nobody can watch it */
  health: (HealthSource & { close(): void }) | null;
  log: (level: 'info' | 'warn', text: string) => void;
  /** what new settings change beside the ingest itself */
  renewed?: (settings: OpenIngestSettings) => void;
  /** a rehearsal: test streams publish to it. Default false */
  simulated?: boolean;
  /** closed before it is: who publishes the test streams */
  closeFirst?: () => Promise<void>;
}

/** Our own ingest as an application: what people publish to it are its streams. Kept by a lease; many nodes use it. */
export class IngestApplication implements Application {
  readonly kind = 'ingest';
  readonly id: string;
  name: string;
  readonly simulated: boolean;
  readonly spent = false;
  readonly ingest: Ingest;
  readonly frames: FrameSource;
  readonly events: EventHub;
  readonly pictures: IngestPictures;
  readonly health: HealthSource | null;
  readonly streams = null;
  readonly recorder = null;
  readonly outputs = null;
  readonly scenes = null;
  readonly srt = null;
  readonly sources = null;
  readonly switching = null;
  readonly rawEvents = null;
  private readonly book = new StreamBook();
  private readonly denials = new Denials();
  private readonly statuses: Emitter<ConnectionStatus>;
  private readonly releases: Release[];
  private unguarded: NodeJS.Timeout | null = null;
  private isUnguarded = false;
  private toldFault = '';
  private toldState: ConnectionState | null = null;
  private closed = false;

  constructor(private readonly options: IngestApplicationOptions) {
    const { id, name, ingest, frames, apart, health, log } = options;
    this.id = id;
    this.name = name;
    this.simulated = options.simulated ?? false;
    this.ingest = ingest;
    this.frames = frames;
    this.health = health;
    const complain = (error: unknown) => log('warn', `a listener failed: ${asLiveError(error).message}`);
    this.events = new EventHub(complain);
    this.statuses = new Emitter(complain);
    this.pictures = new IngestPictures(frames, apart, this.book);
    this.events.addPresent(() => this.book.list().map((one) => presentOf(one, serverOf(ingest))));
    this.releases = [ingest.onEvent((event) => this.onEvent(event)), ingest.onStatus(() => this.onIngest())];
    this.onIngest();
  }

  status(): ConnectionStatus {
    const { listening, fault } = this.ingest.status();
    if (this.closed) return { state: 'closed', fault: fail('CONNECTION_MISSING') };
    // a certificate that cannot be used: no later try changes that
    if (fault && asLiveError(fault).code === 'CONFIG_INVALID') return { state: 'misconfigured', fault };
    if (!listening) return { state: fault ? 'disconnected' : 'connecting', fault: fault ?? this.notYet() };
    if (this.isUnguarded) return { state: 'misconfigured', fault: fail('INGEST_UNGUARDED') };
    return { state: 'ready', fault: null };
  }

  onStatus(listener: (status: ConnectionStatus) => void): Release {
    return this.statuses.add(listener);
  }

  whenReady(waitMs: number): Promise<void> {
    const awaited = {
      get status() {
        return status();
      },
      onStatus: (listener: (status: ConnectionStatus) => void) => this.onStatus(listener),
    };
    const status = () => this.status();
    return untilReady(awaited, waitMs, () => asLiveError(this.status().fault ?? this.notYet()));
  }

  /** Whether somebody publishes this stream, or of all the most alive. */
  streamState(stream: string | null): StreamState {
    return this.book.state(stream);
  }

  report(): Promise<StatusReport> {
    return Promise.resolve(statusReport(this.book.list(), this.ingest));
  }

  /** What runs and who publishes, at one moment. */
  facts(): IngestFacts {
    return factsOf(this.book.list(), this.ingest);
  }

  /** New limits, for whoever comes from now on. */
  renew(settings: OpenIngestSettings): void {
    this.ingest.renew(settings.ingest);
    this.options.renewed?.(settings);
  }

  async survey(): Promise<Survey> {
    return await Promise.reject(missing('preflight'));
  }

  cancelStarts(): void {
    // nothing is started here
  }

  startWanted(): () => boolean {
    return () => true;
  }

  async stopAll(): Promise<OutputReport[]> {
    return await Promise.reject(missing('stop all'));
  }

  announce(event: EventName, payload: Record<string, unknown>, more: Partial<ProductionEvent> = {}): void {
    this.events.tell({ expected: true, ...more, event, payload });
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    if (this.unguarded) clearTimeout(this.unguarded);
    for (const release of this.releases) release();
    this.options.health?.close();
    this.tellStatus();
    await this.options.closeFirst?.();
    await Promise.all([this.frames.close(), this.options.apart.close(), this.ingest.close()]);
    this.events.clear();
    this.statuses.clear();
  }

  private onEvent(event: IngestEvent): void {
    const before = this.book.follow(event);
    const told = toldOf(event, before, { server: serverOf(this.ingest), denials: this.denials });
    if (told) this.events.tell(told);
    if (event.what === 'denied' && told)
      this.options.log('info', `denied ${told.output ?? 'somebody'} (${event.why}, from ${event.address})`);
  }

  private onIngest(): void {
    const { guarded } = this.ingest.status();
    if (guarded) {
      this.isUnguarded = false;
      if (this.unguarded) clearTimeout(this.unguarded);
      this.unguarded = null;
    } else if (!this.isUnguarded && !this.unguarded) {
      this.unguarded = setTimeout(() => {
        this.unguarded = null;
        this.isUnguarded = true;
        this.tellStatus();
      }, UNGUARDED_MS);
      this.unguarded.unref();
    }
    this.tellStatus();
  }

  /** Once for each change; what is wrong stands in the log once as well. */
  private tellStatus(): void {
    const status = this.status();
    const { state, fault } = status;
    const said = state === 'ready' || state === 'closed' || state === 'connecting' ? '' : String(fault);
    if (state === this.toldState && said === this.toldFault) return;
    if (said && said !== this.toldFault) this.options.log('warn', said);
    else if (state === 'ready' && this.toldState !== null && this.toldFault)
      this.options.log('info', 'listens again');
    this.toldState = state;
    this.toldFault = said;
    this.statuses.tell(status);
  }

  private notYet(): Error {
    const { host, port } = this.ingest.settings;
    return fail('INGEST_LISTEN', { where: `${host}:${port}`, reason: 'it has not begun yet' });
  }
}

function missing(action: string): Error {
  return fail('CAPABILITY_MISSING', {
    application: 'The ingest',
    action,
    advice: 'Choose another application.',
  });
}
