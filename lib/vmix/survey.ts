import { isThisMachine } from '../connection/this-machine';
import { pause } from '../connection/deadline';
import { asLiveError } from '../errors';
import type { InputSurvey, Survey, VmixSurvey } from '../production/survey';
import { redactText } from '../secrets';
import type { VmixClient } from './client';
import { freshState } from './confirm';
import { findInput } from './inputs';
import { inputNumbered } from './state';
import type { VmixAudio, VmixInput, VmixState, VmixVolume } from './state-types';
import { runningThings } from './things';
import { decibelsOf } from './volume';

/** The TCP port greets at once; a connection that has just begun may need a moment. */
const TCP_MS = 1_500;
const STEP_MS = 50;
const SILENT_DB = -100;
/** vMix holds the place of an input whose source is missing with one of this type. */
const OFFLINE = 'Placeholder';

const NOT_TOLD = {
  destination: 'vMix tells neither server nor key of its streams',
  bandwidthTest: 'vMix tells no settings of its streams',
  bitrate: 'vMix tells no bitrate',
  folder: 'vMix does not tell where it will record to',
  disk: 'vMix does not tell how much disk is free',
  collection: 'vMix has no scene collections',
};

/** What a check before the show wants to know of a vMix, out of one fresh state. Rejects with the connection's codes. */
export async function readSurvey(
  client: VmixClient,
  { host, simulated, channels }: { host: string; simulated: boolean; channels: number | null },
): Promise<Survey> {
  const [state, tcpFault] = await Promise.all([freshState(client), readTcp(client)]);
  // the rehearsal's vMix lives in this very process
  const here = simulated || isThisMachine(host);
  return surveyOf(state, { where: client.where, simulated, here, channels, tcpFault });
}

/** The same of a state that is known. Pure. */
export function surveyOf(
  state: VmixState,
  about: {
    where: string;
    simulated: boolean;
    here: boolean;
    /** as the connection has it; null: as the version has */
    channels: number | null;
    tcpFault: VmixSurvey['tcpFault'];
  },
): Survey {
  const { where, simulated, here, tcpFault } = about;
  const things = [...runningThings(state)];
  const streams = things.flatMap(([output, live]) => (/^stream\d*$/.test(output) ? [{ output, live }] : []));
  const inputs = new Map(state.inputs.map((input) => [input, inputOf(input, state)]));
  const titles = state.inputs.map(({ title }) => title);
  const { recording } = state;
  const onAir = inputNumbered(state, state.active);
  const { master } = state.audio;
  return {
    where,
    version: [state.version.text, state.edition && `(${state.edition})`].filter(Boolean).join(' '),
    simulated,
    profile: state.preset === null ? null : redactText(state.preset),
    collection: null,
    stream: {
      state: streams.some(({ live }) => live)
        ? 'live'
        : streams.every(({ live }) => live === false)
          ? 'idle'
          : 'unknown',
      destination: null,
      bandwidthTest: null,
      bitrateKbps: null,
      audioTrack: null,
    },
    recording: {
      state: recording.on === null ? 'unknown' : recording.on ? 'recording' : 'idle',
      folder: null,
      freeDiskMegabytes: null,
      bitrateKbps: null,
    },
    scenes: titles,
    program: onAir?.title ?? null,
    sources: titles,
    inputs: [...inputs.values()],
    here,
    unknown: { ...NOT_TOLD },
    vmix: {
      tcpFault,
      channels: about.channels ?? state.streaming.channelCount,
      streams,
      outputs: outputsOf(state, things),
      fadeToBlack: state.fadeToBlack,
      onAir: onAir ? inputs.get(onAir)! : null,
      master: master && { muted: master.muted, volumeDb: volumeDb(master.volume) },
      find: (name) => {
        const found = findInput(state, name);
        return found.input
          ? { input: inputs.get(found.input)! }
          : { input: null, fits: found.several.length };
      },
    },
  };
}

/** External and MultiCorder, and the SRT of each output; one line stands for all of a version that shows none. */
function outputsOf({ outputs }: VmixState, things: [string, boolean | null][]): VmixSurvey['outputs'] {
  const shown = things.flatMap(([output, on]) =>
    /^(external|multicorder|srt\d)$/.test(output) ? [{ output, on }] : [],
  );
  return outputs === null
    ? [...shown.filter(({ output }) => !output.startsWith('srt')), { output: 'srt', on: null }]
    : shown;
}

function inputOf(input: VmixInput, state: VmixState): InputSurvey {
  const { title, number, type, muted, volume, buses } = input;
  const audio = muted !== null;
  return {
    name: redactText(title || `Input ${number}`),
    kind: type,
    // an input without sound has none of these
    audio,
    muted,
    volumeDb: volumeDb(volume),
    // what is not muted sounds, whether its picture is on air or not
    active: audio || number === state.active,
    monitorOnly: null,
    tracks: null,
    onMaster: audio && buses ? goesOut(buses, state.audio) : null,
    offline: type === OFFLINE,
  };
}

/** On the master itself, or on a bus that is sent there and can be heard. */
function goesOut(on: readonly string[], { buses }: VmixAudio): boolean {
  return on.some((bus) => bus === 'M' || (buses[bus]?.sendToMaster === true && buses[bus].muted !== true));
}

function volumeDb(volume: VmixVolume | null): number | null {
  return volume && Math.max(SILENT_DB, decibelsOf(volume.amplitude / 100) ?? SILENT_DB);
}

/** Why the TCP port does not answer; null where it does, undefined where none is set. Always resolves. */
async function readTcp({ tcp }: VmixClient): Promise<VmixSurvey['tcpFault']> {
  if (!tcp) return undefined;
  for (let waited = 0; waited < TCP_MS && tcp.status.state === 'connecting'; waited += STEP_MS)
    await pause(STEP_MS);
  const { state, fault } = tcp.status;
  if (state === 'ready') return null;
  return fault ? asLiveError(fault).message : 'Look at its TCP port: it has not greeted yet.';
}
