// One scenario, two worlds: the simulator and the real OBS. A difference fails the suite.
import type * as simulators from '../../simulators/obs';
import {
  type NginxRtmp,
  type RealObs,
  type TcpServer,
  freePort,
  notApplicable,
  obsVersion,
  removeTempDir,
  requirePrograms,
  rtmpModule,
  startHangServer,
  startNginxRtmp,
  startObs,
  startSrtListener,
  tempDir,
} from '../support';
import { type BareClient, bareClient } from './client';
import { type Need, lackOfReal, profileFor } from './features';

export type { BareClient, Heard } from './client';
export { notApplicable, rtmpModule } from '../support';

/** Where a stream goes, as `SetStreamServiceSettings` of type rtmp_custom wants it. */
export interface Address {
  server: string;
  key: string;
}

export interface World {
  readonly kind: 'simulator' | 'real';
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly password: string | null;
  /** takes every stream */
  readonly good: Address;
  /** takes the connection, rejects the key */
  readonly denied: Address;
  /** nothing listens */
  readonly refused: Address;
  /** takes the connection and never answers */
  readonly hang: Address;
  /** exists, empty; OBS records here unless told otherwise */
  readonly recordDir: string;
  /** the simulator, for what only it can do; null in the real world */
  readonly simulator: simulators.ObsSimulator | null;
  /** the real OBS and its RTMP server; null in the simulated world */
  readonly real: { readonly obs: RealObs; readonly nginx: NginxRtmp } | null;
  /** starts it, where `started: false` or `kill` left none running; same port, same settings */
  start(): Promise<void>;
  /** SIGINT: a clean quit; SIGKILL and SIGTERM: gone at once. Resolves when it is gone */
  kill(signal?: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** gone at once, and back */
  restart(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** a receiver of SRT that takes this one caller, and how much it got (null where nobody counts) */
  srt(): Promise<{ server: string; received(): { frames: number; bytes: number } | null }>;
  /** who publishes at the good server by its own statistics: the bytes by key; null where nobody counts */
  publishers(): Promise<Record<string, number> | null>;
  connectClient(eventSubscriptions?: number): Promise<BareClient>;
  /** run when the scenario ends, last first, also when it failed */
  cleanUp(action: () => unknown): void;
}

export interface ScenarioOptions {
  needs?: readonly Need[];
  /** false: nothing runs until the scenario calls `world.start()` */
  started?: boolean;
  /** null: no password */
  password?: string | null;
  timeoutMs?: number;
  /** over the real profile's basic.ini */
  profile?: Record<string, Record<string, string>>;
}

export type Scenario = (world: World, context: Mocha.Context) => Promise<void>;

let nginx: Promise<NginxRtmp> | undefined;
let hangServer: Promise<TcpServer> | undefined;
let scenarios = 0;

after(async () => {
  await (await nginx)?.close();
  await (await hangServer)?.close();
});

/** What both worlds share: clients and actions that end with the scenario. */
export function endings(): { add(action: () => unknown): void; run(): Promise<void> } {
  const actions: (() => unknown)[] = [];
  return {
    add: (action) => void actions.push(action),
    async run() {
      const errors: unknown[] = [];
      for (const action of actions.splice(0).reverse()) {
        try {
          await action();
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length > 0) throw errors[0];
    },
  };
}

export async function simulatedWorld(
  options: ScenarioOptions,
  ending: ReturnType<typeof endings>,
): Promise<World> {
  const { startObsSimulator } = require('../../simulators/obs') as typeof simulators;
  const port = await freePort();
  const password = options.password === undefined ? 'correct horse battery' : options.password;
  const recordDir = tempDir('recordings');
  const key = `show-${(scenarios += 1)}`;
  let simulator: simulators.ObsSimulator | null = null;
  ending.add(() => removeTempDir(recordDir));
  ending.add(async () => await simulator?.close());
  const world: World = {
    kind: 'simulator',
    url: `ws://127.0.0.1:${port}`,
    host: '127.0.0.1',
    port,
    password,
    good: { server: 'rtmp://127.0.0.1/live', key },
    denied: { server: 'rtmp://127.0.0.1/deny', key: 'wrong' },
    refused: { server: 'rtmp://refused.invalid/live', key },
    hang: { server: 'rtmp://hang.invalid/live', key },
    recordDir,
    get simulator() {
      return simulator;
    },
    real: null,
    async start() {
      if (simulator) {
        await simulator.restart();
        return;
      }
      simulator = await startObsSimulator({
        port,
        password,
        profile: profileFor(options.needs ?? []),
        recordFolder: recordDir,
        writeFiles: true,
        // as on a machine without the driver, which is where the real one is tested
        virtualCamera: false,
      });
    },
    async kill(signal = 'SIGKILL') {
      if (signal === 'SIGINT') await simulator?.quit();
      else simulator?.crash();
    },
    async restart() {
      if (simulator?.listening) simulator.crash();
      await world.start();
    },
    freeze: () => simulator?.freeze(),
    thaw: () => simulator?.thaw(),
    srt: () =>
      Promise.resolve({ server: 'srt://127.0.0.1:9000?mode=caller&latency=200000', received: () => null }),
    publishers: () => Promise.resolve(null),
    connectClient: (subscriptions) => connectTo(world, ending, subscriptions),
    cleanUp: (action) => ending.add(action),
  };
  if (options.started !== false) await world.start();
  return world;
}

export async function realWorld(
  options: ScenarioOptions,
  ending: ReturnType<typeof endings>,
): Promise<World> {
  nginx ??= startNginxRtmp();
  hangServer ??= startHangServer();
  const server = await nginx;
  const port = await freePort();
  const password = options.password === undefined ? 'correct horse battery' : options.password;
  const recordDir = tempDir('recordings');
  const key = `show-${(scenarios += 1)}`;
  const [refusedPort, hangPort] = [await freePort(), (await hangServer).port];
  const profile = {
    ...options.profile,
    SimpleOutput: { FilePath: recordDir, ...options.profile?.SimpleOutput },
  };
  let obs: RealObs | null = null;
  ending.add(() => removeTempDir(recordDir));
  ending.add(async () => await obs?.close());
  const need = (): RealObs => {
    if (!obs) throw new Error('the scenario has not started OBS yet');
    return obs;
  };
  const world: World = {
    kind: 'real',
    url: `ws://127.0.0.1:${port}`,
    host: '127.0.0.1',
    port,
    password,
    good: { server: server.server, key },
    denied: { server: server.deniedServer, key: 'wrong' },
    refused: { server: `rtmp://127.0.0.1:${refusedPort}/live`, key },
    hang: { server: `rtmp://127.0.0.1:${hangPort}/live`, key },
    recordDir,
    simulator: null,
    get real() {
      return { obs: need(), nginx: server };
    },
    async start() {
      obs = await startObs({ port, password, profile, ...(obs ? { home: obs.home } : {}) });
    },
    async kill(signal = 'SIGKILL') {
      if (signal === 'SIGINT') await need().quit();
      else need().kill(signal);
      await need().waitExit();
    },
    async restart() {
      if (need().running) await world.kill();
      await world.start();
    },
    freeze: () => need().freeze(),
    thaw: () => need().thaw(),
    async srt() {
      const listener = await startSrtListener();
      ending.add(() => listener.close());
      return listener;
    },
    async publishers() {
      const all = (await server.publishers()).filter(({ name }) => name === key);
      return Object.fromEntries(all.map(({ name, bytesIn }) => [name, bytesIn]));
    },
    connectClient: (subscriptions) => connectTo(world, ending, subscriptions),
    cleanUp: (action) => ending.add(action),
  };
  if (options.started !== false) await world.start();
  return world;
}

async function connectTo(
  world: World,
  ending: ReturnType<typeof endings>,
  subscriptions?: number,
): Promise<BareClient> {
  const client = await bareClient(world.url, world.password, subscriptions);
  ending.add(() => client.close());
  return client;
}

async function play(
  context: Mocha.Context,
  make: (ending: ReturnType<typeof endings>) => Promise<World>,
  run: Scenario,
): Promise<void> {
  const ending = endings();
  let failure: { error: unknown } | undefined;
  try {
    await run(await make(ending), context);
  } catch (error) {
    failure = { error };
  }
  try {
    await ending.run();
  } catch (error) {
    failure ??= { error };
  }
  if (failure) throw failure.error;
}

/**
 * Registers one scenario twice: against the simulator and against the real OBS, each with a fresh one of its own. A version
 * that lacks one of the `needs` makes it not applicable there; the simulator then plays the first version that has it.
 */
export function contract(name: string, options: ScenarioOptions, run: Scenario): void {
  const needs = options.needs ?? [];
  const profile = profileFor(needs);
  const version = obsVersion()?.join('.');
  const lack = lackOfReal(needs);
  describe(name, function () {
    this.timeout(options.timeoutMs ?? 120_000);
    it(`the simulator (${profile}${lack ? ', from source' : ''})`, async function () {
      if (needs.includes('real')) notApplicable(this, 'only with the real OBS');
      await play(this, (ending) => simulatedWorld(options, ending), run);
    });
    it(`OBS ${version ?? '(not installed)'}`, async function () {
      if (needs.includes('simulator')) notApplicable(this, 'only with the simulator');
      requirePrograms(this, ['obs', 'Xvfb', 'nginx', 'ffmpeg', rtmpModule]);
      if (lack) notApplicable(this, lack);
      await play(this, (ending) => realWorld(options, ending), run);
    });
  });
}
