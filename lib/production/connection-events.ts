import { asLiveError } from '../errors';
import type { ConnectionStatus } from './application';
import type { EventHub } from './event-hub';
import type { RecordState, StreamState } from './vocabulary';

export interface ConnectionEventsOptions {
  kind: 'obs' | 'vmix';
  where: () => string;
  /** what the application says of itself */
  versions: () => Record<string, unknown>;
}

/** Tells of the connection itself: that it is there, and that it is lost, with what ran when it was last seen. */
export class ConnectionEvents {
  private wasConnected = false;
  private lastKnown: { stream: StreamState; recording: RecordState } = {
    stream: 'unknown',
    recording: 'unknown',
  };

  constructor(
    private readonly events: EventHub,
    private readonly options: ConnectionEventsOptions,
  ) {}

  /** To be called before the states become unknown by the loss. */
  lost(lastKnown: { stream: StreamState; recording: RecordState }): void {
    if (this.wasConnected) this.lastKnown = lastKnown;
  }

  onStatus({ state, fault }: ConnectionStatus): void {
    const { kind, where, versions } = this.options;
    if (state === 'ready') {
      if (this.wasConnected) return;
      this.wasConnected = true;
      this.events.tell({ event: `${kind}_connected`, state: 'ready', payload: versions() });
      return;
    }
    if (!this.wasConnected || state === 'connecting') return;
    this.wasConnected = false;
    if (state === 'closed') return;
    const reason = fault ? asLiveError(fault) : null;
    this.events.tell({
      event: `${kind}_disconnected`,
      state,
      previous: 'ready',
      payload: {
        where: where(),
        ...this.lastKnown,
        code: reason?.code ?? null,
        message: reason?.message ?? null,
      },
    });
  }
}
