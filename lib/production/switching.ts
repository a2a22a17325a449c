import type { Release } from './application';

/** Which plugin plays the address: `gstreamer` is obs-gstreamer, `ffmpeg` the media source that every OBS has. */
export type SourceKind = 'gstreamer' | 'ffmpeg';

export const PIPELINE_PRESETS = ['low-latency', 'smooth', 'plain'] as const;
export type PipelinePreset = (typeof PIPELINE_PRESETS)[number];

/** What is to be played. Holds secrets: an address may carry a key, a pipeline's text too. */
export interface SourceWish {
  /** rtmp, rtmps, srt, rtsp, http, https, file, or a path on the application's own machine */
  address: string;
  /** `auto`: gstreamer where the application has it, else ffmpeg */
  kind: 'auto' | SourceKind;
  /** only of gstreamer: one of ours, or a text with a place for the address */
  pipeline: { preset: PipelinePreset } | { text: string };
  /** in pixels, scaled within the pipeline, only of gstreamer; null: as it comes */
  size: { width: number; height: number } | null;
}

/** Where in the stack of a scene the new source goes. `fromTop` counts what stays above it. */
export type SourcePlace =
  /** where the old one is; the first of all has `fromTop` above it */
  { where: 'old'; fromTop: number } | { where: 'from-top'; fromTop: number };

/** What the seed's procedure has above its source. Source: Motherstream, "5 layers below the top". */
export const SEED_FROM_TOP = 5;

export type SwitchTransition = { kind: 'cut' } | { kind: 'crossfade'; ms: number };

/** One place on air: a scene, and a name for the one of our sources in it. */
export interface SwitchWhere {
  /** null: the scene that is on air when the switch begins */
  scene: string | null;
  slot: string;
}

/** What is done about the live source afterwards. */
export interface LiveWatch {
  /** no new picture for so long, in milliseconds, is a stall */
  stallMs: number;
  /** so long without a fault, in milliseconds, and it counts as back */
  stableMs: number;
  /** a source of the user's in the same scene to show while the live one is stalled or ended; null: none */
  fallback: string | null;
}

export interface SwitchWish {
  where: SwitchWhere;
  source: SourceWish;
  place: SourcePlace;
  transition: SwitchTransition;
  /** in milliseconds: how long the new source may take until it counts as ready */
  readyTimeoutMs: number;
  /** in milliseconds: how long it must have been ready without a break */
  settleMs: number;
  /** a switch of the same place is under way */
  ifBusy: 'newest' | 'queue' | 'reject';
  watch: LiveWatch;
  /**
   * Whatever the asker knows this wish by, at most 100 characters and nothing secret: the events of its end carry it as `turn`, so that
   * a queue hears what became of it without a wire back.
   */
  tag?: string | null;
}

/** The states of a switch; `preflight` to `retire` in this order. */
export const SWITCH_STATES = [
  'idle',
  'preflight',
  'create',
  'prime',
  'prepared',
  'place',
  'swap',
  'verify',
  'retire',
  'rollback',
  'lost',
] as const;
export type SwitchState = (typeof SWITCH_STATES)[number];

/** One step of a switch. Holds no secret. */
export interface SwitchProgress {
  state: SwitchState;
  previous: SwitchState;
  scene: string | null;
  slot: string;
  /** the new source's name; null before it has one */
  source: string | null;
  /** milliseconds since the switch was asked for */
  atMs: number;
  /** in words, where there is more to say */
  detail: string | null;
}

/** What became of a switch. Holds no secret; milliseconds each. */
export interface SwitchReport {
  source: string;
  scene: string;
  slot: string;
  kind: SourceKind;
  /** the source before, which is gone now; null: none */
  previous: string | null;
  /** what was done: without a source before, a cut */
  transition: SwitchTransition['kind'];
  /** from asking OBS for the source until it was there; null for a source that was on air already */
  createMs: number | null;
  /** from then until it counted as ready, without the time it waited prepared */
  readyMs: number | null;
  /** what the swap took */
  swapMs: number | null;
  /** from the message to on air */
  totalMs: number;
  /** the very address was on air and moving, so nothing was done */
  alreadyLive: boolean;
  /** in pixels, as the source has them */
  width: number | null;
  height: number | null;
  /** what could not be taken over from the old source, and what else a person would want to know */
  warnings: string[];
}

/** A source that waits, hidden and running, to be taken. */
export interface PreparedReport {
  source: string;
  scene: string;
  slot: string;
  kind: SourceKind;
  createMs: number;
  readyMs: number;
  width: number | null;
  height: number | null;
}

/** What was taken off air. */
export interface ClearReport {
  /** the source that is gone now; null: there was none of ours */
  source: string | null;
  scene: string;
  slot: string;
}

/** The middle and the slow end of some durations, in milliseconds; null while there are none. */
export interface Spread {
  last: number | null;
  median: number | null;
  p95: number | null;
}

/** How switches went since the connection was made; asked for by message. */
export interface SwitchMetrics {
  asked: number;
  done: number;
  failed: number;
  /** overtaken by a newer one, or ended by a deploy */
  cancelled: number;
  /** how often each error code */
  byCause: Record<string, number>;
  createMs: Spread;
  readyMs: Spread;
  swapMs: Spread;
  totalMs: Spread;
  /** stalls and ends of live sources */
  stalled: number;
  ended: number;
}

/** One node's use of the switching; what it asked for ends with it. */
export interface SwitchUse {
  /** Put a source on air, confirmed. Rejects with a coded error whose details hold `oldStillLive`: true, false, or null where nobody knows. */
  switchTo(wish: SwitchWish, progress?: (step: SwitchProgress) => void): Promise<SwitchReport>;
  /** Make a source run, hidden, and keep it for `take`. Another request of the same place takes it (same address) or discards it. */
  prepare(wish: SwitchWish, progress?: (step: SwitchProgress) => void): Promise<PreparedReport>;
  /** Put the prepared source on air; rejects with SOURCE_NOT_PREPARED. */
  take(wish: Omit<SwitchWish, 'source'>, progress?: (step: SwitchProgress) => void): Promise<SwitchReport>;
  /** Remove the prepared source; false: there was none. */
  discard(where: SwitchWhere): Promise<boolean>;
  /**
   * Take what is on air there off it and remove it, read back. A request of the place that has not come to its swap is overtaken; what is
   * prepared stays.
   */
  clear(where: SwitchWhere, tag?: string | null): Promise<ClearReport>;
  /** Watch what is on air there already, as after a restart of Node-RED. */
  watch(where: SwitchWhere, watch: LiveWatch): Release;
  /** of one place, or of all */
  metrics(where: SwitchWhere | null): SwitchMetrics;
  /**
   * Cancel what this use asked for and what is not being swapped, removing new sources; live ones stay. Prepared sources of its own go
   * too. Resolves within 2 s.
   */
  release(): Promise<void>;
}

/** Putting changing sources on air, one after the other, in a place of a scene. */
export interface SourceSwitching {
  use(): SwitchUse;
}
