// The cosigner: what it signs, what it refuses, and what is left when it dies.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import type { FolderLock } from '../../lib/durable/lock';
import type { LiveError } from '../../lib/errors';
import { checkpointText, parseCheckpoint } from '../../lib/witness/checkpoint';
import { parseSignatureLines, verifyCosignature } from '../../lib/witness/cosign/cosignature';
import { MOST_PROOF_LINES, addCheckpointBody } from '../../lib/witness/cosign/request';
import { CosignerService, type CosignNews, type CosignerOptions } from '../../lib/witness/cosign/service';
import { KEY_TYPES, signerOf } from '../../lib/witness/keys';
import { parseNote, signNote } from '../../lib/witness/note';
import { sha256 } from '../../lib/witness/tree';
import { loops, tempDir } from '../support';
import { FaultyDisk, type Fault } from '../support/faulty-disk';
import { GrowingLog } from '../support/growing-log';

const cases = resolve(__dirname, '../../../shared/conformance/tlog-witness/add-checkpoint.json');
const signer = signerOf('cosigner.example', Buffer.alloc(32, 9), KEY_TYPES.cosigner);
const NOW = Date.parse('2026-11-20T20:00:00Z');
const noLock = (): Promise<FolderLock> => Promise.resolve({ release: () => Promise.resolve() });

const open = (options: Partial<CosignerOptions> & { logs: string[] }): Promise<CosignerService> =>
  CosignerService.open({ signer, stateFolder: tempDir('cosign'), now: () => NOW, ...options });

/** On a disk in memory. */
const openOn = (disk: FaultyDisk, log: GrowingLog): Promise<CosignerService> =>
  open({ logs: [log.vkey], stateFolder: '/', files: disk, lock: noLock });

/** That an answer is a cosignature of this text. */
function assertSigned(answer: { status: number; body: string }, note: string): void {
  assert.equal(answer.status, 200, answer.body);
  const [line] = parseSignatureLines(answer.body)!;
  const at = verifyCosignature(signer.verifier, parseNote(note)!.text, line!.signature)?.at;
  assert.equal(at, NOW / 1000);
}

