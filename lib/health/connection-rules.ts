import { RuleState } from './judge';
import type { RuleSetting } from './types';

/** Whether the application answers. It is a fault only when something ran as it went. */
export class ConnectionRules {
  readonly rule: RuleState;
  /** since when it answers, and since when it does not; NaN when it is the other way round */
  reachableMs = NaN;
  awayMs = NaN;
  /** whether a stream was live, or a recording ran, when it went */
  duringShow = false;
  wasRecording = false;

  constructor(setting: RuleSetting) {
    this.rule = new RuleState('unreachable', setting);
    this.rule.applies = true;
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
