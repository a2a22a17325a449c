// The TCP port of vMix: messages out of a stream of bytes, however it is cut.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hintOf } from '../../lib/vmix/activators';
import { LARGEST_DOCUMENT_BYTES } from '../../lib/vmix/document';
import { FrameReader, type Frame } from '../../lib/vmix/frames';
import { parseState } from '../../lib/vmix/state';
import { writeDocument } from '../../simulators/vmix/document';
import { loops } from '../support';
import { anyState } from '../support/vmix-state';

const line = (command: string, text = '', ok = true): Frame => ({ kind: 'line', command, ok, text });
const read = (text: string | Buffer): Frame[] => new FrameReader().push(Buffer.from(text as string));
/** As vMix announces a document: its line end counts. */
const framed = (document: string, command = 'XML') =>
  `${command} ${Buffer.byteLength(document) + 2}\r\n${document}\r\n`;

/** A message and the bytes of it. */
type Sample = readonly [bytes: string, frames: Frame[]];
const sample: fc.Arbitrary<Sample> = fc.oneof(
  fc.constantFrom<Sample>(
    ['VERSION OK 29.0.0.49\r\n', [line('VERSION', '29.0.0.49')]],
    ['FUNCTION OK Completed\r\n', [line('FUNCTION', 'Completed')]],
    ['FUNCTION ER \r\n', [line('FUNCTION', '', false)]],
    ['TALLY OK 0121\r\n', [line('TALLY', '0121')]],
    ['TALLY OK \r\n', [line('TALLY')]],
    ['ACTS OK InputPlaying 3 1\r\n', [line('ACTS', 'InputPlaying 3 1')]],
    ['ACTS ER Invalid Activator\r\n', [line('ACTS', 'Invalid Activator', false)]],
    ['PING OK PONG\r\n', [line('PING', 'PONG')]],
    ['SUBSCRIBE OK TALLY Subscribed\r\n', [line('SUBSCRIBE', 'TALLY Subscribed')]],
    ['XMLTEXT OK Kamera №1 🎥\r\n', [line('XMLTEXT', 'Kamera №1 🎥')]],
    ['\r\n', []],
    ['what is this\r\n', [{ kind: 'junk', bytes: 12 }]],
    ['FUNCTION MAYBE\r\n', [{ kind: 'junk', bytes: 14 }]],
    ['XML 0\r\n', [{ kind: 'body', command: 'XML', body: Buffer.alloc(0) }]],
  ),
  fc
    .tuple(
      fc.constantFrom('XML', 'XMLTEXT'),
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !text.endsWith('\r')),
        fc.constantFrom('<vmix>\r\n🎥</vmix>', 'FUNCTION OK Completed\r\nTALLY OK 1', '\r\n\r\n', 'é'),
      ),
    )
    .map(([command, text]): Sample => {
      const body = Buffer.from(text);
      return [framed(text, command), [{ kind: 'body', command, body }]];
    }),
);

