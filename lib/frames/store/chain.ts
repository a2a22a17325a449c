/** The chain that all lines of a stream are in, over its hours: each names the hash of the one before. Pure. */
import { isCount } from './line';

/** Lines that stand one behind the other. */
export interface Run {
  /** numbers of its first and its last line */
  from: number;
  to: number;
  /** what its first line names as the hash before it */
  prev: string;
  /** of its last line */
  hash: string;
}

/** The newest line of a stream. */
export interface Head {
  n: number;
  hash: string;
}

/** What a stream's file `chain.json` holds. */
export interface ChainNote {
  /** the newest line when the note was made, or null; a later one may stand in an hour without a summary */
  head: Head | null;
  /** what retention removed */
  removed: Run[];
}

/** Put a line behind those that are there: into the last run where it belongs there. */
export function addLine(runs: Run[], n: number, prev: string, hash: string): void {
  const last = runs.at(-1);
  if (last && n === last.to + 1 && prev === last.hash) {
    last.to = n;
    last.hash = hash;
  } else runs.push({ from: n, to: n, prev, hash });
}

/** Runs in their order, neighbours that belong together made one. */
export function joined(runs: readonly Run[]): Run[] {
  const out: Run[] = [];
  for (const run of [...runs].sort((a, b) => a.from - b.from || a.to - b.to)) {
    const last = out.at(-1);
    if (last && run.from === last.to + 1 && run.prev === last.hash)
      Object.assign(last, { to: run.to, hash: run.hash });
    else if (!last || run.to > last.to) out.push({ ...run });
  }
  return out;
}

/** The newest line of some runs and heads, or null. */
export function newest(heads: readonly (Head | null)[]): Head | null {
  let head: Head | null = null;
  for (const one of heads) if (one && (!head || one.n > head.n)) head = one;
  return head;
}

/** The last lines of runs. */
export function endsOf(runs: readonly Run[]): Head[] {
  return runs.map(({ to, hash }) => ({ n: to, hash }));
}

const SHA256 = /^[0-9a-f]{64}$/;

/** Whether it is a list of runs, as a file has it. */
export function areRuns(value: unknown): value is Run[] {
  return (
    Array.isArray(value) &&
    value.every((one: unknown) => {
      const { from, to, prev, hash } = Object(one) as Record<string, unknown>;
      return isCount(from) && isCount(to) && to >= from && isHash(prev) && isHash(hash);
    })
  );
}

function isHash(value: unknown): value is string {
  return typeof value === 'string' && SHA256.test(value);
}

/** A chain note as text for its file. */
export function chainText({ head, removed }: ChainNote): string {
  return `${JSON.stringify({ v: 1, head, removed })}\n`;
}

/** A chain note of its file's text, or null where it is none. */
export function chainIn(text: string): ChainNote | null {
  try {
    const { v, head, removed } = Object(JSON.parse(text)) as Record<string, unknown>;
    if (v !== 1 || !areRuns(removed)) return null;
    if (head === null) return { head, removed };
    const { n, hash } = Object(head) as Record<string, unknown>;
    return isCount(n) && isHash(hash) ? { head: { n, hash }, removed } : null;
  } catch {
    return null;
  }
}
