import { setTimeout as sleep } from 'node:timers/promises';
import { now } from '../connection/clock';
import { asLiveError, fail } from '../errors';
import { redactText } from '../secrets';
import { publisherOf, type ReceivedStream } from './receiver';
import type { MediaServerClient } from './types';

/** How often the server is asked while somebody waits, in milliseconds. */
const LOOK_MS = 500;

/** Whether the server gets a stream; null: it could not be asked, `reason` says why. */
export type Received = { confirmed: true } | { confirmed: null; reason: string };

/**
 * Waits until a media server gets a stream: it has it, and what it got of it grew. `goesOn` false ends the wait.
 * @throws LiveError STREAM_NOT_RECEIVED: the server answers, and does not get it within `withinMs`
 */
export async function awaitReceived(
  client: MediaServerClient,
  stream: ReceivedStream,
  {
    withinMs,
    goesOn = () => true,
    lookMs = LOOK_MS,
  }: { withinMs: number; goesOn?: () => boolean; lookMs?: number },
): Promise<Received> {
  const untilMs = now() + withinMs;
  let before = null as { clientId: string | null; bytes: number | null } | null;
  let fault: string | null = null;
  for (;;) {
    try {
      const found = publisherOf(await client.list(lookMs / 2), stream);
      fault = null;
      const bytes = found?.bytesIn ?? null;
      // a server that does not count has it twice; what another connection sent does not count
      const grew = before !== null && (bytes === null || before.bytes === null || bytes > before.bytes);
      if (found && grew && before?.clientId === found.clientId) return { confirmed: true };
      if (!found) before = null;
      else if (before?.clientId !== found.clientId) before = { clientId: found.clientId, bytes };
    } catch (error) {
      fault = redactText(asLiveError(error).message);
    }
    if (!goesOn())
      return { confirmed: null, reason: 'the stream ended before the media server was seen to get it' };
    if (now() >= untilMs) break;
    await sleep(lookMs);
  }
  if (fault !== null) return { confirmed: null, reason: fault };
  throw fail('STREAM_NOT_RECEIVED', {
    stream: `${stream.app}/${stream.stream}`,
    seconds: Math.round(withinMs / 1000),
  });
}
