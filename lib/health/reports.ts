import { unitOf } from './facts';
import type { Incident } from './incident';
import type { RuleState } from './judge';
import { reasonText } from './reasons';
import { SEVERITY_WORDS, adviceOf, detailOf, endOf, headOf, titleOf, type Words } from './sentences';
import { durationText, isoText } from './time';
import type { HealthAlert, IncidentReport, RuleReport, Verdict } from './types';

/** One rule as it stands. `given`: why the application gave no figure, in its own words. */
export function ruleReport(rule: RuleState, subject: string | null, given: string | null): RuleReport {
  const known = Number.isFinite(rule.value);
  const { verdict } = rule;
  return {
    rule: rule.rule,
    subject,
    verdict,
    value: known ? rule.value : null,
    unit: unitOf(rule.rule, rule.setting),
    threshold: rule.threshold,
    since: rule.level > 0 ? isoText(rule.sinceMs) : null,
    reason: known ? null : reasonText(rule.why, given),
  };
}

/** One incident as it stands at `atMs`. */
export function incidentReport(
  incident: Incident,
  atMs: number,
  words: Words,
  report: (rule: RuleState) => RuleReport,
): IncidentReport {
  return {
    id: incident.id,
    cause: incident.cause,
    subject: incident.subject,
    severity: incident.severity,
    worst: incident.worstSeverity,
    since: isoText(incident.sinceMs),
    until: incident.open ? null : isoText(incident.untilMs),
    durationMs: incident.durationMs(atMs),
    acknowledged: incident.acknowledged,
    rules: incident.ruleReports(report),
    title: `${titleOf(incident, words)}.`,
  };
}

/** What is told of an incident: the report with its sentences. `still`: what else is wrong when it has ended. */
export function alertOf(
  change: HealthAlert['change'],
  incident: Incident,
  report: IncidentReport,
  now: { atMs: number; verdict: Verdict; score: number | null },
  words: Words,
  still: readonly Incident[],
  note: string | null,
): HealthAlert {
  const sentences =
    change === 'recovered' ? ended(incident, words, still, note) : wrong(change, incident, now.atMs, words);
  return {
    change,
    at: isoText(now.atMs),
    verdict: now.verdict,
    score: now.score,
    ...report,
    ...sentences,
  };
}

/** ", for 12 s", once there is something to say. */
const howLong = (ms: number): string => (ms < 1_000 ? '' : `, for ${durationText(ms)}`);

type Sentences = Pick<HealthAlert, 'detail' | 'advice' | 'subjectLine' | 'text'>;

function wrong(
  change: 'opened' | 'worsened' | 'reminder',
  incident: Incident,
  atMs: number,
  words: Words,
): Sentences {
  const title = titleOf(incident, words);
  const since = words.clock(incident.sinceMs);
  const bad = SEVERITY_WORDS[incident.severity];
  const detail = detailOf(incident, words);
  const advice = adviceOf(incident, words);
  const first = {
    opened: `${title}.`,
    worsened: `Worse than before: ${title}.`,
    reminder: `Still so: ${title}.`,
  }[change];
  const mark = { opened: '', worsened: 'worse: ', reminder: 'still: ' }[change];
  return {
    detail,
    advice,
    subjectLine: `${mark}${title} (${words.place}, since ${since})`.replace(/^./, (one) => one.toUpperCase()),
    text: [
      first,
      `Since ${since}${howLong(incident.durationMs(atMs))}: ${bad}.`,
      detail,
      `What to try first: ${advice}`,
    ].join('\n'),
  };
}

/** A disk that was full as the show ended is full still. */
const adviceAfter = ({ endedBy }: Incident): string =>
  endedBy === 'noShow'
    ? 'It was not seen to become well: look at it before the next show.'
    : 'Nothing needs to be done.';

function ended(incident: Incident, words: Words, still: readonly Incident[], note: string | null): Sentences {
  const end = endOf(incident, words);
  const took = durationText(incident.durationMs(incident.untilMs));
  const from = words.clock(incident.sinceMs);
  const to = words.clock(incident.untilMs);
  const { worstSeverity: worst } = incident;
  const detail = `It lasted ${took}, from ${from} to ${to}${worst === 'unknown' ? '' : `, and was ${SEVERITY_WORDS[worst]} at worst`}.`;
  const others = still.map((one) => titleOf(one, words)).join('; ');
  const advice = others ? `Look at what is still wrong: ${others}.` : adviceAfter(incident);
  return {
    detail,
    advice,
    subjectLine: `${headOf(incident, incident.cause)}: ${incident.endedBy ? 'over' : 'well again'} after ${took} (${words.place})`,
    text: [
      incident.endedBy ? `${end}.` : `${end} after ${took}.`,
      `What was wrong: ${titleOf(incident, words)}.`,
      detail,
      ...(note ? [note] : []),
      ...(others ? [`Still wrong: ${others}.`] : incident.endedBy === 'noShow' ? [advice] : []),
    ].join('\n'),
  };
}
