// When and how the log is signed while something around it is late, hangs, or comes out of order.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type Files, nodeFiles } from '../../lib/durable/files';
import { cosign } from '../../lib/witness/cosign/cosignature';
import type { CosignerClient } from '../../lib/witness/cosign/types';
import { KEY_TYPES, signerOf } from '../../lib/witness/keys';
import { parseNote } from '../../lib/witness/note';
import { WitnessLog } from '../../lib/witness/store/log';
import { tempDir, waitFor } from '../support';
import { FaultyDisk } from '../support/faulty-disk';
import { assertHonest, contentsOf, diskOptions, keptOptions, put } from '../support/kept-log';

/** Nothing is signed unless somebody asks. */
const UNASKED = { entries: 1_000_000, ms: 1_000_000 };

describe('signing the witness log', () => {
  it('writes no late cosignature behind a newer checkpoint that got into the history only', async () => {
    const key = signerOf('cosigner.example/w', Buffer.alloc(32, 9), KEY_TYPES.cosigner);
    let answer: (() => void) | null = null;
    const client: CosignerClient = {
      name: key.verifier.name,
      vkey: key.verifier.text,
      cosign: (note) =>
        new Promise((resolve) => {
          answer ??= () => resolve(cosign(key, parseNote(note)!.text, Math.floor(Date.now() / 1000)));
        }),
    };
    const disk = new FaultyDisk();
    const log = await WitnessLog.open(
      '/log',
      diskOptions(disk, { cosigners: [client], checkpointEvery: UNASKED, cosignWaitMs: 500 }),
    );
    await waitFor(() => answer);
    const told: number[] = [];
    log.onCheckpoint(({ size }) => told.push(size));
    await put(log, 'a').done;
    disk.plan = (_, what) => (what === 'rename checkpoint' ? 'fails' : null);
    await assert.rejects(log.checkpoint(), { code: 'WITNESS_NOT_SIGNED' });
    disk.plan = () => null;
    answer!();
    await waitFor(() => told.length > 0);
    const sizes = contentsOf('/log', disk).get('checkpoints')!.toString().match(/^\d+$/gm);
    assert.deepEqual(sizes, ['2', '3']);
    await log.close();
    await assertHonest(contentsOf('/log', disk));
  });

  it('covers its opening by itself when no message comes', async () => {
    const dir = tempDir('signing');
    const options = keptOptions(join(dir, 'state'), { checkpointEvery: { entries: 1000, ms: 20 } });
    const folder = join(dir, 'log');
    await (await WitnessLog.open(folder, options)).close();
    const again = await WitnessLog.open(folder, options);
    await waitFor(() => again.state().signedSize === again.state().size);
    await assertHonest(contentsOf(folder));
    await again.close();
  });

  describe('with a second location that hangs', () => {
    /** enough for a location that does not hang, on a busy machine too */
    const SIGN_MS = 300;
    let folder: string;
    let state: string;
    let hangs: boolean;
    let waiting: (() => void)[];
    const files: Files = {
      ...nodeFiles,
      rename: async (from, to) => {
        if (hangs && to.startsWith(state)) await new Promise<void>((resolve) => waiting.push(resolve));
        return nodeFiles.rename(from, to);
      },
    };
    const answer = (): void => {
      hangs = false;
      for (const go of waiting.splice(0)) go();
    };
    beforeEach(() => {
      const dir = tempDir('hangs');
      [folder, state, hangs, waiting] = [join(dir, 'log'), join(dir, 'state'), false, []];
    });

    it('gives up after its time, says what hangs, asks it once only, and signs when it answers', async () => {
      const every = { entries: 1000, ms: 10 };
      const log = await WitnessLog.open(
        folder,
        keptOptions(state, { files, signMs: SIGN_MS, checkpointEvery: every }),
      );
      const told: number[] = [];
      log.onCheckpoint(({ size }) => told.push(size));
      hangs = true;
      await put(log, 'a').done;
      const given = {
        code: 'WITNESS_NOT_SIGNED',
        message: /state, which remembers .* did not answer for 0\.3 s/,
      };
      for (let tries = 0; tries < 3; tries++) {
        await put(log, 'b').done;
        await assert.rejects(log.checkpoint(), given);
      }
      assert.equal(log.state().error?.code, 'WITNESS_NOT_SIGNED');
      assert.equal(log.state().state, 'open');
      assert.equal(waiting.length, 1);
      answer();
      await waitFor(() => log.state().signedSize === 6 && told.includes(6) && !log.state().error);
      assert.equal(new Set(told).size, told.length, 'each is told once');
      await log.close();
      await assertHonest(contentsOf(folder));
    });

    it('is closed in time, and lets the next one in', async () => {
      const log = await WitnessLog.open(
        folder,
        keptOptions(state, { files, signMs: SIGN_MS, checkpointEvery: UNASKED }),
      );
      hangs = true;
      await put(log, 'a').done;
      await assert.rejects(log.close(), { code: 'WITNESS_NOT_SIGNED' });
      const next = await WitnessLog.open(folder, keptOptions(state, { checkpointEvery: UNASKED }));
      await put(next, 'b').done;
      await next.checkpoint();
      answer();
      await put(next, 'c').done;
      await next.close();
      const { total_events: entries } = await assertHonest(contentsOf(folder));
      // genesis, open, a, stats, close; open, b, c, stats, close
      assert.equal(entries, 10);
    });
  });
});
