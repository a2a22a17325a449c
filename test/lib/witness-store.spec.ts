// The witness log is written: what is acknowledged is there, in order, linked, counted and signed.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { generateSeed, signerOf } from '../../lib/witness/keys';
import { project } from '../../lib/witness/project';
import { type CheckpointTold, WitnessLog } from '../../lib/witness/store/log';
import { tempDir, waitFor } from '../support';
import {
  ORIGIN,
  VKEY,
  assertHonest,
  contentsOf,
  entriesIn,
  keptOptions,
  missingIn,
  put,
} from '../support/kept-log';

const typesIn = (folder: string): string[] => entriesIn(contentsOf(folder)).map(({ type }) => type);

describe('a witness log', () => {
  let folder: string;
  let state: string;
  let log: WitnessLog | null;
  const open = async (options: Parameters<typeof keptOptions>[1] = {}): Promise<WitnessLog> =>
    (log = await WitnessLog.open(folder, keptOptions(state, options)));

  beforeEach(() => {
    const place = tempDir('witness');
    folder = join(place, 'log');
    state = join(place, 'state');
    log = null;
  });
  afterEach(() => log?.close().catch(() => undefined));

  it('holds what was put into it, signed to its end, and says how it began and ended', async () => {
    await open();
    const first = put(log!, 'a', 'stream_started');
    assert.equal(first.seq, 2);
    assert.equal(first.size, 3);
    await first.done;
    const second = put(log!, 'b');
    await second.done;
    assert.deepEqual(
      entriesIn(contentsOf(folder))
        .slice(2)
        .map(({ hash }) => hash),
      [first.hash, second.hash],
    );
    await log!.close();
    const { counts, closed } = await assertHonest(contentsOf(folder));
    assert.ok(closed);
    assert.equal(counts.stream_started, 1);
    assert.deepEqual(typesIn(folder), [
      'log.genesis',
      'log.open',
      'stream_started',
      'message',
      'log.stats',
      'log.close',
    ]);
    await open();
    await log!.close();
    const entries = entriesIn(contentsOf(folder));
    assert.deepEqual((entries[6]!.data as { previous: string }).previous, 'closed');
    await assertHonest(contentsOf(folder));
  });

  it('keeps the order of 1,000 entries put in at once by many, and acknowledges each', async () => {
    await open();
    const put1000 = Array.from({ length: 1000 }, (_, at) => put(log!, at, `of.${at % 7}`));
    await Promise.all(put1000.map(({ done }) => done));
    const there = entriesIn(contentsOf(folder)).slice(2);
    assert.deepEqual(
      there.map(({ hash, data }) => [hash, (data as { payload: number }).payload]),
      put1000.map(({ hash }, at) => [hash, at]),
    );
    await log!.close();
    await assertHonest(contentsOf(folder));
  });

  it('begins a new file when one is large enough, writes the counts before, and signs it', async () => {
    await open({ segmentBytes: 20_000 });
    for (let at = 0; at < 100; at++) await put(log!, 'x'.repeat(800)).done;
    await log!.close();
    const files = [...contentsOf(folder)].filter(([name]) => name.endsWith('.jsonl'));
    assert.ok(files.length >= 5, `${files.length} files`);
    for (const [, bytes] of files) assert.ok(bytes.length <= 20_500, `${bytes.length}`);
    const stats = typesIn(folder).filter((type) => type === 'log.stats');
    assert.equal(stats.length, files.length);
    await assertHonest(contentsOf(folder));
    await open({ segmentBytes: 20_000 });
    await put(log!, 'on').done;
    await log!.close();
    await assertHonest(contentsOf(folder));
  });

  it('goes on while a new file is begun: nothing is lost or out of order', async () => {
    await open({ segmentBytes: 5000 });
    const all = Array.from({ length: 300 }, (_, at) => put(log!, `${at} ${'x'.repeat(at % 50)}`));
    await Promise.all(all.map(({ done }) => done));
    await log!.flush();
    const hashes = new Set(entriesIn(contentsOf(folder)).map(({ hash }) => hash));
    assert.ok(all.every(({ hash }) => hashes.has(hash)));
    await log!.close();
    await assertHonest(contentsOf(folder));
  });

  describe('signing', () => {
    it('covers all that is there, once; each checkpoint is told once and stands in the history', async () => {
      await open();
      const told: CheckpointTold[] = [];
      log!.onCheckpoint((one) => told.push(one));
      put(log!, 1);
      put(log!, 2);
      const note = await log!.checkpoint();
      assert.equal(note.split('\n')[1], '4');
      assert.equal(await log!.checkpoint(), note);
      assert.equal(readFileSync(join(folder, 'checkpoint'), 'utf8'), note);
      put(log!, 3);
      const [a, b] = await Promise.all([log!.checkpoint(), log!.checkpoint()]);
      assert.equal(a, b);
      await waitFor(() => told.length === 2);
      assert.deepEqual(
        told.map(({ size }) => size),
        [4, 5],
      );
      assert.equal(log!.state().signedSize, 5);
      const report = await assertHonest(contentsOf(folder));
      assert.equal(report.signed_size, 5);
      const history = readFileSync(join(folder, 'checkpoints'), 'utf8');
      assert.ok(history.endsWith(`${note}\n${a}\n`));
    });

    it('comes by itself after so many entries, and so long after the first new one', async () => {
      await open({ checkpointEvery: { entries: 10, ms: 1e6 } });
      for (let at = 0; at < 25; at++) put(log!, at);
      await waitFor(() => log!.state().signedSize >= 12);
      await log!.close();
      await open({ checkpointEvery: { entries: 1e6, ms: 20 } });
      put(log!, 'late');
      await waitFor(() => log!.state().signedSize === log!.state().size);
      await assertHonest(contentsOf(folder));
    });

    it('asks nobody and tells nothing when nothing is new', async () => {
      await open({ checkpointEvery: { entries: 1, ms: 1 } });
      put(log!, 1);
      await log!.checkpoint();
      let count = 0;
      log!.onCheckpoint(() => count++);
      for (let at = 0; at < 5; at++) await log!.checkpoint();
      assert.equal(count, 0);
    });
  });

  describe('durability', () => {
    for (const durability of ['group', 'os', 'async'] as const)
      it(`${durability}: acknowledged, written and signed`, async () => {
        await open({ durability });
        const all = Array.from({ length: 200 }, (_, at) => put(log!, at));
        await Promise.all(all.map(({ done }) => done));
        if (durability !== 'async') assert.equal(entriesIn(contentsOf(folder)).length, 202);
        await log!.flush();
        assert.equal(entriesIn(contentsOf(folder)).length, 202);
        await log!.close();
        await assertHonest(contentsOf(folder));
      });
  });

  describe('limits', () => {
    it('refuses what does not fit into the queue, counts it, and tells the gap once there is room', async () => {
      await open({ mostWaiting: { entries: 10, bytes: 10 * 2 ** 20 } });
      let taken = 0;
      let refused = 0;
      const all: Promise<void>[] = [];
      for (let at = 0; at < 30; at++)
        try {
          all.push(put(log!, at).done);
          taken += 1;
        } catch (error) {
          assert.equal((error as { code: string }).code, 'WITNESS_BUSY');
          refused += 1;
        }
      assert.equal(taken, 10);
      assert.equal(log!.state().lost, refused);
      assert.equal(log!.state().error?.code, 'WITNESS_BUSY');
      await Promise.all(all);
      await put(log!, 'after').done;
      assert.deepEqual(typesIn(folder).slice(-2), ['log.gap', 'message']);
      assert.equal(missingIn(contentsOf(folder)), 20);
      assert.equal(log!.state().lost, 0);
      assert.equal(log!.state().error, null);
      assert.equal(log!.state().notices.at(-1)?.code, 'WITNESS_GAP');
    });

    it('tells what was refused last with the next checkpoint, though nothing more comes', async () => {
      await open({
        mostWaiting: { entries: 5, bytes: 10 * 2 ** 20 },
        checkpointEvery: { entries: 1e6, ms: 20 },
      });
      for (let at = 0; at < 9; at++)
        try {
          put(log!, at).done.catch(() => undefined);
        } catch {
          // refused
        }
      await waitFor(() => missingIn(contentsOf(folder)) === 4);
      await waitFor(() => log!.state().signedSize === log!.state().size);
      await assertHonest(contentsOf(folder));
    });

    it('stops at its size, says so once, and its end tells how much is missing', async () => {
      await open({ mostBytes: 5000 });
      const states: (string | undefined)[] = [];
      log!.onState(({ error }) => states.push(error?.code));
      let refused = 0;
      for (let at = 0; at < 20; at++)
        try {
          await put(log!, 'x'.repeat(500)).done;
        } catch (error) {
          assert.equal((error as { code: string }).code, 'WITNESS_FULL');
          refused += 1;
        }
      assert.ok(refused > 5 && refused < 20);
      assert.deepEqual(states, ['WITNESS_FULL']);
      await log!.close();
      assert.equal(missingIn(contentsOf(folder)), refused);
      await assertHonest(contentsOf(folder));
    });

    it('refuses what is longer than any line, and counts that', async () => {
      await open();
      assert.throws(() => put(log!, 'x'.repeat(70_000)), { code: 'WITNESS_TOO_LARGE' });
      await log!.close();
      assert.equal(missingIn(contentsOf(folder)), 1);
    });

    it('counts no types any more when there are too many of them', async () => {
      await open();
      for (let at = 0; at < 600; at++) put(log!, at, `sensor.${at}`);
      await log!.close();
      assert.ok(!typesIn(folder).includes('log.stats'));
      await assertHonest(contentsOf(folder));
      await open();
      await log!.close();
      await assertHonest(contentsOf(folder));
    });
  });

  describe('clocks', () => {
    it('may jump, or say nothing: the order is kept', async () => {
      const says = [1.7e12, 1.6e12, NaN, Infinity, -5, 1e300, 1.8e12, 0];
      let at = 0;
      await open({ now: () => says[at++ % says.length]! });
      const all = Array.from({ length: 40 }, (_, one) => put(log!, one));
      await Promise.all(all.map(({ done }) => done));
      await log!.close();
      const { counts, problems } = await assertHonest(contentsOf(folder));
      assert.equal(counts.message, 40);
      assert.ok(problems.some(({ code }) => code === 'CLOCK_JUMP'));
      const monos = entriesIn(contentsOf(folder)).map(({ mono }) => mono);
      assert.deepEqual(
        monos,
        [...monos].sort((a, b) => a - b),
      );
    });

    it('a monotonic clock that is none does not stop it either', async () => {
      await open({ monotonic: () => NaN });
      await put(log!, 1).done;
      await log!.close();
      await assertHonest(contentsOf(folder));
    });
  });

  describe('who may open it', () => {
    it('one at a time in a process', async () => {
      await open();
      await assert.rejects(WitnessLog.open(folder, keptOptions(state)), { code: 'DURABLE_LOCKED' });
      await log!.close();
      await open();
    });

    it('also by another name of the folder', async () => {
      await open();
      const other = join(tempDir('link'), 'link');
      symlinkSync(folder, other);
      await assert.rejects(WitnessLog.open(other, keptOptions(state)), { code: 'DURABLE_LOCKED' });
    });

    it('nobody with a key of another name, or with the second location inside', async () => {
      const other = signerOf('other', generateSeed());
      await assert.rejects(WitnessLog.open(folder, { ...keptOptions(state), signer: other }), {
        code: 'CONFIG_INVALID',
      });
      await assert.rejects(WitnessLog.open(folder, keptOptions(join(folder, 'state'))), {
        code: 'CONFIG_INVALID',
      });
      mkdirSync(folder);
      const link = join(tempDir('inside'), 'link');
      symlinkSync(folder, link);
      await assert.rejects(WitnessLog.open(folder, keptOptions(join(link, 'state'))), {
        code: 'CONFIG_INVALID',
      });
    });

    it('not where a folder cannot be made', async () => {
      await assert.rejects(WitnessLog.open('/proc/none/log', keptOptions(state)), (error: Error) => {
        assert.match(error.message, /could not be opened/);
        return true;
      });
    });
  });

  it('closes once, tells it, and takes nothing more', async () => {
    await open();
    const states: string[] = [];
    log!.onState(({ state }) => states.push(state));
    put(log!, 1).done.catch(() => undefined);
    await Promise.all([log!.close(), log!.close()]);
    assert.equal(states.at(-1), 'closed');
    assert.throws(() => put(log!, 2), { code: 'WITNESS_CLOSED' });
    await assert.rejects(log!.checkpoint(), { code: 'WITNESS_CLOSED' });
    await log!.close();
    await assertHonest(contentsOf(folder));
  });

  it('closes quickly with 10,000 entries waiting, all of them on the disk and signed', async () => {
    await open();
    const data = project({ payload: 'x'.repeat(1000) });
    for (let at = 0; at < 9990; at++) log!.append('message', data, '{}');
    const begun = performance.now();
    await log!.close();
    assert.ok(performance.now() - begun < 10_000);
    const { total_events } = await assertHonest(contentsOf(folder));
    assert.equal(total_events, 9990 + 4);
  });

  it('takes no entry of the log’s own from outside, and no type that is none', async () => {
    await open();
    assert.throws(() => put(log!, 1, 'log.gap'), RangeError);
    assert.throws(() => put(log!, 1, 'No type'), RangeError);
    await put(log!, 1).done;
    await log!.close();
    await assertHonest(contentsOf(folder));
    assert.equal(log!.state().vkey, VKEY);
    assert.equal(log!.state().origin, ORIGIN);
  });

  it('has no secret of the key in any of its files', async () => {
    await open();
    put(log!, 1);
    await log!.close();
    const secret = Buffer.alloc(32, 7);
    for (const where of [folder, state])
      for (const [name, bytes] of contentsOf(where))
        for (const form of [secret.toString('hex'), secret.toString('base64'), secret.toString('latin1')])
          assert.ok(!bytes.toString('latin1').includes(form), name);
  });
});
