// What is secret around the ingest and its pictures: looked for in all that leaves, while real programs publish, decode and pull.
/* eslint-disable @typescript-eslint/no-unsafe-member-access -- a message carries anything */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FramesOf } from '../../lib/frames/source';
import { timelineLink, timelineOf } from '../../red/timeline';
import { freePort, requirePrograms, tempDir } from '../support';
import { heardBy, helper, load, logged, send, settle, tearDown, waitFor, type FlowNode } from './support/rig';
import { HEALTH } from './support/health';
import {
  endPublishing,
  ingestNode,
  isLive,
  keyStore,
  keysNode,
  ON_INGEST,
  openIngest,
} from './support/ingest';
import { publish, serverNode, withKey } from './support/ingest';
import { mustNotTell } from './support/untold';
import { around } from './support/rig';

const PLANTED = {
  play: 'PLAYTOKEN-4.f~x_9wQ',
  wrong: 'WRONGKEY+of=a~stranger',
  login: 'PULLUSERPW.k8!x',
  query: 'PULLQUERY-3r7_z',
  absent: 'ABSENTPATH-u7_q',
};
/** those that are made by chance */
const MADE: Record<string, string> = {};
const untold = (where: string, told: unknown) => {
  mustNotTell(where, told, PLANTED);
  const text = JSON.stringify(told);
  for (const [name, secret] of Object.entries(MADE))
    for (const form of ['utf8', 'hex', 'base64', 'base64url'] as const) {
      const written = Buffer.from(secret).toString(form).replace(/=+$/, '');
      assert.ok(!text.includes(written), `${where} tells ${name} as ${form}`);
    }
};

describe('secrets of the ingest and of pictures', function () {
  this.timeout(120_000);
  before(function () {
    requirePrograms(this, ['ffmpeg', 'ps']);
  });
  afterEach(async () => {
    await endPublishing();
    await tearDown();
  });

  const on = (id: string, type: string, more: object = {}): FlowNode => ({
    ...{ id, z: 'tab', x: 1, y: 1, type, waitSeconds: '0', wires: [['out'], ['interim']] },
    ...ON_INGEST,
    ...more,
  });
  const capture = (id: string, more: object): FlowNode =>
    on(id, 'live-capture-frames', {
      ...{
        server: '',
        stream: '',
        everySeconds: '0.5',
        sampling: 'auto',
        cells: '2',
        delta: '12',
        masks: '',
      },
      ...{ keepAliveSeconds: '1', width: '160', quality: '90', store: '', picture: 'buffer', waits: false },
      ...{ ffmpeg: '', ingest: '', ...more },
    });

  /** Every file below a folder, as text. */
  const filesOf = (folder: string): Record<string, string> =>
    Object.fromEntries(
      readdirSync(folder, { withFileTypes: true, recursive: true })
        .filter((one) => one.isFile())
        .map((one) => join(one.parentPath, one.name))
        .map((path) => [path, readFileSync(path, 'latin1')]),
    );

  it('appear in no message, badge, log line, file, status or process list', async () => {
    const folder = tempDir('ingest-secrets');
    const [port, pagePort, nowhere] = [await freePort(), await freePort(), await freePort()];
    const store: FlowNode = {
      ...{
        id: 'store',
        type: 'live-frame-store',
        name: 'pictures',
        configVersion: 1,
        folder: `${folder}/frames`,
      },
      ...{ keepDays: '0', mostGb: '0', leastFreeGb: '0', page: true, pagePort: String(pagePort) },
    };
    const flow = around(
      {
        type: 'live-event',
        ...ON_INGEST,
        source: 'show',
        events: [],
        filters: [],
        limit: '0',
        present: true,
      },
      keysNode(folder),
      ingestNode(port),
      serverNode(),
      store,
      capture('mine', { source: 'ingest', ingest: 'ingest', store: 'store', picture: 'path' }),
      capture('pulled', { source: 'address', stream: 'pulled' }),
      capture('nowhere', { source: 'address', stream: 'nowhere' }),
      on('report', 'live-status', { every: '0' }),
      on('health', 'live-health-alert', HEALTH),
      on('find', 'live-find-frames', {
        ...{
          store: 'store',
          action: 'find',
          stream: '',
          streamType: 'str',
          from: '',
          fromType: 'str',
          to: '',
        },
        ...{ toType: 'str', at: '', atType: 'str', picture: 'none', everySeconds: '', changedOnly: false },
        ...{ similarTo: '', similarToType: 'str', mostBits: '8', order: 'oldest', limit: '100', cursor: '' },
        cursorType: 'str',
      }),
    );
    const credentials = {
      ingest: { playToken: PLANTED.play },
      pulled: {
        address: `rtmp://127.0.0.1:${port}/live/anna?token=${PLANTED.play}&k=${PLANTED.query}`,
      },
      nowhere: {
        address: `rtmp://someone:${encodeURIComponent(PLANTED.login)}@127.0.0.1:${nowhere}/live/${PLANTED.absent}`,
      },
    };
    await load(flow, credentials);
    const key = await withKey('anna');
    MADE.key = key.split('=')[1]!;
    const { address } = timelineLink('store', null, 3_600_000);
    MADE.link = address.split('#')[1]!;
    MADE.signing = timelineOf('store')!.secret.get().toString('base64url');

    const anna = await publish(port, 'anna', key);
    await isLive('anna');
    const stranger = await publish(port, 'bob', `key=${PLANTED.wrong}`);
    await stranger.gone(20_000);
    // somebody who pastes his key where the name belongs
    const lost = await publish(port, MADE.key);
    await lost.gone(20_000);
    const kept = (stream: string) =>
      waitFor(() => heardBy('out').some((msg) => msg.frame?.stream === stream), {
        timeoutMs: 60_000,
        message: () => `a picture of ${stream}; ${JSON.stringify(logged())}`,
      });
    await kept('anna');
    await kept('pulled');
    await waitFor(() => logged().some(({ text }) => text.includes('FRAMES_PULL')), { timeoutMs: 60_000 });
    for (const id of ['report', 'find']) send({}, id);
    for (const payload of ['current', 'status', 'no such thing']) send({ payload }, 'health');
    send({ payload: 'now' }, 'nowhere');
    await settle(500);

    // the decoders and the pull run; only the publisher's own line, which is not ours, has his key
    assert.ok((openIngest().frames as FramesOf).children.length > 0);
    const lines = execFileSync('ps', ['axeww', '-o', 'ppid=,pid=,args='], { encoding: 'latin1' }).split('\n');
    const ours = lines.filter((line) => Number(line.trim().split(/\s+/)[0]) === process.pid);
    const others = ours.filter((line) => !/ -f flv .*rtmp:/.test(line));
    assert.ok(others.filter((line) => line.includes('ffmpeg')).length >= 3, ours.join('\n'));
    untold('the process list', others);

    await keyStore().rotate('anna');
    await anna.gone(20_000);
    await waitFor(() => heardBy('out').some(({ topic }) => topic === 'stream_stopped'), {
      timeoutMs: 20_000,
    });
    for (const id of ['out', 'interim', 'caught', 'completed', 'badges'])
      untold(`messages at ${id}`, heardBy(id));
    untold('the log', logged());
    untold('the ingest', [openIngest().facts(), openIngest().events.present()]);
    const { flows } = (
      helper as unknown as { _redNodes: { getFlows(): { flows: unknown } } }
    )._redNodes.getFlows();
    untold('the exported flow', flows);
    untold('the files', filesOf(folder));
    assert.ok(heardBy('out').some(({ topic }) => topic === 'publisher_denied'));
  });
});