describe('a cosigner', () => {
  it('answers nine requests as another one does', async function () {
    if (!existsSync(cases)) this.skip();
    const known = JSON.parse(readFileSync(cases, 'utf8')) as {
      logPublicKeyHex: string;
      cases: { request: string; status: number; assert: string }[];
    };
    const raw = Buffer.from(known.logPublicKeyHex, 'hex');
    const name = `sigsum.org/v1/tree/${sha256(raw).toString('hex')}`;
    const typed = Buffer.concat([Buffer.from([1]), raw]);
    const id = sha256(Buffer.concat([Buffer.from(`${name}\n`), typed])).subarray(0, 4);
    const service = await open({ logs: [`${name}+${id.toString('hex')}+${typed.toString('base64')}`] });
    assert.equal(known.cases.length, 9);
    for (const [index, { request, status, assert: wanted }] of known.cases.entries()) {
      const answer = await service.handle(request);
      // recorded from one that still said 403 for a log it does not know; today's text wants 404
      assert.equal(answer.status, index === 2 ? 404 : status, `${index}: ${answer.body}`);
      const [, how, what = ''] = /^body (contains|==) "(.*)"$/.exec(wanted)!;
      const text = what.replace('\\n', '\n').replace('example.com/witness', signer.verifier.name);
      assert.ok(how === '==' ? answer.body === text : answer.body.includes(text), `${index}: ${answer.body}`);
    }
    await service.close();
  });

  it('signs growth, says where it is, and remembers it', async () => {
    const log = new GrowingLog().grow(5);
    const stateFolder = tempDir('cosign');
    const service = await open({ logs: [log.vkey], stateFolder });
    assertSigned(await service.handle(log.request(0, 0)), log.note(0));
    assertSigned(await service.handle(log.request(0)), log.note());
    assert.deepEqual(await service.handle(log.request(0)), {
      status: 409,
      contentType: 'text/x.tlog.size',
      body: '5\n',
    });
    assertSigned(await service.handle(log.request(5)), log.note());
    log.grow(8);
    assertSigned(await service.handle(Buffer.from(log.request(5))), log.note());
    await service.close();
    const again = await open({ logs: [log.vkey], stateFolder });
    assert.deepEqual(again.logs(), [{ origin: log.origin, size: 13, at: NOW / 1000, error: null }]);
    assert.equal((await again.handle(log.request(5))).body, '13\n');
    // what is shown of the log has its signature and ours
    const shown = parseNote(again.checkpointOf(sha256(Buffer.from(log.origin)).toString('hex'))!)!;
    assert.deepEqual(
      shown.signatures.map(({ name }) => name),
      [log.origin, 'cosigner.example'],
    );
    assert.equal(again.checkpointOf('00'.repeat(32)), null);
    await again.close();
  });

  it('refuses a log that has forked, and keeps what it had', async () => {
    const log = new GrowingLog().grow(10);
    const stateFolder = tempDir('cosign');
    const service = await open({ logs: [log.vkey], stateFolder });
    const news: CosignNews[] = [];
    service.onNews((one) => news.push(one));
    await service.handle(log.request(0));
    const forked = log.fork(7).grow(3, 'forged ');
    const [same, longer] = [await service.handle(forked.request(10)), forked.grow(4)];
    assert.equal(same.status, 422);
    assert.equal((await service.handle(longer.request(10))).status, 422);
    // with the proof of the honest log, and with one that leads to its own past
    assert.equal(
      (await service.handle(addCheckpointBody(10, log.fork(10).grow(4).proof(10), longer.note()))).status,
      422,
    );
    assert.equal((await service.handle(longer.request(7))).body, '10\n');
    assertSigned(await service.handle(log.grow(1).request(10)), log.note());
    const told = news.filter(({ what }) => what === 'refused');
    assert.equal(told.length, 3);
    const [evidence] = told;
    assert.ok(evidence?.what === 'refused');
    // two checkpoints of one size, both signed by the log
    assert.equal(parseCheckpoint(parseNote(evidence.note)!.text)!.size, 10);
    assert.equal(parseCheckpoint(parseNote(evidence.known!)!.text)!.size, 10);
    assert.equal(readFileSync(evidence.file!, 'utf8'), `${evidence.known}\n${evidence.note}\n`);
    // the first pair of one size stays, whatever comes later; of other sizes the newest is there
    const first = readFileSync(evidence.file!);
    await service.handle(log.fork(5).grow(6, 'other ').request(11));
    assert.deepEqual(readFileSync(evidence.file!), first);
    assert.equal(readdirSync(stateFolder).filter((name) => /\.(forked|refused)$/.test(name)).length, 2);
    await service.close();
  });

  it('says what is wrong by the numbers of the protocol', async () => {
    const log = new GrowingLog().grow(4);
    const stranger = new GrowingLog('other.example', Buffer.alloc(32, 8)).grow(4);
    const thief = new GrowingLog(log.origin, Buffer.alloc(32, 6)).grow(4);
    const service = await open({ logs: [log.vkey] });
    const status = async (body: string | Uint8Array) => (await service.handle(body)).status;
    assert.equal(await status(stranger.request(0)), 404);
    assert.equal(await status(thief.request(0)), 403);
    assert.equal(await status(log.request(5)), 400, 'old larger than the checkpoint');
    assert.equal(await status(log.request(3)), 409, 'never cosigned');
    assert.equal(await status(addCheckpointBody(0, [sha256(Buffer.alloc(0))], log.note())), 422);
    const empty = { origin: log.origin, size: 0, root: sha256(Buffer.from('x')) };
    assert.equal(await status(addCheckpointBody(0, [], signNote(checkpointText(empty), log.signer))), 422);
    // a signature of the log's key that is wrong spoils the note, one of anybody else does not
    const wrong = thief.note().trimEnd().split('\n').at(-1)!;
    const ours = log.note().trimEnd().split('\n').at(-1)!;
    const [, , idOf] = ours.split(' ');
    const mixed = Buffer.concat([
      Buffer.from(idOf!, 'base64').subarray(0, 4),
      Buffer.from(wrong.split(' ')[2]!, 'base64').subarray(4),
    ]);
    const body = log.note().slice(0, log.note().indexOf('—'));
    for (const none of ['', ours.replace('=', 'x='), `${ours} `, ours.replace('—', '-'), `\n${ours}`])
      assert.notEqual(await status(`old 0\n\n${body}${none}\n`), 200, none);
    assert.equal(await status(`old 0\n\n${body}`), 403, 'no signature at all');
    assert.equal(await status(`old 0\n\n${body}— ${log.origin} ${mixed.toString('base64')}\n${ours}\n`), 403);
    const sixteen = Array.from(
      { length: 16 },
      (_, at) => `${stranger.note().trimEnd().split('\n').at(-1)!.replace('other', `other${at}`)}\n`,
    );
    assert.equal(await status(`old 0\n\n${body}${sixteen.join('')}${ours}\n`), 200);
    await service.close();
  });

  it('takes a request for one only when it is exactly that', async () => {
    const log = new GrowingLog().grow(4);
    const service = await open({ logs: [log.vkey] });
    await service.handle(log.request(0, 2));
    const good = log.request(2);
    const hash = `${sha256(Buffer.alloc(0)).toString('base64')}\n`;
    const bad: (string | Uint8Array)[] = [
      '',
      '\n',
      'old',
      good.replace('old 2', 'old 02'),
      good.replace('old 2', 'old +2'),
      good.replace('old 2', 'old  2'),
      good.replace('old 2', 'old 2 '),
      good.replace('old 2', 'old 0x2'),
      good.replace('old 2', 'old 2.0'),
      good.replace('old 2', 'old 99999999999999999999'),
      good.replace('old 2', 'OLD 2'),
      good.replace('old 2\n', 'old 2\r\n'),
      `\ufeff${good}`,
      ` ${good}`,
      good.replace(/\n/g, '\r\n'),
      good.trimEnd(),
      good.replace('old 2\n', 'old 2\nabc\n'),
      good.replace('old 2\n', `old 2\n${hash.replace('=', '')}`),
      good.replace('old 2\n', `old 2\n${hash.trimEnd()} \n`),
      good.replace('\n4\n', '\n04\n'),
      good.replace('\n4\n', '\n4 \n'),
      good.replace('old 2\n', `old 2\n${hash.repeat(MOST_PROOF_LINES + 1)}`),
      `${good}${'x'.repeat(70_000)}\n`,
      good.slice(0, good.indexOf('\n\n', 60)),
      Buffer.concat([Buffer.from(good), Buffer.from([0xff])]),
      Buffer.concat([Buffer.from([0xc0, 0xaf]), Buffer.from(good)]),
    ];
    for (const body of bad) {
      const { status } = await service.handle(body);
      assert.equal(status, 400, JSON.stringify(body.toString().slice(0, 60)));
    }
    // the most lines there may be: read, and no proof
    const most = good.replace(/^old 2\n[^]*?\n\n/, `old 2\n${hash.repeat(MOST_PROOF_LINES)}\n`);
    assert.equal((await service.handle(most)).status, 422);
    assertSigned(await service.handle(good), log.note());
    await service.close();
  });

  it('never throws and never fails, whatever it is sent', async () => {
    const log = new GrowingLog().grow(9);
    const service = await open({ logs: [log.vkey] });
    await service.handle(log.request(0, 3));
    const good = Buffer.from(log.request(3));
    const changed = fc
      .array(fc.tuple(fc.nat(good.length - 1), fc.nat(255), fc.constantFrom('set', 'cut', 'add')), {
        minLength: 1,
        maxLength: 4,
      })
      .map((changes) => {
        let body = Buffer.from(good);
        for (const [at, byte, how] of changes) {
          const [head, tail] = [body.subarray(0, at), body.subarray(how === 'add' ? at : at + 1)];
          body = Buffer.concat([head, how === 'cut' ? Buffer.alloc(0) : Buffer.from([byte]), tail]);
        }
        return body;
      });
    const lines = fc
      .array(fc.constantFrom(...log.request(3).split('\n'), 'old 3', 'old 0', '', '—', '— a b', '9', '\0'), {
        maxLength: 20,
      })
      .map((some) => Buffer.from(some.join('\n')));
    const bodies = fc.oneof(changed, lines, fc.uint8Array({ maxLength: 400 }), fc.string({ unit: 'binary' }));
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const { status } = await service.handle(body);
        // the honest request itself may come out, where a change is none
        assert.ok([200, 400, 403, 404, 409, 422].includes(status), String(status));
        const [known] = service.logs();
        assert.ok(status !== 200 || known!.size === 9 || known!.size === 3);
      }),
      { numRuns: loops(3000) },
    );
    await service.close();
  });

  it('takes requests of one log one after the other, and never goes back', async () => {
    const log = new GrowingLog().grow(64);
    const service = await open({ logs: [log.vkey] });
    await service.handle(log.request(0, 4));
    // the race of the specification: both go on from 4, and the smaller one comes second
    const [larger, smaller] = await Promise.all([
      service.handle(log.request(4, 9)),
      service.handle(log.request(4, 6)),
    ]);
    assertSigned(larger, log.note(9));
    assert.deepEqual([smaller.status, smaller.body], [409, '9\n']);
    // and many at once, each believing something else
    let size = 9;
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, at) => service.handle(log.request(9 + (at % 5), 14 + ((at * 7) % 50)))),
    );
    for (const { status, body } of answers) {
      if (status !== 409) continue;
      assert.ok(Number(body) >= size);
      size = Number(body);
    }
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    await service.close();
  });

  it('keeps every other service from its folder, and lets the next one in', async () => {
    const log = new GrowingLog().grow(2);
    const stateFolder = tempDir('cosign');
    const service = await open({ logs: [log.vkey], stateFolder });
    await assert.rejects(
      open({ logs: [log.vkey], stateFolder }),
      ({ code }: LiveError) => code === 'DURABLE_LOCKED',
    );
    const last = service.handle(log.request(0));
    void service.close();
    const next = await open({ logs: [log.vkey], stateFolder });
    assert.equal((await last).status, 200);
    assert.equal(next.logs()[0]!.size, 2);
    assert.equal((await service.handle(log.request(2))).status, 503, 'closed');
    await next.close();
  });

  it('a damaged record is never taken for a beginning', async () => {
    const [log, other] = [new GrowingLog().grow(6), new GrowingLog('b.example', Buffer.alloc(32, 5)).grow(6)];
    const stateFolder = tempDir('cosign');
    const logs = [log.vkey, other.vkey];
    const first = await open({ logs, stateFolder });
    await first.handle(log.request(0));
    const [file] = readdirSync(stateFolder).filter((name) => name.endsWith('.checkpoint'));
    await first.close();
    const path = join(stateFolder, file!);
    const honest = readFileSync(path);
    const changes = [
      Buffer.alloc(0),
      honest.subarray(0, 40),
      Buffer.from(honest.toString().replace('\n6\n', '\n5\n')),
      Buffer.from(log.note()),
    ];
    for (const bytes of changes) {
      writeFileSync(path, bytes);
      const service = await open({ logs, stateFolder });
      const news: CosignNews[] = [];
      service.onNews((one) => news.push(one));
      assert.equal((await service.handle(log.request(0))).status, 500);
      assert.equal((await service.handle(log.request(6))).status, 500);
      assert.equal(service.logs()[0]!.error?.code, 'WITNESS_COSIGN_STATE');
      // a log asks every few seconds: told once
      assert.deepEqual(
        news.map(({ what }) => what),
        ['failed'],
      );
      // the other log is not harmed, and the record is as good as the file that is put back
      assert.notEqual((await service.handle(other.request(6))).status, 500);
      writeFileSync(path, honest);
      assertSigned(await service.handle(log.request(6)), log.note());
      await service.close();
    }
  });

  it('signs nothing by a clock that was never set, and wants keys of logs', async () => {
    const log = new GrowingLog().grow(1);
    for (const now of [0, NaN, Date.parse('2001-01-01T00:00:00Z')]) {
      const service = await open({ logs: [log.vkey], now: () => now });
      assert.equal((await service.handle(log.request(0))).status, 503);
      assert.equal(service.logs()[0]!.size, null);
      await service.close();
    }
    const secret = `PRIVATE+KEY+${log.vkey}`;
    for (const text of [secret, 'x', signer.verifier.text, ''])
      await assert.rejects(
        open({ logs: [log.vkey, text] }),
        ({ code, message }: LiveError) =>
          code === 'CONFIG_INVALID' && /line 2/.test(message) && !message.includes(text || '++'),
      );
    await assert.rejects(
      CosignerService.open({ signer: log.signer, logs: [], stateFolder: tempDir('cosign') }),
      ({ code }: LiveError) => code === 'CONFIG_INVALID',
    );
  });
});

