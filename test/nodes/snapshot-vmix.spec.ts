/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call -- a message carries anything */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, win32 } from 'node:path';
import { pictureSize } from '../../lib/production/picture-size';
import type { VmixSimulator, VmixSimulatorOptions } from '../../simulators/vmix';
import { tempDir } from '../support';
import {
  ON_VMIX,
  around,
  ask,
  connectionIs,
  load,
  mixer,
  refuse,
  simulateVmix,
  tearDown,
  vmixConnectionTo,
  type FlowNode,
  type Msg,
} from './support/rig';

const FOLDER = 'D:\\Pictures';
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
  // left over from OBS: vMix has neither
  width: '320',
  height: '',
  quality: '80',
  ...ON_VMIX,
};

describe('snapshot of a vMix', () => {
  let vmix: VmixSimulator;
  let shared: string;
  afterEach(tearDown);

  const ready = async (
    node: object = {},
    connection: Partial<FlowNode> = { sharedThere: FOLDER, sharedHere: '' },
    options: VmixSimulatorOptions = {},
  ) => {
    await tearDown();
    shared = tempDir('shared');
    vmix = await simulateVmix({ writeFiles: { [FOLDER]: shared }, ...options });
    const to = connection.sharedHere === '' ? { ...connection, sharedHere: shared } : connection;
    await load(around({ ...SNAPSHOT, ...node }, vmixConnectionTo(vmix, to)));
    await connectionIs('ready', 'mixer');
  };
  const asked = () => vmix.calls.filter(({ name }) => /snapshot/i.test(name));
  /** The same, and vMix was asked for no picture. */
  const refuseUnasked = async (msg: Msg, code: string) => {
    const caught = await refuse(msg, code);
    assert.deepEqual(asked(), []);
    return caught;
  };

  it('passes the picture on, true in size and format, and leaves nothing in the folder', async () => {
    await ready({ format: 'png' });
    const msg = await ask({ topic: 't', source: 'stray' });
    assert.ok(Buffer.isBuffer(msg.payload));
    assert.deepEqual(pictureSize(msg.payload), { width: 640, height: 360 });
    const { takenAt, ...picture } = msg.picture;
    assert.ok(Date.parse(takenAt) > 0);
    assert.deepEqual(picture, {
      source: 'Intro.mp4',
      format: 'jpg',
      contentType: 'image/jpeg',
      width: 640,
      height: 360,
      sizeBytes: msg.payload.length,
      path: null,
      unknown: {},
    });
    assert.ok(msg.filename.endsWith(' Intro.mp4.jpg'), 'named as what it is');
    const { tookMs, ...live } = msg.live;
    assert.ok(tookMs >= 0);
    assert.deepEqual(live, {
      action: 'snapshot',
      application: 'vmix',
      connection: { id: 'mixer', name: 'Mixer' },
      output: null,
      state: null,
      confirmedBy: 'application',
    });
    assert.deepEqual(readdirSync(shared), []);
  });

  it('takes the input that a message names, and says what cannot be had', async () => {
    await ready({ show: 'source', source: 'payload', sourceType: 'msg' });
    assert.equal((await ask({ payload: 'Camera 2' })).picture.source, 'Camera 2');
    assert.equal((await ask({ payload: '4' })).picture.source, 'Pause');
    assert.equal(asked().at(-1)!.parameters.input, mixer().client.state!.inputs[3]!.key);
    const { error } = await refuse({ payload: 'Nope' }, 'SOURCE_UNKNOWN');
    assert.match(error.message, /vMix has no input called "Nope"/);
    await refuse({ payload: '' }, 'INPUT_INVALID');
  });

  it('writes here what vMix wrote there, and never under the name of another format', async () => {
    const folder = tempDir('here');
    await ready({ to: 'here', path: folder });
    const { payload, picture } = await ask({});
    assert.equal(dirname(payload), folder);
    assert.equal(readFileSync(payload).length, picture.sizeBytes);
    await ready({ to: 'here', path: join(folder, 'now.png'), format: 'png' });
    const { error } = await refuse({}, 'INPUT_INVALID');
    assert.match(error.message, /a jpg belongs in a file that ends with \.jpg, not \.png/);
    assert.deepEqual(readdirSync(folder), [basename(payload)]);
  });

  it('has a file written there, confirmed where it can be looked at', async () => {
    await ready({ to: 'there', path: FOLDER });
    const { payload, picture, live, filename } = await ask({});
    assert.equal(win32.dirname(payload), FOLDER);
    assert.equal(filename, payload);
    assert.deepEqual(
      [picture.sizeBytes, picture.width, picture.path, picture.unknown, live.confirmedBy],
      [readFileSync(join(shared, win32.basename(payload))).length, 640, payload, {}, 'application'],
    );
    await ready({ to: 'there', path: 'E:\\Show' });
    const unseen = await ask({});
    assert.deepEqual([unseen.picture.sizeBytes, unseen.live.confirmedBy], [null, null]);
    assert.match(unseen.picture.unknown.confirmedBy, /Node-RED cannot read this folder/);
    await ready({ to: 'there', path: `${FOLDER}\\now.jpg`, overwrite: true });
    writeFileSync(join(shared, 'now.jpg'), 'old');
    assert.equal((await ask({})).picture.width, 640);
  });

  it('is refused where the path leads elsewhere, and vMix is not even asked', async () => {
    await ready({ to: 'there', path: 'payload', pathType: 'msg' });
    for (const payload of [
      '',
      ' ',
      '/srv/pictures',
      'pictures',
      'D:pictures',
      `${FOLDER}\\..\\..\\Windows`,
      `${FOLDER}\\{0:dd MMM yyyy}`,
      `${FOLDER}\\nul`,
      `${FOLDER}\\now.jpg`,
      '\\\\?\\D:\\Pictures',
    ])
      await refuseUnasked({ payload }, 'INPUT_INVALID');
    assert.equal(vmix.studio.openWindows, 0);
  });

  it('without a folder that both can use says what to set, and where', async () => {
    await ready({}, {});
    const { error } = await refuseUnasked({}, 'VMIX_PICTURE_FOLDER_NOT_SET');
    assert.match(error.message, /Open the vmix connection, and set under Pictures/);
    await ready({}, { sharedThere: FOLDER, sharedHere: join(shared, 'none') });
    await refuseUnasked({}, 'PICTURE_FOLDER_MISSING');
    await ready({}, { sharedThere: '/srv/pictures', sharedHere: shared }, {}).catch(() => undefined);
    await refuse({}, 'CONFIG_INVALID');
  });

  it('of a rehearsal comes as it will in the show', async () => {
    await tearDown();
    const rehearsal = { ...vmixConnectionTo({ httpPort: 1, tcpPort: 1 }), connectTo: 'rehearsal' };
    await load(around({ ...SNAPSHOT, waitSeconds: '10' }, rehearsal));
    const msg = await ask({});
    assert.deepEqual(pictureSize(msg.payload), { width: 640, height: 360 });
  });
});
