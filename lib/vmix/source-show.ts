import { now as clockNow } from '../connection/clock';
import { fail } from '../errors';
import type { MediaAction } from '../production/sources';
import { change, unfit } from './source-asks';
import type { InputChange, Outcome } from './sources';
import type { VmixInput, VmixState } from './state-types';

/** How far a position may be ahead of the clock after a restart; a document is a moment old. */
const AHEAD_MS = 500;
const FUNCTIONS = { play: 'Play', pause: 'Pause', restart: 'Restart' } as const;

/** Put an input into an overlay, or take it out of it. Never a toggle; an overlay that shows another input is left alone by "out". */
export async function setOverlay(on: InputChange, overlay: number, show: boolean): Promise<Outcome> {
  const isIn = (input: VmixInput, { overlays }: VmixState) => {
    const place = overlays.find(({ number }) => number === overlay);
    return place?.inputNumber === input.number && !place.preview;
  };
  if (!on.state.overlays.some(({ number }) => number === overlay))
    throw fail('CAPABILITY_MISSING', {
      application: 'vMix',
      action: `overlay ${overlay}`,
      advice: `This vMix (${on.state.version.text}) has ${on.state.overlays.length} of them.`,
    });
  const before = isIn(on.input, on.state);
  const told = { before, overlay };
  if (before === show) return { ...told, now: before, alreadySo: true };
  const now = await change(
    on,
    // "out" takes none, and must not be told one
    { name: `OverlayInput${overlay}${show ? 'In' : 'Out'}`, ...(show ? {} : { input: undefined }) },
    (input, state) => (isIn(input, state) === show ? show : undefined),
    (input, state) => `${isIn(input, state) ? 'in' : 'not in'} overlay ${overlay}`,
  );
  return { ...told, now, alreadySo: false };
}

/** Play, pause or restart a clip. A restart goes to the start and plays. */
export async function controlMedia(on: InputChange, action: MediaAction): Promise<Outcome> {
  const { input } = on;
  if (action === 'stop')
    throw fail('CAPABILITY_MISSING', {
      application: 'vMix',
      action: 'stop',
      advice: 'Pause the clip instead.',
    });
  if (!((input.durationMs ?? 0) > 0) || input.page)
    throw unfit(on, `it is of the type ${input.type}, which plays nothing`);
  const before = stateOf(input);
  const wanted = action === 'pause' ? 'paused' : 'running';
  if (action !== 'restart' && before === wanted) return { before, now: before, alreadySo: true };
  if (action === 'restart') {
    const sentAt = clockNow();
    await change(
      on,
      { name: FUNCTIONS.restart },
      ({ positionMs }) =>
        positionMs !== null && positionMs <= clockNow() - sentAt + AHEAD_MS ? true : undefined,
      ({ positionMs }) => `at ${positionMs ?? 'no'} ms`,
    );
    if (before === wanted) return { before, now: before, alreadySo: false };
  }
  const now = await change(
    on,
    { name: action === 'pause' ? FUNCTIONS.pause : FUNCTIONS.play },
    (found) => (stateOf(found) === wanted ? wanted : undefined),
    (found) => stateOf(found) ?? 'in no state',
  );
  return { before, now, alreadySo: false };
}

const stateOf = ({ state }: VmixInput): string | null => state?.toLowerCase() ?? null;
