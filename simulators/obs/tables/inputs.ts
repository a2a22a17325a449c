import type { Data } from '../fields';

export interface InputKind {
  unversioned: string;
  audio: boolean;
  video: boolean;
  media: boolean;
  width: number;
  height: number;
  defaults: Data;
}

const kind = (unversioned: string, what: Partial<InputKind>): InputKind => ({
  unversioned,
  audio: false,
  video: true,
  media: false,
  width: 1920,
  height: 1080,
  defaults: {},
  ...what,
});

const audio = { audio: true, video: false, width: 0, height: 0, defaults: { device_id: 'default' } };

/** The input kinds of Debian's OBS 29.0.2, with what the simulator has to know of each. */
export const INPUT_KINDS = new Map<string, InputKind>(
  Object.entries({
    image_source: kind('image_source', { defaults: { linear_alpha: false, unload: false } }),
    color_source_v3: kind('color_source', { defaults: { color: 4291940817, height: 1080, width: 1920 } }),
    slideshow: kind('slideshow', { audio: false, media: true, defaults: { loop: true, slide_time: 8000 } }),
    alsa_input_capture: kind('alsa_input_capture', {
      ...audio,
      defaults: { device_id: 'default', rate: 44100 },
    }),
    xshm_input: kind('xshm_input', { defaults: { screen: 0, show_cursor: true } }),
    jack_output_capture: kind('jack_output_capture', {
      ...audio,
      defaults: { channels: 2, startjack: false },
    }),
    pulse_input_capture: kind('pulse_input_capture', audio),
    pulse_output_capture: kind('pulse_output_capture', audio),
    v4l2_input: kind('v4l2_input', { defaults: { auto_reset: false, buffering: true, input: -1 } }),
    ffmpeg_source: kind('ffmpeg_source', {
      audio: true,
      media: true,
      defaults: {
        buffering_mb: 2,
        clear_on_media_end: true,
        is_local_file: true,
        linear_alpha: false,
        looping: false,
        reconnect_delay_sec: 10,
        restart_on_activate: true,
        speed_percent: 100,
      },
    }),
    text_ft2_source_v2: kind('text_ft2_source', {
      width: 600,
      height: 260,
      defaults: {
        antialiasing: true,
        color1: 4294967295,
        color2: 4294967295,
        drop_shadow: false,
        font: { face: 'Sans Serif', flags: 0, size: 256, style: '' },
        log_lines: 6,
        outline: false,
        word_wrap: false,
      },
    }),
  }),
);

/** What obs-gstreamer (a936d45) adds: no package of Debian, so only an OBS that is asked to have it has it. */
export const GSTREAMER_KIND = kind('gstreamer-source', {
  audio: true,
  media: true,
  width: 0,
  height: 0,
  defaults: {
    pipeline:
      'videotestsrc is-live=true ! video/x-raw, framerate=30/1, width=960, height=540 ! video. audiotestsrc wave=ticks is-live=true ! audio/x-raw, channels=2, rate=44100 ! audio.',
    use_timestamps_video: true,
    use_timestamps_audio: true,
    sync_appsink_video: true,
    sync_appsink_audio: true,
    disable_async_appsink_video: false,
    disable_async_appsink_audio: false,
    restart_on_eos: true,
    restart_on_error: false,
    restart_timeout: 2000,
    stop_on_hide: true,
    clear_on_end: true,
    block_video: false,
    block_audio: false,
    drop_video: false,
    drop_audio: false,
    no_buffer: false,
    latency: 0,
    ntp_server: '',
    ntp_port: 123,
  },
});
