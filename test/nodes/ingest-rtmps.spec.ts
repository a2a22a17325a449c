// RTMPS through a whole flow: Node-RED's own TLS configuration, a publisher with ffmpeg, pictures of him, and a player with the token.
/* eslint-disable @typescript-eslint/no-unsafe-member-access -- a message carries anything */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { NodeAPI } from 'node-red';
import { leases } from '../../red/leases';
import { certificates, findProgram, freePort, requirePrograms, tempDir } from '../support';
import {
  around,
  badges,
  deploy,
  heardBy,
  load,
  logged,
  next,
  tearDown,
  waitFor,
  type Flow,
  type FlowNode,
} from './support/rig';
import { endPublishing, ingestNode, isLive, keysNode, openIngest, publish, withKey } from './support/ingest';

const TOKEN = 'a-token-of-players';
const CAPTURE = {
  ...{ type: 'live-capture-frames', source: 'ingest', ingest: 'ingest', server: '', stream: 'anna' },
  ...{ everySeconds: '0.5', sampling: 'auto', cells: '2', delta: '12', masks: '', keepAliveSeconds: '' },
  ...{ width: '320', quality: '90', store: '', picture: 'buffer', waits: false, ffmpeg: '' },
};

describe('rtmp ingest with TLS', function () {
  this.timeout(90_000);
  let port: number;
  let folder: string;
  let files: ReturnType<typeof certificates>;
  /** Node-RED's own node, as it ships. */

  const tlsConfig = require('@node-red/nodes/core/network/05-tls.js') as (RED: NodeAPI) => void;
  before(function () {
    requirePrograms(this, ['ffmpeg', 'openssl']);
    folder = tempDir('rtmps');
    files = certificates(folder);
  });
  beforeEach(async () => {
    port = await freePort();
    leases.lingerMs = 10_000;
  });
  afterEach(async () => {
    await endPublishing();
    await tearDown();
  });

  const flow = (more: Partial<FlowNode> = {}): Flow =>
    around(
      CAPTURE,
      { id: 'tls', type: 'tls-config', name: '', ...files, servername: '', alpnprotocol: '', ...more },
      keysNode(folder),
      ingestNode(port, { tls: 'tls' }),
    );
  /** What a player is given, or how he ends. */
  const play = async (token: string, scheme = 'rtmps') => {
    const address = `${scheme}://127.0.0.1:${port}/live/anna?token=${token}`;
    const frames = ['-select_streams', 'v', '-read_intervals', '%+1', '-show_entries', 'frame=pict_type'];
    return await promisify(execFile)(
      findProgram('ffprobe') ?? 'ffprobe',
      ['-v', 'error', ...frames, '-of', 'csv=p=0', address],
      { timeout: 30_000 },
    );
  };

  it('publisher, pictures and players; who speaks plain RTMP is nobody, and harms nobody', async () => {
    await load(flow(), { ingest: { playToken: TOKEN } }, [tlsConfig]);
    await waitFor(() => badges().at(-1) === 'waiting');
    assert.equal(openIngest().facts().server, `rtmps://127.0.0.1:${port}/live`);
    const key = await withKey('anna');
    const anna = await publish(port, 'anna', key, 'rtmps');
    const { frame } = await next('out', () => true, 60_000);
    assert.deepEqual([frame.stream, frame.why, frame.width], ['anna', 'first', 320]);
    const { stdout, stderr } = await play(TOKEN);
    assert.match(stdout, /^I/);
    assert.equal(stderr, '');
    await assert.rejects(play('wrong'), /not permitted|Not allowed|Input\/output error/i);
    await assert.rejects(play(TOKEN, 'rtmp'));
    const plain = await publish(port, 'ben', await withKey('ben'));
    await plain.gone(20_000);
    assert.deepEqual(
      openIngest()
        .ingest.feeds()
        .map(({ stream }) => stream),
      ['anna'],
    );
    const before = heardBy('interim').length;
    await waitFor(() => heardBy('interim').length > before, { timeoutMs: 30_000 });
    assert.ok(anna.running);
    const everything = JSON.stringify([
      ...['out', 'interim', 'caught', 'badges']
        .map(heardBy)
        .map((heard) => heard.map(({ payload: _, ...msg }) => msg)),
      logged(),
    ]);
    for (const secret of [key.split('=')[1]!, TOKEN]) assert.ok(!everything.includes(secret));
  });

  it('a certificate that is none, or without its key, is told; the right one opens it, without a restart', async () => {
    const garbage = join(folder, 'garbage.pem');
    writeFileSync(garbage, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    const foreign = certificates(tempDir('foreign'));
    await load(flow({ key: foreign.key }), {}, [tlsConfig]);
    const wrong: [string, Partial<FlowNode>][] = [
      ['the key of another one', { key: foreign.key }],
      ['no certificate', { cert: garbage }],
      ['a file that is not there', { key: join(folder, 'gone.pem') }],
      ['a certificate alone', { key: '' }],
    ];
    for (const [what, more] of wrong) {
      const before = logged().length;
      await deploy(flow(more), 'full');
      await waitFor(() => badges().at(-1) === 'misconfigured', {
        message: () => `${what}: ${badges().join()}; ${JSON.stringify(logged().slice(before))}`,
      });
      await assert.rejects(play(TOKEN), /refused/i, what);
    }
    await deploy(flow(), 'full');
    await waitFor(() => badges().at(-1) === 'waiting', { timeoutMs: 20_000 });
    await publish(port, 'cleo', await withKey('cleo'), 'rtmps');
    await isLive('cleo');
  });
});
