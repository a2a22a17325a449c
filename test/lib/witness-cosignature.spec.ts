// Cosignatures: made, verified, put below a note, and checked against those that real witnesses made.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkpointText } from '../../lib/witness/checkpoint';
import {
  cosign,
  mergeCosignatures,
  parseSignatureLines,
  verifyCosignature,
} from '../../lib/witness/cosign/cosignature';
import { KEY_TYPES, parseVerifier, signerOf } from '../../lib/witness/keys';
import { parseNote, signNote, verifyNote } from '../../lib/witness/note';
import { EMPTY_ROOT } from '../../lib/witness/tree';

const data = resolve(__dirname, '..', '..', '..', 'shared', 'conformance', 'sunlight/cmd/skylight/testdata');
const log = signerOf('studio.example/log', Buffer.alloc(32, 1));
const outside = signerOf('outside.example', Buffer.alloc(32, 2), KEY_TYPES.cosigner);
const second = signerOf('second.example', Buffer.alloc(32, 3), KEY_TYPES.cosigner);
const text = checkpointText({ origin: 'studio.example/log', size: 0, root: EMPTY_ROOT });
const note = signNote(text, log);
const AT = 1_795_000_000;

const signatureOf = (line: string): Buffer => parseSignatureLines(line)![0]!.signature;

describe('cosignatures', () => {
  it('those that real witnesses made are verified, and no other key finds them its own', function () {
    if (!existsSync(data)) this.skip();
    const found = [
      ['witness/witness.v0.json', 'witness/000de184301123b9278c086a7d9f68c9577e83872224c197058fd90784ea9706'],
      [
        'witness2/witness.v0.json',
        'witness2/88ad7a28caeb0b2aa890fdf0304c2fcaf59fca2ee140134ff8c1300bac493482',
      ],
    ] as const;
    const verifiers = found.map(([keys]) => {
      const { verifier_keys } = JSON.parse(readFileSync(join(data, keys), 'utf8')) as {
        verifier_keys: string[];
      };
      return parseVerifier(verifier_keys[0]!)!;
    });
    found.forEach(([, folder], index) => {
      const read = parseNote(readFileSync(join(data, folder, 'checkpoint'), 'utf8'))!;
      const { signature } = read.signatures.find(({ name }) => name === verifiers[index]!.name)!;
      assert.deepEqual(verifyCosignature(verifiers[index]!, read.text, signature), { at: 1_767_139_200 });
      assert.equal(verifyCosignature(verifiers[1 - index]!, read.text, signature), null);
    });
  });

  it('what is made is verified, with its time; any bit changed is not', () => {
    const line = cosign(outside, text, AT);
    const signature = signatureOf(line);
    assert.deepEqual(verifyCosignature(outside.verifier, text, signature), { at: AT });
    for (let bit = 0; bit < signature.length * 8; bit++) {
      const changed = Buffer.from(signature);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      assert.equal(verifyCosignature(outside.verifier, text, changed), null, `bit ${bit}`);
    }
    assert.equal(verifyCosignature(outside.verifier, text.replace('\n0\n', '\n1\n'), signature), null);
    assert.equal(verifyCosignature(second.verifier, text, signature), null);
    assert.equal(verifyCosignature(outside.verifier, text, signature.subarray(1)), null);
  });

  it('a key of the log makes none, and none is made without a time', () => {
    assert.throws(() => cosign(log, text, AT), RangeError);
    for (const at of [0, -1, 1.5, NaN, 2 ** 53]) assert.throws(() => cosign(outside, text, at), RangeError);
    assert.throws(() => cosign(outside, text.trimEnd(), AT), RangeError);
    // signed with the same secret as a plain signature, over the bytes of the text
    assert.equal(verifyCosignature(log.verifier, text, signatureOf(cosign(outside, text, AT))), null);
    const timeless = Buffer.concat([
      Buffer.alloc(8),
      outside.sign(Buffer.from(`cosignature/v1\ntime 0\n${text}`)),
    ]);
    assert.equal(verifyCosignature(outside.verifier, text, timeless), null);
  });

  it('go below a note, each key once, and the note stays one', () => {
    const first = cosign(outside, text, AT);
    const cosigned = mergeCosignatures(note, `${first}\n${cosign(second, text, AT)}`);
    assert.deepEqual(
      parseNote(cosigned)!.signatures.map(({ name }) => name),
      ['studio.example/log', 'outside.example', 'second.example'],
    );
    const { note: verified } = verifyNote(
      cosigned,
      [outside.verifier, second.verifier],
      (verifier, of, signature) => verifyCosignature(verifier, of, signature) !== null,
    );
    assert.equal(verified!.by.length, 2);
    assert.equal(mergeCosignatures(cosigned, `${cosign(outside, text, AT + 60)}\n`), cosigned);
    assert.equal(mergeCosignatures(note, first), `${note}${first}\n`);
  });

  it('what is no note, no line or too much is not put together', () => {
    const line = cosign(outside, text, AT);
    for (const lines of [
      '',
      '\n',
      'a',
      `${line} `,
      `${line}\n\n${line}`,
      `other text\n\n${line}\n`,
      ` ${line}`,
    ])
      assert.throws(() => mergeCosignatures(note, lines), RangeError, JSON.stringify(lines));
    for (const bad of ['', text, `${text}\n`, `${note}\n`])
      assert.throws(() => mergeCosignatures(bad, line), RangeError, JSON.stringify(bad));
    const many = Array.from({ length: 100 }, (_, at) =>
      cosign(signerOf(`c${at}.example`, Buffer.alloc(32, at), KEY_TYPES.cosigner), text, AT),
    );
    assert.throws(() => mergeCosignatures(note, many.join('\n')), RangeError);
    assert.equal(parseNote(mergeCosignatures(note, many.slice(1).join('\n')))!.signatures.length, 100);
  });
});
