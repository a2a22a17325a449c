import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { ownAddress } from '../../red/own-address';
import { asTyped, choiceField, numberField, resolveEnv } from '../../red/typed-inputs';
import type { Node, NodeAPI } from '../../red/types';
import { fail } from '../../lib/errors';
import { MEDIA_SERVERS, type MediaServerSettings } from '../../lib/media-servers/types';
import { addressCheck } from '../../lib/web/addresses';
import type { MediaServerDef, MediaServerSecrets } from './types';

/** Everything of a dialog, read and checked. */
export interface MediaServerConfig {
  client: MediaServerSettings;
  hooks: { listen: { host: string; port: number }; path: string; secret: string; allowFrom: string[] };
  /** the hook address as the media server reaches it; holds the secret */
  hookAddress: string;
  publishAddress: string;
  playAddress: string;
  apps: string[];
  otherApps: 'allow' | 'deny';
}

/** Where hooks come in, if nobody says otherwise. */
const HOOK_PORT = 8931;
/** A person waits for a kick, and a queue asks every 5 s. */
const TIMEOUT_MS = 4000;
/** 128 bits in base64url have 22 characters; a person's own word is no secret. */
const SECRET = /^[A-Za-z0-9_-]{22,128}$/;
const HOOK_NAME = /^[A-Za-z0-9_-]{1,64}$/;
const APP = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;
const HOST = /^[A-Za-z0-9._-]+$|^\[?[0-9a-fA-F:.%]+\]?$/;
const PLAYED = ['rtmp:', 'rtmps:', 'srt:', 'rtsp:', 'rtsps:', 'http:', 'https:'];

/** Secrets of rehearsals, which nobody has to know: a deploy keeps them, so that the simulated server stays the same. */
const rehearsalSecrets = new Map<string, string>();

/** Read a dialog. Throws CONFIG_INVALID or CONFIG_ENV_MISSING; no fault quotes a secret, or what a variable holds. */
export function mediaServerSettings(
  RED: NodeAPI,
  node: Node,
  config: MediaServerDef,
  secrets: MediaServerSecrets,
): MediaServerConfig {
  const text = (field: string, value: unknown) => resolveEnv(RED, node, field, value).trim();
  const kind = choiceField('kind', config.kind, MEDIA_SERVERS);
  const simulated = kind === 'rehearsal';
  const web = (field: string, value: unknown) =>
    simulated ? null : webAddress(field, text(field, value), asTyped(value, text(field, value)));
  const host = text('host', config.hookHost) || '127.0.0.1';
  if (!HOST.test(host))
    throw fail('CONFIG_INVALID', {
      field: 'host',
      reason: `"${asTyped(config.hookHost, host)}" is no host name or address`,
    });
  const port = numberField(RED, node, 'port', config.hookPort, HOOK_PORT, 1, 65_535);
  const name = text('name', config.hookName) || kind;
  if (!HOOK_NAME.test(name))
    throw fail('CONFIG_INVALID', {
      field: 'name',
      reason: `"${asTyped(config.hookName, name)}" has other signs than letters, digits, - and _`,
    });
  const secret = simulated ? rehearsalSecret(config.id) : text('secret', secrets.secret);
  if (!SECRET.test(secret))
    throw fail('CONFIG_INVALID', {
      field: 'hook secret',
      reason: secret
        ? 'it must have 22 to 128 letters, digits, - and _; the button makes one'
        : 'there is none; the button makes one',
    });
  const allowFrom = simulated ? ['localhost'] : words(text('allowed addresses', config.allowFrom));
  addressCheck(allowFrom);
  const path = `/hooks/${name}/${secret}`;
  const reached = text('reached at', config.reachedAt) || ownAddress(host);
  if (!HOST.test(reached))
    throw fail('CONFIG_INVALID', {
      field: 'reached at',
      reason: `"${asTyped(config.reachedAt, reached)}" is no host name or address`,
    });
  return {
    client: {
      kind,
      api: web('API address', config.api),
      control: kind === 'nginx-rtmp' ? web('control address', config.control) : null,
      user: simulated ? null : text('user', secrets.user) || null,
      password: simulated ? null : text('password', secrets.password) || null,
      timeoutMs: TIMEOUT_MS,
    },
    hooks: { listen: { host: host.replace(/^\[|\]$/g, ''), port }, path, secret, allowFrom },
    hookAddress: `http://${bracketed(reached)}:${port}${path}`,
    publishAddress: publishAddress(text('publish address', config.publishAddress)),
    playAddress: playAddress(text('play address', config.playAddress)),
    apps: appsIn(text('apps', config.apps)),
    otherApps: choiceField('other apps', config.otherApps || 'deny', ['allow', 'deny'] as const),
  };
}

/** A secret for a hook address: 128 bits. */
export function makeSecret(): string {
  return randomBytes(16).toString('base64url');
}

function rehearsalSecret(id: string): string {
  const secret = rehearsalSecrets.get(id) ?? makeSecret();
  rehearsalSecrets.set(id, secret);
  return secret;
}

const words = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);
const bracketed = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host);

/** An address of a server's API, or null where none is given. */
function webAddress(field: string, text: string, shown: string): string | null {
  if (text === '') return null;
  const invalid = (reason: string) => fail('CONFIG_INVALID', { field, reason });
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw invalid('this is no address; it begins with http:// or https://');
  }
  // it would stand in the flow for everybody to read; what is not repeated may be one
  if (url.username || url.password) throw invalid('user and password belong into their own fields');
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw invalid(`"${shown}" does not begin with http:// or https://`);
  return text.replace(/\/+$/, '');
}

function publishAddress(text: string): string {
  const address = text || 'rtmp://127.0.0.1/live';
  if (!/^(rtmps?|srt|https?|rtsps?):\/\/[^\s"'<>\\]+$/i.test(address))
    throw fail('CONFIG_INVALID', {
      field: 'publish address',
      reason: 'it begins with rtmp://, rtmps://, srt://, rtsp://, http:// or https:// and holds no space',
    });
  return address.replace(/\/+$/, '');
}

function playAddress(text: string): string {
  const address = text || 'rtmp://127.0.0.1/{app}/{stream}';
  const scheme = PLAYED.find((one) => address.toLowerCase().startsWith(`${one}//`));
  if (!scheme || /[\s"'<>\\]/.test(address) || address.split('{stream}').length !== 2)
    throw fail('CONFIG_INVALID', {
      field: 'play address',
      reason: 'it reads like rtmp://host/{app}/{stream}, with {stream} in it once',
    });
  return address;
}

function appsIn(text: string): string[] {
  const apps = [...new Set(words(text || 'live'))];
  for (const app of apps)
    if (!APP.test(app) || app.length > 100)
      throw fail('CONFIG_INVALID', {
        field: 'apps',
        reason: 'they are names of letters, digits, dots, hyphens and underscores, with commas between them',
      });
  return apps;
}
