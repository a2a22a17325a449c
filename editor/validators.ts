import { current, currentText, text } from './dialog';
import { faultOfCell, faultOfLevels, nameOfRule, type RuleRow } from './health-rules';

/** Part of a value comes from the environment: only the runtime can judge it. */
export function fromEnvironment(value: unknown): boolean {
  return typeof value === 'string' && /\$\{[^}]+\}/.test(value);
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';
}

/** The reason with the field's label in front: the canvas lists reasons of several fields together. */
function reason(node: EditorNode, property: string, key: string, values?: object): string {
  const own = text(node, `label.${property}`);
  const label = own.startsWith('label.') ? text(node, `common.label.${property}`) : own;
  return `${label}: ${text(node, `common.invalid.${key}`, values)}`;
}

/** A whole number from 1 to 65535, or the environment's. */
export function port(node: EditorNode, value: unknown, property: string): Verdict {
  if (fromEnvironment(value)) return true;
  const number = Number(asText(value));
  return (
    (asText(value) !== '' && Number.isInteger(number) && number >= 1 && number <= 65535) ||
    reason(node, property, 'port')
  );
}

/** The same, or nothing. */
export function portOrNone(node: EditorNode, value: unknown, property: string): Verdict {
  return asText(value) === '' || asText(value) === '0' || port(node, value, property);
}

/** A host name or address; a whole address as in ws://host:4455 will do. */
export function host(node: EditorNode, value: unknown, property: string): Verdict {
  if (fromEnvironment(value)) return true;
  if (asText(value) === '') return reason(node, property, 'empty');
  // it would stand in the flow file for everybody to read
  if (asText(value).includes('@')) return reason(node, property, 'userInHost');
  return (
    /^((wss?|https?|obsws):\/\/)?(\[[\da-f:.%]+\]|[\w.-]+|[\da-f:.%]+)(:\d+)?(\/\S*)?$/i.test(
      asText(value),
    ) || reason(node, property, 'host')
  );
}

/** Something must be there. */
export function filled(node: EditorNode, value: unknown, property: string): Verdict {
  return asText(value) !== '' || reason(node, property, 'empty');
}

/** Seconds from 0 to a day, fractions allowed; nothing counts as 0. */
export function seconds(node: EditorNode, value: unknown, property: string): Verdict {
  if (fromEnvironment(value) || asText(value) === '') return true;
  const number = Number(asText(value));
  return (number >= 0 && number <= 86400) || reason(node, property, 'seconds');
}

/** A number of 0 or more; nothing is fine too. */
export function count(node: EditorNode, value: unknown, property: string): Verdict {
  if (fromEnvironment(value) || asText(value) === '') return true;
  return Number(asText(value)) >= 0 || reason(node, property, 'count');
}

/** Seconds between reports: 0 is never, and the least is 1. */
export function interval(node: EditorNode, value: unknown, property: string): Verdict {
  if (fromEnvironment(value) || asText(value) === '') return true;
  const number = Number(asText(value));
  return number === 0 || (number >= 1 && number <= 86400) || reason(node, property, 'interval');
}

/** A number from `least` to `most`; nothing leaves it to the runtime. */
export function within(
  node: EditorNode,
  value: unknown,
  property: string,
  least: number,
  most: number,
): Verdict {
  if (fromEnvironment(value) || asText(value) === '') return true;
  const number = Number(asText(value));
  return (number >= least && number <= most) || reason(node, property, 'within', { least, most });
}

const SCHEMES: Record<string, string[]> = { srt: ['srt://'], whip: ['https://', 'http://'], 'as-set': [] };

/** The address of a streaming service: needed where the service has none of its own, with the right beginning. */
export function server(node: EditorNode, value: unknown, service: string): Verdict {
  const schemes = SCHEMES[service] ?? ['rtmp://', 'rtmps://'];
  if (schemes.length === 0 || fromEnvironment(value)) return true;
  if (asText(value) === '')
    return !['rtmp', 'srt', 'whip'].includes(service) || reason(node, 'server', 'empty');
  const address = asText(value).toLowerCase();
  if (!schemes.some((scheme) => address.startsWith(scheme) && address.length > scheme.length))
    return reason(node, 'server', 'server', { schemes: schemes.join(text(node, 'common.or')) });
  return !/\s/.test(address) || reason(node, 'server', 'spaces');
}

