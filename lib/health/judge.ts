import { GAP_MS, RULE_FACTS, type RuleFacts } from './facts';
import type { Incident } from './incident';
import type { Why } from './reasons';
import type { RuleId, RuleSetting, Verdict } from './types';

/** 0: content, 1: past the warning level for long enough, 2: past the critical one. */
export type Level = 0 | 1 | 2;

/**
 * One rule about one thing: a level holds for its `for` and it speaks; it comes back over the clear level for the clear
 * time and it is content. Only readings move it: no reading, nothing entered and nothing cleared.
 */
export class RuleState {
  readonly facts: RuleFacts;
  level: Level = 0;
  /** NaN: nobody knows it, `why` says why */
  value = NaN;
  why: Why = 'first';
  /** what the value stands for, for the sentences: kbps behind percent; NaN where there is nothing behind it */
  figure = NaN;
  base = NaN;
  /** of an end: nobody can know whether somebody asked for it */
  doubtful = false;
  /** for the sentences: why it ended, or what is on air */
  note: string | null = null;
  /** whether it is judged at all in the present state of things */
  applies = false;
  /** when the trouble that is told began, and when it ended */
  sinceMs = NaN;
  clearedMs = NaN;
  /** why it ended, where it did not become well: there was nothing left to judge */
  endedBy: Why | null = null;
  /** the incident it belongs to while it is not content */
  incident: Incident | null = null;

  private warnSinceMs = NaN;
  private criticalSinceMs = NaN;
  private clearSinceMs = NaN;
  private lessSinceMs = NaN;
  private knownAtMs = NaN;

  constructor(
    readonly rule: RuleId,
    readonly setting: RuleSetting,
    /** the stream's output or the media input; of picture, sound and computer, whose stream it is where there are several */
    readonly subject: string | null = null,
  ) {
    this.facts = RULE_FACTS[rule];
  }

  /** Both levels are off: it never says anything. */
  get off(): boolean {
    return this.setting.warn === null && this.setting.critical === null;
  }

  /** A reading of a rule with levels. `sinceMs`: since when it is so, where the reading stands on more than a moment. */
  feed(value: number, atMs: number, sinceMs = atMs): void {
    if (Number.isNaN(value)) return this.unknown('given');
    const { warn, critical, clear } = this.setting;
    this.step(
      warn !== null && this.isPast(value, warn),
      critical !== null && this.isPast(value, critical),
      clear !== null && (this.facts.kind === 'below' ? value >= clear : value <= clear),
      atMs,
      sinceMs,
    );
    this.value = value;
  }

  /** A reading of a rule that knows yes and no. `sinceMs`: since when it is so, where that is known to be earlier. */
  feedState(bad: boolean, atMs: number, sinceMs = atMs): void {
    const { warn, critical } = this.setting;
    this.step(bad && warn !== null, bad && critical !== null, !bad, atMs, sinceMs);
    this.value = bad ? atMs - this.earliest(sinceMs) : 0;
  }

  /** Nobody knows the figure now: what is told stays told, and being content has to begin anew. */
  unknown(why: Why): void {
    this.value = NaN;
    this.why = why;
    this.figure = NaN;
    this.clearSinceMs = NaN;
    this.lessSinceMs = NaN;
  }

  /** Not judged for now (a start, a reconnect): a level has to hold anew, and so has being content. */
  hold(why: Why): void {
    this.unknown(why);
    this.restart();
  }

  /** There is nothing to judge any more: content, at once. */
  reset(why: Why, atMs: number): void {
    if (this.level > 0) {
      this.clearedMs = atMs;
      this.endedBy = why;
    }
    this.level = 0;
    this.sinceMs = NaN;
    this.hold(why);
  }

  /** What it was content with does not count any more (another reconnect). */
  restartClear(atMs: number): void {
    if (!Number.isNaN(this.clearSinceMs)) this.clearSinceMs = atMs;
  }

  /** Content already, and only its clear time is waited for. */
  get isMending(): boolean {
    return !Number.isNaN(this.clearSinceMs);
  }

  get verdict(): Verdict {
    if (this.level === 2) return 'critical';
    if (this.level === 1) return this.rule === 'unreachable' ? 'unknown' : 'degraded';
    return Number.isNaN(this.value) ? 'unknown' : 'ok';
  }

  /** The level that was passed (of a rule of yes and no: the time, in ms); null when none was. */
  get threshold(): number | null {
    if (this.level === 0) return null;
    const { warn, critical, warnForMs, criticalForMs } = this.setting;
    if (this.facts.kind === 'state') return this.level === 2 ? criticalForMs : warnForMs;
    return this.level === 2 ? critical : warn;
  }

  /** Levels and being content have to hold anew. */
  private restart(): void {
    this.warnSinceMs = NaN;
    this.criticalSinceMs = NaN;
    this.clearSinceMs = NaN;
    this.lessSinceMs = NaN;
    this.knownAtMs = NaN;
  }

  private isPast(value: number, level: number): boolean {
    switch (this.facts.kind) {
      case 'below':
        return value < level;
      case 'atLeast':
        return value >= level;
      default:
        return value > level;
    }
  }

  private step(
    pastWarn: boolean,
    pastCritical: boolean,
    content: boolean,
    atMs: number,
    sinceMs: number,
  ): void {
    // what was before a long silence does not count
    if (atMs - this.knownAtMs > GAP_MS) this.restart();
    this.knownAtMs = atMs;
    if (!pastWarn) this.warnSinceMs = NaN;
    else if (Number.isNaN(this.warnSinceMs)) this.warnSinceMs = sinceMs;
    if (!pastCritical) this.criticalSinceMs = NaN;
    else if (Number.isNaN(this.criticalSinceMs)) this.criticalSinceMs = sinceMs;
    const { setting } = this;
    if (pastCritical && atMs - this.criticalSinceMs >= setting.criticalForMs) this.rise(2);
    else if (pastWarn && atMs - this.warnSinceMs >= setting.warnForMs) this.rise(1);
    if (this.level > 0) this.fall(pastCritical, content, atMs);
  }

  private rise(level: 1 | 2): void {
    if (level <= this.level) return;
    if (this.level === 0) {
      this.sinceMs = this.earliest(Infinity);
      this.endedBy = null;
    }
    this.level = level;
  }

  private fall(pastCritical: boolean, content: boolean, atMs: number): void {
    const clearMs = this.incident?.clearTimeMs(this.setting.clearMs) ?? this.setting.clearMs;
    if (!content) this.clearSinceMs = NaN;
    else if (Number.isNaN(this.clearSinceMs)) this.clearSinceMs = atMs;
    if (content && atMs - this.clearSinceMs >= clearMs) {
      this.level = 0;
      this.clearedMs = this.clearSinceMs;
      this.sinceMs = NaN;
      this.clearSinceMs = NaN;
      this.lessSinceMs = NaN;
      return;
    }
    if (this.level < 2 || this.setting.warn === null) return;
    if (pastCritical) this.lessSinceMs = NaN;
    else if (Number.isNaN(this.lessSinceMs)) this.lessSinceMs = atMs;
    if (!pastCritical && atMs - this.lessSinceMs >= clearMs) {
      this.level = 1;
      this.lessSinceMs = NaN;
    }
  }

  /** The earlier of what is pending, or `otherwise`. */
  private earliest(otherwise: number): number {
    let since = otherwise;
    if (this.warnSinceMs < since) since = this.warnSinceMs;
    if (this.criticalSinceMs < since) since = this.criticalSinceMs;
    return since;
  }
}
