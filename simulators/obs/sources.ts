import { randomUUID } from 'node:crypto';
import type { Data } from './fields';
import { INPUT_KINDS } from './tables/inputs';
import type { InputKind } from './tables/inputs';

export interface Filter {
  name: string;
  kind: string;
  enabled: boolean;
  settings: Data;
}

export type MediaState = 'NONE' | 'PLAYING' | 'PAUSED' | 'STOPPED' | 'ENDED';

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
  media: { state: MediaState; cursor: number; since: number; durationMs: number };
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

export function makeInput(name: string, kind: string, settings: Data = {}): Input {
  const about = INPUT_KINDS.get(kind);
  if (!about) throw new Error(`no input kind ${kind}`);
  const file = settings.local_file ?? settings.input;
  const playing = about.media && typeof file === 'string' && file !== '';
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
    media: {
      state: playing ? 'PLAYING' : 'NONE',
      cursor: 0,
      since: performance.now(),
      durationMs: durationOf(settings),
    },
  };
}

/** A clip lasts a minute; what ffmpeg makes itself lasts for ever, unless it says how long. */
function durationOf({ input, input_format: format }: Data): number {
  if (format !== 'lavfi') return 60_000;
  const seconds = /[=:]d(?:uration)?=(\d+)/.exec(String(input))?.[1];
  return seconds === undefined ? Infinity : Number(seconds) * 1000;
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
  const clip = makeInput('Clip', 'ffmpeg_source', { local_file: '/clips/opener.mp4', looping: true });
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
