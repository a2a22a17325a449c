import assert from 'node:assert/strict';
import type { SwitchUse, SwitchWish } from '../../lib/production/switching';
import { LiveError } from '../../lib/errors';
import { createSwitching, type Switching } from '../../lib/switching/switching';
import { PaperObs } from './paper-switch';
import { QuickClock } from './quick-clock';

/** A wish with the usual settings: a cut to `address` in the scene Show. */
export function wishOf(address: string, more: Partial<SwitchWish> = {}): SwitchWish {
  return {
    where: { scene: 'Show', slot: 'main' },
    source: { address, kind: 'auto', pipeline: { preset: 'low-latency' }, size: null },
    place: { where: 'old', fromTop: 5 },
    transition: { kind: 'cut' },
    readyTimeoutMs: 15_000,
    settleMs: 300,
    ifBusy: 'newest',
    watch: { stallMs: 2000, stableMs: 5000, fallback: null },
    ...more,
  };
}

/** A switching on a paper OBS whose invariants are looked at after every single change. */
export class SwitchRig {
  readonly clock = new QuickClock();
  readonly obs = new PaperObs(this.clock);
  readonly told: { event: string; payload: Record<string, unknown>; cause: string }[] = [];
  readonly notes: string[] = [];
  readonly broken: string[] = [];
  readonly switching: Switching;
  readonly use: SwitchUse;
  /** so many of a place may be there at once; one more where removals fail */
  mostThere = 2;
  private readonly wasVisible = new Set<string>();
  private readonly touchedByPerson = new Set<string>();
  private before: string[] = [];

  constructor(prepare: (obs: PaperObs) => void = () => undefined) {
    prepare(this.obs);
    this.obs.save();
    this.obs.onStep = (who, what) => this.look(who, what);
    this.switching = createSwitching({
      port: this.obs,
      clock: this.clock,
      watcher: null,
      log: (_level, text) => this.notes.push(text),
      tell: (event, payload, cause) => this.told.push({ event, payload, cause }),
    });
    this.use = this.switching.use();
  }

  end(): void {
    this.switching.close();
    this.clock.stop();
  }

  /** Let so much time pass. */
  async pass(ms: number): Promise<void> {
    await this.clock.pause(ms);
  }

  /** Wait for a state of the place: a condition, at most so long by the clock. */
  async until(condition: () => boolean, ms = 60_000): Promise<void> {
    const latest = this.clock.now() + ms;
    while (!condition()) {
      assert(this.clock.now() < latest, `waited ${ms} ms:\n${this.story()}`);
      await this.clock.pause(50);
    }
  }

  /** What must hold at every end, with so many sources kept hidden on purpose. */
  assertInOrder(slots: readonly string[] = ['main'], prepared = 0): void {
    assert.deepEqual(this.broken, [], this.story());
    for (const slot of slots) {
      const visible = this.obs.visible(this.obs.program, slot);
      assert(visible.length <= 1, `visible: ${visible.join()}\n${this.story()}`);
      const owned = this.obs.owned(this.obs.program, slot);
      assert(owned.length <= 1 + prepared, `there: ${owned.map((one) => one.name).join()}\n${this.story()}`);
    }
  }

  story(): string {
    return [...this.notes.slice(-20), ...this.broken, ...this.obs.log.slice(-80)].join('\n');
  }

  private look(who: 'engine' | 'person' | 'obs', what: string): void {
    this.obs.log.push(`  ${Math.round(this.clock.now())} ${who}: ${what}`);
    const scene = this.obs.program;
    const [verb, name = ''] = what.split(' ');
    if (who === 'person') this.touchedByPerson.add(name);
    // who hides the one that is on air wants none there, so the one before it is not brought back
    if (who === 'person' && verb === 'hide')
      for (const one of this.obs.owned(scene, name.split('_')[1] ?? 'main'))
        this.touchedByPerson.add(one.name);
    const places = [...new Set([...this.obs.inputs.values()].flatMap((one) => one.owned?.slot ?? []))];
    const all = places.flatMap((slot) => this.obs.owned(scene, slot));
    const visible = all.filter((one) => one.enabled);
    if (who === 'engine') {
      const slot = name.split('_')[1] ?? 'main';
      const here = this.obs.owned(scene, slot);
      const others = here.filter((one) => one.name !== name && !this.touchedByPerson.has(one.name));
      const wentDark =
        this.before.some((one) => one.split('_')[1] === slot) && !here.some((one) => one.enabled);
      const wereLive = others.filter((one) => this.wasVisible.has(one.name));
      if (wentDark && wereLive.length) this.broken.push(`${what}: nothing is visible any more`);
      if (verb === 'show' && !this.wasVisible.has(name) && !this.obs.wasReady(name))
        this.broken.push(`${what}: shown before it was ready`);
      if (verb === 'create' && here.length > this.mostThere)
        this.broken.push(`${what}: ${here.length} sources are there: ${here.map((one) => one.name).join()}`);
      if (verb === 'remove' && !name.startsWith('live_')) this.broken.push(`${what}: it is the user's`);
    }
    if (what === 'crash' || what === 'collection') this.touchedByPerson.clear();
    for (const one of visible) this.wasVisible.add(one.name);
    this.before = visible.map((one) => one.name);
  }
}

/** The code a promise rejects with, and what it says of the old source. */
export async function failureOf(
  work: Promise<unknown>,
): Promise<{ code: string; oldStillLive: unknown; message: string }> {
  try {
    await work;
  } catch (error) {
    assert(error instanceof LiveError, String(error));
    return { code: error.code, oldStillLive: error.details['oldStillLive'], message: error.message };
  }
  throw new Error('it did not fail');
}
