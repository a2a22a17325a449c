import type { Fact } from './facts';
import { between, known, missing, momentOf, type Mark } from './marks';
import type { IncidentLine } from './types';
import { durationOf, flagOf, textOf, timeOf } from './values';

interface Draft {
  id: string;
  connection: string;
  cause: string;
  subject: string | null;
  worst: string;
  begin: Mark;
  end: Mark | null;
  toldMs: number | null;
  acknowledged: boolean;
  sentence: string | null;
  detail: string | null;
  seenMs: number;
}

/** From the least to the worst. */
const SEVERITIES = ['unknown', 'degraded', 'critical'];

/** Follows what the health alert node tells: one incident from its first alert to its end. */
export class IncidentBook {
  private readonly all: Draft[] = [];
  private readonly present = new Map<string, Draft>();

  take(fact: Fact): void {
    if (fact.event !== 'health_alert' && fact.event !== 'health_recovered') return;
    const { payload, connection, atMs } = fact;
    const id = textOf(payload.id) ?? `${textOf(payload.cause) ?? 'unknown'}`;
    const key = `${connection}\n${id}`;
    const sinceMs = timeOf(payload.since);
    let one = this.present.get(key);
    // an id may begin anew, as after a restart
    if (one?.end?.ms != null && (sinceMs ?? atMs) > one.end.ms) one = undefined;
    if (!one) {
      one = {
        id,
        connection,
        cause: textOf(payload.cause) ?? 'unknown',
        subject: textOf(payload.subject),
        worst: 'unknown',
        begin: sinceMs === null ? missing('the alert does not tell it', { notAfter: atMs }) : known(sinceMs),
        end: null,
        toldMs: null,
        acknowledged: false,
        sentence: null,
        detail: null,
        seenMs: atMs,
      };
      this.all.push(one);
      this.present.set(key, one);
    }
    one.seenMs = Math.max(one.seenMs, atMs);
    one.acknowledged ||= flagOf(payload.acknowledged) === true;
    const worst = [textOf(payload.worst), textOf(payload.severity), one.worst];
    one.worst = SEVERITIES.findLast((severity) => worst.includes(severity)) ?? 'unknown';
    if (fact.event === 'health_recovered') {
      one.end = known(timeOf(payload.until) ?? atMs);
      one.toldMs = durationOf(payload.durationMs);
      one.sentence ??= textOf(payload.title);
    } else {
      // what it grew into says more than how it began
      one.sentence = textOf(payload.title) ?? one.sentence;
      one.detail = textOf(payload.detail) ?? one.detail;
    }
  }

  lines(nameOf: (connection: string) => string): IncidentLine[] {
    return this.all.map(({ seenMs, toldMs, ...one }) => {
      const end = one.end ?? missing('it was not told as over before the record ends', { notBefore: seenMs });
      return {
        ...one,
        connection: nameOf(one.connection),
        begin: momentOf(one.begin),
        end: momentOf(end),
        durationMs: between(one.begin, end) ?? toldMs,
        open: one.end === null,
        sentence: one.sentence ?? 'The alert says no more.',
      };
    });
  }
}
