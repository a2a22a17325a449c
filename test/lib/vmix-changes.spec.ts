// What happened in vMix, told from two of its states and from what was asked for.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  NOTHING_ASKED,
  changesOf,
  presentOf,
  wasRestarted,
  type Asked,
  type VmixChange,
} from '../../lib/vmix/changes';
import { parseState, type VmixState } from '../../lib/vmix/state';
import { channelOf, runningThings, srtOutputOf } from '../../lib/vmix/things';
import { EVENT_NAMES } from '../../lib/production/vocabulary';
import { loops } from '../support';
import { anyState } from '../support/vmix-state';

const RUNS = { numRuns: loops(2000, 200) };

interface Scene {
  version?: string;
  live?: number[];
  srt?: number[];
  recording?: string;
  external?: boolean;
  multiCorder?: boolean;
  inputs?: [key: string, title: string][];
  active?: number;
}

function state(scene: Scene = {}): VmixState {
  const { version = '29.0.0.49', live = [], srt = [], recording = '<recording>False</recording>' } = scene;
  const flag = (on?: boolean) => (on ? 'True' : 'False');
  const inputs = scene.inputs ?? [
    ['k1', 'Intro'],
    ['k2', 'Live'],
    ['k3', 'Live'],
  ];
  return parseState(
    `<vmix><version>${version}</version><inputs>${inputs
      .map(([key, title], at) => `<input key="${key}" number="${at + 1}" type="Colour" title="${title}" />`)
      .join('')}</inputs>` +
      (version < '28'
        ? ''
        : `<outputs>${[1, 2, 3, 4]
            .map((at) => `<output type="output" number="${at}"${srt.includes(at) ? ' srt="True"' : ''} />`)
            .join('')}</outputs>`) +
      `<active>${scene.active ?? 1}</active>${recording}<external>${flag(scene.external)}</external>` +
      `<streaming${live.map((at) => ` channel${at}="True"`).join('')}>${flag(live.length > 0)}</streaming>` +
      `<multiCorder>${flag(scene.multiCorder)}</multiCorder><fullscreen>False</fullscreen></vmix>`,
  );
}
const asked = (given: { [K in keyof Asked]?: string[] }): Asked => ({
  starts: new Set(given.starts),
  stops: new Set(given.stops),
  confirming: new Set(given.confirming),
});
const told = (changes: VmixChange[]) =>
  changes.map(({ event, output, expected }) => [event, output, expected]);

