// What a wish is known by comes back in the events of its end, so that a queue hears them without a wire back.
import assert from 'node:assert/strict';
import { failureOf, SwitchRig, wishOf } from '../support/switch-rig';

describe('switching, the tag of a wish in its events', () => {
  let rig: SwitchRig;
  const told = () => rig.told.map(({ event, payload }) => [event, payload['turn'], payload['code'] ?? null]);
  const tagged = (address: string, tag: string | null, more = {}) => wishOf(address, { tag, ...more });

  beforeEach(() => {
    rig = new SwitchRig();
  });
  afterEach(() => {
    rig.assertInOrder();
    rig.end();
  });

  it('switched, failed, and without one', async () => {
    await rig.use.switchTo(tagged('rtmp://a', 't1.1'));
    rig.obs.publishers.set('rtmp://b', { firstMs: Infinity });
    await failureOf(rig.use.switchTo(tagged('rtmp://b', 't2.2')));
    await rig.use.switchTo(wishOf('rtmp://c'));
    assert.deepEqual(told(), [
      ['source_switched', 't1.1', null],
      ['source_switch_failed', 't2.2', 'SOURCE_NOT_READY'],
      ['source_switched', null, null],
    ]);
  });

  it('on air already: told to who waits for it, to nobody else', async () => {
    await rig.use.switchTo(wishOf('rtmp://a'));
    await rig.use.switchTo(wishOf('rtmp://a'));
    await rig.use.switchTo(tagged('rtmp://a', 't1.1'));
    assert.deepEqual(told(), [
      ['source_switched', null, null],
      ['source_switched', 't1.1', null],
    ]);
    assert.equal(rig.told[1]?.payload['alreadyLive'], true);
  });

  it('overtaken, refused as busy, closed: each is told', async () => {
    rig.obs.publishers.set('rtmp://slow', { firstMs: Infinity });
    const overtaken = failureOf(rig.use.switchTo(tagged('rtmp://slow', 't1.1')));
    await rig.pass(500);
    const closed = failureOf(rig.use.switchTo(tagged('rtmp://slow?2', 't2.2')));
    rig.obs.publishers.set('rtmp://slow?2', { firstMs: Infinity });
    await overtaken;
    await failureOf(rig.use.switchTo(tagged('rtmp://c', 't3.3', { ifBusy: 'reject' })));
    await failureOf(rig.use.switchTo(wishOf('rtmp://c', { ifBusy: 'reject' })));
    await rig.use.release();
    await closed;
    await failureOf(rig.use.switchTo(tagged('rtmp://d', 't4.4')));
    await failureOf(rig.switching.use().take(tagged('', 't5.5')));
    assert.deepEqual(told(), [
      ['source_switch_failed', 't1.1', 'SOURCE_SWITCH_OVERTAKEN'],
      ['source_switch_failed', 't3.3', 'SOURCE_SWITCH_BUSY'],
      ['source_switch_failed', 't2.2', 'SOURCE_SWITCH_CLOSED'],
      ['source_switch_failed', 't4.4', 'SOURCE_SWITCH_CLOSED'],
      ['source_switch_failed', 't5.5', 'SOURCE_NOT_PREPARED'],
    ]);
  });

  it('one that joins brings its own; one without takes none away', async () => {
    const both = [
      rig.use.switchTo(tagged('rtmp://a', 't1.1')),
      rig.use.switchTo(tagged('rtmp://a', 't1.2')),
      rig.use.switchTo(wishOf('rtmp://a')),
    ];
    await Promise.all(both);
    assert.deepEqual(told(), [['source_switched', 't1.2', null]]);
  });

  it('what was prepared for one is told to who takes it', async () => {
    await rig.use.prepare(tagged('rtmp://a', 't1.1'));
    await rig.use.take(tagged('', 't1.2'));
    assert.deepEqual(told(), [['source_switched', 't1.2', null]]);
  });

  it('a source that is restored was asked for by nobody', async () => {
    await rig.use.switchTo(tagged('rtmp://a', 't1.1'));
    rig.obs.crash();
    await rig.until(() => rig.told.length === 2 && rig.obs.owned().length === 1);
    assert.deepEqual(told()[1], ['source_switched', null, null]);
  });

  it('with the application away it fails at once, and says so', async () => {
    rig.obs.cut();
    const { code } = await failureOf(rig.use.switchTo(tagged('rtmp://a', 't1.1')));
    assert.deepEqual(told(), [['source_switch_failed', 't1.1', code]]);
    assert.deepEqual(rig.told[0]?.payload['slot'], 'main');
  });
});
