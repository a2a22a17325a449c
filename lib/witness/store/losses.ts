import { type OwnEntry, ownEntry } from './own-entries';

/** Entries that are not in the log: how many, and when the first and last of them came. */
interface Gap {
  count: number;
  first: string;
  last: string;
  reason: string;
}

/** An entry that came and is not in the log, or `count` of them at the same time. */
export interface Lost {
  t: string;
  reason: string;
  count?: number;
}

function joined(a: Gap | null, b: Gap | null): Gap | null {
  if (!a || !b) return a ?? b;
  return { count: a.count + b.count, first: a.first, last: b.last, reason: a.reason };
}

/**
 * Counts what could not be recorded, until an entry that tells it is on the disk. Whatever happens meanwhile, each is told once: the
 * entry that tells may be lost itself, or be there although the disk reported an error.
 */
export class Losses {
  private untold: Gap | null = null;
  private told: { seq: number; gap: Gap }[] = [];

  /** Entries that nothing tells yet. */
  get count(): number {
    return this.untold?.count ?? 0;
  }

  /** One more was lost. */
  add({ t, reason, count = 1 }: Lost): void {
    this.untold = joined(this.untold, { count, first: t, last: t, reason });
  }

  /** These were lost before those that were counted so far. */
  addEarlier(lost: Iterable<Lost>): void {
    let earlier: Gap | null = null;
    for (const { t, reason, count = 1 } of lost)
      earlier = joined(earlier, { count, first: t, last: t, reason });
    this.untold = joined(earlier, this.untold);
  }

  /** The entry that tells it, which becomes number `seq`; null where there is nothing to tell. */
  tell(seq: number): { entry: OwnEntry; count: number; reason: string } | null {
    const gap = this.untold;
    if (!gap) return null;
    this.untold = null;
    this.told.push({ seq, gap });
    return { entry: ownEntry('log.gap', { ...gap }), count: gap.count, reason: gap.reason };
  }

  /** The first `size` entries are safe. */
  safe(size: number): void {
    this.told = this.told.filter(({ seq }) => seq >= size);
  }

  /** Only the first `size` entries are there: what others told is not told. */
  onlyThere(size: number): void {
    let again: Gap | null = null;
    for (const { seq, gap } of this.told) if (seq >= size) again = joined(again, gap);
    this.told = [];
    this.untold = joined(again, this.untold);
  }
}
