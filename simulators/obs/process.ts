import { Fields, Refusal } from './fields';
import type { Data } from './fields';
import { HANDLERS } from './requests';
import type { Call } from './requests/handler';
import type { Studio } from './studio';
import { Status } from './tables/codes';

export interface Result {
  code: number;
  comment: string;
  data: Data | undefined;
}

const refused = (code: number, comment = ''): Result => ({ code, comment, data: undefined });

/**
 * Do one request. Resolves with what OBS would answer, or with null where a scripted fault loses the answer; never rejects.
 */
export async function processRequest(
  studio: Studio,
  requestType: string,
  requestData: unknown,
  rest: Pick<Call, 'batch' | 'session'>,
): Promise<Result | null> {
  const { faults } = studio;
  if (faults.hangs(requestType)) return null;
  const script = faults.next(requestType);
  if (script?.kind === 'delay') await studio.clock.sleep(script.ms);
  if (script?.kind === 'fail') return refused(script.answer.code, script.answer.comment);
  if (script?.kind === 'ignore') return { code: Status.Success, comment: '', data: undefined };
  const result = await handle(studio, requestType, requestData, rest);
  return script?.kind === 'drop' ? null : result;
}

async function handle(
  studio: Studio,
  requestType: string,
  requestData: unknown,
  rest: Pick<Call, 'batch' | 'session'>,
): Promise<Result> {
  if (requestType === '') {
    return refused(Status.MissingRequestType, "Your request's `requestType` may not be empty.");
  }
  if (!studio.version.requests.includes(requestType)) {
    return refused(Status.UnknownRequestType, 'Your request type is not valid.');
  }
  const handler = HANDLERS.get(requestType);
  if (!handler) return refused(Status.GenericError, 'The simulator does not do this request.');
  try {
    const data = await handler({ studio, fields: new Fields(requestData), ...rest });
    return { code: Status.Success, comment: '', data: data ?? undefined };
  } catch (thrown) {
    if (thrown instanceof Refusal) return refused(thrown.code, thrown.comment);
    // a slip of the simulator must not end the Node-RED it runs in
    return refused(Status.ProcessingFailed, thrown instanceof Error ? thrown.message : String(thrown));
  }
}

/** One answer as OBS words it: keys in alphabetical order, no comment and no data where there is none. */
export function answerOf(requestType: string, requestId: unknown, result: Result): Data {
  return {
    ...(requestId === undefined ? {} : { requestId }),
    requestStatus: {
      code: result.code,
      ...(result.comment === '' ? {} : { comment: result.comment }),
      result: result.code === Status.Success,
    },
    requestType,
    ...(result.data ? { responseData: result.data } : {}),
  };
}
