import { escapeHtml } from './escape';

/** A cell: text of the log, or markup that is made here. */
export type Cell = string | Html;

/** Markup whose texts are escaped already. */
export class Html {
  constructor(readonly markup: string) {}
}

/** Markup, with every text in it escaped. */
export function html(parts: TemplateStringsArray, ...values: readonly (Cell | number)[]): Html {
  return new Html(
    parts.reduce((out, part, at) => out + part + (at < values.length ? markupOf(values[at]!) : ''), ''),
  );
}

export function joined(cells: readonly Html[], between = ''): Html {
  return new Html(cells.map(({ markup }) => markup).join(between));
}

export function markupOf(cell: Cell | number): string {
  return cell instanceof Html ? cell.markup : escapeHtml(String(cell));
}

export interface Column {
  name: string;
  style?: 'num' | 't';
}

/** A table of the first `most`; of the others how many there are. Empty without rows. */
export function table<T>(
  columns: readonly Column[],
  rows: readonly T[],
  cells: (row: T) => readonly Cell[],
  most = 40,
): string {
  if (!rows.length) return '';
  const style = ({ style: one }: Column): string => (one ? ` class="${one}"` : '');
  const head = columns.map((one) => `<th${style(one)}>${escapeHtml(one.name)}</th>`).join('');
  const body = rows
    .slice(0, most)
    .map((row) => {
      const line = cells(row).map((cell, at) => {
        const column = columns[at]!;
        const markup = markupOf(cell);
        // a phone shows each cell with its name; one without content is left out there
        return `<td${style(column)} data-name="${escapeHtml(column.name)}">${markup === '' ? '' : `<div>${markup}</div>`}</td>`;
      });
      return `<tr>${line.join('')}</tr>`;
    })
    .join('\n');
  return `<table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table>${more(rows.length - most)}`;
}

/** What is not shown here. */
export function more(count: number): string {
  return count > 0 ? `<p class="more">… and ${count} more, which the data of this report have all.</p>` : '';
}
