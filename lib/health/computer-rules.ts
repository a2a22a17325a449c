import type { StatisticsReading } from '../production/health';
import { GRACE_MS } from './facts';
import { RuleState } from './judge';
import type { Why } from './reasons';
import type { RuleId, RuleSetting } from './types';
import { CounterWindow, figure } from './window';

/** The application's computer: encoder, renderer, frame rate, processor; and the disk it records to. */
export class ComputerRules {
  readonly computer: RuleState[];
  readonly disk: RuleState[];
  reading: StatisticsReading | null = null;
  skippedPercent = NaN;
  missedPercent = NaN;
  skippedWhy: Why = 'first';
  missedWhy: Why = 'first';

  private readonly skipped: RuleState;
  private readonly missed: RuleState;
  private readonly fps: RuleState;
  private readonly cpu: RuleState;
  private readonly space: RuleState;
  private readonly encoder = new CounterWindow();
  private readonly renderer = new CounterWindow();

  /** @param sender whose stream the figures are of; null: the application's own */
  constructor(settings: Record<RuleId, RuleSetting>, sender: string | null = null) {
    const rule = (id: RuleId) => new RuleState(id, settings[id], sender);
    this.computer = [
      (this.skipped = rule('skipped')),
      (this.missed = rule('missed')),
      (this.fps = rule('fps')),
      (this.cpu = rule('cpu')),
    ];
    this.disk = [(this.space = rule('disk'))];
  }

  /** Measure. `judged`: whether anything is live or recording; `reachableMs`: since when the application answers. */
  read(reading: StatisticsReading, atMs: number, judged: boolean, reachableMs: number): void {
    this.reading = reading;
    const { encoder, renderer } = this;
    encoder.push(atMs, figure(reading.skippedFrames), figure(reading.encodedFrames), NaN);
    renderer.push(atMs, figure(reading.missedFrames), figure(reading.renderedFrames), NaN);
    this.skippedPercent = share(encoder);
    this.skippedWhy =
      reading.skippedFrames === null || reading.encodedFrames === null ? 'given' : whyNot(encoder);
    this.missedPercent = share(renderer);
    this.missedWhy =
      reading.missedFrames === null || reading.renderedFrames === null ? 'given' : whyNot(renderer);
    if (judged) this.judge(reading, atMs, atMs < reachableMs + GRACE_MS);
  }

  private judge(reading: StatisticsReading, atMs: number, grace: boolean): void {
    const { skipped, missed, fps, cpu, space } = this;
    if (grace) {
      skipped.hold('grace');
      missed.hold('grace');
      fps.hold('grace');
    } else {
      if (Number.isNaN(this.skippedPercent)) skipped.unknown(this.skippedWhy);
      else skipped.feed(this.skippedPercent, atMs);
      if (Number.isNaN(this.missedPercent)) missed.unknown(this.missedWhy);
      else missed.feed(this.missedPercent, atMs);
      this.judgeFps(figure(reading.fps), figure(reading.targetFps), atMs);
    }
    cpu.feed(figure(reading.cpuPercent), atMs);
    space.feed(figure(reading.freeDiskMegabytes), atMs);
  }

  private judgeFps(now: number, target: number, atMs: number): void {
    const { fps } = this;
    fps.figure = now;
    fps.base = target;
    const value = fps.setting.absolute ? now : target > 0 ? figure((now / target) * 100) : NaN;
    if (Number.isNaN(value)) fps.unknown(Number.isNaN(now) ? 'given' : 'noTarget');
    else fps.feed(value, atMs);
  }
}

/** What part of the frames of the window was lost, in percent. */
function share(window: CounterWindow): number {
  const lost = window.grown(0);
  return figure((lost / window.grownWith(1)) * 100);
}

const whyNot = ({ gap }: CounterWindow): Why => (gap === 'none' ? 'noFrames' : gap);
