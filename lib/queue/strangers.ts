import type { Seen } from './types';

/** So many connections that ended are remembered. */
const MOST = 1_000;
/** A server's list shows a connection that has ended no longer than this, ms; later the same number may be another's. */
const LAGS_MS = 15_000;

type Connection = Pick<Seen, 'app' | 'stream' | 'clientId'>;
const key = ({ app, stream, clientId }: Connection): string => `${app}/${stream}/${clientId ?? ''}`;

/**
 * Who on the server's list is really there, and really somebody new: a list shows for a while who has left already, and may be older than who was let in a
 * moment ago. So a stranger joins when two lists in a row have him; at the start one has to do, since the queue may have been lost.
 */
export class Strangers {
  private before: Set<string> | null = null;
  private gone = new Map<string, number>();

  /** This connection has ended, as the server told. */
  left(connection: Connection, nowMs: number): void {
    if (connection.clientId === null) return;
    // the oldest is the first of a map
    if (this.gone.size >= MOST) this.gone.delete(this.gone.keys().next().value!);
    this.gone.set(key(connection), nowMs);
  }

  /** This connection was let in. */
  came(connection: Connection): void {
    this.gone.delete(key(connection));
  }

  /** A new list is there. Gives those on it who are there, and whether one of them may join. */
  take<T extends Seen>(
    list: readonly T[],
    newRun: boolean,
    nowMs: number,
  ): { publishers: T[]; adopt: (seen: Seen) => boolean } {
    const { before } = this;
    // a server that was started anew numbers its connections anew
    if (newRun) this.gone = new Map();
    for (const [one, atMs] of this.gone) if (nowMs - atMs > LAGS_MS) this.gone.delete(one);
    const publishers = list.filter((one) => !this.gone.has(key(one)));
    this.before = new Set(publishers.map(key));
    return { publishers, adopt: (one) => newRun || before === null || before.has(key(one)) };
  }
}
