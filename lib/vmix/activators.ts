import type { Frame } from './frames';

/** What an event of the TCP port is about: where to look in the next state document. */
export type HintAbout =
  | 'recording'
  | 'streaming'
  | 'external'
  | 'multiCorder'
  | 'fullscreen'
  | 'fadeToBlack'
  | 'program'
  | 'preview'
  | 'overlay'
  | 'playing'
  | 'audio'
  | 'replay'
  | 'call'
  | 'other';

/** An event of the TCP port. It says that something changed; what, the state document says. */
export interface Activator {
  kind: 'activator';
  /** as vMix names it, e.g. `InputPlaying` */
  name: string;
  about: HintAbout;
  /** the input it is about, from 1; null where it is about vMix as a whole */
  input: number | null;
  /** 0 and 1 for off and on, an amplitude for volumes; null where there is none */
  value: number | null;
}

/** What is on air, for each input in its order. */
export interface Tally {
  kind: 'tally';
  inputs: ('off' | 'program' | 'preview')[];
}

export type Hint = Activator | Tally;

/** A show has a thousand inputs at most. Source: the TCP API page of the vMix help. */
const MOST_INPUTS = 1000;
const TALLY: Readonly<Record<string, Tally['inputs'][number]>> = { 0: 'off', 1: 'program', 2: 'preview' };

/** Names to what they are about; the first that fits. Source: the activators of the vMix help and of field clients. */
const ABOUT: readonly [RegExp, HintAbout][] = [
  [/^Recording$/i, 'recording'],
  // says not which channel
  [/^Streaming$/i, 'streaming'],
  [/^External$/i, 'external'],
  [/^MultiCorder$/i, 'multiCorder'],
  [/^Fullscreen$/i, 'fullscreen'],
  [/^FadeToBlack$/i, 'fadeToBlack'],
  [/^Input(Mix\d+)?$/i, 'program'],
  [/^InputPreview(Mix\d+)?$/i, 'preview'],
  [/^Overlay\d+$/i, 'overlay'],
  [/^InputPlaying$/i, 'playing'],
  [
    /^(Master|Bus[A-G](Volume|Audio|Solo)|Input(MasterAudio|Bus[A-G]Audio|Volume|Audio|AudioAuto|Solo|Headphones))/i,
    'audio',
  ],
  [/^Replay/i, 'replay'],
  [/^VideoCall/i, 'call'],
];
const ARGUMENT = /^-?\d+(?:\.\d+)?(?:E[+-]?\d{1,2})?$/i;

const numbered = (from: number, to: number, name: (number: number) => string): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => name(from + index));

/** The name under which the tally of all inputs is told; vMix itself has a command for it, and no event of that name. */
export const TALLY_EVENT = 'Tally';

/** Every event name known, for the dialog's list. Source: the activators of the vMix help and of field clients. */
export const ACTIVATOR_NAMES: readonly string[] = [
  ...['Recording', 'Streaming', 'External', 'MultiCorder', 'Fullscreen', 'FadeToBlack'],
  ...['Input', ...numbered(2, 16, (mix) => `InputMix${mix}`)],
  ...['InputPreview', ...numbered(2, 16, (mix) => `InputPreviewMix${mix}`)],
  ...numbered(1, 8, (overlay) => `Overlay${overlay}`),
  ...['InputPlaying', 'InputAudio', 'InputAudioAuto', 'InputVolume', 'InputSolo', 'InputMasterAudio'],
  ...[...'ABCDEFG'].map((bus) => `InputBus${bus}Audio`),
  ...['MasterAudio', 'MasterVolume', 'MasterHeadphones'],
  ...[...'ABCDEFG'].flatMap((bus) => [`Bus${bus}Audio`, `Bus${bus}Volume`, `Bus${bus}Solo`]),
  ...['ReplayRecording', 'ReplayLive', 'ReplayPlaying', 'ReplayPlayForward', 'ReplayPlayBackward'],
  ...['ReplayChannelA', 'ReplayChannelB', 'ReplayChannelAB', 'ReplayQuadMode'],
  ...['', 'A', 'B'].flatMap((channel) => numbered(1, 8, (camera) => `Replay${channel}Camera${camera}`)),
  ...numbered(1, 4, (output) => `VideoCallSourceOutput${output}`),
  ...['Master', 'Headphones', ...[...'ABCDEFG'].map((bus) => `Bus${bus}`)].map(
    (source) => `VideoCallAudioSource${source}`,
  ),
];

/** The event that a message of the TCP port is, or null where it is none. An answer to `ACTS` or `TALLY` looks the same. */
export function hintOf(frame: Frame): Hint | null {
  if (frame.kind !== 'line' || !frame.ok) return null;
  if (frame.command === 'ACTS') return activatorOf(frame.text);
  if (frame.command === 'TALLY') return tallyOf(frame.text);
  return null;
}

function activatorOf(text: string): Activator | null {
  const [name = '', ...rest] = text.trim().split(/ +/);
  if (!/^[A-Za-z]\w{0,63}$/.test(name)) return null;
  const numbers = rest.map((word) => (ARGUMENT.test(word) ? Number(word) : null));
  const value = numbers.at(-1) ?? null;
  const input = numbers.length > 1 ? (numbers[0] ?? null) : null;
  return { kind: 'activator', name, about: aboutOf(name), input, value };
}

function tallyOf(text: string): Tally | null {
  if (!/^\d*$/.test(text) || text.length > MOST_INPUTS) return null;
  return { kind: 'tally', inputs: [...text].map((digit) => TALLY[digit] ?? 'off') };
}

function aboutOf(name: string): HintAbout {
  return ABOUT.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';
}
