// Verification of whole folders: what is honest is never accused, and what nobody can know is said so.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderOf } from '../../lib/witness/folder';
import { leavesOf, readLines } from '../../lib/witness/read';
import { verifyFolder, type VerifyOptions } from '../../lib/witness/verify';
import { relinked, signed, withLines, withNotes } from '../support/attacks';
import { tempDir } from '../support/temp';
import { writtenLog, type WrittenEntry } from '../support/written-log';

const evening: WrittenEntry[] = [
  { type: 'stream_started', data: { payload: { target: 'main' } }, src: { node: 'a1', name: 'start' } },
  { type: 'scene_changed', data: { payload: { from: 'Intro', to: 'Live' } } },
  { type: 'stream_stopped', data: { payload: { droppedFrames: 0 } } },
];

describe('verification of a witness log', () => {
  const log = writtenLog(evening, { segment: 3, signedAt: [2, 5] });
  const verify = (options: VerifyOptions = {}, files = log.files) => verifyFolder(folderOf(files), options);

  it('finds an honest log valid where its key is known from elsewhere', async () => {
    const report = await verify({ vkeys: [log.vkey], origin: log.origin });
    assert.deepEqual(report.problems, []);
    assert.equal(report.verdict, 'valid');
    assert.equal(report.valid, true);
    assert.equal(report.total_events, 7);
    assert.equal(report.signed_size, 7);
    assert.equal(report.first_hash, log.hashes[0]!.toString('hex'));
    assert.equal(report.last_hash, log.hashes.at(-1)!.toString('hex'));
    assert.equal(report.checkpoint, log.notes.at(-1));
    assert.equal(report.closed, true);
    assert.equal(report.counts.stream_started, 1);
    assert.match(report.sentence, /7 entries/);
  });

  it('takes the key from a trusted checkpoint too, since that vouches for the first entry', async () => {
    const report = await verify({ trusted: [log.notes[0]!.replaceAll('\n', '\r\n')] });
    assert.deepEqual(report.problems, []);
    assert.equal(report.verdict, 'valid');
    assert.equal(report.trusted_size, 2);
  });

  it('says of a whole log with an unknown key that nobody knows', async () => {
    const report = await verify();
    assert.deepEqual(
      report.problems.map(({ code }) => code),
      ['KEY_NOT_GIVEN'],
    );
    assert.equal(report.verdict, 'unknown');
  });

  it('reads a folder on the disk as it reads one in memory', async () => {
    const folder = log.put(join(tempDir(), 'log'));
    assert.deepEqual(await verifyFolder(folder, { vkeys: [log.vkey] }), await verify({ vkeys: [log.vkey] }));
    const lines: Buffer[] = [];
    for await (const { line } of readLines(folder)) lines.push(line);
    assert.deepEqual(lines, log.lines);
    assert.deepEqual(await leavesOf(folder), log.hashes);
    assert.ok(existsSync(folder));
  });

  it('never calls nothing valid', async () => {
    const folder = tempDir();
    for (const [place, code] of [
      [folder, 'NO_ENTRIES'],
      [join(folder, 'none'), 'FOLDER_MISSING'],
    ] as const) {
      const report = await verifyFolder(place, { vkeys: [log.vkey] });
      assert.equal(report.verdict, 'unknown');
      assert.ok(report.problems.some((problem) => problem.code === code));
    }
  });

  describe('of the time', () => {
    /** Entries at these seconds of the clock, each a second after the one before by the time since the writer began. */
    const told = async (...seconds: number[]) => {
      const t = (at: number) => new Date(Date.parse('2026-11-20T19:00:02.000Z') + at * 1000).toISOString();
      const { files, vkey } = writtenLog(
        seconds.map((at) => ({ type: 'message', data: {}, t: t(at) })),
        { closed: false },
      );
      const { verdict, problems } = await verifyFolder(folderOf(files), { vkeys: [vkey] });
      // an odd clock is no proof of anything
      assert.equal(verdict, 'valid');
      return problems.map(({ code, seq, severity }) => `${severity} ${code} ${seq}`);
    };

    it('says nothing while both clocks agree, or drift apart by no more than 2 s', async () => {
      assert.deepEqual(await told(0, 1, 2, 3), []);
      assert.deepEqual(await told(0.5, 1.9, 2.2, 3.4, 4, 7), []);
    });

    it('tells once where the clock was set back, or forward', async () => {
      assert.deepEqual(await told(0, 1, -3600, -3599, -3598), ['notice CLOCK_JUMP 4']);
      assert.deepEqual(await told(0, 1, 3600, 3601), ['notice CLOCK_JUMP 4']);
      assert.deepEqual(await told(0, -2, 2), ['notice CLOCK_JUMP 3', 'notice CLOCK_JUMP 4']);
    });

    it('tells a drift that grew slowly', async () => {
      assert.deepEqual(await told(0, 1.9, 3.8, 5.7, 7.6), ['notice CLOCK_JUMP 5']);
    });

    it('takes the clock of a new start as it is, unless it is behind what was there', async () => {
      const restarted = async (backMs: number) => {
        const log = writtenLog([...evening, { type: 'log.open', data: {} }, ...evening], { closed: false });
        const lines = relinked(log.lines, (entries) => {
          for (const entry of entries.slice(5)) {
            entry.mono -= 5_000_000;
            entry.t = new Date(Date.parse(entry.t) - backMs).toISOString();
          }
        });
        const files = withNotes(withLines(log, lines), signed(lines, log.signer, [lines.length]));
        const { verdict, problems } = await verifyFolder(folderOf(files), { vkeys: [log.vkey] });
        assert.equal(verdict, 'valid');
        return problems.map(({ code, seq }) => `${code} ${seq}`);
      };
      assert.deepEqual(await restarted(0), []);
      assert.deepEqual(await restarted(-3_600_000), []);
      assert.deepEqual(await restarted(3_600_000), ['CLOCK_JUMP 5']);
    });

    it('tells where the time since the writer began runs backwards', async () => {
      const log = writtenLog(evening, { closed: false });
      const lines = relinked(log.lines, (entries) => {
        entries[3]!.mono = 10;
      });
      const files = withNotes(withLines(log, lines), signed(lines, log.signer, [lines.length]));
      const { verdict, problems } = await verifyFolder(folderOf(files), { vkeys: [log.vkey] });
      assert.deepEqual([verdict, problems[0]!.code, problems[0]!.seq], ['valid', 'CLOCK_JUMP', 3]);
    });
  });

  describe('of bytes that a crash left', () => {
    const torn = Buffer.from('{"data":{"pay');
    const name = 'quarantine-000000000000.jsonl-700-0123456789ab.bin';
    const sha256 = createHash('sha256').update(torn).digest('hex');
    const recovered: WrittenEntry = {
      type: 'log.recovered',
      data: { bytes: torn.length, sha256, file: name },
    };
    const crashed = writtenLog([...evening, recovered], { closed: false });
    const found = async (content: Buffer | null) => {
      const files = new Map(crashed.files);
      if (content) files.set(name, content);
      const { verdict, problems } = await verify({ vkeys: [crashed.vkey] }, files);
      return [verdict, ...problems.map(({ code, seq }) => `${code} ${seq}`)];
    };

    it('tells them, and whether they are still as they were', async () => {
      assert.deepEqual(await found(torn), ['valid', 'RECOVERED 5']);
      assert.deepEqual(await found(null), ['valid', 'RECOVERED 5', 'RECOVERED_MISSING 5']);
      assert.deepEqual(await found(Buffer.from('{"data":{"paY')), [
        'tampered',
        'RECOVERED_CHANGED 5',
        'RECOVERED 5',
      ]);
      assert.deepEqual(await found(Buffer.from('{')), ['tampered', 'RECOVERED_CHANGED 5', 'RECOVERED 5']);
    });
  });

  it('tells where a log goes on, and what it goes on from', async () => {
    const base = join(tempDir(), 'log');
    const first = writtenLog(evening);
    first.put(base);
    assert.equal((await verifyFolder(base)).continued_in, null);
    const begun = (logId: string) => {
      const next = writtenLog(evening, { logId: 'ef'.repeat(16) });
      const lines = relinked(next.lines, ([genesis]) => {
        const continues = { origin: first.origin, logId, size: 7, root: 'x', reason: 'rollback' };
        genesis!.data = { ...(genesis!.data as object), continues };
      });
      return {
        ...next,
        files: withNotes(withLines(next, lines), signed(lines, next.signer, [lines.length])),
      };
    };
    for (const [number, logId] of [
      [2, '00'.repeat(16)],
      [3, 'ab'.repeat(16)],
    ] as const) {
      mkdirSync(`${base}.${number}`);
      for (const [name, bytes] of begun(logId).files) writeFileSync(join(`${base}.${number}`, name), bytes);
    }
    assert.equal((await verifyFolder(base)).continued_in, 'log.3');
    const next = await verifyFolder(`${base}.3`, { vkeys: [first.vkey] });
    assert.deepEqual(
      [next.verdict, next.continues?.logId, next.continued_in],
      ['valid', 'ab'.repeat(16), null],
    );
    assert.deepEqual(
      next.problems.map(({ code }) => code),
      ['CONTINUES'],
    );
    assert.equal((await verifyFolder(`${base}/`)).continued_in, 'log.3');
  });

  it('says that a checkpoint from outside may be of the log before, where there was one', async () => {
    const [short, long] = [evening.slice(0, 1), evening].map((some) => {
      const next = writtenLog(some, { logId: 'ef'.repeat(16) });
      const lines = relinked(next.lines, ([genesis]) => {
        const continues = {
          origin: log.origin,
          logId: 'ab'.repeat(16),
          size: 7,
          root: 'x',
          reason: 'removed',
        };
        genesis!.data = { ...(genesis!.data as object), continues };
      });
      return withNotes(withLines(next, lines), signed(lines, next.signer, [lines.length]));
    });
    for (const [files, note, code] of [
      [short, log.notes.at(-1)!, 'TRUSTED_BEYOND'],
      [long, log.notes[0]!, 'TRUSTED_OTHER'],
    ] as const) {
      const { verdict, problems, sentence } = await verify({ vkeys: [log.vkey], trusted: [note] }, files);
      assert.deepEqual([verdict, problems[0]!.code], ['tampered', code]);
      assert.match(sentence, /may be of the log before.*verify the folder of that log/);
    }
    // nothing came before this one
    const cut = writtenLog(evening.slice(0, 1), { closed: false });
    const report = await verify({ vkeys: [log.vkey], trusted: [log.notes.at(-1)!] }, cut.files);
    assert.doesNotMatch(report.sentence, /log before/);
  });

  it('says that what is missing at the end may come from copying', async () => {
    const copied = new Map(log.files);
    copied.delete('000000000006.jsonl');
    const { problems, sentence } = await verify({ vkeys: [log.vkey] }, copied);
    assert.equal(problems[0]!.code, 'ENTRIES_MISSING');
    assert.match(sentence, /copied while it was written/);
  });

  it('looks at so many entries as are asked for', async () => {
    const upTo = await verify({ vkeys: [log.vkey], size: 5 });
    assert.deepEqual([upTo.verdict, upTo.total_events, upTo.signed_size], ['valid', 5, 5]);
    const between = await verify({ vkeys: [log.vkey], size: 4 });
    assert.deepEqual([between.verdict, between.problems[0]!.code], ['unknown', 'TAIL_UNSIGNED']);
    const beyond = await verify({ vkeys: [log.vkey], size: 8 });
    assert.deepEqual([beyond.verdict, beyond.broken_at], ['tampered', 7]);
    // a checkpoint from outside is not passed over for that
    const shorter = writtenLog(evening.slice(0, 1), { closed: false });
    const longer = writtenLog(evening, { closed: false });
    const cut = await verify({ vkeys: [log.vkey], size: 3, trusted: [longer.notes.at(-1)!] }, shorter.files);
    assert.deepEqual([cut.verdict, cut.problems[0]!.code, cut.broken_at], ['tampered', 'TRUSTED_BEYOND', 3]);
    const all = await verify({ vkeys: [log.vkey], size: 3, trusted: [longer.notes.at(-1)!] }, longer.files);
    assert.deepEqual([all.verdict, all.total_events], ['valid', 5]);
  });

  it('counts a log as stale by what is newest in it', async () => {
    const now = () => Date.parse('2026-11-20T19:01:06.000Z');
    const at = async (maxAgeMs: number) =>
      (await verify({ vkeys: [log.vkey], maxAgeMs, now })).problems.map(({ code }) => code);
    assert.deepEqual(await at(60_000), []);
    assert.deepEqual(await at(59_999), ['STALE']);
  });
});
