import type { VmixBus, VmixOutput, VmixOverlay, VmixState } from '../../lib/vmix/state-types';
import type { Clock } from '../obs/clock';
import { Channels } from './channels';
import type { Faults } from './faults';
import { makeInput, smallShow, type Input } from './inputs';
import type { Profile } from './profiles';
import type { FoldersThere } from './pictures';
import { Recording } from './recording';
import type { VmixSimulatorOptions } from './types';

type Changeable<T> = { -readonly [K in keyof T]: T[K] };
/** A flag that a button of vMix switches. */
export type Flag = 'external' | 'multiCorder' | 'fullscreen' | 'fadeToBlack' | 'playList';

/** How an event of the TCP port names a flag. */
const ACTIVATORS: Partial<Record<Flag, string>> = {
  external: 'External',
  multiCorder: 'MultiCorder',
  fullscreen: 'Fullscreen',
  fadeToBlack: 'FadeToBlack',
};
/** vMix answers a function first and does it then. */
const SOON_MS = 120;

/** What events go to: `ACTS` lines, and whoever wants to know of a new tally. */
export interface Listeners {
  activator(text: string): void;
  tally(): void;
}

/** What runs in the simulated vMix and what it shows. Methods do what somebody at the machine would. */
export class Studio {
  readonly channels: Channels;
  readonly recording: Recording;
  readonly outputs: Changeable<VmixOutput>[];
  readonly overlays: Changeable<VmixOverlay>[];
  readonly buses: Record<string, Changeable<VmixBus>>;
  readonly master: Changeable<VmixBus>;
  readonly dynamic = { inputs: ['', '', '', ''], values: ['', '', '', ''] };
  /** settings of the outputs, which no function changes */
  readonly configuredSrt: Set<number>;
  readonly transitions = [
    { number: 1, effect: 'Fade', durationMs: 500 },
    { number: 2, effect: 'Merge', durationMs: 1000 },
    { number: 3, effect: 'Wipe', durationMs: 1000 },
    { number: 4, effect: 'CubeZoom', durationMs: 1000 },
  ];
  /** whether snapshots become files */
  readonly writesFiles: FoldersThere | true;
  /** windows that opened on the machine because a value was blank */
  openWindows = 0;
  edition = '4K';
  preset: string | null = 'C:\\Rehearsal\\rehearsal.vmix';
  inputs: Input[];
  active = 1;
  preview = 2;
  /** the version it says; a restart may bring another */
  version: string;
  private readonly flags: Record<Flag, boolean> = {
    external: false,
    multiCorder: false,
    fullscreen: false,
    fadeToBlack: false,
    playList: false,
  };
  private readonly streamed = { before: false };

  constructor(
    readonly profile: Profile,
    private readonly clock: Clock,
    faults: Faults,
    options: VmixSimulatorOptions,
    private readonly listeners: Listeners,
  ) {
    const all = Array.from({ length: profile.channels }, (_, index) => index + 1);
    const changed = () => this.tellStreaming();
    this.channels = new Channels(profile.channels, clock, faults, changed, options.configuredStreams ?? all);
    this.recording = new Recording(faults, options.twoRecorders ?? false);
    this.configuredSrt = new Set(options.configuredSrt ?? [1, 2]);
    this.version = profile.version;
    this.writesFiles = options.writeFiles === true || options.writeFiles || {};
    this.inputs = makeInputs(options.inputs, profile.soloPfl);
    this.outputs = [
      ...[1, 2].map((number) => output('fullscreen', number)),
      ...[1, 2, 3, 4].map((number) => output('output', number)),
    ];
    this.overlays = Array.from({ length: profile.overlays }, (_, index) => ({
      number: index + 1,
      inputNumber: null,
      preview: false,
    }));
    this.master = bus(null);
    this.buses = Object.fromEntries([...'ABCDEFG'].map((letter) => [letter, bus(false)]));
  }

  /** What the document says now. */
  get state(): VmixState {
    const { profile } = this;
    const parts = this.version.split('.').map(Number);
    const [major = 0, minor = 0, build = 0, revision = 0] = parts;
    const live = new Set(this.channels.live);
    const numbers = Array.from({ length: this.channels.count }, (_, index) => index + 1);
    return {
      version: { text: this.version, parts: [major, minor, build, revision], major },
      edition: this.edition,
      preset: this.preset,
      inputs: this.inputs,
      outputs: profile.outputs ? this.outputs : null,
      overlays: this.overlays,
      preview: this.preview,
      active: this.active,
      fadeToBlack: this.flags.fadeToBlack,
      transitions: this.transitions,
      recording: this.recording.state,
      external: this.flags.external,
      streaming: {
        on: live.size > 0,
        channels: Object.fromEntries(numbers.map((number) => [number, live.has(number)])),
        channelCount: numbers.length,
      },
      playList: this.flags.playList,
      multiCorder: this.flags.multiCorder,
      fullscreen: this.flags.fullscreen,
      mixes: [],
      audio: {
        master: { ...this.master, meters: this.heard, headphones: { amplitude: 100, fader: 100 } },
        buses: this.buses,
      },
      dynamic: this.dynamic,
    };
  }

  /** What goes out, as far as the program decides it. */
  private get heard(): VmixBus['meters'] {
    const program = this.numbered(this.active);
    const audible = program?.muted === false && !this.master.muted;
    return audible && program.meters ? program.meters : { left: 0, right: 0 };
  }

  /** One digit for each input: 0 off, 1 on air, 2 in the preview. */
  get tally(): string {
    const shown = this.overlays.filter(({ preview }) => !preview).map(({ inputNumber }) => inputNumber);
    return this.inputs
      .slice(0, 1000)
      .map(({ number }) =>
        number === this.active || shown.includes(number) ? 1 : number === this.preview ? 2 : 0,
      )
      .join('');
  }

