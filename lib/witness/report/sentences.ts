import type { By, Moment, ShowReport } from './types';
import { countText, durationText, type LocalTime } from './words';

/** How sure one may be of the record, in two words. */
export const VERDICTS = {
  valid: { word: 'Verified', mark: '✓' },
  tampered: { word: 'Not as it was written', mark: '✕' },
  unknown: { word: 'Not established', mark: '?' },
} as const;

/** Who did it, in a few words. */
export function byText({ who, action, person }: By): string {
  switch (who) {
    case 'flow':
      return `the flow${action === null ? '' : ` (${action})`}${person === null ? '' : `, ${person}`}`;
    case 'other':
      return 'in the application';
    case 'nobody':
      return 'by itself';
    case 'unknown':
      return 'not recorded';
  }
}

/** The same of several: `Anna, by start-stream` … */
export function actorText({ who, action, person, recordedBy }: By): string {
  if (who !== 'flow')
    return byText({ who, action, person, recordedBy }).replace(/^./, (one) => one.toUpperCase());
  return `${person ?? 'The flow'}${action === null ? '' : ` (${action})`}`;
}

/** Why a moment is missing, and between which times it was. */
export function missingText({ reason, notBefore, notAfter }: Moment, clock: (at: string) => string): string {
  const bounds =
    notBefore !== null && notAfter !== null
      ? `between ${clock(notBefore)} and ${clock(notAfter)}`
      : notBefore !== null
        ? `after ${clock(notBefore)}`
        : notAfter !== null
          ? `before ${clock(notAfter)}`
          : null;
  return [reason ?? 'no reason is told', bounds].filter((one) => one !== null).join('; ');
}

/** The evening in a few sentences. */
export function summarySentences(report: ShowReport, time: LocalTime): string[] {
  return [live(report, time), interrupted(report), recorded(report), incidents(report), more(report)].flat();
}

function live({ streams, summary, from }: ShowReport, time: LocalTime): string[] {
  const [first, ...others] = streams;
  if (!first) return ['No stream is recorded in this time.'];
  if (others.length) {
    const sum = summary.liveMs > 0 ? ` Something was live for ${durationText(summary.liveMs)} in all.` : '';
    return [`${streams.length} streams are recorded.${sum}`];
  }
  const { begin, end, durationMs } = first;
  const clock = (at: string): string => time.clockFrom(at, from);
  const span = [
    begin.at === null ? 'from a time that is not recorded' : `from ${clock(begin.at)}`,
    end.at === null ? `to a time that is not recorded (${end.reason})` : `to ${clock(end.at)}`,
  ].join(' ');
  return [`The stream was live ${durationMs === null ? '' : `for ${durationText(durationMs)}, `}${span}.`];
}

function interrupted({ streams, summary }: ShowReport): string[] {
  const { interruptions: count, interruptedMs, interruptionsUnknown } = summary;
  if (!streams.length) return [];
  if (count === null) return ['Whether it lost its server is not recorded.'];
  if (count === 0) return ['It never lost its server, as far as is recorded.'];
  const known = count - interruptionsUnknown;
  const lasted = known > 0 ? `, for ${durationText(interruptedMs)}${count > 1 ? ' in all' : ''}` : '';
  const unknown =
    interruptionsUnknown > 0 ? ` How long ${interruptionsUnknown} of them lasted is not recorded.` : '';
  return [`The server was lost ${count === 1 ? 'once' : `${count} times`}${lasted}.${unknown}`];
}

function recorded({ recordings, files, summary }: ShowReport): string[] {
  if (!recordings.length) return ['No recording is recorded in this time.'];
  const ms = summary.recordedMs > 0 ? ` of ${durationText(summary.recordedMs)}` : '';
  return [
    `There ${recordings.length === 1 ? 'is' : 'are'} ${countText(recordings.length, 'recording')}${ms}, in ${countText(files.filter(({ kind }) => kind === 'recording').length, 'file')}.`,
  ];
}

function incidents({ incidents: all, summary }: ShowReport): string[] {
  if (!all.length) return ['No incident was told.'];
  const open = summary.incidentsOpen;
  const critical = all.filter(({ worst }) => worst === 'critical').length;
  const worst =
    critical === 0 ? '' : all.length === 1 ? ', a critical one' : `, ${critical} of them critical`;
  return [
    `${countText(all.length, 'incident')} ${all.length === 1 ? 'was' : 'were'} told${worst}${open ? `; ${open} not told as over` : ''}.`,
  ];
}

function more({ summary, stopAlls }: ShowReport): string[] {
  const out: string[] = [];
  if (summary.failures > 0) out.push(`${countText(summary.failures, 'thing')} went wrong (see below).`);
  if (stopAlls.length > 0)
    out.push(
      `Everything was stopped at once ${stopAlls.length === 1 ? 'once' : `${stopAlls.length} times`}.`,
    );
  if (summary.unknownMs > 0)
    out.push(`For ${durationText(summary.unknownMs)} it is not known, or not all of it, what went on.`);
  return out;
}

/** `Friday 20 November 2026, 19:00:05 to 21:04:55` */
export function whenText({ from, to }: ShowReport, time: LocalTime): string {
  if (from === null || to === null) return 'No entry in this time';
  const [first, last] = [time.date(from), time.date(to)];
  return first === last
    ? `${first}, ${time.clock(from)} to ${time.clock(to)}`
    : `${first}, ${time.clock(from)}, to ${last}, ${time.clock(to)}`;
}

/** `Europe/Berlin, UTC+01:00` */
export function zoneText({ from, to }: ShowReport, time: LocalTime): string {
  if (from === null || to === null) return time.zone;
  const [first, last] = [time.offsetOf(from), time.offsetOf(to)];
  const offset = first === last ? first : `${first}, then ${last}`;
  return time.zone === offset ? offset : `${time.zone}, ${offset}`;
}
