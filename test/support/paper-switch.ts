import { fail } from '../../lib/errors';
import type {
  OwnedSource,
  Placed,
  PlaceLook,
  PortChange,
  SourceReading,
  SwapAnswer,
  StandIn,
  SwapPlan,
  SwitchPort,
  UserSource,
} from '../../lib/switching/port';
import type { SourceKind, SourceWish, SwitchWhere } from '../../lib/production/switching';
import type { QuickClock } from './quick-clock';

/** How the source of an address behaves. */
export interface Publisher {
  /** until its first picture, in milliseconds; Infinity: never */
  firstMs: number;
  /** after that many milliseconds it gives no picture any more */
  diesMs?: number;
  /** it says `error` after that */
  errorMs?: number;
}

interface Input {
  name: string;
  kind: SourceKind;
  address: string;
  /** null: a user's own */
  owned: { slot: string; madeAtMs: number } | null;
  startedAtMs: number;
}

interface Item {
  id: number;
  name: string;
  enabled: boolean;
  mark: boolean;
  standsIn?: StandIn | null;
}

interface Saved {
  scenes: [string, Item[]][];
  inputs: [string, Input][];
}

export type Call =
  | 'look'
  | 'everywhere'
  | 'create'
  | 'read'
  | 'place'
  | 'swap'
  | 'mark'
  | 'show'
  | 'remove'
  | 'find'
  | 'ready';

/**
 * What goes wrong with one call: `refuse` before anything is done, `late` after it was done, `hang` for ever, `lose` the connection
 * before it is done, `lose-after`, `half` (of a swap: the new one shown, the old one not hidden).
 */
export type Fault = 'refuse' | 'late' | 'hang' | 'lose' | 'lose-after' | 'half' | 'taken' | 'unavailable';

/** An OBS on paper: scenes, sources that come to life, a connection that can be cut, people who interfere. */
export class PaperObs implements SwitchPort {
  connected = true;
  scenes = new Map<string, Item[]>([['Show', []]]);
  inputs = new Map<string, Input>();
  program = 'Show';
  kinds: Record<SourceKind, boolean> = { gstreamer: false, ffmpeg: true };
  publishers = new Map<string, Publisher>();
  /** every call, in its order */
  readonly log: string[] = [];
  /** asked before each call; what it says goes wrong */
  fault: (call: Call, detail: string) => Fault | null = () => null;
  delayMs: (call: Call) => number = () => 5;
  /** told of each change of what is visible or there, and who did it */
  onStep: (who: 'engine' | 'person' | 'obs', what: string) => void = () => undefined;
  ghosts = false;
  /** what `look` says of others */
  beside: string[] = [];
  /** sources of the user's that have no picture */
  readonly blank = new Set<string>();
  /** nothing can be written to an item, as in an OBS without those requests */
  markless = false;
  private listeners: ((change: PortChange) => void)[] = [];
  private saved: Saved = { scenes: [['Show', []]], inputs: [] };
  private items = 1;
  private names = 0;
  private cuts = 0;
  private waiting: (() => void)[] = [];

  constructor(readonly clock: QuickClock) {}

  // what the tests do with it

  tell(change: PortChange): void {
    for (const listener of this.listeners) listener(change);
  }

  /** OBS writes its scenes to disk; a crash brings the last such state back. */
  save(): void {
    this.saved = structuredClone({ scenes: [...this.scenes], inputs: [...this.inputs] });
  }

  cut(): void {
    if (!this.connected) return;
    this.connected = false;
    this.cuts++;
    this.tell({ change: 'lost' });
  }

  back(): void {
    if (this.connected) return;
    this.connected = true;
    for (const ready of this.waiting.splice(0)) ready();
    this.tell({ change: 'ready' });
  }

  /** It dies and comes back after `ms` with what was saved last. */
  crash(ms = 3000): void {
    this.cut();
    const { scenes, inputs } = structuredClone(this.saved);
    this.scenes = new Map(scenes);
    this.inputs = new Map(inputs);
    this.onStep('obs', 'crash');
    this.clock.after(ms, () => {
      for (const input of this.inputs.values()) input.startedAtMs = this.clock.now();
      this.back();
    });
  }

