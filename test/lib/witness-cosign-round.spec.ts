// All cosigners of a log together: none holds up another, and what is missing is said.
import assert from 'node:assert/strict';
import { fail } from '../../lib/errors';
import { cosign } from '../../lib/witness/cosign/cosignature';
import { LateError } from '../../lib/witness/cosign/late';
import { quorumOf } from '../../lib/witness/cosign/quorum';
import { Cosigners } from '../../lib/witness/cosign/round';
import type { CosignerClient } from '../../lib/witness/cosign/types';
import { KEY_TYPES, signerOf } from '../../lib/witness/keys';
import { parseNote } from '../../lib/witness/note';
import { waitFor } from '../support';
import { GrowingLog } from '../support/growing-log';

const AT = 1_795_000_000;
type Cosign = CosignerClient['cosign'];

/** One that asks for a proof, and signs unless `act` does something else. */
function client(name: string, act?: (sign: () => string, ...asked: Parameters<Cosign>) => Promise<string>) {
  const signer = signerOf(name, Buffer.alloc(32, name.length), KEY_TYPES.cosigner);
  const sizes: number[] = [];
  const one: CosignerClient & { sizes: number[] } = {
    name,
    vkey: signer.verifier.text,
    sizes,
    async cosign(...asked) {
      const [note, size, proofFrom] = asked;
      sizes.push(size);
      const sign = () => cosign(signer, parseNote(note)!.text, AT);
      if (act) return await act(sign, ...asked);
      await proofFrom(1);
      return sign();
    },
  };
  return one;
}

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) =>
    signal.addEventListener('abort', () =>
      reject(
        signal.reason instanceof LateError
          ? fail('WITNESS_COSIGNER_TIMEOUT', { name: 'slow', seconds: 1 })
          : fail('WITNESS_COSIGNER_STOPPED', { name: 'slow' }),
      ),
    ),
  );

describe('the cosigners of a log', () => {
  const log = new GrowingLog().grow(40);
  const round = (
    all: Cosigners,
    size: number,
    waitMs = 5000,
    proofFrom = () => Promise.resolve([] as Buffer[]),
  ) => all.ask({ note: log.note(size), size, proofFrom, waitMs });

  it('are asked all at once, and their signatures go below the note', async () => {
    let proofs = 0;
    const all = new Cosigners([client('a.example'), client('bb.example')], () => 5);
    assert.deepEqual(all.standings()[0], {
      name: 'a.example',
      ok: null,
      reason: null,
      code: null,
      since: null,
    });
    const told = await round(all, 9, 5000, () => {
      proofs++;
      return Promise.resolve([]);
    });
    assert.equal(proofs, 1, 'the same proof is worked out once');
    assert.deepEqual([told.cosignedBy, told.missing], [['a.example', 'bb.example'], []]);
    assert.deepEqual(
      parseNote(told.note)!.signatures.map(({ name }) => name),
      [log.origin, 'a.example', 'bb.example'],
    );
    assert.ok(all.standings().every(({ ok, since }) => ok && since === 5));
    const none = await round(new Cosigners([]), 9);
    assert.deepEqual(none, { note: log.note(9), cosignedBy: [], missing: [] });
  });

  it('one that is missing holds up neither the others nor the log', async () => {
    let now = 1000;
    let changes = 0;
    const slow = client('slow.example', (_, ...[, , , signal]) => untilAborted(signal));
    const broken = client('broken.example', () => Promise.reject(new TypeError('boom')));
    const wrong = client('wrong.example', () => Promise.resolve('no line'));
    const dead = client('dead.example', () => new Promise(() => undefined));
    const all = new Cosigners(
      [slow, client('good.example'), broken, wrong, dead],
      () => now,
      () => changes++,
    );
    const began = performance.now();
    const told = await round(all, 9, 60);
    assert.ok(performance.now() - began < 10_000);
    assert.deepEqual(told.cosignedBy, ['good.example']);
    assert.equal(told.missing.length, 4);
    const [standing] = all.standings();
    assert.deepEqual([standing!.code, standing!.since], ['WITNESS_COSIGNER_TIMEOUT', 1000]);
    assert.equal(changes, 4);
    now = 2000;
    await round(all, 10, 60);
    assert.equal(all.standings()[0]!.since, 1000, 'since it stands so');
    assert.equal(changes, 4, 'nothing new');
  });

  it('a slow one gets the newest checkpoint of those that waited', async () => {
    let let_: (() => void) | undefined;
    const slow = client('slow.example', async (sign, _, size) => {
      if (size > 0) await new Promise<void>((resolve) => (let_ = resolve));
      return sign();
    });
    const quick = client('quick.example');
    const all = new Cosigners([slow, quick]);
    // one that has answered before is worth waiting for
    await round(all, 0);
    const first = round(all, 1);
    const others = [2, 3, 4, 5].map((size) => round(all, size));
    await waitFor(() => quick.sizes.includes(5));
    let_!();
    await waitFor(() => slow.sizes.length === 3);
    let_!();
    assert.deepEqual((await first).cosignedBy, ['slow.example', 'quick.example']);
    const told = await Promise.all(others);
    assert.deepEqual(slow.sizes, [0, 1, 5]);
    assert.ok(told.at(-1)!.cosignedBy.includes('slow.example'));
    assert.ok(told.slice(0, -1).every(({ missing }) => missing.includes('slow.example')));
  });

  it('end at once with the log', async () => {
    const all = new Cosigners([client('slow.example', (_, ...[, , , signal]) => untilAborted(signal))]);
    const began = performance.now();
    const rounds = [round(all, 3, 60_000), round(all, 4, 60_000)];
    all.close();
    for (const { cosignedBy } of await Promise.all(rounds)) assert.deepEqual(cosignedBy, []);
    assert.deepEqual((await round(all, 5, 60_000)).missing, ['slow.example']);
    assert.ok(performance.now() - began < 20_000);
    assert.equal(all.standings()[0]!.ok, null, 'that it was closed says nothing of a cosigner');
  });
});

