// vMix as a world of the capabilities: a simulator of one version.
import { VmixApplication } from '../../../lib/vmix/application';
import { NO_EXTRAS } from '../../../lib/vmix/extras';
import type * as simulators from '../../../simulators/vmix';
import { freePort, tempDir, removeTempDir, waitFor } from '../../support';
import { target } from '../drive';
import { hear } from '../hear';
import { CLOSE_MS, CONFIRM_MS, srtWish, type Need, type Stage } from './stage';

/** Quick, since the delays of a server are not what is tested here. */
const SPEED = 5;
/** The channel that plays the stream of the scenarios: not the first, which everything that counts wrongly would take. */
const CHANNEL = 2;
/** A folder as the vMix machine calls it. */
const PICTURES = 'D:\\pictures';
let count = 0;

/** What no vMix can, and why. */
export function lackOfVmix(need: Need, profile: simulators.VmixProfile): string | null {
  switch (need) {
    case 'knows-who':
      return 'vMix does not say who ended a stream';
    case 'pause':
      return 'vMix cannot pause a recording';
    case 'srt-shown':
      return profile < 'vmix-28' ? 'vMix 24 to 27 do not show whether SRT is on' : null;
    case 'freeze':
      return profile === 'vmix-29' ? null : 'as in vMix 29, and it takes 20 s';
    default:
      return null;
  }
}

/** Starts a simulated vMix for one scenario; what it cleans up ends with `cleanUp`. */
export async function vmixStage(
  profile: simulators.VmixProfile,
  cleanUp: (action: () => unknown) => void,
): Promise<Stage> {
  const { startVmixSimulator } = require('../../../simulators/vmix') as typeof simulators;
  const folder = tempDir('vmix');
  cleanUp(() => removeTempDir(folder));
  const password = 'correct horse battery';
  const simulator = await startVmixSimulator({
    profile,
    httpPort: await freePort(),
    tcpPort: await freePort(),
    user: 'desk',
    password,
    speed: SPEED,
    writeFiles: { [PICTURES]: folder },
  });
  cleanUp(() => simulator.close());
  const key = `show-${(count += 1)}`;
  const server = 'rtmp://127.0.0.1/live';
  const { studio } = simulator;
  const value = String(CHANNEL - 1);
  const stage: Stage = {
    application: 'vmix',
    password,
    key,
    good: target({ server, key }, { name: 'good' }),
    other: target({ server, key: `${key}-other` }, { name: 'other' }),
    refused: target({ server: 'rtmp://refused.invalid/live', key }, { name: 'refused' }),
    denied: target({ server, key: 'wrong' }, { name: 'denied' }),
    pictures: { there: PICTURES, here: folder },
    stream: `stream${CHANNEL}`,
    output: 'external',
    outputListed: 'external',
    machine: {
      async startStream() {
        studio.channels.set('url', `${value},${server}`);
        studio.channels.set('key', `${value},${key}`);
        studio.channels.start(value);
        await waitFor(() => simulator.channel(CHANNEL) === 'live');
      },
      stopStream: () => Promise.resolve(studio.channels.end(CHANNEL)),
      loseStream: () => Promise.resolve(studio.channels.end(CHANNEL)),
      startRecording: () => Promise.resolve(studio.record(true, 0)),
      stopRecording: () => Promise.resolve(studio.record(false, 0)),
      show: (scene) => {
        const found = studio.input(scene);
        if (!found) return Promise.reject(new Error(`there is no input ${scene}`));
        return Promise.resolve(studio.show(found.number, studio.preview));
      },
      quit: () => simulator.quit(),
      crash: () => simulator.quit(),
      comeBack: () => simulator.restart(),
      freeze: () => simulator.freeze(),
      thaw: () => simulator.thaw(),
    },
    to: (where, more) => ({
      target: null,
      channels: [{ channel: CHANNEL, target: where }],
      confirmMs: CONFIRM_MS,
      ...more,
    }),
    open: (options = {}) =>
      hear(
        stage,
        (log) =>
          new VmixApplication({
            id: `capabilities-${count}-${Date.now()}`,
            name: 'the show',
            simulated: false,
            host: '127.0.0.1',
            port: simulator.httpPort,
            tcpPort: simulator.tcpPort,
            user: 'desk',
            password: options.password ?? password,
            ...NO_EXTRAS,
            pollMs: 1000,
            sharedThere: PICTURES,
            sharedHere: folder,
            log,
          }),
        options,
        CLOSE_MS,
      ),
    received: () => Promise.resolve(studio.channels.live.map((channel) => simulator.received(channel).key)),
    runs: (what) =>
      Promise.resolve(what === 'stream' ? simulator.channel(CHANNEL) !== 'off' : studio.recording.on),
    srt: () => Promise.resolve(srtWish({ as: 'output', output: 2 }, null)),
    cleanUp,
  };
  return stage;
}
