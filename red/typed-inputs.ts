import { withDeadline } from '../lib/connection/deadline';
import { fail } from '../lib/errors';
import { isSecretName } from '../lib/secrets';
import type { Message, Node, NodeAPI } from './types';

const EVALUATE_MS = 10_000;

/** A saved field as text: flows made by hand or by programs hold numbers too. */
function saved(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** Text with each `${NAME}` replaced from the environment (process, flow, group, subflow). Throws CONFIG_ENV_MISSING. */
export function resolveEnv(RED: NodeAPI, node: Node, field: string, text: unknown): string {
  const util = RED.util as unknown as { getSetting: (node: Node, name: string) => unknown };
  return saved(text).replace(/\$\{([^}]+)\}/g, (_, name: string) => {
    const value = util.getSetting(node, name.trim());
    if (value === undefined || value === null || (value === '' && process.env[name.trim()] === undefined))
      throw fail('CONFIG_ENV_MISSING', { field, name: isSecretName(field) ? 'named in it' : name.trim() });
    return saved(value);
  });
}

/** What a fault may quote of a field: what a variable holds stays out of it, since it may be a secret put there by mistake. */
export function asTyped(text: unknown, resolved: string): string {
  return saved(text).includes('${') ? saved(text).trim() : resolved;
}

/** A number of the dialog, which may be written `${ENV}`. Empty means `standard`. Throws CONFIG_INVALID. */
export function numberField(
  RED: NodeAPI,
  node: Node,
  field: string,
  text: unknown,
  standard: number,
  least = 0,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const resolved = resolveEnv(RED, node, field, text).trim();
  if (resolved === '') return standard;
  const value = Number(resolved);
  if (!Number.isFinite(value) || value < least || value > most)
    throw fail('CONFIG_INVALID', {
      field,
      reason: `"${asTyped(text, resolved)}" is no number from ${least}${most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`}`,
    });
  return value;
}

/**
 * A number that a message may give as a text; null where it gives none.
 * @throws LiveError INPUT_INVALID
 */
export function numberIn(field: string, value: unknown): number | null {
  if (value === undefined || value === null || value === '') return null;
  const number = typeof value === 'string' ? Number(value.trim()) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw fail('INPUT_INVALID', { field, reason: 'it must be a number' });
}

/** The value of a typed input for one message. Rejects with INPUT_INVALID when it cannot be evaluated. */
export function typedValue(
  RED: NodeAPI,
  node: Node,
  field: string,
  value: unknown,
  type: unknown,
  msg: Message,
): Promise<unknown> {
  // Node-RED itself makes an empty text of a variable that is not set
  const text = type === 'env' && !saved(value).includes('${') ? `\${${saved(value)}}` : value;
  if (type === 'str' || type === 'env' || type === undefined)
    return Promise.resolve().then(() => resolveEnv(RED, node, field, text));
  const evaluated = new Promise<unknown>((resolve, reject) => {
    const refuse = (error: unknown) =>
      reject(fail('INPUT_INVALID', { field, reason: `it cannot be evaluated: ${saidBy(error)}` }, error));
    try {
      RED.util.evaluateNodeProperty(
        saved(value),
        saved(type),
        node,
        msg,
        (error: Error | null, result: unknown) => (error ? refuse(error) : resolve(result)),
      );
    } catch (error) {
      refuse(error);
    }
  });
  // a context store or an expression that never answers would hold up every message behind this one
  return withDeadline(evaluated, EVALUATE_MS, () =>
    fail('INPUT_INVALID', { field, reason: `it gave no value within ${EVALUATE_MS / 1000} s` }),
  );
}

/** What a value is, in words: for an error that cannot quote it. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return Buffer.isBuffer(value) ? 'a buffer' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** JSONata throws objects that are no errors. */
function saidBy(error: unknown): string {
  const message = (error as { message?: unknown } | null)?.message;
  return typeof message === 'string' && message ? message : String(error);
}

/** As `typedValue`, for a text: empty and missing become null, anything that is no text is INPUT_INVALID. */
export async function typedText(
  RED: NodeAPI,
  node: Node,
  field: string,
  value: unknown,
  type: unknown,
  msg: Message,
): Promise<string | null> {
  const found = await typedValue(RED, node, field, value, type, msg);
  if (found === undefined || found === null || found === '') return null;
  if (typeof found === 'number' || typeof found === 'boolean') return String(found);
  if (typeof found !== 'string')
    throw fail('INPUT_INVALID', { field, reason: `it must be a text, not ${kindOf(found)}` });
  return found;
}

/**
 * Reads the inputs of one message after those of the message before, however long each takes: a stop must not overtake
 * the start it was sent after.
 */
export class InOrder {
  private last: Promise<unknown> = Promise.resolve();

  run<T>(read: () => Promise<T>): Promise<T> {
    const mine = this.last.then(read);
    this.last = mine.catch(() => undefined);
    return mine;
  }
}

/** One of the choices a dialog offers. Throws CONFIG_INVALID. */
export function choiceField<T extends string>(field: string, value: unknown, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (!found)
    throw fail('CONFIG_INVALID', { field, reason: `"${String(value)}" is none of ${choices.join(', ')}` });
  return found;
}

/** The action of a message for a node set to "from message". Throws ACTION_UNKNOWN with what it knows. */
export function actionFrom<T extends string>(msg: Message, known: readonly T[]): T {
  const wanted = typeof msg.payload === 'string' ? msg.payload.trim().toLowerCase() : '';
  const found = known.find((action) => action === wanted);
  if (!found)
    throw fail('ACTION_UNKNOWN', {
      action: typeof msg.payload === 'string' ? msg.payload : kindOf(msg.payload),
      known: known.join(', '),
    });
  return found;
}
