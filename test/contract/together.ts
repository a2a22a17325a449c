// Scenarios that mostly wait, played at the same time: each is a test of its own, and all take as long as the longest.
import { requirePrograms } from '../support';
import { endings, rtmpModule, type World } from './support';

const needed = ['obs', 'Xvfb', 'nginx', 'ffmpeg', rtmpModule];

class Step {
  readonly result: Promise<void>;
  private settle!: { resolve: () => void; reject: (error: unknown) => void };

  constructor(
    readonly title: string,
    private readonly run: () => Promise<void>,
  ) {
    this.result = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
    // its test asks later
    this.result.catch(() => undefined);
  }

  /** Whether it went well. */
  async play(before: string | null): Promise<boolean> {
    try {
      if (before !== null) throw new Error(`not played, since "${before}" failed`);
      await this.run();
      this.settle.resolve();
      return true;
    } catch (error) {
      this.settle.reject(error);
      return false;
    }
  }
}

/** Steps that follow one another. Where one failed, those after it are not played. */
export class Line {
  readonly steps: Step[] = [];
  readonly beside: { from: number; line: Line }[] = [];

  constructor(
    readonly title: string,
    readonly kind: World['kind'],
  ) {}

  step(title: string, run: () => Promise<void>): void {
    this.steps.push(new Step(title, run));
  }

  /** Steps of another line that begin after the steps of this one so far. */
  split(title: string): Line {
    const line = new Line(`${this.title}, ${title}`, this.kind);
    this.beside.push({ from: this.steps.length, line });
    return line;
  }

  async play(before: string | null = null): Promise<void> {
    const plays: Promise<void>[] = [];
    let failed = before;
    for (let index = 0; index <= this.steps.length; index++) {
      for (const { from, line } of this.beside) if (from === index) plays.push(line.play(failed));
      const step = this.steps[index];
      if (step && !(await step.play(failed))) failed ??= step.title;
    }
    await Promise.all(plays);
  }
}

type Define = (
  line: (title: string, kind: World['kind']) => Line,
  ending: ReturnType<typeof endings>,
) => void;

/** Registers lines that begin together with the first test. `ending` is what has to be ended when all are through. */
export function playTogether(title: string, define: Define): void {
  describe(title, function () {
    this.timeout(900_000);
    const ending = endings();
    const lines: Line[] = [];
    let plays: Promise<void>[] = [];
    define((name, kind) => {
      const line = new Line(name, kind);
      lines.push(line);
      return line;
    }, ending);

    before(() => {
      plays = lines.map((line) => line.play());
    });
    after(async () => {
      await Promise.all(plays);
      await ending.run();
    });
    for (const line of lines.flatMap((one) => [one, ...one.beside.map((other) => other.line)]))
      describe(line.title, () => {
        if (line.kind === 'real')
          before(function () {
            requirePrograms(this, needed);
          });
        for (const step of line.steps) it(step.title, () => step.result);
      });
  });
}
