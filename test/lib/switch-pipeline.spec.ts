import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LiveError } from '../../lib/errors';
import { PIPELINE_PRESETS } from '../../lib/production/switching';
import { parseSourceAddress } from '../../lib/switching/address';
import { checkPipelineText, pipelineText } from '../../lib/switching/pipeline';
import { loops } from '../support';

interface Element {
  name: string;
  properties: Record<string, string>;
}

/**
 * What gst-launch makes of a text: elements with their properties, references such as `d.` and caps. The words are cut as its own
 * scanner cuts them: at spaces, with quoted strings after a `=`, where a backslash takes the next character along. Source: grammar.y
 * and parse.l of GStreamer, written down by hand.
 */
function parse(text: string): { elements: Element[]; references: string[]; caps: string[] } {
  const words: string[] = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] === ' ') {
      at++;
      continue;
    }
    if (text[at] === '!') {
      words.push('!');
      at++;
      continue;
    }
    let word = '';
    let quote: string | null = null;
    for (; at < text.length; at++) {
      const c = text[at]!;
      if (c === '\\') word += c + (text[++at] ?? '');
      else if (quote !== null) {
        word += c;
        if (c === quote) quote = null;
      } else if (c === '"' || c === "'") {
        quote = c;
        word += c;
      } else if (c === ' ' || c === '!') break;
      else word += c;
    }
    assert.equal(quote, null, 'a quotation mark is left open');
    words.push(word);
  }
  const found = { elements: [] as Element[], references: [] as string[], caps: [] as string[] };
  let behindBang = false;
  for (const word of words) {
    const assigned = /^([\w:-]+)=(.*)$/s.exec(word);
    if (word === '!') behindBang = true;
    else if (/^\w+\.\w*$/.test(word)) found.references.push(word);
    else if (/^(?:video|audio)\/x-raw/.test(word)) found.caps.push(word);
    else if (assigned && !behindBang) {
      const [, name = '', value = ''] = assigned;
      const quoted = /^"(.*)"$/s.exec(value);
      found.elements.at(-1)!.properties[name] = quoted ? quoted[1]!.replace(/\\(.)/gs, '$1') : value;
    } else found.elements.push({ name: word, properties: {} });
    if (word !== '!') behindBang = false;
  }
  return found;
}

const wish = (address: string, preset: (typeof PIPELINE_PRESETS)[number] = 'plain') => ({
  address: parseSourceAddress(address),
  pipeline: { preset },
  size: null,
});

function refusal(text: string): string {
  try {
    checkPipelineText(text);
  } catch (error) {
    assert.ok(error instanceof LiveError && error.code === 'SOURCE_PIPELINE_INVALID', String(error));
    return error.message;
  }
  assert.fail(`was taken: ${text}`);
}

