import type { Guest } from './guest';

/** What SRS calls things by, beside what a publisher brings. */
export interface SrsNames {
  /** an id in the API, where hooks have the name */
  vhostId: string;
  streamId: string;
  /** since 1970 */
  nowMs: number;
}

/** frames and bitrate are averages, 0 in the beginning: measured, still 0 after 4 s while bytes were 197,977 */
const AVERAGE_AFTER_MS = 10_000;
const FPS = 30;

/** A stream as `/api/v1/streams/` lists it. */
export function streamOf(
  guest: Guest,
  names: SrsNames,
  active: boolean,
): { id: string; [field: string]: unknown } {
  const { app, stream: name } = guest;
  const seen = active && guest.ageMs >= AVERAGE_AFTER_MS;
  return {
    id: names.streamId,
    name,
    vhost: names.vhostId,
    app,
    tcUrl: `rtmp://127.0.0.1/${app}`,
    url: `/${app}/${name}`,
    live_ms: names.nowMs,
    clients: active ? 1 : 0,
    frames: seen ? Math.floor((guest.bytesIn / guest.kbps) * 8 * (FPS / 1000)) : 0,
    send_bytes: active ? 3_400 : 0,
    recv_bytes: guest.bytesIn,
    kbps: { recv_30s: seen && guest.sends ? guest.kbps : 0, send_30s: 0 },
    // the id of the last publisher stays when he is gone
    publish: { active, cid: guest.clientId },
    video: active ? { codec: 'H264', profile: 'High', level: '3.1', width: 1280, height: 720 } : null,
    audio: active ? { codec: 'AAC', sample_rate: 44_100, channel: 2, profile: 'LC' } : null,
  };
}

/** A connection as `/api/v1/clients/` lists it. */
export function clientOf(guest: Guest, names: SrsNames): { id: string; [field: string]: unknown } {
  const { app, stream: name } = guest;
  const seen = guest.ageMs >= AVERAGE_AFTER_MS;
  return {
    id: guest.clientId,
    vhost: names.vhostId,
    stream: names.streamId,
    ip: guest.address,
    pageUrl: '',
    swfUrl: '',
    tcUrl: `rtmp://127.0.0.1/${app}`,
    url: `/${app}/${name}`,
    name,
    type: 'fmle-publish',
    publish: true,
    alive: Math.round(guest.ageMs) / 1000,
    send_bytes: 3_400,
    recv_bytes: guest.bytesIn,
    kbps: { recv_30s: seen && guest.sends ? guest.kbps : 0, send_30s: 0 },
  };
}
