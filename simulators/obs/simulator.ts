import { randomBytes } from 'node:crypto';
import { BlackWatch } from './black-watch';
import { Clock } from './clock';
import { Faults } from './faults';
import type { Data } from './fields';
import { SimulatedHealth } from './health';
import { levels } from './levels';
import { SimulatedPublishers } from './publishers';
import type { RestoredScenes } from './saved-scenes';
import { Port } from './server';
import { Session } from './session';
import type { SessionHost } from './session';
import { Studio } from './studio';
import { Close, Op } from './tables/codes';
import { VOLUME_METERS, intentOf } from './tables/events';
import { VERSIONS } from './tables/requests';
import type {
  ObsProfile,
  ObsSimulator,
  ObsSimulatorOptions,
  SimulatedCall,
  SimulatedItem,
  SimulatedState,
} from './types';

const KEPT_CALLS = 10_000;

/** One for each start of the server. */
const newSalt = (): string => randomBytes(32).toString('base64');

/** The simulated OBS with its network: see `ObsSimulator`. */
export class Simulator implements ObsSimulator {
  readonly host: string;
  readonly password: string | null;
  readonly profile: ObsProfile;
  readonly faults: Faults;
  readonly health: SimulatedHealth;
  readonly publishers = new SimulatedPublishers();
  readonly calls: SimulatedCall[] = [];
  port: number;
  crashed = false;
  private readonly studio: Studio;
  private readonly clock: Clock;
  private readonly sessions = new Set<Session>();
  private readonly sessionHost: SessionHost;
  private network: Port;
  private ready = true;
  private quitting = false;
  private ended = false;
  /** how it ended the last time */
  private quitCleanly = false;
  private everTaken = 0;
  private meters: NodeJS.Timeout | null = null;

  constructor(private readonly options: ObsSimulatorOptions) {
    this.host = options.host ?? '127.0.0.1';
    this.port = options.port ?? 0;
    this.password = options.password ?? null;
    this.profile = options.profile ?? 'obs-29';
    const version = VERSIONS[this.profile];
    if (!version) throw new TypeError(`There is no profile "${String(options.profile)}".`);
    this.clock = new Clock(Math.max(0.001, options.speed ?? 1));
    this.health = new SimulatedHealth(this.clock.speed);
    this.faults = new Faults({
      lose: () => {
        this.studio.stream.lose();
        this.studio.record.lose();
      },
      restore: () => this.studio.stream.restore(),
      fill: () => this.studio.record.fail(),
    });
    this.studio = new Studio({
      clock: this.clock,
      faults: this.faults,
      health: this.health,
      publishers: this.publishers,
      gstreamer: options.gstreamer ?? false,
      version,
      random: options.random ?? Math.random,
      emit: (type, data) => this.emit(type, data),
      crash: () => this.crash(),
      virtualCamera: options.virtualCamera ?? true,
      replayBuffer: options.replayBuffer ?? true,
      recordFolder: options.recordFolder,
      writeFiles: options.writeFiles ?? false,
    });
    this.sessionHost = {
      studio: this.studio,
      password: this.password,
      salt: newSalt(),
      notReady: () => version.notReady && (!this.ready || this.quitting),
      log: (call) => {
        this.calls.push(call);
        if (this.calls.length > KEPT_CALLS) this.calls.splice(0, this.calls.length - KEPT_CALLS);
      },
      crash: () => this.crash(),
    };
    this.network = this.makePort();
  }

  /** Open the port; rejects where it cannot be had. */
  async listen(): Promise<void> {
    this.port = await this.network.open(this.port, this.host);
    const waitMs = this.options.notReadyMs ?? 0;
    this.ready = waitMs <= 0;
    if (!this.ready) {
      this.clock.after(waitMs, () => {
        this.ready = true;
      });
    }
  }

  get url(): string {
    const host = this.host.includes(':') ? `[${this.host}]` : this.host;
    return `ws://${host}:${this.port}`;
  }

  get clients(): number {
    return this.sessions.size;
  }

  get connections(): number {
    return this.everTaken + this.network.taken;
  }

  get listening(): boolean {
    return this.network.listening;
  }

  get state(): SimulatedState {
    const { stream, record, camera, replay, production, profiles } = this.studio;
    const { type, settings } = profiles.current.service;
    return {
      stream: stream.state,
      record: record.state,
      recordPath: record.path,
      virtualCamera: camera.active,
      replayBuffer: replay.active,
      programScene: production.current.program.name,
      previewScene: production.transitions.preview?.name ?? null,
      studioMode: production.transitions.studioMode,
      service: { type, settings: { ...settings } },
    };
  }

