// A real OBS Studio without a screen, private to the test that starts it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import OBSWebSocket from 'obs-websocket-js/json';
import { display } from './display';
import { freePort } from './ports';
import { alive, findProgram, freezeProgram, restsProgram, startProgram } from './programs';
import { removeTempDir, tempDir } from './temp';
import { type Ini, sceneCollection, toIni } from './obs-files';
import { waitFor } from './wait';

export interface ObsOptions {
  /** null: no password is asked for */
  password?: string | null;
  port?: number;
  /** the folder of an OBS that ran before: its settings are kept as they are */
  home?: string;
  /** over the profile's basic.ini */
  profile?: Ini;
  /** over global.ini and user.ini */
  ini?: Ini;
  env?: NodeJS.ProcessEnv;
  /** more arguments on the command line */
  args?: string[];
  /** a Debian folder in which another OBS is installed; LIVE_OBS_ROOT by default */
  obsRoot?: string;
}

export interface RealObs {
  readonly port: number;
  readonly password: string | null;
  readonly url: string;
  readonly pid: number;
  readonly running: boolean;
  readonly home: string;
  /** where recordings go unless a test says otherwise; exists */
  readonly recordDir: string;
  kill(signal?: NodeJS.Signals): void;
  /** tells it to quit, as Ctrl+C does */
  quit(): Promise<void>;
  /** stops the process in its tracks: sockets stay open, nothing answers */
  freeze(): void;
  thaw(): void;
  waitExit(timeoutMs?: number): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  log(): string;
  /** a client of one's own, connected and identified */
  connect(): Promise<OBSWebSocket>;
  /** ends it and removes its folder, unless `keepHome` */
  close(options?: { keepHome?: boolean }): Promise<void>;
}

const root = process.env.LIVE_OBS_ROOT;
let version: number[] | null | undefined;

/** Version of the OBS that `startObs` starts, e.g. [29, 0, 2]; null when there is none. */
export function obsVersion(): number[] | null {
  if (version !== undefined) return version;
  version = null;
  const needed = [root ? 'chroot' : 'obs', 'Xvfb'];
  if (needed.every((name) => findProgram(name))) {
    const command = root ? ['chroot', root, '/usr/bin/obs', '--version'] : ['obs', '--version'];
    const env = { ...process.env, QT_QPA_PLATFORM: 'offscreen' };
    const text = execFileSync(command[0] ?? 'obs', command.slice(1), {
      encoding: 'utf8',
      env,
      timeout: 60_000,
    });
    const found = /(\d+)\.(\d+)\.(\d+)/.exec(text);
    if (found) version = found.slice(1).map(Number);
  }
  return version;
}

function writeHome(home: string, port: number, password: string | null, options: ObsOptions): void {
  const config = join(home, '.config', 'obs-studio');
  const put = (file: string, text: string): void => {
    const path = join(config, file);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
  };
  const names = {
    Profile: 'Untitled',
    ProfileDir: 'Untitled',
    SceneCollection: 'Untitled',
    SceneCollectionFile: 'Untitled',
  };
  const global = toIni(
    {
      General: { FirstRun: 'true', EnableAutoUpdates: 'false', InfoIncrement: '1' },
      Basic: names,
      // nobody looks at the window, and without a graphics card its picture takes most of what OBS takes
      BasicWindow: {
        WarnBeforeStartingStream: 'false',
        WarnBeforeStoppingStream: 'false',
        PreviewEnabled: 'false',
      },
      OBSWebSocket: {
        ServerEnabled: 'true',
        ServerPort: String(port),
        AuthRequired: String(password !== null),
        ServerPassword: password ?? '',
        FirstLoad: 'false',
        AlertsEnabled: 'false',
      },
    },
    options.ini,
  );
  put('global.ini', global);
  put('user.ini', global);
  put(
    'plugin_config/obs-websocket/config.json',
    JSON.stringify({
      alerts_enabled: false,
      auth_required: password !== null,
      first_load: false,
      server_enabled: true,
      server_password: password ?? '',
      server_port: port,
    }),
  );
  const recordDir = join(home, 'recordings');
  mkdirSync(recordDir, { recursive: true });
  const profile: Ini = {
    General: { Name: 'Untitled' },
    Video: { BaseCX: '640', BaseCY: '360', OutputCX: '640', OutputCY: '360', FPSType: '0', FPSCommon: '30' },
    Output: { Mode: 'Simple', Reconnect: 'true', RetryDelay: '2', MaxRetries: '25' },
    SimpleOutput: {
      FilePath: recordDir,
      RecFormat: 'mkv',
      RecFormat2: 'mkv',
      Preset: 'ultrafast',
      StreamEncoder: 'x264',
      RecEncoder: 'x264',
      VBitrate: '800',
      ABitrate: '96',
      RecQuality: 'Small',
      RecRB: 'true',
      RecRBTime: '5',
    },
  };
  put('basic/profiles/Untitled/basic.ini', toIni(profile, options.profile));
  put('basic/scenes/Untitled.json', JSON.stringify(sceneCollection('Untitled')));
}

