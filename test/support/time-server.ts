// A time server that is wrong on purpose.
import { createSocket } from 'node:dgram';
import { freeUdpPort } from './ports';

export interface TimeServer {
  readonly port: number;
  /** host:port */
  readonly address: string;
  readonly asked: number;
  /** how far it is ahead of this machine, in milliseconds */
  offsetMs: number;
  /** takes questions and gives no answer */
  silent: boolean;
  /** says of itself that it does not know the time */
  unfit: boolean;
  close(): Promise<void>;
}

const NTP_EPOCH_S = 2_208_988_800;

/** SNTP on loopback. */
export async function startTimeServer(): Promise<TimeServer> {
  const port = await freeUdpPort();
  const socket = createSocket('udp4');
  let asked = 0;
  const server: TimeServer = {
    port,
    address: `127.0.0.1:${port}`,
    get asked() {
      return asked;
    },
    offsetMs: 0,
    silent: false,
    unfit: false,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
  socket.on('message', (question, from) => {
    asked += 1;
    if (server.silent) return;
    const answer = Buffer.alloc(48);
    answer[0] = (server.unfit ? 0xc0 : 0) | 0x24;
    answer[1] = server.unfit ? 0 : 2;
    question.copy(answer, 24, 40, 48);
    const seconds = (Date.now() + server.offsetMs) / 1000 + NTP_EPOCH_S;
    for (const at of [32, 40]) {
      answer.writeUInt32BE(Math.floor(seconds) % 2 ** 32, at);
      answer.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32), at + 4);
    }
    socket.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(port, '127.0.0.1', resolve));
  socket.unref();
  return server;
}
