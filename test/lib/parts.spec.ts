import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Backoff } from '../../lib/connection/backoff';
import { withDeadline } from '../../lib/connection/deadline';
import { Emitter } from '../../lib/connection/emitter';
import { Lane, type Priority } from '../../lib/connection/lane';
import { LeaseRegistry } from '../../lib/connection/lease';
import { shareAddress } from '../../lib/connection/shared';
import { StreamLock } from '../../lib/connection/stream-lock';
import { LiveError } from '../../lib/errors';
import { closeFault, connectFault, isFinal } from '../../lib/obs/faults';
import { maskFor } from '../../lib/obs/event-table';
import { startsStream } from '../../lib/obs/raw-requests';
import { checkedName, formatFor, isSameFile } from '../../lib/obs/record-settings';
import { parseObsSettings } from '../../lib/obs/settings';
import { wasRestarted } from '../../lib/obs/snapshot';
import { sameService, settingsFor, toPutBack } from '../../lib/obs/stream-service';
import { parseFilters, passes } from '../../lib/production/event-filter';
import { RateLimit } from '../../lib/production/rate-limit';
import { SERVICES, serviceOf } from '../../lib/production/services';
import type { StreamTarget } from '../../lib/production/targets';

const tick = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return error instanceof LiveError ? error.code : String(error);
  }
  return 'no error';
};

describe('the request lane', () => {
  const full = () => new Error('full');
  const me = {};
  it('runs one at a time: stops first, then actions, then polls, each in order', async () => {
    const lane = new Lane();
    const ran: string[] = [];
    let busy = 0;
    const put = (priority: Priority, name: string, owner: object = {}) =>
      lane.run(owner, priority, async () => {
        assert.equal(++busy, 1);
        await tick(1);
        busy--;
        ran.push(name);
      }, full);
    await Promise.all([put('action', 'first'), put('poll', 'poll'), put('action', 'a1'), put('stop', 's1'), put('action', 'a2'), put('stop', 's2')]);
    assert.deepEqual(ran, ['first', 's1', 's2', 'a1', 'a2', 'poll']);
  });

  it('answers a poll with null while one of the same owner waits, and drops what waits of one owner', async () => {
    const lane = new Lane();
    const long = lane.run(me, 'action', () => tick(20), full);
    const poll = lane.run(me, 'poll', () => Promise.resolve(1), full);
    assert.equal(await lane.run(me, 'poll', () => Promise.resolve(2), full), null);
    const others = lane.run({}, 'poll', () => Promise.resolve(3), full);
    const dropped = assert.rejects(poll, /gone/);
    lane.drop(me, () => new Error('gone'));
    await dropped;
    assert.equal(await others, 3);
    await long;
    assert.equal(lane.length, 0);
  });

  it('refuses what is too much, but never a stop, and goes on after a failure', async () => {
    const lane = new Lane(2);
    const first = assert.rejects(lane.run(me, 'action', async () => { await tick(5); throw new Error('own'); }, full), /own/);
    const waiting = [lane.run(me, 'action', () => tick(), full), lane.run(me, 'action', () => tick(), full)];
    await assert.rejects(lane.run(me, 'action', () => tick(), full), /full/);
    await lane.run(me, 'stop', () => tick(), full);
    await Promise.all([first, ...waiting]);
  });

  it('goes on after work that throws before it gives a promise', async () => {
    const lane = new Lane();
    await assert.rejects(lane.run(me, 'action', (() => { throw new Error('sync'); }) as () => Promise<void>, full), /sync/);
    assert.equal(await lane.run(me, 'action', () => Promise.resolve(4), full), 4);
  });
});

