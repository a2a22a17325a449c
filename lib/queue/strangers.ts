import type { Seen } from './types';

/** So many connections that ended are remembered. */
const MOST = 1_000;

type Connection = Pick<Seen, 'app' | 'stream' | 'clientId'>;
const key = ({ app, stream, clientId }: Connection): string => `${app}/${stream}/${clientId ?? ''}`;

/**
 * Who on the server's list is really somebody new: a list shows for a while who has left already, and who was let in a moment ago is no stranger. So a
 * stranger joins when two lists in a row have him; at the start one has to do, since the queue may have been lost.
 */
export class Strangers {
  private before: Set<string> | null = null;
  private gone = new Set<string>();

  /** This connection has ended, as the server told. */
  left(connection: Connection): void {
    if (connection.clientId === null) return;
    // the oldest are the first of a set
    if (this.gone.size >= MOST) this.gone.delete(this.gone.values().next().value!);
    this.gone.add(key(connection));
  }

  /** A new list is there. Gives whether somebody on it may join. */
  take(publishers: readonly Seen[], newRun: boolean): (seen: Seen) => boolean {
    const { before } = this;
    // a server that was started anew numbers its connections anew
    if (newRun) this.gone = new Set();
    this.before = new Set(publishers.map(key));
    return (one) => !this.gone.has(key(one)) && (newRun || before === null || before.has(key(one)));
  }
}
