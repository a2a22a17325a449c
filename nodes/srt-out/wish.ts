import type { Work } from '../../red/on-input';
import { choiceField, numberField, resolveEnv, typedText } from '../../red/typed-inputs';
import type { Message, NodeAPI } from '../../red/types';
import { fail } from '../../lib/errors';
import { srtOutputName, type SrtWhich, type SrtWish } from '../../lib/production/srt';
import { SRT_LATENCY_MS, type SrtKeyLength, type SrtPlace } from '../../lib/production/srt-address';
import type { SrtOutDef, SrtOutNode } from './types';

/** Whoever waits longer for a caller has forgotten it; nothing can stop OBS from waiting. */
const LONGEST_WAIT_S = 600;
const KEYFRAME_SECONDS = 2;

/** Which output the dialog means. Throws CONFIG_INVALID. */
export function whichFor(RED: NodeAPI, node: SrtOutNode, config: SrtOutDef): SrtWhich {
  if (config.application === 'vmix')
    return { as: 'output', output: numberField(RED, node, 'output', config.output, 1, 1, 4) };
  return { as: choiceField('send as', config.sendAs, ['stream', 'beside']) };
}

/** The name of that output; null where the dialog makes no sense, which a message hears of. */
export function outputName(RED: NodeAPI, node: SrtOutNode, config: SrtOutDef): string | null {
  try {
    return srtOutputName(whichFor(RED, node, config));
  } catch {
    return null;
  }
}

/** What the dialog and the message ask for. Rejects with CONFIG_INVALID or INPUT_INVALID, whose texts hold no secret. */
export async function wishFor(
  RED: NodeAPI,
  node: SrtOutNode,
  config: SrtOutDef,
  msg: Message,
  work: Work,
): Promise<SrtWish> {
  const number = (field: string, text: unknown, standard: number, least: number, most: number) =>
    numberField(RED, node, field, text, standard, least, most);
  const host = await typedText(RED, node, 'host', config.host, config.hostType, msg);
  return {
    which: whichFor(RED, node, config),
    place: placeFor(RED, node, config, host ?? '', secretsFor(RED, node, config, msg, work)),
    waitForCallerMs: number('wait for a caller', config.callerSeconds, 30, 1, LONGEST_WAIT_S) * 1000,
    confirmMs: number('confirm', config.confirmSeconds, 5, 1, 600) * 1000,
    encoding: {
      videoKbps: number('video bitrate', config.videoKbps, 4000, 100, 100_000),
      audioKbps: number('audio bitrate', config.audioKbps, 160, 32, 512),
      keyframeSeconds: KEYFRAME_SECONDS,
    },
    secondProfile: resolveEnv(RED, node, 'second profile', config.secondProfile).trim(),
  };
}

/** Null for a vMix of which nobody wrote down where its output goes: vMix does not tell. */
function placeFor(
  RED: NodeAPI,
  node: SrtOutNode,
  config: SrtOutDef,
  host: string,
  secrets: Pick<SrtPlace, 'passphrase' | 'streamId'>,
): SrtPlace | null {
  const port = resolveEnv(RED, node, 'port', config.port).trim();
  if (config.application === 'vmix' && port === '') return null;
  const { least, standard, most } = SRT_LATENCY_MS;
  const keyLength = choiceField('key length', config.keyLength || 'auto', ['auto', '16', '24', '32']);
  return {
    mode: choiceField('mode', config.mode, ['caller', 'listener']),
    host,
    port: numberField(RED, node, 'port', config.port, 0, 1, 65535),
    latencyMs: numberField(RED, node, 'latency', config.latencyMs, standard, least, most),
    keyLength: keyLength === 'auto' ? null : (Number(keyLength) as SrtKeyLength),
    ...secrets,
  };
}

/** Stream id and passphrase; what is read from the message is taken off it. */
function secretsFor(
  RED: NodeAPI,
  node: SrtOutNode,
  config: SrtOutDef,
  msg: Message,
  work: Work,
): Pick<SrtPlace, 'passphrase' | 'streamId'> {
  if (config.secretsFrom !== 'message')
    return {
      passphrase: resolveEnv(RED, node, 'passphrase', node.credentials?.passphrase),
      streamId: resolveEnv(RED, node, 'stream id', node.credentials?.streamId),
    };
  const take = (field: string, property: string, needed: boolean): string => {
    if (!property) return '';
    const found: unknown = RED.util.getMessageProperty(msg, property);
    work.forget(() => void RED.util.setMessageProperty(msg, property, undefined));
    if (typeof found === 'string' && found !== '') return found;
    if (found !== undefined && found !== null && found !== '')
      throw fail('INPUT_INVALID', { field, reason: 'it must be a text' });
    // without it the picture would go out in the clear, and nobody would notice
    if (needed) throw fail('INPUT_INVALID', { field, reason: `the message has none in ${property}` });
    return '';
  };
  // both are taken off, also where the first makes no sense
  const streamId = take('stream id', (config.streamIdProperty ?? '').trim(), false);
  return { streamId, passphrase: take('passphrase', (config.passphraseProperty ?? '').trim(), true) };
}
