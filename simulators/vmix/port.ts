import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Clock } from '../obs/clock';
import { answerTo } from './commands';
import type { Faults } from './faults';
import type { Outcome } from './functions';
import type { Studio } from './studio';

/** What the TCP port needs to know of the vMix behind it. */
export interface PortHost {
  studio: Studio;
  faults: Faults;
  clock: Clock;
  random: () => number;
  document(): string;
  run(name: string, parameters: Record<string, string>): Outcome;
  asked(name: string, parameters: Record<string, string>): void;
}

/** A line that never ends is no command. */
const LONGEST_LINE = 1024 * 1024;

/** One TCP client with what it has subscribed to. */
export class Client {
  readonly subscribed = new Set<string>();
  private rest = '';
  private outbox: Buffer[] = [];
  private writing = false;
  private idle: NodeJS.Timeout | null = null;
  /** commands are answered one after the other, the late one too */
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly socket: Socket,
    private readonly host: PortHost,
    private readonly isFrozen: () => boolean,
  ) {
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => this.idle && clearTimeout(this.idle));
    socket.on('data', (data) => {
      this.watchIdle();
      this.rest += data.toString('utf8');
      if (this.rest.length > LONGEST_LINE) return void socket.destroy();
      this.takeLines();
    });
    this.watchIdle();
  }

  /** Something else than an answer: a greeting or an event. */
  tell(text: string): void {
    this.write(Buffer.from(`${text}\r\n`));
  }

  takeLines(): void {
    while (!this.isFrozen() && !this.socket.destroyed) {
      const at = this.rest.indexOf('\n');
      if (at === -1) return;
      const line = this.rest.slice(0, at).replace(/\r$/, '');
      this.rest = this.rest.slice(at + 1);
      if (line.trim() !== '') this.turn = this.turn.then(() => this.serve(line));
    }
  }

  flush(): void {
    if (!this.writing) this.writeNext();
  }

  end(): void {
    this.socket.destroy();
  }

  private async serve(line: string): Promise<void> {
    const [command = ''] = line.trim().split(' ');
    const late = this.host.faults.lateness(command);
    if (late > 0) await this.host.clock.sleep(late);
    if (this.socket.destroyed) return;
    const { text, body, quits, then } = answerTo(line.trim(), this.host, this.subscribed);
    this.write(
      body === null ? Buffer.from(`${text}\r\n`) : Buffer.concat([Buffer.from(`${text}\r\n`), body]),
    );
    for (const more of then) this.tell(more);
    if (quits) this.socket.end();
  }

  private write(bytes: Buffer): void {
    this.outbox.push(...(this.host.faults.fragment ? this.pieces(bytes) : [bytes]));
    this.flush();
  }

  /** Each piece in a packet of its own, as far as a network can be told so. */
  private writeNext(): void {
    if (this.isFrozen() || this.socket.destroyed) return;
    const next = this.outbox.shift();
    if (!next) {
      this.writing = false;
      return;
    }
    this.writing = true;
    this.socket.write(next, () => setImmediate(() => this.writeNext()));
  }

  private pieces(bytes: Buffer): Buffer[] {
    const { random } = this.host;
    const cuts = Array.from({ length: 3 }, () => Math.floor(random() * bytes.length)).sort((a, b) => a - b);
    return [0, ...cuts]
      .map((from, at) => bytes.subarray(from, cuts[at] ?? bytes.length))
      .filter((piece) => piece.length > 0);
  }

  private watchIdle(): void {
    if (this.idle) clearTimeout(this.idle);
    const { dropIdleMs } = this.host.faults;
    this.idle = dropIdleMs === null ? null : setTimeout(() => this.socket.destroy(), dropIdleMs);
    this.idle?.unref();
  }
}

/** The TCP port: a greeting, then commands and events. Nobody is asked for a password there. */
export class TcpPort {
  private readonly server: Server;
  private readonly all = new Map<Client, Socket>();
  private frozen = false;

  constructor(host: PortHost) {
    this.server = createServer((socket) => {
      const client = new Client(socket, host, () => this.frozen);
      this.all.set(client, socket);
      socket.on('close', () => this.all.delete(client));
      if (!host.faults.noGreeting) client.tell(`VERSION OK ${host.studio.version}`);
    });
  }

  get listening(): boolean {
    return this.server.listening;
  }

  get clients(): number {
    return this.all.size;
  }

  open(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.off('error', reject);
        this.server.on('error', () => undefined);
        resolve((this.server.address() as AddressInfo).port);
      });
    });
  }

  /** An event for everyone who subscribed to this kind. */
  tell(kind: 'ACTS' | 'TALLY', text: string): void {
    for (const client of this.all.keys()) if (client.subscribed.has(kind)) client.tell(`${kind} OK ${text}`);
  }

  async shut(): Promise<void> {
    for (const socket of this.all.values()) socket.destroy();
    if (!this.server.listening) return;
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  freeze(): void {
    this.frozen = true;
  }

  thaw(): void {
    this.frozen = false;
    for (const client of this.all.keys()) {
      client.flush();
      client.takeLines();
    }
  }
}