describe('a cosigner whose disk fails', () => {
  it('at every call, in every way: what it has signed it still knows, and it goes on', async () => {
    for (const fault of ['fails', 'persists', 'full', 'short', 'dies', 'dies after'] as const)
      for (let at = 0; ; at++) {
        const disk = new FaultyDisk(() => 0.3);
        const log = new GrowingLog().grow(3);
        let service = await openOn(disk, log);
        assert.equal((await service.handle(log.request(0))).status, 200);
        const before = disk.calls.length;
        disk.plan = (call) => (call === before + at ? fault : null);
        const { status } = await service.handle(log.grow(2).request(3));
        if (disk.calls.length <= before + at) break;
        assert.ok([200, 503].includes(status));
        const shown = service.checkpointOf(sha256(Buffer.from(log.origin)).toString('hex'));
        if (disk.dead || at % 2) {
          disk.restart('nothing');
          service = await openOn(disk, log);
        }
        const size = service.logs()[0]!.size!;
        const seen = shown ? parseCheckpoint(parseNote(shown)!.text)!.size : 0;
        assert.ok(size >= (status === 200 ? 5 : 3) && size >= seen, `${fault} at call ${at}: ${size}`);
        // a fork below what was signed is refused, and the honest log goes on
        const forked = log.fork(2).grow(4, 'forged ');
        assert.notEqual((await service.handle(forked.request(size))).status, 200);
        assertSigned(await service.handle(log.grow(2).request(size)), log.note());
      }
  });

  it('shows nobody what a power cut could still take', async () => {
    const shown = (service: CosignerService) =>
      service.checkpointOf(sha256(Buffer.from(new GrowingLog().origin)).toString('hex'));
    for (let at = 0; ; at++) {
      const disk = new FaultyDisk(() => 0.3);
      const log = new GrowingLog().grow(3);
      const service = await openOn(disk, log);
      assert.equal((await service.handle(log.request(0))).status, 200);
      const before = disk.calls.length;
      disk.plan = (call) => (call === before + at ? 'dies after' : null);
      await service.handle(log.grow(2).request(3));
      if (disk.calls.length <= before + at) break;
      // killed, started, looked at; then the power goes
      disk.restart();
      const note = shown(await openOn(disk, log))!;
      disk.restart('nothing');
      const size = (await openOn(disk, log)).logs()[0]!.size!;
      assert.ok(size >= parseCheckpoint(parseNote(note)!.text)!.size, `call ${at}`);
    }
  });

  it('never signs two checkpoints that exclude each other, whatever is asked and whatever breaks', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('grow' as const), branch: fc.nat(2), by: fc.integer({ min: 1, max: 5 }) }),
      fc.record({
        do: fc.constant('ask' as const),
        branch: fc.nat(2),
        from: fc.option(fc.nat(20)),
        back: fc.nat(3),
        proofOf: fc.nat(2),
        fault: fc.option(
          fc.tuple(fc.nat(12), fc.constantFrom<Fault>('fails', 'persists', 'dies', 'dies after')),
          {
            freq: 3,
          },
        ),
      }),
      fc.record({
        do: fc.constant('restart' as const),
        power: fc.constantFrom('nothing', 'something', undefined),
      }),
    );
    const steps = fc.array(step, { minLength: 5, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.nat(6),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        async (todo, shared, random) => {
          const disk = new FaultyDisk(() => random.next().value as number);
          const trunk = new GrowingLog().grow(shared);
          const branches = [trunk.fork(shared), trunk.fork(shared), trunk.fork(Math.floor(shared / 2))];
          const signed: { size: number; root: string }[] = [];
          let service = await openOn(disk, trunk);
          for (const one of todo) {
            if (one.do === 'restart') {
              disk.restart(one.power);
              service = await openOn(disk, trunk);
              continue;
            }
            const log = branches[one.branch]!;
            if (one.do === 'grow') {
              log.grow(one.by, `branch ${one.branch} `);
              continue;
            }
            const to = Math.max(0, log.size - one.back);
            const known = service.logs()[0]!.size ?? 0;
            const from = one.from ?? known;
            const proof = branches[one.proofOf]!;
            const before = disk.calls.length;
            if (one.fault) {
              const [at, fault] = one.fault;
              disk.plan = (call) => (call === before + at ? fault : null);
            }
            const asked = addCheckpointBody(
              from,
              from < to && to <= proof.size ? proof.proof(from, to) : log.proof(from, to),
              log.note(to),
            );
            const { status } = await service.handle(asked);
            if (status === 200) signed.push({ size: to, root: log.root(to).toString('hex') });
            disk.plan = () => null;
            if (disk.dead) {
              disk.restart();
              service = await openOn(disk, trunk);
            }
          }
          const holds = (log: GrowingLog, { size, root }: { size: number; root: string }) =>
            size <= log.size && log.root(size).toString('hex') === root;
          const last = signed.at(-1);
          for (const one of signed) {
            assert.ok(one.size <= last!.size, 'never goes back');
            assert.ok(
              branches.some((log) => signed.every((other) => holds(log, other))),
              'all of one branch',
            );
          }
        },
      ),
      { numRuns: loops(400) },
    );
  });
});
