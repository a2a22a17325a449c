// What arrives at the connection to a vMix in an unlucky order: a poll under way, an event, a loss, an action, the end.
import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { VmixClient, type VmixClientOptions } from '../../lib/vmix/client';
import type { VmixChange } from '../../lib/vmix/changes';
import { freePort, waitFor } from '../support';

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** A vMix whose answers are held back until they are let go, each as it was when it was asked for. */
class Slow {
  inside = '';
  /** how many answers are let through; the rest waits */
  free = Infinity;
  asked = 0;
  readonly called: string[] = [];
  /** the status of each answer to a function */
  callStatus = 200;
  readonly tcp = new Set<Socket>();
  private readonly held: (() => void)[] = [];

  private constructor(
    readonly port: number,
    readonly tcpPort: number,
  ) {}

  static async start(): Promise<Slow> {
    const slow = new Slow(await freePort(), await freePort());
    const web = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (data) => slow.take(socket, data.toString()));
    });
    const port = createServer((socket) => {
      slow.tcp.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => slow.tcp.delete(socket));
      socket.write('VERSION OK 29.0.0.49\r\n');
      socket.on('data', (data) => {
        for (const line of data.toString().split('\r\n'))
          if (line.startsWith('SUBSCRIBE')) socket.write('SUBSCRIBE OK\r\n');
          else if (line === 'PING') socket.write('PING OK PONG\r\n');
      });
    });
    await new Promise<void>((resolve) => web.listen(slow.port, '127.0.0.1', resolve));
    await new Promise<void>((resolve) => port.listen(slow.tcpPort, '127.0.0.1', resolve));
    endings.push(() => {
      slow.release(Infinity);
      for (const socket of slow.tcp) socket.destroy();
      web.close();
      port.close();
    });
    return slow;
  }

  event(text: string): void {
    for (const socket of this.tcp) socket.write(`ACTS OK ${text}\r\n`);
  }

  /** Let so many answers go. */
  release(count: number): void {
    this.free += count;
    while (this.free > 0 && this.held.length > 0) {
      this.free -= 1;
      this.held.shift()!();
    }
  }

  private take(socket: Socket, request: string): void {
    const name = /Function=(\w+)/.exec(request)?.[1];
    const body = name
      ? 'Function completed successfully.'
      : `<vmix><version>29.0.0.49</version>${this.inside}</vmix>`;
    const status = name ? this.callStatus : 200;
    const answer = () =>
      socket.end(
        `HTTP/1.0 ${status} x\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
    if (name) {
      this.called.push(name);
      return void answer();
    }
    this.asked += 1;
    this.held.push(answer);
    this.release(0);
  }
}

interface Watched {
  client: VmixClient;
  changes: VmixChange[];
}
async function watch(slow: Slow, more: Partial<VmixClientOptions> = {}): Promise<Watched> {
  const client = new VmixClient({
    host: '127.0.0.1',
    port: slow.port,
    tcpPort: slow.tcpPort,
    pollMs: 60_000,
    ...more,
  });
  const changes: VmixChange[] = [];
  client.onNews((news) => changes.push(...news.changes));
  endings.push(() => client.close());
  client.start();
  await client.whenReady(5000);
  if (client.tcp) await waitFor(() => client.tcp!.status.state === 'ready');
  // the TCP port coming up asks once more
  let asked = -1;
  while (asked !== slow.asked) {
    asked = slow.asked;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  return { client, changes };
}
const idle = '<recording>False</recording><streaming>False</streaming><external>False</external>';
const recording = idle.replace('<recording>False', '<recording duration="5" filename1="C:\\a.mp4">True');

describe('a connection to vMix, when things come at the same time', () => {
  it('an event while a look is under way counts for the next look', async () => {
    const slow = await Slow.start();
    slow.inside = idle;
    const { client, changes } = await watch(slow);
    slow.free = 0;
    const looking = client.until((state) => (state.recording.on ? true : undefined), 10_000);
    await waitFor(() => slow.asked > 0 && client.http.busy);
    slow.event('Recording 1');
    await new Promise((resolve) => setTimeout(resolve, 100));
    slow.inside = recording;
    slow.release(Infinity);
    await looking;
    assert.deepEqual(
      changes.map(({ event, cause }) => [event, cause]),
      [['recording_started', 'event']],
    );
  });

  it('a loss of the TCP port while a look is under way is not forgotten by what it brings', async () => {
    const slow = await Slow.start();
    slow.inside = recording;
    const { client, changes } = await watch(slow);
    slow.free = 0;
    const looking = client.until((state) => (state.recording.on === false ? true : undefined), 10_000);
    await waitFor(() => client.http.busy);
    for (const socket of slow.tcp) socket.destroy();
    await waitFor(() => client.tcp!.status.state !== 'ready');
    slow.inside = idle;
    slow.release(Infinity);
    await looking;
    assert.deepEqual(
      changes.map(({ event, cause, expected }) => [event, cause, expected]),
      [['recording_stopped', 'resync', false]],
    );
  });

  it('an action that was refused is not the one that happens later', async () => {
    const slow = await Slow.start();
    slow.inside = recording;
    const { client, changes } = await watch(slow, { tcpPort: null, pollMs: 500 });
    slow.callStatus = 500;
    await assert.rejects(client.call({ name: 'StopRecording' }), { code: /^VMIX_/ });
    slow.inside = idle;
    await waitFor(() => changes.length > 0);
    assert.deepEqual(
      changes.map(({ event, expected }) => [event, expected]),
      [['recording_stopped', null]],
    );
  });

  it('an action of which nobody knows whether it was done may be the one', async () => {
    const slow = await Slow.start();
    slow.inside = recording;
    const { client, changes } = await watch(slow, { tcpPort: null, pollMs: 500 });
    slow.callStatus = 200;
    await client.call({ name: 'StopRecording' });
    slow.inside = idle;
    await waitFor(() => changes.length > 0);
    assert.deepEqual(
      changes.map(({ event, expected }) => [event, expected]),
      [['recording_stopped', true]],
    );
  });

  it('a look that was under way when an action was accepted does not confirm it', async () => {
    const slow = await Slow.start();
    slow.inside = recording;
    const { client } = await watch(slow, { tcpPort: null, pollMs: 500 });
    slow.free = 0;
    await waitFor(() => client.http.busy);
    slow.free = 0;
    const asked = slow.asked;
    const seen: (boolean | null)[] = [];
    const confirmed = client.until((state) => {
      seen.push(state.recording.on);
      return state.recording.on === false ? true : undefined;
    }, 10_000);
    slow.inside = idle;
    slow.release(Infinity);
    await confirmed;
    assert.deepEqual(seen, [false], `asked ${slow.asked - asked} more`);
  });

  it('a close in the midst of a look, an action, a wait and an event ends them all, and nothing is told after it', async () => {
    for (let round = 0; round < 10; round++) {
      const slow = await Slow.start();
      slow.inside = idle;
      const { client, changes } = await watch(slow, round % 2 ? { tcpPort: null } : {});
      const states: string[] = [];
      client.onStatus(({ state }) => states.push(state));
      slow.free = 0;
      const waits = [
        client.until(() => undefined, 60_000),
        client.call({ name: 'Cut' }),
        client.http.state(),
      ];
      const ends = waits.map((wait) =>
        wait.then(
          () => 'done',
          (error: { code?: string }) => error.code,
        ),
      );
      slow.event('Recording 1');
      slow.inside = recording;
      await new Promise((resolve) => setTimeout(resolve, round * 5));
      const began = performance.now();
      const closing = client.close();
      slow.release(Infinity);
      slow.event('External 1');
      await closing;
      assert.ok(performance.now() - began < 4000);
      for (const end of await Promise.all(ends))
        assert.ok(end === 'done' || end?.startsWith('VMIX_'), String(end));
      await new Promise((resolve) => setTimeout(resolve, 30));
      assert.deepEqual(states, ['closed']);
      assert.deepEqual(changes, []);
    }
  });

  it('a close while its address is looked for goes at once', async () => {
    const client = new VmixClient({
      ...{ host: 'nowhere', port: 0, tcpPort: 0 },
      locate: () => new Promise(() => undefined),
    });
    client.start();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const began = performance.now();
    await client.close();
    assert.ok(performance.now() - began < 5000);
  });

  it('an address that is never found is a fault', async () => {
    const client = new VmixClient({
      ...{ host: 'nowhere', port: 0, tcpPort: 0 },
      locate: () => new Promise(() => undefined),
      timings: { http: { connect: 100 }, tcp: { connect: 100 } },
    });
    endings.push(() => client.close());
    client.start();
    await waitFor(() => client.status.state === 'waiting');
    await assert.rejects(client.whenReady(0), { code: 'VMIX_UNREACHABLE' });
  });

  it('twice closed, and used after that, says that it is closed', async () => {
    const slow = await Slow.start();
    slow.inside = idle;
    const { client } = await watch(slow);
    await Promise.all([client.close(), client.close()]);
    for (const work of [
      client.call({ name: 'Cut' }),
      client.until(() => true, 10),
      client.whenReady(1000),
      client.http.state(),
    ])
      await assert.rejects(work, { code: /^VMIX_(CLOSED|NOT_CONNECTED)$/ });
    assert.equal(client.status.state, 'closed');
  });
});
