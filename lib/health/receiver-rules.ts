import type { ReceiverReading } from '../production/health';
import { Baseline } from './baseline';
import { RuleState } from './judge';
import type { Why } from './reasons';
import type { StreamRules } from './stream-rules';
import type { RuleId, RuleSetting } from './types';
import { CounterWindow, figure } from './window';

/** Servers count what they get in larger steps than senders what they send. */
const RECEIVED_WINDOW_MS = 10_000;

/** What the media server gets, beside what the application sends: two rules. */
export class ReceiverRules {
  readonly rules: RuleState[];
  /** what arrives, NaN where nobody knows */
  kbps = NaN;
  /** the same as part of what is sent, or of what is normal where that is not known */
  percent = NaN;
  /** why the two are not known */
  why: Why = 'noReceiver';

  private readonly notReceived: RuleState;
  private readonly received: RuleState;
  private readonly window = new CounterWindow(RECEIVED_WINDOW_MS);
  private readonly baseline = new Baseline();

  /** `bitrateKbps`: what somebody set that it should be; null: nobody did */
  constructor(
    settings: Record<RuleId, RuleSetting>,
    private readonly bitrateKbps: number | null,
  ) {
    this.notReceived = new RuleState('notReceived', settings.notReceived);
    this.received = new RuleState('received', settings.received);
    this.rules = [this.notReceived, this.received];
  }

  /** A reading at `atMs`; null: no media server is asked. `sender`: the stream it is about, as the application has it. */
  read(reading: ReceiverReading | null, atMs: number, sender: StreamRules | null): void {
    const judged = sender !== null && sender.runs;
    for (const rule of this.rules) rule.applies = judged && reading !== null;
    this.measure(reading, atMs, sender);
    if (!reading) return;
    if (!judged) {
      for (const rule of this.rules) rule.reset('notLive', atMs);
      this.baseline.forget('notLive');
    } else if (!sender.isJudged(atMs)) for (const rule of this.rules) rule.hold(whyHeld(sender));
    else this.judge(reading, atMs);
  }

  /** The application did not answer: what arrives is known all the same, and is held against nothing. */
  lost(reading: ReceiverReading | null, atMs: number): void {
    this.measure(reading, atMs, null);
  }

  private measure(reading: ReceiverReading | null, atMs: number, sender: StreamRules | null): void {
    const { window } = this;
    this.kbps = this.percent = NaN;
    this.why = reading === null ? 'noReceiver' : reading.publishing === false ? 'notReceived' : 'given';
    const bytes = figure(reading?.bytes);
    if (Number.isNaN(bytes)) {
      if (reading?.publishing !== null) window.restart('first');
      return;
    }
    window.push(atMs, bytes, NaN, NaN);
    this.kbps = figure((window.grown(0) * 8) / window.spanMs());
    this.why = window.gap;
    if (!sender || Number.isNaN(this.kbps)) return;
    const judged = sender.isJudged(atMs);
    if (judged) this.baseline.find(this.bitrateKbps ?? NaN, this.kbps, atMs);
    this.percent = figure((this.kbps / this.sentKbps(sender)) * 100);
    if (Number.isNaN(this.percent)) this.why = judged ? this.baseline.why : whyHeld(sender);
  }

  /** What the application sends; where it cannot say (vMix), what is set or was normal in the first seconds. */
  private sentKbps(sender: StreamRules): number {
    return sender.bitrateKbps > 0 ? sender.bitrateKbps : this.baseline.kbps;
  }

  private judge({ publishing }: ReceiverReading, atMs: number): void {
    const { notReceived, received } = this;
    if (publishing === null) {
      for (const rule of this.rules) rule.unknown('given');
      return;
    }
    notReceived.feedState(!publishing, atMs);
    const value = received.setting.absolute ? this.kbps : this.percent;
    received.figure = this.kbps;
    received.base = (this.kbps / this.percent) * 100;
    if (!publishing) received.hold('notReceived');
    else if (Number.isFinite(value)) received.feed(value, atMs);
    else received.unknown(this.why);
  }
}

function whyHeld({ state }: StreamRules): Why {
  if (state === 'live') return 'grace';
  if (state === 'starting' || state === 'reconnecting') return state;
  return state === 'unknown' ? 'streamUnknown' : 'notLive';
}
