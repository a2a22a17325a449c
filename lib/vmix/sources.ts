import { fail } from '../errors';
import { SourceTurns } from '../production/source-turns';
import type { SourceAspect, SourceChange, SourceChanged, Sources } from '../production/sources';
import { redact } from '../secrets';
import type { VmixClient } from './client';
import { freshState } from './confirm';
import { resolveInput } from './inputs';
import { listFrom, type ListName } from './probe';
import { setMute, setVolume } from './source-sound';
import { controlMedia, setOverlay } from './source-show';
import { setField } from './source-titles';
import type { VmixInput, VmixState } from './state-types';

/** One change of one input: what was found, and how to go on. */
export interface InputChange {
  client: VmixClient;
  input: VmixInput;
  state: VmixState;
  /** aborts when a newer change is not to wait for this one */
  overtaken: AbortSignal;
}

/** What became of a change but for what is the same for all of them. */
export type Outcome = Omit<SourceChanged, 'source' | 'what'>;

const LIST_OF: Partial<Record<SourceAspect, ListName>> = {
  text: 'texts',
  image: 'images',
  mute: 'audio',
  volume: 'audio',
  media: 'playable',
  overlay: 'inputs',
};

/** What vMix has not, with what to do instead. */
const INSTEAD: Partial<Record<SourceAspect, readonly [action: string, advice: string]>> = {
  visible: ['sources in a scene', 'Put the input into an overlay, or on air with switch scene.'],
  monitoring: ['audio monitoring', 'Send AudioBusOn or SoloOn with vmix function.'],
  filter: ['filters', 'Send a function of an effect, such as Effect1On, with vmix function.'],
};

/** Changes of the inputs of a vMix, each confirmed from its document. */
export class VmixSources implements Sources {
  readonly aspects = Object.keys(LIST_OF) as SourceAspect[];
  private readonly turns = new SourceTurns();

  constructor(private readonly client: VmixClient) {}

  /**
   * Make a change and see it in the document. What is so already is not sent; equal ones at once join, others of the same thing come in order, and of
   * volumes the newest counts. Rejects with SOURCE_UNKNOWN, VMIX_INPUT_AMBIGUOUS, SOURCE_UNFIT, SOURCE_NOT_CONFIRMED, CAPABILITY_MISSING.
   */
  async set(change: SourceChange): Promise<SourceChanged> {
    const { what, source } = change;
    const instead = INSTEAD[what];
    if (instead)
      throw fail('CAPABILITY_MISSING', { application: 'vMix', action: instead[0], advice: instead[1] });
    const within = 'field' in change ? change.field : what === 'overlay' ? change.overlay : null;
    const newest = what === 'volume' ? () => fail('SOURCE_OVERTAKEN', { source }) : undefined;
    const changed = await this.turns.take(
      // an overlay has one place for all inputs
      JSON.stringify(what === 'overlay' ? [what, within] : [what, source, within]),
      JSON.stringify(change),
      (overtaken) => this.change(change, overtaken),
      newest,
    );
    // a title may hold the password of a call
    return redact(changed);
  }

  /** Inputs that have the aspect, as the dialogs name them. */
  async list(what: SourceAspect): Promise<string[]> {
    const list = LIST_OF[what];
    return list ? listFrom(await freshState(this.client), list).map(({ value }) => value) : [];
  }

  /** Fields of a title. */
  async listWithin(what: 'filter' | 'text' | 'image', source: string): Promise<string[]> {
    if (what === 'filter') return [];
    return listFrom(await freshState(this.client), `${what}Fields`, source).map(({ value }) => value);
  }

  private async change(change: SourceChange, overtaken: AbortSignal): Promise<SourceChanged> {
    const { client } = this;
    const state = await freshState(client);
    const input = resolveInput(state, change.source, 'SOURCE_UNKNOWN');
    const outcome = await this.work(change, { client, input, state, overtaken });
    const { title, key, number } = input;
    return { source: title, what: change.what, ...outcome, inputKey: key, inputNumber: number };
  }

  private work(change: SourceChange, on: InputChange): Promise<Outcome> {
    switch (change.what) {
      case 'text':
        return setField(on, 'texts', change.field, change.text);
      case 'image':
        return setField(on, 'images', change.field, change.file);
      case 'mute':
        return setMute(on, change.on);
      case 'volume':
        return setVolume(on, change.db, change.rampMs);
      case 'media':
        return controlMedia(on, change.action);
      case 'overlay':
        return setOverlay(on, change.overlay, change.on);
      default:
        return Promise.reject(fail('CAPABILITY_MISSING', { application: 'vMix', action: change.what }));
    }
  }
}
