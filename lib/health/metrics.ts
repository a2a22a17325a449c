import type { HealthSample, StatisticsReading } from '../production/health';
import type { RuleState } from './judge';
import { reasonText, type Why } from './reasons';
import type { StreamRules } from './stream-rules';
import type { Metrics, RuleId, Verdict } from './types';
import { isUnknown, type CauseGroup, type Watched } from './watched';

/** The figure of a reading that stands behind a rule, by the name under which the application says why it is null. */
const SOURCES: Partial<Record<RuleId, string[]>> = {
  noData: ['bytes', 'frames'],
  bitrate: ['bytes'],
  dropped: ['droppedFrames', 'frames'],
  congestion: ['congestion'],
  keyframes: ['keyframeMs'],
  resolution: ['size'],
  skipped: ['skippedFrames', 'encodedFrames'],
  missed: ['missedFrames', 'renderedFrames'],
  fps: ['fps'],
  cpu: ['cpuPercent'],
  disk: ['freeDiskMegabytes'],
  black: ['picture'],
  frozen: ['picture'],
  fadedOut: ['onProgram'],
  muted: ['onProgram'],
  offline: ['onProgram'],
  silent: ['sound'],
  clipped: ['clippedPercent', 'sound'],
};

const known = (value: number | null | undefined): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

/** What is measured now; null where nobody knows it. */
export function metricsOf(watched: Watched, last: HealthSample | null): Metrics {
  const statistics = last?.reachable ? last.statistics : null;
  const { computer, program } = watched;
  const away = !watched.reachable;
  const now = (value: number | null | undefined): number | null => (away ? null : known(value));
  return {
    streams: watched.streams.map((stream) => ({
      output: stream.output,
      state: away ? 'unknown' : stream.state,
      bitrateKbps: now(stream.bitrateKbps),
      baselineKbps: now(stream.baseline.kbps),
      droppedPercent: now(stream.droppedPercent),
      congestion: now(stream.congestion),
    })),
    // the server goes on telling while the application is away
    receivedKbps: known(watched.receiver.kbps),
    receivedPercent: known(watched.receiver.percent),
    recordingMs: now(watched.tape.durationMs),
    skippedPercent: now(computer.skippedPercent),
    missedPercent: now(computer.missedPercent),
    fps: known(statistics?.fps),
    targetFps: known(statistics?.targetFps),
    cpuPercent: known(statistics?.cpuPercent),
    memoryMegabytes: known(statistics?.memoryMegabytes),
    freeDiskMegabytes: known(statistics?.freeDiskMegabytes),
    darkPercent: now(program.darkPercent),
    unchangedMs: now(program.unchangedMs),
    peakDb: now(program.peakDb),
    clippedPercent: now(program.clippedPercent),
    media: watched.media.map(({ name, state, cursorMs }) => ({
      name,
      state: (away ? null : state) ?? 'unknown',
      cursorMs: now(cursorMs),
    })),
  };
}

/** Why the application gave no figure for a rule, in its own words. */
export function givenReason(rule: RuleState, last: HealthSample | null): string | null {
  if (!last) return null;
  if (rule.facts.cause === 'receiver') return last.receiver?.reason ?? null;
  if (rule.facts.cause === 'recording') return last.recordingReading?.unknown ?? null;
  if (rule.facts.cause === 'media') return last.unknown[`media ${rule.subject}`] ?? null;
  const from =
    rule.facts.cause === 'stream'
      ? last.streams.find(({ output }) => output === rule.subject)?.unknown
      : last.unknown;
  return first(from, SOURCES[rule.rule] ?? []);
}

function first(from: Record<string, string> | undefined, names: readonly string[]): string | null {
  for (const name of names) if (from?.[name]) return from[name];
  return null;
}

