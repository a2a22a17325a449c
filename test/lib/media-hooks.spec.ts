// Hooks of the media servers: real ones are read, hostile ones refused, and each answer is one that the server takes as it is meant.
import assert from 'node:assert/strict';
import { canPushTo } from '../../lib/media-servers/nginx-rtmp';
import { speechOf } from '../../lib/media-servers/speech';
import { MEDIA_SERVERS, type Hook, type HookFault, type HookRequest } from '../../lib/media-servers/types';
import {
  CAPTURES,
  MEDIAMTX_PUBLISH,
  MEDIAMTX_UNPUBLISH,
  NGINX_PUBLISH,
  ORYX_PUBLISH,
  ORYX_UNPUBLISH,
  SRS_FORWARD,
  SRS_PUBLISH,
  form,
  forwardsOf,
  json,
  verdictOf,
} from '../support/hooks';

const isFault = (read: Hook | HookFault): read is HookFault => 'fault' in read;
const params = (entries: Record<string, string>) => new Map(Object.entries(entries));

function hookOf(kind: (typeof MEDIA_SERVERS)[number], request: HookRequest): Hook {
  const read = speechOf(kind).parse(request);
  assert.ok(!isFault(read), isFault(read) ? read.reason : '');
  return read;
}
function faultOf(kind: (typeof MEDIA_SERVERS)[number], request: HookRequest): string {
  const read = speechOf(kind).parse(request);
  assert.ok(isFault(read), 'it was taken');
  assert.ok(read.reason && read.reason.length < 120);
  return read.fault;
}

