// Our tree, notes and checkpoints against what others publish. The data lies beside the repository and is no part of it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseCheckpoint } from '../../lib/witness/checkpoint';
import { parseSigner, parseVerifier } from '../../lib/witness/keys';
import { signNote, verifyNote } from '../../lib/witness/note';
import {
  CompactRange,
  consistencyProof,
  inclusionProof,
  leafHash,
  nodeHash,
  sha256,
  subtreesOf,
  verifyConsistency,
  verifyInclusion,
} from '../../lib/witness/tree';

const data = resolve(__dirname, '..', '..', '..', 'shared', 'conformance');
const read = (...path: string[]) => readFileSync(join(data, ...path), 'utf8');
const json = <T>(...path: string[]) => JSON.parse(read(...path)) as T;
const bytes = (base64: string | null) => Buffer.from(base64 ?? '', 'base64');

function filesBelow(folder: string): string[] {
  return readdirSync(join(data, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('the witness, against what others publish', function () {
  before(function () {
    if (!existsSync(data)) this.skip();
  });

  it('the hashes and roots of RFC 6962', () => {
    const known = json<{
      leafInputsHex: string[];
      rootsBySizeHex: string[];
      leafL123456: string;
      nodeN123N456: string;
    }>('merkle', 'rfc6962-constants.json');
    const range = new CompactRange();
    assert.equal(range.root().toString('hex'), known.rootsBySizeHex[0]);
    known.leafInputsHex.forEach((input, index) => {
      range.push(leafHash(Buffer.from(input, 'hex')));
      assert.equal(range.root().toString('hex'), known.rootsBySizeHex[index + 1]);
    });
    assert.equal(leafHash(Buffer.from('L123456')).toString('hex'), known.leafL123456);
    assert.equal(nodeHash(Buffer.from('N123'), Buffer.from('N456')).toString('hex'), known.nodeN123N456);
  });

  it('98 proofs of inclusion', () => {
    const files = filesBelow('merkle/testdata/inclusion');
    assert.equal(files.length, 98);
    for (const file of files) {
      const probe = JSON.parse(readFileSync(file, 'utf8')) as {
        leafIdx: number;
        treeSize: number;
        root: string | null;
        leafHash: string | null;
        proof: string[] | null;
        wantErr: boolean;
      };
      const holds = verifyInclusion(
        probe.leafIdx,
        probe.treeSize,
        bytes(probe.leafHash),
        (probe.proof ?? []).map(bytes),
        bytes(probe.root),
      );
      assert.equal(holds, !probe.wantErr, file);
    }
  });

  it('98 proofs of consistency', () => {
    const files = filesBelow('merkle/testdata/consistency');
    assert.equal(files.length, 98);
    for (const file of files) {
      const probe = JSON.parse(readFileSync(file, 'utf8')) as {
        size1: number;
        size2: number;
        root1: string | null;
        root2: string | null;
        proof: string[] | null;
        wantErr: boolean;
      };
      const holds = verifyConsistency(
        probe.size1,
        probe.size2,
        bytes(probe.root1),
        bytes(probe.root2),
        (probe.proof ?? []).map(bytes),
      );
      assert.equal(holds, !probe.wantErr, file);
    }
  });

  it('our own proofs up to 130 entries, each of which fails with anything changed', () => {
    const leaves = Array.from({ length: 130 }, (_, index) => leafHash(Buffer.from([index])));
    const subtree = subtreesOf(leaves);
    const roots = [new CompactRange().root()];
    const range = new CompactRange();
    for (const leaf of leaves) {
      range.push(leaf);
      roots.push(range.root());
      assert.deepEqual(range.root(), subtree(0, range.size));
    }
    const changed = (proof: Buffer[]) =>
      proof.length === 0 ? [sha256(Buffer.alloc(1))] : [sha256(proof[0]!), ...proof.slice(1)];
    for (let size = 1; size <= leaves.length; size++)
      for (let index = 0; index < size; index++) {
        const root = roots[size]!;
        const inclusion = inclusionProof(index, size, subtree);
        assert.ok(verifyInclusion(index, size, leaves[index]!, inclusion, root));
        assert.ok(!verifyInclusion(index, size, leaves[index]!, changed(inclusion), root));
        const before = index + 1;
        const consistency = consistencyProof(before, size, subtree);
        assert.ok(verifyConsistency(before, size, roots[before]!, root, consistency));
        assert.ok(!verifyConsistency(before, size, roots[before]!, root, changed(consistency)));
      }
  });

  it('signed notes and the keys that sign them', () => {
    const notes = json<{
      badVkeys: string[];
      signers: { skey: string; text: string; note: string }[];
      open: { desc: string; vkeys: string[]; note: string; ok: boolean; verified?: number }[];
    }>('notes', 'note-vectors.json');
    for (const text of notes.badVkeys) assert.equal(parseVerifier(text), null, text);
    for (const { skey, text, note } of notes.signers) assert.equal(signNote(text, parseSigner(skey)!), note);
    for (const { desc, vkeys, note, ok, verified } of notes.open) {
      const result = verifyNote(
        note,
        vkeys.map((text) => parseVerifier(text)!),
      );
      assert.equal(result.note !== null, ok, desc);
      if (ok) assert.equal(result.note?.by.length, verified, desc);
    }
  });

  it('no part of a key and no key with a byte changed is a key', () => {
    const { open } = json<{ open: { vkeys: string[] }[] }>('notes', 'note-vectors.json');
    const text = open[0]!.vkeys[0]!;
    for (let from = 0; from < text.length; from++)
      for (let to = from; to <= text.length; to++)
        if (to - from < text.length) assert.equal(parseVerifier(text.slice(from, to)), null);
    for (let at = 0; at < text.length; at++) {
      const next = String.fromCharCode(text.charCodeAt(at) + 1);
      assert.equal(parseVerifier(text.slice(0, at) + next + text.slice(at + 1)), null, `byte ${at}`);
    }
  });

  it('16 checkpoints of a log made by Tessera, each the prefix of the next', () => {
    const verifier = parseVerifier(
      'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx',
    )!;
    const sizes = Array.from({ length: 16 }, (_, number) => {
      const { note } = verifyNote(read('tessera', 'testdata', 'log', `checkpoint.${number}`), [verifier]);
      return parseCheckpoint(note!.text)!;
    });
    const tile = readFileSync(
      join(
        data,
        'tessera/testdata/log/tile/0/000.p',
        readdirSync(join(data, 'tessera/testdata/log/tile/0/000.p')).at(-1)!,
      ),
    );
    const leaves = Array.from({ length: tile.length / 32 }, (_, index) =>
      tile.subarray(index * 32, index * 32 + 32),
    );
    const subtree = subtreesOf(leaves);
    for (const { origin, size, root } of sizes) {
      assert.equal(origin, 'example.com/log/testdata');
      if (size <= leaves.length) assert.deepEqual(subtree(0, size), root, `size ${size}`);
    }
  });
});
