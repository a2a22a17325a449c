/** So long after it was told, the same is worth a word again, with how often it was tried meanwhile. */
const AGAIN_MS = 10 * 60_000;
/** Whoever tried nothing for so long begins anew. */
const QUIET_MS = 60_000;
/** In a minute: who changes his name with each try must not flood log and flow either. */
const MOST_TOLD = 30;
const MINUTE_MS = 60_000;
const MOST_KNOWN = 2_000;

interface Spell {
  tries: number;
  toldAtMs: number;
  lastMs: number;
}

/** Says which denials are worth a word: an encoder that retries for ever is told once and then counted. Pure. */
export class Denials {
  private readonly spells = new Map<string, Spell>();
  private minuteMs = Number.NEGATIVE_INFINITY;
  private told = 0;

  /** How often this was tried since it was told last, this one included; null: nobody need hear of it now. */
  count(what: string, nowMs: number): number | null {
    const known = this.spells.get(what);
    const spell =
      known && nowMs - known.lastMs < QUIET_MS
        ? known
        : { tries: 0, toldAtMs: Number.NEGATIVE_INFINITY, lastMs: nowMs };
    spell.tries++;
    spell.lastMs = nowMs;
    // last in the order of the map: who tried lately is forgotten last
    this.spells.delete(what);
    this.spells.set(what, spell);
    if (this.spells.size > MOST_KNOWN) this.spells.delete(this.spells.keys().next().value!);
    if (nowMs - spell.toldAtMs < AGAIN_MS || !this.mayTell(nowMs)) return null;
    spell.toldAtMs = nowMs;
    const { tries } = spell;
    spell.tries = 0;
    return tries;
  }

  private mayTell(nowMs: number): boolean {
    if (nowMs - this.minuteMs >= MINUTE_MS) {
      this.minuteMs = nowMs;
      this.told = 0;
    }
    return ++this.told <= MOST_TOLD;
  }
}
