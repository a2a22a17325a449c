/** What a state document of vMix says, as data. What a version does not show is null, never a default. */

export interface VmixVersion {
  /** as written, e.g. `29.0.0.49` */
  text: string;
  /** major, minor, build and revision; missing ones are 0 */
  parts: readonly [number, number, number, number];
  major: number;
}

export interface VmixVolume {
  /** as vMix shows it, 0 to 100 */
  amplitude: number;
  /** the same as the position of the fader, in per cent */
  fader: number;
}

/** Linear, 1 is full scale. */
export interface VmixMeters {
  left: number;
  right: number;
}

export interface VmixField {
  index: number | null;
  name: string;
  value: string;
}

export interface VmixCall {
  connected: boolean | null;
  /** opens the call to anyone who has it: the caller keeps it secret */
  password: string | null;
  videoSource: string | null;
  audioSource: string | null;
}

export interface VmixInput {
  /** stays when inputs are moved; `#3` where a document has none */
  key: string;
  /** from 1, moves with the inputs */
  number: number;
  /** an open set: Capture, Video, GT, Colour, VideoCall, Placeholder … */
  type: string;
  title: string;
  shortTitle: string | null;
  /** Running, Paused, Completed, or something newer */
  state: string | null;
  /** null for types that count pages there */
  positionMs: number | null;
  durationMs: number | null;
  /** where it stands among its pages; only types that count pages there (Photos, PowerPoint) */
  page: { index: number; count: number } | null;
  loop: boolean | null;
  /** null: it has no sound */
  muted: boolean | null;
  volume: VmixVolume | null;
  balance: number | null;
  solo: boolean | null;
  /** `M` and `A` to `G`; null: it has no sound */
  buses: readonly string[] | null;
  meters: VmixMeters | null;
  /** as vMix counts: from 1 in a list, from 0 in photos */
  selectedIndex: number | null;
  texts: readonly VmixField[];
  images: readonly VmixField[];
  /** the entries of a list: paths on the vMix machine */
  list: readonly { path: string; selected: boolean }[];
  /** other inputs that it is made of, by key */
  layers: readonly { index: number | null; key: string }[];
  call: VmixCall | null;
  /** attributes that have no place of their own here, as written */
  extra: Readonly<Record<string, string>>;
}

export interface VmixOutput {
  /** `output` (1 to 4) or `fullscreen` (1 to 2), lower case; both count from 1 */
  type: string;
  number: number;
  /** Output, Preview, MultiView, Replay, Mix, Input … */
  source: string | null;
  /** where the source is an input */
  inputNumber: number | null;
  /** where the source is a mix: 0 is the main one */
  mix: number | null;
  external: boolean;
  ndi: boolean;
  /** null where this version cannot show it (before vMix 28) */
  srt: boolean | null;
  omt: boolean;
}

export interface VmixOverlay {
  number: number;
  /** null: nothing is in it */
  inputNumber: number | null;
  /** in preview only, not on air */
  preview: boolean;
}

export interface VmixTransition {
  number: number;
  effect: string;
  durationMs: number | null;
}

export interface VmixRecording {
  on: boolean | null;
  /** whole seconds; only while it records */
  durationS: number | null;
  /** on the vMix machine; they stay after a stop */
  files: readonly string[];
}

export interface VmixStreaming {
  on: boolean | null;
  /** 1 to `channelCount`; null where the document says that something streams and not which channel */
  channels: Readonly<Record<number, boolean | null>>;
  /** 3 before vMix 28, 5 since */
  channelCount: number;
}

export interface VmixMix {
  /** from 2 */
  number: number;
  /** 0: nothing */
  preview: number | null;
  active: number | null;
}

export interface VmixBus {
  volume: VmixVolume | null;
  muted: boolean | null;
  meters: VmixMeters | null;
  solo: boolean | null;
  sendToMaster: boolean | null;
}

export interface VmixAudio {
  master: (VmixBus & { headphones: VmixVolume | null }) | null;
  /** `A` to `G`, those the document has */
  buses: Readonly<Record<string, VmixBus>>;
}

export interface VmixState {
  version: VmixVersion;
  edition: string | null;
  /** path on the vMix machine; null while none is loaded */
  preset: string | null;
  /** in the order of the document */
  inputs: readonly VmixInput[];
  /** null before vMix 28, which lists none */
  outputs: readonly VmixOutput[] | null;
  overlays: readonly VmixOverlay[];
  /** numbers of inputs; 0: nothing */
  preview: number | null;
  active: number | null;
  fadeToBlack: boolean | null;
  transitions: readonly VmixTransition[];
  recording: VmixRecording;
  external: boolean | null;
  streaming: VmixStreaming;
  playList: boolean | null;
  multiCorder: boolean | null;
  fullscreen: boolean | null;
  mixes: readonly VmixMix[];
  audio: VmixAudio;
  /** four texts each; null before vMix 24 */
  dynamic: { inputs: readonly string[]; values: readonly string[] } | null;
}