/**
 * Starts OBS on a free loopback port and resolves when it answers requests (about a second on an idle machine).
 * @throws Error with the end of OBS's log when it does not
 */
export async function startObs(options: ObsOptions = {}): Promise<RealObs> {
  const obsRoot = options.obsRoot ?? root;
  const port = options.port ?? (await freePort());
  const password = options.password === undefined ? 'correct horse battery' : options.password;
  const home = options.home ?? tempDir('obs');
  if (!options.home) writeHome(home, port, password, options);
  const runtime = join(home, 'run');
  mkdirSync(runtime, { recursive: true, mode: 0o700 });
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_CACHE_HOME: join(home, '.cache'),
    XDG_DATA_HOME: join(home, '.local', 'share'),
    XDG_RUNTIME_DIR: runtime,
    DISPLAY: await display(),
    WAYLAND_DISPLAY: undefined,
    QT_QPA_PLATFORM: 'xcb',
    LIBGL_ALWAYS_SOFTWARE: '1',
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    // both would be started on demand otherwise and outlive OBS
    DBUS_SESSION_BUS_ADDRESS: 'disabled:',
    PULSE_SERVER: `unix:${join(runtime, 'no-pulse')}`,
    ...options.env,
  };
  const flags = ['--multi', '--minimize-to-tray', '--disable-updater', '--disable-missing-files-check'];
  const program = await startProgram('obs', [...flags, ...(options.args ?? [])], {
    env,
    cwd: obsRoot ? undefined : home,
    ...(obsRoot ? { root: obsRoot } : {}),
  });
  const url = `ws://127.0.0.1:${port}`;
  const connect = async (): Promise<OBSWebSocket> => {
    const client = new OBSWebSocket();
    await client.connect(url, password ?? undefined);
    return client;
  };
  const obs: RealObs = {
    port,
    password,
    url,
    pid: program.pid,
    get running() {
      return program.running;
    },
    home,
    recordDir: join(home, 'recordings'),
    kill: (signal = 'SIGKILL') => program.kill(signal),
    async quit() {
      // OBS 29 closes its window right in the signal handler. Where that cut into something, such as its first painting, it
      // stood still for ever or crashed: three times in 25 on a busy machine
      await restsProgram(program);
      program.kill('SIGINT');
    },
    freeze: () => freezeProgram(program),
    thaw: () => program.kill('SIGCONT'),
    waitExit: (timeoutMs) => program.waitExit(timeoutMs),
    log: () => program.log(),
    connect,
    async close({ keepHome = false } = {}) {
      // a kind end could stop at a question on the screen, and nothing of it is needed any more
      await program.close('SIGKILL');
      await waitFor(() => !alive(program.pid), { message: 'OBS to be gone' });
      if (!keepHome) removeTempDir(home);
    },
  };
  try {
    await waitFor(
      async () => {
        if (!program.running) return true;
        const client = await connect();
        try {
          await client.call('GetVersion');
          await client.call('GetSceneList');
        } finally {
          await client.disconnect();
        }
        return true;
      },
      {
        timeoutMs: 90_000,
        intervalMs: 100,
        message: () => `OBS to answer; it said:\n${program.log().slice(-3000)}`,
      },
    );
    if (!program.running) throw new Error(`OBS ended at its start:\n${program.log().slice(-3000)}`);
  } catch (error) {
    await obs.close();
    throw error;
  }
  return obs;
}
