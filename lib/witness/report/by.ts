import type { Fact } from './facts';
import type { By } from './types';

export const UNKNOWN_BY: Readonly<By> = { who: 'unknown', action: null, recordedBy: null, person: null };

/** Who was behind it, as far as the message itself says. */
export function byOf({ action, recordedBy, person, expected, event, cause }: Fact): By {
  if (action !== null) return { who: 'flow', action, recordedBy, person };
  // only the package itself announces it
  if (event === 'emergency_stop_all') return { who: 'flow', action: 'stop-all', recordedBy, person };
  if (event === 'source_switched')
    return { who: 'flow', action: 'switch-gstreamer-source', recordedBy, person };
  // an application does not say who asked for a scene
  const done = expected ?? (event === 'scene_changed' && cause === 'event' ? true : null);
  return { ...UNKNOWN_BY, who: done === null ? 'unknown' : done ? 'other' : 'nobody' };
}
