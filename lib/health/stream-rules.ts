import type { StreamReading } from '../production/health';
import type { StreamState } from '../production/vocabulary';
import { Baseline } from './baseline';
import { CodedRules } from './coded-rules';
import { judgeEnd } from './ends';
import { GAP_MS, GRACE_MS } from './facts';
import { Flaps } from './flaps';
import { RuleState } from './judge';
import type { Why } from './reasons';
import type { HealthOptions, RuleId, RuleSetting } from './types';
import { CounterWindow, MeanWindow, figure } from './window';

/** Two times of a start that differ by less are one start. */
const SAME_START_MS = 1_000;
/** One stream: its windows, and the rules about it. */
export class StreamRules {
  readonly rules: RuleState[];
  state: StreamState = 'unknown';
  /** what it was when that was last known; null before */
  lastState: StreamState | null = null;
  reading: StreamReading | null = null;
  readAtMs = NaN;
  bitrateKbps = NaN;
  readonly baseline = new Baseline();
  droppedPercent = NaN;
  congestion = NaN;
  bitrateWhy: Why = 'notLive';
  droppedWhy: Why = 'notLive';
  congestionWhy: Why = 'notLive';

  private readonly reconnecting: RuleState;
  private readonly flapping: RuleState;
  private readonly unexpectedStop: RuleState;
  private readonly startFailed: RuleState;
  private readonly noData: RuleState;
  private readonly bitrate: RuleState;
  private readonly dropped: RuleState;
  private readonly congested: RuleState;
  private readonly figures: RuleState[];
  readonly coded: CodedRules;

  private readonly window = new CounterWindow();
  private readonly mean = new MeanWindow();
  private readonly flaps = new Flaps();
  private endAtMs = NaN;
  private stopSinceMs = NaN;
  private failedSinceMs = NaN;
  private liveSinceMs = NaN;
  private seenLiveMs = NaN;
  private graceUntilMs = NaN;
  private bytes = NaN;
  private frames = NaN;
  private countedAtMs = NaN;
  private away = false;

  /** `firstMs`: the first reading of all; what ended before is nobody's fault. */
  constructor(
    readonly output: string,
    settings: Record<RuleId, RuleSetting>,
    private readonly options: Pick<HealthOptions, 'bitrateKbps'>,
    private readonly firstMs: number,
  ) {
    const rule = (id: RuleId) => new RuleState(id, settings[id], output);
    this.reconnecting = rule('reconnecting');
    this.flapping = rule('flapping');
    this.unexpectedStop = rule('unexpectedStop');
    this.startFailed = rule('startFailed');
    this.noData = rule('noData');
    this.bitrate = rule('bitrate');
    this.dropped = rule('dropped');
    this.congested = rule('congestion');
    this.figures = [this.noData, this.bitrate, this.dropped, this.congested];
    this.coded = new CodedRules(output, settings);
    const states = [this.reconnecting, this.flapping, this.unexpectedStop, this.startFailed];
    this.rules = [...states, ...this.figures, ...this.coded.rules];
  }

  /** Whether there is anything to judge: it runs, or is about to, or nobody knows. */
  get runs(): boolean {
    return this.state !== 'idle' && this.state !== 'stopping';
  }

  /** Whether its figures mean something at `atMs`: it is live, and not only just. */
  isJudged(atMs: number): boolean {
    return this.state === 'live' && atMs >= this.graceUntilMs;
  }

  /** Whether it was live when that was last known. */
  get wasLive(): boolean {
    return this.lastState === 'live' || this.lastState === 'reconnecting';
  }

  /** The application did not answer: what it was stays the last that is known. */
  lost(): void {
    this.away = true;
  }

  /** It ended as somebody wished, and the application went before the next answer. */
  endedBeforeLost({ lastEnd }: StreamReading, atMs: number): void {
    const endAtMs = figure(lastEnd?.atMs);
    if (lastEnd?.expected !== true || endAtMs === this.endAtMs || !(endAtMs > this.firstMs)) return;
    this.endAtMs = endAtMs;
    this.plannedEnd(atMs);
    this.state = this.lastState = 'idle';
    this.mark();
  }

  /** The application answered, and did not list it: it is held as it is. */
  missed(): void {
    this.state = 'unknown';
    for (const rule of this.rules) rule.hold('gone');
    this.mark();
  }

  /** Whether an end is known of that has to last a little longer before it is told. */
  get endIsPending(): boolean {
    return (
      (!Number.isNaN(this.stopSinceMs) && this.unexpectedStop.level === 0 && !this.unexpectedStop.off) ||
      (!Number.isNaN(this.failedSinceMs) && this.startFailed.level === 0 && !this.startFailed.off)
    );
  }

