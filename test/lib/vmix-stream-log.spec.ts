// The log that vMix keeps of a stream: the only numbers there are.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readStreamLogLine, splitStreamLog } from '../../lib/vmix/stream-log';
import { loops } from '../support';

describe('the log of a stream', () => {
  it('tells frames, rate, size, time and bitrate', () => {
    assert.deepEqual(
      readStreamLogLine(
        'frame=   38 fps=30.0 q=0.0 size=       1665kB time=00:00:01.23 bitrate=   2315.6kbits/s',
      ),
      {
        kind: 'progress',
        frames: 38,
        fps: 30,
        sizeBytes: 1_704_960,
        timeMs: 1230,
        bitrateKbps: 2315.6,
        dropped: null,
      },
    );
    assert.deepEqual(
      readStreamLogLine(
        'frame=12000 fps= 25 q=-1.0 Lsize=  100MiB time=11:06:40.00 bitrate=N/A dup=1 drop=12 speed=1x',
      ),
      {
        kind: 'progress',
        frames: 12_000,
        fps: 25,
        sizeBytes: 104_857_600,
        timeMs: 40_000_000,
        bitrateKbps: null,
        dropped: 12,
      },
    );
    assert.deepEqual(readStreamLogLine('frame=1 time=N/A size=N/A'), {
      ...{
        kind: 'progress',
        frames: 1,
        fps: null,
        sizeBytes: null,
        timeMs: null,
        bitrateKbps: null,
        dropped: null,
      },
    });
  });

  it('tells what went wrong', () => {
    const kind = (line: string) => readStreamLogLine(line)?.kind ?? null;
    assert.equal(
      kind(
        '[dshow @ 0] real-time buffer [vMix Video] [video input] too full or near too full (62% of size)!',
      ),
      'congested',
    );
    const full = 'real-time buffer [vMix Video] [video input] too full or near too full (101% of size)!';
    assert.deepEqual(readStreamLogLine(full), { kind: 'congested', dropped: 0 });
    assert.deepEqual(readStreamLogLine(`${full} frame dropped!`), { kind: 'congested', dropped: 1 });
    assert.equal(kind('av_interleaved_write_frame(): Unknown error'), 'disconnected');
    assert.equal(kind('Server error: Initialization failed'), 'rejected');
    for (const line of [
      '',
      'Stream mapping:',
      "Output #0, flv, to 'rtmp://host/app/key':",
      'x'.repeat(10_000),
    ])
      assert.equal(kind(line), null);
  });

  it('is the same wherever it is cut', () => {
    const log = 'frame=1 fps=1\rframe=2 fps=2\r\nServer error: x\n\nframe=3 fps=3\r';
    const whole = splitStreamLog(log).lines;
    assert.equal(whole.length, 4);
    fc.assert(
      fc.property(fc.nat(log.length), (cut) => {
        const first = splitStreamLog(log.slice(0, cut));
        const second = splitStreamLog(first.rest + log.slice(cut));
        assert.deepEqual([...first.lines, ...second.lines], whole);
      }),
      { numRuns: loops(500, 100) },
    );
  });

  it('takes any text at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => void readStreamLogLine(`frame= 1 ${text}`)),
      { numRuns: loops(1000, 100) },
    );
  });
});
