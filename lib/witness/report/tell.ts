import { addOne } from '../entry-type';
import type { VerifyReport } from '../verify';
import { endOf, recordedWithin, recordingOf, streamOf } from './given';
import { failuresOf } from './failures';
import type { FactReader } from './facts';
import {
  between,
  certain,
  iso,
  merged,
  momentOf,
  overlapMs,
  totalMs,
  type Interval,
  type Mark,
} from './marks';
import { connectionNames } from './names';
import type { RecordBook } from './record';
import { sceneTotals } from './scene-totals';
import type { Draft } from './sessions';
import { followStory, type Story } from './story';
import type { StreamDraft } from './streams';
import { allUnknown, unknownBy, unknownSpans } from './unknown';
import { summaryOf } from './summary';
import type { Moment, ReportOptions, Session, ShowReport } from './types';
import { countText } from './words';

/** Shows that are further apart are two, in ms. */
const APART_MS = 3 * 3_600_000;
const AROUND_MS = 1_800_000;

/** Entries as they were counted: time and type of each. */
export interface ReadEntries {
  times: number[];
  types: string[];
}

/** Put together what was followed, within the time that is asked for. */
export function tellStory(
  reader: FactReader,
  record: RecordBook,
  { times, types }: ReadEntries,
  verification: VerifyReport,
  options: ReportOptions,
  asked: Interval,
): ShowReport {
  const firstMs = times[0] ?? null;
  const lastMs = times.reduce((a, b) => Math.max(a, b), -Infinity);
  const story = followStory(reader, lastMs);
  const name = connectionNames(reader.connections);
  const spans = unknownSpans(story, record, name);
  const unknown = unknownBy(story, record, lastMs);
  const session = (one: Draft): Session => ({
    connection: name(one.connection),
    output: one.output,
    begin: momentOf(one.begin),
    end: momentOf(endOf(one)),
    durationMs: between(one.begin, endOf(one)),
    startedBy: one.startedBy,
    stoppedBy: one.stoppedBy,
    endExpected: one.endExpected,
    unknownMs: Math.round(overlapMs(certain(one.begin, endOf(one)), unknown(one.connection))),
    entries: one.entries,
  });

  const { from, to } = windowOf(story, asked, options, { from: -Infinity, to: Infinity });
  const within = (begin: Mark, end: Mark): boolean => {
    const sure = certain(begin, end);
    return sure.from <= to && sure.to >= from;
  };
  const isIn = (at: string | null): boolean =>
    at === null || (Date.parse(at) >= from && Date.parse(at) <= to);
  const overlaps = ({ begin, end }: { begin: Moment; end: Moment }): boolean =>
    Date.parse(begin.at ?? begin.notAfter ?? '') <= to && !(Date.parse(end.at ?? '') < from);
  const running = (one: Draft): boolean => within(one.begin, endOf(one));

  const streams = story.streams.all.filter(running);
  const recordings = story.recordings.all.filter(running);
  const scenes = story.scenes.all.filter(({ begin, end }) => within(begin, end ?? begin));
  const live = liveBy(streams);
  const recordingSessions = recordings.map((one) => recordingOf(one, session(one)));
  const streamSessions = streams.map((one) =>
    streamOf(one, session(one), story.streams.heard.has(one.connection)),
  );
  const counts: Record<string, number> = {};
  let entries = 0;
  for (let at = 0; at < times.length; at++) {
    if (times[at]! < from || times[at]! > to) continue;
    addOne(counts, types[at]!);
    entries++;
  }
  const replays = story.outputs.replays.map((one) => ({ ...one.file, connection: name(one.connection) }));
  const { origin } = verification;
  const logName = origin === null ? null : (origin.split('/').at(-1) ?? origin);
  const told = <T extends { key: string }>({ key, ...one }: T): Omit<T, 'key'> & { connection: string } => ({
    ...one,
    connection: name(key),
  });
  const report = {
    title: options.title?.trim() || logName || 'Show report',
    log: { origin, name: logName },
    from: firstMs === null || !(from <= lastMs) ? null : iso(Math.max(from, firstMs)),
    to: firstMs === null || !(to >= firstMs) ? null : iso(Math.min(to, lastMs)),
    timeZone: options.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    madeAt: options.now === undefined ? null : iso(options.now),
    streams: streamSessions,
    recordings: recordingSessions,
    outputs: story.outputs.all.filter(running).map(session),
    files: [...recordingSessions.flatMap(({ files }) => files), ...replays.filter(({ at }) => isIn(at))],
    interruptions: streamSessions.flatMap(({ interruptions }) => interruptions).filter(overlaps),
    incidents: story.incidents.lines(name).filter(overlaps),
    scenes: {
      timeline: scenes.map((one) => {
        const sure = certain(one.begin, one.end ?? one.begin);
        const whole = one.begin.ms !== null && one.end?.ms != null;
        return {
          connection: name(one.connection),
          scene: one.scene,
          begin: momentOf(one.begin),
          end: momentOf(one.end ?? one.begin),
          durationMs: whole
            ? Math.round(sure.to - sure.from - overlapMs(sure, unknown(one.connection)))
            : null,
          by: one.by,
        };
      }),
      totals: sceneTotals(scenes, { from, to }, unknown, live, name),
    },
    acts: story.acts.all.filter(({ at }) => isIn(at)).map(told),
    stopAlls: story.acts.stopAlls.filter(({ at }) => isIn(at)).map(told),
    failures: failuresOf(story, name).filter(({ at }) => isIn(at)),
    unknown: spans.filter(overlaps),
    notes: notesOf(story, reader, record, { from, to }, times.length - entries),
    counts,
    entries,
    verification,
  };
  const clip = (intervals: readonly Interval[]): Interval[] =>
    merged(intervals.map((one) => ({ from: Math.max(one.from, from), to: Math.min(one.to, to) })));
  const liveMs = totalMs(clip(streams.map((one) => certain(one.begin, endOf(one)))));
  const spansMs = totalMs(clip(allUnknown(story, record, lastMs)));
  return {
    ...report,
    summary: summaryOf(report, {
      liveMs,
      recordedMs: recordings.reduce((sum, one) => sum + recordedWithin(one, { from, to }), 0),
      unknownMs: spansMs,
      heard: streams.every(({ connection }) => story.streams.heard.has(connection)),
    }),
  };
}

