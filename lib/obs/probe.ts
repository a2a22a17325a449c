import { pause } from '../connection/deadline';
import { asLiveError, fail } from '../errors';
import { RAW_EVENT_NAMES } from './event-table';
import { ObsSession, TIMINGS, type RequestData } from './session';
import type { ObsSettings } from './settings';
import { SOURCE_LISTS, sourceList } from './source-lists';
import { number, objects, text } from './values';

export const LISTS = [
  'scenes',
  'transitions',
  'outputs',
  'requests',
  'events',
  'inputs',
  'sources',
  'audio',
  'media',
  'profiles',
  'collections',
  ...SOURCE_LISTS,
] as const;
export type ListName = (typeof LISTS)[number];
/** One choice of a dialog's list. */
export interface Choice {
  value: string;
  label?: string;
}

export interface ProbeResult {
  where: string;
  obsVersion: string | null;
  websocketVersion: string | null;
}

/** Anything that answers requests: a session of our own, or a connection that is already there. */
export interface Asks {
  call(requestType: string, data?: RequestData): Promise<RequestData>;
}

/** OBS_SOURCE_VIDEO among the capabilities of an input's kind. */
const VIDEO = 1;
const OLD_PROTOCOL_MS = 2_000;
/** Kinds that play something with a cursor that moves. A slide show is controlled like them, but has none. */
const MEDIA_KINDS = ['ffmpeg_source', 'vlc_source'];

/** Connect once and say what answered. Rejects with a coded error that names the fault. */
export async function testObs(settings: ObsSettings): Promise<ProbeResult> {
  return withSession(settings, async (session) => {
    const version = await session.call('GetVersion');
    return {
      where: session.where,
      obsVersion: text(version.obsVersion),
      websocketVersion: text(version.obsWebSocketVersion) ?? session.obsWebSocketVersion,
    };
  });
}

/** One of the dialog's lists over a connection of its own. */
export function listOnce(settings: ObsSettings, what: ListName, of = ''): Promise<Choice[]> {
  return what === 'events'
    ? Promise.resolve(events())
    : withSession(settings, (session) => listFrom(session, what, of));
}

/** One of the dialog's lists, asked of an OBS; `of` is the scene or the source whose list it is, for those that have one. */
export async function listFrom(obs: Asks, what: ListName, of = ''): Promise<Choice[]> {
  const ask = async (request: string, list: string, name: string): Promise<Choice[]> => {
    const answer = await obs.call(request);
    return objects(answer[list])
      .flatMap((item) => text(item[name]) ?? [])
      .map((value) => ({ value }));
  };
  switch (what) {
    case 'scenes':
      return (await ask('GetSceneList', 'scenes', 'sceneName')).reverse();
    case 'transitions':
      return ask('GetSceneTransitionList', 'transitions', 'transitionName');
    case 'inputs':
      return ask('GetInputList', 'inputs', 'inputName');
    case 'sources':
      return [
        ...(await ask('GetSceneList', 'scenes', 'sceneName')).reverse(),
        ...(await groups(obs)),
        ...(await pictured(obs)),
      ];
    case 'audio':
      return withSound(obs, await ask('GetInputList', 'inputs', 'inputName'));
    case 'profiles':
      return choicesOf((await obs.call('GetProfileList')).profiles);
    case 'collections':
      return choicesOf((await obs.call('GetSceneCollectionList')).sceneCollections);
    case 'media': {
      const { inputs } = await obs.call('GetInputList');
      const plays = (kind: string | null) => kind !== null && MEDIA_KINDS.includes(kind);
      return objects(inputs)
        .filter((input) => plays(text(input.unversionedInputKind) ?? text(input.inputKind)))
        .flatMap((input) => text(input.inputName) ?? [])
        .map((value) => ({ value }));
    }
    case 'outputs':
      return ask('GetOutputList', 'outputs', 'outputName');
    case 'requests': {
      const names = choicesOf((await obs.call('GetVersion')).availableRequests);
      return names.sort((a, b) => (a.value < b.value ? -1 : 1));
    }
    case 'events':
      return events();
    default:
      return sourceList(obs, what, of);
  }
}

async function groups(obs: Asks): Promise<Choice[]> {
  return choicesOf((await obs.call('GetGroupList')).groups);
}

/** Inputs that have a picture; an OBS before 31.1 does not tell, and gives all. */
async function pictured(obs: Asks): Promise<Choice[]> {
  const { inputs } = await obs.call('GetInputList');
  return objects(inputs).flatMap(({ inputName, inputKindCaps }) => {
    const value = text(inputName);
    const caps = number(inputKindCaps);
    return value === null || (caps !== null && (caps & VIDEO) === 0) ? [] : [{ value }];
  });
}

function choicesOf(names: unknown): Choice[] {
  return Array.isArray(names)
    ? names.filter((name): name is string => typeof name === 'string').map((value) => ({ value }))
    : [];
}

/** Those of the inputs that have sound: OBS refuses the question for the others. */
async function withSound(obs: Asks, inputs: Choice[]): Promise<Choice[]> {
  const found: Choice[] = [];
  for (const input of inputs) {
    const has = await obs.call('GetInputMute', { inputName: input.value }).then(
      () => true,
      () => false,
    );
    if (has) found.push(input);
  }
  return found;
}

function events(): Choice[] {
  return RAW_EVENT_NAMES.map((value) => ({ value }));
}

async function withSession<T>(settings: ObsSettings, work: (session: ObsSession) => Promise<T>): Promise<T> {
  let session: ObsSession;
  try {
    session = await ObsSession.open({ ...settings, mask: 0, timings: TIMINGS });
  } catch (error) {
    const fault = asLiveError(error);
    if (fault.code === 'OBS_TOO_OLD' && !fault.details.final && !(await speaksOldProtocol(settings)))
      throw fail(
        'OBS_NOT_OBS',
        { where: fault.details.where, reason: 'it speaks WebSocket, but not as OBS does' },
        fault,
      );
    throw fault;
  }
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** obs-websocket 4 answers a request of its own protocol, anything else does not. */
async function speaksOldProtocol({ host, port, tls }: ObsSettings): Promise<boolean> {
  const { WebSocket } = require('ws') as typeof import('ws');
  const socket = new WebSocket(`${tls ? 'wss' : 'ws'}://${host.includes(':') ? `[${host}]` : host}:${port}`, {
    handshakeTimeout: OLD_PROTOCOL_MS,
    maxPayload: 1_000_000,
  });
  try {
    const answered = new Promise<boolean>((resolve) => {
      socket.on('open', () =>
        socket.send(JSON.stringify({ 'request-type': 'GetVersion', 'message-id': '1' })),
      );
      socket.on('message', (data: Buffer) => resolve(data.toString('utf8').includes('message-id')));
      socket.on('error', () => resolve(false));
      socket.on('close', () => resolve(false));
    });
    return await Promise.race([answered, pause(OLD_PROTOCOL_MS).then(() => false)]);
  } finally {
    socket.terminate();
  }
}
