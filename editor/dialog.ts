/** The text of a key of the node's own catalogue; shared texts live under `common.`. */
export function text(node: EditorNode, key: string, values?: object): string {
  return node._def._(key, values);
}

function prefix(node: EditorNode): string {
  return node._def.category === 'config' ? 'node-config-input' : 'node-input';
}

/** The form element of a property in the open dialog. */
export function field(node: EditorNode, property: string): JQuery {
  return $(`#${prefix(node)}-${property}`);
}

/** The form row that holds a property's field. */
export function row(node: EditorNode, property: string): JQuery {
  return field(node, property).closest('.form-row');
}

/**
 * A property as it stands now: what its open dialog shows, else what the node holds.
 * Validators ask it, so that one field may depend on another before anything is saved.
 */
export function current(node: EditorNode, property: string): unknown {
  const input = RED.editor.getEditStack().includes(node) ? field(node, property) : $();
  if (input.length === 0) return node[property];
  if (input.attr('type') === 'checkbox') return input.prop('checked');
  const value = input.val();
  return value === '_ADD_' ? '' : value;
}

/** `current` as trimmed text; nothing is ''. */
export function currentText(node: EditorNode, property: string): string {
  const value = current(node, property);
  return typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';
}

/** Run `update` now and whenever one of the fields changes. */
export function whenChanged(node: EditorNode, properties: string[], update: () => void): void {
  for (const property of properties) field(node, property).on('change', update);
  update();
}

/** Show each row only while its condition holds; conditions are asked again when one of the fields changes. */
export function showRows(node: EditorNode, properties: string[], rows: Record<string, () => boolean>): void {
  whenChanged(node, properties, () => {
    for (const [property, condition] of Object.entries(rows)) row(node, property).toggle(condition());
  });
}

/**
 * Leave only these choices of a selection. One that is chosen stays, so that nothing changes unseen: its validator says that it
 * will not do.
 */
export function offer(node: EditorNode, property: string, isOffered: (value: string) => boolean): void {
  const chosen = currentText(node, property);
  field(node, property)
    .find('option')
    .each((_, option) => {
      const value = String($(option).val());
      const away = value !== chosen && !isOffered(value);
      $(option).prop('disabled', away).prop('hidden', away);
    });
}

/** Give an element another text. Node-RED fills in whatever `data-i18n` names once more after a dialog was prepared, so that goes. */
export function reword(element: JQuery, words: string): void {
  element.removeAttr('data-i18n').text(words);
}

/** Give a field another label: one that says what the chosen service calls it. */
export function relabel(node: EditorNode, property: string, key: string): void {
  reword(row(node, property).find('label span').first(), text(node, key));
}

/** Empty the choice of a config node, so that the dialog saves none. */
export function clear(node: EditorNode, property: string): void {
  const select = field(node, property);
  if (select.find('option[value="_ADD_"]').length === 0) select.append($('<option>', { value: '_ADD_' }));
  select.val('_ADD_');
}

/** Turn `<ul class="live-tabs">` and the `.live-tab[data-tab]` blocks beside it into Node-RED tabs. */
export function tabs(node: EditorNode): void {
  const list = $('ul.live-tabs').last();
  const panes = list.closest('.form-row').nextAll('.live-tab');
  const id = (pane: HTMLElement) => `live-tab-${$(pane).data('tab')}`;
  panes.each((_, pane) => void $(pane).attr('id', id(pane)));
  list.attr('id', `live-tabs-${node.type}`);
  const bar = RED.tabs.create({
    element: list,
    onchange: (tab) => {
      panes.hide();
      $(`#${tab.id}`).show();
    },
  });
  panes.each((_, pane) =>
    bar.addTab({ id: id(pane), label: text(node, `common.tab.${$(pane).data('tab')}`) }),
  );
}

/** Give a field with types (`msg`, `flow`, …) its typed input; the type is kept in the property `<property>Type`. */
export function typed(node: EditorNode, property: string, types: (string | TypedInputType)[]): JQuery {
  return field(node, property).typedInput({ types, typeField: field(node, `${property}Type`) });
}

