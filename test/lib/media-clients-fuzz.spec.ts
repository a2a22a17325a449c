// Answers of media servers that nobody sent: real ones with bytes and values changed at random, and plain noise. What is taken is clean,
// everything else is a coded fault, and nobody is ended who was not asked for.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LiveError, fail } from '../../lib/errors';
import type { Api, ApiRequest } from '../../lib/media-servers/api';
import { MediamtxReader } from '../../lib/media-servers/mediamtx-client';
import { NginxReader } from '../../lib/media-servers/nginx-client';
import { OryxReader } from '../../lib/media-servers/oryx-client';
import { SharedClient, type MediaServerReader } from '../../lib/media-servers/reader';
import { SrsReader } from '../../lib/media-servers/srs-client';
import type { Publisher } from '../../lib/media-servers/types';
import { loops } from '../support/scale';

const SRS =
  '{"code":0,"server":"vid-629u528","service":"6266h097","pid":"4711","streams":[{"id":"vid-e851345","name":"guest1","vhost":"vid-629u528","app":"live","tcUrl":"rtmp://127.0.0.1:19350/live","url":"/live/guest1","live_ms":1764000000000,"clients":2,"frames":120,"send_bytes":5000,"recv_bytes":197977,"kbps":{"recv_30s":400,"send_30s":0},"publish":{"active":true,"cid":"5dj3331g"},"video":{"codec":"H264","profile":"High","level":"3.1","width":1280,"height":720},"audio":{"codec":"AAC","sample_rate":44100,"channel":2,"profile":"LC"}}]}';
const ORYX =
  '{"code":0,"data":{"streams":[{"vhost":"__defaultVhost__","app":"live","stream":"guest1","param":"?secret=xyz","server_id":"vid-629u528","client_id":"5dj3331g","update":"2026-01-01T00:00:00Z"}]}}';
const NGINX = `<?xml version="1.0" encoding="utf-8" ?>
<rtmp><nginx_version>1.22.1</nginx_version><nginx_rtmp_version>1.1.4</nginx_rtmp_version><pid>4711</pid><uptime>9</uptime>
<server><application><name>live</name><live><stream><name>guest1</name><time>12345</time><bw_in>400000</bw_in><bytes_in>197977</bytes_in>
<client><id>6</id><address>127.0.0.1</address><time>12345</time><flashver>FMLE/3.0</flashver><dropped>0</dropped><publishing/><active/></client>
<meta><video><width>1280</width><height>720</height><frame_rate>30</frame_rate><codec>H264</codec></video><audio><codec>AAC</codec><channels>2</channels><sample_rate>44100</sample_rate></audio></meta>
<nclients>1</nclients><publishing/><active/></stream><nclients>1</nclients></live></application></server></rtmp>
`;
const MEDIAMTX =
  '{"pageCount":1,"itemCount":1,"items":[{"name":"live/guest1","confName":"all_others","source":{"type":"rtmpConn","id":"8f14e45f-ceea-467f-9b1c-2a3b4c5d6e7f"},"ready":true,"readyTime":"2026-01-01T00:00:00Z","available":true,"availableTime":"2026-01-01T00:00:00Z","online":true,"onlineTime":"2026-01-01T00:00:00Z","tracks":["H264","MPEG-4 Audio"],"tracks2":[{"codec":"H264","codecProps":{"width":1280,"height":720}},{"codec":"MPEG-4 Audio","codecProps":{"sampleRate":44100,"channelCount":2}}],"inboundBytes":197977,"readers":[]}]}';

/** What the API said last time, and what was asked of it; a server that is made of one answer. */
class Said {
  body = '';
  status = 200;
  asked: ApiRequest[] = [];
  readonly api = {
    where: 'there',
    ask: (request: ApiRequest) => {
      this.asked.push(request);
      return Promise.resolve({ status: this.status, body: this.body, dateMs: 1_767_225_700_000 });
    },
    unfit: (reason: string) => fail('MEDIA_SERVER_UNFIT', { reason }),
    failed: (action: string, reason: string) => fail('MEDIA_SERVER_FAILED', { action, reason }),
    close: () => Promise.resolve(),
  } as unknown as Api;
}

interface Case {
  good: string;
  reader: (api: Api) => MediaServerReader;
}
const CASES: Record<string, Case> = {
  srs: { good: SRS, reader: (api) => new SrsReader('srs', api, '') },
  oryx: { good: ORYX, reader: (api) => new OryxReader(api, '') },
  'nginx-rtmp': {
    good: NGINX,
    reader: (api) => new NginxReader({ api, path: '/stat' }, { api, path: '/control' }),
  },
  mediamtx: { good: MEDIAMTX, reader: (api) => new MediamtxReader(api, '') },
};