/** The stream key of a service that takes none without; one that is stored already shows as a placeholder. */
export function key(node: EditorNode, value: unknown, service: string): Verdict {
  const needed = ['twitch', 'youtube', 'facebook', 'restream'].includes(service);
  return !needed || value !== '' || reason(node, 'key', 'empty');
}

/** An SRT passphrase has 10 to 79 characters; one that is stored already cannot be seen here. */
export function passphrase(node: EditorNode, value: unknown, service: string): Verdict {
  if (
    service !== 'srt' ||
    fromEnvironment(value) ||
    typeof value !== 'string' ||
    value === '' ||
    value === '__PWRD__'
  )
    return true;
  return (value.length >= 10 && value.length <= 79) || reason(node, 'passphrase', 'passphrase');
}

/** A secret that may be empty, and is no short one otherwise; one that is stored already cannot be seen here. */
export function longEnough(node: EditorNode, value: unknown, property: string, least: number): Verdict {
  if (fromEnvironment(value) || typeof value !== 'string' || value === '' || value === '__PWRD__')
    return true;
  return value.trim().length >= least || reason(node, property, 'longEnough', { least });
}

/** The conditions of an event: comparing as more or less takes a number. */
export function filters(node: EditorNode, value: unknown, property: string): Verdict {
  const rows = Array.isArray(value) ? (value as { operator?: string; value?: string }[]) : [];
  const compares = rows.filter(({ operator }) => operator === 'above' || operator === 'below');
  return (
    compares.every((row) => asText(row.value) !== '' && Number.isFinite(Number(row.value))) ||
    reason(node, property, 'filters')
  );
}

/** The rules of a health alert that differ from its preset: numbers that do not contradict each other, `off`, or the environment's. */
export function rules(node: EditorNode, value: unknown, property: string): Verdict {
  for (const [rule, row] of Object.entries((value ?? {}) as Record<string, RuleRow>)) {
    for (const [column, typed] of Object.entries(row)) {
      const fault = fromEnvironment(typed) ? null : faultOfCell(rule, column, typed);
      const names = { rule: nameOfRule(rule), column: text(node, `rules.${column}`) };
      if (fault) return reason(node, property, fault, names);
    }
    const fault = faultOfLevels(currentText(node, 'preset'), rule, row);
    if (fault) return reason(node, property, fault, { rule: nameOfRule(rule) });
  }
  return true;
}

/** A config node that must be chosen, exist and be valid itself. */
export function reference(node: EditorNode, value: unknown, property: string): Verdict {
  if (fromEnvironment(value)) return true;
  const id = asText(value);
  if (id === '' || id === '_ADD_') return reason(node, property, 'reference');
  const chosen = RED.nodes.node(id);
  if (!chosen) return reason(node, property, 'referenceGone');
  return chosen.valid !== false || reason(node, property, 'referenceInvalid');
}

/** A config node that need not be chosen; a chosen one must exist and be valid. */
export function optionalReference(node: EditorNode, value: unknown, property: string): Verdict {
  const id = asText(value);
  return id === '' || id === '_ADD_' || reference(node, value, property);
}

/** The connection to one application, named as its property; only asked of a node that is set to that application. */
export function connection(node: EditorNode, value: unknown, application: string): Verdict {
  const chosen = currentText(node, 'application') || 'obs';
  return chosen !== application || reference(node, value, application);
}

/** Names of properties of a message, set apart by commas or spaces. */
export function properties(node: EditorNode, value: unknown, property: string): Verdict {
  if (fromEnvironment(value)) return true;
  const names = asText(value).split(/[\s,]+/);
  return names.every((name) => /^([A-Za-z_$][\w$-]*)?$/.test(name)) || reason(node, property, 'properties');
}

