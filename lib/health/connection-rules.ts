import { RuleState } from './judge';
import type { RuleId, RuleSetting } from './types';

/** Whether the application answers, and is the one it was. It is a fault only when something ran as it went. */
export class ConnectionRules {
  readonly rule: RuleState;
  readonly restarted: RuleState;
  /** since when it answers, and since when it does not; NaN when it is the other way round */
  reachableMs = NaN;
  awayMs = NaN;
  /** whether a stream was live, or a recording ran, when it went */
  duringShow = false;
  wasRecording = false;
  private restartedAtMs = NaN;

  constructor(settings: Pick<Record<RuleId, RuleSetting>, 'unreachable' | 'restarted'>) {
    this.rule = new RuleState('unreachable', settings.unreachable);
    this.rule.applies = true;
    this.restarted = new RuleState('restarted', settings.restarted);
  }

  /** Another run was found at `toldMs` while something ran (NaN: never); what was before the first reading is no news. */
  noticeRestart(toldMs: number, firstMs: number, atMs: number): void {
    if (Number.isNaN(toldMs)) return;
    const isNew = toldMs > firstMs && toldMs !== this.restartedAtMs;
    const known = !Number.isNaN(this.restartedAtMs);
    if (isNew) this.restartedAtMs = toldMs;
    if (isNew || known) this.restarted.feedState(isNew, atMs, Math.min(toldMs, atMs));
    this.restarted.applies = this.restarted.level > 0;
  }

  /** No answer at `atMs`. */
  lost(atMs: number, live: boolean, recording: boolean): void {
    if (Number.isNaN(this.awayMs)) {
      this.awayMs = atMs;
      // while an incident of it is open, the show that was on still counts
      this.duringShow = live || recording || this.rule.level > 0;
      this.wasRecording = recording || (this.wasRecording && this.rule.level > 0);
    }
    this.reachableMs = NaN;
    if (this.duringShow) this.rule.feedState(true, atMs);
    this.rule.value = atMs - this.awayMs;
  }

  /** An answer at `atMs`. `settled`: what became of the streams is known again. */
  answered(atMs: number, settled: boolean): void {
    if (Number.isNaN(this.reachableMs)) this.reachableMs = atMs;
    this.awayMs = NaN;
    if (settled) this.rule.feedState(false, atMs);
    else this.rule.hold('streamUnknown');
    this.rule.value = 0;
  }
}