describe('a hook of a real server', () => {
  it('SRS: publish', () => {
    const wanted: Hook = {
      action: 'publish',
      called: 'on_publish',
      app: 'live',
      stream: 'guest1',
      vhost: '__defaultVhost__',
      clientId: '5dj3331g',
      address: '127.0.0.1',
      params: params({ key: 'abc' }),
      login: null,
    };
    assert.deepEqual(hookOf('srs', json(SRS_PUBLISH)), wanted);
    assert.deepEqual(hookOf('rehearsal', json(SRS_PUBLISH)), wanted);
    // as its documentation prints the type
    assert.deepEqual(hookOf('srs', json(SRS_PUBLISH, 'application-json')), wanted);
    assert.deepEqual(hookOf('srs', json(SRS_PUBLISH, 'Application/JSON; charset=utf-8')), wanted);
  });

  it('SRS: forward, and what is only told', () => {
    assert.equal(hookOf('srs', json(SRS_FORWARD)).action, 'forward');
    const named = (name: string) => hookOf('srs', json(SRS_PUBLISH.replace('on_publish', name))).action;
    assert.deepEqual(
      ['on_unpublish', 'on_play', 'on_stop', 'on_connect', 'on_close', 'on_dvr', 'on_hls', 'on_whatever'].map(
        named,
      ),
      ['unpublish', 'play', 'stop', 'connect', 'close', 'record', 'record', 'other'],
    );
  });

  it('Oryx: its own callback has no client id, hooks of its SRS have', () => {
    const publish = hookOf('oryx', json(ORYX_PUBLISH));
    assert.deepEqual([publish.action, publish.clientId, publish.address], ['publish', null, null]);
    assert.deepEqual(publish.params, params({ secret: 'xyz', key: 'abc' }));
    const gone = hookOf('oryx', json(ORYX_UNPUBLISH));
    assert.deepEqual([gone.action, gone.stream, gone.params.size], ['unpublish', 'guest1', 0]);
    assert.equal(hookOf('oryx', json(SRS_PUBLISH)).clientId, '5dj3331g');
    assert.equal(hookOf('oryx', json(ORYX_PUBLISH.replace('on_publish', 'on_ocr'))).action, 'other');
  });

  it('nginx-rtmp: publish', () => {
    assert.deepEqual(hookOf('nginx-rtmp', form(NGINX_PUBLISH)), {
      action: 'publish',
      called: 'publish',
      app: 'live',
      stream: 'k1',
      vhost: null,
      clientId: '6',
      address: '127.0.0.1',
      params: params({ tok: 'abc' }),
      login: null,
    });
    const called = (call: string) =>
      hookOf('nginx-rtmp', form(NGINX_PUBLISH.replace('call=publish', `call=${call}`)));
    assert.deepEqual(
      [
        'publish_done',
        'play',
        'play_done',
        'connect',
        'disconnect',
        'update_publish',
        'update_play',
        'record_done',
        'done',
      ].map((call) => called(call).action),
      ['unpublish', 'play', 'stop', 'connect', 'close', 'update', 'other', 'record', 'other'],
    );
    // there nginx-rtmp writes neither, so they are the client's own words
    assert.deepEqual([called('connect').stream, called('connect').clientId], ['', null]);
  });

  it('nginx-rtmp: what the publisher appends is never taken for what the server says', () => {
    const hook = hookOf(
      'nginx-rtmp',
      form(`${NGINX_PUBLISH}&name=k2&call=publish_done&clientid=1&app=other&addr=10.0.0.1&key=a&key=b`),
    );
    assert.deepEqual(
      [hook.action, hook.stream, hook.clientId, hook.app, hook.address],
      ['publish', 'k1', '6', 'live', '127.0.0.1'],
    );
    assert.deepEqual(hook.params, params({ tok: 'abc', key: 'a' }));
    assert.equal(faultOf('nginx-rtmp', form(`${NGINX_PUBLISH}&name[]=k2`)), 'field');
    assert.equal(faultOf('nginx-rtmp', form(`${NGINX_PUBLISH}&name%5B0%5D=k2`)), 'field');
    assert.equal(faultOf('nginx-rtmp', form(`${NGINX_PUBLISH}&__proto__=x`)), 'field');
    assert.equal(faultOf('nginx-rtmp', form(`${NGINX_PUBLISH}&%5f_proto__=x`)), 'field');
  });

  it('MediaMTX: asks with a query or a login, and our own line tells when somebody has gone', () => {
    const hook = hookOf('mediamtx', json(MEDIAMTX_PUBLISH));
    assert.deepEqual([hook.action, hook.app, hook.stream, hook.login], ['publish', 'live', 'guest1', null]);
    assert.equal(hook.clientId, '8f14e45f-ceea-467f-9b1c-2a3b4c5d6e7f');
    assert.deepEqual(hook.params, params({ key: 'abc' }));
    const login = MEDIAMTX_PUBLISH.replace('"user":"","password":""', '"user":"guest1","password":"abc"');
    assert.deepEqual(hookOf('mediamtx', json(login)).login, { user: 'guest1', password: 'abc' });
    const token = hookOf('mediamtx', json(MEDIAMTX_PUBLISH.replace('"token":""', '"token":"t"')));
    assert.equal(token.params.get('token'), 't');
    assert.equal(hookOf('mediamtx', json(MEDIAMTX_PUBLISH.replace('live/guest1', 'guest1'))).app, '');
    assert.equal(hookOf('mediamtx', json(MEDIAMTX_PUBLISH.replace('live/guest1', 'a/b/c'))).app, 'a/b');
    assert.equal(hookOf('mediamtx', json(MEDIAMTX_PUBLISH.replace('"publish"', '"read"'))).action, 'play');
    assert.equal(hookOf('mediamtx', json(MEDIAMTX_PUBLISH.replace('"publish"', '"api"'))).action, 'other');
    const gone = hookOf('mediamtx', form(MEDIAMTX_UNPUBLISH));
    assert.deepEqual(
      [gone.action, gone.app, gone.stream, gone.clientId],
      ['unpublish', 'live', 'guest1', '8f14e45f-ceea-467f-9b1c-2a3b4c5d6e7f'],
    );
    // only MediaMTX itself asks
    assert.equal(faultOf('mediamtx', form(MEDIAMTX_UNPUBLISH.replace('unpublish', 'publish'))), 'action');
  });

  it('arguments: in the name, with a second question mark, encoded, twice, without a value', () => {
    const of = (stream: string, param: string) =>
      hookOf('srs', json({ ...(JSON.parse(SRS_PUBLISH) as object), stream, param }));
    assert.deepEqual(of('guest1?key=a', '?key=b&x=1').params, params({ key: 'a', x: '1' }));
    assert.equal(of('guest1?key=a', '').stream, 'guest1');
    assert.deepEqual(of('g', '?vhost=v?key=a%20b+c').params, params({ vhost: 'v', key: 'a b+c' }));
    assert.deepEqual(of('g', '?key=1&key=2&flag&=x').params, params({ key: '1', flag: '', '': 'x' }));
    assert.deepEqual(of('g', '').params, params({}));
  });
});

