import type { Release } from '../production/application';
import type {
  SourceKind,
  SourcePlace,
  SourceWish,
  SwitchTransition,
  SwitchWhere,
} from '../production/switching';

/** A source in a scene. */
export interface Placed {
  name: string;
  /** the scene item's number; stays while the item lives */
  itemId: number;
}

/** A source that this package made and nobody renamed or copied since. */
export interface OwnedSource extends Placed {
  kind: SourceKind;
  /** milliseconds since 1970, from its name */
  madeAtMs: number;
  enabled: boolean;
  /** it was on air and verified once: its item carries our mark */
  wasLive: boolean;
  /** a fingerprint of its address, so that the same one is known again; null where it cannot be read */
  fingerprint: string | null;
}

/** That a source of the user's is on screen in place of a stalled live one: we showed it, or it was visible anyway. */
export type StandIn = 'shown' | 'was-visible';

/** A source of the user's in a scene. */
export interface UserSource extends Placed {
  enabled: boolean;
  /** in pixels; 0 while it has no picture */
  width: number;
  height: number;
  /** what `standIn` wrote to its item last; null: nothing */
  standsIn: StandIn | null;
}

/** One place as the application shows it now. */
export interface PlaceLook {
  /** the scene's present name */
  scene: string;
  /** frames a second of the canvas */
  fps: number;
  kinds: Record<SourceKind, boolean>;
  owned: OwnedSource[];
  /** in words: sources like ours that are visible there and that no switch touches */
  beside: string[];
}

export type MediaState =
  'none' | 'opening' | 'buffering' | 'playing' | 'paused' | 'stopped' | 'ended' | 'error' | 'missing';

/** What one source says of itself at one moment. */
export interface SourceReading {
  /** `missing`: there is no such source any more */
  state: MediaState;
  /** null unless it plays or is paused */
  cursorMs: number | null;
  /** in pixels; 0 before its first frame */
  width: number;
  height: number;
  /** whether its item is switched visible; null: there is no such item */
  enabled: boolean | null;
}

export interface SwapPlan {
  scene: string;
  fresh: Placed;
  old: Placed | null;
  transition: SwitchTransition;
  /** so many frames of the canvas the new source lies under the old one before that is hidden */
  framesUnder: number;
  fps: number;
}

/** What the application answered to a swap; nobody may take it for more than that: read back. */
export interface SwapAnswer {
  /** every step was answered well */
  complete: boolean;
  /** the old item was not there any more */
  oldGone: boolean;
  /** in words, where it was not complete */
  reason: string | null;
}

export type PortChange =
  | { change: 'ready' }
  | { change: 'lost' }
  /** the application says that it ends */
  | { change: 'exiting' }
  | { change: 'collection' }
  | { change: 'scene-renamed'; from: string; to: string }
  | { change: 'scene-removed'; scene: string }
  | { change: 'item-enabled'; scene: string; itemId: number; enabled: boolean; ours: boolean }
  | { change: 'playback-ended'; source: string }
  | { change: 'source-removed'; source: string };

/**
 * What a switch asks of an application. Each call ends by itself, with a coded error where it cannot be done; what it did is known only by
 * reading back. The codes a switch looks at: SOURCE_NAME_TAKEN, SOURCE_KIND_UNAVAILABLE, SCENE_UNKNOWN, and everything else is a failure; whether
 * the connection is gone is asked by `connected`.
 */
export interface SwitchPort {
  readonly connected: boolean;
  onChange(listener: (change: PortChange) => void): Release;
  /** Resolves once connected; rejects after `waitMs` or at once where no wait can help. */
  whenReady(waitMs: number): Promise<void>;
  /** The place now. `scene` null means the one on air. Rejects with SCENE_UNKNOWN. */
  look(where: SwitchWhere): Promise<PlaceLook>;
  /** Every source of ours, in any scene and slot, for the sweep; null where its scene is not known. */
  ownedEverywhere(): Promise<(OwnedSource & { scene: string | null; slot: string })[]>;
  /** A new name for a source of this place, with time and chance in it. */
  nameFor(where: { slot: string }): string;
  fingerprint(source: SourceWish): string;
  /** Make a hidden source. Rejects with SOURCE_NAME_TAKEN, SOURCE_KIND_UNAVAILABLE, SCENE_UNKNOWN, SOURCE_ADDRESS_INVALID, SOURCE_PIPELINE_INVALID. */
  create(wish: {
    scene: string;
    slot: string;
    name: string;
    kind: SourceKind;
    source: SourceWish;
  }): Promise<Placed>;
  /** Several at one moment, in their order. A poll: null where the application is too busy to be asked now. */
  read(scene: string, sources: readonly Placed[]): Promise<SourceReading[] | null>;
  /**
   * Put the hidden source where it belongs and let it look and sound like `old`: transform, crop, blending, volume, mute, balance, tracks, monitoring,
   * sync offset, filters. The answer says what could not be taken over. Without `old`: from the top.
   */
  place(scene: string, fresh: Placed, place: SourcePlace, old: Placed | null): Promise<string[]>;
  /** One batch in step with the frames: the new one shown under the old, some frames later the old one hidden; or a crossfade. */
  swap(plan: SwapPlan): Promise<SwapAnswer>;
  /** Mark the item as the one that was live, or not any more. */
  mark(scene: string, source: Placed, live: boolean): Promise<void>;
  show(scene: string, source: Placed, on: boolean): Promise<void>;
  /**
   * Remove what is ours, waiting until its name is free. `gone`: it was not there. `ghost`: it is still listed after `ms`. One that somebody put
   * elsewhere too, as with a copy of the scene, leaves `scene` only; without `scene` it is removed as a whole.
   */
  remove(name: string, ms?: number, scene?: string): Promise<'removed' | 'gone' | 'ghost'>;
  /** Take back what a crossfade left on these sources, where one was cut short. */
  heal(names: readonly string[]): Promise<void>;
  /** A source of the user's in that scene, to be shown or hidden; null: there is none of that name. */
  find(scene: string, name: string): Promise<UserSource | null>;
  /** Write to the item of a user's source, beside the place where `mark` writes, that it stands in for a live one, or does not any more. */
  standIn(scene: string, source: Placed, how: StandIn | null): Promise<void>;
}
