// A disk that fails in any call, dies in any call, or loses what was not synced: nothing acknowledged is lost, no honest log looks
// like a changed one, and what is missing is told to the last entry.
import assert from 'node:assert/strict';
import { WitnessLog, type WitnessLogOptions } from '../../lib/witness/store/log';
import { type Fault, FaultyDisk, type Survives, loops, waitFor } from '../support';
import {
  assertHonest,
  contentsOf,
  diskOptions,
  entriesIn,
  missingIn,
  put,
  verifyKept,
} from '../support/kept-log';

const SEGMENT = 2500;

/** What a run put into the log. */
interface Told {
  attempted: number;
  acknowledged: string[];
  /** every checkpoint that somebody was given */
  notes: string[];
}

const options = (disk: FaultyDisk): WitnessLogOptions =>
  diskOptions(disk, { segmentBytes: SEGMENT, checkpointEvery: { entries: 1e6, ms: 1e6 } });

/** Until it can be written again, or the disk is dead. */
async function ready(log: WitnessLog, disk: FaultyDisk): Promise<void> {
  await waitFor(() => disk.dead || log.state().state === 'open', { intervalMs: 1, timeoutMs: 5000 });
}

/** Open, append, sign, begin new files, close, open again: each step as far as it gets. */
async function life(disk: FaultyDisk, told: Told): Promise<void> {
  for (let start = 0; start < 2; start++) {
    const log = await WitnessLog.open('/log', options(disk)).catch(() => null);
    if (!log) continue;
    for (let group = 0; group < 4; group++) {
      await ready(log, disk);
      const all: Promise<void>[] = [];
      for (let at = 0; at < 3; at++) {
        told.attempted += 1;
        try {
          const { hash, done } = put(log, 'x'.repeat(150));
          all.push(done.then(() => void told.acknowledged.push(hash)));
        } catch {
          // refused: it is counted there too
        }
      }
      await Promise.allSettled(all);
      if (group % 2)
        await log.checkpoint().then(
          (note) => told.notes.push(note),
          () => undefined,
        );
    }
    await ready(log, disk);
    await log.close().catch(() => undefined);
    if (disk.dead) return;
  }
}

/** Nothing acknowledged is missing, and nobody would think that the log was changed. */
async function assertSafe(disk: FaultyDisk, told: Told, what: string): Promise<void> {
  const contents = contentsOf('/log', disk);
  assert.deepEqual(
    disk.list().filter((path) => path.startsWith('/log.')),
    [],
    `${what}: it goes on in the same folder`,
  );
  const there = new Set(entriesIn(contents).map(({ hash }) => hash));
  const lost = told.acknowledged.filter((hash) => !there.has(hash));
  assert.deepEqual(lost, [], `${what}: acknowledged and not there`);
  const report = await assertHonest(contents, { valid: false, what });
  for (const note of told.notes)
    assert.ok(Number(note.split('\n')[1]) <= report.total_events, `${what}: a checkpoint beyond the entries`);
}

/** Open it once more on a healthy disk, put one entry in and close: then it has to be valid. */
async function assertGoesOn(disk: FaultyDisk, told: Told, what: string): Promise<void> {
  const log = await WitnessLog.open('/log', options(disk));
  const odd = log.state().notices.filter(({ code }) => code !== 'WITNESS_RECOVERED');
  assert.deepEqual(odd, [], what);
  told.attempted += 1;
  const { hash, done } = put(log, 'after');
  await done;
  told.acknowledged.push(hash);
  told.notes.push(await log.checkpoint());
  await log.close();
  await assertSafe(disk, told, what);
  await assertHonest(contentsOf('/log', disk), { what });
}

/** Every call of an undisturbed life. */
async function callsOf(run: (disk: FaultyDisk) => Promise<void>): Promise<string[]> {
  const disk = new FaultyDisk();
  await run(disk);
  return disk.calls;
}

/** Some of the places where something can go wrong: all of them in the long form. */
function* places(calls: readonly string[], share: number): Generator<number> {
  const step = Math.max(1, Math.round(share / loops(10)));
  for (let at = Math.floor(Math.random() * step); at < calls.length; at += step) yield at;
}

const nothing = (): Told => ({ attempted: 0, acknowledged: [], notes: [] });

