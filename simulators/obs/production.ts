import type { Clock } from './clock';
import type { Faults } from './faults';
import { Refusal } from './fields';
import type { Data } from './fields';
import type { Canvas } from './geometry';
import { OnAir, inputsOf } from './on-air';
import type { SimulatedPublishers } from './publishers';
import { SavedScenes } from './saved-scenes';
import type { RestoredScenes } from './saved-scenes';
import { addItem, blankCollection, makeScene, rehearsalCollection } from './sources';
import type { Collection, Input, Scene, SceneItem } from './sources';
import { Status } from './tables/codes';
import { Transitions } from './transitions';

export interface ProductionOptions {
  clock: Clock;
  /** scenes, inputs and transitions have uuids */
  uuids: boolean;
  emit: (type: string, data: Data) => void;
  faults: Faults;
  publishers: SimulatedPublishers;
  random: () => number;
  canvas: () => Canvas;
}

/** Scenes, inputs and collections, and the events that changing them causes. */
export class Production {
  readonly collections = new Map<string, Collection>();
  current: Collection;
  readonly transitions: Transitions;
  readonly clock: Clock;
  readonly uuids: boolean;
  readonly emit: (type: string, data: Data) => void;
  readonly saved: SavedScenes;
  /** told at each change of scene items, at once */
  readonly itemListeners = new Set<() => void>();
  private readonly air: OnAir;

  constructor(private readonly options: ProductionOptions) {
    this.clock = options.clock;
    this.uuids = options.uuids;
    this.emit = options.emit;
    this.current = rehearsalCollection();
    this.collections.set(this.current.name, this.current);
    this.transitions = new Transitions(this);
    this.saved = new SavedScenes(this.clock, () => this.current);
    this.air = new OnAir(this, options);
    this.wake();
    this.saved.write();
  }

  get scenes(): Scene[] {
    return this.current.scenes;
  }

  get groups(): Scene[] {
    return this.current.groups;
  }

  get inputs(): Input[] {
    return this.current.inputs;
  }

  /** A name field with its uuid beside it, where this OBS has uuids. */
  named(field: string, source: { name: string; uuid: string }): Data {
    const data: Data = { [`${field}Name`]: source.name };
    if (this.uuids) data[`${field}Uuid`] = source.uuid;
    return data;
  }

  source(name: string): Input | Scene | undefined {
    const named = (source: { name: string }) => source.name === name;
    return this.scenes.find(named) ?? this.groups.find(named) ?? this.inputs.find(named);
  }

  sourceByUuid(uuid: string): Input | Scene | undefined {
    const known = (source: { uuid: string }) => source.uuid === uuid;
    return this.scenes.find(known) ?? this.groups.find(known) ?? this.inputs.find(known);
  }

  /** Inputs that are on air: shown by the program's scene, directly or by a scene within it. */
  onAir(): Set<Input> {
    return inputsOf(this.current.program);
  }

  /** Scenes as clients get them: the last of OBS's window first. */
  sceneList(): Data[] {
    return [...this.scenes]
      .reverse()
      .map((scene, sceneIndex) => ({ sceneIndex, ...this.named('scene', scene) }));
  }

  hasPicture(): boolean {
    return this.current.program.items.length > 0;
  }

  addScene(scene: Scene): void {
    this.scenes.push(scene);
    this.saved.plan();
    this.emit('SceneListChanged', { scenes: this.sceneList() });
    this.emit('SceneCreated', { isGroup: false, ...this.named('scene', scene) });
  }

