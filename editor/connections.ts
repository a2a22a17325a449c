import { current, currentText, field } from './dialog';

/** An application that a connection leads to; names its routes, and a node's reference to its connection. */
export type ApplicationName = 'obs' | 'vmix' | 'ingest';

/** Where a connection goes, as the runtime wants it for its lists and its test. */
export interface Settings {
  /** of the connection, so that the runtime finds the one that is deployed */
  id?: string;
  /** every other one is a field of its dialog; `password` only where it was just typed */
  [field: string]: string | boolean | undefined;
}

/** A connection that somebody chose: whom to ask, and where it goes. */
export interface Chosen {
  application: ApplicationName;
  settings: Settings;
}

/** The fields of each dialog that the runtime wants; credentials apart, which the editor may not know. */
const FIELDS: Record<ApplicationName, { fields: string[]; credentials: string[] }> = {
  obs: { fields: ['connectTo', 'host', 'port', 'tls'], credentials: [] },
  vmix: { fields: ['connectTo', 'host', 'port', 'tcpPort'], credentials: ['user'] },
  // only one that is deployed can be asked
  ingest: { fields: [], credentials: [] },
};

/** The editor's stand-in for a password that only the runtime knows; it is never sent. */
const STORED = '__PWRD__';

/** The fields whose change makes the answer of a test an old one. */
export function fieldsOf(application: ApplicationName): string[] {
  const { fields, credentials } = FIELDS[application];
  return [...fields, ...credentials, 'password'];
}

/** Which application a connection node leads to. */
export function applicationOf(connection: EditorNode): ApplicationName {
  if (connection.type === 'live-rtmp-ingest') return 'ingest';
  return connection.type === 'live-vmix-connection' ? 'vmix' : 'obs';
}

function shown(value: unknown): string | boolean {
  if (typeof value === 'boolean') return value;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** The values in the open dialog of a connection. */
export function settingsOfDialog(node: EditorNode): Settings {
  const { fields, credentials } = FIELDS[applicationOf(node)];
  const password = field(node, 'password').val();
  return {
    id: node.id,
    ...Object.fromEntries([...fields, ...credentials].map((name) => [name, shown(current(node, name))])),
    ...(typeof password === 'string' && password !== STORED ? { password } : {}),
  };
}

/** The connection that a node's dialog names, with the editor's present values of it, deployed or not; null when none is chosen. */
export function chosenConnection(node: EditorNode): Chosen | null {
  const { defaults } = node._def;
  const names: ApplicationName[] = ['obs', 'vmix', 'ingest'];
  const offered = names.filter((name) => name in defaults);
  const property = offered.find((name) => name === currentText(node, 'application')) ?? offered[0] ?? 'obs';
  const chosen = RED.nodes.node(currentText(node, property));
  if (!chosen) return null;
  const application = applicationOf(chosen);
  const { fields, credentials } = FIELDS[application];
  // the editor knows credentials only of a connection whose dialog was open; the runtime uses those it has stored
  const known = chosen.credentials ?? {};
  const typed =
    typeof known.password === 'string' &&
    known.password !== STORED &&
    (known.password !== '' || known.has_password !== true);
  return {
    application,
    settings: {
      id: chosen.id,
      ...Object.fromEntries(fields.map((name) => [name, shown(chosen[name])])),
      ...Object.fromEntries(
        credentials.filter((name) => name in known).map((name) => [name, shown(known[name])]),
      ),
      ...(typed ? { password: shown(known.password) } : {}),
    },
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

const ADDRESS =
  /^(?:(wss?|https?|obsws):\/\/)?(?:([^\s:@/]*)(?::([^\s@/]*))?@)?(\[[^\]]+\]|[^/:@\s]+)(?::(\d+))?(?:\/\S*)?$/i;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * A whole address typed or pasted as the host, such as ws://studio:4455 or http://user:password@studio:8088/api, goes to the fields it
 * belongs to.
 */
export function splitAddress(node: EditorNode): void {
  const host = field(node, 'host');
  const put = (property: string, value: string): void =>
    void field(node, property).val(value).trigger('change');
  host.on('change', () => {
    const found = ADDRESS.exec(currentText(node, 'host'));
    if (!found) return;
    const [, scheme, user, password, plain, port] = found;
    const isWhole = scheme !== undefined || user !== undefined || port !== undefined;
    if (plain === undefined || !isWhole) return;
    host.val(plain);
    if (port !== undefined) put('port', port);
    if (/^(wss|https)$/i.test(scheme ?? '')) field(node, 'tls').prop('checked', true);
    if (user) put('user', decoded(user));
    if (password) put('password', decoded(password));
  });
}
