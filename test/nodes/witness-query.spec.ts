// The witness query node: what it finds, verifies, reports, exports and proves; of its own log and of copies.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-assignment -- a message carries anything */
import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { timeIn } from '../../red/times';
import { parseProof, provenCheckpoint } from '../../lib/witness/proof';
import { tempDir } from '../support/temp';
import {
  around,
  ask,
  badges,
  deploy,
  heardBy,
  load,
  refuse,
  send,
  tearDown,
  waitFor,
  type Flow,
  type FlowNode,
  type Msg,
} from './support/rig';
import { QUERY, folders, logConfig, logNode, opened } from './support/witness';

describe('witness query', () => {
  let at: ReturnType<typeof folders>;
  let vkey: string;
  beforeEach(() => {
    at = folders();
  });
  afterEach(tearDown);

  /** The witness that recorded what is asked for, and the query under test. */
  const flow = (query: Partial<FlowNode> = {}, log: Partial<FlowNode> = {}): Flow =>
    around(
      { ...QUERY, ...query },
      logNode(at, log),
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
    );
  const SHOW: Msg[] = [
    {
      topic: 'stream_started',
      payload: { server: 'rtmp://live.example/app' },
      live: { event: 'stream_started' },
    },
    { topic: 'cue', payload: 'camera 2' },
    { topic: 'scene_changed', payload: { scene: 'Break', from: 'Live' }, live: { event: 'scene_changed' } },
    { topic: 'stream_stopped', payload: {}, live: { event: 'stream_stopped' } },
  ];
  const ready = async (query: Partial<FlowNode> = {}, log: Partial<FlowNode> = {}) => {
    await load(flow(query, log));
    await opened();
    ({ vkey } = logConfig().trust);
    for (const msg of SHOW) send(structuredClone(msg), 'w');
    await waitFor(() => heardBy('passed').length === SHOW.length);
  };
  const again = (query: Partial<FlowNode>) => deploy(flow(query), 'nodes');
  const liveOf = (msg: Msg) => {
    const { tookMs, ...live } = msg.live;
    assert.ok(tookMs >= 0);
    return live as Msg;
  };

  it('finds entries by type and time, as the export has them', async () => {
    await ready({ action: 'entries' });
    const all = await ask({ topic: 'kept' });
    assert.deepEqual(
      all.payload.map(({ event_type }: Msg) => event_type as string),
      ['stream_started', 'cue', 'scene_changed', 'stream_stopped'],
    );
    const [first] = all.payload;
    assert.deepEqual(Object.keys(first), [
      'timestamp',
      'event_type',
      'params',
      'result',
      'prev_hash',
      'hash',
      'seq',
    ]);
    assert.deepEqual(first.params, { topic: 'stream_started', live: { event: 'stream_started' } });
    assert.deepEqual(first.result, { server: 'rtmp://live.example/app' });
    assert.equal(first.hash, heardBy('passed')[0]!.witness.hash);
    assert.equal(all.topic, 'kept');
    assert.deepEqual(liveOf(all), {
      action: 'witness-entries',
      application: 'witness',
      connection: { id: 'log', name: 'show' },
      output: null,
      state: null,
      confirmedBy: null,
    });
    const types = async (query: Partial<FlowNode>, msg: Msg = {}) => {
      await again({ action: 'entries', ...query });
      return (await ask(msg)).payload.map(({ event_type }: Msg) => event_type as string) as string[];
    };
    assert.deepEqual(await types({ types: 'stream_*, cue' }), ['stream_started', 'cue', 'stream_stopped']);
    assert.deepEqual(await types({ types: 'which', typesType: 'msg' }, { which: ['cue', 'scene_changed'] }), [
      'cue',
      'scene_changed',
    ]);
    assert.deepEqual(await types({ types: 'log.*' }), ['log.genesis', 'log.open']);
    assert.deepEqual(await types({ limit: '2' }), ['stream_started', 'cue']);
    assert.deepEqual(
      await types({ limit: '0' }),
      SHOW.map(({ topic }) => topic as string),
    );
    assert.deepEqual(await types({ from: '2020-01-01', to: '2021-01-01T00:00:00Z' }), []);
    assert.equal(
      (
        await types(
          { from: 'since', fromType: 'msg', to: String(Date.now() + 1000), toType: 'num' },
          { since: new Date(0) },
        )
      ).length,
      4,
    );
    await refuseWith({ action: 'entries', types: 'Not A Type!' }, 'WITNESS_FILTER_INVALID');
    const now = new Date();
    const two = (n: number) => String(n).padStart(2, '0');
    const today = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
    assert.equal((await types({ from: today, to: today })).length, 4, 'a date is all of that day, here');
    for (const from of ['yesterday', '11.12.2026', '2026', '2026-02-31', '2026-11-20T25:00', '12/11/2026'])
      await refuseWith({ action: 'entries', from }, 'INPUT_INVALID');
    assert.equal(timeIn('from', '2026-11-20'), new Date(2026, 10, 20).getTime());
    assert.equal(timeIn('to', '2026-11-20'), new Date(2026, 10, 21).getTime() - 1);
    assert.equal(timeIn('to', '2026-11-20T19:00'), new Date(2026, 10, 20, 19).getTime());
    assert.equal(timeIn('to', ' 2026-11-20 19:00:30+01:00'), Date.UTC(2026, 10, 20, 18, 0, 30));
    await refuseWith({ action: 'entries', types: 'payload', typesType: 'msg' }, 'INPUT_INVALID', {
      payload: 7,
    });
    await refuseWith({ action: 'entries', limit: 'many' }, 'CONFIG_INVALID');
  });
  const refuseWith = async (query: Partial<FlowNode>, code: string, msg: Msg = {}) => {
    await again(query);
    return await refuse(msg, code);
  };

  it('verifies what was recorded up to this moment, again and again while messages come', async () => {
    await ready({ action: 'verify' });
    for (let round = 1; round <= 3; round++) {
      send({ payload: round }, 'w');
      const { payload, live } = await ask({});
      assert.equal(payload.verdict, 'valid', payload.sentence);
      assert.equal(payload.total_events, 2 + SHOW.length + round);
      assert.equal(payload.signed_size, payload.total_events);
      assert.equal(payload.vkey, vkey);
      assert.equal(live.state, 'valid');
      assert.equal(live.action, 'witness-verify');
    }
    await waitFor(() => badges().at(-1) === 'ready');
  });

  it('finds the first entry that somebody changed, in a copy', async () => {
    const copy = join(tempDir('copy'), 'log');
    await ready({ action: 'verify', folder: copy });
    // a checkpoint over all of it, first
    await again({ action: 'checkpoint' });
    const { payload: note, topic, witness } = await ask({});
    assert.match(topic, /^Witness checkpoint of .*: 6 entries$/);
    assert.ok(note.startsWith(`${logConfig().trust.origin}\n6\n`));
    assert.deepEqual([witness.size, witness.cosignedBy, witness.missing], [6, [], []]);
    cpSync(at.log, copy, { recursive: true });
    await again({ action: 'verify', folder: copy });
    assert.equal((await ask({})).payload.verdict, 'valid');
    const file = join(copy, '000000000000.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replace('camera 2', 'camera 3'));
    const { payload, live } = await ask({});
    assert.deepEqual(
      [payload.verdict, payload.valid, payload.broken_at, live.state],
      ['tampered', false, 3, 'tampered'],
    );
    assert.match(payload.sentence, /\w/);
    // by another key nobody can say
    await again({ action: 'verify', folder: 'copy', folderType: 'msg', vkey });
    assert.equal((await ask({ copy })).payload.verdict, 'tampered');
    assert.equal((await ask({ copy: `${copy}-none` })).payload.verdict, 'unknown');
    await again({ action: 'entries', folder: `${copy}-none` });
    await refuse({}, 'WITNESS_NO_LOG');
    await again({ action: 'verify', folder: copy, vkey: 'no key' });
    await refuse({}, 'WITNESS_KEY_INVALID');
  });

  it('makes the show report: a mail with the page attached, the page itself, or a file', async () => {
    await ready({ title: 'Friday' });
    const mail = await ask({ topic: 'old' });
    assert.match(mail.topic, /Friday/);
    assert.equal(typeof mail.payload, 'string');
    assert.ok(!/[<>]/.test(mail.payload), 'the mail node would take it for HTML');
    const [page] = mail.attachments;
    assert.match(page.filename, /^show-report-\d{4}-\d\d-\d\d\.html$/);
    assert.equal(page.contentType, 'text/html');
    assert.ok(Buffer.isBuffer(page.content));
    assert.match(page.content.toString(), /^<!doctype html>/i);
    assert.equal(mail.report.verification.verdict, 'valid');
    assert.equal(mail.report.title, 'Friday');
    assert.deepEqual([mail.live.action, mail.live.state], ['witness-report', 'valid']);
    await again({ give: 'page' });
    const html = await ask({});
    assert.match(html.payload, /^<!doctype html>/i);
    assert.ok(!('attachments' in html));
    const folder = tempDir('reports');
    await again({ give: 'file', path: `${folder}/new/` });
    const file = await ask({});
    assert.equal(file.payload, file.filename);
    assert.match(file.payload, /new\/\d{4}-\d\d-\d\d .* show report\.html$/);
    assert.match(readFileSync(file.payload, 'utf8'), /^<!doctype html>/i);
    await again({ give: 'file', path: join(folder, 'report.html') });
    assert.equal((await ask({})).payload, join(folder, 'report.html'));
    await refuse({}, 'WITNESS_FILE_EXISTS');
    await again({ give: 'file', path: join(folder, 'report.html'), overwrite: true });
    await ask({});
    const link = join(folder, 'link');
    symlinkSync(dirname(at.log), link);
    symlinkSync(join(at.log, '000000000000.jsonl'), join(folder, 'entries'));
    const copy = join(folder, 'copy');
    cpSync(at.log, copy, { recursive: true });
    for (const path of [
      join(link, 'log', '000000000000.jsonl'),
      join(link, 'log', 'new') + sep,
      join(folder, 'entries'),
      join(link, 'state', 'x.json'),
    ]) {
      await refuseWith({ give: 'file', path, overwrite: true }, 'INPUT_INVALID');
      await refuseWith({ give: 'file', path, overwrite: true, folder: copy }, 'INPUT_INVALID');
    }
    await refuseWith({ give: 'file', path: join(copy, 'x'), folder: copy }, 'INPUT_INVALID');
    for (const [path, code] of [
      [join(folder, 'none', 'report.html'), 'WITNESS_FILE_NOT_SAVED'],
      [join(at.log, 'report.html'), 'INPUT_INVALID'],
      ['', 'INPUT_INVALID'],
    ] as const)
      await refuseWith({ give: 'file', path }, code);
    assert.deepEqual(
      readdirSync(at.log).filter((name) => name.endsWith('.html')),
      [],
    );
  });

  it('exports the log as one object, or as a file with the same in it', async () => {
    await ready({ action: 'export', types: 'stream_*', proofs: true });
    const { payload, live } = await ask({});
    assert.equal(live.state, 'valid');
    assert.deepEqual(
      payload.chain.map(({ event_type }: Msg) => event_type as string),
      ['stream_started', 'stream_stopped'],
    );
    assert.deepEqual(
      [payload.valid, payload.verified, payload.chain_valid, payload.broken_at],
      [true, true, true, null],
    );
    assert.equal(payload.total_events, 6);
    assert.deepEqual([payload.exported_events, payload.omitted.count], [2, 4]);
    assert.ok(payload.events.every(({ proof }: Msg) => Array.isArray(proof)));
    const path = join(tempDir('export'), 'log.json');
    await again({ action: 'export', types: 'stream_*', proofs: true, give: 'file', path });
    assert.equal((await ask({})).payload, path);
    const written = JSON.parse(readFileSync(path, 'utf8')) as Msg;
    assert.deepEqual(written.chain, payload.chain);
    assert.deepEqual(written.events, payload.events);
    await again({ action: 'export' });
    assert.equal((await ask({})).payload.chain.length, 6, 'without a filter the own entries too');
  });

  it('proves one entry to anybody who has the key', async () => {
    await ready({ action: 'prove' });
    const [, cue] = heardBy('passed');
    const { payload, filename } = await ask({ witness: cue!.witness });
    assert.equal(filename, 'entry-3.tlog-proof');
    const proof = parseProof(payload)!;
    assert.equal(proof.index, 3);
    assert.match(proof.line!.toString(), /camera 2/);
    assert.equal(provenCheckpoint(proof, proof.line!)?.size, 6);
    await refuse({ witness: { seq: 99 } }, 'WITNESS_TOO_SHORT');
    for (const seq of [null, 'x', -1, 1.5, {}]) await refuse({ witness: { seq } }, 'INPUT_INVALID');
    await refuse({}, 'INPUT_INVALID');
  });

  it('does what the message asks for', async () => {
    await ready({ action: 'message', limit: '1' });
    assert.equal((await ask({ payload: ' Verify ' })).live.action, 'witness-verify');
    assert.equal((await ask({ payload: 'entries' })).payload.length, 1);
    assert.equal((await ask({ payload: 'report' })).live.action, 'witness-report');
    assert.match(
      (await ask({ payload: 'prove', witness: { seq: 0 } })).payload,
      /^c2sp\.org\/tlog-proof@v1\n/,
    );
    await refuse({ payload: 'destroy' }, 'ACTION_UNKNOWN');
    await refuse({ payload: null }, 'ACTION_UNKNOWN');
  });

  it('says what is wrong with its dialog, and reads on when the log cannot be written', async () => {
    await load(around({ ...QUERY, log: '' }));
    await refuse({}, 'WITNESS_LOG_MISSING');
    assert.equal(badges().at(-1), 'misconfigured');
    await tearDown();
    await ready({ action: 'verify' });
    await tearDown();
    // what it reads is there, where it writes nothing can be
    mkdirSync(join(at.log, 'lock'));
    await load(flow({ action: 'verify' }));
    const { payload } = await ask({});
    assert.equal(payload.verdict, 'valid', payload.sentence);
    await again({ action: 'checkpoint' });
    await refuse({}, 'DURABLE_LOCKED');
    assert.ok(existsSync(at.log));
  });

  it('stops reading when it is deployed away', async () => {
    await ready({ action: 'entries' });
    for (let n = 0; n < 200; n++) send({}, 'n');
    const before = heardBy('out').length;
    await deploy(flow({ action: 'verify' }), 'nodes');
    assert.equal((await ask({})).payload.verdict, 'valid');
    assert.ok(heardBy('out').length <= before + 202);
    assert.equal(heardBy('caught').length, 0);
  });
});
