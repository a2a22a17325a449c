import type { PresetId, RuleId, RuleSetting } from './types';

const SECOND = 1_000;

/** A rule with levels: [warn, critical], [their `for` in seconds], [clear level, clear time in seconds]. */
function levels(
  [warn, critical]: [number | null, number | null],
  [warnFor, criticalFor]: [number, number],
  [clear, clearFor]: [number | null, number],
): RuleSetting {
  return {
    warn,
    critical,
    warnForMs: warnFor * SECOND,
    criticalForMs: criticalFor * SECOND,
    clear,
    clearMs: clearFor * SECOND,
  };
}

/** A rule that knows only yes and no: degraded and critical after so many seconds (null: never), clear after so many. */
const state = (warnAfter: number | null, criticalAfter: number | null, clearAfter: number): RuleSetting =>
  levels(
    [warnAfter === null ? null : 0, criticalAfter === null ? null : 0],
    [warnAfter ?? 0, criticalAfter ?? 0],
    [0, clearAfter],
  );

const off = levels([null, null], [0, 0], [null, 0]);
const absolute = (setting: RuleSetting): RuleSetting => ({ ...setting, absolute: true });

/**
 * Three losses in a minute are a storm, which is one fault: a stream counts as back only when it has held for longer
 * than lies between those.
 */
const HELD_AGAIN_S = 20;

/**
 * The usual one: OBS's own levels for dropped, skipped and missed frames, frame rate and disk, those of its status bar
 * for congestion, held so long that a passing cloud is not told.
 */
const standard: Record<RuleId, RuleSetting> = {
  reconnecting: state(null, 3, HELD_AGAIN_S),
  flapping: levels([null, 3], [0, 0], [0, 0]),
  unexpectedStop: state(null, 0, 5),
  startFailed: state(null, 0, 5),
  notReceived: state(null, 5, 5),
  received: levels([80, 50], [15, 10], [90, 15]),
  noData: state(null, 5, 5),
  bitrate: levels([70, 40], [10, 5], [80, 15]),
  dropped: levels([1, 5], [10, 5], [0.5, 15]),
  congestion: levels([0.33, 0.67], [10, 10], [0.2, 15]),
  // 2 s is what services ask for and 4 s what they take at most; the default of OBS is 8.3 s
  keyframes: levels([4.2, null], [0, 0], [4.2, 10]),
  resolution: state(0, null, 3),
  recordingStopped: state(null, 0, 5),
  recordingStalled: state(null, 5, 5),
  srtStopped: state(null, 0, 5),
  outputStopped: state(0, null, 5),
  skipped: levels([1, 5], [10, 5], [0.5, 15]),
  missed: levels([1, 5], [10, 5], [0.5, 15]),
  fps: levels([95, 80], [10, 10], [97, 15]),
  cpu: levels([80, 95], [30, 30], [75, 15]),
  disk: levels([5_000, 1_000], [0, 0], [5_500, 10]),
  unreachable: state(10, 30, 5),
  restarted: state(null, 0, 5),
  black: levels([null, 98], [0, 5], [95, 3]),
  frozen: state(null, 10, 5),
  fadedOut: state(10, 60, 3),
  silent: levels([null, -50], [0, 10], [-45, 3]),
  muted: state(5, 20, 3),
  clipped: levels([5, 25], [3, 5], [1, 10]),
  offline: state(null, 3, 3),
  callDropped: state(3, 15, 3),
  mediaStalled: state(5, 15, 3),
  mediaEnded: state(5, null, 3),
  mediaMissing: state(null, 5, 3),
};

