import { fail } from '../errors';
import { attributesOf, childrenOf, nameOf, readDocument, textOf, type Node } from './document';
import { metersOf, readInput, volumeOf } from './state-inputs';
import type {
  VmixAudio,
  VmixBus,
  VmixInput,
  VmixMix,
  VmixOutput,
  VmixOverlay,
  VmixRecording,
  VmixState,
  VmixStreaming,
  VmixTransition,
  VmixVersion,
} from './state-types';
import { flagOf, wholeOf } from './values';

export type * from './state-types';

/** The first version that lists its outputs, and that streams to five places. */
const FIRST_WITH_OUTPUTS = 28;
const CHANNELS = 5;
const CHANNELS_BEFORE = 3;
/** A document of another world may name any channel. */
const MOST_CHANNELS = 16;

/**
 * A state document of vMix 11 to 29, as bytes or text, as data. `where` names the vMix in errors. Rejects foreign, truncated
 * and oversized text with the codes of `readDocument`. Elements may come in any order and be missing; the first of its
 * kind counts. Pure.
 */
export function parseState(document: Buffer | string, where = 'vMix'): VmixState {
  const parts = new Map<string, Node>();
  const mixes: VmixMix[] = [];
  for (const node of readDocument(document, where)) {
    const name = nameOf(node);
    if (name === 'mix') mixes.push(mixOf(node));
    else if (!parts.has(name)) parts.set(name, node);
  }
  const text = (name: string) => {
    const node = parts.get(name);
    return node && textOf(node, name);
  };
  const inside = (name: string, element: string) => {
    const node = parts.get(name);
    return node ? childrenOf(node, name).filter((child) => nameOf(child) === element) : [];
  };
  const version = versionOf(text('version') ?? '');
  if (!version) throw fail('VMIX_NOT_VMIX', { where, reason: 'its document says no version' });
  return {
    version,
    edition: text('edition') ?? null,
    preset: text('preset') ?? null,
    inputs: inside('inputs', 'input').map((node, index) => readInput(node, index + 1)),
    outputs:
      parts.has('outputs') || version.major >= FIRST_WITH_OUTPUTS
        ? inside('outputs', 'output').flatMap((node) => outputOf(node, version))
        : null,
    overlays: inside('overlays', 'overlay').flatMap(overlayOf),
    preview: wholeOf(text('preview')),
    active: wholeOf(text('active')),
    fadeToBlack: flagOf(text('fadeToBlack')),
    transitions: inside('transitions', 'transition').flatMap(transitionOf),
    recording: recordingOf(parts.get('recording')),
    external: flagOf(text('external')),
    streaming: streamingOf(parts.get('streaming'), version),
    playList: flagOf(text('playList')),
    multiCorder: flagOf(text('multiCorder')),
    fullscreen: flagOf(text('fullscreen')),
    mixes,
    audio: audioOf(parts.get('audio')),
    dynamic: dynamicOf(parts.get('dynamic')),
  };
}

/** A version as written (`29.0.0.49`), also out of the greeting of the TCP port; null when it is none. */
export function versionOf(text: string): VmixVersion | null {
  const found = /^\s*(\d{1,5})(?:\.(\d{1,5}))?(?:\.(\d{1,5}))?(?:\.(\d{1,5}))?\s*$/.exec(text);
  if (!found) return null;
  const [major, minor, build, revision] = [1, 2, 3, 4].map((group) => Number(found[group] ?? 0));
  return { text: text.trim(), parts: [major!, minor!, build!, revision!], major: major! };
}

/** The input with this key, number (from 1) or full title, in this order; titles may be there twice: the first counts. */
export function findInput(state: VmixState, wanted: string): VmixInput | null {
  return (
    state.inputs.find(({ key }) => key === wanted) ??
    state.inputs.find(({ number }) => String(number) === wanted) ??
    state.inputs.find(({ title }) => title === wanted) ??
    null
  );
}

/** The input with this number, as `active` and `preview` name them. */
export function inputNumbered(state: VmixState, number: number | null): VmixInput | null {
  return number === null ? null : (state.inputs.find((input) => input.number === number) ?? null);
}

/** Whether SRT goes out of output 1 to 4; null where this vMix does not show it. */
export function srtOf(state: VmixState, output: number): boolean | null {
  const found = state.outputs?.find(({ type, number }) => type === 'output' && number === output);
  return found?.srt ?? null;
}

