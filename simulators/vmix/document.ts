import type { VmixBus, VmixInput, VmixOutput, VmixState } from '../../lib/vmix/state-types';

/** One element of a document with its name, in the order vMix writes them. */
export type Part = readonly [name: string, xml: string];

/**
 * A state as the document vMix sends: one line, no indentation, ` />`, nothing that this state does not have (a flag that is
 * off, a channel that is not live). What the version lacks, the state lacks already.
 */
export function writeDocument(state: VmixState): string {
  return joinParts(documentParts(state));
}

/** The parts as one document. */
export function joinParts(parts: readonly Part[]): string {
  return `<vmix>${parts.map(([, xml]) => xml).join('')}</vmix>`;
}

/** The elements below the root, in the order of vMix 29. */
export function documentParts(state: VmixState): Part[] {
  const { recording, streaming, audio, dynamic } = state;
  const parts: (Part | null)[] = [
    ['version', element('version', {}, escapeText(state.version.text))],
    textPart('edition', state.edition),
    textPart('preset', state.preset),
    ['inputs', element('inputs', {}, state.inputs.map(inputXml).join(''))],
    state.outputs && ['outputs', element('outputs', {}, state.outputs.map(outputXml).join(''))],
    [
      'overlays',
      element(
        'overlays',
        {},
        state.overlays
          .map(({ number, inputNumber, preview }) =>
            element(
              'overlay',
              { number: String(number), preview: preview ? 'True' : null },
              inputNumber === null ? null : String(inputNumber),
            ),
          )
          .join(''),
      ),
    ],
    numberPart('preview', state.preview),
    numberPart('active', state.active),
    flagPart('fadeToBlack', state.fadeToBlack),
    [
      'transitions',
      element(
        'transitions',
        {},
        state.transitions
          .map(({ number, effect, durationMs }) =>
            element('transition', { number: String(number), effect, duration: orNull(durationMs) }, null),
          )
          .join(''),
      ),
    ],
    recording.on === null
      ? null
      : [
          'recording',
          element(
            'recording',
            {
              duration: orNull(recording.durationS),
              filename1: recording.files[0] ?? null,
              filename2: recording.files[1] ?? null,
            },
            flag(recording.on),
          ),
        ],
    flagPart('external', state.external),
    streaming.on === null
      ? null
      : ['streaming', element('streaming', liveChannels(streaming.channels), flag(streaming.on))],
    flagPart('playList', state.playList),
    flagPart('multiCorder', state.multiCorder),
    flagPart('fullscreen', state.fullscreen),
    ...state.mixes.map(({ number, preview, active }): Part => {
      const inner = [numberPart('preview', preview), numberPart('active', active)];
      return [
        'mix',
        element('mix', { number: String(number) }, inner.map((part) => part?.[1] ?? '').join('')),
      ];
    }),
    audio.master === null && Object.keys(audio.buses).length === 0 ? null : ['audio', audioXml(audio)],
    dynamic && [
      'dynamic',
      element(
        'dynamic',
        {},
        [
          ...dynamic.inputs.map((text, index) => element(`input${index + 1}`, {}, escapeText(text))),
          ...dynamic.values.map((text, index) => element(`value${index + 1}`, {}, escapeText(text))),
        ].join(''),
      ),
    ],
  ];
  return parts.filter((part): part is Part => part !== null);
}

function inputXml(input: VmixInput): string {
  const { extra, call, page, meters } = input;
  // what `extra` holds stands where vMix puts it; what it does not know comes last
  const placed = ['soloPFL', 'gainDb'];
  const rest = Object.fromEntries(Object.entries(extra).filter(([name]) => !placed.includes(name)));
  const children = [
    escapeText(input.title),
    ...input.layers.map(({ index, key }) => element('overlay', { index: orNull(index), key }, null)),
    input.list.length === 0
      ? ''
      : element(
          'list',
          {},
          input.list
            .map(({ path, selected }) =>
              element('item', { selected: selected ? 'true' : null }, escapeText(path)),
            )
            .join(''),
        ),
    ...input.texts.map(({ index, name, value }) =>
      element('text', { index: orNull(index), name }, escapeText(value)),
    ),
    ...input.images.map(({ index, name, value }) =>
      element('image', { index: orNull(index), name }, escapeText(value)),
    ),
  ];
  return element(
    'input',
    {
      key: input.key,
      number: String(input.number),
      type: input.type,
      title: input.title,
      shortTitle: input.shortTitle,
      state: input.state,
      position: orNull(page ? page.index : input.positionMs),
      duration: orNull(page ? page.count : input.durationMs),
      loop: flagOrNull(input.loop),
      muted: flagOrNull(input.muted),
      volume: input.volume && netNumber(input.volume.amplitude),
      balance: input.balance === null ? null : netNumber(input.balance),
      solo: flagOrNull(input.solo),
      soloPFL: extra.soloPFL ?? null,
      audiobusses: input.buses && input.buses.join(','),
      meterF1: meters && netNumber(meters.left),
      meterF2: meters && netNumber(meters.right),
      gainDb: extra.gainDb ?? null,
      selectedIndex: orNull(input.selectedIndex),
      callPassword: call && call.password,
      callConnected: call && flagOrNull(call.connected),
      callVideoSource: call && call.videoSource,
      callAudioSource: call && call.audioSource,
      ...rest,
    },
    children.join(''),
  );
}

