// The functions of vMix: what we know of them, and how they are written so that every byte arrives.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { VMIX_FUNCTIONS, findFunction, similarNames } from '../../lib/vmix/functions';
import {
  channelOfValue,
  outputOfValue,
  outputValue,
  streamSetting,
  streamValue,
} from '../../lib/vmix/functions/numbers';
import { functionLine, functionQuery } from '../../lib/vmix/functions/query';
import { loops } from '../support';

const invalid = (error: { code?: string }) => error.code === 'INPUT_INVALID';

describe('the table of functions', () => {
  it('has every function of vMix 23 to 29 once', () => {
    assert.equal(VMIX_FUNCTIONS.length, 792);
    assert.equal(new Set(VMIX_FUNCTIONS.map(({ name }) => name.toLowerCase())).size, 792);
    const since = (version: number) => VMIX_FUNCTIONS.filter((one) => one.since <= version).length;
    // the lengths of the lists of these versions; 28 no longer names the effects, which it still has
    assert.deepEqual([23, 24, 25, 26, 27].map(since), [470, 496, 500, 505, 678]);
    assert.equal(since(28), 716 + 14);
  });

  it('says everything in words', () => {
    for (const { name, does, parameters } of VMIX_FUNCTIONS) {
      assert.match(name, /^[A-Z][A-Za-z0-9]+$/);
      assert.match(does, /^[A-Za-z][^{}|]{2,120}$/, name);
      assert.equal(does, does.trim());
      for (const parameter of parameters) assert.match(parameter.meaning, /^[^{}|]{3,80}$/, name);
    }
  });

  it('knows what runs code, what is secret, what undoes itself', () => {
    const names = (flag: 'dangerous' | 'secret') =>
      VMIX_FUNCTIONS.filter((one) => one[flag]).map(({ name }) => name);
    assert.deepEqual(names('dangerous').sort(), [
      'KeyPress',
      'ScriptStart',
      'ScriptStartDynamic',
      'SendKeys',
    ]);
    assert.deepEqual(names('secret').sort(), [
      'StreamingSetKey',
      'StreamingSetPassword',
      'StreamingSetURL',
      'StreamingSetUsername',
      'VideoCallConnect',
      'ZoomJoinMeeting',
    ]);
    for (const name of [
      'FadeToBlack',
      'StartStopStreaming',
      'OverlayInput1',
      'Fullscreen',
      'Audio',
      'PlayPause',
    ])
      assert.equal(findFunction(name)?.toggle, true, name);
    for (const name of ['StartStreaming', 'CutDirect', 'OverlayInput1In', 'FullscreenOn', 'AudioOn', 'Play'])
      assert.equal(findFunction(name)?.toggle, false, name);
    for (const one of VMIX_FUNCTIONS) {
      if (/StartStop|OnOff$|ShowHide$|Toggle|PlayPause$/.test(one.name))
        assert.equal(one.toggle, true, one.name);
      if (one.toggle) assert.ok(/whichever|exchange/.test(one.does), one.name);
    }
  });

  it('finds a name in any case, and none that vMix has not', () => {
    assert.equal(findFunction(' startstreaming ')?.name, 'StartStreaming');
    assert.equal(findFunction('StartSRTOutput')?.since, 24);
    for (const name of [
      'SetOutput',
      'SetRecordingFilename',
      'Transition',
      'Stinger',
      'OverlayInput',
      'KeepAlive',
      'GetVersion',
      '',
    ])
      assert.equal(findFunction(name), null, name);
  });

  it('guesses what was meant', () => {
    assert.deepEqual(similarNames('StartStreeming')[0], 'StartStreaming');
    assert.ok(similarNames('SetOutput').includes('SetOutput2'));
    assert.deepEqual(similarNames('xyzzyplugh'), []);
    assert.deepEqual(similarNames('x'.repeat(1000)), []);
  });
});