describe('the stream of the TCP port', () => {
  it('gives the same messages wherever it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(sample, { maxLength: 12 }),
        fc.infiniteStream(fc.nat(9)),
        (samples, sizes: Iterator<number, number>) => {
          const bytes = Buffer.from(samples.map(([text]) => text).join(''));
          const wanted = samples.flatMap(([, frames]) => frames);
          assert.deepEqual(read(bytes), wanted, 'at once');
          const reader = new FrameReader();
          const got: Frame[] = [];
          for (let at = 0, size = 0; at < bytes.length; at += size) {
            size = sizes.next().value ?? 1;
            got.push(...reader.push(bytes.subarray(at, at + size)));
          }
          assert.deepEqual(got, wanted, 'in pieces');
          assert.equal(reader.partial, false);
        },
      ),
      { numRuns: loops(2000, 200) },
    );
  });

  it('gives the same messages when it is cut in two, at every byte', () => {
    const document = framed('<vmix><title>a\r\nb🎥é</title></vmix>');
    const bytes = Buffer.from(
      `VERSION OK 29.0.0.49\r\n${document}junk\r\nTALLY OK 12\r\n${document}FUNCTION OK Completed\r\n`,
    );
    const wanted = read(bytes);
    assert.equal(wanted.length, 6);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const reader = new FrameReader();
      assert.deepEqual(
        [...reader.push(bytes.subarray(0, cut)), ...reader.push(bytes.subarray(cut))],
        wanted,
        `at ${cut}`,
      );
    }
    const reader = new FrameReader();
    assert.deepEqual(
      [...bytes].flatMap((byte) => reader.push(Buffer.from([byte]))),
      wanted,
      'byte by byte',
    );
  });

  it('brings whole documents, line ends in titles and all', () => {
    fc.assert(
      fc.property(anyState(3), (state) => {
        const [before, body, after] = read(
          `TALLY OK 1\r\n${framed(writeDocument(state))}FUNCTION OK Completed\r\n`,
        );
        assert.deepEqual([before, after], [line('TALLY', '1'), line('FUNCTION', 'Completed')]);
        assert.ok(body?.kind === 'body');
        assert.deepEqual(parseState(body.body), state);
      }),
      { numRuns: loops(300, 30) },
    );
  });

  it('takes a length that does not count the line end', () => {
    assert.deepEqual(read('XML 13\r\n<vmix></vmix>\r\nTALLY OK 1\r\n'), [
      { kind: 'body', command: 'XML', body: Buffer.from('<vmix></vmix>') },
      line('TALLY', '1'),
    ]);
  });

  it('knows a web server', () => {
    const answer =
      'HTTP/1.0 400 Bad Request\r\nConnection: close\r\nContent-Length: 47\r\n\r\nThe request was invalid and could be processed.';
    const reader = new FrameReader();
    assert.deepEqual(reader.push(Buffer.from(answer)), [{ kind: 'http', status: 400 }]);
    assert.equal(reader.ended, true);
    assert.deepEqual(reader.push(Buffer.from('TALLY OK 1\r\n')), []);
  });

  it('ends where more comes than any vMix sends', () => {
    assert.deepEqual(read(`XML ${LARGEST_DOCUMENT_BYTES + 1}\r\n`), [{ kind: 'overflow' }]);
    const reader = new FrameReader();
    const block = Buffer.alloc(64 * 1024, 'a');
    let frames: Frame[] = [];
    for (let count = 0; count < 4; count++) assert.deepEqual(reader.push(block), []);
    frames = reader.push(block);
    assert.deepEqual(frames, [{ kind: 'overflow' }]);
    assert.equal(reader.ended, true);
  });

  it('takes any bytes at all, and the same in pieces', () => {
    const words = [
      'XML 5\r\n',
      'XML 99999999\r\n',
      'OK',
      'ER ',
      'TALLY OK 1',
      '\r',
      '\n',
      '\0',
      'HTTP/1.0 400 x\r\n',
      'é',
    ];
    const noise = fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ unit: 'binary', maxLength: 5 })));
    fc.assert(
      fc.property(noise, fc.integer({ min: 1, max: 7 }), (pieces, size) => {
        const bytes = Buffer.from(pieces.join(''));
        const reader = new FrameReader();
        const got: Frame[] = [];
        for (let at = 0; at < bytes.length; at += size)
          got.push(...reader.push(bytes.subarray(at, at + size)));
        assert.deepEqual(got, read(bytes));
        for (const frame of got) hintOf(frame);
      }),
      { numRuns: loops(5000, 500) },
    );
  });

  it('waits for the rest', () => {
    const reader = new FrameReader();
    assert.deepEqual(reader.push(Buffer.from('XML 20\r\n<vmix>')), []);
    assert.equal(reader.partial, true);
  });

  it('takes a large document byte by byte in little time', () => {
    const document = `<vmix>${'x'.repeat(300_000)}</vmix>`;
    const bytes = Buffer.from(framed(document));
    const reader = new FrameReader();
    const began = performance.now();
    let got: Frame[] = [];
    for (let at = 0; at < bytes.length; at++) got = [...got, ...reader.push(bytes.subarray(at, at + 1))];
    assert.ok(got[0]?.kind === 'body' && got[0].body.toString() === document);
    assert.ok(performance.now() - began < 5000);
  });
});

describe('events of the TCP port', () => {
  const hint = (text: string) => read(`${text}\r\n`).map(hintOf)[0];

  it('say what they are about', () => {
    const cases: [string, string, number | null, number | null][] = [
      ['Recording 1', 'recording', null, 1],
      ['Streaming 0', 'streaming', null, 0],
      ['External 1', 'external', null, 1],
      ['MultiCorder 1', 'multiCorder', null, 1],
      ['Fullscreen 0', 'fullscreen', null, 0],
      ['FadeToBlack 1', 'fadeToBlack', null, 1],
      ['MasterVolume 0.0625', 'audio', null, 0.0625],
      ['MasterAudio 1', 'audio', null, 1],
      ['BusAVolume 1.5E-05', 'audio', null, 1.5e-5],
      ['InputAudio 2 0', 'audio', 2, 0],
      ['Input 2 1', 'program', 2, 1],
      ['InputMix3 4 1', 'program', 4, 1],
      ['InputPreview 1 0', 'preview', 1, 0],
      ['InputPlaying 3 1', 'playing', 3, 1],
      ['Overlay8 5 1', 'overlay', 5, 1],
      ['ReplayLive 1', 'replay', null, 1],
      ['VideoCallSourceOutput1 7 1', 'call', 7, 1],
      ['SomethingNew 1 2', 'other', 1, 2],
      ['SomethingNew', 'other', null, null],
      ['SomethingNew words', 'other', null, null],
    ];
    for (const [text, about, input, value] of cases)
      assert.deepEqual(hint(`ACTS OK ${text}`), {
        kind: 'activator',
        name: text.split(' ')[0],
        about,
        input,
        value,
      });
  });

  it('say what is on air', () => {
    assert.deepEqual(hint('TALLY OK 0125'), { kind: 'tally', inputs: ['off', 'program', 'preview', 'off'] });
    assert.deepEqual(hint('TALLY OK '), { kind: 'tally', inputs: [] });
  });

  it('are nothing else', () => {
    for (const text of [
      'ACTS ER No Input',
      'TALLY OK what',
      `TALLY OK ${'1'.repeat(1001)}`,
      'FUNCTION OK Completed',
      'ACTS OK <b>',
    ])
      assert.equal(hint(text), null, text);
  });
});
