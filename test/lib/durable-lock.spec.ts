// One writer for a folder: the second is refused by name, and a dead one holds nobody up.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import promises = require('node:fs/promises');
import { hostname } from 'node:os';
import { join } from 'node:path';
import { lockFolder } from '../../lib/durable/lock';
import type { LiveError } from '../../lib/errors';
import { type Program, findProgram, notApplicable, startProgram, tempDir, waitFor } from '../support';

const built = join(__dirname, '..', '..', 'dist', 'lib', 'durable', 'lock.js');

/** Another process that takes the lock, says so, and holds it. */
async function otherHolder(folder: string, around: string[] = []): Promise<Program> {
  const script = `
    require(${JSON.stringify(built)}).lockFolder(${JSON.stringify(folder)})
      .then(() => { console.log('held'); setInterval(() => undefined, 1000); }, (error) => console.log(error.code, error.message));`;
  const command = [...around, 'node', '-e', script];
  const program = await startProgram(command[0] ?? 'node', command.slice(1));
  await waitFor(() => program.log().includes('\n'), { message: 'the other process to say something' });
  return program;
}

const refusal = async (folder: string): Promise<LiveError> =>
  await lockFolder(folder).then(
    async (lock) => {
      await lock.release();
      throw new Error('nobody refused');
    },
    (error: LiveError) => error,
  );

