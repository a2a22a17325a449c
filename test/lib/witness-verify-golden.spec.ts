// Logs of every released format stay valid for ever; a newer one is refused in words.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cosign } from '../../lib/witness/cosign/cosignature';
import { folderOf } from '../../lib/witness/folder';
import { CHECKPOINT_FILE, HISTORY_FILE, historyItem, segmentName } from '../../lib/witness/format';
import { KEY_TYPES, signerOf } from '../../lib/witness/keys';
import { parseNote } from '../../lib/witness/note';
import { readEntries } from '../../lib/witness/query';
import { verifyFolder, type VerifyReport } from '../../lib/witness/verify';
import { relinked, signed, victim, withLines } from '../support/attacks';
import { tempDir } from '../support/temp';
import { writtenLog, type WrittenEntry } from '../support/written-log';

const GOLDEN = join(__dirname, '..', 'golden');
const FOLDERS = ['log-1', 'log-1.2'];
const EXPECTED = join(GOLDEN, 'log-1.json');
/** 2027, well after the last entry */
const NOW = Date.UTC(2027, 0, 1);

interface Expected {
  vkey: string;
  cosigners: string[];
  reports: Record<string, VerifyReport>;
}

const segment = 5;
const signer = signerOf('studio.example/live-witness/golden', Buffer.alloc(32, 61));
const cosigners = [1, 2].map((at) =>
  signerOf(`cosigner${at}.example`, Buffer.alloc(32, 61 + at), KEY_TYPES.cosigner),
);
const torn = Buffer.from('{"data":{"payload":{"scene":"Interv');

/** How the golden folders came about. They are never written again: a new format gets folders of its own. */
function goldenFiles(): Map<string, Map<string, Buffer>> {
  // the marks of what was no JSON are written out: the format does not care how they came about
  const marks = { $bytes: { length: 100_000, sha256: 'ab'.repeat(32) }, $number: 'NaN', $$escaped: 1 };
  const aside = createHash('sha256').update(torn).digest('hex');
  const quarantine = `quarantine-${segmentName(5)}-900-${aside.slice(0, 12)}.bin`;
  const evening: WrittenEntry[] = [
    {
      type: 'stream_started',
      data: { payload: { target: 'main', server: 'rtmp://live.example/app/[hidden]' }, topic: 'go' },
      src: { node: 'a1', flow: 'f', name: 'Start' },
    },
    {
      type: 'scene_changed',
      data: { payload: { from: 'Intro', to: 'Gäste 🎬', fps: 59.94, tiny: 1e-7, big: 1e21, neg: -1 } },
    },
    { type: 'frame_stored', data: { payload: marks }, src: { name: 'Bild' } },
    {
      type: 'message',
      data: { payload: `${'x'.repeat(5000)}\u2028\u007f\u001f"\\\n`, ü: [[], {}, null, true] },
    },
    {
      type: 'log.gap',
      data: {
        count: 3,
        first: '2026-11-20T19:00:05.000Z',
        last: '2026-11-20T19:00:05.500Z',
        reason: 'the disk is full',
      },
    },
    { type: 'log.open', data: { pid: 2, previous: 'crashed' } },
    { type: 'log.recovered', data: { bytes: torn.length, sha256: aside, file: quarantine } },
    {
      type: 'health_alert',
      data: { payload: 'one line', alert: { code: 'X', 10: 1, 9: 2, A: 3, a: 4 } },
    },
    {
      type: 'stream_stopped',
      data: { payload: { durationMs: 3_600_000 }, live: { event: 'stream_stopped' } },
    },
  ];
  const options = {
    origin: signer.verifier.name,
    seed: Buffer.alloc(32, 61),
    segment,
    software: 'golden 1.0.0',
  };
  const lines = relinked(writtenLog(evening, options).lines, (entries) => {
    for (const entry of entries) if (entry.seq >= 7) entry.mono -= 7_000_000;
  });
  const notes = signed(lines, signer, [1, 6, lines.length]);
  const { text } = parseNote(notes.at(-1)!)!;
  const countersigned =
    notes.at(-1)! + cosigners.map((one, at) => `${cosign(one, text, 1_795_204_900 + at)}\n`).join('');
  const first = new Map<string, Buffer>([
    [CHECKPOINT_FILE, Buffer.from(countersigned)],
    [HISTORY_FILE, Buffer.from([...notes, countersigned].map(historyItem).join(''))],
    [quarantine, torn],
  ]);
  for (let at = 0; at < lines.length; at += segment)
    first.set(
      segmentName(at),
      Buffer.from(
        lines
          .slice(at, at + segment)
          .map((line) => `${line.toString()}\n`)
          .join(''),
      ),
    );

  const root = text.split('\n')[2]!;
  const next = writtenLog(
    [
      { type: 'log.rollback', data: { expectedSize: lines.length + 5, foundSize: lines.length } },
      { type: 'stream_started', data: { payload: 'again' } },
    ],
    { ...options, logId: 'cd'.repeat(16), closed: false },
  );
  const goneOn = relinked(next.lines, ([genesis, open, rollback, message]) => {
    const continues = {
      origin: signer.verifier.name,
      logId: 'ab'.repeat(16),
      size: lines.length,
      root,
      reason: 'rollback',
    };
    genesis!.data = { ...(genesis!.data as object), continues };
    return [genesis!, rollback!, open!, message!];
  });
  const [note] = signed(goneOn, signer, [4]);
  const second = new Map<string, Buffer>([
    [segmentName(0), Buffer.from(goneOn.map((line) => `${line.toString()}\n`).join(''))],
    [CHECKPOINT_FILE, Buffer.from(note!)],
    [HISTORY_FILE, Buffer.from(historyItem(note!))],
  ]);
  return new Map([
    ['log-1', first],
    ['log-1.2', second],
  ]);
}

