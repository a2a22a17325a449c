import { currentText, field } from './dialog';

/** Where a connection goes, as the runtime wants it for its lists and its test. */
export interface Settings {
  id?: string;
  connectTo: string;
  host: string;
  port: string;
  tls: boolean;
  password?: string;
}

/** The editor's stand-in for a password that only the runtime knows; it is never sent. */
const STORED = '__PWRD__';

/** The values in the open dialog of an OBS connection. */
export function settingsOfDialog(node: EditorNode): Settings {
  const password = field(node, 'password').val();
  return {
    id: node.id,
    connectTo: currentText(node, 'connectTo'),
    host: currentText(node, 'host'),
    port: currentText(node, 'port'),
    tls: field(node, 'tls').prop('checked') === true,
    ...(typeof password === 'string' && password !== STORED ? { password } : {}),
  };
}

/** The editor's present values of the chosen connection, deployed or not; null when none is chosen. */
export function settingsOf(node: EditorNode, property = 'obs'): Settings | null {
  const chosen = RED.nodes.node(currentText(node, property));
  if (!chosen) return null;
  const string = (value: unknown) =>
    typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  const password = chosen.credentials?.password;
  // without a typed one, the runtime uses the password it has stored for this very address
  const typed =
    typeof password === 'string' &&
    password !== STORED &&
    (password !== '' || chosen.credentials?.has_password !== true);
  return {
    id: chosen.id,
    connectTo: string(chosen.connectTo) || 'obs',
    host: string(chosen.host),
    port: string(chosen.port),
    tls: chosen.tls === true,
    ...(typed ? { password } : {}),
  };
}

/** Choose the first connection when none is chosen: a dialog of a node that cannot do without one. */
export function preselect(node: EditorNode, property: string): void {
  const select = field(node, property);
  if (currentText(node, property) !== '') return;
  const first = select
    .find('option')
    .filter((_, option) => $(option).val() !== '_ADD_')
    .first()
    .val();
  if (typeof first === 'string') select.val(first).trigger('change');
}

/** A connection that need not be chosen: the empty choice comes first and says what it means. */
export function anyConnection(node: EditorNode, property: string, label: string): void {
  const select = field(node, property);
  const name = () => {
    const none = select.find('option[value="_ADD_"]');
    if (none.text() !== label) none.text(label).prependTo(select);
  };
  name();
  // Node-RED fills the list anew after a connection was added or edited, and triggers `change` when done
  select.on('change', name);
}

/** A whole address typed or pasted as the host, such as ws://studio:4455, goes to the fields it belongs to. */
export function splitAddress(node: EditorNode): void {
  const host = field(node, 'host');
  host.on('change', () => {
    const address = /^(?:(wss?|https?|obsws):\/\/)?(\[[^\]]+\]|[^/:\s]+)(?::(\d+))?\/?$/i.exec(
      currentText(node, 'host'),
    );
    if (!address?.[2] || (!address[1] && !address[3])) return;
    host.val(address[2]);
    if (address[3]) field(node, 'port').val(address[3]);
    if (/^(wss|https)$/i.test(address[1] ?? '')) field(node, 'tls').prop('checked', true);
  });
}
