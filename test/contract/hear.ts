// What scenarios keep of an application of ours: everything it told.
import assert from 'node:assert/strict';
import type { Application } from '../../lib/production/application';
import type { EventName, ProductionEvent } from '../../lib/production/vocabulary';
import { waitFor } from '../support';

export interface OpenOptions {
  /** false: not waited for */
  ready?: boolean;
  password?: string;
}

/** An application of ours, and what it told. */
export interface Heard<A extends Application> {
  readonly app: A;
  /** every event, in order */
  readonly events: readonly ProductionEvent[];
  readonly log: readonly string[];
  /** the names of the events from position `from` on, those of the connection left out */
  readonly names: (from?: number) => EventName[];
  /** the first such event at or after position `from` in `events` */
  readonly told: (
    event: EventName,
    options?: { from?: number; timeoutMs?: number },
  ) => Promise<ProductionEvent>;
  /** closes it and asserts that it took no longer than a deploy may */
  readonly closeQuickly: () => Promise<void>;
}

/** Keeps what an application of ours tells; connects it, and closes it with the scenario. A close may take `closeMs` at most. */
export async function hear<A extends Application & { start(): unknown; close(): Promise<void> }>(
  scenario: { cleanUp(action: () => unknown): void },
  make: (log: (level: string, text: string) => void) => A,
  options: OpenOptions,
  closeMs: number,
): Promise<Heard<A>> {
  const events: ProductionEvent[] = [];
  const log: string[] = [];
  const app = make((level, text) => log.push(`${level}: ${text}`));
  app.events.onEvent((event) => events.push(event));
  scenario.cleanUp(() => app.close());
  app.start();
  if (options.ready !== false) await app.whenReady(30_000);
  return {
    app,
    events,
    log,
    names: (from = 0) =>
      events
        .slice(from)
        .map(({ event }) => event)
        .filter((event) => !/^(obs|vmix)_(dis)?connected$/.test(event)),
    told: (event, { from = 0, timeoutMs = 30_000 } = {}) =>
      waitFor(() => events.slice(from).find((one) => one.event === event), {
        timeoutMs,
        message: () =>
          `${event}; told: ${events
            .slice(from)
            .map((one) => one.event)
            .join(', ')}`,
      }),
    async closeQuickly() {
      const began = performance.now();
      await app.close();
      const tookMs = performance.now() - began;
      assert.ok(tookMs < closeMs, `the close took ${Math.round(tookMs)} ms`);
    },
  };
}
