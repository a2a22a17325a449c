// OBS as a world of the capabilities: the simulator, or the real one with a server that counts.
import { ObsApplication } from '../../../lib/obs/application';
import { startSrtListener, waitFor } from '../../support';
import { target } from '../drive';
import { hear } from '../hear';
import type { BareClient, World } from '../support';
import { CLOSE_MS, CONFIRM_MS, srtWish, type Need, type Stage } from './stage';

let count = 0;

/** What neither OBS can. */
export function lackOfObs(need: Need, kind: World['kind']): string | null {
  if (need === 'receiver' && kind === 'simulator') return 'nobody receives what a simulated OBS streams';
  return null;
}

/** The stage of one scenario; what it cleans up ends with `cleanUp`. */
export function obsStage(world: World, cleanUp: (action: () => unknown) => void): Stage {
  const named = (name: string, address: World['good']) => target(address, { name });
  const using = async <T>(act: (client: BareClient) => Promise<T>): Promise<T> => {
    const client = await world.connectClient();
    try {
      return await act(client);
    } finally {
      await client.close();
    }
  };
  const stage: Stage = {
    application: 'obs',
    password: world.password ?? '',
    key: world.good.key,
    good: named('good', world.good),
    other: named('other', { ...world.good, key: `${world.good.key}-other` }),
    refused: named('refused', world.refused),
    denied: named('denied', world.denied),
    pictures: { there: world.recordDir, here: world.recordDir },
    stream: 'stream',
    output: 'replay_buffer',
    outputListed: 'Replay Buffer',
    machine: {
      startStream: () =>
        using(async (client) => {
          await client.call('SetStreamServiceSettings', {
            streamServiceType: 'rtmp_custom',
            streamServiceSettings: { ...world.good, use_auth: false, username: '', password: '' },
          });
          await client.call('StartStream');
          await waitFor(async () => (await client.call('GetStreamStatus')).outputActive);
        }),
      stopStream: () =>
        using(async (client) => {
          await client.call('StopStream');
          await waitFor(async () => !(await client.call('GetStreamStatus')).outputActive);
        }),
      loseStream: () => Promise.reject(new Error('OBS comes back to its server by itself')),
      startRecording: () =>
        using(async (client) => {
          await client.call('StartRecord');
          await waitFor(async () => (await client.call('GetRecordStatus')).outputActive);
        }),
      stopRecording: () =>
        using(async (client) => {
          await client.call('StopRecord');
          await waitFor(async () => !(await client.call('GetRecordStatus')).outputActive);
        }),
      show: (sceneName) =>
        using(async (client) => void (await client.call('SetCurrentProgramScene', { sceneName }))),
      quit: () => world.kill('SIGINT'),
      crash: () => world.kill('SIGKILL'),
      comeBack: () => world.start(),
      freeze: () => world.freeze(),
      thaw: () => world.thaw(),
    },
    to: (where, more) => ({ target: where, confirmMs: CONFIRM_MS, ...more }),
    open: (options = {}) =>
      hear(
        stage,
        (log) =>
          new ObsApplication({
            id: `capabilities-${(count += 1)}`,
            name: 'the show',
            simulated: false,
            host: world.host,
            port: world.port,
            tls: false,
            password: options.password ?? world.password ?? '',
            log,
          }),
        options,
        CLOSE_MS,
      ),
    async received() {
      const publishers = await world.real?.nginx.publishers();
      return publishers?.map(({ name }) => name).filter((name) => name.startsWith(world.good.key)) ?? null;
    },
    runs: (what) =>
      using(
        async (client) =>
          (await client.call(what === 'stream' ? 'GetStreamStatus' : 'GetRecordStatus')).outputActive,
      ),
    async srt() {
      const listener = world.kind === 'real' ? await startSrtListener() : null;
      cleanUp(() => listener?.close());
      return srtWish({ as: 'stream' }, listener?.port ?? 9000);
    },
    cleanUp,
  };
  return stage;
}
