import { Emitter } from '../connection/emitter';
import { fail } from '../errors';
import type { Release } from '../production/application';
import type { RawEvents } from '../production/raw-events';
import { ACTIVATOR_NAMES, TALLY_EVENT, type Hint } from './activators';
import type { VmixClient } from './client';
import { similarTo } from './similar';

interface Told {
  data: Record<string, unknown>;
  name: string;
}

/** Every name that an event is known to have. */
const NAMES = [...ACTIVATOR_NAMES, TALLY_EVENT];
const KNOWN = new Set(NAMES.map((name) => name.toLowerCase()));

/**
 * The events of the TCP port by their own names; upper and lower case are one. Without that port there are none. The tally is told
 * when it changes: what a connection begins with is no event.
 */
export class VmixRawEvents implements RawEvents {
  private readonly listeners = new Map<string, Emitter<Told>>();
  private readonly release: Release;
  private tally: string | null = null;

  constructor(
    private readonly client: VmixClient,
    private readonly complain: (error: unknown) => void,
  ) {
    this.release = client.onHint((hint) => this.onHint(hint));
  }

  on(name: string, listener: (data: Record<string, unknown>, told: string) => void): Release {
    const key = name.toLowerCase();
    const listeners = this.listeners.get(key) ?? new Emitter<Told>(this.complain);
    this.listeners.set(key, listeners);
    return listeners.add(({ data, name: told }) => listener(data, told));
  }

  doubts(names: readonly string[]): string[] {
    const { tcp, where } = this.client;
    if (!tcp) return [fail('VMIX_NO_RAW_EVENTS', { where, names: names.join(', ') }).toString()];
    return names
      .filter((name) => !KNOWN.has(name.toLowerCase()))
      .map((name) => {
        const similar = similarTo(name, NAMES);
        const meant = similar.length > 0 ? ` Did you mean ${similar.join(' or ')}?` : '';
        return `no vMix we know tells an event "${name.slice(0, 64)}".${meant} It is listened for all the same.`;
      });
  }

  onDeaf(listener: (fault: Error | null) => void): Release {
    const { tcp, where } = this.client;
    if (!tcp) {
      listener(fail('VMIX_NO_RAW_EVENTS', { where, names: 'its events' }));
      return () => undefined;
    }
    listener(tcp.status.fault);
    return tcp.onStatus(({ fault }) => listener(fault));
  }

  close(): void {
    this.release();
    for (const listeners of this.listeners.values()) listeners.clear();
    this.listeners.clear();
  }

  private onHint(hint: Hint): void {
    if (hint.kind === 'activator') {
      const { name, input, value } = hint;
      return this.tell(name, () => ({ name, input, value }));
    }
    const [was, is] = [this.tally, hint.inputs.join()];
    this.tally = is;
    if (was !== null && was !== is) this.tell(TALLY_EVENT, () => ({ inputs: [...hint.inputs] }));
  }

  private tell(name: string, data: () => Record<string, unknown>): void {
    this.listeners.get(name.toLowerCase())?.tell({ data: data(), name });
  }
}
