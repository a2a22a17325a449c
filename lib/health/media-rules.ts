import type { MediaReading, MediaState } from '../production/health';
import { GAP_MS } from './facts';
import { RuleState } from './judge';
import type { RuleId, RuleSetting } from './types';
import { figure } from './window';

/** One media input: whether it moves, has ended, or is not there. */
export class MediaRules {
  readonly rules: RuleState[];
  state: MediaState | null = null;
  cursorMs = NaN;

  private readonly stalled: RuleState;
  private readonly ended: RuleState;
  private readonly missing: RuleState;
  private atMs = NaN;
  /** a source that is no file may stand at 0 for ever */
  private everMoved = false;

  constructor(
    readonly name: string,
    settings: Record<RuleId, RuleSetting>,
  ) {
    this.stalled = new RuleState('mediaStalled', settings.mediaStalled, name);
    this.ended = new RuleState('mediaEnded', settings.mediaEnded, name);
    this.missing = new RuleState('mediaMissing', settings.mediaMissing, name);
    this.rules = [this.stalled, this.ended, this.missing];
  }

  read(readings: readonly MediaReading[], atMs: number, judged: boolean): void {
    let reading: MediaReading | null = null;
    for (const one of readings) if (one.name === this.name) reading = one;
    const before = this.cursorMs;
    const beforeMs = this.atMs;
    const wasPlaying = this.state === 'playing' && atMs - this.atMs <= GAP_MS;
    const sameMoment = atMs === this.atMs;
    this.state = reading?.state ?? null;
    this.cursorMs = figure(reading?.cursorMs);
    this.atMs = atMs;
    if (!judged) return;
    if (!reading) {
      this.stalled.applies = this.ended.applies = true;
      for (const rule of this.rules) rule.unknown('notRead');
      return;
    }
    const { state } = reading;
    const over = state === 'ended' || state === 'stopped' || state === 'none';
    // OBS plays most clips only while they are on air: one that waits for its turn is no fault (measured: ended, or none)
    const waits = over && reading.onAir === false;
    this.stalled.applies = this.ended.applies = !waits;
    // content only with what plays: one fault that becomes another has not ended
    const well = state === 'playing' || state === 'paused' || waits;
    const judge = (rule: RuleState, bad: boolean) =>
      bad || well || rule.level === 0 ? rule.feedState(bad, atMs) : rule.unknown('notRead');
    judge(this.missing, state === 'missing');
    if (waits) {
      this.everMoved = false;
      this.ended.reset('offAir', atMs);
      this.stalled.reset('offAir', atMs);
      return;
    }
    judge(this.ended, over);
    if (state !== 'playing') {
      this.everMoved = false;
      // it hangs, for whoever watches, until it plays
      judge(this.stalled, state === 'error' || state === 'buffering' || state === 'opening');
    } else if (!sameMoment) this.judgePlaying(before, wasPlaying, atMs, beforeMs);
  }

  private judgePlaying(before: number, wasPlaying: boolean, atMs: number, beforeMs: number): void {
    const { cursorMs, stalled } = this;
    const moved = wasPlaying && cursorMs !== before;
    if (Number.isNaN(cursorMs) || (wasPlaying && Number.isNaN(before))) stalled.unknown('noCursor');
    else if (!wasPlaying) stalled.unknown('first');
    else if (moved) {
      this.everMoved = true;
      stalled.feedState(false, atMs);
    } else if (cursorMs === 0 && !this.everMoved) stalled.unknown('noCursor');
    // it has stood since the reading before, not only now
    else stalled.feedState(true, atMs, beforeMs);
  }
}
