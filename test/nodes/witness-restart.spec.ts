// The witness in a real Node-RED that is stopped, killed and started again with the same user folder.
/* eslint-disable @typescript-eslint/no-unsafe-member-access -- a message carries anything */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type NodeRed, startNodeRed } from '../editor/support';
import { tempDir, waitFor } from '../support';
import { parseVerifier } from '../../lib/witness/keys';
import { judged, linesOf, logNode } from './support/witness';

const ID = 'f1e2d3c4b5a69788';

describe('witness, over restarts of Node-RED', function () {
  this.timeout(90_000);
  const userDir = tempDir('restart');
  let nodeRed: NodeRed | null = null;
  afterEach(async () => {
    await nodeRed?.close();
    nodeRed = null;
  });

  // as it is dragged: everything in its usual place
  const log = { ...logNode({ log: '', state: '' }), id: ID, name: 'main' };
  const flow = (label: string) => [
    { id: 'tab1', type: 'tab', label, disabled: false, info: '' },
    log,
    {
      id: 'say',
      type: 'inject',
      z: 'tab1',
      name: '',
      props: [{ p: 'payload' }, { p: 'topic', vt: 'str' }],
      repeat: '0.05',
      crontab: '',
      once: true,
      onceDelay: 0.1,
      topic: 'cue',
      payload: '',
      payloadType: 'date',
      x: 1,
      y: 1,
      wires: [['w']],
    },
    {
      id: 'w',
      type: 'live-witness',
      z: 'tab1',
      name: '',
      log: ID,
      checkpoints: 'each',
      minutes: '30',
      configVersion: 1,
      x: 1,
      y: 1,
      wires: [[], []],
    },
  ];
  const folder = join(userDir, 'live-witness', 'main');
  const keyFile = join(userDir, 'live-witness-state', `${ID}.key`);
  const start = async () => (nodeRed = await startNodeRed({ userDir }));
  const state = async () => {
    const answer = await fetch(`${nodeRed!.url}live-production/witness/state`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ id: ID }),
    });
    return (
      (await answer.json()) as {
        state: { vkey: string; now: string; entries: number; cosignerVkey: string | null };
      }
    ).state;
  };
  /** A Node-RED that is told to stop in the middle of a deploy stops without closing its nodes. */
  const deploy = async (label: string) => {
    const started = () => nodeRed!.program.log().split('Started flows').length;
    const before = started();
    await nodeRed!.deploy(flow(label));
    await waitFor(() => started() > before, { message: 'the flows to be started' });
  };
  const recorded = (count: number) => waitFor(async () => (await state()).entries >= count);
  let vkey: string;

  it('a stop closes the log properly, and the key waits beside the flows', async () => {
    await start();
    await deploy('one');
    await recorded(20);
    ({ vkey } = await state());
    assert.match(parseVerifier(vkey)!.name, /\/live-witness\/main$/);
    assert.ok(existsSync(keyFile));
    await nodeRed!.close();
    const report = await judged(folder, vkey);
    assert.deepEqual([report.verdict, report.closed], ['valid', true], report.sentence);
    for (const name of readdirSync(userDir).filter((one) => one.startsWith('flows')))
      assert.ok(!/"key"|cosignKey/.test(readFileSync(join(userDir, name), 'utf8')), name);
  });

  it('the key is the same after a start without any deploy; the deploy stores it, and the start after that trusts in it', async () => {
    await start();
    await recorded(5);
    assert.equal((await state()).vkey, vkey);
    await deploy('two');
    await waitFor(() => existsSync(join(userDir, 'flows_cred.json')));
    assert.ok(existsSync(keyFile), 'not yet known to be on the disk there');
    await nodeRed!.close();
    await start();
    await waitFor(() => !existsSync(keyFile));
    assert.equal((await state()).vkey, vkey);
    await recorded(5);
    await nodeRed!.close();
    await start();
    assert.equal((await state()).vkey, vkey, 'from the credentials alone');
    assert.ok(!existsSync(keyFile));
  });

  it('killed, it goes on where it was, and nobody takes it for a change', async () => {
    await start();
    await recorded(5);
    const before = linesOf(folder).length;
    nodeRed!.program.kill('SIGKILL');
    await nodeRed!.close();
    await start();
    await recorded(before + 5);
    await nodeRed!.close();
    const report = await judged(folder, vkey);
    assert.deepEqual([report.verdict, report.closed], ['valid', true], report.sentence);
    const opens = linesOf(folder).filter(({ type }) => type === 'log.open');
    assert.deepEqual(
      opens.map(({ data }) => data.previous as string),
      ['new', 'closed', 'closed', 'closed', 'closed', 'crashed'],
    );
    assert.deepEqual(readdirSync(join(userDir, 'live-witness')), ['main'], 'one log all the time');
  });
});
