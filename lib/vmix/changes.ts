import type { Cause, EventName, ProductionEvent } from '../production/vocabulary';
import { inputNumbered } from './state';
import type { VmixState } from './state-types';
import { OTHER_OUTPUTS, channelOf, runningThings, srtOutputOf, type Thing } from './things';

/** An event as far as two states tell it; whoever tells it adds the time. */
export type VmixChange = Omit<ProductionEvent, 'at'>;

/** What somebody asked for, since the previous state was read. */
export interface Asked {
  /** a start or a stop of this was asked for */
  starts: ReadonlySet<Thing>;
  stops: ReadonlySet<Thing>;
  /** starts that are still being confirmed: who confirms them tells of them, and an end is a failure */
  confirming: ReadonlySet<Thing>;
}

export const NOTHING_ASKED: Asked = { starts: new Set(), stops: new Set(), confirming: new Set() };

export interface ChangeOptions {
  /** how it was found out */
  cause: Cause;
  /** another run of vMix than before: what ran has ended, and nobody asked for that. See `wasRestarted` */
  restarted?: boolean;
}

/**
 * What happened between two states, in the words of the package: first what ended, then what began, then the program. The
 * very first state tells nothing. Inputs are the same by their key, so that moving them is no change. An end that nobody here asked
 * for is `expected: null`, since vMix does not say who stopped it, and `false` after a restart. Pure.
 */
export function changesOf(
  previous: VmixState | null,
  next: VmixState,
  asked: Asked = NOTHING_ASKED,
  { cause, restarted = false }: ChangeOptions = { cause: 'poll' },
): VmixChange[] {
  if (!previous) return [];
  const before = runningThings(previous);
  const after = runningThings(next);
  const ends: VmixChange[] = [];
  const starts: VmixChange[] = [];
  for (const thing of new Set([...before.keys(), ...after.keys()])) {
    const ran = before.get(thing) ?? null;
    const runs = runsNow(thing, after, next);
    // what a document does not say is no change
    const namedNow = thing === 'stream' && previous.streaming.on === false;
    if ((ran === null && !namedNow) || runs === null) continue;
    const interrupted = ran === true && runs && (restarted || isAnotherRecording(thing, previous, next));
    if (ran === true && (!runs || interrupted))
      ends.push(endOf(thing, previous, next, asked, cause, restarted));
    if (runs && (ran !== true || interrupted) && !asked.confirming.has(thing))
      starts.push(startOf(thing, next, asked.starts.has(thing) ? true : null, cause));
  }
  return [
    ...ends,
    ...starts,
    ...fileChange(previous, next, cause, ends),
    ...sceneChange(previous, next, cause),
  ];
}

/** The present state as events, for "also send the present state at start". */
export function presentOf(state: VmixState): VmixChange[] {
  const things = [...runningThings(state)].flatMap(([thing, runs]): VmixChange[] => {
    if (runs === null) return [];
    if (runs) return [{ ...startOf(thing, state, null, 'startup'), previous: null }];
    return [{ ...blank(stopName(thing), thing, 'startup'), state: 'idle', payload: payloadOf(thing, state) }];
  });
  const program = inputNumbered(state, state.active);
  return program
    ? [...things, { ...sceneEvent(program.title, null, 'startup'), payload: scenePayload(state, null) }]
    : things;
}

/**
 * Whether another run of vMix answers than before. `lost`: the connection went in between, so that things that all went at once
 * have ended with it. A reloaded preset looks the same, and is: everything that ran has ended.
 */
export function wasRestarted(previous: VmixState, next: VmixState, lost: boolean): boolean {
  if (previous.version.text !== next.version.text) return true;
  if (!lost) return false;
  const { durationS } = previous.recording;
  const now = next.recording.durationS;
  if (durationS !== null && now !== null && now < durationS) return true;
  const ran = running(previous);
  return ran.length > 0 && running(next).length === 0;
}

function running(state: VmixState): Thing[] {
  return [...runningThings(state)].filter(([, runs]) => runs === true).map(([thing]) => thing);
}

/** What runs now; an output that the document no longer lists sends nothing. */
function runsNow(thing: Thing, after: Map<Thing, boolean | null>, next: VmixState): boolean | null {
  if (after.has(thing)) return after.get(thing) ?? null;
  if (srtOutputOf(thing) !== null) return next.outputs === null ? null : false;
  // before it was named, now it is: the named ones tell
  return thing === 'stream' ? next.streaming.on : null;
}

/** Its clock has gone back: it was stopped and started between two looks. */
function isAnotherRecording(thing: Thing, previous: VmixState, next: VmixState): boolean {
  const before = previous.recording.durationS;
  const now = next.recording.durationS;
  return thing === 'recording' && before !== null && now !== null && now < before;
}

