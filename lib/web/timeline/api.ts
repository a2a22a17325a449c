import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FrameStore, StoredStream } from '../../frames/store/types';
import { sayJson, sayNothingHere } from '../guest-page/answers';
import type { Access } from './access';
import { refuse, sayPicture } from './answers';
import { pageIndex } from './page-index';
import { pageFrame, type PageAbout, type PageFrames } from './view';

/** As the store has it. */
const MOST_FRAMES = 1_000;
const SHORTEST_PIECE_MS = 1_000;
const MINUTE_MS = 60_000;
/** A name as the store gives it: time and number. */
const NAME = /^\d{1,16}-\d{1,12}$/;
const STREAM = /^[A-Za-z0-9._-]{1,100}$/;

export interface Parts {
  store: FrameStore;
  title: string;
  /** UTC in milliseconds */
  now: () => number;
}

/** Whether `path` is one that `answer` answers. */
export function isData(path: string): boolean {
  return /^\/(about|index|frames|nearest|(picture|small)\/[^/]+\/[^/]+\.jpg)$/.test(path);
}

/**
 * Answer one question about the pictures of a store, whoever the server is: everything that is asked for stands in path and query, and
 * `access` says of which streams. Rejects with what the store rejects with.
 */
export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  access: Access,
  parts: Parts,
): Promise<void> {
  const asked = new URLSearchParams((request.url ?? '').split('?', 2)[1] ?? '');
  const [, what, stream, file] = path.split('/') as [string, string, string?, string?];
  const may = (one: string) => STREAM.test(one) && (access.streams === null || access.streams.includes(one));
  const wrong = () => refuse(request, response, 'invalid');
  const { store, now } = parts;
  if (what === 'picture' || what === 'small') {
    const name = (file ?? '').slice(0, -'.jpg'.length);
    if (!may(stream!) || !NAME.test(name)) return refuse(request, response, 'unknown');
    return await picture(request, response, { what, stream: stream!, name }, access, parts);
  }
  if (what === 'about') {
    const about: PageAbout = {
      title: parts.title,
      streams: await streamsOf(store, may),
      now: now(),
      until: access.until,
    };
    return sayJson(request, response, about);
  }
  if (what === 'index') {
    const [every, from, to] = [number(asked, 'every'), number(asked, 'from'), number(asked, 'to')];
    if (every === false || from === false || to === false) return wrong();
    const everyMs = Math.max(SHORTEST_PIECE_MS, every ?? MINUTE_MS);
    const wish = { from: Math.floor((from ?? 0) / everyMs) * everyMs, to: to ?? now() + MINUTE_MS, everyMs };
    return sayJson(request, response, await pageIndex(store, await streamsOf(store, may), wish));
  }
  const one = asked.get('stream') ?? '';
  if (!may(one)) return wrong();
  if (what === 'nearest') {
    const at = number(asked, 'at');
    if (at === false || at === null) return wrong();
    const found = await store.nearest(one, at);
    return sayJson(request, response, { frame: found && pageFrame(found) });
  }
  const [from, to, limit] = [number(asked, 'from'), number(asked, 'to'), number(asked, 'limit')];
  if (from === false || to === false || limit === false) return wrong();
  const { frames, cursor, unreadable } = await store.find({
    stream: one,
    from,
    to,
    limit: Math.min(MOST_FRAMES, Math.max(1, limit ?? MOST_FRAMES)),
    cursor: asked.get('cursor'),
    changedOnly: asked.get('changed') === '1',
    order: asked.get('order') === 'newest' ? 'newest' : 'oldest',
  });
  const found: PageFrames = { frames: frames.map(pageFrame), cursor, unreadable: unreadable.length };
  sayJson(request, response, found);
}

async function picture(
  request: IncomingMessage,
  response: ServerResponse,
  { what, stream, name }: { what: string; stream: string; name: string },
  { until }: Access,
  { store, now }: Parts,
): Promise<void> {
  const id = `${stream}/${name}`;
  const fileName = `${stream}-${name}.jpg`;
  const keptMs = until === null ? Infinity : until - now();
  if (what === 'small') {
    // where there is none the picture itself has to do, its hash checked
    const jpeg = (await store.small(id)) ?? (await store.picture(id)).jpeg;
    return sayPicture(request, response, jpeg, `${id}-small`, `small-${fileName}`, keptMs);
  }
  const { frame, jpeg } = await store.picture(id);
  sayPicture(request, response, jpeg, frame.sha256, fileName, keptMs);
}

async function streamsOf(store: FrameStore, may: (stream: string) => boolean): Promise<StoredStream[]> {
  const { streams } = await store.use();
  return streams.filter(({ stream, frames }) => frames > 0 && may(stream));
}

/** A number of the query; null: it is not there; false: it is none. */
function number(asked: URLSearchParams, name: string): number | null | false {
  const text = asked.get(name);
  if (text === null || text === '') return null;
  return /^\d{1,15}$/.test(text) ? Number(text) : false;
}

/** What else can be asked for takes another method, or is not there. */
export function nothingHere(request: IncomingMessage, response: ServerResponse, allow?: string): void {
  sayNothingHere(request, response, allow);
}
