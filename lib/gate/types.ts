import type { Kept } from '../connection/lease';
import type { Hook, HookDecision } from '../media-servers/types';
import type { Release } from '../production/application';
import type { GateMemory } from './gate';

/** Who may publish, and as whom; or why not. */
export type Admitted =
  | {
      ok: true;
      /** what people read */
      name: string;
      /** turns of his own length; null: as the queue has it */
      limitMs: number | null;
      /** higher goes first */
      priority: number;
    }
  /** `why` is told; it holds no secret. `isGuess`: what he showed, if anything, was no key or token that would have let him in at any time */
  | { ok: false; why: string; isGuess?: boolean };

/** The gate that was asked has gone meanwhile, for a deploy: the next one decides. */
export type Moved = 'moved';

/**
 * Decides who may publish. What takes time ends within `leftMs` by itself.
 * @param hook the name of its stream is one that a stream may have
 */
export type Admission = (hook: Hook, leftMs: number) => Admitted | Promise<Admitted | Moved>;

/** What becomes of a hook, and what is done about it once the server has its answer. */
export interface Ruling {
  decision: HookDecision;
  /** of a denial: nobody could know him by what he showed, so whoever goes on like this may be slowed down */
  isGuess?: boolean;
  /** who was let in, as people read it */
  name?: string;
  after?: () => void;
}

/** Something that a gate tells of. Nothing in it is secret. */
export interface GateEvent {
  event: 'publisher_waiting' | 'publisher_left' | 'publisher_denied';
  /** empty where a request told no name, or one that may be a key */
  stream: string;
  name: string;
  more: Record<string, unknown>;
}

/** Why somebody that is no media server of ours was turned away at the hook address. */
export type StrangerReason = 'address' | 'secret' | 'malformed';

/** Decides about hooks: a door asks it. */
export interface Rules {
  /** never throws; a promise settles within `leftMs` */
  rule(hook: Hook, leftMs: number, isGone: () => boolean): Ruling | Promise<Ruling | Moved>;
  /** somebody asked who may not, or with what is no hook; `reason` for the log */
  stranger(why: StrangerReason, address: string, reason: string): void;
  /** whether players are let in without a look */
  readonly playsFreely: boolean;
}

/** Whether anybody can come to a door, and why not. */
export interface DoorState {
  listening: boolean;
  fault: Error | null;
}

/** Where a gate stands, kept over a deploy: what a media server asks comes here. */
export interface Door extends Kept {
  readonly memory: GateMemory;
  state(): DoorState;
  onState(listener: () => void): Release;
  /** Decide about everybody from now on. Throws GATE_TAKEN while another does. */
  attach(gate: Rules): Release;
}
