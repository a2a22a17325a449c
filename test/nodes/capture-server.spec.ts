// Capture frames of what is published to a media server that is not ours: the real nginx-rtmp, real publishers, and what both may do.
/* eslint-disable @typescript-eslint/no-unsafe-member-access -- a message carries anything */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { leases } from '../../red/leases';
import { freePort, type GuestPublisher, publisher, requirePrograms, scale, startNginxRtmp } from '../support';
import { alive } from '../support/programs';
import { type NginxRtmp, rtmpModule } from '../support/servers';
import { around, badges, deploy, heardBy, load, logged, next, tearDown, waitFor } from './support/rig';
import type { Flow, FlowNode } from './support/rig';
import { serverNode } from './support/ingest';

/** A media server has a hook address, though no gate stands there. */
const SECRETS = { server: { secret: 'S3cretOfTheHookAddress0123456789' } };
const CAPTURE = {
  ...{ type: 'live-capture-frames', source: 'server', ingest: '', server: 'server', stream: '' },
  ...{ everySeconds: '0.5', sampling: 'auto', cells: '2', delta: '12', masks: '', keepAliveSeconds: '' },
  ...{ width: '320', quality: '90', store: '', picture: 'buffer', waits: false, ffmpeg: '' },
};

/** The processes of this one that are ffmpeg, and no publisher of a test. */
function pullers(publishers: readonly GuestPublisher[]): number[] {
  const own = new Set(publishers.map(({ pid }) => pid));
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const isOurs = Number(parent) === process.pid && stat.includes('(ffmpeg)');
        return isOurs && !own.has(Number(name)) ? [Number(name)] : [];
      } catch {
        return [];
      }
    });
}

describe('capture frames of a media server', function () {
  this.timeout(120_000);
  let nginx: NginxRtmp | null = null;
  const ports = { port: 0, statPort: 0 };
  const publishers: GuestPublisher[] = [];
  before(function () {
    requirePrograms(this, ['ffmpeg', 'nginx', rtmpModule]);
  });
  beforeEach(async () => {
    ports.port = await freePort();
    ports.statPort = await freePort();
    nginx = await startNginxRtmp(ports);
    leases.lingerMs = 10_000;
  });
  afterEach(async () => {
    await tearDown();
    for (const one of publishers.splice(0)) await one.close();
    await nginx?.close();
    nginx = null;
  });

  const flow = (more: Partial<FlowNode> = {}): Flow =>
    around(
      { ...CAPTURE, ...more },
      serverNode({
        ...{ kind: 'nginx-rtmp', ingest: '', api: nginx!.statUrl, control: nginx!.controlUrl, apps: 'live' },
        ...{ publishAddress: nginx!.server, playAddress: `rtmp://127.0.0.1:${ports.port}/{app}/{stream}` },
        ...{
          hookHost: '127.0.0.1',
          hookPort: String(ports.port + 1),
          hookName: 'show',
          allowFrom: 'localhost',
        },
      }),
    );
  const publish = async (stream: string): Promise<GuestPublisher> => {
    const made = await publisher({ server: nginx!.server, stream });
    publishers.push(made);
    return made;
  };
  const isBadge = (...names: string[]) =>
    waitFor(() => names.includes(badges().at(-1) ?? ''), {
      timeoutMs: 40_000,
      message: () =>
        `${names.join()}: ${badges().join()}; ${JSON.stringify(logged().filter(({ level }) => Number(level) <= 30))}`,
    });
  const pictures = (stream: string) =>
    heardBy('interim').filter(({ payload }) => payload.stream === stream).length;
  const more = async (stream: string) => {
    const before = pictures(stream);
    await waitFor(() => pictures(stream) > before + 1, {
      timeoutMs: 60_000,
      message: () => `pictures of ${stream}; ${badges().join()}`,
    });
  };

  it('of everybody who publishes; who leaves and comes back, and a server that is started anew; nothing is left', async () => {
    await load(flow(), SECRETS);
    await isBadge('waiting');
    const anna = await publish('anna');
    const { frame, live } = await next('out', () => true, 60_000);
    assert.deepEqual([frame.stream, frame.why, frame.width], ['anna', 'first', 320]);
    assert.deepEqual([live.application, live.connection.id], ['media-server', 'server']);
    await isBadge('live');
    await publish('ben');
    await more('ben');
    // the short form leaves it to the server that is started anew
    if (scale >= 1) {
      await anna.stop();
      const gone = pictures('anna');
      await more('ben');
      await publish('anna');
      await waitFor(() => pictures('anna') > gone + 1, { timeoutMs: 60_000, message: 'anna to be back' });
    }

    // killed at once, and everybody who published to it with it
    process.kill(nginx!.pid, 'SIGKILL');
    await nginx!.close();
    nginx = null;
    for (const one of publishers.splice(0)) await one.close();
    await isBadge('degraded', 'waiting');
    nginx = await startNginxRtmp(ports);
    await publish('anna');
    await more('anna');
    await isBadge('live');

    const children = pullers(publishers);
    assert.ok(children.length >= 2, 'one that pulls and one that decodes');
    await deploy(
      flow().filter(({ id }) => id !== 'n'),
      'full',
      SECRETS,
    );
    await tearDown();
    for (const pid of children) await waitFor(() => !alive(pid), { message: `${pid} to be gone` });
    assert.deepEqual(pullers(publishers), []);
    assert.equal(logged().filter(({ text }) => /UnhandledPromise|uncaught/i.test(text)).length, 0);
  });

  it('a name that nobody publishes costs no process, and its pictures come once somebody does', async () => {
    await load(flow({ stream: 'cleo' }), SECRETS);
    await publish('anna');
    await waitFor(async () => (await nginx!.publishers()).length === 1);
    await isBadge('waiting');
    assert.deepEqual(pullers(publishers), []);
    await publish('cleo');
    await more('cleo');
    assert.equal(pictures('anna'), 0);
  });
});
