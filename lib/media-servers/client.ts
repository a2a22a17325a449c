import { fail } from '../errors';
import { Api } from './api';
import { MediamtxReader } from './mediamtx-client';
import { NginxReader, type Place } from './nginx-client';
import { OryxReader } from './oryx-client';
import { SharedClient, type MediaServerReader } from './reader';
import { SrsReader } from './srs-client';
import type { MediaServerClient, MediaServerSettings } from './types';

/**
 * The client of one media server. Nothing is asked before the first call. Without an API address every call rejects with
 * MEDIA_SERVER_NO_API. `settings.api` and `settings.control` are addresses that `new URL` takes; else CONFIG_INVALID is thrown.
 */
export function createMediaServer(settings: MediaServerSettings): MediaServerClient {
  if (settings.api === null) return new NoApi(settings);
  return new SharedClient(readerOf(settings, settings.api), settings.password, 2 * settings.timeoutMs);
}

function readerOf(settings: MediaServerSettings, api: string): MediaServerReader {
  const at = placeOf(settings, api, 'API address');
  switch (settings.kind) {
    case 'srs':
    case 'rehearsal':
      return new SrsReader(settings.kind, at.api, at.path);
    case 'oryx':
      return new OryxReader(at.api, at.path);
    case 'mediamtx':
      return new MediamtxReader(at.api, at.path);
    case 'nginx-rtmp': {
      const { control } = settings;
      return new NginxReader(at, control === null ? null : placeOf(settings, control, 'control address'));
    }
  }
}

/** The connection to an address, and its path without a slash behind. */
function placeOf(settings: MediaServerSettings, address: string, field: string): Place {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw fail('CONFIG_INVALID', { field, reason: 'this is no address; it begins with http:// or https://' });
  }
  const { kind, user, password, timeoutMs } = settings;
  const api = new Api({ kind, origin: url.origin, user, password, timeoutMs });
  return { api, path: `${url.pathname.replace(/\/+$/, '')}${url.search}` };
}

/** A server whose API nobody gave: its hooks can be answered, and nothing can be asked. */
class NoApi implements MediaServerClient {
  readonly kind;

  constructor({ kind }: MediaServerSettings) {
    this.kind = kind;
  }

  async list(): Promise<never> {
    return await Promise.reject(fail('MEDIA_SERVER_NO_API', { action: 'listing who publishes' }));
  }

  async kick(): Promise<never> {
    return await Promise.reject(fail('MEDIA_SERVER_NO_API', { action: 'ending a publisher' }));
  }

  async probe(): Promise<never> {
    return await Promise.reject(fail('MEDIA_SERVER_NO_API', { action: 'a test' }));
  }

  async close(): Promise<void> {
    // nothing is open
  }
}
