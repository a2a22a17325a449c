import type { ProgramReading } from '../production/health';
import { RuleState } from './judge';
import type { RuleId, RuleSetting } from './types';

/** A rule of yes and no, and since when it is so: readings may be a minute apart. */
class Switch {
  private sinceMs = NaN;

  constructor(readonly rule: RuleState) {}

  feed(bad: boolean | null, atMs: number): void {
    if (bad === null) return this.rule.unknown('given');
    if (!bad) this.sinceMs = NaN;
    else if (!(this.sinceMs <= atMs)) this.sinceMs = atMs;
    this.rule.feedState(bad, atMs, bad ? this.sinceMs : atMs);
  }

  /** What was so before does not count. */
  forget(): void {
    this.sinceMs = NaN;
  }
}

/** What the application itself says of its program: faded to black, muted, a source that is missing, a caller who has gone. */
export class AirRules {
  readonly fadedOut: RuleState;
  readonly muted: RuleState;
  readonly offline: RuleState;
  readonly callDropped: RuleState;
  private readonly switches: Record<'fadedOut' | 'muted' | 'offline' | 'callDropped', Switch>;

  constructor(settings: Record<RuleId, RuleSetting>) {
    this.fadedOut = new RuleState('fadedOut', settings.fadedOut);
    this.muted = new RuleState('muted', settings.muted);
    this.offline = new RuleState('offline', settings.offline);
    this.callDropped = new RuleState('callDropped', settings.callDropped);
    const { fadedOut, muted, offline, callDropped } = this;
    this.switches = {
      fadedOut: new Switch(fadedOut),
      muted: new Switch(muted),
      offline: new Switch(offline),
      callDropped: new Switch(callDropped),
    };
  }

  /** `judged`: whether anything is judged now; `live`: whether a stream is, before and after which a black picture is meant. */
  read(reading: ProgramReading | null, atMs: number, judged: boolean, live: boolean): void {
    if (!reading) return;
    const { fadedOut, muted, offline, callDropped } = this.switches;
    if (!judged) return this.lost();
    this.fadedOut.applies = live;
    if (live) fadedOut.feed(reading.fadeToBlack, atMs);
    else {
      fadedOut.forget();
      this.fadedOut.reset('notLive', atMs);
    }
    muted.feed(reading.masterMuted, atMs);
    this.offline.note = this.callDropped.note = reading.title;
    offline.feed(reading.offline, atMs);
    callDropped.feed(reading.callConnected === false, atMs);
  }

  /** Nothing was heard of it for a while. */
  lost(): void {
    for (const one of Object.values(this.switches)) one.forget();
  }
}
