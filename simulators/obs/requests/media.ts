import { Refusal } from '../fields';
import type { Playback } from '../playback';
import { Status } from '../tables/codes';
import { input } from './handler';
import type { Call, Handler } from './handler';

const ACTION = 'OBS_WEBSOCKET_MEDIA_INPUT_ACTION_';

/** What OBS makes of a duration that is not known. */
const ENDLESS = -9223372036854776;

function jump(call: Call, field: string, from: (clip: Playback) => number, min: number): void {
  const { media } = input(call);
  const value = call.fields.number(field, min);
  if (!media?.timed) {
    throw new Refusal(
      Status.InvalidResourceState,
      'The media input must be playing or paused in order to set the cursor position.',
    );
  }
  media.cursor = Math.min(media.durationMs, Math.max(0, Math.trunc(from(media) + value)));
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
    const { media: clip, settings } = found;
    if (!clip || scripted === 'ended' || !clip.timed)
      return {
        mediaCursor: null,
        mediaDuration: null,
        mediaState: `OBS_MEDIA_STATE_${scripted === 'ended' ? 'ENDED' : (clip?.state ?? 'NONE')}`,
      };
    const made = settings.input_format === 'lavfi';
    const network = found.kind !== 'ffmpeg_source' || settings.is_local_file === false;
    return {
      mediaCursor:
        scripted === 'stalled' ? call.studio.health.standsAt(found.name, clip.cursor) : clip.cursor,
      mediaDuration: made ? ENDLESS : network ? 0 : clip.durationMs,
      mediaState: `OBS_MEDIA_STATE_${clip.state}`,
    };
  },

  SetMediaInputCursor: (call) => jump(call, 'mediaCursor', () => 0, 0),

  OffsetMediaInputCursor: (call) => jump(call, 'mediaCursorOffset', ({ cursor }) => cursor, -Infinity),

  TriggerMediaInputAction: (call) => {
    const { production } = call.studio;
    const changed = input(call);
    const mediaAction = call.fields.string('mediaAction');
    const action = mediaAction.startsWith(ACTION) ? mediaAction.slice(ACTION.length) : '';
    if (!['PLAY', 'PAUSE', 'STOP', 'RESTART', 'NEXT', 'PREVIOUS'].includes(action)) {
      throw new Refusal(Status.InvalidField, 'You have specified an invalid media input action.');
    }
    // what has no media takes the action and does nothing
    if (!changed.media) return;
    changed.media.act(action);
    production.emit('MediaInputActionTriggered', { ...production.named('input', changed), mediaAction });
  },
};
