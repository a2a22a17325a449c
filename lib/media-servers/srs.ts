import {
  actionText,
  clientIdOf,
  fieldText,
  jsonFields,
  mustBePost,
  neededText,
  reading,
  refuse,
  streamAndParams,
} from './read-hook';
import type { Hook, HookAction, HookDecision, HookReply, HookRequest, HookSpeech } from './types';

const TYPES = ['application/json', 'application-json'];
const JSON_HEADERS = { 'content-type': 'application/json' };
const ACTIONS: ReadonlyMap<string, HookAction> = new Map([
  ['on_publish', 'publish'],
  ['on_unpublish', 'unpublish'],
  ['on_play', 'play'],
  ['on_stop', 'stop'],
  ['on_connect', 'connect'],
  ['on_close', 'close'],
  ['on_forward', 'forward'],
  ['on_dvr', 'record'],
  ['on_hls', 'record'],
  ['on_record_begin', 'record'],
  ['on_record_end', 'record'],
]);
const ON_STREAM: ReadonlySet<HookAction> = new Set(['publish', 'unpublish', 'play', 'stop', 'forward']);

/** One hook of SRS, as it sends them itself or as Oryx does, which tells no client id. Throws what `reading` catches. */
export function srsHook(request: HookRequest, clientNeeded: boolean): Hook {
  mustBePost(request, TYPES);
  const fields = jsonFields(request.body);
  const called = actionText(fields, 'action');
  const action = ACTIONS.get(called) ?? 'other';
  const on = ON_STREAM.has(action);
  const name = on ? neededText(fields, 'stream') : fieldText(fields, 'stream');
  const clientId = clientIdOf(fields, 'client_id');
  if (clientNeeded && clientId === null && on) refuse('field', 'client_id is missing');
  const { stream, params } = streamAndParams(name, fieldText(fields, 'param'));
  if (on && stream === '') refuse('field', 'stream is missing');
  return {
    action,
    called,
    app: on ? neededText(fields, 'app') : fieldText(fields, 'app'),
    stream,
    vhost: fieldText(fields, 'vhost') || null,
    clientId,
    address: fieldText(fields, 'ip') || null,
    params,
    login: null,
  };
}

/**
 * SRS lets somebody in at status 200 or 201 with a body that is `0` or a JSON object whose `code` is the number 0
 * (srs_app_http_hooks.cpp, do_post); on_forward needs `data.urls` too, or the publisher is refused.
 */
export function srsReply(decision: HookDecision, hook: Hook | null): HookReply {
  if (hook === null || !decision.allow) {
    const msg = decision.allow ? 'no hook' : decision.reason.slice(0, 200);
    return { status: 200, headers: JSON_HEADERS, body: JSON.stringify({ code: 403, msg }) };
  }
  const body =
    hook.action === 'forward' ? { code: 0, data: { urls: decision.forwardTo ?? [] } } : { code: 0 };
  return { status: 200, headers: JSON_HEADERS, body: JSON.stringify(body) };
}

/** SRS 5 to 7. */
export const srsSpeech: HookSpeech = {
  kind: 'srs',
  parse: (request) => reading(() => srsHook(request, true)),
  reply: srsReply,
};
