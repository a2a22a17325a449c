import type { RuleState } from './judge';
import type { Why } from './reasons';
import { SCORE_WEIGHTS } from './score';
import { isoText } from './time';
import type { Cause, RuleReport, Severity } from './types';

/** Less bad for so long is a state of its own, in ms; a fault that comes back within it is the same one coming back. */
export const FORGET_MS = 600_000;

/** From the least to the worst. */
export const SEVERITIES = ['unknown', 'degraded', 'critical'] as const;
/** 0: nothing, 1: unknown, 2: degraded, 3: critical. */
export type Rank = 0 | 1 | 2 | 3;

/** Clear times of a fault that keeps coming back, in ms. */
const CLEAR_AGAIN_MS = { least: 30_000, most: 240_000 };
/** Rules that only say that something ended; nothing more will be learnt of it. */
const ENDINGS: readonly string[] = [
  'unexpectedStop',
  'startFailed',
  'recordingStopped',
  'srtStopped',
  'outputStopped',
  'restarted',
];

/** What a rule was while it belonged to an incident. */
export interface Member {
  rule: RuleState;
  sinceMs: number;
  worst: Rank;
  worstValue: number;
  threshold: number | null;
}

/** How bad a rule is now. */
export function rankOf(rule: RuleState): Rank {
  if (rule.level === 2) return 3;
  if (rule.level === 1) return rule.rule === 'unreachable' ? 1 : 2;
  return 0;
}

/** One fault from its beginning to its end: one or more rules of one cause. */
export class Incident {
  readonly members = new Map<RuleState, Member>();
  rank: Rank = 0;
  worst: Rank = 0;
  /** what the operator knows of: the worst that was told, or seen when it was acknowledged */
  known: Rank = 0;
  /** whether it was told at all; when last, and how often it was reminded of */
  told = false;
  toldAtMs = NaN;
  reminders = 0;
  acknowledged = false;
  untilMs = NaN;
  /** why it ended, where it did not become well */
  endedBy: Why | null = null;
  silent = false;
  private lessSinceMs = NaN;
  private leftAtMs = NaN;

  constructor(
    readonly id: string,
    readonly key: string,
    readonly cause: Cause,
    readonly subject: string | null,
    readonly sinceMs: number,
    /** how often the same fault came back within ten minutes */
    private readonly recurrences: number,
  ) {}

  get open(): boolean {
    return Number.isNaN(this.untilMs);
  }

  /** The clear time of a rule in it: a fault that keeps coming back has to stay away longer each time. */
  clearTimeMs(ownMs: number): number {
    if (this.recurrences === 0) return ownMs;
    const longer = Math.max(ownMs, CLEAR_AGAIN_MS.least) * 2 ** this.recurrences;
    return Math.max(ownMs, Math.min(CLEAR_AGAIN_MS.most, longer));
  }

  join(rule: RuleState): void {
    rule.incident = this;
    if (!this.members.has(rule))
      this.members.set(rule, { rule, sinceMs: rule.sinceMs, worst: 0, worstValue: NaN, threshold: null });
  }

  leave(rule: RuleState, atMs: number): void {
    rule.incident = null;
    // what the last of them ended by counts
    if (atMs !== this.leftAtMs) this.endedBy = null;
    this.leftAtMs = atMs;
    this.endedBy ??= rule.endedBy;
  }

  /** Where it only tells of an end: nothing is told when it goes, since nothing became well. */
  endSilently(): void {
    if (this.isEnding) this.silent = true;
  }

  /** Look at its rules at `atMs`; gives false when none speaks any more. */
  settle(atMs: number): boolean {
    let rank: Rank = 0;
    for (const member of this.members.values()) {
      if (member.rule.incident !== this) continue;
      const now = rankOf(member.rule);
      if (now > rank) rank = now;
      note(member, now);
    }
    if (rank === 0) return false;
    this.rank = rank;
    if (rank > this.worst) this.worst = rank;
    if (rank >= this.known) this.lessSinceMs = NaN;
    else if (Number.isNaN(this.lessSinceMs)) this.lessSinceMs = atMs;
    else if (atMs - this.lessSinceMs >= FORGET_MS) {
      // so long less bad that getting worse again is news
      this.known = rank;
      this.lessSinceMs = NaN;
    }
    return true;
  }

  /** It is over: since when, is when the last of its rules became content. */
  close(atMs: number): void {
    let until = this.sinceMs;
    for (const { rule } of this.members.values()) if (rule.clearedMs > until) until = rule.clearedMs;
    this.untilMs = Math.min(until, atMs);
  }

  /** How bad it is; once it is over, how bad it was, so that whoever heard of the one hears of the other. */
  get severity(): Severity {
    return SEVERITIES[(this.open ? this.rank : this.worst) - 1] ?? 'unknown';
  }

  get worstSeverity(): Severity {
    return SEVERITIES[this.worst - 1] ?? 'unknown';
  }

  /** All of it is content already, and only the clear time is waited for. */
  get isMending(): boolean {
    for (const { rule } of this.members.values())
      if (rule.incident === this && rule.level > 0 && !rule.isMending) return false;
    return true;
  }

  /** It only tells of an end, of which nothing new will come. */
  get isEnding(): boolean {
    for (const { rule } of this.members.values())
      if (rule.incident === this && rule.level > 0 && !ENDINGS.includes(rule.rule)) return false;
    return true;
  }

  /** The rule that says most of what is wrong: the worst, and of equals the heaviest. */
  lead(): Member {
    let lead: Member | null = null;
    const closed = !this.open;
    for (const member of this.members.values()) {
      if (!lead) lead = member;
      const [a, b] = closed
        ? [member.worst, lead.worst]
        : [presentRank(member, this), presentRank(lead, this)];
      if (a > b || (a === b && SCORE_WEIGHTS[member.rule.rule] > SCORE_WEIGHTS[lead.rule.rule]))
        lead = member;
    }
    return lead!;
  }

  durationMs(atMs: number): number {
    return Math.max(0, (this.open ? atMs : this.untilMs) - this.sinceMs);
  }

  /** Its rules: those that speak now while it is open, all of them at their worst when it is over. */
  ruleReports(report: (rule: RuleState) => RuleReport): RuleReport[] {
    const members = [...this.members.values()];
    return this.open
      ? members.filter(({ rule }) => rule.incident === this).map(({ rule }) => report(rule))
      : members.map((member) => ({ ...report(member.rule), ...atWorst(member) }));
  }
}

function note(member: Member, now: Rank): void {
  const { value, facts } = member.rule;
  if (now > member.worst) {
    member.worst = now;
    member.threshold = member.rule.threshold;
    if (!Number.isNaN(value)) member.worstValue = value;
    return;
  }
  const worse = facts.kind === 'below' ? value < member.worstValue : value > member.worstValue;
  if (worse || Number.isNaN(member.worstValue)) member.worstValue = value;
}

const presentRank = (member: Member, incident: Incident): Rank =>
  member.rule.incident === incident ? rankOf(member.rule) : 0;

function atWorst({ sinceMs, worst, worstValue, threshold }: Member): Partial<RuleReport> {
  return {
    verdict: SEVERITIES[worst - 1] ?? 'unknown',
    value: Number.isFinite(worstValue) ? worstValue : null,
    threshold,
    since: isoText(sinceMs),
    reason: null,
  };
}
