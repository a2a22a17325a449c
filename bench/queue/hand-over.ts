// From the end of whoever is on air to the next one on air: the whole way from nginx-rtmp over gate, queue and switch to a real OBS.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { StoredKeys } from '../../lib/keys/store';
import type { GuestQueue } from '../../lib/queue/guests';
import type { GuestQueueNode } from '../../red/guests';
import { bareClient } from '../../test/contract/client';
import { guestNight } from '../../test/contract/guest-night-flow';
import { emptyScene, RECORDED_PROFILE } from '../../test/contract/switch-film';
import { type GuestPublisher, publisher, startGuestServer } from '../../test/support/guests';
import { startObs } from '../../test/support/obs';
import { freePort } from '../../test/support/ports';
import { findProgram } from '../../test/support/programs';
import { tempDir } from '../../test/support/temp';
import { waitFor } from '../../test/support/wait';
import { figure, type Figure } from '../support/figures';
import { nodeRed, type FlowNode } from '../support/node-red';
import { alternate, median } from '../support/rounds';

const ROUNDS = 5;
const GUESTS = 4;
/** what the switch of the flow waits for a picture to hold */
const SETTLE_MS = 300;
const SECRET = 'cT9pQ2xVb7LkM4nRw8ZyH3';
const PASSWORD = 'a password of the benchmark';

export async function handOverFigures(): Promise<Figure[]> {
  const userDir = tempDir('bench-guests');
  const hookPort = await freePort();
  const server = await startGuestServer({ hooks: `http://127.0.0.1:${hookPort}/hooks/night/${SECRET}` });
  const obs = await startObs({ password: PASSWORD, profile: RECORDED_PROFILE });
  const client = await bareClient(obs.url, PASSWORD);
  const scene = await emptyScene(client);
  const store = new StoredKeys({ path: join(userDir, 'keys', 'people.json'), mostPeople: GUESTS });
  const keys: string[] = [];
  for (let n = 0; n < GUESTS; n++) {
    const made = await store.create({ id: `guest-${n}`, name: `guest ${n}` });
    keys.push(made.streamKey.split('?')[1]!);
  }
  await store.close();
  const { nginx } = server;
  const world = { port: Number(new URL(obs.url).port), password: PASSWORD };
  const eventFile = join(userDir, 'events.ndjson');
  // nobody comes back in this one: who ends is gone
  const flow = guestNight({
    world,
    nginx,
    hookPort,
    secret: SECRET,
    scene,
    userDir,
    eventFile,
    graceSeconds: 0,
  });
  const nodes = flow as (FlowNode & { credentials?: object })[];
  const secrets = Object.fromEntries(
    nodes.flatMap(({ id, credentials }) => (credentials ? [[id, credentials] as const] : [])),
  );
  for (const node of nodes) delete node.credentials;
  const red = nodeRed(nodes, secrets);
  await red.start();
  const lease = red.node<GuestQueueNode>('c-queue').acquire();
  const queue: GuestQueue = lease.value;
  const publishing = new Map<string, GuestPublisher>();
  const come = async (n: number): Promise<void> => {
    const stream = `guest-${n}`;
    publishing.set(stream, await publisher({ server: nginx.server, stream, key: keys[n]! }));
    await waitFor(
      () => {
        const { lead, waiting } = queue.view();
        return (
          lead?.stream === stream || waiting.some((one) => one.stream === stream && one.state === 'waiting')
        );
      },
      { timeoutMs: 30_000, message: `${stream} to wait` },
    );
  };
  const live = (): string | null => {
    const { lead } = queue.view();
    return lead?.state === 'live' ? lead.stream : null;
  };
  try {
    for (let n = 0; n < GUESTS; n++) await come(n);
    await waitFor(live, { timeoutMs: 60_000, message: 'the first one to be on air' });
    let next = 0;
    const values = await alternate(ROUNDS, 1, {
      async ours() {
        const lead = live()!;
        next = Number(queue.view().waiting[0]!.stream.split('-')[1]);
        const began = performance.now();
        let took = 0;
        const release = queue.onEvent(({ event }) => {
          if (event === 'publisher_live') took = performance.now() - began;
        });
        publishing.get(lead)!.kill();
        await waitFor(() => took > 0, {
          timeoutMs: 60_000,
          intervalMs: 5,
          message: 'the next one to be on air',
        });
        release();
        await come(Number(lead.split('-')[1]));
        return took;
      },
      async ffmpeg() {
        const address = `${nginx.server}/guest-${next}`;
        const began = performance.now();
        const args = [
          '-v',
          'error',
          '-nostdin',
          '-i',
          address,
          '-map',
          '0:v',
          '-frames:v',
          '1',
          '-f',
          'null',
          '-',
        ];
        await promisify(execFile)(findProgram('ffmpeg') ?? 'ffmpeg', args, { timeout: 60_000 });
        return performance.now() - began;
      },
    });
    return [
      figure({
        name: `hand-over: from the end of who is on air to the next one on air, beside ffmpeg's first picture of the same address (ratio without the ${SETTLE_MS} ms to settle)`,
        unit: 'ms',
        ours: median(values.ours),
        baseline: median(values.ffmpeg),
        ratio: median(values.ours.map((ms, round) => (ms - SETTLE_MS) / values.ffmpeg[round]!)),
      }),
    ];
  } finally {
    lease.release();
    await red.stop();
    for (const guest of publishing.values()) await guest.close();
    await client.close();
    await obs.close();
    await server.close();
  }
}
