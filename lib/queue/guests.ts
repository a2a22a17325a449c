import type { Release } from '../production/application';
import type { Cause } from '../production/vocabulary';
import type { Joining, JoinVerdict, QueueCommand, QueueEvent, QueueView } from './types';

/** Whom to put on air, for output 1 of stream-queue. */
export interface SwitchOrder {
  /** `<turn>.<generation>`: comes back with the switch's report */
  turn: string;
  app: string;
  stream: string;
  name: string;
}

export interface ToldQueueEvent extends QueueEvent {
  /** ISO 8601 UTC with milliseconds */
  at: string;
  cause: Cause;
}

/**
 * A queue that runs: what the guest-queue config node leases to the gate, stream-queue, the page and the operator's view. `join` and
 * `leave` answer at once, out of memory; everything else follows.
 */
export interface GuestQueue {
  join(joining: Joining): JoinVerdict;
  /** `clientId` null (Oryx does not tell it): the server's list is asked before anything happens */
  leave(left: { app: string; stream: string; clientId: string | null }): void;
  /** somebody was turned away at the gate, by the gate or by `join`, and why: only told */
  denied(stream: string, why: string): void;
  /** @throws QUEUE_NOBODY, QUEUE_COMMAND_INVALID; resolves once it is on the disk */
  command(command: QueueCommand): Promise<QueueView>;
  /** what became of a switch; an order that is not the present one is ignored (false) */
  switched(turn: string): boolean;
  /** `isHis` false: not for anything the guest did, so it does not count against him */
  switchFailed(turn: string, why: string, isHis?: boolean): boolean;
  view(): QueueView;
  onEvent(listener: (event: ToldQueueEvent) => void): Release;
  /** anything of the view changed, apart from the running time */
  onChange(listener: () => void): Release;
  /** what made switches fail may be over (OBS is there again): what waits only for that is tried at once */
  tryAgain(): void;
  /**
   * Whom to put on air; an order that is open already is told at once. While nobody listens nobody goes on air. Only one listener is given
   * the orders, the first: `place` is told whether it is this one, and when that changes.
   */
  onSwitch(listener: (order: SwitchOrder) => void, place?: (isFirst: boolean) => void): Release;
  /** somebody has waited for a while, and nobody listens who could put him on air; a change of it is told to `onChange` */
  readonly isUnheard: boolean;
  close(): Promise<void>;
}