  person(what: 'hide' | 'show' | 'remove', name: string): void {
    for (const [scene, items] of this.scenes) {
      const item = items.find((one) => one.name === name);
      if (!item) continue;
      if (what === 'remove') {
        this.dropInput(name, 'person');
        return;
      }
      if (item.enabled === (what === 'show')) continue;
      item.enabled = what === 'show';
      this.onStep('person', `${what} ${name}`);
      this.told({ change: 'item-enabled', scene, itemId: item.id, enabled: item.enabled, ours: false });
    }
  }

  /** A source under another name is the user's. */
  renameSource(from: string, to: string): void {
    const input = this.inputs.get(from);
    if (!input) return;
    this.inputs.delete(from);
    this.inputs.set(to, { ...input, name: to, owned: null });
    for (const items of this.scenes.values())
      for (const item of items) if (item.name === from) item.name = to;
    this.told({ change: 'source-removed', source: from });
  }

  renameScene(from: string, to: string): void {
    this.scenes = new Map([...this.scenes].map(([name, items]) => [name === from ? to : name, items]));
    if (this.program === from) this.program = to;
    this.told({ change: 'scene-renamed', from, to });
  }

  removeScene(scene: string): void {
    for (const item of this.scenes.get(scene) ?? []) this.dropInput(item.name, 'person');
    this.scenes.delete(scene);
    this.told({ change: 'scene-removed', scene });
  }

  changeCollection(): void {
    this.scenes = new Map([['Other', []]]);
    this.inputs = new Map();
    this.program = 'Other';
    this.onStep('person', 'collection');
    this.told({ change: 'collection' });
  }

  /** A source of the user's own. */
  addUser(name: string, enabled: boolean, scene = 'Show'): void {
    this.inputs.set(name, { name, kind: 'ffmpeg', address: '', owned: null, startedAtMs: 0 });
    this.itemsOf(scene).push({ id: this.items++, name, enabled, mark: false });
  }

  /** One of ours from an earlier life. */
  addOwned(
    name: string,
    more: { enabled: boolean; mark?: boolean; madeAtMs?: number; slot?: string; kind?: SourceKind },
    scene = 'Show',
  ): void {
    const madeAtMs = more.madeAtMs ?? this.clock.now();
    const owned = { slot: more.slot ?? 'main', madeAtMs };
    this.inputs.set(name, {
      name,
      kind: more.kind ?? 'ffmpeg',
      address: 'rtmp://a',
      owned,
      startedAtMs: this.clock.now(),
    });
    this.itemsOf(scene).push({ id: this.items++, name, enabled: more.enabled, mark: more.mark ?? false });
  }

  owned(scene = 'Show', slot = 'main'): (Item & { input: Input })[] {
    return (this.scenes.get(scene) ?? []).flatMap((item) => {
      const input = this.inputs.get(item.name);
      return input?.owned?.slot === slot ? [{ ...item, input }] : [];
    });
  }

  visible(scene = 'Show', slot = 'main'): string[] {
    return this.owned(scene, slot).flatMap((one) => (one.enabled ? [one.name] : []));
  }

  addressOnAir(scene = 'Show', slot = 'main'): string | null {
    return this.owned(scene, slot).find((one) => one.enabled)?.input.address ?? null;
  }

  hasPicture(name: string): boolean {
    const input = this.inputs.get(name);
    return !!input && this.readingOf(input, true).width > 0;
  }

  /** Whether it gave pictures for some time, even if it does not any more. */
  wasReady(name: string): boolean {
    const input = this.inputs.get(name);
    const firstMs = this.publishers.get(input?.address ?? '')?.firstMs ?? 1000;
    return !!input && this.clock.now() - input.startedAtMs >= firstMs + 300;
  }

  // the port

  onChange(listener: (change: PortChange) => void): () => void {
    this.listeners.push(listener);
    return () => void (this.listeners = this.listeners.filter((one) => one !== listener));
  }

  async whenReady(waitMs: number): Promise<void> {
    this.log.push('ready');
    if (this.connected) return;
    const over = new AbortController();
    const ready = new Promise<void>((resolve) => this.waiting.push(resolve));
    await Promise.race([ready, this.clock.pause(waitMs, over.signal)]);
    over.abort();
    if (!this.connected) throw fail('OBS_NOT_CONNECTED', { where: 'paper', state: 'waiting' });
  }

  look(where: SwitchWhere): Promise<PlaceLook> {
    return this.call('look', where.slot, () => {
      const scene = where.scene ?? this.program;
      return {
        scene,
        fps: 30,
        kinds: this.kinds,
        owned: this.ownedSources(scene, where.slot),
        beside: this.beside,
      };
    });
  }

