import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import {
  isMarked,
  madeAt,
  markSettings,
  ownerOf,
  sourceName,
  standInOf,
  standInSettings,
  tagSettings,
} from '../../lib/obs/switch-owner';
import { redact, redactText } from '../../lib/secrets';

const AT = Date.UTC(2026, 10, 21, 19, 0, 0);
const tag = (name: string) => ({ owner: 'obs-1', slot: 'main', name, fingerprint: 'f', made: 'm' });

describe('names and marks of sources on air', () => {
  it('a name has place, time and chance in it, and is never longer than OBS shows', () => {
    assert.equal(sourceName('Main stage', AT, 0.5), `live_main-stage_${AT.toString(36)}_i0000`);
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.integer({ min: Date.UTC(2020), max: Date.UTC(2090) }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (slot, atMs, chance) => {
          const name = sourceName(slot, atMs, chance);
          assert.ok(name.length <= 62, name);
          assert.equal(madeAt(name), atMs);
          // one that looks like a key would be hidden wherever it is said
          assert.equal(redactText(name), name);
        },
      ),
    );
    for (const slot of ['12345', '', '4', '_', 'abcd-1234-abcd-1234-abcd'])
      assert.equal(redactText(sourceName(slot, AT, 0)), sourceName(slot, AT, 0));
  });

  it('a source is ours by its name and its settings together', () => {
    const name = sourceName('main', AT, 0.1);
    const settings = { input: 'rtmp://127.0.0.1/live/x', ...tagSettings(tag(name)) };
    assert.deepEqual(ownerOf(name, settings, 'obs-1'), tag(name));
    // a copy has the settings of the original, a renamed one the old name in them
    assert.equal(ownerOf(sourceName('main', AT, 0.2), settings, 'obs-1'), null);
    assert.equal(ownerOf('Guest', { ...tagSettings(tag('Guest')) }, 'obs-1'), null);
    assert.equal(ownerOf(name, settings, 'obs-2'), null);
    assert.equal(ownerOf(name, { input: 'x' }, 'obs-1'), null);
  });

  it('digests of an address are hidden where the settings are told, as in an event', () => {
    const told = { ...tag(sourceName('main', AT, 0.1)), fingerprint: '3fa9c2d41b', made: '77aa0c2d41' };
    assert.doesNotMatch(JSON.stringify(redact(tagSettings(told))), /3fa9c2d41b|77aa0c2d41/);
  });

  it('settings that say anything else are read without harm', () => {
    const name = sourceName('main', AT, 0.1);
    fc.assert(
      fc.property(fc.anything(), (value) => {
        assert.equal(ownerOf(name, value, 'obs-1'), null);
        assert.equal(ownerOf(name, { _live_owner: value }, 'obs-1'), null);
        assert.equal(isMarked(name, { _live_mark: value }), false);
        assert.equal(standInOf({ _live_stand_in: value }), null);
      }),
    );
    const long = { _live_owner: { v: 1, ...tag(name), slot: 'x'.repeat(1000) } };
    assert.equal(ownerOf(name, long, 'obs-1'), null);
    assert.equal(
      ownerOf(name, { _live_owner: Object.create({ v: 1, ...tag(name) }) as object }, 'obs-1'),
      null,
    );
  });

  it('the mark is of one source, and what stands in is written beside it', () => {
    const both = { ...markSettings('a', true), ...standInSettings('shown') };
    assert.equal(isMarked('a', both), true);
    assert.equal(isMarked('b', both), false);
    assert.equal(standInOf(both), 'shown');
    assert.equal(isMarked('a', { ...both, ...markSettings('a', false) }), false);
    assert.equal(standInOf({ ...both, ...standInSettings(null) }), null);
  });
});