  removeScene(scene: Scene): void {
    if (this.scenes.length < 2) {
      throw new Refusal(Status.NotEnoughResources, 'You cannot remove the last scene in the collection.');
    }
    const index = this.scenes.indexOf(scene);
    this.scenes.splice(index, 1);
    this.emit('SceneRemoved', { isGroup: false, ...this.named('scene', scene) });
    this.emit('SceneListChanged', { scenes: this.sceneList() });
    for (const other of this.scenes) this.dropItems(other, scene);
    const next = this.scenes[Math.min(index, this.scenes.length - 1)];
    if (this.current.program === scene && next) this.transitions.toProgram(next);
    if (this.transitions.preview === scene && next) this.transitions.setPreview(next);
    this.dropUnused(scene);
    this.saved.plan();
    this.touched();
  }

  addInput(scene: Scene, input: Input, enabled: boolean): SceneItem {
    this.inputs.push(input);
    this.emit('InputCreated', this.inputCreated(input));
    this.air.begin(input);
    return this.place(scene, input, enabled);
  }

  place(scene: Scene, source: Input | Scene, enabled: boolean): SceneItem {
    const item = addItem(scene, source, enabled);
    this.emit('SceneItemCreated', this.itemEvent(scene, item, { sceneItemIndex: scene.items.indexOf(item) }));
    if (!enabled) {
      this.emit('SceneItemEnableStateChanged', {
        sceneItemEnabled: false,
        sceneItemId: item.id,
        ...this.named('scene', scene),
      });
    }
    this.emit('SceneItemSelected', { sceneItemId: item.id, ...this.named('scene', scene) });
    if (!enabled && source.type === 'input' && this.air.rendered().has(scene)) this.air.blip(source);
    this.saved.plan();
    this.touched();
    this.tellActive();
    return item;
  }

  removeItem(scene: Scene, item: SceneItem): void {
    scene.items = scene.items.filter((other) => other !== item);
    this.emit('SceneItemRemoved', this.itemEvent(scene, item, {}));
    const { source } = item;
    if (source.type === 'input' && !this.isUsed(source)) this.removeInput(source);
    this.touched();
    this.tellActive();
  }

  /**
   * As OBS does it: the event at once, its items with the next frame, and the input itself, with its name, only when it is destroyed
   * (measured: 51 to 78 ms).
   */
  removeInput(input: Input): void {
    if (input.removed) return;
    input.removed = true;
    this.emit('InputRemoved', this.named('input', input));
    const { random, faults } = this.options;
    this.clock.after(random() * 33, () => {
      for (const scene of [...this.scenes, ...this.groups]) this.dropItems(scene, input);
    });
    const ghostMs = faults.ghostMs(input.name);
    if (ghostMs !== Infinity) this.clock.after(51 + random() * 27 + ghostMs, () => this.destroy(input));
  }

  /** Put inputs of a scene into a new group of it, which only a person at OBS can do. */
  group(scene: Scene, name: string, inputs: readonly Input[]): void {
    const group = makeScene(name, true);
    for (const input of inputs) {
      addItem(group, input, scene.items.find(({ source }) => source === input)?.enabled);
      scene.items = scene.items.filter(({ source }) => source !== input);
    }
    this.groups.push(group);
    this.emit('SceneCreated', { isGroup: true, ...this.named('scene', group) });
    this.place(scene, group, true);
  }

  /** Tell which inputs came on air or into the preview, and which left. */
  tellActive(): void {
    this.air.tell();
  }

  /** Scene items changed: whoever watches them looks now. */
  touched(): void {
    for (const listener of this.itemListeners) listener();
  }

  /** As after the end of the program: nothing plays any more. */
  end(): void {
    this.transitions.end();
    this.saved.drop();
    for (const input of this.inputs) input.media?.end();
  }

  /** As at the next start: scenes as they were written down, everything that plays from its beginning. */
  restore(which: RestoredScenes): void {
    this.end();
    const next = this.saved.read(which);
    this.collections.set(next.name, next);
    const preview = this.transitions.preview?.name;
    this.current = next;
    if (preview !== undefined)
      this.transitions.preview = this.scenes.find(({ name }) => name === preview) ?? next.program;
    this.wake();
    this.touched();
  }

