import type { HealthSample, PictureReading, SoundReading } from '../production/health';
import { GAP_MS } from './facts';
import { RuleState } from './judge';
import type { Why } from './reasons';
import type { RuleId, RuleSetting } from './types';
import { figure } from './window';

/** A point below this is dark: black in a picture of limited range is 16. */
const DARK_LUMA = 24;
/** A point that changed by no more than this is unchanged. */
const SAME_LUMA = 1;
/** A picture older than this says nothing any more. */
const PICTURE_HOLDS_MS = 30_000;
/** Somebody who takes a breath can still be heard. */
const HEARD_HOLDS_MS = 3_000;
/** Where the rule for silence has no level. */
const SILENCE_DB = -50;

/** The program itself: black or frozen by its picture, silent or clipped by its meters. */
export class ProgramRules {
  readonly black: RuleState;
  readonly frozen: RuleState;
  readonly silent: RuleState;
  readonly clipped: RuleState;
  darkPercent = NaN;
  unchangedMs = NaN;
  peakDb = NaN;
  clippedPercent = NaN;
  pictureWhy: Why = 'noPicture';
  soundWhy: Why = 'noSound';

  private reference: Uint8Array | null = null;
  private referenceOf = '';
  private referenceMs = NaN;
  private pictureMs = NaN;
  private heardMs = -Infinity;
  private judgedMs = NaN;
  /** the reading of the sound before this one; NaN where it had none */
  private listenedMs = NaN;

  constructor(
    settings: Record<RuleId, RuleSetting>,
    private readonly frozenNeedsSilence: boolean,
    /** whose picture and sound they are; null: the application's own */
    sender: string | null = null,
  ) {
    this.black = new RuleState('black', settings.black, sender);
    this.frozen = new RuleState('frozen', settings.frozen, sender);
    this.silent = new RuleState('silent', settings.silent, sender);
    this.clipped = new RuleState('clipped', settings.clipped, sender);
  }

  read(sample: HealthSample, atMs: number, judged: boolean): void {
    // what was still before the show had begun is no fault of it yet
    if (!judged) this.judgedMs = NaN;
    else if (Number.isNaN(this.judgedMs)) this.judgedMs = atMs;
    this.listen(sample.sound, atMs, judged);
    if (sample.picture) this.look(sample.picture, atMs, judged);
    else if (sample.unknown.picture !== undefined || !(atMs - this.pictureMs < PICTURE_HOLDS_MS)) {
      this.darkPercent = this.unchangedMs = NaN;
      this.reference = null;
      if (judged) {
        this.black.unknown(this.pictureWhy);
        this.frozen.unknown(this.pictureWhy);
      }
    }
    // between two pictures nothing is known of either: no reading, nothing entered, nothing cleared
  }

  get rules(): RuleState[] {
    return [this.black, this.frozen, this.silent, this.clipped];
  }

  /** Nothing was seen or heard for a while. */
  lost(): void {
    this.reference = null;
    this.darkPercent = this.unchangedMs = this.peakDb = this.clippedPercent = NaN;
    this.pictureMs = this.listenedMs = NaN;
  }

  private look(picture: PictureReading, atMs: number, judged: boolean): void {
    // pictures are made before they arrive; a clock of another machine is not believed
    const taken = figure(picture.atMs);
    const pictureMs = taken <= atMs && taken > atMs - PICTURE_HOLDS_MS ? taken : atMs;
    this.pictureMs = pictureMs;
    const { luma } = picture;
    if (luma.length === 0) {
      this.darkPercent = this.unchangedMs = NaN;
      this.black.unknown(this.pictureWhy);
      this.frozen.unknown(this.pictureWhy);
      return;
    }
    this.darkPercent = (darkPoints(luma) / luma.length) * 100;
    if (!this.isReference(picture)) {
      this.reference = Uint8Array.from(luma);
      this.referenceOf = picture.source;
      this.referenceMs = pictureMs;
    }
    this.unchangedMs = Math.max(0, pictureMs - this.referenceMs);
    if (!judged) return;
    this.black.feed(this.darkPercent, pictureMs);
    this.judgeFrozen(pictureMs);
  }

  private isReference({ luma, source, sameLuma = SAME_LUMA }: PictureReading): boolean {
    const { reference } = this;
    if (!reference || reference.length !== luma.length || this.referenceOf !== source) return false;
    for (let i = 0; i < luma.length; i++) {
      const change = luma[i]! - reference[i]!;
      if (change > sameLuma || change < -sameLuma) return false;
    }
    return true;
  }

  private judgeFrozen(atMs: number): void {
    const { frozen } = this;
    const still = this.unchangedMs > 0;
    const heard = this.frozenNeedsSilence && atMs - this.heardMs <= HEARD_HOLDS_MS;
    if (!still || heard) frozen.feedState(false, atMs);
    else
      frozen.feedState(
        true,
        atMs,
        Math.max(this.judgedMs, this.referenceMs, this.frozenNeedsSilence ? this.heardMs : -Infinity),
      );
    frozen.value = this.unchangedMs;
  }

  private listen(sound: SoundReading | null, atMs: number, judged: boolean): void {
    const known = sound !== null && sound.readings > 0;
    const isHeard = known && sound.peakDb === null;
    this.soundWhy = isHeard ? 'noLevel' : 'noSound';
    this.peakDb = known ? figure(sound.peakDb) : NaN;
    this.clippedPercent = known ? figure(sound.clippedPercent) : NaN;
    const { warn, critical } = this.silent.setting;
    if (isHeard || this.peakDb >= (warn ?? critical ?? SILENCE_DB)) this.heardMs = atMs;
    // nothing was heard since the reading before, not only now: where more than a moment was listened to
    const covers = atMs - this.listenedMs <= GAP_MS && sound?.readings !== 1;
    const sinceMs = covers ? Math.max(this.judgedMs, this.listenedMs) : atMs;
    this.listenedMs = known ? atMs : NaN;
    if (!judged) return;
    if (isHeard) {
      // louder than any level that is set
      this.silent.feed(Infinity, atMs);
      this.silent.why = 'noLevel';
    } else if (Number.isNaN(this.peakDb)) this.silent.unknown(this.soundWhy);
    else this.silent.feed(this.peakDb, atMs, sinceMs);
    if (Number.isNaN(this.clippedPercent)) this.clipped.unknown(known ? 'given' : this.soundWhy);
    else this.clipped.feed(this.clippedPercent, atMs);
  }
}

function darkPoints(luma: Uint8Array): number {
  let dark = 0;
  for (let i = 0; i < luma.length; i++) if (luma[i]! < DARK_LUMA) dark++;
  return dark;
}
