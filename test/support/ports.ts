// Ports that belong to one test process, however many of them run on this machine at once.
import { type Socket, createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { type Server, connect, createServer } from 'node:net';

// below the ports that systems hand out by themselves (Linux from 32768 on), so that no outgoing connection takes one
const FIRST = 16_384;
const COUNT = 16_384;
let last = Math.floor(Math.random() * COUNT);

function bindTcp(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function bindUdp(port: number): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => resolve(null));
    socket.bind(port, '127.0.0.1', () => resolve(socket));
  });
}

/**
 * Claims a number for this process by holding it as a port of the other protocol, until the process ends: another test
 * process cannot get it, even while what it is for has not started yet or is just restarting.
 */
async function claim(protocol: 'tcp' | 'udp'): Promise<number> {
  for (let tries = 0; tries < COUNT; tries++) {
    const port = FIRST + (last = (last + 1) % COUNT);
    const [tcp, udp] = [await bindTcp(port), await bindUdp(port)];
    const [free, held] = protocol === 'tcp' ? [tcp, udp] : [udp, tcp];
    if (free && held) {
      held.unref();
      await new Promise<void>((resolve) => free.close(() => resolve()));
      return port;
    }
    tcp?.close();
    udp?.close();
  }
  throw new Error('no port is free');
}

/** A TCP port on loopback that nothing listens on, and that no other test process gets. */
export async function freePort(): Promise<number> {
  return await claim('tcp');
}

/** A UDP port on loopback that nothing is bound to, and that no other test process gets. */
export async function freeUdpPort(): Promise<number> {
  return await claim('udp');
}

/** Whether something accepts TCP connections there. */
export async function listens(port: number, host = '127.0.0.1'): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ port, host });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.setTimeout(1000, () => end(false));
  });
}

/** Whether a UDP socket is bound to the port. Looks at the kernel's list, since a probe would be a packet. Linux only. */
export function udpBound(port: number): boolean {
  const hex = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return ['/proc/net/udp', '/proc/net/udp6'].some((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .some((line) => line.trim().split(/\s+/)[1]?.endsWith(hex)),
  );
}
