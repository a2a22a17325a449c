import type { StreamOutcome } from './faults';
import type { Service } from './profiles';
import type { Version } from './tables/requests';

/** Names out of OBS's list of services that a rehearsal may choose; others are stored and fail at the start, as in OBS. */
const KNOWN_SERVICES = new Set([
  'Twitch',
  'YouTube - RTMPS',
  'YouTube / YouTube Gaming',
  'YouTube - RTMP',
  'YouTube - RTMPS (Beta)',
  'YouTube - HLS',
  'Facebook Live',
  'Restream.io',
  'Twitter',
  'Trovo',
  'Vimeo',
]);

export interface Target {
  /** where the stream goes, as OBS would work it out; '' where it cannot */
  server: string;
  key: string;
  kind: 'rtmp_output' | 'ffmpeg_mpegts_muxer' | 'whip_output';
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Where these service settings lead. */
export function targetOf(service: Service): Target {
  const server = text(service.settings.server).trim();
  const key = text(service.settings.key) || text(service.settings.bearer_token);
  if (service.type === 'whip_custom') return { server, key, kind: 'whip_output' };
  if (service.type === 'rtmp_common') {
    const known = KNOWN_SERVICES.has(text(service.settings.service));
    return { server: known ? server : '', key, kind: 'rtmp_output' };
  }
  const rtmp = server === '' || /^rtmps?:\/\//i.test(server) || !server.includes('://');
  return { server, key, kind: rtmp ? 'rtmp_output' : 'ffmpeg_mpegts_muxer' };
}

/** The host part of a server address, lower case; '' where there is none. */
export function hostOf(server: string): string {
  return (/^[a-z0-9+.-]+:\/\/(?:[^/@]*@)?(\[[^\]]*\]|[^/:?#]*)/i.exec(server)?.[1] ?? '').toLowerCase();
}

/**
 * What a start to this target leads to, so that people can rehearse failures: key `wrong` or `denied` is rejected by the
 * server, host `refused.invalid` refuses, host `hang.invalid` never finishes its handshake, host `weak.invalid` lets less
 * than a third of the bitrate through after 20 s, and no server fails at once.
 */
export function outcomeOf(target: Target, version: Version): StreamOutcome {
  if (target.server === '') return version.silentWithoutServer ? 'silent' : 'refuse';
  const host = hostOf(target.server);
  if (host === 'refused.invalid') return 'refuse';
  if (host === 'hang.invalid') return 'hang';
  if (host === 'weak.invalid') return 'weak';
  if (target.key === 'wrong' || target.key === 'denied') return 'deny';
  return 'live';
}
