// The streaming logs of a vMix as they grow, are cut, replaced, locked or hang: figures of this stream, or a reason.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { DiskFolder, type LogFile, type LogFolder } from '../../lib/vmix/log-folder';
import { LogTail } from '../../lib/vmix/log-tail';
import { StreamLogs } from '../../lib/vmix/stream-logs';
import { loops } from '../support';
import { tempDir } from '../support/temp';

const LINE = (frames: number, kilobytes: number, more = '') =>
  `frame=${frames} fps=30 q=0.0 size=${kilobytes}kB time=${clock(frames / 30)} bitrate=1kbits/s${more}\r`;
const FULL =
  '[dshow @ 1] real-time buffer [vMix Video] [video input] too full or near too full (99%)! frame dropped!\n';
const KEY = 'rtmp://host/app/secret-key';
const clock = (seconds: number) =>
  `00:${String(Math.floor(seconds / 60)).padStart(2, '0')}:${(seconds % 60).toFixed(2).padStart(5, '0')}`;
/** Who owns nothing. */
const NOBODY = 65_534;
/** The system refuses root nothing: there, `work` reads as nobody in particular. */
async function asAnybody<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return await work();
  process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

describe('the streaming logs', () => {
  let folder: string;
  let atMs: number;
  let logs: StreamLogs;
  const path = (name: string) => join(folder, name);
  const write = (name: string, text: string) => writeFileSync(path(name), text);
  const add = (name: string, text: string) => appendFileSync(path(name), text);
  const look = async (live = true, seconds = 1) => {
    atMs += seconds * 1000;
    await logs.look(live, 60_000);
    return logs.read(atMs);
  };
  beforeEach(() => {
    folder = tempDir('logs');
    atMs = 1_000_000;
    logs = new StreamLogs(new DiskFolder(folder), () => atMs);
  });

  it('follows the log that is new or grows, and no other', async () => {
    write('old.log', LINE(90_000, 900_000));
    await logs.prepare(60_000);
    assert.match(String((await look()).fault), /no streaming log has grown yet/);
    write('new.log', `Output #0, flv, to '${KEY}':\n${LINE(30, 100)}`);
    const { figures } = await look();
    assert.deepEqual(
      [figures?.frames, figures?.bytes, figures?.droppedFrames, figures?.congestion],
      [30, 102_400, 0, 0],
    );
    add('new.log', FULL + FULL + LINE(60, 200, ' drop=3'));
    const next = (await look()).figures;
    assert.deepEqual([next?.frames, next?.droppedFrames, next?.congestion], [60, 5, 1]);
    add('new.log', LINE(90, 300, ' drop=3'));
    assert.equal((await look()).figures?.congestion, 0);
  });

  it('takes a log that was there already from where it grows', async () => {
    write('one.log', LINE(90_000, 900_000) + FULL);
    await logs.prepare(60_000);
    add('one.log', LINE(90_030, 900_100));
    const { figures } = await look();
    assert.deepEqual([figures?.frames, figures?.droppedFrames], [90_030, 0]);
  });

  it('the next stream has nothing of the one before', async () => {
    await logs.prepare(60_000);
    write('one.log', LINE(300, 100));
    await look();
    add('one.log', 'av_interleaved_write_frame(): Unknown error\n');
    await look(false);
    assert.match(logs.end ?? '', /the way to the server broke/);
    assert.match(String((await look(true, 60)).fault), /no streaming log has grown yet/);
    assert.equal(logs.end, null);
    write('two.log', LINE(30, 10));
    assert.equal((await look()).figures?.frames, 30);
  });

  it('says nothing of a log that has fallen silent, and finds the one that followed it', async () => {
    await logs.prepare(60_000);
    write('one.log', LINE(300, 100));
    await look();
    assert.equal((await look(true, 4)).fault, null);
    assert.match(String((await look(true, 3)).fault), /has written nothing into its streaming log for 7 s/);
    write('two.log', LINE(330, 110));
    utimesSync(path('two.log'), new Date(Date.now() + 5_000), new Date(Date.now() + 5_000));
    assert.equal((await look(true, 4)).figures?.frames, 330);
  });

  it('reads a log that was cut, or replaced by another of its name, from its beginning', async () => {
    await logs.prepare(60_000);
    write('one.log', 'x'.repeat(5_000) + '\n' + LINE(300, 100));
    await look();
    write('one.log', LINE(30, 10));
    assert.equal((await look()).figures?.frames, 30);
    write('other', LINE(60, 20));
    rmSync(path('one.log'));
    renameSync(path('other'), path('one.log'));
    assert.equal((await look()).figures?.frames, 60);
  });

  it('knows the rate it should have, and the rate of the last seconds and not of the whole', async () => {
    await logs.prepare(60_000);
    let frames = 0;
    const run = async (seconds: number, fps: number) => {
      for (let i = 0; i < seconds; i++) {
        frames += fps;
        add('one.log', `frame=${frames} fps=30 size=1kB time=${clock(frames / 30)}\r`);
        await look();
      }
      return logs.read(atMs).figures;
    };
    assert.deepEqual([(await run(5, 30))?.fps, logs.read(atMs).figures?.targetFps], [30, null]);
    assert.deepEqual([(await run(60, 30))?.fps, logs.read(atMs).figures?.targetFps], [30, 30]);
    assert.deepEqual([(await run(30, 15))?.fps, logs.read(atMs).figures?.targetFps], [15, 30]);
  });

  it('a folder that is missing, forbidden or no folder is a reason without its path', async () => {
    const reasons: string[] = [];
    for (const [name, make] of [
      ['missing', () => undefined],
      ['file', () => write('file', '')],
      [
        'crowd',
        () => {
          mkdirSync(path('crowd'));
          for (let i = 0; i <= 5_000; i++) writeFileSync(join(path('crowd'), String(i)), '');
        },
      ],
    ] as const) {
      make();
      logs = new StreamLogs(new DiskFolder(path(name)), () => atMs);
      const { fault } = await look();
      assert.match(String(fault), /^the streaming logs cannot be read: /);
      assert.ok(!String(fault).includes(folder));
      reasons.push(String(fault));
    }
    assert.match(reasons.join(), /there is no such folder.*ENOTDIR.*more than 5000 files/);
  });

  it('never follows a link, waits for no pipe, reads no folder', async function () {
    const secret = tempDir('elsewhere');
    writeFileSync(join(secret, 'secret'), LINE(30, 10));
    await logs.prepare(60_000);
    symlinkSync(join(secret, 'secret'), path('link.log'));
    mkdirSync(path('folder.log'));
    execFileSync('mkfifo', [path('pipe.log')]);
    assert.match(String((await look()).fault), /no streaming log has grown yet/);
    // it was a file when it was listed, and is a link or a pipe as it is opened
    const disk = new DiskFolder(folder);
    await assert.rejects(disk.piece('link.log', 0, 100), { code: 'ELOOP' });
    await assert.rejects(disk.piece('pipe.log', 0, 100), /it is no file/);
    await assert.rejects(disk.piece('folder.log', 0, 100), /it is no file|EISDIR/);
  });

  it('a log that may not be read is a reason, and is read once it may', async () => {
    // whoever reads as root below is somebody else
    chmodSync(folder, 0o755);
    await logs.prepare(60_000);
    write('one.log', LINE(30, 10));
    chmodSync(path('one.log'), 0);
    assert.match(String((await asAnybody(look)).fault), /Node-RED may not read them/);
    chmodSync(path('one.log'), 0o644);
    assert.equal((await asAnybody(look)).figures?.frames, 30);
  });

  it('a folder that may not be read is a reason, and is read once it may', async () => {
    await logs.prepare(60_000);
    write('one.log', LINE(30, 10));
    chmodSync(path('one.log'), 0o644);
    chmodSync(folder, 0);
    assert.match(String((await asAnybody(look)).fault), /Node-RED may not read them/);
    chmodSync(folder, 0o755);
    assert.equal((await asAnybody(look)).figures?.frames, 30);
  });

  it('a log that is locked for a while is a reason, and read when it is free', async () => {
    const pieces: (Error | string)[] = [Object.assign(new Error(KEY), { code: 'EBUSY' }), LINE(30, 10)];
    const files = [[], [file('one', 10)], [file('one', 10)]];
    const stub: LogFolder = {
      files: () => Promise.resolve(files.shift() ?? [file('one', 10)]),
      piece: (_, from) => {
        const next = pieces.shift() ?? '';
        if (next instanceof Error) return Promise.reject(next);
        return Promise.resolve({
          text: next,
          from,
          to: from + next.length,
          size: from + next.length,
          identity: 'i',
        });
      },
    };
    logs = new StreamLogs(stub, () => atMs);
    await logs.prepare(1_000);
    assert.equal(
      (await look()).fault,
      'the streaming logs cannot be read: another program keeps them to itself',
    );
    assert.equal((await look()).figures?.frames, 30);
  });

  it('a share that hangs holds nothing up, is asked once, and is told after a while', async () => {
    let asked = 0;
    let answer: (files: LogFile[]) => void = () => undefined;
    const stub: LogFolder = {
      files: () => {
        asked++;
        return new Promise((resolve) => (answer = resolve));
      },
      piece: () => assert.fail('nothing to read'),
    };
    logs = new StreamLogs(stub, () => atMs);
    const began = performance.now();
    await logs.look(true, 30);
    for (let i = 0; i < 20; i++) {
      atMs += 1_000;
      await logs.look(true, 30);
    }
    assert.ok(performance.now() - began < 10_000);
    assert.equal(asked, 1);
    assert.match(String(logs.read(atMs).fault), /has not answered for 20 s/);
    answer([]);
    await new Promise((resolve) => setImmediate(resolve));
    await logs.look(true, 30);
    assert.match(String(logs.read(atMs).fault), /no streaming log has grown yet/);
  });

  it('megabytes at once, lines without end and any bytes at all: bounded, and the figures come through', async () => {
    await logs.prepare(60_000);
    write('one.log', LINE(30, 10));
    await look();
    add('one.log', 'x'.repeat(3_000_000) + '\n' + LINE(60, 20));
    assert.equal((await look()).figures?.frames, 60);
    add('one.log', 'frame=999 '.repeat(5_000));
    assert.equal((await look()).figures?.frames, 60, 'a line that has no end says nothing');
    add('one.log', ' frame=998 fps=1\n' + LINE(90, 30));
    assert.equal((await look()).figures?.frames, 90);
    appendFileSync(path('one.log'), Buffer.from(LINE(120, 40), 'utf16le'));
    assert.equal((await look()).figures?.frames, 120, 'two bytes a letter, as Windows may write');
  });

  it('says the same however the log is cut into pieces', async () => {
    const whole = LINE(30, 10) + FULL + LINE(60, 20, ' drop=1') + 'noise\n' + FULL + LINE(90, 30, ' drop=2');
    const tailOf = async (cuts: number[]) => {
      const tail = new LogTail('one', 'i', 0, 0);
      for (const to of [...cuts.sort((a, b) => a - b), whole.length]) {
        const stub: LogFolder = {
          files: () => Promise.resolve([]),
          piece: (_, from) =>
            Promise.resolve({ text: whole.slice(from, to), from, to, size: to, identity: 'i' }),
        };
        await tail.advance(stub, to);
      }
      return [tail.figures?.frames, tail.figures?.bytes, tail.figures?.droppedFrames];
    };
    const expected = await tailOf([]);
    assert.deepEqual(expected, [90, 30_720, 4]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(whole.length), { maxLength: 8 }), async (cuts) => {
        assert.deepEqual(await tailOf(cuts), expected);
      }),
      { numRuns: loops(500, 100) },
    );
  });
});

const file = (name: string, size: number): LogFile => ({ name, size, modifiedMs: 1, identity: 'i' });
