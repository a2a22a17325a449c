import { anyConnection, preselect, type ApplicationName } from './connections';
import { clear, currentText, field, row, showRows, text } from './dialog';

/** The applications a node may drive: one row each. `property` is the node's reference to its connection. */
const APPLICATIONS: { value: ApplicationName; property: ApplicationName; connection: string }[] = [
  { value: 'obs', property: 'obs', connection: 'live-obs-connection' },
  { value: 'vmix', property: 'vmix', connection: 'live-vmix-connection' },
  { value: 'ingest', property: 'ingest', connection: 'live-rtmp-ingest' },
];

function offered(node: EditorNode) {
  return APPLICATIONS.filter(({ property }) => property in node._def.defaults);
}

/**
 * Set up the choice of the application and of its connection.
 * The choice itself is only shown where there is one; the connection of another application is hidden.
 * With `any` a node need not name a connection, and then hears all those to its application; nor need it name an application.
 */
export function application(node: EditorNode, { any = false } = {}): void {
  const choices = offered(node);
  for (const { property } of APPLICATIONS)
    if (!(property in node._def.defaults)) row(node, property).remove();
  const select = field(node, 'application');
  for (const { value } of choices)
    select.append($('<option>', { value }).text(text(node, `common.application.${value}`)));
  const names: string[] = choices.map(({ value }) => value);
  if (any) {
    names.push('any');
    select.append($('<option>', { value: 'any' }).text(text(node, 'common.application.any')));
  }
  const saved = typeof node.application === 'string' ? node.application : '';
  select.val(names.includes(saved) ? saved : (names[0] ?? ''));
  // one that need not name a connection may have been saved without
  const namesNone = choices.every(({ property }) => !node[property]);
  const isNew = namesNone && (!any || (node.changed === true && saved !== 'any'));
  const only = isNew ? onlyConnected(choices) : undefined;
  if (only) select.val(only);
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

/** Whether the node works on this application, as its dialog shows it. */
export function isOn(node: EditorNode, application: ApplicationName): boolean {
  return currentText(node, 'application') === application;
}

/** A node without any connection yet belongs to the one application that there is a connection to. */
function onlyConnected(choices: ReturnType<typeof offered>): string | undefined {
  const connected = new Set<string>();
  RED.nodes.eachConfig(({ type }) => void connected.add(type));
  const found = choices.filter(({ connection }) => connected.has(connection));
  return found.length === 1 ? found[0]!.value : undefined;
}

/** Before a dialog is saved: forget the connections of the applications that were not chosen. */
export function saveApplication(node: EditorNode): void {
  const chosen = currentText(node, 'application');
  for (const { value, property } of offered(node)) if (value !== chosen) clear(node, property);
}
