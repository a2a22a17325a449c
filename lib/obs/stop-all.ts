import { now } from '../connection/clock';
import { pause } from '../connection/deadline';
import { asLiveError, LiveError } from '../errors';
import type { OutputReport } from '../production/application';
import type { ObsClient } from './client';
import { streamDelayMs } from './delay';
import { isStreamOutput } from './outputs';
import { statusOf, type RequestData } from './session';
import type { RecordTracker } from './record-tracker';
import type { ObsStreams } from './stream';
import type { StreamTracker } from './stream-tracker';
import { objects, text } from './values';

const STOP_MS = 15_000;
/** OBS cannot cancel a start; a dead handshake ends by itself after 30.6 s (measured). */
const START_IN_FLIGHT_MS = 45_000;
const INTERIM_MS = 15_000;
const POLL_MS = 250;

const ORDINARY: { name: string; status: string; stop: string }[] = [
  { name: 'stream', status: 'GetStreamStatus', stop: 'StopStream' },
  { name: 'recording', status: 'GetRecordStatus', stop: 'StopRecord' },
  { name: 'replay_buffer', status: 'GetReplayBufferStatus', stop: 'StopReplayBuffer' },
  { name: 'virtualcam', status: 'GetVirtualCamStatus', stop: 'StopVirtualCam' },
];

interface Parts {
  client: ObsClient;
  streams: ObsStreams;
  stream: StreamTracker;
  record: RecordTracker;
}

/**
 * Stop everything that runs, past the lane. Rejects with STOP_ALL_INCOMPLETE, whose `reports` say what is left.
 * `progress` hears how far it is when it takes longer than 15 s.
 */
export async function stopAll(parts: Parts, progress: (reports: OutputReport[]) => void = () => undefined): Promise<OutputReport[]> {
  const { client, streams, stream, record } = parts;
  const past = (request: string, data?: RequestData) => client.call(request, data, { past: true });
  /** null where this OBS has no such thing; what cannot be asked cannot be reported as off */
  const ask = (request: string) => past(request).catch((error: unknown) => (statusOf(error) === null ? Promise.reject(error as Error) : null));
  streams.cancelStart();
  const reports = new Map<string, OutputReport>();
  const asked = new Set<string>();
  const beganAt = now();
  const startInFlight = stream.state === 'starting';
  const limit = (startInFlight ? START_IN_FLIGHT_MS : 0) + STOP_MS + (await streamDelayMs(client, true));
  let interimTold = false;

  for (;;) {
    const running: string[] = [];
    for (const { name, status, stop } of ORDINARY) {
      const answer = await ask(status);
      // a start that OBS is busy with reads inactive, and only shows in its signals
      const connecting = name === 'stream' && stream.state === 'starting';
      const active = answer?.outputActive === true || connecting;
      const path = name === 'recording' ? record.path : null;
      note(reports, name, active, connecting, path);
      if (!active) continue;
      running.push(name);
      if (connecting && answer?.outputActive !== true) continue;
      // a second StopStream would cut off what a stream delay still holds back
      if (asked.has(name)) continue;
      asked.add(name);
      await past(stop).catch((error: unknown) => complain(reports, name, error));
    }
    const known = objects((await ask('GetOutputList'))?.outputs);
    for (const output of known) {
      const name = text(output.outputName) ?? '';
      if (output.outputActive !== true || belongsToOrdinary(name, text(output.outputKind))) {
        if (reports.has(name)) note(reports, name, false, false, null);
        continue;
      }
      note(reports, name, true, false, null);
      running.push(name);
      if (asked.has(name)) continue;
      asked.add(name);
      await past('StopOutput', { outputName: name }).catch((error: unknown) => complain(reports, name, error));
    }
    if (!running.length) break;
    const waited = now() - beganAt;
    if (waited >= limit) throw new StopAllIncomplete(running, waited, copyOf(reports));
    if (!interimTold && waited >= INTERIM_MS) {
      interimTold = true;
      progress(copyOf(reports));
    }
    await pause(POLL_MS);
  }
  const recording = reports.get('recording');
  if (recording && recording.was !== 'idle') recording.path = record.path;
  return copyOf(reports);
}

/** What had not stopped in time; `reports` has every output. */
export class StopAllIncomplete extends LiveError {
  constructor(
    running: string[],
    waitedMs: number,
    readonly reports: OutputReport[],
  ) {
    super('STOP_ALL_INCOMPLETE', { seconds: Math.round(waitedMs / 1000), outputs: running.join(', ') });
  }
}

/** What is told must not change any more when the next look finds something else. */
function copyOf(reports: Map<string, OutputReport>): OutputReport[] {
  return [...reports.values()].map((report) => ({ ...report }));
}

function note(reports: Map<string, OutputReport>, name: string, active: boolean, connecting: boolean, path: string | null): void {
  const state = connecting ? 'starting' : active ? 'stopping' : 'idle';
  const report = reports.get(name);
  if (!report) reports.set(name, { name, was: connecting ? 'starting' : active ? 'active' : 'idle', state, path });
  else {
    report.state = state;
    if (state === 'idle') delete report.error;
  }
}

function complain(reports: Map<string, OutputReport>, name: string, error: unknown): void {
  const { code, message } = asLiveError(error);
  const report = reports.get(name);
  if (report) report.error = { code, message };
}

/** The four above appear among the outputs too, under names of OBS's own. */
function belongsToOrdinary(name: string, kind: string | null): boolean {
  return isStreamOutput(name, kind) || name === 'virtualcam_output' || kind === 'replay_buffer' || kind === 'virtualcam_output' || /^(simple|adv)_(file|ffmpeg)_output$/.test(name);
}
