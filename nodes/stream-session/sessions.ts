import type { MediaServerNode } from '../../red/guests';
import { isoTime, now } from '../../lib/connection/clock';
import { pause } from '../../lib/connection/deadline';
import { LiveError, asLiveError, fail } from '../../lib/errors';
import type { Person } from '../../lib/keys/types';
import type { MediaServerClient, Publisher, PublisherList } from '../../lib/media-servers/types';

/** A session as messages carry it; the names are those of the REST interface of other programs. */
export interface Session {
  session_id: string;
  name: string;
  /** `stopped`: he may not publish; null where the media server cannot be asked whether he does */
  status: 'waiting' | 'live' | 'stopped' | null;
  /** whether he may publish */
  active: boolean;
  /** where to, with the public id and without the key; null where no media server tells it */
  rtmp_url: string | null;
  metadata: Record<string, unknown>;
  created_at: string;
  key_changed_at: string;
  limit_ms: number | null;
  priority: number;
  /** these only while he is live, and as far as the media server tells them */
  live_since: string | null;
  resolution: string | null;
  bitrate_kbps: number | null;
  bytes_received: number | null;
  frames_received: number | null;
  /** why something is null, by its name */
  unknown: Record<string, string>;
}

/** Everything the media server has, at one moment, and all sessions beside it. */
export interface ServerStatus {
  /** null: no media server is chosen */
  reachable: boolean | null;
  sessions: number;
  /** null where the media server cannot be asked */
  live: number | null;
  waiting: number | null;
  stopped: number;
  /** the sessions that are live */
  streams: Session[];
  /** who publishes and has no session here */
  strangers: { app: string; stream: string }[];
  unknown: Record<string, string>;
}

/** What the media server says now, or why it says nothing. */
export type Heard = { publishers: Publisher[]; atMs: number } | { reason: string; fault: LiveError | null };

const FIGURES = ['live_since', 'resolution', 'bitrate_kbps', 'bytes_received', 'frames_received'] as const;
/** Several messages in a row ask the server once. */
const FRESH_MS = 1000;
/** A server under load ends a connection within this. */
const GONE_MS = 5000;
const BETWEEN_LOOKS_MS = 200;

/** The media server of a session node, or null where none is chosen; with what is wrong with it. */
export interface ChosenServer {
  node: MediaServerNode;
  client: MediaServerClient;
}

/** Who publishes to the apps that guests publish to. Never rejects: a server that does not answer is a reason. */
export async function publishersOf(server: ChosenServer | null, freshMs = FRESH_MS): Promise<Heard> {
  if (!server) return { reason: 'no media server is chosen', fault: null };
  try {
    const { publishers, atMs }: PublisherList = await server.client.list(freshMs);
    const { apps } = server.node;
    const ours = publishers.filter(({ app }) => apps.length === 0 || apps.includes(app));
    return { publishers: ours, atMs };
  } catch (error) {
    const fault = asLiveError(error);
    return { reason: fault.message, fault };
  }
}

/** A person as a session, with what the media server says of him. */
export function sessionOf(person: Person, publishAddress: string | null, heard: Heard): Session {
  const { id, name, active, createdAt, keyChangedAt, limitMs, priority, metadata } = person;
  const publisher = 'publishers' in heard ? heard.publishers.find(({ stream }) => stream === id) : undefined;
  const figures = publisher ? figuresOf(publisher, (heard as { atMs: number }).atMs) : null;
  const session: Session = {
    session_id: id,
    name,
    status: publisher ? 'live' : !active ? 'stopped' : 'publishers' in heard ? 'waiting' : null,
    active,
    rtmp_url: publishAddress ? `${publishAddress.replace(/\/+$/, '')}/${id}` : null,
    // a flow may change what it gets
    metadata: structuredClone(metadata),
    created_at: createdAt,
    key_changed_at: keyChangedAt,
    limit_ms: limitMs,
    priority,
    live_since: null,
    resolution: null,
    bitrate_kbps: null,
    bytes_received: null,
    frames_received: null,
    ...figures,
    unknown: {},
  };
  if (session.rtmp_url === null)
    session.unknown.rtmp_url = 'no media server with a publish address is chosen';
  if ('reason' in heard) {
    // what is stopped may not publish; whether it still does, from before, is not known either
    for (const name of ['status', 'live_since'] as const)
      if (session[name] === null) session.unknown[name] = heard.reason;
  }
  if (publisher)
    for (const figure of FIGURES)
      if (session[figure] === null) session.unknown[figure] = 'the media server does not tell it, or not yet';
  return session;
}

function figuresOf({ sinceMs, bytesIn, bitrateKbps, frames, video }: Publisher, atMs: number) {
  const { width = null, height = null } = video ?? {};
  return {
    live_since: sinceMs === null ? null : isoTime(atMs - sinceMs),
    resolution: width !== null && height !== null ? `${width}x${height}` : null,
    bitrate_kbps: bitrateKbps,
    bytes_received: bytesIn,
    frames_received: frames,
  };
}

/** All sessions and the media server at a glance. */
export function statusOf(
  people: readonly Person[],
  publishAddress: string | null,
  heard: Heard,
): ServerStatus {
  const asked = 'publishers' in heard;
  const sessions = people.map((person) => sessionOf(person, publishAddress, heard));
  const count = (status: Session['status']) => sessions.filter((one) => one.status === status).length;
  const known = new Set(people.map(({ id }) => id));
  return {
    reachable: asked ? true : heard.fault ? false : null,
    sessions: sessions.length,
    live: asked ? count('live') : null,
    waiting: asked ? count('waiting') : null,
    stopped: count('stopped'),
    streams: sessions.filter(({ status }) => status === 'live'),
    strangers: asked
      ? heard.publishers
          .filter(({ stream }) => !known.has(stream))
          .map(({ app, stream }) => ({ app, stream }))
      : [],
    unknown: asked ? {} : { live: heard.reason, waiting: heard.reason },
  };
}

/**
 * End whoever publishes as `id`, by his connection. Gives how many were ended; null with the reason where the server has no way to.
 * @throws SESSION_NOT_KICKED: he may publish still
 */
export async function endPublishing(
  server: ChosenServer | null,
  id: string,
  done: string,
): Promise<{ kicked: number } | { kicked: null; reason: string }> {
  if (!server) return { kicked: null, reason: 'no media server is chosen' };
  try {
    const heard = await publishersOf(server, 0);
    if ('reason' in heard) throw heard.fault ?? new Error(heard.reason);
    let kicked = 0;
    for (const { app, stream, clientId } of heard.publishers)
      if (stream === id && (await server.client.kick({ app, stream, clientId })) === 'kicked') kicked++;
    if (kicked > 0) await mustBeGone(server, id);
    return { kicked };
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof LiveError && error.code === 'MEDIA_SERVER_NO_API')
      return { kicked: null, reason: message };
    throw fail('SESSION_NOT_KICKED', { id, done, reason: message }, error);
  }
}

/** A server that said yes ends the connection in the next moment: what counts is that its list has him no more. */
async function mustBeGone(server: ChosenServer, id: string): Promise<void> {
  for (const endsAt = now() + GONE_MS; ; await pause(BETWEEN_LOOKS_MS)) {
    const heard = await publishersOf(server, 0);
    if ('reason' in heard) throw heard.fault ?? new Error(heard.reason);
    if (!heard.publishers.some(({ stream }) => stream === id)) return;
    if (now() > endsAt) throw new Error('The media server took the order, and lists him still.');
  }
}

/** Milliseconds since 1970, for what ends at a moment. */
export const wallMs = (): number => Math.round(now());
