// The pieces RTMP is made of: chunks, values, handshake, and the session that they make.
import assert from 'node:assert/strict';
import { DEEPEST_AMF, MOST_AMF_VALUES, readAmf, writeAmf, type AmfWritable } from '../../lib/rtmp/amf0';
import { ChunkReader, MOST_CHUNK_SIZE, MOST_CHUNK_STREAMS } from '../../lib/rtmp/chunk-reader';
import { chunksOf } from '../../lib/rtmp/chunk-writer';
import { askOf, doorOf, tellable } from '../../lib/rtmp/commands';
import { tellableName } from '../../lib/gate/admission';
import { Failures } from '../../lib/rtmp/failures';
import { MESSAGE, RtmpFault, readAggregate, type RtmpMessage } from '../../lib/rtmp/messages';
import { Pace } from '../../lib/rtmp/pace';
import { TestWriter, type ChunkChoice } from '../support/rtmp';

const MOST = 1_000_000;

function readAll(bytes: Buffer, pieces = bytes.length, prepare = (_: ChunkReader) => {}): RtmpMessage[] {
  const reader = new ChunkReader({
    mostBytes: () => MOST,
  });
  prepare(reader);
  const heard: RtmpMessage[] = [];
  for (let at = 0; at < bytes.length; at += pieces)
    reader.read(bytes.subarray(at, at + pieces), 0, (message) => {
      if (message.type === MESSAGE.setChunkSize) reader.setChunkSize(message.payload.readUInt32BE(0));
      heard.push({ ...message, payload: Buffer.from(message.payload) });
      return true;
    });
  return heard;
}

const filled = (bytes: number, fill = 1) => Buffer.alloc(bytes, fill);
const video = (timestamp: number, payload: Buffer, more: Partial<ChunkChoice> = {}): ChunkChoice => ({
  chunkStream: 6,
  type: MESSAGE.video,
  timestamp,
  payload,
  ...more,
});

