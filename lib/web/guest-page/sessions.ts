import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, reasonOf } from '../../durable/files';
import { replaceFile } from '../../durable/replace';
import { newToken } from './cookies';

/** Who came back with a cookie. Of the cookie itself only a hash is kept: it is 256 bits of chance, so that needs no salt. */
interface Session {
  hash: string;
  /** the person's public id, and when he was made: an id can be given anew */
  person: string;
  createdAt: string;
  /** ms since 1970 */
  seenMs: number;
}

export interface SessionOptions {
  /** null: nothing survives the process */
  path: string | null;
  /** ms since 1970 */
  now?: () => number;
  /** hears when the file cannot be read or written; once for each change */
  warn?: (sentence: string) => void;
}

/** Browsers that are remembered; the one unseen for longest is forgotten first. */
export const MOST_SESSIONS = 2000;
/** A guest comes back to the next show of a month, and then joins anew. */
export const SESSION_S = 30 * 24 * 3600;
const DAY_MS = 24 * 3600 * 1000;
const MOST_FILE_BYTES = 2_000_000;

/** Which browser is whose, kept in a file so that a restart sends nobody away. Whoever loses it joins anew: it is no treasure. */
export class Sessions {
  /** once the file was read; never rejects */
  readonly ready: Promise<void>;
  private readonly byHash = new Map<string, Session>();
  private readonly now: () => number;
  private writing: Promise<void> | null = null;
  private dirty = false;
  private wasFaulty = false;

  constructor(private readonly options: SessionOptions) {
    this.now = options.now ?? Date.now;
    this.ready = this.load();
  }

  /** A new session; gives the token for the cookie, which is kept nowhere. Resolves once it is on the disk, or cannot get there. */
  async create(person: { id: string; createdAt: string }): Promise<string> {
    const token = newToken();
    const hash = hashOf(token);
    this.byHash.set(hash, { hash, person: person.id, createdAt: person.createdAt, seenMs: this.now() });
    while (this.byHash.size > MOST_SESSIONS) this.byHash.delete(this.oldest());
    await this.save();
    return token;
  }

  /** Whose token this is; null for nobody's. */
  find(token: string | null): { person: string; createdAt: string } | null {
    const session = token === null ? undefined : this.byHash.get(hashOf(token));
    if (!session) return null;
    const nowMs = this.now();
    if (nowMs - session.seenMs > SESSION_S * 1000) {
      this.byHash.delete(session.hash);
      return null;
    }
    // once a day is exact enough for what lasts a month
    if (nowMs - session.seenMs > DAY_MS) {
      session.seenMs = nowMs;
      void this.save();
    }
    return session;
  }

  /** Forget all sessions of a person. */
  async removePerson(id: string): Promise<void> {
    const had = this.byHash.size;
    for (const { hash, person } of [...this.byHash.values()]) if (person === id) this.byHash.delete(hash);
    if (this.byHash.size !== had) await this.save();
  }

  /** Wait until what is to be written is written. */
  async close(): Promise<void> {
    await this.ready;
    await this.writing;
  }

  private oldest(): string {
    let oldest: Session | null = null;
    for (const session of this.byHash.values())
      if (!oldest || session.seenMs < oldest.seenMs) oldest = session;
    return oldest?.hash ?? '';
  }

  private async load(): Promise<void> {
    const { path } = this.options;
    if (path === null) return;
    try {
      const bytes = await readFile(path);
      const sessions = bytes.length > MOST_FILE_BYTES ? null : sessionsIn(bytes.toString());
      if (!sessions) this.warn(`${path} is not a file of sessions: guests have to join anew.`);
      // one that was made meanwhile stays
      for (const session of sessions ?? [])
        if (!this.byHash.has(session.hash)) this.byHash.set(session.hash, session);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT')
        this.warn(`${path} cannot be read (${reasonOf(error)}): guests have to join anew.`);
    }
  }

  /** Changes that come while one is being written go together with the next. */
  private save(): Promise<void> {
    this.dirty = true;
    return (this.writing ??= this.write().finally(() => (this.writing = null)));
  }

  private async write(): Promise<void> {
    const { path } = this.options;
    await this.ready;
    while (this.dirty) {
      this.dirty = false;
      if (path === null) return;
      const text = JSON.stringify({ v: 1, sessions: [...this.byHash.values()] });
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await replaceFile(path, text, { mode: 0o600 });
        this.wasFaulty = false;
      } catch (error) {
        if (!this.wasFaulty)
          this.warn(
            `${path} cannot be written (${reasonOf(error)}): after a restart guests have to join anew.`,
          );
        this.wasFaulty = true;
      }
    }
  }

  private warn(sentence: string): void {
    this.options.warn?.(sentence);
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** What a file holds; null where it is no file of ours. */
function sessionsIn(text: string): Session[] | null {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return null;
  }
  const { v, sessions } = (content ?? {}) as { v?: unknown; sessions?: unknown };
  if (v !== 1 || !Array.isArray(sessions)) return null;
  return sessions.slice(0, MOST_SESSIONS).filter(isSession);
}

function isSession(value: unknown): value is Session {
  const { hash, person, createdAt, seenMs } = (value ?? {}) as Record<string, unknown>;
  return (
    typeof hash === 'string' &&
    /^[0-9a-f]{64}$/.test(hash) &&
    typeof person === 'string' &&
    typeof createdAt === 'string' &&
    typeof seenMs === 'number'
  );
}
