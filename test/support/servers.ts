// Receivers as OBS meets them: good, refusing, silent, slow.
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
  /** who publishes now, by nginx's own statistics */
  publishers(): Promise<Publisher[]>;
  freeze(): void;
  thaw(): void;
  log(): string;
  close(): Promise<void>;
}

const modules = '/usr/lib/nginx/modules/ngx_rtmp_module.so';

/**
 * nginx with the RTMP module: application `live` takes all, `deny` refuses every publisher.
 * @param options.port to come back where one was before
 */
export async function startNginxRtmp(options: { port?: number } = {}): Promise<NginxRtmp> {
  const port = options.port ?? (await freePort());
  const statPort = await freePort();
  const folder = tempDir('nginx');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const text = `
daemon off;
master_process off;
error_log stderr notice;
pid ${folder}/nginx.pid;
load_module ${modules};
events { worker_connections 256; }
rtmp {
  server {
    listen 127.0.0.1:${port};
    ping 30s;
    application live { live on; }
    application deny { live on; deny publish all; }
  }
}
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  server {
    listen 127.0.0.1:${statPort};
    location /stat { rtmp_stat all; }
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
      for (const socket of sockets) socket.destroy();
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

export interface ThrottledProxy extends TcpServer {
  /** bytes a second towards the target from now on; Infinity lets all through */
  setRate(bytesPerSecond: number): void;
}

/**
 * Passes TCP connections on to `target` on loopback, the upstream direction no faster than `bytesPerSecond`. Small socket
 * buffers hide a limit of 100 kB/s for about 20 s before a sender notices.
 */
export async function startThrottledProxy(target: number, bytesPerSecond: number): Promise<ThrottledProxy> {
  let rate = bytesPerSecond;
  const slices = 20;
  const forward = async (from: Socket, to: Socket): Promise<void> => {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      let rest = chunk;
      while (rest.length > 0 && !to.destroyed) {
        const piece = rest.subarray(0, Math.max(1, Math.min(rest.length, Math.floor(rate / slices))));
        to.write(piece);
        rest = rest.subarray(piece.length);
        if (Number.isFinite(rate)) await sleep((piece.length / rate) * 1000, undefined, { ref: false });
      }
    }
    to.end();
  };
  const proxy = await tcpServer(0, (socket) => {
    const upstream = connect({ port: target, host: '127.0.0.1' });
    upstream.on('error', () => socket.destroy());
    upstream.pipe(socket);
    socket.once('close', () => upstream.destroy());
    forward(socket, upstream).catch(() => upstream.destroy());
  });
  return {
    port: proxy.port,
    get connections() {
      return proxy.connections;
    },
    close: () => proxy.close(),
    setRate(bytes) {
      rate = bytes;
    },
  };
}
