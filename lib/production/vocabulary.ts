/** The event names of the package, the same for every application. */
export const EVENT_NAMES = [
  'obs_connected',
  'obs_disconnected',
  'vmix_connected',
  'vmix_disconnected',
  'stream_starting',
  'stream_started',
  'stream_reconnecting',
  'stream_reconnected',
  'stream_failed',
  'stream_stopped',
  'srt_stream_started',
  'srt_stream_stopped',
  'recording_started',
  'recording_paused',
  'recording_resumed',
  'recording_file_changed',
  'recording_stopped',
  'virtualcam_started',
  'virtualcam_stopped',
  'output_started',
  'output_stopped',
  'replay_saved',
  'scene_changed',
  'emergency_stop_all',
  'source_switched',
  'source_switch_failed',
  'source_cleared',
  'source_stalled',
  'source_recovered',
  'source_ended',
  'health_alert',
  'health_recovered',
  'publisher_waiting',
  'publisher_live',
  'publisher_left',
  'publisher_denied',
  'publisher_kicked',
  'publisher_banned',
  'turn_warning',
  'frame_stored',
  'picture_changed',
] as const;

export type EventName = (typeof EVENT_NAMES)[number];
export type ApplicationKind = 'obs' | 'vmix' | 'ingest' | 'media-server';
/** Why an event is told: it happened, a poll found it, a reconnect found it, or it was so at the start. */
export type Cause = 'event' | 'poll' | 'resync' | 'startup';

export type StreamState = 'idle' | 'starting' | 'live' | 'reconnecting' | 'stopping' | 'unknown';
export type RecordState = 'idle' | 'starting' | 'recording' | 'paused' | 'stopping' | 'unknown';
export type OutputState = 'idle' | 'starting' | 'active' | 'stopping' | 'unknown';

/** One thing that happened, in the words of the package. `at` is ISO 8601 UTC with milliseconds. */
export interface ProductionEvent {
  event: EventName;
  at: string;
  cause: Cause;
  /** true when anyone asked for it, false when nobody did, null where nobody can know */
  expected: boolean | null;
  /** which output: `stream`, `recording`, `virtualcam`, `replay_buffer`, or the application's own name; null where none is meant */
  output: string | null;
  state: string | null;
  previous: string | null;
  /** what happened; contains no secret */
  payload: Record<string, unknown>;
}
