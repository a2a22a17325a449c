import type { RuleState } from './judge';
import type { Cause, RuleId } from './types';

/**
 * What a firing rule takes from the 100 points of a healthy show: as much as viewers lose by it. 100: there is no show;
 * 60 and more: everybody sees or hears it; 30 to 50: many do, or soon will; 20: a warning sign. Of one cause only the
 * heaviest rule counts, and at the warning level it takes half.
 */
export const SCORE_WEIGHTS: Record<RuleId, number> = {
  unreachable: 100,
  restarted: 100,
  unexpectedStop: 100,
  startFailed: 100,
  noData: 90,
  reconnecting: 80,
  flapping: 80,
  srtStopped: 80,
  recordingStopped: 70,
  recordingStalled: 60,
  notReceived: 90,
  received: 60,
  bitrate: 60,
  dropped: 50,
  congestion: 30,
  resolution: 30,
  keyframes: 20,
  skipped: 50,
  fps: 50,
  outputStopped: 40,
  missed: 40,
  cpu: 20,
  disk: 40,
  black: 60,
  frozen: 50,
  silent: 60,
  fadedOut: 60,
  muted: 60,
  offline: 50,
  callDropped: 40,
  clipped: 20,
  mediaMissing: 40,
  mediaStalled: 30,
  mediaEnded: 20,
};

const CAUSES: readonly Cause[] = [
  'stream',
  'receiver',
  'recording',
  'output',
  'computer',
  'disk',
  'connection',
  'picture',
  'sound',
  'program',
  'media',
];

/** 0 to 100 from the rules that speak now. */
export function scoreOf(rules: readonly RuleState[]): number {
  // most of the time none does, and this is asked with every reading
  let speaks = false;
  for (const { level } of rules) if (level > 0) speaks = true;
  if (!speaks) return 100;
  let score = 100;
  for (const cause of CAUSES) score -= heaviest(rules, cause);
  return Math.max(0, score);
}

function heaviest(rules: readonly RuleState[], cause: Cause): number {
  let most = 0;
  for (const { level, rule, facts } of rules) {
    if (level === 0 || facts.cause !== cause) continue;
    const weight = level === 2 ? SCORE_WEIGHTS[rule] : SCORE_WEIGHTS[rule] / 2;
    if (weight > most) most = weight;
  }
  return most;
}
