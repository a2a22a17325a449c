// What can be done to a log, and what verification says of it: with nothing but the folder, with the log's key, and with a checkpoint from outside too.
import assert from 'node:assert/strict';
import type { Entry } from '../../lib/witness/entry';
import { folderOf } from '../../lib/witness/folder';
import { CHECKPOINT_FILE, HISTORY_FILE, historyItem, segmentName } from '../../lib/witness/format';
import { signerOf } from '../../lib/witness/keys';
import { leafHash } from '../../lib/witness/tree';
import { verifyFolder, type VerifyOptions, type VerifyReport } from '../../lib/witness/verify';
import {
  copyOf,
  edited,
  inOneFile,
  noteOf,
  relinked,
  signed,
  victim,
  withLines,
  withNotes,
  type LogFiles,
} from '../support/attacks';

const log = victim();
const { lines, notes, signer, vkey, origin } = log;
const otherKey = signerOf(origin, Buffer.alloc(32, 9));
/** a log of the same name and key, of another evening */
const twin = victim({ logId: 'cd'.repeat(16) });
const stranger = victim({ origin: 'elsewhere/live-witness/main', seed: Buffer.alloc(32, 8) });

const LEVELS: Record<'folder' | 'key' | 'outside', VerifyOptions> = {
  folder: {},
  key: { vkeys: [vkey], origin },
  outside: { vkeys: [vkey], origin, trusted: [notes.at(-1)!] },
};

const scene = (entry: Entry) => (entry.data = { payload: { scene: 'another' } });
const change = (at: number) => (entries: Entry[]) => void scene(entries[at]!);
/** every link right again after a change at `at` */
const rewritten = (at: number) => relinked(lines, change(at));
const sizes = [5, 12, 20];
const first = segmentName(0);
const second = segmentName(8);
const third = segmentName(16);

/** The file with its content changed, all others as they were. */
const put = (name: string, content: (was: Buffer) => Buffer | string, files = copyOf(log)): LogFiles =>
  files.set(name, Buffer.from(content(files.get(name) ?? Buffer.alloc(0))));
const without = (...names: string[]): LogFiles => {
  const files = copyOf(log);
  for (const name of names) assert.ok(files.delete(name));
  return files;
};
/** One line in the place of another, as text. */
const line = (at: number, to: (was: string) => string): LogFiles =>
  withLines(
    log,
    lines.map((one, index) => (index === at ? to(one.toString()) : one)),
  );
const newGenesis = relinked(lines, (entries) => {
  entries[0]!.data = { ...(entries[0]!.data as object), vkey: otherKey.verifier.text };
});
const shorter = lines.slice(0, 14);
/** cut at 14, and others behind */
const goneOn = relinked(lines, (entries) => [
  ...entries.slice(0, 14),
  ...entries.slice(16).map((one) => ({ ...one, t: one.t.replace('19:', '20:') })),
]);

/** Verdict, first finding, and the first entry that is not in order. */
type Said = string;
const HONEST: [Said, Said, Said] = ['unknown KEY_NOT_GIVEN', 'valid', 'valid'];
const all = (said: Said): [Said, Said, Said] => [said, said, said];

/** The log with one line changed by `to`, and nothing else. */
const lineEdited = (at: number, to: (entry: Entry) => void = scene) =>
  withLines(log, lines.with(at, edited(lines[at]!, to)));
/** numbered and linked as it should be, with counts that are wrong */
const miscounted = relinked(lines, (entries) => {
  entries[3]!.type = 'obs_connected';
});
const wrongStats = [...miscounted.slice(0, 18), ...chainedBehind(miscounted[17]!, lines[18]!, lines[19]!)];

const resigned = (changed: Buffer[]) =>
  withNotes(withLines(log, changed), signed(changed, signer, [5, changed.length]));
const leftOut = [...lines.slice(0, 9), ...chainedBehind(lines[8]!, ...lines.slice(10))];
const wrongOpen = [
  lines[0]!,
  ...chainedBehind(
    lines[0]!,
    edited(lines[1]!, (entry) => (entry.data = { ...(entry.data as object), root: 'x' })),
    ...lines.slice(2),
  ),
];
const wrongClose = lines.with(
  19,
  edited(lines[19]!, (entry) => (entry.data = { size: 18 })),
);
const secondGenesis = relinked(lines, (entries) => {
  Object.assign(entries[9]!, { type: 'log.genesis', data: entries[0]!.data });
});

