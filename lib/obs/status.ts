import type { StatusReport } from '../production/application';
import type { ObsClient } from './client';
import type { ObsOutputs } from './outputs';
import type { RecordTracker } from './record-tracker';
import type { ObsScenes } from './scenes';
import type { SrtTracker } from './srt-tracker';
import type { StreamTracker } from './stream-tracker';
import { number } from './values';

/** Stream, recording, outputs, scene and statistics of an OBS, read now. Names end in their unit. */
export async function readStatus(
  client: ObsClient,
  stream: StreamTracker,
  record: RecordTracker,
  srt: SrtTracker,
  outputs: ObsOutputs,
  scenes: ObsScenes,
): Promise<StatusReport> {
  await stream.read();
  const recording = await record.read();
  const list = await outputs.list();
  const stats = await client.call('GetStats');
  const unknown: Record<string, string> = {};
  const statistics: Record<string, number | null> = {
    cpuPercent: number(stats.cpuUsage),
    memoryMegabytes: number(stats.memoryUsage),
    freeDiskMegabytes: number(stats.availableDiskSpace),
    fps: number(stats.activeFps),
    frameRenderMs: number(stats.averageFrameRenderTime),
    missedFrames: number(stats.renderSkippedFrames),
    renderedFrames: number(stats.renderTotalFrames),
    skippedFrames: number(stats.outputSkippedFrames),
    encodedFrames: number(stats.outputTotalFrames),
  };
  for (const [name, value] of Object.entries(statistics))
    if (value === null) unknown[name] = 'OBS did not say';
  return {
    streams: [stream.describe(), ...[srt.describe()].filter((one) => one !== null)],
    recording: {
      ...record.describe(),
      ...(recording.active ? { durationMs: recording.durationMs, sizeBytes: recording.sizeBytes } : {}),
    },
    outputs: list,
    scene: { program: scenes.program, preview: scenes.preview, studioMode: scenes.studioMode },
    statistics,
    unknown,
  };
}
