import type { VerifyReport } from '../verify';
import type { ReportEntry, ReportOptions, ShowReport } from './types';

/**
 * What a log tells of a show, read in one pass. `entries` are those of the whole log, the log's own too, in their order; `verification`
 * is what a verification said of it. What the log does not tell is null with a reason. Rejects only with what `entries` throws.
 */
export async function showReport(
  entries: Iterable<{ entry: ReportEntry }> | AsyncIterable<{ entry: ReportEntry }>,
  verification: VerifyReport,
  options: ReportOptions = {},
): Promise<ShowReport> {
  const counts: Record<string, number> = {};
  let [count, from, to]: [number, string | null, string | null] = [0, null, null];
  for await (const { entry } of entries) {
    counts[entry.type] = (counts[entry.type] ?? 0) + 1;
    count++;
    from ??= entry.t;
    to = entry.t;
  }
  const { origin } = verification;
  const name = origin === null ? null : (origin.split('/').at(-1) ?? origin);
  return {
    title: options.title?.trim() || name || 'Show report',
    log: { origin, name },
    from,
    to,
    timeZone: options.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    madeAt: options.now === undefined ? null : new Date(options.now).toISOString(),
    streams: [],
    recordings: [],
    outputs: [],
    files: [],
    interruptions: [],
    incidents: [],
    scenes: { timeline: [], totals: [] },
    acts: [],
    stopAlls: [],
    failures: [],
    unknown: [],
    notes: [],
    counts,
    entries: count,
    verification,
  };
}
