// The show report of a witness log with pictures of a frame store, made by the nodes themselves.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-call -- a message carries anything */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FrameStoreNode } from '../../red/capture';
import type { KeptFrame } from '../../lib/frames/store/types';
import { tempDir } from '../support/temp';
import { CHANGED, frameOf, jpegOf } from '../support/frames';
import { around, ask, heardBy, helper, load, send, tearDown, waitFor, type FlowNode } from './support/rig';
import { QUERY, folders, logNode, opened } from './support/witness';

describe('the show report with pictures', () => {
  afterEach(tearDown);

  const nodes = (folder: string): FlowNode[] => [
    logNode(folders()),
    {
      id: 'w',
      type: 'live-witness',
      z: 'tab',
      x: 1,
      y: 1,
      name: '',
      log: 'log',
      checkpoints: 'each',
      minutes: '30',
      configVersion: 1,
      wires: [['passed'], []],
    },
    { id: 'passed', type: 'test-sink', z: 'tab', x: 1, y: 1 },
    {
      id: 'store',
      type: 'live-frame-store',
      name: 'pictures',
      configVersion: 1,
      folder,
      keepDays: '0',
      mostGb: '0',
      leastFreeGb: '0',
    },
  ];
  const tell = async (event: string): Promise<void> => {
    const told = heardBy('passed').length;
    send({ topic: event, payload: {}, live: { event } }, 'w');
    await waitFor(() => heardBy('passed').length > told);
  };
  /** A show of some pictures, and one of an hour before. */
  const show = async (
    count: number,
  ): Promise<{ kept: KeptFrame[]; before: KeptFrame; folder: string; pathOf: (id: string) => string }> => {
    const folder = tempDir('report-pictures');
    const file = join(tempDir('reports'), 'report.html');
    const query = { ...QUERY, give: 'file', path: file, overwrite: true, frameStore: 'store' };
    await load(around(query, ...nodes(folder)));
    await opened();
    const lease = (helper.getNode('store') as unknown as FrameStoreNode).acquire();
    const store = lease.value;
    const before = await store.put(frameOf('anna', Date.now() - 3_600_000, 0, { look: 50 }), CHANGED);
    await tell('stream_started');
    const kept: KeptFrame[] = [];
    for (let seq = 1; seq <= count; seq++) {
      // of each second of a stream one picture is shown, so each is of a stream of its own
      kept.push(await store.put(frameOf(`cam-${seq}`, Date.now(), seq, { look: seq }), CHANGED));
    }
    await tell('stream_stopped');
    lease.release();
    return { kept, before, folder, pathOf: (id) => store.pathOf(id) };
  };

  it('is a file with the pictures of the time of the show, each with its hash', async () => {
    const { kept, before } = await show(4);
    const answer = await ask({});
    const page = readFileSync(answer.payload, 'utf8');
    for (const { sha256, seq } of kept) {
      assert.ok(page.includes(`<code>${sha256}</code>`));
      assert.ok(page.includes(`src="data:image/jpeg;base64,${jpegOf(seq).toString('base64')}"`), `${seq}`);
    }
    assert.ok(!page.includes(before.sha256), 'what was before the show is not of it');
    assert.equal(answer.report.pictures.pictures.length, 4);
    assert.deepEqual(answer.report.pictures.notes, []);
  });

  it('says in words what became of pictures that somebody laid hands on, and shows nothing of them', async () => {
    const { kept, folder, pathOf } = await show(6);
    const [text, link, huge, gone, folderInstead, whole] = kept.map(({ id }) => pathOf(id)) as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const secret = join(folder, '..', 'secret.jpg');
    writeFileSync(secret, jpegOf(99));
    writeFileSync(text, '<script>alert(1)</script>');
    rmSync(link);
    symlinkSync(secret, link);
    truncateSync(huge, 200e6);
    rmSync(gone);
    rmSync(folderInstead);
    symlinkSync(folder, folderInstead);
    const answer = await ask({});
    const page = readFileSync(answer.payload, 'utf8');
    const faults = new Map<string, string | null>(
      answer.report.pictures.pictures.map(({ id, fault }: { id: string; fault: string | null }) => [
        pathOf(id),
        fault,
      ]),
    );
    for (const path of [text, link, huge, folderInstead])
      assert.match(faults.get(path) ?? '', /its hash differs/);
    assert.match(faults.get(gone) ?? '', /gone/);
    assert.equal(faults.get(whole), null);
    assert.equal(page.match(/<img src="data:/g)?.length, 1);
    for (const bytes of [jpegOf(99), Buffer.from('<script>alert(1)</script>')])
      assert.ok(!page.includes(bytes.toString('base64')) && !page.includes('<script'));
    assert.ok(page.length < 200_000, `${page.length}`);
    assert.match(page, /its hash differs/);
    assert.match(page, /its file was removed/);
  });
});
