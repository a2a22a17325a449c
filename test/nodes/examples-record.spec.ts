// The example that keeps a record, imported into a real Node-RED: a short show, its report as a page, and the log checked.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-assignment -- a message carries anything */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ObsSimulator } from '../../simulators/obs';
import { type NodeRed, startNodeRed } from '../editor/support';
import { tempDir, waitFor } from '../support';
import { connected, Example, Receiver, startSimulator, type Msg } from './support/example';
import { recorded } from './support/witness';

describe('The example that keeps a record', function () {
  this.timeout(90_000);
  const userDir = tempDir('record');
  const folder = join(userDir, 'live-witness', 'rehearsal');
  let nodeRed: NodeRed;
  let obs: ObsSimulator;
  let service: Receiver;
  let example: Example;
  let answered: Record<string, string>;

  before(async () => {
    nodeRed = await startNodeRed({ userDir });
    obs = await startSimulator();
    service = await (await Receiver.reserve()).open();
    example = new Example('08 A record of the show/01').on(obs);
    Object.assign(example.node('live-start-stream'), { confirmSeconds: '1' });
    answered = Object.fromEntries(
      [
        ['witness', 'live-witness'],
        ['verify', 'verify'],
        ['proof', 'prove'],
      ].map(([key, name]) => [key, tapOf(name!)]),
    );
    await nodeRed.deploy(example.nodes);
    await connected(nodeRed, obs);
  });
  after(async () => {
    await nodeRed?.close();
    await obs?.close();
    await service?.close();
  });

  /** A node of this type, or the query whose action that is. */
  function tapOf(name: string): string {
    const found = example.nodes.find((node) => node.type === name || node.action === name)!;
    found.name = `tapped ${name}`;
    return example.tap(String(found.name), 0, service);
  }
  const told = async (name: string, count: number): Promise<Msg> =>
    await waitFor(() => service.taps(answered[name]!)[count - 1], {
      message: () => `${count} of ${name}; Node-RED said:\n${nodeRed.program.log().slice(-2000)}`,
    });
  const types = () => recorded(folder).map(({ type }) => type as string);

  it('records a show: what happened, and who pressed the buttons', async () => {
    await example.press(nodeRed, 'go live');
    await waitFor(() => types().includes('stream_started'));
    await example.press(nodeRed, 'Interview');
    await waitFor(() => types().filter((type) => type === 'scene_changed').length === 2);
    await example.press(nodeRed, 'end the show');
    await waitFor(() => types().filter((type) => type === 'stream_stopped').length === 2);
    const people = recorded(folder).flatMap(({ data }) =>
      data.user ? [`${data.live.action as string} ${data.user as string}`] : [],
    );
    assert.deepEqual(people, ['start-stream ann', 'switch-scene ben', 'stop-stream ann']);
  });

  it('shows the report as a page', async () => {
    const answer = await fetch(new URL('show-report', nodeRed.url), { headers: { connection: 'close' } });
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type') ?? '', /^text\/html/);
    const page = await answer.text();
    for (const part of ['Rehearsal', 'Interview', 'ann', 'ben'])
      assert.ok(page.includes(part), `${part} is not in the report`);
    assert.ok(!/https?:\/\/[^"']*\.(js|css|png|woff)/.test(page), 'it needs nothing from elsewhere');
  });

  it('verifies, proves an entry, and finds one sign that somebody changed', async () => {
    await example.press(nodeRed, 'verify');
    const { payload } = await told('verify', 1);
    assert.equal(payload.verdict, 'valid', payload.sentence as string);
    await example.press(nodeRed, 'prove');
    assert.match((await told('proof', 1)).payload as string, /^c2sp\.org\/tlog-proof@v1\n/);
    const file = join(folder, '000000000000.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"user":"ben"', '"user":"bob"'));
    await example.press(nodeRed, 'verify');
    const { payload: changed } = await told('verify', 2);
    assert.equal(changed.verdict, 'tampered', changed.sentence as string);
    assert.equal(changed.broken_at, recorded(folder).find(({ data }) => data.user === 'bob')!.seq);
    // a deploy that closes and opens it finds the same
    await nodeRed.deploy([{ id: 'tab1', type: 'tab', label: 'Show' }]);
    await nodeRed.deploy(example.nodes);
    // the nodes are not there at once after a deploy
    await waitFor(async () => {
      await example.press(nodeRed, 'verify');
      return true;
    });
    // what was changed is left as evidence, and the new log says why it is there
    const { payload: after } = await told('verify', 3);
    assert.equal(after.verdict, 'valid', after.sentence as string);
    assert.equal(after.continues.reason, 'damaged');
    assert.match(
      after.sentence as string,
      /goes on from an earlier log of \d+ entries, which was changed or damaged/,
    );
    assert.match(nodeRed.program.log(), /WITNESS_LEFT_DAMAGED/);
  });
});
