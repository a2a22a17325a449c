// Proofs of single entries: made, read by the book, and worth nothing once anything in them is changed.
import assert from 'node:assert/strict';
import { checkpointText } from '../../lib/witness/checkpoint';
import { parseCheckpoint } from '../../lib/witness/checkpoint';
import { parseNote, signNote } from '../../lib/witness/note';
import { ProofPass, parseProof, proofText, proveEntry, provenCheckpoint } from '../../lib/witness/proof';
import { consistencyProof, inclusionProof, leafHash, sha256, subtreesOf } from '../../lib/witness/tree';
import { loops, scale } from '../support/scale';
import { writtenLog } from '../support/written-log';

const entries = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ type: 'scene_changed', data: { at } }));

async function* linesOf(lines: readonly Buffer[]) {
  for (const line of lines) yield await Promise.resolve({ line });
}

describe('a proof of one entry', () => {
  it('is made for every entry, with and without its line, and read again', async () => {
    const log = writtenLog(entries(9), { signedAt: [4] });
    const [early = '', last = ''] = log.notes;
    for (const [note, size] of [
      [early, 4],
      [last, log.lines.length],
    ] as const)
      for (let index = 0; index < size; index++)
        for (const carry of [true, false]) {
          const { text, line } = await proveEntry(linesOf(log.lines), index, note, carry);
          const proof = parseProof(text);
          assert.ok(proof);
          assert.equal(proofText(proof), text);
          assert.equal(proof.index, index);
          assert.equal(proof.note, note);
          assert.deepEqual(line, log.lines[index]);
          assert.deepEqual(proof.line, carry ? log.lines[index] : null);
          assert.equal(provenCheckpoint(proof, line)?.size, size);
          for (const other of log.lines)
            if (other !== log.lines[index]) assert.equal(provenCheckpoint(proof, other), null);
        }
  });

  it('proves nothing of a log that differs from its checkpoint, or that ends before it', async () => {
    const log = writtenLog(entries(9));
    const note = log.notes.at(-1)!;
    const changed = log.lines.map((line, at) => (at === 3 ? Buffer.concat([line, Buffer.from(' ')]) : line));
    await assert.rejects(proveEntry(linesOf(changed), 5, note, true), /not what its checkpoint/);
    await assert.rejects(proveEntry(linesOf(log.lines.slice(0, 8)), 5, note, true), /8 of 13 signed entries/);
    await assert.rejects(proveEntry(linesOf(log.lines), 13, note, true), /no entry 13/);
    await assert.rejects(proveEntry(linesOf(log.lines), 5, 'a mail', true), /no checkpoint/);
  });

  it('fails with any character of its hashes, its number or its checkpoint changed, dropped or doubled', async () => {
    const log = writtenLog(entries(12));
    const { text, line } = await proveEntry(linesOf(log.lines), 6, log.notes.at(-1)!, false);
    const signed = text.indexOf('\n— ') + 1;
    const size = parseNote(log.notes.at(-1)!)!.text;
    const still = (changed: string) => {
      const proof = parseProof(changed);
      const found = proof && provenCheckpoint(proof, line);
      // what is behind the root is the business of the signature
      return found !== null && parseNote(proof!.note)!.text === size;
    };
    assert.ok(still(text));
    for (let at = 0; at < signed; at++) {
      const next = String.fromCharCode(text.charCodeAt(at) + 1);
      for (const changed of [
        text.slice(0, at) + next + text.slice(at + 1),
        text.slice(0, at) + text.slice(at + 1),
        text.slice(0, at) + text[at] + text.slice(at),
      ])
        if (changed !== text) assert.ok(!still(changed), `character ${at} of ${JSON.stringify(changed)}`);
    }
    const proof = parseProof(text)!;
    for (const hashes of [
      proof.hashes.slice(1),
      [...proof.hashes].reverse(),
      [...proof.hashes, sha256(Buffer.alloc(0))],
      [proof.hashes[0]!, ...proof.hashes],
    ])
      assert.equal(provenCheckpoint({ ...proof, hashes }, line), null);
  });

  it('takes no text that is not exactly one', async () => {
    const log = writtenLog(entries(3));
    const { text } = await proveEntry(linesOf(log.lines), 2, log.notes.at(-1)!, true);
    assert.ok(parseProof(text));
    for (const wrong of [
      '',
      `\ufeff${text}`,
      text.replaceAll('\n', '\r\n'),
      text.replace('tlog-proof@v1', 'tlog-proof@v2'),
      text.replace('index 2', 'index 02'),
      text.replace('index 2', 'index -2'),
      text.replace('index 2', 'index 0x2'),
      text.replace('index 2', 'index 9007199254740993'),
      text.replace('index 2\n', ''),
      text.replace(/extra .*\n/, (extra) => extra + extra),
      text.replace(/extra .*\n/, 'extra \n'),
      text.replace(/=\n/, '\n'),
      text.replace('\n\n', '\n'),
      text.slice(0, -1),
      text.replace('index 2\n', `index 2\n${`${'A'.repeat(43)}=\n`.repeat(64)}`),
    ])
      assert.equal(parseProof(wrong), null, JSON.stringify(wrong.slice(0, 80)));
  });

  it('needs one pass over a log and no tree of it: inclusion and consistency', () => {
    const leaves = Array.from({ length: 67 }, (_, at) => leafHash(Buffer.from([at])));
    const subtree = subtreesOf(leaves);
    for (let size = 1; size <= leaves.length; size += 6)
      for (let index = 0; index < size; index++)
        for (const ask of [
          (hash: typeof subtree) => inclusionProof(index, size, hash),
          (hash: typeof subtree) => consistencyProof(index + 1, size, hash),
        ]) {
          const pass = new ProofPass(ask);
          if (size > 1 && ask(subtree).length > 0) assert.throws(() => pass.proof(), RangeError);
          for (const leaf of leaves.slice(0, size)) pass.push(leaf);
          assert.deepEqual(pass.proof(), ask(subtree));
          assert.deepEqual(pass.root(), subtree(0, size));
        }
  });

  it('has at most 1.3 kB at a million entries', function () {
    this.timeout(60_000);
    // the whole million in the long form; a proof has as many hashes as its tree has levels, whatever they are over
    const size = scale === 1 ? 1_000_000 : loops(1_000_000);
    const index = Math.floor(size * 0.37);
    const pass = new ProofPass((subtree) => inclusionProof(index, size, subtree));
    const { origin, signer } = writtenLog([]);
    for (let at = 0; at < size; at++) pass.push(leafHash(Buffer.from(`entry ${at}`)));
    const note = signNote(checkpointText({ origin, size, root: pass.root() }), signer);
    const proof = { index, hashes: pass.proof(), note, line: null };
    assert.ok(provenCheckpoint(proof, Buffer.from(`entry ${index}`)));
    const levels = Math.ceil(Math.log2(1_000_000));
    const missing = (levels - proof.hashes.length) * 45 + 2 * (7 - String(size).length);
    const bytes = Buffer.byteLength(proofText(proof)) + missing;
    console.log(`        ${bytes} bytes`);
    assert.ok(bytes <= 1300, `${bytes} bytes`);
    assert.equal(parseCheckpoint(parseNote(note)!.text)?.size, size);
  });
});