describe('changes in vMix', () => {
  it('none before the second look, and none between equal states', () => {
    fc.assert(
      fc.property(anyState(3), (one) => {
        assert.deepEqual(changesOf(null, one), []);
        assert.deepEqual(changesOf(one, structuredClone(one)), []);
      }),
      RUNS,
    );
  });

  it('lead from what ran to what runs, once each', () => {
    fc.assert(
      fc.property(anyState(2), anyState(2), fc.boolean(), (before, after, restarted) => {
        const changes = changesOf(before, after, NOTHING_ASKED, { cause: 'poll', restarted });
        const runs = new Set([...runningThings(before)].filter(([, on]) => on).map(([thing]) => thing));
        for (const { event, output, cause } of changes) {
          assert.ok(EVENT_NAMES.includes(event));
          assert.equal(cause, 'poll');
          if (output === null || event === 'recording_file_changed') continue;
          if (event.endsWith('_stopped')) assert.ok(runs.delete(output), `${output} ended and did not run`);
          else {
            assert.ok(!runs.has(output), `${output} began twice`);
            runs.add(output);
          }
        }
        for (const [thing, on] of runningThings(after)) {
          const known = (runningThings(before).get(thing) ?? null) !== null;
          if (on !== null && known) assert.equal(runs.has(thing), on, thing);
        }
      }),
      RUNS,
    );
  });

  it('of streams, each by its channel', () => {
    const changes = changesOf(state({ live: [1, 3] }), state({ live: [3, 5] }));
    assert.deepEqual(told(changes), [
      ['stream_stopped', 'stream1', null],
      ['stream_started', 'stream5', null],
    ]);
    assert.deepEqual(changes[1], {
      event: 'stream_started',
      cause: 'poll',
      expected: null,
      output: 'stream5',
      state: 'live',
      previous: 'idle',
      payload: { channel: 5 },
    });
  });

  it('are expected where somebody asked for them', () => {
    const on = state({ live: [1], srt: [2], external: true });
    const off = state();
    const stops = ['stream1', 'srt2', 'external'];
    assert.deepEqual(
      changesOf(on, off, asked({ stops })).map(({ expected }) => expected),
      [true, true, true],
    );
    assert.deepEqual(
      changesOf(on, off, asked({ starts: stops })).map(({ expected }) => expected),
      [null, null, null],
    );
    assert.deepEqual(told(changesOf(off, on, asked({ starts: ['stream1', 'srt2'] }))), [
      ['stream_started', 'stream1', true],
      ['srt_stream_started', 'srt2', true],
      ['output_started', 'external', null],
    ]);
  });

  it('of a start that is being confirmed are told by who confirms it; its end is a failure', () => {
    const confirming = asked({ starts: ['stream2'], confirming: ['stream2'] });
    const live = state({ live: [2] });
    assert.deepEqual(changesOf(state(), live, confirming), []);
    const [failed] = changesOf(live, state(), confirming);
    assert.deepEqual(
      [failed?.event, failed?.expected, failed?.previous, failed?.state],
      ['stream_failed', false, 'starting', 'idle'],
    );
    const stopped = changesOf(live, state(), asked({ stops: ['stream2'], confirming: ['stream2'] }));
    assert.deepEqual(told(stopped), [['stream_stopped', 'stream2', true]]);
  });

  it('of a stream that an old vMix does not name', () => {
    const old = (on: string) =>
      parseState(`<vmix><version>21.0</version><streaming>${on}</streaming></vmix>`);
    assert.deepEqual(told(changesOf(old('False'), old('True'))), [['stream_started', 'stream', null]]);
    assert.deepEqual(told(changesOf(old('True'), old('False'))), [['stream_stopped', 'stream', null]]);
    assert.deepEqual(changesOf(old('True'), old('What')), []);
    assert.deepEqual(changesOf(old('What'), old('True')), []);
  });

  it('of SRT only where it is shown', () => {
    assert.deepEqual(changesOf(state({ version: '27.0.0.1' }), state({ version: '27.0.0.1' })), []);
    const gone = parseState('<vmix><version>29.0.0.49</version><outputs /></vmix>');
    assert.deepEqual(told(changesOf(state({ srt: [4] }), gone)), [['srt_stream_stopped', 'srt4', null]]);
  });

  it('of recordings, with their files and how long they took', () => {
    const on = (seconds: number, file = 'a.mp4') =>
      state({ recording: `<recording duration="${seconds}" filename1="${file}">True</recording>` });
    const off = state({ recording: '<recording filename1="a.mp4">False</recording>' });
    const [started] = changesOf(state(), on(1));
    assert.deepEqual(started?.payload, { outputPath: 'a.mp4', outputPaths: ['a.mp4'], durationMs: 1000 });
    const [stopped] = changesOf(on(515), off);
    assert.deepEqual(
      [stopped?.event, stopped?.previous, stopped?.state, stopped?.payload],
      [
        'recording_stopped',
        'recording',
        'idle',
        { outputPath: 'a.mp4', outputPaths: ['a.mp4'], durationMs: 515_000 },
      ],
    );
    assert.deepEqual(changesOf(on(5), on(7)), []);
    const [changed] = changesOf(on(5), on(7, 'b.mp4'));
    assert.deepEqual(
      [changed?.event, changed?.payload.outputPath, changed?.payload.previousPath],
      ['recording_file_changed', 'b.mp4', 'a.mp4'],
    );
    assert.deepEqual(told(changesOf(on(500), on(1, 'b.mp4'))), [
      ['recording_stopped', 'recording', null],
      ['recording_started', 'recording', null],
    ]);
  });

  it('of the program, by key: moving and renaming inputs is none', () => {
    const before = state({ active: 2 });
    const moved = state({
      active: 3,
      inputs: [
        ['k3', 'Live'],
        ['k1', 'Intro'],
        ['k2', 'Renamed'],
      ],
    });
    assert.deepEqual(changesOf(before, moved), []);
    // the same number and title, and another input
    const [change] = changesOf(moved, { ...moved, active: 1 });
    assert.deepEqual(change, {
      event: 'scene_changed',
      cause: 'poll',
      expected: null,
      output: null,
      state: 'Live',
      previous: 'Renamed',
      payload: { scene: 'Live', from: 'Renamed', inputKey: 'k3', inputNumber: 1, inputType: 'Colour' },
    });
    const [none] = changesOf(before, state({ active: 0 }));
    assert.deepEqual([none?.state, none?.previous], [null, 'Live']);
  });

  it('after a restart end what ran, and nobody asked for it', () => {
    const on = state({ live: [1], recording: '<recording duration="90" filename1="a">True</recording>' });
    const options = { cause: 'resync', restarted: true } as const;
    assert.deepEqual(told(changesOf(on, state(), asked({ stops: ['stream1'] }), options)), [
      ['stream_stopped', 'stream1', true],
      ['recording_stopped', 'recording', false],
    ]);
    // it records again by itself
    assert.deepEqual(told(changesOf(on, on, NOTHING_ASKED, options)), [
      ['stream_stopped', 'stream1', false],
      ['recording_stopped', 'recording', false],
      ['stream_started', 'stream1', null],
      ['recording_started', 'recording', null],
    ]);
  });
});

