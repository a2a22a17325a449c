// The parts of the publish gate that need no server: who is there, what is told, what a flow may answer.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { byToken, sameSecret, tellableName } from '../../lib/gate/admission';
import { Asking, parseAnswer } from '../../lib/gate/asking';
import { Denials } from '../../lib/gate/denials';
import { Gate, gateMemory, type GateOptions } from '../../lib/gate/gate';
import { Presence } from '../../lib/gate/presence';
import type { Admission, Ruling } from '../../lib/gate/types';
import { tokensOf } from '../../lib/keys/token';
import type { Hook } from '../../lib/media-servers/types';
import { loops } from '../support';

describe('who was let in', () => {
  it('is never ended by a word about another connection, whatever comes in which order', () => {
    const step = fc.record({
      act: fc.constantFrom('join', 'leave'),
      stream: fc.constantFrom('anna', 'bob'),
      clientId: fc.constantFrom('1', '2', '3'),
      afterMs: fc.nat(4_000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const presence = new Presence();
        let nowMs = 0;
        for (const { act, stream, clientId, afterMs } of steps) {
          nowMs += afterMs;
          const [present] = presence.of(stream);
          if (act === 'join') presence.join({ app: 'live', stream, clientId }, true, nowMs);
          else {
            const ended = presence.leave('live', stream, clientId, nowMs);
            assert.equal(ended, present?.clientId === clientId);
          }
          assert.ok(presence.of(stream).length <= 1);
        }
      }),
      { numRuns: loops(5_000) },
    );
  });

  it('a second one who stays longer than a refusal takes is the publisher', () => {
    const presence = new Presence();
    const join = (clientId: string, atMs: number) =>
      presence.join({ app: 'live', stream: 'anna', clientId }, false, atMs);
    assert.equal(join('1', 0), true);
    assert.equal(join('2', 0), false);
    assert.equal(presence.leave('live', 'anna', '2', 1_000), false);
    assert.equal(join('3', 2_000), false);
    assert.equal(presence.leave('live', 'anna', '3', 60_000), true);
    assert.equal(presence.leave('live', 'anna', '1', 60_001), false);
  });
});

describe('denials', () => {
  it('are told once, then counted, and told again with how often it was tried', () => {
    const denials = new Denials();
    let told: (number | null)[] = [];
    for (let second = 0; second <= 1_200; second++) told.push(denials.count('anna', second * 1000));
    assert.deepEqual(
      told.filter((tries) => tries !== null),
      [1, 600, 600],
    );
    // who was quiet begins anew
    assert.equal(denials.count('anna', 1_300_000), 1);
    told = Array.from({ length: 10_000 }, (_, n) => denials.count(`name ${n}`, 2_000_000));
    assert.equal(told.filter((tries) => tries !== null).length, 30);
    // and in time there is room for news again
    assert.equal(denials.count('news', 2_010_000), 1);
  });
});

const gateWith = (more: Partial<GateOptions>): Gate =>
  new Gate({
    apps: [],
    otherApps: 'deny',
    takesOver: false,
    admit: () => ({ ok: false, why: 'refused' }),
    withdrawn: () => null,
    queue: null,
    mayPlay: null,
    forward: () => [],
    tell: () => undefined,
    warn: () => undefined,
    log: () => undefined,
    memory: gateMemory(),
    now: () => 0,
    ...more,
  });

