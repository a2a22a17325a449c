// The export of a log: the names that were promised, nothing missing that is not said, and whoever wants can check it.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCheckpoint } from '../../lib/witness/checkpoint';
import { exportLog, exportText, type ExportOptions, type WitnessExport } from '../../lib/witness/export';
import { CHECKPOINT_FILE, HISTORY_FILE, historyItem, segmentName } from '../../lib/witness/format';
import { parseNote } from '../../lib/witness/note';
import { verifyInclusion } from '../../lib/witness/tree';
import { verifyFolder } from '../../lib/witness/verify';
import { tempDir, writtenLog, type WrittenEntry, type WrittenLog } from '../support';
import type { WriteOptions } from '../support/written-log';

const NOW = Date.parse('2026-11-20T22:00:00.000Z');
const ORACLE = join(__dirname, '..', 'oracle', 'witness_verifier.py');

const message = (event: string, payload: object | null): WrittenEntry => ({
  type: event,
  src: { node: 'w1', name: 'Show log' },
  data: { live: { event, output: 'stream' }, ...(payload && { payload: { ...payload } }), topic: event },
});
const ENTRIES: WrittenEntry[] = [
  message('stream_started', { service: 'Twitch', server: 'rtmp://a/[hidden]' }),
  message('scene_changed', { scene: 'Grüße 🎬', from: null }),
  message('stream_stopped', null),
  { type: 'message', data: 42 },
  message('stream_started', { service: 'YouTube' }),
  message('recording_stopped', { outputPath: '/rec/a.mkv' }),
];

async function made(options: WriteOptions = {}, change?: (log: WrittenLog) => void) {
  const log = writtenLog(ENTRIES, options);
  change?.(log);
  const folder = log.put(join(tempDir('export'), 'log'));
  const verification = await verifyFolder(folder, { vkeys: [log.vkey] });
  const exported = (more: Partial<ExportOptions> = {}): Promise<WitnessExport> =>
    exportLog(folder, { verification, now: NOW, ...more });
  return { log, folder, verification, exported };
}

/** What the verifier in Python says of an export. */
function judged(exported: WitnessExport, vkey: string): { status: number; output: string } {
  const file = join(tempDir('export'), 'export.json');
  writeFileSync(file, JSON.stringify(exported));
  const { status, stdout } = spawnSync('python3', [ORACLE, 'export', file, '--vkey', vkey], {
    encoding: 'utf8',
  });
  return { status: status ?? -1, output: stdout };
}

