import { Clock } from '../obs/clock';
import { type ApiAnswer, ApiPort, type ApiRequest } from './api';
import { Faults } from './faults';
import { Guest, keyOf } from './guest';
import { type HookAnswer, postHook } from './post';
import type { Came, Coming, MediaServerOptions, MediaServerSimulator, Refusal, SentHook } from './types';

const KEPT_HOOKS = 1_000;
const DOWN_MS = 300;

/** A hook in a server's own words. */
export interface HookWords {
  action: string;
  http: '1.0' | '1.1';
  headers: readonly (readonly [string, string])[];
  body: string;
  /** asked: the publisher waits for the answer; told: nobody does */
  manner: 'asked' | 'told';
  /** another address than the one for all hooks */
  address?: string;
}

/** What the four have in common: publishers and their bytes, hooks on their way, the API's port, restarts. */
export abstract class SimulatedServer implements MediaServerSimulator {
  abstract readonly kind: MediaServerSimulator['kind'];
  readonly host: string;
  readonly faults = new Faults();
  readonly hooks: SentHook[] = [];
  port: number;
  apiRequests = 0;
  protected readonly clock: Clock;
  protected readonly guests = new Map<string, Guest>();
  protected readonly random: () => number;
  /** counts the starts: what belongs to an earlier one is void */
  protected run = 0;
  /** how long it waits for the answer to a hook, in real milliseconds */
  protected readonly hookTimeoutMs: number = 30_000;
  /** after how much silence a publisher is given up, in simulated milliseconds */
  protected abstract readonly silenceMs: number;
  private readonly web: ApiPort;
  private readonly now: () => number;
  private up = false;
  private ended = false;

  constructor(protected readonly options: MediaServerOptions = {}) {
    this.host = options.host ?? '127.0.0.1';
    this.port = options.port ?? 0;
    this.clock = new Clock(Math.max(0.001, options.speed ?? 1));
    this.now = options.now ?? (() => performance.now());
    this.random = options.random ?? Math.random;
    this.web = new ApiPort({
      answer: (request) => this.answerApi(request),
      fault: () => this.faults.nextApi(),
      asked: () => {
        this.apiRequests += 1;
      },
    });
  }

  get api(): string {
    return `http://${this.host.includes(':') ? `[${this.host}]` : this.host}:${this.port}`;
  }

  get control(): string | null {
    return null;
  }

  get listening(): boolean {
    return this.web.listening;
  }

  get publishers(): readonly Guest[] {
    return [...this.guests.values()];
  }

  /** Asks before somebody is let in; a name changed in `guest` is the one he gets. */
  protected abstract askPublish(guest: Guest): Promise<Refusal | null>;
  protected abstract tellLeft(guest: Guest): Promise<void>;
  protected abstract answerApi(request: ApiRequest): ApiAnswer;
  protected abstract newClientId(): string;

  /** The name is taken. Null: the newcomer has it now. */
  protected busy(_newcomer: Guest, _present: Guest): Promise<Refusal | null> {
    return Promise.resolve('busy');
  }

  /** Asked once he is in. */
  protected entered(_guest: Guest): Promise<Refusal | null> {
    return Promise.resolve(null);
  }

  /** A new process: what a server makes up at its start. */
  protected began(): void {
    this.run += 1;
  }

  async start(): Promise<void> {
    if (this.ended) throw new Error('The simulator is closed.');
    this.port = await this.web.open(this.port, this.host);
    this.up = true;
    this.began();
  }

  async publish(stream: string, coming: Coming = {}): Promise<Came> {
    const guest = new Guest(stream, coming, this.newClientId(), this.time);
    const { run } = this;
    const ended = (why: Refusal | null): Came => ({
      allowed: why === null,
      why,
      clientId: guest.clientId,
      stream: guest.stream,
      forwardedTo: guest.forwardedTo,
    });
    if (!this.up) return ended('down');
    const refusal = await this.askPublish(guest);
    if (refusal) return ended(refusal);
    if (run !== this.run || !this.up) return ended('down');
    const present = this.guests.get(guest.key);
    const lost = present ? await this.busy(guest, present) : null;
    if (lost) return ended(lost);
    this.guests.set(guest.key, guest);
    guest.enter();
    const late = await this.entered(guest);
    if (late) this.remove(guest);
    return ended(late);
  }

