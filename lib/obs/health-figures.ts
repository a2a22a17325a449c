import type { RecordingReading, StatisticsReading, StreamReading } from '../production/health';
import type { HealthSettings } from './health-settings';
import type { RequestData } from './session';
import { uncounted } from './stream-report';
import type { StreamTracker } from './stream-tracker';
import { number } from './values';

/** Below this a disk can become full between two readings. */
const NEARLY_FULL_MB = 1_000;

/** A reading and, for each figure of it that is null, why. */
export interface Figures<T> {
  figures: T;
  unknown: Record<string, string>;
}

/** The one stream of an OBS from its GetStreamStatus; null where there was no answer. */
export function streamReading(
  tracker: StreamTracker,
  settings: HealthSettings,
  status: RequestData | null,
  missing: string,
): StreamReading {
  const { machine, info } = tracker;
  const unknown: Record<string, string> = {};
  const runs = machine.state !== 'idle' && machine.state !== 'unknown';
  const drops = uncounted(info);
  const figure = (name: string, value: unknown, uncountedBecause: string | null = null) => {
    const known = number(value);
    const reason = !status
      ? missing
      : !runs
        ? 'nothing is streamed'
        : (uncountedBecause ?? (known === null ? 'OBS gave no number' : null));
    if (reason === null) return known;
    unknown[name] = reason;
    return null;
  };
  const target = settings.target(info);
  if (target.reason !== null) unknown.targetKbps = target.reason;
  return {
    output: 'stream',
    state: machine.state,
    liveSinceMs: machine.liveSinceMs,
    delayMs: settings.delayMs ?? machine.delayMs,
    reconnects: machine.reconnects,
    lastEnd: machine.lastEnd,
    bytes: figure('bytes', status?.outputBytes),
    frames: figure('frames', status?.outputTotalFrames),
    droppedFrames: figure('droppedFrames', status?.outputSkippedFrames, drops),
    congestion: figure('congestion', status?.outputCongestion, drops),
    targetKbps: target.kbps,
    unknown,
  };
}

/** The recording of an OBS from its GetRecordStatus; null where it was not asked, for the reason `missing`. */
export function recordingReading(
  lastEnd: RecordingReading['lastEnd'],
  status: RequestData | null,
  missing: string,
): RecordingReading {
  const durationMs = number(status?.outputDuration);
  const bytes = number(status?.outputBytes);
  const unknown = !status ? missing : durationMs === null && bytes === null ? 'OBS gave no number' : null;
  return { durationMs, bytes, lastEnd, unknown };
}

/** Reads GetStats; remembers what one answer alone does not tell. */
export class StatisticsReader {
  private lastFreeMb: number | null = null;

  /** Another connection, perhaps another computer. */
  forget(): void {
    this.lastFreeMb = null;
  }

  /** `stats` is null where there was no answer, for the reason `missing`. */
  read(stats: RequestData | null, targetFps: number | null, missing: string): Figures<StatisticsReading> {
    const unknown: Record<string, string> = {};
    const figure = (name: string, value: unknown, doubt: string | null = null) => {
      const known = number(value);
      const reason = !stats ? missing : (doubt ?? (known === null ? 'OBS gave no number' : null));
      if (reason === null) return known;
      unknown[name] = reason;
      return null;
    };
    // within its first second OBS has counted nothing and says 0 (measured)
    const tooYoung =
      stats?.activeFps === 0 && stats.averageFrameRenderTime === 0
        ? 'OBS has only just started and counts its frame rate once a second'
        : null;
    if (targetFps === null)
      unknown.targetFps = stats ? 'the settings of OBS have not been read yet' : missing;
    return {
      figures: {
        cpuPercent: figure('cpuPercent', stats?.cpuUsage),
        memoryMegabytes: figure('memoryMegabytes', stats?.memoryUsage),
        freeDiskMegabytes: figure('freeDiskMegabytes', stats?.availableDiskSpace, this.diskDoubt(stats)),
        fps: figure('fps', stats?.activeFps, tooYoung),
        targetFps,
        frameRenderMs: figure('frameRenderMs', stats?.averageFrameRenderTime, tooYoung),
        missedFrames: figure('missedFrames', stats?.renderSkippedFrames),
        renderedFrames: figure('renderedFrames', stats?.renderTotalFrames),
        skippedFrames: figure('skippedFrames', stats?.outputSkippedFrames),
        encodedFrames: figure('encodedFrames', stats?.outputTotalFrames),
      },
      unknown,
    };
  }

  /** OBS says 0 for a folder that does not exist (measured), so only a disk that was nearly full is believed to be full. */
  private diskDoubt(stats: RequestData | null): string | null {
    const free = number(stats?.availableDiskSpace);
    if (free !== 0) {
      this.lastFreeMb = free ?? this.lastFreeMb;
      return null;
    }
    return this.lastFreeMb !== null && this.lastFreeMb < NEARLY_FULL_MB
      ? null
      : 'OBS says 0, as it does for a recording folder that does not exist';
  }
}
