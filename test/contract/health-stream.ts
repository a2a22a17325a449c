// Health of a stream whose uplink fails, and comes back.
import assert from 'node:assert/strict';
import type { HealthOptions } from '../../lib/health/types';
import { scale, startThrottledProxy, waitFor } from '../support';
import { type Driven, drive, setParameter, to } from './drive';
import type { Address, World } from './support';
import type { Line } from './together';
import { firstSign, isTrue, watchHealth, type Watching } from './watching';

/** What the alert may take after OBS's own first sign. */
const TOLD_WITHIN_MS = 20_000;
/** A long show in the long form, a glance at one otherwise. */
const SHOW_MS = scale === 1 ? 300_000 : 20_000;
/** Set so high that socket buffers, which hide a bad uplink, are full in seconds. */
export const PROXY_KBPS = 20_000;

/** Content again soon: how long a rule needs for that is proved elsewhere. */
const soonContent: HealthOptions['overrides'] = {
  dropped: { clearMs: 4000 },
  congestion: { clearMs: 4000 },
  bitrate: { clearMs: 4000 },
  reconnecting: { clearMs: 8000 },
};

const PICTURE = ['black', 'frozen'] as const;

/** The way from OBS to its server. */
export interface Uplink {
  readonly at: Address;
  cut(): Promise<void>;
  restore(): Promise<void>;
  /** lets so much of the bitrate through, 0 to 1 */
  throttle(share: number): void;
  /** nothing passes, and nothing breaks */
  starve(): void;
}

export interface Stage {
  readonly world: World;
  readonly driven: Driven;
  readonly uplink: Uplink;
}

/** An application of ours on this world, with an uplink that can fail; OBS tries that often to come back. */
export async function setStage(world: World, retries: number): Promise<Stage> {
  await setParameter(world, 'Output', 'RetryDelay', '1');
  await setParameter(world, 'Output', 'MaxRetries', String(retries));
  return { world, driven: await drive(world), uplink: await uplinkOf(world) };
}