  async unpublish(stream: string, app = 'live'): Promise<boolean> {
    const guest = this.guests.get(keyOf(app, stream));
    if (!guest) return false;
    await this.leave(guest);
    return true;
  }

  kill(stream: string, app = 'live'): boolean {
    const guest = this.guests.get(keyOf(app, stream));
    guest?.hush();
    // bound to him, so that nobody who has the name by then is meant
    if (guest) this.clock.after(this.silenceMs, () => void this.leave(guest));
    return guest !== undefined;
  }

  stall(stream: string, app = 'live'): boolean {
    const guest = this.guests.get(keyOf(app, stream));
    guest?.hush();
    return guest !== undefined;
  }

  resume(stream: string, app = 'live'): boolean {
    const guest = this.guests.get(keyOf(app, stream));
    guest?.send();
    return guest !== undefined;
  }

  async staleUnpublish(
    stream: string,
    { app = 'live', clientId = this.newClientId(), args = '' } = {},
  ): Promise<void> {
    await this.tellLeft(new Guest(stream, { app, args }, clientId, this.time));
  }

  async restart({ downMs = DOWN_MS } = {}): Promise<void> {
    this.up = false;
    this.guests.clear();
    await this.web.shut();
    await this.clock.sleep(downMs);
    await this.start();
  }

  async apiOn(on: boolean): Promise<void> {
    if (!on) await this.web.shut();
    else if (!this.web.listening) this.port = await this.web.open(this.port, this.host);
  }

  async close(): Promise<void> {
    this.ended = true;
    this.up = false;
    this.run += 1;
    this.guests.clear();
    this.clock.end();
    await this.web.shut();
  }

  /** Simulated milliseconds, monotonic. */
  protected readonly time = (): number => this.now() * this.clock.speed;

  protected remove(guest: Guest): boolean {
    if (this.guests.get(guest.key) !== guest) return false;
    guest.hush();
    return this.guests.delete(guest.key);
  }

  /** He goes, however that came, and the hook is told. */
  protected async leave(guest: Guest): Promise<void> {
    if (this.remove(guest) && !this.faults.loseUnpublish) await this.tellLeft(guest);
  }

  /** Posts a hook; null: nobody answered. */
  protected async post(words: HookWords): Promise<HookAnswer | null> {
    const address = words.address ?? this.options.hooks ?? null;
    if (address === null) return null;
    const { run } = this;
    if (this.faults.hookDelayMs > 0) await this.clock.sleep(this.faults.hookDelayMs);
    if (this.faults.hooksDown || run !== this.run) return null;
    const send = async (): Promise<HookAnswer | null> => {
      const sent: SentHook = { action: words.action, body: words.body, status: null, reply: '' };
      this.hooks.push(sent);
      if (this.hooks.length > KEPT_HOOKS) this.hooks.splice(0, this.hooks.length - KEPT_HOOKS);
      const answer = await postHook(address, words, this.hookTimeoutMs).catch(() => null);
      sent.status = answer?.status ?? null;
      sent.reply = answer?.body ?? '';
      return answer;
    };
    if (words.manner === 'told' && this.faults.hookTwice) await send();
    return await send();
  }

  protected get hooked(): boolean {
    return (this.options.hooks ?? null) !== null;
  }

  /** So many characters of chance, as these servers name things. */
  protected letters(count: number): string {
    const alphabet = '0123456789abcdefghijklmnopqrstuvwxyz';
    return Array.from({ length: count }, () => alphabet[Math.floor(this.random() * 36)] ?? '0').join('');
  }
}
