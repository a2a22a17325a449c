import type { HealthSample, RecordingReading } from '../production/health';
import { EndRule } from './ends';
import { RuleState } from './judge';
import type { RuleId, RuleSetting } from './types';
import { figure } from './window';

/** A clock of whole seconds may stand still for a reading or two. */
const STANDS_FOR = 3;

/** The recording: whether it ended and nobody asked for it, and whether it grows. */
export class RecordingRules {
  readonly rules: RuleState[];
  durationMs = NaN;
  /** whether there is anything that should grow */
  runs = false;
  private readonly stalled: RuleState;
  private readonly end: EndRule;
  private progress = NaN;
  private movedMs = NaN;
  private readAtMs = NaN;
  private standing = 0;

  constructor(settings: Record<RuleId, RuleSetting>, firstMs: () => number) {
    const stopped = new RuleState('recordingStopped', settings.recordingStopped);
    this.stalled = new RuleState('recordingStalled', settings.recordingStalled);
    this.end = new EndRule(stopped, 'notRecording', firstMs);
    this.rules = [stopped, this.stalled];
  }

  read({ recording, recordingReading }: HealthSample, atMs: number): void {
    const lastEnd = recordingReading?.lastEnd ?? null;
    const running = recording === 'recording' || recording === 'paused';
    // somebody asked for it
    if (recording === 'stopping') this.end.planned(atMs);
    this.end.read(recording === 'unknown' ? null : running, lastEnd, atMs);
    this.runs = recording === 'recording';
    this.stalled.applies = this.runs;
    this.durationMs = running ? figure(recordingReading?.durationMs) : NaN;
    if (this.runs) this.judgeProgress(recordingReading ?? null, atMs);
    else this.rest(recording === 'unknown', atMs);
  }

  /** The application did not answer. */
  lost(reading: RecordingReading | null, atMs: number): void {
    this.end.lost(reading?.lastEnd ?? null, atMs);
    this.progress = this.durationMs = NaN;
    this.standing = 0;
  }

  acknowledge(atMs: number): void {
    this.end.planned(atMs);
  }

  private rest(unknown: boolean, atMs: number): void {
    // most of the time: nothing is recorded, and nothing was
    if (!unknown && this.stalled.level === 0 && this.stalled.why === 'notRecording') return;
    this.progress = NaN;
    this.standing = 0;
    if (unknown) this.stalled.hold('given');
    else this.stalled.reset('notRecording', atMs);
  }

  private judgeProgress(reading: RecordingReading | null, atMs: number): void {
    // the same moment again shows nothing
    if (atMs === this.readAtMs) return;
    const { stalled } = this;
    const duration = figure(reading?.durationMs);
    const progress = Number.isNaN(duration) ? figure(reading?.bytes) : duration;
    const before = this.progress;
    this.readAtMs = atMs;
    this.progress = progress;
    if (Number.isNaN(progress) || Number.isNaN(before)) {
      stalled.unknown(Number.isNaN(progress) ? 'given' : 'first');
      this.movedMs = atMs;
      this.standing = 0;
    } else if (progress !== before) {
      this.movedMs = atMs;
      this.standing = 0;
      stalled.feedState(false, atMs);
    } else {
      this.standing++;
      const bad = this.standing >= STANDS_FOR || stalled.level > 0;
      stalled.feedState(bad, atMs, bad ? this.movedMs : atMs);
    }
  }
}