  /** One reading of it, at `atMs`. */
  read(reading: StreamReading, atMs: number): void {
    const { state } = reading;
    const lost = this.flaps.count(reading.reconnects, atMs);
    this.noticeEnd(reading, atMs);
    this.reading = reading;
    this.readAtMs = atMs;
    this.state = state;
    this.judgeEnds(state, atMs);
    switch (state) {
      case 'live':
        if (this.noticeLive(reading, atMs, lost)) this.reconnecting.restartClear(atMs);
        this.reconnecting.feedState(false, atMs);
        this.live(reading, atMs);
        this.coded.read(reading, atMs);
        break;
      case 'reconnecting':
        this.reconnecting.feedState(true, atMs);
        this.pause('reconnecting');
        break;
      case 'starting':
      case 'unknown':
        this.reconnecting.hold(state === 'starting' ? 'starting' : 'streamUnknown');
        this.pause(state === 'starting' ? 'starting' : 'streamUnknown');
        if (state === 'starting') this.baseline.forget('starting');
        break;
      default:
        if (state === 'stopping') this.plannedEnd(atMs);
        this.reconnecting.reset('notLive', atMs);
        this.flaps.forget();
        this.pause('notLive');
        for (const rule of this.figures) rule.reset('notLive', atMs);
        for (const rule of this.coded.rules) rule.reset('notLive', atMs);
        this.coded.forget();
        this.baseline.forget('notLive');
    }
    if (this.runs && state !== 'unknown') this.flapping.feed(this.flaps.within(atMs), atMs);
    else if (state === 'unknown') this.flapping.hold('streamUnknown');
    else this.flapping.reset('notLive', atMs);
    if (state !== 'unknown') {
      this.lastState = state;
      if (this.wasLive) this.seenLiveMs = atMs;
      this.away = false;
    }
    this.mark();
  }

  /** The application no longer lists it. */
  gone(atMs: number): void {
    this.state = 'idle';
    this.lastState = 'idle';
    this.stopSinceMs = NaN;
    this.failedSinceMs = NaN;
    this.pause('gone');
    for (const rule of this.rules) {
      rule.reset('gone', atMs);
      rule.applies = false;
    }
    this.coded.forget();
  }

  /** Somebody knows of the end: nothing more is told of it. */
  acknowledge(atMs: number): void {
    this.stopSinceMs = NaN;
    this.failedSinceMs = NaN;
    this.unexpectedStop.reset('notLive', atMs);
    this.startFailed.reset('notLive', atMs);
    this.mark();
  }

  private mark(): void {
    const { runs } = this;
    this.unexpectedStop.applies = !Number.isNaN(this.stopSinceMs) || this.unexpectedStop.level > 0;
    this.startFailed.applies = !Number.isNaN(this.failedSinceMs) || this.startFailed.level > 0;
    this.reconnecting.applies = this.flapping.applies = runs;
    for (const rule of this.figures) rule.applies = runs;
  }

  private noticeEnd({ lastEnd, state }: StreamReading, atMs: number): void {
    const endAtMs = figure(lastEnd?.atMs);
    const isNew = endAtMs !== this.endAtMs && endAtMs > this.firstMs;
    if (!Number.isNaN(endAtMs)) this.endAtMs = endAtMs;
    const sinceMs = Math.min(endAtMs, atMs);
    if (isNew && lastEnd) {
      this.unexpectedStop.doubtful = lastEnd.expected === null;
      this.unexpectedStop.note = this.startFailed.note = lastEnd.reason ?? null;
      if (lastEnd.expected === true) this.plannedEnd(atMs);
      else if (lastEnd.failed) this.failedSinceMs = sinceMs;
      else if (lastEnd.expected === false || this.wasLive || atMs - this.seenLiveMs <= GAP_MS)
        this.stopSinceMs = sinceMs;
    } else if (this.away && this.wasLive && state === 'idle') {
      // it ended while nobody could look, and nobody tells of it
      this.stopSinceMs = atMs;
      this.unexpectedStop.doubtful = true;
      this.unexpectedStop.note = null;
    }
  }

  private plannedEnd(atMs: number): void {
    this.stopSinceMs = NaN;
    this.failedSinceMs = NaN;
    for (const rule of this.rules) rule.reset('notLive', atMs);
  }

