import { forgetTexts } from '../../red/message-secrets';
import type { Work } from '../../red/on-input';
import { choiceField, numberField, resolveEnv, typedText } from '../../red/typed-inputs';
import type { Message, Node, NodeAPI } from '../../red/types';
import { fail } from '../../lib/errors';
import {
  PIPELINE_PRESETS,
  type LiveWatch,
  type SourceWish,
  type SwitchWhere,
  type SwitchWish,
} from '../../lib/production/switching';
import { hold } from '../../lib/secrets';
import { parseSourceAddress } from '../../lib/switching/address';
import { checkPipelineText } from '../../lib/switching/pipeline';
import { ACTIONS, type Action, type SourceDef } from './types';

/** What a slot may be called; it stands in the names of sources. */
const SLOT = /^[a-z0-9-]{1,24}$/i;
const STANDARD_SLOT = 'main';
const LONGEST_TAG = 100;

/** What one message asks for. Holds secrets. */
export interface Asked {
  action: Action;
  wish: Omit<SwitchWish, 'source'>;
  /** null where the action needs none */
  source: SourceWish | null;
  /** what a queue gave the message along, to find it again; undefined where there was none */
  turn: unknown;
}

/**
 * What the dialog and the message ask for. The address is taken off the message at once: no step told on the way may carry it. Rejects with
 * coded errors, whose texts hold no secret. `keep` is given the release of what is held of the address.
 */
export async function askedFor(
  RED: NodeAPI,
  node: Node,
  config: SourceDef,
  msg: Message,
  work: Work,
  keep: (release: () => void) => void,
): Promise<Asked> {
  try {
    const action = actionOf(config, msg, work);
    const scene = await typedText(RED, node, 'scene', config.scene, config.sceneType, msg);
    const needsSource = action === 'switch' || action === 'prepare';
    const wish = wishOf(RED, node, config, { scene, slot: slotOf(RED, node, config) });
    const source = needsSource ? await sourceOf(RED, node, config, msg, work, keep) : null;
    takeOff(RED, config, msg, work);
    const turn = turnOf(msg);
    return { action, wish: { ...wish, tag: tagOf(turn) }, source, turn };
  } catch (error) {
    takeOff(RED, config, msg, work);
    throw error;
  }
}

/** What a queue gave the message along. */
export function turnOf(msg: Message): unknown {
  return (msg.payload as { turn?: unknown } | null | undefined)?.turn;
}

/** A turn as events carry it: a short text, since everybody hears them, and no address, which may hold a key. */
export function tagOf(turn: unknown): string | null {
  return typeof turn === 'string' && turn.length <= LONGEST_TAG && !turn.includes('://') ? turn : null;
}

/** The place of a dialog whose scene is written in it, for a watch from the start on; null where a message says it. */
export function fixedPlace(RED: NodeAPI, node: Node, config: SourceDef): SwitchWhere | null {
  if (config.sceneType !== 'str' && config.sceneType !== 'env') return null;
  try {
    const text = config.sceneType === 'env' ? `\${${config.scene}}` : config.scene;
    return { scene: resolveEnv(RED, node, 'scene', text) || null, slot: slotOf(RED, node, config) };
  } catch {
    return null;
  }
}

/** Throws CONFIG_INVALID. */
export function watchOf(RED: NodeAPI, node: Node, config: SourceDef): LiveWatch {
  return {
    stallMs: numberField(RED, node, 'stall after', config.stallMs, 2000, 500, 60_000),
    stableMs: numberField(RED, node, 'back after', config.stableMs, 5000, 0, 600_000),
    fallback: resolveEnv(RED, node, 'fallback', config.fallback).trim() || null,
  };
}

function slotOf(RED: NodeAPI, node: Node, config: SourceDef): string {
  const slot = resolveEnv(RED, node, 'slot', config.slot).trim() || STANDARD_SLOT;
  if (!SLOT.test(slot))
    throw fail('CONFIG_INVALID', { field: 'slot', reason: 'it takes 1 to 24 letters, digits and hyphens' });
  // a capital letter by mistake would be a second place, and two guests at once
  return slot.toLowerCase();
}

