import type { RecordState, StreamState } from './vocabulary';

/** An input as a check before the show sees it. */
export interface InputSurvey {
  name: string;
  kind: string;
  /** whether it can sound at all */
  audio: boolean;
  muted: boolean | null;
  volumeDb: number | null;
  /** whether it is on air now */
  active: boolean | null;
  /** false: only monitored, or on none of the tracks that go out; null: not known */
  goesOut: boolean | null;
}

/** Everything a check before the show wants to know, read at once. What could not be read is null, with its reason in `unknown`. */
export interface Survey {
  where: string;
  version: string | null;
  simulated: boolean;
  profile: string | null;
  collection: string | null;
  stream: {
    state: StreamState;
    service: string | null;
    /** without any key */
    server: string | null;
    keySet: boolean | null;
    bandwidthTest: boolean | null;
    /** where it connects to, to knock at; null where the application chooses by itself or nothing is set */
    address: { host: string; port: number; transport: 'tcp' | 'udp' } | null;
  };
  recording: {
    state: RecordState;
    /** on the application's own machine */
    folder: string | null;
    freeDiskMegabytes: number | null;
  };
  scenes: string[] | null;
  program: string | null;
  inputs: InputSurvey[] | null;
  /** whether the application runs on this very machine: then its folders can be looked at */
  here: boolean;
  unknown: Record<string, string>;
}
