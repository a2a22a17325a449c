import { fail } from '../errors';
import { addressOf } from '../production/address';
import { serviceOf } from '../production/services';
import type { Destination } from '../production/survey';
import type { StreamTarget } from '../production/targets';
import { redactText } from '../secrets';
import type { ObsClient } from './client';
import { refusedWith, type RequestData } from './session';
import { Status } from './status-codes';
import { object, text } from './values';

/** The service settings of OBS as its requests carry them. Holds the stream key: never let it out. */
export interface ServiceSettings {
  type: string;
  settings: RequestData;
}

/** What may be said of a service. */
export interface ServiceInfo {
  service: string | null;
  server: string | null;
  srt: boolean;
  /** Twitch's test mode: OBS streams and nobody sees it */
  bandwidthTest: boolean;
  /** false for SRT and WHIP, whose outputs count no drops and report no congestion */
  countsDrops: boolean;
}

/**
 * Settings for a target, complete: OBS lays them over the old ones, so a field left out would send an old user name to
 * a new server. Throws STREAM_TARGET_INVALID; null for a target that means "as set in OBS".
 */
export function settingsFor(target: StreamTarget): ServiceSettings | null {
  const found = serviceOf(target);
  if (!found) return null;
  const { service, server } = found;
  if (service.protocol === 'whip')
    return { type: 'whip_custom', settings: { server, bearer_token: target.key } };
  if (service.obsService) {
    const listed = target.server.trim() || service.obsServer || server;
    return {
      type: 'rtmp_common',
      settings: {
        service: service.obsService,
        server: listed,
        key: target.key,
        use_auth: false,
        username: '',
        password: '',
        bwtest: false,
      },
    };
  }
  const isSrt = service.protocol === 'srt';
  return {
    type: 'rtmp_custom',
    settings: {
      server,
      key: target.key,
      use_auth: isSrt ? target.password !== '' : target.user !== '',
      username: isSrt ? '' : target.user,
      password: target.password,
      bwtest: false,
    },
  };
}

/** Read the present settings of OBS. */
export async function readService(client: ObsClient): Promise<ServiceSettings> {
  const answer = await client.call('GetStreamServiceSettings');
  return { type: text(answer.streamServiceType) ?? '', settings: object(answer.streamServiceSettings) };
}

/** Set and read back, since OBS takes a service it does not know without a word. Rejects with a coded error. */
export async function writeService(
  client: ObsClient,
  wanted: ServiceSettings,
  targetName: string,
): Promise<void> {
  try {
    await client.call('SetStreamServiceSettings', {
      streamServiceType: wanted.type,
      streamServiceSettings: wanted.settings,
    });
  } catch (error) {
    if (!refusedWith(error, Status.ResourceCreationFailed)) throw error;
    const version = client.version?.obs ?? 'unknown version';
    throw fail(
      'STREAM_TARGET_UNSUPPORTED',
      {
        application: 'OBS',
        version,
        service: wanted.type === 'whip_custom' ? 'WHIP' : wanted.type,
        advice: 'WHIP needs OBS 30 or newer.',
      },
      error,
    );
  }
  if (!sameService(await readService(client), wanted))
    throw fail('STREAM_SERVICE_REFUSED', { target: targetName });
}

/** Whether OBS is set to stream to the same place with the same key. */
export function sameService(present: ServiceSettings, wanted: ServiceSettings): boolean {
  if (present.type !== wanted.type) return false;
  const names = ['service', 'server', 'key', 'bearer_token', 'use_auth', 'username', 'password'];
  const usesLogin = wanted.settings.use_auth === true;
  return names
    .filter((name) => name in wanted.settings && (usesLogin || (name !== 'username' && name !== 'password')))
    .every((name) => (present.settings[name] ?? emptyLike(wanted.settings[name])) === wanted.settings[name]);
}

/** Settings that put old ones back: fields the new ones brought are emptied, because OBS keeps what is not sent. */
export function toPutBack(old: ServiceSettings): ServiceSettings {
  if (old.type === 'whip_custom') return old;
  return {
    type: old.type,
    settings: { key: '', use_auth: false, username: '', password: '', bwtest: false, ...old.settings },
  };
}

/** What may be said of these settings, without any secret. */
export function infoOf({ type, settings }: ServiceSettings): ServiceInfo {
  const server = text(settings.server);
  const custom = type === 'rtmp_custom';
  const srt = custom && /^(srt|rist):/i.test(server ?? '');
  const service =
    type === 'whip_custom' ? 'WHIP' : custom ? (srt ? 'SRT' : 'RTMP server') : text(settings.service);
  return {
    service,
    server: server === null ? null : redactText(server),
    srt: srt && /^srt:/i.test(server ?? ''),
    bandwidthTest: settings.bwtest === true,
    countsDrops: !srt && type !== 'whip_custom',
  };
}

/** The same for a check before the show: whether it is complete, and where its door is. */
export function destinationIn(present: ServiceSettings): Destination {
  const { type, settings } = present;
  const { service, server } = infoOf(present);
  const custom = type === 'rtmp_custom';
  const plain = text(settings.server);
  const { address, reason } = addressOf(plain);
  const rtmp = /^rtmp[a-z]*:/i.test(plain ?? '');
  return {
    service,
    server,
    keySet:
      text(settings.key) !== null || text(settings.bearer_token) !== null || (custom && keyInPath(plain)),
    keyNeed: type === 'whip_custom' ? 'never' : !custom ? 'always' : rtmp ? 'usually' : 'never',
    address,
    noAddress: reason,
    fault:
      service === null && plain === null
        ? 'nothing is set'
        : plain === null
          ? 'no server is set'
          : service === null
            ? 'no service is set'
            : custom && !plain.includes('://')
              ? 'the server address has no beginning such as rtmp://'
              : null,
  };
}

/** Some write the key at the end of the address: rtmp://host/app/key. */
function keyInPath(server: string | null): boolean {
  return /^rtmp[a-z]*:\/\/[^/]+\/[^/]+\/[^/]+/i.test(server ?? '');
}

function emptyLike(value: unknown): unknown {
  return typeof value === 'boolean' ? false : '';
}
