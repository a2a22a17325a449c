import type { GuestQueue } from '../../lib/queue/guests';
import type { ProductionEvent } from '../../lib/production/vocabulary';

/** What an application tells of a switch that carries a turn of this queue; everything else is not for it. */
export function answerIn({ event, payload }: ProductionEvent, queue: GuestQueue): void {
  const { turn } = payload;
  if (typeof turn !== 'string') return;
  if (event === 'source_switched') queue.switched(turn);
  else if (event === 'source_switch_failed')
    queue.switchFailed(turn, typeof payload.message === 'string' ? payload.message : 'the switch failed');
}
