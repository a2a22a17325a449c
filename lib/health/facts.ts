import type { Cause, RuleId, RuleSetting, WatchId } from './types';

/**
 * How a value is held against a level. `state`: yes or no, its value is how long in ms. `below`: bad when under the
 * level, and so on.
 */
export type RuleKind = 'state' | 'above' | 'atLeast' | 'below';

export interface RuleFacts {
  cause: Cause;
  /** what has to be ticked for it; null: always watched */
  watch: WatchId | null;
  kind: RuleKind;
  unit: string;
  /** unit of a rule whose setting is `absolute` */
  absoluteUnit?: string;
  /** a figure that can show that its cause is well; the others can only show that it is not */
  evidence: boolean;
  /** its name in the dialog and in errors */
  label: string;
}

const fact = (
  cause: Cause,
  watch: WatchId | null,
  kind: RuleKind,
  unit: string,
  label: string,
  evidence = true,
): RuleFacts => ({ cause, watch, kind, unit, evidence, label });

/** What each rule is about, and how its value is read. */
export const RULE_FACTS: Record<RuleId, RuleFacts> = {
  reconnecting: fact('stream', 'stream', 'state', 'ms', 'reconnecting', false),
  flapping: fact('stream', 'stream', 'atLeast', 'per minute', 'lost again and again', false),
  unexpectedStop: fact('stream', 'stream', 'state', 'ms', 'stopped unasked', false),
  startFailed: fact('stream', 'stream', 'state', 'ms', 'start failed', false),
  noData: fact('stream', 'stream', 'state', 'ms', 'no data'),
  bitrate: { ...fact('stream', 'stream', 'below', '%', 'bitrate'), absoluteUnit: 'kbps' },
  dropped: fact('stream', 'stream', 'above', '%', 'dropped frames'),
  congestion: fact('stream', 'stream', 'above', 'of 1', 'congestion'),
  keyframes: fact('stream', 'coding', 'above', 's', 'key frame distance', false),
  resolution: fact('stream', 'coding', 'state', 'ms', 'picture size changed', false),
  notReceived: fact('receiver', 'receiver', 'state', 'ms', 'not received'),
  received: { ...fact('receiver', 'receiver', 'below', '%', 'received bitrate'), absoluteUnit: 'kbps' },
  recordingStopped: fact('recording', 'recording', 'state', 'ms', 'recording stopped unasked', false),
  recordingStalled: fact('recording', 'recording', 'state', 'ms', 'recording stalled'),
  srtStopped: fact('output', 'outputs', 'state', 'ms', 'SRT output lost', false),
  outputStopped: fact('output', 'outputs', 'state', 'ms', 'output stopped unasked', false),
  skipped: fact('computer', 'computer', 'above', '%', 'skipped frames'),
  missed: fact('computer', 'computer', 'above', '%', 'missed frames'),
  fps: { ...fact('computer', 'computer', 'below', '%', 'frame rate'), absoluteUnit: 'fps' },
  cpu: fact('computer', 'computer', 'above', '%', 'processor'),
  disk: fact('disk', 'disk', 'below', 'MB', 'free disk'),
  unreachable: fact('connection', null, 'state', 'ms', 'does not answer', false),
  restarted: fact('connection', null, 'state', 'ms', 'restarted in the show', false),
  black: fact('picture', 'black', 'atLeast', '%', 'black picture'),
  frozen: fact('picture', 'frozen', 'state', 'ms', 'frozen picture'),
  fadedOut: fact('picture', 'faded', 'state', 'ms', 'faded to black', false),
  silent: fact('sound', 'silent', 'below', 'dB', 'silence'),
  muted: fact('sound', 'muted', 'state', 'ms', 'master muted', false),
  clipped: fact('sound', 'clipped', 'above', '%', 'clipped sound'),
  offline: fact('program', 'offline', 'state', 'ms', 'source offline', false),
  callDropped: fact('program', 'offline', 'state', 'ms', 'caller gone', false),
  mediaStalled: fact('media', 'media', 'state', 'ms', 'media stalled'),
  mediaEnded: fact('media', 'media', 'state', 'ms', 'media ended', false),
  mediaMissing: fact('media', 'media', 'state', 'ms', 'media missing', false),
};

/** The unit of a rule's value and levels under this setting. */
export function unitOf(rule: RuleId, setting: RuleSetting): string {
  const { unit, absoluteUnit } = RULE_FACTS[rule];
  return (setting.absolute && absoluteUnit) || unit;
}

/** Two readings further apart than this have nothing to do with each other, in ms: an application is read every 10 s at least. */
export const GAP_MS = 15_000;
/** Figures mean nothing this long after a start, a reconnect, or the first answer of an application, in ms. */
export const GRACE_MS = 10_000;
