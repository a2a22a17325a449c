import type { LiveError } from '../errors';
import type { ConnectionState, ConnectionStatus, Release } from '../production/application';

/** Nothing changes there by itself. */
const STUCK = new Set<ConnectionState>(['refused', 'misconfigured', 'closed']);

/** A connection that may come about later. */
export interface Awaited {
  readonly status: ConnectionStatus;
  onStatus(listener: (status: ConnectionStatus) => void): Release;
}

/**
 * Resolves when it is ready. With 0 it rejects at once with what `notReady` says, otherwise after `waitMs`, and at once when no retry
 * can help.
 */
export async function untilReady(
  connection: Awaited,
  waitMs: number,
  notReady: () => LiveError,
): Promise<void> {
  if (connection.status.state === 'ready') return;
  if (waitMs <= 0 || STUCK.has(connection.status.state)) throw notReady();
  await new Promise<void>((resolve, reject) => {
    const finish = (error: LiveError | null) => {
      clearTimeout(timer);
      release();
      if (error) reject(error);
      else resolve();
    };
    const timer = setTimeout(() => finish(notReady()), waitMs);
    timer.unref();
    const release = connection.onStatus(({ state }) => {
      if (state === 'ready') finish(null);
      else if (STUCK.has(state)) finish(notReady());
    });
  });
}
