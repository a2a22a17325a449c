import type { Address } from './address';
import type { RecordState, StreamState } from './vocabulary';

/** An input as a check before the show sees it. */
export interface InputSurvey {
  name: string;
  kind: string;
  /** whether it can sound at all */
  audio: boolean | null;
  muted: boolean | null;
  /** -100 is silence */
  volumeDb: number | null;
  /** whether it is on air now */
  active: boolean | null;
  /** only heard by the person at the machine */
  monitorOnly: boolean | null;
  /** the audio tracks it is on, from 1 */
  tracks: number[] | null;
}

/** Whether a stream key is missed: `always` by services that take none without, `usually` by an RTMP server. */
export type KeyNeed = 'always' | 'usually' | 'never';

/** Where a stream is to go, without any secret. */
export interface Destination {
  service: string | null;
  /** without any key */
  server: string | null;
  keySet: boolean | null;
  keyNeed: KeyNeed;
  /** where it connects to, to knock at; null where the service chooses by itself or nothing is set */
  address: Address | null;
  /** why there is no address */
  noAddress: string | null;
  /** what is wrong with it in itself, in words; null when nothing is */
  fault: string | null;
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
    /** as set in the application; null when it could not be read */
    destination: Destination | null;
    bandwidthTest: boolean | null;
    /** video and audio, as the encoders are set */
    bitrateKbps: number | null;
    /** the audio track that goes out */
    audioTrack: number | null;
  };
  recording: {
    state: RecordState;
    /** on the application's own machine */
    folder: string | null;
    /** on the disk of that folder; OBS says 0 where the folder does not exist */
    freeDiskMegabytes: number | null;
    bitrateKbps: number | null;
  };
  scenes: string[] | null;
  program: string | null;
  /** names of everything that scenes are made of */
  sources: string[] | null;
  inputs: InputSurvey[] | null;
  /** whether the application runs on this very machine */
  here: boolean;
  /** for each thing that is null: why */
  unknown: Record<string, string>;
}