  ownedEverywhere(): Promise<(OwnedSource & { scene: string | null; slot: string })[]> {
    return this.call('everywhere', '', () => {
      const slots = new Set([...this.inputs.values()].flatMap((one) => (one.owned ? [one.owned.slot] : [])));
      return [...this.scenes.keys()].flatMap((scene) =>
        [...slots].flatMap((slot) => this.ownedSources(scene, slot).map((one) => ({ ...one, scene, slot }))),
      );
    });
  }

  nameFor({ slot }: { slot: string }): string {
    return `live_${slot}_${++this.names}`;
  }

  fingerprint(source: SourceWish): string {
    return `${source.kind} ${source.address}`;
  }

  create(wish: {
    scene: string;
    slot: string;
    name: string;
    kind: SourceKind;
    source: SourceWish;
  }): Promise<Placed> {
    return this.call('create', wish.name, () => {
      const items = this.itemsOf(wish.scene);
      if (this.inputs.has(wish.name)) throw fail('SOURCE_NAME_TAKEN', { name: wish.name });
      const owned = { slot: wish.slot, madeAtMs: this.clock.now() };
      const { address } = wish.source;
      this.inputs.set(wish.name, {
        name: wish.name,
        kind: wish.kind,
        address,
        owned,
        startedAtMs: this.clock.now(),
      });
      const item = { id: this.items++, name: wish.name, enabled: false, mark: false };
      items.push(item);
      this.onStep('engine', `create ${wish.name}`);
      return { name: wish.name, itemId: item.id };
    });
  }

  read(scene: string, sources: readonly Placed[]): Promise<SourceReading[] | null> {
    return this.call('read', sources.map((one) => one.name).join(' '), () => {
      const items = this.itemsOf(scene);
      return sources.map(({ name, itemId }) => {
        const input = this.inputs.get(name);
        const item = items.find((one) => one.id === itemId);
        const enabled = item?.enabled ?? null;
        if (!input) return { state: 'missing', cursorMs: null, width: 0, height: 0, enabled };
        return { ...this.readingOf(input, false), enabled };
      });
    });
  }

  place(scene: string, fresh: Placed, _place: unknown, old: Placed | null): Promise<string[]> {
    return this.call('place', `${fresh.name} under ${old?.name}`, () => {
      const items = this.itemsOf(scene);
      const item = this.itemOf(items, fresh);
      items.splice(items.indexOf(item), 1);
      const at = items.findIndex((one) => one.id === old?.itemId);
      items.splice(at < 0 ? items.length : at, 0, item);
      return [];
    });
  }

  async swap(plan: SwapPlan): Promise<SwapAnswer> {
    const half = { now: false };
    return await this.call(
      'swap',
      `${plan.fresh.name} for ${plan.old?.name}`,
      async () => {
        const fresh = this.itemOf(this.itemsOf(plan.scene), plan.fresh);
        this.enable(fresh, true);
        await this.clock.pause((plan.framesUnder / plan.fps) * 1000);
        if (half.now) return { complete: false, oldGone: false, reason: 'only 3 of 4 steps' };
        if (!plan.old) return { complete: true, oldGone: false, reason: null };
        const old = (this.scenes.get(plan.scene) ?? []).find((one) => one.id === plan.old?.itemId);
        if (!old) return { complete: false, oldGone: true, reason: 'there is no such item' };
        this.enable(old, false);
        return { complete: true, oldGone: false, reason: null };
      },
      half,
    );
  }

  mark(scene: string, source: Placed, live: boolean): Promise<void> {
    return this.call('mark', source.name, () => {
      this.itemOf(this.itemsOf(scene), source).mark = live;
    });
  }

  show(scene: string, source: Placed, on: boolean): Promise<void> {
    return this.call('show', `${source.name} ${on}`, () =>
      this.enable(this.itemOf(this.itemsOf(scene), source), on),
    );
  }

  remove(name: string): Promise<'removed' | 'gone' | 'ghost'> {
    return this.call('remove', name, () => {
      if (!this.inputs.get(name)?.owned) return 'gone';
      this.dropInput(name, 'engine');
      return this.ghosts ? 'ghost' : 'removed';
    });
  }

  heal(names: readonly string[]): Promise<void> {
    return this.call('mark', `heal ${names.join(' ')}`, () => undefined);
  }

