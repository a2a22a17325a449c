import type { Files } from '../../durable/files';
import { fail } from '../../errors';
import { lineBatches } from '../lines';
import { CompactRange, consistencyProof, sha256 } from '../tree';
import type { Place } from './scan';
import { type Segment, openToRead } from './segment-files';

/** A subtree whose hash is wanted. */
interface Wanted {
  from: number;
  to: number;
  range: CompactRange;
}

/** The tree at some size, and where in the files the entries behind it begin. */
export interface Milestone {
  range: CompactRange;
  place: Place;
}

/**
 * That the tree of `size` begins with the one of `before`. The entries are read once; from a milestone at `before` on only the new
 * ones. Memory does not grow with the log.
 * @throws LiveError WITNESS_UNREADABLE where the files end early, RangeError for sizes that do not fit, the file system's error
 */
export async function proofFrom(
  before: number,
  size: number,
  milestone: Milestone | null,
  segments: readonly Segment[],
  files: Files,
): Promise<Buffer[]> {
  if (before === 0 || before === size) return [];
  const wanted: Wanted[] = [];
  // which subtrees are needed does not depend on their hashes
  const parts = consistencyProof(before, size, (from, to) => {
    const known = milestone?.range.subtree(from, to);
    if (!known) wanted.push({ from, to, range: new CompactRange() });
    return known ?? Buffer.alloc(0);
  });
  await fill(wanted, size, milestone, segments, files);
  const hashes = wanted.map(({ range }) => range.root());
  // the proof is in the other order of asking
  return parts.map((part) => (part.length ? part : hashes.pop()!));
}

async function fill(
  wanted: readonly Wanted[],
  size: number,
  milestone: Milestone | null,
  segments: readonly Segment[],
  files: Files,
): Promise<void> {
  let seq = milestone?.range.size ?? 0;
  const { segment: first, offset } = milestone?.place ?? { segment: 0, offset: 0 };
  for (let at = first; at < segments.length && seq < size; at++) {
    const file = await openToRead(segments[at]!.path, files);
    try {
      for await (const { bytes, bounds } of lineBatches(file, at === first ? offset : 0)) {
        for (let line = 0; line < bounds.length && seq < size; line += 2, seq++) {
          const part = wanted.find(({ from, to }) => from <= seq && seq < to);
          if (!part) continue;
          bytes[bounds[line]! - 1] = 0;
          part.range.push(sha256(bytes.subarray(bounds[line]! - 1, bounds[line + 1])));
        }
        if (seq === size) return;
      }
    } finally {
      await file.close();
    }
  }
  if (seq < size) throw fail('WITNESS_UNREADABLE', { path: segments.at(-1)!.path, reason: 'it ends early' });
}
