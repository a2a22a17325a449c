import { between, known, merged, missing, momentOf, type Interval } from './marks';
import type { RecordBook } from './record';
import type { Story } from './story';
import type { UnknownSpan } from './types';

/** Times of the record itself in which nothing is known of anything. */
function recordIntervals({ spans }: RecordBook): Interval[] {
  return spans.map(({ begin, end }) => ({ from: Date.parse(begin.at!), to: Date.parse(end.at!) }));
}

/** For each connection the times in which nobody knows what went on there, merged. */
export function unknownBy(
  story: Story,
  record: RecordBook,
  lastMs: number,
): (connection: string) => Interval[] {
  const shared = recordIntervals(record);
  const by = new Map<string, Interval[]>();
  for (const { connection, lostMs, backMs } of story.outages.all) {
    const list = by.get(connection) ?? [...shared];
    list.push({ from: lostMs, to: backMs ?? lastMs });
    by.set(connection, list);
  }
  const always = merged(shared);
  for (const [connection, list] of by) by.set(connection, merged(list));
  return (connection) => by.get(connection) ?? always;
}

/** The times in which something could not be known. */
export function allUnknown({ outages }: Story, record: RecordBook, lastMs: number): Interval[] {
  const lost = outages.all.map(({ lostMs, backMs }) => ({ from: lostMs, to: backMs ?? lastMs }));
  return merged([...recordIntervals(record), ...lost]);
}

/** Every such time, with its sentence. */
export function unknownSpans(
  { outages }: Story,
  record: RecordBook,
  name: (key: string) => string,
): UnknownSpan[] {
  const lost = outages.all.map(({ connection, lostMs, backMs, why }): UnknownSpan => {
    const end = backMs === null ? missing('the connection was not back when the record ends') : known(backMs);
    const called = name(connection);
    return {
      kind: 'connection',
      connection: called,
      begin: momentOf(known(lostMs)),
      end: momentOf(end),
      durationMs: between(known(lostMs), end),
      sentence: `${called} could not be asked: what went on there in this time is not known.${why === null ? '' : ` ${why}`}`,
    };
  });
  return [...record.spans, ...lost].sort((a, b) => (a.begin.at! < b.begin.at! ? -1 : 1));
}