const STYLE = `
.live-note { margin: 4px 0 0 104px; font-size: 0.9em; color: var(--red-ui-primary-text-color); }
.live-note:empty { display: none; }
.live-note-fault { color: var(--red-ui-text-color-error); }
.live-note-good { color: var(--red-ui-text-color-success); }
.live-warning { margin-top: 4px; color: var(--red-ui-primary-text-color); }
.live-form .form-row input.live-wide, .live-form .form-row select.live-wide { width: 70%; }
.live-form .form-row input.live-short { width: 100px; }
.live-form .live-unit { margin-left: 6px; color: var(--red-ui-primary-text-color); }
.live-form .live-check { margin-left: 104px; }
.live-form .live-check label { width: auto; }
.live-form .live-check .live-note { margin-left: 19px; }
.live-form .form-row > label.live-sentence { width: auto; }
.live-form .live-check input[type=checkbox] { width: auto; margin: 0 6px 0 0; vertical-align: baseline; }
.live-form .live-tabs { min-width: 450px; margin-bottom: 20px; }
.live-form .live-choices { width: 70%; display: inline-block; vertical-align: top; box-sizing: border-box; max-height: 250px; overflow-y: auto;
  padding: 6px 10px; border: 1px solid var(--red-ui-form-input-border-color); border-radius: 4px; background: var(--red-ui-form-input-background); }
.live-form .live-choices fieldset { margin: 0 0 6px; padding: 0; border: 0; min-width: 0; }
.live-form .live-choices legend { margin: 0 0 2px; font-size: 0.9em; line-height: 20px; border: 0; width: auto; color: var(--red-ui-primary-text-color); }
.live-form .live-choices label { width: auto; margin: 0 14px 0 0; display: inline-flex; align-items: center; }
.live-form .live-choices input[type=checkbox] { width: auto; margin: 0 5px 0 0; }
.live-form .live-channels { display: inline-block; width: 70%; vertical-align: top; }
.live-form .live-channels > div { display: flex; align-items: center; min-height: 34px; }
.live-form .live-channels label { width: auto; margin: 0; flex: 0 0 56px; display: inline-flex; align-items: center; }
.live-form .live-channels input[type=checkbox] { width: auto; margin: 0 6px 0 0; }
.live-form .live-channels .live-goes-to { flex: 1 1 0; display: flex; min-width: 0; }
.live-form .live-row { display: flex; align-items: center; gap: 6px; }
.live-form .live-row input, .live-form .live-row select { flex: 1 1 0; width: auto; min-width: 0; margin: 0; }
.live-form .live-rules summary { cursor: pointer; }
.live-form .live-rules-tip { margin: 6px 0; font-size: 0.9em; color: var(--red-ui-primary-text-color); }
.live-form .live-rules table { width: 100%; border-collapse: collapse; }
.live-form .live-rules th { font-weight: normal; text-align: left; padding: 2px 4px 2px 0; line-height: 18px; }
.live-form .live-rules thead th { font-size: 0.9em; padding: 0 0 2px 3px; vertical-align: bottom; color: var(--red-ui-primary-text-color); }
.live-form .live-rules td { padding: 1px 0 1px 2px; white-space: nowrap; }
.live-form .live-rules tr > :nth-child(2n):not(:last-child) { padding-left: 10px; }
.live-form .live-rules thead tr:first-child > th:not(:first-child), .live-form .live-rules thead tr + tr > :nth-child(2n + 1) { padding-left: 11px; }
.live-form .live-rules thead tr + tr > :nth-child(2n) { padding-left: 3px; }
.live-form .live-rules td input[type=text] { width: 46px; height: 26px; padding: 2px 4px; }
.live-form .live-rules .live-rule-unit { white-space: nowrap; font-size: 0.9em; color: var(--red-ui-secondary-text-color); }
.live-form .live-state-row { margin-bottom: 6px; }
.live-form .live-state-row > :nth-child(2) { margin-left: 4px; }
.live-form .live-state-row .live-state-text { display: inline-block; width: calc(100% - 110px); overflow-wrap: anywhere; vertical-align: top; }
.live-form .live-state-row input.live-key { width: calc(70% - 70px); margin-right: 6px; font-family: monospace; font-size: 0.9em; color: var(--red-ui-form-text-color); opacity: 1; }
.live-form .live-table { width: 100%; border-collapse: collapse; overflow-wrap: anywhere; }
.live-form .live-table th { font-weight: normal; text-align: left; font-size: 0.9em; padding: 2px 8px 2px 0; color: var(--red-ui-primary-text-color); }
.live-form .live-table td { padding: 3px 8px 3px 0; border-top: 1px solid var(--red-ui-form-input-border-color); }
.live-form .live-table td input[type=checkbox] { width: auto; margin: 0; }
.live-form .live-table td:last-child { text-align: right; white-space: nowrap; padding-right: 0; }
.live-form .form-tips { max-width: none; margin-bottom: 12px; }
`;

/** Prepare a dialog: the shared style, and the class it hangs on. Safe to call for each dialog. */
export function form(node: EditorNode): void {
  if ($('#live-production-style').length === 0)
    $('<style>', { id: 'live-production-style' }).text(STYLE).appendTo('head');
  field(node, 'name').closest('form').addClass('live-form');
}
