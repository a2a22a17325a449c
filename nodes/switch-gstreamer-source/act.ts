import { liveOfAction } from '../../red/messages';
import type { ApplicationUse } from '../../red/connections';
import type { Result } from '../../red/on-input';
import type { Live } from '../../red/types';
import { asLiveError } from '../../lib/errors';
import { redactError } from '../../lib/secrets';
import type { Application } from '../../lib/production/application';
import type { SwitchProgress, SwitchUse, SwitchWhere } from '../../lib/production/switching';
import { tagOf, type Asked } from './wish';

/** Do what was asked for. */
export async function act(
  switching: SwitchUse,
  asked: Asked,
  application: Application,
  beganAt: number,
  step: (progress: SwitchProgress) => void,
): Promise<Result> {
  const { action, wish, source } = asked;
  const live = (state: string | null) => liveOfAction(`source-${action}`, application, beganAt, { state });
  const result = (payload: object, state: string | null): Result => ({
    payload: withTurn(asked, payload),
    live: live(state),
  });
  if (action === 'metrics') {
    const figures = switching.metrics(wish.where.scene === null ? null : wish.where);
    return result(figures, null);
  }
  if (action === 'discard') {
    const discarded = await switching.discard(wish.where);
    return result({ discarded, scene: wish.where.scene, slot: wish.where.slot }, 'idle');
  }
  if (action === 'clear') {
    const cleared = await switching.clear(wish.where, wish.tag);
    const done = result({ cleared: cleared.source !== null, ...cleared }, 'idle');
    if (cleared.source !== null) done.live!.event = 'source_cleared';
    return done;
  }
  if (action === 'prepare')
    return result(await switching.prepare({ ...wish, source: source! }, step), 'prepared');
  const report = await (action === 'take'
    ? switching.take(wish, step)
    : switching.switchTo({ ...wish, source: source! }, step));
  const done = result(report, report.source);
  if (!report.alreadyLive) done.live!.event = 'source_switched';
  return done;
}

/** One step on the way, as a message. */
export function told(
  asked: Asked,
  application: Application,
  beganAt: number,
  progress: SwitchProgress,
): Result {
  return {
    payload: withTurn(asked, progress),
    live: liveOfAction(`source-${asked.action}`, application, beganAt, {
      state: progress.state,
      confirmedBy: null,
      unconfirmed: 'a step on the way',
    }),
  };
}

/** What a message that failed says beside its error. */
export function failed(asked: Asked, application: Application, beganAt: number, error: unknown): Live {
  const live = liveOfAction(`source-${asked.action}`, application, beganAt, {
    state: 'failed',
    confirmedBy: null,
    unconfirmed: 'it failed',
  });
  return { ...live, oldStillLive: asLiveError(error).details.oldStillLive ?? null };
}

/** A queue's turn that failed before the switching heard of it is told like one that failed later: nothing else ends its waiting. */
export function tellUnbegun(
  use: ApplicationUse,
  place: SwitchWhere | null,
  turn: unknown,
  error: unknown,
): void {
  const tag = tagOf(turn);
  if (tag === null) return;
  const { scene = null, slot = null } = place ?? {};
  const { code, message } = redactError(asLiveError(error));
  const payload = { scene, slot, source: null, code, message, oldStillLive: null, turn: tag };
  try {
    use.get().announce('source_switch_failed', payload, { state: 'failed' });
  } catch {
    // without a connection there is nobody to tell
  }
}

function withTurn({ turn }: Asked, payload: object): object {
  return turn === undefined ? payload : { ...payload, turn };
}