  find(scene: string, name: string): Promise<UserSource | null> {
    return this.call('find', name, () => {
      const item = this.itemsOf(scene).find((one) => one.name === name);
      if (!item) return null;
      const size = this.blank.has(name) ? 0 : 640;
      const { id, enabled, standsIn = null } = item;
      return { name, itemId: id, enabled, width: size, height: size, standsIn };
    });
  }

  standIn(scene: string, source: Placed, how: StandIn | null): Promise<void> {
    return this.call('mark', `${source.name} ${how}`, () => {
      if (!this.markless) this.itemOf(this.itemsOf(scene), source).standsIn = how;
    });
  }

  private async call<T>(
    call: Call,
    detail: string,
    work: () => T | Promise<T>,
    half: { now: boolean } = { now: false },
  ): Promise<T> {
    this.log.push(`${call} ${detail}`.trim());
    const life = this.cuts;
    const gone = () => fail('OBS_DISCONNECTED', { where: 'paper', action: call });
    const fault = this.fault(call, detail);
    if (!this.connected) throw fail('OBS_NOT_CONNECTED', { where: 'paper', state: 'waiting' });
    if (fault === 'refuse') throw fail('OBS_REJECTED', { action: call, reason: 'no' });
    if (fault === 'taken') throw fail('SOURCE_NAME_TAKEN', { name: detail });
    if (fault === 'unavailable') throw fail('SOURCE_KIND_UNAVAILABLE', { kind: 'gstreamer' });
    if (fault === 'hang') return await new Promise<never>(() => undefined);
    if (fault === 'lose') this.cut();
    half.now = fault === 'half';
    await this.clock.pause(this.delayMs(call));
    if (life !== this.cuts) throw gone();
    const value = await work();
    if (fault === 'lose-after') this.cut();
    if (life !== this.cuts) throw gone();
    if (fault === 'late') throw fail('OBS_TIMEOUT', { where: 'paper', action: call, seconds: 5 });
    return value;
  }

  private readingOf(input: Input, quiet: boolean): SourceReading {
    const publisher = this.publishers.get(input.address) ?? { firstMs: 1000 };
    const ranMs = this.clock.now() - input.startedAtMs;
    const aliveMs = ranMs - publisher.firstMs;
    const enabled = null;
    if (!quiet && publisher.errorMs !== undefined && ranMs >= publisher.errorMs)
      return { state: 'error', cursorMs: null, width: 0, height: 0, enabled };
    // as ffmpeg_source does: it says that it plays, whatever it does
    if (aliveMs < 0) return { state: 'playing', cursorMs: 0, width: 0, height: 0, enabled };
    const cursorMs = Math.min(aliveMs, publisher.diesMs ?? Infinity);
    return { state: 'playing', cursorMs, width: 1280, height: 720, enabled };
  }

  private ownedSources(scene: string, slot: string): OwnedSource[] {
    this.itemsOf(scene);
    return this.owned(scene, slot).map(({ name, id, enabled, mark, input }) => ({
      name,
      itemId: id,
      kind: input.kind,
      madeAtMs: input.owned?.madeAtMs ?? 0,
      enabled,
      wasLive: mark,
      fingerprint: `auto ${input.address}`,
    }));
  }

  private itemsOf(scene: string): Item[] {
    const items = this.scenes.get(scene);
    if (!items) throw fail('SCENE_UNKNOWN', { application: 'paper', what: 'scene', scene, known: '' });
    return items;
  }

  private itemOf(items: Item[], source: Placed): Item {
    const item = items.find((one) => one.id === source.itemId && one.name === source.name);
    if (!item) throw fail('OBS_REJECTED', { action: 'an item', reason: 'there is no such item' });
    return item;
  }

  private enable(item: Item, on: boolean): void {
    item.enabled = on;
    this.onStep('engine', `${on ? 'show' : 'hide'} ${item.name}`);
  }

  private dropInput(name: string, who: 'engine' | 'person'): void {
    this.inputs.delete(name);
    for (const [scene, items] of this.scenes)
      this.scenes.set(
        scene,
        items.filter((one) => one.name !== name),
      );
    this.onStep(who, `remove ${name}`);
    this.told({ change: 'source-removed', source: name });
  }

  private told(change: PortChange): void {
    if (this.connected) this.tell(change);
  }
}
