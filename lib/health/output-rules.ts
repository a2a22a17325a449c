import type { OutputReading } from '../production/health';
import { EndRule } from './ends';
import { RuleState } from './judge';
import type { RuleId, RuleSetting } from './types';

/** More outputs than any application has. */
const MOST_OUTPUTS = 16;

/** The outputs beside streams and recording: each has one rule, that it ended and nobody asked for it. */
export class OutputRules {
  rules: RuleState[] = [];
  private readonly ends = new Map<string, EndRule>();
  /** outputs of which one that is on makes a show */
  private readonly shows = new Set<EndRule>();

  constructor(
    private readonly settings: Record<RuleId, RuleSetting>,
    private readonly firstMs: () => number,
  ) {}

  /** Take a reading; true when an output was seen for the first time. */
  read(readings: readonly OutputReading[], atMs: number): boolean {
    const before = this.ends.size;
    for (const { output, running, lastEnd, isShow } of readings) {
      const end = this.end(output);
      end?.read(running, lastEnd, atMs);
      if (end && isShow) this.shows.add(end);
    }
    return this.ends.size > before;
  }

  /** Whether one was on, when that was last known, that makes a show. */
  get wereShow(): boolean {
    for (const { wasRunning } of this.shows) if (wasRunning) return true;
    return false;
  }

  /** The application did not answer. */
  lost(readings: readonly OutputReading[], atMs: number): void {
    for (const [output, end] of this.ends)
      end.lost(readings.find((one) => one.output === output)?.lastEnd ?? null, atMs);
  }

  acknowledge(atMs: number): void {
    for (const end of this.ends.values()) end.planned(atMs);
  }

  private end(output: string): EndRule | null {
    const known = this.ends.get(output);
    if (known) return known;
    if (this.ends.size >= MOST_OUTPUTS) return null;
    const id = output.startsWith('srt') ? 'srtStopped' : 'outputStopped';
    const end = new EndRule(new RuleState(id, this.settings[id], output), 'notRunning', this.firstMs);
    this.ends.set(output, end);
    this.rules = [...this.ends.values()].map(({ rule }) => rule);
    return end;
  }
}
