// Hooks that nobody sent: real ones with bytes, fields and values changed at random, and plain noise. Nothing is thrown, what is taken
// is clean, and nobody comes in with a key that was not there.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { speechOf } from '../../lib/media-servers/speech';
import {
  HOOK_ACTIONS,
  type Hook,
  type HookRequest,
  type MediaServerKind,
} from '../../lib/media-servers/types';
import { loops } from '../support/scale';
import { CAPTURES, verdictOf } from '../support/hooks';

const KINDS: readonly MediaServerKind[] = ['srs', 'oryx', 'nginx-rtmp', 'mediamtx'];
/** The one right key. No capture has it. */
const KEY = 'right-key';
const HOSTILE = [
  ...[
    '__proto__',
    'constructor',
    '{}',
    '[]',
    'null',
    '0',
    '-1',
    '1e999',
    '"',
    '\\',
    '\\u0000',
    '\\ud800',
    '%',
    '%00',
    '%ff',
    '%26',
  ],
  ...[
    '&',
    '=',
    '?',
    '/',
    '..',
    '\u0000',
    '\r\n',
    '\u2028',
    'name=k2',
    '&call=publish',
    '&key=',
    'key',
    '"key":"',
    ',"action":"on_publish"',
  ],
  ...[
    KEY,
    `?key=${KEY}&`,
    `&key=${KEY}&`,
    'right',
    '-key',
    'right-ke',
    'RIGHT-KEY',
    'ü',
    '😀',
    '\ufeff',
    '{"a":',
    '['.repeat(100),
    'x'.repeat(600),
  ],
].map((text) => Buffer.from(text));

interface Change {
  at: number;
  cut: number;
  bytes: Uint8Array;
}
const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(1000),
  cut: fc.oneof({ weight: 3, arbitrary: fc.nat(3) }, fc.nat(120)),
  bytes: fc.oneof(fc.uint8Array({ maxLength: 4 }), fc.constantFrom(...HOSTILE)),
});
const request = (kind: MediaServerKind): fc.Arbitrary<HookRequest> => {
  const changed = fc
    .tuple(fc.constantFrom(...CAPTURES[kind]), fc.array(change, { maxLength: 4 }))
    .map(([good, changes]) => {
      let body = good.body;
      for (const { at, cut, bytes } of changes) {
        const from = at % (body.length + 1);
        body = Buffer.concat([body.subarray(0, from), bytes, body.subarray(from + cut)]);
      }
      return { ...good, body };
    });
  const noise = fc
    .tuple(
      fc.constantFrom(...CAPTURES[kind]),
      fc.oneof(
        fc.json().map((text) => Buffer.from(text)),
        fc.uint8Array({ maxLength: 300 }),
      ),
    )
    .map(([good, bytes]) => ({ ...good, body: Buffer.from(bytes) }));
  return fc.oneof({ weight: 9, arbitrary: changed }, noise);
};

const clean = (text: string): boolean =>
  text.length <= 512 && !/[\p{Cc}\p{Surrogate}\u2028\u2029]/u.test(text);

function mustBeClean(hook: Hook): void {
  assert.ok(HOOK_ACTIONS.includes(hook.action));
  const texts = [
    hook.called,
    hook.app,
    hook.stream,
    hook.vhost ?? '',
    hook.clientId ?? '',
    hook.address ?? '',
  ];
  for (const [name, value] of hook.params) texts.push(name, value);
  if (hook.login) texts.push(hook.login.user, hook.login.password);
  for (const text of texts) assert.ok(typeof text === 'string' && clean(text));
  assert.ok(!hook.stream.includes('?'));
  if (hook.clientId !== null) assert.match(hook.clientId, /^[A-Za-z0-9_-]+$/);
  if (hook.action === 'publish') assert.notEqual(hook.stream, '');
}

/** Whether the right key can be read anywhere in the bytes: as it is, out of percent signs or out of escapes of JSON. */
function hasKey(body: Buffer): boolean {
  const text = body.toString('latin1');
  const plain = (one: string) =>
    one
      .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      .replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      .replace(/\\(.)/g, '$1');
  return plain(plain(text)).includes(KEY);
}

/** A gate as small as can be: in comes who shows the right key. */
const shows = (hook: Hook): boolean =>
  hook.action === 'publish' && (hook.params.get('key') === KEY || hook.login?.password === KEY);

describe('hooks changed at random', () => {
  for (const kind of KINDS)
    it(`${kind}: nothing thrown, nobody in without the right key`, function () {
      this.timeout(300_000);
      const { parse, reply } = speechOf(kind);
      let taken = 0;
      fc.assert(
        fc.property(request(kind), (sent) => {
          const read = parse(sent);
          if ('fault' in read) {
            assert.ok(read.reason.length < 120);
            assert.equal(verdictOf(kind, reply({ allow: false, reason: read.reason }, null)), 'out');
            return;
          }
          taken++;
          mustBeClean(read);
          const decision = shows(read)
            ? ({ allow: true } as const)
            : ({ allow: false, reason: 'no' } as const);
          if (verdictOf(kind, reply(decision, read)) === 'in') assert.ok(hasKey(sent.body));
        }),
        { numRuns: loops(100_000) },
      );
      // a fuzz that is always refused shows nothing
      assert.ok(taken > loops(100_000) / 20, `only ${taken} were taken`);
    });

  it('the right key is let in where it stands', () => {
    for (const kind of KINDS) {
      const [good] = CAPTURES[kind];
      const text = good!.body.toString().replace(/(key|tok)=abc/, `key=${KEY}`);
      const read = speechOf(kind).parse({ ...good!, body: Buffer.from(text) });
      assert.ok(!('fault' in read) && shows(read), kind);
    }
  });
});
