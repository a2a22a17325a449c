import { Clock } from '../obs/clock';
import { writeDocument } from './document';
import { Faults } from './faults';
import { Functions, type Outcome } from './functions';
import { TcpPort } from './port';
import { PROFILES, type VmixProfile } from './profiles';
import { Studio } from './studio';
import type {
  ChannelState,
  ReceivedSettings,
  SimulatedCall,
  VmixSimulator,
  VmixSimulatorOptions,
} from './types';
import { Web } from './web';

const KEPT_CALLS = 10_000;
const DOWN_MS = 300;

/** The simulated vMix with its two ports: see `VmixSimulator`. */
export class Simulator implements VmixSimulator {
  readonly host: string;
  readonly profile: VmixProfile;
  readonly faults = new Faults();
  readonly studio: Studio;
  readonly calls: SimulatedCall[] = [];
  httpPort: number;
  tcpPort: number | null;
  stateRequests = 0;
  private readonly clock: Clock;
  private readonly functions: Functions;
  private web: Web;
  private port: TcpPort | null = null;
  private ended = false;

  constructor(private readonly options: VmixSimulatorOptions) {
    this.host = options.host ?? '127.0.0.1';
    this.httpPort = options.httpPort ?? 0;
    this.tcpPort = options.tcpPort === undefined ? 0 : options.tcpPort;
    this.profile = options.profile ?? 'vmix-29';
    const profile = PROFILES[this.profile];
    if (!profile) throw new TypeError(`There is no profile "${String(options.profile)}".`);
    this.clock = new Clock(Math.max(0.001, options.speed ?? 1));
    this.studio = new Studio(profile, this.clock, this.faults, options, {
      activator: (text) => this.port?.tell('ACTS', text),
      tally: () => this.port?.tell('TALLY', this.studio.tally),
    });
    this.functions = new Functions(this.studio, this.faults, profile.major);
    this.web = this.makeWeb();
  }

  /** Open both ports; rejects where one cannot be had, with neither open. */
  async listen(): Promise<void> {
    if (this.tcpPort !== null) {
      this.port = this.makePort();
      this.tcpPort = await this.port.open(this.tcpPort, this.host);
    }
    try {
      this.httpPort = await this.web.open(this.httpPort, this.host);
    } catch (error) {
      await this.port?.shut();
      throw error;
    }
  }

  get url(): string {
    const host = this.host.includes(':') ? `[${this.host}]` : this.host;
    return `http://${host}:${this.httpPort}`;
  }

  get clients(): number {
    return this.port?.clients ?? 0;
  }

  get listening(): boolean {
    return this.web.listening || (this.port?.listening ?? false);
  }

  get state() {
    return this.studio.state;
  }

  received(channel: number): Readonly<ReceivedSettings> {
    return this.studio.channels.settings(channel);
  }

  channel(channel: number): ChannelState {
    return this.studio.channels.state(channel);
  }

  async quit(): Promise<void> {
    this.studio.reset();
    await Promise.all([this.web.shut(), this.port?.shut()]);
    this.port = null;
  }

  async restart({ reorder = false, downMs = DOWN_MS } = {}): Promise<void> {
    if (this.ended) throw new Error('The simulator is closed.');
    await this.quit();
    if (reorder) this.studio.reorder([...this.studio.inputs].reverse());
    await this.clock.sleep(downMs);
    this.web = this.makeWeb();
    await this.listen();
  }

  async webController(on: boolean): Promise<void> {
    if (!on) return await this.web.shut();
    if (this.web.listening) return;
    this.web = this.makeWeb();
    this.httpPort = await this.web.open(this.httpPort, this.host);
  }

  freeze(): void {
    this.clock.freeze();
    this.web.freeze();
    this.port?.freeze();
  }

  thaw(): void {
    this.clock.thaw();
    this.web.thaw();
    this.port?.thaw();
  }

  async close(): Promise<void> {
    this.ended = true;
    await this.quit();
    this.clock.end();
  }

  private document(): string {
    const { bom = false, declaration = false, instruction = false } = this.faults.look;
    return [
      bom ? '\ufeff' : '',
      declaration ? '<?xml version="1.0" encoding="utf-8"?>' : '',
      instruction ? '<?vmix state?>' : '',
      writeDocument(this.studio.state),
    ].join('');
  }

  private run(name: string, parameters: Record<string, string>): Outcome {
    return this.functions.run({ name, parameters });
  }

  private log(via: SimulatedCall['via'], name: string, parameters: Record<string, string>): void {
    if (name === 'state' || name === 'XML') this.stateRequests += 1;
    this.calls.push({ at: Date.now(), via, name, parameters });
    if (this.calls.length > KEPT_CALLS) this.calls.splice(0, this.calls.length - KEPT_CALLS);
  }

  private makeWeb(): Web {
    return new Web({
      user: this.options.user ?? null,
      password: this.options.password ?? null,
      document: () => this.document(),
      run: (name, parameters) => this.run(name, parameters),
      fault: (kind) => this.faults.nextHttp(kind),
      asked: (name, parameters) => this.log('http', name, parameters),
    });
  }

  private makePort(): TcpPort {
    return new TcpPort({
      studio: this.studio,
      faults: this.faults,
      clock: this.clock,
      random: this.options.random ?? Math.random,
      document: () => this.document(),
      run: (name, parameters) => this.run(name, parameters),
      asked: (name, parameters) => this.log('tcp', name, parameters),
    });
  }
}
