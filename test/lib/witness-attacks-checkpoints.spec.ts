// Checkpoints that are not quite one, keys that are not quite one, and what cosigners add.
import assert from 'node:assert/strict';
import { cosign } from '../../lib/witness/cosign/cosignature';
import { folderOf } from '../../lib/witness/folder';
import { CHECKPOINT_FILE, HISTORY_FILE, historyItem } from '../../lib/witness/format';
import { KEY_TYPES, signerOf } from '../../lib/witness/keys';
import { parseNote, signNote, signatureLine } from '../../lib/witness/note';
import { verifyFolder, type VerifyOptions, type VerifyReport } from '../../lib/witness/verify';
import { copyOf, noteOf, signed, victim, withNotes, type LogFiles } from '../support/attacks';

const log = victim();
const { notes, signer, vkey, origin } = log;
const newest = notes.at(-1)!;
const [, , root] = newest.split('\n');
const key: VerifyOptions = { vkeys: [vkey], origin };
const cosigners = ['a', 'b', 'c'].map((name, at) =>
  signerOf(`cosigner.example/${name}`, Buffer.alloc(32, 20 + at), KEY_TYPES.cosigner),
);
const cosignerKeys = cosigners.map(({ verifier }) => verifier.text);
/** an hour and more after the last entry */
const AT = Date.parse('2026-11-20T20:30:00Z') / 1000;

const verify = (files: LogFiles, options: VerifyOptions = key) => verifyFolder(folderOf(files), options);
const codes = ({ problems }: VerifyReport) => problems.map(({ code }) => code);
/** The note with the lines of more signatures. */
const withSignatures = (note: string, ...lines: string[]) =>
  `${note}${lines.map((line) => `${line}\n`).join('')}`;
const cosigned = (note: string, by: typeof cosigners, at = AT) =>
  withSignatures(note, ...by.map((one) => cosign(one, parseNote(note)!.text, at)));
/** Text that the log's key did sign. */
const signedText = (text: string) => signNote(text, signer);

/** What a checkpoint may look like, all but a few signed with the log's own key. */
const FORMS: Record<string, string> = {
  'size 0 and entries': noteOf(signer, 0, Buffer.alloc(32, 1)),
  'a leading zero': signedText(`${origin}\n020\n${root}\n`),
  hexadecimal: signedText(`${origin}\n0x14\n${root}\n`),
  'a plus sign': signedText(`${origin}\n+20\n${root}\n`),
  'a negative size': signedText(`${origin}\n-20\n${root}\n`),
  'a size with a point': signedText(`${origin}\n20.0\n${root}\n`),
  '2^53': signedText(`${origin}\n9007199254740992\n${root}\n`),
  'no size': signedText(`${origin}\n\n${root}\n`),
  'base64 without its end': signedText(`${origin}\n20\n${root!.slice(0, -1)}\n`),
  'base64 with bits left over': signedText(
    `${origin}\n20\n${root!.slice(0, -2)}${root!.at(-2) === 'B' ? 'C' : 'B'}=\n`,
  ),
  'a root of 31 bytes': signedText(`${origin}\n20\n${Buffer.alloc(31).toString('base64')}\n`),
  'a root of 33 bytes': signedText(`${origin}\n20\n${Buffer.alloc(33).toString('base64')}\n`),
  'another root': noteOf(signer, 20, Buffer.alloc(32, 1)),
  'no root': signedText(`${origin}\n20\n`),
  'no origin': signedText(`\n20\n${root}\n`),
  'another origin': noteOf(signer, 20, Buffer.from(root!, 'base64'), 'another/live-witness/main'),
  'an empty line in its text': signedText(`${origin}\n20\n${root}\n\nmore\n`),
  'an empty line before its signatures too many': newest.replace('\n\n', '\n\n\n'),
  'no empty line before its signatures': newest.replace('\n\n', '\n'),
  'an empty line at its end': `${newest}\n`,
  'no line break at its end': newest.slice(0, -1),
  'CR LF': newest.replaceAll('\n', '\r\n'),
  'no signature': newest.slice(0, newest.indexOf('\n\n') + 2),
  'nothing in it': '',
  'a hyphen for the dash': newest.replace('—', '-'),
  'a NUL': newest.replace(origin, `${origin}\0`),
  'half a surrogate pair': newest.replace('—', '\ud800'),
  '101 signatures': withSignatures(
    newest,
    ...Array.from({ length: 100 }, (_, at) =>
      signatureLine(signerOf(`x${at}`, Buffer.alloc(32, at)).verifier, Buffer.alloc(64)),
    ),
  ),
  'the signature of another key of this name': signed(
    log.lines,
    signerOf(origin, Buffer.alloc(32, 9)),
    [20],
  )[0]!,
  'the signature of another checkpoint': newest.replace(/—.*/u, /—.*/u.exec(notes[0]!)![0]),
  'a signature of 63 bytes': newest.replace(/—.*/u, signatureLine(signer.verifier, Buffer.alloc(63))),
  'a wrong signature first, the right one below': newest.replace(
    '\n\n',
    `\n\n${signatureLine(signer.verifier, Buffer.alloc(64))}\n`,
  ),
  'a megabyte': `${newest}${'x'.repeat(1_000_000)}`,
};

