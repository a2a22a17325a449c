// The parts of the witness log's writer that know no disk, and the proofs it reads from one.
import assert from 'node:assert/strict';
import { LiveError, fail } from '../../lib/errors';
import { checkpointText } from '../../lib/witness/checkpoint';
import { signNote } from '../../lib/witness/note';
import { signerOf } from '../../lib/witness/keys';
import { Chain, emptyChain } from '../../lib/witness/store/chain';
import { Retry, isForGood, refusal, shortly } from '../../lib/witness/store/failure';
import { judge, isDamaged } from '../../lib/witness/store/judge';
import { Losses } from '../../lib/witness/store/losses';
import { signedBy } from '../../lib/witness/store/notes';
import { settings } from '../../lib/witness/store/options';
import { type Milestone, proofFrom } from '../../lib/witness/store/proofs';
import { scan } from '../../lib/witness/store/scan';
import { segmentsIn } from '../../lib/witness/store/segment-files';
import { Signing } from '../../lib/witness/store/signing';
import { CompactRange, consistencyProof, subtreesOf } from '../../lib/witness/tree';
import { FaultyDisk, loops, waitFor, writtenLog } from '../support';
import { ORIGIN, keptOptions } from '../support/kept-log';

const gapOf = (losses: Losses, seq: number): unknown => {
  const told = losses.tell(seq);
  return told && JSON.parse(told.entry.data);
};

describe('what a witness log could not record', () => {
  it('is counted until it is told, from the first to the last', () => {
    const losses = new Losses();
    assert.equal(losses.tell(5), null);
    losses.add({ t: 'b', reason: 'full' });
    losses.add({ t: 'c', reason: 'slow' });
    losses.addEarlier([{ t: 'a', reason: 'broken' }]);
    assert.equal(losses.count, 3);
    assert.deepEqual(gapOf(losses, 7), { count: 3, first: 'a', last: 'c', reason: 'broken' });
    assert.equal(losses.count, 0);
  });

  it('is told once more when the entry that told it is not there, and only then', () => {
    for (const [there, left] of [
      [7, 2],
      [8, 0],
    ] as const) {
      const losses = new Losses();
      losses.add({ t: 'a', reason: 'full' });
      losses.add({ t: 'b', reason: 'full' });
      losses.tell(7);
      losses.onlyThere(there);
      assert.equal(losses.count, left);
    }
    const losses = new Losses();
    losses.add({ t: 'a', reason: 'full' });
    losses.tell(7);
    losses.safe(8);
    losses.onlyThere(0);
    assert.equal(losses.count, 0, 'what is signed is told for good');
  });
});

describe('a failure of the witness log', () => {
  it('is tried again after 1 s, twice as long each time, up to 30 s', () => {
    const { reopenAfterMs } = settings(keptOptions('/state', { reopenAfterMs: undefined }));
    assert.deepEqual(
      [1, 2, 3, 4, 5, 6, 7, 50].map(reopenAfterMs),
      [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000],
    );
  });

  it('goes on until a try works, and counts from one again', async () => {
    const waits: number[] = [];
    let works = 0;
    const retry = new Retry(
      () => Promise.resolve(++works % 4 === 0),
      (attempt) => (waits.push(attempt), 1),
    );
    retry.begin();
    await waitFor(() => works === 4, { intervalMs: 1 });
    retry.begin();
    await waitFor(() => works === 8, { intervalMs: 1 });
    assert.deepEqual(waits, [1, 2, 3, 4, 1, 2, 3, 4]);
    retry.begin();
    retry.stop();
  });

  it('says in few words why, without a path of this computer', () => {
    const full = fail('DURABLE_WRITE_FAILED', { path: '/srv/show/log', reason: 'the disk is full' });
    const refused = refusal('/srv/show', full);
    assert.equal(refused.code, 'WITNESS_NOT_WRITABLE');
    assert.equal(shortly(refused), 'the disk is full');
    const other = fail('DURABLE_OTHER_WRITER', { path: '/srv/show/log', expected: 1, found: 2 });
    assert.ok(isForGood(other) && !isForGood(full));
    assert.equal(refusal('/srv/show', other).code, 'WITNESS_STOPPED');
    for (const code of ['WITNESS_BUSY', 'WITNESS_FULL', 'DURABLE_REMOVED', 'WITNESS_MISREAD'] as const)
      assert.doesNotMatch(shortly(fail(code, { folder: '/srv/show', path: '/srv/show' })), /srv|_/);
  });
});

describe('when the witness log signs', () => {
  it('does one at a time, and who comes meanwhile shares the next', async () => {
    let running = 0;
    let done = 0;
    const signing = new Signing(
      async () => {
        assert.equal(++running, 1);
        await new Promise((soon) => setTimeout(soon, 2));
        running -= 1;
        return ++done;
      },
      { entries: 10, ms: 1e6 },
      () => false,
    );
    const first = signing.now();
    const rest = await Promise.all([signing.now(), signing.now(), signing.now()]);
    assert.deepEqual([await first, ...rest], [1, 2, 2, 2]);
  });

  it('goes on after one that failed, and tries unasked after its time', async () => {
    let tries = 0;
    const signing = new Signing(
      () => (++tries < 3 ? Promise.reject(new Error('no')) : Promise.resolve(tries)),
      { entries: 1e6, ms: 1 },
      () => false,
    );
    await assert.rejects(signing.now());
    signing.grown(1);
    await waitFor(() => tries >= 3, { intervalMs: 1 });
    signing.stop();
  });

  it('waits unasked as long as it is told to', async () => {
    let busy = true;
    let signed = 0;
    const signing = new Signing(
      () => Promise.resolve(++signed),
      { entries: 2, ms: 1e6 },
      () => busy,
    );
    for (let size = 1; size < 9; size++) signing.grown(size);
    await new Promise((soon) => setImmediate(soon));
    assert.equal(signed, 0);
    assert.equal(await signing.now(), 1, 'whoever asks is served');
    busy = false;
    signing.free();
    await waitFor(() => signed === 2, { intervalMs: 1 });
  });
});

