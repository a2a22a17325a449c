// A show on paper: what an application would tell of itself, second by second, for the health engine.
import { HealthMonitor } from '../../lib/health/monitor';
import {
  RULES,
  type HealthAlert,
  type HealthOptions,
  type RuleId,
  type RuleReport,
  type RuleSetting,
} from '../../lib/health/types';
import type {
  End,
  HealthSample,
  MediaReading,
  OutputReading,
  ProgramReading,
  ReceiverReading,
  StreamReading,
} from '../../lib/production/health';

/** A moment in time that is easy to read: 19:00:00 UTC. */
export const BEGIN = Date.UTC(2026, 4, 9, 19, 0, 0);

export const OPTIONS: HealthOptions = {
  preset: 'standard',
  watch: ['stream', 'computer', 'disk'],
  overrides: {},
  when: 'show',
  reminderMs: 0,
  bitrateKbps: null,
  media: [],
  frozenNeedsSilence: true,
  place: 'OBS',
  clockText: (atMs) => new Date(atMs).toISOString().slice(11, 19),
};

/** Overrides that switch off every rule but these. */
export function only(...rules: RuleId[]): Partial<Record<RuleId, Partial<RuleSetting>>> {
  const off = { warn: null, critical: null };
  return Object.fromEntries(RULES.filter((rule) => !rules.includes(rule)).map((rule) => [rule, off]));
}

/** One stream whose counters run as its rates say. Setting `state` is enough: `liveSinceMs` and `reconnects` follow. */
export class PaperStream {
  kbps = 6_000;
  fps = 30;
  droppedPercent = 0;
  congestion: number | null = 0.05;
  targetKbps: number | null = 6_000;
  delayMs = 0;
  reconnects = 0;
  lastEnd: StreamReading['lastEnd'] = null;
  liveSinceMs: number | null = null;
  bytes = 0;
  frames = 0;
  dropped = 0;
  /** of an ingest; undefined: it is none */
  keyframeMs: number | null | undefined;
  size: string | null | undefined;
  unknown: Record<string, string> = {};
  /** figures of the reading that are null */
  missing: (keyof StreamReading)[] = [];
  state: StreamReading['state'] = 'idle';

  constructor(readonly output = 'stream') {}

  /** Live since `atMs`, counting from 0. */
  live(atMs: number): void {
    if (this.state === 'reconnecting') this.reconnects++;
    this.state = 'live';
    this.liveSinceMs = atMs;
    this.bytes = this.frames = this.dropped = 0;
  }

  end(atMs: number, expected: boolean | null, failed = false): void {
    this.state = 'idle';
    this.liveSinceMs = null;
    this.lastEnd = { atMs, failed, expected };
  }

  run(ms: number): void {
    if (this.state !== 'live') return;
    this.bytes += (this.kbps * ms) / 8;
    this.frames += (this.fps * ms) / 1_000;
    this.dropped += (this.fps * ms * this.droppedPercent) / 100_000;
  }

  reading(): StreamReading {
    const reading: StreamReading = {
      output: this.output,
      state: this.state,
      liveSinceMs: this.state === 'live' ? this.liveSinceMs : null,
      delayMs: this.delayMs,
      reconnects: this.reconnects,
      lastEnd: this.lastEnd,
      bytes: this.bytes,
      frames: this.frames,
      droppedFrames: this.dropped,
      congestion: this.congestion,
      targetKbps: this.targetKbps,
      ...(this.keyframeMs === undefined ? {} : { keyframeMs: this.keyframeMs }),
      ...(this.size === undefined ? {} : { size: this.size }),
      unknown: this.unknown,
    };
    return Object.assign(reading, Object.fromEntries(this.missing.map((key) => [key, null])));
  }
}

