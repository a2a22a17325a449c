import type { ConnectionState } from '../lib/production/application';
import type { Node } from './types';

type Fill = 'red' | 'green' | 'yellow' | 'blue' | 'grey';
type Shape = 'ring' | 'dot';

/** Every badge there is: colour, shape and text, under 20 characters with `sim ` in front. */
export const BADGES = {
  connecting: { fill: 'yellow', shape: 'ring', text: 'connecting' },
  waiting: { fill: 'yellow', shape: 'ring', text: 'waiting' },
  ready: { fill: 'green', shape: 'ring', text: 'ready' },
  busy: { fill: 'blue', shape: 'dot', text: 'busy' },
  /** the step that something with several of them is in */
  step: { fill: 'blue', shape: 'dot', text: '{step}' },
  live: { fill: 'green', shape: 'dot', text: 'live' },
  recording: { fill: 'green', shape: 'dot', text: 'recording' },
  /** entries of a witness log, and the same while something is missing */
  entries: { fill: 'green', shape: 'dot', text: '{count} entries' },
  entriesUnseen: { fill: 'yellow', shape: 'dot', text: '{count} entries' },
  /** a guest queue: how many wait behind the one on air, and what else it can be in */
  liveBefore: { fill: 'green', shape: 'dot', text: 'live +{count}' },
  switching: { fill: 'blue', shape: 'dot', text: 'switching' },
  dropped: { fill: 'yellow', shape: 'dot', text: 'dropped' },
  onHold: { fill: 'yellow', shape: 'ring', text: 'on hold' },
  /** another node gives the orders of its queue; nobody does */
  second: { fill: 'yellow', shape: 'ring', text: 'not in charge' },
  unheard: { fill: 'yellow', shape: 'ring', text: 'nobody switches' },
  paused: { fill: 'yellow', shape: 'dot', text: 'paused' },
  reconnecting: { fill: 'yellow', shape: 'dot', text: 'reconnecting' },
  prepared: { fill: 'green', shape: 'ring', text: 'prepared' },
  stalled: { fill: 'yellow', shape: 'dot', text: 'stalled' },
  ended: { fill: 'yellow', shape: 'dot', text: 'ended' },
  degraded: { fill: 'yellow', shape: 'dot', text: 'degraded' },
  critical: { fill: 'red', shape: 'dot', text: 'critical' },
  unknown: { fill: 'grey', shape: 'ring', text: 'unknown' },
  disconnected: { fill: 'red', shape: 'ring', text: 'disconnected' },
  refused: { fill: 'red', shape: 'ring', text: 'refused' },
  /** no pictures can be taken: the program that decodes them is missing */
  noFfmpeg: { fill: 'red', shape: 'ring', text: 'no ffmpeg' },
  failed: { fill: 'red', shape: 'dot', text: 'failed' },
  misconfigured: { fill: 'red', shape: 'ring', text: 'misconfigured' },
} as const satisfies Record<string, { fill: Fill; shape: Shape; text: string }>;

export type BadgeName = keyof typeof BADGES;

const OF_CONNECTION: Record<ConnectionState, BadgeName> = {
  connecting: 'connecting',
  waiting: 'waiting',
  ready: 'ready',
  disconnected: 'disconnected',
  refused: 'refused',
  misconfigured: 'misconfigured',
  closed: 'disconnected',
};

/** The badge of one node: its connection below, what it shows when connected above, and its own work on top. */
export class Badge {
  simulated = false;
  private connection: BadgeName | null = null;
  private state: BadgeName | null = null;
  private working = 0;
  private step: string | null = null;
  private hasFailed = false;
  private isWrong = false;
  private count = 0;
  private shown = '';

  constructor(private readonly node: Node) {}

  /** Where the connection stands; a change of it takes an old failure off. */
  connectionIs(state: ConnectionState): void {
    const badge = OF_CONNECTION[state];
    if (badge !== this.connection) this.hasFailed = false;
    this.connection = badge;
    this.show();
  }

  /** Where the connection stands, and what the node shows while connected and idle: `live`, `recording`; null for plain `ready`. */
  standsAt(connection: ConnectionState, state: BadgeName | null): void {
    const badge = OF_CONNECTION[connection];
    if (badge !== this.connection || state !== this.state) this.hasFailed = false;
    this.connection = badge;
    this.state = state;
    this.show();
  }

  /** What the node shows while connected and idle; null for plain `ready`. `count` stands in its text, where that has a place for it. */
  restsAt(state: BadgeName | null, count = 0): void {
    this.state = state;
    this.count = count;
    this.show();
  }

  /** Where a witness log stands; a change of it takes an old failure off. */
  logIs(state: 'opening' | 'open' | 'failed' | 'closed'): void {
    const badge = ({ opening: 'waiting', open: 'ready', failed: 'failed', closed: 'disconnected' } as const)[
      state
    ];
    if (badge !== this.connection) this.hasFailed = false;
    this.connection = badge;
    this.show();
  }

  /** A message is being worked on, until the returned function hears how it went. */
  begin(): (failed: boolean) => void {
    this.working++;
    this.show();
    return (failed) => {
      this.working--;
      if (this.working === 0) this.step = null;
      this.hasFailed = failed;
      this.show();
    };
  }

  /** Which step the work is in, in one word of a closed list; until the work ends. */
  stepIs(step: string): void {
    this.step = step;
    this.show();
  }

  /** The dialog makes no sense: nothing but another deploy changes that. */
  misconfigured(): void {
    this.isWrong = true;
    this.show();
  }

  private show(): void {
    const name = this.present();
    if (!name) return;
    const { fill, shape, text: pattern } = BADGES[name];
    const text = pattern.replace('{step}', this.step ?? '').replace('{count}', String(this.count));
    const shown = this.simulated ? `sim ${text}` : text;
    if (shown === this.shown) return;
    this.shown = shown;
    this.node.status({ fill, shape, text: shown });
  }

  private present(): BadgeName | null {
    if (this.working > 0) return this.step === null ? 'busy' : 'step';
    if (this.isWrong) return 'misconfigured';
    if (this.connection !== null && this.connection !== 'ready') return this.connection;
    if (this.hasFailed) return 'failed';
    return this.state ?? this.connection;
  }
}
