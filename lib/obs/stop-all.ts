import { now } from '../connection/clock';
import { pause } from '../connection/deadline';
import { fail } from '../errors';
import type { OutputReport } from '../production/application';
import { INTERIM_MS, StopAllIncomplete, StopReports } from '../production/stop-all';
import type { ObsClient } from './client';
import { streamDelayMs } from './delay';
import { isStreamOutput } from './outputs';
import { refusedWith, statusOf, type RequestData } from './session';
import { Status } from './status-codes';
import type { ObsRecorder } from './record';
import type { RecordTracker } from './record-tracker';
import type { SrtTracker } from './srt-tracker';
import type { ObsStreams } from './stream';
import type { StreamTracker } from './stream-tracker';
import { objects, text } from './values';

const STOP_MS = 15_000;
/** OBS cannot cancel a start; a dead handshake ends by itself after 30.6 s (measured). */
const START_IN_FLIGHT_MS = 45_000;
const POLL_MS = 250;
/** One question to an OBS that hangs must not hold up the others. */
const ANSWER_MS = 3_000;
/** There is no such output here: unknown request, not found, not available. */
const ABSENT = new Set<number>([
  Status.UnknownRequestType,
  Status.ResourceNotFound,
  Status.InvalidResourceState,
]);

const ORDINARY: { name: string; status: string; stop: string }[] = [
  { name: 'stream', status: 'GetStreamStatus', stop: 'StopStream' },
  { name: 'recording', status: 'GetRecordStatus', stop: 'StopRecord' },
  { name: 'replay_buffer', status: 'GetReplayBufferStatus', stop: 'StopReplayBuffer' },
  { name: 'virtualcam', status: 'GetVirtualCamStatus', stop: 'StopVirtualCam' },
];

interface Parts {
  client: ObsClient;
  streams: ObsStreams;
  recorder: ObsRecorder;
  stream: StreamTracker;
  record: RecordTracker;
  srt: SrtTracker;
}

interface Look {
  name: string;
  /** null: OBS did not say */
  active: boolean | null;
  stop: { request: string; data?: RequestData };
  error?: unknown;
}

/**
 * Stop everything that runs, past the lane. What cannot be asked is stopped blindly, and never told as off. Rejects with
 * STOP_ALL_INCOMPLETE, whose `reports` say what is left. `progress` hears how far it is when it takes longer than 15 s.
 */
export async function stopAll(
  parts: Parts,
  progress: (reports: OutputReport[]) => void = () => undefined,
): Promise<OutputReport[]> {
  const { client, streams, recorder, stream, record, srt } = parts;
  const beganAt = now();
  const startInFlight = stream.state === 'starting' || streams.isStarting;
  let limit =
    (startInFlight ? START_IN_FLIGHT_MS : 0) + (srt.machine.connecting ? srt.machine.connectMs : 0) + STOP_MS;
  // the stops do not wait for it
  void streamDelayMs(client, { past: true, ms: ANSWER_MS }).then((delayMs) => (limit += delayMs));
  const reports = new StopReports();
  const accepted = new Set<string>();
  let interimTold = false;

  const handle = async ({ name, active, stop, error }: Look): Promise<boolean> => {
    const connecting = (name === 'stream' && stream.connecting) || (name === 'srt' && srt.machine.connecting);
    const pending =
      connecting ||
      (name === 'stream' && streams.isStarting) ||
      (name === 'recording' && recorder.isStarting);
    reports.note(name, active, pending);
    if (error !== undefined) reports.complain(name, error);
    if (active === false && !pending) return false;
    // nothing stops an OBS that connects; a second StopStream would cut off what a stream delay still holds back
    if (connecting || accepted.has(name) || (active === false && pending)) return true;
    try {
      await client.call(stop.request, stop.data, { past: true, ms: ANSWER_MS });
      accepted.add(name);
    } catch (refusal) {
      const off = refusedWith(refusal, Status.OutputNotRunning);
      if (off && active === null) reports.note(name, false, false);
      else if (!off) reports.complain(name, refusal);
      return !(off && active === null);
    }
    return true;
  };

  for (;;) {
    const looks = await Promise.all([
      ...ORDINARY.map((output) =>
        lookAt(client, output.name === 'recording' && srt.isOutput ? { ...output, name: 'srt' } : output),
      ),
      others(client, reports),
    ]);
    const running = await Promise.all(
      looks.flat().map(async (look) => ((await handle(look)) ? look.name : null)),
    );
    const left = running.filter((name) => name !== null);
    if (!left.length) break;
    if (client.status.state !== 'ready')
      throw fail('OBS_DISCONNECTED', { where: client.where, action: 'stop all' });
    const waited = now() - beganAt;
    if (waited >= limit) throw new StopAllIncomplete('OBS', left, waited, reports.list());
    if (!interimTold && waited >= INTERIM_MS) {
      interimTold = true;
      progress(reports.list());
    }
    await pause(POLL_MS);
  }
  const recording = reports.get('recording');
  if (recording && recording.was !== 'idle') recording.path = record.path;
  return reports.list();
}

async function lookAt(client: ObsClient, { name, status, stop }: (typeof ORDINARY)[number]): Promise<Look> {
  try {
    const { outputActive } = await client.call(status, undefined, { past: true, ms: ANSWER_MS });
    return { name, active: outputActive === true, stop: { request: stop } };
  } catch (error) {
    const absent = ABSENT.has(statusOf(error) ?? 0);
    return { name, active: absent ? false : null, stop: { request: stop }, ...(absent ? {} : { error }) };
  }
}

/** Every other output that runs, or was seen running before. A list that cannot be read adds nothing. */
async function others(client: ObsClient, reports: StopReports): Promise<Look[]> {
  const answer: RequestData = await client
    .call('GetOutputList', undefined, { past: true, ms: ANSWER_MS })
    .catch(() => ({}));
  return objects(answer.outputs).flatMap((output) => {
    const name = text(output.outputName) ?? '';
    const active = output.outputActive === true;
    if (belongsToOrdinary(name, text(output.outputKind)) || (!active && !reports.has(name))) return [];
    return [{ name, active, stop: { request: 'StopOutput', data: { outputName: name } } }];
  });
}

/** The four above appear among the outputs too, under names of OBS's own. */
function belongsToOrdinary(name: string, kind: string | null): boolean {
  return (
    isStreamOutput(name, kind) ||
    name === 'virtualcam_output' ||
    kind === 'replay_buffer' ||
    kind === 'virtualcam_output' ||
    /^(simple|adv)_(file|ffmpeg)_output$/.test(name)
  );
}