describe('leases', () => {
  const thing = (log: string[], name: string) => ({ name, close: () => Promise.resolve(void log.push(name)) });
  it('open once, close when the last goes, and linger', async () => {
    const log: string[] = [];
    const registry = new LeaseRegistry(20);
    const [a, b] = [registry.acquire('x', 's', () => thing(log, 'x')), registry.acquire('x', 's', () => thing(log, 'never'))];
    assert.equal(a.value, b.value);
    a.release();
    a.release();
    await tick(40);
    assert.deepEqual(log, [], 'one user is left');
    b.release();
    assert.deepEqual(log, []);
    const c = registry.acquire('x', 's', () => thing(log, 'never'));
    await tick(40);
    assert.deepEqual([log, c.value], [[], a.value], 'taken again while it lingered');
    c.release();
    await tick(40);
    assert.deepEqual([log, registry.size], [['x'], 0]);
  });

  it('other settings close the old one at once, and its leases then close nothing new', async () => {
    const log: string[] = [];
    const registry = new LeaseRegistry(10_000);
    const old = registry.acquire('x', 'one', () => thing(log, 'one'));
    const young = registry.acquire('x', 'two', () => thing(log, 'two'));
    await tick();
    assert.deepEqual(log, ['one']);
    old.release();
    assert.equal(registry.size, 1);
    assert.equal(registry.peek('x', 'one'), null);
    assert.equal(registry.peek('x', 'two'), young.value);
    await registry.closeNow('x');
    await registry.closeNow('x');
    assert.deepEqual(log, ['one', 'two']);
  });

  it('closeAll waits for what closes, and a close that fails is told, not thrown', async () => {
    const told: unknown[] = [];
    const registry = new LeaseRegistry(0, (error) => told.push(error));
    registry.acquire('a', 's', () => ({ close: () => Promise.reject(new Error('a')) }));
    let closed = false;
    registry.acquire('b', 's', () => ({ close: async () => { await tick(10); closed = true; } })).release();
    await registry.closeAll();
    assert.ok(closed);
    assert.equal(told.length, 1);
  });
});

describe('back-off, lock, emitter, deadline', () => {
  it('waits grow from 1 s by 1.6 to 30 s with jitter, and start over', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 0.999999, noNaN: true }), { minLength: 12, maxLength: 12 }), (randoms) => {
        const backoff = new Backoff(() => randoms[0]!);
        let base = 1000;
        for (let i = 0; i < 12; i++) {
          const wait = backoff.next();
          assert.ok(wait >= Math.floor(base * 0.8) && wait <= Math.ceil(base * 1.2), `${wait} around ${base}`);
          base = Math.min(base * 1.6, 30_000);
        }
        backoff.reset();
        assert.ok(backoff.next() <= 1200);
        backoff.reset(3000);
        assert.ok(backoff.next() >= 2400);
      }),
    );
  });

  it('one holder at a time, however often it is given back', async () => {
    const lock = new StreamLock();
    const unlock = lock.tryTake()!;
    assert.equal(lock.tryTake(), null);
    let free = false;
    void lock.whenFree().then(() => (free = true));
    await tick();
    assert.ok(!free);
    unlock();
    const second = lock.tryTake()!;
    unlock();
    assert.ok(lock.held, 'an old key opens nothing');
    second();
    await tick();
    assert.ok(free);
  });

  it('spellings of this machine share a lane, other addresses do not', async () => {
    const [a, b, c] = [shareAddress('localhost', 1), shareAddress('127.0.0.1', 1), shareAddress('[::1]', 1)];
    const others = [shareAddress('127.0.0.1', 2), shareAddress('studio', 1)];
    assert.equal(a.shared.lane, b.shared.lane);
    assert.equal(a.shared.lane, c.shared.lane);
    for (const other of others) assert.notEqual(a.shared.lane, other.shared.lane);
    for (const one of [a, b, c, ...others]) one.release();
    await tick();
    const later = shareAddress('localhost', 1);
    assert.notEqual(later.shared.lane, a.shared.lane);
    later.release();
  });

  it('a listener that throws or goes harms no other', () => {
    const errors: unknown[] = [];
    const emitter = new Emitter<number>((error) => errors.push(error));
    const heard: string[] = [];
    const hear = (value: number) => heard.push(`twice ${value}`);
    const first = emitter.add(hear);
    emitter.add(hear);
    emitter.add(() => { throw new Error('bad'); });
    emitter.add((value) => heard.push(`last ${value}`));
    emitter.tell(1);
    first();
    first();
    emitter.tell(2);
    assert.deepEqual(heard, ['twice 1', 'twice 1', 'last 1', 'twice 2', 'last 2']);
    assert.equal(errors.length, 2);
    emitter.clear();
    assert.equal(emitter.size, 0);
  });

  it('a deadline rejects, and a late rejection is nobody\'s', async () => {
    await assert.rejects(withDeadline(new Promise((_, reject) => setTimeout(() => reject(new Error('late')), 20)), 5, () => new Error('deadline')), /deadline/);
    assert.equal(await withDeadline(Promise.resolve(3), 5, () => new Error('x')), 3);
    await tick(30);
  });
});

