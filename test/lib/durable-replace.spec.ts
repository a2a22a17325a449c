// A file that must not be lost: whole or not at all, and nothing left beside it.
import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import promises = require('node:fs/promises');
import { join } from 'node:path';
import { replaceFile } from '../../lib/durable/replace';
import { startProgram, tempDir, waitFor } from '../support';

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
  return 'no error';
};

describe('an atomic replace', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = tempDir('replace');
    file = join(folder, 'show.jpg');
  });

  it('puts a new file there, text or bytes, with the permissions asked for', async () => {
    await replaceFile(file, 'first');
    assert.equal(readFileSync(file, 'utf8'), 'first');
    await replaceFile(file, Buffer.from([0, 1, 255]), { mode: 0o600 });
    assert.deepEqual([...readFileSync(file)], [0, 1, 255]);
    if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder), ['show.jpg']);
  });

  it('takes a name as long as names can be', async () => {
    const long = join(folder, `${'x'.repeat(251)}.jpg`);
    await replaceFile(long, 'a');
    await replaceFile(long, 'b', { overwrite: true });
    assert.equal(readFileSync(long, 'utf8'), 'b');
    assert.equal(await codeOf(replaceFile(`${long}g`, 'c')), 'ENAMETOOLONG');
    assert.equal(readdirSync(folder).length, 1);
  });

  it('leaves a file alone that it may not replace, also when many want the name at once', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) => codeOf(replaceFile(file, `${index}`, { overwrite: false }))),
    );
    assert.equal(outcomes.filter((outcome) => outcome === 'no error').length, 1, outcomes.join());
    assert.equal(outcomes.filter((outcome) => outcome === 'EEXIST').length, 19);
    assert.equal(readFileSync(file, 'utf8'), String(outcomes.indexOf('no error')));
    assert.deepEqual(readdirSync(folder), ['show.jpg']);
  });

  it('does so where the disk knows no hard links', async () => {
    const original = promises.link;
    let asked = 0;
    promises.link = () => {
      asked += 1;
      return Promise.reject(Object.assign(new Error('no links here'), { code: 'EPERM' }));
    };
    try {
      await replaceFile(file, 'first', { overwrite: false });
      assert.equal(await codeOf(replaceFile(file, 'second', { overwrite: false })), 'EEXIST');
    } finally {
      promises.link = original;
    }
    assert.equal(asked, 2);
    assert.equal(readFileSync(file, 'utf8'), 'first');
    assert.deepEqual(readdirSync(folder), ['show.jpg']);
  });

  it('leaves nothing behind when it fails', async () => {
    assert.equal(await codeOf(replaceFile(join(folder, 'none', 'a.jpg'), 'a')), 'ENOENT');
    mkdirSync(file);
    writeFileSync(join(file, 'inside'), '');
    assert.match(await codeOf(replaceFile(file, 'a')), /EISDIR|ENOTEMPTY|EEXIST|EPERM/);
    assert.equal(await codeOf(replaceFile(file, 'a', { overwrite: false })), 'EEXIST');
    assert.deepEqual(readdirSync(folder), ['show.jpg']);
    assert.deepEqual(readdirSync(file), ['inside']);
  });

  it('says so when the disk is full, and the old file is what it was', async function () {
    try {
      statSync('/dev/full');
    } catch {
      this.skip();
    }
    // a file that cannot be written to: every write ends as on a full disk
    await replaceFile(file, 'old');
    const original = promises.open;
    promises.open = (path, flags, mode) =>
      String(path).endsWith('.tmp') ? original('/dev/full', 'w') : original(path, flags, mode);
    try {
      assert.equal(await codeOf(replaceFile(file, 'new')), 'ENOSPC');
    } finally {
      promises.open = original;
    }
    assert.equal(readFileSync(file, 'utf8'), 'old');
    assert.deepEqual(readdirSync(folder), ['show.jpg']);
  });

  it('replaces a link by the file, and not what the link leads to', async function () {
    if (process.platform === 'win32') this.skip();
    const elsewhere = join(folder, 'elsewhere');
    writeFileSync(elsewhere, 'kept');
    symlinkSync(elsewhere, file);
    await replaceFile(file, 'new');
    assert.equal(readFileSync(elsewhere, 'utf8'), 'kept');
    assert.equal(readFileSync(file, 'utf8'), 'new');
    chmodSync(file, 0o400);
    await replaceFile(file, 'newer');
    assert.equal(readFileSync(file, 'utf8'), 'newer');
  });

  it('is whole at every moment, also when the process is killed in the middle', async () => {
    const size = 3_000_000;
    const script = `
      const { replaceFile } = require(${JSON.stringify(join(__dirname, '..', '..', 'dist', 'lib', 'durable', 'replace.js'))});
      (async () => { for (let n = 65; ; n = n === 90 ? 65 : n + 1) await replaceFile(${JSON.stringify(file)}, Buffer.alloc(${size}, n)); })();`;
    const program = await startProgram('node', ['-e', script]);
    try {
      await waitFor(() => statSync(file).size === size, { intervalMs: 2 });
      const seen = new Set<number>();
      let torn = 0;
      await waitFor(
        () => {
          const found = readFileSync(file);
          if (found.length !== size || !found.every((byte) => byte === found[0])) torn += 1;
          seen.add(found[0] ?? 0);
          return seen.size > 3;
        },
        { intervalMs: 1 },
      );
      assert.equal(torn, 0, 'a part of a content, or a mixture of two');
    } finally {
      await program.close('SIGKILL');
    }
    const left = readFileSync(file);
    assert.equal(left.length, size);
    assert.ok(left.every((byte) => byte === left[0]));
  });
});
