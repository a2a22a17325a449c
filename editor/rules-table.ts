import type { RuleId } from '../lib/health/types';
import { currentText, text, whenChanged } from './dialog';
import {
  applies,
  type Column,
  COLUMNS,
  faultOfCell,
  faultOfLevels,
  isLevel,
  nameOfRule,
  type RuleRow,
  type RuleRows,
  standard,
  tableRules,
  unitOf,
  watchOf,
} from './health-rules';
import { fromEnvironment } from './validators';

export interface RulesTable {
  /** what differs from the preset */
  rows(): RuleRows;
  /** the ticks or the preset have changed */
  update(): void;
}

/**
 * The table of rules in `place`. Each field shows the preset's value until another is typed; only that other one is kept.
 * `watched` tells which ticks are set: rules that are not watched are not shown, but keep what was typed.
 */
export function rulesTable(
  node: EditorNode,
  place: JQuery,
  saved: unknown,
  watched: () => string[],
): RulesTable {
  const preset = () => currentText(node, 'preset') || 'standard';
  const fields = new Map<RuleId, Map<Column, JQuery>>();
  const lines = new Map<RuleId, { line: JQuery; unit: JQuery; back: JQuery }>();
  const typed = (rule: RuleId, column: Column) => String(fields.get(rule)?.get(column)?.val() ?? '').trim();
  const differs = (rule: RuleId, column: Column) =>
    typed(rule, column) !== '' && typed(rule, column) !== standard(preset(), rule, column);

  const rowOf = (rule: RuleId): RuleRow => {
    const changed = COLUMNS.filter((column) => differs(rule, column));
    return Object.fromEntries(changed.map((column) => [column, typed(rule, column)]));
  };
  const rows = (): RuleRows => {
    const all = [...fields.keys()].map((rule) => [rule, rowOf(rule)] as const);
    return Object.fromEntries(all.filter(([, row]) => Object.keys(row).length));
  };
  const count = $('.live-rules-count');
  const look = () => {
    for (const [rule, { back }] of lines) {
      const row = rowOf(rule);
      const changed = Object.keys(row).length > 0;
      back.css('visibility', changed ? '' : 'hidden');
      const fault = faultOfLevels(preset(), rule, row);
      for (const [column, input] of fields.get(rule)!) {
        const value = row[column];
        const wrong =
          value !== undefined &&
          !fromEnvironment(value) &&
          (faultOfCell(rule, column, value) ?? (isLevel(column) && fault));
        input.toggleClass('input-error', Boolean(wrong));
        const names = { rule: nameOfRule(rule), column: text(node, `rules.${column}`) };
        input.attr('title', wrong ? text(node, `common.invalid.${wrong}`, names) : '');
      }
    }
    const changed = Object.keys(rows()).length;
    count.text(changed ? text(node, 'rules.changed', { count: changed }) : '');
  };
  const update = () => {
    const ticked = watched();
    for (const [rule, { line, unit }] of lines) {
      const watch = watchOf(rule);
      line.toggle(watch === null || ticked.includes(watch));
      unit.text(unitOf(node, rule, preset()));
      for (const [column, input] of fields.get(rule)!)
        input.attr('placeholder', standard(preset(), rule, column));
    }
    look();
  };

  const line = (rule: RuleId): JQuery => {
    const name = nameOfRule(rule);
    const unit = $('<span>', { class: 'live-rule-unit' });
    const back = $('<button>', {
      type: 'button',
      class: 'red-ui-button red-ui-button-small',
      title: text(node, 'rules.back'),
      'aria-label': `${name}: ${text(node, 'rules.back')}`,
    }).append($('<i>', { class: 'fa fa-undo' }));
    const cells = new Map<Column, JQuery>();
    const tr = $('<tr>').append(
      $('<th>', { scope: 'row' }).append(document.createTextNode(`${name} `), unit),
    );
    for (const column of COLUMNS) {
      const cell = $('<td>').appendTo(tr);
      if (!applies(rule, column)) {
        cell.text('–');
        continue;
      }
      const input = $('<input>', {
        type: 'text',
        'aria-label': `${name}: ${text(node, `rules.${column}`)}`,
      });
      const own = (saved as RuleRows | undefined)?.[rule]?.[column];
      input.val(own === undefined || own === null ? '' : String(own)).on('change input', look);
      cells.set(column, input.appendTo(cell));
    }
    back.on('click', () => {
      for (const input of cells.values()) input.val('');
      look();
    });
    tr.append($('<td>').append(back));
    fields.set(rule, cells);
    lines.set(rule, { line: tr, unit, back });
    return tr;
  };

  const heads = $('<tr>').append($('<th>', { scope: 'col', rowspan: 2 }).text(text(node, 'rules.rule')));
  const kinds = $('<tr>');
  for (const column of COLUMNS) {
    const head = (key: string) => text(node, `rules.head.${key}`);
    const title = text(node, `rules.${column}`);
    if (isLevel(column)) $('<th>', { scope: 'colgroup', colspan: 2 }).text(head(column)).appendTo(heads);
    $('<th>', { scope: 'col', title })
      .text(head(isLevel(column) ? 'at' : 'after'))
      .appendTo(kinds);
  }
  heads.append($('<td>', { rowspan: 2 }));
  const body = $('<tbody>');
  for (const rule of tableRules()) body.append(line(rule));
  place.append($('<table>').append($('<thead>').append(heads, kinds), body));

  let unitsOf = preset();
  whenChanged(node, ['preset'], () => {
    // 60 % of what is expected are not 60 kbps
    for (const [rule, cells] of fields) {
      if (unitOf(node, rule, unitsOf) === unitOf(node, rule, preset())) continue;
      for (const [column, input] of cells) if (isLevel(column)) input.val('');
    }
    unitsOf = preset();
    update();
  });
  return { rows, update };
}
