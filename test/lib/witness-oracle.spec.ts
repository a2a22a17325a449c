// A second verifier that shares no code with ours: both have to come to the same verdict, on honest logs and on changed ones.
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { canonicalJson, type JsonValue } from '../../lib/witness/canonical';
import { checkpointText } from '../../lib/witness/checkpoint';
import { run } from '../../lib/witness/command/run';
import { cosign } from '../../lib/witness/cosign/cosignature';
import { CHECKPOINT_FILE, HISTORY_FILE, historyItem, segmentName } from '../../lib/witness/format';
import { signerOf } from '../../lib/witness/keys';
import { parseNote, signNote } from '../../lib/witness/note';
import { project } from '../../lib/witness/project';
import { WitnessLog } from '../../lib/witness/store/log';
import { CompactRange, leafHash } from '../../lib/witness/tree';
import { verifyFolder, type VerifyOptions } from '../../lib/witness/verify';
import { loops } from '../support/scale';
import { tempDir } from '../support/temp';
import { writtenLog, type WriteOptions, type WrittenLog } from '../support/written-log';

const ORACLE = join(__dirname, '..', 'oracle', 'witness_verifier.py');
const STATUS = { valid: 0, tampered: 1, unknown: 2 } as const;
const home = tempDir('oracle');
const cosigners = [1, 2].map((byte) => signerOf(`cosigner${byte}.example`, Buffer.alloc(32, byte), 4));

interface Answer {
  status: number;
  total_events?: number;
  root?: string | null;
  findings?: unknown[];
  error?: string;
}

/** The other verifier, asked one question after the other. */
class Oracle {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly waiting: ((answer: Answer) => void)[] = [];
  private errors = '';

  constructor() {
    this.child = spawn('python3', [ORACLE, 'batch']);
    this.child.stderr.on('data', (text: Buffer) => (this.errors += text.toString()));
    createInterface(this.child.stdout).on('line', (line) =>
      this.waiting.shift()?.(JSON.parse(line) as Answer),
    );
    this.child.on('close', () => {
      for (const answer of this.waiting.splice(0)) answer({ status: -1, error: this.errors });
    });
  }

  ask(...args: string[]): Promise<Answer> {
    return new Promise((answer) => {
      this.waiting.push(answer);
      this.child.stdin.write(`${JSON.stringify(args)}\n`);
    });
  }

  end(): void {
    this.child.stdin.end();
  }
}

type Files = Map<string, Buffer>;

/** Put a log into a folder of its own, ask both, and clean up. */
async function both(oracle: Oracle, files: Files, options: VerifyOptions, trusted: readonly string[] = []) {
  const folder = join(home, `log-${Math.random().toString(36).slice(2)}`);
  mkdirSync(folder);
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
  const notes = trusted.map((note, at) => {
    const file = `${folder}.note${at}`;
    writeFileSync(file, note);
    return file;
  });
  const args = [
    ...(options.vkeys ?? []).flatMap((key) => ['--vkey', key]),
    ...(options.cosigners ?? []).flatMap((key) => ['--cosigner', key]),
    ...(options.origin === undefined ? [] : ['--origin', options.origin]),
    ...(options.quorum === undefined ? [] : ['--quorum', String(options.quorum)]),
    ...notes.flatMap((file) => ['--trusted', file]),
  ];
  const [theirs, ours] = await Promise.all([
    oracle.ask('folder', folder, ...args),
    verifyFolder(folder, { ...options, trusted }),
  ]);
  rmSync(folder, { recursive: true });
  return { theirs, ours };
}

/** A log of an evening, partly cosigned. */
function evening(options: WriteOptions = {}): WrittenLog {
  const entries = Array.from({ length: 12 }, (_, at) => ({
    type: at % 3 ? 'stream_started' : 'scene_changed',
    data: { payload: { scene: `Ünïcödé ${at} 🎬`, x: at / 7, y: [at * 1e20, null, true] }, topic: 'show' },
    src: { name: 'witness "1"', node: 'n1' },
  }));
  const log = writtenLog(entries, { segment: 6, signedAt: [4, 9], ...options });
  const last = log.notes.length - 1;
  for (const [at, cosigner] of cosigners.entries()) {
    const time = Date.parse('2026-11-20T20:00:00Z') / 1000 + at;
    log.notes[last] += `${cosign(cosigner, parseNote(log.notes[last]!)!.text, time)}\n`;
  }
  log.files.set(CHECKPOINT_FILE, Buffer.from(log.notes[last]!));
  return log;
}