  items(scene: string): SimulatedItem[] {
    const { scenes } = this.studio.production;
    const items = scenes.find(({ name }) => name === scene)?.items ?? [];
    return items.map(({ id, source, enabled, privateSettings }, index) => ({
      id,
      name: source.name,
      kind: source.type === 'input' ? source.kind : null,
      enabled,
      index,
      settings: source.type === 'input' ? { ...source.settings } : {},
      privateSettings: { ...privateSettings },
    }));
  }

  onItems(listener: () => void): () => void {
    const { itemListeners } = this.studio.production;
    itemListeners.add(listener);
    return () => itemListeners.delete(listener);
  }

  watchBlack(scene?: string): BlackWatch {
    return new BlackWatch(this.studio, scene ?? null);
  }

  emit(eventType: string, eventData?: Data): void {
    if (this.sessionHost.notReady() && eventType !== 'ExitStarted') return;
    const eventIntent = intentOf(eventType);
    const text = JSON.stringify({
      d: { ...(eventData ? { eventData } : {}), eventIntent, eventType },
      op: Op.Event,
    });
    const { random } = this.studio;
    // every event is a task of its own for OBS's pool of threads: some overtake others
    const late = this.faults.disorder && random() > 0.95 ? random() * 3 : 0;
    const tell = () => {
      for (const session of this.sessions) {
        if (session.identified && (session.subscriptions & eventIntent) !== 0) session.tell(text);
      }
    };
    if (late > 0) this.clock.after(late, tell);
    else tell();
  }

  group(scene: string, name: string, inputs: readonly string[]): void {
    const { production } = this.studio;
    const owner = production.scenes.find((one) => one.name === scene);
    const members = inputs.map((one) => production.inputs.find((input) => input.name === one));
    if (!owner || !members.every((one) => one !== undefined)) throw new Error('no such scene or input');
    production.group(owner, name, members);
  }

  async quit(): Promise<void> {
    if (this.quitting || !this.listening) return;
    this.emit('ExitStarted');
    this.quitting = true;
    await this.clock.sleep(50);
    this.network.stopListening();
    for (const session of this.sessions) session.close(Close.ServerStopping, 'Server stopping.');
    await this.clock.sleep(100);
    this.quitCleanly = true;
    this.stopStudio();
    await this.network.shut();
  }

  crash(): void {
    if (!this.listening) return;
    this.crashed = true;
    this.stopStudio();
    void this.network.shut();
  }

  async restart({ scenes }: { scenes?: RestoredScenes } = {}): Promise<void> {
    if (this.ended) throw new Error('The simulator is closed.');
    this.stopStudio();
    this.clock.thaw();
    await this.network.shut();
    this.everTaken += this.network.taken;
    this.network = this.makePort();
    this.studio.production.restore(scenes ?? (this.quitCleanly ? 'now' : 'saved'));
    this.quitCleanly = false;
    this.crashed = false;
    this.quitting = false;
    this.sessionHost.salt = newSalt();
    await this.listen();
  }

  kick(): void {
    for (const session of this.sessions)
      session.close(Close.SessionInvalidated, 'Your session has been invalidated.');
  }

  freeze(): void {
    this.clock.freeze();
    this.network.freeze();
  }

  thaw(): void {
    this.network.thaw();
    this.clock.thaw();
  }

  async close(): Promise<void> {
    this.ended = true;
    this.stopStudio();
    this.clock.end();
    await this.network.shut();
  }

  private makePort(): Port {
    let count = 0;
    return new Port((socket) => {
      count += 1;
      const session = new Session(socket, this.everTaken + count, this.sessionHost);
      this.sessions.add(session);
      socket.on('close', () => this.sessions.delete(session));
      this.startMeters();
    });
  }

  /** Volume meters are told every 50 ms, but only while somebody asked for them. */
  private startMeters(): void {
    if (this.meters) return;
    this.meters = setInterval(() => {
      const wanted = [...this.sessions].some((session) => (session.subscriptions & VOLUME_METERS) !== 0);
      if (wanted) this.emit('InputVolumeMeters', { inputs: levels(this.studio) });
      if (this.sessions.size === 0 && this.meters) {
        clearInterval(this.meters);
        this.meters = null;
      }
    }, 50);
    this.meters.unref();
  }

  private stopStudio(): void {
    if (this.meters) clearInterval(this.meters);
    this.meters = null;
    this.studio.end();
    this.ready = true;
  }
}
