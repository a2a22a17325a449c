// Our tree, notes and checkpoints against what others publish. The data lies beside the repository and is no part of it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { canonicalJson, type JsonValue } from '../../lib/witness/canonical';
import { parseCheckpoint } from '../../lib/witness/checkpoint';
import { verifyCosignature } from '../../lib/witness/cosign/cosignature';
import { CosignerService } from '../../lib/witness/cosign/service';
import { KEY_TYPES, parseSigner, parseVerifier, signerOf } from '../../lib/witness/keys';
import { signNote, verifyNote } from '../../lib/witness/note';
import { tilePath } from '../../lib/witness/tiles';
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
import { tempDir } from '../support/temp';

const data = resolve(__dirname, '..', '..', '..', 'shared', 'conformance');
const read = (...path: string[]) => readFileSync(join(data, ...path), 'utf8');
const json = <T>(...path: string[]) => JSON.parse(read(...path)) as T;
const bytes = (base64: string | null) => Buffer.from(base64 ?? '', 'base64');

function filesBelow(folder: string): string[] {
  return readdirSync(join(data, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** What was proved, for the table at the end. */
const proved: [what: string, count: number, of: number][] = [];

describe('the witness, against what others publish', function () {
  before(function () {
    if (!existsSync(data)) {
      console.log('        skipped: the published data is not beside this repository');
      this.skip();
    }
  });

  after(() => {
    for (const [what, count, of] of proved) console.log(`        ${what.padEnd(56)} ${count}/${of}`);
    assert.deepEqual(
      proved.filter(([, count, of]) => count !== of),
      [],
    );
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
    proved.push(['roots of RFC 6962 (transparency-dev/merkle)', known.rootsBySizeHex.length, 9]);
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
    proved.push(['proofs of inclusion (transparency-dev/merkle)', files.length, 98]);
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
    proved.push(['proofs of consistency (transparency-dev/merkle)', files.length, 98]);
  });

  it('the rolling hashes over every subtree and every proof up to 130 entries', () => {
    const most = 130;
    const leaves = Array.from({ length: most }, (_, at) => leafHash(Buffer.from([at])));
    const subtree = subtreesOf(leaves);
    const [hashes, proofs] = [createHash('sha256'), createHash('sha256')];
    for (let end = 0; end <= most; end++)
      for (let start = 0; start <= end; start++) {
        // a subtree begins at a multiple of the power of two that it fits into
        const room = 2 ** Math.ceil(Math.log2(Math.max(1, end - start)));
        if (start !== end && start % room !== 0) continue;
        hashes.update(`[${start}, ${end}) ${subtree(start, end).toString('hex')}\n`);
        for (let index = start; index < end; index++) {
          const within = (from: number, to: number) => subtree(start + from, start + to);
          const proof = inclusionProof(index - start, end - start, within);
          const path = proof.map((hash) => ` ${hash.toString('hex')}`).join('');
          proofs.update(`${index} [${start}, ${end})${path}\n`);
        }
      }
    // published in draft-ietf-plants-merkle-tree-certs
    const wanted = [
      'b82806ad4265bb151c1119c0f4db437bb4d1a1f887b3a7fba1cd4ebf552e3e81',
      'ac2a8f989e44d99e399db448050ff5f19757df53cfb716aa81015d3955d8163f',
    ];
    assert.deepEqual([hashes.digest('hex'), proofs.digest('hex')], wanted);
    proved.push(['rolling hashes of subtrees and proofs to 130 entries', 2, wanted.length]);
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
      checkpointBad: string[];
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
    for (const text of notes.checkpointBad) assert.equal(parseCheckpoint(text), null, text);
    const { open, badVkeys, signers, checkpointBad } = notes;
    proved.push(['signed notes (golang.org/x/mod, C2SP)', open.length, 13]);
    proved.push([
      'keys, signers and checkpoints beside them',
      badVkeys.length + signers.length + checkpointBad.length,
      5,
    ]);
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
    proved.push(['bytes of a key, each changed', text.length, text.length]);
  });

  it('16 checkpoints of a log made by Tessera, with its tiles and its entries, each the prefix of the next', () => {
    const verifier = parseVerifier(
      'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx',
    )!;
    const log = join(data, 'tessera', 'testdata', 'log');
    const leavesOf = (size: number): Buffer[] => {
      if (size === 0) return [];
      const bundle = readFileSync(join(log, tilePath('entries', 0, size)));
      const leaves: Buffer[] = [];
      for (let at = 0; at < bundle.length; at += 2 + bundle.readUInt16BE(at))
        leaves.push(leafHash(bundle.subarray(at + 2, at + 2 + bundle.readUInt16BE(at))));
      assert.deepEqual(Buffer.concat(leaves), readFileSync(join(log, tilePath(0, 0, size))));
      return leaves;
    };
    let before: { size: number; root: Buffer } | null = null;
    for (let number = 0; number < 16; number++) {
      const { note } = verifyNote(readFileSync(join(log, `checkpoint.${number}`), 'utf8'), [verifier]);
      const { origin, size, root } = parseCheckpoint(note!.text)!;
      const subtree = subtreesOf(leavesOf(size));
      assert.deepEqual([origin, size], [verifier.name, number]);
      assert.deepEqual(subtree(0, size), root, `size ${size}`);
      if (before?.size)
        assert.ok(
          verifyConsistency(
            before.size,
            size,
            before.root,
            root,
            consistencyProof(before.size, size, subtree),
          ),
        );
      before = { size, root };
    }
    proved.push(['checkpoints, tiles and entries made by Tessera', 16, 16]);
  });

  it('151 signatures of Wycheproof', () => {
    const suite = json<{
      testGroups: {
        publicKey: { pk: string };
        tests: { tcId: number; msg: string; sig: string; result: string }[];
      }[];
    }>('ed25519', 'ed25519_test.json');
    let count = 0;
    for (const { publicKey, tests } of suite.testGroups) {
      const typed = Buffer.from(`01${publicKey.pk}`, 'hex');
      const id = sha256(Buffer.concat([Buffer.from('wycheproof\n'), typed])).subarray(0, 4);
      const key = parseVerifier(`wycheproof+${id.toString('hex')}+${typed.toString('base64')}`)!;
      for (const { tcId, msg, sig, result } of tests) {
        const holds = key.verify(Buffer.from(msg, 'hex'), Buffer.from(sig, 'hex'));
        assert.equal(holds, result === 'valid', `case ${tcId}`);
        count++;
      }
    }
    proved.push(['signatures of Ed25519 (Wycheproof)', count, 151]);
  });

  it('2 cosignatures that other witnesses made', () => {
    const folder = join(data, 'sunlight', 'cmd', 'skylight', 'testdata');
    let count = 0;
    for (const name of ['witness', 'witness2']) {
      const { verifier_keys } = JSON.parse(readFileSync(join(folder, name, 'witness.v0.json'), 'utf8')) as {
        verifier_keys: string[];
      };
      const [log = ''] = readdirSync(join(folder, name)).filter((entry) => /^[0-9a-f]{64}$/.test(entry));
      const note = readFileSync(join(folder, name, log, 'checkpoint'), 'utf8');
      const key = parseVerifier(verifier_keys[0]!)!;
      const by = verifyNote(
        note,
        [key],
        (verifier, text, signature) => verifyCosignature(verifier, text, signature) !== null,
      );
      assert.deepEqual(by.note?.by, [key], name);
      count++;
    }
    proved.push(['cosignatures (Sunlight)', count, 2]);
  });

  it('6 canonical files', () => {
    const folder = join(data, 'jcs', 'testdata');
    const files = readdirSync(join(folder, 'input'));
    for (const file of files) {
      const value = JSON.parse(readFileSync(join(folder, 'input', file), 'utf8')) as JsonValue;
      assert.equal(canonicalJson(value), readFileSync(join(folder, 'output', file), 'utf8'), file);
    }
    proved.push(['canonical JSON files (RFC 8785)', files.length, 6]);
  });

  it('9 requests to a cosigner', async () => {
    const known = json<{ logPublicKeyHex: string; cases: { request: string; status: number }[] }>(
      'tlog-witness',
      'add-checkpoint.json',
    );
    const typed = Buffer.from(`01${known.logPublicKeyHex}`, 'hex');
    const name = `sigsum.org/v1/tree/${sha256(typed.subarray(1)).toString('hex')}`;
    const id = sha256(Buffer.concat([Buffer.from(`${name}\n`), typed])).subarray(0, 4);
    const service = await CosignerService.open({
      signer: signerOf('cosigner.example', Buffer.alloc(32, 9), KEY_TYPES.cosigner),
      logs: [`${name}+${id.toString('hex')}+${typed.toString('base64')}`],
      stateFolder: tempDir('conformance'),
    });
    for (const [index, { request, status }] of known.cases.entries()) {
      // what its cosigner said of a log it does not know; the text of today wants 404
      const wanted = index === 2 ? 404 : status;
      assert.equal((await service.handle(request)).status, wanted, `request ${index}`);
    }
    await service.close();
    proved.push(['requests to a cosigner (torchwood, 1 by the newer text)', known.cases.length, 9]);
  });

  it('what others publish of numbers has a test of its own', () => {
    assert.match(readFileSync(join(__dirname, 'witness-canonical.spec.ts'), 'utf8'), /'a million numbers'/);
  });
});
