/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call -- a message carries anything */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pictureName, pathThere, safeName } from '../../lib/production/picture-files';
import { pictureSize } from '../../lib/production/picture-size';
import type { ObsSimulator } from '../../simulators/obs';
import { tempDir } from '../support';
import {
  application,
  around,
  ask,
  connectionIs,
  connectionTo,
  heardBy,
  load,
  refuse,
  refuseUnheard,
  send,
  sentTypes,
  simulate,
  tearDown,
  waitFor,
} from './support/rig';

const SNAPSHOT = {
  type: 'live-snapshot',
  show: 'program',
  source: '',
  sourceType: 'str',
  to: 'message',
  path: '',
  pathType: 'str',
  overwrite: false,
  format: 'jpg',
  width: '',
  height: '',
  quality: '80',
};
const TAKE = 'GetSourceScreenshot';
const SAVE = 'SaveSourceScreenshot';
const NAME = /^\d{4}-\d\d-\d\d \d\d-\d\d-\d\d-\d{3} /;

describe('snapshot', () => {
  let obs: ObsSimulator;
  let folder: string;
  beforeEach(async () => {
    folder = tempDir('snapshot');
    obs = await simulate({ writeFiles: true });
  });
  afterEach(tearDown);

  const ready = async (node: object = {}) => {
    await load(around({ ...SNAPSHOT, ...node }, connectionTo(obs)));
    await connectionIs('ready');
  };
  const again = async (node: object) => {
    await tearDown();
    obs = await simulate({ writeFiles: true });
    await ready(node);
  };
  /** The last request of this type, without what it always says. */
  const asked = (type: string) => {
    const call = obs.calls.findLast(({ requestType }) => requestType === type);
    return call?.requestData as Record<string, unknown> | undefined;
  };

  it('passes a picture of the program on, with what it is, and ready to be mailed', async () => {
    await ready();
    const began = Date.now();
    const msg = await ask({ topic: 't', payload: 'old', source: 'Microphone', width: 1 });
    assert.ok(Buffer.isBuffer(msg.payload));
    assert.deepEqual(pictureSize(msg.payload), { width: 1280, height: 720 });
    const { takenAt, ...picture } = msg.picture;
    assert.ok(Date.parse(takenAt) >= began - 1 && Date.parse(takenAt) <= Date.now());
    assert.deepEqual(picture, {
      source: obs.state.programScene,
      format: 'jpg',
      contentType: 'image/jpeg',
      width: 1280,
      height: 720,
      sizeBytes: msg.payload.length,
      path: null,
      unknown: {},
    });
    assert.match(msg.filename, NAME);
    assert.ok(msg.filename.endsWith(` ${safeName(obs.state.programScene)}.jpg`));
    assert.deepEqual([msg.topic, msg.source, msg.width], ['t', 'Microphone', 1], 'stray ones change nothing');
    const { tookMs, ...live } = msg.live;
    assert.ok(tookMs >= 0);
    assert.deepEqual(live, {
      action: 'snapshot',
      application: 'obs',
      connection: { id: 'studio', name: 'Studio' },
      output: null,
      state: null,
      confirmedBy: 'application',
    });
    assert.equal(asked(TAKE)?.imageCompressionQuality, 80);
    await waitFor(() => heardBy('completed').length === 1);
  });

  it('takes another source, format and size, as the dialog says', async () => {
    await ready({ show: 'source', source: 'payload.which', sourceType: 'msg', format: 'png', height: '90' });
    const { scenes } = await application().scenes.list();
    for (const which of scenes) {
      const msg = await ask({ payload: { which } });
      assert.equal(msg.picture.source, which);
      assert.deepEqual(pictureSize(msg.payload), { width: 160, height: 90 });
      assert.equal(msg.picture.contentType, 'image/png');
      assert.ok(msg.filename.endsWith('.png'));
    }
    assert.equal(asked(TAKE)?.imageCompressionQuality, undefined, 'quality is for jpg');
    await again({ width: '64', height: '64', quality: '${LIVE_TEST_QUALITY}' });
    process.env.LIVE_TEST_QUALITY = '55';
    const both = await ask({});
    delete process.env.LIVE_TEST_QUALITY;
    assert.deepEqual([both.picture.width, both.picture.height], [64, 64]);
    assert.equal(asked(TAKE)?.imageCompressionQuality, 55);
  });

  it('writes into a folder here, one file for each picture, also many at once', async () => {
    await ready({ to: 'here', path: 'folder', pathType: 'msg' });
    for (let count = 0; count < 5; count++) send({ folder: `${folder}/` });
    await waitFor(() => heardBy('out').length === 5);
    const files = readdirSync(folder);
    assert.equal(files.length, 5);
    for (const msg of heardBy('out')) {
      assert.equal(dirname(msg.payload), folder);
      assert.match(basename(msg.payload), NAME);
      assert.deepEqual([msg.filename, msg.picture.path], [msg.payload, msg.payload]);
      const written = readFileSync(msg.payload);
      assert.equal(written.length, msg.picture.sizeBytes);
      assert.deepEqual(pictureSize(written), { width: msg.picture.width, height: msg.picture.height });
    }
    const { error } = await refuse({ folder: join(folder, 'none') }, 'PICTURE_FOLDER_MISSING');
    assert.match(error.message, /none does not exist on the computer Node-RED runs on/);
    writeFileSync(join(folder, 'a file'), '');
    await refuse({ folder: join(folder, 'a file') }, 'PICTURE_FOLDER_MISSING');
    for (const wrong of ['', null, {}, []]) await refuseUnheard(obs, { folder: wrong }, 'INPUT_INVALID');
  });

  it('writes a file here, and replaces one only where it may', async () => {
    const path = join(folder, 'now.JPG');
    await ready({ to: 'here', path });
    assert.equal((await ask({})).payload, path);
    const before = readFileSync(path);
    writeFileSync(path, 'mine');
    const { error } = await refuse({}, 'PICTURE_FILE_EXISTS');
    assert.ok(error.message.includes(path));
    assert.equal(readFileSync(path, 'utf8'), 'mine');
    await again({ to: 'here', path, overwrite: true });
    assert.equal((await ask({})).payload, path);
    assert.deepEqual(readFileSync(path), before);
    assert.deepEqual(readdirSync(folder), ['now.JPG']);
    await again({ to: 'here', path: join(folder, 'now.png') });
    await refuseUnheard(obs, {}, 'INPUT_INVALID');
    mkdirSync(join(folder, 'taken.jpg'));
    await again({ to: 'here', path: join(folder, 'taken.jpg'), overwrite: true });
    await refuse({}, 'PICTURE_NOT_SAVED');
    assert.deepEqual(readdirSync(folder).sort(), ['now.JPG', 'taken.jpg']);
  });

  it('lets OBS write on its own computer, and tells what nobody knows', async () => {
    await ready({ to: 'there', path: folder, width: '64' });
    const msg = await ask({});
    assert.equal(dirname(msg.payload), folder);
    assert.match(basename(msg.payload), NAME);
    assert.deepEqual(readdirSync(folder), [basename(msg.payload)]);
    const { width, height, sizeBytes, unknown, path, source, contentType } = msg.picture;
    assert.deepEqual([width, height, sizeBytes], [null, null, null]);
    assert.deepEqual(Object.keys(unknown).sort(), ['height', 'sizeBytes', 'width']);
    assert.deepEqual([path, source, contentType], [msg.payload, obs.state.programScene, 'image/jpeg']);
    await again({ to: 'there', path: join(folder, 'none') });
    const { error } = await refuse({}, 'PICTURE_FOLDER_MISSING');
    assert.match(error.message, /none does not exist on the computer OBS runs on/);
    await again({ to: 'there', path: 'payload', pathType: 'msg' });
    // it would end up where OBS was started, or in place of what nobody can see
    for (const payload of ['pictures', './x.jpg', '~/pictures', '', join(folder, 'now.jpg')])
      await refuseUnheard(obs, { payload }, 'INPUT_INVALID');
    obs.faults.failNext(SAVE, { code: 702, comment: 'Failed to save screenshot.' });
    await refuse({ payload: folder }, 'PICTURE_NOT_SAVED');
    await again({ to: 'there', path: join(folder, 'now.jpg'), overwrite: true });
    assert.equal((await ask({})).payload, join(folder, 'now.jpg'));
  });

  it('says in plain words what cannot be had', async () => {
    await ready({ show: 'source', source: 'payload', sourceType: 'msg' });
    const { error } = await refuse({ payload: 'Nope' }, 'SOURCE_UNKNOWN');
    for (const scene of (await application().scenes.list()).scenes) assert.ok(error.message.includes(scene));
    await refuse({ payload: 'Microphone' }, 'PICTURE_FAILED');
    for (const payload of ['', null, undefined, {}, ['x'], Buffer.from('x')])
      await refuseUnheard(obs, { payload }, 'INPUT_INVALID');
    obs.faults.failNext(TAKE, { code: 400, comment: 'Your specified image format is invalid' });
    await refuse({ payload: obs.state.programScene }, 'PICTURE_FORMAT');
    for (const wrong of [
      { width: '7' },
      { height: '4097' },
      { width: 'wide' },
      { quality: '0' },
      { quality: '101' },
      { format: 'webp' },
      { to: 'nowhere' },
      { show: 'everything' },
    ]) {
      await again(wrong);
      await refuseUnheard(obs, {}, 'CONFIG_INVALID');
    }
    await again({ width: '${LIVE_TEST_NOT_SET}' });
    await refuseUnheard(obs, {}, 'CONFIG_ENV_MISSING');
    assert.deepEqual(sentTypes(obs, TAKE), []);
    // an answer that is no picture
    await again({});
    obs.faults.ignoreNext(TAKE);
    await refuse({}, 'PICTURE_FAILED');
    obs.crash();
    await connectionIs('disconnected');
    await refuse({}, 'OBS_NOT_CONNECTED');
  });

  it('has no picture left when OBS dies over it', async () => {
    await ready({ to: 'here', path: folder });
    obs.faults.hang(TAKE);
    const refused = refuse({}, 'OBS_DISCONNECTED');
    await waitFor(() => sentTypes(obs, TAKE).length === 1);
    obs.crash();
    await refused;
    assert.deepEqual(readdirSync(folder), []);
  });
});

