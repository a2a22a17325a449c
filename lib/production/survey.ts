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
  /** whether it goes to the audio bus that goes out; null: nobody knows. Absent where there are no buses (OBS) */
  onMaster?: boolean | null;
  /** its source is missing, and vMix holds its place */
  offline?: boolean;
}

/** What only a vMix tells. What it does not show is null. */
export interface VmixSurvey {
  /** why its TCP port does not answer; null where it does, undefined where none is set */
  tcpFault: string | null | undefined;
  /** how many streams it can send */
  channels: number;
  streams: { output: string; live: boolean | null }[];
  /** other outputs: external, multicorder, and the SRT of each */
  outputs: { output: string; on: boolean | null }[];
  fadeToBlack: boolean | null;
  /** null: nothing is on air */
  onAir: InputSurvey | null;
  master: { muted: boolean | null; volumeDb: number | null } | null;
  /** the input that a person means by a key, number or title; how many fit where it is not one */
  find(name: string): { input: InputSurvey } | { input: null; fits: number };
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
  /** how a stream target is sent; absent for the application's own setting */
  protocol?: 'rtmp' | 'srt' | 'whip';
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
  /** for each thing that is null: why. `profile`, `collection`, `destination`, `scenes`, `inputs`, `folder`, `disk`, `bitrate` */
  unknown: Record<string, string>;
  /** only of vMix */
  vmix?: VmixSurvey;
}
