import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LiveError } from '../../lib/errors';
import { hold, redactText } from '../../lib/secrets';
import { LONGEST_ADDRESS, SOURCE_SCHEMES, parseSourceAddress } from '../../lib/switching/address';
import { loops } from '../support';

function refusal(address: string): string {
  try {
    parseSourceAddress(address);
  } catch (error) {
    assert.ok(error instanceof LiveError && error.code === 'SOURCE_ADDRESS_INVALID', String(error));
    return error.message;
  }
  assert.fail(`was taken: ${JSON.stringify(address)}`);
}

describe('the address of a source', () => {
  const golden: [address: string, text: string, shown: string][] = [
    ['rtmp://media.example/live/guest1', 'rtmp://media.example/live/guest1', 'rtmp://media.example/live'],
    [
      ' RTMPS://user:pa55word@media.example:443/live/guest1?key=s3cret ',
      'RTMPS://user:pa55word@media.example:443/live/guest1?key=s3cret',
      'rtmps://media.example:443/live',
    ],
    ['rtmp://[::1]:1935/live/a', 'rtmp://[::1]:1935/live/a', 'rtmp://[::1]:1935/live'],
    [
      'srt://media.example:9000?mode=caller&latency=120000&streamid=%23!'.replace('!', '%21'),
      'srt://media.example:9000?mode=caller&latency=120000&streamid=%23%21',
      'srt://media.example:9000',
    ],
    ['srt://:9000?mode=listener', 'srt://:9000?mode=listener', 'srt://:9000'],
    ['rtsp://camera.example/stream/1', 'rtsp://camera.example/stream/1', 'rtsp://camera.example'],
    [
      'https://cdn.example/a/index.m3u8?token=abcdefgh',
      'https://cdn.example/a/index.m3u8?token=abcdefgh',
      'https://cdn.example',
    ],
    ['/srv/live/slate.mp4', 'file:///srv/live/slate.mp4', '/srv/live/slate.mp4'],
    ['/srv/live/our slate!.mp4', 'file:///srv/live/our%20slate%21.mp4', '/srv/live/our slate!.mp4'],
    [
      String.raw`C:\Shows\Tom's intro.mp4`,
      'file:///C:/Shows/Tom%27s%20intro.mp4',
      "C:/Shows/Tom's intro.mp4",
    ],
    [String.raw`\\nas\shows\a.mp4`, 'file://nas/shows/a.mp4', '//nas/shows/a.mp4'],
    ['file:///C:/Shows/a%20b.mp4', 'file:///C:/Shows/a%20b.mp4', 'C:/Shows/a b.mp4'],
    ['file://nas/shows/a.mp4', 'file://nas/shows/a.mp4', '//nas/shows/a.mp4'],
    ['file://localhost/shows/a.mp4', 'file:///shows/a.mp4', '/shows/a.mp4'],
    ['rtmp://bücher.example/live/gäste', 'rtmp://bücher.example/live/gäste', 'rtmp://bücher.example/live'],
  ];
  for (const [address, text, shown] of golden)
    it(`takes ${address.trim()}`, () => {
      const found = parseSourceAddress(address);
      assert.equal(found.text, text);
      assert.equal(found.shown, shown);
    });

  const hostile: [name: string, address: string, because: RegExp][] = [
    ['nothing', '  ', /empty/],
    ['a word', 'guest1', /starts with none/],
    ['a relative path', 'shows/a.mp4', /starts with none/],
    ['a quotation mark', 'rtmp://h/live/a"', /quotation/],
    ['a second element', 'rtmp://h/live/a" ! filesink location="/etc/passwd', /quotation/],
    ['an element without quotes', 'rtmp://h/live/a!shmsink', /exclamation/],
    ['a space', 'rtmp://h/live/a live=1', /space/],
    ['a space of another alphabet', 'rtmp://h/live/a\u00a0b', /space/],
    ['a line end', 'rtmp://h/live/a\nb', /control/],
    ['a zero', 'rtmp://h/live/a\0b', /control/],
    ['a mark that turns the text round', 'rtmp://h/live/a\u202eb', /control/],
    ['half a character', 'rtmp://h/live/a\ud800', /control/],
    ['a backslash', String.raw`rtmp://h/live/a\b`, /backslash/],
    ['an apostrophe', "rtmp://h/live/a'b", /quotation/],
    ['a backtick', 'rtmp://h/live/`a`', /quotation/],
    ['braces', 'rtmp://h/live/{address}', /which no address has/],
    ['another scheme', 'javascript:alert(1)', /javascript is none/],
    ["ffmpeg's joined files", 'concat:/etc/passwd', /concat is none/],
    ["ffmpeg's part of a file", 'subfile,,start,0,end,9,,:/etc/passwd', /starts with none/],
    ["ffmpeg's data", 'data:video/mp4;base64,AA', /data is none/],
    ['no slashes', 'rtmp:host/live/a', /slashes/],
    ['no host', 'rtmp:///live/a', /no host/],
    ['only a user', 'rtmp://user:pw@/live/a', /no host/],
    ['a port that is a word', 'rtmp://host:live/a/b', /port/],
    ['a port too large', 'rtmp://host:99999/live/a', /port/],
    ['no stream name', 'rtmp://host/live', /stream name/],
    ['an empty stream name', 'rtmp://host/live/', /stream name/],
    ['SRT without a port', 'srt://host?mode=caller', /port/],
    ['SRT without a host', 'srt://:9000', /host/],
    ['brackets around a name', 'rtmp://[host]/live/a', /host/],
    ['a host with a sign', 'rtmp://ho$t/live/a', /host/],
    ['a folder', '/srv/live/', /folder/],
    ['a quotation mark in a path', '/srv/a".mp4', /quotation/],
    ['the same, encoded', 'file:///srv/a%22.mp4', /quotation/],
    ['a line end in a path, encoded', 'file:///srv/a%0a.mp4', /control/],
    ['a broken percent sign', 'file:///srv/a%2.mp4', /percent/],
    ['no path', 'file://', /looks like/],
    ['a device', '/dev/video0', /device/],
    ['a device in other words', '/srv/../dev/video0', /no folder/],
    ['a device, encoded', 'file:///srv/%2e%2E/dev/zero', /no folder/],
    ['a device with more slashes', '//dev//zero', /device/],
    ['a device as Windows writes it', String.raw`\\.\PhysicalDrive0\x`, /in the network looks like/],
    ['the same with slashes', 'file://./PhysicalDrive0/x', /in the network looks like/],
    ['the same behind a slash', 'file:///%5C%5C.%5CPhysicalDrive0', /backslash/],
    ['a device of Windows by its old name', String.raw`C:\shows\COM1.mp4`, /device/],
    ['what the kernel tells', '/proc/self/environ', /device/],
    ['far too long', `rtmp://h/live/${'a'.repeat(LONGEST_ADDRESS)}`, /characters/],
    ['a path that is too long once encoded', `/${' '.repeat(1000)}a`, /characters/],
  ];
  for (const [name, address, because] of hostile)
    it(`refuses ${name}`, () => assert.match(refusal(address), because));

  it('a refusal says nothing of the address but its scheme', () => {
    const secret = 'kEy4711kEy';
    for (const mark of ['"', '!', ' ', '\\', '\n', '<'])
      for (const scheme of [...SOURCE_SCHEMES, 'gopher'])
        assert.doesNotMatch(refusal(`${scheme}://h/live/${secret}${mark}${secret}`), /kEy4711/);
    assert.doesNotMatch(refusal(`rtmp://h:${secret}/live/a`), /kEy4711/);
    for (const address of [`${secret}:${secret}`, 'verysecretstreamkey:x', `${secret}://h/live/a`])
      assert.doesNotMatch(refusal(address), /kEy4711|verysecret/i);
  });

  it('knows what is secret in it', () => {
    const secrets = (address: string) => parseSourceAddress(address).secrets;
    assert.deepEqual(
      secrets('rtmp://user:p%40ss@h/live/guest1?key=abc&vhost=x').sort(),
      [
        'rtmp://user:p%40ss@h/live/guest1?key=abc&vhost=x',
        'p%40ss',
        'p@ss',
        'abc',
        'guest1?key=abc&vhost=x',
        'guest1',
      ].sort(),
    );
    assert.ok(secrets('srt://h:1?streamid=secret7&passphrase=longenough1').includes('secret7'));
    assert.ok(secrets('srt://h:1?streamid=secret7&passphrase=longenough1').includes('longenough1'));
    // whoever writes a token needs no password with it, and the id of a stream may have a syntax of its own
    assert.ok(secrets('rtsp://ghp4711token@h/a').includes('ghp4711token'));
    assert.ok(secrets('https://h/a.m3u8#token=sesame4711').includes('sesame4711'));
    assert.ok(secrets('srt://h:1?streamid=#r=live/sesame4711').some((one) => /^r=.*sesame4711$/.test(one)));
    assert.ok(secrets('https://h/hls/3fa9c2d41b/index.m3u8').includes('3fa9c2d41b'));
    assert.ok(secrets('https://h/a.m3u8?Policy=eyJhbGciOi').includes('eyJhbGciOi'));
  });

  it('holds no everyday word, which would blank every sentence with it', () => {
    for (const word of ['live', 'stream', 'test', 'guest', 'camera'])
      assert.ok(!parseSourceAddress(`rtmp://h/live/${word}`).secrets.includes(word), word);
    assert.ok(!parseSourceAddress('srt://h:1?mode=listener&latency=120000').secrets.includes('listener'));
    assert.ok(!parseSourceAddress('srt://h:1?mode=caller&latency=12000000').secrets.includes('12000000'));
    for (const user of ['camera', 'admin'])
      assert.ok(!parseSourceAddress(`rtsp://${user}:pa55word@h/a`).secrets.includes(user), user);
    // where the key is in the query, as people of the seed have it
    assert.ok(!parseSourceAddress('rtmp://h/motherstream/live?stream_key=k').secrets.includes('live'));
  });

  it('shows no key, and what is held hides it everywhere', () => {
    const part = fc.stringMatching(/^[A-Za-z0-9_-]{8,30}$/);
    const scheme = fc.constantFrom('rtmp', 'rtmps', 'srt', 'rtsp', 'http', 'https');
    fc.assert(
      fc.property(scheme, part, part, (protocol, key, password) => {
        const address = `${protocol}://user:${password}@h:1000/live/${key}7?key=${key}x`;
        const found = parseSourceAddress(address);
        assert.ok(!found.shown.includes(key) && !found.shown.includes(password));
        const releases = found.secrets.map(hold);
        try {
          const hidden = redactText(`OBS says: ${address}, and ${key}7, ${key}x and ${password}`);
          for (const secret of [`${key}7`, `${key}x`, password]) assert.ok(!hidden.includes(secret), hidden);
        } finally {
          for (const release of releases) release();
        }
      }),
      { numRuns: loops(1000) },
    );
  });

  it('whatever it takes holds nothing that could end a quoted value', () => {
    const char = fc.oneof(
      fc.constantFrom(...'"\'`\\!{}<>| \t\n\0/:@?#&=%abc.-'),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    );
    const tail = fc.array(char, { maxLength: 12 }).map((all) => all.join(''));
    const start = fc.constantFrom(
      'rtmp://h/live/',
      'srt://h:1/',
      'srt://h:1?streamid=',
      'https://h/',
      '/srv/',
      'C:\\',
      'file:///',
      '\\\\nas\\',
      '',
    );
    let taken = 0;
    fc.assert(
      fc.property(start, tail, (head, rest) => {
        let found;
        try {
          found = parseSourceAddress(head + rest);
        } catch (error) {
          assert.ok(error instanceof LiveError && error.code === 'SOURCE_ADDRESS_INVALID', String(error));
          return;
        }
        taken++;
        assert.doesNotMatch(found.text, /["'`\\!{}<>|^\s\p{C}\p{Z}]/u);
        // nothing is lost on the way: taken once more it is the same
        assert.equal(parseSourceAddress(found.text).text, found.text);
        assert.equal(parseSourceAddress(found.text).shown, found.shown);
      }),
      { numRuns: loops(20_000, 2000) },
    );
    assert.ok(taken > 100, `only ${taken} were taken`);
  });
});
