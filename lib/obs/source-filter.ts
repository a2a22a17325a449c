import { fail } from '../errors';
import { fewNames } from '../production/names';
import { refusedWith } from './session';
import { confirmed, explained, unknownSource, type Outcome, type Subject } from './source-asks';
import { filtersOf, sourcesOf } from './source-lists';
import { Status } from './status-codes';

/** Switch a filter of a source, a scene or a group on or off. Rejects with SOURCE_UNKNOWN for the source and for the filter. */
export async function setFilter(
  subject: Subject,
  filterName: string,
  filterEnabled: boolean,
): Promise<Outcome> {
  const { client, source: sourceName } = subject;
  const ask = (request: string, data: object = {}) =>
    client.call(request, { sourceName, filterName, ...data }).catch(async (error: unknown) => {
      throw refusedWith(error, Status.ResourceNotFound)
        ? await missing(subject, filterName, error)
        : await explained(subject, error);
    });
  const read = async () => (await ask('GetSourceFilter')).filterEnabled === true;
  const before = await read();
  const done = { before, filter: filterName };
  if (before === filterEnabled) return { ...done, now: before, alreadySo: true };
  await ask('SetSourceFilterEnabled', { filterEnabled });
  const now = await confirmed(
    subject,
    read,
    (found) => found === filterEnabled,
    (found) => `${filterName} ${found ? 'on' : 'off'}`,
  );
  return { ...done, now, alreadySo: false };
}

async function missing(subject: Subject, filter: string, cause: unknown): Promise<Error> {
  const { client, source } = subject;
  if (!(await sourcesOf(client)).includes(source)) return unknownSource(subject, cause);
  const known = await filtersOf(client, source);
  return fail(
    'SOURCE_UNKNOWN',
    { application: 'OBS', what: `filter on "${source}"`, source: filter, known: fewNames(known) || 'none' },
    cause,
  );
}