/** What is one all the same. */
const GOOD: Record<string, string> = {
  'as it was signed': newest,
  'with a signature of nobody we know': withSignatures(
    newest,
    signatureLine(signerOf('x', Buffer.alloc(32, 1)).verifier, Buffer.alloc(64)),
  ),
  'with another key of this name': withSignatures(
    newest,
    signatureLine(signerOf(origin, Buffer.alloc(32, 9)).verifier, Buffer.alloc(64)),
  ),
  'with 100 signatures': withSignatures(
    newest,
    ...Array.from({ length: 99 }, (_, at) =>
      signatureLine(signerOf(`x${at}`, Buffer.alloc(32, at)).verifier, Buffer.alloc(64)),
    ),
  ),
  'with a line of an extension': signedText(`${origin}\n20\n${root}\nextension\n`),
  'with cosignatures of nobody asked for': cosigned(newest, cosigners),
};

describe('checkpoints of a witness log', () => {
  for (const [what, note] of Object.entries(GOOD))
    it(`${what} is one`, async () => {
      for (const files of [
        copyOf(log).set(CHECKPOINT_FILE, Buffer.from(note)),
        withNotes(copyOf(log), [...notes, note]),
      ]) {
        const report = await verify(files);
        assert.equal(report.verdict, 'valid', report.sentence);
        assert.equal(report.signed_size, 20);
      }
    });

  for (const [what, note] of Object.entries(FORMS))
    it(`${what} is none, and found in both files with and without a key`, async () => {
      const bytes = Buffer.from(note);
      for (const options of [key, {}]) {
        const alone = await verify(copyOf(log).set(CHECKPOINT_FILE, bytes), options);
        assert.equal(alone.verdict, 'tampered');
        assert.match(codes(alone)[0]!, /^(?:CHECKPOINT_\w+|ROOT_OTHER|EQUIVOCATION)$/);
        const before = log.files.get(HISTORY_FILE)!;
        const history = Buffer.concat([
          before,
          Buffer.from(historyItem(note)),
          Buffer.from(historyItem(newest)),
        ]);
        const older = await verify(copyOf(log).set(HISTORY_FILE, history), options);
        assert.equal(older.verdict, 'tampered');
      }
    });

  it('two stories of one size are told with both of their texts', async () => {
    const other = noteOf(signer, 20, Buffer.alloc(32, 1));
    const { problems } = await verify(withNotes(copyOf(log), [...notes, other]));
    const { detail } = problems.find(({ code }) => code === 'EQUIVOCATION')!;
    assert.ok(detail.includes(newest) && detail.includes(other));
  });

  it('from outside count only where they are signed with a given key', async () => {
    const forged = noteOf(signerOf(origin, Buffer.alloc(32, 9)), 20, Buffer.alloc(32, 1));
    const report = await verify(copyOf(log), { ...key, trusted: [forged] });
    assert.deepEqual([report.verdict, codes(report)[0]], ['unknown', 'TRUSTED_UNSIGNED']);
    assert.equal(report.trusted_size, 0);
    const torn = await verify(copyOf(log), { ...key, trusted: [newest.slice(0, 100)] });
    assert.deepEqual([torn.verdict, codes(torn)[0]], ['unknown', 'TRUSTED_UNREADABLE']);
    const other = await verify(copyOf(log), {
      trusted: [victim({ origin: 'x', seed: Buffer.alloc(32, 3) }).notes[2]!],
    });
    assert.deepEqual([other.verdict, codes(other)[0]], ['tampered', 'TRUSTED_OTHER']);
  });
});

describe('keys of a witness log', () => {
  it('are taken only as they were written', async () => {
    const refused = async (text: string, what: string) =>
      assert.rejects(verify(copyOf(log), { [what]: [text] }), { code: 'WITNESS_KEY_INVALID' }, text);
    for (let from = 0; from < vkey.length; from++)
      for (let to = from; to <= vkey.length; to++)
        if (to - from < vkey.length) await refused(vkey.slice(from, to), 'vkeys');
    for (let at = 0; at < vkey.length; at++)
      await refused(
        vkey.slice(0, at) + String.fromCharCode(vkey.charCodeAt(at) + 1) + vkey.slice(at + 1),
        'vkeys',
      );
    await refused(cosignerKeys[0]!, 'vkeys');
    await refused(vkey, 'cosigners');
    assert.equal((await verify(copyOf(log), { vkeys: [` ${vkey}\n`] })).verdict, 'valid');
  });

  it('are enough where one of several is the right one', async () => {
    const others = [signerOf(origin, Buffer.alloc(32, 9)), signerOf('x', Buffer.alloc(32, 1))];
    const vkeys = [...others.map(({ verifier }) => verifier.text), vkey];
    assert.equal((await verify(copyOf(log), { vkeys })).verdict, 'valid');
    assert.deepEqual(codes(await verify(copyOf(log), { vkeys: vkeys.slice(0, 2) })), ['KEY_OTHER']);
  });
});

