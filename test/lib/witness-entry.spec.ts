// Lines of the witness log: what is written is read back, and nothing but what is written is taken.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hold } from '../../lib/secrets';
import {
  MOST_LINE_BYTES,
  NO_HASH,
  encodeEntry,
  parseEntry,
  sourceText,
  type EntryFault,
  type NewEntry,
} from '../../lib/witness/entry';
import { entryTypeOf, isEntryType, isOwnType } from '../../lib/witness/entry-type';
import { PROJECT_LIMITS, project, projectMessage } from '../../lib/witness/project';

const plain: NewEntry = {
  seq: 17,
  t: '2026-11-20T19:45:14.123Z',
  mono: 81234567,
  type: 'stream_started',
  src: sourceText({ node: 'a1b2', flow: 'f1', name: 'start main' }),
  data: project({ payload: { scene: 'Main', fps: 59.94, list: [1, null, 'ü'] }, topic: 'x' }),
  prev: 'ab'.repeat(32),
};
const line = encodeEntry(plain);
const text = line.toString();
const faultOf = (bytes: Buffer | string): EntryFault | null =>
  parseEntry(Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes)).fault;

describe('entry of the witness log', () => {
  it('is one canonical line', () => {
    assert.equal(
      text,
      '{"data":{"payload":{"fps":59.94,"list":[1,null,"ü"],"scene":"Main"},"topic":"x"},"mono":81234567,' +
        `"prev":"${'ab'.repeat(32)}","seq":17,"src":{"flow":"f1","name":"start main","node":"a1b2"},` +
        '"t":"2026-11-20T19:45:14.123Z","type":"stream_started","v":1}',
    );
  });

  it('comes back as it was written', () => {
    const values = fc.record({
      seq: fc.maxSafeNat(),
      t: fc
        .date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true })
        .map((at) => at.toISOString()),
      mono: fc.maxSafeNat(),
      type: fc.stringMatching(/^[a-z][a-z0-9_.:-]{0,63}$/),
      src: fc
        .record({ node: fc.string({ unit: 'binary' }), name: fc.string({ unit: 'binary' }) })
        .map(sourceText),
      data: fc.anything().map((value) => project(value)),
      prev: fc.stringMatching(/^[0-9a-f]{64}$/),
    });
    fc.assert(
      fc.property(values, (entry) => {
        const bytes = encodeEntry(entry);
        const read = parseEntry(bytes, { seq: entry.seq, prev: entry.prev });
        assert.equal(read.fault, null, bytes.toString());
        const { seq, t, mono, type, src, data, prev } = entry;
        const values = {
          seq,
          t,
          mono,
          type,
          prev,
          v: 1,
          src: JSON.parse(src) as unknown,
          data: JSON.parse(data) as unknown,
        };
        assert.deepEqual(read.entry, values);
      }),
      { numRuns: 300 },
    );
  });

  it('each flipped bit is a fault, or another entry', () => {
    for (let at = 0; at < line.length; at++)
      for (let bit = 0; bit < 8; bit++) {
        const bytes = Buffer.from(line);
        bytes[at]! ^= 1 << bit;
        const { entry, fault } = parseEntry(bytes);
        // inside a value it is a proper line with another hash; nowhere does it read as the same entry
        if (!fault) assert.notDeepEqual(entry, parseEntry(line).entry);
      }
    for (let end = 0; end < line.length; end++) assert.ok(faultOf(line.subarray(0, end)), `cut at ${end}`);
  });

  it('says exactly why a line is none', () => {
    const cases: [string, string | Buffer, EntryFault][] = [
      ['nothing', '', 'empty'],
      ['white space before', ` ${text}`, 'white space'],
      ['white space inside', text.replace('"mono":', '"mono": '), 'white space'],
      ['tab', text.replace(',"mono"', ',\t"mono"'), 'white space'],
      ['CRLF', `${text}\r`, 'white space'],
      ['line break', `${text}\n`, 'white space'],
      ['byte order mark', `\ufeff${text}`, 'byte order mark'],
      ['NUL behind', `${text}\0`, 'not JSON'],
      ['more behind', `${text}x`, 'not JSON'],
      ['glued', text + text, 'two lines in one'],
      ['glued with a space', `${text} ${text}`, 'two lines in one'],
      ['UTF-16', Buffer.from(text, 'utf16le'), 'not UTF-8'],
      ['Latin-1', Buffer.from(text, 'latin1'), 'not UTF-8'],
      ['name twice', text.replace('"seq":17', '"seq":17,"seq":17'), 'name twice'],
      ['name twice, deep', text.replace('"scene":"Main"', '"scene":"Side","scene":"Main"'), 'name twice'],
      ['name twice by an escape', text.replace('"seq":17', '"\\u0073eq":16,"seq":17'), 'needless escape'],
      [
        'order',
        text.replace('"fps":59.94,"list":[1,null,"ü"]', '"list":[1,null,"ü"],"fps":59.94'),
        'names not in order',
      ],
      ['escape', text.replace('Main', '\\u004dain'), 'needless escape'],
      ['escaped slash', text.replace('Main', 'M\\/ain'), 'needless escape'],
      ['escape in capitals', text.replace('Main', 'M\\u001Fain'), 'needless escape'],
      ['half a pair', text.replace('Main', '\\ud83dain'), 'half a surrogate pair'],
      ['1.0', text.replace('[1,', '[1.0,'), 'number'],
      ['1e0', text.replace('[1,', '[1e0,'), 'number'],
      ['-0', text.replace('[1,', '[-0,'), 'number'],
      ['1e400', text.replace('[1,', '[1e400,'), 'number'],
      ['more than doubles hold', text.replace('[1,', '[9007199254740993,'), 'number'],
      ['leading zero', text.replace('[1,', '[01,'), 'not JSON'],
      ['NaN', text.replace('[1,', '[NaN,'), 'not JSON'],
      ['single quotes', text.replace('"Main"', "'Main'"), 'not JSON'],
      ['comma behind', text.replace('"ü"]', '"ü",]'), 'not JSON'],
      ['control character', text.replace('Main', 'M\x01in'), 'not JSON'],
      ['a list', `[${text}]`, 'members'],
      ['a number', '1', 'members'],
      ['null', 'null', 'members'],
      ['one more', text.replace(',"v":1', ',"u":1,"v":1'), 'members'],
      ['__proto__', text.replace('{"data"', '{"__proto__":1,"data"'), 'members'],
      ['one less', text.replace(',"v":1', ''), 'members'],
      ['version 2', text.replace('"v":1', '"v":2'), 'version'],
      ['version in quotes', text.replace('"v":1', '"v":"1"'), 'version'],
      ['negative', text.replace('"seq":17', '"seq":-1'), 'seq'],
      ['a fraction', text.replace('"seq":17', '"seq":1.5'), 'seq'],
      ['2^53', text.replace('"seq":17', '"seq":9007199254740992'), 'seq'],
      ['mono', text.replace('81234567', '"x"'), 'mono'],
      ['mono with a fraction', text.replace('81234567', '0.5'), 'mono'],
      ['time zone', text.replace('123Z', '123+00:00'), 'time'],
      ['no ms', text.replace('.123Z', 'Z'), 'time'],
      ['13th month', text.replace('2026-11', '2026-13'), 'time'],
      ['31 November', text.replace('11-20', '11-31'), 'time'],
      ['29 February', text.replace('11-20', '02-29'), 'time'],
      ['25 o’clock', text.replace('T19', 'T25'), 'time'],
      ['leap second', text.replace('45:14', '45:60'), 'time'],
      ['time as a number', text.replace('"2026-11-20T19:45:14.123Z"', '1'), 'time'],
      ['type with a space', text.replace('stream_started', 'stream started'), 'type'],
      ['type with a line break', text.replace('stream_started', 'stream\\nstarted'), 'type'],
      ['empty type', text.replace('stream_started', ''), 'type'],
      ['source as a text', text.replace(plain.src, '"x"'), 'src'],
      ['source unknown', text.replace('"flow":', '"blow":'), 'src'],
      ['source with a number', text.replace('"f1"', '1'), 'src'],
      ['prev', text.replace('abab', 'abag'), 'prev'],
      ['prev in capitals', text.replace('abab', 'ABAB'), 'prev'],
      ['prev too short', text.replace('abab', 'ab'), 'prev'],
    ];
    for (const [name, bytes, fault] of cases) {
      if (name !== 'a number' && name !== 'null' && name !== 'nothing') assert.notEqual(bytes, text, name);
      assert.equal(faultOf(bytes), fault, name);
    }
    const overlong = Buffer.from(text.replace('Main', 'M__in'));
    overlong.set([0xc1, 0xa1], overlong.indexOf('__'));
    assert.equal(faultOf(overlong), 'not UTF-8');
    assert.deepEqual(parseEntry(Buffer.from(text.replace('"seq":17', '"seq":17,"seq":17'))), {
      entry: null,
      fault: 'name twice',
      detail: `at character ${text.indexOf('"seq"') + 9}`,
    });
  });

  it('may be 65,535 bytes long and no more, and deep only as far as anybody writes', () => {
    const room = MOST_LINE_BYTES - line.length - Buffer.byteLength(',"z":""');
    const long = (length: number) =>
      Buffer.from(text.replace('"topic":"x"', `"topic":"x","z":"${'z'.repeat(length)}"`));
    assert.equal(long(room).length, MOST_LINE_BYTES);
    assert.equal(faultOf(long(room)), null);
    assert.equal(faultOf(long(room + 1)), 'too long');
    const deep = text.replace('59.94', `${'['.repeat(30_000)}${']'.repeat(30_000)}`);
    assert.equal(faultOf(deep), 'not canonical');
    assert.equal(faultOf('['.repeat(65_000)), 'not JSON');
  });

  it('has its place: the line before decides', () => {
    const { prev } = plain;
    assert.equal(parseEntry(line, { seq: 17, prev }).fault, null);
    const misplaced = parseEntry(line, { seq: 18, prev });
    assert.deepEqual([misplaced.fault, misplaced.entry?.seq], ['seq', 17]);
    assert.equal(parseEntry(line, { seq: 17, prev: NO_HASH }).fault, 'prev');
  });

  it('is not written with values that no reader takes', () => {
    for (const wrong of [
      { seq: -1 },
      { seq: 2 ** 53 },
      { t: 'now' },
      { t: new Date(NaN).getTime().toString() },
      { t: '2026-02-30T00:00:00.000Z' },
      { t: '2026-11-20T24:00:00.000Z' },
      { mono: 0.5 },
      { mono: NaN },
      { type: 'Stream' },
      { prev: 'x' },
      { data: `"${'x'.repeat(MOST_LINE_BYTES)}"` },
    ])
      assert.throws(
        () => encodeEntry({ ...plain, ...wrong }),
        RangeError,
        JSON.stringify(wrong).slice(0, 50),
      );
  });

  it('fits whatever the message is', () => {
    const odd = '\u{1f600}"\\\u0001'.repeat(100);
    const src = sourceText({ node: odd, flow: odd, name: odd });
    for (const fill of ['x', '"', '\u0001', 'ü', '\u{1f600}', '\ud800']) {
      const payload = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`p${i}`, fill.repeat(4000)]));
      const data = projectMessage({ payload, topic: fill.repeat(8000) });
      assert.ok(Buffer.byteLength(data) <= PROJECT_LIMITS.room);
      const bytes = encodeEntry({
        ...plain,
        seq: Number.MAX_SAFE_INTEGER,
        mono: Number.MAX_SAFE_INTEGER,
        type: 'x'.repeat(64),
        src,
        data,
      });
      assert.equal(faultOf(bytes), null);
    }
  });

  it('a later change of the message changes nothing in it', () => {
    const msg = { payload: { bytes: Buffer.from('abc'), list: [1] } };
    const data = projectMessage(msg);
    msg.payload.bytes.fill(0);
    msg.payload.list.push(2);
    assert.notEqual(projectMessage(msg), data);
    assert.match(data, /"list":\[1\]/);
  });
});

