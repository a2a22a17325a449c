// The ingest in a process of its own, inside Node-RED.
/* eslint-disable @typescript-eslint/no-unsafe-member-access -- a message carries anything */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import type { IsolatedIngest } from '../../lib/rtmp/isolated/ingest';
import { leases } from '../../red/leases';
import { alive, freePort, loops, requirePrograms, tempDir } from '../support';
import { around, badges, deploy, heardBy, load, logged, next, tearDown, waitFor } from './support/rig';
import type { Flow, FlowNode } from './support/rig';
import {
  endPublishing,
  ingestNode,
  isLive,
  keysNode,
  ON_INGEST,
  openIngest,
  publish,
  withKey,
} from './support/ingest';

describe('rtmp ingest in a process of its own', function () {
  this.timeout(90_000);
  let port: number;
  let folder: string;
  before(function () {
    requirePrograms(this, ['ffmpeg', 'ps']);
  });
  beforeEach(async () => {
    port = await freePort();
    folder = tempDir('ingest');
    leases.lingerMs = 10_000;
  });
  afterEach(async () => {
    await endPublishing();
    await tearDown();
  });

  const show = { source: 'show', events: [], filters: [], limit: '', present: false };
  const flow = (settings: Partial<FlowNode> = {}): Flow =>
    around(
      { type: 'live-event', ...ON_INGEST, ...show },
      keysNode(folder),
      ingestNode(port, { ownProcess: true, ...settings }),
    );
  const pid = () => (openIngest().ingest as IsolatedIngest).pid!;
  /** of all processes whose command is that of an ingest and that this one has started */
  const running = (): number[] =>
    execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes('isolated'))
      .map((line) => parseInt(line, 10));

  it('a deploy cuts nobody off and leaves one process; a tick that is taken away, and a removal, leave none', async () => {
    await load(flow(), { ingest: { playToken: 'PLAY-token_of~mine' } });
    await waitFor(() => badges().at(-1) === 'ready');
    const key = await withKey('anna');
    const anna = await publish(port, 'anna', key);
    await isLive('anna');
    const first = pid();
    const [feed] = openIngest().ingest.feeds();
    for (let i = 0; i < loops(20, 4); i++) await deploy(flow({ maxKbps: String(90_000 + i) }), 'full');
    assert.deepEqual([openIngest().ingest.feeds()[0], pid()], [feed, first]);
    assert.deepEqual(running(), [first]);
    assert.ok(anna.running);
    const secrets = [key.split('=')[1]!, 'PLAY-token_of~mine'];
    const told = JSON.stringify([heardBy('out'), heardBy('caught'), heardBy('badges'), logged()]);
    const own = execFileSync('ps', ['eww', '-o', 'args=', '-p', String(first)], { encoding: 'utf8' });
    for (const secret of secrets) assert.ok(!told.includes(secret) && !own.includes(secret));
    await deploy(flow({ ownProcess: false }), 'full');
    await waitFor(() => !alive(first));
    assert.equal((openIngest().ingest as Partial<IsolatedIngest>).pid, undefined);
    await deploy(flow(), 'full');
    await waitFor(() => openIngest().ingest.status().listening);
    const second = pid();
    assert.deepEqual(running(), [second]);
    const began = performance.now();
    await deploy(
      flow().filter(({ type }) => type !== 'live-rtmp-ingest'),
      'full',
    );
    await waitFor(() => !alive(second));
    assert.ok(performance.now() - began < 20_000);
    assert.deepEqual(running(), []);
  });

  it('a process that dies is told, and another one takes its place', async () => {
    await load(flow());
    // a process begins; who knocks before is refused by the system
    await waitFor(() => badges().at(-1) === 'ready');
    const key = await withKey('anna');
    await publish(port, 'anna', key);
    await isLive('anna');
    process.kill(pid(), 'SIGKILL');
    await waitFor(() => badges().includes('disconnected'));
    const away = await next('out', ({ topic }) => topic === 'stream_reconnecting', 20_000);
    assert.equal(away.live.expected, false);
    assert.match(away.payload.reason as string, /SIGKILL/);
    assert.match(JSON.stringify(logged()), /INGEST_PROCESS/);
    await waitFor(() => badges().at(-1) === 'ready');
    await publish(port, 'anna', key);
    await waitFor(() => heardBy('out').some(({ topic }) => String(topic) === 'stream_reconnected'), {
      message: () =>
        heardBy('out')
          .map(({ topic }) => String(topic))
          .join(', '),
    });
  });
});