describe('a restart of vMix', () => {
  const on = state({ live: [1], recording: '<recording duration="90" filename1="a">True</recording>' });

  it('shows in another version, and in a lost connection after which nothing runs', () => {
    assert.equal(wasRestarted(on, state({ version: '29.0.0.50' }), false), true);
    assert.equal(wasRestarted(on, state(), true), true);
    assert.equal(
      wasRestarted(on, state({ recording: '<recording duration="3">True</recording>' }), true),
      true,
    );
  });

  it('is not every lost connection, nor every end', () => {
    assert.equal(wasRestarted(on, on, true), false);
    assert.equal(wasRestarted(on, state(), false), false);
    assert.equal(wasRestarted(state(), state(), true), false);
    assert.equal(
      wasRestarted(on, state({ recording: '<recording duration="99">True</recording>' }), true),
      false,
    );
  });
});

describe('the present state of vMix', () => {
  it('as events of the start', () => {
    const events = presentOf(state({ live: [2], srt: [1], active: 2 }));
    assert.ok(
      events.every(
        ({ cause, expected, previous }) => cause === 'startup' && expected === null && previous === null,
      ),
    );
    const running = events.filter(({ event }) => !event.endsWith('_stopped'));
    assert.deepEqual(told(running), [
      ['stream_started', 'stream2', null],
      ['srt_stream_started', 'srt1', null],
      ['scene_changed', null, null],
    ]);
    assert.equal(events.find(({ event }) => event === 'scene_changed')?.payload.scene, 'Live');
    assert.deepEqual(presentOf(parseState('<vmix><version>29.0</version></vmix>')), []);
  });
});

describe('names of what runs', () => {
  it('are read back', () => {
    assert.deepEqual([channelOf('stream3'), channelOf('srt3'), channelOf('stream')], [3, null, null]);
    assert.deepEqual([srtOutputOf('srt4'), srtOutputOf('stream4')], [4, null]);
  });
});