function actionOf(config: SourceDef, msg: Message, work: Work): Action {
  if (config.action !== 'message') return choiceField('action', config.action, ACTIONS);
  const { payload } = msg as { payload?: unknown };
  const said =
    typeof payload === 'object' && payload !== null ? (payload as { action?: unknown }).action : payload;
  const wanted = typeof said === 'string' ? said.trim().toLowerCase() : '';
  const found = ACTIONS.find((action) => action === wanted);
  if (found) return found;
  // anything but a plain word may be an address with a key in it, or the key alone
  const isWord = /^[a-z -]{1,24}$/.test(wanted);
  if (typeof said === 'string' && !isWord) work.forget(() => Reflect.deleteProperty(msg, 'payload'));
  const action = isWord ? wanted : said === undefined ? 'nothing' : `a ${typeof said}`;
  throw fail('ACTION_UNKNOWN', { action, known: ACTIONS.join(', ') });
}

function wishOf(RED: NodeAPI, node: Node, config: SourceDef, where: SwitchWhere): Omit<SwitchWish, 'source'> {
  const number = (field: string, text: unknown, standard: number, least: number, most: number) =>
    numberField(RED, node, field, text, standard, least, most);
  const transition = choiceField('transition', config.transition, ['cut', 'crossfade']);
  const fromTop = Math.round(number('above it', config.fromTop, 0, 0, 1000));
  return {
    where,
    place: { where: choiceField('place', config.place, ['old', 'from-top']), fromTop },
    transition:
      transition === 'cut'
        ? { kind: 'cut' }
        : { kind: 'crossfade', ms: number('crossfade', config.fadeMs, 500, 100, 10_000) },
    readyTimeoutMs: number('ready in', config.readySeconds, 15, 1, 600) * 1000,
    settleMs: number('settle', config.settleMs, 300, 0, 10_000),
    ifBusy: choiceField('when busy', config.ifBusy, ['newest', 'queue', 'reject']),
    watch: watchOf(RED, node, config),
  };
}

async function sourceOf(
  RED: NodeAPI,
  node: Node,
  config: SourceDef,
  msg: Message,
  work: Work,
  keep: (release: () => void) => void,
): Promise<SourceWish> {
  const given = await typedText(RED, node, 'address', config.address, config.addressType, msg);
  if (given === null)
    throw fail('SOURCE_ADDRESS_INVALID', {
      reason: config.addressType === 'msg' ? `the message has none in msg.${config.address}` : 'it is empty',
    });
  // wherever else it stands in the message, and before anything is told on the way
  forgetTexts(atOnceAndAtLast(work), msg, [given, given.trim()]);
  const address = parseSourceAddress(given);
  const releases = address.secrets.map(hold);
  keep(() => {
    for (const release of releases) release();
  });
  return {
    address: address.text,
    kind: choiceField('kind', config.kind, ['auto', 'gstreamer', 'ffmpeg']),
    pipeline: pipelineOf(RED, node, config),
    // hidden in the dialog where nothing scales
    size: config.kind === 'ffmpeg' || config.pipeline === 'own' ? null : sizeOf(RED, node, config),
  };
}

function pipelineOf(RED: NodeAPI, node: Node, config: SourceDef): SourceWish['pipeline'] {
  const chosen = choiceField('pipeline', config.pipeline, [...PIPELINE_PRESETS, 'own']);
  if (chosen !== 'own') return { preset: chosen };
  const text = resolveEnv(RED, node, 'pipeline', config.pipelineText);
  checkPipelineText(text);
  return { text };
}

function sizeOf(RED: NodeAPI, node: Node, config: SourceDef): SourceWish['size'] {
  const pixels = (field: string, text: unknown) =>
    Math.round(numberField(RED, node, field, text, 0, 0, 16_384));
  const [width, height] = [pixels('width', config.width), pixels('height', config.height)];
  if (width === 0 && height === 0) return null;
  if (width < 2 || height < 2)
    throw fail('CONFIG_INVALID', { field: 'size', reason: 'it takes a width and a height, or neither' });
  return { width, height };
}

/** The property an address is read from holds none any more, whatever the message asked for. */
function takeOff(RED: NodeAPI, config: SourceDef, msg: Message, work: Work): void {
  if (config.addressType !== 'msg' || !config.address) return;
  atOnceAndAtLast(work).forget(() => {
    try {
      if (RED.util.getMessageProperty(msg, config.address) === undefined) return;
    } catch {
      // not even what would hold it is there
      return;
    }
    RED.util.setMessageProperty(msg, config.address, undefined);
  });
}

/** At last as well: a message that cannot be changed must not go on, not even to Catch. */
function atOnceAndAtLast(work: Work): Pick<Work, 'forget'> {
  return {
    forget: (remove) => {
      work.forget(remove);
      remove();
    },
  };
}
