import { byText, missingText } from './sentences';
import { html, type Cell, type Html } from './table';
import type { By, Moment, Session, ShowReport } from './types';
import { durationText, lastedText, type LocalTime } from './words';

export const NOTHING = html``;

/** What the cells of several tables are made of. */
export class Cells {
  constructor(
    protected readonly report: ShowReport,
    protected readonly time: LocalTime,
  ) {}

  protected clock = (at: string): string => this.time.clockFrom(at, this.report.from);

  protected moment(moment: Moment): Html {
    if (moment.at !== null) return html`<span class="t">${this.clock(moment.at)}</span>`;
    return html`<span class="missing">not recorded</span> <small>${missingText(moment, this.clock)}</small>`;
  }

  protected lasted(ms: number | null): Cell {
    return ms === null ? html`<span class="missing">not known</span>` : lastedText(ms);
  }

  protected atLeast({ begin, end, durationMs }: Session): Html {
    if (durationMs !== null || begin.at === null || end.notBefore === null) return NOTHING;
    return html`<small
      >at least ${durationText(Math.max(0, Date.parse(end.notBefore) - Date.parse(begin.at)))}</small
    >`;
  }

  /** begin, end, duration, and who: of everything that ran */
  protected session(one: Session): Cell[] {
    const dark =
      one.unknownMs > 0 ? html`<small>${durationText(one.unknownMs)} of it not known</small>` : NOTHING;
    const by = (who: By): Html => (who.who === 'unknown' ? NOTHING : html`<small>${byText(who)}</small>`);
    return [
      html`${this.moment(one.begin)}${by(one.startedBy)}`,
      html`${this.moment(one.end)}${by(one.stoppedBy)}`,
      html`${this.lasted(one.durationMs)}${this.atLeast(one)}${dark}`,
    ];
  }

  protected what({ connection, output }: { connection: string; output: string }): string {
    return output === 'stream' || output === 'recording' ? connection : `${connection}, ${output}`;
  }
}