/** A show and the monitor that watches it. */
export class Show {
  atMs = BEGIN;
  reachable = true;
  streams = [new PaperStream()];
  recording: HealthSample['recording'] = 'idle';
  /** its clock runs while `recording` says so and this does */
  grows = true;
  recordingMs: number | null = 0;
  recordingBytes: number | null = null;
  recordingEnd: End | null = null;
  outputs: OutputReading[] = [];
  restartedAtMs: number | null = null;
  hasStatistics: boolean | undefined;
  onProgram: ProgramReading | null = {
    title: 'Camera',
    offline: false,
    callConnected: null,
    fadeToBlack: false,
    masterMuted: false,
  };
  cpuPercent: number | null = 30;
  freeDiskMegabytes: number | null = 90_000;
  fps: number | null = 30;
  targetFps: number | null = 30;
  skippedPercent = 0;
  missedPercent = 0;
  /** luma of the program's picture; null: none is taken */
  luma: ((index: number) => number) | null = null;
  picture: number | null = null;
  program = 'Camera';
  /** whose stream picture, sound and frame rate are of; undefined: they are the application's own */
  sender: string | null | undefined;
  peakDb: number | null = null;
  soundReadings = 20;
  clippedPercent = 0;
  media: MediaReading[] = [];
  /** what part of the stream a media server gets; null: it has no such stream */
  receivedPart: number | null = 1;
  /** whether that server can be asked; null: none is */
  serverAnswers: boolean | null = null;
  unknown: Record<string, string> = {};
  missing: (keyof HealthSample['statistics'])[] = [];
  readonly monitor: HealthMonitor;
  readonly alerts: HealthAlert[] = [];
  private skipped = 0;
  private receivedBytes = 0;
  private encoded = 0;
  private missed = 0;
  private rendered = 0;

  constructor(options: Partial<HealthOptions> = {}) {
    this.monitor = new HealthMonitor({ ...OPTIONS, ...options });
  }

  get stream(): PaperStream {
    return this.streams[0]!;
  }

  /** Go live now, and run until figures are judged and known. */
  begin(seconds = 20): this {
    this.stream.live(this.atMs);
    this.run(seconds);
    return this;
  }

  /** It records from now on. */
  record(): this {
    this.recording = 'recording';
    this.recordingMs = 0;
    return this;
  }

  /** The recording is over. */
  endRecording(expected: boolean | null, reason: string | null = null): void {
    this.recording = 'idle';
    this.recordingEnd = { atMs: this.atMs, expected, reason };
  }

  /** An output is on, or off since now; `isShow`: while it is on, a show is. */
  output(output: string, running: boolean | null, expected: boolean | null = null, isShow = false): void {
    const before = this.outputs.find((one) => one.output === output);
    const lastEnd = before?.running && running === false ? { atMs: this.atMs, expected } : before?.lastEnd;
    this.outputs = [
      ...this.outputs.filter((one) => one !== before),
      { output, running, lastEnd: lastEnd ?? null, ...(isShow && { isShow }) },
    ];
  }

  /** Another run of it: everything that ran has ended, and nobody asked for that. */
  restart(): void {
    const { atMs } = this;
    this.restartedAtMs = atMs;
    for (const stream of this.streams) if (stream.state === 'live') stream.end(atMs, false);
    if (this.recording === 'recording') this.endRecording(false);
    for (const { output, running } of [...this.outputs]) if (running) this.output(output, false, false);
  }

  /** One reading `ms` later; gives what it told. */
  step(ms = 1_000): HealthAlert[] {
    this.atMs += ms;
    for (const stream of this.streams) stream.run(ms);
    if (this.isReceived) this.receivedBytes += (this.stream.kbps * ms * this.receivedPart!) / 8;
    else this.receivedBytes = 0;
    if (this.recording === 'recording' && this.grows && this.recordingMs !== null) this.recordingMs += ms;
    const frames = (30 * ms) / 1_000;
    this.rendered += frames;
    this.encoded += frames;
    this.skipped += (frames * this.skippedPercent) / 100;
    this.missed += (frames * this.missedPercent) / 100;
    const told = this.monitor.sample(this.sample());
    this.alerts.push(...told);
    return told;
  }

