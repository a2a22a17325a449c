import type { VmixState } from './state-types';

/** What a vMix can start and stop, by the name that events and dialogs show: `stream1`, `srt2`, `recording` … */
export type Thing = string;

/** The streaming channel, from 1. Vmix 21 says that it streams and not where: that is `stream`. */
export const streamThing = (channel: number): Thing => `stream${channel}`;
/** The SRT of an output, from 1. */
export const srtThing = (output: number): Thing => `srt${output}`;

/** The channel of `stream1`, null for any other name. */
export function channelOf(thing: Thing): number | null {
  return numberIn(thing, /^stream(\d{1,2})$/);
}

/** The output of `srt1`, null for any other name. */
export function srtOutputOf(thing: Thing): number | null {
  return numberIn(thing, /^srt(\d)$/);
}

/** Outputs that are no streams: the name in events, and where the state has them. */
export const OTHER_OUTPUTS = ['external', 'multicorder', 'fullscreen'] as const;

/** Whether each thing runs in this state; null where the document does not say. */
export function runningThings(state: VmixState): Map<Thing, boolean | null> {
  const { streaming, outputs } = state;
  const things = new Map<Thing, boolean | null>();
  const channels = Object.entries(streaming.channels);
  const unnamed = streaming.on !== null && channels.every(([, live]) => live === null);
  if (unnamed) things.set('stream', streaming.on);
  for (const [channel, live] of channels) things.set(streamThing(Number(channel)), live);
  for (const { type, number, srt } of outputs ?? [])
    if (type === 'output' && !things.has(srtThing(number))) things.set(srtThing(number), srt);
  things.set('recording', state.recording.on);
  things.set('external', state.external);
  things.set('multicorder', state.multiCorder);
  things.set('fullscreen', state.fullscreen);
  return things;
}

function numberIn(text: string, pattern: RegExp): number | null {
  const number = pattern.exec(text)?.[1];
  return number === undefined ? null : Number(number);
}
