import type { SourceKind, SwitchState } from '../production/switching';
import type { Placed, PlaceLook, SourceReading, SwapAnswer, SwapPlan } from './port';

/** What a switch wants done next. Nothing here is done by the one who says it. */
export type Step =
  | { do: 'tell'; state: SwitchState; previous: SwitchState; detail: string | null }
  /** ends early when something happens that the switch has to look at */
  | { do: 'wait'; ms: number }
  /** wait, prepared, to be taken; `ms` until it wants to look after the source again */
  | { do: 'park'; ms: number }
  | { do: 'look' }
  | { do: 'create'; name: string; kind: SourceKind }
  | { do: 'read'; sources: Placed[] }
  | { do: 'place'; fresh: Placed; old: Placed | null }
  | { do: 'swap'; plan: SwapPlan; ms: number }
  | { do: 'show'; source: Placed; on: boolean }
  | { do: 'mark'; source: Placed; live: boolean }
  | { do: 'remove'; name: string; ms: number }
  | { do: 'reconnect'; ms: number };

/** What comes back for each kind of step. */
export interface Answers {
  tell: undefined;
  wait: undefined;
  park: 'time' | 'taken';
  look: PlaceLook;
  create: Placed;
  read: SourceReading[] | null;
  place: string[];
  swap: SwapAnswer;
  show: undefined;
  mark: undefined;
  remove: 'removed' | 'gone' | 'ghost';
  reconnect: undefined;
}

/** `connected`: whether the application can be asked at that moment; `atMs` is the clock's. */
export type Answer = { atMs: number; connected: boolean } & (
  { ok: true; value: Answers[Step['do']] } | { ok: false; error: Error }
);

/** Part of a switch: says steps, gets their answers, and comes to something. Knows no promise and no clock. */
export type Procedure<T> = Generator<Step, T, Answer>;
