import type { Fact } from './facts';
import { iso } from './marks';
import type { Outages } from './outages';
import { SessionBook, type Draft } from './sessions';
import type { WrittenFile } from './types';
import { textOf } from './values';

/** Follows the virtual camera, the replay buffer and whatever else an application can switch on. */
export class OutputBook {
  readonly replays: { connection: string; file: Omit<WrittenFile, 'connection'> }[] = [];
  private readonly book: SessionBook<Draft>;

  constructor(outages: Outages) {
    this.book = new SessionBook('output', outages, () => ({}));
  }

  get all(): readonly Draft[] {
    return this.book.all;
  }

  take(fact: Fact): void {
    switch (fact.event) {
      case 'virtualcam_started':
      case 'output_started':
        this.book.begin(named(fact), null);
        return;
      case 'virtualcam_stopped':
      case 'output_stopped':
        this.book.end(named(fact), null);
        return;
      case 'replay_saved':
        return this.saved(fact);
    }
  }

  stopAll(fact: Fact, outputs: ReadonlySet<string>): void {
    this.book.stopAll(fact, outputs);
  }

  finish(untilMs: (connection: string) => number): void {
    this.book.finish(untilMs);
  }

  private saved({ connection, payload, atMs }: Fact): void {
    const path = textOf(payload.path);
    if (path === null || this.replays.some((one) => one.file.path === path && one.connection === connection))
      return;
    const file = {
      kind: 'replay' as const,
      path,
      format: /\.(\w{2,5})$/.exec(path)?.[1] ?? null,
      finished: true,
      at: iso(atMs),
      durationMs: null,
      sizeBytes: null,
      reason: 'the application does not tell it',
    };
    this.replays.push({ connection, file });
  }
}

/** The output, also where only the payload or the event says which. */
function named(fact: Fact): Fact {
  const output =
    fact.output ??
    textOf(fact.payload.output) ??
    textOf(fact.payload.name) ??
    (fact.event?.startsWith('virtualcam') ? 'virtualcam' : null);
  return { ...fact, output };
}