  /** Readings every second for so long; gives what they told. */
  run(seconds: number, each: (second: number) => void = () => undefined): HealthAlert[] {
    const told: HealthAlert[] = [];
    for (let second = 1; second <= seconds; second++) {
      each(second);
      told.push(...this.step());
    }
    return told;
  }

  /** Readings every second until it tells something, `seconds` at most; gives what it told and after how long. */
  until(seconds: number, each: (second: number) => void = () => undefined): [HealthAlert[], number] {
    for (let second = 1; second <= seconds; second++) {
      each(second);
      const told = this.step();
      if (told.length > 0) return [told, second];
    }
    return [[], seconds];
  }

  rule(rule: RuleId, subject: string | null = null): RuleReport | undefined {
    return this.monitor
      .report()
      .rules.find((one) => one.rule === rule && (subject === null || one.subject === subject));
  }

  /** What was told so far, in short: `opened stream critical`. */
  get told(): string[] {
    return this.alerts.map(brief);
  }

  private get isReceived(): boolean {
    return this.receivedPart !== null && this.stream.state === 'live';
  }

  private receiver(): ReceiverReading | null {
    if (this.serverAnswers === null) return null;
    if (!this.serverAnswers) return { publishing: null, bytes: null, reason: 'the page is blank' };
    const { isReceived } = this;
    return { publishing: isReceived, bytes: isReceived ? this.receivedBytes : null, reason: null };
  }

  sample(): HealthSample {
    const { reachable } = this;
    const statistics: HealthSample['statistics'] = {
      cpuPercent: this.cpuPercent,
      memoryMegabytes: 900,
      freeDiskMegabytes: this.freeDiskMegabytes,
      fps: this.fps,
      targetFps: this.targetFps,
      frameRenderMs: 3,
      missedFrames: this.missed,
      renderedFrames: this.rendered,
      skippedFrames: this.skipped,
      encodedFrames: this.encoded,
    };
    for (const key of reachable ? this.missing : (Object.keys(statistics) as typeof this.missing))
      statistics[key] = null;
    const streams = this.streams.map((stream) => stream.reading());
    return {
      atMs: this.atMs,
      receiver: this.receiver(),
      reachable,
      connection: reachable ? 'ready' : 'waiting',
      reason: reachable ? null : 'OBS is not running',
      streams: reachable
        ? streams
        : streams.map((stream) => ({
            ...stream,
            state: 'unknown',
            liveSinceMs: null,
            bytes: null,
            frames: null,
          })),
      recording: reachable ? this.recording : 'unknown',
      lastRecording: this.recording,
      recordingReading: {
        durationMs: reachable && this.recording === 'recording' ? this.recordingMs : null,
        bytes: reachable && this.recording === 'recording' ? this.recordingBytes : null,
        lastEnd: this.recordingEnd,
        unknown: null,
      },
      outputs: this.outputs.map((one) => (reachable ? one : { ...one, running: null })),
      restartedAtMs: this.restartedAtMs,
      onProgram: reachable ? this.onProgram : null,
      ...(this.hasStatistics === undefined ? {} : { hasStatistics: this.hasStatistics }),
      program: reachable ? this.program : null,
      ...(this.sender === undefined ? {} : { sender: this.sender }),
      statistics,
      picture: reachable && this.luma ? this.pictureOf(this.luma) : null,
      sound:
        reachable && this.peakDb !== null
          ? {
              peakDb: this.peakDb,
              clippedPercent: this.clippedPercent,
              readings: this.soundReadings,
              heard: ['Mic'],
            }
          : null,
      media: reachable ? this.media : [],
      unknown: this.unknown,
    };
  }

  private pictureOf(luma: (index: number) => number): HealthSample['picture'] {
    const [width, height] = [16, 9];
    return {
      atMs: this.atMs,
      source: this.program,
      width,
      height,
      luma: Uint8Array.from({ length: width * height }, (_, index) => luma(index)),
    };
  }
}

/** An alert in short: `opened stream critical`. */
export const brief = ({ change, cause, subject, severity }: HealthAlert): string =>
  `${change} ${subject === null ? cause : `${cause} ${subject}`} ${severity}`;
