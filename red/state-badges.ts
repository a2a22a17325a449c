import type { Application, Release } from '../lib/production/application';
import type { EventName, RecordState, StreamState } from '../lib/production/vocabulary';
import type { Badge, BadgeName } from './badges';
import type { StreamWish } from './stream-channels';

const STREAM: Partial<Record<StreamState, BadgeName>> = {
  live: 'live',
  starting: 'busy',
  reconnecting: 'reconnecting',
  stopping: 'busy',
  unknown: 'unknown',
};
const RECORDING: Partial<Record<RecordState, BadgeName>> = {
  recording: 'recording',
  starting: 'busy',
  paused: 'paused',
  stopping: 'busy',
  unknown: 'unknown',
};

/** A badge that says `live` while the stream is, or of several any of those that are meant. */
export function followStream(application: Application, badge: Badge, which: StreamWish = {}): Release {
  return follow(application, badge, () => STREAM[stateOf(application, which)]);
}

function stateOf(application: Application, { channels, stream }: StreamWish): StreamState {
  return application.streams?.state(channels) ?? application.streamState?.(stream ?? null) ?? 'idle';
}

/** A badge that says `recording` while it records. */
export function followRecording(application: Application, badge: Badge): Release {
  return follow(application, badge, () => RECORDING[application.recorder?.state() ?? 'idle']);
}

/** A badge that says `live` while this output of SRT is; `output` gives its name, null where the dialog makes no sense. */
export function followSrt(application: Application, badge: Badge, output: () => string | null): Release {
  return follow(application, badge, () => {
    const name = output();
    const found = application.srt?.states().find((one) => one.output === name);
    return STREAM[found?.state ?? 'idle'];
  });
}

const SOURCE: Partial<Record<EventName, BadgeName>> = {
  source_switched: 'live',
  source_recovered: 'live',
  source_stalled: 'stalled',
  source_ended: 'ended',
};

/** A badge that says how the source is that is on air in a place, once something happened to it; `scene` null means any. */
export function followSource(
  application: Application,
  badge: Badge,
  place: () => { scene: string | null; slot: string } | null,
): Release {
  let state: BadgeName | undefined;
  const heard = application.events.onEvent(({ event, payload }) => {
    const mine = place();
    const isHere = mine?.slot === payload.slot && (mine?.scene ?? payload.scene) === payload.scene;
    if (event === 'source_cleared' && isHere) state = undefined;
    if (SOURCE[event] && isHere) state = SOURCE[event];
  });
  const shown = follow(application, badge, () => state);
  return () => {
    heard();
    shown();
  };
}

function follow(application: Application, badge: Badge, state: () => BadgeName | undefined): Release {
  const show = () => {
    // both at once: a lost connection makes the state unknown, and its own badge says more
    badge.standsAt(application.status().state, state() ?? null);
  };
  show();
  const releases = [application.events.onEvent(show), application.onStatus(show)];
  return () => {
    for (const release of releases) release();
  };
}