describe('filters and the limit', () => {
  it('each condition', () => {
    const payload = { a: 5, b: { c: ['x', 'yes'] }, n: null, t: 'text', f: false };
    const ok = (property: string, operator: string, value = '') => passes(payload, parseFilters([{ property, operator, value }]));
    for (const [property, operator, value] of [['a', 'equals', '5'], ['payload.a', 'equals', '5'], ['msg.payload.a', 'above', '4'], ['a', 'below', '5.5'], ['b.c.1', 'contains', 'es'], ['b.c[1]', 'equals', 'yes'], ['t', 'not-equals', 'x'], ['missing', 'not-equals', 'x'], ['f', 'exists'], ['f', 'equals', 'false'], ['b', 'contains', '"yes"']] as const) assert.ok(ok(property, operator, value), `${property} ${operator}`);
    for (const [property, operator, value] of [['a', 'equals', '6'], ['n', 'exists'], ['missing', 'exists'], ['missing', 'equals', ''], ['t', 'above', '1'], ['a', 'above', '5'], ['toString', 'exists'], ['__proto__.x', 'exists'], ['b.c.length', 'above', '9']] as const) assert.ok(!ok(property, operator, value), `${property} ${operator}`);
    assert.ok(passes('anything', []));
    for (const bad of ['x', {}, [{}], [{ property: 'a', operator: 'above', value: '' }], [null]]) assert.equal(codeOf(() => parseFilters(bad)), 'CONFIG_INVALID');
    for (const none of [undefined, null, '', []]) assert.deepEqual(parseFilters(none), []);
  });

  it('never more than N in a window, and every one is passed or counted', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(fc.nat(300), { maxLength: 200 }), (limit, gaps) => {
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
      }),
    );
    const free = new RateLimit(0);
    for (let i = 0; i < 1000; i++) assert.deepEqual(free.pass(0), { passes: true, dropped: 0 });
  });
});