describe('a witness log on a disk that fails', () => {
  it('is valid after an undisturbed life', async () => {
    const disk = new FaultyDisk();
    const told = nothing();
    await life(disk, told);
    assert.equal(told.acknowledged.length, 24);
    await assertHonest(contentsOf('/log', disk));
    await assertGoesOn(disk, told, 'undisturbed');
  });

  for (const fault of ['fails', 'persists', 'short', 'full'] as const satisfies Fault[])
    it(`${fault}, in whichever call: goes on by itself, and tells exactly what is missing`, async function () {
      this.timeout(120_000);
      const calls = await callsOf((disk) => life(disk, nothing()));
      for (const at of places(calls, fault === 'fails' ? 20 : 30)) {
        if ((fault === 'short' || fault === 'full') && !calls[at]!.startsWith('write')) continue;
        const what = `${fault} in call ${at}, ${calls[at]}`;
        const disk = new FaultyDisk();
        const told = nothing();
        disk.plan = (call) => (call === at ? fault : null);
        await life(disk, told);
        await assertSafe(disk, told, what);
        const contents = contentsOf('/log', disk);
        const there = entriesIn(contents).filter(({ type }) => type === 'message').length;
        assert.equal(there + missingIn(contents), told.attempted, `${what}: counted`);
        // what a failed sync had left in the memory of the system only is on the disk by now
        disk.restart('nothing');
        await assertSafe(disk, told, `${what}, then the power goes`);
        await assertGoesOn(disk, told, what);
      }
    });

  for (const fault of ['dies', 'dies after'] as const satisfies Fault[])
    for (const survives of [undefined, 'nothing', 'something', 'everything'] as (Survives | undefined)[])
      it(`${fault} in whichever call, ${survives ? `and ${survives} unsynced survives` : 'as a killed process does'}`, async function () {
        this.timeout(120_000);
        const calls = await callsOf((disk) => life(disk, nothing()));
        for (const at of places(calls, 40)) {
          const what = `${fault} in call ${at}, ${calls[at]}, leaves ${survives ?? 'all'}`;
          const disk = new FaultyDisk();
          const told = nothing();
          disk.plan = (call) => (call === at ? fault : null);
          await life(disk, told);
          disk.restart(survives);
          await assertSafe(disk, told, what);
          await assertGoesOn(disk, told, what);
        }
      });

  it('recovers the same way however often it is killed while it does', async function () {
    this.timeout(120_000);
    for (let round = 0; round < loops(60, 6); round++) {
      const disk = new FaultyDisk();
      const told = nothing();
      const calls = await callsOf((one) => life(one, nothing()));
      const dies = Math.floor((0.3 + 0.7 * Math.random()) * calls.length);
      disk.plan = (call) => (call === dies ? 'dies' : null);
      await life(disk, told);
      disk.restart(round % 2 ? 'something' : undefined);
      // a line that a crash tore, whatever the dice said
      const name = disk
        .list()
        .filter((path) => path.endsWith('.jsonl'))
        .at(-1);
      if (name) disk.put(name, Buffer.concat([disk.look(name)!, Buffer.from('{"data":{"payl')]));
      for (let call = 0; ; call++) {
        const first = disk.calls.length;
        disk.plan = (now) => (now === first + call ? 'dies' : null);
        const log = await WitnessLog.open('/log', options(disk)).catch(() => null);
        const died = disk.dead;
        await log?.close().catch(() => undefined);
        disk.restart(call % 3 === 0 ? 'something' : undefined);
        await assertSafe(disk, told, `recovery killed in call ${call}`);
        if (log && !died) break;
      }
      await assertGoesOn(disk, told, 'recovered');
      const contents = contentsOf('/log', disk);
      const aside = [...contents.keys()].filter((one) => /^quarantine-.*jsonl/.test(one)).sort();
      const named = entriesIn(contents).flatMap(({ type, data }) =>
        type === 'log.recovered' ? [(data as { file: string }).file] : [],
      );
      assert.deepEqual([...new Set(named)].sort(), aside, 'each quarantine is told');
      assert.equal(named.length, aside.length, 'once');
    }
  });

  it('acknowledges nothing after a failed sync, signs nothing beyond it, and syncs that file no more', async () => {
    const disk = new FaultyDisk();
    const log = await WitnessLog.open('/log', { ...options(disk), reopenAfterMs: () => 1e6 });
    await put(log, 'safe').done;
    const signed = await log.checkpoint();
    const from = disk.calls.length;
    disk.plan = (_, what) => (what === 'sync 000000000000.jsonl' ? 'fails' : null);
    const doomed = [put(log, 1), put(log, 2)];
    for (const { done } of doomed) await assert.rejects(done, { code: 'DURABLE_WRITE_FAILED' });
    disk.plan = () => null;
    assert.throws(() => put(log, 3), { code: 'WITNESS_NOT_WRITABLE' });
    await assert.rejects(log.checkpoint(), { code: 'WITNESS_NOT_WRITABLE' });
    assert.equal(log.state().state, 'failed');
    assert.equal(log.state().lost, 1);
    assert.equal(disk.look('/log/checkpoint')!.toString(), signed);
    const after = disk.calls.slice(from).filter((call) => call.endsWith('.jsonl'));
    assert.deepEqual(
      after.filter((call) => /^(sync|write)/.test(call)),
      ['write 000000000000.jsonl', 'sync 000000000000.jsonl'],
    );
    await log.close();
    await assertHonest(contentsOf('/log', disk));
    // both lines were in the file, and were written anew before they were trusted
    assert.equal(missingIn(contentsOf('/log', disk)), 1);
    disk.restart('nothing');
    await assertHonest(contentsOf('/log', disk));
  });

  it('a disk that is full, and freed after a while: the gap has the exact count', async () => {
    const disk = new FaultyDisk();
    const log = await WitnessLog.open('/log', options(disk));
    await put(log, 'before').done;
    let full = true;
    disk.plan = () => (full ? 'full' : null);
    let refused = 0;
    const first = put(log, 'first').done.catch(() => (refused += 1));
    await first;
    for (let at = 0; at < 57; at++) {
      await new Promise((soon) => setTimeout(soon, at % 10 ? 0 : 2));
      assert.throws(() => put(log, at));
      refused += 1;
    }
    assert.equal(log.state().state, 'failed');
    assert.match(log.state().error!.message, /the disk is full/);
    full = false;
    await waitFor(() => log.state().state === 'open', { intervalMs: 2 });
    await put(log, 'after').done;
    assert.equal(missingIn(contentsOf('/log', disk)), refused);
    const gap = entriesIn(contentsOf('/log', disk)).find(({ type }) => type === 'log.gap')!;
    assert.match((gap.data as { reason: string }).reason, /the disk is full/);
    await log.close();
    await assertHonest(contentsOf('/log', disk));
  });

  it('a folder that can only be read for a while, or answers nothing at all: the same', async () => {
    for (const which of [/^(write|truncate|sync|rename|link|unlink|mkdir)/, /./]) {
      const disk = new FaultyDisk();
      const log = await WitnessLog.open('/log', options(disk));
      await put(log, 'before').done;
      disk.plan = (_, what) => (which.test(what) ? 'fails' : null);
      await assert.rejects(put(log, 'first').done);
      const tried = disk.calls.length;
      for (let at = 0; at < 20; at++) assert.throws(() => put(log, at), { code: 'WITNESS_NOT_WRITABLE' });
      await waitFor(() => disk.calls.length > tried + 20, { intervalMs: 1 });
      assert.throws(() => put(log, 'late'), { code: 'WITNESS_NOT_WRITABLE' });
      disk.plan = () => null;
      await waitFor(() => log.state().state === 'open', { intervalMs: 1 });
      await log.close();
      const contents = contentsOf('/log', disk);
      // one that was written, and whose sync failed, is there after all
      const there = entriesIn(contents).filter(({ type }) => type === 'message').length;
      assert.equal(there + missingIn(contents), 1 + 1 + 20 + 1);
      await assertHonest(contents);
    }
  });

  it('a second location that cannot be written: entries are taken, nothing is signed, and it says why', async () => {
    const disk = new FaultyDisk();
    const log = await WitnessLog.open('/log', options(disk));
    const before = log.state().signedSize;
    const folder = disk.open.bind(disk);
    disk.open = (path, use) =>
      path.startsWith('/state/') && use === 'create'
        ? Promise.reject(Object.assign(new Error('no'), { code: 'EROFS' }))
        : folder(path, use);
    await put(log, 1).done;
    await assert.rejects(log.checkpoint(), { code: 'WITNESS_NOT_SIGNED' });
    assert.equal(log.state().state, 'open');
    assert.equal(log.state().error?.code, 'WITNESS_NOT_SIGNED');
    assert.equal(log.state().signedSize, before);
    await put(log, 2).done;
    disk.open = folder;
    await log.checkpoint();
    assert.equal(log.state().error, null);
    await log.close();
    await assertHonest(contentsOf('/log', disk));
  });

  it('a bit that falls over on the disk is found before it is signed, and the entries behind it are kept aside', async () => {
    for (const last of [false, true]) {
      const disk = new FaultyDisk();
      const log = await WitnessLog.open('/log', options(disk));
      const notes = [await log.checkpoint()];
      const all = ['one', 'two', 'three'].map((one) => put(log, one));
      await Promise.all(all.map(({ done }) => done));
      const path = '/log/000000000000.jsonl';
      const bytes = disk.look(path)!;
      // 'one' or 'three' becomes another word: a line that still reads well
      const at = bytes.lastIndexOf(last ? 'three' : 'one');
      bytes[at] = bytes[at]! ^ 1;
      await assert.rejects(log.checkpoint(), { code: 'WITNESS_MISREAD' });
      await waitFor(() => log.state().state === 'open', { intervalMs: 1 });
      await put(log, 'after').done;
      await log.close();
      const contents = contentsOf('/log', disk);
      await assertHonest(contents);
      assert.equal(missingIn(contents), last ? 1 : 3);
      assert.equal(notes.length, 1);
      const payloads = entriesIn(contents).map(({ data }) => (data as { payload?: string }).payload);
      assert.ok(!payloads.some((payload) => payload && /^[^ot].*(ne|hree)$/.test(payload)));
    }
  });

  it('opens nothing on a disk that fails at the opening, and leaves nothing open', async () => {
    const calls = await callsOf(async (disk) => {
      await (await WitnessLog.open('/log', options(disk))).close();
    });
    for (const at of places(calls, 10)) {
      const disk = new FaultyDisk();
      disk.plan = (call) => (call === at ? 'fails' : null);
      const log = await WitnessLog.open('/log', options(disk)).catch(() => null);
      await log?.close().catch(() => undefined);
      disk.plan = () => null;
      const again = await WitnessLog.open('/log', options(disk));
      await again.close();
      assert.equal((await verifyKept(contentsOf('/log', disk))).verdict, 'valid', calls[at]);
    }
  });
});
