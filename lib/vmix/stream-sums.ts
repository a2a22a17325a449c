import type { StartedStream, StoppedStream, StreamStarted, StreamStopped } from '../production/application';

const SEVERAL = 'the streams differ, each one is in streams';

/** Several streams as one: what they do not have in common is null. */
export function together(streams: readonly StartedStream[]): StreamStarted {
  const common = <T>(pick: (stream: StartedStream) => T): T | null => {
    const values = new Set(streams.map(pick));
    return values.size === 1 ? [...values][0]! : null;
  };
  const unknown: Record<string, string> = { ...streams[0]!.unknown };
  for (const name of ['target', 'service', 'server', 'startedAt'] as const) {
    if (new Set(streams.map((stream) => stream[name])).size > 1) unknown[name] = SEVERAL;
  }
  return {
    state: 'live',
    target: common(({ target }) => target),
    service: common(({ service }) => service),
    server: common(({ server }) => server),
    startedAt: common(({ startedAt }) => startedAt),
    confirmed: streams.every(({ confirmed }) => confirmed),
    bitrateKbps: null,
    alreadyRunning: streams.every(({ alreadyRunning }) => alreadyRunning),
    unknown,
    streams: [...streams],
  };
}

/** The same of streams that were stopped. */
export function stoppedTogether(streams: readonly StoppedStream[]): StreamStopped {
  const stopped = streams.filter(({ wasRunning }) => wasRunning);
  const one = stopped.length === 1 ? stopped[0] : undefined;
  return {
    state: 'idle',
    wasRunning: stopped.length > 0,
    final: one?.final ?? null,
    ...(one?.unknown ? { unknown: one.unknown } : {}),
    ...(stopped.length > 1 ? { unknown: { final: SEVERAL } } : {}),
    streams: [...streams],
  };
}
