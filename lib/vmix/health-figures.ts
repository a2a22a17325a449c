import {
  noStatistics,
  type HealthSample,
  type MediaReading,
  type MediaState,
  type ProgramReading,
  type SoundReading,
  type StatisticsReading,
  type StreamReading,
} from '../production/health';
import type { Track } from './health-things';
import { findInput } from './inputs';
import { inputNumbered } from './state';
import type { VmixInput, VmixState } from './state-types';
import type { StreamFigures } from './stream-logs';
import type { Thing } from './things';
import { decibelsOf } from './volume';

const SILENCE_DB = -100;
/** What nobody but the log can tell, and why it does not. */
export type LogFigures = { figures: StreamFigures; unknown: null } | { figures: null; unknown: string };

const UNTOLD = 'vMix does not tell it';
export const NO_LOGS =
  'vMix does not tell it; its streaming logs do, once their folder is named in the connection';
export const NO_PICTURE = 'vMix gives no picture of its program without writing a file';
const SAMPLED = 'vMix tells a level of one moment, which is no share of the time';

/** One stream. The figures are those of the log, null where it says nothing. */
export function streamReading(
  output: Thing,
  { running, sinceMs, lastEnd }: Track,
  { figures, unknown: reason }: LogFigures,
  known: boolean,
): StreamReading {
  const live = known && running === true;
  const said = live ? figures : null;
  const unknown: Record<string, string> = {
    targetKbps: 'vMix does not tell what its encoder is set to',
  };
  const why = live ? (reason ?? 'the log does not say it') : 'nothing is streamed';
  const figure = (name: string, value: number | null | undefined): number | null => {
    if (value !== null && value !== undefined) return value;
    unknown[name] = why;
    return null;
  };
  return {
    output,
    state: !known || running === null ? 'unknown' : running ? 'live' : 'idle',
    liveSinceMs: live ? sinceMs : null,
    delayMs: 0,
    // vMix does not say whether it reconnects
    reconnects: 0,
    lastEnd,
    bytes: figure('bytes', said?.bytes),
    frames: figure('frames', said?.frames),
    droppedFrames: figure('droppedFrames', said?.droppedFrames),
    congestion: figure('congestion', said?.congestion),
    targetKbps: null,
    unknown,
  };
}

/** The frame rate of the stream is all that is known of the computer. */
export function statisticsOf(
  { figures, unknown: reason }: LogFigures,
  unknown: Record<string, string>,
): StatisticsReading {
  const nothing = noStatistics(unknown, UNTOLD);
  const { fps = null, targetFps = null } = figures ?? {};
  for (const [name, value] of Object.entries({ fps, targetFps }))
    if (value === null) unknown[name] = reason ?? 'the log does not say it';
    else delete unknown[name];
  return { ...nothing, fps, targetFps };
}

/** What goes out, and what is on air. */
export function programOf(state: VmixState): ProgramReading {
  const input = inputNumbered(state, state.active);
  const isCall = input?.type.toLowerCase() === 'videocall';
  return {
    title: input?.title ?? null,
    // vMix makes a placeholder of an input whose source is missing, "Offline - …"
    offline: input ? input.type.toLowerCase() === 'placeholder' : null,
    callConnected: isCall ? (input?.call?.connected ?? null) : null,
    fadeToBlack: state.fadeToBlack,
    masterMuted: state.audio.master?.muted ?? null,
  };
}

/** The level of the master at this very moment. */
export function soundOf(state: VmixState, unknown: Record<string, string>): SoundReading | null {
  const meters = state.audio.master?.meters;
  if (!meters) {
    unknown.sound = 'this vMix shows no level of its master';
    return null;
  }
  unknown.clippedPercent = SAMPLED;
  const peak = decibelsOf(Math.max(meters.left, meters.right));
  return { peakDb: Math.max(SILENCE_DB, peak ?? SILENCE_DB), clippedPercent: null, readings: 1, heard: [] };
}

const STATES: Readonly<Record<string, MediaState>> = {
  running: 'playing',
  paused: 'paused',
  completed: 'ended',
};

/** The inputs of these names; one that several inputs fit, or that has no state, is left out with the reason. */
export function mediaOf(
  state: VmixState,
  names: readonly string[],
  unknown: Record<string, string>,
): MediaReading[] {
  return names.flatMap((name): MediaReading[] => {
    const found = findInput(state, name);
    if (!found.input) {
      if (found.several.length === 0) return [{ name, state: 'missing', cursorMs: null, durationMs: null }];
      unknown[`media ${name}`] = 'several inputs of vMix have this name';
      return [];
    }
    const { input } = found;
    const playing = STATES[input.state?.toLowerCase() ?? ''];
    if (!playing) {
      unknown[`media ${name}`] = 'vMix tells no state of this input';
      return [];
    }
    const onAir = isOnAir(state, input);
    return [
      {
        name,
        state: playing,
        cursorMs: input.positionMs,
        durationMs: input.durationMs !== null && input.durationMs > 0 ? input.durationMs : null,
        ...(onAir === null ? {} : { onAir }),
      },
    ];
  });
}

/** Whether an input is on air; null where it is a layer of one that is, which may be hidden. */
function isOnAir(state: VmixState, { number, key }: VmixInput): boolean | null {
  const overlays = state.overlays.flatMap(({ inputNumber, preview }) => (preview ? [] : [inputNumber]));
  const shown = [state.active, ...overlays];
  if (shown.includes(number)) return true;
  const layers = state.inputs.flatMap((input) => (shown.includes(input.number) ? input.layers : []));
  return layers.some((layer) => layer.key === key) ? null : false;
}

/** What the sample says of SRT outputs where the document cannot show them. */
export function outputsReason({ outputs }: VmixState): string | null {
  return outputs === null
    ? 'this vMix does not show whether an SRT output is on; vMix 28 and newer do'
    : null;
}

/** The recording as the vocabulary has it. */
export function recordingOf(state: VmixState): HealthSample['recording'] {
  const { on } = state.recording;
  return on === null ? 'unknown' : on ? 'recording' : 'idle';
}
