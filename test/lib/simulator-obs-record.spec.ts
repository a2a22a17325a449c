// The simulated recording, replay buffer and virtual camera: paths, sequences and silent no-ops as measured.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startObsSimulator } from '../../simulators/obs';
import type { ObsSimulator, ObsSimulatorOptions } from '../../simulators/obs/types';
import { type BareClient, bareClient } from '../contract/client';
import { removeTempDir, tempDir, waitFor } from '../support';

describe('OBS simulator: recording and other outputs', () => {
  let simulator: ObsSimulator;
  let client: BareClient;
  let folder: string;

  async function begin(options: ObsSimulatorOptions = {}): Promise<void> {
    folder = tempDir('simulated');
    simulator = await startObsSimulator({ speed: 10, random: () => 0.5, recordFolder: folder, ...options });
    client = await bareClient(simulator.url, null);
  }
  afterEach(async () => {
    await client.close();
    await simulator.close();
    removeTempDir(folder);
  });

  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const states = () => client.states('RecordStateChanged');
  const until = (state: string, from = 0) => client.waitForEvent('RecordStateChanged', { state, from });
  const parameter = (parameterCategory: string, parameterName: string, parameterValue: string | null) =>
    client.call('SetProfileParameter', { parameterCategory, parameterName, parameterValue } as never);

  async function recordOnce(): Promise<string> {
    const from = client.events.length;
    await client.call('StartRecord');
    const { data } = await until('STARTED', from);
    await waitFor(async () => (await client.call('GetRecordStatus')).outputActive);
    await client.call('StopRecord');
    await until('STOPPED', from);
    return String(data.outputPath);
  }

  it('records, pauses, resumes; tells the path at the start and at the end', async () => {
    await begin({ writeFiles: true });
    await client.call('StartRecord');
    const { data } = await until('STARTED');
    const path = String(data.outputPath);
    assert.match(path, /\/\d{4}-\d\d-\d\d \d\d-\d\d-\d\d\.mkv$/);
    assert.ok(path.startsWith(folder) && existsSync(path));
    await waitFor(async () => (await client.call('GetRecordStatus')).outputBytes > 0);
    await client.call('PauseRecord');
    await until('PAUSED');
    const paused = await client.call('GetRecordStatus');
    assert.deepEqual([paused.outputActive, paused.outputPaused], [true, true]);
    await assert.rejects(client.call('PauseRecord'), { code: 502, message: '' });
    // resumed within a frame, the recording would hang as that of the real one does
    const pausedAt = Date.now();
    await waitFor(() => Date.now() - pausedAt > 200);
    assert.deepEqual(await client.call('ToggleRecordPause'), { outputPaused: false });
    await until('RESUMED');
    await assert.rejects(client.call('ResumeRecord'), { code: 503, message: '' });
    await assert.rejects(client.call('StartRecord'), { code: 500, message: '' });
    assert.deepEqual(await client.call('StopRecord'), { outputPath: path });
    const stopped = await until('STOPPED');
    assert.equal(stopped.data.outputPath, path);
    assert.deepEqual(states(), ['STARTING', 'STARTED', 'PAUSED', 'RESUMED', 'STOPPING', 'STOPPED']);
    assert.deepEqual(
      client.events.map((event) => [event.data.outputActive, event.data.outputPath]),
      [
        [false, null],
        [true, path],
        [false, null],
        [true, null],
        [false, null],
        [false, path],
      ],
    );
  });

  it('takes folder, name and format from the profile at the next start', async () => {
    await begin();
    const other = join(folder, 'other');
    mkdirSync(other);
    await parameter('SimpleOutput', 'FilePath', other);
    await parameter('Output', 'FilenameFormatting', 'show/%CCYY a');
    await parameter('SimpleOutput', 'RecFormat', 'ts');
    const year = new Date().getFullYear();
    assert.equal(await recordOnce(), join(other, `show/${year} a.ts`));
    assert.equal(await recordOnce(), join(other, `show/${year} a (2).ts`));
    await parameter('Output', 'OverwriteIfExists', 'true');
    assert.equal(await recordOnce(), join(other, `show/${year} a.ts`));
    assert.deepEqual(await client.call('GetRecordDirectory'), { recordDirectory: other });
  });

  it('accepts what it does not do: no folder, nothing to pause, a shared encoder, still closing', async () => {
    await begin({ speed: 5 });
    await client.call('PauseRecord');
    await parameter('SimpleOutput', 'FilePath', join(folder, 'none'));
    await client.call('StartRecord');
    await pause(100);
    assert.deepEqual(states(), []);
    await parameter('SimpleOutput', 'FilePath', folder);
    await parameter('SimpleOutput', 'RecQuality', 'Stream');
    await client.call('StartRecord');
    await until('STARTED');
    await client.call('PauseRecord');
    await pause(50);
    assert.equal((await client.call('GetRecordStatus')).outputPaused, false);
    simulator.faults.lingerMs = 2000;
    await client.call('StopRecord');
    await until('STOPPED');
    assert.equal((await client.call('GetRecordStatus')).outputActive, true);
    await client.call('StartRecord');
    await pause(100);
    assert.deepEqual(states(), ['STARTING', 'STARTED', 'STOPPING', 'STOPPED']);
    await assert.rejects(client.call('StopRecord'), { code: 501, message: '' });
  });

  it('knows no split and no chapter in OBS 29; newer ones only where the settings allow', async () => {
    await begin();
    await assert.rejects(client.call('SplitRecordFile'), { code: 204 });
    await client.close();
    await simulator.close();
    removeTempDir(folder);
    await begin({ profile: 'obs-30' });
    await assert.rejects(client.call('SplitRecordFile'), { code: 501 });
    await parameter('SimpleOutput', 'RecFormat2', 'hybrid_mp4');
    await client.call('StartRecord');
    const { data } = await until('STARTED');
    assert.match(String(data.outputPath), /\.mp4$/);
    await assert.rejects(client.call('SplitRecordFile'), { code: 702, message: /file splitting/ });
    await client.call('CreateRecordChapter', { chapterName: 'one' });
  });

  it('splits in the advanced output, which needs a profile reload', async () => {
    await begin({ profile: 'obs-32' });
    await parameter('Output', 'Mode', 'Advanced');
    await parameter('AdvOut', 'RecFilePath', folder);
    await parameter('AdvOut', 'RecSplitFile', 'true');
    assert.equal(
      ((await client.call('GetOutputList')).outputs[0] as Record<string, unknown>).outputName,
      'simple_file_output',
    );
    await client.call('CreateProfile', { profileName: 'Other' });
    await client.call('SetCurrentProfile', { profileName: 'Rehearsal' });
    await client.call('StartRecord');
    await until('STARTED');
    await client.call('SplitRecordFile');
    const { data } = await client.waitForEvent('RecordFileChanged');
    assert.match(String(data.newOutputPath), /\(2\)\.mkv$/);
    assert.equal(
      ((await client.call('GetOutputList')).outputs[0] as Record<string, unknown>).outputName,
      'adv_file_output',
    );
  });

  it('saves replays', async () => {
    await begin();
    await client.call('StartReplayBuffer');
    await client.waitForEvent('ReplayBufferStateChanged', { state: 'STARTED' });
    assert.deepEqual(await client.call('GetLastReplayBufferReplay'), { savedReplayPath: '' });
    await client.call('SaveReplayBuffer');
    const { data } = await client.waitForEvent('ReplayBufferSaved');
    assert.match(String(data.savedReplayPath), /\/Replay \d{4}-/);
    await client.call('StopReplayBuffer');
    await client.waitForEvent('ReplayBufferStateChanged', { state: 'STOPPED' });
    await assert.rejects(client.call('GetLastReplayBufferReplay'), { code: 501, message: '' });
    assert.deepEqual(client.states('ReplayBufferStateChanged'), [
      'STARTING',
      'STARTED',
      'STOPPING',
      'STOPPED',
    ]);
  });

  it('starts no replay buffer without a source, and has none where it is off', async () => {
    await begin();
    await client.call('CreateScene', { sceneName: 'Empty' });
    await client.call('SetCurrentProgramScene', { sceneName: 'Empty' });
    await client.call('StartReplayBuffer');
    await pause(50);
    assert.equal((await client.call('GetReplayBufferStatus')).outputActive, false);
    await parameter('SimpleOutput', 'RecRB', 'false');
    await client.call('GetReplayBufferStatus');
    await client.call('CreateProfile', { profileName: 'Other' });
    await assert.rejects(client.call('GetReplayBufferStatus'), {
      code: 604,
      message: 'Replay buffer is not available.',
    });
  });

  it('runs a virtual camera, or says that there is none', async () => {
    await begin();
    await client.call('StartVirtualCam');
    const { data } = await client.waitForEvent('VirtualcamStateChanged');
    assert.deepEqual(data, { outputActive: true, outputState: 'OBS_WEBSOCKET_OUTPUT_STARTED' });
    await assert.rejects(client.call('StartVirtualCam'), { code: 500 });
    await client.call('StopOutput', { outputName: 'virtualcam_output' });
    await client.waitForEvent('VirtualcamStateChanged', { state: 'STOPPED' });
    await client.close();
    await simulator.close();
    removeTempDir(folder);
    await begin({ virtualCamera: false });
    await assert.rejects(client.call('GetVirtualCamStatus'), {
      code: 604,
      message: 'VirtualCam is not available.',
    });
  });
});
