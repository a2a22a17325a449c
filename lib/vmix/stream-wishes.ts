import { createHash } from 'node:crypto';
import { fail } from '../errors';
import type { ChannelWish, StartStreamOptions } from '../production/application';
import { serviceOf } from '../production/services';
import type { StreamTarget } from '../production/targets';
import { redactText } from '../secrets';
import { streamSetting } from './functions/numbers';
import type { FunctionCall } from './functions/query';
import type { SetHere } from './stream-desk';

/** What is to be set of a channel before it starts. Holds the key: never let it out. */
export interface ChannelSettings {
  url: string;
  key: string;
  user: string;
  password: string;
}

/** One channel that is to stream, checked as far as it can be without vMix. */
export interface Wish {
  channel: number;
  /** null: as set in vMix */
  settings: ChannelSettings | null;
  /** what may be said of it */
  told: SetHere;
}

/** What of a vMix limits its channels. */
export interface ChannelLimits {
  /** what the connection says; null: as the version has */
  set: number | null;
  /** what the version has */
  version: number;
  versionText: string;
}

/**
 * The channels of a start, checked before anything is sent. Throws INPUT_INVALID, STREAM_TARGET_INVALID and
 * STREAM_TARGET_UNSUPPORTED; without channels it is the first one. Pure.
 */
export function wishesOf({ channels, target }: StartStreamOptions): Wish[] {
  const wanted = channels ?? [{ channel: 1, target }];
  const wrong = (reason: string) => fail('INPUT_INVALID', { field: 'channels', reason });
  if (wanted.length === 0) throw wrong('none is chosen');
  const twice = wanted.find(({ channel }, at) =>
    wanted.slice(0, at).some((before) => before.channel === channel),
  );
  if (twice) throw wrong(`channel ${twice.channel} is named twice`);
  return [...wanted].sort((a, b) => a.channel - b.channel).map(wishOf);
}

/** Throws STREAM_CHANNEL_MISSING for a channel that this vMix does not have. */
export function checkChannels(channels: readonly number[], { set, version, versionText }: ChannelLimits) {
  const most = Math.min(set ?? version, version);
  const missing = channels.filter((one) => !Number.isInteger(one) || one < 1 || one > most);
  if (missing.length === 0) return;
  throw fail('STREAM_CHANNEL_MISSING', {
    application: `vMix ${versionText}`,
    channel: missing.join(', '),
    advice:
      most < version
        ? `its connection is set to ${most} channels. Change that there, or choose another channel.`
        : `it has channels 1 to ${most}${version < 5 ? ', vMix 28 and newer have five' : ''}. Choose one of them.`,
  });
}

/**
 * The functions that set a channel. Address and key always go together, an empty key too, so that no old key reaches a new
 * server; a login where the target has one or the channel got one from here.
 */
export function settingCalls(
  channel: number,
  { url, key, user, password }: ChannelSettings,
  hadLogin: boolean,
): FunctionCall[] {
  const set = (name: string, text: string): FunctionCall => ({ name, value: streamSetting(channel, text) });
  const login = user !== '' || password !== '' || hadLogin;
  return [
    set('StreamingSetURL', url),
    set('StreamingSetKey', key),
    ...(login ? [set('StreamingSetUsername', user), set('StreamingSetPassword', password)] : []),
  ];
}

function wishOf({ channel, target }: ChannelWish): Wish {
  const found = target ? serviceOf(target) : null;
  if (!target || !found)
    return {
      channel,
      settings: null,
      told: { print: null, target: target?.name ?? null, service: null, server: null },
    };
  const { service, server } = found;
  if (service.protocol !== 'rtmp') throw unsupported(target, service.protocol);
  const settings = { url: server, key: target.key, user: target.user, password: target.password };
  return {
    channel,
    settings,
    told: {
      print: createHash('sha256').update(JSON.stringify(settings)).digest('base64'),
      target: target.name,
      service: service.label,
      server: redactText(server),
    },
  };
}

/** SRT leaves vMix by its outputs, and WHIP not at all. Source: the function list of vMix, whose streams are "Custom RTMP Stream". */
function unsupported({ name }: StreamTarget, protocol: 'srt' | 'whip') {
  return fail('STREAM_TARGET_UNSUPPORTED', {
    application: 'vMix',
    version: 'any version',
    service: protocol === 'srt' ? 'SRT on a streaming channel' : 'WHIP',
    advice:
      protocol === 'srt'
        ? `SRT leaves vMix by its outputs: set one up in vMix (Settings, Outputs), and switch it with an srt out node. Or give the target "${name}" an RTMP address.`
        : `Give the target "${name}" an RTMP address, or stream to it from OBS.`,
  });
}
