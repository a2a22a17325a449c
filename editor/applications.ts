import { anyConnection, preselect } from './connections';
import { clear, currentText, field, row, showRows, text } from './dialog';

/** The applications a node may drive: one row each. `property` is the node's reference to its connection. */
const APPLICATIONS = [{ value: 'obs', property: 'obs' }];

function offered(node: EditorNode) {
  return APPLICATIONS.filter(({ property }) => property in node._def.defaults);
}

/**
 * Set up the choice of the application and of its connection.
 * The choice itself is only shown where there is one; the connection of another application is hidden.
 * With `any` a node need not name a connection: it then hears all of them.
 */
export function application(node: EditorNode, { any = false } = {}): void {
  const choices = offered(node);
  const select = field(node, 'application');
  for (const { value } of choices)
    select.append($('<option>', { value }).text(text(node, `common.application.${value}`)));
  const saved = typeof node.application === 'string' ? node.application : '';
  select.val(choices.some(({ value }) => value === saved) ? saved : (choices[0]?.value ?? ''));
  row(node, 'application').toggle(choices.length > 1);
  for (const { property } of choices) {
    if (any) anyConnection(node, property, text(node, 'common.anyConnection'));
    else preselect(node, property);
  }
  const rows = choices.map(
    ({ value, property }) => [property, () => currentText(node, 'application') === value] as const,
  );
  showRows(node, ['application'], Object.fromEntries(rows));
}

/** Before a dialog is saved: forget the connections of the applications that were not chosen. */
export function saveApplication(node: EditorNode): void {
  const chosen = currentText(node, 'application');
  for (const { value, property } of offered(node)) if (value !== chosen) clear(node, property);
}