/** Sign whatever lines these are, as somebody with the key could. */
function signedLines(log: WrittenLog, lines: readonly Buffer[]): Files {
  const range = new CompactRange();
  for (const line of lines) range.push(leafHash(line));
  const note = signNote(
    checkpointText({ origin: log.origin, size: range.size, root: range.root() }),
    log.signer,
  );
  const text = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
  return new Map([
    [segmentName(0), text],
    [CHECKPOINT_FILE, Buffer.from(note)],
    [HISTORY_FILE, Buffer.from(historyItem(note))],
  ]);
}

/** Small whole numbers, the same in every run. */
function dice(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
}

type Roll = (most: number) => number;
const lineOf = (bytes: Buffer) => bytes.toString('latin1').split('\n');
const joined = (lines: readonly string[]) => Buffer.from(lines.join('\n'), 'latin1');

/** Ways to change one file. */
const CHANGES: ((bytes: Buffer, roll: Roll) => Buffer | null)[] = [
  (bytes, roll) => {
    const copy = Buffer.from(bytes);
    copy[roll(copy.length)]! ^= 1 << roll(8);
    return copy;
  },
  (bytes, roll) => bytes.subarray(0, roll(bytes.length)),
  (bytes, roll) => {
    const at = roll(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
  },
  (bytes, roll) => {
    const at = roll(bytes.length + 1);
    const byte = Buffer.from([[0, 10, 13, 32, 34, 0xff, 0xc0, 0x5c][roll(8)]!]);
    return Buffer.concat([bytes.subarray(0, at), byte, bytes.subarray(at)]);
  },
  (bytes, roll) => {
    const lines = lineOf(bytes);
    lines.splice(roll(lines.length), 1);
    return joined(lines);
  },
  (bytes, roll) => {
    const lines = lineOf(bytes);
    const at = roll(lines.length);
    lines.splice(at, 0, lines[at]!);
    return joined(lines);
  },
  (bytes, roll) => {
    const lines = lineOf(bytes);
    const [a, b] = [roll(lines.length), roll(lines.length)];
    [lines[a], lines[b]] = [lines[b]!, lines[a]!];
    return joined(lines);
  },
  () => null,
  () => Buffer.alloc(0),
  (bytes) => Buffer.concat([bytes, bytes]),
];

describe('two verifiers that share nothing', function () {
  let oracle: Oracle;

  before(function () {
    const found =
      spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))']).status === 0;
    const openssl = spawnSync('openssl', ['version'], { encoding: 'utf8' }).stdout ?? '';
    if (!found || !/^OpenSSL [3-9]/.test(openssl)) {
      console.log('        skipped: needs python3 from 3.10 on and openssl from 3 on');
      this.skip();
    }
    oracle = new Oracle();
  });
  after(() => oracle?.end());

  const agreed = (
    { theirs, ours }: Awaited<ReturnType<typeof both>>,
    what: string,
    wanted?: keyof typeof STATUS,
  ): void => {
    const told = JSON.stringify(
      { what, theirs, ours: [ours.verdict, ours.broken_at, ours.problems] },
      null,
      1,
    );
    assert.equal(theirs.status, STATUS[ours.verdict], told);
    if (wanted) assert.equal(ours.verdict, wanted, told);
    // the first line that is not in order, and the root over those before it
    assert.deepEqual([theirs.total_events, theirs.root], [ours.total_events, ours.root], told);
  };

  it('agree on honest logs, and on what is missing to be sure', async () => {
    const log = evening();
    const vkeys = [log.vkey];
    const by = cosigners.map(({ verifier }) => verifier.text);
    const stranger = signerOf('stranger.example', Buffer.alloc(32, 3), 4).verifier.text;
    const cases: [string, keyof typeof STATUS, VerifyOptions, string[]?][] = [
      ['with its key', 'valid', { vkeys }],
      ['without a key', 'unknown', {}],
      ['with its name', 'valid', { vkeys, origin: log.origin }],
      ['with another name', 'tampered', { vkeys, origin: 'another' }],
      ['with another key', 'tampered', { vkeys: [writtenLog([], { seed: Buffer.alloc(32, 9) }).vkey] }],
      ['with cosigners', 'valid', { vkeys, cosigners: by }],
      ['with one cosigner too many', 'unknown', { vkeys, cosigners: [...by, stranger] }],
      ['with enough of the cosigners', 'valid', { vkeys, cosigners: [...by, stranger], quorum: 2 }],
      ['with a trusted checkpoint', 'valid', {}, [log.notes.at(-1)!]],
      ['with an early trusted checkpoint', 'valid', {}, [log.notes[0]!]],
      [
        'with one as a mail program leaves it',
        'valid',
        {},
        [`\r\n${log.notes[0]!.replaceAll('\n', ' \r\n')}\r\n`],
      ],
      ['with a trusted text that is none', 'unknown', { vkeys }, ['Dear Sir']],
      [
        'with one of a longer log',
        'tampered',
        { vkeys },
        [writtenLog(Array.from({ length: 30 }, () => ({ type: 'message', data: 1 }))).notes[0]!],
      ],
      [
        'with one of a stranger',
        'unknown',
        { vkeys },
        [writtenLog([], { seed: Buffer.alloc(32, 9) }).notes[0]!],
      ],
    ];
    for (const [what, wanted, options, trusted] of cases)
      agreed(await both(oracle, log.files, options, trusted), what, wanted);
    const shapes: [string, keyof typeof STATUS, Files][] = [
      ['nothing in it', 'valid', writtenLog([]).files],
      ['not closed', 'valid', evening({ closed: false }).files],
      ['an entry a file', 'valid', evening({ segment: 1 }).files],
      ['an empty folder', 'unknown', new Map()],
      [
        'signed early',
        'unknown',
        new Map([
          ...log.files,
          [CHECKPOINT_FILE, Buffer.from(log.notes[0]!)],
          [HISTORY_FILE, Buffer.from(historyItem(log.notes[0]!))],
        ]),
      ],
      ['no checkpoint', 'unknown', new Map([...log.files].filter(([name]) => name.endsWith('.jsonl')))],
      ['no history', 'valid', new Map([...log.files].filter(([name]) => name !== HISTORY_FILE))],
    ];
    for (const [what, wanted, files] of shapes) agreed(await both(oracle, files, { vkeys }), what, wanted);
  });

  it('agree on a log that the writer made, over several files and crashes', async () => {
    const folder = join(home, 'written');
    const signer = signerOf('studio.example/live-witness/oracle', Buffer.alloc(32, 4));
    const open = () =>
      WitnessLog.open(folder, {
        origin: signer.verifier.name,
        signer,
        stateFolder: join(home, 'state'),
        software: 'test',
        segmentBytes: 3000,
      });
    const files = () => new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
    const vkeys = [signer.verifier.text];
    for (const run of [0, 1, 2]) {
      const log = await open();
      for (let n = 0; n < 20; n++) await log.append('message', project({ payload: { run, n } }), '{}').done;
      await log.close();
      agreed(await both(oracle, files(), { vkeys }), `run ${run}`, 'valid');
      // what a crash leaves, which the next writer moves aside
      const last = readdirSync(folder)
        .filter((name) => name.endsWith('.jsonl'))
        .sort()
        .at(-1)!;
      appendFileSync(join(folder, last), '{"data":{"payload":{"n":7');
      agreed(await both(oracle, files(), { vkeys }), `run ${run}, torn`, 'unknown');
    }
    const aside = [...files()].filter(([name]) => name.startsWith('quarantine'));
    assert.equal(aside.length, 2);
    const changed = files();
    const [name, bytes] = aside[0]!;
    changed.set(name, Buffer.concat([bytes.subarray(1), bytes.subarray(0, 1)]));
    agreed(await both(oracle, changed, { vkeys }), 'changed bytes that were moved aside', 'tampered');
  });

  it('agree on logs that were changed', async function () {
    this.timeout(600_000);
    const roll = dice(20_261_121);
    const log = evening();
    const early = evening({ signedAt: [4], closed: false });
    const counts = { valid: 0, tampered: 0, unknown: 0 };
    const total = loops(4000);
    for (let at = 0; at < total; at++) {
      const files: Files = new Map(log.files);
      // half of them with entries that no checkpoint covers yet: there a torn end is no proof of anything
      if (roll(2)) {
        files.set(CHECKPOINT_FILE, Buffer.from(early.notes[0]!));
        files.set(HISTORY_FILE, Buffer.from(historyItem(early.notes[0]!)));
      }
      const names = [...files.keys()];
      const did: string[] = [];
      for (let times = 1 + roll(2); times > 0; times--) {
        const name = names[roll(names.length)]!;
        const which = roll(CHANGES.length);
        const bytes = files.get(name);
        if (!bytes?.length) continue;
        const changed = CHANGES[which]!(bytes, roll);
        if (changed) files.set(name, changed);
        else files.delete(name);
        did.push(`${name}: change ${which}`);
      }
      const options: VerifyOptions = { vkeys: roll(4) ? [log.vkey] : [] };
      if (!roll(3)) options.cosigners = cosigners.map(({ verifier }) => verifier.text);
      const trusted = roll(4) ? [] : [log.notes[roll(log.notes.length)]!];
      const found = await both(oracle, files, options, trusted);
      agreed(found, `${at}: ${did.join(', ')}`);
      counts[found.ours.verdict]++;
    }
    console.log(`        ${total} changes: ${JSON.stringify(counts)}`);
    assert.ok(counts.tampered > total / 3 && counts.unknown > 0);
  });

  it('agree on lines that were forged with the key: what is canonical, and what an entry is', async function () {
    this.timeout(600_000);
    const log = writtenLog([{ type: 'message', data: 0 }], { closed: false });
    const [genesis, opened] = [log.lines[0]!, log.lines[1]!];
    const prev = log.hashes[1]!.toString('hex');
    const members = (data: string, more: Record<string, string> = {}) => {
      const all: Record<string, string> = {
        data,
        mono: '2000000',
        prev: `"${prev}"`,
        seq: '2',
        src: '{}',
        t: '"2026-11-20T19:00:02.000Z"',
        type: '"message"',
        v: '1',
        ...more,
      };
      return `{${Object.entries(all)
        .map(([name, value]) => `"${name}":${value}`)
        .join(',')}}`;
    };
    const counts = { valid: 0, tampered: 0, unknown: 0 };
    const check = async (line: string | Buffer, wanted?: keyof typeof STATUS) => {
      const files = signedLines(log, [genesis, opened, Buffer.from(line)]);
      const found = await both(oracle, files, { vkeys: [log.vkey] });
      agreed(found, line.toString(), wanted);
      counts[found.ours.verdict]++;
    };
    const good = [
      '1e+21',
      '1e-7',
      '0.000001',
      '100000000000000000000',
      '-1.5',
      '5e-324',
      '1.7976931348623157e+308',
      '9007199254740993'.replace('3', '2'),
      '"\\u001f\\n\\""',
      '"\u007f\u2028"',
      '"\u{10ffff}"',
      '{"":0,"\u{10000}":1,"\uffff":2}',
      '{"__proto__":1}',
      '{"1":1,"10":2,"2":3}',
      '[]',
      `${'['.repeat(500)}${']'.repeat(500)}`,
    ];
    const bad = [
      '1.0',
      '1e21',
      '1E+21',
      '-0',
      '01',
      '0.10',
      '.5',
      '1e400',
      '9007199254740993',
      'NaN',
      'Infinity',
      '"\\u0041"',
      '"\\/"',
      '"\\u001F"',
      '"\\u2028"',
      '"\\ud800"',
      '"\t"',
      '{"b":1,"a":2}',
      '{"a":1,"a":1}',
      '{"\uffff":2,"\u{10000}":1}',
      '{"10":1,"2":1,"1":1}',
      ' 1',
      '[1, 2]',
      'undefined',
      "'a'",
      '[1,]',
      'tru',
      '',
      `${'['.repeat(512)}${']'.repeat(512)}`,
      `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
    ];
    for (const data of good) await check(members(data), 'valid');
    for (const data of bad) await check(members(data), 'tampered');
    await check(
      Buffer.concat([
        Buffer.from(members('"').slice(0, 9)),
        Buffer.from([0xc0, 0xaf]),
        Buffer.from(members('"').slice(9)),
      ]),
      'tampered',
    );
    const entries: [Record<string, string>, keyof typeof STATUS][] = [
      [{ t: '"2028-02-29T23:59:59.999Z"' }, 'valid'],
      [{ t: '"2026-02-29T00:00:00.000Z"' }, 'tampered'],
      [{ t: '"2026-11-20T24:00:00.000Z"' }, 'tampered'],
      [{ t: '"2026-11-31T00:00:00.000Z"' }, 'tampered'],
      [{ t: '"2026-11-20T19:00:60.000Z"' }, 'tampered'],
      [{ t: '"2026-13-20T19:00:00.000Z"' }, 'tampered'],
      [{ t: '"0000-01-01T00:00:00.000Z"' }, 'valid'],
      [{ t: '"2026-11-20T19:00:00Z"' }, 'tampered'],
      [{ v: '2' }, 'tampered'],
      [{ v: 'true' }, 'tampered'],
      [{ v: '"1"' }, 'tampered'],
      [{ mono: '9007199254740991' }, 'valid'],
      [{ mono: '9007199254740992' }, 'tampered'],
      [{ mono: '-1' }, 'tampered'],
      [{ mono: '1.5' }, 'tampered'],
      [{ seq: '3' }, 'tampered'],
      [{ seq: 'true' }, 'tampered'],
      [{ prev: `"${prev.toUpperCase()}"` }, 'tampered'],
      [{ prev: `"${'0'.repeat(64)}"` }, 'tampered'],
      [{ type: '"Message"' }, 'tampered'],
      [{ type: `"${'a'.repeat(64)}"` }, 'valid'],
      [{ type: `"${'a'.repeat(65)}"` }, 'tampered'],
      [{ type: '"a\\n"' }, 'tampered'],
      [{ type: '"log.later"' }, 'valid'],
      [{ type: '"log.genesis"' }, 'tampered'],
      [{ type: '"log.close"', data: '{"size":2}' }, 'valid'],
      [{ type: '"log.close"', data: '{"size":3}' }, 'tampered'],
      [{ type: '"log.close"', data: '{"size":true}' }, 'tampered'],
      [{ type: '"log.stats"', data: '{"counts":{"log.genesis":1,"log.open":1}}' }, 'valid'],
      [{ type: '"log.stats"', data: '{"counts":{"log.genesis":1,"log.open":1,"x":0}}' }, 'valid'],
      [{ type: '"log.stats"', data: '{"counts":{"log.genesis":1}}' }, 'tampered'],
      [{ type: '"log.stats"', data: '{"counts":{"log.genesis":true,"log.open":1}}' }, 'tampered'],
      [{ type: '"log.stats"', data: '7' }, 'tampered'],
      [{ type: '"log.gap"', data: '{"count":3,"first":"a","last":"b","reason":"c"}' }, 'valid'],
      [{ type: '"log.gap"', data: '{"count":3.5,"first":"a","last":"b","reason":"c"}' }, 'tampered'],
      [{ type: '"log.rollback"', data: '{"expectedSize":3,"foundSize":2}' }, 'valid'],
      [{ type: '"log.rollback"', data: '[]' }, 'tampered'],
      [{ type: '"log.recovered"', data: `{"bytes":3,"file":"gone.bin","sha256":"${prev}"}` }, 'valid'],
      [{ type: '"log.recovered"', data: `{"bytes":3,"file":"../x","sha256":"${prev}"}` }, 'tampered'],
      [{ type: '"log.recovered"', data: `{"bytes":3,"file":"checkpoint","sha256":"${prev}"}` }, 'tampered'],
      [{ src: '{"name":""}' }, 'tampered'],
      [{ src: '{"other":"x"}' }, 'tampered'],
      [{ src: '[]' }, 'tampered'],
      [{ src: `{"name":"${'🎬'.repeat(128)}"}` }, 'valid'],
      [{ src: `{"name":"${'🎬'.repeat(128)}a"}` }, 'tampered'],
      [{ w: '1' }, 'tampered'],
    ];
    for (const [more, wanted] of entries) await check(members('0', more), wanted);
    await check(members(`"${'x'.repeat(65_535 - members('""').length)}"`), 'valid');
    await check(members(`"${'x'.repeat(65_536 - members('""').length)}"`), 'tampered');
    for (const value of fc.sample(fc.jsonValue({ maxDepth: 4 }), { numRuns: loops(2000), seed: 7 }))
      await check(members(canonicalJson(value as JsonValue)), 'valid');
    for (const number of fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true }), {
      numRuns: loops(2000),
      seed: 7,
    }))
      await check(members(canonicalJson(number)), 'valid');
    console.log(`        forged lines: ${JSON.stringify(counts)}`);
  });

  describe('on what is handed out', () => {
    const log = evening();
    const silent = {
      out: () => Promise.resolve(),
      error: () => Promise.resolve(),
      gone: false,
      now: () => 0,
    };
    const command = (...args: string[]) => run(args, silent);
    const known = ['--vkey', log.vkey];
    const by = cosigners.flatMap(({ verifier }) => ['--cosigner', verifier.text]);
    let folder = '';
    before(() => (folder = log.put(join(home, 'whole'))));

    it('agree on proofs, and on proofs that were changed', async function () {
      this.timeout(600_000);
      const roll = dice(7);
      const [proof, changed] = [join(home, 'a.tlog-proof'), join(home, 'b.tlog-proof')];
      assert.equal(await command('prove', folder, '7', ...known, ...by, '--out', proof), 0);
      assert.equal((await oracle.ask('proof', proof, ...known, ...by)).status, 0);
      assert.equal((await oracle.ask('proof', proof)).status, 2);
      const counts: number[] = [0, 0, 0, 0];
      for (let at = loops(2000); at > 0; at--) {
        const bytes = CHANGES[roll(7)]!(readFileSync(proof), roll)!;
        writeFileSync(changed, bytes);
        const asked = [...(roll(4) ? known : []), ...(roll(2) ? by : [])];
        const ours = await command('check-proof', changed, ...asked);
        const theirs = await oracle.ask('proof', changed, ...asked);
        assert.equal(theirs.status, ours, `${JSON.stringify(theirs)}\n${bytes.toString()}`);
        counts[ours]!++;
      }
      console.log(`        changed proofs, by status: ${counts.join(', ')}`);
    });

    it('the tiles of a log lead to its root, and not once one of them was changed', async () => {
      const long = writtenLog(Array.from({ length: 600 }, (_, at) => ({ type: 'message', data: at })));
      const [from, out] = [long.put(join(home, 'long')), join(home, 'tiles')];
      assert.equal(await command('tiles', from, '--vkey', long.vkey, '--out', out), 0);
      const ask = async () => (await oracle.ask('tiles', out, '--vkey', long.vkey)).status;
      assert.equal(await ask(), 0);
      assert.equal((await oracle.ask('tiles', out)).status, 2);
      for (const name of [
        'tile/0/001',
        'tile/0/002.p/92',
        'tile/1/000.p/2',
        'tile/entries/000',
        'checkpoint',
      ]) {
        const file = join(out, name);
        const bytes = readFileSync(file);
        const changed = Buffer.from(bytes);
        changed[40]! ^= 1;
        writeFileSync(file, changed);
        assert.equal(await ask(), 1, name);
        writeFileSync(file, bytes);
      }
      assert.equal(await ask(), 0);
    });

    it('agree on exports: whole, in part with proofs, and changed', async () => {
      const [whole, part, bare, changed] = ['whole', 'part', 'bare', 'changed'].map((name) =>
        join(home, `${name}.json`),
      ) as [string, string, string, string];
      assert.equal(await command('export', folder, ...known, '--out', whole), 0);
      assert.equal(
        await command('export', folder, ...known, '--type', 'stream_*', '--proofs', '--out', part),
        0,
      );
      assert.equal(await command('export', folder, ...known, '--type', 'stream_*', '--out', bare), 0);
      const ask = async (file: string, ...more: string[]) =>
        (await oracle.ask('export', file, ...more)).status;
      assert.equal(await ask(whole, ...known, ...by), 0);
      assert.equal(await ask(part, ...known), 0);
      assert.equal(await ask(whole), 2);
      // an export without proofs and without the other entries is tied to nothing
      assert.equal(await ask(bare, ...known), 2);
      const texts = [whole, part].map((file) => readFileSync(file, 'utf8'));
      const changes: [number, string | RegExp, string][] = [
        [0, '\\"seq\\":7', '\\"seq\\":8'],
        [0, 'stream_started', 'stream_stopped'],
        [0, /"prev_hash":"./, '"prev_hash":"x'],
        [0, /"hash":"./, '"hash":"x'],
        [0, '"stream_started":8', '"stream_started":9'],
        [1, /"proof":\["./, '"proof":["x'],
        [1, '"scene_changed":4', '"scene_changed":3'],
        [0, '"timestamp":"2026-11-20T19:00:07', '"timestamp":"2026-11-20T19:00:08'],
      ];
      for (const [at, from, to] of changes) {
        const text = texts[at]!.replace(from, to);
        assert.notEqual(text, texts[at], String(from));
        writeFileSync(changed, text);
        assert.equal(await ask(changed, ...known), 1, String(from));
      }
    });

    it('ends with 3 where the question is wrong, and as a program too', async () => {
      for (const args of [
        ['folder'],
        ['fly', folder],
        ['folder', folder, '--vkey', 'key'],
        ['proof', join(home, 'none')],
      ])
        assert.equal((await oracle.ask(...args)).status, 3, args.join(' '));
      const direct = spawnSync('python3', [ORACLE, 'folder', folder, ...known], { encoding: 'utf8' });
      assert.equal(direct.status, 0, direct.stderr);
      assert.equal((JSON.parse(direct.stdout) as { verdict: string }).verdict, 'valid');
    });
  });
});
