// The log and its cosigners: none of them ever holds up a message, a checkpoint or the end of a show.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectMessage } from '../../lib/witness/project';
import { httpCosigner } from '../../lib/witness/cosign/client';
import { cosign } from '../../lib/witness/cosign/cosignature';
import { CosignListener } from '../../lib/witness/cosign/listener';
import { quorumOf } from '../../lib/witness/cosign/quorum';
import { CosignerService } from '../../lib/witness/cosign/service';
import type { CosignerClient } from '../../lib/witness/cosign/types';
import { CHECKPOINT_FILE, HISTORY_FILE } from '../../lib/witness/format';
import { KEY_TYPES, signerOf } from '../../lib/witness/keys';
import { parseNote } from '../../lib/witness/note';
import { WitnessLog, type CheckpointTold, type WitnessLogOptions } from '../../lib/witness/store/log';
import { verifyFolder } from '../../lib/witness/verify';
import { freePort, loops, tempDir, waitFor } from '../support';

const ORIGIN = 'studio.example/live-witness/main';
const signer = signerOf(ORIGIN, Buffer.alloc(32, 7));

/** A log in a folder of its own, or in this one again. */
async function open(options: Partial<WitnessLogOptions> & { folder?: string } = {}) {
  const { folder = join(tempDir('cosign-log'), 'log'), ...more } = options;
  const stateFolder = `${folder}-state`;
  const log = await WitnessLog.open(folder, {
    origin: ORIGIN,
    signer,
    stateFolder,
    software: 'test 1.0.0',
    ...more,
  });
  const told: CheckpointTold[] = [];
  log.onCheckpoint((one) => told.push(one));
  return { log, told, folder };
}

const put = (log: WitnessLog, payload: unknown = 1) =>
  log.append('message', projectMessage({ payload }), '{}').done;

const namesOn = (note: string): string[] => parseNote(note)!.signatures.map(({ name }) => name);

/** Signs after `ms`, or never. */
function cosigner(name: string, ms: number | null): CosignerClient & { asked: number[]; ms: number | null } {
  const own = signerOf(name, Buffer.alloc(32, name.length), KEY_TYPES.cosigner);
  return {
    name,
    vkey: own.verifier.text,
    asked: [],
    ms,
    cosign(note, size, _proof, signal) {
      this.asked.push(size);
      const wait = this.ms;
      return new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('gave up')));
        const line = cosign(own, parseNote(note)!.text, Math.floor(Date.now() / 1000));
        if (wait !== null) setTimeout(() => resolve(line), wait);
      });
    },
  };
}

