import type { LiveDef, Node } from '../../red/types';

export const ADMISSIONS = ['keys', 'token', 'flow', 'anyone'] as const;

export interface PublishGateDef extends LiveDef {
  /** a media-server config node */
  server: string;
  admission: (typeof ADMISSIONS)[number];
  /** a stream-keys config node */
  keys: string;
  /** a guest-queue config node; empty: none */
  queue: string;
  /** how long a flow has for its answer, in milliseconds */
  answerMs: string;
  /** a stream-target config node; empty: nobody is sent on */
  target: string;
  sendOn: 'first' | 'all';
  players: 'anyone' | 'token';
}

export type PublishGateNode = Node<{ playToken?: string }>;

/** What a question of output 2 carries, and its answer brings back. */
export interface Ask {
  /** good for one answer */
  id: string;
  /** ISO 8601 UTC with milliseconds */
  answerBefore: string;
}
