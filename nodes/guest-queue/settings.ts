import { join, resolve } from 'node:path';
import type { GuestPageDef } from '../../red/guest-page';
import { choiceField, numberField, resolveEnv } from '../../red/typed-inputs';
import type { LiveDef, Node, NodeAPI } from '../../red/types';
import { userFolder } from '../../red/user-folder';
import { fail } from '../../lib/errors';
import { STANDARD_POLICY } from '../../lib/queue/policy';
import type { QueuePolicy } from '../../lib/queue/types';

export interface GuestQueueDef extends LiveDef, GuestPageDef {
  /** a media-server config node */
  server: string;
  limitMinutes: string;
  onlyIfWaiting: boolean;
  afterTurn: QueuePolicy['afterTurn'];
  graceSeconds: string;
  mostEntries: string;
  warnAt: string;
  secondPublisher: QueuePolicy['secondPublisher'];
  rejoinSeconds: string;
  admitSeconds: string;
  switchSeconds: string;
  mostFailures: string;
  missesToLeave: string;
  folder: string;
  /** the sidebar works where Node-RED asks nobody for a login */
  openOperator?: boolean;
}

/** What a guest queue's dialog says, checked. */
export interface QueueSettings {
  folder: string;
  policy: QueuePolicy;
}

const SECOND = 1_000;
const MINUTE = 60_000;
const DAY_S = 86_400;
/** Every entry is written with every change, and shown on the page. */
const MOST_ENTRIES = 1_000;
/** More warnings than this are noise. */
const MOST_WARNINGS = 10;

/** Read the dialog. Throws CONFIG_INVALID, CONFIG_ENV_MISSING. */
export function queueSettings(RED: NodeAPI, node: Node, config: GuestQueueDef): QueueSettings {
  const standard = STANDARD_POLICY;
  const number = (field: string, text: unknown, usual: number, least: number, most: number) =>
    numberField(RED, node, field, text, usual, least, most);
  const count = (field: string, text: unknown, usual: number, most: number) =>
    Math.round(number(field, text, usual, 1, most));
  const seconds = (field: string, text: unknown, usualMs: number, least = 0, most = DAY_S) =>
    Math.round(number(field, text, usualMs / SECOND, least, most) * SECOND);

  const limit = number('turn', config.limitMinutes, (standard.limitMs ?? 0) / MINUTE, 0, 10_080);
  const folder = resolveEnv(RED, node, 'folder', config.folder).trim();
  const user = userFolder(RED);
  const usual = join(user, 'live-production', `queue-${node.id.replace(/[^\w-]/g, '_')}`);
  return {
    folder: folder ? resolve(user, folder) : usual,
    policy: {
      limitMs: limit === 0 ? null : Math.round(limit * MINUTE),
      onlyIfWaiting: config.onlyIfWaiting !== false,
      afterTurn: choiceField('after his turn', config.afterTurn, ['kick', 'tail'] as const),
      graceMs: seconds('grace', config.graceSeconds, standard.graceMs),
      mostEntries: count('most guests', config.mostEntries, standard.mostEntries, MOST_ENTRIES),
      warnAtS: warnings(resolveEnv(RED, node, 'warn', config.warnAt)),
      secondPublisher: choiceField('second publisher', config.secondPublisher, [
        'reject',
        'takeover',
      ] as const),
      rejoinMs: seconds('back after', config.rejoinSeconds, standard.rejoinMs),
      admitMs: seconds('seen within', config.admitSeconds, standard.admitMs, 1),
      switchMs: seconds('switch within', config.switchSeconds, standard.switchMs, 1),
      mostFailures: count('tries', config.mostFailures, standard.mostFailures, 100),
      missesToLeave: count('lists without him', config.missesToLeave, standard.missesToLeave, 100),
    },
  };
}

/** `60, 10` as seconds, the longest first; empty: none. */
function warnings(text: string): number[] {
  const numbers = text
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map(Number);
  if (numbers.length > MOST_WARNINGS || numbers.some((one) => !(one > 0 && one <= DAY_S)))
    throw fail('CONFIG_INVALID', {
      field: 'warn',
      reason: 'seconds are needed with commas between them, as 60, 10',
    });
  return [...new Set(numbers)].sort((one, other) => other - one);
}
