import { certain, overlapMs, without, type Interval } from './marks';
import type { SceneDraft } from './scenes';
import type { SceneTotal } from './types';

/** How long each scene was in the program, the longest first. */
export function sceneTotals(
  scenes: readonly SceneDraft[],
  { from, to }: Interval,
  unknown: (connection: string) => readonly Interval[],
  live: (connection: string) => readonly Interval[],
  name: (connection: string) => string,
): SceneTotal[] {
  const totals = new Map<string, SceneTotal>();
  const onAir = new Map<string, Interval[]>();
  for (const { connection, scene, begin, end } of scenes) {
    const key = `${connection}\n${scene}`;
    let total = totals.get(key);
    if (!total) {
      total = { connection: name(connection), scene, times: 0, programMs: 0, liveMs: 0, atLeast: false };
      totals.set(key, total);
    }
    let air = onAir.get(connection);
    if (!air) onAir.set(connection, (air = without(live(connection), unknown(connection))));
    const sure = certain(begin, end ?? begin);
    const part = { from: Math.max(sure.from, from), to: Math.min(sure.to, to) };
    total.times++;
    if (part.to > part.from) {
      const dark = overlapMs(part, unknown(connection));
      total.programMs += part.to - part.from - dark;
      total.liveMs += overlapMs(part, air);
      if (dark > 0) total.atLeast = true;
    }
    if (begin.ms === null || end?.ms == null) total.atLeast = true;
  }
  const out = [...totals.values()];
  for (const total of out) {
    total.programMs = Math.round(total.programMs);
    total.liveMs = Math.round(total.liveMs);
  }
  return out.sort((a, b) => b.liveMs - a.liveMs || b.programMs - a.programMs);
}
