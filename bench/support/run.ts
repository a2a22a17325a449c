// How every benchmark runs and ends.
import { print, type Figure } from './figures';

/** Measure the parts one after the other and print their figures. A goal that is missed is no failure; no figure is. */
export function runBench(name: string, parts: Record<string, () => Promise<Figure[]>>): void {
  const measure = async () => {
    const figures: Figure[] = [];
    for (const [part, figuresOf] of Object.entries(parts)) {
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
