// Processes that are killed while they keep pictures: what was acknowledged is there, the index opens, and the chain is whole.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FolderFrameStore } from '../../lib/frames/store/store';
import { loops, startProgram, tempDir, waitFor } from '../support';
import { SHOW_STARTS, gridOf, jpegOf } from '../support/frames';

const BUILT = JSON.stringify(join(__dirname, '..', '..', 'dist', 'lib', 'frames', 'store', 'store.js'));

/** Keeps pictures of three streams without an end, some at once; an hour passes every twenty of them. Says `+ id` for each that was acknowledged. */
const keeper = (folder: string, from: number): string => `
  const { writeSync } = require('node:fs');
  const { FolderFrameStore } = require(${BUILT});
  const settings = { folder: ${JSON.stringify(folder)}, keepDays: null, mostBytes: null, leastFreeBytes: null };
  const store = new FolderFrameStore(settings, { warn: (error) => writeSync(1, '! ' + error + '\\n') });
  const jpegs = ${JSON.stringify([1, 2, 3].map((look) => jpegOf(look).toString('base64')))}.map((text) => Buffer.from(text, 'base64'));
  const grid = Buffer.from(${JSON.stringify(gridOf(1).toString('base64'))}, 'base64');
  setInterval(() => undefined, 1000);
  let seq = 0;
  const put = async (stream) => {
    const at = ${from} + 180000 * seq;
    const jpeg = jpegs[seq % 3];
    const frame = { stream, connectionId: 'c', seq: seq++, at, mediaMs: 0, width: 160, height: 90, videoWidth: 160, videoHeight: 90, keyframe: true, jpeg, small: jpegs[0], grid, arrivedMs: 0 };
    const kept = await store.put(frame, { keep: true, why: 'changed', changedPercent: 1 });
    writeSync(1, '+ ' + kept.id + '\\n');
    if (seq % 5 === 0) store.seen(stream, at + 1000);
  };
  (async () => {
    for (;;) await Promise.all(['anna', 'bob', 'anna', 'cleo', 'anna'].map(put));
  })().catch((error) => writeSync(1, '! ' + error + '\\n'));`;

describe('a process that is killed while it keeps pictures', () => {
  it('has lost none that it acknowledged, and goes on in a whole chain', async function () {
    this.timeout(900_000);
    const folder = tempDir('frames-kills');
    const acknowledged = new Set<string>();
    let from = SHOW_STARTS;
    for (let kill = 0; kill < loops(100, 5); kill++) {
      const program = await startProgram('node', ['-e', keeper(folder, from)]);
      try {
        await waitFor(() => program.log().includes('+ '), { message: () => program.log().slice(-500) });
        await sleep(Math.random() * 150);
      } finally {
        program.kill('SIGKILL');
        await program.waitExit();
      }
      assert.ok(!program.log().includes('!'), program.log());
      const fresh = [...program.log().matchAll(/^\+ (\S+)\n/gm)].map(([, id]) => id!);
      for (const id of fresh) acknowledged.add(id);
      await program.close();
      // each goes on behind the last one, in the hour it was killed in
      from = Math.max(...fresh.map((id) => Number(/\/(\d+)-/.exec(id)![1]))) + 1;

      const store = new FolderFrameStore({ folder, keepDays: null, mostBytes: null, leastFreeBytes: null });
      for (const id of fresh) {
        await store.picture(id);
        assert.ok(await store.small(id), 'a kill is no power cut: the small one was written before the line');
      }
      const last = kill === loops(100, 5) - 1;
      if (last || kill % 10 === 0) {
        let pictures = 0;
        for (const stream of ['anna', 'bob', 'cleo']) {
          const answer = await store.verify(stream);
          assert.deepEqual(answer.faults, []);
          pictures += answer.pictures;
        }
        assert.ok(pictures >= acknowledged.size, `${pictures} of ${acknowledged.size}`);
        assert.equal((await store.use()).frames, pictures);
      }
      await store.close();
    }
    const store = new FolderFrameStore({ folder, keepDays: null, mostBytes: null, leastFreeBytes: null });
    for (const id of acknowledged) await store.picture(id);
    await store.close();
    assert.ok(acknowledged.size > 20, `${acknowledged.size} in all`);
  });
});
