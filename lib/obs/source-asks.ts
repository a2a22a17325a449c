import { now } from '../connection/clock';
import { pause } from '../connection/deadline';
import { fail, type LiveError } from '../errors';
import { fewNames } from '../production/names';
import type { SourceAspect, SourceChanged } from '../production/sources';
import type { ObsClient } from './client';
import { listFrom } from './probe';
import { refusedWith, type RequestData } from './session';
import { LIST_OF, inputsOf, sourcesOf } from './source-lists';
import { Status } from './status-codes';

/** OBS does most at once and some with its next frame; beyond this it does it no more. In milliseconds. */
export const CHANGE_MS = 3_000;
export const LOOK_MS = 100;

/** What a change works on: one aspect of one source. */
export interface Subject {
  client: ObsClient;
  what: SourceAspect;
  source: string;
  /** aborts when a newer change is not to wait for this one */
  overtaken: AbortSignal;
}

/** What became of a change but for what is the same for all of them. */
export type Outcome = Omit<SourceChanged, 'source' | 'what'>;

/** Ask of an input. Rejects with SOURCE_UNKNOWN or SOURCE_UNFIT where OBS says so, otherwise as the connection does. */
export async function askInput(
  subject: Subject,
  request: string,
  data: RequestData = {},
): Promise<RequestData> {
  const { client, source } = subject;
  try {
    return await client.call(request, { inputName: source, ...data });
  } catch (error) {
    throw await explained(subject, error);
  }
}

/** What OBS means by its refusal of something that names a source. */
export async function explained(subject: Subject, error: unknown): Promise<unknown> {
  if (refusedWith(error, Status.ResourceNotFound)) return unknownSource(subject, error);
  if (refusedWith(error, Status.InvalidResourceType))
    return unfit(subject, 'it is a scene or a group', error);
  if (refusedWith(error, Status.InvalidResourceState)) return unfit(subject, 'it has no sound', error);
  return error;
}

/** No such source: the error has those that there are and that fit. */
export async function unknownSource(subject: Subject, cause?: unknown): Promise<LiveError> {
  const { client, source, what } = subject;
  const fit = await fitting(client, what);
  const known = fit.length > 0 ? fit : await sourcesOf(client);
  return fail(
    'SOURCE_UNKNOWN',
    { application: 'OBS', what: 'source', source, known: fewNames(known) },
    cause,
  );
}

/** The source is there, and this cannot be done with it. `reason` in words, without a full stop. */
export async function unfit(subject: Subject, reason: string, cause?: unknown): Promise<LiveError> {
  const { client, source, what } = subject;
  const known = await fitting(client, what);
  const those = known.length > 0 ? `OBS has: ${fewNames(known)}` : 'OBS has none of the right kind';
  return fail('SOURCE_UNFIT', { source, reason: `${reason}. ${those}` }, cause);
}

async function fitting(client: ObsClient, what: SourceAspect): Promise<string[]> {
  const list = LIST_OF[what];
  return list === null ? [] : (await listFrom(client, list)).map(({ value }) => value);
}

/** The kind of an input. Rejects with SOURCE_UNKNOWN and SOURCE_UNFIT: scenes and groups are none. */
export async function kindOf(subject: Subject): Promise<{ kind: string; plays: boolean | null }> {
  const input = (await inputsOf(subject.client)).find(({ name }) => name === subject.source);
  if (input) return input;
  throw (await sourcesOf(subject.client)).includes(subject.source)
    ? await unfit(subject, 'it is a scene or a group')
    : await unknownSource(subject);
}

/** Read until it is so. Rejects with SOURCE_NOT_CONFIRMED, which says how it is. */
export async function confirmed<T>(
  { client, source, overtaken }: Subject,
  read: () => Promise<T>,
  isSo: (now: T) => boolean,
  words: (now: T) => string = String,
  ms = CHANGE_MS,
): Promise<T> {
  const lateAt = now() + ms;
  for (;;) {
    const found = await read();
    if (isSo(found)) return found;
    if (now() >= lateAt || overtaken.aborted || client.status.state === 'closed')
      throw fail('SOURCE_NOT_CONFIRMED', { application: 'OBS', source, now: words(found) });
    await pause(LOOK_MS, overtaken);
  }
}

/** A text for a sentence: in quotes, the beginning of a long one. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
