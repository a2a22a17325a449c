import type { SrtPlace } from './srt-address';

/** Which SRT output: the application's one stream, a second output beside it, or one of several (vMix), from 1. */
export type SrtWhich = { as: 'stream' } | { as: 'beside' } | { as: 'output'; output: number };

/** What it is called in events, states and reports. */
export function srtOutputName(which: SrtWhich): string {
  if (which.as === 'output') return `srt${which.output}`;
  return which.as === 'stream' ? 'stream' : 'srt';
}

/** What an application encodes for a second output beside its stream. */
export interface SrtEncoding {
  videoKbps: number;
  audioKbps: number;
  /** seconds between key frames */
  keyframeSeconds: number;
}

export interface SrtWish {
  which: SrtWhich;
  /** null where the application knows it and does not tell (vMix), and nobody wrote it down */
  place: SrtPlace | null;
  /** how long a listener waits for somebody to call */
  waitForCallerMs: number;
  /** how long data must go out before it counts as live */
  confirmMs: number;
  /** for an output beside the stream */
  encoding: SrtEncoding;
  /** a profile of OBS to switch to and back, so that it takes over settings; '' where none is named */
  secondProfile: string;
}

/** What became of an SRT output. Holds no secret. */
export interface SrtReport {
  /** `stream`, `srt` beside it, or `srt1` … where there are several */
  output: string;
  /** armed: everything is set, and a start sends */
  state: 'live' | 'armed' | 'idle' | 'unknown';
  mode: string | null;
  /** `srt://host:port` */
  address: string | null;
  latencyMs: number | null;
  /** ISO 8601; null when it does not run or nobody saw it start */
  startedAt: string | null;
  bitrateKbps: number | null;
  /** who showed that it is so; null: nobody, and `unknown.state` says why */
  confirmedBy: 'application' | null;
  /** a start or an arming that found it so */
  alreadyRunning: boolean;
  /** of a stop: whether anything ran */
  wasRunning?: boolean;
  /** for each figure that is null: why */
  unknown: Record<string, string>;
}

export interface SrtState {
  output: string;
  state: 'idle' | 'starting' | 'live' | 'stopping' | 'unknown';
}

/** SRT out of an application. Every action rejects with a coded error. */
export interface SrtOutputs {
  /** what goes out over SRT now, by name of the output */
  states(): SrtState[];
  /** Start and confirm, or find it running. */
  start(wish: SrtWish): Promise<SrtReport>;
  /** Stop and confirm; it wins over a start that is under way. */
  stop(which: SrtWhich): Promise<SrtReport>;
  /** Set everything, so that a start works while the stream is live. Rejects with CAPABILITY_MISSING where there is nothing to set. */
  arm(wish: SrtWish): Promise<SrtReport>;
  /** Put back what arming set. */
  disarm(): Promise<SrtReport>;
}
