// Guests with keys at the real nginx-rtmp, which asks a hook address; and a hook address that answers as it is told.
import { execFile } from 'node:child_process';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './ports';
import { findProgram, freezeProgram, startProgram } from './programs';
import { type NginxRtmp, startNginxRtmp } from './servers';
import { tempDir } from './temp';
import { waitFor } from './wait';

/** The lines of the application that ask the hook address; `updateMs`: on_update with that notify_update_timeout. */
export function hookLines(hooks: string, updateMs: number | null = null): string[] {
  const update = updateMs === null ? [] : [`on_update ${hooks};`, `notify_update_timeout ${updateMs}ms;`];
  return [`on_publish ${hooks};`, `on_publish_done ${hooks};`, ...update];
}

export interface GuestServer {
  /** the server that runs now */
  readonly nginx: NginxRtmp;
  /** killed at once, and started again on the same ports after `downMs` */
  restart(downMs?: number): Promise<void>;
  close(): Promise<void>;
}

/** The real nginx-rtmp with hooks, statistics and control, one worker. */
export async function startGuestServer(options: {
  hooks: string;
  updateMs?: number | null;
}): Promise<GuestServer> {
  const [port, statPort] = [await freePort(), await freePort()];
  const start = () =>
    startNginxRtmp({ port, statPort, live: hookLines(options.hooks, options.updateMs ?? null) });
  let nginx: NginxRtmp | null = await start();
  return {
    get nginx() {
      if (!nginx) throw new Error('nginx is down');
      return nginx;
    },
    async restart(downMs = 0) {
      const old = nginx;
      nginx = null;
      if (old) process.kill(old.pid, 'SIGKILL');
      await old?.close();
      if (downMs > 0) await new Promise((resolve) => setTimeout(resolve, downMs));
      nginx = await start();
    },
    async close() {
      await nginx?.close();
      nginx = null;
    },
  };
}

let clip: Promise<string> | undefined;

/** A small film with sound that costs nothing to publish: it is encoded once for each process, and copied from then on. */
function guestClip(): Promise<string> {
  const make = async (): Promise<string> => {
    const file = join(tempDir('clip'), 'guest.flv');
    const from = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=15:duration=10'];
    const tone = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100:duration=10'];
    const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'];
    const rates = ['-g', '15', '-b:v', '300k', '-c:a', 'aac', '-b:a', '64k', '-ac', '2'];
    const args = ['-v', 'error', '-nostdin', '-y', ...from, ...tone, ...video, ...rates, file];
    await promisify(execFile)(findProgram('ffmpeg') ?? 'ffmpeg', args, { timeout: 120_000 });
    return file;
  };
  clip ??= make();
  return clip;
}

export interface GuestPublisher {
  readonly pid: number;
  readonly running: boolean;
  /** ends the stream in good order, as OBS does; resolves when it is gone */
  stop(): Promise<void>;
  /** gone at once; the connection ends with it */
  kill(): void;
  /** stays connected and sends nothing */
  freeze(): void;
  thaw(): void;
  /** resolves when the program has ended by itself */
  gone(timeoutMs?: number): Promise<void>;
  log(): string;
  close(): Promise<void>;
}

/**
 * Somebody who publishes with ffmpeg, in a loop, as fast as it plays.
 * @param options.server `rtmp://127.0.0.1:port/live`
 * @param options.stream the name
 * @param options.key what he appends behind the question mark, as it is entered in OBS: `key=…`; null or absent: nothing
 */
export async function publisher(options: {
  server: string;
  stream: string;
  key?: string | null;
}): Promise<GuestPublisher> {
  const address = `${options.server}/${options.stream}${options.key ? `?${options.key}` : ''}`;
  const film = ['-re', '-stream_loop', '-1', '-i', await guestClip(), '-c', 'copy'];
  const program = await startProgram('ffmpeg', [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error', ...film],
    ...['-f', 'flv', '-flvflags', 'no_duration_filesize', address],
  ]);
  return {
    pid: program.pid,
    get running() {
      return program.running;
    },
    async stop() {
      program.kill('SIGINT');
      await program.waitExit();
    },
    kill: () => program.kill('SIGKILL'),
    freeze: () => freezeProgram(program),
    thaw: () => program.kill('SIGCONT'),
    gone: (timeoutMs = 30_000) =>
      waitFor(() => !program.running, { timeoutMs, message: 'the publisher to end by itself' }).then(
        () => undefined,
      ),
    log: () => program.log(),
    close: () => program.close('SIGKILL'),
  };
}

/** A hook as it came in. */
export interface HeardHook {
  method: string;
  path: string;
  contentType: string | null;
  body: string;
}

export interface HookAddress {
  readonly url: string;
  readonly heard: HeardHook[];
  /** what the next ones are answered; null: nothing, ever */
  answer: (hook: HeardHook) => { status: number; headers?: Record<string, string>; body?: string } | null;
  /** the port closes, and opens again */
  on(on: boolean): Promise<void>;
  close(): Promise<void>;
}

/** Listens for hooks on loopback; lets everybody in by status 200 until told otherwise. */
export async function startHookAddress(path = '/hooks/show/secret'): Promise<HookAddress> {
  const heard: HeardHook[] = [];
  const port = await freePort();
  const read = (request: IncomingMessage, response: ServerResponse): void => {
    const pieces: Buffer[] = [];
    request.on('data', (data: Buffer) => pieces.push(data));
    request.on('end', () => {
      const hook: HeardHook = {
        method: request.method ?? '',
        path: request.url ?? '',
        contentType: request.headers['content-type'] ?? null,
        body: Buffer.concat(pieces).toString('utf8'),
      };
      heard.push(hook);
      const answer = address.answer(hook);
      if (answer) response.writeHead(answer.status, answer.headers).end(answer.body ?? '');
    });
  };
  let server = createServer(read);
  const open = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
      server.unref();
    });
  await open();
  const shut = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  const address: HookAddress = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    heard,
    answer: () => ({ status: 200 }),
    async on(on) {
      if (!on) return await shut();
      server = createServer(read);
      await open();
    },
    close: shut,
  };
  return address;
}