describe('stream targets', () => {
  const target = (more: Partial<StreamTarget>): StreamTarget => ({ name: 'T', service: 'rtmp', server: 'rtmp://a.example/x', key: 'k', user: '', password: '', ...more });
  it('each service has its address or wants one, and a key where it needs one', () => {
    assert.equal(serviceOf(target({ service: 'as-set' })), null);
    for (const [id, { server, needsKey }] of Object.entries(SERVICES)) {
      const of = target({ service: id as never, server: '', key: 'k' });
      if (server) assert.equal(serviceOf(of)!.server, server);
      else assert.equal(codeOf(() => serviceOf(of)), 'STREAM_TARGET_INVALID');
      if (needsKey) assert.equal(codeOf(() => serviceOf({ ...of, key: '' })), 'STREAM_TARGET_INVALID');
    }
    for (const more of [{ server: 'http://x' }, { server: 'rtmp://a b' }, { service: 'srt', server: 'rtmp://x' }, { service: 'srt', server: 'srt://a:1', password: 'short' }, { service: 'srt', server: 'srt://a:1?passphrase=short' }, { service: 'whip', server: 'srt://x' }, { service: 'nope' }, { service: 'constructor' }] as const)
      assert.equal(codeOf(() => serviceOf(target(more as never))), 'STREAM_TARGET_INVALID', JSON.stringify(more));
  });

  it('settings are complete, so that nothing of the last target is left', () => {
    for (const one of [target({}), target({ user: 'u', password: 'p' }), target({ service: 'twitch', server: '' }), target({ service: 'srt', server: 'srt://a:1', password: 'long enough' })]) {
      const settings = settingsFor(one)!;
      for (const name of ['server', 'key', 'use_auth', 'username', 'password', 'bwtest']) assert.ok(name in settings.settings, name);
      assert.ok(sameService(settings, settings));
      assert.ok(!sameService({ ...settings, settings: { ...settings.settings, key: 'other' } }, settings));
    }
    assert.deepEqual(settingsFor(target({ service: 'whip', server: 'https://a.example/w', key: 'b' })), { type: 'whip_custom', settings: { server: 'https://a.example/w', bearer_token: 'b' } });
    assert.deepEqual(toPutBack({ type: 'rtmp_custom', settings: { server: 's' } }).settings, { key: '', use_auth: false, username: '', password: '', bwtest: false, server: 's' });
  });
});

