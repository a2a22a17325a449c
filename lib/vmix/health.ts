import { now } from '../connection/clock';
import { Emitter } from '../connection/emitter';
import type { Release } from '../production/application';
import type { EventHub } from '../production/event-hub';
import { WATCHED, type HealthSample, type HealthSource, type HealthWish } from '../production/health';
import type { VmixClient, StateNews } from './client';
import {
  mediaOf,
  NO_LOGS,
  NO_PICTURE,
  outputsReason,
  programOf,
  recordingOf,
  soundOf,
  statisticsOf,
  streamReading,
  type LogFigures,
} from './health-figures';
import { RunningThings } from './health-things';
import type { VmixState } from './state-types';
import type { StreamLogs } from './stream-logs';

/** Bounds of the interval between two readings that say that nobody answers. */
const EVERY_MS = { least: 200, most: 10_000 };
/** A reading waits this long for the log that was looked at with it. */
const LOG_MAY_LAG_MS = 1_000;

/**
 * The health of a vMix as far as its state tells it: a reading for each state that is read anyway, and one for each poll that came
 * to nothing. It never asks for anything by itself; the streaming logs are read along while a stream is live.
 */
export class VmixHealth implements HealthSource {
  readonly watches = WATCHED.vmix;
  private readonly wishes = new Set<HealthWish>();
  private readonly samples: Emitter<HealthSample>;
  private readonly things = new RunningThings();
  private readonly releases: Release[];
  private timer: NodeJS.Timeout | null = null;
  /** readings are told in the order of their states */
  private turn: Promise<void> = Promise.resolve();
  private lastRecording: HealthSample['recording'] = 'unknown';
  private closed = false;

  constructor(
    private readonly client: VmixClient,
    events: EventHub,
    private readonly logs: StreamLogs | null,
    onListenerError: (error: unknown) => void,
  ) {
    this.samples = new Emitter(onListenerError);
    this.releases = [
      client.onNews((news) => this.onNews(news)),
      client.onMiss(({ message }) => this.tellUnreachable(message)),
      client.onStatus(() => this.tick()),
      events.onEvent(({ event, output }) => {
        if (event === 'stream_failed' && output !== null) this.things.failed(output, now());
      }),
    ];
  }

  watch(wish: HealthWish, listener: (sample: HealthSample) => void): Release {
    if (this.closed) return () => undefined;
    // the same wish object may be used twice
    const mine = { ...wish };
    this.wishes.add(mine);
    const release = this.samples.add(listener);
    void this.logs?.prepare(LOG_MAY_LAG_MS);
    this.tick();
    return () => {
      release();
      this.wishes.delete(mine);
    };
  }

  /** Nothing is told any more. */
  close(): void {
    this.closed = true;
    if (this.timer) clearTimeout(this.timer);
    for (const release of this.releases) release();
    this.wishes.clear();
    this.samples.clear();
  }

  private onNews(news: StateNews): void {
    const atMs = performance.timeOrigin + news.answer.askedAt;
    const ended = this.things.see(news, atMs);
    this.lastRecording = recordingOf(news.state);
    if (this.wishes.size === 0) return;
    const { live } = this.things;
    const { logs } = this;
    // what is told of this state is what was so by then, however long the log takes
    const sample = this.sampleOf(news.state, atMs);
    this.turn = this.turn.then(async () => {
      if (logs && (live.length > 0 || ended.length > 0)) {
        await logs.look(live.length > 0, LOG_MAY_LAG_MS);
        for (const thing of ended) if (ended.length === 1) this.things.explain(thing, logs.end);
      }
      if (!this.closed) this.tell(sample());
    });
    // a listener's fault is its own, and the next reading comes all the same
    this.turn = this.turn.catch(() => undefined);
  }

  /** Freezes what this state says; the figures of the log come when the sample is made. */
  private sampleOf(state: VmixState, atMs: number): () => HealthSample {
    const { things } = this;
    const live = things.live;
    const streams = things.streams.map(([thing, track]) => [thing, { ...track }] as const);
    const recording = { ...things.recording };
    const { durationS } = state.recording;
    const rest = {
      outputs: things.outputs(true),
      restartedAtMs: things.restartedAtMs,
    };
    return () => {
      const log = this.log(live.length);
      const unknown: Record<string, string> = { picture: NO_PICTURE };
      const reason = outputsReason(state);
      if (reason !== null) unknown.outputs = reason;
      return {
        atMs,
        reachable: true,
        connection: 'ready',
        reason: null,
        streams: streams.map(([thing, track]) => streamReading(thing, track, log, true)),
        recording: recordingOf(state),
        lastRecording: recordingOf(state),
        recordingReading: {
          durationMs: durationS === null ? null : durationS * 1000,
          bytes: null,
          lastEnd: recording.lastEnd,
          unknown: state.recording.on && durationS === null ? 'this vMix shows no duration' : null,
        },
        ...rest,
        program: programOf(state).title,
        onProgram: programOf(state),
        // the log of a stream is the only one that knows a figure of the computer
        hasStatistics: live.length > 0,
        statistics: statisticsOf(log, unknown),
        picture: null,
        sound: soundOf(state, unknown),
        media: mediaOf(state, this.media, unknown),
        unknown,
      };
    };
  }

  private log(live: number): LogFigures {
    if (!this.logs) return { figures: null, unknown: NO_LOGS };
    if (live > 1)
      return {
        figures: null,
        unknown: 'several channels are live, and a log of vMix does not say which it is of',
      };
    const { figures, fault } = this.logs.read(now());
    return figures ? { figures, unknown: null } : { figures: null, unknown: fault };
  }

  private get media(): string[] {
    return [...new Set([...this.wishes].flatMap(({ media }) => media))];
  }

  /** While nobody answers: say so, again and again. This asks nobody. */
  private tick(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    const { state, fault } = this.client.status;
    if (this.closed || this.wishes.size === 0 || state === 'ready') return;
    this.tellUnreachable(fault?.message ?? `vMix is not connected (${state})`);
    const shortest = Math.min(...[...this.wishes].map(({ everyMs }) => everyMs));
    const everyMs = Math.min(EVERY_MS.most, Math.max(EVERY_MS.least, shortest || EVERY_MS.least));
    this.timer = setTimeout(() => this.tick(), everyMs);
    this.timer.unref();
  }

  private tellUnreachable(reason: string): void {
    if (this.wishes.size === 0) return;
    const { things } = this;
    const log: LogFigures = { figures: null, unknown: reason };
    const unknown: Record<string, string> = { picture: reason, sound: reason, outputs: reason };
    for (const name of this.media) unknown[`media ${name}`] = reason;
    const statistics = statisticsOf(log, unknown);
    const sample: HealthSample = {
      atMs: now(),
      reachable: false,
      connection: this.client.status.state,
      reason,
      streams: things.streams.map(([thing, track]) => streamReading(thing, track, log, false)),
      recording: 'unknown',
      lastRecording: this.lastRecording,
      recordingReading: {
        durationMs: null,
        bytes: null,
        lastEnd: things.recording.lastEnd,
        unknown: reason,
      },
      outputs: things.outputs(false),
      restartedAtMs: things.restartedAtMs,
      program: null,
      onProgram: null,
      statistics,
      picture: null,
      sound: null,
      media: [],
      unknown,
    };
    this.turn = this.turn.then(() => {
      if (!this.closed) this.tell(sample);
    });
  }

  private tell(sample: HealthSample): void {
    if (this.wishes.size > 0) this.samples.tell(sample);
  }
}
