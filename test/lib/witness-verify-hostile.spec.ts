// Folders made to hang, fill or mislead whoever verifies them; and a log that is written meanwhile, which is none of these.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { folderOf, type ItemKind, type LogFile, type LogFolder } from '../../lib/witness/folder';
import { CHECKPOINT_FILE, HISTORY_FILE, segmentName } from '../../lib/witness/format';
import { signerOf } from '../../lib/witness/keys';
import { readEntries } from '../../lib/witness/query';
import { readLines } from '../../lib/witness/read';
import { WitnessLog } from '../../lib/witness/store/log';
import { verifyFolder, type VerifyReport } from '../../lib/witness/verify';
import { relinked, victim, withLines, withNotes } from '../support/attacks';
import { tempDir } from '../support/temp';
import { writtenLog } from '../support/written-log';

const log = victim();
const evening = Array.from({ length: 4 }, (_, n) => ({ type: 'message', data: { payload: n } }));
const { vkey } = log;
const key = { vkeys: [vkey] };
const codes = ({ problems }: VerifyReport) => problems.map(({ code }) => code);

/** A folder in memory with files that are made up while they are read. */
function madeUp(
  names: Iterable<string>,
  open: (name: string) => LogFile | null,
  kind: ItemKind = 'file',
): LogFolder {
  // eslint-disable-next-line @typescript-eslint/require-await -- as a folder on the disk gives them
  async function* list() {
    for (const name of names) yield { name, kind };
  }
  return {
    path: 'made up',
    list: () => Promise.resolve(list()),
    open: (name) => Promise.resolve(open(name)),
  };
}

/** A file of so many bytes, all the same. */
function endless(size: number, byte: number): LogFile {
  return {
    size: () => Promise.resolve(size),
    read: (into, position) => {
      const count = Math.max(0, Math.min(into.length, size - position));
      into.fill(byte, 0, count);
      return Promise.resolve(count);
    },
    close: () => Promise.resolve(),
  };
}

/** Run something, and give how many bytes more are held at most, beyond what is garbage. */
async function heldBy(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage();
  let most = 0;
  const timer = setInterval(() => {
    const { arrayBuffers, heapUsed } = process.memoryUsage();
    most = Math.max(most, arrayBuffers + heapUsed - before.arrayBuffers - before.heapUsed);
  }, 5);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return most;
}

const MIB = 2 ** 20;

