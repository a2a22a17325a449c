import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LiveError } from '../../lib/errors';
import {
  ffmpegOptions,
  readSrtAddress,
  shownPlace,
  srtAddress,
  type SrtPlace,
} from '../../lib/production/srt-address';
import { redactText } from '../../lib/secrets';
import { loops } from '../support';

const place: SrtPlace = {
  mode: 'caller',
  host: 'studio.example',
  port: 9000,
  latencyMs: 120,
  streamId: '',
  passphrase: '',
  keyLength: null,
};

/** As ffmpeg reads such a list: av_dict_parse_string with `=` and a space, and av_get_token, written down from its source. */
function readOptions(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  let at = 0;
  const token = (ends: string): string => {
    let out = '';
    let kept = 0;
    while (text[at] === ' ') at++;
    while (at < text.length && !ends.includes(text[at]!)) {
      const c = text[at++]!;
      if (c === '\\' && at < text.length) {
        out += text[at++]!;
        kept = out.length;
      } else if (c === "'") {
        while (at < text.length && text[at] !== "'") out += text[at++]!;
        if (text[at] === "'") at++;
        kept = out.length;
      } else out += c;
    }
    // spaces at the end that nobody quoted are dropped
    const end = out.slice(kept).replace(/[ \n\t\r]+$/, '');
    return out.slice(0, kept) + end;
  };
  while (at < text.length) {
    const key = token('=');
    assert.equal(text[at++], '=');
    found[key] = token(' ');
    at++;
  }
  return found;
}

describe('the address of an SRT output', () => {
  const golden: [string, Partial<SrtPlace>, number | null, string][] = [
    ['a caller', {}, null, 'srt://studio.example:9000?mode=caller&latency=120000'],
    [
      'a caller, encrypted',
      { passphrase: 'ten letters', keyLength: 32 },
      5000,
      'srt://studio.example:9000?mode=caller&latency=120000&pbkeylen=32',
    ],
    [
      'no passphrase, no key',
      { keyLength: 16 },
      null,
      'srt://studio.example:9000?mode=caller&latency=120000',
    ],
    [
      'a listener everywhere',
      { mode: 'listener', host: '', latencyMs: 20 },
      30_000,
      'srt://:9000?mode=listener&latency=20000&listen_timeout=30000000',
    ],
    [
      'a listener at one address',
      { mode: 'listener', host: '10.0.0.7' },
      null,
      'srt://10.0.0.7:9000?mode=listener&latency=120000',
    ],
    ['IPv6', { host: '2001:db8::7' }, null, 'srt://[2001:db8::7]:9000?mode=caller&latency=120000'],
    ['IPv6 in brackets', { host: '[::1]' }, null, 'srt://[::1]:9000?mode=caller&latency=120000'],
    [
      'another alphabet',
      { host: 'bücher.example' },
      null,
      'srt://xn--bcher-kva.example:9000?mode=caller&latency=120000',
    ],
    ['8 s', { latencyMs: 8000 }, null, 'srt://studio.example:9000?mode=caller&latency=8000000'],
  ];
  for (const [name, more, wait, wanted] of golden)
    it(name, () => assert.equal(srtAddress({ ...place, ...more }, wait), wanted));

  const refused: [string, Partial<SrtPlace>, string][] = [
    ['a caller without anybody to call', { host: ' ' }, 'host'],
    ['a host that would add options', { host: 'studio?mode=listener' }, 'host'],
    ['a host with an address in it', { host: 'srt://studio' }, 'host'],
    ['a host with a login', { host: 'user:secret@studio' }, 'host'],
    ['port 0', { port: 0 }, 'port'],
    ['half a port', { port: 9000.5 }, 'port'],
    ['a port too large', { port: 65_536 }, 'port'],
    ['too little latency', { latencyMs: 19 }, 'latency'],
    ['too much latency', { latencyMs: 8001 }, 'latency'],
    ['no number of latency', { latencyMs: Number.NaN }, 'latency'],
    ['9 bytes of passphrase', { passphrase: '123456789' }, 'passphrase'],
    ['80 bytes of passphrase', { passphrase: 'é'.repeat(40) }, 'passphrase'],
    ['a line break in the passphrase', { passphrase: 'ten\nletters' }, 'passphrase'],
    ['a stream id too long', { streamId: 'x'.repeat(513) }, 'stream id'],
  ];
  for (const [name, more, field] of refused)
    it(`${name} is refused`, () =>
      assert.throws(
        () => srtAddress({ ...place, ...more }),
        (error) =>
          error instanceof LiveError && error.code === 'INPUT_INVALID' && error.details.field === field,
      ));

  it('takes 10 and 79 bytes of passphrase', () => {
    for (const passphrase of ['1234567890', 'é'.repeat(39) + 'x'])
      assert.ok(srtAddress({ ...place, passphrase }).startsWith('srt://'));
  });

  it('reads what it wrote, and of others what it can', () => {
    assert.deepEqual(readSrtAddress(srtAddress({ ...place, mode: 'listener', host: '' }, 2500)), {
      mode: 'listener',
      address: 'srt://:9000',
      latencyMs: 120,
      waitForCallerMs: 2500,
    });
    assert.deepEqual(readSrtAddress('SRT://user:pw@host:9?streamid=x'), {
      mode: 'caller',
      address: 'srt://host:9',
      latencyMs: null,
      waitForCallerMs: null,
    });
    for (const other of ['', 'udp://host:9', '/videos/show.mkv', 'srt://'])
      assert.equal(readSrtAddress(other), null);
  });

  it('any secrets come out of the list of options as they went in, and stand in nothing that people see', () => {
    const character = fc.oneof(
      fc.constantFrom(...'&#+% ,=:\'"\\/?é@;!()*[]{}<>|~`$^'),
      fc
        .string({ unit: 'grapheme', minLength: 1, maxLength: 1 })
        .filter((c) => !/[\u0000-\u001f\u007f]/.test(c)),
    );
    const text = fc.array(character, { minLength: 10, maxLength: 18 }).map((all) => all.join(''));
    fc.assert(
      fc.property(text, fc.oneof(fc.constant(''), text), (passphrase, streamId) => {
        const full = { ...place, passphrase, streamId };
        const read = readOptions(ffmpegOptions(full));
        assert.equal(read.passphrase, passphrase);
        assert.equal(read.streamid ?? '', streamId);
        assert.equal(srtAddress(full).includes(passphrase), false);
        assert.equal(JSON.stringify(shownPlace(full)).includes(passphrase), false);
      }),
      { numRuns: loops(2000) },
    );
  });

  it('a list of options that somebody reads out of OBS is hidden to its end', () => {
    const options = ffmpegOptions({
      ...place,
      passphrase: "it's a 'secret' phrase",
      streamId: "pub'lish key",
    });
    assert.equal(redactText(options), "passphrase='[hidden]' streamid='[hidden]'");
  });
});