function outputOf(node: Node, version: VmixVersion): VmixOutput[] {
  const a = attributesOf(node);
  const number = wholeOf(a.number);
  if (number === null) return [];
  const shown = (flag: string | undefined) => flagOf(flag) === true;
  return [
    {
      type: (a.type ?? '').toLowerCase(),
      number,
      source: a.source ?? null,
      inputNumber: wholeOf(a.inputNumber),
      mix: wholeOf(a.mix),
      // vMix leaves out a flag that is off
      external: shown(a.external),
      ndi: shown(a.ndi),
      srt: version.major >= FIRST_WITH_OUTPUTS ? shown(a.srt) : null,
      omt: shown(a.omt),
    },
  ];
}

function overlayOf(node: Node): VmixOverlay[] {
  const { number, preview } = attributesOf(node);
  const place = wholeOf(number);
  if (place === null) return [];
  return [
    { number: place, inputNumber: wholeOf(textOf(node, 'overlay')), preview: flagOf(preview) === true },
  ];
}

function transitionOf(node: Node): VmixTransition[] {
  const { number, effect, duration } = attributesOf(node);
  const place = wholeOf(number);
  return place === null ? [] : [{ number: place, effect: effect ?? '', durationMs: wholeOf(duration) }];
}

function recordingOf(node: Node | undefined): VmixRecording {
  if (!node) return { on: null, durationS: null, files: [] };
  const { duration, filename1, filename2 } = attributesOf(node);
  return {
    on: flagOf(textOf(node, 'recording')),
    durationS: wholeOf(duration),
    files: [filename1, filename2].filter((file): file is string => !!file),
  };
}

function streamingOf(node: Node | undefined, version: VmixVersion): VmixStreaming {
  const on = node ? flagOf(textOf(node, 'streaming')) : null;
  const shown = new Map<number, boolean>();
  for (const [name, value] of Object.entries(node ? attributesOf(node) : {})) {
    const channel = Number(/^channel([1-9]\d?)$/.exec(name)?.[1] ?? 0);
    if (channel >= 1 && channel <= MOST_CHANNELS) shown.set(channel, flagOf(value) === true);
  }
  const usual = version.major >= FIRST_WITH_OUTPUTS ? CHANNELS : CHANNELS_BEFORE;
  const channelCount = Math.max(usual, ...shown.keys());
  // only live channels are named; where it streams and none is (vMix 21), nobody knows which
  const unnamed = on === null || (on && ![...shown.values()].includes(true)) ? null : false;
  const channels: Record<number, boolean | null> = {};
  for (let channel = 1; channel <= channelCount; channel++) channels[channel] = shown.get(channel) ?? unnamed;
  return { on, channels, channelCount };
}

function mixOf(node: Node): VmixMix {
  const child = (name: string) => {
    const found = childrenOf(node, 'mix').find((one) => nameOf(one) === name);
    return found ? wholeOf(textOf(found, name)) : null;
  };
  return {
    number: wholeOf(attributesOf(node).number) ?? 0,
    preview: child('preview'),
    active: child('active'),
  };
}

function audioOf(node: Node | undefined): VmixAudio {
  let master: VmixAudio['master'] = null;
  const buses: Record<string, VmixBus> = {};
  for (const child of node ? childrenOf(node, 'audio') : []) {
    const name = nameOf(child);
    const letter = /^bus([A-Z])$/.exec(name)?.[1];
    if (letter !== undefined) buses[letter] ??= busOf(child);
    else if (name === 'master')
      master ??= { ...busOf(child), headphones: volumeOf(attributesOf(child).headphonesVolume) };
  }
  return { master, buses };
}

function busOf(node: Node): VmixBus {
  const a = attributesOf(node);
  return {
    volume: volumeOf(a.volume),
    muted: flagOf(a.muted),
    meters: metersOf(a),
    solo: flagOf(a.solo),
    sendToMaster: flagOf(a.sendToMaster),
  };
}

function dynamicOf(node: Node | undefined): VmixState['dynamic'] {
  if (!node) return null;
  const inputs = ['', '', '', ''];
  const values = ['', '', '', ''];
  for (const child of childrenOf(node, 'dynamic')) {
    const name = nameOf(child);
    const found = /^(input|value)([1-4])$/.exec(name);
    if (found) (found[1] === 'input' ? inputs : values)[Number(found[2]) - 1] = textOf(child, name);
  }
  return { inputs, values };
}