function endOf(
  thing: Thing,
  previous: VmixState,
  next: VmixState,
  asked: Asked,
  cause: Cause,
  restarted: boolean,
): VmixChange {
  const stopped = asked.stops.has(thing);
  const failed = !stopped && asked.confirming.has(thing) && channelOf(thing) !== null;
  return {
    ...blank(failed ? 'stream_failed' : stopName(thing), thing, cause),
    expected: stopped ? true : restarted || failed ? false : null,
    state: 'idle',
    previous: failed ? 'starting' : runningState(thing),
    payload:
      thing === 'recording'
        ? endedRecording(previous, next)
        : { ...payloadOf(thing, next), ...(restarted ? { restarted } : {}) },
  };
}

function startOf(thing: Thing, next: VmixState, expected: boolean | null, cause: Cause): VmixChange {
  return {
    ...blank(startName(thing), thing, cause),
    expected,
    state: runningState(thing),
    previous: 'idle',
    payload: payloadOf(thing, next),
  };
}

function fileChange(
  previous: VmixState,
  next: VmixState,
  cause: Cause,
  ends: readonly VmixChange[],
): VmixChange[] {
  const from = previous.recording.files[0] ?? null;
  const to = next.recording.files[0] ?? null;
  const recordsOn = previous.recording.on && next.recording.on;
  if (!recordsOn || from === to || to === null || ends.some(({ output }) => output === 'recording'))
    return [];
  return [
    {
      ...blank('recording_file_changed', 'recording', cause),
      state: 'recording',
      previous: 'recording',
      payload: { ...payloadOf('recording', next), previousPath: from },
    },
  ];
}

function sceneChange(previous: VmixState, next: VmixState, cause: Cause): VmixChange[] {
  if (next.active === null || previous.active === null) return [];
  const from = inputNumbered(previous, previous.active);
  const to = inputNumbered(next, next.active);
  if ((from?.key ?? null) === (to?.key ?? null)) return [];
  return [
    {
      ...sceneEvent(to?.title ?? null, from?.title ?? null, cause),
      payload: scenePayload(next, from?.title ?? null),
    },
  ];
}

function sceneEvent(to: string | null, from: string | null, cause: Cause): VmixChange {
  return { ...blank('scene_changed', null, cause), state: to, previous: from };
}

/** `scene` is the title, which people see; the key tells apart inputs of the same title. */
function scenePayload(state: VmixState, from: string | null): Record<string, unknown> {
  const input = inputNumbered(state, state.active);
  return {
    scene: input?.title ?? null,
    from,
    inputKey: input?.key ?? null,
    inputNumber: input?.number ?? null,
    inputType: input?.type ?? null,
  };
}

function blank(event: EventName, output: Thing | null, cause: Cause): VmixChange {
  return { event, cause, expected: null, output, state: null, previous: null, payload: {} };
}

function payloadOf(thing: Thing, state: VmixState): Record<string, unknown> {
  if (thing === 'recording') {
    const { files, durationS } = state.recording;
    return {
      outputPath: files[0] ?? null,
      outputPaths: [...files],
      durationMs: durationS === null ? null : durationS * 1000,
    };
  }
  const channel = channelOf(thing);
  if (channel !== null) return { channel };
  const output = srtOutputOf(thing);
  if (output !== null) return { outputNumber: output };
  return { name: thing };
}

/** vMix shows no duration once it has stopped: the last one that was seen. */
function endedRecording(previous: VmixState, next: VmixState): Record<string, unknown> {
  const kept = next.recording.on === false && next.recording.files.length > 0;
  const files = kept ? next.recording.files : previous.recording.files;
  const { durationS } = previous.recording;
  return {
    outputPath: files[0] ?? null,
    outputPaths: [...files],
    durationMs: durationS === null ? null : durationS * 1000,
  };
}

function runningState(thing: Thing): string {
  if (thing === 'recording') return 'recording';
  return isOther(thing) ? 'active' : 'live';
}

function startName(thing: Thing): EventName {
  if (thing === 'recording') return 'recording_started';
  if (srtOutputOf(thing) !== null) return 'srt_stream_started';
  return isOther(thing) ? 'output_started' : 'stream_started';
}

function stopName(thing: Thing): EventName {
  if (thing === 'recording') return 'recording_stopped';
  if (srtOutputOf(thing) !== null) return 'srt_stream_stopped';
  return isOther(thing) ? 'output_stopped' : 'stream_stopped';
}

function isOther(thing: Thing): boolean {
  return (OTHER_OUTPUTS as readonly string[]).includes(thing);
}