describe('a hostile folder', () => {
  before('its honest form is in order', async () => {
    assert.equal((await verifyFolder(folderOf(log.files), key)).verdict, 'valid');
  });

  for (const [what, make] of [
    ['a folder', (path: string) => mkdirSync(path)],
    ['a link to nowhere', (path: string) => symlinkSync('nowhere', path)],
    [
      'a link to the file itself',
      (path: string) => (renameSync(path + '.x', path + '.y'), symlinkSync(path + '.y', path)),
    ],
    ['a pipe that nobody writes', (path: string) => spawnSync('mkfifo', [path])],
    ['a device without an end', (path: string) => symlinkSync('/dev/zero', path)],
  ] as const)
    it(`${what} in the place of any file is not opened, and nothing hangs`, async function () {
      if (process.platform === 'win32') return this.skip();
      for (const name of log.files.keys()) {
        const folder = log.put(join(tempDir('hostile'), 'log'));
        const path = join(folder, name);
        renameSync(path, `${path}.x`);
        make(path);
        const report = await verifyFolder(folder, key);
        if (name === CHECKPOINT_FILE || name === HISTORY_FILE) {
          assert.equal(report.verdict, 'valid', `${name}: ${report.sentence}`);
          continue;
        }
        assert.equal(report.verdict, 'tampered', name);
        assert.ok(codes(report).includes('SEGMENT_NO_FILE'), name);
        assert.equal(report.broken_at, Number(name.slice(0, 12)));
      }
    });

  it('a socket in the place of a file', async function () {
    if (process.platform === 'win32') return this.skip();
    const folder = log.put(join(tempDir('hostile'), 'log'));
    unlinkSync(join(folder, segmentName(8)));
    const server = createServer().listen(join(folder, segmentName(8)));
    try {
      assert.deepEqual(codes(await verifyFolder(folder, key)).sort(), ['SEGMENT_GAP', 'SEGMENT_NO_FILE']);
    } finally {
      server.close();
    }
  });

  it('a line without an end takes no memory', async () => {
    for (const name of [segmentName(0), segmentName(20), CHECKPOINT_FILE, HISTORY_FILE]) {
      const size = 300 * MIB;
      const honest = folderOf(log.files);
      const folder = madeUp(new Set([...log.files.keys(), name]), () => null);
      folder.open = (one) => (one === name ? Promise.resolve(endless(size, 0x61)) : honest.open(one));
      const held = await heldBy(async () => {
        const report = await verifyFolder(folder, key);
        assert.equal(report.verdict, 'tampered', name);
        assert.ok(report.problems.length < 50);
        for await (const line of readLines(folder, { from: 30 })) assert.ok(line);
      });
      assert.ok(held < 100 * MIB, `${name}: ${Math.round(held / MIB)} MiB`);
    }
  });

  it('line breaks only', async () => {
    const folder = madeUp([segmentName(0), CHECKPOINT_FILE, HISTORY_FILE], () => endless(5 * MIB, 0x0a));
    const report = await verifyFolder(folder, key);
    assert.deepEqual([report.verdict, report.broken_at], ['tampered', 0]);
    assert.ok(report.problems.length < 50);
  });

  it('a million files', async () => {
    const honest = folderOf(log.files);
    function* names() {
      yield* log.files.keys();
      for (let at = 0; at < 1_000_000; at++) yield at % 2 ? segmentName(20 + at) : `rubbish ${at}`;
    }
    const folder = madeUp({ [Symbol.iterator]: names }, () => null);
    folder.open = (name) => honest.open(name);
    const report = await verifyFolder(folder, key);
    assert.deepEqual([report.verdict, codes(report)[0], report.broken_at], ['tampered', 'SEGMENT_GAP', 20]);
    assert.ok(report.problems.length < 50);
  });

  it('names that are almost those of files', async () => {
    const names = [
      '000000000008.JSONL',
      '8.jsonl',
      '0000000000080.jsonl',
      '000000000008.jsonl ',
      '../000000000020.jsonl',
      '-00000000008.jsonl',
      '00000000000８.jsonl',
      '\u0000',
    ];
    const files = new Map(log.files);
    for (const name of names) files.set(name, log.files.get(segmentName(8))!);
    const report = await verifyFolder(folderOf(files), key);
    assert.equal(report.verdict, 'valid');
    assert.equal(report.problems.filter(({ code }) => code === 'EXTRA_FILE').length, names.length);
  });

  it('more types than anybody counts, with the key of the log', async () => {
    const lines = relinked(log.lines, (entries) => [
      ...entries.slice(0, 2),
      ...Array.from({ length: 17_000 }, (_, at) => ({ ...entries[2]!, type: `t${at}` })),
    ]);
    const report = await verifyFolder(folderOf(withNotes(withLines(log, lines), [])), key);
    assert.ok(codes(report).includes('NOT_ALL_CHECKED'));
    assert.equal(Object.keys(report.counts).length, 16_384);
  });

  it('an entry that names a file elsewhere as its own', async () => {
    for (const file of ['../secret', '/etc/passwd', 'a\\b', '', 'x'.repeat(300)]) {
      const lines = relinked(log.lines, (entries) => {
        entries[5] = {
          ...entries[5]!,
          type: 'log.recovered',
          data: { bytes: 1, sha256: 'ab'.repeat(32), file },
        };
      });
      const report = await verifyFolder(folderOf(withNotes(withLines(log, lines), [])), key);
      assert.deepEqual([codes(report)[0], report.broken_at], ['OWN_ENTRY_WRONG', 5]);
    }
  });

  it('moved bytes as large as the disk is not', async () => {
    const name = 'quarantine-000000000000.jsonl-0-abababababab.bin';
    const data = { bytes: 4 * 2 ** 40, sha256: 'ab'.repeat(32), file: name };
    const honest = writtenLog([{ type: 'log.recovered', data }], { closed: false });
    const files = folderOf(honest.files);
    const open = (one: string) => (one === name ? Promise.resolve(endless(data.bytes, 0)) : files.open(one));
    const report = await verifyFolder({ ...files, open }, key);
    assert.ok(codes(report).includes('NOT_ALL_CHECKED'));
  });

  it('a folder that is a file', async () => {
    const path = join(tempDir('hostile'), 'file');
    writeFileSync(path, 'x');
    assert.deepEqual(codes(await verifyFolder(path, key)), ['FOLDER_MISSING', 'NO_ENTRIES']);
  });
});

