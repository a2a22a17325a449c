import type { StreamReading } from '../production/health';
import { RuleState } from './judge';
import type { RuleId, RuleSetting } from './types';
import { figure } from './window';

/** How a stream is coded, as far as whoever receives it can see: key frames that lie too far apart, and pictures of another size. */
export class CodedRules {
  readonly rules: RuleState[];
  private readonly keyframes: RuleState;
  private readonly resolution: RuleState;
  /** the size it began with; over a reconnect it is the same stream */
  private first: string | null = null;

  constructor(output: string, settings: Record<RuleId, RuleSetting>) {
    this.keyframes = new RuleState('keyframes', settings.keyframes, output);
    this.resolution = new RuleState('resolution', settings.resolution, output);
    this.rules = [this.keyframes, this.resolution];
  }

  /** A reading of a stream that is live; of an application that does not tell how it is coded, nothing is judged. */
  read({ keyframeMs, size }: StreamReading, atMs: number): void {
    this.keyframes.applies = keyframeMs !== undefined;
    this.resolution.applies = size !== undefined;
    if (keyframeMs !== undefined) {
      const seconds = figure(keyframeMs) / 1000;
      if (Number.isNaN(seconds)) this.keyframes.unknown('given');
      else this.keyframes.feed(Math.round(seconds * 10) / 10, atMs);
    }
    if (size === undefined) return;
    if (size === null) return this.resolution.unknown('given');
    this.first ??= size;
    if (size !== this.first) this.resolution.note = `from ${this.first} to ${size}`;
    this.resolution.feedState(size !== this.first, atMs);
  }

  /** It has ended: the next one may be of any size. */
  forget(): void {
    this.first = null;
    for (const rule of this.rules) rule.applies = false;
  }
}