describe('numbers of channels and outputs', () => {
  it('begin at 1 for people and at 0 in functions, both ways', () => {
    for (let channel = 1; channel <= 5; channel++) {
      assert.equal(streamValue(channel), String(channel - 1));
      assert.equal(channelOfValue(streamValue(channel)), channel);
      assert.equal(streamSetting(channel, 'a,b'), `${channel - 1},a,b`);
      assert.equal(channelOfValue(streamSetting(channel, 'a,b')), channel);
    }
    for (let output = 1; output <= 4; output++) {
      assert.equal(outputValue(output), String(output - 1));
      assert.equal(outputOfValue(outputValue(output)), output);
    }
    assert.equal(outputOfValue(''), 1);
    assert.equal(channelOfValue(''), null);
    assert.equal(channelOfValue('rtmp://x'), null);
  });

  it('are none beyond what there is', () => {
    for (const channel of [0, 6, -1, 1.5, NaN]) assert.throws(() => streamValue(channel), invalid);
    assert.throws(() => streamValue(4, 3), invalid);
    for (const output of [0, 5, NaN]) assert.throws(() => outputValue(output), invalid);
  });
});

describe('a function as a query', () => {
  const SECRETS = [
    'a&b#c+d%e f,gé',
    '100%',
    '??key=1&pass=2',
    "o'(b)*!",
    '🎥',
    'a\r\nb',
    '=',
    '\\u0026',
    '&amp;',
  ];

  it('brings every byte, whatever stands in it', () => {
    const check = (text: string, wanted: string) => {
      const query = functionQuery({ name: 'StreamingSetKey', value: streamSetting(2, text) });
      assert.match(query, /^[A-Za-z0-9=&%._~-]+$/);
      assert.equal(new URLSearchParams(query).get('Value'), `1,${wanted}`);
      const line = functionLine({ name: 'StreamingSetKey', value: streamSetting(2, text) });
      assert.equal(decodeURIComponent(/ Value=([^&]*)$/.exec(line)?.[1] ?? ''), `1,${wanted}`);
    };
    for (const secret of SECRETS) check(secret, secret);
    check('half \ud83c', 'half \ufffd');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => check(text, text)),
      { numRuns: loops(2000, 200) },
    );
  });

  it('carries every parameter, and leaves out what is not there', () => {
    const call = {
      name: 'setoutput2',
      input: 'Cam & 1',
      value: 'Mix',
      durationMs: 500,
      mix: [0, 1],
      channel: 'A',
      selectedName: 'Head line.Text',
      selectedIndex: 0,
    };
    const query =
      'Input=Cam%20%26%201&Value=Mix&Duration=500&Mix=0&Mix=1&Channel=A&SelectedName=Head%20line.Text&SelectedIndex=0';
    assert.equal(functionQuery(call), `Function=SetOutput2&${query}`);
    assert.equal(functionLine(call), `SetOutput2 ${query}`);
    assert.equal(functionQuery({ name: 'StartRecording' }), 'Function=StartRecording');
    assert.equal(functionLine({ name: 'StartRecording', value: '' }), 'StartRecording');
    assert.equal(functionQuery({ name: 'NewIn31', value: 0, mix: 0 }), 'Function=NewIn31&Value=0&Mix=0');
  });

  it('never sends a blank value where that means more than was asked', () => {
    const names = [
      'StartStreaming',
      'StopStreaming',
      'StartStopStreaming',
      'StartSRTOutput',
      'StreamingSetKey',
      'Snapshot',
    ];
    for (const name of [...names, 'startstreaming'])
      for (const value of [undefined, '', ' '])
        assert.throws(() => functionQuery({ name, value }), invalid, `${name} ${value}`);
    for (const value of ['all', '0,1', '-1', 'x'])
      assert.throws(() => functionQuery({ name: 'StartStreaming', value }), invalid);
    for (const value of ['key', 'rtmp://host/app', '0'])
      assert.throws(() => functionQuery({ name: 'StreamingSetURL', value }), invalid);
    assert.equal(
      functionQuery({ name: 'StreamingSetKey', value: '0,' }),
      'Function=StreamingSetKey&Value=0%2C',
    );
  });

  it('takes no name that is none', () => {
    for (const name of ['', 'Start Streaming', 'A&B=1', '1Cut', 'Cut\r\nQUIT', 'x'.repeat(100)])
      assert.throws(() => functionLine({ name }), invalid, name);
  });
});