describe('RTMP chunks', () => {
  it('reads every kind of header, and the time that each adds', () => {
    const writer = new TestWriter();
    const kinds = [0, 1, 2, 3, 3, 0, 3] as const;
    const times = [100, 140, 170, 200, 230, 1000, 2000];
    const sent = kinds.map((kind, i) => writer.message(video(times[i]!, filled(10, i), { kind })));
    const heard = readAll(Buffer.concat(sent));
    // behind a full header the last kind adds the time itself: so the specification has it, and ffmpeg
    assert.deepEqual(
      heard.map(({ timestamp }) => timestamp),
      times,
    );
    assert.deepEqual(
      heard.map(({ payload }) => payload[0]),
      [0, 1, 2, 3, 4, 5, 6],
    );
  });

  it('reads chunk streams of one, two and three bytes', () => {
    const writer = new TestWriter();
    const ids = [2, 3, 63, 64, 319, 320, 65_599];
    const sent = ids.map((chunkStream) => writer.message(video(1, filled(300), { chunkStream })));
    assert.deepEqual(
      readAll(Buffer.concat(sent), 1).map(({ chunkStream, payload }) => [chunkStream, payload.length]),
      ids.map((id) => [id, 300]),
    );
  });

  it('reads late times, also before the rest of a message, and past the end of the counter', () => {
    const writer = new TestWriter();
    const late = 0xff_ffff;
    const sent = [
      writer.message(video(late - 1, filled(300), { kind: 0 })),
      writer.message(video(late, filled(300), { kind: 0 })),
      writer.message(video(late + 40, filled(300), { kind: 1 })),
      writer.message(video(late + 80, filled(300), { kind: 3 })),
      writer.message(video(0xffff_fff0, filled(300), { kind: 0 })),
      writer.message(video(0x1_0000_0010, filled(300), { kind: 2 })),
    ];
    for (const pieces of [1, 7, 10_000])
      assert.deepEqual(
        readAll(Buffer.concat(sent), pieces).map(({ timestamp, payload }) => [timestamp, payload.length]),
        [late - 1, late, late + 40, late + 80, 0xffff_fff0, 0x10].map((time) => [time, 300]),
      );
  });

  it('puts messages together whose chunks come between one another', () => {
    const writer = new TestWriter();
    const one = writer.chunks(video(10, filled(1000, 1)));
    const two = writer.chunks(video(20, filled(700, 2), { chunkStream: 4, type: MESSAGE.audio }));
    const mixed = one.flatMap((part, i) => [part, ...(two[i] ? [two[i]] : [])]);
    const heard = readAll(Buffer.concat(mixed), 5);
    assert.deepEqual(
      heard.map(({ type, payload }) => [type, payload.length, new Set(payload).size]),
      [
        [MESSAGE.audio, 700, 1],
        [MESSAGE.video, 1000, 1],
      ],
    );
  });

  it('takes chunk sizes of 1 and of 1 MiB, and no other', () => {
    for (const size of [1, 2, 127, 4096, MOST_CHUNK_SIZE]) {
      const writer = new TestWriter();
      const sent = [writer.setChunkSize(size), writer.message(video(1, filled(900)))];
      const last = readAll(Buffer.concat(sent)).at(-1)!;
      assert.deepEqual([last.type, last.payload], [MESSAGE.video, filled(900)]);
    }
    const reader = new ChunkReader({ mostBytes: () => MOST });
    for (const size of [0, MOST_CHUNK_SIZE + 1, 0x7fff_ffff, 0xffff_ffff])
      assert.throws(() => reader.setChunkSize(size), RtmpFault);
  });

  it('throws away what was aborted, and goes on', () => {
    const writer = new TestWriter();
    const [begun] = writer.chunks(video(10, filled(1000)));
    const reader = new ChunkReader({ mostBytes: () => MOST });
    const heard: number[] = [];
    const take = ({ payload }: RtmpMessage) => heard.push(payload.length) > 0;
    reader.read(begun!, 0, take);
    reader.abort(6);
    reader.abort(99);
    reader.read(writer.message(video(20, filled(50), { kind: 0 })), 0, take);
    assert.deepEqual(heard, [50]);
  });

  it('gives up on what is no RTMP or too much, whatever the pieces', () => {
    const many = new TestWriter();
    const tooMany = Array.from({ length: MOST_CHUNK_STREAMS + 1 }, (_, i) =>
      many.message(video(1, filled(1), { chunkStream: 10 + i })),
    );
    const within = new TestWriter();
    const [begun] = within.chunks(video(1, filled(1000)));
    const wrong = {
      'goes on with nothing': Buffer.from([0xc6, 1, 2]),
      'begins with a time alone': Buffer.from([0x86, 0, 0, 1]),
      'is too large': new TestWriter().message(video(1, filled(200))).fill(0xff, 4, 7),
      'has too many chunk streams': Buffer.concat(tooMany),
      'begins within another': Buffer.concat([begun!, new TestWriter().message(video(2, filled(10)))]),
    };
    for (const [what, bytes] of Object.entries(wrong))
      for (const pieces of [1, bytes.length]) assert.throws(() => readAll(bytes, pieces), RtmpFault, what);
  });

  it('sets nothing aside for what is only promised', () => {
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 200 }, () => {
      const reader = new ChunkReader({ mostBytes: () => 8_388_608 });
      const writer = new TestWriter();
      for (let chunkStream = 3; chunkStream < 18; chunkStream++) {
        const head = writer.message(video(1, filled(10), { chunkStream })).subarray(0, 12);
        head.writeUIntBE(8_000_000, 4, 3);
        reader.read(head, 0, () => true);
        reader.read(filled(128), 0, () => true);
      }
      return reader;
    });
    const grown = process.memoryUsage().arrayBuffers - before;
    assert.ok(grown < 100 * 1_048_576, `${grown} bytes`);
    assert.equal(readers.length, 200);
  });

  it('keeps no more than one large message at once', () => {
    const reader = new ChunkReader({ mostBytes: () => 8_388_608 });
    reader.setChunkSize(MOST_CHUNK_SIZE);
    const begin = (chunkStream: number) => {
      const writer = new TestWriter();
      writer.chunkSize = MOST_CHUNK_SIZE;
      const parts = writer.chunks(video(1, filled(8_000_000), { chunkStream }));
      for (const part of parts.slice(0, -1)) reader.read(part, 0, () => true);
    };
    let whole = 0;
    begin(4);
    assert.throws(() => begin(5), /too much at once/);
    const again = new ChunkReader({ mostBytes: () => 8_388_608 });
    again.setChunkSize(MOST_CHUNK_SIZE);
    for (let i = 0; i < 5; i++) {
      const writer = new TestWriter();
      writer.chunkSize = MOST_CHUNK_SIZE;
      again.read(writer.message(video(1, filled(8_000_000), { chunkStream: 4 + i })), 0, () => ++whole > 0);
    }
    assert.equal(whole, 5);
  });

  it('writes what it reads', () => {
    for (const [bytes, timestamp] of [
      [0, 0],
      [1, 5],
      [60_000, 0xff_fffe],
      [60_001, 0xff_ffff],
      [250_000, 0xffff_ffff],
    ] as const) {
      const message = { chunkStream: 6, type: 9, messageStream: 1, timestamp, payload: filled(bytes, 3) };
      const written = Buffer.concat(chunksOf(message, 60_000));
      assert.deepEqual(
        readAll(written, 4096, (reader) => reader.setChunkSize(60_000)),
        [message],
      );
    }
  });

  it('takes an aggregate apart, and refuses one that is cut off or holds another', () => {
    const part = (type: number, time: number, payload: Buffer) => {
      const head = Buffer.alloc(11);
      head[0] = type;
      head.writeUIntBE(payload.length, 1, 3);
      head.writeUIntBE(time & 0xff_ffff, 4, 3);
      head[7] = time >>> 24;
      return Buffer.concat([head, payload, Buffer.alloc(4)]);
    };
    const parts = [
      part(9, 0x0100_0000, filled(5)),
      part(8, 0x0100_0014, filled(3)),
      part(9, 0x0100_0028, filled(1)),
    ];
    const whole = {
      chunkStream: 6,
      type: 22,
      messageStream: 1,
      timestamp: 500,
      payload: Buffer.concat(parts),
    };
    assert.deepEqual(
      readAggregate(whole).map(({ type, timestamp, payload }) => [type, timestamp, payload.length]),
      [
        [9, 500, 5],
        [8, 520, 3],
        [9, 540, 1],
      ],
    );
    const bad = [part(22, 0, filled(1)), parts[0]!.subarray(0, 12), parts[0]!.subarray(0, 8)];
    bad.push(Buffer.concat(Array.from({ length: 2_000 }, () => part(9, 0, filled(1)))));
    for (const payload of bad) assert.throws(() => readAggregate({ ...whole, payload }), RtmpFault);
  });
});

