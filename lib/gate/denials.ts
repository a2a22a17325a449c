import { Buckets, type Rate } from '../web/buckets';

/** So long after it was told, the same is worth a word again, with how often it was tried meanwhile. */
const AGAIN_MS = 10 * 60_000;
/** Whoever tried nothing for so long begins anew. */
const QUIET_MS = 60_000;
/** Who changes his name with each try must not flood log and flow either. */
const TOLD: Rate = { burst: 30, everyMs: 2_000 };
const MOST_KNOWN = 2_000;

interface Spell {
  tries: number;
  toldAtMs: number;
  lastMs: number;
}

/** Says which denials are worth a word: an encoder that retries for ever is told once and then counted. Pure. */
export class Denials {
  private readonly spells = new Map<string, Spell>();
  private readonly told = new Buckets(TOLD);

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
    if (nowMs - spell.toldAtMs < AGAIN_MS || this.told.take('', nowMs) > 0) return null;
    spell.toldAtMs = nowMs;
    const { tries } = spell;
    spell.tries = 0;
    return tries;
  }
}
