// A Node-RED of its own: a publish gate with key store and guest queue, and beside it http in, change and http response.
import type { KeyStore } from '../../lib/keys/types';
import type { Lease } from '../../lib/connection/lease';
import { freePort, listens } from '../../test/support/ports';
import { waitFor } from '../../test/support/wait';
import { nodeRed } from '../support/node-red';
import { BARE_PATH, PEOPLE, type Ready, type Used } from './protocol';

const SECRET = 'cT9pQ2xVb7LkM4nRw8ZyH3';

async function main(): Promise<void> {
  const [gatePort, barePort] = [await freePort(), await freePort()];
  // without a place Node-RED takes a node for a config node
  const on = { z: 'tab', x: 100, y: 100 };
  const red = nodeRed(
    [
      { id: 'tab', type: 'tab', label: 'bench' },
      {
        id: 'server',
        type: 'live-media-server',
        configVersion: 1,
        kind: 'srs',
        api: '',
        control: '',
        publishAddress: '',
        playAddress: '',
        apps: 'live',
        otherApps: 'deny',
        hookHost: '127.0.0.1',
        hookPort: String(gatePort),
        hookName: 'bench',
        allowFrom: 'localhost',
        reachedAt: '',
      },
      { id: 'keys', type: 'live-stream-keys', configVersion: 1, folder: '', mostPeople: '' },
      {
        id: 'queue',
        type: 'live-guest-queue',
        configVersion: 1,
        server: 'server',
        limitMinutes: '60',
        onlyIfWaiting: true,
        afterTurn: 'kick',
        graceSeconds: '10',
        mostEntries: String(PEOPLE),
        warnAt: '60, 10',
        secondPublisher: 'reject',
        rejoinSeconds: '30',
        admitSeconds: '10',
        switchSeconds: '30',
        mostFailures: '3',
        missesToLeave: '3',
        folder: '',
      },
      {
        id: 'gate',
        type: 'live-publish-gate',
        ...on,
        configVersion: 1,
        server: 'server',
        admission: 'keys',
        keys: 'keys',
        queue: 'queue',
        answerMs: '',
        target: '',
        sendOn: 'first',
        players: 'anyone',
        wires: [[], []],
      },
      { id: 'in', type: 'http in', ...on, url: BARE_PATH, method: 'post', wires: [['change']] },
      {
        id: 'change',
        type: 'change',
        ...on,
        rules: [{ t: 'set', p: 'payload', pt: 'msg', to: '{"code":0}', tot: 'json' }],
        wires: [['out']],
      },
      { id: 'out', type: 'http response', ...on, statusCode: '200', headers: {}, wires: [] },
    ],
    { server: { secret: SECRET } },
    barePort,
  );
  await red.start();
  await waitFor(async () => (await listens(gatePort)) && (await listens(barePort)));
  const store = red.node<{ acquire(): Lease<KeyStore> }>('keys').acquire().value;
  const streamKeys: string[] = [];
  for (let n = 0; n < PEOPLE; n++) streamKeys.push((await store.create({ name: `Guest ${n}` })).streamKey);
  const say = (word: Ready | Used) => process.send!(word);
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    say({ kind: 'used', cpuMs: (user + system) / 1000 });
  });
  say({ kind: 'ready', gatePort, gatePath: `/hooks/bench/${SECRET}`, barePort, streamKeys });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
