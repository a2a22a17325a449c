import { timeIn } from '../../red/times';
import { actionFrom, choiceField, kindOf, numberField, typedText, typedValue } from '../../red/typed-inputs';
import type { LiveDef, Message, Node, NodeAPI } from '../../red/types';
import { fail } from '../../lib/errors';
import type { FrameQuery } from '../../lib/frames/store/types';

export const ACTIONS = ['find', 'nearest', 'segments', 'buckets', 'streams', 'verify'] as const;
export type Action = (typeof ACTIONS)[number];
const PICTURES = ['none', 'buffer', 'path', 'attachments'] as const;
export type PictureAs = (typeof PICTURES)[number];

export interface FindFramesDef extends LiveDef {
  store: string;
  action: Action | 'message';
  stream: string;
  streamType: string;
  from: string;
  fromType: string;
  to: string;
  toType: string;
  at: string;
  atType: string;
  picture: PictureAs;
  everySeconds: string;
  changedOnly: boolean;
  similarTo: string;
  similarToType: string;
  mostBits: string;
  limit: string;
  order: 'oldest' | 'newest';
  cursor: string;
  cursorType: string;
}

/** What one message asks for. */
export interface Wish {
  action: Action;
  stream: string | null;
  at: number;
  everyMs: number | null;
  query: FrameQuery;
  picture: PictureAs;
}

const DHASH = /^[0-9a-f]{16}$/;
/** A day has 1,440 minutes; so many pieces of time fit into one answer. */
const USUAL_EVERY_S = 60;

/** What this message asks for, by the dialog. @throws LiveError CONFIG_*, INPUT_INVALID, ACTION_UNKNOWN */
export async function wishOf(RED: NodeAPI, node: Node, config: FindFramesDef, msg: Message): Promise<Wish> {
  const chosen = choiceField('action', config.action, [...ACTIONS, 'message'] as const);
  const action = chosen === 'message' ? actionFrom(msg, ACTIONS) : chosen;
  const text = async (field: 'stream' | 'cursor' | 'similarTo') =>
    (await typedText(RED, node, field, config[field], config[`${field}Type`], msg))?.trim() || null;
  const time = async (field: 'from' | 'to' | 'at') =>
    timeIn(field, await typedValue(RED, node, field, config[field], config[`${field}Type`], msg));
  const ranged = action === 'find' || action === 'segments' || action === 'buckets';
  const listed = action === 'find' || action === 'segments';
  const [from, to] = ranged ? [await time('from'), await time('to')] : [null, null];
  const stream = action === 'streams' ? null : await text('stream');
  if (stream === null && (action === 'nearest' || action === 'verify'))
    throw fail('INPUT_INVALID', { field: 'stream', reason: `${action} needs the name of one` });
  const seconds = numberField(RED, node, 'every', config.everySeconds, 0, 0, 31_536_000);
  const everyMs = Math.round(1000 * (seconds || (action === 'buckets' ? USUAL_EVERY_S : 0))) || null;
  return {
    action,
    stream,
    at: action === 'nearest' ? ((await time('at')) ?? Date.now()) : 0,
    everyMs,
    query: {
      stream,
      from,
      to,
      order: choiceField('order', config.order, ['oldest', 'newest'] as const),
      limit: numberField(RED, node, 'limit', config.limit, 100, 1, 1000),
      cursor: listed ? await text('cursor') : null,
      ...(action === 'find'
        ? {
            everyMs,
            changedOnly: config.changedOnly === true,
            similarTo: similarIn(await text('similarTo')),
            mostBits: numberField(RED, node, 'bits', config.mostBits, 8, 0, 64),
          }
        : {}),
    },
    picture: choiceField('picture', config.picture, PICTURES),
  };
}

function similarIn(text: string | null): FrameQuery['similarTo'] {
  if (text === null) return null;
  if (DHASH.test(text)) return { dhash: text };
  if (text.includes('/')) return { id: text };
  throw fail('INPUT_INVALID', {
    field: 'similar to',
    reason: `it must be the id of a picture or its dhash, not ${kindOf(text)} such as this`,
  });
}