/** For a show where a second matters: speaks earlier, and needs longer to be content. */
const careful: Record<RuleId, RuleSetting> = {
  ...standard,
  reconnecting: state(null, 1, HELD_AGAIN_S),
  flapping: levels([null, 2], [0, 0], [0, 0]),
  received: levels([85, 60], [10, 10], [92, 20]),
  noData: state(null, 3, 5),
  bitrate: levels([70, 45], [8, 5], [85, 20]),
  dropped: levels([1, 3], [6, 5], [0.3, 20]),
  congestion: levels([0.25, 0.5], [8, 5], [0.15, 20]),
  keyframes: levels([2.2, 10], [0, 0], [2.2, 10]),
  recordingStalled: state(null, 3, 5),
  skipped: levels([1, 3], [6, 5], [0.3, 20]),
  missed: levels([1, 3], [6, 5], [0.3, 20]),
  fps: levels([97, 90], [5, 5], [98, 20]),
  cpu: levels([70, 85], [20, 15], [65, 20]),
  disk: levels([20_000, 5_000], [0, 0], [22_000, 10]),
  unreachable: state(5, 20, 5),
  black: levels([null, 98], [0, 3], [95, 3]),
  frozen: state(null, 6, 5),
  fadedOut: state(5, 30, 3),
  silent: levels([null, -50], [0, 8], [-45, 3]),
  muted: state(3, 10, 3),
  clipped: levels([2, 10], [3, 3], [0.5, 10]),
  offline: state(null, 1, 3),
  callDropped: state(1, 8, 3),
  mediaStalled: state(3, 8, 3),
  mediaEnded: state(3, null, 3),
  mediaMissing: state(null, 3, 3),
};

/** Only what viewers notice, and only when it stays. */
const quiet: Record<RuleId, RuleSetting> = {
  ...standard,
  reconnecting: state(null, 8, HELD_AGAIN_S),
  flapping: levels([null, 4], [0, 0], [0, 0]),
  notReceived: state(null, 10, 5),
  received: levels([null, 40], [0, 20], [70, 15]),
  noData: state(null, 10, 5),
  bitrate: levels([null, 35], [0, 15], [60, 15]),
  dropped: levels([5, 10], [20, 15], [2, 15]),
  congestion: levels([null, 0.8], [0, 30], [0.5, 15]),
  keyframes: levels([10, null], [0, 0], [10, 10]),
  recordingStalled: state(null, 10, 5),
  skipped: levels([5, 10], [20, 15], [2, 15]),
  missed: levels([5, 10], [20, 15], [2, 15]),
  fps: levels([80, 60], [20, 15], [90, 15]),
  cpu: off,
  disk: levels([2_000, 500], [0, 0], [2_200, 10]),
  unreachable: state(20, 30, 5),
  black: levels([null, 98], [0, 10], [95, 3]),
  frozen: state(null, 20, 5),
  fadedOut: state(30, 120, 3),
  silent: levels([null, -55], [0, 20], [-50, 3]),
  muted: state(null, 20, 3),
  clipped: levels([15, null], [10, 0], [5, 10]),
  offline: state(null, 8, 3),
  callDropped: state(null, 15, 3),
  mediaStalled: state(null, 15, 3),
  mediaEnded: state(15, null, 3),
  mediaMissing: state(null, 10, 3),
};

/** The plain thresholds many scripts use: dropped over 1 %, CPU over 80 %, congestion over 0.5, under 1000 kbps, 1000 MB, 25 fps. */
const plain: Record<RuleId, RuleSetting> = {
  ...standard,
  bitrate: absolute(levels([1_000, null], [10, 0], [1_000, 15])),
  dropped: levels([1, null], [10, 0], [1, 15]),
  congestion: levels([0.5, null], [10, 0], [0.5, 15]),
  skipped: levels([1, null], [10, 0], [1, 15]),
  missed: off,
  fps: absolute(levels([null, 25], [0, 10], [25, 15])),
  cpu: levels([80, null], [30, 0], [80, 15]),
  disk: levels([null, 1_000], [0, 0], [1_100, 10]),
};

/** Every rule of every preset: levels in the unit of the rule, times in milliseconds. The dialog's table is built from it. */
export const PRESET_SETTINGS: Record<PresetId, Record<RuleId, RuleSetting>> = {
  careful,
  standard,
  quiet,
  plain,
};
