import type { Entry } from '../entry';
import type { VerifyReport } from '../verify';

/** What the report reads of an entry. */
export type ReportEntry = Pick<Entry, 'seq' | 't' | 'type' | 'src' | 'data'>;

export interface ReportOptions {
  /** headline; default: the log's own name */
  title?: string;
  /** IANA name, for the local times; default: that of this computer */
  timeZone?: string;
  /** ISO 8601 or ms: only what was going on in this time is shown; default: see `period` */
  from?: string | number;
  to?: string | number;
  /** without `from` and `to`: the last show with half an hour around it, or all of the log; default `last-show`. What is three hours apart is two shows */
  period?: 'all' | 'last-show';
  /** when the report is made, ms; default: not said */
  now?: number;
}

/** A moment as the log tells it. */
export interface Moment {
  /** ISO 8601 UTC; null: not recorded */
  at: string | null;
  /** why it is not known; null where it is */
  reason: string | null;
  /** where it is not known: it was not before this, and not after that */
  notBefore: string | null;
  notAfter: string | null;
}

/**
 * Who did it. `flow`: a recorded action node; `other`: no recorded node, so somebody in the application itself or a node that is not
 * recorded; `nobody`: it happened by itself; `unknown`: the log does not tell.
 */
export interface By {
  who: 'flow' | 'other' | 'nobody' | 'unknown';
  /** the action: `start-stream` … */
  action: string | null;
  /** name of the witness node that recorded it */
  recordedBy: string | null;
  /** `user` or `operator` of the message, where that is recorded */
  person: string | null;
}

/** A time in which nobody knows what went on. */
export interface UnknownSpan {
  /** `connection`: the application could not be asked · `record`: nothing was recorded · `lost`: entries could not be written */
  kind: 'connection' | 'record' | 'lost';
  /** whose; null: everything */
  connection: string | null;
  begin: Moment;
  end: Moment;
  /** ms; null: unknown */
  durationMs: number | null;
  sentence: string;
}

/** Something that ran from a begin to an end. */
export interface Session {
  /** which connection, as people call it; two of one name are told apart */
  connection: string;
  /** `stream`, `recording`, `virtualcam` or the application's own name */
  output: string;
  begin: Moment;
  end: Moment;
  /** ms from begin to end; null where one of them is not known */
  durationMs: number | null;
  startedBy: By;
  stoppedBy: By;
  /** false: it ended by itself; null: nobody knows */
  endExpected: boolean | null;
  /** ms of it in which nobody knows whether it ran */
  unknownMs: number;
  /** numbers of the entries that tell of it */
  entries: number[];
}

export interface StreamSession extends Session {
  target: string | null;
  service: string | null;
  /** address without its key */
  server: string | null;
  /** when it had held long enough to count as live */
  confirmedAt: string | null;
  /** figures the application gave at the end; each null where it gave none */
  sizeBytes: number | null;
  totalFrames: number | null;
  droppedFrames: number | null;
  averageBitrateKbps: number | null;
  interruptions: Interruption[];
  /** ms of it without server; null where an interruption's end is not known, or its application told nothing of its streams */
  interruptedMs: number | null;
}

/** The server was lost while live. */
export interface Interruption {
  connection: string;
  output: string;
  begin: Moment;
  end: Moment;
  durationMs: number | null;
  /** it came back; false: the stream ended with it; null: the log does not tell */
  cameBack: boolean | null;
}

export interface WrittenFile {
  kind: 'recording' | 'replay';
  connection: string;
  path: string;
  format: string | null;
  /** whether the application closed it; null: nobody saw */
  finished: boolean | null;
  at: string | null;
  /** as the application told, pauses left out; null where it told none, or one figure for several files */
  durationMs: number | null;
  sizeBytes: number | null;
  /** why a figure is null; null where both are there */
  reason: string | null;
}

export interface RecordingSession extends Session {
  pauses: { begin: Moment; end: Moment; durationMs: number | null }[];
  pausedMs: number | null;
  /** what the application says was recorded, pauses left out; all files together */
  recordedMs: number | null;
  sizeBytes: number | null;
  files: WrittenFile[];
}

export interface IncidentLine {
  connection: string;
  id: string;
  cause: string;
  subject: string | null;
  worst: string;
  begin: Moment;
  end: Moment;
  durationMs: number | null;
  /** it was not told as over before the record ends */
  open: boolean;
  acknowledged: boolean;
  /** what was wrong, one sentence */
  sentence: string;
  detail: string | null;
}

export interface SceneSpan {
  connection: string;
  scene: string;
  begin: Moment;
  end: Moment;
  /** known part only */
  durationMs: number | null;
  by: By;
}

export interface SceneTotal {
  connection: string;
  scene: string;
  times: number;
  /** ms in the program, as far as it is known */
  programMs: number;
  /** ms of these while a stream of the same connection was live */
  liveMs: number;
  /** more of it may have been while nobody knew */
  atLeast: boolean;
}

export interface Act {
  at: string;
  connection: string;
  output: string | null;
  /** the event that shows it; null where nothing changed by it */
  event: string | null;
  /** what was done, in plain words */
  what: string;
  /** the scene or file it was about */
  detail: string | null;
  by: By;
  tookMs: number | null;
  seq: number;
}

export interface StopAll {
  at: string;
  connection: string;
  by: By;
  tookMs: number | null;
  outputs: { name: string; was: string; state: string; path: string | null; error: string | null }[];
}

export interface Failure {
  at: string;
  connection: string;
  event: string;
  sentence: string;
}

/** The evening in figures. A sum has what is known; what is not is counted beside it. */
export interface Summary {
  /** ms with at least one stream live */
  liveMs: number;
  recordedMs: number;
  /** streams and recordings of which begin or end is not recorded */
  openEnds: number;
  /** null: none is recorded, and an application that was live did not tell of its streams, so that nobody knows */
  interruptions: number | null;
  interruptedMs: number;
  /** interruptions without a known duration */
  interruptionsUnknown: number;
  incidents: number;
  incidentsOpen: number;
  failures: number;
  files: number;
  sceneChanges: number;
  /** ms of the whole time in which something could not be known */
  unknownMs: number;
  actsByFlow: number;
  actsByOthers: number;
}

export interface ShowReport {
  title: string;
  log: { origin: string | null; name: string | null };
  /** the time the report is about, ISO 8601 UTC; null: there is no entry */
  from: string | null;
  to: string | null;
  timeZone: string;
  madeAt: string | null;
  summary: Summary;
  streams: StreamSession[];
  recordings: RecordingSession[];
  outputs: Session[];
  files: WrittenFile[];
  interruptions: Interruption[];
  incidents: IncidentLine[];
  scenes: { timeline: SceneSpan[]; totals: SceneTotal[] };
  acts: Act[];
  stopAlls: StopAll[];
  failures: Failure[];
  unknown: UnknownSpan[];
  /** what a reader should know of the record itself, one sentence each */
  notes: string[];
  /** entries of each type in this time, the log's own too */
  counts: Record<string, number>;
  entries: number;
  verification: VerifyReport;
  /** only where a frame store was asked */
  pictures?: ReportPictures;
}

/** A picture of the show that a frame store has kept. */
export interface ReportPicture {
  id: string;
  stream: string;
  /** ISO 8601 UTC */
  at: string;
  /** of the whole picture, hexadecimal */
  sha256: string;
  /** why it is not shown; null where it is, and its hash is right */
  fault: string | null;
}

export interface ReportPictures {
  /** in the order of time */
  pictures: ReportPicture[];
  /** what a reader should know, one sentence each */
  notes: string[];
}