/** What is asked for; else the last show; else all. */
function windowOf(story: Story, asked: Interval, { period }: ReportOptions, all: Interval): Interval {
  if (period === 'all' || asked.from !== -Infinity || asked.to !== Infinity) return asked;
  const drafts = [...story.streams.all, ...story.recordings.all];
  const ran = merged(
    drafts.map((one) => {
      const sure = certain(one.begin, endOf(one));
      // what lasted a moment, or of which only one end is known, was there too
      return { from: sure.from, to: sure.to + 1 };
    }),
  );
  const last = ran.pop();
  if (!last) return all;
  for (let before = ran.pop(); before && last.from - before.to < APART_MS; before = ran.pop())
    last.from = before.from;
  return { from: last.from - AROUND_MS, to: last.to + AROUND_MS };
}

function liveBy(streams: readonly StreamDraft[]): (connection: string) => Interval[] {
  const by = new Map<string, Interval[]>();
  for (const one of streams) {
    const list = by.get(one.connection) ?? [];
    list.push(certain(one.begin, endOf(one)));
    by.set(one.connection, list);
  }
  for (const [connection, list] of by) by.set(connection, merged(list));
  return (connection) => by.get(connection) ?? [];
}

function notesOf(
  { heard, streams, recordings }: Story,
  reader: FactReader,
  record: RecordBook,
  within: Interval,
  left: number,
): string[] {
  const out = record.notes(within);
  const { strange, dropped } = reader.odd(within);
  if (left > 0)
    out.push(
      `The log has ${countText(left, 'more entry', 'more entries')} of other times, which this report leaves out.`,
    );
  if (!heard.events && heard.actions)
    out.push(
      'Only what the flow’s own nodes did is recorded. What somebody did in the application itself is missing: an event node before the witness records it too.',
    );
  if (heard.events && !heard.actions)
    out.push(
      'Only what the applications told is recorded, and not which node of the flow asked for it: a witness behind the action nodes records that too.',
    );
  if (!streams.all.length && !recordings.all.length)
    out.push('No stream and no recording is in this record.');
  if (strange > 0)
    out.push(
      `${countText(strange, 'message carries', 'messages carry')} a time that cannot be this computer’s; the time of the record counts there.`,
    );
  if (dropped > 0)
    out.push(`${dropped} events were left out by the limit of an event node, and are not recorded.`);
  return out;
}
