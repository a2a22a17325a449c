import type { ShowReport, Summary } from './types';

/** The evening in figures, from what the report has. */
export function summaryOf(
  report: Omit<ShowReport, 'summary'>,
  {
    liveMs,
    recordedMs,
    unknownMs,
    heard,
  }: Pick<Summary, 'liveMs' | 'recordedMs' | 'unknownMs'> & { heard: boolean },
): Summary {
  const { streams, recordings, interruptions, incidents, failures, files, acts } = report;
  const runs = [...streams, ...recordings];
  return {
    liveMs,
    recordedMs,
    openEnds: runs.filter(({ begin, end }) => begin.at === null || end.at === null).length,
    interruptions: heard || interruptions.length ? interruptions.length : null,
    interruptedMs: interruptions.reduce((sum, { durationMs }) => sum + (durationMs ?? 0), 0),
    interruptionsUnknown: interruptions.filter(({ durationMs }) => durationMs === null).length,
    incidents: incidents.length,
    incidentsOpen: incidents.filter(({ open }) => open).length,
    failures: failures.length,
    files: files.length,
    sceneChanges: acts.filter(({ event }) => event === 'scene_changed').length,
    unknownMs,
    actsByFlow: acts.filter(({ by }) => by.who === 'flow').length,
    actsByOthers: acts.filter(({ by }) => by.who === 'other').length,
  };
}
