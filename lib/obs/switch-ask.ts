import { fail } from '../errors';
import type { ObsClient } from './client';
import type { BatchRequest, BatchResult, RequestData } from './session';
import { reasonOf, Status } from './status-codes';
import { objects, text } from './values';

/** A batch of this many small requests is answered at once; more are asked for in several. */
const LARGEST_BATCH = 400;

/** What OBS answered to one request of a batch; null where it refused, or was not asked any more. */
export function answerIn(result: BatchResult | undefined): RequestData | null {
  return result?.requestStatus.result === true ? (result.responseData ?? {}) : null;
}

/** Whether OBS said that there is nothing of that name or number. */
export function isGone(result: BatchResult | undefined): boolean {
  const code = result?.requestStatus.code;
  return code === Status.ResourceNotFound || code === Status.InvalidResourceType;
}

/** Ask any number of small questions, in order. Rejects where one got no answer at all. */
export async function askAll(client: ObsClient, requests: BatchRequest[]): Promise<BatchResult[]> {
  const results: BatchResult[] = [];
  for (let at = 0; at < requests.length; at += LARGEST_BATCH) {
    const part = requests.slice(at, at + LARGEST_BATCH);
    const answers = await client.batch(part);
    if (answers.length !== part.length)
      throw fail('OBS_REJECTED', {
        action: `a batch of ${part.length}`,
        reason: `it answered ${answers.length} of them`,
      });
    results.push(...answers);
  }
  return results;
}

/** SCENE_UNKNOWN with the scenes there are. */
export async function sceneUnknown(client: ObsClient, scene: string): Promise<Error> {
  const { scenes } = await client.call('GetSceneList');
  const known = objects(scenes).flatMap(({ sceneName }) => text(sceneName) ?? []);
  // OBS lists from the bottom up; people read from the top
  return fail('SCENE_UNKNOWN', {
    application: 'OBS',
    what: 'scene',
    scene,
    known: known.reverse().join(', '),
  });
}

/** OBS's no within a batch, as `call` has it. */
export function refused(action: string, result: BatchResult | undefined): Error {
  const { code, comment } = result?.requestStatus ?? { code: null };
  return fail('OBS_REJECTED', {
    action,
    reason: code === null ? 'it gave no answer' : reasonOf(code, comment),
    ...(code === null ? {} : { status: code }),
  });
}
