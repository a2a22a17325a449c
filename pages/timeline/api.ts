import type { PageAbout, PageFrame, PageFrames, PageIndex, Refusal } from '../../lib/web/timeline/view';

const DEADLINE_MS = 20_000;

/** What the server said instead of an answer. `offline`: nothing at all. */
export class Refused extends Error {
  constructor(readonly why: Refusal | 'offline') {
    super(why);
  }
}

async function get<T>(path: string, query: Record<string, string | number | null> = {}): Promise<T> {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== null) asked.set(name, String(value));
  const text = asked.toString();
  let response: Response;
  try {
    response = await fetch(text ? `${path}?${text}` : path, {
      cache: 'no-store',
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
  } catch {
    throw new Refused('offline');
  }
  if (response.ok) return (await response.json()) as T;
  // Node-RED itself, or a proxy, says no in words of its own
  if (response.status === 401 || response.status === 403) throw new Refused('no-access');
  const told = (await response.json().catch(() => ({}))) as { why?: Refusal };
  throw new Refused(told.why ?? (response.status >= 502 ? 'away' : 'failed'));
}

export const about = () => get<PageAbout>('about');

export const index = (to: number | null) => get<PageIndex>('index', { every: 60_000, to });

/** All pictures of a stream in a piece of time. */
export async function frames(
  stream: string,
  from: number,
  to: number,
): Promise<{ frames: PageFrame[]; unreadable: number }> {
  const all: PageFrame[] = [];
  let cursor: string | null = null;
  let unreadable = 0;
  do {
    const got: PageFrames = await get<PageFrames>('frames', { stream, from, to, limit: 1000, cursor });
    all.push(...got.frames);
    unreadable += got.unreadable;
    cursor = got.cursor;
  } while (cursor !== null && all.length < 20_000);
  return { frames: all, unreadable };
}

/** The picture that comes next to a moment, or just before it; null: there is none. */
export async function beside(stream: string, at: number, back: boolean): Promise<PageFrame | null> {
  const wish: Record<string, string | number> = back
    ? { to: at, order: 'newest' }
    : { from: at + 1, order: 'oldest' };
  return (await get<PageFrames>('frames', { stream, limit: 1, ...wish })).frames[0] ?? null;
}

/** The pictures before a moment, the newest first. */
export async function before(stream: string, at: number, limit: number): Promise<PageFrame[]> {
  return (await get<PageFrames>('frames', { stream, limit, to: at, order: 'newest' })).frames;
}

/** The picture on screen at a moment; null: the stream has none. */
export async function nearest(stream: string, at: number): Promise<PageFrame | null> {
  return (await get<{ frame: PageFrame | null }>('nearest', { stream, at: Math.max(0, Math.round(at)) }))
    .frame;
}

/** Exchange what stood in the address for a cookie; false: it opens nothing. */
export async function enter(token: string): Promise<boolean> {
  try {
    const response = await fetch('session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    return response.ok;
  } catch {
    return false;
  }
}

/** Where the small picture is. `id`: stream and name. */
export const smallUrl = (id: string) => `small/${id}.jpg`;
export const pictureUrl = (id: string) => `picture/${id}.jpg`;
