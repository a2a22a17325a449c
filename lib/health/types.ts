import type { ProgramReading, StatisticsReading, WatchId } from '../production/health';

export { WATCHES, type WatchId } from '../production/health';

/** What can be wrong. */
export const RULES = [
  'reconnecting',
  'flapping',
  'unexpectedStop',
  'startFailed',
  'notReceived',
  'received',
  'noData',
  'bitrate',
  'dropped',
  'congestion',
  'keyframes',
  'resolution',
  'recordingStopped',
  'recordingStalled',
  'srtStopped',
  'outputStopped',
  'skipped',
  'missed',
  'fps',
  'cpu',
  'disk',
  'unreachable',
  'restarted',
  'black',
  'frozen',
  'fadedOut',
  'silent',
  'muted',
  'clipped',
  'offline',
  'callDropped',
  'mediaStalled',
  'mediaEnded',
  'mediaMissing',
] as const;
export type RuleId = (typeof RULES)[number];

export const PRESETS = ['careful', 'standard', 'quiet', 'plain'] as const;
export type PresetId = (typeof PRESETS)[number];

/** ok, degraded and critical are known; unknown is none of them. */
export type Verdict = 'ok' | 'degraded' | 'critical' | 'unknown';
/** How bad an incident is. `unknown`: the application cannot be asked while it was live. */
export type Severity = 'degraded' | 'critical' | 'unknown';
/** What lies behind: one cause has one incident at a time (for media: one for each input, for outputs one for each). */
export type Cause =
  | 'stream'
  | 'receiver'
  | 'recording'
  | 'output'
  | 'computer'
  | 'disk'
  | 'connection'
  | 'picture'
  | 'sound'
  | 'program'
  | 'media';

/**
 * When a rule speaks and when it is content again. Levels are in the unit of the rule; null: that level is off. A rule
 * that knows only yes and no (reconnecting, frozen, unreachable ...) has 0 for a level that is on.
 */
export interface RuleSetting {
  warn: number | null;
  critical: number | null;
  /** how long a level must hold before it counts */
  warnForMs: number;
  criticalForMs: number;
  /** the level it has to come back over (or under), and for how long */
  clear: number | null;
  clearMs: number;
  /** bitrate in kbps and fps as they are, instead of in percent of what they should be; set by the preset alone */
  absolute?: boolean;
}

export interface HealthOptions {
  preset: PresetId;
  watch: readonly WatchId[];
  /** what differs from the preset */
  overrides: Partial<Record<RuleId, Partial<RuleSetting>>>;
  /** watch always, or only while it is live or recording */
  when: 'show' | 'always';
  /** a reminder of an open incident after this long, again and again; 0: none */
  reminderMs: number;
  /** what the bitrate should be; null: what the encoder is set to, else the median of the first 30 s */
  bitrateKbps: number | null;
  /** media inputs by name */
  media: readonly string[];
  /** an unchanged picture is no fault while somebody can be heard */
  frozenNeedsSilence: boolean;
  /** what the sentences call the application or its connection: "OBS", "OBS Studio 2"; default: the application */
  place?: string;
  /** how the operator's clock reads; local time by default */
  clockText?: (atMs: number) => string;
}

/** One rule as it stands. `subject` is the stream's output or the media input, null where there is only one. */
export interface RuleReport {
  rule: RuleId;
  subject: string | null;
  verdict: Verdict;
  value: number | null;
  unit: string | null;
  /** the level that was passed; null when none was */
  threshold: number | null;
  /** since when, ISO 8601; null when it is content */
  since: string | null;
  /** why the verdict is unknown */
  reason: string | null;
}

export interface IncidentReport {
  id: string;
  cause: Cause;
  subject: string | null;
  /** how bad it is now; of one that is over, the worst it was */
  severity: Severity;
  /** the worst it has been */
  worst: Severity;
  since: string;
  /** since when all was well again, which is the clear time before it is told */
  until: string | null;
  /** from `since` to `until`, or to now */
  durationMs: number;
  acknowledged: boolean;
  rules: RuleReport[];
  /** one sentence: what is wrong */
  title: string;
}

/** What output 1 tells. */
export interface HealthAlert extends IncidentReport {
  change: 'opened' | 'worsened' | 'reminder' | 'recovered';
  /** ISO 8601 */
  at: string;
  verdict: Verdict;
  score: number | null;
  /** how bad, in a sentence with figures */
  detail: string;
  /** what to try first */
  advice: string;
  /** a line for a subject, and the whole text, in plain words and local time */
  subjectLine: string;
  text: string;
}

/** What is measured now; windows, not totals. */
export interface Metrics {
  streams: {
    output: string;
    state: string;
    bitrateKbps: number | null;
    baselineKbps: number | null;
    droppedPercent: number | null;
    congestion: number | null;
  }[];
  /** what the media server gets, and what part of what is sent that is */
  receivedKbps: number | null;
  receivedPercent: number | null;
  /** how far the recording is; null while none runs */
  recordingMs: number | null;
  skippedPercent: number | null;
  missedPercent: number | null;
  fps: StatisticsReading['fps'];
  targetFps: number | null;
  cpuPercent: number | null;
  memoryMegabytes: number | null;
  freeDiskMegabytes: number | null;
  /** how much of the picture is dark, and since when it has not changed */
  darkPercent: number | null;
  unchangedMs: number | null;
  peakDb: number | null;
  clippedPercent: number | null;
  media: { name: string; state: string; cursorMs: number | null }[];
}

/** What output 2 tells, and the answer to `current`. */
export interface HealthReport {
  verdict: Verdict;
  /** 0 to 100; null when the verdict is unknown */
  score: number | null;
  /** ISO 8601 of the reading; null before the first */
  at: string | null;
  /** what stands behind an unknown verdict, and each figure that is null: why */
  unknown: Record<string, string>;
  metrics: Metrics;
  /** outputs beside streams and recording, where the application tells of them */
  outputs: { output: string; running: boolean | null }[];
  /** what the application says of its program; null where it does not */
  onProgram: ProgramReading | null;
  rules: RuleReport[];
  incidents: IncidentReport[];
}

/** The answer to `history`: the last hour. */
export interface HealthHistory {
  since: string;
  samples: { at: string; verdict: Verdict; score: number | null; metrics: Metrics }[];
  incidents: IncidentReport[];
}

/** The answer to `status`: what is watched and how. */
export interface HealthStatus {
  watching: WatchId[];
  preset: PresetId;
  /** readings so far, and the time between the last two */
  readings: number;
  lastReadingAt: string | null;
  intervalMs: number | null;
  /** no alert before this time; null: none is held back */
  snoozedUntil: string | null;
  incidents: IncidentReport[];
}