async function uplinkOf(world: World): Promise<Uplink> {
  const { simulator, good } = world;
  if (simulator) {
    return {
      at: good,
      cut: () => Promise.resolve(simulator.faults.loseServer()),
      restore: () => {
        simulator.health.uplink(1);
        return Promise.resolve(simulator.faults.restoreServer());
      },
      throttle: (share) => simulator.health.uplink(share),
      starve: () => simulator.health.uplink(0),
    };
  }
  const proxy = await startThrottledProxy(Number(new URL(good.server).port));
  world.cleanUp(() => proxy.close());
  return {
    at: { server: `rtmp://127.0.0.1:${proxy.port}/live`, key: good.key },
    cut: () => proxy.cut(),
    restore: () => proxy.restore(),
    throttle: (share) => proxy.throttle((share * PROXY_KBPS * 1000) / 8),
    starve: () => proxy.starve(),
  };
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Prints what was measured. */
export function report(world: World, text: string): void {
  console.log(`      ${world.kind === 'real' ? 'OBS' : 'simulator'}: ${text}`);
}

/** The stream is watched, fails and is told of in time. */
export async function failsAndIsTold(
  { world, driven }: Stage,
  name: string,
  overrides: HealthOptions['overrides'],
  begin: () => unknown,
): Promise<{ watching: Watching; text: string }> {
  const watching = watchHealth(world, driven, { watch: ['stream'], overrides });
  await watching.ok();
  const beganMs = Date.now();
  const sign = firstSign(world);
  sign.catch(() => undefined);
  await begin();
  const opened = await watching.alert('opened');
  const { atMs, what } = await sign;
  const lateMs = opened.atMs - atMs;
  const why = opened.alert.rules.map(({ rule }) => rule).join(', ');
  const text = `${name}: OBS shows it after ${seconds(atMs - beganMs)} (${what}), told ${seconds(lateMs)} later (${opened.alert.severity}: ${why})`;
  assert.ok(lateMs <= TOLD_WITHIN_MS, text);
  assert.equal(opened.alert.cause, 'stream', watching.story());
  return { watching, text };
}

/** The stream is well again, and what was one fault was one incident. */
export async function recovers(
  { world }: Stage,
  { watching, text }: Awaited<ReturnType<typeof failsAndIsTold>>,
  restore: () => Promise<unknown>,
): Promise<void> {
  const restoredMs = Date.now();
  await restore();
  const { atMs, alert } = await watching.alert('recovered');
  report(world, `${text}, well again told ${seconds(atMs - restoredMs)} after its end`);
  watching.assertOneIncident();
  assert.ok(alert.until !== null && alert.durationMs > 0, JSON.stringify(alert));
  assert.match(alert.text, /\d+ (s|min)/, 'how long it lasted');
  watching.end();
}

/** A show without a fault. */
export function normalShow(line: Line, stage: () => Stage, nextScene: () => Promise<void>): void {
  line.step(`a normal show of ${SHOW_MS / 1000} s is told nothing`, async () => {
    const { world, driven, uplink } = stage();
    await driven.app.streams.start(to(uplink.at));
    const watching = watchHealth(world, driven, {
      watch: ['stream', 'computer', 'disk', 'silent', 'clipped', ...PICTURE],
      when: 'show',
    });
    const from = Date.now();
    await watching.ok();
    while (Date.now() - from < SHOW_MS) {
      await watching.readings(3);
      await nextScene();
    }
    const all = `${watching.samples.length} readings of a normal show`;
    if (watching.told.length === 0) {
      const { verdict, score } = watching.monitor.report();
      assert.deepEqual([verdict, score], ['ok', 100], watching.story());
      report(world, `${all}, no alert`);
    } else {
      // a machine that runs other tests beside can really be too slow to draw every frame
      for (const { alert } of watching.told) assert.ok(isTrue(alert, watching.samples), watching.story());
      report(world, `${all}, and OBS itself counted the frames it was too late for:\n${watching.story()}`);
    }
    watching.end();
  });
}

/** One fault of the uplink after the other. */
export function troubleSteps(line: Line, stage: () => Stage): void {
  line.step('throttled to 40 % and let go', async () => {
    const { uplink } = stage();
    const told = await failsAndIsTold(stage(), 'throttled to 40 %', {}, () => uplink.throttle(0.4));
    await recovers(stage(), told, () => uplink.restore());
  });
  line.step('starved and fed again', async () => {
    const { uplink } = stage();
    const told = await failsAndIsTold(stage(), 'starved', soonContent, () => uplink.starve());
    await recovers(stage(), told, () => uplink.restore());
  });

  line.step('cut and restored', async () => {
    const { uplink } = stage();
    const told = await failsAndIsTold(stage(), 'cut', soonContent, () => uplink.cut());
    await recovers(stage(), told, () => uplink.restore());
  });

  line.step('stopped by somebody while it was in trouble', async () => {
    const { uplink, driven } = stage();
    const told = await failsAndIsTold(stage(), 'cut before a stop', soonContent, () => uplink.cut());
    const { watching } = told;
    await recovers(stage(), told, () => driven.app.streams.stop());
    const before = watching.told.length;
    await uplink.restore();
    const after = watchHealth(stage().world, driven, { watch: ['stream'], when: 'show' });
    await after.readings(8);
    assert.deepEqual([after.told, after.monitor.report().verdict], [[], 'ok'], after.story());
    assert.equal(watching.told.length, before, watching.story());
  });
}

/** A cut that OBS gives up on, and what follows it. */
export function lostSteps(line: Line, stage: () => Stage): void {
  line.step('cut for good, until OBS gives up', async () => {
    const { driven, uplink } = stage();
    await driven.app.streams.start(to(uplink.at));
    const told = await failsAndIsTold(stage(), 'cut for good', soonContent, () => uplink.cut());
    const { watching } = told;
    await driven.told('stream_stopped');
    const stays = (): void => {
      watching.assertOneIncident();
      const [incident, ...others] = watching.monitor.report().incidents;
      assert.deepEqual([others.length, incident?.severity], [0, 'critical'], watching.story());
    };
    await waitFor(
      () =>
        watching.monitor
          .report()
          .incidents[0]?.rules.some(
            ({ rule, verdict }) => rule === 'unexpectedStop' && verdict === 'critical',
          ),
      { message: () => `the end to join the incident:\n${watching.story()}` },
    );
    stays();
    await watching.readings(5);
    stays();
    await uplink.restore();
    await recovers(stage(), told, () => driven.app.streams.start(to(uplink.at)));
    await driven.app.streams.stop();
  });

  line.step('SRT, of which OBS counts no drops', async () => {
    const { world, driven } = stage();
    const { server } = await world.srt();
    await driven.app.streams.start(to({ server, key: '' }));
    const watching = watchHealth(world, driven, { watch: ['stream'], when: 'show' });
    await watching.ok();
    const { rules, metrics, score } = watching.monitor.report();
    const of = (name: string) => rules.find(({ rule }) => rule === name);
    assert.equal(of('bitrate')?.verdict, 'ok', watching.story());
    for (const name of ['dropped', 'congestion']) {
      assert.deepEqual([of(name)?.verdict, of(name)?.value], ['unknown', null], watching.story());
      assert.match(of(name)?.reason ?? '', /SRT/, watching.story());
    }
    assert.deepEqual([metrics.streams[0]?.droppedPercent, metrics.streams[0]?.congestion], [null, null]);
    assert.equal(score, 100);
    assert.deepEqual(watching.told, [], watching.story());
    report(
      world,
      `SRT is well at ${Math.round(metrics.streams[0]?.bitrateKbps ?? 0)} kbps, drops and congestion unknown`,
    );
    watching.end();
  });

  line.step('OBS killed while it was live', async () => {
    const { world, driven, uplink } = stage();
    const watching = watchHealth(world, driven, { watch: ['stream'], when: 'show' });
    await watching.ok();
    const killedMs = Date.now();
    await world.kill('SIGKILL');
    await waitFor(() => watching.monitor.report().verdict === 'unknown', {
      timeoutMs: 5000,
      message: () => `the verdict to be unknown:\n${watching.story()}`,
    });
    const unknownMs = Date.now() - killedMs;
    const opened = await watching.alert('opened');
    assert.deepEqual(
      [opened.alert.severity, opened.alert.cause],
      ['unknown', 'connection'],
      watching.story(),
    );
    const worse = await watching.alert('worsened');
    assert.equal(worse.alert.severity, 'critical', watching.story());
    const [openedMs, worseMs] = [opened.atMs - killedMs, worse.atMs - killedMs];
    const text = `killed: unknown after ${seconds(unknownMs)}, told after ${seconds(openedMs)}, critical after ${seconds(worseMs)}`;
    assert.ok(openedMs >= 9000 && openedMs <= 14_000 && worseMs >= 29_000 && worseMs <= 34_000, text);
    await world.start();
    await driven.app.whenReady(60_000);
    await watching.readings(4);
    watching.assertOneIncident();
    const { incidents, verdict } = watching.monitor.report();
    assert.deepEqual([incidents.length, verdict], [1, 'critical'], watching.story());
    const told = { watching, text };
    await recovers(stage(), told, () => driven.app.streams.start(to(uplink.at)));
  });
}
