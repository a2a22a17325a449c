import type { BatchFault } from './faults';
import { isObject } from './fields';
import type { Data } from './fields';
import type { Frames } from './frames';
import { answerOf } from './process';
import type { Result } from './process';
import { Status } from './tables/codes';

export type ExecutionType = 0 | 1 | 2;

export interface BatchRequest {
  requestType: string;
  requestId: unknown;
  requestData: unknown;
  inputVariables: unknown;
  outputVariables: unknown;
}

export interface Batch {
  executionType: ExecutionType;
  haltOnFailure: boolean;
  requests: BatchRequest[];
  variables: Map<string, unknown>;
}

type Run = (request: BatchRequest, requestData: unknown, index: number) => Promise<Result | null>;

/**
 * Run a batch as OBS does; null where a scripted fault loses an answer, and with it the batch's. One in step with the frames begins within the
 * next frame and does all its requests there, up to a Sleep, which goes on so many frames later. Measured: a Sleep at the end is not waited for.
 */
export async function runBatch(
  batch: Batch,
  run: Run,
  frames: Frames,
  fault: BatchFault | null = null,
): Promise<Data[] | null> {
  if (batch.executionType === 1) await frames.next();
  const inStep = batch.executionType === 1 ? frames : null;
  const results =
    batch.executionType === 2 ? await parallel(batch, run) : await serial(batch, run, inStep, fault);
  if (!results || fault?.kind === 'lose') return null;
  return results.map((result, index) => {
    // labelled by the order of the requests, also where Parallel finished in another order: OBS's own mistake
    const { requestType = '', requestId } = batch.requests[index] ?? {};
    return answerOf(requestType, requestId ?? undefined, result);
  });
}

async function serial(
  batch: Batch,
  run: Run,
  frames: Frames | null,
  fault: BatchFault | null,
): Promise<Result[] | null> {
  const results: Result[] = [];
  let sleep = 0;
  for (const [index, request] of batch.requests.entries()) {
    for (; frames && sleep > 0; sleep -= 1) await frames.next();
    if (fault?.kind === 'short' && index >= fault.after) break;
    if (fault?.kind === 'hang' && index >= fault.after) return null;
    const requestData = withVariables(batch, request);
    const refused = fault?.kind === 'fail' && fault.at === index ? fault.answer : null;
    const result: Result | null = refused
      ? { code: refused.code, comment: refused.comment ?? '', data: undefined }
      : await run(request, requestData, index);
    if (!result) return null;
    if (frames && request.requestType === 'Sleep' && isObject(requestData) && result.code === Status.Success)
      sleep = Number(requestData.sleepFrames);
    keepVariables(batch, request, result);
    results.push(result);
    if (batch.haltOnFailure && result.code !== Status.Success) break;
  }
  return results;
}

async function parallel(batch: Batch, run: Run): Promise<Result[] | null> {
  const finished: Result[] = [];
  const all = await Promise.all(
    batch.requests.map(async (request, index) => {
      const result = await run(request, request.requestData, index);
      if (result) finished.push(result);
      return result !== null;
    }),
  );
  return all.every(Boolean) ? finished : null;
}

function withVariables(batch: Batch, request: BatchRequest): unknown {
  const { requestData, inputVariables } = request;
  if (batch.variables.size === 0 || !isObject(inputVariables) || !isObject(requestData)) return requestData;
  const taken = Object.entries(inputVariables).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && batch.variables.has(entry[1]),
  );
  return Object.fromEntries([
    ...Object.entries(requestData),
    ...taken.map(([field, name]) => [field, batch.variables.get(name)] as const),
  ]);
}

function keepVariables(batch: Batch, request: BatchRequest, result: Result): void {
  if (!isObject(request.outputVariables) || !result.data) return;
  for (const [name, field] of Object.entries(request.outputVariables)) {
    if (typeof field === 'string' && Object.hasOwn(result.data, field))
      batch.variables.set(name, result.data[field]);
  }
}
