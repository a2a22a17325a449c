import type { EventName } from '../production/vocabulary';
import type { LiveWatch } from '../production/switching';
import type { Placed } from './port';

/** What a watch has to tell of the live source. Holds no secret. */
export interface LiveTold {
  event: Extract<EventName, 'source_stalled' | 'source_recovered' | 'source_ended'>;
  payload: {
    source: string;
    scene: string;
    slot: string;
    /** milliseconds without a new picture */
    forMs: number;
    /** in words, for a person: "no new picture", "it ended"; null when it is back */
    reason: string | null;
    /** the source that stands in for it, as wished; null: none is wished */
    fallback: string | null;
    /** whether that one is on screen now in its place, as read back; null where nobody can know */
    fallbackShown: boolean | null;
  };
}

export interface LiveWatchOptions extends LiveWatch {
  slot: string;
  tell(told: LiveTold): void;
}

/**
 * Ends the watch: nothing is asked or changed any more from the call on, and what is on air stays as it is. Resolves once the change that was
 * under way, if one was, has ended, for whoever wants to change the same items next.
 */
export type Unwatch = () => Promise<void>;

/**
 * Watches what is on air. Whoever begins anything with a place (a switch from SWAP on, a sweep, a restoring) ends its watch first,
 * waits for that, and begins a new one with what is on air afterwards, also after a rollback: the watch finds by itself whether a fallback
 * stands in, and takes it away once the live source is well. A watch goes on by itself when the application was away or a
 * scene got another name. A newer watch of the same scene and slot ends the one before.
 */
export interface LiveWatcher {
  watch(scene: string, live: Placed, options: LiveWatchOptions): Unwatch;
}
