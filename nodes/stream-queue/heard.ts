import type { GuestQueue } from '../../lib/queue/guests';
import type { ProductionEvent } from '../../lib/production/vocabulary';

/** Codes of switches that failed for what a deploy or OBS did, whoever was to be switched to. */
const NOT_HIS = new Set<unknown>([
  'SOURCE_SWITCH_CLOSED',
  'SOURCE_SWITCH_OVERTAKEN',
  'SOURCE_SWITCH_LOST',
  'OBS_NOT_CONNECTED',
  'OBS_DISCONNECTED',
  'OBS_EXITING',
  'OBS_CLOSED',
]);

/** What an application tells of a switch that carries a turn of this queue; everything else is not for it. */
export function answerIn({ event, payload }: ProductionEvent, queue: GuestQueue): void {
  const { turn } = payload;
  if (typeof turn !== 'string') return;
  if (event === 'source_switched') queue.switched(turn);
  else if (event === 'source_switch_failed')
    queue.switchFailed(
      turn,
      typeof payload.message === 'string' ? payload.message : 'the switch failed',
      !NOT_HIS.has(payload.code),
    );
}
