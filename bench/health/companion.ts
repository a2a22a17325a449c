// A model of how Bitfocus Companion's OBS module 3.16.0 watches OBS: its subscriptions and its poll of one second, as they
// stand in its index.js (https://github.com/bitfocus/companion-module-obs-studio). What it asks once at the start is left out,
// and so is its poll of media inputs, which depends on the scenes.
import { EventSubscription, type OBSRequestTypes, OBSWebSocket } from 'obs-websocket-js/json';

const EVERY_MS = 1000;

/** Connects and polls for as long as the process lives. */
export async function watchAsCompanion(url: string, password: string): Promise<void> {
  const obs = new OBSWebSocket();
  let streaming = false;
  let recording = false;
  obs.on('StreamStateChanged', ({ outputActive }) => void (streaming = outputActive));
  obs.on('RecordStateChanged', ({ outputActive }) => void (recording = outputActive));
  await obs.connect(url, password, {
    eventSubscriptions:
      EventSubscription.All |
      EventSubscription.InputActiveStateChanged |
      EventSubscription.InputShowStateChanged |
      EventSubscription.InputVolumeMeters |
      EventSubscription.SceneItemTransformChanged,
  });
  const { outputs } = await obs.call('GetOutputList');
  const names = outputs.map(({ outputName }) => outputName as string);
  const ask = (type: keyof OBSRequestTypes, data?: { outputName: string }) =>
    obs.call(type, data as never).catch(() => undefined);
  setInterval(() => {
    void ask('GetStats');
    if (streaming) void ask('GetStreamStatus').then(() => ask('GetStreamServiceSettings'));
    if (recording) void ask('GetRecordStatus').then(() => ask('GetRecordDirectory'));
    for (const outputName of names) void ask('GetOutputStatus', { outputName });
  }, EVERY_MS);
}
