import { checkFilter } from '../query';
import type { VerifyReport } from '../verify';
import { FactReader } from './facts';
import { RecordBook } from './record';
import { tellStory } from './tell';
import type { ReportEntry, ReportOptions, ShowReport } from './types';

/**
 * What a log tells of a show, read in one pass. `entries` are those of the whole log in their order, the log's own too; `verification` is
 * what a verification said of it. What the log does not tell is null with a reason.
 * @throws LiveError WITNESS_FILTER_INVALID for a `from` or `to` that is no time; what `entries` throws
 */
export async function showReport(
  entries: Iterable<{ entry: ReportEntry }> | AsyncIterable<{ entry: ReportEntry }>,
  verification: VerifyReport,
  options: ReportOptions = {},
): Promise<ShowReport> {
  const { from, to } = checkFilter({ from: options.from, to: options.to });
  const reader = new FactReader();
  const record = new RecordBook();
  const read = { times: [] as number[], types: [] as string[] };
  for await (const { entry } of entries) {
    read.times.push(Date.parse(entry.t));
    read.types.push(entry.type);
    record.add(entry);
    reader.add(entry);
  }
  return tellStory(reader, record, read, verification, options, { from, to });
}
