import { noStatistics, type StatisticsReading, type StreamReading } from '../production/health';
import type { StreamFigures } from '../rtmp/types';
import type { TrackedStream } from './stream-history';

const UNSEEN = 'whoever receives a stream does not see it';

/** One stream as it comes in. */
export function streamReading({
  stream,
  feed,
  awayMs,
  sinceMs,
  reconnects,
  lastEnd,
}: TrackedStream): StreamReading {
  const figures = feed?.figures() ?? null;
  const unknown: Record<string, string> = {
    droppedFrames: UNSEEN,
    congestion: UNSEEN,
    targetKbps: UNSEEN,
  };
  const size = sizeOf(figures);
  if (figures?.longestKeyframeMs == null)
    unknown.keyframeMs = figures?.unknown.longestKeyframeMs ?? 'nobody publishes it now';
  if (size === null) unknown.size = 'the stream does not name the size of its pictures';
  return {
    output: stream,
    state: feed === null ? 'idle' : awayMs === null ? 'live' : 'reconnecting',
    liveSinceMs: awayMs === null ? sinceMs : null,
    delayMs: 0,
    reconnects,
    lastEnd,
    bytes: figures?.bytes ?? null,
    frames: figures?.videoFrames ?? null,
    droppedFrames: null,
    congestion: null,
    targetKbps: null,
    keyframeMs: figures?.longestKeyframeMs ?? null,
    size,
    unknown,
  };
}

function sizeOf(figures: StreamFigures | null): string | null {
  const { width = null, height = null } = figures?.video ?? {};
  return width === null || height === null ? null : `${width}x${height}`;
}

/** Of the computer that sends it only the frame rate shows. */
export function statisticsOf(figures: StreamFigures, unknown: Record<string, string>): StatisticsReading {
  const nothing = noStatistics(unknown, UNSEEN);
  const fps = figures.fps;
  const targetFps = figures.video?.fps ?? null;
  if (fps === null) unknown.fps = figures.unknown.fps ?? 'nothing can be said of it yet';
  else delete unknown.fps;
  if (targetFps === null) unknown.targetFps = 'the stream does not name its frame rate';
  else delete unknown.targetFps;
  return { ...nothing, fps, targetFps };
}
