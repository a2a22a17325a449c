import type { HealthSample } from '../production/health';
import { History } from './history';
import type { Incident } from './incident';
import { IncidentBook, type Telling } from './incidents';
import type { RuleState } from './judge';
import { givenReason, metricsOf, unknownOf } from './metrics';
import { alertOf, incidentReport, ruleReport } from './reports';
import { scoreOf } from './score';
import type { Words } from './sentences';
import { checkOptions, settingsOf } from './settings';
import { isTime, isoText, localClock } from './time';
import type {
  HealthAlert,
  HealthHistory,
  HealthOptions,
  HealthReport,
  HealthStatus,
  IncidentReport,
  RuleReport,
  Verdict,
} from './types';
import { Watched } from './watched';

/**
 * Readings in, verdicts and alerts out. It knows no clock of its own: all time comes from the readings (reminders and the
 * end of a snooze are told with one), so an hour of a show can be judged in a moment.
 * @throws LiveError `CONFIG_INVALID` from the constructor, where an option or a rule makes no sense
 */
export class HealthMonitor {
  private readonly watched: Watched;
  private readonly incidents: IncidentBook;
  private readonly past = new History();
  private words: Words;
  private last: HealthSample | null = null;
  private atMs = NaN;
  private firstMs = NaN;
  private intervalMs: number | null = null;
  private readings = 0;
  /** how all stands, as in the report */
  verdict: Verdict = 'unknown';
  private score: number | null = null;

  constructor(private readonly options: HealthOptions) {
    checkOptions(options);
    this.watched = new Watched(options, settingsOf(options));
    this.incidents = new IncidentBook(options.reminderMs);
    this.words = { place: options.place || 'the application', clock: options.clockText ?? localClock };
  }

  /** The application is called this from now on. */
  rename(place: string): void {
    this.words = { ...this.words, place };
  }

  /** Take a reading; gives what is to be told now. A clock that goes back stands still, a time that is none is ignored. */
  sample(sample: HealthSample): HealthAlert[] {
    if (!isTime(sample.atMs)) return [];
    const before = this.atMs;
    this.atMs = sample.atMs < before ? before : sample.atMs;
    if (this.readings++ === 0) this.firstMs = this.atMs;
    else this.intervalMs = this.atMs - before;
    this.last = sample;
    if (sample.sender !== undefined) this.words.receives = true;
    this.watched.read(sample, this.atMs);
    this.conclude(this.atMs);
    this.past.take(this.atMs, this.verdict, this.score, this.metrics);
    return this.tell(this.atMs);
  }

  /** No alert for `ms` from `atMs` on; 0 ends it and gives what was held back. */
  snooze(ms: number, atMs: number): HealthAlert[] {
    const nowMs = this.notBefore(atMs);
    this.incidents.snoozedUntilMs = ms > 0 ? nowMs + ms : -Infinity;
    return this.readings > 0 && !(ms > 0) ? this.tell(nowMs) : [];
  }

  /** Somebody knows: no reminder of what is open now, and a stream that ended is let go. */
  acknowledge(atMs: number): HealthAlert[] {
    if (this.readings === 0) return [];
    const nowMs = this.notBefore(atMs);
    this.incidents.acknowledge();
    for (const incident of this.incidents.open) incident.endSilently();
    this.watched.acknowledge(nowMs);
    this.conclude(nowMs);
    return this.tell(nowMs);
  }

  /** How it stands. */
  report(): HealthReport {
    return {
      verdict: this.verdict,
      score: this.score,
      at: this.readings > 0 ? isoText(this.atMs) : null,
      unknown: unknownOf(this.watched, this.last, this.verdict),
      metrics: this.metrics(),
      outputs: (this.last?.reachable ? (this.last.outputs ?? []) : []).map(({ output, running }) => ({
        output,
        running,
      })),
      onProgram: this.last?.reachable ? (this.last.onProgram ?? null) : null,
      rules: this.watched.rules.filter(({ applies }) => applies).map(this.ruleReport),
      incidents: this.openReports(),
    };
  }

  /** The last hour: a row every 5 s with the worst of it, and its incidents. */
  history(): HealthHistory {
    const atMs = this.readings > 0 ? this.atMs : 0;
    const sinceMs = Math.max(this.readings > 0 ? this.firstMs : 0, atMs - 3_600_000);
    return {
      since: isoText(sinceMs),
      samples: this.past.samples(atMs),
      incidents: [
        ...this.incidents.endedSince(atMs).map((incident) => this.incidentReport(incident, atMs)),
        ...this.openReports(),
      ],
    };
  }

  /** What is watched, and what is held back. */
  status(): HealthStatus {
    const { snoozedUntilMs } = this.incidents;
    const snoozed = snoozedUntilMs > -Infinity && !(snoozedUntilMs <= this.atMs);
    return {
      watching: [...new Set(this.options.watch)],
      preset: this.options.preset,
      readings: this.readings,
      lastReadingAt: this.readings > 0 ? isoText(this.atMs) : null,
      intervalMs: this.intervalMs,
      snoozedUntil: snoozed && isTime(snoozedUntilMs) ? isoText(snoozedUntilMs) : null,
      incidents: this.openReports(),
    };
  }

  private notBefore(atMs: number): number {
    if (!isTime(atMs)) return Number.isNaN(this.atMs) ? 0 : this.atMs;
    return atMs < this.atMs ? this.atMs : atMs;
  }

  private conclude(atMs: number): void {
    const { watched } = this;
    this.incidents.settle(watched.rules, atMs, watched.named);
    this.verdict = watched.verdict();
    this.score = this.verdict === 'unknown' ? null : scoreOf(watched.rules);
  }

  private tell(atMs: number): HealthAlert[] {
    const tellings = this.incidents.tell(atMs, !this.watched.reachable);
    return tellings.length === 0 ? [] : tellings.map((telling) => this.alert(telling, atMs));
  }

  private alert({ incident, change }: Telling, atMs: number): HealthAlert {
    const { verdict, score } = this;
    return alertOf(
      change,
      incident,
      this.incidentReport(incident, atMs),
      { atMs, verdict, score },
      this.words,
      this.incidents.open,
      this.note(incident),
    );
  }

  /** What else somebody has to know when an incident is over. */
  private note({ cause }: Incident): string | null {
    const { connection, recording } = this.watched;
    return cause === 'connection' && connection.wasRecording && recording === 'idle'
      ? 'The recording that ran before has not come back.'
      : null;
  }

  private openReports(): IncidentReport[] {
    return this.incidents.open.map((incident) => this.incidentReport(incident, this.atMs));
  }

  private incidentReport(incident: Incident, atMs: number): IncidentReport {
    return incidentReport(incident, atMs, this.words, this.ruleReport);
  }

  private readonly ruleReport = (rule: RuleState): RuleReport => {
    const single = rule.facts.cause === 'stream' && !this.watched.named;
    return ruleReport(rule, single ? null : rule.subject, givenReason(rule, this.last));
  };
  private readonly metrics = () => metricsOf(this.watched, this.last);
}
