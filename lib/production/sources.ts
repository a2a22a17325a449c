/** One change of one source. */
export type SourceChange =
  /** in a scene, null: the one on air */
  | { what: 'visible'; scene: string | null; source: string; on: boolean }
  /** `field`: of a vMix title; null: its first text */
  | { what: 'text'; source: string; text: string; field: string | null }
  /** a file on the application's machine, or an address where it takes one; `field`: of a vMix title */
  | { what: 'image'; source: string; file: string; field: string | null }
  | { what: 'mute'; source: string; on: boolean }
  /** `db` from -100 (silent) to 26; `rampMs` 0: at once */
  | { what: 'volume'; source: string; db: number; rampMs: number }
  | { what: 'monitoring'; source: string; mode: MonitoringMode }
  | { what: 'media'; source: string; action: MediaAction }
  | { what: 'filter'; source: string; filter: string; on: boolean }
  /** vMix: put an input into an overlay, or take it out */
  | { what: 'overlay'; source: string; overlay: number; on: boolean };

export type SourceAspect = SourceChange['what'];
export type MonitoringMode = 'none' | 'monitor-only' | 'monitor-and-output';
export type MediaAction = 'play' | 'pause' | 'restart' | 'stop';

/** What became of a change, read back. */
export interface SourceChanged {
  source: string;
  what: SourceAspect;
  /** as it was: boolean, text, dB, or a media state in lower case; null where it could not be read */
  before: boolean | string | number | null;
  now: boolean | string | number | null;
  /** it was so already, and nothing was sent */
  alreadySo: boolean;
  scene?: string;
  filter?: string;
  field?: string;
  overlay?: number;
  /** of vMix: the input's key, which stays when inputs are moved */
  inputKey?: string;
  inputNumber?: number;
  /** for what is null: why */
  unknown?: Record<string, string>;
}

/** Changes that people make all evening, each confirmed by reading back. */
export interface Sources {
  /** what this application can change */
  readonly aspects: readonly SourceAspect[];
  /** Rejects with SOURCE_UNKNOWN naming those there are, SOURCE_UNFIT, SOURCE_NOT_CONFIRMED, CAPABILITY_MISSING. */
  set(change: SourceChange): Promise<SourceChanged>;
  /** Sources that have this aspect; for `visible` those of the scene (null: of the one on air). */
  list(what: SourceAspect, scene?: string | null): Promise<string[]>;
  /** Filters of a source, or fields of a title. */
  listWithin(what: 'filter' | 'text' | 'image', source: string): Promise<string[]>;
}
