import { fail } from '../errors';
import type { OutputReport, Outputs } from '../production/application';
import type { OutputState } from '../production/vocabulary';
import type { VmixClient } from './client';
import { freshState } from './confirm';
import { srtOf } from './state';
import { switchOff, switchOn, type OnOff, type Switched } from './on-off';
import type { VmixState } from './state-types';
import { channelOf, srtOutputOf, srtThing } from './things';
import type { Turns } from './turns';

/** Until the document shows it. MultiCorder opens a file for each input first. */
const CHANGE_MS = 10_000;
const OURS = { application: 'vMix' };

/** What the output node can switch. Fullscreen is a display; the other two leave vMix. */
const SWITCHED: Readonly<Record<string, Omit<OnOff, 'thing' | 'startMs' | 'stopMs' | 'cancelled' | 'busy'>>> =
  {
    external: { start: 'StartExternal', stop: 'StopExternal', runs: (state) => state.external },
    multicorder: { start: 'StartMultiCorder', stop: 'StopMultiCorder', runs: (state) => state.multiCorder },
    fullscreen: { start: 'FullscreenOn', stop: 'FullscreenOff', runs: (state) => state.fullscreen },
  };

const ADVICE: Readonly<Record<string, string>> = {
  external: 'Look at the vMix window, and at Settings, External Output.',
  multicorder:
    'Look at the vMix window, and at the settings of MultiCorder: at least one input must be chosen.',
  fullscreen: 'Look at the vMix window, and at Settings, Display.',
};

/** External output, MultiCorder and fullscreen of a vMix, confirmed from the document. */
export class VmixOutputs implements Outputs {
  constructor(
    private readonly client: VmixClient,
    private readonly turns: Turns,
  ) {}

  async start(name: string): Promise<OutputReport> {
    return reportOf(name, true, await switchOn(this.client, this.turns, onOff(name)));
  }

  async stop(name: string): Promise<OutputReport> {
    return reportOf(name, false, await switchOff(this.client, this.turns, onOff(name)));
  }

  /** Starts that are under way here are not wanted any more. */
  cancelStarts(): void {
    for (const name of Object.keys(SWITCHED)) this.turns.cancel(name, 'start');
  }

  save(): Promise<OutputReport> {
    return Promise.reject(
      fail('CAPABILITY_MISSING', {
        ...OURS,
        action: 'the saving of a replay here',
        advice: 'Its instant replay is an input with functions of its own.',
      }),
    );
  }

  /** What leaves vMix besides streams and the recording, the SRT of its outputs included. */
  async list(): Promise<{ name: string; kind: string; state: OutputState }[]> {
    return outputsOf(await freshState(this.client));
  }
}

/** Outputs as a state shows them; a version that does not show its SRT has `unknown` there. */
export function outputsOf(state: VmixState): { name: string; kind: string; state: OutputState }[] {
  return [
    ...[1, 2, 3, 4].map((output) => ({
      name: srtThing(output),
      kind: 'srt',
      state: stateOf(srtOf(state, output)),
    })),
    ...Object.entries(SWITCHED).map(([name, { runs }]) => ({
      name,
      kind: name,
      state: stateOf(runs(state)),
    })),
  ];
}

function onOff(name: string): OnOff {
  const found = Object.hasOwn(SWITCHED, name) ? SWITCHED[name]! : null;
  if (found) {
    const cancelled = () => fail('OUTPUT_START_CANCELLED', { output: name });
    const busy = (action: string) => fail('OUTPUT_BUSY', { ...OURS, action: `the ${action}`, output: name });
    return { thing: name, startMs: CHANGE_MS, stopMs: CHANGE_MS, cancelled, busy, ...found };
  }
  const other = otherNode(name);
  if (other) throw fail('INPUT_INVALID', { field: 'output', reason: `"${name}" is ${other}` });
  throw fail('OUTPUT_UNKNOWN', { ...OURS, output: name, known: Object.keys(SWITCHED).join(', ') });
}

/** What has a node of its own, which confirms more. */
function otherNode(name: string): string | null {
  if (channelOf(name) !== null || name === 'stream')
    return 'a stream: use start stream and stop stream, which confirm it';
  if (srtOutputOf(name) !== null) return 'the SRT of an output: use srt out, which confirms it';
  return name === 'recording' ? 'the recording: use record, which confirms it' : null;
}

function reportOf(name: string, on: boolean, { was, after, ran }: Switched): OutputReport {
  if (!after)
    throw fail('OUTPUT_SILENT_NOOP', {
      ...OURS,
      action: on ? 'the start' : 'the stop',
      output: name,
      advice:
        was === null
          ? 'This vMix does not show whether it runs: look at its window.'
          : (ADVICE[name] ?? 'Look at the vMix window.'),
    });
  // MultiCorder writes files, and their names are not told
  const before = !on && was === false && ran ? 'starting' : stateOf(was);
  return { name, was: before, state: on ? 'active' : 'idle', path: null };
}

function stateOf(runs: boolean | null): OutputState {
  return runs === null ? 'unknown' : runs ? 'active' : 'idle';
}