describe('what OBS needs', () => {
  it('settings as people type them', () => {
    const parse = (host: string, port: string | number = '4455') => parseObsSettings({ host, port, tls: false, password: '' });
    for (const [typed, host, port, tls] of [[' studio ', 'studio', 4455, false], ['studio:4466', 'studio', 4466, false], ['ws://10.0.0.5:4456/', '10.0.0.5', 4456, false], ['wss://obs.example', 'obs.example', 4455, true], ['[::1]:4460', '::1', 4460, false], ['::1', '::1', 4455, false], ['obsws://studio:4457/password', 'studio', 4457, false]] as const) assert.deepEqual({ ...parse(typed), password: '' }, { host, port, tls, password: '' }, typed);
    for (const host of ['', ' ', 'a b', 'a/b', 'ü', 'a;b', 'a"']) assert.equal(codeOf(() => parse(host)), 'CONFIG_INVALID', host);
    for (const port of ['', '0', '65536', '-1', '4455.5', 'x', '1e3', ' ']) assert.equal(codeOf(() => parse('studio', port)), 'CONFIG_INVALID', port);
  });

  it('file names, formats and what counts as the same file', () => {
    for (const name of ['', ' ', '../x', 'a/../b', '/x', '\\x', 'C:x', 'a:b', 'a*', 'a?', 'a|b', 'a"b', '<a>', 'a\nb', 'x'.repeat(201)]) assert.equal(codeOf(() => checkedName(name)), 'INPUT_INVALID', JSON.stringify(name));
    for (const name of ['Show 7', '%CCYY-%MM-%DD %hh', 'a..b', 'sub/name', 'Gottesdienst übermorgen']) assert.equal(checkedName(` ${name} `), name);
    assert.equal(formatFor('RecFormat', '.MKV'), 'mkv');
    assert.equal(formatFor('RecFormat', 'mpegts'), 'ts');
    assert.equal(formatFor('RecFormat2', 'ts'), 'mpegts');
    assert.equal(codeOf(() => formatFor('RecFormat', 'hybrid_mp4')), 'RECORD_SETTING_REFUSED');
    assert.ok(isSameFile('/v/Show.mkv', { folder: '/v/', fileName: 'Show' }));
    assert.ok(isSameFile('C:\\v\\Show (2).mkv', { folder: 'C:/v', fileName: 'Show' }));
    assert.ok(isSameFile('/v/2024-01-02 x.mkv', { fileName: '%CCYY-%MM-%DD x' }));
    assert.ok(!isSameFile('/v/Showtime.mkv', { fileName: 'Show' }));
    assert.ok(!isSameFile('/vv/Show.mkv', { folder: '/v', fileName: 'Show' }));
  });

  it('faults that look alike are named together, and only those a person must mend are final', () => {
    const attempt = (code?: string, message = '') => ({ where: 'h:1', host: 'localhost', passwordSent: true, socketError: code || message ? Object.assign(new Error(message), code ? { code } : {}) : null });
    const of = (code?: string, message?: string, container = false) => connectFault(new Error(message ?? 'x'), attempt(code, message), container).code;
    assert.equal(of('ECONNREFUSED'), 'OBS_REFUSED');
    assert.equal(of('ECONNREFUSED', '', true), 'OBS_CONTAINER_LOOPBACK');
    for (const code of ['ENOTFOUND', 'EHOSTUNREACH', 'ETIMEDOUT']) assert.equal(of(code), 'OBS_UNREACHABLE');
    assert.equal(of('DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'), 'OBS_TLS_FAILED');
    assert.equal(of(undefined, 'Unexpected server response: 404'), 'OBS_NOT_OBS');
    assert.equal(of(undefined, 'Server sent no subprotocol'), 'OBS_TOO_OLD');
    for (const [code, name, final] of [[4009, 'OBS_WRONG_PASSWORD', true], [4010, 'OBS_TOO_OLD', true], [4011, 'OBS_KICKED', true], [4002, 'OBS_NOT_OBS', false]] as const) {
      const fault = closeFault(code, 'why', attempt());
      assert.deepEqual([fault.code, isFinal(fault)], [name, final]);
    }
    assert.equal(closeFault(4009, '', { ...attempt(), passwordSent: false }).code, 'OBS_PASSWORD_MISSING');
  });

  it('another run of OBS is told from a long absence', () => {
    const mark = (atMs: number, renderedFrames: number | null, salt: string | null = 'a') => ({ atMs, renderedFrames, salt, fps: 30 });
    assert.equal(wasRestarted(null, mark(0, 5)), false);
    assert.equal(wasRestarted(mark(0, 900), mark(10_000, 20)), true);
    assert.equal(wasRestarted(mark(0, 900), mark(10_000, 1200, 'b')), false, 'the server alone was switched off and on');
    assert.equal(wasRestarted(mark(0, 20), mark(60_000, 300, 'b')), true, 'a young run before, and another one now');
    assert.equal(wasRestarted(mark(0, 900), mark(10_000, 1200)), false);
  });

  it('requests that can start the stream', () => {
    const yes: [string, object?][] = [['StartStream'], ['ToggleStream'], ['StartOutput', { outputName: 'simple_stream' }], ['ToggleOutput', { outputName: 'adv_stream' }], ['TriggerHotkeyByName', { hotkeyName: 'OBSBasic.StartStreaming' }], ['TriggerHotkeyByKeySequence', { keyId: 'OBS_KEY_F5' }]];
    const no: [string, object?][] = [['StopStream'], ['StartRecord'], ['StartOutput', { outputName: 'virtualcam_output' }], ['StartOutput'], ['TriggerHotkeyByName', { hotkeyName: 'OBSBasic.StopStreaming' }], ['TriggerHotkeyByName', { hotkeyName: 'x' }], ['GetStreamStatus']];
    for (const [requestType, requestData] of yes) assert.ok(startsStream({ requestType, requestData: requestData as never }), requestType);
    for (const [requestType, requestData] of no) assert.ok(!startsStream({ requestType, requestData: requestData as never }), requestType);
  });

  it('a mask brings what is asked for and no high-volume event unasked', () => {
    assert.equal(maskFor([]), 0);
    const meters = maskFor(['InputVolumeMeters']);
    assert.ok(meters >= 1 << 16);
    assert.equal(maskFor(['SomethingOfANewerObs']) & meters, 0);
    assert.equal(maskFor(['StreamStateChanged']), maskFor(['RecordStateChanged']));
  });
});