describe('a log that is written meanwhile', () => {
  it('grows inside of a line, and is read to the end of it', async () => {
    const whole = withLines(log, log.lines);
    const name = segmentName(16);
    const bytes = whole.get(name)!;
    for (let seen = 0; seen <= bytes.length; seen += 7) {
      // asked for its size it is shorter than it is a moment later, when it is read
      const folder = folderOf(whole);
      const growing: LogFolder = {
        ...folder,
        open: async (one) => {
          const file = await folder.open(one);
          return file && one === name ? { ...file, size: () => Promise.resolve(seen) } : file;
        },
      };
      const lines: string[] = [];
      for await (const { line } of readLines(growing)) lines.push(line.toString());
      assert.deepEqual(lines, log.lines.slice(0, lines.length).map(String));
      assert.ok(lines.length >= 17);
      const options = { ...key, size: lines.length };
      assert.notEqual((await verifyFolder(growing, options)).verdict, 'tampered');
    }
  });

  it('has its torn tail cut off and goes on, between two looks at it', async () => {
    const whole = writtenLog(evening, { closed: false, signedAt: [4] });
    const after = whole.files.get(segmentName(0))!;
    const kept = whole.lines.slice(0, 4).map((line) => `${line.toString()}\n`);
    const before = Buffer.from(
      `${kept.join('')}{"data":{"payload":"longer than what came after it ${'x'.repeat(99)}`,
    );
    const files = new Map(whole.files).set(segmentName(0), after);
    for (const file of [CHECKPOINT_FILE, HISTORY_FILE]) files.set(file, Buffer.from(whole.notes[0]!));
    const honest = folderOf(files);
    let looks = 0;
    const cut: LogFolder = {
      ...honest,
      open: async (name) => {
        const file = await honest.open(name);
        if (!file || name !== segmentName(0)) return file;
        const first = folderOf(new Map([[name, before]]));
        const old = (await first.open(name))!;
        return {
          ...file,
          size: () => (looks === 0 ? old.size() : file.size()),
          read: (into, at) => (looks++ === 0 ? old : file).read(into, at),
        };
      },
    };
    const { verdict, problems } = await verifyFolder(cut, key);
    assert.deepEqual([verdict, problems[0]!.code, problems[0]!.seq], ['unknown', 'TAIL_TORN', 4]);
    // what stays as it is was not torn by a writer
    files.set(segmentName(0), Buffer.from(`${kept.join('')}{"data":{}}\n`));
    const changed = await verifyFolder(folderOf(files), key);
    assert.deepEqual([changed.verdict, codes(changed)[0]], ['tampered', 'ENTRY_INVALID']);
  });

  it('is valid up to its newest checkpoint, and never looks like one that was changed', async function () {
    this.timeout(60_000);
    const folder = join(tempDir('running'), 'log');
    const origin = 'studio.example/live-witness/main';
    const signer = signerOf(origin, Buffer.alloc(32, 7));
    const witness = await WitnessLog.open(folder, {
      origin,
      signer,
      stateFolder: tempDir('state'),
      software: 'test 1.0.0',
      segmentBytes: 10_000,
      checkpointEvery: { entries: 50, ms: 1000 },
    });
    let writing = true;
    const write = async (): Promise<void> => {
      for (let at = 0; writing; at++) {
        const data = `{"payload":{"n":${at},"text":"${'x'.repeat(at % 500)}"}}`;
        const { done } = witness.append('scene_changed', data, '{}');
        await done;
      }
    };
    const done = write();
    try {
      for (let round = 0; round < 15; round++) {
        const size = Number((await witness.checkpoint()).split('\n')[1]);
        const upTo = await verifyFolder(folder, { vkeys: [signer.verifier.text], origin, size });
        assert.equal(upTo.verdict, 'valid', JSON.stringify(upTo.problems));
        assert.equal(upTo.total_events, size);
        const all = await verifyFolder(folder, { vkeys: [signer.verifier.text], origin });
        assert.notEqual(all.verdict, 'tampered', JSON.stringify(all.problems));
        // as a kill would leave it: every file as far as it has come, in the order in which they are written last
        const names = readdirSync(folder).sort().reverse();
        const copy = new Map(
          names
            .filter((one) => !one.endsWith('.tmp') && one !== 'lock')
            .map((one) => [one, readFileSync(join(folder, one))]),
        );
        const killed = await verifyFolder(folderOf(copy), { vkeys: [signer.verifier.text], origin });
        assert.notEqual(killed.verdict, 'tampered', JSON.stringify(killed.problems));
        let count = 0;
        for await (const { entry } of readEntries(folder, { types: ['scene_*'], limit: 20 })) {
          assert.equal(entry.type, 'scene_changed');
          count++;
        }
        assert.ok(count > 0);
      }
    } finally {
      writing = false;
      await done;
      await witness.close();
    }
    const report = await verifyFolder(folder, { vkeys: [signer.verifier.text], origin });
    assert.deepEqual([report.verdict, report.closed], ['valid', true], JSON.stringify(report.problems));
    assert.ok(readdirSync(folder).length > 5, readdirSync(folder).join(' '));
  });
});
