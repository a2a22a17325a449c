import type {
  RecordReport,
  StatusReport,
  StreamReport,
  VmixFacts,
  VmixInputFacts,
} from '../production/application';
import { redactText } from '../secrets';
import { outputsOf } from './outputs';
import { inputNumbered } from './state';
import type { VmixInput, VmixState } from './state-types';

/** The names of an OBS's figures: whoever reads a status finds each, and why it is not there. */
const STATISTICS = [
  'cpuPercent',
  'memoryMegabytes',
  'freeDiskMegabytes',
  'fps',
  'frameRenderMs',
  'missedFrames',
  'renderedFrames',
  'skippedFrames',
  'encodedFrames',
];
const NOT_TOLD = 'vMix tells no figures of this kind';
const NO_STUDIO_MODE = 'vMix has no studio mode: its preview is always there';
const NO_SRT = 'this version of vMix does not show its SRT (28 and newer do)';
const NOT_SHOWN = 'this version of vMix does not show it';

/** Streams, recording, outputs, scene and what else vMix shows, of one state. Pure but for what the caller brings. */
export function statusOf(state: VmixState, streams: StreamReport[], recording: RecordReport): StatusReport {
  const outputs = outputsOf(state);
  const unseen = outputs.filter((output) => output.state === 'unknown');
  return {
    streams,
    recording,
    outputs,
    scene: {
      program: titleOf(inputNumbered(state, state.active)),
      preview: titleOf(inputNumbered(state, state.preview)),
      studioMode: null,
    },
    statistics: Object.fromEntries(STATISTICS.map((name) => [name, null])),
    unknown: {
      ...Object.fromEntries(STATISTICS.map((name) => [name, NOT_TOLD])),
      studioMode: NO_STUDIO_MODE,
      ...Object.fromEntries(unseen.map(({ name, kind }) => [name, kind === 'srt' ? NO_SRT : NOT_SHOWN])),
    },
    vmix: factsOf(state),
  };
}

function factsOf(state: VmixState): VmixFacts {
  const overlays = state.overlays.flatMap(({ number, inputNumber, preview }) =>
    inputNumber === null || preview
      ? []
      : [{ number, inputNumber, title: titleOf(inputNumbered(state, inputNumber)) }],
  );
  return {
    version: state.version.text,
    edition: state.edition,
    // a path tells of the machine and its people
    preset: state.preset === null ? null : redactText(state.preset.split(/[\\/]/).at(-1) ?? ''),
    fadeToBlack: state.fadeToBlack,
    playList: state.playList,
    inputCount: state.inputs.length,
    programInput: briefly(inputNumbered(state, state.active)),
    previewInput: briefly(inputNumbered(state, state.preview)),
    overlays,
  };
}

function briefly(input: VmixInput | null): VmixInputFacts | null {
  if (!input) return null;
  const { key, number, title, type, state } = input;
  return { key, number, title: redactText(title), type, state };
}

/** As it may be told: the title of a call has its password in it by default. */
function titleOf(input: VmixInput | null): string | null {
  return input && redactText(input.title);
}