  useCollection(name: string): void {
    const next = this.collections.get(name);
    if (!next) throw new Refusal(Status.NotFound);
    if (next !== this.current) this.switchTo(next, false);
  }

  createCollection(name: string): void {
    const next = blankCollection(name);
    this.collections.set(name, next);
    this.switchTo(next, true);
  }

  get collectionNames(): string[] {
    return [...this.collections.keys()].sort();
  }

  inputCreated(input: Input): Data {
    return {
      defaultInputSettings: input.about.defaults,
      inputKind: input.kind,
      ...this.named('input', input),
      inputSettings: input.settings,
      unversionedInputKind: input.about.unversioned,
    };
  }

  private switchTo(next: Collection, isNew: boolean): void {
    this.emit('CurrentSceneCollectionChanging', { sceneCollectionName: this.current.name });
    for (const scene of this.scenes)
      this.emit('SceneRemoved', { isGroup: false, ...this.named('scene', scene) });
    for (const input of this.inputs) {
      this.emit('InputRemoved', this.named('input', input));
      input.media?.end();
    }
    this.current = next;
    this.transitions.preview = null;
    this.wake();
    this.saved.write();
    this.touched();
    for (const scene of this.scenes)
      this.emit('SceneCreated', { isGroup: false, ...this.named('scene', scene) });
    for (const input of this.inputs) {
      const named = this.named('input', input);
      this.emit('InputCreated', this.inputCreated(input));
      this.emit('InputVolumeChanged', {
        ...named,
        inputVolumeDb: toDb(input.volume),
        inputVolumeMul: input.volume,
      });
      this.emit('InputAudioBalanceChanged', { ...named, inputAudioBalance: input.balance });
      this.emit('InputAudioSyncOffsetChanged', { ...named, inputAudioSyncOffset: input.syncOffset });
      this.emit('InputMuteStateChanged', { ...named, inputMuted: input.muted });
    }
    for (const scene of this.scenes) {
      scene.items.forEach((item, sceneItemIndex) =>
        this.emit('SceneItemCreated', this.itemEvent(scene, item, { sceneItemIndex })),
      );
    }
    if (isNew) this.emit('SceneCollectionListChanged', { sceneCollections: this.collectionNames });
    else this.emit('CurrentProgramSceneChanged', this.named('scene', next.program));
    this.emit('CurrentSceneCollectionChanged', { sceneCollectionName: next.name });
  }

  private itemEvent(scene: Scene, item: SceneItem, more: Data): Data {
    return {
      sceneItemId: item.id,
      ...more,
      ...this.named('scene', scene),
      ...this.named('source', item.source),
    };
  }

  /** Everything begins to play, as at a start: nobody is there yet to be told. */
  private wake(): void {
    for (const input of this.inputs) input.removed = false;
    this.air.wake();
  }

  private dropItems(scene: Scene, source: Input | Scene): void {
    for (const item of scene.items.filter((other) => other.source === source)) {
      scene.items = scene.items.filter((other) => other !== item);
      this.emit('SceneItemRemoved', this.itemEvent(scene, item, {}));
      this.touched();
    }
    this.tellActive();
  }

  private isUsed(input: Input): boolean {
    return [...this.scenes, ...this.groups].some(({ items }) => items.some(({ source }) => source === input));
  }

  private dropUnused(scene: Scene): void {
    for (const { source } of scene.items) {
      if (source.type === 'input' && !this.isUsed(source)) this.removeInput(source);
    }
  }

  private destroy(input: Input): void {
    const index = this.inputs.indexOf(input);
    if (index >= 0) this.inputs.splice(index, 1);
    input.media?.end();
  }
}

/** A volume multiplier in dB, as OBS rounds it: silence is -100. */
export function toDb(multiplier: number): number {
  return multiplier <= 0 ? -100 : Math.max(-100, Math.fround(20 * Math.fround(Math.log10(multiplier))));
}