/** Flags are there only when they are on. */
function outputXml(output: VmixOutput): string {
  const on = (value: boolean | null) => (value ? 'True' : null);
  return element(
    'output',
    {
      type: output.type,
      number: String(output.number),
      source: output.source,
      inputNumber: orNull(output.inputNumber),
      mix: orNull(output.mix),
      external: on(output.external),
      ndi: on(output.ndi),
      omt: on(output.omt),
      srt: on(output.srt),
    },
    null,
  );
}

function audioXml({ master, buses }: VmixState['audio']): string {
  const bus = (one: VmixBus) => ({
    volume: one.volume && netNumber(one.volume.amplitude),
    muted: flagOrNull(one.muted),
    meterF1: one.meters && netNumber(one.meters.left),
    meterF2: one.meters && netNumber(one.meters.right),
    solo: flagOrNull(one.solo),
    sendToMaster: flagOrNull(one.sendToMaster),
  });
  const { headphones = null } = master ?? {};
  const all = [
    master &&
      element(
        'master',
        { ...bus(master), headphonesVolume: headphones && netNumber(headphones.amplitude) },
        null,
      ),
    ...Object.entries(buses).map(([letter, one]) => element(`bus${letter}`, bus(one), null)),
  ];
  return element('audio', {}, all.join(''));
}

function liveChannels(channels: VmixState['streaming']['channels']): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(channels).map(([channel, live]) => [`channel${channel}`, live ? 'True' : null]),
  );
}

const flag = (value: boolean): string => (value ? 'True' : 'False');
const flagOrNull = (value: boolean | null): string | null => (value === null ? null : flag(value));
const orNull = (value: number | null): string | null => (value === null ? null : String(value));

function textPart(name: string, text: string | null): Part | null {
  return text === null ? null : [name, element(name, {}, escapeText(text))];
}

function numberPart(name: string, value: number | null): Part | null {
  return value === null ? null : [name, element(name, {}, String(value))];
}

function flagPart(name: string, value: boolean | null): Part | null {
  return value === null ? null : [name, element(name, {}, flag(value))];
}

/** `content` null: an element that closes itself. */
function element(name: string, attributes: Record<string, string | null>, content: string | null): string {
  let text = `<${name}`;
  for (const [attribute, value] of Object.entries(attributes))
    if (value !== null) text += ` ${attribute}="${escapeAttribute(value)}"`;
  return content === null ? `${text} />` : `${text}>${content}</${name}>`;
}

/** A number as .NET writes a single-precision one: seven digits, and `1.229964E-05` where it is very small. */
export function netNumber(value: number): string {
  const rounded = Number(value.toPrecision(7));
  if (rounded === 0 || (Math.abs(rounded) >= 1e-4 && Math.abs(rounded) < 1e7)) return String(rounded);
  const [mantissa = '0', exponent = '+0'] = rounded.toExponential().split('e');
  return `${mantissa}E${exponent.charAt(0)}${exponent.slice(1).padStart(2, '0')}`;
}

const NAMED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const code = (character: string): string => `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`;

/** Line ends and tabs as numbers, so that they survive as they are. */
function escapeAttribute(text: string): string {
  return text.replace(/[&<>"\u0001-\u001f]/g, (character) => NAMED[character] ?? code(character));
}

/** Line ends stand in a text as they are: who splits a document at them has lost. */
function escapeText(text: string): string {
  return text.replace(/[&<>\u0001-\u0008\u000b\u000c\u000e-\u001f]/g, (one) => NAMED[one] ?? code(one));
}
