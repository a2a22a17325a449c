import { pause } from '../connection/deadline';
import { now } from '../connection/clock';
import { asLiveError, fail } from '../errors';
import type { Release } from '../production/application';
import type { SourceKind, SourcePlace, SourceWish, SwitchWhere } from '../production/switching';
import { hold } from '../secrets';
import type {
  OwnedSource,
  Placed,
  PlaceLook,
  PortChange,
  SourceReading,
  StandIn,
  SwapAnswer,
  SwapPlan,
  SwitchPort,
  UserSource,
} from '../switching/port';
import type { ObsClient } from './client';
import { refusedWith, statusOf, type BatchRequest } from './session';
import { Status } from './status-codes';
import { ItemChanges } from './switch-changes';
import { isGone, sceneUnknown } from './switch-ask';
import { ObsSwitchLook } from './switch-look';
import { markSettings, sourceName, standInSettings, tagSettings } from './switch-owner';
import { placeLike } from './switch-place';
import { removeOwned } from './switch-remove';
import { fingerprintOf, madeOf, OBS_KIND, secretsOf, settingsOf, unknownKeys } from './switch-settings';
import { ObsSwaps } from './switch-swap';
import { number } from './values';

/** Between two creations or removals of one connection, in milliseconds. Source: reference of the switching; OBS destroys on one thread. */
const GAP_MS = 250;
const REMOVE_MS = 2000;
/** Sources that vanished with a run of OBS are never removed by anybody; their secrets must not be kept for ever. */
const MOST_SECRETS = 100;
/** With these nothing was made. */
const REFUSALS: readonly string[] = [
  'SOURCE_NAME_TAKEN',
  'SOURCE_KIND_UNAVAILABLE',
  'SCENE_UNKNOWN',
  'OBS_NOT_CONNECTED',
];
/** What people call the kinds. */
const KIND_NAME: Record<SourceKind, string> = { gstreamer: 'gstreamer', ffmpeg: 'media' };

export interface SwitchPortOptions {
  client: ObsClient;
  /** of the connection; what carries another one's mark is not ours */
  id: string;
  /** null: not known */
  studioMode: () => boolean | null;
  warn: (text: string) => void;
  complain: (error: unknown) => void;
  /** from 0 to 1, for names */
  chance?: () => number;
}

/** What a switch asks of an OBS. */
export class ObsSwitchPort implements SwitchPort {
  private readonly client: ObsClient;
  private readonly changes: ItemChanges;
  private readonly looks: ObsSwitchLook;
  private readonly swaps: ObsSwaps;
  private readonly stopHearing: Release;
  private readonly checked = new Set<SourceKind>();
  /** the last creation or removal, and the pause after it */
  private structural: Promise<unknown> = Promise.resolve();
  /** the live item of a place, by its scene */
  private readonly marked = new Map<string, Placed>();
  /** by the source's name: lets go what is secret of its address */
  private readonly secrets = new Map<string, Release>();

  constructor(private readonly options: SwitchPortOptions) {
    const { client, id, studioMode, complain } = options;
    this.client = client;
    this.changes = new ItemChanges(client, complain);
    this.looks = new ObsSwitchLook(client, id);
    this.swaps = new ObsSwaps({ client, changes: this.changes, studioMode });
    this.stopHearing = client.onStatus(({ state }) => {
      // another run of OBS may have other plugins
      if (state !== 'ready') this.looks.forget();
    });
  }

  get connected(): boolean {
    return this.client.status.state === 'ready';
  }

  onChange(listener: (change: PortChange) => void): Release {
    return this.changes.add(listener);
  }

  whenReady(waitMs: number): Promise<void> {
    return this.client.whenReady(waitMs);
  }

  look(where: SwitchWhere): Promise<PlaceLook> {
    return this.looks.look(where);
  }

  ownedEverywhere(): Promise<(OwnedSource & { scene: string | null; slot: string })[]> {
    return this.looks.everywhere();
  }

  nameFor({ slot }: { slot: string }): string {
    return sourceName(slot, now(), (this.options.chance ?? Math.random)());
  }

  fingerprint(source: SourceWish): string {
    return fingerprintOf(source);
  }

  async create(wish: {
    scene: string;
    slot: string;
    name: string;
    kind: SourceKind;
    source: SourceWish;
  }): Promise<Placed> {
    const { name, kind, source } = wish;
    const plays = settingsOf(kind, source);
    this.keepSecret(name, source);
    try {
      return await this.createHeld(wish, plays);
    } catch (error) {
      // OBS said no, or was never asked: nothing plays the address. Where its answer is missing, something may
      const { code } = asLiveError(error);
      if (statusOf(error) !== null || REFUSALS.includes(code)) this.letGo(name);
      throw error;
    }
  }

  private async createHeld(
    { scene, slot, name, kind, source }: Parameters<SwitchPort['create']>[0],
    plays: Record<string, unknown>,
  ): Promise<Placed> {
    if (!(await this.looks.whichKinds())[kind])
      throw fail('SOURCE_KIND_UNAVAILABLE', { kind: KIND_NAME[kind] });
    await this.check(kind, plays);
    const tag = {
      owner: this.options.id,
      ...{ slot, name, fingerprint: fingerprintOf(source), made: madeOf(kind, plays) },
    };
    const request = {
      sceneName: scene,
      inputName: name,
      inputKind: OBS_KIND[kind],
      inputSettings: { ...plays, ...tagSettings(tag) },
      sceneItemEnabled: false,
    };
    const itemId = await this.oneByOne(() =>
      this.changes.whileMaking(scene, async () => {
        const answer = await this.client.call('CreateInput', request);
        return number(answer.sceneItemId) ?? (await this.itemOf(scene, name));
      }),
    ).catch(async (error: unknown) => {
      if (refusedWith(error, Status.ResourceAlreadyExists)) throw fail('SOURCE_NAME_TAKEN', { name }, error);
      if (refusedWith(error, Status.InvalidInputKind))
        throw fail('SOURCE_KIND_UNAVAILABLE', { kind: KIND_NAME[kind] }, error);
      const noScene = [Status.ResourceNotFound, Status.InvalidResourceType] as (number | null)[];
      throw noScene.includes(statusOf(error)) ? await sceneUnknown(this.client, scene) : error;
    });
    return { name, itemId };
  }

