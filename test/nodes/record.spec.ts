/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call -- a message carries anything */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ObsSimulator } from '../../simulators/obs';
import { tempDir } from '../support/temp';
import {
  around,
  ask,
  badges,
  connectionIs,
  connectionTo,
  heardBy,
  load,
  refuse,
  refuseUnheard,
  send,
  sentTypes,
  settle,
  simulate,
  tearDown,
  exactly,
  waitFor,
} from './support/rig';

const RECORD = {
  type: 'live-record',
  action: 'message',
  folder: '',
  folderType: 'str',
  fileName: '',
  fileNameType: 'str',
  format: '',
  chapterName: '',
  chapterNameType: 'str',
  ifRecording: 'error',
};

describe('record', () => {
  const folder = tempDir('recordings');
  const sunday = join(folder, 'sunday');
  mkdirSync(sunday);
  let obs: ObsSimulator;
  beforeEach(async () => {
    obs = await simulate({ recordFolder: folder });
  });
  afterEach(tearDown);

  const ready = async (node: object = {}) => {
    await load(around({ ...RECORD, ...node }, connectionTo(obs)));
    await connectionIs('ready');
  };
  const again = async (node: object, options = {}) => {
    await tearDown();
    obs = await simulate({ recordFolder: folder, ...options });
    await ready(node);
  };

  it('starts, pauses, resumes and stops, each confirmed by what OBS shows', async () => {
    await ready();
    const { tookMs, ...live } = (await ask({ payload: 'start', own: 1 })).live;
    assert.ok(tookMs >= 0);
    assert.deepEqual(live, {
      action: 'record-start',
      application: 'obs',
      connection: { id: 'studio', name: 'Studio' },
      output: 'recording',
      state: 'recording',
      confirmedBy: 'application',
      event: 'recording_started',
    });
    const started = heardBy('out')[0]!;
    assert.equal(started.own, 1);
    assert.equal(started.payload.state, 'recording');
    assert.equal(started.payload.alreadyRunning, false);
    assert.equal(started.payload.finished, false);
    assert.ok(started.payload.outputPath.startsWith(`${folder}/`));
    assert.match(started.payload.outputPath, /\.mkv$/);
    assert.equal(started.payload.format, 'mkv');
    await waitFor(() => badges().at(-1) === 'recording');

    const twice = await ask({ payload: 'START ' });
    assert.equal(twice.payload.alreadyRunning, true);
    const paused = await ask({ payload: 'pause' });
    assert.deepEqual(
      [paused.payload.state, paused.live.state, paused.live.event, obs.state.record],
      ['paused', 'paused', 'recording_paused', 'paused'],
    );
    await waitFor(() => badges().at(-1) === 'paused');
    const resumed = await ask({ payload: 'resume' });
    assert.deepEqual(
      [resumed.payload.state, resumed.live.event, obs.state.record],
      ['recording', 'recording_resumed', 'recording'],
    );
    const stopped = await ask({ payload: 'stop' });
    assert.equal(stopped.payload.state, 'idle');
    assert.equal(stopped.payload.finished, true);
    assert.equal(stopped.payload.outputPath, started.payload.outputPath);
    assert.equal(stopped.live.event, 'recording_stopped');
    assert.deepEqual(
      sentTypes(
        obs,
        'StartRecord',
        'PauseRecord',
        'ResumeRecord',
        'StopRecord',
        'ToggleRecord',
        'ToggleRecordPause',
      ),
      ['StartRecord', 'PauseRecord', 'ResumeRecord', 'StopRecord'],
    );
    const nothing = await ask({ payload: 'stop' });
    assert.deepEqual([nothing.payload.wasRunning, nothing.payload.outputPath], [false, null]);
    await exactly('completed', 6);
    assert.equal(heardBy('caught').length, 0);
  });

  it('writes to the folder, name and format that were asked, and puts the settings of OBS back', async () => {
    await ready({
      action: 'start',
      folder: 'folder',
      folderType: 'msg',
      fileName: '"Service " & payload',
      fileNameType: 'jsonata',
      format: 'mp4',
    });
    const msg = await ask({ payload: 7, folder: sunday });
    assert.equal(msg.payload.outputPath, join(sunday, 'Service 7.mp4'));
    assert.equal(msg.payload.format, 'mp4');
    const last = new Map<string, unknown>();
    for (const { requestType, requestData } of obs.calls)
      if (requestType === 'SetProfileParameter') {
        const { parameterName, parameterValue } = requestData as {
          parameterName: string;
          parameterValue: unknown;
        };
        last.set(parameterName, parameterValue);
      }
    assert.deepEqual(Object.fromEntries(last), {
      FilePath: folder,
      FilenameFormatting: null,
      RecFormat: null,
    });
  });

  it('to another file while recording is an error, or a restart where wished', async () => {
    await ready({ action: 'start', fileName: 'payload', fileNameType: 'msg' });
    await ask({ payload: 'first' });
    const { error } = await refuse({ payload: 'second' }, 'RECORD_ELSEWHERE');
    assert.match(error.message, /first\.mkv.*second/);
    await again({ action: 'start', fileName: 'payload', fileNameType: 'msg', ifRecording: 'restart' });
    await ask({ payload: 'first' });
    const msg = await ask({ payload: 'second' });
    assert.match(msg.payload.outputPath, /second\.mkv$/);
    assert.equal(msg.payload.alreadyRunning, false);
  });

  it('bad actions are refused with what there is, and OBS hears nothing', async () => {
    await ready();
    for (const payload of [
      'halt',
      '',
      'toggle',
      null,
      undefined,
      1,
      true,
      ['start'],
      { action: 'start' },
      Buffer.from('start'),
    ]) {
      const { error } = await refuseUnheard(obs, { payload }, 'ACTION_UNKNOWN');
      assert.match(error.message, /start, stop, pause, resume, split, chapter/);
    }
    await again({ action: 'explode' });
    await refuseUnheard(obs, {}, 'CONFIG_INVALID');
  });

  it('what no recording has is refused: pause, resume, split and chapter while idle', async () => {
    await ready();
    for (const payload of ['pause', 'resume', 'split', 'chapter'])
      await refuse({ payload }, 'RECORD_NOT_ACTIVE');
    assert.deepEqual(
      sentTypes(obs, 'PauseRecord', 'ResumeRecord', 'SplitRecordFile', 'CreateRecordChapter'),
      [],
    );
  });

  it('bad names, folders and formats are refused, and OBS records nothing and keeps its settings', async () => {
    const start = {
      action: 'start',
      folder: 'folder',
      folderType: 'msg',
      fileName: 'name',
      fileNameType: 'msg',
    };
    await ready(start);
    for (const name of ['../up', '/etc/passwd', 'a:b', 'x'.repeat(201), 'tab\u0007', '  ', 'C:\\x', 'what?'])
      await refuse({ name }, 'INPUT_INVALID');
    for (const name of [{}, ['x'], Buffer.from('x')]) await refuseUnheard(obs, { name }, 'INPUT_INVALID');
    for (const folder of [{ path: '/x' }, ['/x']]) await refuseUnheard(obs, { folder }, 'INPUT_INVALID');
    const untouched = () => assert.deepEqual(sentTypes(obs, 'StartRecord', 'SetProfileParameter'), []);
    untouched();
    await again({ ...start, format: 'avi' });
    await refuse({}, 'RECORD_SETTING_REFUSED');
    untouched();
    await again({ ...start, format: '${LIVE_TEST_NOT_SET}' });
    await refuseUnheard(obs, {}, 'CONFIG_ENV_MISSING');
    await again({ ...start, folderType: 'env', folder: 'LIVE_TEST_NOT_SET' });
    await refuseUnheard(obs, {}, 'CONFIG_ENV_MISSING');
  });

  it('each silent no-op of OBS has its code', async () => {
    await ready();
    obs.faults.ignoreNext('StartRecord');
    obs.faults.ignoreNext('StartRecord');
    const { error } = await refuse({ payload: 'start' }, 'RECORD_SILENT_NOOP');
    assert.match(error.message, /50 MB/);
    await ask({ payload: 'start' });
    obs.faults.ignoreNext('PauseRecord');
    await refuse({ payload: 'pause' }, 'RECORD_PAUSE_SHARED_ENCODER');
    await refuse({ payload: 'split' }, 'OBS_UNSUPPORTED');
    await refuse({ payload: 'chapter' }, 'OBS_UNSUPPORTED');
    await ask({ payload: 'pause' });
    await refuse({ payload: 'split' }, 'RECORD_PAUSED');
  }).timeout(30_000);

  it('splits and marks chapters where this OBS can, and says why where its settings do not allow it', async () => {
    await again({ chapterName: 'name', chapterNameType: 'msg' }, { profile: 'obs-32' });
    await ask({ payload: 'start' });
    await refuse({ payload: 'split' }, 'RECORD_SPLIT_OFF');
    await refuse({ payload: 'chapter', name: 'Sermon' }, 'RECORD_CHAPTER_FORMAT');
    await again({ chapterName: 'name', chapterNameType: 'msg', format: 'hybrid_mp4' }, { profile: 'obs-32' });
    await ask({ payload: 'start' });
    const msg = await ask({ payload: 'chapter', name: 'Sermon' });
    assert.equal(msg.payload.state, 'recording');
    assert.equal(msg.live.action, 'record-chapter');
    assert.equal(msg.live.event, undefined);
    assert.deepEqual(
      obs.calls.find(({ requestType }) => requestType === 'CreateRecordChapter')!.requestData,
      { chapterName: 'Sermon' },
    );
  });

  it('keeps the order of messages that come at once, however long their inputs take', async () => {
    await ready({ fileName: '$length(payload) > 0 ? "a" : "b"', fileNameType: 'jsonata' });
    for (const payload of ['start', 'stop']) send({ payload });
    await waitFor(() => heardBy('out').length + heardBy('caught').length === 2);
    const [stopped] = heardBy('out').slice(-1);
    assert.equal(stopped!.live.action, 'record-stop');
    assert.deepEqual(
      heardBy('caught').map(({ error }) => error.code),
      ['RECORD_START_CANCELLED'],
      'a stop overtakes the start it came after, and never the other way round',
    );
    await settle(200);
    assert.equal(obs.state.record, 'idle');
  });

  it('a second action meanwhile is told to wait, and an equal one joins', async () => {
    await ready();
    obs.faults.delayNext('StartRecord', 3000);
    send({ payload: 'start', nr: 1 });
    send({ payload: 'start', nr: 2 });
    await refuse({ payload: 'pause' }, 'RECORD_BUSY');
    await waitFor(() => heardBy('out').length === 2, {
      message: () =>
        heardBy('caught')
          .map(({ error }) => error.message)
          .join(),
    });
    assert.deepEqual(sentTypes(obs, 'StartRecord'), ['StartRecord']);
  });
});
