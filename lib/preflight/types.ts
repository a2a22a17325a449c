import type { Knock } from '../connection/knock';
import type { TimeReading } from '../connection/time-server';
import type { ConnectionState } from '../production/application';
import type { PictureReading } from '../production/health';
import type { Destination, Survey } from '../production/survey';
import type { ProgramReading } from '../programs';

export type CheckResult = 'ok' | 'warning' | 'failed' | 'unknown';

export type CheckId =
  | 'connection'
  | 'rehearsal'
  | 'profile'
  | 'collection'
  | 'target'
  | 'key'
  | 'bandwidthTest'
  | 'server'
  | 'tcp'
  | 'live'
  | 'recording'
  | 'outputs'
  | 'folder'
  | 'disk'
  | 'scenes'
  | 'sources'
  | 'sound'
  | 'master'
  | 'picture'
  | 'ffmpeg'
  | 'clock';

/** One thing looked at: what is, and what to do about it. */
export interface Check {
  id: CheckId;
  result: CheckResult;
  /** what is */
  message: string;
  /** what to do next; null when nothing has to be done */
  advice: string | null;
}

/** What somebody ticks in the dialog. What is named there (scenes, sources, a profile …) is looked at besides. */
export const TICKS = [
  'target',
  'server',
  'live',
  'folder',
  'disk',
  'sound',
  'picture',
  'rehearsal',
  'ffmpeg',
  'clock',
] as const;
export type Tick = (typeof TICKS)[number];

/** What ready means for this show. */
export interface Expectations {
  ticks: ReadonlySet<Tick>;
  /** null: whatever the application is set to */
  destination: { name: string; destination: Destination } | null;
  profile: string | null;
  collection: string | null;
  scenes: readonly string[];
  sources: readonly string[];
  /** inputs that must sound */
  inputs: readonly string[];
  diskWarnGigabytes: number;
  diskFailGigabytes: number;
  timeServer: string | null;
  /** null: as PATH finds it */
  ffmpegPath: string | null;
  /** what cannot be known counts as failed */
  unknownFails: boolean;
}

/** Something that was asked for: what came, or why nothing did. */
export type Told<T> = { value: T; reason: null } | { value: null; reason: string };

/** Everything found out for one answer. What was not asked for is null. */
export interface Facts {
  application: {
    /** as people call it: OBS */
    kind: string;
    name: string;
    simulated: boolean;
    state: ConnectionState;
    /** why it is not connected, in a sentence that says what to do */
    fault: string | null;
  };
  survey: Told<Survey>;
  picture: Told<PictureReading> | null;
  server: Knock | null;
  ffmpeg: ProgramReading | null;
  clock: {
    /** milliseconds since 1970 by the machine's clock */
    wallMs: number;
    /** how far it was set forward since this process began */
    jumpedMs: number;
    /** null: no time server is named */
    timeServer: TimeReading | null;
  } | null;
}

export interface Preflight {
  ready: boolean;
  checks: Check[];
}
