import type { Does, Parameters } from './does';
import type { Faults } from './faults';
import { namesOf } from './function-names';
import { INPUT_FUNCTIONS } from './functions-inputs';
import { PRODUCTION_FUNCTIONS } from './functions-production';
import type { Studio } from './studio';

/** A function as it was called; names of parameters in lower case, values decoded. */
export interface Call {
  name: string;
  parameters: Parameters;
}

export interface Outcome {
  /** whether this version knows the name: over HTTP 500 otherwise, over TCP nobody sees it */
  known: boolean;
  /** what the TCP port says of bad arguments; HTTP says nothing of them */
  error: string | null;
}

/** What functions do here; every other known one is answered and does nothing. */
const TABLE: readonly [pattern: RegExp, does: Does][] = [...PRODUCTION_FUNCTIONS, ...INPUT_FUNCTIONS];

/** Runs functions as one version of vMix does. */
export class Functions {
  private readonly known: ReadonlySet<string>;

  constructor(
    private readonly studio: Studio,
    private readonly faults: Faults,
    major: number,
  ) {
    this.known = namesOf(major);
  }

  /** Accepted is not done: what it does shows later, or never. Names are taken in any case. */
  run({ name, parameters }: Call): Outcome {
    const low = name.toLowerCase();
    if (!this.known.has(low)) return { known: false, error: null };
    if (this.faults.ignores(low)) return { known: true, error: null };
    for (const [pattern, does] of TABLE) {
      const found = pattern.exec(low);
      if (found) return { known: true, error: does(this.studio, parameters, [...found]) ?? null };
    }
    return { known: true, error: null };
  }
}
