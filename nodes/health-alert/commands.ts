import { actionFrom } from '../../red/typed-inputs';
import type { Message } from '../../red/types';
import { fail } from '../../lib/errors';
import type { HealthHistory, HealthReport, HealthStatus } from '../../lib/health/types';
import type { HealthWatch } from '../../lib/health/watch';

const DAY_MINUTES = 1_440;
/** As an error lists them. */
const KNOWN = ['current', 'history', 'status', 'snooze 10', 'ack'] as const;

export interface Command {
  action: 'current' | 'history' | 'status' | 'snooze' | 'ack';
  run: (watch: HealthWatch) => HealthReport | HealthHistory | HealthStatus;
}

/** What a message asks for. Throws ACTION_UNKNOWN with what there is, and INPUT_INVALID for a snooze without its minutes. */
export function commandOf(msg: Message): Command {
  const snooze = typeof msg.payload === 'string' ? /^\s*snooze\b(.*)$/is.exec(msg.payload) : null;
  if (snooze) {
    const ms = minutesIn(snooze[1] ?? '') * 60_000;
    return { action: 'snooze', run: (watch) => watch.snooze(ms) };
  }
  switch (actionFrom(msg, KNOWN)) {
    case 'history':
      return { action: 'history', run: (watch) => watch.history() };
    case 'status':
      return { action: 'status', run: (watch) => watch.status() };
    case 'ack':
      return { action: 'ack', run: (watch) => watch.acknowledge() };
    default:
      return { action: 'current', run: (watch) => watch.report() };
  }
}

function minutesIn(text: string): number {
  const minutes = Number(text.trim().replace(',', '.'));
  if (text.trim() === '' || !(minutes >= 0 && minutes <= DAY_MINUTES))
    throw fail('INPUT_INVALID', {
      field: 'snooze',
      reason: `"${text.trim()}" is no number of minutes from 0 to ${DAY_MINUTES}; send for example "snooze 10", and "snooze 0" to end it`,
    });
  return minutes;
}
