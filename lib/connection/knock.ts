import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Address } from '../production/address';

/** What came of knocking at a server. */
export interface Knock {
  /**
   * `answers`: it speaks what it should. `refused`: nothing listens. `silent`: no answer at all. `mute`: it takes the connection
   * and says nothing. `foreign`: it says something else. `untrusted`: it answers, but nobody vouches for its certificate.
   */
  answer: 'answers' | 'refused' | 'silent' | 'mute' | 'foreign' | 'untrusted' | 'notFound' | 'unreachable';
  tookMs: number;
}

/** A server on the other side of the world takes half a second; this leaves room for a lost packet or two. */
export const KNOCK_MS = 3_500;
/** How often an SRT caller repeats itself. Source: libsrt. */
const SRT_REPEAT_MS = 250;

/** Try a server the way a stream would, and leave before anything begins. Always resolves, within `ms`. */
export async function knock(address: Address, ms = KNOCK_MS): Promise<Knock> {
  const began = performance.now();
  const answer = await (address.speaks === 'srt' ? knockSrt(address, ms) : knockTcp(address, ms));
  return { answer, tookMs: Math.round(performance.now() - began) };
}

function knockTcp({ host, port, speaks }: Address, ms: number): Promise<Knock['answer']> {
  return new Promise((resolve) => {
    let connected = false;
    let socket: Socket | undefined;
    const finish = (answer: Knock['answer']) => {
      clearTimeout(timer);
      socket?.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => finish(connected ? 'mute' : 'silent'), ms);
    timer.unref();
    const safe = speaks === 'rtmps' || speaks === 'https';
    const greet = () => {
      const trusted = !safe || (socket as TLSSocket).authorized;
      const good = trusted ? 'answers' : 'untrusted';
      if (speaks === 'http' || speaks === 'https') return finish(good);
      // the first byte of an answer is the version of RTMP, which is 3
      socket!.once('data', (data: Buffer) => finish(data[0] === 3 ? good : 'foreign'));
      socket!.write(rtmpGreeting());
    };
    try {
      socket = safe
        ? connectTls({
            host,
            port,
            // a certificate that nobody vouches for is told apart from a server that does not answer
            rejectUnauthorized: false,
            ...(isIP(host) ? {} : { servername: host }),
          })
        : connectTcp({ host, port });
    } catch {
      return finish('notFound');
    }
    socket.once('connect', () => (connected = true));
    socket.once(safe ? 'secureConnect' : 'connect', greet);
    socket.on('error', (error: NodeJS.ErrnoException) => finish(connected ? 'foreign' : answerOf(error)));
    socket.once('close', () => finish(connected ? 'foreign' : 'refused'));
  });
}

/** The version, then 1536 bytes: time, zero, noise. Every RTMP server answers it; nothing is published yet. */
function rtmpGreeting(): Buffer {
  return Buffer.concat([Buffer.from([3]), Buffer.alloc(8), randomBytes(1528)]);
}

async function knockSrt({ host, port }: Address, ms: number): Promise<Knock['answer']> {
  const until = performance.now() + ms;
  let found: { address: string; family: number };
  try {
    found = await inTime(lookup(host), ms);
  } catch (error) {
    return answerOf(error as NodeJS.ErrnoException);
  }
  return await new Promise((resolve) => {
    const socket = createSocket(found.family === 6 ? 'udp6' : 'udp4');
    const id = randomBytes(4);
    id[0] = (id[0]! & 0x3f) | 1;
    const packet = srtInduction(id);
    let over = false;
    const finish = (answer: Knock['answer']) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      clearInterval(repeat);
      socket.close();
      resolve(answer);
    };
    const send = () => socket.send(packet, (error) => error && finish(answerOf(error)));
    const timer = setTimeout(() => finish('silent'), Math.max(0, until - performance.now()));
    let repeat: NodeJS.Timeout | undefined;
    timer.unref();
    socket.unref();
    socket.on('error', (error: NodeJS.ErrnoException) => finish(answerOf(error)));
    socket.on('message', (data) => finish(isSrtHandshake(data, id) ? 'answers' : 'foreign'));
    // not as a callback of `connect`, which would call it with an error too, and sending then throws past everyone
    socket.once('connect', () => {
      send();
      repeat = setInterval(() => over || send(), SRT_REPEAT_MS);
      repeat.unref();
    });
    try {
      // connected, so that the kernel tells of a port where nobody listens
      socket.connect(port, found.address);
    } catch {
      finish('notFound');
    }
  });
}

/**
 * The first packet of an SRT caller: "induction". A listener answers it with a cookie and remembers nothing, so a
 * stream that runs there is not disturbed. Source: the SRT protocol draft, 3.2.1 and 4.3.1.
 */
function srtInduction(id: Buffer): Buffer {
  const packet = Buffer.alloc(64);
  packet.writeUInt32BE(0x8000_0000, 0); // control packet, handshake
  packet.writeUInt32BE(4, 16); // version of the handshake
  packet.writeUInt16BE(2, 22); // as UDT's "datagram", which an induction says
  randomBytes(3).copy(packet, 25); // first sequence number, 31 bits
  packet.writeUInt32BE(1500, 28); // largest packet
  packet.writeUInt32BE(8192, 32); // flow window
  packet.writeUInt32BE(1, 36); // induction
  id.copy(packet, 40);
  packet[48] = 1; // our own address, which nobody looks at: 127.0.0.1 in the byte order of the protocol
  packet[51] = 127;
  return packet;
}

function isSrtHandshake(data: Buffer, id: Buffer): boolean {
  return data.length >= 48 && data.readUInt32BE(0) === 0x8000_0000 && data.subarray(12, 16).equals(id);
}

function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(Object.assign(new Error('late'), { code: 'ETIMEDOUT' })), ms);
    timer.unref();
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function answerOf(error: NodeJS.ErrnoException & { errors?: NodeJS.ErrnoException[] }): Knock['answer'] {
  const codes = [error.code, ...(error.errors ?? []).map(({ code }) => code)];
  const has = (...wanted: string[]) => codes.some((code) => code !== undefined && wanted.includes(code));
  if (has('ECONNREFUSED', 'ECONNRESET')) return 'refused';
  if (has('ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME', 'EAI_FAIL')) return 'notFound';
  if (has('ETIMEDOUT')) return 'silent';
  return 'unreachable';
}
