import { attributesOf, childrenOf, nameOf, textOf, type Attributes, type Node } from './document';
import type { VmixCall, VmixField, VmixInput, VmixMeters, VmixVolume } from './state-types';
import { flagOf, numberOf, wholeOf } from './values';
import { faderOf } from './volume';

/** Types whose position and duration are a page and how many there are. */
const PAGED = new Set(['Photos', 'PowerPoint']);
/** Attributes that have a place of their own. */
const KNOWN = new Set(
  (
    'key number type title shortTitle state position duration loop muted volume balance solo audiobusses meterF1 meterF2 ' +
    'selectedIndex callPassword callConnected callVideoSource callAudioSource'
  ).split(' '),
);
const NO_EXTRA: Readonly<Record<string, string>> = Object.freeze({});
const NO_FIELDS: readonly VmixField[] = Object.freeze([]);
const NO_LIST: VmixInput['list'] = Object.freeze([]);
const NO_LAYERS: VmixInput['layers'] = Object.freeze([]);

/** An `<input>`; `place` is its place in the document, from 1, for the very rare one without a number. */
export function readInput(node: Node, place: number): VmixInput {
  const a = attributesOf(node);
  const number = wholeOf(a.number) ?? place;
  const type = a.type ?? '';
  const paged = PAGED.has(type);
  const position = numberOf(a.position);
  const duration = numberOf(a.duration);
  const input: Writable<VmixInput> = {
    key: a.key || `#${number}`,
    number,
    type,
    title: a.title ?? textOf(node, 'input'),
    shortTitle: a.shortTitle ?? null,
    state: a.state ?? null,
    positionMs: paged ? null : position,
    durationMs: paged ? null : duration,
    page: paged && position !== null && duration !== null ? { index: position, count: duration } : null,
    loop: flagOf(a.loop),
    muted: flagOf(a.muted),
    volume: volumeOf(a.volume),
    balance: numberOf(a.balance),
    solo: flagOf(a.solo),
    buses: busesOf(a.audiobusses),
    meters: metersOf(a),
    selectedIndex: numberOf(a.selectedIndex),
    texts: NO_FIELDS,
    images: NO_FIELDS,
    list: NO_LIST,
    layers: NO_LAYERS,
    call: callOf(a),
    extra: extraOf(a),
  };
  const children = childrenOf(node, 'input');
  // one child is the title once more
  if (children.length > 1 || (children.length === 1 && nameOf(children[0]!) !== '#text'))
    readChildren(input, children);
  return input;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function readChildren(input: Writable<VmixInput>, children: readonly Node[]): void {
  const texts: VmixField[] = [];
  const images: VmixField[] = [];
  const layers: VmixInput['layers'][number][] = [];
  for (const child of children) {
    const name = nameOf(child);
    if (name === 'text') texts.push(fieldOf(child, name));
    else if (name === 'image') images.push(fieldOf(child, name));
    else if (name === 'overlay') {
      const { index, key } = attributesOf(child);
      if (key) layers.push({ index: wholeOf(index), key });
    } else if (name === 'list' && input.list === NO_LIST) input.list = listOf(child);
  }
  if (texts.length > 0) input.texts = texts;
  if (images.length > 0) input.images = images;
  if (layers.length > 0) input.layers = layers;
}

function fieldOf(node: Node, element: string): VmixField {
  const { index, name } = attributesOf(node);
  return { index: wholeOf(index), name: name ?? '', value: textOf(node, element) };
}

function listOf(node: Node): VmixInput['list'] {
  return childrenOf(node, 'list')
    .filter((item) => nameOf(item) === 'item')
    .map((item) => ({ path: textOf(item, 'item'), selected: flagOf(attributesOf(item).selected) === true }));
}

/** A volume as vMix shows it. */
export function volumeOf(text: string | undefined): VmixVolume | null {
  const amplitude = numberOf(text);
  return amplitude === null ? null : { amplitude, fader: faderOf(amplitude) };
}

/** Both meters, where both are shown. */
export function metersOf({ meterF1, meterF2 }: Attributes): VmixMeters | null {
  const left = numberOf(meterF1);
  const right = numberOf(meterF2);
  return left === null || right === null ? null : { left, right };
}

function busesOf(text: string | undefined): readonly string[] | null {
  if (text === undefined) return null;
  return text === '' ? [] : text.split(',');
}

function callOf(a: Attributes): VmixCall | null {
  const { callPassword, callConnected, callVideoSource, callAudioSource } = a;
  if (callPassword === undefined && callConnected === undefined) return null;
  return {
    connected: flagOf(callConnected),
    password: callPassword ?? null,
    videoSource: callVideoSource ?? null,
    audioSource: callAudioSource ?? null,
  };
}

function extraOf(a: Attributes): Readonly<Record<string, string>> {
  let extra: Record<string, string> | undefined;
  for (const name in a) {
    if (KNOWN.has(name)) continue;
    extra ??= {};
    extra[name] = a[name] ?? '';
  }
  return extra ?? NO_EXTRA;
}
