import { createHash } from 'node:crypto';
import type { SourceKind, SourceWish } from '../production/switching';
import { parseSourceAddress } from '../switching/address';
import { pipelineText } from '../switching/pipeline';
import type { RequestData } from './session';
import { object, text } from './values';

/** OBS's own names of the kinds. */
export const OBS_KIND: Record<SourceKind, string> = {
  gstreamer: 'gstreamer-source',
  ffmpeg: 'ffmpeg_source',
};

/** Keys of the media source that OBS 29 takes and names no default for. Source: obs-ffmpeg-source.c. */
const WITHOUT_DEFAULT: Record<SourceKind, readonly string[]> = {
  ffmpeg: ['local_file', 'input', 'close_when_inactive', 'ffmpeg_options', 'hw_decode'],
  gstreamer: [],
};

/** Seconds between two attempts of the media source. Source: reference of the switching; OBS itself waits 10. */
const RECONNECT_S = 2;
/** A connection without a byte for so long, in microseconds, is given up and made anew; without it the media source hangs unseen. */
const READ_TIMEOUT_US = 5_000_000;
/** Milliseconds after which obs-gstreamer starts a pipeline again; its own default. */
const RESTART_MS = 2000;

/** The kind that OBS calls by this name; null: none of ours. */
export function kindOf(obsKind: unknown): SourceKind | null {
  if (obsKind === OBS_KIND.ffmpeg) return 'ffmpeg';
  return obsKind === OBS_KIND.gstreamer ? 'gstreamer' : null;
}

/**
 * Settings of a source that plays the wish, complete: it starts hidden, goes on when hidden, and keeps its last picture. Holds secrets.
 * Throws SOURCE_ADDRESS_INVALID and SOURCE_PIPELINE_INVALID.
 */
export function settingsOf(kind: SourceKind, source: SourceWish): RequestData {
  const address = parseSourceAddress(source.address);
  const isFile = address.path !== null;
  if (kind === 'gstreamer')
    return {
      pipeline: pipelineText({ address, pipeline: source.pipeline, size: source.size }),
      // true by default, and a hidden source would never start
      stop_on_hide: false,
      clear_on_end: false,
      // a file that has ended has ended; a publisher may come back
      restart_on_eos: !isFile,
      restart_on_error: !isFile,
      restart_timeout: RESTART_MS,
    };
  const common = {
    // true by default: OBS shows a new source for a moment, and it would begin anew, or end
    restart_on_activate: false,
    close_when_inactive: false,
    clear_on_media_end: false,
  };
  if (isFile) return { ...common, is_local_file: true, local_file: address.path, looping: false };
  return {
    ...common,
    is_local_file: false,
    input: address.text,
    reconnect_delay_sec: RECONNECT_S,
    ffmpeg_options: `rw_timeout=${READ_TIMEOUT_US}`,
  };
}

/** Keys among `settings` that this OBS does not seem to know, by the defaults it names for the kind. */
export function unknownKeys(kind: SourceKind, settings: RequestData, defaults: RequestData): string[] {
  return Object.keys(settings).filter(
    (key) => !Object.hasOwn(defaults, key) && !WITHOUT_DEFAULT[kind].includes(key) && !key.startsWith('_'),
  );
}

/** The same for the same wish: address, pipeline and size. Tells nothing of them. Throws SOURCE_ADDRESS_INVALID. */
export function fingerprintOf(source: SourceWish): string {
  const { text: address } = parseSourceAddress(source.address);
  const gstreamer = source.kind === 'ffmpeg' ? null : [source.pipeline, source.size];
  return digest([address, gstreamer]);
}

/** The same for settings that play the same. */
export function madeOf(kind: SourceKind, settings: unknown): string {
  const { pipeline, is_local_file: isFile, local_file: file, input } = object(settings);
  return digest([kind, text(kind === 'gstreamer' ? pipeline : isFile === false ? input : file)]);
}

/** What must not be said of this wish while anybody could. An address that cannot be read is one secret as a whole. */
export function secretsOf(source: SourceWish): string[] {
  try {
    return parseSourceAddress(source.address).secrets;
  } catch {
    return [source.address];
  }
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 24);
}
