// Both ends of countersigning, over loopback: logs that grow, cosigners that come, go, are killed, and are lied to.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseCheckpoint } from '../../lib/witness/checkpoint';
import { httpCosigner } from '../../lib/witness/cosign/client';
import { verifyCosignature } from '../../lib/witness/cosign/cosignature';
import { CosignListener } from '../../lib/witness/cosign/listener';
import { quorumOf } from '../../lib/witness/cosign/quorum';
import { Cosigners } from '../../lib/witness/cosign/round';
import { CosignerService, type CosignNews } from '../../lib/witness/cosign/service';
import { KEY_TYPES, parseVerifier, signerOf } from '../../lib/witness/keys';
import { verifyNote } from '../../lib/witness/note';
import { freePort, loops, tempDir } from '../support';
import { GrowingLog } from '../support/growing-log';

const built = (name: string): string =>
  JSON.stringify(join(__dirname, '..', '..', 'dist', 'lib', 'witness', name));

/** Who of these has countersigned a note. */
function signedBy(note: string, vkeys: readonly string[]): string[] {
  const verifiers = vkeys.map((vkey) => parseVerifier(vkey)!);
  const { note: verified } = verifyNote(
    note,
    verifiers,
    (verifier, text, signature) => verifyCosignature(verifier, text, signature) !== null,
  );
  return verified?.by.map(({ name }) => name) ?? [];
}

