import { randomUUID } from 'node:crypto';
import type { Data } from './fields';
import { INPUT_KINDS } from './tables/inputs';
import type { InputKind } from './tables/inputs';
import type { Playback } from './playback';

export interface Filter {
  name: string;
  kind: string;
  enabled: boolean;
  settings: Data;
}

export interface Input {
  type: 'input';
  name: string;
  uuid: string;
  kind: string;
  about: InputKind;
  settings: Data;
  privateSettings: Data;
  muted: boolean;
  volume: number;
  balance: number;
  syncOffset: number;
  monitorType: string;
  tracks: Record<string, boolean>;
  filters: Filter[];
  /** null for what has no media, and before it is in a production */
  media: Playback | null;
  /** RemoveInput was asked for: OBS keeps the name for a moment */
  removed: boolean;
}

export interface SceneItem {
  id: number;
  source: Input | Scene;
  enabled: boolean;
  locked: boolean;
  blend: string;
  transform: Data;
  privateSettings: Data;
}

export interface Scene {
  type: 'scene';
  /** a group: no scene to most requests, but something with items all the same */
  group: boolean;
  name: string;
  uuid: string;
  items: SceneItem[];
  nextId: number;
  filters: Filter[];
  privateSettings: Data;
  transition: string | null;
  transitionMs: number | null;
}

/** One scene collection. */
export interface Collection {
  name: string;
  /** in the order of OBS's window; clients get them the other way round */
  scenes: Scene[];
  groups: Scene[];
  inputs: Input[];
  program: Scene;
}

export function makeScene(name: string, group = false): Scene {
  return {
    type: 'scene',
    group,
    name,
    uuid: randomUUID(),
    items: [],
    nextId: 1,
    filters: [],
    privateSettings: {},
    transition: null,
    transitionMs: null,
  };
}

export function makeInput(
  name: string,
  kind: string,
  settings: Data = {},
  kinds: ReadonlyMap<string, InputKind> = INPUT_KINDS,
): Input {
  const about = kinds.get(kind);
  if (!about) throw new Error(`no input kind ${kind}`);
  return {
    type: 'input',
    name,
    uuid: randomUUID(),
    kind,
    about,
    settings,
    privateSettings: {},
    muted: false,
    volume: 1,
    balance: 0.5,
    syncOffset: 0,
    monitorType: 'OBS_MONITORING_TYPE_NONE',
    tracks: { 1: true, 2: true, 3: true, 4: true, 5: true, 6: true },
    filters: [],
    media: null,
    removed: false,
  };
}

export function addItem(scene: Scene, source: Input | Scene, enabled = true): SceneItem {
  const item: SceneItem = {
    id: scene.nextId,
    source,
    enabled,
    locked: false,
    blend: 'OBS_BLEND_NORMAL',
    transform: {
      alignment: 5,
      boundsAlignment: 0,
      boundsHeight: 0,
      boundsType: 'OBS_BOUNDS_NONE',
      boundsWidth: 0,
      cropBottom: 0,
      cropLeft: 0,
      cropRight: 0,
      cropTop: 0,
      positionX: 0,
      positionY: 0,
      rotation: 0,
      scaleX: 1,
      scaleY: 1,
    },
    privateSettings: {},
  };
  scene.nextId += 1;
  scene.items.push(item);
  return item;
}

/** The show people rehearse with. */
export function rehearsalCollection(): Collection {
  const scenes = ['Starting soon', 'Live', 'Break', 'Interview', 'Credits'].map((name) => makeScene(name));
  const camera = makeInput('Camera', 'v4l2_input', { device_id: '/dev/video0' });
  const microphone = makeInput('Microphone', 'pulse_input_capture');
  const title = makeInput('Title', 'text_ft2_source_v2', { text: 'Rehearsal' });
  const clip = makeInput('Clip', 'ffmpeg_source', {
    local_file: '/clips/opener.mp4',
    looping: true,
    restart_on_activate: false,
  });
  const [starting, live, pause, interview, credits] = scenes as [Scene, Scene, Scene, Scene, Scene];
  addItem(starting, clip);
  addItem(starting, title);
  for (const scene of [live, interview]) {
    addItem(scene, camera);
    addItem(scene, microphone);
    addItem(scene, title);
  }
  addItem(pause, clip);
  addItem(credits, title);
  return {
    name: 'Rehearsal',
    scenes,
    groups: [],
    inputs: [camera, microphone, title, clip],
    program: starting,
  };
}

/** What OBS makes of a new collection: one empty scene. */
export function blankCollection(name: string): Collection {
  const scene = makeScene('Scene');
  return { name, scenes: [scene], groups: [], inputs: [], program: scene };
}

/** A collection as OBS writes it down and reads it again: the same names, numbers and settings, nothing of what runs. */
export function copyCollection(collection: Collection): Collection {
  const inputs = collection.inputs
    .filter(({ removed }) => !removed)
    .map((input) => [input, { ...input, ...structuredClone(kept(input)), media: null }] as const);
  const copies = new Map<Input | Scene, Input | Scene>(inputs);
  const originals = [...collection.scenes, ...collection.groups];
  const all = originals.map((scene): Scene => {
    const copy = { ...scene, items: [], filters: structuredClone(scene.filters) };
    copies.set(scene, copy);
    return copy;
  });
  originals.forEach((scene, index) => {
    const items = scene.items.flatMap((item): SceneItem[] => {
      const source = copies.get(item.source);
      const { transform, privateSettings } = item;
      return source ? [{ ...item, ...structuredClone({ transform, privateSettings }), source }] : [];
    });
    all[index]?.items.push(...items);
  });
  const [scenes, groups] = [all.filter(({ group }) => !group), all.filter(({ group }) => group)];
  const program = (copies.get(collection.program) ?? scenes[0]) as Scene;
  return { name: collection.name, scenes, groups, inputs: inputs.map(([, copy]) => copy), program };
}

function kept({ settings, privateSettings, tracks, filters }: Input) {
  return { settings, privateSettings, tracks, filters };
}