describe('AMF0', () => {
  it('reads what it writes', () => {
    const written = [
      'connect',
      1,
      true,
      null,
      undefined,
      '',
      'ü',
      [1, ['x']],
      { app: 'live', more: { n: -0.5 } },
    ];
    const { values, fault } = readAmf(writeAmf(...(written as AmfWritable[])));
    assert.equal(fault, null);
    assert.deepEqual(values.slice(0, 8), written.slice(0, 8));
    assert.deepEqual(
      values[8],
      new Map<string, unknown>([
        ['app', 'live'],
        ['more', new Map([['n', -0.5]])],
      ]),
    );
  });

  it('reads what others write: arrays with names, dates, long texts, typed objects', () => {
    const hex = (text: string) => Buffer.from(text.replace(/ /g, ''), 'hex');
    assert.deepEqual(readAmf(hex('08 0000 00ff 0001 61 0101 0000 09')).values, [new Map([['a', true]])]);
    assert.deepEqual(readAmf(hex('0b 4024000000000000 0000')).values, [10]);
    assert.deepEqual(readAmf(hex('0c 00000002 6869')).values, ['hi']);
    assert.deepEqual(readAmf(hex('10 0001 54 0001 62 05 0000 09')).values, [new Map([['b', null]])]);
    assert.deepEqual(
      readAmf(hex('03 0009 5f5f70726f746f 5f5f 0101 0000 09')).values[0],
      new Map([['__proto__', true]]),
    );
  });

  it('says what is wrong with what is malformed, and throws at nothing', () => {
    const deep = Buffer.concat([...Array<Buffer>(DEEPEST_AMF + 2).fill(Buffer.from([3, 0, 1, 97]))]);
    const many = writeAmf(...Array<number>(MOST_AMF_VALUES + 1).fill(1));
    const lists = Buffer.concat(Array<Buffer>(40).fill(Buffer.from([10, 0, 0, 3, 0])));
    const cases: [Buffer, RegExp][] = [
      [deep, /deep/],
      [many, /many/],
      [lists, /deep|many/],
      [Buffer.from([10, 0xff, 0xff, 0xff, 0xff]), /many/],
      [Buffer.from([2, 0xff, 0xff, 1]), /cut off/],
      [Buffer.from([0, 1]), /cut off/],
      [Buffer.from([7, 0, 1]), /unknown kind/],
      [Buffer.from([0x11, 1]), /unknown kind/],
      [Buffer.from([9]), /ends/],
      [Buffer.from([3, 0, 1]), /cut off/],
    ];
    for (const [bytes, wanted] of cases) assert.match(readAmf(bytes).fault ?? 'nothing', wanted);
    assert.deepEqual(readAmf(Buffer.concat([writeAmf('a', 1), Buffer.from([0x11])])).values, ['a', 1]);
    assert.deepEqual(readAmf(Buffer.alloc(0)), { values: [], fault: null });
  });
});