  /** By number (0 preview, -1 program), key or whole title, as `Input=` takes it. */
  input(wanted: string): Input | null {
    if (wanted === '0') return this.numbered(this.preview);
    if (wanted === '-1') return this.numbered(this.active);
    const byNumber = /^\d+$/.test(wanted) ? this.numbered(Number(wanted)) : null;
    return (
      byNumber ??
      this.inputs.find(({ key }) => key.toLowerCase() === wanted.toLowerCase()) ??
      this.inputs.find(({ title }) => title === wanted) ??
      null
    );
  }

  flag(name: Flag): boolean {
    return this.flags[name];
  }

  /** Switch a flag soon, or at once. */
  setFlag(name: Flag, on: boolean, afterMs = SOON_MS): void {
    this.soon(afterMs, () => {
      if (this.flags[name] === on) return;
      this.flags[name] = on;
      const activator = ACTIVATORS[name];
      if (activator) this.listeners.activator(`${activator} ${on ? 1 : 0}`);
    });
  }

  record(on: boolean, afterMs = SOON_MS): void {
    this.soon(afterMs, () => {
      const changed = on ? this.recording.start() : this.recording.stop();
      if (changed) this.listeners.activator(`Recording ${on ? 1 : 0}`);
    });
  }

  /** Only an output that was set up sends anything. */
  srt(number: number, on: boolean | 'toggle', afterMs = SOON_MS): void {
    this.soon(afterMs, () => {
      const found = this.outputs.find((one) => one.type === 'output' && one.number === number);
      if (found && this.configuredSrt.has(number)) found.srt = on === 'toggle' ? !found.srt : on;
    });
  }

  /** Put an input on air, and another into the preview. */
  show(active: number, preview: number): void {
    const [wasActive, wasPreview] = [this.active, this.preview];
    this.active = active;
    this.preview = preview;
    if (wasActive !== active) this.tellInput('Input', wasActive, active);
    if (wasPreview !== preview) this.tellInput('InputPreview', wasPreview, preview);
    if (wasActive !== active || wasPreview !== preview) this.listeners.tally();
  }

  /** Fill an overlay or empty it. */
  overlay(number: number, inputNumber: number | null, preview = false): void {
    const found = this.overlays.find((one) => one.number === number);
    if (!found || (found.inputNumber === inputNumber && found.preview === preview)) return;
    const was = found.inputNumber;
    found.inputNumber = inputNumber;
    found.preview = preview && inputNumber !== null;
    if (was !== null) this.listeners.activator(`Overlay${number} ${was} 0`);
    if (inputNumber !== null) this.listeners.activator(`Overlay${number} ${inputNumber} 1`);
    this.listeners.tally();
  }

  tell(activator: string): void {
    this.listeners.activator(activator);
  }

  /** Numbers as the order says, program and preview on the inputs they were on. */
  reorder(inputs: Input[]): void {
    const [active, preview] = [this.numbered(this.active)?.key, this.numbered(this.preview)?.key];
    inputs.forEach((one, at) => (one.number = at + 1));
    this.inputs = inputs;
    this.active = inputs.find(({ key }) => key === active)?.number ?? 0;
    this.preview = inputs.find(({ key }) => key === preview)?.number ?? 0;
  }

  add(given: Partial<Input>, sounds = false): Input {
    const place = this.inputs.length + 1;
    const made = makeInput(place, given, sounds, this.profile.soloPfl);
    // a key that was used for an input that has gone stays its own
    if (this.inputs.some(({ key }) => key === made.key))
      made.key = makeInput(place + 10_000, {}, false, false).key;
    this.inputs.push(made);
    return made;
  }

  /** Another run of vMix: nothing runs. What was set stays in its settings and preset. */
  reset(): void {
    this.channels.reset();
    this.streamed.before = false;
    this.recording.reset();
    for (const name of Object.keys(this.flags) as Flag[]) this.flags[name] = false;
    for (const one of this.outputs) one.srt = false;
    for (const one of this.overlays) one.inputNumber = null;
  }

  soon(afterMs: number, work: () => void): void {
    if (afterMs <= 0) work();
    else this.clock.after(afterMs, work);
  }

  private numbered(number: number): Input | null {
    return this.inputs.find((one) => one.number === number) ?? null;
  }

  private tellInput(activator: string, from: number, to: number): void {
    if (from > 0) this.listeners.activator(`${activator} ${from} 0`);
    if (to > 0) this.listeners.activator(`${activator} ${to} 1`);
  }

  /** The event says that something streams, and not which channel. */
  private tellStreaming(): void {
    const on = this.channels.live.length > 0;
    if (on !== this.streamed.before) this.listeners.activator(`Streaming ${on ? 1 : 0}`);
    this.streamed.before = on;
  }
}

function makeInputs(wanted: VmixSimulatorOptions['inputs'], pfl: boolean): Input[] {
  if (wanted === undefined) return smallShow(pfl);
  const titles =
    typeof wanted === 'number' ? Array.from({ length: wanted }, (_, at) => `Camera ${at + 1}`) : wanted;
  return titles.map((title, at) =>
    makeInput(at + 1, { type: 'Capture', title, state: 'Running' }, true, pfl),
  );
}

function output(type: string, number: number): Changeable<VmixOutput> {
  return {
    type,
    number,
    source: 'Output',
    inputNumber: null,
    mix: null,
    external: false,
    ndi: false,
    srt: false,
    omt: false,
  };
}

function bus(side: false | null): Changeable<VmixBus> {
  return {
    volume: { amplitude: 100, fader: 100 },
    muted: false,
    meters: { left: 0, right: 0 },
    solo: side,
    sendToMaster: side,
  };
}
