// What happens to a witness log at the same time: failing, opening anew, signing, beginning a file, closing.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Files, type OpenFile, nodeFiles } from '../../lib/durable/files';
import { lockFolder } from '../../lib/durable/lock';
import { type LiveError, fail } from '../../lib/errors';
import { KeptLog } from '../../lib/witness/kept-log';
import { WitnessLog } from '../../lib/witness/store/log';
import { Notices } from '../../lib/witness/store/notices';
import { tempDir, waitFor } from '../support';
import { assertHonest, contentsOf, entriesIn, keptOptions, missingIn, put } from '../support/kept-log';

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing',
    (error: unknown) => (error as LiveError).code,
  );
const broken = (): Error => Object.assign(new Error('broken'), { code: 'EIO' });

/** The files of this computer; before each call `gate` may wait or throw. */
class Gated {
  gate: (what: string) => Promise<void> | void = () => undefined;
  readonly calls: string[] = [];

  readonly files: Files = {
    ...nodeFiles,
    open: async (path, use, mode) => {
      const name = path.split('/').at(-1)!;
      await this.pass(`open ${use} ${name}`);
      return this.wrap(await nodeFiles.open(path, use, mode), name);
    },
    rename: async (from, to) => {
      await this.pass(`rename ${to.split('/').at(-1)}`);
      return nodeFiles.rename(from, to);
    },
  };

  private wrap(file: OpenFile, name: string): OpenFile {
    return {
      ...file,
      write: async (bytes, position) => {
        await this.pass(`write ${name}`);
        return file.write(bytes, position);
      },
    };
  }

  private async pass(what: string): Promise<void> {
    this.calls.push(what);
    await this.gate(what);
  }
}

/** A promise that is settled from outside. */
function door(): { closed: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const closed = new Promise<void>((resolve) => (open = resolve));
  return { closed, open };
}

