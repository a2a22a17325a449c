import type { KeyStore, Person } from '../../keys/types';
import type { GuestQueue } from '../../queue/guests';
import { asLiveError } from '../../errors';
import { clearCookies, setCookie } from './cookies';
import type { Refusal } from './answers';
import { guestName, isInvitation } from './names';
import { SESSION_S, type Sessions } from './sessions';
import type { PageSettings } from './settings';
import { youIn, type You } from './view';

/** What the page works on: what is deployed now. */
export interface PageParts {
  queue: GuestQueue;
  /** null: nobody can join by the page */
  keys: KeyStore | null;
  /** where guests publish to, without the stream: `rtmp://host/live` */
  publishAddress: string;
}

/** What came of a wish. */
export type Outcome =
  { ok: false; why: Refusal } | { ok: true; body: Record<string, unknown>; cookies?: string | string[] };

const no = (why: Refusal): Outcome => ({ ok: false, why });
/** The one reply in which a key stands. Server and stream key are two fields in OBS, and two here. */
const withKey = (person: Person, streamKey: string, server: string) => ({
  ok: true,
  me: { id: person.id, name: person.name },
  server,
  streamKey,
});

/** What guests can do: join, leave, get another key. Knows nothing of HTTP but the cookie's words. */
export class Guests {
  constructor(
    private readonly settings: PageSettings,
    private readonly sessions: Sessions,
    private readonly warn: (sentence: string) => void,
  ) {}

  /** The person behind a token, or null: no session, or the person is gone. */
  personOf(token: string | null, { keys }: PageParts): Person | null {
    const session = this.sessions.find(token);
    const person = session && keys ? keys.get(session.person) : null;
    // an id that was given anew is somebody else's
    return person && person.createdAt === session?.createdAt ? person : null;
  }

  /** What the owner of a token is told of himself. */
  youOf(token: string | null, parts: PageParts): You | null {
    const person = this.personOf(token, parts);
    return person && youIn(parts.queue.view(), person, parts.publishAddress);
  }

  /** A new person with a key, if the code is right. */
  async join(
    wish: Record<string, unknown>,
    token: string | null,
    secure: boolean,
    parts: PageParts,
  ): Promise<Outcome> {
    const { invitation } = this.settings;
    const { keys, queue, publishAddress } = parts;
    if (invitation === null || keys === null) return no('no-joining');
    if (!isInvitation(wish.code, invitation)) return no('wrong-code');
    const name = guestName(wish.name);
    if (name === null) return no('bad-name');
    if (this.personOf(token, parts)) return no('joined-already');
    if (isInQueue(queue, name)) return no('name-taken');
    try {
      const { person, streamKey } = await keys.create({ name, origin: 'invited' });
      const cookie = setCookie(await this.sessions.create(person), secure, SESSION_S);
      return { ok: true, body: withKey(person, streamKey, publishAddress), cookies: cookie };
    } catch (error) {
      return this.failed('join', error);
    }
  }

  /** Another key in the place of the one he had, which is worth nothing from now on. */
  async newKey(token: string | null, { keys, publishAddress, queue }: PageParts): Promise<Outcome> {
    const person = this.personOf(token, { keys, publishAddress, queue });
    if (!person || !keys) return no('not-joined');
    try {
      const { streamKey } = await keys.rotate(person.id);
      return { ok: true, body: withKey(person, streamKey, publishAddress) };
    } catch (error) {
      return this.failed('get another key', error);
    }
  }

  /** Give key and place back. The key goes first, so that OBS, which connects again by itself, stays outside. */
  async leave(token: string | null, secure: boolean, parts: PageParts): Promise<Outcome> {
    const person = this.personOf(token, parts);
    if (!person || !parts.keys) return no('not-joined');
    try {
      await parts.keys.remove(person.id);
      await parts.queue.command({ action: 'kick', who: person.id }).catch((error: unknown) => {
        if (asLiveError(error).code !== 'QUEUE_NOBODY') throw error;
      });
      await this.sessions.removePerson(person.id);
      return { ok: true, body: { ok: true }, cookies: clearCookies(secure) };
    } catch (error) {
      return this.failed('leave', error);
    }
  }

  private failed(what: string, error: unknown): Outcome {
    const { code, message } = asLiveError(error);
    if (code === 'KEYS_FULL') return no('full');
    this.warn(`A guest could not ${what}: ${message}`);
    return no('failed');
  }
}

/** Whether somebody of that name is in the queue: nobody shall pass for who is on air. */
function isInQueue(queue: GuestQueue, name: string): boolean {
  const { lead, waiting } = queue.view();
  const plain = (text: string) => text.normalize('NFKC').toLowerCase();
  return [lead, ...waiting].some((entry) => entry && plain(entry.name) === plain(name));
}