describe('the chain of a witness log', () => {
  it('numbers, times and links whatever the clocks say, and makes nothing of what is too long', () => {
    const chain = new Chain(
      emptyChain(),
      () => NaN,
      () => -1,
    );
    const a = chain.next('message', '1', '{}');
    assert.throws(() => chain.next('message', JSON.stringify('x'.repeat(66_000)), '{}'), LiveError);
    const b = chain.next('message', '2', '{}');
    assert.deepEqual([a.seq, b.seq, chain.size], [0, 1, 2]);
    assert.ok(b.bytes.toString().includes(`"prev":"${a.hash}"`));
    assert.ok(b.bytes.toString().endsWith('}\n'));
    assert.equal(chain.hashOf(1), b.hash);
    chain.forget(1);
    assert.equal(chain.hashOf(0), undefined);
    assert.equal(chain.hashOf(1), b.hash);
    assert.deepEqual(chain.counts.all, { message: 2 });
  });
});

describe('a folder measured by what was signed', () => {
  const written = writtenLog(
    Array.from({ length: 20 }, (_, at) => ({ type: 'message', data: at })),
    { origin: ORIGIN, segment: 7, signedAt: [5, 12, 20] },
  );
  const disk = (): FaultyDisk => {
    const made = new FaultyDisk();
    for (const [name, bytes] of written.files) made.put(`/log/${name}`, bytes);
    return made;
  };
  const notes = written.notes.map((note) => signedBy(written.signer.verifier, note)!);

  it('is sound, or an older one, or damaged; what is behind the last signature does not matter', async () => {
    for (const sign of notes) {
      for (const lines of [written.lines.length, sign.size, sign.size - 1, 3]) {
        const cut = new FaultyDisk();
        for (let at = 0; at < lines; at += 7) {
          const part = written.lines.slice(at, Math.min(at + 7, lines)).map((line) => `${line.toString()}\n`);
          cut.put(`/log/${String(at).padStart(12, '0')}.jsonl`, Buffer.from(part.join('')));
        }
        const found = await scan('/log', { files: cut, signed: sign.size, rootsAt: [sign.size] });
        assert.equal(judge(found, [sign]).sound, lines >= sign.size);
        assert.equal(isDamaged(found, sign.size), false);
      }
    }
  });

  it('is damaged by any changed byte that is signed, in whatever line', async () => {
    const last = notes.at(-1)!;
    for (let round = 0; round < loops(300, 30); round++) {
      const hurt = disk();
      const [name, bytes] = [...written.files].filter(([one]) => one.endsWith('.jsonl'))[round % 3]!;
      const changed = Buffer.from(bytes);
      // without its very last line break the folder is one that breaks off
      const at = Math.floor(Math.random() * (changed.length - 1));
      changed[at] = changed[at]! ^ (1 << Math.floor(Math.random() * 8));
      hurt.put(`/log/${name}`, changed);
      const options = { files: hurt, rootsAt: [last.size] };
      assert.equal(judge(await scan('/log', { ...options, signed: last.size }), [last]).sound, false);
      assert.ok(isDamaged(await scan('/log', { ...options, signed: 0 }), last.size), `byte ${at} of ${name}`);
    }
  });

  it('takes no note of another key or name for its own', () => {
    const { verifier } = written.signer;
    const root = Buffer.alloc(32);
    const note = (origin: string, seed: number): string =>
      signNote(checkpointText({ origin, size: 1, root }), signerOf(origin, Buffer.alloc(32, seed)));
    assert.equal(signedBy(verifier, note(ORIGIN, 8)), null);
    assert.equal(signedBy(verifier, note('other', 7)), null);
    assert.equal(signedBy(verifier, 'x'), null);
    assert.equal(signedBy(verifier, null), null);
    assert.equal(signedBy(verifier, note(ORIGIN, 7))?.size, 1);
  });

  it('gives the proof from any size to any other, with and without a tree to begin from', async () => {
    const files = disk();
    const segments = await segmentsIn('/log', files);
    const subtree = subtreesOf(written.hashes);
    const total = written.lines.length;
    for (let before = 0; before <= total; before++) {
      const range = new CompactRange();
      for (const hash of written.hashes.slice(0, before)) range.push(hash);
      const { end } = await scan('/log', { files: cutAt(before), signed: 0, rootsAt: [] });
      const milestone: Milestone = { range, place: end };
      for (let size = Math.max(1, before); size <= total; size++) {
        const right = before === 0 || before === size ? [] : consistencyProof(before, size, subtree);
        for (const from of [null, milestone])
          assert.deepEqual(
            await proofFrom(before, size, from, segments, files),
            right,
            `${before} to ${size}`,
          );
      }
    }
    await assert.rejects(proofFrom(3, total + 5, null, segments, files), { code: 'WITNESS_UNREADABLE' });
  });

  /** The folder as it was with so many entries. */
  function cutAt(size: number): FaultyDisk {
    const made = new FaultyDisk();
    for (let at = 0; at < size; at += 7)
      made.put(
        `/log/${String(at).padStart(12, '0')}.jsonl`,
        Buffer.from(
          written.lines
            .slice(at, Math.min(at + 7, size))
            .map((line) => `${line.toString()}\n`)
            .join(''),
        ),
      );
    return made;
  }
});
