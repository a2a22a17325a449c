import { InOrder, kindOf, choiceField, typedText, typedValue } from '../../red/typed-inputs';
import type { LiveDef, Message, Node, NodeAPI } from '../../red/types';
import { fail } from '../../lib/errors';
import type { QueueCommand } from '../../lib/queue/types';

export interface StreamQueueDef extends LiveDef {
  queue: string;
  action: string;
  who: string;
  whoType: string;
  seconds: string;
  secondsType: string;
  to: string;
  toType: string;
  reason: string;
  reasonType: string;
  again: boolean;
  handOver: 'switch' | 'at-once';
  changes: boolean;
}

const ACTIONS = [
  'list',
  'skip',
  'kick',
  'ban',
  'unban',
  'move',
  'hold',
  'resume',
  'extend',
  'reset',
  'limit',
  'clear',
] as const;
type Action = (typeof ACTIONS)[number];

/** What a message asks of the queue. */
export type Asked =
  | { ask: 'list' }
  | { ask: 'command'; command: QueueCommand }
  /** a switch that was done, or that failed, comes back by a wire */
  | { ask: 'switched'; turn: string }
  | { ask: 'failed'; turn: string; why: string };

/** A month: nobody means longer. */
const LONGEST_S = 31 * 86_400;
/** More than any queue holds. */
const LAST_PLACE = 100_000;
const LONGEST_TEXT = 200;

/** Where the parts of a command come from: the fields of the dialog, or the payload. */
interface Parts {
  text(field: 'who' | 'reason'): Promise<string | null>;
  number(field: 'seconds' | 'to'): Promise<number | null>;
  again: boolean;
}

/** Reads what a message asks, by the dialog of its node, one message after the other. Rejects with INPUT_INVALID and ACTION_UNKNOWN. */
export class CommandReader {
  private readonly order = new InOrder();

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
    private readonly config: StreamQueueDef,
  ) {}

  read(msg: Message): Promise<Asked> {
    return this.order.run(async () => answerOf(msg) ?? (await this.asked(msg)));
  }

  private async asked(msg: Message): Promise<Asked> {
    const { config } = this;
    const dialog: Parts = {
      text: (field) => this.typed(field, msg),
      number: async (field) => {
        const type = config[`${field}Type`];
        const text = type === 'num' ? 'str' : type;
        return numberOf(field, await typedValue(this.RED, this.node, field, config[field], text, msg));
      },
      again: config.again === true,
    };
    if (config.action !== 'message') return commandOf(choiceField('action', config.action, ACTIONS), dialog);
    const { payload } = msg;
    if (typeof payload === 'string') return commandOf(known(payload), dialog);
    if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
      throw fail('ACTION_UNKNOWN', { action: kindOf(payload), known: ACTIONS.join(', ') });
    const given = payload as Record<string, unknown>;
    return commandOf(known(given.action), {
      text: (field) => Promise.resolve(textOf(field, given[field])),
      number: (field) => Promise.resolve(numberOf(field, given[field])),
      again: given.again === true,
    });
  }

  private async typed(field: 'who' | 'reason', msg: Message): Promise<string | null> {
    const { RED, node, config } = this;
    return textOf(field, await typedText(RED, node, field, config[field], config[`${field}Type`], msg));
  }
}

/** What a switch's own message says of its turn; null for any other. */
function answerOf(msg: Message): Asked | null {
  const { payload, error } = msg as { payload?: unknown; error?: { message?: unknown } };
  const turn = (payload as { turn?: unknown } | null | undefined)?.turn;
  if (typeof turn !== 'string' || !('source' in (payload as object) || error)) return null;
  if (!error) return { ask: 'switched', turn };
  return {
    ask: 'failed',
    turn,
    why: typeof error.message === 'string' ? error.message : 'the switch failed',
  };
}

async function commandOf(action: Action, parts: Parts): Promise<Asked> {
  const command = async (): Promise<QueueCommand | null> => {
    switch (action) {
      case 'list':
        return null;
      case 'skip':
      case 'reset':
      case 'clear':
        return { action };
      case 'kick':
      case 'unban':
        return { action, who: needed('who', await parts.text('who')) };
      case 'hold':
      case 'resume':
        return { action, who: await parts.text('who') };
      case 'ban': {
        const who = needed('who', await parts.text('who'));
        const seconds = within('seconds', await parts.number('seconds'), 1, LONGEST_S);
        return { action, who, forMs: inMs(seconds), reason: await parts.text('reason') };
      }
      case 'move': {
        const who = needed('who', await parts.text('who'));
        return { action, who, to: needed('to', within('to', await parts.number('to'), 1, LAST_PLACE)) };
      }
      case 'extend': {
        const seconds = within('seconds', await parts.number('seconds'), -LONGEST_S, LONGEST_S);
        return { action, byMs: needed('seconds', seconds) * 1000 };
      }
      case 'limit': {
        const seconds = within('seconds', await parts.number('seconds'), 1, LONGEST_S);
        return { action, limitMs: inMs(seconds), again: parts.again };
      }
    }
  };
  const found = await command();
  return found ? { ask: 'command', command: found } : { ask: 'list' };
}

function known(value: unknown): Action {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
  const found = ACTIONS.find((action) => action === word);
  if (found) return found;
  // a key that somebody sends by mistake is not repeated
  const said = /^[a-z -]{1,24}$/.test(word) ? word : kindOf(value);
  throw fail('ACTION_UNKNOWN', { action: said, known: ACTIONS.join(', ') });
}

function textOf(field: string, value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string' || value.length > LONGEST_TEXT)
    throw fail('INPUT_INVALID', { field, reason: `it must be a text of at most ${LONGEST_TEXT} characters` });
  return value.trim() || null;
}

function numberOf(field: string, value: unknown): number | null {
  if (value === undefined || value === null || value === '') return null;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw fail('INPUT_INVALID', { field, reason: `it must be a number, not ${kindOf(value)}` });
}

function within(field: string, value: number | null, least: number, most: number): number | null {
  if (value === null || (value >= least && value <= most)) return value;
  throw fail('INPUT_INVALID', { field, reason: `it must be from ${least} to ${most}` });
}

function needed<T>(field: string, value: T | null): T {
  if (value === null) throw fail('INPUT_INVALID', { field, reason: 'it is empty' });
  return value;
}

const inMs = (seconds: number | null): number | null => (seconds === null ? null : seconds * 1000);
