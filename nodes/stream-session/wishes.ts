import { choiceField, kindOf, numberIn, typedValue } from '../../red/typed-inputs';
import type { LiveDef, Message, Node, NodeAPI } from '../../red/types';
import { fail } from '../../lib/errors';

export const ACTIONS = [
  'create',
  'list',
  'get',
  'start',
  'stop',
  'delete',
  'status',
  'rotate',
  'token',
] as const;
export type Action = (typeof ACTIONS)[number];

export interface StreamSessionDef extends LiveDef {
  keys: string;
  mediaServer: string;
  action: Action | 'message';
  session: string;
  sessionType: string;
  guest: string;
  guestType: string;
  metadata: string;
  metadataType: string;
  minutes: string;
  minutesType: string;
  limitMinutes: string;
  limitMinutesType: string;
  priority: string;
  priorityType: string;
}

/** What one message asks for. */
export type Wish =
  | { action: 'list' | 'status' }
  | { action: 'get' | 'start' | 'stop' | 'delete' | 'rotate'; id: string }
  | {
      action: 'create';
      id: string | null;
      name: string;
      metadata: Record<string, unknown>;
      limitMs: number | null;
      priority: number;
    }
  | { action: 'token'; stream: string; validMs: number };

/** The fields, by their name in the dialog, and by that in a payload. */
const IN_PAYLOAD = {
  session: 'session_id',
  guest: 'name',
  metadata: 'metadata',
  minutes: 'minutes',
  limitMinutes: 'limit_minutes',
  priority: 'priority',
} as const;
type Field = keyof typeof IN_PAYLOAD;
type Read = (field: Field) => Promise<unknown>;

/**
 * What this message asks for, by the dialog. An action from the message is its payload as a text, and the fields are those of the dialog; or an
 * object with `action` and the fields in it.
 * @throws CONFIG_*, INPUT_INVALID, ACTION_UNKNOWN
 */
export async function wishOf(
  RED: NodeAPI,
  node: Node,
  config: StreamSessionDef,
  msg: Message,
): Promise<Wish> {
  const chosen = choiceField('action', config.action, [...ACTIONS, 'message'] as const);
  const dialog: Read = (field) => {
    const type = config[`${field}Type`];
    return typedValue(RED, node, field, config[field], type === 'num' ? 'str' : type, msg);
  };
  if (chosen !== 'message') return await wish(chosen, dialog);
  const { payload } = msg;
  if (typeof payload === 'string') return await wish(known(payload), dialog);
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
    throw fail('ACTION_UNKNOWN', { action: kindOf(payload), known: ACTIONS.join(', ') });
  const given = payload as Record<string, unknown>;
  return await wish(known(given.action), (field) => Promise.resolve(given[IN_PAYLOAD[field]]));
}

function known(action: unknown): Action {
  const wanted = typeof action === 'string' ? action.trim().toLowerCase() : '';
  const found = ACTIONS.find((one) => one === wanted);
  if (found) return found;
  const said = typeof action === 'string' ? action.slice(0, 100) : kindOf(action);
  throw fail('ACTION_UNKNOWN', { action: said, known: ACTIONS.join(', ') });
}

async function wish(action: Action, read: Read): Promise<Wish> {
  switch (action) {
    case 'list':
    case 'status':
      return { action };
    case 'create': {
      const minutes = numberIn('limit', await read('limitMinutes'));
      return {
        action,
        id: nothing(await read('session')) ? null : idIn(await read('session')),
        // what does not fit, the store says
        name: (await read('guest')) as string,
        metadata: (await metadataIn(read)) as Record<string, unknown>,
        limitMs: minutes === null ? null : minutes * 60_000,
        priority: numberIn('priority', await read('priority')) ?? 0,
      };
    }
    case 'token': {
      const minutes = numberIn('valid', await read('minutes'));
      if (minutes === null) throw fail('INPUT_INVALID', { field: 'valid', reason: 'it is empty' });
      return { action, stream: idIn(await read('session')), validMs: minutes * 60_000 };
    }
    default:
      return { action, id: idIn(await read('session')) };
  }
}

const nothing = (value: unknown): boolean => value === undefined || value === null || value === '';

/** The id, also where somebody gives the whole stream key: what stands behind the question mark is not looked at. */
function idIn(value: unknown): string {
  const text = typeof value === 'string' ? value.trim() : '';
  const mark = text.indexOf('?');
  const id = mark < 0 ? text : text.slice(0, mark);
  if (id !== '') return id;
  throw fail('INPUT_INVALID', {
    field: 'session',
    reason: nothing(value) ? 'it is empty' : `it must be the id as a text, not ${kindOf(value)}`,
  });
}

async function metadataIn(read: Read): Promise<unknown> {
  const value = await read('metadata');
  if (typeof value !== 'string') return value;
  if (value.trim() === '') return {};
  try {
    return JSON.parse(value) as unknown;
  } catch {
    throw fail('INPUT_INVALID', { field: 'metadata', reason: 'it is no JSON' });
  }
}
