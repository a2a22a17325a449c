// Secrets in a show whose messages are recorded: none stands in a file of the log, in its report, export, badge or Node-RED's log.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-call -- a message carries anything */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { forms, places, secrets, telling, waysToSee } from '../support/secret-places';
import { loops } from '../support/scale';
import {
  ask,
  badges,
  connectionTo,
  deploy,
  heardBy,
  helper,
  load,
  logged,
  send,
  simulate,
  tearDown,
  waitFor,
  type Flow,
  type FlowNode,
} from './support/rig';
import { QUERY, folders, logNode, opened, recorded, witnessing } from './support/witness';

const [PASSWORD, KEY, PASSPHRASE, TOKEN, DIGITS] = secrets as [string, string, string, string, string];
/** Made long enough for SRT. */
const SRT = `${PASSPHRASE}+long`;
const KNOWN = [PASSWORD, KEY, SRT, TOKEN, DIGITS];

describe('secrets and the witness', () => {
  afterEach(tearDown);

  const at = folders();
  const target = (id: string, service: string, server: string): FlowNode => ({
    id,
    type: 'live-stream-target',
    name: `to ${id}`,
    service,
    server,
    configVersion: 1,
  });
  const query = (id: string, more: object): FlowNode => ({
    ...QUERY,
    id,
    z: 'tab',
    x: 1,
    y: 1,
    name: '',
    configVersion: 1,
    wires: [['out']],
    ...more,
  });

  it('of connections, targets and messages, in more than sixty places and a dozen forms, are nowhere', async function () {
    this.timeout(60_000);
    const obs = await simulate({ password: PASSWORD });
    const status = {
      id: 'show',
      type: 'live-status',
      z: 'tab',
      x: 1,
      y: 1,
      name: '',
      application: 'obs',
      obs: 'studio',
      every: '0',
      waitSeconds: '0',
      wires: [[]],
    };
    const flow: Flow = witnessing(
      logNode(at, { fields: 'topic, payload, live, alert, user, headers, error' }),
      {},
      connectionTo(obs),
      target('t-rtmp', 'rtmp', 'rtmp://live.example/app'),
      target('t-srt', 'srt', 'srt://live.example:9000'),
      target('t-whip', 'whip', 'https://live.example/whip'),
      status,
      query('entries', { action: 'entries', limit: '0' }),
      query('export', { action: 'export', proofs: true }),
      query('report', { action: 'report' }),
      query('page', { action: 'report', give: 'page' }),
    );
    await load(flow, {
      studio: { password: PASSWORD },
      't-rtmp': { key: KEY, user: 'user', password: DIGITS },
      't-srt': { password: SRT },
      't-whip': { key: TOKEN },
    });
    await opened();
    let sent = 0;
    const plant = (value: unknown): void => {
      send({
        topic: 'cue',
        payload: value,
        live: { event: 'stream_started', detail: value },
        alert: [value],
        headers: { a: value },
        secret: 'x',
      });
      sent++;
    };
    // a message that waits for the log longer than its patience lasts would go on unrecorded
    const caughtUp = (behind = 0) =>
      waitFor(() => heardBy('out').length >= sent - behind, { timeoutMs: 40_000 });
    for (const make of Object.values(telling)) for (const secret of KNOWN) plant(make(secret));
    const large = /long list|large object|does not fit|large Buffer/;
    for (const [place, put] of Object.entries(places))
      for (const write of Object.values(forms).slice(0, large.test(place) ? loops(10, 1) : 99))
        for (const secret of KNOWN) {
          plant(put(write(secret)));
          if (sent % 100 === 0) await caughtUp(100);
        }
    assert.ok(Object.keys(telling).length >= 60);
    // as topic, type and user too
    for (const secret of KNOWN) {
      send({ topic: secret, payload: 1, user: secret });
      send({ topic: `a ${encodeURIComponent(secret)}`, payload: 1, live: { action: secret } });
      sent += 2;
    }
    await caughtUp();
    assert.equal(heardBy('out').length, sent);
    assert.ok(heardBy('out').every(({ witness }) => witness.seq !== null));
    const told = heardBy('out').map(({ witness, live }) => JSON.stringify([witness, typeof live]));
    const answers: string[] = [];
    for (const id of ['entries', 'export', 'report', 'page']) {
      const { payload, topic, report, attachments } = await ask({}, id, 40_000);
      const pages = (attachments ?? []).map(({ content }: { content: Buffer }) =>
        content.toString(),
      ) as string[];
      answers.push(
        JSON.stringify([payload, topic, report]),
        ...pages,
        typeof payload === 'string' ? payload : '',
      );
    }
    await waitFor(() => heardBy('interim').length > 0);
    // what a person could export is what was deployed
    const runtime = helper as unknown as { _redNodes: { getFlows(): unknown } };
    const exported = JSON.stringify(runtime._redNodes.getFlows());
    await deploy(flow, 'nodes');
    await tearDown();
    assert.equal(recorded(at.log).length, sent);

    const seen: [string, string][] = [
      ...[at.log, at.state].flatMap((folder) =>
        readdirSync(folder)
          .filter((name) => name !== 'log.key')
          .map((name): [string, string] => [name, readFileSync(join(folder, name), 'latin1')]),
      ),
      ...answers.map((text, index): [string, string] => [`answer ${index}`, text]),
      ['what the nodes told', JSON.stringify([told, heardBy('interim'), badges(), heardBy('caught')])],
      ['the log of Node-RED', JSON.stringify(logged())],
      ['the flow', exported],
    ];
    assert.ok(seen.some(([name]) => name.endsWith('.jsonl')));
    for (const [name, text] of seen)
      for (const secret of KNOWN) {
        for (const way of waysToSee(secret)) {
          const where = text.indexOf(way);
          assert.ok(where < 0, `${name} shows ${way}: …${text.slice(Math.max(0, where - 150), where + 60)}…`);
        }
        for (const form of [secret, JSON.stringify(secret), encodeURIComponent(secret)])
          for (const hash of ['hex', 'base64'] as const) {
            const bare = createHash('sha256').update(form).digest(hash);
            assert.ok(!text.includes(bare), `${name} has the hash of ${form}`);
          }
      }
  });

  it('that are none are recorded as they are', async () => {
    const harmless = [
      'monkey',
      'keyframe',
      'tokenRing',
      'Keynote',
      'The Secret Garden',
      'Cookie break',
      'rtmp://localhost/live',
      'C:\\obs\\key\\file.mkv',
      'ratio 16:9',
    ];
    const plain = folders();
    await load(witnessing(logNode(plain)), {});
    for (const text of harmless) send({ topic: text, payload: { text, hotkeyName: text, sceneName: text } });
    await waitFor(() => heardBy('out').length === harmless.length);
    await tearDown();
    assert.deepEqual(
      recorded(plain.log).map(({ data }) => data as unknown),
      harmless.map((text) => ({ topic: text, payload: { text, hotkeyName: text, sceneName: text } })),
    );
  });
});
