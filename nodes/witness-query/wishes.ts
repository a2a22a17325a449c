import {
  actionFrom,
  asTyped,
  choiceField,
  numberField,
  resolveEnv,
  typedText,
  typedValue,
} from '../../red/typed-inputs';
import { timeIn } from '../../red/times';
import type { LiveDef, Message, Node, NodeAPI } from '../../red/types';
import { fail } from '../../lib/errors';
import { parseVerifier } from '../../lib/witness/keys';
import type { EntryFilter } from '../../lib/witness/query';

export const ACTIONS = ['entries', 'verify', 'export', 'report', 'prove', 'checkpoint'] as const;
export type Action = (typeof ACTIONS)[number];

export interface WitnessQueryDef extends LiveDef {
  log: string;
  action: Action | 'message';
  types: string;
  typesType: string;
  from: string;
  fromType: string;
  to: string;
  toType: string;
  limit: string;
  entry: string;
  entryType: string;
  title: string;
  give: 'message' | 'page' | 'file';
  path: string;
  pathType: string;
  overwrite: boolean;
  proofs: boolean;
  folder: string;
  folderType: string;
  vkey: string;
  /** frame-store config node whose pictures the report shows; empty: none */
  frameStore?: string;
}

/** What one message asks for. */
export interface Wish {
  action: Action;
  filter: EntryFilter;
  /** number of the entry to prove */
  entry: number;
  title: string;
  give: 'message' | 'page' | 'file';
  path: string;
  overwrite: boolean;
  proofs: boolean;
  /** a copy of a log elsewhere; null for the log itself */
  copy: { folder: string; vkey: string | null } | null;
}

const GIVE = ['message', 'page', 'file'] as const;
/** What a message may hold without the editor's debug window giving up. */
const MOST_ENTRIES = 100_000;

/** What this message asks for, by the dialog. Throws CONFIG_*, INPUT_INVALID, ACTION_UNKNOWN. */
export async function wishOf(RED: NodeAPI, node: Node, config: WitnessQueryDef, msg: Message): Promise<Wish> {
  const chosen = choiceField('action', config.action, [...ACTIONS, 'message'] as const);
  const action = chosen === 'message' ? actionFrom(msg, ACTIONS) : chosen;
  const text = async (field: 'path' | 'folder') =>
    (await typedText(RED, node, field, config[field], config[`${field}Type`], msg))?.trim() ?? '';
  const value = (field: 'types' | 'from' | 'to' | 'entry') =>
    typedValue(RED, node, field, config[field], config[`${field}Type`], msg);
  const filters = action === 'entries' || action === 'export';
  const give =
    action === 'export' || action === 'report' ? choiceField('give it as', config.give, GIVE) : 'message';
  const path = give === 'file' ? await text('path') : '';
  if (give === 'file' && path === '') throw fail('INPUT_INVALID', { field: 'path', reason: 'it is empty' });
  const folder = await text('folder');
  const vkey = resolveEnv(RED, node, 'key', config.vkey).trim();
  if (vkey && !parseVerifier(vkey))
    throw fail('WITNESS_KEY_INVALID', { key: asTyped(config.vkey, vkey).slice(0, 100) });
  return {
    action,
    filter: {
      ...(filters ? typesIn(await value('types')) : {}),
      ...(filters || action === 'report' ? timesIn(await value('from'), await value('to')) : {}),
      ...(action === 'entries' ? limitIn(numberField(RED, node, 'limit', config.limit, 0, 0)) : {}),
    },
    entry: action === 'prove' ? entryIn(await value('entry').catch(() => null)) : 0,
    title: resolveEnv(RED, node, 'title', config.title).trim(),
    give: give === 'page' && action !== 'report' ? 'message' : give,
    path,
    overwrite: config.overwrite === true,
    proofs: config.proofs === true,
    copy: folder ? { folder, vkey: vkey || null } : null,
  };
}

function typesIn(value: unknown): Pick<EntryFilter, 'types'> {
  if (value === undefined || value === null || value === '') return {};
  const types = Array.isArray(value)
    ? (value as unknown[])
    : typeof value === 'string'
      ? value.split(/[\s,]+/)
      : null;
  if (!types?.every((type) => typeof type === 'string'))
    throw fail('INPUT_INVALID', { field: 'types', reason: 'it must be a text or a list of texts' });
  const named = types.filter((type) => type !== '');
  return named.length ? { types: named } : {};
}

function timesIn(from: unknown, to: unknown): Pick<EntryFilter, 'from' | 'to'> {
  const [first, last] = [timeIn('from', from), timeIn('to', to)];
  return { ...(first === null ? {} : { from: first }), ...(last === null ? {} : { to: last }) };
}

function limitIn(limit: number): Pick<EntryFilter, 'limit'> {
  return { limit: limit === 0 ? MOST_ENTRIES : Math.min(limit, MOST_ENTRIES) };
}

function entryIn(value: unknown): number {
  const seq = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof seq === 'number' && Number.isSafeInteger(seq) && seq >= 0) return seq;
  throw fail('INPUT_INVALID', {
    field: 'entry',
    reason: 'it must be the number of an entry, as msg.witness.seq of the witness node tells it',
  });
}
