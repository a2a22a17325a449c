// Every bit of a log flipped, and the log cut off at every byte.
import assert from 'node:assert/strict';
import { folderOf } from '../../lib/witness/folder';
import { CHECKPOINT_FILE, HISTORY_FILE, segmentName } from '../../lib/witness/format';
import { verifyFolder, type VerifyOptions, type VerifyReport } from '../../lib/witness/verify';
import { SEGMENT, copyOf, inOneFile, victim, withNotes, type LogFiles } from '../support/attacks';
import { scale } from '../support/scale';

const log = victim();
const { lines, notes, vkey, origin } = log;
const LEVELS: VerifyOptions[] = [{ vkeys: [vkey], origin }, {}, { trusted: [notes.at(-1)!] }];
/** with the key; in the long form also without, and with a checkpoint from outside */
const levels = scale < 1 ? LEVELS.slice(0, 1) : LEVELS;

/** Flip each bit of a file in turn. */
async function flipEach(
  files: LogFiles,
  name: string,
  options: VerifyOptions,
  hear: (report: VerifyReport, byte: number) => void,
): Promise<number> {
  const bytes = files.get(name)!;
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    hear(await verifyFolder(folderOf(files), options), bit >> 3);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
  }
  return bytes.length * 8;
}

/** Numbers of the lines of which a file has parts at each byte; its line break is the line's too. */
function seqAt(bytes: Buffer, first: number): number[] {
  let seq = first;
  return [...bytes].map((byte) => (byte === 0x0a ? seq++ : seq));
}

describe('every bit and byte of a witness log', () => {
  before('the log is in order', async () => {
    const said: string[] = [];
    for (const options of LEVELS) said.push((await verifyFolder(folderOf(log.files), options)).verdict);
    assert.deepEqual(said, ['valid', 'unknown', 'valid']);
  });

  it('a flipped bit of an entry is found, and the entry told', async function () {
    this.timeout(300_000);
    let flips = 0;
    // with one checkpoint, since each costs a signature at every flip
    const once = victim({ signedAt: [20] });
    for (const options of levels) {
      const files = copyOf(once);
      for (let first = 0; first < lines.length; first += SEGMENT) {
        const name = segmentName(first);
        const seqs = seqAt(files.get(name)!, first);
        flips += await flipEach(files, name, options, ({ verdict, broken_at }, byte) => {
          const seq = seqs[byte]!;
          assert.equal(verdict, 'tampered', `byte ${byte} of ${name}`);
          // nothing stands behind the last entry: that it is another says only the signature, which stands behind all since the one before
          const told = seq === 19 ? [0, 19] : [seq];
          assert.ok(told.includes(broken_at!), `byte ${byte} of ${name}: ${broken_at}`);
        });
      }
    }
    assert.ok(flips > 35_000 * levels.length, `${flips}`);
  });

  it('a flipped bit of a checkpoint is found, the newest or an older one', async function () {
    this.timeout(120_000);
    for (const options of levels)
      for (const name of [CHECKPOINT_FILE, HISTORY_FILE]) {
        const flips = await flipEach(copyOf(log), name, options, ({ verdict, problems }, byte) => {
          assert.equal(verdict, 'tampered', `byte ${byte} of ${name}`);
          assert.equal(problems[0]?.file, name);
        });
        assert.ok(flips > 1000);
      }
  });

  it('cut off anywhere it is never taken for the whole log', async function () {
    this.timeout(120_000);
    const whole = inOneFile(log);
    const name = segmentName(0);
    const bytes = whole.get(name)!;
    const seqs = seqAt(bytes, 0);
    const [older] = notes;
    const key: VerifyOptions = { vkeys: [vkey] };
    for (let length = 0; length < bytes.length; length++) {
      const seq = seqs[length]!;
      const cut = new Map(whole).set(name, bytes.subarray(0, length));
      const isWhole = length === 0 || bytes[length - 1] === 0x0a;
      const kept = await verifyFolder(folderOf(cut), key);
      const code = isWhole ? 'ENTRIES_MISSING' : 'ENTRY_UNFINISHED';
      assert.deepEqual(
        [kept.verdict, kept.broken_at, kept.problems[0]!.code],
        ['tampered', seq, code],
        `${length} bytes`,
      );
      const none = await verifyFolder(folderOf(withNotes(cut, [])), key);
      assert.equal(none.verdict, 'unknown', `${length} bytes`);
      const old = await verifyFolder(folderOf(withNotes(cut, [older!])), key);
      // exactly at its size an older state looks whole: only a checkpoint from outside tells
      const said = seq < 5 ? 'tampered' : seq === 5 && isWhole ? 'valid' : 'unknown';
      assert.equal(old.verdict, said, `${length} bytes with an older checkpoint`);
      if (said !== 'valid') continue;
      const outside = await verifyFolder(folderOf(withNotes(cut, [older!])), {
        ...key,
        trusted: notes.slice(-1),
      });
      assert.deepEqual([outside.verdict, outside.broken_at], ['tampered', 5]);
    }
  });

  it('a history cut off anywhere does no harm, and hides none', async () => {
    const bytes = log.files.get(HISTORY_FILE)!;
    for (let length = 0; length < bytes.length; length++) {
      const cut = new Map(log.files).set(HISTORY_FILE, bytes.subarray(0, length));
      const { verdict, problems } = await verifyFolder(folderOf(cut), { vkeys: [vkey] });
      assert.equal(verdict, 'valid', `${length} bytes: ${problems[0]?.detail}`);
      cut.set(CHECKPOINT_FILE, Buffer.from(notes[0]!));
      const old = await verifyFolder(folderOf(cut), { vkeys: [vkey] });
      assert.equal(old.verdict, 'unknown', `${length} bytes`);
    }
  });

  it('a newest checkpoint cut off anywhere is found', async () => {
    const bytes = log.files.get(CHECKPOINT_FILE)!;
    for (let length = 0; length < bytes.length; length++) {
      const cut = new Map(log.files).set(CHECKPOINT_FILE, bytes.subarray(0, length));
      const { verdict, problems } = await verifyFolder(folderOf(cut), { vkeys: [vkey] });
      assert.deepEqual([verdict, problems[0]!.code], ['tampered', 'CHECKPOINT_MALFORMED'], `${length} bytes`);
    }
  });
});
