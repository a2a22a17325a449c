import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { withDeadline } from './deadline';

/** What a time server says of this machine's clock. */
export type TimeReading =
  /** the clock is behind by this much (ahead when negative), and the most it can be wrong by */
  { offsetMs: number; uncertainMs: number } | { fault: 'silent' | 'notFound' | 'refused' | 'unfit' };

const STANDARD_PORT = 123;
/** UDP loses packets. */
const REPEAT_MS = 1_000;
export const TIME_SERVER_MS = 3_000;
/** Seconds from 1900, where NTP counts from, to 1970. */
const NTP_EPOCH_S = 2_208_988_800;
/** The rough counter of NTP overflows in 2036; what it says before this is meant after it. */
const NTP_ERA_S = 2 ** 32;

/**
 * Ask a time server (SNTP, RFC 4330) how far this machine's clock is off. `server` is a host or host:port. Always resolves,
 * within `ms`. `clock` is the machine's own, in milliseconds since 1970.
 */
export async function askTimeServer(
  server: string,
  ms = TIME_SERVER_MS,
  clock: () => number = Date.now,
): Promise<TimeReading> {
  const { host, port } = hostAndPort(server);
  const until = performance.now() + ms;
  let found: { address: string; family: number };
  try {
    found = await withDeadline(lookup(host), ms, () => new Error('late'));
  } catch {
    return { fault: 'notFound' };
  }
  return await new Promise((resolve) => {
    const socket = createSocket(found.family === 6 ? 'udp6' : 'udp4');
    const sent = new Map<string, { wallMs: number; steadyMs: number }>();
    let over = false;
    const finish = (reading: TimeReading) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      clearInterval(repeat);
      socket.close();
      resolve(reading);
    };
    const send = () => {
      const packet = Buffer.alloc(48);
      packet[0] = 0x23; // version 4, client
      // noise in place of our time: the server gives it back, and nobody else can answer in its place
      const mark = randomBytes(8);
      mark.copy(packet, 40);
      sent.set(mark.toString('hex'), { wallMs: clock(), steadyMs: performance.now() });
      socket.send(packet, (error) => error && finish({ fault: 'refused' }));
    };
    const timer = setTimeout(() => finish({ fault: 'silent' }), Math.max(0, until - performance.now()));
    let repeat: NodeJS.Timeout | undefined;
    timer.unref();
    socket.unref();
    socket.on('error', () => finish({ fault: 'refused' }));
    socket.on('message', (data) => {
      const mine = data.length >= 48 ? sent.get(data.subarray(24, 32).toString('hex')) : undefined;
      // an answer to somebody else's question
      if (!mine) return;
      const roundTripMs = performance.now() - mine.steadyMs;
      const leap = data[0]! >> 6;
      const stratum = data[1]!;
      // it does not know the time itself, or asks to be left alone
      if ((data[0]! & 7) !== 4 || leap === 3 || stratum === 0 || stratum > 15)
        return finish({ fault: 'unfit' });
      const heldMs = Math.max(0, timeAt(data, 40) - timeAt(data, 32));
      const travelMs = Math.max(0, roundTripMs - heldMs);
      const offsetMs = timeAt(data, 32) - (mine.wallMs + travelMs / 2);
      finish({ offsetMs: Math.round(offsetMs), uncertainMs: Math.ceil(travelMs / 2) });
    });
    // not as a callback of `connect`, which would call it with an error too, and sending then throws past everyone
    socket.once('connect', () => {
      send();
      repeat = setInterval(() => over || send(), REPEAT_MS);
      repeat.unref();
    });
    try {
      socket.connect(port, found.address);
    } catch {
      finish({ fault: 'notFound' });
    }
  });
}

function timeAt(data: Buffer, at: number): number {
  let seconds = data.readUInt32BE(at);
  if (seconds < NTP_EPOCH_S) seconds += NTP_ERA_S;
  return (seconds - NTP_EPOCH_S + data.readUInt32BE(at + 4) / NTP_ERA_S) * 1000;
}

function hostAndPort(server: string): { host: string; port: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(server.trim()) ?? [];
  const host = bracketed ?? plain;
  return host === undefined
    ? { host: server.trim(), port: STANDARD_PORT }
    : { host, port: Number(port ?? STANDARD_PORT) };
}
