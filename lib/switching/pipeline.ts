import { fail } from '../errors';
import type { PipelinePreset } from '../production/switching';
import type { SourceAddress } from './address';

/** Where the address goes in a text of the user's own. */
export const ADDRESS_PLACE = '{address}';

/** In characters. Source: ours; the longest pipelines people show are a third of it. */
export const LONGEST_PIPELINE = 4096;

/** In pixels. Source: the largest canvas of OBS. */
const LARGEST = 16_384;

/** rtmp2src ends after so many seconds without data, and OBS starts it again. Source: the suggested pipeline of obs-gstreamer's users. */
const IDLE_S = 10;

/** SRT waits so long for what was lost; above it, the number of an address must be meant in microseconds, as ffmpeg has it. */
const MOST_LATENCY_MS = 8000;

/** Between decoder and OBS, for picture and sound. */
const QUEUES: Record<PipelinePreset, { video: string; audio: string; rate: string }> = {
  // what is late is thrown away: three pictures, and sound for about as long as two of OBS's own blocks
  'low-latency': {
    video: 'queue max-size-buffers=3 max-size-bytes=0 max-size-time=0 leaky=downstream',
    audio: 'queue max-size-buffers=0 max-size-bytes=0 max-size-time=200000000 leaky=downstream',
    rate: '',
  },
  // three seconds may wait, and gaps in the pictures are filled
  smooth: {
    video: 'queue max-size-buffers=0 max-size-bytes=0 max-size-time=3000000000',
    audio: 'queue max-size-buffers=0 max-size-bytes=0 max-size-time=3000000000',
    rate: 'videorate skip-to-first=true ! ',
  },
  plain: { video: 'queue', audio: 'queue', rate: '' },
};

/** A pipeline wish, with the address checked already. */
export interface PipelineWish {
  address: SourceAddress;
  pipeline: { preset: PipelinePreset } | { text: string };
  size: { width: number; height: number } | null;
}

/**
 * The gst-launch text for the plugin obs-gstreamer, whose own elements are called `video` and `audio`. The address stands in one quoted
 * value and can end it nowhere. Throws SOURCE_PIPELINE_INVALID. Holds secrets.
 */
export function pipelineText({ address, pipeline, size }: PipelineWish): string {
  const value = gstreamerAddress(address);
  if (/["\\\p{C}]/u.test(value))
    throw fail('SOURCE_ADDRESS_INVALID', { reason: 'it cannot stand in a pipeline' });
  if ('text' in pipeline) {
    const { before, after } = checkedText(pipeline.text);
    return `${before}${value}${after}`;
  }
  const { video, audio, rate } = QUEUES[pipeline.preset];
  return [
    begin(address.scheme, value),
    ` d. ! ${video} ! ${rate}videoconvert ! ${scaled(size)}video.`,
    ` d. ! ${audio} ! audioconvert ! audioresample ! audio.`,
  ].join(' ');
}

/**
 * Whether a text of the user's own will do: exactly one `{address}`, within a value in double quotes, and a way to OBS. Throws
 * SOURCE_PIPELINE_INVALID, whose text holds nothing of it.
 */
export function checkPipelineText(text: string): void {
  checkedText(text);
}

function checkedText(given: string): { before: string; after: string } {
  const text = given.trim().replace(/\s+/g, ' ');
  if (text === '') throw wrong('it is empty');
  if (text.length > LONGEST_PIPELINE) throw wrong(`it has more than ${LONGEST_PIPELINE} characters`);
  if (/\p{C}/u.test(text)) throw wrong('it holds a control character');
  if (/\\\\["']/.test(text)) throw wrong('it holds two backslashes before a quotation mark');
  const [before, after, more] = text.split(ADDRESS_PLACE);
  if (after === undefined) throw wrong('the address in curly brackets is missing in it');
  if (more !== undefined) throw wrong('the address in curly brackets stands in it more than once');
  if (!closesBehind(quotesOf(before!), after))
    throw wrong('the address in curly brackets must stand in double quotes, as the value of a property');
  const bare = withoutQuoted(text);
  if (!/(?:^|[\s!])(?:video|audio)\.(?:sink)?(?=[\s!]|$)/.test(bare))
    throw wrong('nothing in it leads to OBS: link the picture to video. and the sound to audio.');
  return { before: before!, after };
}

/** Where a text stands at its end: `"` within a value in double quotes that belongs to a property, `'` within another one. */
function quotesOf(text: string): '"' | "'" | 'loose' | null {
  let open: '"' | "'" | 'loose' | null = null;
  for (let at = 0; at < text.length; at++) {
    const c = text[at]!;
    if (c === '\\') at++;
    else if (open === null && c === '"')
      open = /(?:^|\s)[A-Za-z0-9_][\w:%-]*\s?=\s?$/.test(text.slice(0, at)) ? '"' : 'loose';
    else if (open === null && c === "'") open = "'";
    else if (c === (open === 'loose' ? '"' : open)) open = null;
  }
  // half an escape would take the first character of the address with it
  return /(?:^|[^\\])(?:\\\\)*\\$/.test(text) ? null : open;
}

/** The value ends behind the address, and every other quotation mark has its partner. */
function closesBehind(open: ReturnType<typeof quotesOf>, after: string): boolean {
  if (open !== '"') return false;
  // a `!` that touches the quotation mark is a part of the value to GStreamer
  const end = /^(?:[^"\\]|\\.)*"(?=\s|$)/.exec(after);
  return end !== null && quotesOf(after.slice(end[0].length)) === null;
}

function withoutQuoted(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""');
}

/** The element that fetches, up to the decoder `d`. */
function begin(scheme: SourceAddress['scheme'], value: string): string {
  if (scheme === 'rtmp' || scheme === 'rtmps')
    // not rtmpsrc: that one can take OBS down when it is removed while it connects
    return `rtmp2src location="${value}" idle-timeout=${IDLE_S} ! decodebin name=d`;
  if (scheme === 'srt') return `srtsrc uri="${value}" ! decodebin name=d`;
  // these choose their demuxer by what comes; an RTSP camera has a pad for each of picture and sound
  return `uridecodebin uri="${value}" name=d`;
}

function scaled(size: PipelineWish['size']): string {
  if (!size) return '';
  const { width, height } = size;
  for (const pixels of [width, height])
    if (!Number.isInteger(pixels) || pixels < 2 || pixels > LARGEST)
      throw wrong(`its size must be two whole numbers from 2 to ${LARGEST}`);
  const caps = `video/x-raw,width=${width},height=${height},pixel-aspect-ratio=1/1`;
  return `videoscale add-borders=true ! ${caps} ! `;
}

/** SRT counts its latency in milliseconds in GStreamer and in microseconds in ffmpeg; an address is written for ffmpeg, as in OBS. */
function gstreamerAddress({ scheme, text }: SourceAddress): string {
  if (scheme !== 'srt') return text;
  return text.replace(/([?&]latency=)(\d+)(?=[&#]|$)/, (whole, name: string, number: string) =>
    Number(number) > MOST_LATENCY_MS ? `${name}${Math.round(Number(number) / 1000)}` : whole,
  );
}

function wrong(reason: string) {
  return fail('SOURCE_PIPELINE_INVALID', { reason });
}