describe('the lock of a folder', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = tempDir('lock');
    file = join(folder, 'lock');
  });

  const holder = (): Record<string, unknown> =>
    JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  const leave = (content: Record<string, unknown>): void => writeFileSync(file, JSON.stringify(content));
  const takenOver = async (): Promise<void> => {
    const lock = await lockFolder(folder);
    assert.equal(holder().pid, process.pid);
    await lock.release();
    assert.deepEqual(readdirSync(folder), [], 'nothing is left');
  };

  it('lets one in at a time, also within one process', async () => {
    const first = await lockFolder(folder);
    assert.equal(holder().pid, process.pid);
    assert.equal(holder().kernel, ['linux', 'win32'].includes(process.platform), "the kernel's lock too");
    const error = await refusal(folder);
    assert.equal(error.code, 'DURABLE_LOCKED');
    assert.match(error.message, new RegExp(`process ${process.pid} on ${hostname()}`));
    assert.match(error.message, /That is this Node-RED/);
    const beside = await lockFolder(folder, 'other');
    await Promise.all([first.release(), first.release(), beside.release()]);
    await takenOver();
  });

  it('lets exactly one of many in', async () => {
    const ends = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)));
    const won = ends.filter((end) => end.status === 'fulfilled');
    assert.equal(won.length, 1);
    for (const end of won) await end.value.release();
    await takenOver();
  });

  it('names the process that holds it, and is free at once after its kill -9', async () => {
    const other = await otherHolder(folder);
    try {
      const error = await refusal(folder);
      assert.equal(error.code, 'DURABLE_LOCKED');
      assert.equal(error.details.pid, holder().pid);
      assert.match(error.message, new RegExp(`process \\d+ on ${hostname()}. Stop that program`));
      other.kill('SIGKILL');
      const killed = performance.now();
      const lock = await waitFor(() => lockFolder(folder).catch(() => null), { intervalMs: 5 });
      const took = performance.now() - killed;
      // a lock whose holder can only be told by its beats takes a minute
      assert.ok(took < 5000, `${took} ms`);
      const refused = await otherHolder(folder);
      assert.match(refused.log(), new RegExp(`DURABLE_LOCKED .*process ${process.pid} on`));
      await refused.close();
      await lock.release();
    } finally {
      await other.close('SIGKILL');
    }
    assert.deepEqual(readdirSync(folder), []);
  });

  it('is taken over from a dead process, a former start of the machine, a container that is gone', async function () {
    const mine = await lockFolder(folder);
    const here = holder();
    await mine.release();
    const dead = await otherHolder(folder);
    const { pid } = holder();
    await dead.close('SIGKILL');
    rmSync(file);
    const left: Record<string, unknown>[] = [
      { ...here, id: 'a', pid },
      // without the kernel's lock, only the number of the process tells
      { ...here, id: 'b', pid, kernel: false },
      { ...here, id: 'c', kernel: false },
    ];
    // a process that lives and has the number of the one that held it
    if (here.kernel) left.push({ ...here, id: 'd', pid: process.ppid });
    if (here.boot) left.push({ ...here, id: 'e', pid: process.ppid, boot: 'an earlier one', kernel: false });
    if (here.pids) left.push({ ...here, id: 'f', pid: process.ppid, pids: 'pid:[1]', network: 'net:[1]' });
    for (const content of left) {
      leave(content);
      await takenOver();
    }
  });

  it('is not taken over from a process that lives, nor from another computer', async () => {
    const mine = await lockFolder(folder);
    const here = holder();
    await mine.release();
    leave({ ...here, id: 'a', pid: process.ppid, kernel: false, beats: false });
    assert.equal((await refusal(folder)).details.pid, process.ppid);
    for (const boot of [here.boot, 'another']) {
      leave({ ...here, id: 'b', pid: 4711, host: 'studio-2', boot, beats: false });
      const error = await refusal(folder);
      assert.equal(error.code, 'DURABLE_LOCKED');
      assert.match(
        error.message,
        /process 4711 on studio-2\. If that computer or container is gone .* delete .*lock/,
      );
      assert.equal(holder().id, 'b', 'left as it was');
    }
  });

  it('is taken over from another computer, or a container made anew under another name, once it has stood still for a minute', async () => {
    const mine = await lockFolder(folder);
    const here = holder();
    await mine.release();
    let seconds = 0;
    const times = { beatMs: 1_000_000, deadMs: 60_000, now: () => seconds * 1000 };
    const look = async (at: number): Promise<string> => {
      seconds = at;
      return lockFolder(folder, 'lock', times).then(
        async (lock) => {
          await lock.release();
          return 'taken over';
        },
        (error: LiveError) => error.code,
      );
    };
    const touch = (time: number): void => utimesSync(file, time, time);
    leave({ ...here, id: 'gone', pid: 4711, host: 'studio-2', boot: 'another' });
    // a time far from ours says nothing: clocks differ
    touch(1_000_000);
    for (const at of [0, 20, 40, 59]) assert.equal(await look(at), 'DURABLE_LOCKED', `at ${at} s`);
    assert.match((await refusal(folder)).message, /taken over by itself after a minute or two/);
    // it lives after all
    touch(1_000_001);
    for (const at of [100, 130, 159]) assert.equal(await look(at), 'DURABLE_LOCKED', `at ${at} s`);
    // the computer that looks was asleep: that is no watching
    leave({ ...here, id: 'the next one', pid: 4711, host: 'studio-2', boot: 'another' });
    touch(1_000_001);
    for (const at of [160, 10_000]) assert.equal(await look(at), 'DURABLE_LOCKED', `at ${at} s`);
    assert.equal(await look(10_030), 'taken over');
    assert.deepEqual(readdirSync(folder), [], 'nothing is left');
  });

  it('is given back when it moves in the very moment it is taken over', async () => {
    const mine = await lockFolder(folder);
    const here = holder();
    await mine.release();
    leave({ ...here, id: 'slow', pid: 4711, host: 'studio-2', boot: 'another' });
    let ms = 0;
    const times = { beatMs: 1_000_000, deadMs: 2, now: () => ms++ };
    for (const look of [1, 2])
      await assert.rejects(lockFolder(folder, 'lock', times), { code: 'DURABLE_LOCKED' }, `${look}`);
    const original = promises.rename;
    promises.rename = (from, to) => {
      promises.rename = original;
      utimesSync(file, 1_000_000, 1_000_000);
      return original(from, to);
    };
    try {
      await assert.rejects(lockFolder(folder, 'lock', times), { code: 'DURABLE_LOCKED' });
    } finally {
      promises.rename = original;
    }
    assert.equal(holder().id, 'slow');
    assert.deepEqual(readdirSync(folder), ['lock']);
  });

  it('moves as long as it is held, and moves no file of another', async () => {
    const times = { beatMs: 5, deadMs: 60_000, now: () => 0 };
    const [lock, beside] = [
      await lockFolder(folder, 'lock', times),
      await lockFolder(folder, 'other', times),
    ];
    const age = (path: string): void => utimesSync(path, 1_000_000, 1_000_000);
    const moves = async (path: string): Promise<void> => {
      age(path);
      await waitFor(() => statSync(path).mtimeMs > 1e12);
    };
    await moves(file);
    leave({ ...holder(), id: 'of another' });
    // a beat that was under way may still touch it
    await moves(join(folder, 'other'));
    age(file);
    for (let beats = 0; beats < 3; beats++) await moves(join(folder, 'other'));
    assert.equal(statSync(file).mtimeMs, 1e9);
    await Promise.all([lock.release(), beside.release()]);
    assert.equal(holder().id, 'of another');
  });

  it('takes over what a power cut made of a lock file, but waits while one may be being written', async () => {
    for (const content of ['', '{"pid":-1,"id":"a","host":"b"}']) {
      writeFileSync(file, content);
      if (content) assert.equal((await refusal(folder)).code, 'DURABLE_LOCKED', content);
      const old = Date.now() / 1000 - 60;
      utimesSync(file, old, old);
      await takenOver();
    }
  });

  it('gives back the file of another that was quicker in taking over', async () => {
    const mine = await lockFolder(folder);
    const here = holder();
    await mine.release();
    leave({ ...here, id: 'dead', boot: 'an earlier one' });
    const original = promises.rename;
    promises.rename = (from, to) => {
      promises.rename = original;
      leave({ ...here, id: 'quicker', pid: process.ppid, kernel: false });
      return original(from, to);
    };
    try {
      assert.equal((await refusal(folder)).details.pid, process.ppid);
    } finally {
      promises.rename = original;
    }
    assert.equal(holder().id, 'quicker');
    assert.deepEqual(readdirSync(folder), ['lock']);
  });

  it('says what is wrong with the folder', async () => {
    assert.equal((await refusal(join(folder, 'none'))).code, 'DURABLE_LOCK_FAILED');
    assert.match((await refusal(join(folder, 'none'))).message, /is not there/);
    await takenOver();
  });

  it('leaves a lock file alone that is not its own any more, and survives the folder', async () => {
    const lock = await lockFolder(folder);
    leave({ ...holder(), id: 'of another' });
    await lock.release();
    assert.equal(holder().id, 'of another');
    rmSync(file);
    const second = await lockFolder(folder);
    rmSync(folder, { recursive: true });
    await second.release();
  });

  it('holds between network namespaces by its file, where the socket of the kernel does not reach', async function () {
    if (process.platform !== 'linux' || process.getuid?.() !== 0 || !findProgram('unshare'))
      notApplicable(this, 'a namespace of its own needs Linux, root and unshare');
    const other = await otherHolder(folder, ['unshare', '--net']);
    try {
      assert.match(other.log(), /held/);
      const error = await refusal(folder);
      assert.equal(error.details.pid, holder().pid);
      other.kill('SIGKILL');
      const lock = await waitFor(() => lockFolder(folder).catch(() => null), {
        intervalMs: 5,
        timeoutMs: 5000,
      });
      leave({ ...holder(), pid: other.pid, kernel: false, id: 'dead' });
      await lock.release();
      const many = await Promise.all([1, 2, 3].map(() => otherHolder(folder, ['unshare', '--net'])));
      const said = many.map((one) => one.log().split(' ')[0]?.trim());
      await Promise.all(many.map((one) => one.close('SIGKILL')));
      assert.deepEqual(said.sort(), ['DURABLE_LOCKED', 'DURABLE_LOCKED', 'held'], 'one takes it over');
    } finally {
      await other.close('SIGKILL');
    }
  });

  it('keeps no process alive', async () => {
    const script = `require(${JSON.stringify(built)}).lockFolder(${JSON.stringify(folder)}).then(() => console.log('held'));`;
    const program = await startProgram('node', ['-e', script]);
    assert.deepEqual(await program.waitExit(), { code: 0, signal: null });
    assert.match(program.log(), /held/);
    await takenOver();
  });
});