describe('a request that is no hook', () => {
  for (const kind of MEDIA_SERVERS)
    it(`of ${kind}: method, type, size, bytes`, () => {
      const [good] = CAPTURES[kind];
      assert.ok(good);
      assert.equal(faultOf(kind, { ...good, method: 'GET' }), 'method');
      assert.equal(faultOf(kind, { ...good, contentType: 'text/plain' }), 'type');
      assert.equal(faultOf(kind, { ...good, contentType: null }), 'type');
      assert.equal(faultOf(kind, { ...good, body: Buffer.alloc(65_537, 32) }), 'size');
      assert.equal(faultOf(kind, { ...good, body: Buffer.alloc(0) }), 'syntax');
      assert.equal(
        faultOf(kind, { ...good, body: Buffer.concat([good.body, Buffer.from([0xff])]) }),
        'syntax',
      );
      assert.equal(faultOf(kind, { ...good, body: Buffer.from('{}') }), 'action');
    });

  const srs = (change: object) => faultOf('srs', json({ ...(JSON.parse(SRS_PUBLISH) as object), ...change }));

  it('wrong types, numbers as names, nothing where something has to be', () => {
    for (const value of [
      7,
      true,
      [],
      ['guest1'],
      {},
      '',
      null,
      'a\u0000b',
      'a\nb',
      '\ud800',
      '\u2028',
      'x'.repeat(513),
    ])
      assert.equal(srs({ stream: value }), 'field', JSON.stringify(value));
    for (const value of [7, ['on_publish'], '', null, 'On Publish', '__proto__', 'x'.repeat(80)])
      assert.equal(srs({ action: value }), 'action', JSON.stringify(value));
    for (const value of [7, '../streams', 'a/b', 'a b', 'ä', null, ''])
      assert.equal(srs({ client_id: value }), 'field', JSON.stringify(value));
    for (const value of [7, ['?key=abc'], { key: 'abc' }]) assert.equal(srs({ param: value }), 'field');
    assert.equal(srs({ param: '?key=%ff' }), 'syntax');
    assert.equal(srs({ param: '?key=%00' }), 'field');
    assert.equal(srs({ param: '?' + 'a&'.repeat(70) }), 'field');
    assert.equal(srs({ param: '?__proto__=1' }), 'field');
    assert.equal(srs({ stream: '?key=abc' }), 'field');
    assert.equal(faultOf('mediamtx', json(MEDIAMTX_PUBLISH.replace('live/guest1', 'live/'))), 'field');
  });

  it('JSON that is no flat object, too deep, or has a field twice', () => {
    for (const text of ['[]', '7', '"x"', 'null', '{', `${SRS_PUBLISH}x`, `\ufeff${SRS_PUBLISH}`])
      assert.equal(faultOf('srs', json(text)), 'syntax', text.slice(0, 20));
    assert.equal(faultOf('srs', json('['.repeat(30_000))), 'syntax');
    assert.equal(faultOf('srs', json('{"a":'.repeat(12_000))), 'syntax');
    assert.equal(faultOf('srs', json(SRS_PUBLISH.replace('{', '{"stream":"other",'))), 'twice');
    assert.equal(faultOf('srs', json(SRS_PUBLISH.replace('{', '{"str\\u0065am":"other",'))), 'twice');
    assert.equal(
      faultOf('srs', json(SRS_PUBLISH.replace('{', '{"__proto__":{"action":"on_publish"},'))),
      'field',
    );
    assert.equal(faultOf('mediamtx', form(`${MEDIAMTX_UNPUBLISH}&path=live%2Fother`)), 'twice');
    // what no hook needs may be anything
    assert.equal(
      hookOf('srs', json(SRS_PUBLISH.replace('{', '{"more":{"stream":"other: \\"x\\":1"},'))).stream,
      'guest1',
    );
  });
});

