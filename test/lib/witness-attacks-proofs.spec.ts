// Proofs that were changed a little.
import assert from 'node:assert/strict';
import {
  consistencyProof,
  inclusionProof,
  subtreesOf,
  verifyConsistency,
  verifyInclusion,
} from '../../lib/witness/tree';
import { victim } from '../support/attacks';

const log = victim();

describe('proofs of a witness log', () => {
  const subtree = subtreesOf(log.hashes);
  const rootOf = (size: number) => subtree(0, size);
  /** every way to spoil a proof a little */
  const spoiled = (proof: Buffer[]): Buffer[][] => [
    ...proof.map((hash, at) =>
      proof.with(at, Buffer.from(hash.map((byte, index) => (index === at ? byte ^ 1 : byte)))),
    ),
    ...proof.map((_, at) => proof.toSpliced(at, 1)),
    ...proof.map((hash, at) => proof.toSpliced(at, 0, hash)),
    [...proof, Buffer.alloc(32)],
    [Buffer.alloc(32), ...proof],
    ...proof.slice(1).map((hash, at) => proof.with(at, hash).with(at + 1, proof[at]!)),
  ];

  it('hold, and not with one hash of them flipped, dropped, added or exchanged', () => {
    let tried = 0;
    for (let size = 1; size <= 20; size++) {
      for (let index = 0; index < size; index++) {
        const proof = inclusionProof(index, size, subtree);
        assert.ok(verifyInclusion(index, size, log.hashes[index]!, proof, rootOf(size)));
        for (const wrong of spoiled(proof)) {
          tried++;
          assert.ok(
            !verifyInclusion(index, size, log.hashes[index]!, wrong, rootOf(size)),
            `${index} of ${size}`,
          );
        }
      }
      for (let before = 1; before <= size; before++) {
        const proof = consistencyProof(before, size, subtree);
        assert.ok(verifyConsistency(before, size, rootOf(before), rootOf(size), proof));
        for (const wrong of spoiled(proof)) {
          tried++;
          assert.ok(
            !verifyConsistency(before, size, rootOf(before), rootOf(size), wrong),
            `${before} to ${size}`,
          );
        }
      }
    }
    assert.ok(tried > 5000, `${tried}`);
  });
});
