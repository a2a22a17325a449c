import { Refusal } from '../fields';
import type { Input } from '../sources';
import { Status } from '../tables/codes';
import { input } from './handler';
import type { Call, Handler } from './handler';

const ACTION = 'OBS_WEBSOCKET_MEDIA_INPUT_ACTION_';

/** What OBS makes of a duration that is not known. */
const ENDLESS = -9223372036854776;

/** Where the clip is, in ms of real time; it ends by itself unless it loops. */
export function position({ media, settings }: Input): number {
  if (media.state !== 'PLAYING') return media.cursor;
  const at = media.cursor + performance.now() - media.since;
  if (at < media.durationMs) return Math.floor(at);
  if (settings.looping === true) return Math.floor(at % media.durationMs);
  media.state = 'ENDED';
  return media.durationMs;
}

const timed = ({ media }: Input): boolean => media.state === 'PLAYING' || media.state === 'PAUSED';

function jump(call: Call, field: string, from: (input: Input) => number, min: number): void {
  const changed = input(call);
  const value = call.fields.number(field, min);
  position(changed);
  if (!timed(changed)) {
    throw new Refusal(
      Status.InvalidResourceState,
      'The media input must be playing or paused in order to set the cursor position.',
    );
  }
  changed.media.cursor = Math.min(changed.media.durationMs, Math.max(0, Math.trunc(from(changed) + value)));
  changed.media.since = performance.now();
}

/** Media inputs: clips that play, pause and end. */
export const media: Record<string, Handler> = {
  GetMediaInputStatus: (call) => {
    const found = input(call);
    const scripted = call.studio.health.mediaOf(found.name);
    if (scripted === 'missing')
      throw new Refusal(Status.NotFound, `No source was found by the name of \`${found.name}\`.`);
    // measured: an address that gives nothing plays at 0 for ever, and one that stops giving stands where it was
    if (scripted === 'unopened')
      return { mediaCursor: 0, mediaDuration: 0, mediaState: 'OBS_MEDIA_STATE_PLAYING' };
    const at = position(found);
    if (scripted === 'ended' || !timed(found))
      return {
        mediaCursor: null,
        mediaDuration: null,
        mediaState: `OBS_MEDIA_STATE_${scripted === 'ended' ? 'ENDED' : found.media.state}`,
      };
    const { settings } = found;
    return {
      mediaCursor: scripted === 'stalled' ? call.studio.health.standsAt(found.name, at) : at,
      mediaDuration:
        settings.is_local_file === false && settings.input_format !== 'lavfi'
          ? 0
          : settings.input_format === 'lavfi'
            ? ENDLESS
            : found.media.durationMs,
      mediaState: `OBS_MEDIA_STATE_${found.media.state}`,
    };
  },

  SetMediaInputCursor: (call) => jump(call, 'mediaCursor', () => 0, 0),

  OffsetMediaInputCursor: (call) => jump(call, 'mediaCursorOffset', position, -Infinity),

  TriggerMediaInputAction: (call) => {
    const { production, clock } = call.studio;
    const changed = input(call);
    const mediaAction = call.fields.string('mediaAction');
    const action = mediaAction.startsWith(ACTION) ? mediaAction.slice(ACTION.length) : '';
    if (!['PLAY', 'PAUSE', 'STOP', 'RESTART', 'NEXT', 'PREVIOUS'].includes(action)) {
      throw new Refusal(Status.InvalidField, 'You have specified an invalid media input action.');
    }
    // what has no media takes the action and does nothing
    if (!changed.about.media) return;
    const named = production.named('input', changed);
    const { media: clip } = changed;
    clip.cursor = action === 'RESTART' ? 0 : position(changed);
    clip.since = performance.now();
    if (action === 'PLAY' || action === 'RESTART') {
      if (clip.state === 'ENDED') clip.cursor = 0;
      clip.state = 'PLAYING';
      production.emit('MediaInputPlaybackStarted', named);
    } else if (action === 'PAUSE') clip.state = 'PAUSED';
    else if (action === 'STOP') {
      clip.state = 'ENDED';
      clock.after(40, () => production.emit('MediaInputPlaybackEnded', named));
    }
    production.emit('MediaInputActionTriggered', { ...named, mediaAction });
  },
};