describe('cosignatures of a witness log', () => {
  const asked: VerifyOptions = { ...key, cosigners: cosignerKeys };

  it('are counted, and how far they reach', async () => {
    const files = withNotes(copyOf(log), [
      notes[0]!,
      cosigned(notes[1]!, cosigners.slice(0, 2)),
      cosigned(newest, cosigners.slice(1, 2)),
    ]);
    const sized = async (quorum?: number) => {
      const { verdict, cosigned_size, cosigned_by } = await verify(files, {
        ...asked,
        ...(quorum && { quorum }),
      });
      return [verdict, cosigned_size, cosigned_by.length];
    };
    assert.deepEqual(await sized(1), ['valid', 20, 1]);
    assert.deepEqual(await sized(2), ['unknown', 12, 1]);
    assert.deepEqual(await sized(), ['unknown', 0, 1]);
    const unasked = await verify(files);
    assert.deepEqual([unasked.verdict, unasked.cosigned_size], ['valid', null]);
  });

  it('are valid with all of them on the newest', async () => {
    const report = await verify(withNotes(copyOf(log), [...notes, cosigned(newest, cosigners)]), asked);
    assert.deepEqual(report.problems, []);
    assert.deepEqual([report.verdict, report.cosigned_size], ['valid', 20]);
    assert.deepEqual(
      report.cosigned_by,
      cosigners.map(({ verifier }) => verifier.name),
    );
  });

  it('that are wrong spoil the checkpoint; those nobody asked for do not', async () => {
    const [one] = cosigners;
    const forged = withSignatures(newest, cosign(one!, parseNote(notes[0]!)!.text, AT));
    const files = withNotes(copyOf(log), [...notes, forged]);
    assert.deepEqual(codes(await verify(files, asked))[0], 'COSIGNATURE_WRONG');
    assert.equal((await verify(files)).verdict, 'valid');
  });

  it('say a time before the entries they cover only where a clock is wrong', async () => {
    const early = withNotes(copyOf(log), [
      ...notes,
      cosigned(newest, cosigners, Date.parse('2026-11-20T19:00:05Z') / 1000),
    ]);
    const report = await verify(early, asked);
    assert.equal(report.verdict, 'valid');
    assert.deepEqual(
      report.problems.map(({ code, seq }) => [code, seq]),
      Array.from({ length: 3 }, () => ['COSIGNED_BEFORE', 19]),
    );
    const just = cosigned(newest, cosigners, Date.parse('2026-11-20T19:00:17Z') / 1000);
    assert.deepEqual((await verify(withNotes(copyOf(log), [...notes, just]), asked)).problems, []);
  });

  it('of which every flipped bit is found, or does no harm', async () => {
    const note = Buffer.from(cosigned(newest, cosigners.slice(0, 1)));
    const options = { ...key, cosigners: cosignerKeys.slice(0, 1) };
    for (let bit = 0; bit < note.length * 8; bit++) {
      note[bit >> 3]! ^= 1 << (bit & 7);
      const files = copyOf(log).set(CHECKPOINT_FILE, note);
      const report = await verify(files, options);
      assert.notEqual(report.verdict, 'valid', `bit ${bit}`);
      const unasked = await verify(files);
      // a line of somebody unknown says nothing, whatever stands in it
      if (unasked.verdict === 'valid') {
        assert.equal(unasked.signed_size, 20);
        assert.ok(bit >> 3 > newest.length, `bit ${bit}`);
      }
      note[bit >> 3]! ^= 1 << (bit & 7);
    }
  });

  it('are evidence of the age of a log', async () => {
    const files = withNotes(copyOf(log), [...notes, cosigned(newest, cosigners)]);
    const at = (ms: number, options: VerifyOptions) =>
      verify(files, { ...options, maxAgeMs: 60_000, now: () => ms });
    assert.equal((await at(AT * 1000 + 30_000, asked)).verdict, 'valid');
    assert.deepEqual(codes(await at(AT * 1000 + 61_000, asked)), ['STALE']);
    assert.deepEqual(codes(await at(AT * 1000 + 30_000, key)), ['STALE']);
  });
});
