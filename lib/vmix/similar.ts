/** Of these names those that look like a mistyped one, the nearest first, at most three. Pure. */
export function similarTo(name: string, known: readonly string[]): string[] {
  const wanted = name.trim().toLowerCase();
  if (wanted.length < 3) return [];
  return known
    .map((one) => ({ one, far: distance(wanted, one.toLowerCase()) }))
    .filter(({ far }) => far <= Math.max(2, Math.floor(wanted.length / 4)))
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ one }) => one);
}

/** How many letters differ, by insertion, removal and exchange; beyond a length where it means nothing, infinity. */
function distance(one: string, other: string): number {
  if (one.length > 60 || Math.abs(one.length - other.length) > 8) return Infinity;
  let before = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row++) {
    const now = [row];
    for (let column = 1; column <= other.length; column++)
      now.push(
        Math.min(
          now[column - 1]! + 1,
          before[column]! + 1,
          before[column - 1]! + (one[row - 1] === other[column - 1] ? 0 : 1),
        ),
      );
    before = now;
  }
  return before[other.length]!;
}
