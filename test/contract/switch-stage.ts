// A simulated OBS of its own with our switching on it, whose scene is looked at after every single change.
import assert from 'node:assert/strict';
import { LiveError } from '../../lib/errors';
import { ObsApplication } from '../../lib/obs/application';
import type { SwitchProgress, SwitchReport, SwitchUse, SwitchWish } from '../../lib/production/switching';
import {
  startObsSimulator,
  type ObsSimulator,
  type ObsSimulatorOptions,
  type SimulatedCall,
} from '../../simulators/obs';
import { waitFor } from '../support';
import { bareClient, type BareClient } from './client';
import { switchWish } from './on-air';

/** States in which both sources may be visible: the new one is proven ready, or it is being put right. */
const BOTH_VISIBLE = ['swap', 'verify', 'retire', 'rollback', 'lost'];
/** Requests that change which sources there are and which are visible. */
const CHANGES: Record<string, string> = {
  CreateInput: 'create',
  RemoveInput: 'remove',
  RemoveSceneItem: 'drop',
};

/** Asked over and over while a source is waited for, and watched. */
const POLL = ['GetMediaInputStatus', 'GetSceneItemTransform', 'GetSceneItemEnabled', 'GetSceneItemId'];

export class SwitchStage {
  scene = 'Live';
  /** a source of the user's that may be on air instead */
  standIn: string | null = null;
  /** what a switch under way is doing; null: none is under way */
  state: string | null = null;
  /** every request of ours that reached the simulator, and what was in the scene after each change */
  readonly log: string[] = [];
  /** where an invariant did not hold */
  readonly broken: string[] = [];
  readonly events: { event: string; payload: Record<string, unknown> }[] = [];
  readonly states: string[] = [];
  private readonly changes: string[] = [];
  private readonly names: string[] = [];
  private readonly items = new Map<number, string>();
  private readonly hooks: [state: string, work: () => void][] = [];
  /** what a person removed or hid, and nobody has to keep on air */
  private readonly touched = new Set<string>();
  private people = new Set<number>();
  private read = 0;
  private exempt = 0;
  private before: string[] = [];

  private constructor(
    readonly obs: ObsSimulator,
    readonly app: ObsApplication,
    readonly use: SwitchUse,
    private readonly person: BareClient,
  ) {
    this.people.add(obs.connections);
    obs.onItems(() => this.look());
    app.events.onEvent(({ event, payload }) => {
      if (!event.startsWith('source_')) return;
      this.events.push({ event, payload });
      this.log.push(`  told: ${event}`);
    });
  }

  static async open(options: ObsSimulatorOptions = {}): Promise<SwitchStage> {
    const obs = await startObsSimulator({ speed: 10, random: () => 0.5, ...options });
    const app = new ObsApplication({
      ...{ id: 'studio', name: 'Studio', simulated: false, log: () => undefined },
      ...{ host: obs.host, port: obs.port, tls: false, password: '' },
    }).start();
    await app.whenReady(30_000);
    const person = await bareClient(obs.url, null, 0);
    return new SwitchStage(obs, app, app.switching.use(), person);
  }

  async close(): Promise<void> {
    await this.person.close().catch(() => undefined);
    await this.use.release();
    await this.app.close();
    await this.obs.close();
  }

  /** An address that nobody else of this stage has. */
  address(name: string): string {
    return `rtmp://media.example/live/${name}`;
  }

  switchTo(name: string, more: Partial<SwitchWish> = {}): Promise<SwitchReport> {
    const wish = switchWish(this.scene, this.address(name), { readyTimeoutMs: 3000, ...more });
    return this.use.switchTo(wish, (step) => this.step(step)).finally(() => (this.state = null));
  }

  /** What a switch came to that fails. */
  async failing(
    name: string,
    more: Partial<SwitchWish> = {},
  ): Promise<{ code: string; oldStillLive: unknown }> {
    try {
      const { source } = await this.switchTo(name, more);
      assert.fail(`${this.letter(source)} came on air\n${this.story()}`);
    } catch (error) {
      if (!(error instanceof LiveError)) throw error;
      return { code: error.code, oldStillLive: error.details['oldStillLive'] };
    }
  }

  /** Do this as soon as a switch enters that state, once. */
  at(state: string, work: () => unknown): void {
    this.hooks.push([
      state,
      () => void Promise.resolve(work()).catch((error: unknown) => this.broken.push(String(error))),
    ]);
  }

  /** Somebody at OBS does this. */
  async byHand(requestType: string, requestData: Record<string, unknown>): Promise<void> {
    this.log.push(`  by hand: ${requestType}`);
    const name = requestData['inputName'] ?? this.items.get(Number(requestData['sceneItemId']));
    if (typeof name === 'string') this.touched.add(this.letter(name));
    this.exempt++;
    try {
      await this.person.call(requestType as 'GetVersion', requestData as never);
    } finally {
      this.exempt--;
    }
  }