describe('countersigning, both ends', () => {
  /** A cosigner on another computer. */
  class Outside {
    readonly signer;
    readonly folder = tempDir('cosign-both');
    readonly news: CosignNews[] = [];
    private listener: CosignListener | null = null;

    constructor(
      readonly name: string,
      readonly port: number,
      private readonly logs: string[],
    ) {
      this.signer = signerOf(name, Buffer.alloc(32, name.length), KEY_TYPES.cosigner);
    }

    get vkey(): string {
      return this.signer.verifier.text;
    }

    async start(): Promise<CosignerService> {
      const service = await CosignerService.open({
        signer: this.signer,
        logs: this.logs,
        stateFolder: this.folder,
      });
      service.onNews((one) => this.news.push(one));
      this.listener = await CosignListener.open(service, { port: this.port });
      return service;
    }

    async stop(): Promise<void> {
      await this.listener?.close();
      this.listener = null;
    }

    client(timeoutMs = 5000) {
      return httpCosigner({ url: `http://127.0.0.1:${this.port}/x`, vkey: this.vkey, timeoutMs });
    }
  }

  const ask = (all: Cosigners, log: GrowingLog, waitMs = 5000) => {
    const { size } = log;
    return all.ask({
      note: log.note(),
      size,
      proofFrom: (old) => Promise.resolve(log.proof(old, size)),
      waitMs,
    });
  };

  it('two computers vouch for each other’s logs, one goes away and comes back', async () => {
    const logs = ['a.example/log', 'b.example/log'].map(
      (origin, at) => new GrowingLog(origin, Buffer.alloc(32, 40 + at)),
    );
    const vkeys = logs.map(({ vkey }) => vkey);
    const outside = [
      new Outside('one.example', await freePort(), vkeys),
      new Outside('second.example', await freePort(), vkeys),
    ] as const;
    const keys = outside.map(({ vkey }) => vkey);
    await Promise.all(outside.map((one) => one.start()));
    const cosigners = logs.map(() => new Cosigners(outside.map((one) => one.client())));
    try {
      for (let step = 0; step < 30; step++) {
        // the second one is away for a while
        if (step === 10) await outside[1].stop();
        if (step === 20) await outside[1].start();
        const away = step >= 10 && step < 20;
        await Promise.all(
          logs.map(async (log, at) => {
            log.grow(1 + ((step * 7 + at) % 13));
            const round = await ask(cosigners[at]!, log);
            assert.deepEqual(
              signedBy(round.note, keys),
              away ? ['one.example'] : ['one.example', 'second.example'],
            );
            assert.deepEqual(round.missing, away ? ['second.example'] : []);
            const judged = quorumOf(cosigners[at]!.standings(), 2);
            assert.deepEqual([judged.met, judged.alarm], [!away, false]);
            if (away)
              assert.match(judged.sentence, /second\.example is missing since .*nothing listens there/);
          }),
        );
      }
      assert.ok(outside.every(({ news }) => news.every(({ what }) => what === 'cosigned')));
    } finally {
      cosigners.forEach((all) => all.close());
      await Promise.all(outside.map((one) => one.stop()));
    }
  });

  it('a log that was put back, and one that goes on from there, are found out', async () => {
    const log = new GrowingLog().grow(10);
    const outside = new Outside('one.example', await freePort(), [log.vkey]);
    await outside.start();
    try {
      assert.deepEqual((await ask(new Cosigners([outside.client()]), log.grow(10))).missing, []);
      const putBack = log.fork(12);
      // a new process knows nothing of what it has been told before
      const all = new Cosigners([outside.client()]);
      await ask(all, putBack);
      assert.equal(all.standings()[0]!.code, 'WITNESS_COSIGNER_AHEAD');
      assert.match(all.standings()[0]!.reason!, /20 entries of this log, and here are only 12/);
      await ask(all, putBack.grow(20, 'forged '));
      assert.equal(all.standings()[0]!.code, 'WITNESS_COSIGNER_REFUSED');
      assert.ok(quorumOf(all.standings(), 1).alarm);
      assert.deepEqual(signedBy((await ask(all, putBack)).note, [outside.vkey]), []);
      const refused = outside.news.filter(({ what }) => what === 'refused');
      assert.ok(refused.length > 0);
      // and the honest one goes on as if nothing had been
      assert.deepEqual((await ask(new Cosigners([outside.client()]), log.grow(3))).missing, []);
    } finally {
      await outside.stop();
    }
  });

  it('a cosigner that is killed at any moment knows afterwards what it has signed', async function () {
    this.timeout(300_000);
    const log = new GrowingLog().grow(3);
    const folder = tempDir('cosign-kill');
    const port = await freePort();
    const signer = signerOf('one.example', Buffer.alloc(32, 11), KEY_TYPES.cosigner);
    const script = `
      const { CosignerService } = require(${built('cosign/service.js')});
      const { CosignListener } = require(${built('cosign/listener.js')});
      const { signerOf } = require(${built('keys.js')});
      (async () => {
        const signer = signerOf('one.example', Buffer.alloc(32, 11), 4);
        const options = { signer, logs: [${JSON.stringify(log.vkey)}], stateFolder: ${JSON.stringify(folder)} };
        const service = await CosignerService.open(options);
        const known = service.logs()[0];
        if (known.error) throw known.error;
        await CosignListener.open(service, { port: ${port} });
        console.log(known.size ?? 0);
      })().catch((error) => { console.error(error); process.exit(3); });`;
    const url = `http://127.0.0.1:${port}`;
    const vkey = signer.verifier.text;
    let [signed, killedWhileAsked] = [0, 0];
    const rounds = loops(60);
    for (let round = 0; round < rounds; round++) {
      const child: ChildProcess = spawn(process.execPath, ['-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = once(child, 'exit');
      try {
        const [told] = (await Promise.race([once(child.stdout!, 'data'), ended])) as [Buffer];
        const size = Number(told.toString());
        assert.ok(size >= signed && size <= log.size, `signed ${signed}, knows ${size}`);
        // the log itself is put back behind what was signed: not signed again
        if (signed > 1) {
          const forked = new Cosigners([httpCosigner({ url, vkey })]);
          assert.deepEqual(
            (await ask(forked, log.fork(signed - 1).grow(5, `forged ${round}`))).cosignedBy,
            [],
          );
        }
        const honest = new Cosigners([httpCosigner({ url, vkey })]);
        const kill = sleep(Math.random() * 60).then(() => child.kill('SIGKILL'));
        for (let asking = true; asking;) {
          const { note, cosignedBy } = await ask(honest, log.grow(1));
          asking = cosignedBy.length > 0;
          if (!asking) killedWhileAsked++;
          else {
            assert.deepEqual(signedBy(note, [vkey]), ['one.example']);
            signed = parseCheckpoint(note.slice(0, note.indexOf('\n\n') + 1))!.size;
          }
        }
        await kill;
      } finally {
        child.kill('SIGKILL');
        await ended;
      }
    }
    assert.ok(signed > rounds, `only ${signed} were signed`);
    assert.equal(killedWhileAsked, rounds);
  });
});
