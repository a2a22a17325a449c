// Pictures of a vMix: files on its machine, looked at where they can be, and never believed otherwise.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import * as disk from 'node:fs/promises';
import { join, posix, win32 } from 'node:path';
import fc from 'fast-check';
import { LiveError } from '../../lib/errors';
import { pictureFormat, pictureIsWhole, pictureSize } from '../../lib/production/picture-size';
import type { PictureRequest } from '../../lib/production/pictures';
import { VmixClient } from '../../lib/vmix/client';
import { NO_EXTRAS, parseVmixExtras } from '../../lib/vmix/extras';
import { PictureFiles } from '../../lib/vmix/picture-files';
import { VmixPictures } from '../../lib/vmix/pictures';
import { below, windowsPath, windowsPathFault } from '../../lib/vmix/windows-path';
import { startVmixSimulator, type VmixSimulator, type VmixSimulatorOptions } from '../../simulators/vmix';
import { flatJpeg } from '../../simulators/obs/jpeg';
import { loops, removeTempDir, tempDir, waitFor } from '../support';

const FOLDER = 'D:\\Pictures';
const JPEG = flatJpeg(64, 36, [1, 2, 3]);
const request = (more: Partial<PictureRequest> = {}): PictureRequest => ({
  source: null,
  width: null,
  height: null,
  format: 'jpg',
  quality: null,
  ...more,
});
async function fault(work: Promise<unknown>, code: string): Promise<LiveError> {
  const error = await work.then(
    () => assert.fail(`${code} was expected`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof LiveError, String(error));
  assert.equal(error.code, code, error.message);
  assert.ok(!/\{\w+\}|undefined|NaN|\[object/.test(error.message), error.message);
  return error;
}

let vmix: VmixSimulator;
let client: VmixClient;
let pictures: VmixPictures;
let here: string;

/** `unread`: Node-RED cannot read the folder; `quick`: waits only so long, in ms. */
async function start(
  options: VmixSimulatorOptions & { unread?: boolean; quick?: number; writes?: boolean } = {},
): Promise<void> {
  const { unread = false, quick, writes = true, ...simulated } = options;
  here = tempDir('pictures');
  vmix = await startVmixSimulator({
    speed: 20,
    writeFiles: writes ? { [FOLDER]: here } : false,
    ...simulated,
  });
  client = new VmixClient({ host: '127.0.0.1', port: vmix.httpPort, tcpPort: null, pollMs: 60_000 }).start();
  pictures = new VmixPictures(client, {
    host: '127.0.0.1',
    sharedThere: unread ? null : FOLDER,
    sharedHere: unread ? null : here,
    files: new PictureFiles(quick),
  });
  await client.whenReady(10_000);
}
afterEach(async () => {
  await pictures.close();
  await client.close();
  await vmix.close();
  removeTempDir(here);
});
const asked = () => vmix.calls.filter(({ name }) => /snapshot/i.test(name));
/** The name of the file that vMix was asked for last. */
const wanted = async (): Promise<string> => {
  const { parameters } = await waitFor(() => asked().at(-1), { intervalMs: 5 });
  assert.equal(win32.dirname(parameters.value!), FOLDER);
  return win32.basename(parameters.value!);
};

describe('a picture of vMix in the message', () => {
  it('is read from the shared folder, and nothing stays there', async () => {
    await start();
    const began = Date.now();
    const { data, takenAt, ...about } = await pictures.take(request());
    assert.deepEqual(pictureSize(data), { width: 640, height: 360 });
    assert.ok(pictureIsWhole(data), 'not half of it');
    assert.deepEqual(about, {
      source: 'Intro.mp4',
      format: 'jpg',
      contentType: 'image/jpeg',
      width: 640,
      height: 360,
    });
    assert.ok(Date.parse(takenAt) >= began - 1 && Date.parse(takenAt) <= Date.now());
    assert.match(await wanted(), /^live-production-[0-9a-f]{24}\.jpg$/);
    assert.deepEqual(readdirSync(here), []);
  });

  it('tells the format it really has, whatever its name', async () => {
    await start();
    const { format, contentType } = await pictures.take(request({ format: 'png' }));
    assert.match(await wanted(), /\.png$/);
    assert.deepEqual([format, contentType], ['jpg', 'image/jpeg']);
  });

  it('is of the input that is meant, by its key, also of one that was added just now', async () => {
    await start();
    vmix.studio.add({ title: 'New', type: 'Capture' });
    for (const [source, title, number] of [
      ['Camera 2', 'Camera 2', 3],
      ['4', 'Pause', 4],
      [vmix.state.inputs[4]!.key.toUpperCase(), 'Lower third', 5],
      ['New', 'New', 8],
    ] as const) {
      const picture = await pictures.take(request({ source }));
      assert.equal(picture.source, title);
      const { name, parameters } = asked().at(-1)!;
      assert.deepEqual([name, parameters.input], ['SnapshotInput', vmix.state.inputs[number - 1]!.key]);
    }
    const { message } = await fault(pictures.take(request({ source: 'Nope' })), 'SOURCE_UNKNOWN');
    assert.match(message, /vMix has no input called "Nope".*1 Intro\.mp4/);
    vmix.studio.add({ title: 'New' });
    await client.http.state();
    await waitFor(() =>
      fault(pictures.take(request({ source: 'New' })), 'VMIX_INPUT_AMBIGUOUS').catch(() => null),
    );
  });

  it('many at once do not get in the way of each other', async () => {
    await start();
    const all = await Promise.all([1, 2, 3, 4, 5].map(() => pictures.take(request())));
    assert.ok(all.every(({ data }) => pictureIsWhole(data)));
    assert.equal(new Set(asked().map(({ parameters }) => parameters.value)).size, 5);
    assert.deepEqual(readdirSync(here), []);
  });

  it('cannot be had without a folder that both can use, and nothing is asked', async () => {
    await start({ unread: true });
    const { message } = await fault(pictures.take(request()), 'VMIX_PICTURE_FOLDER_NOT_SET');
    assert.match(
      message,
      /under Pictures a folder that both can use, as vMix calls it, and under Same folder as Node-RED does/,
    );
    removeTempDir(here);
    pictures = new VmixPictures(client, { host: '127.0.0.1', sharedThere: FOLDER, sharedHere: here });
    const missing = await fault(pictures.take(request()), 'PICTURE_FOLDER_MISSING');
    assert.ok(missing.message.includes(`${here} does not exist on the computer Node-RED runs on`));
    // vMix's own name of a folder is no path on another system
    pictures = new VmixPictures(client, { host: '127.0.0.1', sharedThere: FOLDER, sharedHere: null });
    if (process.platform !== 'win32') await fault(pictures.take(request()), 'VMIX_PICTURE_FOLDER_NOT_SET');
    assert.deepEqual(asked(), []);
  });

  it('that never comes is told, and what comes later is removed', async () => {
    await start({ writes: false, quick: 400 });
    const { message } = await fault(pictures.take(request()), 'PICTURE_NOT_SAVED');
    assert.match(message, /written to D:\\Pictures: vMix said OK, and after 0\.4 s there is no new file/);
    const name = await wanted();
    writeFileSync(join(here, name), JPEG);
    writeFileSync(join(here, 'mine.jpg'), JPEG);
    await pictures.close();
    assert.deepEqual(readdirSync(here), ['mine.jpg']);
  });

  it('is not taken from half a file, from a file that is none of a picture, or from one too large', async () => {
    await start({ writes: false, quick: 900 });
    for (const [write, code, why] of [
      [(path: string) => writeFileSync(path, JPEG.subarray(0, -40)), 'PICTURE_NOT_SAVED', 'to its end'],
      [(path: string) => writeFileSync(path, ''), 'PICTURE_NOT_SAVED', 'no new file'],
      [(path: string) => writeFileSync(path, 'MZ an executable'), 'PICTURE_NOT_SAVED', 'no picture'],
      [
        (path: string) => {
          writeFileSync(path, JPEG);
          truncateSync(path, 65 * 1024 * 1024);
        },
        'VMIX_PICTURE_UNREADABLE',
        'larger than 64 MB',
      ],
    ] as const) {
      const taking = fault(pictures.take(request()), code);
      const before = asked().length;
      await waitFor(() => asked().length > before, { intervalMs: 5 });
      write(join(here, await wanted()));
      assert.match((await taking).message, new RegExp(why));
      assert.deepEqual(readdirSync(here), [], 'ours is removed');
    }
  });

  it('is not fetched through a link, a pipe or a folder that somebody put in its place', async function () {
    if (process.platform === 'win32') return this.skip();
    await start({ writes: false, quick: 900 });
    const secret = join(tempDir('elsewhere'), 'secret.jpg');
    writeFileSync(secret, JPEG);
    for (const plant of [
      (path: string) => symlinkSync(secret, path),
      (path: string) => void execFileSync('mkfifo', [path]),
      (path: string) => void mkdirSync(path),
    ]) {
      const before = asked().length;
      const taking = fault(pictures.take(request()), 'VMIX_PICTURE_UNREADABLE');
      await waitFor(() => asked().length > before, { intervalMs: 5 });
      plant(join(here, await wanted()));
      assert.match((await taking).message, /it is no file/);
    }
    assert.deepEqual(readFileSync(secret), JPEG, 'only what was put there is removed');
  });

  it('waits for a share that hangs no longer than it must, and asks it nothing more', async () => {
    await start({ quick: 500 });
    const { realpath } = disk;
    let answer: () => void = () => undefined;
    const hanging = new Promise<string>((resolve) => (answer = () => resolve(here)));
    let asks = 0;
    const patched = require('node:fs/promises') as { realpath: unknown };
    patched.realpath = () => (asks++, hanging);
    try {
      const first = await fault(pictures.take(request()), 'VMIX_PICTURE_UNREADABLE');
      assert.match(first.message, /did not answer within 3 s/);
      const again = await fault(pictures.take(request()), 'VMIX_PICTURE_UNREADABLE');
      assert.match(again.message, /the folder does not answer/);
      assert.equal(asks, 1);
    } finally {
      patched.realpath = realpath;
    }
    answer();
    await waitFor(() => pictures.take(request()).catch(() => null));
  });

  it('is lost with the connection', async () => {
    await start();
    vmix.freeze();
    const taking = fault(pictures.take(request()), 'VMIX_NOT_CONNECTED');
    await client.close();
    await taking;
    await fault(pictures.take(request()), 'VMIX_NOT_CONNECTED');
  });
});

describe('a picture in a file on the vMix machine', () => {
  const save = (path: string, more: Partial<PictureRequest> & { overwrite?: boolean } = {}) => {
    const wish = request(more);
    return pictures.saveThere(wish, pictures.fileThere(path, wish.format, more.overwrite ?? false));
  };

  it('is confirmed by the file where it can be read', async () => {
    await start();
    mkdirSync(join(here, 'Show {1}'));
    mkdirSync(join(here, 'sub'));
    const { path, takenAt, ...about } = await save('d:/pictures/sub\\', { source: '2', format: 'png' });
    assert.match(path, /^d:\\pictures\\sub\\\d{4}-\d\d-\d\d \d\d-\d\d-\d\d-\d{3} Camera 1\.png$/);
    assert.ok(takenAt);
    const [name] = readdirSync(join(here, 'sub'));
    assert.equal(win32.basename(path), name);
    assert.deepEqual(about, {
      source: 'Camera 1',
      format: 'jpg',
      width: 640,
      height: 360,
      sizeBytes: readFileSync(join(here, 'sub', name!)).length,
      confirmed: true,
      unknown: {},
    });
  });

  it('is told as not confirmed where nobody can look', async () => {
    await start({ unread: true });
    const { confirmed, unknown, sizeBytes, width, path } = await save('E:\\Show');
    assert.deepEqual([confirmed, sizeBytes, width], [false, null, null]);
    assert.match(unknown.confirmedBy!, /never tells whether it did, and Node-RED cannot read this folder/);
    assert.deepEqual(Object.keys(unknown).sort(), ['confirmedBy', 'height', 'sizeBytes', 'width']);
    assert.equal(asked().at(-1)!.parameters.value, path);
    await pictures.close();
    // another folder than the shared one
    pictures = new VmixPictures(client, { host: '127.0.0.1', sharedThere: FOLDER, sharedHere: here });
    for (const elsewhere of ['D:\\Pictures2', 'D:\\', 'C:\\Pictures', '\\\\nas\\Pictures'])
      assert.equal((await save(elsewhere)).confirmed, false, elsewhere);
    // the shared one is not there now
    removeTempDir(here);
    const gone = await save(FOLDER);
    assert.match(gone.unknown.confirmedBy!, /cannot look at it: .* does not exist/);
  });

  it('that is replaced counts when it is new', async () => {
    await start({ quick: 3_000 });
    const file = `${FOLDER}\\now.jpg`;
    const old = flatJpeg(8, 8, [0, 0, 0]);
    writeFileSync(join(here, 'now.jpg'), old);
    const { width, confirmed } = await save(file, { overwrite: true });
    assert.deepEqual([width, confirmed], [640, true]);
    assert.throws(() => pictures.fileThere(file, 'jpg', false), /vMix replaces a file without asking/);
    assert.throws(() => pictures.fileThere(file, 'png', true), /a png belongs/);
    vmix.faults.ignoreNext('Snapshot');
    await fault(save(file, { overwrite: true }), 'PICTURE_NOT_SAVED');
  });

  it('is not asked for in a folder that is known to be missing', async () => {
    await start();
    const { message } = await fault(save(`${FOLDER}\\none`), 'PICTURE_FOLDER_MISSING');
    assert.match(message, /D:\\Pictures\\none does not exist on the computer vMix runs on/);
    assert.deepEqual(asked(), []);
  });

  it('is not looked for where a link in the shared folder leads out of it', async function () {
    if (process.platform === 'win32') return this.skip();
    await start();
    const outside = tempDir('elsewhere');
    symlinkSync(outside, join(here, 'out'));
    const saved = await save(`${FOLDER}\\out`);
    assert.deepEqual([saved.confirmed, saved.sizeBytes], [false, null]);
    assert.match(saved.unknown.confirmedBy!, /a link leads out/);
  });

  it('gets a name in which nothing leads elsewhere, whatever the input is called', async () => {
    await start({
      inputs: ['..\\..\\Windows\\x', '{0:dd MMM yyyy}', 'a/b:c*d?"<>|', 'CON', '   ', 'é + & # % 🎥'],
    });
    for (const input of vmix.state.inputs) {
      const { path } = await save(FOLDER, { source: input.key });
      assert.equal(win32.dirname(path), FOLDER);
      assert.equal(asked().at(-1)!.parameters.value, path, 'byte for byte');
      assert.ok(!/[{}]/.test(path), 'a brace is the format of a date');
      assert.equal(windowsPathFault(path), null);
    }
    assert.equal(readdirSync(here).length, vmix.state.inputs.length);
  });

  it('is never asked for without a name: vMix would open a window', async () => {
    await start();
    for (const path of ['', ' ', '\\', 'D:', '{0}', 'now.jpg'])
      assert.throws(() => pictures.fileThere(path, 'jpg', true), { code: 'INPUT_INVALID' }, path);
    for (const path of ['', ' '])
      await fault(
        pictures.saveThere(request(), () => path),
        'INPUT_INVALID',
      );
    assert.deepEqual([asked(), vmix.studio.openWindows], [[], 0]);
  });
});

describe('a path on the vMix machine', () => {
  // no vMix is needed here
  before(() => start());

  it('is taken as Windows means it', () => {
    for (const [path, text] of [
      ['D:\\a\\b.jpg', 'D:\\a\\b.jpg'],
      ['d:/a//b.jpg', 'd:\\a\\b.jpg'],
      ['C:\\', 'C:\\'],
      ['\\\\nas\\show\\x', '\\\\nas\\show\\x'],
      ['\\\\nas\\show', '\\\\nas\\show\\'],
      ['D:\\.hidden\\a..b', 'D:\\.hidden\\a..b'],
    ] as const)
      assert.equal(windowsPath(path).text, text);
  });

  it('is refused where it leads elsewhere, or is none', () => {
    for (const path of [
      '',
      'x.jpg',
      '/srv/x.jpg',
      'D:x.jpg',
      'DD:\\x',
      '\\x.jpg',
      '\\\\nas',
      '//nas/show/x',
      'D:\\a\\..\\b',
      'D:\\..',
      'D:/../x',
      'D:\\a\\.\\b',
      'D:\\a\\.. \\b',
      'D:\\a.\\b',
      'D:\\a \\b',
      'D:\\x.jpg:stream',
      'D:\\a*b',
      'D:\\a?b',
      'D:\\a"b',
      'D:\\a<b',
      'D:\\a>b',
      'D:\\a|b',
      'D:\\a\0b',
      'D:\\a\nb',
      'D:\\a\u202eb',
      'D:\\CON',
      'D:\\nul.jpg',
      'D:\\com1.jpg\\x',
      'D:\\LPT¹',
      'D:\\con .jpg',
      '\\\\?\\D:\\x',
      '\\\\.\\D:\\x',
      '\\\\..\\share\\x',
      '\\\\nas\\..\\x',
      'D:\\{0:dd}.jpg',
      'D:\\a}b',
      `D:\\${'x'.repeat(257)}`,
    ])
      assert.notEqual(windowsPathFault(path), null, JSON.stringify(path));
  });

  it('lies below a folder or does not, whatever is tried', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '..',
        '.',
        '',
        'Pictures',
        'PICTURES',
        '/',
        '\\',
        'x',
        'D:',
        '..\\..',
        '%2e%2e',
        'a:b',
        '~',
      ),
      fc.string({ maxLength: 6 }),
    );
    const path = fc
      .tuple(
        fc.constantFrom('D:\\', 'd:/', 'D:\\Pictures\\', '\\\\nas\\show\\', ''),
        fc.array(piece, { maxLength: 6 }),
        fc.constantFrom('\\', '/'),
      )
      .map(([root, pieces, slash]) => root + pieces.join(slash));
    let inside = 0;
    fc.assert(
      fc.property(path, (tried) => {
        if (windowsPathFault(tried) !== null) return;
        const parts = below(windowsPath(tried), windowsPath(FOLDER));
        // judged by Node.js itself, for the path there and on either system here
        const really = win32.resolve(tried).toLowerCase();
        const isBelow = really === 'd:\\pictures' || really.startsWith('d:\\pictures\\');
        assert.equal(parts !== null, isBelow, tried);
        if (parts === null) return;
        inside++;
        assert.ok(`${posix.join('/mnt/p', ...parts)}/`.startsWith('/mnt/p/'), tried);
        assert.ok(`${win32.join('Z:\\p', ...parts)}\\`.startsWith('Z:\\p\\'), tried);
      }),
      { numRuns: loops(5000, 1000) },
    );
    assert.ok(inside > 20, `only ${inside} were inside`);
  });
});

