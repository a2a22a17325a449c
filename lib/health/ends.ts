import type { End } from '../production/health';
import { GAP_MS } from './facts';
import { RuleState } from './judge';
import type { Why } from './reasons';
import { figure } from './window';

/** An end that nobody asked for is told no longer than this. */
const END_HOLDS_MS = 3_600_000;

/**
 * Judge an end that stands since `sinceMs` until it runs again (`running`; null: nobody knows); gives since when it does,
 * NaN when it does no longer.
 */
export function judgeEnd(
  rule: RuleState,
  sinceMs: number,
  running: boolean | null,
  why: { unknown: Why; over: Why },
  atMs: number,
): number {
  if (Number.isNaN(sinceMs)) return NaN;
  if (running === null) {
    rule.unknown(why.unknown);
    return sinceMs;
  }
  if (!running && atMs - sinceMs >= END_HOLDS_MS) {
    rule.incident?.endSilently();
    rule.reset(why.over, atMs);
    return NaN;
  }
  rule.feedState(!running, atMs, sinceMs);
  return running && rule.level === 0 ? NaN : sinceMs;
}

/** Something that runs or does not, and the rule that speaks when it ended and nobody asked for it. */
export class EndRule {
  /** whether it ran when that was last known */
  wasRunning = false;
  private endAtMs = NaN;
  private sinceMs = NaN;
  private seenMs = NaN;
  private away = false;

  /** `firstMs`: the first reading of all; what ended before is nobody's fault. `over`: why there is nothing to judge then. */
  constructor(
    readonly rule: RuleState,
    private readonly over: Why,
    private readonly firstMs: () => number,
  ) {}

  /** One reading: whether it runs (null: nobody knows), and its last end. */
  read(running: boolean | null, lastEnd: End | null, atMs: number): void {
    const endAtMs = figure(lastEnd?.atMs);
    const isNew = endAtMs !== this.endAtMs && endAtMs > this.firstMs();
    if (!Number.isNaN(endAtMs)) this.endAtMs = endAtMs;
    if (isNew && lastEnd) {
      if (lastEnd.expected === true) this.planned(atMs);
      else if (lastEnd.expected === false || this.wasRunning || atMs - this.seenMs <= GAP_MS)
        this.ended(Math.min(endAtMs, atMs), lastEnd);
    } else if (this.away && this.wasRunning && running === false) this.ended(atMs, null);
    this.sinceMs = judgeEnd(this.rule, this.sinceMs, running, { unknown: 'given', over: this.over }, atMs);
    if (running !== null) {
      this.wasRunning = running;
      if (running) this.seenMs = atMs;
      this.away = false;
    }
    this.mark();
  }

  /** The application did not answer; it may have ended as somebody wished before that. */
  lost(lastEnd: End | null, atMs: number): void {
    this.away = true;
    const endAtMs = figure(lastEnd?.atMs);
    if (lastEnd?.expected !== true || endAtMs === this.endAtMs || !(endAtMs > this.firstMs())) return;
    this.endAtMs = endAtMs;
    this.planned(atMs);
    this.wasRunning = false;
    this.mark();
  }

  /** Somebody asked for the end, or knows of it: nothing more is told of it. */
  planned(atMs: number): void {
    this.sinceMs = NaN;
    this.rule.reset(this.over, atMs);
    this.mark();
  }

  private ended(sinceMs: number, end: End | null): void {
    this.sinceMs = sinceMs;
    this.rule.doubtful = end?.expected !== false;
    this.rule.note = end?.reason ?? null;
  }

  private mark(): void {
    this.rule.applies = !Number.isNaN(this.sinceMs) || this.rule.level > 0;
  }
}
