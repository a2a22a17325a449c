import {
  actionText,
  clientIdOf,
  fieldText,
  jsonFields,
  mustBePost,
  neededText,
  pairsOf,
  reading,
  refuse,
  streamAndParams,
  textOf,
} from './read-hook';
import type { Hook, HookAction, HookDecision, HookReply, HookRequest, HookSpeech } from './types';

/** What MediaMTX asks; it asks before api, metrics and pprof too, and those are no business of ours. */
const ASKED: ReadonlyMap<string, HookAction> = new Map([
  ['publish', 'publish'],
  ['read', 'play'],
  ['playback', 'play'],
]);
/** What our configuration lines let it tell by a command: MediaMTX itself tells nothing over HTTP. */
const TOLD: ReadonlyMap<string, HookAction> = new Map([
  ['unpublish', 'unpublish'],
  ['stop', 'stop'],
]);
const FORM = 'application/x-www-form-urlencoded';

function read(request: HookRequest): Hook {
  const type = mustBePost(request, ['application/json', FORM]);
  return type === FORM ? told(request.body) : asked(request.body);
}

function asked(body: Buffer): Hook {
  const fields = jsonFields(body);
  const called = actionText(fields, 'action');
  const action = ASKED.get(called) ?? 'other';
  const path = action === 'other' ? fieldText(fields, 'path') : neededText(fields, 'path');
  const { app, name } = split(path);
  const { stream, params } = streamAndParams(name, fieldText(fields, 'query'));
  if (action !== 'other' && stream === '') refuse('field', 'path names no stream');
  // the bearer token of WHIP, where the address has none
  const token = fieldText(fields, 'token');
  if (token !== '' && !params.has('token')) params.set('token', token);
  const [user, password] = [fieldText(fields, 'user'), fieldText(fields, 'password')];
  return {
    action,
    called,
    app,
    stream,
    vhost: null,
    clientId: clientIdOf(fields, 'id'),
    address: fieldText(fields, 'ip') || null,
    params,
    login: user === '' && password === '' ? null : { user, password },
  };
}

function told(body: Buffer): Hook {
  const fields = new Map<string, string>();
  for (const [name, value] of pairsOf('body', textOf(body))) {
    if (fields.has(name)) refuse('twice', 'a field comes twice');
    fields.set(name, value);
  }
  const called = actionText(fields, 'action');
  const action = TOLD.get(called) ?? refuse('action', 'a command tells nothing of this name');
  const { app, name } = split(neededText(fields, 'path'));
  if (name === '' || name.includes('?')) refuse('field', 'path names no stream');
  const clientId = clientIdOf(fields, 'id');
  if (clientId === null) refuse('field', 'id is missing');
  return {
    action,
    called,
    app,
    stream: name,
    vhost: null,
    clientId,
    address: null,
    params: new Map(),
    login: null,
  };
}

/** `live/guest` is the stream `guest` of the app `live`; a path of one part has no app. */
export function split(path: string): { app: string; name: string } {
  const mark = path.indexOf('?');
  const slash = (mark === -1 ? path : path.slice(0, mark)).lastIndexOf('/');
  return { app: path.slice(0, Math.max(0, slash)), name: path.slice(slash + 1) };
}

/** 2xx lets somebody in, everything else refuses (internal/auth/manager.go). Whoever asks for its API is never let in from here. */
function reply(decision: HookDecision, hook: Hook | null): HookReply {
  const allow = decision.allow && hook !== null && hook.action !== 'other';
  return { status: allow ? 200 : 401, headers: {}, body: '' };
}

/** MediaMTX 1. */
export const mediamtxSpeech: HookSpeech = {
  kind: 'mediamtx',
  parse: (request) => reading(() => read(request)),
  reply,
};
