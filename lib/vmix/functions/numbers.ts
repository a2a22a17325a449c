import { fail } from '../../errors';

/**
 * The one place where people's numbers and vMix's meet: people and the state document count streaming channels and outputs from
 * 1, functions from 0. Source: the function list of vMix; measured on 29 for SRT outputs.
 */

/** The value of a streaming function for channel 1 to `channels`. Throws INPUT_INVALID for any other. */
export function streamValue(channel: number, channels = 5): string {
  if (!isFrom1(channel, channels))
    throw fail('INPUT_INVALID', {
      field: 'channel',
      reason: `${String(channel)} is none; this vMix has channels 1 to ${channels}`,
    });
  return String(channel - 1);
}

/** The channel that the value of a streaming function names; null for a blank one, which means all. */
export function channelOfValue(value: string): number | null {
  const number = /^\s*(\d{1,2})\s*(?:,|$)/.exec(value)?.[1];
  return number === undefined ? null : Number(number) + 1;
}

/** The value of a function that sets something of a channel: the channel always goes first, or vMix sets its first stream. */
export function streamSetting(channel: number, text: string, channels = 5): string {
  return `${streamValue(channel, channels)},${text}`;
}

/** The value of an SRT function for output 1 to 4. Throws INPUT_INVALID for any other. */
export function outputValue(output: number): string {
  if (!isFrom1(output, 4))
    throw fail('INPUT_INVALID', {
      field: 'output',
      reason: `${String(output)} is none; vMix has outputs 1 to 4`,
    });
  return String(output - 1);
}

/** The output that the value of an SRT function names; a blank one is output 1. */
export function outputOfValue(value: string): number | null {
  if (value.trim() === '') return 1;
  return /^\s*\d{1,2}\s*$/.test(value) ? Number(value) + 1 : null;
}

function isFrom1(number: number, most: number): boolean {
  return Number.isInteger(number) && number >= 1 && number <= most;
}