describe('a gate', () => {
  it('takes a wrong token for a guess, and neither one that was right nor a no of the flow', () => {
    const tokens = tokensOf('a secret of sixteen and more');
    const mine = tokens.make('anna', 60_000, 0).token;
    const isGuess = (admit: Admission, token: string | null): boolean | undefined => {
      const params = new Map(token === null ? [] : [['token', token]]);
      const hook = { action: 'publish', app: 'live', stream: 'anna', address: '', login: null, params };
      const ruling = gateWith({ admit }).rule(hook as unknown as Hook, 900, () => false) as Ruling;
      assert.equal(ruling.decision.allow, false);
      return ruling.isGuess;
    };
    for (const wrong of [null, 'x', tokens.make('bob', 60_000, 0).token])
      assert.equal(
        isGuess(
          byToken(tokens, () => 1_000),
          wrong,
        ),
        true,
        String(wrong),
      );
    assert.equal(
      isGuess(
        byToken(tokens, () => 61_000),
        mine,
      ),
      false,
    );
    assert.equal(
      isGuess(() => ({ ok: false, why: 'refused' }), null),
      false,
    );
  });

  it('tells of a guest who is denied, also where strangers flood the hook address from everywhere', () => {
    const [told, warned]: [string[], string[]] = [[], []];
    const gate = gateWith({
      admit: () => ({ ok: false, why: 'wrong-key' }),
      tell: ({ more }) => told.push(String(more.reason)),
      warn: (text) => warned.push(text),
    });
    const deny = (stream: string) => {
      const hook = { action: 'publish', app: 'live', stream, address: '198.51.100.2' } as Hook;
      (gate.rule(hook, 900, () => false) as Ruling).after?.();
    };
    for (let n = 0; n < 5_000; n++) gate.stranger('secret', `203.0.113.${n}`, '');
    assert.deepEqual([warned.length, told.length], [30, 30]);
    deny('anna');
    assert.equal(told.at(-1), 'wrong-key');
    assert.equal(told.length, 31);
  });
});

describe('an answer of a flow', () => {
  it('that is none is refused without a word of it', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (payload) => {
        try {
          const answer = parseAnswer(payload, 'anna');
          const given = payload as { allow?: unknown };
          const word = typeof payload === 'string' ? payload.trim().toLowerCase() : payload;
          assert.equal(answer.ok, word === true || word === 'allow' || given?.allow === true);
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'INPUT_INVALID');
        }
      }),
      { numRuns: loops(20_000) },
    );
  });

  const asks = () => {
    let made = 0;
    return new Asking(
      5_000,
      () => undefined,
      () => `id-${made++}`,
      () => 0,
    );
  };

  it('is waited for by so many of one address only, and others have theirs', () => {
    const asking = asks();
    const from = (address: string, n: number) => ({ app: 'live', stream: `s${n}`, address }) as Hook;
    const waits = (address: string, n: number) => asking.ask(from(address, n), 900) instanceof Promise;
    const flood = Array.from({ length: 2_000 }, (_, n) => waits('203.0.113.7', n));
    assert.equal(flood.filter(Boolean).length, 50);
    // one household of IPv6 is one
    const house = Array.from({ length: 200 }, (_, n) => waits(`2001:db8:1:2::${n.toString(16)}`, n));
    assert.equal(house.filter(Boolean).length, 50);
    assert.equal(waits('198.51.100.2', 1), true);
    asking.close();
  });

  it('makes room for the next of an address when it is there', async () => {
    const sent: string[] = [];
    const asking = new Asking(
      5_000,
      ({ id }) => sent.push(id),
      () => `id-${sent.length}`,
      () => 0,
    );
    const ask = (n: number) =>
      asking.ask({ app: 'live', stream: `s${n}`, address: '203.0.113.7' } as Hook, 900);
    for (let n = 0; n < 200; n++) {
      const answer = ask(n);
      assert.ok(answer instanceof Promise, `the ${n}th`);
      asking.answer(sent.at(-1), true);
      await answer;
    }
  });

  it('is waited for by so many only', async () => {
    const asking = asks();
    const hook = (n: number) => ({ app: 'live', stream: `s${n}`, address: null }) as Hook;
    const answers = Array.from({ length: 600 }, (_, n) => asking.ask(hook(n), 900));
    assert.equal(answers.filter((answer) => !(answer instanceof Promise)).length, 100);
    asking.close();
    const moved = (await Promise.all(answers.map(async (answer) => await answer))).filter(
      (answer) => answer === 'moved',
    );
    assert.equal(moved.length, 500);
  });
});

describe('names and secrets', () => {
  it('what looks like a key or a token is no name to tell', () => {
    assert.equal(tellableName('anna', false), 'anna');
    assert.equal(tellableName('abcdefghijklmnopqrstuvwxyz234567', false), '');
    assert.equal(tellableName(`tgw1a2.${'A'.repeat(43)}`, false), '');
    assert.equal(tellableName('x'.repeat(65), false), '');
    assert.equal(tellableName('x'.repeat(65), true), 'x'.repeat(65));
  });

  it('secrets are the same or not', () => {
    assert.equal(sameSecret('a', 'a'), true);
    for (const other of ['', 'A', 'aa', 'b']) assert.equal(sameSecret(other, 'a'), false);
  });
});
