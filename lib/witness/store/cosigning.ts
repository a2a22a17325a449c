import { pause } from '../../connection/deadline';
import { asLiveError } from '../../errors';
import { mergeCosignatures } from '../cosign/cosignature';
import type { CosignerClient } from '../cosign/types';
import type { Signed } from './notes';
import type { CheckpointTold, CosignerState } from './options';

/** Gives the proof that the tree of `size` begins with the one of `before`. */
export type Proof = (before: number, size: number) => Promise<Buffer[]>;

/** Asks the cosigners, and remembers how each of them answered last. */
export class Cosigning {
  private readonly states: CosignerState[];
  private readonly stopped = new AbortController();
  private readonly asking = new Set<Promise<unknown>>();

  constructor(
    private readonly clients: readonly CosignerClient[],
    private readonly waitMs: number,
    private readonly onChange: () => void,
  ) {
    this.states = clients.map(({ name }) => ({ name, ok: null, reason: null }));
  }

  get list(): CosignerState[] {
    return this.states.map((state) => ({ ...state }));
  }

  /** Whether somebody has been asked and not answered yet. */
  get busy(): boolean {
    return this.asking.size > 0;
  }

  /** Have a checkpoint countersigned by whoever answers in time. Never rejects. */
  async ask({ note, size }: Signed, proof: Proof): Promise<CheckpointTold> {
    const told: CheckpointTold = { note, size, cosignedBy: [], missing: [] };
    if (this.clients.length === 0) return told;
    const late = AbortSignal.any([this.stopped.signal, AbortSignal.timeout(this.waitMs)]);
    const asked = Promise.all(this.clients.map((client, at) => this.askOne(client, at, told, proof, late)));
    this.asking.add(asked);
    await asked;
    this.asking.delete(asked);
    this.onChange();
    return told;
  }

  /** Resolves when all that were asked have answered, or after `ms`: then they are waited for no longer. */
  async settled(ms: number): Promise<void> {
    await Promise.race([Promise.all(this.asking), pause(ms)]);
    this.stop();
  }

  /** Wait for nobody any longer. */
  stop(): void {
    this.stopped.abort();
  }

  private async askOne(
    client: CosignerClient,
    at: number,
    told: CheckpointTold,
    proof: Proof,
    signal: AbortSignal,
  ): Promise<void> {
    const { note, size } = told;
    const { name } = client;
    try {
      const work = client.cosign(note, size, (before) => proof(before, size), signal);
      // one that keeps no deadline is not waited for either
      const lines = await Promise.race([work, pause(this.waitMs, signal)]);
      if (lines === undefined) throw new Error('no answer in time');
      told.note = mergeCosignatures(told.note, lines);
      told.cosignedBy.push(name);
      this.states[at] = { name, ok: true, reason: null };
    } catch (error) {
      told.missing.push(name);
      if (!this.stopped.signal.aborted) this.states[at] = { name, ok: false, reason: reason(error) };
    }
  }
}

function reason(error: unknown): string {
  const { code, message, details } = asLiveError(error);
  return code === 'INTERNAL' ? String(details.reason) : message;
}
