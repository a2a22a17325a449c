// The rules of health on what an application tells, as a node would have it, and OBS's own signs beside it.
import assert from 'node:assert/strict';
import { HealthMonitor } from '../../lib/health/monitor';
import type { HealthAlert, HealthOptions, RuleId } from '../../lib/health/types';
import type { HealthSample } from '../../lib/production/health';
import { waitFor } from '../support';
import type { Driven } from './drive';
import type { World } from './support';

interface Told {
  /** when it was told, ms since 1970 */
  atMs: number;
  alert: HealthAlert;
}

export interface Watching {
  readonly monitor: HealthMonitor;
  readonly samples: readonly HealthSample[];
  readonly told: readonly Told[];
  /** the first alert of this kind; `rule` has to be one of its reasons */
  alert(change: HealthAlert['change'], options?: { rule?: RuleId; timeoutMs?: number }): Promise<Told>;
  /** all that is watched is known and well */
  ok(timeoutMs?: number): Promise<void>;
  /** so many more readings */
  readings(count: number): Promise<void>;
  /** that all alerts so far are of one incident: opened once, perhaps worsened, and recovered if that was told */
  assertOneIncident(): void;
  /** what was told so far, in short */
  story(): string;
  end(): void;
}

const options: HealthOptions = {
  preset: 'standard',
  watch: [],
  overrides: {},
  when: 'always',
  reminderMs: 0,
  bitrateKbps: null,
  media: [],
  frozenNeedsSilence: true,
};

/** Watches one application once a second, as the health alert node does; ends with the scenario. */
export function watchHealth(world: World, { app }: Driven, mine: Partial<HealthOptions>): Watching {
  const wanted = { ...options, ...mine };
  const { watch, media } = wanted;
  const monitor = new HealthMonitor(wanted);
  const samples: HealthSample[] = [];
  const told: Told[] = [];
  const end = app.health.watch(
    {
      everyMs: 1000,
      pictureEveryMs: watch.includes('black') || watch.includes('frozen') ? 1000 : null,
      sound: watch.some((what) => ['silent', 'clipped', 'frozen'].includes(what)),
      media,
    },
    (sample) => {
      samples.push(sample);
      for (const alert of monitor.sample(sample)) told.push({ atMs: Date.now(), alert });
    },
  );
  world.cleanUp(end);
  const story = (): string => {
    const { verdict, rules, unknown } = monitor.report();
    const bad = rules.filter((rule) => rule.verdict !== 'ok');
    return [
      ...told.map(
        ({ alert }) =>
          `${alert.change} ${alert.severity} ${alert.id} ${alert.rules.map(({ rule }) => rule).join('+')}`,
      ),
      `now ${verdict} after ${samples.length} readings: ${JSON.stringify({ bad, unknown })}`,
    ].join('\n');
  };
  return {
    monitor,
    samples,
    told,
    story,
    end,
    alert: (change, { rule, timeoutMs = 90_000 } = {}) =>
      waitFor(
        () =>
          told.find(
            ({ alert }) =>
              alert.change === change && (!rule || alert.rules.some((reason) => reason.rule === rule)),
          ),
        { timeoutMs, message: () => `${change} ${rule ?? ''}:\n${story()}` },
      ),
    ok: async (timeoutMs = 60_000) =>
      void (await waitFor(() => monitor.report().verdict === 'ok', {
        timeoutMs,
        message: () => `all to be well:\n${story()}`,
      })),
    async readings(count) {
      const enough = samples.length + count;
      await waitFor(() => samples.length >= enough, {
        timeoutMs: 10_000 + count * 5000,
        message: `${count} readings`,
      });
    },
    assertOneIncident() {
      const changes = told.map(({ alert }) => alert.change);
      assert.equal(new Set(told.map(({ alert }) => alert.id)).size, 1, story());
      assert.equal(changes[0], 'opened', story());
      const rest = changes.slice(1, changes.at(-1) === 'recovered' ? -1 : undefined);
      assert.ok(
        rest.every((change) => change === 'worsened'),
        story(),
      );
    },
  };
}

/** The first answer or event in which OBS itself shows that its stream suffers, asked five times a second. */
export async function firstSign(world: World): Promise<{ atMs: number; what: string }> {
  const client = await world.connectClient();
  let dropped: number | null = null;
  let found: { atMs: number; what: string } | undefined;
  client.obs.on('StreamStateChanged', ({ outputState }) => {
    if (outputState.endsWith('_RECONNECTING')) found ??= { atMs: Date.now(), what: 'it reconnects' };
  });
  try {
    return await waitFor(
      async () => {
        const status = await client.call('GetStreamStatus');
        const more = dropped !== null && status.outputSkippedFrames > dropped;
        dropped = status.outputSkippedFrames;
        const what = status.outputReconnecting
          ? 'it reconnects'
          : status.outputCongestion > 0.33
            ? `congestion ${status.outputCongestion.toFixed(2)}`
            : more
              ? 'frames are dropped'
              : null;
        return found ?? (what === null ? undefined : { atMs: Date.now(), what });
      },
      { timeoutMs: 60_000, intervalMs: 200, message: 'OBS to notice that its stream suffers' },
    );
  } finally {
    await client.close();
  }
}

/** Whether OBS's own counters bear out that it came too late for frames, in some five seconds of what is told. */
export function isTrue({ cause, since, at }: HealthAlert, samples: readonly HealthSample[]): boolean {
  const told = samples.filter(
    ({ atMs, reachable }) => reachable && atMs >= Date.parse(since) - 6000 && atMs <= Date.parse(at),
  );
  return (
    cause === 'computer' &&
    told.some((sample, index) => {
      const before = told.find(({ atMs }) => sample.atMs - atMs < 5500);
      const [now, then] = [sample.statistics, before?.statistics];
      const share = (
        late: 'missedFrames' | 'skippedFrames',
        all: 'renderedFrames' | 'encodedFrames',
      ): number => ((now[late] ?? 0) - (then?.[late] ?? 0)) / ((now[all] ?? 0) - (then?.[all] ?? 0));
      return (
        index > 0 &&
        (share('missedFrames', 'renderedFrames') > 0.01 || share('skippedFrames', 'encodedFrames') > 0.01)
      );
    })
  );
}
