import type { PullAddress, PullScheme } from './address';

/**
 * What each kind of address may be opened with. ffmpeg refuses every other protocol, so that neither a redirect nor a playlist
 * leads to a file of this machine or to another kind of server. `pipe` is how it reads the address itself.
 */
const PROTOCOLS: Record<PullScheme, string> = {
  rtmp: 'pipe,rtmp,tcp',
  rtmps: 'pipe,rtmps,rtmp,tls,tcp',
  rtsp: 'pipe,rtp,tcp',
  rtsps: 'pipe,rtp,tls,tcp',
  srt: 'pipe,srt',
  http: 'pipe,http,tcp',
  https: 'pipe,https,tls,tcp',
  file: 'pipe,file',
};

/**
 * No block of memory is larger: it holds each plane of an 8K picture of ten bits. ffmpeg decodes the first pictures to look at them, whatever
 * their size: measured with 12000 x 12000, 688 MB without this limit and 109 MB with it.
 */
const MOST_ALLOC = 80_000_000;
/** A read that gives nothing for so long ends the child, even where nobody is left to end it. */
export const READ_MS = 15_000;
/** How long ffmpeg looks at a stream before it begins. Its default of 5 s is waited out with every RTMP stream. */
export const QUICK_LOOK_MS = 1000;
/** Where that was too short: a stream that is joined between key frames shows its size with the next one, with OBS's default after 8.3 s. */
export const LONG_LOOK_MS = 12_000;

export interface PullWish {
  lookMs: number;
  /** false: the sound is of a kind that FLV has no place for */
  sound: boolean;
}

/** The arguments of a pull. The address is not among them: everybody on the machine may read those. */
export function pullArguments({ scheme }: PullAddress, { sound }: PullWish): string[] {
  return [
    ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'error', '-max_alloc', String(MOST_ALLOC)],
    // a file at the speed it is watched
    ...(scheme === 'file' ? ['-re'] : []),
    ...['-f', 'concat', '-safe', '0', '-auto_convert', '0', '-protocol_whitelist', PROTOCOLS[scheme]],
    ...['-i', 'pipe:0', '-map', '0:v:0', ...(sound ? ['-map', '0:a:0?'] : []), '-c', 'copy'],
    ...['-max_interleave_delta', '500000', '-flush_packets', '1', '-f', 'flv', 'pipe:1'],
  ];
}

/** What the pull reads from its standard input: the address, and what it is opened with. Holds the address's secrets. */
export function pullScript({ scheme, url }: PullAddress, { lookMs }: PullWish): string {
  const options: Record<string, string | number> = { analyzeduration: lookMs * 1000 };
  if (scheme === 'rtsp' || scheme === 'rtsps') {
    options.rtsp_transport = 'tcp';
    options.timeout = READ_MS * 1000;
  } else if (scheme !== 'file') options.rw_timeout = READ_MS * 1000;
  if (scheme === 'rtmp' || scheme === 'rtmps') options.rtmp_live = 'live';
  return [
    'ffconcat version 1.0',
    // inside of quotes nothing is special but the quote itself
    `file '${url.replaceAll("'", "'\\''")}'`,
    ...Object.entries(options).map(([name, value]) => `option ${name} ${value}`),
    '',
  ].join('\n');
}

/** What ffmpeg's words mean, most particular first. They themselves are shown to nobody: they hold the address. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/unknown keyword 'option'/i, 'ffmpeg 5.0 or newer is needed'],
  [/not on whitelist|Unsafe file name/i, 'it leads to another kind of address, which is not followed'],
  [/401|Unauthorized/i, 'it wants a user and a password, or others'],
  [/403|Forbidden/i, 'it does not let anybody in'],
  [/404|Not Found|Stream not found/i, 'there is nothing of that name'],
  [/5XX Server Error|50\d/i, 'the server there has an error'],
  [/Connection refused/i, 'nothing listens there'],
  [
    /Failed to resolve|Name or service not known|Temporary failure in name resolution/i,
    'no such host is known',
  ],
  [/timed out/i, 'no answer came in time'],
  [/No route to host|Network is unreachable/i, 'no way leads there'],
  [/Permission denied/i, 'it may not be read'],
  [/No such file/i, 'there is no such file'],
  [/Protocol not found/i, 'this ffmpeg cannot speak so'],
  [/matches no streams|dimensions not set|unspecified size/i, 'no picture came'],
  [/Invalid data found/i, 'there is no stream that can be read'],
  [/Invalid argument/i, 'it cannot be opened, or leads to another kind of address'],
  [/Input\/output error/i, 'the connection broke off, or was refused'],
];

/** Why a pull ended, from what ffmpeg wrote: our own words, in which nothing of the address is left. */
export function pullReason(written: string, ended: string): string {
  const codec = unfit(written, 'Video');
  if (codec) return `it comes as ${codec}, which is not taken`;
  return WORDS.find(([pattern]) => pattern.test(written))?.[1] ?? ended;
}

/** Whether another try without the sound may do better. */
export function isSoundUnfit(written: string): boolean {
  return unfit(written, 'Audio') !== null || /FLV does not support (sample rate|channel)/i.test(written);
}

/** Whether another try with a longer look may do better. */
export function wasLookTooShort(written: string): boolean {
  return /matches no streams|dimensions not set|unspecified size|Could not find codec parameters/i.test(
    written,
  );
}

function unfit(written: string, kind: 'Video' | 'Audio'): string | null {
  return new RegExp(`${kind} codec (\\w{1,20}) not compatible with flv`).exec(written)?.[1] ?? null;
}
