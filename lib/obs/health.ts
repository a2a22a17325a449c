import { now } from '../connection/clock';
import { Emitter } from '../connection/emitter';
import { asLiveError } from '../errors';
import type { Release } from '../production/application';
import type {
  HealthSample,
  HealthSource,
  HealthWish,
  StatisticsReading,
  StreamReading,
} from '../production/health';
import type { ObsClient } from './client';
import type { RecordTracker } from './record-tracker';
import type { ObsScenes } from './scenes';
import type { RequestData } from './session';
import type { StreamTracker } from './stream-tracker';
import { number } from './values';

const STANDARD_MS = 1_000;

/** One reading after another of an OBS's health, shared by everyone who watches. */
export class ObsHealth implements HealthSource {
  private readonly wishes = new Set<HealthWish>();
  private readonly samples: Emitter<HealthSample>;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly client: ObsClient,
    private readonly stream: StreamTracker,
    private readonly record: RecordTracker,
    private readonly scenes: ObsScenes,
    onListenerError: (error: unknown) => void,
  ) {
    this.samples = new Emitter(onListenerError);
  }

  watch(wish: HealthWish, listener: (sample: HealthSample) => void): Release {
    this.wishes.add(wish);
    const release = this.samples.add(listener);
    if (!this.timer) this.schedule(0);
    return () => {
      release();
      this.wishes.delete(wish);
      if (this.wishes.size === 0) this.close();
    };
  }

  close(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  private schedule(ms: number): void {
    this.timer = setTimeout(() => {
      void this.read().then((sample) => {
        if (sample) this.samples.tell(sample);
        if (this.wishes.size > 0)
          this.schedule(Math.min(...[...this.wishes].map(({ everyMs }) => everyMs || STANDARD_MS)));
      });
    }, ms);
    this.timer.unref();
  }

  private async read(): Promise<HealthSample | null> {
    const { status } = this.client;
    try {
      const results =
        status.state === 'ready'
          ? await this.client.poll([{ requestType: 'GetStreamStatus' }, { requestType: 'GetStats' }])
          : null;
      if (results === null && status.state === 'ready') return null;
      return this.sample(
        results?.[0]?.responseData ?? null,
        results?.[1]?.responseData ?? null,
        status.fault?.message ?? null,
      );
    } catch (error) {
      return this.sample(null, null, asLiveError(error).message);
    }
  }

  private sample(stream: RequestData | null, stats: RequestData | null, reason: string | null): HealthSample {
    return {
      atMs: now(),
      reachable: stream !== null,
      connection: this.client.status.state,
      reason: stream ? null : (reason ?? 'OBS is not connected'),
      streams: [this.reading(stream)],
      recording: this.record.state,
      program: this.scenes.program,
      statistics: statisticsOf(stats ?? {}),
      picture: null,
      sound: null,
      media: [],
      unknown: {},
    };
  }

  private reading(status: RequestData | null): StreamReading {
    return {
      output: 'stream',
      state: this.stream.state,
      liveSinceMs: this.stream.state === 'live' ? this.stream.machine.startedAtMs : null,
      delayMs: this.stream.machine.delayMs,
      reconnects: 0,
      lastEnd: null,
      bytes: number(status?.outputBytes),
      frames: number(status?.outputTotalFrames),
      droppedFrames: number(status?.outputSkippedFrames),
      congestion: number(status?.outputCongestion),
      targetKbps: null,
      unknown: {},
    };
  }
}

function statisticsOf(stats: RequestData): StatisticsReading {
  return {
    cpuPercent: number(stats.cpuUsage),
    memoryMegabytes: number(stats.memoryUsage),
    freeDiskMegabytes: number(stats.availableDiskSpace),
    fps: number(stats.activeFps),
    targetFps: null,
    frameRenderMs: number(stats.averageFrameRenderTime),
    missedFrames: number(stats.renderSkippedFrames),
    renderedFrames: number(stats.renderTotalFrames),
    skippedFrames: number(stats.outputSkippedFrames),
    encodedFrames: number(stats.outputTotalFrames),
  };
}
