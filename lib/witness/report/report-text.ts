import { visible } from './escape';
import { VERDICTS, byText, missingText, summarySentences, whenText, zoneText } from './sentences';
import type { Moment, ShowReport } from './types';
import { LocalTime, countText, durationText, sizeText } from './words';

/** Lines of one kind in a mail; the page has them all. */
const MOST = 5;

/** The report as a mail: the subject line, and the text in plain sentences, times local. */
export function reportText(report: ShowReport): { subject: string; text: string } {
  const time = new LocalTime(report.timeZone);
  const { verification, title, from, summary } = report;
  const clock = (at: string): string => time.clockFrom(at, from);
  const moment = (one: Moment): string =>
    one.at === null ? `not recorded (${missingText(one, clock)})` : clock(one.at);
  const lines: string[] = [];
  const list = <T>(all: readonly T[], say: (one: T) => string): void => {
    lines.push(...all.slice(0, MOST).map(say));
    if (all.length > MOST) lines.push(`… and ${all.length - MOST} more.`);
  };
  lines.push(title, `${whenText(report, time)} (${zoneText(report, time)})`, '');
  lines.push(...summarySentences(report, time), '');
  list(report.streams, ({ connection, output, begin, end, durationMs, target, service }) => {
    const where = target ?? service;
    const took = durationMs === null ? '' : ` (${durationText(durationMs)})`;
    return `Live: ${connection}, ${output}${where === null ? '' : ` to ${where}`}: ${moment(begin)} to ${moment(end)}${took}.`;
  });
  list(report.files, ({ path, durationMs, sizeBytes }) => {
    const facts = [
      durationMs === null ? null : durationText(durationMs),
      sizeBytes === null ? null : sizeText(sizeBytes),
    ];
    const told = facts.filter((one) => one !== null).join(', ');
    return `File: ${path}${told ? ` (${told})` : ''}`;
  });
  list(report.incidents, ({ sentence, begin, durationMs, open }) => {
    const lasted = durationMs === null ? '' : `, ${durationText(durationMs)}`;
    return `Incident: ${sentence} From ${moment(begin)}${lasted}${open ? ', not told as over' : ''}.`;
  });
  list(report.failures, ({ at, sentence }) => `Failed: ${clock(at)}: ${sentence}`);
  list(report.stopAlls, ({ at, by }) => `Everything was stopped at ${clock(at)}: ${byText(by)}.`);
  list(
    report.unknown,
    ({ sentence, begin, end }) => `Not known: ${moment(begin)} to ${moment(end)}: ${sentence}`,
  );
  if (lines.at(-1) !== '') lines.push('');
  const { word } = VERDICTS[verification.verdict];
  lines.push(
    `The record: ${word.toLowerCase()}. ${verification.sentence}`,
    `${countText(verification.total_events, 'entry', 'entries')}, of which ${verification.signed_size} are signed.`,
  );
  if (verification.checkpoint !== null)
    lines.push(
      '',
      'Keep this mail: the lines below prove later that the log of tonight was not changed.',
      '',
      verification.checkpoint.trimEnd(),
    );
  const facts = [
    summary.liveMs > 0 ? `live ${durationText(summary.liveMs)}` : null,
    summary.interruptions ? countText(summary.interruptions, 'interruption') : null,
    summary.incidents > 0 ? countText(summary.incidents, 'incident') : null,
    word.toLowerCase(),
  ];
  const day = from === null ? '' : `, ${time.shortDate(from)}`;
  const subject = `Show report: ${title}${day}: ${facts.filter((one) => one !== null).join(', ')}`;
  return { subject: oneLine(subject), text: `${lines.map((line) => visible(line, ' ')).join('\n')}\n` };
}

/** A name must not make a second header of a mail. */
function oneLine(text: string): string {
  return visible(text, ' ').replace(/\s+/g, ' ').slice(0, 200);
}