describe('type of an entry', () => {
  it('is what the message says it is about', () => {
    assert.equal(
      entryTypeOf({ live: { event: 'stream-started', action: 'a' }, topic: 't' }),
      'stream-started',
    );
    assert.equal(
      entryTypeOf({ live: { event: 'Not This', action: 'start-stream' }, topic: 't' }),
      'start-stream',
    );
    assert.equal(entryTypeOf({ live: { event: 1 }, topic: 'obs/main' }), 'message');
    assert.equal(entryTypeOf({ live: null, topic: 'obs.main:1' }), 'obs.main:1');
    for (const odd of [
      undefined,
      null,
      'x',
      1,
      {},
      { topic: '' },
      { topic: 'x'.repeat(65) },
      { topic: 'a\nb' },
      { topic: 'Ä' },
    ])
      assert.equal(entryTypeOf(odd), 'message');
  });

  it('is never the log’s own, and survives hostile messages', () => {
    assert.equal(entryTypeOf({ topic: 'log.genesis' }), 'message');
    assert.equal(entryTypeOf({ live: { event: 'log.gap' }, topic: 'catalog.x' }), 'catalog.x');
    assert.ok(isEntryType('log.gap') && isOwnType('log.gap') && !isOwnType('logs'));
    const hostile = Object.defineProperty({}, 'live', {
      get: () => {
        throw new Error('no');
      },
    });
    assert.equal(entryTypeOf(hostile), 'message');
    assert.equal(entryTypeOf(Proxy.revocable({}, {}).proxy), 'message');
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    assert.equal(entryTypeOf(proxy), 'message');
    assert.equal(entryTypeOf({ live: proxy, topic: 'on' }), 'on');
  });

  it('tells no secret', () => {
    const release = hold('hunter2-hunter2');
    assert.equal(entryTypeOf({ topic: 'hunter2-hunter2', live: { event: 'at-hunter2-hunter2' } }), 'message');
    release();
    assert.equal(entryTypeOf({ topic: 'live_123456789_abcdefghijklmnop' }), 'message');
  });
});