const HOSTILE = [
  ...[
    '__proto__',
    'constructor',
    '{}',
    '[]',
    'null',
    '0',
    '-1',
    '1e999',
    '"',
    '\\',
    '\\u0000',
    '\\ud800',
    'true',
    'false',
    '7',
  ],
  ...[
    '<',
    '>',
    '</',
    '/>',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<!DOCTYPE x [<!ENTITY a "b">]>',
    '&a;',
    '&#0;',
    '&#xd800;',
    '&amp;',
    '<publishing/>',
    '<stream>',
    '</stream>',
    '<name>',
    '<__proto__>x</__proto__>',
  ],
  ...[
    '../x',
    '?',
    '#',
    'guest1',
    '5dj3331g',
    '"cid":null',
    '"publish":{"active":true}',
    '"streams":{}',
    '"items":null',
    '\u0000',
    '\ufffd',
  ],
];
const piece = fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom(...HOSTILE));
const changed = (good: string): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 9,
      arbitrary: fc
        .array(fc.record({ at: fc.nat(2000), cut: fc.oneof(fc.nat(3), fc.nat(200)), put: piece }), {
          maxLength: 3,
        })
        .map((changes) =>
          changes.reduce((text, { at, cut, put }) => {
            const from = at % (text.length + 1);
            return text.slice(0, from) + put + text.slice(from + cut);
          }, good),
        ),
    },
    fc.json(),
    fc.string({ maxLength: 200 }),
  );

const figure = (value: number | null): boolean => value === null || (Number.isFinite(value) && value >= 0);

function mustBeClean(publisher: Publisher): void {
  const { app, stream, clientId, address, sinceMs, bytesIn, bitrateKbps, frames, readers, video, audio } =
    publisher;
  for (const text of [app, stream, clientId ?? '', address ?? '', video?.codec ?? '', audio?.codec ?? ''])
    assert.ok(typeof text === 'string' && text.length <= 512 && !/[\p{Cc}\p{Surrogate}]/u.test(text));
  for (const value of [sinceMs, bytesIn, bitrateKbps, frames, readers])
    assert.ok(figure(value), String(value));
  for (const value of [video?.width, video?.height, video?.fps, audio?.sampleRateHz, audio?.channels])
    assert.ok(figure(value ?? null), String(value));
}

describe('answers changed at random', () => {
  for (const [kind, { good, reader }] of Object.entries(CASES))
    it(`${kind}: nothing thrown but coded faults, nothing unclean taken`, async function () {
      this.timeout(600_000);
      const said = new Said();
      let taken = 0;
      await fc.assert(
        fc.asyncProperty(changed(good), async (body) => {
          said.body = body;
          said.asked = [];
          const client = new SharedClient(reader(said.api), null, 10_000, () => 0);
          try {
            const { publishers, serverRun } = await client.list(0);
            taken++;
            publishers.forEach(mustBeClean);
            assert.ok(serverRun === null || (typeof serverRun === 'string' && serverRun !== ''));
            // whoever is not in the list is not ended
            if (!publishers.some(({ app, stream }) => app === 'live' && stream === 'someone')) {
              assert.equal(await client.kick({ app: 'live', stream: 'someone', clientId: null }), 'absent');
              assert.ok(
                said.asked.every(({ method, path }) => method !== 'DELETE' && !/kick|drop/.test(path)),
              );
            }
          } catch (error) {
            assert.ok(error instanceof LiveError, String(error));
            assert.match(error.code, /^MEDIA_SERVER_(UNFIT|FAILED)$/);
          }
        }),
        { numRuns: loops(100_000) },
      );
      assert.ok(taken > loops(100_000) / 20, `only ${taken} were taken`);
    });

  it('nginx-rtmp: a frame rate without end is none', async () => {
    for (const rate of ['1e999', 'Infinity', '-30', '0', 'x', '']) {
      const said = new Said();
      said.body = NGINX.replace('<frame_rate>30<', `<frame_rate>${rate}<`);
      const { reader } = CASES['nginx-rtmp']!;
      assert.equal((await new SharedClient(reader(said.api), null).list(0)).publishers[0]?.video?.fps, null);
    }
  });

  it('the same, unchanged: one guest', async () => {
    for (const [kind, { good, reader }] of Object.entries(CASES)) {
      const said = new Said();
      said.body = good;
      const [guest, ...others] = (await new SharedClient(reader(said.api), null).list(0)).publishers;
      assert.ok(guest && others.length === 0, kind);
      assert.deepEqual([guest.app, guest.stream], ['live', 'guest1']);
      if (kind === 'oryx') continue;
      assert.equal(guest.bytesIn, 197_977);
      assert.deepEqual([guest.video?.width, guest.audio?.sampleRateHz], [1280, 44_100]);
    }
  });
});
