/**
 * A second connection on a name that goes so soon was refused by the server itself, as SRS and nginx-rtmp do; one that stays longer is the
 * publisher, and the first one's end was missed.
 */
const REFUSED_MS = 5_000;
const MOST = 10_000;
const MOST_SECONDS = 20;

interface Present {
  app: string;
  stream: string;
  /** null where the server does not tell it */
  clientId: string | null;
  /** others that were let in on the same name, and when */
  seconds: Map<string, number>;
}

/** Who was let in and has not left, by the server's own names of their connections: a stale word about one never counts for another. Pure. */
export class Presence {
  private readonly present = new Map<string, Present>();

  /** Somebody was let in. `takeover`: he is the one from now on. True when nobody published this name before. */
  join(
    { app, stream, clientId }: { app: string; stream: string; clientId: string | null },
    takeover: boolean,
    nowMs: number,
  ): boolean {
    const key = keyOf(app, stream);
    const found = this.present.get(key);
    if (!found) {
      this.present.set(key, { app, stream, clientId, seconds: new Map() });
      if (this.present.size > MOST) this.present.delete(this.present.keys().next().value!);
      return true;
    }
    if (found.clientId === clientId) return false;
    if (takeover || clientId === null) found.clientId = clientId;
    else if (found.seconds.size < MOST_SECONDS) found.seconds.set(clientId, nowMs);
    return false;
  }

  /** A connection ended. True when nobody publishes this name any more; false also for one that is not the publisher's. */
  leave(app: string, stream: string, clientId: string | null, nowMs: number): boolean {
    const key = keyOf(app, stream);
    const found = this.present.get(key);
    if (!found) return false;
    if (clientId !== null && found.clientId !== null && clientId !== found.clientId) {
      const since = found.seconds.get(clientId);
      found.seconds.delete(clientId);
      if (since === undefined || nowMs - since < REFUSED_MS) return false;
    }
    this.present.delete(key);
    return true;
  }

  /** Whether this very connection was let in. */
  has(app: string, stream: string, clientId: string | null): boolean {
    const found = this.present.get(keyOf(app, stream));
    return !!found && (clientId === null || found.clientId === null || found.clientId === clientId);
  }

  /** The connections that publish this name, in whatever app. */
  of(stream: string): { app: string; clientId: string | null }[] {
    return [...this.present.values()]
      .filter((one) => one.stream === stream)
      .map(({ app, clientId }) => ({ app, clientId }));
  }
}

// no name holds a control character
const keyOf = (app: string, stream: string): string => `${app}\n${stream}`;
