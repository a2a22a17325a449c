import type { Backoff } from '../connection/backoff';
import type { VmixChange } from './changes';
import type { HttpTimings, StateAnswer } from './http';
import type { VmixState } from './state-types';
import type { TcpTimings } from './tcp-session';

export interface VmixClientOptions {
  host: string;
  /** of the web controller */
  port: number;
  /** null: no TCP port, news comes with the polls */
  tcpPort: number | null;
  user?: string;
  password?: string;
  /** finds both ports anew for each attempt, where they are not known beforehand (a rehearsal's simulator) */
  locate?: () => Promise<{ host: string; port: number; tcpPort: number }>;
  /** how people are told of the address; host and port by default */
  where?: string;
  /** default 2000, at least 500 */
  pollMs?: number;
  /** functions that run code on the vMix machine may be called; default false */
  allowScripts?: boolean;
  timings?: { http?: Partial<HttpTimings>; tcp?: Partial<TcpTimings> };
  backoff?: () => Backoff;
  /** called once per change of state, never once per attempt */
  log?: (level: 'info' | 'warn', text: string) => void;
}

/** A state that was read, and what led to it. */
export interface StateNews {
  state: VmixState;
  previous: VmixState | null;
  changes: readonly VmixChange[];
  /** another run of vMix than before */
  restarted: boolean;
  answer: StateAnswer;
}
