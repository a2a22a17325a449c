import { now } from '../connection/clock';
import { pause, withDeadline } from '../connection/deadline';
import { fail } from '../errors';
import type { OutputReport } from '../production/application';
import { INTERIM_MS, StopAllIncomplete, StopReports } from '../production/stop-all';
import { redactText } from '../secrets';
import type { VmixClient } from './client';
import { outputValue, streamValue } from './functions/numbers';
import type { FunctionCall } from './functions/query';
import { srtOf } from './state';
import type { VmixState } from './state-types';
import { srtThing, streamThing, type Thing } from './things';

/** As long as a stop of a recording may take. */
const STOP_MS = 30_000;
/** One question to a vMix that hangs must not hold up the others. */
const ANSWER_MS = 3_000;
/** What still runs is told to stop again after this long: no stop here is a toggle. */
const AGAIN_MS = 5_000;
/** What was not accepted is sent again after this long. */
const RETRY_MS = 1_000;
/** A start shows nothing until it is live, and a stop ends it: so long nothing may show any more. */
const SETTLE_MS = 2_000;
const POLL_MS = 100;
const MOST_CHANNELS = 5;
/** The first version with functions for SRT. */
const SRT_SINCE = 24;
const NOBODY = new Set(['VMIX_REFUSED', 'VMIX_CONTAINER_LOOPBACK', 'VMIX_UNREACHABLE']);
const NOT_SHOWN = 'this version of vMix does not show whether it runs; the stop was sent and accepted';

export interface StopAllOptions {
  progress?: (reports: OutputReport[]) => void;
  /** how many streaming channels there are; null: as its version has */
  channels?: number | null;
}

interface Stoppable {
  name: Thing;
  stop: FunctionCall;
  runs: (state: VmixState) => boolean | null;
  /** a start shows nowhere until it is live, so the stop goes out in any case */
  always: boolean;
  triedAt: number | null;
  /** null: not accepted yet */
  acceptedAt: number | null;
}

/**
 * Stop everything that leaves vMix or is recorded there, past whatever waits; each channel by its own number, and never by a toggle.
 * Fullscreen is a display and stays. What cannot be asked is stopped blindly, and never told as off. Rejects with the fault of a
 * connection that is not there, and with STOP_ALL_INCOMPLETE, whose `reports` say what is left. `progress` hears how far it is when it takes longer than 15 s.
 */
export async function stopAll(
  client: VmixClient,
  { progress = () => undefined, channels = null }: StopAllOptions = {},
): Promise<OutputReport[]> {
  const beganAt = now();
  const reports = new StopReports();
  const starting = new Set(client.starting);
  // as it was last seen: the stops do not wait for a document
  let state = client.state;
  const all = stoppables(state, channels);
  const files = state?.recording.files ?? [];
  let interimTold = false;
  for (let first = true; ; first = false) {
    const seen = state;
    await Promise.all(all.map((one) => stopOne(client, one, seen, starting, reports)));
    // with nobody there half a minute of trying would only look like work
    if (first && client.status.state !== 'ready' && all.every((one) => isAbsent(one, reports)))
      await client.whenReady(0);
    const left = first ? null : all.filter((one) => isLeft(one, seen, starting)).map(({ name }) => name);
    if (left?.length === 0) break;
    const waited = now() - beganAt;
    if (left && waited >= STOP_MS) throw new StopAllIncomplete('vMix', left, waited, reports.list());
    if (!interimTold && waited >= INTERIM_MS) {
      interimTold = true;
      progress(reports.list());
    }
    await pause(POLL_MS);
    state = await client.until((found) => found, ANSWER_MS).catch(() => null);
  }
  const recording = reports.get('recording');
  if (recording && recording.was !== 'idle')
    recording.path = [...(state?.recording.files ?? []), ...files].map(redactText)[0] ?? null;
  return reports.list();
}

async function stopOne(
  client: VmixClient,
  one: Stoppable,
  state: VmixState | null,
  starting: ReadonlySet<Thing>,
  reports: StopReports,
): Promise<void> {
  const runs = state ? one.runs(state) : null;
  const { name, acceptedAt } = one;
  reports.note(name, runs, runs === false && !isSettled(one, starting));
  const report = reports.get(name)!;
  if (runs === null && state && acceptedAt !== null) report.reason = NOT_SHOWN;
  else delete report.reason;
  const waits = acceptedAt === null ? RETRY_MS : runs === true ? AGAIN_MS : Infinity;
  const isDue = one.triedAt === null || now() - one.triedAt >= waits;
  const isWanted = one.always || runs !== false || starting.has(name);
  if (!isDue || !isWanted) return;
  one.triedAt = now();
  try {
    const late = () =>
      fail('VMIX_TIMEOUT', { where: client.where, action: one.stop.name, seconds: ANSWER_MS / 1000 });
    await withDeadline(client.call(one.stop, { past: true }), ANSWER_MS, late);
    one.acceptedAt = now();
    delete report.error;
  } catch (error) {
    reports.complain(name, error);
  }
}

/** Whether nothing took its stop because nothing listens there. */
function isAbsent({ name }: Stoppable, reports: StopReports): boolean {
  return NOBODY.has(reports.get(name)?.error?.code ?? '');
}

/** Whether it may still run, as far as this state shows. */
function isLeft(one: Stoppable, state: VmixState | null, starting: ReadonlySet<Thing>): boolean {
  const runs = state ? one.runs(state) : null;
  if (runs === false) return !isSettled(one, starting);
  if (runs === true || !state) return true;
  // what a version never shows cannot be waited for; a stream that it does not name ends with all of them
  return one.acceptedAt === null || (one.stop.name === 'StopStreaming' && state.streaming.on === true);
}

/** A start that was asked for has had the time to show itself in spite of the stop. */
function isSettled({ name, acceptedAt }: Stoppable, starting: ReadonlySet<Thing>): boolean {
  return !starting.has(name) || (acceptedAt !== null && now() - acceptedAt >= SETTLE_MS);
}

function stoppables(state: VmixState | null, known: number | null): Stoppable[] {
  const channels = known ?? state?.streaming.channelCount ?? MOST_CHANNELS;
  const outputs = state && state.version.major < SRT_SINCE ? 0 : 4;
  const numbers = (count: number) => Array.from({ length: count }, (_, at) => at + 1);
  const one = (
    name: Thing,
    stop: FunctionCall,
    runs: (state: VmixState) => boolean | null,
    always = false,
  ): Stoppable => ({ name, stop, runs, always, triedAt: null, acceptedAt: null });
  return [
    ...numbers(channels).map((channel) =>
      one(
        streamThing(channel),
        { name: 'StopStreaming', value: streamValue(channel, channels) },
        ({ streaming }) => streaming.channels[channel] ?? (streaming.on === false ? false : null),
        true,
      ),
    ),
    ...numbers(outputs).map((output) =>
      one(srtThing(output), { name: 'StopSRTOutput', value: outputValue(output) }, (state) =>
        srtOf(state, output),
      ),
    ),
    one('recording', { name: 'StopRecording' }, (state) => state.recording.on),
    one('external', { name: 'StopExternal' }, (state) => state.external),
    one('multicorder', { name: 'StopMultiCorder' }, (state) => state.multiCorder),
  ];
}
