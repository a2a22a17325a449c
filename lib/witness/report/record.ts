import { ownData } from '../format';
import { known, momentOf, type Mark } from './marks';
import { durationText } from './words';
import type { ReportEntry, UnknownSpan } from './types';
import { countOf, textOf, timeOf, valuesOf } from './values';

/** Shorter pauses of the record, as at every deploy, are only counted. */
const SHORT_MS = 10_000;
/** A clock that is put right by less is no news. */
const SET_BACK_MS = 2_000;
/** Findings of one kind that are told one by one. */
const MOST_TOLD = 20;

/** Follows the record itself: when it was open, what is missing in it, and what its clock did. */
export class RecordBook {
  readonly spans: UnknownSpan[] = [];
  readonly notes: string[] = [];
  private last: { t: number; type: string } | null = null;
  private short = 0;
  private crashes = 0;
  private setBack = 0;
  private lost = 0;

  add(entry: ReportEntry): void {
    const t = Date.parse(entry.t);
    const { last } = this;
    if (last && t < last.t - SET_BACK_MS && this.setBack++ === 0)
      this.notes.push(
        `The clock of the computer was set back by ${durationText(last.t - t)} at entry ${entry.seq}.`,
      );
    if (entry.type.startsWith('log.')) this.own(entry, t);
    this.last = { t, type: entry.type };
  }

  finish(): void {
    if (this.setBack > 1) this.notes.push(`The clock was set back ${this.setBack} times in all.`);
    if (this.short > 0)
      this.notes.push(
        `The record was closed and opened again ${times(this.short)}, for less than ${durationText(SHORT_MS)} each, as at a deploy.`,
      );
    if (this.crashes > 0)
      this.notes.push(`Node-RED or its computer ended ${times(this.crashes)} without closing the record.`);
    if (this.lost > 0) this.notes.push(`${this.lost} entries could not be written.`);
  }

  private own(entry: ReportEntry, t: number): void {
    const data = valuesOf(entry.data);
    switch (entry.type) {
      case 'log.open':
        return this.opened(data.previous === 'crashed', t);
      case 'log.gap': {
        const count = countOf(data.count) ?? 0;
        this.lost += count;
        const [first, last] = [timeOf(data.first) ?? t, timeOf(data.last) ?? t];
        const reason = textOf(data.reason) ?? 'the reason is not told';
        this.span('lost', known(first), known(last), `${count} entries could not be written: ${reason}.`);
        return;
      }
      case 'log.recovered':
        return this.note(
          `${countOf(data.bytes) ?? 'Some'} bytes of an entry that was not written whole were put aside (${textOf(data.file) ?? '?'}).`,
        );
      case 'log.rollback':
        return this.note(
          `The log was found with ${countOf(data.foundSize) ?? 'fewer'} entries where ${countOf(data.expectedSize) ?? 'more'} had been signed.`,
        );
      case 'log.genesis': {
        const continues = ownData({ type: entry.type, data: entry.data }, 'log.genesis')?.continues;
        if (continues)
          this.note(`This log goes on from an earlier one (${textOf(continues.reason) ?? '?'}).`);
      }
    }
  }

  private opened(crashed: boolean, t: number): void {
    const { last } = this;
    if (crashed) this.crashes++;
    if (!last || last.type === 'log.genesis') return;
    if (t - last.t < SHORT_MS && !crashed) {
      this.short++;
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

  private note(text: string): void {
    if (this.notes.length < MOST_TOLD) this.notes.push(text);
  }
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