describe('a witness log to which everything happens at once', () => {
  let folder: string;
  let state: string;
  let disk: Gated;
  const open = (options: Parameters<typeof keptOptions>[1] = {}): Promise<WitnessLog> =>
    WitnessLog.open(folder, keptOptions(state, { files: disk.files, ...options }));

  beforeEach(() => {
    const place = tempDir('races');
    [folder, state, disk] = [join(place, 'log'), join(place, 'state'), new Gated()];
  });

  it('stays closed when it was just being opened anew', async () => {
    let locks = 0;
    const lock = (path: string) => {
      locks++;
      return lockFolder(path);
    };
    const log = await open({ lock });
    const opening = door();
    disk.gate = (what) => {
      if (what.startsWith('write 0')) throw broken();
      if (what.startsWith('open read 0')) return opening.closed.then(() => Promise.reject(broken()));
    };
    assert.equal(await codeOf(put(log, 1).done), 'DURABLE_WRITE_FAILED');
    await waitFor(() => locks === 2);
    const closed = codeOf(log.close());
    opening.open();
    assert.equal(await closed, 'WITNESS_NOT_WRITABLE');
    disk.gate = () => undefined;
    // the folder is free for good: one that had come back after a millisecond would hold it now
    for (let again = 0; again < 10; again++) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      await (await open()).close();
    }
    assert.equal(locks, 2);
    await assertHonest(contentsOf(folder));
  });

  it('drops a signature that was under way when the log failed, and blames nobody for it', async () => {
    const log = await open();
    await log.checkpoint();
    await put(log, 'signed late').done;
    const slow = door();
    let signing = false;
    disk.gate = (what) => {
      if (what !== 'open read 000000000000.jsonl' || signing) return;
      signing = true;
      return slow.closed;
    };
    const late = codeOf(log.checkpoint());
    await waitFor(() => signing);
    const { gate } = disk;
    disk.gate = (what) => (what.startsWith('write 0') ? Promise.reject(broken()) : gate(what));
    assert.equal(await codeOf(put(log, 'lost').done), 'DURABLE_WRITE_FAILED');
    disk.gate = gate;
    await waitFor(() => log.state().state === 'open');
    slow.open();
    assert.equal(await late, 'WITNESS_NOT_SIGNED');
    const note = await log.checkpoint();
    const { state: now, error, signedSize, size } = log.state();
    assert.deepEqual([now, error, signedSize], ['open', null, size]);
    const written = contentsOf(state);
    const remembered = [...written].find(([name]) => name.endsWith('.json'))![1].toString();
    assert.equal((JSON.parse(remembered) as { note: string }).note, note);
    await log.close();
    assert.equal(missingIn(contentsOf(folder)), 1);
    await assertHonest(contentsOf(folder));
  });

  it('keeps the newest hundred of what happened, and counts all', () => {
    const notices = new Notices();
    for (let time = 0; time < 120; time++) notices.add([fail('INTERNAL', { reason: `${time}` })]);
    assert.equal(notices.count, 120);
    assert.equal(notices.list.length, 100);
    assert.equal(notices.list.at(-1)!.details.reason, '119');
  });

  it('tells a night of messages that came before it could be opened at a stroke', async () => {
    let fails = true;
    const kept = new KeptLog(folder, () => (fails ? Promise.reject(broken()) : open()));
    await waitFor(() => kept.status().state === 'failed');
    for (let at = 0; at < 100_000; at++) void kept.append('message', '1', '{}').catch(() => undefined);
    fails = false;
    await waitFor(() => kept.status().state === 'open');
    await kept.close();
    assert.equal(missingIn(contentsOf(folder)), 100_000);
    const [gap] = entriesIn(contentsOf(folder)).filter(({ type }) => type === 'log.gap');
    const { first, last } = gap!.data as { first: string; last: string };
    assert.ok(first <= last);
    await assertHonest(contentsOf(folder));
  });

  it('holds no message back for a disk that does not answer at the opening, and counts those of the meantime', async () => {
    const slow = door();
    disk.gate = () => slow.closed;
    const kept = new KeptLog(folder, () => open(), undefined, 30);
    const code = await codeOf(kept.append('message', '1', '{}'));
    assert.equal(code, 'WITNESS_OPEN_FAILED');
    assert.equal(kept.status().state, 'failed');
    assert.equal(await codeOf(kept.append('message', '2', '{}')), 'WITNESS_OPEN_FAILED');
    slow.open();
    await waitFor(() => kept.status().state === 'open');
    await kept.append('message', '3', '{}');
    await kept.close();
    assert.equal(missingIn(contentsOf(folder)), 2);
    await assertHonest(contentsOf(folder));
  });

  it('leaves no file open when it is closed, after failures too', async function () {
    if (!existsSync('/proc/self/fd')) return this.skip();
    // sockets and pipes are those of the test itself
    const ours = () =>
      readdirSync('/proc/self/fd').filter((one) => {
        try {
          return readlinkSync(`/proc/self/fd/${one}`).startsWith(folder);
        } catch {
          return false;
        }
      }).length;
    const log = await open({ segmentBytes: 3000, checkpointEvery: { entries: 5, ms: 5 } });
    for (let round = 0; round < 5; round++) {
      for (let at = 0; at < 30; at++) put(log, 'x'.repeat(200));
      await log.checkpoint();
      disk.gate = (what) => {
        if (what.startsWith(round % 2 ? 'write 0' : 'open create 0')) throw broken();
      };
      await waitFor(() => {
        if (log.state().state === 'open') put(log, 'y'.repeat(500));
        return log.state().state === 'failed';
      });
      disk.gate = () => undefined;
      await waitFor(() => log.state().state === 'open');
    }
    assert.ok(ours() > 0);
    await log.close();
    assert.equal(ours(), 0);
    await assertHonest(contentsOf(folder));
  });

  it('ends nobody else when nobody hears its acknowledgements', async () => {
    const unheard: unknown[] = [];
    const hear = (reason: unknown): void => void unheard.push(reason);
    process.on('unhandledRejection', hear);
    try {
      const log = await open({ segmentBytes: 3000 });
      for (let at = 0; at < 100; at++) put(log, 'x'.repeat(200));
      disk.gate = (what) => {
        if (what.startsWith('write 0') || what.startsWith('open create 0')) throw broken();
      };
      for (let at = 0; at < 100 && log.state().state === 'open'; at++) {
        put(log, 'y'.repeat(200));
        if (at % 10 === 9) await new Promise((resolve) => setImmediate(resolve));
      }
      await waitFor(() => log.state().state === 'failed');
      disk.gate = () => undefined;
      await waitFor(() => log.state().state === 'open');
      await log.close();
      assert.deepEqual(unheard, []);
      await assertHonest(contentsOf(folder));
    } finally {
      process.off('unhandledRejection', hear);
    }
  });
});
