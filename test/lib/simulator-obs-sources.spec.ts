// The simulated OBS's sources: who publishes, what each kind makes of it, frames, names, and what a crash leaves. The same facts are held
// against the real OBS in test/contract/sources-world.spec.ts, but for the kind gstreamer-source, which Debian does not have.
import assert from 'node:assert/strict';
import { EventSubscription, RequestBatchExecutionType } from 'obs-websocket-js/json';
import type { RequestBatchRequest } from 'obs-websocket-js/json';
import { startObsSimulator } from '../../simulators/obs';
import type { ObsSimulator, ObsSimulatorOptions } from '../../simulators/obs';
import { type BareClient, bareClient } from '../contract/client';
import { waitFor } from '../support';

const SCENE = 'Live';
const ADDRESS = 'rtmp://ingest.example/live/guest';
const NETWORK = {
  is_local_file: false,
  restart_on_activate: false,
  close_when_inactive: false,
  clear_on_media_end: false,
  reconnect_delay_sec: 2,
};
const PIPELINE = (address: string, more = '') =>
  `rtmp2src location="${address}" ${more} ! decodebin name=d  d. ! queue ! videoconvert ! video.  d. ! queue ! audioconvert ! audio.`;
const STEADY = { stop_on_hide: false, restart_on_error: true, clear_on_end: false };

type Settings = Record<string, string | number | boolean>;

