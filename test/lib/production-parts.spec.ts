import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LiveError } from '../../lib/errors';
import { sameService, settingsFor, toPutBack } from '../../lib/obs/stream-service';
import { parseFilters, passes } from '../../lib/production/event-filter';
import { RateLimit } from '../../lib/production/rate-limit';
import { SERVICES, serviceOf } from '../../lib/production/services';
import type { StreamTarget } from '../../lib/production/targets';

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return error instanceof LiveError ? error.code : String(error);
  }
  return 'no error';
};

describe('filters and the limit', () => {
  it('each condition', () => {
    const payload = { a: 5, b: { c: ['x', 'yes'] }, n: null, t: 'text', f: false };
    const ok = (property: string, operator: string, value = '') =>
      passes(payload, parseFilters([{ property, operator, value }]));
    for (const [property, operator, value] of [
      ['a', 'equals', '5'],
      ['payload.a', 'equals', '5'],
      ['msg.payload.a', 'above', '4'],
      ['a', 'below', '5.5'],
      ['b.c.1', 'contains', 'es'],
      ['b.c[1]', 'equals', 'yes'],
      ['t', 'not-equals', 'x'],
      ['missing', 'not-equals', 'x'],
      ['f', 'exists'],
      ['f', 'equals', 'false'],
      ['b', 'contains', '"yes"'],
    ] as const)
      assert.ok(ok(property, operator, value), `${property} ${operator}`);
    for (const [property, operator, value] of [
      ['a', 'equals', '6'],
      ['n', 'exists'],
      ['missing', 'exists'],
      ['missing', 'equals', ''],
      ['t', 'above', '1'],
      ['a', 'above', '5'],
      ['toString', 'exists'],
      ['__proto__.x', 'exists'],
      ['b.c.length', 'above', '9'],
    ] as const)
      assert.ok(!ok(property, operator, value), `${property} ${operator}`);
    assert.ok(passes('anything', []));
    for (const bad of ['x', {}, [{}], [{ property: 'a', operator: 'above', value: '' }], [null]])
      assert.equal(
        codeOf(() => parseFilters(bad)),
        'CONFIG_INVALID',
      );
    for (const none of [undefined, null, '', []]) assert.deepEqual(parseFilters(none), []);
  });

  it('never more than N in a window, and every one is passed or counted', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.nat(300), { maxLength: 200 }),
        (limit, gaps) => {
          const rate = new RateLimit(limit);
          let at = 0;
          let [passed, reported, pending] = [0, 0, 0];
          for (const gap of gaps) {
            const { passes: ok, dropped } = rate.pass((at += gap));
            if (ok) [passed, reported, pending] = [passed + 1, reported + dropped, 0];
            else pending = dropped;
          }
          assert.equal(passed + reported + pending, gaps.length);
          assert.ok(passed <= limit * (Math.floor(at / 1000) + 2));
        },
      ),
    );
    const free = new RateLimit(0);
    for (let i = 0; i < 1000; i++) assert.deepEqual(free.pass(0), { passes: true, dropped: 0 });
  });
});

describe('stream targets', () => {
  const target = (more: Partial<StreamTarget>): StreamTarget => ({
    name: 'T',
    service: 'rtmp',
    server: 'rtmp://a.example/x',
    key: 'k',
    user: '',
    password: '',
    ...more,
  });
  it('each service has its address or wants one, and a key where it needs one', () => {
    assert.equal(serviceOf(target({ service: 'as-set' })), null);
    for (const [id, { server, needsKey }] of Object.entries(SERVICES)) {
      const of = target({ service: id as never, server: '', key: 'k' });
      if (server) assert.equal(serviceOf(of)!.server, server);
      else
        assert.equal(
          codeOf(() => serviceOf(of)),
          'STREAM_TARGET_INVALID',
        );
      if (needsKey)
        assert.equal(
          codeOf(() => serviceOf({ ...of, key: '' })),
          'STREAM_TARGET_INVALID',
        );
    }
    for (const more of [
      { server: 'http://x' },
      { server: 'rtmp://a b' },
      { service: 'srt', server: 'rtmp://x' },
      { service: 'srt', server: 'srt://a:1', password: 'short' },
      { service: 'srt', server: 'srt://a:1?passphrase=short' },
      { service: 'whip', server: 'srt://x' },
      { service: 'nope' },
      { service: 'constructor' },
    ] as const)
      assert.equal(
        codeOf(() => serviceOf(target(more as never))),
        'STREAM_TARGET_INVALID',
        JSON.stringify(more),
      );
  });

  it('settings are complete, so that nothing of the last target is left', () => {
    for (const one of [
      target({}),
      target({ user: 'u', password: 'p' }),
      target({ service: 'twitch', server: '' }),
      target({ service: 'srt', server: 'srt://a:1', password: 'long enough' }),
    ]) {
      const settings = settingsFor(one)!;
      for (const name of ['server', 'key', 'use_auth', 'username', 'password', 'bwtest'])
        assert.ok(name in settings.settings, name);
      assert.ok(sameService(settings, settings));
      assert.ok(!sameService({ ...settings, settings: { ...settings.settings, key: 'other' } }, settings));
    }
    assert.deepEqual(settingsFor(target({ service: 'whip', server: 'https://a.example/w', key: 'b' })), {
      type: 'whip_custom',
      settings: { server: 'https://a.example/w', bearer_token: 'b' },
    });
    assert.deepEqual(toPutBack({ type: 'rtmp_custom', settings: { server: 's' } }).settings, {
      key: '',
      use_auth: false,
      username: '',
      password: '',
      bwtest: false,
      server: 's',
    });
  });
});
