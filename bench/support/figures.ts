// What every benchmark prints: its figures, and how they stand to their goals.

export interface Figure {
  name: string;
  unit: string;
  ours: number;
  /** the same thing without us, measured in the same run; null where there is nothing to compare with */
  baseline: number | null;
  /** how many times worse ours is: above 1 we cost more, whether the unit is a time or a rate */
  ratio: number | null;
  /** in words; null where the figure is only told */
  goal: string | null;
  met: boolean | null;
}

export interface FigureOptions {
  name: string;
  unit: string;
  ours: number;
  baseline?: number;
  /** see `compare`; left out where a ratio says nothing */
  ratio?: number;
  goal?: string;
  /** whether the goal is met; gets the figure as it is printed */
  isMet?: (figure: { ours: number; ratio: number | null }) => boolean;
}

/** One figure, rounded. */
export function figure({ name, unit, ours, baseline, ratio, goal, isMet }: FigureOptions): Figure {
  const orNull = (value: number | undefined) => (value === undefined ? null : round(value));
  const printed = { ours: round(ours), ratio: orNull(ratio) };
  return {
    name,
    unit,
    ours: printed.ours,
    baseline: orNull(baseline),
    ratio: printed.ratio,
    goal: goal ?? null,
    met: isMet ? isMet(printed) : null,
  };
}

/** A table for people, then the one line for programs. */
export function print(bench: string, figures: Figure[]): void {
  console.log();
  for (const { name, unit, ours, baseline, ratio, goal, met } of figures) {
    const compared =
      baseline === null ? '' : `, baseline ${baseline}${ratio === null ? '' : `, ratio ${ratio}`}`;
    const judged = goal === null ? '' : ` — goal ${goal}: ${met ? 'met' : 'NOT met'}`;
    console.log(`${name}: ${ours} ${unit}${compared}${judged}`);
  }
  console.log(JSON.stringify({ bench, figures }));
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