describe('OBS simulator: sources', () => {
  let simulator: ObsSimulator;
  let client: BareClient;

  async function connect(): Promise<void> {
    client = await bareClient(
      simulator.url,
      null,
      EventSubscription.All |
        EventSubscription.InputActiveStateChanged |
        EventSubscription.InputShowStateChanged |
        EventSubscription.SceneItemTransformChanged,
    );
  }
  async function begin(options: ObsSimulatorOptions = {}): Promise<void> {
    simulator = await startObsSimulator({ speed: 10, random: () => 0.5, gstreamer: true, ...options });
    simulator.faults.disorder = false;
    await connect();
    await client.call('SetCurrentProgramScene', { sceneName: SCENE });
    await client.waitForEvent('SceneTransitionEnded');
  }
  afterEach(async () => {
    await client.close();
    await simulator.close();
  });

  async function create(
    inputName: string,
    inputKind: string,
    inputSettings: Settings,
    sceneItemEnabled = false,
  ) {
    const input = { sceneName: SCENE, inputName, inputKind, inputSettings, sceneItemEnabled };
    return (await client.call('CreateInput', input)).sceneItemId;
  }
  const network = (inputName: string, input = ADDRESS, more: Settings = {}) =>
    create(inputName, 'ffmpeg_source', { ...NETWORK, input, ...more });
  const pipeline = (inputName: string, text: string, more: Settings = {}) =>
    create(inputName, 'gstreamer-source', { ...STEADY, pipeline: text, ...more });
  /** state, cursor and size, as a switch reads them */
  async function read(inputName: string) {
    const { mediaState, mediaCursor } = await client.call('GetMediaInputStatus', { inputName });
    const { sceneItems } = await client.call('GetSceneItemList', { sceneName: SCENE });
    const transform = (sceneItems.find((item) => item.sourceName === inputName)?.sceneItemTransform ??
      {}) as {
      sourceWidth?: number;
      sourceHeight?: number;
    };
    return {
      state: mediaState.replace('OBS_MEDIA_STATE_', ''),
      cursor: mediaCursor as number | null,
      size: `${transform.sourceWidth}x${transform.sourceHeight}`,
    };
  }
  const until = (inputName: string, fits: (now: Awaited<ReturnType<typeof read>>) => boolean) =>
    waitFor(
      async () => {
        const now = await read(inputName);
        return fits(now) ? now : undefined;
      },
      { intervalMs: 5, timeoutMs: 5000, message: () => `${inputName}` },
    );
  const batch = (requests: RequestBatchRequest[], haltOnFailure = false) =>
    client.obs.callBatch(requests, {
      executionType: RequestBatchExecutionType.SerialFrame,
      haltOnFailure,
    });

  describe('ffmpeg_source', () => {
    it('says PLAYING at once and has no size until the first picture, which it tells', async () => {
      await begin();
      simulator.publishers.publish(ADDRESS, { width: 640, height: 360, firstFrameMs: 1000 });
      await network('Guest');
      assert.deepEqual(await read('Guest'), { state: 'PLAYING', cursor: 0, size: '0x0' });
      const ready = await until('Guest', ({ size }) => size !== '0x0');
      assert.equal(ready.size, '640x360');
      const told = await client.waitForEvent('SceneItemTransformChanged');
      assert.equal((told.data.sceneItemTransform as { sourceWidth: number }).sourceWidth, 640);
      await until('Guest', ({ cursor }) => (cursor ?? 0) > (ready.cursor ?? 0));
      // OBS hears of its start too late to tell it
      assert.ok(!client.events.some(({ type }) => type === 'MediaInputPlaybackStarted'));
    });

    it('keeps PLAYING with a standing cursor while the publisher is gone, and goes on when he is back', async () => {
      await begin();
      simulator.publishers.publish(ADDRESS, { firstFrameMs: 100 });
      await network('Guest');
      await until('Guest', ({ size, cursor }) => size === '1280x720' && (cursor ?? 0) > 50);
      simulator.publishers.stop(ADDRESS);
      const stands = await waitFor(async () => {
        const before = await read('Guest');
        await new Promise((resolve) => setTimeout(resolve, 60));
        const after = await read('Guest');
        return before.cursor === after.cursor ? after : undefined;
      });
      assert.deepEqual([stands.state, stands.size], ['PLAYING', '1280x720']);
      simulator.publishers.publish(ADDRESS, { width: 320, height: 180 });
      await until('Guest', ({ size }) => size === '320x180');
    });

    it('tries a dead port again and again, a Started and an Ended each time', async () => {
      await begin();
      await network('Guest', 'rtmp://refused.invalid/live/guest');
      const ended = () => client.events.filter(({ type }) => type === 'MediaInputPlaybackEnded').length;
      const started = () => client.events.filter(({ type }) => type === 'MediaInputPlaybackStarted').length;
      await waitFor(() => ended() === 3);
      assert.equal(started(), 2);
      assert.equal((await read('Guest')).cursor, null);
    });

    it('ends with rw_timeout, keeps its picture, and has none once it tries again', async () => {
      await begin();
      simulator.publishers.publish(ADDRESS, { firstFrameMs: 100 });
      await network('Guest', ADDRESS, { ffmpeg_options: 'rw_timeout=3000000' });
      await until('Guest', ({ size }) => size !== '0x0');
      simulator.publishers.stop(ADDRESS);
      const ended = await until('Guest', ({ state }) => state === 'ENDED');
      assert.deepEqual([ended.cursor, ended.size], [null, '1280x720']);
      await until('Guest', ({ state, size }) => state === 'PLAYING' && size === '0x0');
    });

    it('waits for ever where nobody publishes', async () => {
      await begin();
      await network('Guest', 'rtmp://nobody.invalid/live/guest');
      await new Promise((resolve) => setTimeout(resolve, 500));
      assert.deepEqual(await read('Guest'), { state: 'PLAYING', cursor: 0, size: '0x0' });
    });

    it('begins anew with every change of its settings', async () => {
      await begin();
      simulator.publishers.publish(ADDRESS, { firstFrameMs: 100 });
      await network('Guest');
      await until('Guest', ({ size }) => size !== '0x0');
      await client.call('SetInputSettings', { inputName: 'Guest', inputSettings: { note: 1 } });
      assert.equal((await read('Guest')).size, '0x0');
      await until('Guest', ({ size }) => size !== '0x0');
    });

    it('does not start before it is on air with its own defaults, and a blip ends it for good', async () => {
      await begin();
      simulator.faults.blip = false;
      await create('Guest', 'ffmpeg_source', { is_local_file: false, input: ADDRESS });
      assert.equal((await read('Guest')).state, 'NONE');
      simulator.faults.blip = true;
      await create('Other', 'ffmpeg_source', { is_local_file: false, input: ADDRESS });
      const shown = client.events
        .filter(({ type, data }) => type === 'InputShowStateChanged' && data.inputName === 'Other')
        .map(({ data }) => data.videoShowing);
      assert.deepEqual(shown, [true]);
      await until('Other', ({ state }) => state === 'ENDED');
      await client.waitForEvent('InputShowStateChanged', { where: (data) => data.videoShowing === false });
    });
  });

  describe('gstreamer-source', () => {
    it('is there only where the plugin is', async () => {
      await begin({ gstreamer: false });
      await assert.rejects(pipeline('Guest', PIPELINE(ADDRESS)), { code: 605 });
      assert.ok(!(await client.call('GetInputKindList')).inputKinds.includes('gstreamer-source'));
    });

    it('opens, pauses, and plays before it has a picture', async () => {
      await begin({ speed: 3 });
      await pipeline('Guest', PIPELINE(ADDRESS));
      assert.equal((await read('Guest')).state, 'OPENING');
      await until('Guest', ({ state, cursor }) => state === 'PAUSED' && cursor === 0);
      await until('Guest', ({ state, size }) => state === 'PLAYING' && size === '0x0');
      await until('Guest', ({ size, cursor }) => size === '1280x720' && (cursor ?? 0) > 0);
      assert.ok(!client.events.some(({ type }) => type.startsWith('MediaInputPlayback')));
    });

    it('fails at once where nothing listens or the pipeline is wrong, and waits where nobody publishes', async () => {
      await begin({ speed: 3 });
      for (const [name, text] of [
        ['Dead', PIPELINE('rtmp://refused.invalid/live/guest')],
        ['Quote', 'rtmp2src location="rtmp://ingest.example/a ! decodebin ! video.'],
        ['Element', PIPELINE(ADDRESS).replace('decodebin', 'nosuchelement')],
      ] as const) {
        await pipeline(name, text, { restart_on_error: false });
        await until(name, ({ state }) => state === 'ERROR');
      }
      await pipeline('Mute', PIPELINE('rtmp://refused.invalid/live/guest').replace('rtmp2src', 'rtmpsrc'));
      await until('Mute', ({ state }) => state === 'STOPPED');
      await pipeline('Lonely', PIPELINE('rtmp://nobody.invalid/live/guest'));
      await until('Lonely', ({ state, cursor }) => state === 'PAUSED' && cursor === 0);
    });

    it('ends when the publisher leaves, and is back with him', async () => {
      await begin();
      simulator.publishers.publish(ADDRESS, { firstFrameMs: 100 });
      await pipeline('Guest', PIPELINE(ADDRESS), { clear_on_end: true });
      await until('Guest', ({ size }) => size !== '0x0');
      simulator.publishers.stop(ADDRESS);
      const ended = await until('Guest', ({ state }) => state === 'ENDED');
      assert.equal(ended.size, '0x0');
      await until('Guest', ({ state }) => state === 'PAUSED');
      simulator.publishers.publish(ADDRESS, { firstFrameMs: 100 });
      await until('Guest', ({ state, size }) => state === 'PLAYING' && size !== '0x0');
    });

    it('never starts while hidden, by its own default', async () => {
      await begin();
      const sceneItemId = await pipeline('Guest', PIPELINE(ADDRESS), { stop_on_hide: true });
      assert.equal((await read('Guest')).state, 'STOPPED');
      const item = { sceneName: SCENE, sceneItemId };
      await client.call('SetSceneItemEnabled', { ...item, sceneItemEnabled: true });
      await until('Guest', ({ size }) => size !== '0x0');
      await client.call('SetSceneItemEnabled', { ...item, sceneItemEnabled: false });
      assert.deepEqual(await read('Guest'), { state: 'STOPPED', cursor: null, size: '0x0' });
    });

    it('echoes settings it does not know, and none that are null', async () => {
      await begin();
      await pipeline('Guest', PIPELINE(ADDRESS), { sync_appsinks: true });
      const settings = async () =>
        (await client.call('GetInputSettings', { inputName: 'Guest' })).inputSettings;
      assert.equal((await settings()).sync_appsinks, true);
      const nothing = { sync_appsinks: null };
      await client.call('SetInputSettings', { inputName: 'Guest', inputSettings: nothing });
      assert.equal((await settings()).sync_appsinks, true);
      const { defaultInputSettings } = await client.call('GetInputDefaultSettings', {
        inputKind: 'gstreamer-source',
      });
      assert.deepEqual(
        [defaultInputSettings.stop_on_hide, Object.hasOwn(defaultInputSettings, 'sync_appsinks')],
        [true, false],
      );
    });
  });

  describe('batches in step with the frames', () => {
    const sleep = (sleepFrames: number): RequestBatchRequest => ({
      requestType: 'Sleep',
      requestData: { sleepFrames },
    });
    const look: RequestBatchRequest = { requestType: 'GetStudioModeEnabled' };

    it('sleeps frames between requests, and not at the end', async () => {
      await begin({ speed: 1 });
      const took = async (requests: RequestBatchRequest[]) => {
        const from = performance.now();
        await batch(requests);
        return performance.now() - from;
      };
      const between = await took([sleep(6), look]);
      assert.ok(between >= 190 && between < 400, `${between}`);
      const trailing = await took([sleep(30)]);
      assert.ok(trailing < 200, `${trailing}`);
    });

    it('ends early, is refused in the middle, or never answers, when asked to', async () => {
      await begin();
      simulator.faults.nextBatch({ kind: 'short', after: 1 });
      assert.equal((await batch([look, look])).length, 1);
      simulator.faults.nextBatch({ kind: 'fail', at: 1, answer: { code: 600 } });
      assert.deepEqual(
        (await batch([look, look, look], true)).map(({ requestStatus }) => requestStatus.code),
        [100, 600],
      );
      for (const fault of [{ kind: 'lose' } as const, { kind: 'hang', after: 1 } as const]) {
        simulator.faults.nextBatch(fault);
        const from = simulator.calls.length;
        let answered = false;
        void batch([look, look]).then(
          () => (answered = true),
          () => undefined,
        );
        const done = fault.kind === 'lose' ? 2 : 1;
        await waitFor(() => simulator.calls.length === from + done);
        await batch([look]);
        assert.deepEqual([answered, simulator.calls.length], [false, from + done + 1]);
      }
    });
  });

  describe('black frames', () => {
    /** Two sources of 10 pictures a second, one shown, and what a swap makes of them. */
    async function swapped(swap: (old: number, fresh: number) => RequestBatchRequest[]): Promise<number> {
      await begin({ speed: 4 });
      const sceneName = 'Swap';
      await client.call('CreateScene', { sceneName });
      await client.call('SetCurrentProgramScene', { sceneName });
      const make = async (inputName: string, sceneItemEnabled: boolean) => {
        const input = `${ADDRESS}/${inputName}`;
        simulator.publishers.publish(input, { fps: 10, firstFrameMs: 100 });
        const inputSettings = { ...NETWORK, input };
        const wish = { sceneName, inputName, inputKind: 'ffmpeg_source', inputSettings, sceneItemEnabled };
        const { sceneItemId } = await client.call('CreateInput', wish);
        await client.waitForEvent('SceneItemTransformChanged', {
          where: (data) => data.sceneItemId === sceneItemId,
        });
        return sceneItemId;
      };
      const old = await make('Old', true);
      const fresh = await make('Fresh', false);
      const watch = simulator.watchBlack(sceneName);
      for (let round = 0; round < 4; round += 1) {
        await batch(swap(old, fresh));
        await batch(swap(fresh, old));
      }
      watch.stop();
      assert.ok(watch.frames > 8);
      return watch.black;
    }
    const show = (sceneItemId: number, sceneItemEnabled: boolean): RequestBatchRequest => ({
      requestType: 'SetSceneItemEnabled',
      requestData: { sceneName: 'Swap', sceneItemId, sceneItemEnabled },
    });

    it('none while the old one stays until the new one was drawn', async () => {
      const black = await swapped((old, fresh) => [
        show(fresh, true),
        { requestType: 'Sleep', requestData: { sleepFrames: 6 } },
        show(old, false),
      ]);
      assert.equal(black, 0);
    });

    it('some when all is hidden for a while', async () => {
      const black = await swapped((old, fresh) => [
        show(old, false),
        { requestType: 'Sleep', requestData: { sleepFrames: 2 } },
        show(fresh, true),
      ]);
      assert.ok(black >= 16, `${black}`);
    });
  });

  describe('names and items', () => {
    it('keeps a removed name for a moment, and a ghost as long as it is asked to', async () => {
      await begin();
      await network('Guest');
      await client.call('RemoveInput', { inputName: 'Guest' });
      await client.waitForEvent('InputRemoved');
      await assert.rejects(network('Guest'), { code: 601 });
      await waitFor(() => network('Guest').catch(() => undefined));
      simulator.faults.ghost('Guest');
      await client.call('RemoveInput', { inputName: 'Guest' });
      await waitFor(() => simulator.items(SCENE).every(({ name }) => name !== 'Guest'));
      const { inputs } = await client.call('GetInputList');
      assert.ok(inputs.some(({ inputName }) => inputName === 'Guest'));
    });

    it('shows its items to a test at each change', async () => {
      await begin();
      const seen: string[] = [];
      const ours = () => simulator.items(SCENE).filter(({ name }) => name.startsWith('Guest'));
      const release = simulator.onItems(() =>
        seen.push(
          ours()
            .map(({ name, enabled }) => `${name} ${enabled}`)
            .join(', '),
        ),
      );
      const sceneItemId = await network('Guest');
      await client.call('SetSceneItemEnabled', { sceneName: SCENE, sceneItemId, sceneItemEnabled: true });
      assert.equal(ours()[0]?.settings.input, ADDRESS);
      await client.call('RemoveInput', { inputName: 'Guest' });
      await waitFor(() => ours().length === 0);
      release();
      assert.deepEqual([...new Set(seen)], ['Guest false', 'Guest true', '']);
    });
  });

  describe('a crash', () => {
    async function crash(options?: Parameters<ObsSimulator['restart']>[0]): Promise<void> {
      simulator.crash();
      await client.close();
      await simulator.restart(options);
      await connect();
    }
    const ours = () =>
      simulator
        .items(SCENE)
        .flatMap(({ name, enabled, privateSettings }) =>
          name.startsWith('Guest') ? [`${name} ${enabled} ${JSON.stringify(privateSettings)}`] : [],
        );

    it('brings back the scenes as they were written down: visibility, marks and removals are not', async () => {
      await begin();
      await network('Guest 1');
      await waitFor(() => ours().length === 1);
      const sceneItemId = await network('Guest 2');
      await new Promise((resolve) => setTimeout(resolve, 20));
      const item = { sceneName: SCENE, sceneItemId };
      await client.call('SetSceneItemEnabled', { ...item, sceneItemEnabled: true });
      await client.obs.call(
        'SetSceneItemPrivateSettings' as never,
        { ...item, sceneItemSettings: { live: 1 } } as never,
      );
      await client.call('RemoveInput', { inputName: 'Guest 1' });
      await waitFor(() => ours().length === 1);
      await crash();
      assert.deepEqual(ours(), ['Guest 1 false {}', 'Guest 2 false {}']);
      await until('Guest 2', ({ size }) => size !== '0x0');
    });

    it('writes them down when an item is put where it is, or at a clean end, or when a test wants it so', async () => {
      await begin();
      const sceneItemId = await network('Guest');
      await new Promise((resolve) => setTimeout(resolve, 20));
      const item = { sceneName: SCENE, sceneItemId };
      const show = (sceneItemEnabled: boolean) =>
        client.call('SetSceneItemEnabled', { ...item, sceneItemEnabled });
      await show(true);
      const { sceneItemIndex } = await client.call('GetSceneItemIndex', item);
      await client.call('SetSceneItemIndex', { ...item, sceneItemIndex });
      await new Promise((resolve) => setTimeout(resolve, 20));
      await crash();
      assert.deepEqual(ours(), ['Guest true {}']);
      await show(false);
      await crash({ scenes: 'now' });
      assert.deepEqual(ours(), ['Guest false {}']);
      await crash({ scenes: 'older' });
      assert.deepEqual(ours(), ['Guest false {}']);
    });
  });
});
