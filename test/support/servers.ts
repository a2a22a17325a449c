// Receivers as OBS meets them: good, refusing, silent, slow.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, listens } from './ports';
import { freezeProgram, startProgram } from './programs';
import { removeTempDir, tempDir } from './temp';
import { waitFor } from './wait';

export interface Publisher {
  application: string;
  name: string;
  bytesIn: number;
  /** since it came */
  timeMs: number;
}

export interface NginxRtmp {
  readonly port: number;
  readonly pid: number;
  /** takes every stream */
  readonly server: string;
  /** takes the connection, refuses every stream */
  readonly deniedServer: string;
  /** the module's statistics, XML */
  readonly statUrl: string;
  /** the base of the module's control: `/drop/publisher?…` below it */
  readonly controlUrl: string;
  /** who publishes now, by nginx's own statistics */
  publishers(): Promise<Publisher[]>;
  freeze(): void;
  thaw(): void;
  log(): string;
  close(): Promise<void>;
}

/** nginx's RTMP module, a program that tests need as any other. */
export const rtmpModule = '/usr/lib/nginx/modules/ngx_rtmp_module.so';

/**
 * nginx with the RTMP module, one process: application `live` takes all, `deny` refuses every publisher.
 * @param options.port to come back where one was before
 * @param options.statPort likewise
 * @param options.live further lines of the application `live`
 */
export async function startNginxRtmp(
  options: { port?: number; statPort?: number; live?: readonly string[] } = {},
): Promise<NginxRtmp> {
  const port = options.port ?? (await freePort());
  const statPort = options.statPort ?? (await freePort());
  const folder = tempDir('nginx');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const text = `
daemon off;
master_process off;
error_log stderr notice;
pid ${folder}/nginx.pid;
load_module ${rtmpModule};
events { worker_connections 256; }
rtmp {
  server {
    listen 127.0.0.1:${port};
    ping 30s;
    application live { ${['live on;', ...(options.live ?? [])].join(' ')} }
    application deny { live on; deny publish all; }
  }
}
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  server {
    listen 127.0.0.1:${statPort};
    location /stat { rtmp_stat all; }
    location /control { rtmp_control all; }
  }
}
`;
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, text);
  const program = await startProgram('nginx', ['-p', folder, '-c', file, '-e', 'stderr']);
  const statUrl = `http://127.0.0.1:${statPort}/stat`;
  await waitFor(async () => !program.running || ((await listens(port)) && (await listens(statPort))), {
    message: () => `nginx to listen; it said:\n${program.log()}`,
  });
  if (!program.running) throw new Error(`nginx did not start:\n${program.log()}`);
  return {
    port,
    pid: program.pid,
    server: `rtmp://127.0.0.1:${port}/live`,
    deniedServer: `rtmp://127.0.0.1:${port}/deny`,
    statUrl,
    controlUrl: `http://127.0.0.1:${statPort}/control`,
    async publishers() {
      const answer = await fetch(statUrl, { headers: { connection: 'close' } });
      return readPublishers(await answer.text());
    },
    freeze: () => freezeProgram(program),
    thaw: () => program.kill('SIGCONT'),
    log: () => program.log(),
    async close() {
      await program.close();
      removeTempDir(folder);
    },
  };
}

function inner(xml: string, tag: string): string[] {
  return [...xml.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, 'g'))].map((found) => found[1] ?? '');
}

function readPublishers(xml: string): Publisher[] {
  return inner(xml, 'application').flatMap((application) =>
    inner(application, 'stream')
      .filter((stream) => stream.includes('<publishing/>'))
      .map((stream) => ({
        application: inner(application, 'name')[0] ?? '',
        name: inner(stream, 'name')[0] ?? '',
        bytesIn: Number(inner(stream, 'bytes_in')[0]),
        timeMs: Number(inner(stream, 'time')[0]),
      })),
  );
}

export interface TcpServer {
  readonly port: number;
  /** connections accepted so far */
  readonly connections: number;
  close(): Promise<void>;
}

async function tcpServer(port: number, onSocket: (socket: Socket) => void): Promise<TcpServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    onSocket(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  server.unref();
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    async close() {
      // a reset in the middle of a shutdown leaves that one open for ever, and Node turns round at its exit
      for (const socket of sockets)
        if (socket.writableEnded) socket.destroy();
        else socket.resetAndDestroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Accepts connections and never says a word: a dead handshake for RTMP, a missing Hello for a WebSocket client. */
export async function startHangServer(port = 0): Promise<TcpServer> {
  return await tcpServer(port, (socket) => {
    socket.unref();
    socket.resume();
  });
}

/** A proxy that plays a bad uplink. A change counts at once, for connections that are open too. */
export interface ThrottledProxy {
  readonly port: number;
  /** connections accepted so far */
  readonly connections: number;
  /** bytes passed on to the target so far */
  readonly passed: number;
  /** no more than this many bytes a second towards the target */
  throttle(bytesPerSecond: number): void;
  /** connections stay open and nothing passes, either way */
  starve(): void;
  /** connections are reset, and new ones refused */
  cut(): Promise<void>;
  /** all passes, as fast as it comes; new connections are taken again */
  restore(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Passes TCP connections on to `target` on loopback, no faster than `bytesPerSecond` towards it. The kernel's buffers hide
 * up to 7 MB from the sender, and Node cannot make them small: a sender that is to notice within seconds has to send fast.
 */
export async function startThrottledProxy(
  target: number,
  bytesPerSecond = Infinity,
): Promise<ThrottledProxy> {
  let rate = bytesPerSecond;
  let changed = new AbortController();
  let [passed, past] = [0, 0];
  const setRate = (bytes: number): void => {
    rate = bytes;
    changed.abort();
    changed = new AbortController();
  };
  /** resolves with how many of these bytes may pass, when they may */
  const allowed = async (length: number, upwards: boolean): Promise<number> => {
    while (rate === 0) await once(changed.signal, 'abort');
    if (!upwards || rate === Infinity) return length;
    const piece = Math.max(1, Math.min(length, Math.floor(rate / 20)));
    const { signal } = changed;
    await sleep((piece / rate) * 1000, undefined, { ref: false, signal }).catch(() => undefined);
    return piece;
  };
  const forward = async (from: Socket, to: Socket, upwards: boolean): Promise<void> => {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      let rest = chunk;
      while (rest.length > 0 && !to.destroyed) {
        const piece = rest.subarray(0, await allowed(rest.length, upwards));
        to.write(piece);
        if (upwards) passed += piece.length;
        rest = rest.subarray(piece.length);
      }
    }
    to.end();
  };
  const open = (port: number): Promise<TcpServer> =>
    tcpServer(port, (socket) => {
      const upstream = connect({ port: target, host: '127.0.0.1' });
      const end = (): void => {
        socket.destroy();
        upstream.destroy();
      };
      upstream.on('error', end);
      socket.once('close', end);
      forward(socket, upstream, true).catch(end);
      forward(upstream, socket, false).catch(end);
    });
  let server: TcpServer | null = await open(0);
  const { port } = server;
  const cut = async (): Promise<void> => {
    const closing = server;
    server = null;
    past += closing?.connections ?? 0;
    await closing?.close();
  };
  return {
    port,
    get connections() {
      return past + (server?.connections ?? 0);
    },
    get passed() {
      return passed;
    },
    throttle: (bytes) => setRate(bytes),
    starve: () => setRate(0),
    cut,
    async restore() {
      setRate(Infinity);
      server ??= await open(port);
    },
    async close() {
      setRate(Infinity);
      await cut();
    },
  };
}