  /** Kill it, or let it quit, and start it again. */
  async again(how: 'crash' | 'quit'): Promise<void> {
    this.log.push(`  OBS: ${how}`);
    this.exempt++;
    if (how === 'quit') await this.obs.quit();
    else this.obs.crash();
    await this.obs.restart();
    this.before = this.visible();
    this.exempt--;
    await this.app.whenReady(60_000);
  }

  /** The letter of our n-th source is that of the alphabet. */
  letter(name: string): string {
    const at = this.names.indexOf(name);
    return at < 0 ? name : String.fromCharCode(65 + at);
  }

  name(letter: string): string {
    return this.names[letter.charCodeAt(0) - 65] ?? '';
  }

  itemOf(letter: string): number {
    return this.obs.items(this.scene).find(({ name }) => name === this.name(letter))?.id ?? -1;
  }

  owned(): string[] {
    return this.obs
      .items(this.scene)
      .flatMap(({ name }) => (name.startsWith('live_') ? this.letter(name) : []));
  }

  visible(): string[] {
    const items = this.obs
      .items(this.scene)
      .filter(({ name, enabled }) => enabled && name.startsWith('live_'));
    return items.map(({ name }) => this.letter(name));
  }

  /** What was created, shown, hidden and removed by us since the last time this was asked. */
  changed(): string[] {
    this.catchUp();
    return this.changes.splice(0);
  }

  /** What must hold at the end: these sources of ours are there and visible, and nothing else of ours is anywhere in this OBS. */
  async endsWith(...letters: string[]): Promise<void> {
    await waitFor(
      async () => {
        const { inputs } = (await this.person.call('GetInputList')) as { inputs: { inputName: string }[] };
        const all = inputs.flatMap(({ inputName }) =>
          inputName.startsWith('live_') ? this.letter(inputName) : [],
        );
        const same = (found: string[]) => found.join() === letters.join();
        return same(all) && same(this.owned()) && same(this.visible());
      },
      { intervalMs: 50, message: () => `${letters.join() || 'nothing'} on air\n${this.story()}` },
    );
    assert.deepEqual(this.broken, [], this.story());
  }

  async waitFor(condition: () => boolean): Promise<void> {
    await waitFor(condition, { message: () => this.story() });
  }

  /** A new run of OBS knows nobody. */
  async personAgain(): Promise<void> {
    const { obs } = this.person;
    await obs.connect(this.obs.url, undefined, { eventSubscriptions: 0 });
    this.people.add(this.obs.connections);
  }

  story(): string {
    this.catchUp();
    return [...this.broken, ...this.log.slice(-150)].join('\n');
  }

  private step({ state }: SwitchProgress): void {
    this.catchUp();
    this.state = state;
    this.states.push(state);
    this.log.push(`  state: ${state}`);
    const due = this.hooks.findIndex(([wanted]) => wanted === state);
    if (due >= 0) this.hooks.splice(due, 1)[0]?.[1]();
  }

  private look(): void {
    this.catchUp();
    const [all, visible] = [this.owned(), this.visible()];
    const now = all.map((letter) => (visible.includes(letter) ? letter : letter.toLowerCase())).join('');
    this.log.push(`  scene: ${now || 'nothing of ours'}`);
    const bad = (what: string) => this.broken.push(`${what} after ${this.log.slice(-6).join(' | ')}`);
    if (!this.exempt) {
      if (all.length > 2) bad(`${all.length} exist`);
      if (visible.length > 1 && !BOTH_VISIBLE.includes(this.state ?? 'lost')) bad('two are visible');
      const items = this.obs.items(this.scene);
      const standsIn = items.some(({ name, enabled }) => enabled && name === this.standIn);
      const kept = this.before.filter((letter) => !this.touched.has(letter));
      if (kept.length && !visible.length && !standsIn) bad('nothing is visible');
      const proven = BOTH_VISIBLE.includes(this.state ?? 'lost');
      const [old] = kept;
      if (old && !visible.includes(old) && !proven) bad(`${old} went before the new one was proven`);
    }
    this.before = visible;
  }

  private catchUp(): void {
    const { calls } = this.obs;
    for (; this.read < calls.length; this.read++) this.note(calls[this.read]!);
  }

  private note({ requestType, requestData, client, batchIndex }: SimulatedCall): void {
    if (this.people.has(client)) return;
    const data = (requestData ?? {}) as Record<string, unknown>;
    if (requestType === 'CreateInput') this.names.push(String(data['inputName']));
    for (const { id, name } of this.obs.items(this.scene)) this.items.set(id, name);
    const names = [data['inputName'], this.items.get(Number(data['sceneItemId'])), data['sourceName']];
    const of = names.find((name) => typeof name === 'string') ?? '';
    const what =
      requestType === 'SetSceneItemEnabled'
        ? data['sceneItemEnabled']
          ? 'show'
          : 'hide'
        : CHANGES[requestType];
    if (what && what !== 'drop') this.changes.push(`${what} ${this.letter(of)}`);
    const line = POLL.includes(requestType)
      ? 'polls'
      : `${requestType} ${this.letter(of)}${batchIndex ? ` (${batchIndex})` : ''}`;
    // a poll says the same over and over
    if (!this.log.slice(-2).includes(line)) this.log.push(line);
  }
}
