import { Emitter } from '../connection/emitter';
import type { Release } from '../production/application';
import type { RawEvents } from '../production/raw-events';
import type { VmixClient } from './client';

/** The name under which the tally of all inputs is told. */
export const TALLY_EVENT = 'Tally';

/** The events of the TCP port by their own names; upper and lower case are one. Without that port there are none. */
export class VmixRawEvents implements RawEvents {
  private readonly listeners = new Map<string, Emitter<Record<string, unknown>>>();
  private readonly release: Release;

  constructor(
    client: VmixClient,
    private readonly complain: (error: unknown) => void,
  ) {
    this.release = client.onHint((hint) => {
      if (hint.kind === 'tally') this.tell(TALLY_EVENT, { inputs: [...hint.inputs] });
      else this.tell(hint.name, { name: hint.name, input: hint.input, value: hint.value });
    });
  }

  on(name: string, listener: (data: Record<string, unknown>) => void): Release {
    const key = name.toLowerCase();
    const listeners = this.listeners.get(key) ?? new Emitter<Record<string, unknown>>(this.complain);
    this.listeners.set(key, listeners);
    return listeners.add(listener);
  }

  close(): void {
    this.release();
    for (const listeners of this.listeners.values()) listeners.clear();
    this.listeners.clear();
  }

  private tell(name: string, data: Record<string, unknown>): void {
    this.listeners.get(name.toLowerCase())?.tell(data);
  }
}