describe('export of a witness log', () => {
  it('has every name that was promised', async () => {
    const { exported, log } = await made();
    const all = await exported();
    // as the users of the OBS integration know it
    for (const name of ['chain', 'verified', 'timestamp']) assert.ok(name in all, name);
    for (const one of all.chain)
      assert.deepEqual(Object.keys(one), [
        'timestamp',
        'event_type',
        'params',
        'result',
        'prev_hash',
        'hash',
        'seq',
      ]);
    // and those of the vMix one
    for (const name of [
      'valid',
      'total_events',
      'first_hash',
      'last_hash',
      'broken_at',
      'export_date',
      'chain_valid',
      'events',
    ])
      assert.ok(name in all, name);
    for (const name of ['origin', 'size', 'root', 'checkpoint', 'counts', 'omitted', 'verification'])
      assert.ok(name in all, name);
    assert.deepEqual([all.verified, all.valid, all.chain_valid, all.broken_at], [true, true, true, null]);
    assert.deepEqual(
      [all.export_date, all.timestamp],
      ['2026-11-20T22:00:00.000Z', '2026-11-20T22:00:00.000Z'],
    );
    assert.deepEqual([all.total_events, all.size, all.exported_events, all.signed_size], [10, 10, 10, 10]);
    assert.equal(all.first_hash, log.hashes[0]!.toString('hex'));
    assert.equal(all.last_hash, log.hashes.at(-1)!.toString('hex'));
    assert.deepEqual(all.counts, {
      'log.genesis': 1,
      'log.open': 1,
      stream_started: 2,
      scene_changed: 1,
      stream_stopped: 1,
      message: 1,
      recording_stopped: 1,
      'log.stats': 1,
      'log.close': 1,
    });
    assert.deepEqual([all.omitted.count, all.omitted.filter, all.stats, all.unreadable], [0, null, null, []]);
  });

  it('params are what was recorded beside the payload, which is the result', async () => {
    const { chain } = await (await made()).exported();
    const [genesis, , started, , stopped, plain] = chain;
    assert.deepEqual(
      [started!.params, started!.result],
      [
        { live: { event: 'stream_started', output: 'stream' }, topic: 'stream_started' },
        { service: 'Twitch', server: 'rtmp://a/[hidden]' },
      ],
    );
    assert.equal(stopped!.result, null);
    assert.deepEqual([plain!.params, plain!.result], [42, null]);
    assert.equal((genesis!.params as { format: number }).format, 1);
    assert.equal(genesis!.prev_hash, '0'.repeat(64));
  });

  it('anybody can compute the hashes from the lines', async () => {
    const { chain, events } = await (await made()).exported();
    let prev = '0'.repeat(64);
    for (const [at, { line, hash, seq }] of events.entries()) {
      assert.equal(createHash('sha256').update('\0').update(line, 'utf8').digest('hex'), hash);
      assert.deepEqual([chain[at]!.hash, chain[at]!.seq, chain[at]!.prev_hash], [hash, seq, prev]);
      prev = hash;
    }
  });

  it('a part says what it leaves out, of each type, and adds up to the whole', async () => {
    const { exported } = await made();
    const { events, chain, counts, omitted, stats, exported_events } = await exported({
      filter: { types: ['stream_*'] },
    });
    assert.deepEqual(
      chain.map(({ event_type }) => event_type),
      ['stream_started', 'stream_stopped', 'stream_started'],
    );
    assert.equal(events.length, 3);
    assert.deepEqual([omitted.count + exported_events, omitted.filter], [10, { types: ['stream_*'] }]);
    for (const type of Object.keys(counts))
      assert.equal(
        (omitted.counts[type] ?? 0) + chain.filter(({ event_type }) => event_type === type).length,
        counts[type],
        type,
      );
    // the log's own count of its entries, which the exporter cannot change
    const own = JSON.parse(stats!.line) as { data: { counts: Record<string, number> } };
    assert.equal(own.data.counts.stream_started, 2);
  });

  it('counts a type that has the name of something every object has', async () => {
    const folder = writtenLog([{ type: 'constructor', data: 1 }]).put(join(tempDir('export'), 'log'));
    const verification = await verifyFolder(folder);
    const { omitted } = await exportLog(folder, { verification, now: NOW, filter: { types: ['message'] } });
    assert.equal(omitted.counts['constructor'], 1);
  });

  it('is refused as soon as it is too large for a message, and not as text', async () => {
    const { exported, folder, verification } = await made();
    const bytes = JSON.stringify(await exported()).length;
    await exported({ mostBytes: bytes });
    await assert.rejects(exported({ mostBytes: bytes / 3 }), { code: 'WITNESS_EXPORT_TOO_LARGE' });
    await exported({ mostBytes: bytes / 3, filter: { limit: 1 } });
    let text = '';
    for await (const piece of exportText(folder, { verification, now: NOW, mostBytes: 1 })) text += piece;
    assert.equal((JSON.parse(text) as WitnessExport).exported_events, 10);
  });

  const filters: [string, ExportOptions['filter'], number][] = [
    ['a limit', { limit: 2 }, 2],
    ['after a number', { after: 4 }, 3],
    ['a time', { from: '2026-11-20T19:00:03.000Z', to: '2026-11-20T19:00:05.000Z' }, 3],
    ['own entries', { own: true, types: ['log.*'] }, 4],
    ['nothing fits', { types: ['publisher_live'] }, 0],
  ];
  for (const [name, filter, count] of filters)
    it(`filter: ${name}`, async () => {
      const { events, chain, exported_events, omitted } = await (await made()).exported({ filter });
      assert.deepEqual(
        [events.length, chain.length, exported_events, omitted.count],
        [count, count, count, 10 - count],
      );
    });
  it('a filter that makes no sense is refused', async () => {
    const { exported } = await made();
    await assert.rejects(exported({ filter: { from: 'yesterday' } }), { code: 'WITNESS_FILTER_INVALID' });
  });

  it('proofs tie each entry to the signed root; none for what came after it', async () => {
    const { exported, verification } = await made({ signedAt: [7], closed: false }, ({ files, notes }) => {
      files.set(CHECKPOINT_FILE, Buffer.from(notes[0]!));
      files.set(HISTORY_FILE, Buffer.from(historyItem(notes[0]!)));
    });
    const { events, checkpoint } = await exported({ proofs: true });
    const { size, root } = parseCheckpoint(parseNote(checkpoint!)!.text)!;
    assert.deepEqual([size, verification.total_events], [7, 8]);
    for (const { seq, hash, proof } of events) {
      if (seq >= 7) assert.equal(proof, null);
      else {
        const hashes = proof!.map((one) => Buffer.from(one, 'base64'));
        assert.ok(verifyInclusion(seq, size, Buffer.from(hash, 'hex'), hashes, root), `${seq}`);
      }
    }
    assert.ok((await exported()).events.every((one) => !('proof' in one)));
  });

  it('as text piece by piece it is the same', async () => {
    const { exported, folder, verification } = await made({ segment: 3 });
    for (const options of [
      {},
      { proofs: true },
      { filter: { types: ['stream_started'] } },
      { filter: { types: ['none'] } },
    ]) {
      let text = '';
      for await (const piece of exportText(folder, { verification, now: NOW, ...options })) text += piece;
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(await exported(options))));
    }
  });

  it('entries that came after the verification are left out', async () => {
    const { exported, folder } = await made();
    const more = writtenLog([...ENTRIES, ...ENTRIES]);
    writeFileSync(
      join(folder, segmentName(0)),
      Buffer.concat(more.lines.map((line) => Buffer.from(`${line.toString()}\n`))),
    );
    assert.equal((await exported()).events.length, 10);
  });

  it('a log that was changed is exported as it is now, and says so', async () => {
    const { exported, log } = await made({}, ({ files }) => {
      const name = segmentName(0);
      const text = files.get(name)!.toString();
      files.set(
        name,
        Buffer.from(text.replace('YouTube', 'Youtube').replace('"topic":"stream_stopped"', '"topic":')),
      );
    });
    const all = await exported();
    assert.deepEqual([all.verified, all.valid, all.chain_valid, all.broken_at], [false, false, false, 4]);
    assert.deepEqual(all.unreadable, [{ seq: 4, fault: 'not JSON' }]);
    assert.equal(all.exported_events, 9);
    assert.notEqual(judged(all, log.vkey).status, 0);
  });

  describe('the verifier in Python', () => {
    before(function () {
      if (spawnSync('python3', ['--version']).status !== 0) this.skip();
    });

    it('finds an honest export valid, whole or in part', async () => {
      const { exported, log } = await made();
      for (const options of [{}, { proofs: true }, { proofs: true, filter: { types: ['stream_started'] } }]) {
        const { status, output } = judged(await exported(options), log.vkey);
        assert.equal(status, 0, output);
      }
    });

    const attacks: [string, (all: WitnessExport) => void][] = [
      [
        'a changed result',
        (all) => void (all.events[1]!.line = all.events[1]!.line.replace('YouTube', 'Youtube')),
      ],
      [
        'a left out entry',
        ({ chain, events, counts, omitted }) => {
          chain.splice(1, 1);
          events.splice(1, 1);
          omitted.counts.stream_started = 1;
          assert.equal(counts.stream_started, 2);
        },
      ],
      [
        'a left out entry, and counts that do not know it',
        ({ chain, events, counts }) => {
          chain.splice(1, 1);
          events.splice(1, 1);
          counts.stream_started = 1;
        },
      ],
      [
        'the same with other counts of the log',
        (all) => {
          all.chain.splice(1, 1);
          all.events.splice(1, 1);
          all.counts.stream_started = 1;
          all.stats!.line = all.stats!.line.replace('"stream_started":2', '"stream_started":1');
        },
      ],
      [
        'an entry twice',
        ({ chain, events, counts }) => {
          chain.push(chain[1]!);
          events.push(events[1]!);
          counts.stream_started = 3;
        },
      ],
      [
        'another order',
        ({ chain, events }) => {
          chain.reverse();
          events.reverse();
        },
      ],
      ['another checkpoint', (all) => void (all.checkpoint = all.checkpoint!.replace('\n10\n', '\n11\n'))],
    ];
    for (const [name, attack] of attacks)
      it(`finds ${name}`, async () => {
        const { exported, log } = await made();
        const all = await exported({ proofs: true, filter: { types: ['stream_started'] } });
        attack(all);
        const { status, output } = judged(all, log.vkey);
        assert.equal(status, 1, output);
      });

    it('a whole export can be made a log again, which is valid', async () => {
      const { exported, log } = await made();
      const { events, checkpoint } = JSON.parse(JSON.stringify(await exported())) as WitnessExport;
      const folder = join(tempDir('export'), 'again');
      mkdirSync(folder);
      writeFileSync(join(folder, segmentName(0)), events.map(({ line }) => `${line}\n`).join(''));
      writeFileSync(join(folder, CHECKPOINT_FILE), checkpoint!);
      writeFileSync(join(folder, HISTORY_FILE), historyItem(checkpoint!));
      assert.equal(
        readFileSync(join(folder, segmentName(0)), 'utf8'),
        log.files.get(segmentName(0))!.toString(),
      );
      execFileSync('python3', [ORACLE, 'folder', folder, '--vkey', log.vkey]);
      assert.equal((await verifyFolder(folder, { vkeys: [log.vkey] })).verdict, 'valid');
    });
  });
});
