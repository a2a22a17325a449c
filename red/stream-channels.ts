import { fail } from '../lib/errors';
import type { ChannelWish } from '../lib/production/application';
import { targetById, targetByName } from './targets';
import { resolveEnv, typedValue } from './typed-inputs';
import type { ActionDef, ApplicationDef, Message, Node, NodeAPI } from './types';

/** As many as any vMix has. */
const CHANNELS = [1, 2, 3, 4, 5] as const;
type Channel = (typeof CHANNELS)[number];

/** The boxes of a dialog, one for each streaming channel. */
export type ChannelsDef = ActionDef & Partial<Record<`channel${Channel}`, boolean>>;

/** The same, with where each goes: the id of a stream target, empty for "as set in vMix". */
export type ChannelTargetsDef = ChannelsDef &
  Partial<Record<`target${Channel}`, string>> & {
    targetFrom: 'as-set' | 'target' | 'message';
    targetName: string;
    targetNameType: string;
  };

/** The channels that are ticked. */
export function tickedChannels(config: ChannelsDef): number[] {
  return CHANNELS.filter((channel) => config[`channel${channel}`] === true);
}

/** The channel that a trigger is set to hear, as a list; undefined for any. */
export function channelChosen(channel: unknown): readonly number[] | undefined {
  const found = CHANNELS.find((one) => String(one) === channel);
  return found && [found];
}

/** Which of several streams a trigger is set to hear; none: all. */
export interface StreamWish {
  /** of vMix */
  channels?: readonly number[] | undefined;
  /** of an ingest: the published name */
  stream?: string;
}

/** What a dialog with `channel` and `stream` says. Throws CONFIG_ENV_MISSING. */
export function streamChosen(
  RED: NodeAPI,
  node: Node,
  config: ApplicationDef & { channel?: string; stream?: string },
): StreamWish {
  if (config.application === 'vmix') {
    const channels = channelChosen(config.channel);
    return channels ? { channels } : {};
  }
  const stream = config.application === 'ingest' ? resolveEnv(RED, node, 'stream', config.stream).trim() : '';
  return stream ? { stream } : {};
}

/** Whether an event of this output is of what a trigger is set to hear. */
export function isOfStream(output: string | null, { channels, stream }: StreamWish): boolean {
  return isOfChannels(output, channels) && (stream === undefined || output === stream);
}

/** Whether an event of this output is of one of the channels; any is where none is chosen. */
export function isOfChannels(output: string | null, channels: readonly number[] | undefined): boolean {
  return channels === undefined || channels.some((channel) => output === `stream${channel}`);
}

/** Outputs as `msg.live` names them: `stream1, stream3`; null for none. */
export function outputNames(streams: readonly { output: string }[]): string | null {
  return streams.map(({ output }) => output).join(', ') || null;
}

/** The channels that the dialog of a start on vMix says, and where each goes. Throws CONFIG_INVALID and STREAM_TARGET_UNKNOWN. */
export function chosenChannels(config: ChannelTargetsDef): ChannelWish[] {
  const ticked = tickedChannels(config);
  if (ticked.length === 0) throw fail('CONFIG_INVALID', { field: 'channels', reason: 'none is ticked' });
  return ticked.map((channel) => {
    const id = config[`target${channel as Channel}`];
    return { channel, target: id ? targetById(id) : null };
  });
}

/**
 * The same as a message says: one name for the one channel that is ticked, or an object such as `{"1": "Twitch", "2": "YouTube"}`.
 * Rejects with INPUT_INVALID and STREAM_TARGET_UNKNOWN.
 */
export async function namedChannels(
  RED: NodeAPI,
  node: Node,
  config: ChannelTargetsDef,
  msg: Message,
): Promise<ChannelWish[]> {
  const said = await typedValue(RED, node, 'target', config.targetName, config.targetNameType, msg);
  return wishesIn(said, tickedChannels(config));
}

function wishesIn(said: unknown, ticked: readonly number[]): ChannelWish[] {
  const wrong = (reason: string) => fail('INPUT_INVALID', { field: 'target', reason });
  if (typeof said === 'string' && said.trim() !== '') {
    if (ticked.length === 1) return [{ channel: ticked[0]!, target: targetByName(said) }];
    throw wrong(
      `one name is for one channel, and ${ticked.length || 'none'} are ticked; name each, as in {"1": "Twitch", "2": "YouTube"}`,
    );
  }
  if (typeof said !== 'object' || said === null || Array.isArray(said))
    throw wrong('the message names no stream target, neither one nor one for each channel');
  const entries = Object.entries(said as Record<string, unknown>);
  if (entries.length === 0) throw wrong('the message names no channel');
  return entries.map(([name, target]) => {
    if (!/^[1-9]\d?$/.test(name)) throw wrong(`"${name}" is no number of a channel`);
    const isName = typeof target === 'string';
    if (!isName && target !== null) throw wrong(`what channel ${name} goes to is neither a name nor null`);
    return { channel: Number(name), target: isName && target.trim() ? targetByName(target) : null };
  });
}
