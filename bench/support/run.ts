// How every benchmark runs and ends.
import { print, type Figure } from './figures';

/**
 * Measure the parts one after the other and print their figures. A goal that is missed is no failure; no figure is. Words behind the
 * benchmark's name choose the parts that have one of them in theirs.
 */
export function runBench(name: string, parts: Record<string, () => Promise<Figure[]>>): void {
  const words = process.argv.slice(2);
  const measure = async () => {
    const figures: Figure[] = [];
    for (const [part, figuresOf] of Object.entries(parts)) {
      if (words.length > 0 && !words.some((word) => part.includes(word))) continue;
      console.log(`measuring ${part}`);
      figures.push(...(await figuresOf()));
    }
    print(name, figures);
  };
  measure().then(
    () => process.exit(),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
}
