// Verification of whole folders: what is honest is never accused, and what nobody can know is said so.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { folderOf } from '../../lib/witness/folder';
import { leavesOf, readLines } from '../../lib/witness/read';
import { verifyFolder, type VerifyOptions } from '../../lib/witness/verify';
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
});