describe('an answer', () => {
  const allow = { allow: true } as const;
  const deny = { allow: false, reason: 'a "wrong" key' } as const;
  const to = (...forwardTo: string[]) => ({ allow: true, forwardTo }) as const;

  for (const kind of MEDIA_SERVERS)
    it(`${kind} takes as it is meant`, () => {
      const speech = speechOf(kind);
      for (const request of CAPTURES[kind]) {
        const hook = hookOf(kind, request);
        assert.equal(verdictOf(kind, speech.reply(allow, hook)), 'in');
        assert.equal(verdictOf(kind, speech.reply(deny, hook)), 'out');
      }
      // what is no hook is never let in
      assert.equal(verdictOf(kind, speech.reply(allow, null)), 'out');
      assert.equal(verdictOf(kind, speech.reply(deny, null)), 'out');
    });

  it('byte for byte', () => {
    const publish = hookOf('srs', json(SRS_PUBLISH));
    const headers = { 'content-type': 'application/json' };
    for (const kind of ['srs', 'oryx', 'rehearsal'] as const) {
      const { reply } = speechOf(kind);
      assert.deepEqual(reply(allow, publish), { status: 200, headers, body: '{"code":0}' });
      const body = '{"code":403,"msg":"a \\"wrong\\" key"}';
      assert.deepEqual(reply(deny, publish), { status: 200, headers, body });
    }
    const nginx = hookOf('nginx-rtmp', form(NGINX_PUBLISH));
    const { reply: ofNginx } = speechOf('nginx-rtmp');
    assert.deepEqual(ofNginx(allow, nginx), { status: 200, headers: {}, body: '' });
    assert.deepEqual(ofNginx(deny, nginx), { status: 403, headers: {}, body: '' });
    const address = 'rtmp://10.0.0.1:1935/live/k1';
    assert.deepEqual(ofNginx(to(address), nginx), { status: 302, headers: { location: address }, body: '' });
    const mediamtx = hookOf('mediamtx', json(MEDIAMTX_PUBLISH));
    const { reply: ofMediamtx } = speechOf('mediamtx');
    assert.deepEqual(ofMediamtx(allow, mediamtx), { status: 200, headers: {}, body: '' });
    assert.deepEqual(ofMediamtx(deny, mediamtx), { status: 401, headers: {}, body: '' });
  });

  it('SRS always hears where to forward, also when nowhere', () => {
    const { reply } = speechOf('srs');
    const forward = hookOf('srs', json(SRS_FORWARD));
    assert.equal(reply(allow, forward).body, '{"code":0,"data":{"urls":[]}}');
    assert.deepEqual(forwardsOf(reply(to('rtmp://a/b/c', 'rtmp://d/e/f'), forward)), [
      'rtmp://a/b/c',
      'rtmp://d/e/f',
    ]);
    assert.equal(forwardsOf(reply(allow, hookOf('srs', json(SRS_PUBLISH)))), null);
  });

  it('nginx-rtmp is sent nowhere that would end the publisher', () => {
    const { reply } = speechOf('nginx-rtmp');
    const publish = hookOf('nginx-rtmp', form(NGINX_PUBLISH));
    const good = ['rtmp://10.0.0.1/live/k', 'rtmp://10.0.0.1:1935/live/k?x=1', 'rtmp://[::1]:1936/live/k'];
    const bad = [
      ...['rtmp://name/live/k', 'rtmps://10.0.0.1/live/k', 'rtmp://10.0.0.1', 'rtmp://10.0.0.1:99999/live/k'],
      ...[
        'rtmp://10.0.0.1/live/k\r\nx: y',
        `rtmp://10.0.0.1/live/${'k'.repeat(256)}`,
        '',
        'rtmp://10.0.0.1/live/ä',
      ],
    ];
    for (const address of good) assert.ok(canPushTo(address), address);
    for (const address of bad) {
      assert.ok(!canPushTo(address), address);
      assert.equal(verdictOf('nginx-rtmp', reply(to(address), publish)), 'in');
    }
    assert.equal(verdictOf('nginx-rtmp', reply(to(bad[0]!, good[0]!), publish)), `to ${good[0]}`);
    const update = hookOf('nginx-rtmp', form(NGINX_PUBLISH.replace('call=publish', 'call=update_publish')));
    assert.equal(verdictOf('nginx-rtmp', reply(to(good[0]!), update)), 'in');
  });

  it('MediaMTX lets nobody to its API on our word', () => {
    for (const action of ['api', 'metrics', 'pprof']) {
      const hook = hookOf('mediamtx', json(MEDIAMTX_PUBLISH.replace('"publish"', `"${action}"`)));
      assert.equal(verdictOf('mediamtx', speechOf('mediamtx').reply(allow, hook)), 'out');
    }
  });
});
