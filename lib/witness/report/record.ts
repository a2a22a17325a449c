import { ownData } from '../format';
import { known, momentOf, type Interval, type Mark } from './marks';
import { durationText } from './words';
import type { ReportEntry, UnknownSpan } from './types';
import { countOf, textOf, timeOf, valuesOf } from './values';

/** Shorter pauses of the record, as at every deploy, are only counted. */
const SHORT_MS = 10_000;
/** A clock that is put right by less is no news. */
const SET_BACK_MS = 2_000;
/** Findings of one kind that are told one by one. */
const MOST_TOLD = 20;

/** Something a reader should know of the record. */
interface Remark {
  t: number;
  kind: 'setBack' | 'short' | 'crash' | 'lost' | 'note';
  /** how often, or how many */
  count: number;
  text: string;
}

/** Follows the record itself: when it was open, what is missing in it, and what its clock did. */
export class RecordBook {
  readonly spans: UnknownSpan[] = [];
  private readonly remarks: Remark[] = [];
  private last: { t: number; type: string } | null = null;

  add(entry: ReportEntry): void {
    const t = Date.parse(entry.t);
    const { last } = this;
    if (last && t < last.t - SET_BACK_MS)
      this.remark(
        t,
        'setBack',
        1,
        `The clock of the computer was set back by ${durationText(last.t - t)} at entry ${entry.seq}.`,
      );
    if (entry.type.startsWith('log.')) this.own(entry, t);
    this.last = { t, type: entry.type };
  }

  /** What a reader should know of the record in this time, one sentence each. */
  notes({ from, to }: Interval): string[] {
    const within = this.remarks.filter(({ t }) => t >= from && t <= to);
    const of = (kind: Remark['kind']): Remark[] => within.filter((one) => one.kind === kind);
    const sum = (kind: Remark['kind']): number => of(kind).reduce((all, { count }) => all + count, 0);
    const [setBack, short, crashes, lost] = [sum('setBack'), sum('short'), sum('crash'), sum('lost')];
    const out = [...of('note'), ...of('setBack').slice(0, 1)].slice(0, MOST_TOLD).map(({ text }) => text);
    if (setBack > 1) out.push(`The clock was set back ${setBack} times in all.`);
    if (short > 0)
      out.push(
        `The record was closed and opened again ${times(short)}, for less than ${durationText(SHORT_MS)} each, as at a deploy.`,
      );
    if (crashes > 0) out.push(`Node-RED or its computer ended ${times(crashes)} without closing the record.`);
    if (lost > 0) out.push(`${lost} entries could not be written.`);
    return out;
  }

  private own(entry: ReportEntry, t: number): void {
    const data = valuesOf(entry.data);
    switch (entry.type) {
      case 'log.open':
        return this.opened(data.previous === 'crashed', t);
      case 'log.gap': {
        const count = countOf(data.count) ?? 0;
        this.remark(t, 'lost', count);
        const [first, last] = [timeOf(data.first) ?? t, timeOf(data.last) ?? t];
        const reason = textOf(data.reason) ?? 'the reason is not told';
        this.span('lost', known(first), known(last), `${count} entries could not be written: ${reason}.`);
        return;
      }
      case 'log.recovered':
        return this.note(
          t,
          `${countOf(data.bytes) ?? 'Some'} bytes of an entry that was not written whole were put aside (${textOf(data.file) ?? '?'}).`,
        );
      case 'log.rollback':
        return this.note(
          t,
          `The log was found with ${countOf(data.foundSize) ?? 'fewer'} entries where ${countOf(data.expectedSize) ?? 'more'} had been signed.`,
        );
      case 'log.genesis': {
        const continues = ownData({ type: entry.type, data: entry.data }, 'log.genesis')?.continues;
        if (continues)
          this.note(t, `This log goes on from an earlier one (${textOf(continues.reason) ?? '?'}).`);
      }
    }
  }

  private opened(crashed: boolean, t: number): void {
    const { last } = this;
    if (crashed) this.remark(t, 'crash');
    if (!last || last.type === 'log.genesis') return;
    if (t - last.t < SHORT_MS && !crashed) {
      this.remark(t, 'short');
      return;
    }
    this.span(
      'record',
      known(last.t),
      known(Math.max(t, last.t)),
      crashed
        ? 'Nothing was recorded: Node-RED or its computer ended without a word in this time.'
        : 'Nothing was recorded: the log was closed.',
    );
  }

  private span(kind: UnknownSpan['kind'], begin: Mark, end: Mark, sentence: string): void {
    const durationMs = Math.max(0, (end.ms ?? 0) - (begin.ms ?? 0));
    this.spans.push({
      kind,
      connection: null,
      begin: momentOf(begin),
      end: momentOf(end),
      durationMs,
      sentence,
    });
  }

  private note(t: number, text: string): void {
    this.remark(t, 'note', 1, text);
  }

  private remark(t: number, kind: Remark['kind'], count = 1, text = ''): void {
    this.remarks.push({ t, kind, count, text });
  }
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