/** A list whose rows have a public key each, `name+id+base64`, and an address where they have that column. */
export function keys(node: EditorNode, value: unknown, property: string): Verdict {
  const rows = Array.isArray(value) ? (value as { address?: string; vkey?: string }[]) : [];
  for (const { address, vkey } of rows) {
    if (address !== undefined && !fromEnvironment(address) && !/^https?:\/\/[^\s/]+/i.test(asText(address)))
      return reason(node, property, 'webAddress');
    if (!fromEnvironment(vkey) && !/^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$/.test(asText(vkey)))
      return reason(node, property, 'publicKey');
  }
  return true;
}

/** The name of a key: nothing, or no space and no plus in it. */
export function keyName(node: EditorNode, value: unknown, property: string): Verdict {
  return fromEnvironment(value) || !/[\s+]/.test(asText(value)) || reason(node, property, 'keyName');
}

/** A typed field that must not be empty. */
export function typedFilled(node: EditorNode, value: unknown, property: string): Verdict {
  return asText(value) === '' ? reason(node, property, 'empty') : typedValue(node, value, property);
}

/** JSON in a typed field must parse; everything else is the runtime's. */
export function typedValue(node: EditorNode, value: unknown, property: string): Verdict {
  if (current(node, `${property}Type`) !== 'json' || fromEnvironment(value)) return true;
  try {
    JSON.parse(asText(value));
    return true;
  } catch {
    return reason(node, property, 'json');
  }
}

/** The address of a source, where it is written in the dialog; what a message brings is the runtime's. */
export function sourceAddress(node: EditorNode, value: unknown, property: string): Verdict {
  if (asText(value) === '') return reason(node, property, 'empty');
  if (current(node, `${property}Type`) !== 'str' || fromEnvironment(value)) return true;
  const address = asText(value);
  const isPath = /^(\/|[a-z]:[\\/]|\\\\)/i.test(address);
  if (!isPath && !/^((rtmps?|srt|rtsps?|https?):\/\/\S|file:\/\/\/?\S)/i.test(address))
    return reason(node, property, 'sourceAddress');
  return isPath || !/[\s"'`\\!<>{}|^]/.test(address) || reason(node, property, 'sourceSigns');
}

/** A pipeline of the user's own: `{address}` once, as a value in double quotes, and a way to OBS. */
export function pipeline(node: EditorNode, value: unknown, property: string): Verdict {
  const typed = asText(value);
  if (typed.split('{address}').length !== 2 || !/[\w-]\s?=\s?"[^"\\]*\{address\}[^"\\]*"/.test(typed))
    return reason(node, property, 'pipelineAddress');
  return /(^|[\s!])(video|audio)\.(sink)?(?=[\s!]|$)/.test(typed) || reason(node, property, 'pipelineEnd');
}

/** The name of a slot, or nothing for the usual one. */
export function slot(node: EditorNode, value: unknown, property: string): Verdict {
  return fromEnvironment(value) || /^[a-z0-9-]{0,24}$/i.test(asText(value)) || reason(node, property, 'slot');
}

/** An address of the web without user and password, or nothing. */
export function webAddressOrNone(node: EditorNode, value: unknown, property: string): Verdict {
  if (fromEnvironment(value) || asText(value) === '') return true;
  return /^https?:\/\/[^\s/@]+(\/[^\s@]*)?$/i.test(asText(value)) || reason(node, property, 'oneWebAddress');
}

/** Nothing, or addresses and networks with commas or spaces between them. */
export function networks(node: EditorNode, value: unknown, property: string): Verdict {
  const one = /^(localhost|\d{1,3}(\.\d{1,3}){3}(\/\d{1,2})?|[\da-f.]*:[\da-f:.]*(\/\d{1,3})?)$/i;
  const entries = asText(value)
    .split(/[\s,]+/)
    .filter(Boolean);
  return (
    fromEnvironment(value) || entries.every((entry) => one.test(entry)) || reason(node, property, 'networks')
  );
}

/** Nothing, or numbers of seconds with commas between them. */
export function secondsList(node: EditorNode, value: unknown, property: string): Verdict {
  const entries = asText(value)
    .split(/[\s,;]+/)
    .filter(Boolean);
  return (
    fromEnvironment(value) ||
    entries.every((entry) => Number(entry) > 0) ||
    reason(node, property, 'secondsList')
  );
}
