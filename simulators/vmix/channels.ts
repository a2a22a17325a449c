import type { Cancel, Clock } from '../obs/clock';
import type { Faults, StreamOutcome } from './faults';
import type { ChannelState, ReceivedSettings } from './types';

/** A new connection to a server takes about this long. */
const CONNECT_MS = 1_500;
/** How long vMix tries a server that does not answer. */
const GIVE_UP_MS = 10_000;
/** A server that looks at the key only later lets a stream live this long. */
const DROP_MS = 2_000;

interface Channel {
  state: ChannelState;
  settings: ReceivedSettings;
  cancel: Cancel;
}

/**
 * The streaming channels: each off, connecting, then live or off again. Why one failed shows nowhere, as in vMix, which opens a
 * dialog on its own screen.
 */
export class Channels {
  private readonly list: Channel[];

  constructor(
    count: number,
    private readonly clock: Clock,
    private readonly faults: Faults,
    private readonly changed: () => void,
    configured: readonly number[],
  ) {
    this.list = Array.from({ length: count }, (_, index) => ({
      state: 'off',
      settings: {
        url: configured.includes(index + 1) ? 'rtmp://rehearsal.invalid/live' : '',
        key: '',
        userName: '',
        password: '',
      },
      cancel: () => undefined,
    }));
  }

  get count(): number {
    return this.list.length;
  }

  state(channel: number): ChannelState {
    return this.list[channel - 1]?.state ?? 'off';
  }

  settings(channel: number): ReceivedSettings {
    const found = this.list[channel - 1];
    if (!found) throw new RangeError(`there is no channel ${channel}`);
    return found.settings;
  }

  get live(): number[] {
    return this.list.flatMap(({ state }, index) => (state === 'live' ? [index + 1] : []));
  }

  /** `value` as the function has it: from 0, blank for every channel that has a destination. */
  start(value: string): void {
    for (const channel of this.chosen(value)) this.begin(channel);
  }

  stop(value: string): void {
    for (const channel of this.chosen(value)) this.end(channel);
  }

  toggle(value: string): void {
    for (const channel of this.chosen(value)) {
      if (this.state(channel) === 'off') this.begin(channel);
      else this.end(channel);
    }
  }

  /** Without a number at its start, a setting goes to the first channel. */
  set(what: keyof ReceivedSettings, value: string): void {
    const [, number = '0', text = value] = /^\s*(\d+)\s*,([^]*)$/.exec(value) ?? [];
    const channel = this.list[Number(number)];
    if (channel) channel.settings[what] = text;
  }

  /** The stream ends as if its server had gone, or the operator stopped it: vMix shows both alike. */
  end(channel: number): void {
    const found = this.list[channel - 1];
    if (!found) return;
    found.cancel();
    const was = found.state;
    found.state = 'off';
    if (was === 'live') this.changed();
  }

  reset(): void {
    for (const channel of this.list) {
      channel.cancel();
      channel.state = 'off';
    }
  }

  private chosen(value: string): number[] {
    if (value.trim() === '') return this.list.flatMap(({ settings }, at) => (settings.url ? [at + 1] : []));
    return /^\s*\d+\s*$/.test(value) && this.list[Number(value)] ? [Number(value) + 1] : [];
  }

  private begin(channel: number): void {
    const found = this.list[channel - 1];
    if (!found || found.state !== 'off' || found.settings.url === '') return;
    const outcome = this.faults.streamOutcome ?? outcomeOf(found.settings);
    found.state = 'connecting';
    const after = outcome === 'refuse' ? CONNECT_MS / 2 : outcome === 'hang' ? GIVE_UP_MS : CONNECT_MS;
    found.cancel = this.clock.after(after, () => {
      const lives = outcome === 'live' || outcome === 'drop';
      found.state = lives ? 'live' : 'off';
      if (!lives) return;
      this.changed();
      if (outcome === 'drop') found.cancel = this.clock.after(DROP_MS, () => this.end(channel));
    });
  }
}

/** The address decides, so that a rehearsal can fail. */
function outcomeOf({ url, key }: ReceivedSettings): StreamOutcome {
  if (/^[a-z]+:\/\/refused\.invalid\b/i.test(url)) return 'refuse';
  if (/^[a-z]+:\/\/hang\.invalid\b/i.test(url)) return 'hang';
  if (/^(wrong|denied)$/i.test(key)) return 'drop';
  return 'live';
}
