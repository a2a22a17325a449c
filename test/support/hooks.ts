// What real media servers sent to a hook, and by which rule each of them judges the answer: stated anew from its source.
import type { HookReply, HookRequest, MediaServerKind } from '../../lib/media-servers/types';

const post = (contentType: string, body: string): HookRequest => ({
  method: 'POST',
  contentType,
  query: '',
  body: Buffer.from(body),
});
export const json = (value: unknown, contentType = 'application/json'): HookRequest =>
  post(contentType, typeof value === 'string' ? value : JSON.stringify(value));
export const form = (body: string): HookRequest => post('application/x-www-form-urlencoded', body);

/** Captured from SRS 7.0.18. */
export const SRS_PUBLISH =
  '{"server_id":"vid-3iudf39","service_id":"6266h097","action":"on_publish","client_id":"5dj3331g","ip":"127.0.0.1","vhost":"__defaultVhost__","app":"live","tcUrl":"rtmp://127.0.0.1:19350/live","stream":"guest1","param":"?key=abc","stream_url":"/live/guest1","stream_id":"vid-e851345"}';
/** As SRS 7 asks 11 ms later: without stream_url and stream_id. */
export const SRS_FORWARD =
  '{"server_id":"vid-3iudf39","service_id":"6266h097","action":"on_forward","client_id":"5dj3331g","ip":"127.0.0.1","vhost":"__defaultVhost__","app":"live","tcUrl":"rtmp://127.0.0.1:19350/live","stream":"guest1","param":"?key=abc"}';
/** Captured from nginx 1.22.1 with Debian's module; `tok=abc` is what the publisher appended. */
export const NGINX_PUBLISH =
  'app=live&flashver=FMLE/3.0%20(compatible%3B%20Lavf59.27&swfurl=&tcurl=rtmp://127.0.0.1:1955/live&pageurl=&addr=127.0.0.1&clientid=6&call=publish&name=k1&type=live&tok=abc';
/** As platform/callback.go of Oryx makes them. */
export const ORYX_PUBLISH =
  '{"request_id":"3ab26a09-59b0-42f7-98e3-a281c7d0712b","action":"on_publish","opaque":"mytoken","vhost":"__defaultVhost__","app":"live","stream":"guest1","param":"?secret=xyz&key=abc"}';
export const ORYX_UNPUBLISH =
  '{"request_id":"9ea987fa-1563-4c28-8c6c-a0e9edd4f536","action":"on_unpublish","opaque":"mytoken","vhost":"__defaultVhost__","app":"live","stream":"guest1"}';
/** As internal/auth/manager.go of MediaMTX makes them. */
export const MEDIAMTX_PUBLISH =
  '{"ip":"127.0.0.1","user":"","password":"","token":"","action":"publish","path":"live/guest1","protocol":"rtmp","id":"8f14e45f-ceea-467f-9b1c-2a3b4c5d6e7f","query":"key=abc","userAgent":"FMLE/3.0"}';
/** What our own configuration line sends when a publisher has gone. */
export const MEDIAMTX_UNPUBLISH =
  'action=unpublish&path=live%2Fguest1&id=8f14e45f-ceea-467f-9b1c-2a3b4c5d6e7f';

/** Each request with what it is, for those that begin with a good one. */
export const CAPTURES: Readonly<Record<MediaServerKind, readonly HookRequest[]>> = {
  srs: [json(SRS_PUBLISH), json(SRS_FORWARD), json(SRS_PUBLISH.replace('on_publish', 'on_unpublish'))],
  rehearsal: [json(SRS_PUBLISH)],
  oryx: [json(ORYX_PUBLISH), json(ORYX_UNPUBLISH), json(SRS_PUBLISH)],
  'nginx-rtmp': [
    form(NGINX_PUBLISH),
    form(`${NGINX_PUBLISH}&name=k2&call=publish_done`),
    form(NGINX_PUBLISH.replace('call=publish', 'call=publish_done').replace('&type=live', '')),
  ],
  mediamtx: [json(MEDIAMTX_PUBLISH), form(MEDIAMTX_UNPUBLISH)],
};

type Verdict = 'in' | 'out';

function codeOf(body: string): unknown {
  try {
    const value = JSON.parse(body) as unknown;
    return typeof value === 'object' && value !== null ? (value as { code?: unknown }).code : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether the server itself would let somebody in on this answer.
 * SRS: srs_app_http_hooks.cpp, do_post. Oryx: platform/callback.go, OnMessage. nginx-rtmp: ngx_rtmp_notify_parse_http_retcode.
 * MediaMTX: internal/auth/manager.go, authenticateHTTP.
 */
export function verdictOf(
  kind: MediaServerKind,
  { status, headers, body }: HookReply,
): Verdict | `to ${string}` {
  switch (kind) {
    case 'srs':
    case 'rehearsal':
      if ((status !== 200 && status !== 201) || body === '') return 'out';
      return body === '0' || (body.startsWith('{') && codeOf(body) === 0) ? 'in' : 'out';
    case 'oryx':
      if (status !== 200) return 'out';
      return /^[+-]?\d+$/.test(body)
        ? Number(body) === 0
          ? 'in'
          : 'out'
        : codeOf(body) === 0
          ? 'in'
          : 'out';
    case 'nginx-rtmp':
      // it looks at the first figure only
      if (String(status).startsWith('2')) return 'in';
      if (!String(status).startsWith('3')) return 'out';
      return headers.location ? `to ${headers.location}` : 'in';
    case 'mediamtx':
      return status >= 200 && status <= 299 ? 'in' : 'out';
  }
}

/** Where SRS would send a publisher on, or null where it would end him: srs_app_http_hooks.cpp, on_forward_backend. */
export function forwardsOf({ body }: HookReply): string[] | null {
  const { data } = JSON.parse(body) as { data?: { urls?: unknown } };
  return Array.isArray(data?.urls) ? (data.urls as string[]) : null;
}