describe("a picture's file name", () => {
  it('leads nowhere, whatever the source is called', () => {
    for (const [name, safe] of [
      ['Camera 1', 'Camera 1'],
      ['../../etc/passwd', '_.._etc_passwd'],
      ['C:\\Windows\\x', 'C__Windows_x'],
      ['a/b:c*d?e"f<g>h|i', 'a_b_c_d_e_f_g_h_i'],
      ['line\nbreak\0and\u202etab\t', 'line break and tab'],
      ['...', 'picture'],
      ['', 'picture'],
      ['Übertragung é', 'Übertragung é'],
      ['\ud800x', 'x'],
    ] as const)
      assert.equal(safeName(name), safe, JSON.stringify(name));
    const long = pictureName('ä🎥'.repeat(200), 'jpg');
    assert.ok(Buffer.byteLength(long) < 200, 'a name of a file has 255 bytes');
    assert.ok(!/[\ud800-\udbff]\.jpg$/.test(long), 'no half of a letter');
  });

  it('is never the same twice', () => {
    const names = Array.from({ length: 100 }, () => pictureName('Live', 'png'));
    assert.equal(new Set(names).size, 100);
    assert.match(names[0]!, new RegExp(`${NAME.source}Live\\.png$`));
  });

  it('on a computer with Windows is joined as there', () => {
    assert.match(
      pathThere('C:\\pictures\\', 'jpg', false, 'OBS')('a\\b'),
      /^C:\\pictures\\[\d -]+ a_b\.jpg$/,
    );
    assert.match(
      pathThere('\\\\server\\share', 'jpg', false, 'OBS')('x'),
      /^\\\\server\\share\\[\d -]+ x\.jpg$/,
    );
    assert.match(pathThere('/', 'png', false, 'OBS')('x'), /^\/[\d -]+ x\.png$/);
  });
});

describe("a picture's own size", () => {
  it('is read from its header, and null for anything else', () => {
    const jpeg = Buffer.from(
      'ffd8ffe000044a46fffe000461 62ffc0000b0801020304010111 00'.replaceAll(' ', ''),
      'hex',
    );
    assert.deepEqual(pictureSize(jpeg), { width: 0x304, height: 0x102 });
    for (let length = 0; length < jpeg.length - 4; length++)
      assert.equal(pictureSize(jpeg.subarray(0, length)), null, `cut to ${length}`);
    for (const text of ['', 'GIF89a', 'not a picture at all', '\xff\xd8\xff\xda\0\0\0\0'])
      assert.equal(pictureSize(Buffer.from(text, 'latin1')), null, text);
    assert.equal(pictureSize(Buffer.concat([jpeg.subarray(0, 2), Buffer.alloc(100_000_000, 0xff)])), null);
  });
});
