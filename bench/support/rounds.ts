// Alternating rounds and what is made of them.

/** The middle one; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The value below which the share `q` (0 to 1) of the values lies. */
export function percentile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]!;
}

/**
 * Measure several things in alternating order: who was first in one round is last in the next, so that neither warmth nor a
 * busy machine favours one. The warm-up rounds are thrown away.
 * @returns of each its values, one for each round
 */
export async function alternate<Name extends string>(
  rounds: number,
  warmUps: number,
  measures: Record<Name, () => Promise<number>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(measures) as Name[];
  const values = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, number[]>;
  for (let round = -warmUps; round < rounds; round++) {
    for (const name of round % 2 ? [...names].reverse() : names) {
      globalThis.gc?.();
      const value = await measures[name]();
      if (round >= 0) values[name].push(value);
    }
  }
  return values;
}

/** How much readings at even steps grew from first to last, by one line through all, so that a single odd one decides nothing. */
export function growth(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const above = values.reduce((sum, value, index) => sum + (index - middle) * (value - mean), 0);
  const below = values.reduce((sum, _, index) => sum + (index - middle) ** 2, 0);
  return (above / below) * (values.length - 1);
}

export interface Compared {
  ours: number;
  baseline: number;
  ratio: number;
}

/**
 * Medians of both, and of the rounds' ratios: the two of one round ran next to each other, on a machine that was equally busy
 * with other things, so their ratio is steadier than that of the medians.
 * @param isRate more is better; the ratio is above 1 where ours is worse, whatever the unit
 */
export function compare(ours: readonly number[], baseline: readonly number[], isRate = false): Compared {
  const ratios = ours.map((value, round) => (isRate ? baseline[round]! / value : value / baseline[round]!));
  return { ours: median(ours), baseline: median(baseline), ratio: median(ratios) };
}
