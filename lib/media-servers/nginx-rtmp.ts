import { isIP } from 'node:net';
import {
  actionText,
  clientIdOf,
  fieldText,
  mustBePost,
  neededText,
  pairsOf,
  reading,
  refuse,
  streamAndParams,
  textOf,
} from './read-hook';
import type { Hook, HookAction, HookDecision, HookReply, HookRequest, HookSpeech } from './types';

const ACTIONS: ReadonlyMap<string, HookAction> = new Map([
  ['publish', 'publish'],
  ['publish_done', 'unpublish'],
  ['play', 'play'],
  ['play_done', 'stop'],
  ['connect', 'connect'],
  ['disconnect', 'close'],
  ['update_publish', 'update'],
  ['record_done', 'record'],
]);
/** Without a client id: nginx-rtmp writes none, so one that stands there is the client's own invention. */
const OF_A_CONNECTION: ReadonlySet<HookAction> = new Set(['connect', 'close']);
/** What nginx-rtmp itself writes, in front of what the publisher appended (ngx_rtmp_notify_module.c). */
const OWN = new Set([
  ...['app', 'flashver', 'swfurl', 'tcurl', 'pageurl', 'addr', 'clientid', 'epoch', 'call', 'name', 'type'],
  ...['start', 'duration', 'reset', 'time', 'timestamp', 'recorder', 'path'],
]);
/** Addresses of players and pages may be as long as they like. */
const UNUSED = new Set(['flashver', 'swfurl', 'tcurl', 'pageurl', 'path']);
const MOST_PAIRS = 128;
/** The module keeps 255 characters of a Location. */
const LONGEST_LOCATION = 255;

/**
 * The arguments of a publisher stand behind the server's own fields as he wrote them, so he can append fields of any name: the
 * first of each is the server's.
 */
function read(request: HookRequest): Hook {
  mustBePost(request, ['application/x-www-form-urlencoded']);
  const fields = new Map<string, string>();
  const params = new Map<string, string>();
  const text = textOf(request.body)
    .split('&')
    .filter((piece) => !UNUSED.has(piece.slice(0, piece.indexOf('='))))
    .join('&');
  for (const [name, value] of pairsOf('body', text, MOST_PAIRS)) {
    const plain = /^([a-z]+)(?:\[|%5b)/i.exec(name)?.[1];
    if (plain !== undefined && OWN.has(plain)) refuse('field', `${plain} comes as a list`);
    if (!OWN.has(name)) {
      if (!params.has(name)) params.set(name, value);
    } else if (!fields.has(name)) fields.set(name, value);
  }
  const called = actionText(fields, 'call');
  const action = ACTIONS.get(called) ?? 'other';
  const connection = OF_A_CONNECTION.has(action);
  const onStream = !connection && action !== 'other';
  const given = connection ? '' : onStream ? neededText(fields, 'name') : fieldText(fields, 'name');
  const { stream } = streamAndParams(given, '');
  if (onStream && stream === '') refuse('field', 'name is missing');
  const clientId = connection ? null : clientIdOf(fields, 'clientid');
  if (onStream && clientId === null) refuse('field', 'clientid is missing');
  return {
    action,
    called,
    app: onStream ? neededText(fields, 'app') : fieldText(fields, 'app'),
    stream,
    vhost: null,
    clientId,
    address: fieldText(fields, 'addr') || null,
    params,
    login: null,
  };
}

/** 2xx lets somebody in, 3xx with a Location sends him on or renames him, everything else refuses (ngx_rtmp_notify_parse_http_retcode). */
function reply(decision: HookDecision, hook: Hook | null): HookReply {
  if (hook === null || !decision.allow) return { status: 403, headers: {}, body: '' };
  const push = hook.action === 'publish' ? decision.forwardTo?.find(canPushTo) : undefined;
  if (push !== undefined) return { status: 302, headers: { location: push }, body: '' };
  return { status: 200, headers: {}, body: '' };
}

/**
 * Whether nginx-rtmp can be told to send a stream on to this address: `rtmp://` with an IP address, since it asks no name server
 * (`no_resolve`), and short enough for the module. One it cannot parse would end the publisher.
 */
export function canPushTo(address: string): boolean {
  if (address.length > LONGEST_LOCATION || !/^[\x21-\x7e]+$/.test(address)) return false;
  const host = /^rtmp:\/\/(\[[0-9a-fA-F:.]+\]|[^/:@?#]+)(?::(\d{1,5}))?\/[^/?#]+/i.exec(address);
  if (!host) return false;
  const port = host[2] === undefined ? 1935 : Number(host[2]);
  return isIP(host[1]!.replace(/^\[|\]$/g, '')) !== 0 && port >= 1 && port <= 65_535;
}

/** The RTMP module of nginx. */
export const nginxRtmpSpeech: HookSpeech = {
  kind: 'nginx-rtmp',
  parse: (request) => reading(() => read(request)),
  reply,
};