/** What is done, and what is said of it with the folder alone, with the key, with a checkpoint from outside: a row is a line. */
// prettier-ignore
const TABLE: [what: string, files: LogFiles, said: [folder: Said, key: Said, outside: Said]][] = [
  // A2, A3: entries
  ['an entry edited', lineEdited(9), all('tampered ENTRY_CHANGED 9')],
  ['the first of a file edited', lineEdited(8), all('tampered ENTRY_CHANGED 8')],
  ['the last of a file edited', lineEdited(7), all('tampered ENTRY_CHANGED 7')],
  ['the last but one edited', lineEdited(18, (entry) => (entry.mono += 1)), all('tampered ENTRY_CHANGED 18')],
  ['the last of all edited', lineEdited(19, (entry) => (entry.mono += 1)), all('tampered ROOT_OTHER 12')],
  ['two neighbours edited', withLines(log, lines.with(9, edited(lines[9]!, scene)).with(10, edited(lines[10]!, scene))), all('tampered ENTRY_CHANGED 9')],
  ['a word replaced in every entry', withLines(log, lines.map((line) => Buffer.from(line.toString().replace('"scene":"scene ', '"scene":"Scene ')))), all('tampered ENTRY_CHANGED 2')],
  ['a link edited', lineEdited(9, (entry) => (entry.prev = 'ab'.repeat(32))), all('tampered ENTRY_ORDER 9')],
  ['an entry and the link behind it edited', withLines(log, lines.with(9, rewritten(9)[9]!).with(10, rewritten(9)[10]!)), all('tampered ENTRY_ORDER 11')],
  ['an entry and all links behind it edited', withLines(log, rewritten(9)), all('tampered ROOT_OTHER 5')],
  ['… and signed with another key', withNotes(withLines(log, rewritten(9)), signed(rewritten(9), otherKey, sizes)), ['tampered CHECKPOINT_SIGNATURE', 'tampered CHECKPOINT_SIGNATURE', 'tampered CHECKPOINT_SIGNATURE 0']],
  ['… which the first entry names', withNotes(withLines(log, newGenesis), signed(newGenesis, otherKey, sizes)), ['unknown KEY_NOT_GIVEN', 'tampered KEY_OTHER 0', 'tampered KEY_OTHER 0']],
  ['… and signed with the stolen key', withNotes(withLines(log, rewritten(9)), signed(rewritten(9), signer, sizes)), ['unknown KEY_NOT_GIVEN', 'valid', 'tampered EQUIVOCATION 0']],
  ['… with the history left as it was', put(CHECKPOINT_FILE, () => signed(rewritten(9), signer, sizes).at(-1)!, withLines(log, rewritten(9))), ['tampered ROOT_OTHER 5', 'tampered ROOT_OTHER 5', 'tampered EQUIVOCATION 5']],
  ['the type of an entry edited, counts forgotten, signed with the stolen key', withNotes(withLines(log, wrongStats), signed(wrongStats, signer, sizes)), ['tampered STATS_WRONG 18', 'tampered STATS_WRONG 18', 'tampered EQUIVOCATION 0']],

  ['an entry left out, links right and numbers not, signed with the stolen key', resigned(leftOut), ['tampered ENTRY_ORDER 9', 'tampered ENTRY_ORDER 9', 'tampered ENTRY_ORDER 9']],
  ['another root in log.open, signed with the stolen key', resigned(wrongOpen), ['tampered OWN_ENTRY_WRONG 1', 'tampered OWN_ENTRY_WRONG 1', 'tampered EQUIVOCATION 0']],
  ['another size in log.close, signed with the stolen key', resigned(wrongClose), ['tampered OWN_ENTRY_WRONG 19', 'tampered OWN_ENTRY_WRONG 19', 'tampered EQUIVOCATION 0']],
  ['a second beginning, signed with the stolen key', resigned(secondGenesis), ['tampered OWN_ENTRY_WRONG 9', 'tampered OWN_ENTRY_WRONG 9', 'tampered EQUIVOCATION 0']],

  // A5: entries behind the last signature
  ['forged entries behind the last', withLines(log, relinked(lines, (entries) => [...entries, ...entries.slice(2, 4)])), all('unknown TAIL_UNSIGNED')],
  ['a forged entry that does not follow', withLines(log, [...lines, lines[9]!]), all('tampered ENTRY_ORDER 20')],

  // A6: forms of a line
  ['a space', line(9, (was) => was.replace(':', ': ')), all('tampered ENTRY_INVALID 9')],
  ['CR LF', line(9, (was) => `${was}\r`), all('tampered ENTRY_INVALID 9')],
  ['a byte order mark', put(second, (was) => Buffer.concat([Buffer.from('\ufeff'), was])), all('tampered ENTRY_INVALID 8')],
  ['a byte order mark before everything', put(first, (was) => Buffer.concat([Buffer.from('\ufeff'), was])), all('tampered ENTRY_INVALID 0')],
  ['a NUL', line(9, (was) => was.replace('scene', 'sce\0e')), all('tampered ENTRY_INVALID 9')],
  ['a NUL in the last line', line(19, (was) => was.replace('size', 'si\0e')), all('tampered ENTRY_INVALID 19')],
  ['a name twice', line(9, (was) => was.replace('"n":', '"n":1,"n":')), all('tampered ENTRY_INVALID 9')],
  ['names in another order', line(9, (was) => was.replace(/("n":\d+),("scene":"[^"]*")/, '$2,$1')), all('tampered ENTRY_INVALID 9')],
  ['1.0', line(9, (was) => was.replace(/"n":(\d+)/, '"n":$1.0')), all('tampered ENTRY_INVALID 9')],
  ['a needless escape', line(9, (was) => was.replace('scene', '\\u0073cene')), all('tampered ENTRY_INVALID 9')],
  ['overlong UTF-8', put(second, (was) => Buffer.from(was.toString('latin1').replace('scene 7', 'scene \xc0\xb7'), 'latin1')), all('tampered ENTRY_INVALID 9')],
  ['__proto__', line(9, (was) => was.replace('"n":', '"__proto__":{"n":1},"n":')), all('tampered ENTRY_CHANGED 9')],
  ['another version', line(9, (was) => was.replace('"v":1', '"v":2')), all('tampered ENTRY_INVALID 9')],
  ['another version of the first entry', line(0, (was) => was.replace('"v":1', '"v":2')), all('tampered ENTRY_INVALID 0')],
  ['another format', line(0, (was) => was.replace('"format":1', '"format":2')), all('tampered ENTRY_CHANGED 0')],
  ['65,536 bytes', line(9, (was) => was.replace('scene 7', 'x'.repeat(65_536))), all('tampered ENTRY_INVALID 9')],
  ['no line break at the end', put(third, (was) => was.subarray(0, -1)), all('tampered ENTRY_UNFINISHED 19')],
  ['no line break at the end of another file', put(first, (was) => was.subarray(0, -1)), all('tampered ENTRY_UNFINISHED 7')],
  ['glued lines', put(second, (was) => was.toString().replace('}\n{', '}{')), all('tampered ENTRY_INVALID 8')],
  ['an empty line', put(second, (was) => `\n${was.toString()}`), all('tampered ENTRY_INVALID 8')],
  ['an empty line at the end', put(third, (was) => `${was.toString()}\n`), all('tampered ENTRY_INVALID 20')],
  ['rubbish at the end', put(third, (was) => `${was.toString()}rubbish\n`), all('tampered ENTRY_INVALID 20')],
  ['a torn line at the end', put(third, (was) => `${was.toString()}{"data":`), all('unknown TAIL_TORN')],
  ['zeros at the end, as after a power cut', put(third, (was) => Buffer.concat([was, Buffer.alloc(4096), Buffer.from('\n')])), all('unknown TAIL_TORN')],

  // A7: files
  ['two files swapped', put(second, () => log.files.get(third)!, put(third, () => log.files.get(second)!)), all('tampered ENTRY_ORDER 8')],
  ['a file removed', without(second), all('tampered SEGMENT_GAP 8')],
  ['the first file removed', without(first), all('tampered SEGMENT_GAP 0')],
  ['the last file removed', without(third), all('tampered ENTRIES_MISSING 16')],
  ['a file renamed', put(segmentName(9), () => log.files.get(second)!, without(second)), all('tampered SEGMENT_GAP 8')],
  ['a file under a name of its own', put('000000000008.jsonl.bak', () => log.files.get(second)!, without(second)), all('tampered SEGMENT_GAP 8')],
  ['a file twice', put(segmentName(9), () => log.files.get(second)!), all('tampered SEGMENT_OVERLAP 16')],
  ['an empty file between', put(segmentName(9), () => ''), all('tampered SEGMENT_OVERLAP 16')],
  ['an emptied file', put(second, () => ''), all('tampered SEGMENT_GAP 8')],
  ['an empty file at the end', put(segmentName(20), () => ''), HONEST],
  ['an empty file far behind', put(segmentName(4000), () => ''), all('tampered SEGMENT_GAP 20')],
  ['all in one file', inOneFile(log), HONEST],
  ['a file that is none of the log', put('notes.txt', () => 'x'), HONEST],

  // A8: replay
  ['a file of another log of this name and key', put(second, () => twin.files.get(second)!), all('tampered ENTRY_ORDER 8')],
  ['an entry of another log of this name and key', withLines(log, lines.with(9, twin.lines[9]!)), all('tampered ENTRY_ORDER 9')],
  ['an entry once more', withLines(log, lines.toSpliced(9, 0, lines[8]!)), all('tampered ENTRY_ORDER 9')],
  ['another log of this name and key', copyOf(twin), ['unknown KEY_NOT_GIVEN', 'valid', 'tampered EQUIVOCATION 0']],

  // A9: nothing
  ['no file at all', new Map(), ['unknown NO_ENTRIES', 'unknown NO_ENTRIES', 'tampered TRUSTED_BEYOND 0']],
  ['no entries, the checkpoints left', without(first, second, third), ['unknown NO_ENTRIES', 'tampered ENTRIES_MISSING 0', 'tampered ENTRIES_MISSING 0']],
  ['only the first entry', withNotes(withLines(log, lines.slice(0, 1)), []), ['unknown NO_CHECKPOINT', 'unknown NO_CHECKPOINT', 'tampered TRUSTED_BEYOND 1']],

  // B2, B3, B4, B8: cut off, set back, gone on
  ['the checkpoints removed', withNotes(copyOf(log), []), ['unknown NO_CHECKPOINT', 'unknown NO_CHECKPOINT', 'valid']],
  ['the checkpoint removed, the history left', without(CHECKPOINT_FILE), HONEST],
  ['the history removed', without(HISTORY_FILE), HONEST],
  ['cut off, the checkpoints left', withLines(log, shorter), all('tampered ENTRIES_MISSING 14')],
  ['set back to an older state', withNotes(withLines(log, lines.slice(0, 12)), notes.slice(0, 2)), ['unknown KEY_NOT_GIVEN', 'valid', 'tampered TRUSTED_BEYOND 12']],
  ['cut off, an older checkpoint put back', withNotes(withLines(log, shorter), notes.slice(0, 2)), ['unknown TAIL_UNSIGNED', 'unknown TAIL_UNSIGNED', 'tampered TRUSTED_BEYOND 14']],
  ['cut off and gone on', withNotes(withLines(log, goneOn), notes.slice(0, 2)), ['unknown TAIL_UNSIGNED', 'unknown TAIL_UNSIGNED', 'tampered TRUSTED_BEYOND 18']],
  ['cut off and gone on, the checkpoints left', withLines(log, goneOn), all('tampered ENTRIES_MISSING 18')],
  ['cut off and gone on as long, with the stolen key', withNotes(withLines(log, rewritten(17)), [...notes.slice(0, 2), ...signed(rewritten(17), signer, [20])]), ['unknown KEY_NOT_GIVEN', 'valid', 'tampered EQUIVOCATION 0']],
  ['signed anew with another key', withNotes(copyOf(log), signed(lines, otherKey, sizes)), all('tampered CHECKPOINT_SIGNATURE')],
  ['the end signed with another key', withNotes(copyOf(log), [...notes.slice(0, 2), ...signed(lines, otherKey, [20])]), all('tampered CHECKPOINT_SIGNATURE')],

  // B5, B6, B7: stories that do not fit
  ['two checkpoints of one size in the history', put(HISTORY_FILE, (was) => `${was.toString()}${historyItem(noteOf(signer, 20, Buffer.alloc(32, 1)))}`), all('tampered EQUIVOCATION')],
  ['a checkpoint of more entries in the history', put(HISTORY_FILE, (was) => `${was.toString()}${historyItem(noteOf(signer, 30, Buffer.alloc(32, 1)))}`), all('tampered ENTRIES_MISSING 20')],
  ['another root in the middle of the history', withNotes(copyOf(log), [notes[0]!, noteOf(signer, 12, Buffer.alloc(32, 1)), notes[2]!]), all('tampered ROOT_OTHER 5')],
  ['a history that goes back', put(HISTORY_FILE, (was) => `${was.toString()}${historyItem(notes[1]!)}`), all('tampered CHECKPOINT_ORDER')],
  ['an older checkpoint beside the whole history', put(CHECKPOINT_FILE, () => notes[1]!), HONEST],
  ['a checkpoint of no entries first', withNotes(copyOf(log), [...signed(lines, signer, [0]), ...notes]), HONEST],
  ['another root of no entries', withNotes(copyOf(log), [noteOf(signer, 0, Buffer.alloc(32)), ...notes]), all('tampered ROOT_OTHER')],
  ['the checkpoint of another log', put(CHECKPOINT_FILE, () => stranger.notes[2]!), all('tampered CHECKPOINT_ORIGIN')],
  ['the checkpoints of another log of this name and key', withNotes(copyOf(log), twin.notes), ['tampered ROOT_OTHER 0', 'tampered ROOT_OTHER 0', 'tampered EQUIVOCATION 0']],
  ['another log', copyOf(stranger), ['unknown KEY_NOT_GIVEN', 'tampered ORIGIN_OTHER 0', 'tampered ORIGIN_OTHER 0']],
];

describe('attacks on a witness log', () => {
  it('are made on a log that is in order', async () => {
    assert.deepEqual(await saidOf(log.files), HONEST);
    assert.deepEqual([lines.length, log.files.size], [20, 5]);
  });

  for (const [what, files, expected] of TABLE)
    it(what, async () => {
      assert.deepEqual(await saidOf(files), expected);
    });

  for (const at of lines.keys())
    it(`entry ${at} removed, doubled, exchanged for the next or put in`, async () => {
      const has = async (changed: (Buffer | string)[], broken: number) => {
        // the whole log in one file, so that no file name helps
        const text = changed.map((one) => `${one.toString()}\n`).join('');
        for (const options of Object.values(LEVELS)) {
          const report = await verifyFolder(
            folderOf(put(first, () => text, without(second, third))),
            options,
          );
          assert.deepEqual([report.verdict, report.broken_at], ['tampered', broken], report.sentence);
        }
      };
      await has(lines.toSpliced(at, 1), at);
      await has(lines.toSpliced(at, 0, lines[at]!), at + 1);
      if (at < 19) await has(lines.toSpliced(at, 2, lines[at + 1]!, lines[at]!), at);
      // behind the last it is no more than an entry that is not signed yet, and one in its own place is no news
      const forged = edited(lines[at]!, scene);
      await has(lines.toSpliced(at, 0, forged), at === 0 ? 0 : at + 1);
    });
});

async function saidOf(files: LogFiles): Promise<Said[]> {
  const said: Said[] = [];
  for (const options of Object.values(LEVELS)) said.push(say(await verifyFolder(folderOf(files), options)));
  return said;
}

function say({ verdict, problems, broken_at, valid, sentence }: VerifyReport): Said {
  assert.equal(valid, verdict === 'valid');
  assert.ok(sentence.endsWith('.'), sentence);
  if (verdict === 'valid') return verdict;
  return [verdict, problems[0]!.code, ...(broken_at === null ? [] : [broken_at])].join(' ');
}

/** These entries behind another, with links that are right and what they say left as it is. */
function chainedBehind(before: Buffer, ...entries: Buffer[]): Buffer[] {
  let prev = leafHash(before).toString('hex');
  return entries.map((one) => {
    const line = edited(one, (entry) => (entry.prev = prev));
    prev = leafHash(line).toString('hex');
    return line;
  });
}