describe('the log and its cosigners', () => {
  it('what they sign is in the folder, and vouches for the log when it is verified', async () => {
    const outside = signerOf('one.example', Buffer.alloc(32, 11), KEY_TYPES.cosigner);
    const service = await CosignerService.open({
      signer: outside,
      logs: [signer.verifier.text],
      stateFolder: tempDir('cosign-log'),
    });
    const listener = await CosignListener.open(service, { port: 0 });
    const { vkey } = service;
    const url = `http://127.0.0.1:${listener.port}`;
    const away = signerOf('away.example', Buffer.alloc(32, 12), KEY_TYPES.cosigner).verifier.text;
    const nobody = `http://127.0.0.1:${await freePort()}`;
    const clients = () => [httpCosigner({ url, vkey }), httpCosigner({ url: nobody, vkey: away })];
    let at: Partial<WitnessLogOptions> & { folder?: string } = {};
    try {
      // opened again and again: the proof begins where the cosigner was the last time
      for (let show = 0; show < 4; show++) {
        const { log, told, folder } = await open({ ...at, cosigners: clients(), segmentBytes: 4000 });
        at = { folder };
        for (let message = 0; message < 30; message++) void put(log, message);
        await log.checkpoint();
        await waitFor(() => told.some(({ size }) => size === log.state().signedSize));
        const judged = quorumOf(log.state().cosigners, 1);
        assert.deepEqual([judged.have, judged.of, judged.met, judged.alarm], [1, 2, true, false]);
        assert.match(judged.sentence, /away\.example is missing since \S+: .*nothing listens there/);
        await log.close();
        assert.deepEqual(told.at(-1)!.cosignedBy, ['one.example']);
        assert.equal(readFileSync(join(folder, CHECKPOINT_FILE), 'utf8'), told.at(-1)!.note);
      }
      const verified = await verifyFolder(at.folder!, {
        vkeys: [signer.verifier.text],
        cosigners: [vkey, away],
        quorum: 1,
      });
      assert.deepEqual(
        [verified.verdict, verified.cosigned_size, verified.cosigned_by],
        ['valid', verified.total_events, ['one.example']],
        verified.sentence,
      );
      assert.equal(service.logs()[0]!.size, verified.total_events);
    } finally {
      await listener.close();
    }
  });

  it('one that never answers holds up no message, no checkpoint and no close', async () => {
    const dead = cosigner('dead.example', null);
    const good = cosigner('good.example', 1);
    const { log, told } = await open({
      cosigners: [dead, good],
      cosignWaitMs: 60_000,
      checkpointEvery: { entries: 20, ms: 60_000 },
    });
    const began = performance.now();
    let slowest = 0;
    for (let checkpoint = 0; checkpoint < 20; checkpoint++) {
      const start = performance.now();
      await Promise.all(Array.from({ length: 20 }, () => put(log)));
      slowest = Math.max(slowest, performance.now() - start);
      const { size } = log.state();
      await waitFor(() => log.state().signedSize >= size);
    }
    assert.ok(slowest < 1000, `a message took ${slowest} ms`);
    assert.ok(performance.now() - began < 10_000, '20 checkpoints');
    await waitFor(() => told.length > 15);
    assert.ok(told.every(({ missing }) => missing.includes('dead.example')));
    assert.ok(told.slice(1).every(({ cosignedBy }) => cosignedBy.includes('good.example')));
    assert.ok(dead.asked.length < 3, 'one request at a time');
    const closing = performance.now();
    await log.close();
    assert.ok(performance.now() - closing < 4000);
    assert.ok(
      told.every(({ size }, at) => at === 0 || size > told[at - 1]!.size),
      'told in order',
    );
  });

  it('one that has seen another history is told at once, and once', async () => {
    const outside = signerOf('one.example', Buffer.alloc(32, 11), KEY_TYPES.cosigner);
    const logs = [signer.verifier.text];
    const service = await CosignerService.open({ signer: outside, logs, stateFolder: tempDir('cosign-log') });
    const listener = await CosignListener.open(service, { port: 0 });
    const { vkey } = service;
    const cosigners = () => [httpCosigner({ url: `http://127.0.0.1:${listener.port}`, vkey })];
    try {
      const first = await open({ cosigners: cosigners() });
      for (let entry = 0; entry < 20; entry++) void put(first.log);
      await first.log.close();
      // the same name and key, begun anew in another place
      const second = await open({ cosigners: cosigners() });
      await waitFor(() => second.log.state().notices.length > 0);
      for (let entry = 0; entry < 30; entry++) void put(second.log, 'forged');
      await second.log.checkpoint();
      await second.log.checkpoint();
      await second.log.close();
      const codes = second.log.state().notices.map(({ code }) => code);
      assert.deepEqual(codes, ['WITNESS_COSIGNER_AHEAD', 'WITNESS_COSIGNER_REFUSED']);
      assert.ok(quorumOf(second.log.state().cosigners, 1).alarm);
      assert.ok(!namesOn(readFileSync(join(second.folder, CHECKPOINT_FILE), 'utf8')).includes('one.example'));
    } finally {
      await listener.close();
    }
  });

  it('the entry that makes a checkpoint due is under it', async () => {
    const { log } = await open({ checkpointEvery: { entries: 5, ms: 60_000 } });
    const { size } = log.state();
    for (let entry = 0; entry < 5; entry++) void put(log);
    await waitFor(() => log.state().signedSize > size);
    assert.equal(log.state().signedSize, size + 5);
    await log.close();
  });

  it('one that answers slowly is waited for, at the end too, and its signature is kept', async () => {
    const { log, told, folder } = await open({ cosigners: [cosigner('slow.example', 300)] });
    await put(log);
    await log.checkpoint();
    await waitFor(() => told.length === 2);
    await put(log);
    await log.close();
    assert.equal(told.length, 3);
    const note = readFileSync(join(folder, CHECKPOINT_FILE), 'utf8');
    assert.deepEqual(namesOn(note), [ORIGIN, 'slow.example']);
    assert.equal(told.at(-1)!.note, note);
    // the next writer finds everything as it was left
    const again = await open({ folder });
    await again.log.close();
    assert.deepEqual(again.log.state().notices, []);
    const { verdict } = await verifyFolder(folder, { vkeys: [signer.verifier.text] });
    assert.equal(verdict, 'valid');
  });

  it('one that comes back is noticed with the next checkpoint', async () => {
    const some = cosigner('some.example', 1);
    const { log, told } = await open({ cosigners: [some], cosignWaitMs: 100 });
    const next = async () => {
      await put(log);
      await log.checkpoint();
      await waitFor(() => told.at(-1)?.size === log.state().signedSize);
      return told.at(-1)!.cosignedBy.length;
    };
    assert.equal(await next(), 1);
    some.ms = null;
    assert.equal(await next(), 0);
    assert.equal(await next(), 0);
    some.ms = 20;
    assert.equal(await next(), 1);
    assert.equal(log.state().cosigners[0]!.ok, true);
    await log.close();
  });

  it('checkpoints asked for at once, with answers that come whenever they like, leave the newest on the disk', async function () {
    this.timeout(60_000);
    for (let round = 0; round < loops(20, 3); round++) {
      const fast = cosigner('fast.example', 0);
      const { log, folder } = await open({ cosigners: [fast] });
      await Promise.all(
        Array.from({ length: 40 }, async (_, at) => {
          fast.ms = at % 7;
          await put(log);
          await log.checkpoint();
        }),
      );
      await log.close();
      const newest = Number(readFileSync(join(folder, CHECKPOINT_FILE), 'utf8').split('\n')[1]);
      const sizes = readFileSync(join(folder, HISTORY_FILE), 'utf8')
        .split(`${ORIGIN}\n`)
        .slice(1)
        .filter((_, at, all) => at < all.length)
        .map((part) => Number(part.split('\n')[0]))
        .filter((size) => Number.isInteger(size) && size > 0);
      assert.equal(newest, Math.max(...sizes));
      assert.deepEqual(
        sizes,
        [...sizes].sort((a, b) => a - b),
        'history only grows',
      );
      assert.equal(newest, log.state().size);
    }
  });
});