/** For each figure that is null, and for each cause of which nothing is known: why. */
export function unknownOf(
  watched: Watched,
  last: HealthSample | null,
  verdict: Verdict,
): Record<string, string> {
  const unknown: Record<string, string> = {};
  if (!last) return { connection: 'there has been no reading yet' };
  if (!last.reachable) unknown.connection = last.reason ?? reasonText('unreachable');
  const away = !last.reachable;
  const metrics = metricsOf(watched, last);
  const add = (key: string, value: number | null, why: Why, given: string | null) => {
    if (value === null) unknown[key] = reasonText(away ? 'unreachable' : why, given);
  };
  const { computer, program, tape } = watched;
  const given = (...names: string[]) => first(last.unknown, names);
  metrics.streams.forEach((figures, index) => {
    const stream = watched.streams[index]!;
    const prefix = watched.named ? `${stream.output}.` : '';
    for (const [key, why, names] of streamFigures(stream))
      add(`${prefix}${key}`, figures[key], why, first(stream.reading?.unknown, names));
  });
  const { receiver } = watched;
  for (const key of ['receivedKbps', 'receivedPercent'] as const)
    if (metrics[key] === null) unknown[key] = reasonText(receiver.why, last.receiver?.reason);
  const recorded = last.recordingReading?.unknown ?? null;
  add('recordingMs', metrics.recordingMs, tape.runs ? 'given' : 'notRecording', recorded);
  add('skippedPercent', metrics.skippedPercent, computer.skippedWhy, given('skippedFrames', 'encodedFrames'));
  add('missedPercent', metrics.missedPercent, computer.missedWhy, given('missedFrames', 'renderedFrames'));
  for (const key of STATISTICS) add(key, metrics[key], 'given', given(key));
  add('darkPercent', metrics.darkPercent, program.pictureWhy, given('picture'));
  add('unchangedMs', metrics.unchangedMs, program.pictureWhy, given('picture'));
  add('peakDb', metrics.peakDb, program.soundWhy, given('sound'));
  add('clippedPercent', metrics.clippedPercent, program.soundWhy, given('clippedPercent', 'sound'));
  for (const { name, state } of metrics.media)
    if (state === 'unknown')
      unknown[`media ${name}`] = reasonText(away ? 'unreachable' : 'notRead', given(`media ${name}`));
  if (verdict === 'unknown') explain(watched, last, unknown);
  return unknown;
}

const STATISTICS = [
  'fps',
  'targetFps',
  'cpuPercent',
  'memoryMegabytes',
  'freeDiskMegabytes',
] as const satisfies (keyof StatisticsReading)[];

type StreamFigure = 'bitrateKbps' | 'baselineKbps' | 'droppedPercent' | 'congestion';

const streamFigures = (stream: StreamRules): [StreamFigure, Why, string[]][] => [
  ['bitrateKbps', stream.bitrateWhy, ['bytes']],
  ['baselineKbps', stream.baseline.why, ['targetKbps']],
  ['droppedPercent', stream.droppedWhy, ['droppedFrames', 'frames']],
  ['congestion', stream.congestionWhy, ['congestion']],
];

/** Which causes make the verdict unknown. */
function explain(watched: Watched, last: HealthSample, unknown: Record<string, string>): void {
  if (!watched.reachable) return;
  if (watched.connection.rule.level > 0) unknown.connection = 'it has only just answered again';
  for (const group of watched.groups) {
    if (!isUnknown(group)) continue;
    const rule = group.evidence[0];
    const single = group.cause === 'stream' && !watched.named;
    const key = group.subject === null || single ? group.cause : `${group.cause} ${group.subject}`;
    const why = rule ? reasonText(rule.why, givenReason(rule, last)) : 'none of its figures is judged';
    unknown[key] =
      rule?.why === 'given' && endIsWatched(watched, group)
        ? `no figure of it is known (${why}), but that it ends unasked is told all the same`
        : why;
  }
}

/** Whether it is told of, without any figure, that this ended. */
function endIsWatched({ rules }: Watched, { cause, subject }: CauseGroup): boolean {
  const end = cause === 'stream' ? 'unexpectedStop' : cause === 'recording' ? 'recordingStopped' : null;
  return rules.some((one) => one.rule === end && one.subject === subject);
}
