import { isIP } from 'node:net';
import { asTyped, choiceField, numberField, resolveEnv } from '../../red/typed-inputs';
import { ownAddress } from '../../red/own-address';
import { tlsOf } from '../../red/tls';
import type { Node, NodeAPI } from '../../red/types';
import { fail } from '../../lib/errors';
import type { IngestSettings } from '../../lib/rtmp/types';
import { addressCheck } from '../../lib/web/addresses';
import type { RtmpIngestDef, RtmpIngestSecrets } from './types';

/** Everything of a dialog, read and checked. */
export interface IngestConfig {
  ingest: IngestSettings;
  ownProcess: boolean;
  /** null: as PATH finds it */
  ffmpeg: string | null;
  /** where guests publish to, without a stream */
  publishAddress: string;
  /** where OBS on this machine finds a stream, with `{app}` and `{stream}` in it; holds the token where one is set */
  playAddress: string;
}

/** The usual port of RTMP. */
const PORT = 1935;
const HOST = /^[A-Za-z0-9._-]+$|^\[?[0-9a-fA-F:.%]+\]?$/;
const APP = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/;
const LOOPBACK = /^(localhost|127\.[\d.]+(\/\d+)?|::1)$/i;
/** 8K: no encoder of a show sends more, and a decoder takes gigabytes for it. */
const LARGEST = { width: 7680, height: 4320 } as const;
const MOST_PUBLISHERS = 1_000;
const LONGEST_GRACE_S = 300;
const MOST_KBPS = 1_000_000;
const SHORTEST_TOKEN = 8;
/** What stands in an address as it is. */
const TOKEN = /^[A-Za-z0-9._~-]+$/;

/** Read a dialog. Throws CONFIG_INVALID or CONFIG_ENV_MISSING; no fault quotes a secret, or what a variable holds. */
export function ingestConfig(
  RED: NodeAPI,
  node: Node,
  config: RtmpIngestDef,
  secrets: RtmpIngestSecrets,
): IngestConfig {
  const text = (field: string, value: unknown) => resolveEnv(RED, node, field, value).trim();
  const whole = (field: string, value: unknown, standard: number, least: number, most: number) =>
    Math.round(numberField(RED, node, field, value, standard, least, most));
  const host = (text('host', config.host) || '127.0.0.1').replace(/^\[|\]$/g, '');
  if (!HOST.test(host)) throw invalid('host', `"${asTyped(config.host, host)}" is no host name or address`);
  const port = whole('port', config.port, PORT, 1, 65_535);
  const app = text('app', config.app) || 'live';
  if (!APP.test(app)) throw invalid('app', 'it has 1 to 100 letters, digits, dots, hyphens and underscores');
  const tls = config.tls ? tlsTexts(RED, config.tls) : null;
  const allowFrom = (text('play from', config.playFrom) || 'localhost').split(/[\s,]+/).filter(Boolean);
  addressCheck(allowFrom);
  const token = text('play token', secrets.playToken) || null;
  if (token !== null && (token.length < SHORTEST_TOKEN || !TOKEN.test(token)))
    throw invalid(
      'play token',
      `it needs at least ${SHORTEST_TOKEN} letters, digits, dots, hyphens, _ and ~`,
    );
  const scheme = tls ? 'rtmps' : 'rtmp';
  const own = `${scheme}://${bracketed(ownAddress(host))}${port === PORT && !tls ? '' : `:${port}`}/${app}`;
  return {
    ingest: {
      host,
      port,
      app,
      mostPublishers: whole('most publishers', config.mostPublishers, 10, 1, MOST_PUBLISHERS),
      duplicates: choiceField('duplicates', config.duplicates || 'reject', ['reject', 'replace'] as const),
      graceMs: numberField(RED, node, 'grace', config.graceSeconds, 10, 0, LONGEST_GRACE_S) * 1000,
      maxWidth: whole('width', config.maxWidth, LARGEST.width, 16, 16_384),
      maxHeight: whole('height', config.maxHeight, LARGEST.height, 16, 16_384),
      maxKbps: whole('bitrate', config.maxKbps, 0, 0, MOST_KBPS) || null,
      tls,
      play: { allowFrom, token },
    },
    ownProcess: config.ownProcess === true,
    ffmpeg: text('ffmpeg', config.ffmpeg) || null,
    publishAddress: publishAddress(text('publish address', config.publishAddress)) ?? own,
    playAddress: `${scheme}://${bracketed(playHost(host, allowFrom))}:${port}/{app}/{stream}${token ? `?token=${token}` : ''}`,
  };
}

const invalid = (field: string, reason: string) => fail('CONFIG_INVALID', { field, reason });
const bracketed = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host);

/** Where a player finds it: on this machine, unless others may play too. */
function playHost(host: string, allowFrom: readonly string[]): string {
  if (host !== '0.0.0.0' && host !== '::') return host;
  if (!allowFrom.every((from) => LOOPBACK.test(from))) return ownAddress(host);
  return host === '::' ? '::1' : '127.0.0.1';
}

function tlsTexts(RED: NodeAPI, id: string): NonNullable<IngestSettings['tls']> {
  const { key, cert, ca, passphrase } = tlsOf(RED, id, 'TLS');
  // a Buffer of PEM is text as well
  const text = (pem: unknown) => (Buffer.isBuffer(pem) ? pem.toString('utf8') : (pem as string));
  return {
    key: text(key),
    cert: text(cert),
    ...(ca ? { ca: text(ca) } : {}),
    ...(passphrase ? { passphrase } : {}),
  };
}

function publishAddress(typed: string): string | null {
  if (typed === '') return null;
  if (!/^rtmps?:\/\/[^\s"'<>\\?]+$/i.test(typed))
    throw invalid(
      'publish address',
      'it begins with rtmp:// or rtmps:// and holds no space and no question mark',
    );
  return typed.replace(/\/+$/, '');
}