describe('RTMP names', () => {
  const connect = (properties: Record<string, string>) => new Map(Object.entries(properties));

  it('finds app, name and key wherever they may stand', () => {
    const plain = askOf(doorOf(connect({ app: 'live', tcUrl: 'rtmp://h/live' })), 'ana?key=secret&x=1');
    assert.deepEqual([plain.app, plain.stream, plain.params.get('key')], ['live', 'ana', 'secret']);
    const inApp = askOf(doorOf(connect({ app: 'live?key=of-app' })), 'ana');
    assert.deepEqual([inApp.app, inApp.stream, inApp.params.get('key')], ['live', 'ana', 'of-app']);
    const inAddress = askOf(doorOf(connect({ app: '/live/', tcUrl: 'rtmp://h/live?key=of-url' })), 'ana');
    assert.deepEqual([inAddress.app, inAddress.params.get('key')], ['live', 'of-url']);
    const nearest = askOf(doorOf(connect({ app: 'live?key=far' })), 'ana?key=near');
    assert.equal(nearest.params.get('key'), 'near');
    for (const nothing of [undefined, null, 5, 'live', [], new Map()])
      assert.deepEqual(askOf(doorOf(nothing), nothing === 'live' ? null : nothing).stream, '');
  });

  it('tells no name that may be a key', () => {
    assert.equal(tellable('ana-2'), 'ana-2');
    for (const secret of ['abcdefghijklmnopqrstuvwxyz234567', 'ana?key=x', '..', '', 'x'.repeat(65), 'a\nb'])
      assert.equal(tellable(secret), '');
    assert.equal(tellable(`ana-${'abcdefghijklmnopqrstuvwxyz234567'}`), '');
  });

  it('tells no name either that is a key as platforms give them out, and every usual one', () => {
    const keys = [
      'a1b2-c3d4-e5f6-g7h8-i9j0',
      'abcd-efgh-ijkl-mnop',
      ['live', '123456789', 'AbCdEfGhIjKlMnOpQrStUvWxYz0123'].join('_'),
    ];
    const more = [
      'FB-1234567890-0-AbCdEf',
      '0f8fad5b-d9cb-469f-a165-70867728950e',
      '123456789012345',
      'q7Zp0aKd83mXw2Lt',
    ];
    for (const secret of [...keys, ...more]) {
      assert.equal(tellable(secret), '', secret);
      assert.equal(tellableName(secret, false), '', secret);
    }
    const usual = [
      'ana',
      'ana-2',
      'anna-bo-x7k2',
      'backstage-left-camera-2',
      'Presentation_2026',
      'cam.1',
      'live',
      'stream-20261122',
    ];
    for (const name of [...usual, 'teleprompter', 'internationalstudio', 'house-of-live-arts'])
      assert.deepEqual([tellable(name), tellableName(name, false)], [name, name]);
  });
});

describe('what one address may do', () => {
  it('lets wrong keys wait after the first few, and forgets them', () => {
    const limits = { freeFailures: 3, forgetFailureMs: 1_000, delayPerFailureMs: 100, mostDelayMs: 250 };
    const failures = new Failures(limits);
    for (let i = 0; i < 3; i++) failures.failed('10.0.0.1', 0);
    assert.equal(failures.delayMs('10.0.0.1', 0), 0);
    failures.failed('10.0.0.1', 0);
    assert.equal(failures.delayMs('10.0.0.1', 0), 100);
    for (let i = 0; i < 9; i++) failures.failed('10.0.0.1', 0);
    assert.equal(failures.delayMs('10.0.0.1', 0), 250);
    assert.equal(failures.delayMs('10.0.0.2', 0), 0);
    assert.equal(failures.delayMs('10.0.0.1', 60_000), 0);
    for (let i = 0; i < 30_000; i++) failures.failed(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, 0);
    assert.equal(failures.delayMs('10.0.0.1', 0), 0);
  });

  it('sees who sends more than he may, and lets gusts pass', () => {
    const pace = new Pace({ maxKbps: 8_000, mostTagsPerSecond: 100 }, 0);
    // a megabyte a second is 8,000 kbit/s
    for (let s = 1; s <= 60; s++) assert.equal(pace.came(1_000_000, 90, s * 1_000), null);
    assert.equal(pace.came(4_000_000, 0, 60_000), null);
    assert.match(pace.came(4_000_000, 0, 60_000)!, /8000 kbit/);
    const chatter = new Pace({ maxKbps: null, mostTagsPerSecond: 100 }, 0);
    assert.equal(chatter.came(1e9, 1_000, 0), null);
    assert.match(chatter.came(0, 1, 0)!, /messages/);
  });
});
