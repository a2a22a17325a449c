import { now } from '../connection/clock';
import { fail, LiveError } from '../errors';
import type { StoppedStream } from '../production/application';
import type { EventHub } from '../production/event-hub';
import type { VmixClient } from './client';
import { isUnanswered } from './faults';
import { streamValue } from './functions/numbers';
import { finalOf, type StreamBook } from './stream-book';
import { joined, type StreamDesk } from './stream-desk';
import type { Looks } from './stream-looks';
import { tellStream, type ToldStreams } from './stream-told';
import { streamThing } from './things';

/** What the actions on streams work with. */
export interface StreamParts {
  readonly client: VmixClient;
  readonly looks: Looks;
  readonly desk: StreamDesk;
  readonly book: StreamBook;
  readonly told: ToldStreams;
  readonly hub: EventHub;
}

/** Somebody may have started it in the same moment; a stop is no toggle. */
const AGAIN_MS = 5_000;
const STOP_MS = 15_000;
/** A channel whose start was called off is watched this long: vMix may have been on its way to the server. */
const STAYS_OFF_MS = 2_000;
const ACTION = 'the stop of the stream';

/**
 * Stop one channel and wait until it is off; two at once are one. A start of it that is under way ends first, as cancelled;
 * `begun`: one that is over already may still show. Rejects with STREAM_STOP_TIMEOUT, VMIX_CHANNEL_UNNAMED, or what the connection says.
 */
export async function stopChannel(
  parts: StreamParts,
  channel: number,
  begun = false,
): Promise<StoppedStream> {
  const starting = parts.desk.starting.get(channel);
  starting?.cancelling.abort();
  // one that has not reached vMix yet would otherwise go live after we said that nothing runs
  await starting?.result.catch(() => undefined);
  return endChannel(parts, channel, begun || starting?.begun === true);
}

/** The same, for whoever has seen to a start under way; `begun`: one was sent, and may show later. */
export function endChannel(parts: StreamParts, channel: number, begun = false): Promise<StoppedStream> {
  const { stopping } = parts.desk;
  const present = stopping.get(channel);
  if (present) return joined(present, parts.client, () => endChannel(parts, channel, true));
  const over = () => parts.desk.over('stopping', channel, performance.now());
  const result = run(parts, channel, begun).finally(over);
  stopping.set(channel, { owner: parts.client, result });
  return result;
}

async function run(parts: StreamParts, channel: number, begun: boolean): Promise<StoppedStream> {
  const { client, looks, book } = parts;
  const output = streamThing(channel);
  const shown = client.state?.streaming.channels[channel];
  // what shows on is stopped at once; what shows off may have come on since
  const on = shown === true ? true : (await looks.now(ACTION)).streaming.channels[channel];
  if (on === false && !begun) return { output, state: 'idle', wasRunning: false, final: null };
  await sendStop(parts, channel);
  if (begun && on === false) {
    await staysOff(parts, channel);
    tellStream(parts, 'stream_stopped', channel, { expected: true, previous: 'starting', state: 'idle' });
    return { output, state: 'idle', wasRunning: false, final: null };
  }
  const ended = book.lastEnd(channel);
  const { final, unknown } = finalOf(ended?.startedAtMs ?? null, ended?.endedAtMs ?? 0);
  return { output, state: 'idle', wasRunning: true, final, unknown };
}

/** Sent with the channel's own number, and again while it is seen to stay on; resolves when the channel is off. */
async function sendStop({ client, looks, book, desk }: StreamParts, channel: number): Promise<void> {
  desk.noteStop(channel, now());
  let waits = true;
  let sentAtMs = now();
  let unanswered: LiveError | null = null;
  const unless = () => {
    if (!waits) throw fail('VMIX_CLOSED', { action: ACTION });
  };
  const send = () =>
    client.call({ name: 'StopStreaming', value: streamValue(channel) }, { priority: 'stop', unless });
  await send().catch((error: unknown) => {
    if (!isUnanswered(error)) throw error;
    unanswered = error;
  });
  const again: Promise<void>[] = [];
  const off = await looks
    .until<boolean>(
      ({ streaming }) => {
        const on = streaming.channels[channel];
        if (on === false || streaming.on === false) return true;
        // one that nobody can see may be off, and be wanted on by now
        if (on === true && now() - sentAtMs >= AGAIN_MS) {
          sentAtMs = now();
          again.push(send().catch(() => undefined));
        }
        return undefined;
      },
      STOP_MS,
      ACTION,
      { late: () => false },
    )
    .finally(() => (waits = false));
  if (off) {
    // one under way must not end what is started next
    await Promise.all(again);
    return;
  }
  if (book.isUnnamed) throw unnamed(client, `whether channel ${channel} has stopped`);
  const details = { application: 'vMix', seconds: STOP_MS / 1000, state: book.stateOf(channel) };
  throw unanswered ?? fail('STREAM_STOP_TIMEOUT', details);
}

/** A start that was called off could still come on; then it is stopped once more. */
async function staysOff(parts: StreamParts, channel: number): Promise<void> {
  const came = await parts.looks.until(
    ({ streaming }) => (streaming.channels[channel] === true ? true : undefined),
    STAYS_OFF_MS,
    ACTION,
    { late: () => false },
  );
  if (came) await sendStop(parts, channel);
}

/** An old vMix that does not name its channels. */
export function unnamed({ state }: VmixClient, action: string): LiveError {
  return fail('VMIX_CHANNEL_UNNAMED', { version: state?.version.text ?? '', action });
}
