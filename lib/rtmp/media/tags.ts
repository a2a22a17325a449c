/** What a video tag is. */
export interface VideoTag {
  /** `avc`, `hevc`, `av1`, `vp9`, …, or the number that the tag has */
  codec: string;
  /** by four letters instead of a number (enhanced RTMP) */
  enhanced: boolean;
  /** `header`: what a decoder needs before the first picture. `other`: nothing that is shown */
  what: 'header' | 'frame' | 'end' | 'other';
  keyframe: boolean;
  /** how much later than decoded it is shown */
  compositionMs: number;
  data: Buffer;
}

/** What an audio tag is. */
export interface AudioTag {
  codec: string;
  what: 'header' | 'frame' | 'end' | 'other';
  /** as the tag itself says; null where the codec's own header does */
  sampleRateHz: number | null;
  channels: number | null;
  data: Buffer;
}

/** Source: Adobe FLV 10.1 E.4.3.1; 12 and 13 as encoders of the far east write them. */
const VIDEO_CODECS: Record<number, string> = {
  2: 'h263',
  4: 'vp6',
  5: 'vp6',
  7: 'avc',
  12: 'hevc',
  13: 'av1',
};
/** Source: Enhanced RTMP v2, "Enhanced video" and "Enhanced audio". */
const FOURCC: Record<string, string> = {
  avc1: 'avc',
  hvc1: 'hevc',
  vvc1: 'vvc',
  av01: 'av1',
  vp09: 'vp9',
  vp08: 'vp8',
  mp4a: 'aac',
  Opus: 'opus',
  fLaC: 'flac',
  'ac-3': 'ac3',
  'ec-3': 'eac3',
  '.mp3': 'mp3',
};
/** Source: Adobe FLV 10.1 E.4.2.1. */
const AUDIO_CODECS: Record<number, string> = {
  0: 'pcm',
  1: 'adpcm',
  2: 'mp3',
  3: 'pcm',
  4: 'nellymoser',
  5: 'nellymoser',
  6: 'nellymoser',
  7: 'pcm-a',
  8: 'pcm-mu',
  10: 'aac',
  11: 'speex',
  14: 'mp3',
};
const AUDIO_RATES = [5512, 11025, 22050, 44100] as const;
const NOTHING = Buffer.alloc(0);
/** At most so many extensions before the tag itself: the specification has one of them. */
const MOST_EXTENSIONS = 4;

/** Reads a video tag's header, of either kind. Null: there is nothing, or it is cut off. Never throws. */
export function readVideoTag(payload: Buffer): VideoTag | null {
  const first = payload[0];
  if (first === undefined) return null;
  if (first & 0x80) return readEnhancedVideo(payload);
  const number = first & 15;
  const frameType = first >> 4;
  const keyframe = frameType === 1 || frameType === 4;
  const codec = VIDEO_CODECS[number] ?? String(number);
  const plain = { codec, enhanced: false, compositionMs: 0 };
  // "video info or command": a word to the player, no picture
  if (frameType === 5) return { ...plain, what: 'other', keyframe: false, data: NOTHING };
  if (number !== 7 && number !== 12 && number !== 13)
    return { ...plain, what: 'frame', keyframe, data: payload.subarray(1) };
  if (payload.length < 5) return null;
  const what = (['header', 'frame', 'end'] as const)[payload[1]!] ?? 'other';
  return {
    ...plain,
    what,
    keyframe: keyframe && what === 'frame',
    compositionMs: what === 'frame' ? payload.readIntBE(2, 3) : 0,
    data: payload.subarray(5),
  };
}

/** Packet types of enhanced RTMP v2. */
const MULTITRACK_VIDEO = 6;
const MULTITRACK_AUDIO = 5;
const MOD_EX = 7;

function readEnhancedVideo(payload: Buffer): VideoTag | null {
  const frameType = (payload[0]! >> 4) & 7;
  const head = readExtensions(payload);
  if (!head) return null;
  const { packet, at } = head;
  if (packet === MULTITRACK_VIDEO) return readTracks(payload, at, 'multitrack video');
  const codec = fourCc(payload, at);
  if (codec === null) return null;
  const more = { codec, enhanced: true, compositionMs: 0, data: payload.subarray(at + 4) };
  if (frameType === 5) return { ...more, what: 'other', keyframe: false };
  const isFrame = packet === 1 || packet === 3;
  const what = packet === 0 ? 'header' : isFrame ? 'frame' : packet === 2 ? 'end' : 'other';
  const tag: VideoTag = { ...more, what, keyframe: isFrame && (frameType === 1 || frameType === 4) };
  if (packet !== 1 || (codec !== 'avc' && codec !== 'hevc' && codec !== 'vvc')) return tag;
  if (payload.length < at + 7) return null;
  return { ...tag, compositionMs: payload.readIntBE(at + 4, 3), data: payload.subarray(at + 7) };
}

/** Several tracks in one tag are told by their name, and looked into by nobody. */
function readTracks(payload: Buffer, at: number, codec: string): VideoTag | null {
  if (payload.length <= at) return null;
  return { codec, enhanced: true, what: 'other', keyframe: false, compositionMs: 0, data: NOTHING };
}

/** The packet type, behind the extensions (`ModEx`: size, data, then a type and the next packet type). */
function readExtensions(payload: Buffer): { packet: number; at: number } | null {
  let packet = payload[0]! & 15;
  let at = 1;
  for (let i = 0; packet === MOD_EX; i++) {
    if (i >= MOST_EXTENSIONS || at + 1 > payload.length) return null;
    let size = payload[at++]! + 1;
    if (size === 256) {
      if (at + 2 > payload.length) return null;
      size = payload.readUInt16BE(at) + 1;
      at += 2;
    }
    at += size;
    if (at >= payload.length) return null;
    packet = payload[at++]! & 15;
  }
  return { packet, at };
}

/** Four letters as a codec's name; null where they are cut off. Letters that no person could read become a number. */
function fourCc(payload: Buffer, at: number): string | null {
  if (payload.length < at + 4) return null;
  const letters = payload.toString('latin1', at, at + 4);
  return FOURCC[letters] ?? (/^[\w.-]{4}$/.test(letters) ? letters : String(payload.readUInt32BE(at)));
}

/** Reads an audio tag's header, of either kind. Null: there is nothing, or it is cut off. Never throws. */
export function readAudioTag(payload: Buffer): AudioTag | null {
  const first = payload[0];
  if (first === undefined) return null;
  const format = first >> 4;
  if (format === 9) return readEnhancedAudio(payload);
  const codec = AUDIO_CODECS[format] ?? String(format);
  if (format !== 10)
    return {
      codec,
      what: 'frame',
      sampleRateHz: format === 14 ? 8000 : AUDIO_RATES[(first >> 2) & 3]!,
      channels: (first & 1) + 1,
      data: payload.subarray(1),
    };
  if (payload.length < 2) return null;
  const what = (['header', 'frame'] as const)[payload[1]!] ?? 'other';
  return { codec, what, sampleRateHz: null, channels: null, data: payload.subarray(2) };
}

function readEnhancedAudio(payload: Buffer): AudioTag | null {
  const head = readExtensions(payload);
  if (!head) return null;
  const none = { sampleRateHz: null, channels: null };
  if (head.packet === MULTITRACK_AUDIO)
    return { codec: 'multitrack audio', what: 'other', ...none, data: NOTHING };
  const codec = fourCc(payload, head.at);
  if (codec === null) return null;
  const what = (['header', 'frame', 'end'] as const)[head.packet] ?? 'other';
  return { codec, what, ...none, data: payload.subarray(head.at + 4) };
}
