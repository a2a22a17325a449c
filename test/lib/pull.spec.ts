// What a pull asks of ffmpeg, and what it makes of its words.
import assert from 'node:assert/strict';
import { readPullAddress } from '../../lib/frames/pull/address';
import {
  isSoundUnfit,
  pullArguments,
  pullReason,
  pullScript,
  wasLookTooShort,
} from '../../lib/frames/pull/arguments';

const address = (text: string) => {
  const { address: read, reason } = readPullAddress(text);
  assert.ok(read, reason ?? '');
  return read;
};
const wish = { lookMs: 1000, sound: true };

describe('pulled addresses', () => {
  it('every kind that there is, and what people may read of it', () => {
    for (const [text, scheme, where] of [
      ['rtmp://me:secret@host:1936/live/key?token=secret', 'rtmp', 'rtmp://host:1936'],
      ['RTMPS://host/live/key', 'rtmps', 'rtmps://host'],
      ['rtsp://me:secret@10.0.0.7/cam', 'rtsp', 'rtsp://10.0.0.7'],
      ['srt://[::1]:9000?passphrase=secret', 'srt', 'srt://[::1]:9000'],
      [' https://host/a/b.m3u8?sig=secret ', 'https', 'https://host'],
      ['/films/a.mp4', 'file', '/films/a.mp4'],
      ['file:///films/a.mp4', 'file', '/films/a.mp4'],
      ['C:\\films\\a.mp4', 'file', 'C:\\films\\a.mp4'],
    ] as const) {
      const read = address(text);
      assert.deepEqual([read.scheme, read.where], [scheme, where], text);
      assert.doesNotMatch(read.where, /secret/);
    }
  });

  it('others are refused, in words that hold nothing of them', () => {
    for (const text of [
      '',
      'concat:a|b',
      'data:video/mp4;base64,secret',
      'pipe:0',
      'udp://239.0.0.1:5000',
      'rtmp:secret',
      "rtmp://host/secret\nfile 'file:/etc/passwd'",
      'rtmp://host/\rsecret',
      'http://[secret',
      `rtmp://host/${'secret'.repeat(400)}`,
      'subfile,,start,0,end,9,,:/etc/passwd',
    ]) {
      const { address: read, reason } = readPullAddress(text);
      assert.equal(read, null, text);
      assert.ok(reason && !reason.includes('secret'), text);
    }
  });

  it('the address is in no argument, and one line of the script whatever is in it', () => {
    const read = address("rtmp://host/live/it's a 'secret' \\' key");
    assert.doesNotMatch(pullArguments(read, wish).join('\n'), /secret|host/);
    const lines = pullScript(read, wish).split('\n');
    assert.equal(lines[1], "file 'rtmp://host/live/it'\\''s a '\\''secret'\\'' \\'\\'' key'");
    assert.ok(lines.slice(2).every((line) => line === '' || /^option \w+ \w+$/.test(line)));
  });

  it('each kind is opened with its own protocols only', () => {
    const protocols = (text: string): string => {
      const list = pullArguments(address(text), wish);
      return list[list.indexOf('-protocol_whitelist') + 1]!;
    };
    for (const text of ['rtmp://h/a', 'rtmps://h/a', 'rtsp://h/a', 'srt://h:1', 'http://h/a', 'https://h/a'])
      assert.doesNotMatch(protocols(text), /file|data|concat|subfile|crypto/);
    assert.equal(protocols('/a'), 'pipe,file');
    assert.doesNotMatch(protocols('http://h/a'), /https|rtmp/);
  });

  it("ffmpeg's words are told in ours", () => {
    for (const [written, reason] of [
      ['[rtmp @ 0x1] Connection to rtmp://h/live/secret failed: Connection refused', 'nothing listens there'],
      ['[http @ 0x1] HTTP error 404 Not Found\nImpossible to open secret', 'there is nothing of that name'],
      [
        "[file @ 0x1] Protocol 'file' not on whitelist 'pipe,http,tcp'!",
        'it leads to another kind of address, which is not followed',
      ],
      ['[flv @ 0x1] Video codec hevc not compatible with flv', 'it comes as hevc, which is not taken'],
      ['secret', 'exit code 1'],
    ])
      assert.equal(pullReason(written!, 'exit code 1'), reason);
    assert.ok(isSoundUnfit('[flv @ 0x1] Audio codec opus not compatible with flv'));
    assert.ok(!isSoundUnfit('[flv @ 0x1] Video codec hevc not compatible with flv'));
    assert.ok(wasLookTooShort("Stream map '0:v:0' matches no streams."));
  });
});
