import { timeIn } from '../../red/times';
import {
  actionFrom,
  choiceField,
  kindOf,
  numberField,
  numberIn,
  typedText,
  typedValue,
} from '../../red/typed-inputs';
import type { LiveDef, Message, Node, NodeAPI } from '../../red/types';
import { fail } from '../../lib/errors';
import type { FrameQuery } from '../../lib/frames/store/types';

export const ACTIONS = ['find', 'nearest', 'segments', 'buckets', 'streams', 'verify'] as const;
/** A link lets people in: a message cannot ask for one where the dialog does not say so. */
export type Action = (typeof ACTIONS)[number] | 'link';
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
  validMinutes: string;
  validMinutesType: string;
}

/** What one message asks for. */
export interface Wish {
  action: Action;
  stream: string | null;
  at: number;
  everyMs: number | null;
  query: FrameQuery;
  picture: PictureAs;
  /** for whom looks at the timeline; null where none is asked for */
  link: { streams: string[] | null; forMs: number } | null;
}

const DHASH = /^[0-9a-f]{16}$/;
/** A day has 1,440 minutes; so many pieces of time fit into one answer. */
const USUAL_EVERY_S = 60;
/** A day. */
const USUAL_LINK_MINUTES = 1_440;

/** What this message asks for, by the dialog. @throws LiveError CONFIG_*, INPUT_INVALID, ACTION_UNKNOWN */
export async function wishOf(RED: NodeAPI, node: Node, config: FindFramesDef, msg: Message): Promise<Wish> {
  const chosen = choiceField('action', config.action, [...ACTIONS, 'link', 'message'] as const);
  const action = chosen === 'message' ? actionFrom(msg, ACTIONS) : chosen;
  const text = async (field: 'stream' | 'cursor' | 'similarTo') =>
    (await typedText(RED, node, field, config[field], config[`${field}Type`], msg))?.trim() || null;
  const time = async (field: 'from' | 'to' | 'at') =>
    timeIn(field, await typedValue(RED, node, field, config[field], config[`${field}Type`], msg), false);
  const ranged = action === 'find' || action === 'segments' || action === 'buckets';
  const listed = action === 'find' || action === 'segments';
  const [from, to] = ranged ? [await time('from'), await time('to')] : [null, null];
  const link = action === 'link' ? await linkIn(RED, node, config, msg) : null;
  const stream = action === 'streams' || link ? null : await text('stream');
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
    link,
  };
}

/** For which streams a link is, and how long: all of them only where the dialog leaves the field empty, not where a message lacks something. */
async function linkIn(RED: NodeAPI, node: Node, config: FindFramesDef, msg: Message): Promise<Wish['link']> {
  const read = (field: 'stream' | 'validMinutes') =>
    typedValue(RED, node, field, config[field], config[`${field}Type`], msg);
  const asked = await read('stream');
  const streams: unknown = typeof asked === 'string' ? asked.split(/[\s,]+/).filter(Boolean) : asked;
  const all = config.streamType === 'str' && config.stream.trim() === '';
  if (!Array.isArray(streams) || !streams.every((one): one is string => typeof one === 'string'))
    throw fail('INPUT_INVALID', {
      field: 'stream',
      reason: 'it must be names of streams, as text or a list',
    });
  if (streams.length === 0 && !all)
    throw fail('INPUT_INVALID', {
      field: 'stream',
      reason: 'it names none; all are in a link where the field itself is empty',
    });
  // Node-RED makes 0 of an empty number; a node that was deployed before has no such field
  const typed = String(config.validMinutes ?? '').trim() !== '';
  const minutes = (typed ? numberIn('valid', await read('validMinutes')) : null) ?? USUAL_LINK_MINUTES;
  return { streams: all ? null : streams, forMs: minutes * 60_000 };
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