describe('the picture folder of a connection', () => {
  before(() => start());

  it('has two names, both of them whole', () => {
    const parse = (sharedThere: string, sharedHere: string) =>
      parseVmixExtras({
        ...NO_EXTRAS,
        channels: '',
        pollSeconds: '',
        logFolder: '',
        sharedThere,
        sharedHere,
      });
    assert.equal(parse(' D:\\Pictures ', here).sharedThere, 'D:\\Pictures');
    assert.equal(parse('D:\\Pictures', '').sharedHere, null);
    for (const [there, hereToo] of [
      ['/srv/pictures', here],
      ['D:\\a\\..', here],
      ['D:\\Pictures', 'pictures'],
      ['', here],
    ] as const)
      assert.throws(() => parse(there, hereToo), { code: 'CONFIG_INVALID', message: /^picture folder: / });
  });
});

describe('the bytes of a picture', () => {
  before(() => start());

  it('tell its format and its end', () => {
    assert.deepEqual([pictureFormat(JPEG), pictureIsWhole(JPEG)], ['jpg', true]);
    for (let length = 0; length < JPEG.length; length++)
      assert.equal(pictureIsWhole(JPEG.subarray(0, length)), false, `cut to ${length}`);
    const png = Buffer.from('89504e470d0a1a0a' + '0000000049454e44ae426082', 'hex');
    assert.deepEqual([pictureFormat(png), pictureIsWhole(png)], ['png', true]);
    assert.equal(pictureIsWhole(png.subarray(0, -1)), false);
    for (const other of ['', 'GIF89a', '<svg/>', '\xff\xd8'])
      assert.equal(pictureFormat(Buffer.from(other, 'latin1')), null);
  });
});
