import type { Denial } from './types';

/** How much of everything there may be at once, and how long anything may take. */
export interface IngestLimits {
  /** from the connection to the first picture sent or asked for */
  handshakeMs: number;
  /** without a byte from who publishes, or a byte taken by who plays */
  idleMs: number;
  /** connections that have neither been let in nor turned away; of all, and from one address */
  mostStrangers: number;
  mostStrangersFromOne: number;
  mostPlayers: number;
  /** what waits for one player: more, and he goes on with the next key frame */
  mostPlayerBytes: number;
  /** since the last key frame, for whoever begins to play: more, and he waits for the next one */
  mostGroupBytes: number;
  mostGroupTags: number;
  /** messages a second over ten seconds, from one publisher */
  mostTagsPerSecond: number;
  /** where nobody decides about publishers, somebody is waited for so long */
  gapMs: number;
  /** a deploy has so long to bring back a guard that it took away */
  deployMs: number;
  /** all verdicts together have so long, beside the wait for a deploy */
  verdictMs: number;
  /** what was said to somebody who is turned away has so long to arrive */
  partingMs: number;
  /** wrong keys that are answered at once, how fast they are forgotten, and how long the next one waits for each more */
  freeFailures: number;
  forgetFailureMs: number;
  delayPerFailureMs: number;
  mostDelayMs: number;
}

export const LIMITS: Readonly<IngestLimits> = {
  handshakeMs: 10_000,
  idleMs: 30_000,
  mostStrangers: 128,
  mostStrangersFromOne: 32,
  mostPlayers: 100,
  mostPlayerBytes: 8 * 1_048_576,
  mostGroupBytes: 8 * 1_048_576,
  mostGroupTags: 8_192,
  // 60 pictures, 94 pieces of sound and some data are 160
  mostTagsPerSecond: 2_000,
  gapMs: 800,
  // nodes of others may hold up a deploy; a stranger has ten seconds in all
  deployMs: 5_000,
  verdictMs: 950,
  partingMs: 500,
  freeFailures: 5,
  forgetFailureMs: 10_000,
  delayPerFailureMs: 250,
  mostDelayMs: 3_000,
};

/** What publishers and players are told: nothing that helps to guess. OBS shows the first to its user and does not try again. */
export const NO_PUBLISH = 'NetStream.Publish.BadName';
export const WORDS: Partial<Record<Denial, string>> = {
  full: 'No place is free',
  busy: 'Somebody publishes under this name already',
};