describe('how many of the cosigners have signed', () => {
  const standing = (name: string, ok: boolean | null, code: string | null = null) => ({
    name,
    ok,
    code,
    reason: ok === false ? 'Nothing listens there.' : null,
    since: ok === null ? null : new Date(2026, 10, 20, 19, 45, 1).getTime(),
  });

  it('is said in figures and in words', () => {
    const judged = quorumOf([standing('a', true), standing('b', false), standing('c', true)], 2);
    assert.deepEqual([judged.have, judged.of, judged.met, judged.alarm], [2, 3, true, false]);
    assert.equal(judged.short, 'cosigned 2/3');
    assert.equal(
      judged.sentence,
      '2 of 3 cosigners have signed, 2 needed. b is missing since 19:45:01: Nothing listens there.',
    );
    assert.ok(
      quorumOf(
        Array.from({ length: 100 }, () => standing('x', true)),
        100,
      ).short.length < 20,
    );
  });

  it('is not known before they were asked, and never met where there are too few', () => {
    assert.equal(quorumOf([standing('a', null), standing('b', true)], 2).met, null);
    assert.equal(quorumOf([standing('a', null), standing('b', false)], 2).met, false);
    assert.equal(quorumOf([standing('a', true)], 2).met, false);
    assert.equal(quorumOf([], 1).met, false);
    assert.deepEqual([quorumOf([], 0).met, quorumOf([], 0).short, quorumOf([], 0).sentence], [true, '', '']);
    assert.equal(
      quorumOf([standing('a', null)], 0).sentence,
      '0 of 1 cosigners have signed. 1 was not asked yet.',
    );
  });

  it('a cosigner that has seen another log is an alarm, one that is away is none', () => {
    for (const code of ['WITNESS_COSIGNER_REFUSED', 'WITNESS_COSIGNER_AHEAD'])
      assert.equal(quorumOf([standing('a', true), standing('b', false, code)], 1).alarm, true);
    assert.equal(quorumOf([standing('b', false, 'WITNESS_COSIGNER_TIMEOUT')], 1).alarm, false);
  });
});
