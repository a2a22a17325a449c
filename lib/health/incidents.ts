import { FORGET_MS, Incident } from './incident';
import type { RuleState } from './judge';
import type { Cause, RuleId } from './types';
import { isoText } from './time';

/** What goes with an application that goes. */
const ENDS: readonly RuleId[] = ['unexpectedStop', 'recordingStopped', 'srtStopped', 'outputStopped'];
/** Ended incidents that are kept for the history. */
const KEPT = 200;
const HOUR_MS = 3_600_000;
/** An end, or an application that stays away: nothing new will come of it, so it is reminded of so often at most. */
const END_REMINDERS = 3;

export interface Telling {
  incident: Incident;
  change: 'opened' | 'worsened' | 'reminder' | 'recovered';
}

interface Past {
  untilMs: number;
  recurrences: number;
  /** what its id begins with, and how many began with it */
  base: string;
  serial: number;
}

/** The open incidents, one for each cause and subject; what is told of them, and what is held back. */
export class IncidentBook {
  readonly open: Incident[] = [];
  readonly ended: Incident[] = [];
  snoozedUntilMs = -Infinity;
  private readonly past = new Map<string, Past>();
  private justEnded: Incident[] = [];

  constructor(private readonly reminderMs: number) {}

  /** Give every rule that speaks its incident, and close those of which none does. `named`: streams have names here. */
  settle(rules: readonly RuleState[], atMs: number, named: boolean): void {
    for (const rule of rules) {
      if (rule.level > 0) {
        if (!rule.incident) this.take(rule, named);
      } else rule.incident?.leave(rule, atMs);
    }
    for (let i = this.open.length - 1; i >= 0; i--) {
      const incident = this.open[i]!;
      if (!incident.settle(atMs)) this.close(incident, i, atMs);
    }
  }

  /** What is to be told now. `held`: nothing is known of anything but the connection. */
  tell(atMs: number, held: boolean): Telling[] {
    if (this.open.length === 0 && this.justEnded.length === 0) return [];
    const out: Telling[] = [];
    for (const incident of this.justEnded)
      if (incident.told && !incident.silent) out.push({ incident, change: 'recovered' });
    this.justEnded = [];
    if (atMs < this.snoozedUntilMs) return out;
    for (const incident of this.open) {
      const change = this.change(incident, atMs, held);
      if (!change) continue;
      if (change === 'reminder') incident.reminders++;
      else incident.known = incident.rank;
      incident.told = true;
      incident.toldAtMs = atMs;
      out.push({ incident, change });
    }
    return out;
  }

  acknowledge(): void {
    for (const incident of this.open) {
      incident.acknowledged = true;
      if (incident.rank > incident.known) incident.known = incident.rank;
    }
  }

  /** Those of the last hour that are over, the oldest first. */
  endedSince(atMs: number): Incident[] {
    return this.ended.filter(({ untilMs }) => untilMs >= atMs - HOUR_MS);
  }

  private change(incident: Incident, atMs: number, held: boolean): Telling['change'] | null {
    if (incident.rank > incident.known) return incident.told ? 'worsened' : 'opened';
    if (!incident.told || incident.acknowledged || this.reminderMs <= 0) return null;
    if (atMs - incident.toldAtMs < this.reminderMs) return null;
    if (held && incident.cause !== 'connection') return null;
    if (incident.isMending) return null;
    const nothingNew = incident.isEnding || incident.cause === 'connection';
    if (nothingNew && incident.reminders >= END_REMINDERS) return null;
    return 'reminder';
  }

  private take(rule: RuleState, named: boolean): void {
    const { cause } = rule.facts;
    const key = keyOf(cause, rule.subject);
    const incident =
      this.find(key) ??
      // a computer that cannot keep up sends less, and an application that died while live sends nothing
      (rule.rule === 'bitrate'
        ? (this.find('computer') ?? this.find(keyOf('computer', rule.subject)))
        : null) ??
      (ENDS.includes(rule.rule) ? this.find('connection') : null) ??
      this.begin(key, cause, rule, named);
    incident.join(rule);
  }

  private find(key: string): Incident | null {
    for (const incident of this.open) if (incident.key === key) return incident;
    return null;
  }

  private begin(key: string, cause: Cause, rule: RuleState, named: boolean): Incident {
    const past = this.past.get(key);
    const again = past && rule.sinceMs - past.untilMs <= FORGET_MS;
    const recurrences = again ? past.recurrences + 1 : 0;
    const subject = cause === 'stream' && !named ? null : rule.subject;
    const base = `${cause}${subject === null ? '' : `-${subject}`}-${isoText(rule.sinceMs)}`;
    const serial = past?.base === base ? past.serial + 1 : 1;
    const id = serial === 1 ? base : `${base}-${serial}`;
    const incident = new Incident(id, key, cause, subject, rule.sinceMs, recurrences);
    this.past.set(key, { untilMs: rule.sinceMs, recurrences, base, serial });
    this.open.push(incident);
    return incident;
  }

  private close(incident: Incident, index: number, atMs: number): void {
    this.open.splice(index, 1);
    incident.close(atMs);
    const past = this.past.get(incident.key);
    // what ended with the show has not recovered: in the next one it is a new fault
    if (past) past.untilMs = incident.endedBy === null ? atMs : -Infinity;
    this.justEnded.push(incident);
    this.ended.push(incident);
    if (this.ended.length > KEPT) this.ended.shift();
  }
}

const keyOf = (cause: Cause, subject: string | null): string =>
  subject === null ? cause : `${cause}:${subject}`;