  read(scene: string, sources: readonly Placed[]): Promise<SourceReading[] | null> {
    return this.looks.read(scene, sources);
  }

  place(scene: string, fresh: Placed, place: SourcePlace, old: Placed | null): Promise<string[]> {
    return placeLike(this.client, scene, fresh, place, old);
  }

  swap(plan: SwapPlan): Promise<SwapAnswer> {
    return this.swaps.swap(plan);
  }

  async mark(scene: string, source: Placed, live: boolean): Promise<void> {
    if (live) await this.swaps.heal(source.name);
    await this.note(scene, source, markSettings(source.name, live));
    if (!live) return;
    this.marked.set(scene, source);
    await this.save(scene);
  }

  heal(names: readonly string[]): Promise<void> {
    return this.swaps.healAll(names);
  }

  standIn(scene: string, source: Placed, how: StandIn | null): Promise<void> {
    return this.note(scene, source, standInSettings(how));
  }

  show(scene: string, source: Placed, on: boolean): Promise<void> {
    return this.swaps.show(scene, source, on);
  }

  find(scene: string, name: string): Promise<UserSource | null> {
    return this.looks.find(scene, name);
  }

  async remove(name: string, ms = REMOVE_MS, scene?: string): Promise<'removed' | 'gone' | 'ghost'> {
    const from = { owner: this.options.id, name, scene: scene ?? null };
    const how = await this.oneByOne(() => removeOwned(this.client, from, ms));
    if (how !== 'gone') for (const scene of this.marked.keys()) await this.save(scene);
    // its address goes on being played elsewhere
    if (how === 'left') return 'removed';
    this.letGo(name);
    return how;
  }

  private letGo(name: string): void {
    this.secrets.get(name)?.();
    this.secrets.delete(name);
  }

  /** Ends with the connection. */
  close(): void {
    this.stopHearing();
    for (const release of this.secrets.values()) release();
    this.secrets.clear();
  }

  /** Nothing of an address shows in any text of the package until its source is removed: its place remembers it, to restore it. */
  private keepSecret(name: string, source: SourceWish): void {
    const releases = secretsOf(source).map((secret) => hold(secret));
    this.secrets.set(name, () => {
      for (const release of releases) release();
    });
    const [oldest] = this.secrets.keys();
    if (this.secrets.size <= MOST_SECRETS || oldest === undefined) return;
    this.secrets.get(oldest)?.();
    this.secrets.delete(oldest);
  }

  private async itemOf(scene: string, name: string): Promise<number> {
    const found = await this.client.call('GetSceneItemId', { sceneName: scene, sourceName: name });
    return number(found.sceneItemId) ?? -1;
  }

  /** Nothing else restarts a network source: not its settings, which restart it (measured), but its item's own say it. */
  private async note(scene: string, source: Placed, settings: Record<string, unknown>): Promise<void> {
    if (!this.client.supports('SetSceneItemPrivateSettings')) return;
    await this.client.call('SetSceneItemPrivateSettings', {
      sceneName: scene,
      sceneItemId: source.itemId,
      sceneItemSettings: settings,
    });
  }

  /**
   * Let OBS save its scenes: after a change of what is visible, of private settings and after a removal it does not, and a crash would bring
   * the state before it back (measured on OBS 29). Setting the live item's index to what it is makes OBS save where its window shows
   * that scene. Nothing is lost where it does not.
   */
  private async save(scene: string): Promise<void> {
    const item = this.marked.get(scene);
    if (!item) return;
    const of = { sceneName: scene, sceneItemId: item.itemId };
    const requests: BatchRequest[] = [
      {
        requestType: 'GetSceneItemIndex',
        requestData: of,
        outputVariables: { index: 'sceneItemIndex' },
      },
      { requestType: 'SetSceneItemIndex', requestData: of, inputVariables: { sceneItemIndex: 'index' } },
    ];
    const [read] = await this.client.batch(requests, { haltOnFailure: true });
    if (isGone(read)) this.marked.delete(scene);
  }

  /** A key that this OBS does not know is taken and kept without a word, so it is looked for, once for each kind. */
  private async check(kind: SourceKind, settings: Record<string, unknown>): Promise<void> {
    if (this.checked.has(kind)) return;
    this.checked.add(kind);
    try {
      const unknown = unknownKeys(kind, settings, await this.looks.defaults(kind));
      if (unknown.length > 0)
        this.options.warn(
          `this OBS does not know the settings ${unknown.join(', ')} of its ${KIND_NAME[kind]} source`,
        );
    } catch (error) {
      this.options.warn(`the settings of a source could not be checked: ${asLiveError(error).message}`);
    }
  }

  /** Creations and removals one after the other, with the pause that OBS needs between them. */
  private oneByOne<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.structural.then(work);
    const settled = turn.then(
      () => undefined,
      () => undefined,
    );
    this.structural = settled.then(() => pause(GAP_MS));
    return turn;
  }
}
