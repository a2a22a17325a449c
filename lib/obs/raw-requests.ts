import { fail } from '../errors';
import { containsMarker, redact, SECRET_MARKER } from '../secrets';
import type { ObsClient } from './client';
import { START_TIMEOUT_MS } from '../production/stream-machine';
import { isStreamOutput } from './outputs';
import { Status, reasonOf } from './status-codes';
import { refusedWith, type BatchRequest, type RequestData } from './session';
import type { StreamTracker } from './stream-tracker';
import { text } from './values';

/** Time for OBS to signal the start that a request caused. */
const SIGNAL_MS = 3_000;
const LARGEST_BATCH = 1000;
/** `RequestBatchExecutionType` of the protocol; never Parallel. */
const SERIAL_REALTIME = 0;
const SERIAL_FRAME = 1;
/** A picture may take a slow OBS this long. */
const PICTURE_MS = 20_000;

export interface RawBatchOptions {
  executionType: 'serial-realtime' | 'serial-frame';
  haltOnFailure: boolean;
}

export interface RawBatchResult {
  requestType: string;
  ok: boolean;
  code: number;
  reason: string | null;
  responseData: RequestData | null;
}

/** Any request and batch of OBS, through the same lane and lock as everything else. Answers carry no secret. */
export class RawRequests {
  constructor(
    private readonly client: ObsClient,
    private readonly tracker: StreamTracker,
  ) {}

  /** Send one request; its answer, with secrets hidden. Rejects with a coded error and then nothing reached OBS, or OBS said no. */
  async call(requestType: string, requestData: RequestData): Promise<RequestData> {
    this.check(requestType, requestData);
    const ms = /Screenshot$/.test(requestType) ? PICTURE_MS : undefined;
    const answer = await this.guarded([{ requestType, requestData }], requestType, () =>
      this.client.call(requestType, Object.keys(requestData).length ? requestData : undefined, {
        ms,
        priority: priorityOf(requestType),
      }),
    ).catch((error: unknown) => {
      if (!refusedWith(error, Status.UnknownRequestType)) throw error;
      throw fail(
        'OBS_UNSUPPORTED',
        {
          version: this.client.version?.obs,
          action: `the request ${requestType}`,
          advice: this.nearest(requestType),
        },
        error,
      );
    });
    return redact(answer);
  }

  /** Send a batch, in order; one result for each request that was carried out. */
  async batch(
    requests: BatchRequest[],
    { executionType, haltOnFailure }: RawBatchOptions,
  ): Promise<RawBatchResult[]> {
    if (!requests.length) throw fail('INPUT_INVALID', { field: 'batch', reason: 'it is empty' });
    if (requests.length > LARGEST_BATCH)
      throw fail('INPUT_INVALID', {
        field: 'batch',
        reason: `it has ${requests.length} requests, more than ${LARGEST_BATCH}`,
      });
    for (const { requestType, requestData } of requests) this.check(requestType, requestData ?? {});
    // a parallel batch is never offered: OBS labels its results wrongly
    const type = executionType === 'serial-frame' ? SERIAL_FRAME : SERIAL_REALTIME;
    const results = await this.guarded(requests, 'the batch', () =>
      this.client.batch(requests, { executionType: type, haltOnFailure }),
    );
    return results.map(({ requestType, requestStatus, responseData }) => ({
      requestType,
      ok: requestStatus.result,
      code: requestStatus.code,
      reason: requestStatus.result ? null : reasonOf(requestStatus.code, requestStatus.comment),
      responseData: responseData ? redact(responseData) : null,
    }));
  }

  private check(requestType: string, requestData: RequestData): void {
    if (!/^[A-Za-z][A-Za-z0-9]{1,63}$/.test(requestType))
      throw fail('INPUT_INVALID', {
        field: 'request type',
        reason: `"${requestType.slice(0, 64)}" is no name of a request`,
      });
    if (containsMarker(requestData)) throw fail('SECRET_MARKER_SENT', { marker: SECRET_MARKER });
  }

  /** Hold the stream lock around whatever could start the stream, until OBS has settled. */
  private async guarded<T>(requests: BatchRequest[], action: string, send: () => Promise<T>): Promise<T> {
    const starts = requests.filter(startsStream).length;
    const touches =
      starts > 0 || requests.some(({ requestType }) => requestType === 'SetStreamServiceSettings');
    if (starts > 1) throw fail('STREAM_DOUBLE_START', { count: starts });
    if (!touches) return send();
    const unlock = this.client.streamLock.tryTake();
    if (!unlock || this.tracker.connecting) {
      unlock?.();
      throw fail('STREAM_START_PENDING', { action });
    }
    let signalled = false;
    const release = this.tracker.transitions.add(() => (signalled = true));
    try {
      return await send();
    } finally {
      if (starts === 0) {
        release();
        unlock();
      } else {
        // an output started by name signals nothing before it has connected
        const ms = requests.some(({ requestType }) => /Output$/.test(requestType))
          ? START_TIMEOUT_MS
          : SIGNAL_MS;
        void this.settle(() => signalled, ms).then(() => {
          release();
          return this.tracker.unlockWhenSettled(unlock);
        });
      }
    }
  }

  private async settle(signalled: () => boolean, ms: number): Promise<void> {
    const { tracker } = this;
    await tracker.until(
      () => (signalled() || tracker.closed || tracker.state === 'starting' ? true : undefined),
      ms,
    );
  }

  private nearest(requestType: string): string {
    const known = [...(this.client.version?.requests ?? [])];
    const words = requestType.toLowerCase();
    const near = known.filter(
      (name) =>
        name.toLowerCase().includes(words.slice(3)) ||
        words.includes(name.toLowerCase().slice(3)) ||
        distance(words, name.toLowerCase()) <= 3,
    );
    return near.length
      ? `It has: ${near.slice(0, 5).join(', ')}.`
      : 'The names are in the obs-websocket 5 protocol, and in the list of the node.';
  }
}

/** Whether a request can start the stream. A key sequence can be bound to anything, so it counts too. */
export function startsStream({ requestType, requestData }: BatchRequest): boolean {
  switch (requestType) {
    case 'StartStream':
    case 'ToggleStream':
    case 'TriggerHotkeyByKeySequence':
      return true;
    case 'StartOutput':
    case 'ToggleOutput':
      return isStreamOutput(text(requestData?.outputName) ?? '');
    case 'TriggerHotkeyByName':
      return (
        /Stream/i.test(text(requestData?.hotkeyName) ?? '') &&
        !/\b(Force)?Stop/i.test(text(requestData?.hotkeyName) ?? '')
      );
    default:
      return false;
  }
}

function priorityOf(requestType: string): 'stop' | 'action' {
  return /^Stop/.test(requestType) ? 'stop' : 'action';
}

/** Levenshtein distance of two short names. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length]!;
}
