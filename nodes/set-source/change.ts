import {
  InOrder,
  kindOf,
  actionFrom,
  choiceField,
  numberField,
  resolveEnv,
  typedText,
  typedValue,
} from '../../red/typed-inputs';
import type { ActionDef, Message, Node, NodeAPI } from '../../red/types';
import { fail } from '../../lib/errors';
import type { MediaAction, MonitoringMode, SourceAspect, SourceChange } from '../../lib/production/sources';

export interface SetSourceDef extends ActionDef {
  what: SourceAspect;
  source: string;
  sourceType: string;
  scene: string;
  sceneType: string;
  filter: string;
  filterType: string;
  field: string;
  overlay: string;
  text: string;
  textType: string;
  file: string;
  fileType: string;
  state: 'on' | 'off' | 'message';
  db: string;
  dbType: string;
  rampMs: string;
  monitoring: MonitoringMode | 'message';
  media: MediaAction | 'message';
}

const ASPECTS = [
  'visible',
  'text',
  'image',
  'mute',
  'volume',
  'monitoring',
  'media',
  'filter',
  'overlay',
] as const;
const MODES = ['none', 'monitor-only', 'monitor-and-output'] as const;
const ACTIONS = ['play', 'pause', 'restart', 'stop'] as const;

/** What stands for on and off in a message, beside the words that only one aspect has. */
const WORDS: Record<string, readonly [on: string, off: string]> = {
  visible: ['show', 'hide'],
  mute: ['mute', 'unmute'],
  filter: ['enable', 'disable'],
  overlay: ['in', 'out'],
};

/** An hour: nobody fades longer by hand. */
const LONGEST_RAMP_MS = 3_600_000;

/** Whether a payload means on or off. Anything that is not plainly one of them is INPUT_INVALID. */
export function onOff(payload: unknown, what: string): boolean {
  const [on, off] = WORDS[what] ?? ['on', 'off'];
  const word = typeof payload === 'string' ? payload.trim().toLowerCase() : payload;
  if (word === true || word === 1 || word === 'on' || word === 'true' || word === '1' || word === on)
    return true;
  if (word === false || word === 0 || word === 'off' || word === 'false' || word === '0' || word === off)
    return false;
  const said = typeof payload === 'string' || typeof payload === 'number' ? `"${payload}"` : kindOf(payload);
  throw fail('INPUT_INVALID', {
    field: 'payload',
    reason: `it must be on, off, true, false, 1, 0, ${on} or ${off}, not ${said}`,
  });
}

/** Reads what a message changes, by the dialog of its node. Rejects with INPUT_INVALID, ACTION_UNKNOWN and CONFIG_INVALID. */
export class ChangeReader {
  private readonly order = new InOrder();

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
    private readonly config: SetSourceDef,
  ) {}

  read(msg: Message): Promise<SourceChange> {
    return this.order.run(() => this.change(msg));
  }

  private async change(msg: Message): Promise<SourceChange> {
    const { config } = this;
    const what = choiceField('what', config.what, ASPECTS);
    const source = await this.name('source', msg);
    const on = () =>
      config.state === 'message'
        ? onOff(msg.payload, what)
        : choiceField('state', config.state, ['on', 'off']) === 'on';
    switch (what) {
      case 'visible':
        return { what, source, scene: await this.typed('scene', msg), on: on() };
      case 'text':
        return { what, source, text: await this.text(msg), field: this.fieldName() };
      case 'image': {
        const file = await this.name('file', msg);
        return { what, source, file, field: this.fieldName() };
      }
      case 'mute':
        return { what, source, on: on() };
      case 'volume': {
        const { RED, node } = this;
        const rampMs = numberField(RED, node, 'ramp', config.rampMs, 0, 0, LONGEST_RAMP_MS);
        return { what, source, db: await this.volume(msg), rampMs };
      }
      case 'monitoring':
        return {
          what,
          source,
          mode:
            config.monitoring === 'message'
              ? actionFrom(msg, MODES)
              : choiceField('monitoring', config.monitoring, MODES),
        };
      case 'media':
        return {
          what,
          source,
          action:
            config.media === 'message'
              ? actionFrom(msg, ACTIONS)
              : choiceField('media', config.media, ACTIONS),
        };
      case 'filter':
        return { what, source, filter: await this.name('filter', msg), on: on() };
      case 'overlay': {
        const overlay = numberField(this.RED, this.node, 'overlay', config.overlay, 1, 1, 8);
        return { what, source, overlay, on: on() };
      }
    }
  }

  private typed(field: 'source' | 'scene' | 'filter' | 'file', msg: Message): Promise<string | null> {
    const { RED, node, config } = this;
    return typedText(RED, node, field, config[field], config[`${field}Type`], msg);
  }

  private async name(field: 'source' | 'filter' | 'file', msg: Message): Promise<string> {
    const found = await this.typed(field, msg);
    if (found === null) throw fail('INPUT_INVALID', { field, reason: 'it is empty' });
    return found;
  }

  /** A text may be empty, but not missing: a message without any would clear what is on air. */
  private async text(msg: Message): Promise<string> {
    const { RED, node, config } = this;
    const found = await typedValue(RED, node, 'text', config.text, config.textType, msg);
    if (typeof found === 'string') return found;
    if (typeof found === 'number' || typeof found === 'boolean') return String(found);
    const is = found === undefined || found === null ? 'missing' : 'no text';
    throw fail('INPUT_INVALID', { field: 'text', reason: `it is ${is}` });
  }

  private async volume(msg: Message): Promise<number> {
    const { RED, node, config } = this;
    const found = await typedValue(
      RED,
      node,
      'volume',
      config.db,
      config.dbType === 'num' ? 'str' : config.dbType,
      msg,
    );
    const db = typeof found === 'string' && found.trim() !== '' ? Number(found) : found;
    if (typeof db === 'number' && Number.isFinite(db)) return db;
    throw fail('INPUT_INVALID', { field: 'volume', reason: 'it is no number of dB' });
  }

  private fieldName(): string | null {
    return resolveEnv(this.RED, this.node, 'field', this.config.field) || null;
  }
}