async function reportsOf(
  place: string,
  expected: Pick<Expected, 'vkey' | 'cosigners'>,
): Promise<Expected['reports']> {
  const reports: Expected['reports'] = {};
  for (const folder of FOLDERS) {
    const options = { vkeys: [expected.vkey], now: () => NOW };
    const cosigners = folder === 'log-1' ? { cosigners: expected.cosigners } : {};
    reports[folder] = await verifyFolder(join(place, folder), { ...options, ...cosigners });
  }
  return reports;
}

describe('golden logs of the witness', () => {
  before('written once, when their format was made', async function () {
    if (process.env.LIVE_GOLDEN !== 'write') return;
    for (const [folder, files] of goldenFiles()) {
      mkdirSync(join(GOLDEN, folder), { recursive: true });
      for (const [name, bytes] of files) writeFileSync(join(GOLDEN, folder, name), bytes, { flag: 'wx' });
    }
    const known = { vkey: signer.verifier.text, cosigners: cosigners.map(({ verifier }) => verifier.text) };
    const reports = await reportsOf(GOLDEN, known);
    writeFileSync(EXPECTED, `${JSON.stringify({ ...known, reports }, null, 2)}\n`, { flag: 'wx' });
  });

  const expected = (): Expected => JSON.parse(readFileSync(EXPECTED, 'utf8')) as Expected;

  it('of format 1 are valid for ever, with the same hashes, root and counts', async () => {
    const { reports, ...known } = expected();
    const now = await reportsOf(GOLDEN, known);
    for (const folder of FOLDERS) {
      // sentences may become better
      const { problems, ...facts } = now[folder]!;
      const { problems: before, ...were } = reports[folder]!;
      assert.equal(facts.verdict, 'valid', facts.sentence);
      assert.deepEqual({ ...facts, sentence: '' }, { ...were, sentence: '' });
      const short = (list: VerifyReport['problems']) =>
        list.map(({ code, seq, severity }) => ({ code, seq, severity }));
      assert.deepEqual(short(problems), short(before));
    }
    const { cosigned_by, continued_in } = now['log-1']!;
    assert.deepEqual([cosigned_by.length, continued_in], [2, 'log-1.2']);
    assert.equal(now['log-1.2']!.continues?.reason, 'rollback');
  });

  it('hold every kind of thing a log of this format can have', async () => {
    const seen = new Set<string>();
    for (const folder of FOLDERS)
      for await (const { entry } of readEntries(join(GOLDEN, folder), { own: true })) seen.add(entry.type);
    for (const type of ['genesis', 'open', 'close', 'recovered', 'gap', 'stats', 'rollback'])
      assert.ok(seen.has(`log.${type}`), type);
    assert.ok(readdirSync(join(GOLDEN, 'log-1')).length >= 6);
  });

  it('are still what is written today', () => {
    for (const [folder, files] of goldenFiles())
      for (const [name, bytes] of files)
        assert.deepEqual(readFileSync(join(GOLDEN, folder, name)), bytes, `${folder}/${name}`);
  });

  it('are found out where one of their bytes is another', async () => {
    const copy = join(tempDir('golden'), 'log-1');
    cpSync(join(GOLDEN, 'log-1'), copy, { recursive: true });
    const { vkey, cosigners } = expected();
    const known = { vkeys: [vkey], cosigners };
    for (const name of readdirSync(copy)) {
      const bytes = readFileSync(join(copy, name));
      bytes[bytes.length >> 3]! ^= 1;
      writeFileSync(join(copy, name), bytes);
      assert.equal((await verifyFolder(copy, known)).verdict, 'tampered', name);
      bytes[bytes.length >> 3]! ^= 1;
      writeFileSync(join(copy, name), bytes);
    }
    assert.equal((await verifyFolder(copy, known)).verdict, 'valid');
  });

  it('of a newer version are refused, and it is said why', async () => {
    const log = victim();
    const newer = log.lines.map((line) => line.toString().replace('"v":1}', '"v":2}'));
    const format = relinked(log.lines, ([genesis]) => {
      genesis!.data = { ...(genesis!.data as object), format: 2 };
    });
    for (const lines of [newer, format]) {
      const report = await verifyFolder(folderOf(withLines(log, lines)), { vkeys: [log.vkey] });
      if (lines === newer) assert.equal(report.verdict, 'unknown');
      assert.notEqual(report.verdict, 'valid');
      assert.ok(report.problems.some(({ code }) => code === 'FORMAT_UNKNOWN'));
      if (lines === newer)
        assert.match(report.sentence, /newer than this program.*Install the newest version/);
    }
  });
});
