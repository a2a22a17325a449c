import { fail } from '../errors';
import type { ServiceId, StreamTarget } from './targets';

export type Protocol = 'rtmp' | 'srt' | 'whip';

export interface Service {
  label: string;
  protocol: Protocol;
  /** the address when the target names none; null where it must name one */
  server: string | null;
  /** OBS's own name of it in its list of services; null: a custom server */
  obsService: string | null;
  /** what OBS calls the default server in its list, where that differs from an address */
  obsServer?: string;
  /** the address must begin like this */
  schemes: readonly string[];
  needsKey: boolean;
}

/** One table for every application. Names and addresses: services.json of OBS 29.0.2 and 32.2, the same in both. */
export const SERVICES: Record<Exclude<ServiceId, 'as-set'>, Service> = {
  twitch: {
    label: 'Twitch',
    protocol: 'rtmp',
    server: 'rtmp://live.twitch.tv/app',
    obsService: 'Twitch',
    obsServer: 'auto',
    schemes: ['rtmp://', 'rtmps://'],
    needsKey: true,
  },
  youtube: {
    label: 'YouTube',
    protocol: 'rtmp',
    server: 'rtmps://a.rtmps.youtube.com:443/live2',
    obsService: 'YouTube - RTMPS',
    schemes: ['rtmp://', 'rtmps://'],
    needsKey: true,
  },
  facebook: {
    label: 'Facebook Live',
    protocol: 'rtmp',
    server: 'rtmps://rtmp-api.facebook.com:443/rtmp/',
    obsService: 'Facebook Live',
    schemes: ['rtmp://', 'rtmps://'],
    needsKey: true,
  },
  restream: {
    label: 'Restream',
    protocol: 'rtmp',
    server: 'rtmp://live.restream.io/live',
    obsService: 'Restream.io',
    schemes: ['rtmp://', 'rtmps://'],
    needsKey: true,
  },
  rtmp: {
    label: 'RTMP server',
    protocol: 'rtmp',
    server: null,
    obsService: null,
    schemes: ['rtmp://', 'rtmps://'],
    needsKey: false,
  },
  srt: {
    label: 'SRT',
    protocol: 'srt',
    server: null,
    obsService: null,
    schemes: ['srt://'],
    needsKey: false,
  },
  whip: {
    label: 'WHIP',
    protocol: 'whip',
    server: null,
    obsService: null,
    schemes: ['http://', 'https://'],
    needsKey: false,
  },
};

/** SRT takes passphrases of this length only. Source: libsrt's SRTO_PASSPHRASE. */
const SRT_PASSPHRASE = { least: 10, most: 79 };

/** The service of a target and the address to send to. Throws STREAM_TARGET_INVALID with what is missing. */
export function serviceOf(target: StreamTarget): { service: Service; server: string } | null {
  if (target.service === 'as-set') return null;
  const wrong = (reason: string) => fail('STREAM_TARGET_INVALID', { target: target.name, reason });
  const service = Object.hasOwn(SERVICES, target.service) ? SERVICES[target.service] : undefined;
  if (!service) throw wrong(`the service "${target.service}" is unknown`);
  const server = target.server.trim() || service.server;
  if (!server) throw wrong('it has no server address');
  if (/[\s"'<>\u0000-\u001f]/.test(server))
    throw wrong('the server address holds a space or another character that no address has');
  if (target.server.trim() && !service.schemes.some((scheme) => server.toLowerCase().startsWith(scheme)))
    throw wrong(`the server address must begin with ${service.schemes.join(' or ')}`);
  if (service.needsKey && !target.key) throw wrong('it has no stream key');
  if (service.protocol === 'srt') checkPassphrase(target.password || passphraseIn(server), wrong);
  return { service, server };
}

function checkPassphrase(passphrase: string | null, wrong: (reason: string) => Error): void {
  if (!passphrase) return;
  const { length } = passphrase;
  if (length < SRT_PASSPHRASE.least || length > SRT_PASSPHRASE.most)
    throw wrong(
      `an SRT passphrase has ${SRT_PASSPHRASE.least} to ${SRT_PASSPHRASE.most} characters, this one has ${length}`,
    );
}

function passphraseIn(server: string): string | null {
  return new URLSearchParams(server.split('?')[1] ?? '').get('passphrase');
}
