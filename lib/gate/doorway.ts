import { withDeadline } from '../connection/deadline';
import { fail } from '../errors';
import type { Hook } from '../media-servers/types';
import type { Release } from '../production/application';
import { gateMemory } from './gate';
import type { Rules, Ruling } from './types';

/** A deploy has so long to bring the next gate. */
const GAP_MS = 800;
/** More do not wait for a deploy. */
const MOST_WAITING = 500;
const LATE = 'an admission did not end in its time';

/**
 * The place of one gate, whoever asks there. It stays over a deploy: a hook that comes while no gate stands waits for the next one, and
 * one that a gate had not decided about yet goes to the next as well.
 */
export class Doorway {
  readonly memory = gateMemory();
  private gate: Rules | null = null;
  private playsFreely = true;
  private readonly waiting = new Set<() => void>();
  private closed = false;

  constructor(private readonly onError: (error: unknown) => void) {}

  /** The gate that stands there now. */
  get present(): Rules | null {
    return this.gate;
  }

  /** Decide about every hook from now on. Throws GATE_TAKEN while another does. */
  attach(gate: Rules): Release {
    if (this.gate) throw fail('GATE_TAKEN');
    this.gate = gate;
    this.playsFreely = gate.playsFreely;
    for (const go of [...this.waiting]) go();
    return () => {
      if (this.gate === gate) this.gate = null;
    };
  }

  close(): void {
    this.closed = true;
    this.gate = null;
    for (const go of [...this.waiting]) go();
  }

  /** What becomes of a hook, by `untilMs` of `performance.now()`. Never rejects. */
  async rule(hook: Hook, untilMs: number, isGone: () => boolean): Promise<Ruling> {
    for (;;) {
      const leftMs = untilMs - performance.now();
      const gate = this.gate ?? (await this.nextGate(Math.min(GAP_MS, leftMs)));
      if (!gate) return this.withoutGate(hook);
      try {
        const ruling = gate.rule(hook, leftMs, isGone);
        if (!(ruling instanceof Promise)) return ruling;
        const decided = await withDeadline(ruling, leftMs, () => fail('INTERNAL', { reason: LATE }));
        if (decided !== 'moved') return decided;
      } catch (error) {
        this.onError(error);
        return this.withoutGate(hook);
      }
    }
  }

  /** Nobody is let in whom nobody has looked at, and nobody is cut off; a list of who is there shows later what was missed. */
  private withoutGate({ action }: Hook): Ruling {
    const isDenied = action === 'publish' || (action === 'play' && !this.playsFreely);
    return { decision: isDenied ? { allow: false, reason: 'denied' } : { allow: true } };
  }

  private nextGate(ms: number): Promise<Rules | null> {
    if (this.closed || ms <= 0 || this.waiting.size >= MOST_WAITING) return Promise.resolve(this.gate);
    return new Promise((resolve) => {
      const go = () => {
        clearTimeout(timer);
        this.waiting.delete(go);
        resolve(this.gate);
      };
      const timer = setTimeout(go, ms);
      timer.unref();
      this.waiting.add(go);
    });
  }
}
