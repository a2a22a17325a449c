// A disk that does not answer, and acknowledgements nobody waits for.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { AppendFile } from '../../lib/durable/append';
import { type Files, type OpenFile, nodeFiles } from '../../lib/durable/files';
import type { LiveError } from '../../lib/errors';
import { loops, tempDir, waitFor } from '../support';

const line = (text: string): Buffer => Buffer.from(`${text}\n`);
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing',
    (error: unknown) => (error as LiveError).code,
  );

/** The files of this computer, of which one call answers only when `open` is called. */
function hanging(call: 'stat' | 'write' | 'datasync'): { files: Files; hang: () => void; open: () => void } {
  let hangs = false;
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const slow = async <T>(work: () => Promise<T>): Promise<T> => {
    if (hangs) await gate;
    return work();
  };
  const wrap = (file: OpenFile): OpenFile => ({
    ...file,
    stat: () => (call === 'stat' ? slow(() => file.stat()) : file.stat()),
    write: (bytes, position) =>
      call === 'write' ? slow(() => file.write(bytes, position)) : file.write(bytes, position),
    datasync: () => (call === 'datasync' ? slow(() => file.datasync()) : file.datasync()),
  });
  const files = {
    ...nodeFiles,
    open: async (...args: Parameters<Files['open']>) => wrap(await nodeFiles.open(...args)),
  };
  return { files, hang: () => (hangs = true), open };
}

describe('a file on a disk that does not answer', () => {
  const unheard: unknown[] = [];
  const hear = (reason: unknown): void => void unheard.push(reason);
  before(() => process.on('unhandledRejection', hear));
  after(() => process.off('unhandledRejection', hear));

  for (const call of ['stat', 'write', 'datasync'] as const)
    it(`is given up when ${call} hangs, and acknowledges nothing of it later either`, async () => {
      const { files, hang, open } = hanging(call);
      const path = join(tempDir('hang'), 'log');
      const told: [string, number][] = [];
      const onFailure = ({ code }: LiveError, rejected: number): void => void told.push([code, rejected]);
      const file = await AppendFile.open(path, { files, patienceMs: 50, onFailure });
      await file.append(line('first'));
      hang();
      const waiting = [file.append(line('a')), file.append(line('b')), file.flush()];
      assert.deepEqual(await Promise.all(waiting.map(codeOf)), Array(3).fill('DURABLE_WRITE_FAILED'));
      assert.match(file.failed!.message, /not answered for 0.05 s/);
      assert.deepEqual(told, [['DURABLE_WRITE_FAILED', 2]]);
      assert.equal(await codeOf(file.append(line('c'))), 'DURABLE_WRITE_FAILED');
      assert.equal(file.waiting, 0);
      open();
      assert.equal(await codeOf(file.close()), 'DURABLE_WRITE_FAILED');
      assert.equal(told.length, 1);
      assert.match(readFileSync(path, 'utf8'), /^first\n(a\nb\n)?$/);
    });

  it('is not blamed for a process that was busy itself', async () => {
    const file = await AppendFile.open(join(tempDir('hang'), 'log'), { patienceMs: 100 });
    const done = file.append(line('a'));
    await Promise.resolve();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    await done;
    await file.close();
  });

  it('harms nobody who does not listen', async () => {
    const path = join(tempDir('hang'), 'log');
    const { files, hang, open } = hanging('write');
    const file = await AppendFile.open(path, { files, patienceMs: 30, most: { entries: 3, bytes: 100 } });
    hang();
    for (let at = 0; at < 5; at++) void file.append(line(`${at}`));
    void file.written(line('w'));
    await waitFor(() => file.failed !== null);
    void file.append(line('late'));
    open();
    await codeOf(file.close());
    void file.append(line('closed'));
    // a rejection is reported at the end of its turn
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(unheard, []);
  });

  it('writes pieces of one memory as they came, wherever they lie in it', async () => {
    const folder = tempDir('hang');
    let count = 0;
    const piece = fc.tuple(fc.nat(90), fc.nat(40));
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { minLength: 1, maxLength: 30 }),
        fc.boolean(),
        async (places, inOrder) => {
          const memory = Buffer.from(Array.from({ length: 2000 }, (_, at) => at % 251));
          let from = 0;
          const pieces = places.map(([at, length]) => {
            const start = inOrder ? from : at * 10;
            from = start + length;
            return memory.subarray(start, start + length);
          });
          const path = join(folder, `${count++}`);
          const file = await AppendFile.open(path);
          await Promise.all(pieces.map((one, at) => (at % 3 ? file.append(one) : file.written(one))));
          await file.close();
          assert.deepEqual(readFileSync(path), Buffer.concat(pieces));
        },
      ),
      { numRuns: loops(1000) },
    );
  });
});
