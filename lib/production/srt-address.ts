import { isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { fail } from '../errors';

export type SrtMode = 'caller' | 'listener';
/** In bytes, as SRT counts it; null: as the library chooses, which is 16 or what the other side has. */
export type SrtKeyLength = 16 | 24 | 32 | null;

/** Where SRT goes, or where its caller may come. Holds secrets: never let it out. */
export interface SrtPlace {
  mode: SrtMode;
  /** a caller's other side; for a listener the address of its own to listen at, empty for all */
  host: string;
  port: number;
  /** milliseconds */
  latencyMs: number;
  streamId: string;
  passphrase: string;
  keyLength: SrtKeyLength;
}

/** What may be said of it. */
export interface SrtPlaceShown {
  mode: SrtMode;
  /** `srt://host:port`, with neither stream id nor passphrase */
  address: string;
  latencyMs: number;
  encrypted: boolean;
}

/** The latencies that are offered, in milliseconds. Source: the guidance of InfraFabric; SRT itself starts from 120. */
export const SRT_LATENCY_MS = { least: 20, standard: 120, most: 8000 };
/** In bytes of UTF-8. Source: libsrt, SRTO_PASSPHRASE. */
const PASSPHRASE_BYTES = { least: 10, most: 79 };
/** In bytes of UTF-8. Source: libsrt, SRTO_STREAMID. */
const STREAM_ID_BYTES = 512;

/**
 * The address that OBS and ffmpeg take, latency in microseconds, without stream id and passphrase: in an address OBS 29 takes a
 * passphrase as it stands, percent signs and all (measured), so that they go beside it. `waitForCallerMs` ends a listener that nobody
 * calls; without it OBS waits for ever, and nothing stops it. Throws INPUT_INVALID, whose text holds no secret.
 */
export function srtAddress(place: SrtPlace, waitForCallerMs: number | null = null): string {
  const { mode, latencyMs, keyLength, passphrase } = checkedPlace(place);
  const wait = mode === 'listener' && waitForCallerMs !== null ? waitForCallerMs * 1000 : null;
  return [
    `${bareAddress(place)}?mode=${mode}`,
    `latency=${Math.round(latencyMs * 1000)}`,
    ...(keyLength !== null && passphrase ? [`pbkeylen=${keyLength}`] : []),
    ...(wait === null ? [] : [`listen_timeout=${Math.round(wait)}`]),
  ].join('&');
}

/**
 * Stream id and passphrase as the options of ffmpeg's `key='value'` lists take them, byte for byte; '' where there are none. Source:
 * av_dict_parse_string and av_get_token of ffmpeg. Holds secrets.
 */
export function ffmpegOptions({ streamId, passphrase }: SrtPlace): string {
  const pairs: [string, string][] = [
    ['passphrase', passphrase],
    ['streamid', streamId],
  ];
  return pairs
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}='${value.replaceAll("'", String.raw`'\''`)}'`)
    .join(' ');
}

/** What people may see of it. */
export function shownPlace(place: SrtPlace): SrtPlaceShown {
  const { mode, latencyMs, passphrase } = place;
  return { mode, address: bareAddress(place), latencyMs, encrypted: passphrase !== '' };
}

/** What an address of somebody's says; null where it is none of SRT. Latency null: as SRT has it. */
export function readSrtAddress(address: string): {
  mode: string;
  address: string;
  latencyMs: number | null;
  waitForCallerMs: number | null;
} | null {
  const [, where = '', query = ''] = /^srt:\/\/([^/?#]*)[^?]*(?:\?(.*))?$/i.exec(address.trim()) ?? [];
  if (!where) return null;
  const options = new URLSearchParams(query);
  const milliseconds = (name: string) => {
    const value = Number(options.get(name) ?? Number.NaN);
    return Number.isFinite(value) && value >= 0 ? value / 1000 : null;
  };
  return {
    mode: options.get('mode') ?? 'caller',
    address: `srt://${where.replace(/^.*@/, '')}`,
    latencyMs: milliseconds('latency'),
    waitForCallerMs: milliseconds('listen_timeout'),
  };
}

function bareAddress({ mode, host, port }: SrtPlace): string {
  return `srt://${mode === 'listener' && !host.trim() ? '' : hostOf(host)}:${port}`;
}

/** Throws INPUT_INVALID for what SRT would not take. */
function checkedPlace(place: SrtPlace): SrtPlace {
  const { mode, host, port, latencyMs, streamId, passphrase } = place;
  if (mode === 'caller' && !host.trim()) throw wrong('host', 'a caller needs somebody to call');
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw wrong('port', 'it is no number from 1 to 65535');
  const { least, most } = SRT_LATENCY_MS;
  if (!(latencyMs >= least && latencyMs <= most))
    throw wrong('latency', `it is no number of milliseconds from ${least} to ${most}`);
  const bytes = Buffer.byteLength(passphrase);
  if (passphrase && (bytes < PASSPHRASE_BYTES.least || bytes > PASSPHRASE_BYTES.most))
    throw wrong(
      'passphrase',
      `SRT takes ${PASSPHRASE_BYTES.least} to ${PASSPHRASE_BYTES.most} characters, this one has ${bytes} (letters such as é count twice)`,
    );
  if (Buffer.byteLength(streamId) > STREAM_ID_BYTES)
    throw wrong('stream id', `SRT takes at most ${STREAM_ID_BYTES} characters`);
  for (const [field, text] of [
    ['passphrase', passphrase],
    ['stream id', streamId],
  ] as const)
    if (/[\u0000-\u001f\u007f]/.test(text)) throw wrong(field, 'it holds a control character');
  return place;
}

/** The host as an address has it: names of other alphabets as DNS has them, IPv6 in brackets. */
function hostOf(host: string): string {
  const plain = host.trim().replace(/^\[(.*)\]$/, '$1');
  if (isIPv6(plain)) return `[${plain}]`;
  // anything else would be cut off in silence
  const ascii = /^[\p{L}\p{M}\p{N}._-]+$/u.test(plain) ? domainToASCII(plain) || plain : '';
  if (!/^[\w.-]+$/.test(ascii)) throw wrong('host', 'it is neither a host name nor an address');
  return ascii;
}

function wrong(field: string, reason: string) {
  return fail('INPUT_INVALID', { field, reason });
}