  /** An end stands until it is live again. */
  private judgeEnds(state: StreamState, atMs: number): void {
    const live = state === 'unknown' ? null : state === 'live';
    const why = { unknown: 'streamUnknown', over: 'notLive' } as const;
    this.stopSinceMs = judgeEnd(this.unexpectedStop, this.stopSinceMs, live, why, atMs);
    this.failedSinceMs = judgeEnd(this.startFailed, this.failedSinceMs, live, why, atMs);
  }

  private live(reading: StreamReading, atMs: number): void {
    const bytes = figure(reading.bytes);
    const frames = figure(reading.frames);
    this.window.push(atMs, bytes, frames, figure(reading.droppedFrames));
    this.measure(reading, atMs);
    const judged = atMs >= this.graceUntilMs;
    this.baseline.find(
      this.options.bitrateKbps ?? figure(reading.targetKbps),
      judged ? this.bitrateKbps : NaN,
      atMs,
    );
    if (judged) {
      this.judgeData(bytes, frames, atMs);
      this.judgeFigures(atMs);
    } else for (const rule of this.figures) rule.hold('grace');
    if (atMs !== this.countedAtMs) {
      this.bytes = bytes;
      this.frames = frames;
      this.countedAtMs = atMs;
    }
  }

  /** A start or a reconnect: figures begin anew, and mean nothing for a while. */
  private noticeLive({ liveSinceMs, delayMs }: StreamReading, atMs: number, lost: boolean): boolean {
    const told = figure(liveSinceMs);
    // not the very figure: an application may reckon it anew each time
    const anew = Number.isNaN(told)
      ? this.lastState !== 'live'
      : !(Math.abs(told - this.liveSinceMs) < SAME_START_MS);
    this.liveSinceMs = told;
    if (!anew && !lost) return false;
    const sinceMs = anew && told <= atMs ? told : atMs;
    this.graceUntilMs = sinceMs + GRACE_MS + Math.max(0, figure(delayMs) || 0);
    this.window.restart('first');
    this.mean.restart();
    this.bytes = this.frames = NaN;
    return true;
  }

  private measure(reading: StreamReading, atMs: number): void {
    const { window } = this;
    this.bitrateKbps = figure((window.grown(0) * 8) / window.spanMs());
    this.bitrateWhy = reading.bytes === null ? 'given' : window.gap;
    const dropped = window.grown(2);
    const frames = window.grownWith(1);
    this.droppedPercent = figure((dropped / frames) * 100);
    this.droppedWhy =
      reading.droppedFrames === null || reading.frames === null
        ? 'given'
        : window.gap === 'none'
          ? 'noFrames'
          : window.gap;
    this.congestion = this.mean.push(atMs, figure(reading.congestion));
    this.congestionWhy = 'given';
  }

  private judgeData(bytes: number, frames: number, atMs: number): void {
    // the same moment again shows nothing
    if (atMs === this.countedAtMs) return;
    const moreBytes = bytes - this.bytes;
    const moreFrames = frames - this.frames;
    if (!(moreBytes >= 0) && !(moreFrames >= 0)) {
      this.noData.unknown(Number.isNaN(bytes) && Number.isNaN(frames) ? 'given' : this.window.gap);
      return;
    }
    this.noData.feedState(moreBytes === 0 || moreFrames === 0, atMs);
  }

  private judgeFigures(atMs: number): void {
    const { bitrate, dropped, congested } = this;
    const value = bitrate.setting.absolute ? this.bitrateKbps : (this.bitrateKbps / this.baseline.kbps) * 100;
    bitrate.figure = this.bitrateKbps;
    bitrate.base = this.baseline.kbps;
    if (Number.isFinite(value)) bitrate.feed(value, atMs);
    else bitrate.unknown(Number.isNaN(this.bitrateKbps) ? this.bitrateWhy : this.baseline.why);
    if (Number.isNaN(this.droppedPercent)) dropped.unknown(this.droppedWhy);
    else dropped.feed(this.droppedPercent, atMs);
    if (Number.isNaN(this.congestion)) congested.unknown(this.congestionWhy);
    else congested.feed(this.congestion, atMs);
  }

  /** Nothing is measured while it is not live; what is told stays told. */
  private pause(why: Why): void {
    this.window.restart('first');
    this.mean.restart();
    this.bitrateKbps = this.droppedPercent = this.congestion = NaN;
    this.bitrateWhy = this.droppedWhy = this.congestionWhy = why;
    this.bytes = this.frames = NaN;
    for (const rule of [...this.figures, ...this.coded.rules]) rule.hold(why);
  }
}
