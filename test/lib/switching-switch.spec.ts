import assert from 'node:assert/strict';
import { LiveError } from '../../lib/errors';
import type { SwitchWish } from '../../lib/production/switching';
import { createSwitching } from '../../lib/switching/switching';
import { PaperObs } from '../support/paper-switch';
import { QuickClock } from '../support/quick-clock';

const wish = (address: string, more: Partial<SwitchWish> = {}): SwitchWish => ({
  where: { scene: 'Show', slot: 'main' },
  source: { address, kind: 'auto', pipeline: { preset: 'low-latency' }, size: null },
  place: { where: 'old', fromTop: 5 },
  transition: { kind: 'cut' },
  readyTimeoutMs: 15_000,
  settleMs: 300,
  ifBusy: 'newest',
  watch: { stallMs: 2000, stableMs: 5000, fallback: null },
  ...more,
});

describe('switching, one switch', () => {
  let clock: QuickClock;
  let obs: PaperObs;
  let told: { event: string; payload: Record<string, unknown> }[];

  beforeEach(() => {
    clock = new QuickClock();
    obs = new PaperObs(clock);
    told = [];
  });
  afterEach(() => clock.stop());

  const switching = () =>
    createSwitching({
      port: obs,
      clock,
      watcher: null,
      log: () => undefined,
      tell: (event, payload) => told.push({ event, payload }),
    }).use();

  it('puts the first source on air, and the next one in its place', async () => {
    const use = switching();
    const steps: string[] = [];
    const first = await use.switchTo(wish('rtmp://a'), (step) => steps.push(step.state));
    assert.equal(first.previous, null);
    assert.deepEqual(steps, ['preflight', 'create', 'prime', 'place', 'swap', 'verify', 'retire', 'idle']);
    const second = await use.switchTo(wish('rtmp://b'));
    assert.equal(second.previous, first.source);
    assert.deepEqual(obs.visible(), [second.source]);
    assert.equal(obs.owned().length, 1);
    assert.deepEqual(
      told.map((one) => one.event),
      ['source_switched', 'source_switched'],
    );
  });

  it('leaves the old one alone where the new one gives no picture', async () => {
    const use = switching();
    const first = await use.switchTo(wish('rtmp://a'));
    obs.publishers.set('rtmp://b', { firstMs: Infinity });
    await assert.rejects(use.switchTo(wish('rtmp://b')), (error: unknown) => {
      assert(error instanceof LiveError);
      assert.equal(error.code, 'SOURCE_NOT_READY');
      assert.equal(error.details['oldStillLive'], true);
      return true;
    });
    assert.deepEqual(obs.visible(), [first.source]);
    assert.equal(obs.owned().length, 1);
  });

  it('rolls a half swap back', async () => {
    const use = switching();
    const first = await use.switchTo(wish('rtmp://a'));
    obs.fault = (call) => (call === 'swap' ? 'half' : null);
    await assert.rejects(use.switchTo(wish('rtmp://b')), { code: 'SOURCE_SWITCH_INCOMPLETE' });
    assert.deepEqual(obs.visible(), [first.source]);
    assert.equal(obs.owned().length, 1);
  });

  it('lets the newest overtake', async () => {
    const use = switching();
    await use.switchTo(wish('rtmp://a'));
    const one = use.switchTo(wish('rtmp://b'));
    const overtaken = assert.rejects(one, { code: 'SOURCE_SWITCH_OVERTAKEN' });
    const two = use.switchTo(wish('rtmp://c'));
    await overtaken;
    assert.equal(obs.addressOnAir(), 'rtmp://a');
    await two;
    assert.equal(obs.addressOnAir(), 'rtmp://c');
    assert.equal(obs.owned().length, 1);
  });
});