describe('the pipeline of a source', () => {
  it('is the plain one that users of obs-gstreamer suggest', () =>
    assert.equal(
      pipelineText(wish('rtmp://h/live/guest1')),
      'rtmp2src location="rtmp://h/live/guest1" idle-timeout=10 ! decodebin name=d ' +
        ' d. ! queue ! videoconvert ! video. ' +
        ' d. ! queue ! audioconvert ! audioresample ! audio.',
    ));

  it('with low latency throws away what is late', () => {
    const text = pipelineText(wish('rtmp://h/live/guest1', 'low-latency'));
    assert.equal(text.match(/leaky=downstream/g)?.length, 2);
    assert.match(text, /max-size-buffers=3 /);
  });

  it('smooth waits longer and fills gaps', () => {
    const text = pipelineText(wish('rtmp://h/live/guest1', 'smooth'));
    assert.doesNotMatch(text, /leaky/);
    assert.match(text, /max-size-time=3000000000 ! videorate skip-to-first=true ! videoconvert/);
  });

  it('scales within, with borders where the shape is another', () => {
    const text = pipelineText({ ...wish('srt://h:9000'), size: { width: 1280, height: 720 } });
    assert.match(
      text,
      /videoconvert ! videoscale add-borders=true ! video\/x-raw,width=1280,height=720,pixel-aspect-ratio=1\/1 ! video\./,
    );
    for (const size of [
      { width: 0, height: 720 },
      { width: 1280.5, height: 720 },
      { width: 1280, height: Number.NaN },
      { width: 100_000, height: 720 },
    ])
      assert.throws(() => pipelineText({ ...wish('srt://h:9000'), size }), /SOURCE_PIPELINE_INVALID|size/);
  });

  const begins: [address: string, element: string, property: string][] = [
    ['rtmp://h/live/a', 'rtmp2src', 'location'],
    ['rtmps://h/live/a', 'rtmp2src', 'location'],
    ['srt://h:9000?mode=caller', 'srtsrc', 'uri'],
    ['rtsp://h/a', 'uridecodebin', 'uri'],
    ['rtsps://h/a', 'uridecodebin', 'uri'],
    ['http://h/a.ts', 'uridecodebin', 'uri'],
    ['https://h/a.m3u8', 'uridecodebin', 'uri'],
    ['/srv/live/our slate!.mp4', 'uridecodebin', 'uri'],
  ];
  for (const [address, element, property] of begins)
    it(`${address} is fetched by ${element}`, () => {
      const { elements } = parse(pipelineText(wish(address)));
      assert.equal(elements[0]!.name, element);
      assert.equal(elements[0]!.properties[property], parseSourceAddress(address).text);
    });

  it('says the latency of SRT in milliseconds, which an address has in microseconds', () => {
    const uri = (address: string) => parse(pipelineText(wish(address))).elements[0]!.properties.uri;
    assert.equal(uri('srt://h:1?latency=120000&mode=caller'), 'srt://h:1?latency=120&mode=caller');
    assert.equal(uri('srt://h:1?mode=caller&latency=2000000'), 'srt://h:1?mode=caller&latency=2000');
    assert.equal(uri('srt://h:1?latency=120'), 'srt://h:1?latency=120');
    assert.equal(uri('srt://h:1?streamid=latency'), 'srt://h:1?streamid=latency');
    // only SRT
    assert.equal(uri('http://h/a?latency=120000'), 'http://h/a?latency=120000');
  });

  const BETWEEN: Record<string, string[]> = {
    'low-latency': ['queue', 'videoconvert', 'queue', 'audioconvert', 'audioresample'],
    smooth: ['queue', 'videorate', 'videoconvert', 'queue', 'audioconvert', 'audioresample'],
    plain: ['queue', 'videoconvert', 'queue', 'audioconvert', 'audioresample'],
  };

  it('whatever address is taken, it has the elements of the preset and the address byte for byte in one property', () => {
    const hostile = fc.constantFrom(
      ...'"\'`\\!{}<>|$%&=?#/:@.-_~ \n\t',
      '" ! filesink location="/tmp/x',
      '\\" ! shmsink socket-path=/tmp/x name="',
      "' ! fakesink name='",
      '{address}',
      '$&',
      '$1',
      ' d. ! queue ! tcpserversink port=1 ',
      '%22%20!%20filesink',
      'video.',
    );
    const piece = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 6 }), hostile, fc.constant('a'));
    const tail = fc.array(piece, { maxLength: 6 }).map((all) => all.join(''));
    const start = fc.constantFrom(
      'rtmp://h/live/a',
      'rtmp://u:p@h/live/a?key=',
      'srt://h:1?streamid=',
      'srt://:1?mode=listener&x=',
      'rtsp://h/',
      'https://h/?a=',
      '/srv/',
      'C:\\Shows\\',
      'file:///a',
    );
    const preset = fc.constantFrom(...PIPELINE_PRESETS);
    const own = 'rtmp2src name=in location="{address}" ! decodebin name=d d. ! queue ! video.';
    let taken = 0;
    fc.assert(
      fc.property(start, tail, preset, fc.boolean(), (head, rest, chosen, sized) => {
        let address;
        try {
          address = parseSourceAddress(head + rest);
        } catch {
          return;
        }
        taken++;
        const size = sized ? { width: 640, height: 360 } : null;
        const { elements, references, caps } = parse(
          pipelineText({ address, pipeline: { preset: chosen }, size }),
        );
        const names = elements.map(({ name }) => name);
        const first = { rtmp: 'rtmp2src', srt: 'srtsrc' }[address.scheme as string];
        const middle = [...BETWEEN[chosen]!];
        if (sized) middle.splice(middle.indexOf('videoconvert') + 1, 0, 'videoscale');
        assert.deepEqual(names, [...(first ? [first, 'decodebin'] : ['uridecodebin']), ...middle]);
        assert.deepEqual(references, ['d.', 'video.', 'd.', 'audio.']);
        assert.equal(caps.length, sized ? 1 : 0);
        const values = elements.flatMap(({ properties }) => Object.values(properties));
        assert.equal(values.filter((value) => value === address.text).length, 1, address.text);

        const mine = parse(pipelineText({ address, pipeline: { text: own }, size: null }));
        assert.deepEqual(
          mine.elements.map(({ name }) => name),
          ['rtmp2src', 'decodebin', 'queue'],
        );
        assert.equal(mine.elements[0]!.properties.location, address.text);
      }),
      { numRuns: loops(20_000, 2000) },
    );
    assert.ok(taken > 300, `only ${taken} were taken`);
  });

  it('the parser of this test sees an element that was let in', () => {
    const { elements } = parse('rtmp2src location="a" ! filesink location="/tmp/x" ! decodebin name=d');
    assert.deepEqual(
      elements.map(({ name }) => name),
      ['rtmp2src', 'filesink', 'decodebin'],
    );
  });

  describe('as a text of one’s own', () => {
    const good = [
      'rtmp2src location="{address}" ! decodebin name=d d. ! queue ! videoconvert ! video. d. ! audioconvert ! audio.',
      'uridecodebin uri = "{address}" name=d\n  d. ! video.sink\n  d. ! audio.sink',
      'souphttpsrc location="{address}" user-agent="a \\" b" ! decodebin ! videoconvert ! video.',
      `uridecodebin name='in' uri="{address}" ! video/x-raw,format="I420" ! video.`,
      'rtspsrc location="{address}" latency=200 name=r r. ! application/x-rtp,media=video ! decodebin ! video.',
    ];
    for (const text of good) it(`takes ${text.slice(0, 50)}`, () => checkPipelineText(text));

    const bad: [name: string, text: string, because: RegExp][] = [
      ['nothing', ' \n ', /empty/],
      ['no place for the address', 'videotestsrc ! video.', /is missing/],
      ['two places', 'a b="{address}" c="{address}" ! video.', /more than once/],
      ['a place without quotes', 'rtmp2src location={address} ! decodebin ! video.', /double quotes/],
      ['a place in single quotes', "rtmp2src location='{address}' ! decodebin ! video.", /double quotes/],
      ['a place between two quoted values', 'a b="x" {address} c="y" ! video.', /double quotes/],
      ['a place that only looks quoted', 'a b=x" c={address} d="y ! video.', /double quotes/],
      ['a string that is no value', 'a "{address}" ! video.', /double quotes/],
      ['a value that does not end', 'a b="{address} ! video.', /double quotes/],
      ['a value with more behind it', 'a b="{address}"x ! video.', /double quotes/],
      ['a backslash before the address', 'a b="\\{address}" ! video.', /double quotes/],
      ['a quotation mark too many', 'a b="{address}" c="d ! video.', /double quotes/],
      ['a sign at the end of the value', 'a b="{address}"! video.', /double quotes/],
      ['a value right behind another', 'a c="d="b="{address}" ! video.', /double quotes/],
      ['a property of a property', 'a c=b="{address}" ! video.', /double quotes/],
      // GStreamer takes the second backslash and the quotation mark together, and the value would end before the address
      [
        'two backslashes before a quotation mark',
        String.raw`a b="c\\" d="{address}" ! video.`,
        /backslashes/,
      ],
      ['no way to OBS', 'rtmp2src location="{address}" ! decodebin ! fakesink', /nothing in it leads to OBS/],
      ['a way to OBS in a value only', 'a b="{address} ! video." ! fakesink', /nothing in it leads to OBS/],
      ['a control character', 'a b="{address}" ! \u0007 video.', /control/],
      ['far too much', `a b="{address}" ${'! queue '.repeat(600)} ! video.`, /characters/],
    ];
    for (const [name, text, because] of bad)
      it(`refuses ${name}`, () => assert.match(refusal(text), because));

    it('puts the address in as it is, whatever signs are in it', () => {
      const text = pipelineText({
        address: parseSourceAddress('rtmp://h/live/$&$1$$'),
        pipeline: { text: good[0]! },
        size: null,
      });
      assert.ok(text.includes('location="rtmp://h/live/$&$1$$" !'));
    });
  });
});
