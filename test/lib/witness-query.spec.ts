// Entries found again: by type, time and number, in memory that does not grow with the log.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { folderOf } from '../../lib/witness/folder';
import { segmentName } from '../../lib/witness/format';
import { checkFilter, readEntries, type EntryFilter } from '../../lib/witness/query';
import { leavesOf, readLines } from '../../lib/witness/read';
import { copyOf, victim, withLines } from '../support/attacks';
import { writtenLog } from '../support/written-log';

const types = [
  'stream_started',
  'scene_changed',
  'scene_changed',
  'stream_stopped',
  'health_alert',
  'stream.x',
];
const log = writtenLog(
  types.map((type, at) => ({ type, data: { payload: at } })),
  { segment: 4 },
);
const folder = folderOf(log.files);
/** numbers of the entries that pass */
async function found(filter: EntryFilter, from = folder): Promise<number[]> {
  const seqs: number[] = [];
  for await (const { seq, entry, hash, file, offset } of readEntries(from, filter)) {
    assert.equal(entry.seq, seq);
    assert.equal(hash, log.hashes[seq]!.toString('hex'));
    assert.equal(
      log.files
        .get(file)!
        .subarray(offset, offset + 8)
        .toString(),
      '{"data":',
    );
    seqs.push(seq);
  }
  return seqs;
}
const refused = (filter: unknown, field: string) =>
  assert.throws(
    () => checkFilter(filter as EntryFilter),
    (error: Error & { code?: string }) =>
      error.code === 'WITNESS_FILTER_INVALID' && error.message.includes(field),
    JSON.stringify(filter),
  );

describe('query of a witness log', () => {
  it('gives all messages in their order, and what the log says of itself where asked', async () => {
    assert.deepEqual(await found({}), [2, 3, 4, 5, 6, 7]);
    assert.deepEqual(await found({ own: true }), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('by type, or the beginning of one', async () => {
    assert.deepEqual(await found({ types: ['scene_changed'] }), [3, 4]);
    assert.deepEqual(await found({ types: ['stream_*', 'health_alert'] }), [2, 5, 6]);
    assert.deepEqual(await found({ types: ['stream*'] }), [2, 5, 7]);
    assert.deepEqual(await found({ types: ['*'] }), [2, 3, 4, 5, 6, 7]);
    assert.deepEqual(await found({ types: ['log.open'] }), [1]);
    assert.deepEqual(await found({ types: ['log.*'] }), [0, 1, 8, 9]);
    assert.deepEqual(await found({ types: ['l*'] }), []);
    assert.deepEqual(await found({ types: ['l*'], own: true }), [0, 1, 8, 9]);
    assert.deepEqual(await found({ types: [] }), []);
  });

  it('by time, both ends included', async () => {
    const at = (seq: number) => `2026-11-20T19:00:0${seq}.000Z`;
    assert.deepEqual(await found({ from: at(3), to: at(5) }), [3, 4, 5]);
    assert.deepEqual(await found({ from: Date.parse(at(6)) }), [6, 7]);
    assert.deepEqual(await found({ from: '2026-11-20T20:00:03+01:00', to: '2026-11-20T19:00:03Z' }), [3]);
    assert.deepEqual(await found({ to: '2026-11-20' }), []);
    assert.deepEqual(await found({ from: '2026-11-20', to: '2026-11-21' }), [2, 3, 4, 5, 6, 7]);
  });

  it('behind a number, and so many', async () => {
    assert.deepEqual(await found({ after: 4 }), [5, 6, 7]);
    assert.deepEqual(await found({ after: -1, limit: 2 }), [2, 3]);
    assert.deepEqual(await found({ limit: 0 }), []);
    assert.deepEqual(await found({ after: 400 }), []);
  });

  it('opens no file that it does not need', async () => {
    const opened: string[] = [];
    const watched = {
      ...folder,
      open: (name: string) => {
        opened.push(name);
        return folder.open(name);
      },
    };
    assert.deepEqual(await found({ after: 4, limit: 1 }, watched), [5]);
    assert.deepEqual(opened, [segmentName(4)]);
  });

  it('refuses a filter that it would misunderstand', () => {
    for (const types of ['scene', [1], ['Scene'], ['a b'], [''], ['a**'], ['*a'], [null]])
      refused({ types }, 'types');
    for (const from of [
      'yesterday',
      '20.11.2026',
      '2026-11-20T19:00',
      NaN,
      Infinity,
      null,
      {},
      true,
      '2026-13-01',
    ])
      refused({ from }, 'from');
    refused({ to: 'now' }, 'to');
    for (const limit of [-1, 1.5, '3', null, Infinity]) refused({ limit }, 'limit');
    for (const after of [-2, 0.1, '3', null]) refused({ after }, 'after');
    refused({ own: 'yes' }, 'own');
  });

  it('says where a line cannot be read', async () => {
    const broken = folderOf(withLines(victim(), victim().lines.with(9, Buffer.from('{"data":1.0}'))));
    const read = async () => {
      for await (const { seq } of readEntries(broken)) assert.ok(seq < 9);
    };
    await assert.rejects(read, (error: Error & { code?: string }) => {
      assert.equal(error.code, 'WITNESS_DAMAGED');
      assert.match(error.message, /Entry 9 .*000000000008\.jsonl, byte \d+/);
      return true;
    });
    await assert.rejects(
      async () => {
        for await (const line of readLines('/nowhere/at/all')) assert.ok(line);
      },
      { code: 'WITNESS_NO_LOG' },
    );
  });

  it('passes over a line that is just being written', async () => {
    const files = copyOf(log);
    const name = segmentName(8);
    files.set(name, Buffer.concat([files.get(name)!, Buffer.from('{"data":{"payl')]));
    assert.deepEqual(await found({ own: true, after: 7 }, folderOf(files)), [8, 9]);
  });

  it('finds what a plain filter of all entries finds', async () => {
    const seqs = types.map((type, at) => ({ type, seq: at + 2 }));
    await fc.assert(
      fc.asyncProperty(
        fc.subarray([...types, 'health_*', 's*']),
        fc.integer({ min: -1, max: 9 }),
        fc.nat({ max: 9 }),
        async (wanted, after, limit) => {
          const fits = (type: string) =>
            wanted.some((one) => (one.endsWith('*') ? type.startsWith(one.slice(0, -1)) : type === one));
          const expected = seqs.filter(({ type, seq }) => fits(type) && seq > after).slice(0, limit);
          assert.deepEqual(
            await found({ types: wanted, after, limit }),
            expected.map(({ seq }) => seq),
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  it('gives the leaves for proofs, all or the first', async () => {
    assert.deepEqual(await leavesOf(folder), log.hashes);
    assert.deepEqual(await leavesOf(folder, 3), log.hashes.slice(0, 3));
    assert.deepEqual(await leavesOf(folder, 0), []);
    await assert.rejects(leavesOf(folder, 11), { code: 'WITNESS_TOO_SHORT' });
  });
});
