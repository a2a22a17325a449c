/** Elements that a pipeline of the rehearsal may name; any other is taken for one that is not installed. */
const ELEMENTS = new Set(
  `rtmp2src rtmpsrc srtsrc rtspsrc souphttpsrc uridecodebin uridecodebin3 urisourcebin filesrc videotestsrc
  audiotestsrc decodebin decodebin3 parsebin flvdemux tsdemux qtdemux matroskademux h264parse h265parse aacparse
  avdec_h264 avdec_aac openh264dec faad queue queue2 multiqueue videoconvert videoscale videorate videocrop videobox
  audioconvert audioresample audiorate clocksync identity tee fakesink capsfilter rtpjitterbuffer rtph264depay
  rtpmp4gdepay imagefreeze deinterlace volume`
    .trim()
    .split(/\s+/),
);

/** The words of a gst-launch text, quotes taken off; null where a quote is not closed. */
function words(text: string): { word: string; quoted: boolean }[] | null {
  const found: { word: string; quoted: boolean }[] = [];
  let [word, quoted, open] = ['', false, ''];
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charAt(at);
    if (open !== '') {
      if (sign === '\\' && open === '"') word += text.charAt((at += 1));
      else if (sign === open) open = '';
      else word += sign;
    } else if (sign === '"' || sign === "'") [open, quoted] = [sign, true];
    else if (/\s/.test(sign)) {
      if (word !== '' || quoted) found.push({ word, quoted });
      [word, quoted] = ['', false];
    } else word += sign;
  }
  if (open !== '') return null;
  if (word !== '' || quoted) found.push({ word, quoted });
  return found;
}

/** What the simulator reads in a pipeline's text. */
export interface Pipeline {
  /** the plugin could not make it: ERROR at once */
  broken: boolean;
  /** of its `location` or `uri`; null: it plays something of its own */
  address: string | null;
  /** where it reads from; null: none */
  source: string | null;
  /** of rtmp2src, in ms; 0: none */
  idleTimeoutMs: number;
}

/** Read a pipeline's text, as far as its fate depends on it: quotes that close, elements that there are, an address. */
export function readPipeline(text: string): Pipeline {
  const all = words(text);
  const broken: Pipeline = { broken: true, address: null, source: null, idleTimeoutMs: 0 };
  if (!all || all.length === 0) return broken;
  const pipeline: Pipeline = { ...broken, broken: false };
  let fresh = true;
  for (const { word } of all) {
    const property = /^([a-z][a-z0-9_-]*)=(.*)$/is.exec(word);
    if (word === '!') fresh = true;
    else if (property) {
      const [, name = '', value = ''] = property;
      if (name === 'location' || name === 'uri') pipeline.address ??= value;
      if (name === 'idle-timeout') pipeline.idleTimeoutMs = Number(value) * 1000;
    } else if (/^[\w-]*\.[\w-]*$/.test(word)) fresh = word.startsWith('video.') || word.startsWith('audio.');
    else if (/^[a-z]+\/[a-z-]/i.test(word)) fresh = false;
    else if (ELEMENTS.has(word)) {
      if (/src$|^uridecodebin/.test(word)) pipeline.source ??= word;
      fresh = false;
    } else return broken;
  }
  // a link that leads nowhere
  return fresh && all.at(-1)?.word === '!' ? broken : pipeline;
}
