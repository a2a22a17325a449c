import { asLiveError, fail, type LiveError } from '../errors';
import type {
  PreparedReport,
  SourceKind,
  SwitchReport,
  SwitchState,
  SwitchWish,
} from '../production/switching';
import type { Placed, PlaceLook, PortChange, SourceReading } from './port';
import { Readiness } from './readiness';
import type { Answers, Procedure, Step } from './steps';

/** Why a switch ends that somebody does not want any more. */
export type Cancel = 'overtaken' | 'closed' | 'discarded';

/** What a switch came to. */
export type Outcome = { done: SwitchReport } | { failed: LiveError; cancelled: Cancel | null };

/** Thrown within a switch: the application is gone. */
export class Lost extends Error {}
/** Thrown within a switch: somebody does not want it any more. */
export class Cancelled extends Error {}

/** States in which nothing of what is on air has been touched, so that a switch may still be ended. */
const BEFORE_SWAP: readonly SwitchState[] = ['idle', 'preflight', 'create', 'prime', 'prepared', 'place'];

/** One switch under way: what is known of it, and what happened meanwhile. The clock's time comes with each answer. */
export class SwitchRun {
  state: SwitchState = 'idle';
  atMs: number;
  connected = true;
  look: PlaceLook | null = null;
  kind: SourceKind = 'ffmpeg';
  /** what was on air in the place when the switch began, or when it was taken */
  old: (Placed & { madeAtMs: number; kind: SourceKind; enabled: boolean }) | null = null;
  /** whether that was visible then: what was hidden is not shown on the way back */
  oldWasVisible = false;
  /** the name that was asked for; the source may exist, whatever was answered */
  name: string | null = null;
  fresh: Placed | null = null;
  freshAtMs = 0;
  /** whether it was visible when the application came back */
  freshEnabled = false;
  /** when it was last seen to have a new picture */
  movedAtMs = Number.NEGATIVE_INFINITY;
  readAtMs = Number.NEGATIVE_INFINITY;
  /** how often the application went away since the swap */
  losses = 0;
  /** what could not be removed, for the sweep */
  readonly leftover: string[] = [];
  readiness: Readiness;
  last: SourceReading | null = null;
  createMs: number | null = null;
  readyMs: number | null = null;
  swapMs: number | null = null;
  /** how it came on air: a crossfade needs an old one; null: not yet */
  swappedBy: SwitchReport['transition'] | null = null;
  totalMs: number | null = null;
  readonly warnings: string[] = [];
  /** the new source stood its test on air */
  verified = false;
  swappedAtMs = 0;
  /** what a person did to either meanwhile */
  byPerson: { fresh: 'hidden' | null; old: 'hidden' | 'shown' | null } = { fresh: null, old: null };
  readonly gone = new Set<string>();
  cancel: Cancel | null = null;
  /** why it cannot go on; set by what happens */
  broken: LiveError | null = null;
  private wentAway = false;

  constructor(
    public wish: SwitchWish,
    /** by its present name; null: not known yet */
    public scene: string | null,
    public fingerprint: string | null,
    /** stops at `prepared` and waits to be taken */
    public prepareOnly: boolean,
    public askedAtMs: number,
    readonly names: () => string,
    /** the name of the source that was confirmed on air last */
    readonly known: string | null,
  ) {
    this.atMs = askedAtMs;
    this.readiness = new Readiness({ settleMs: wish.settleMs });
  }

  get slot(): string {
    return this.wish.where.slot;
  }

  /** Whether it can be ended without a trace on air. */
  get cancellable(): boolean {
    return BEFORE_SWAP.includes(this.state);
  }

  /** Something happened in the application; true where a wait under way is not worth being waited out. */
  hear(change: PortChange): boolean {
    switch (change.change) {
      case 'lost':
      case 'exiting':
        return (this.wentAway = true);
      case 'ready':
        return this.state === 'lost';
      case 'collection':
        this.broken ??= fail('SOURCE_SCENE_GONE', { reason: 'the scene collection was changed' });
        return true;
      case 'scene-removed':
        if (change.scene !== this.scene) return false;
        this.broken ??= fail('SOURCE_SCENE_GONE', { reason: `${change.scene} was removed` });
        return true;
      case 'scene-renamed':
        if (change.from === this.scene) this.scene = change.to;
        return false;
      case 'playback-ended':
        if (change.source === this.name) this.readiness.playbackEnded();
        return false;
      case 'source-removed':
        // at its end an application removes everything, which says nothing
        if (!this.wentAway) this.gone.add(change.source);
        return change.source === this.name;
      case 'item-enabled':
        return this.hearEnabled(change.itemId, change.enabled, change.ours, change.scene);
    }
  }

  /** The connection was lost and is back: what was lost is behind. */
  back(): void {
    this.wentAway = false;
  }

  /** Say a step and get its answer. Throws what it failed with, or why the switch cannot or may not go on. */
  *ask<K extends Step['do']>(step: Step & { do: K }): Procedure<Answers[K]> {
    const answer = yield step;
    this.atMs = answer.atMs;
    this.connected = answer.connected;
    // first, since what is not wanted any more need not be waited for either
    if (step.do === 'create' && answer.ok) this.fresh = answer.value as Placed;
    if (this.cancel && this.cancellable) throw new Cancelled();
    if (step.do !== 'reconnect' && (this.wentAway || !answer.connected)) throw new Lost();
    if (this.broken && this.state !== 'rollback' && this.state !== 'retire') throw this.broken;
    if (!answer.ok) throw asLiveError(answer.error);
    return answer.value as Answers[K];
  }

  *enter(state: SwitchState, detail: string | null = null): Procedure<void> {
    const previous = this.state;
    this.state = state;
    yield { do: 'tell', state, previous, detail };
  }

  /** What the source in question is like, where the application can say it now. */
  *read(...sources: Placed[]): Procedure<SourceReading[] | null> {
    const readings = yield* this.ask<'read'>({ do: 'read', sources });
    return readings;
  }

  prepared(): PreparedReport {
    const { width, height } = this.last ?? { width: null, height: null };
    return {
      source: this.name ?? '',
      scene: this.scene ?? '',
      slot: this.slot,
      kind: this.kind,
      createMs: this.createMs ?? 0,
      readyMs: this.readyMs ?? 0,
      width,
      height,
    };
  }

  report(alreadyLive: boolean): SwitchReport {
    const { width, height } = this.last ?? { width: null, height: null };
    return {
      source: (alreadyLive ? this.old?.name : this.name) ?? '',
      scene: this.scene ?? '',
      slot: this.slot,
      kind: this.kind,
      previous: alreadyLive ? null : (this.old?.name ?? null),
      transition: this.swappedBy ?? this.wish.transition.kind,
      createMs: this.createMs,
      readyMs: this.readyMs,
      swapMs: this.swapMs,
      totalMs: this.totalMs ?? this.atMs - this.askedAtMs,
      alreadyLive,
      width,
      height,
      warnings: this.warnings,
    };
  }

  private hearEnabled(itemId: number, enabled: boolean, ours: boolean, scene: string): boolean {
    if (ours || scene !== this.scene || this.wentAway) return false;
    if (itemId === this.fresh?.itemId) {
      this.byPerson.fresh = enabled ? null : 'hidden';
      return !enabled;
    }
    if (itemId === this.old?.itemId) {
      this.byPerson.old = enabled ? 'shown' : 'hidden';
      return enabled;
    }
    return false;
  }
}
