// The example that makes stream keys by a flow, imported into a real Node-RED: its buttons, and where its key is seen.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return -- a message carries anything */
import assert from 'node:assert/strict';
import { type NodeRed, startNodeRed } from '../editor/support';
import { freePort, waitFor } from '../support';
import { Example, Receiver, type Msg } from './support/example';

describe('The example that makes stream keys by a flow', function () {
  this.timeout(60_000);
  let nodeRed: NodeRed;
  let service: Receiver;
  let example: Example;
  let answers: string;
  let others: string;

  before(async () => {
    nodeRed = await startNodeRed();
    service = await (await Receiver.reserve()).open();
    example = new Example('12 Guests/06');
    // other tests run beside this one
    example.node('live-media-server').hookPort = String(await freePort());
    answers = example.tap('sessions', 0, service);
    others = example.tap('without the key', 0, service);
    await nodeRed.deploy(example.nodes);
  });
  after(async () => {
    await nodeRed?.close();
    await service?.close();
  });

  let count = 0;
  const press = async (name: string): Promise<Msg> => {
    await example.press(nodeRed, name);
    count += 1;
    return await waitFor(() => service.taps(answers)[count - 1], {
      message: () => `an answer to ${name}; Node-RED said:\n${nodeRed.program.log().slice(-2000)}`,
    });
  };

  it('makes, rotates, stops, starts and deletes, and shows the key in its one answer', async () => {
    const made = (await press('make a session for Anna')).payload as Msg;
    assert.match(String(made.stream_key), /^anna\?key=/);
    assert.equal(made.rtmp_url, 'rtmp://127.0.0.1/live/anna');
    assert.deepEqual(made.metadata, { song: 'Blue' });
    const rotated = (await press('a new key for Anna')).payload as Msg;
    assert.notEqual(rotated.stream_key, made.stream_key);
    const list = (await press('all sessions')).payload as Msg[];
    assert.deepEqual(
      list.map(({ session_id, status }) => [session_id, status]),
      [['anna', 'waiting']],
    );
    assert.equal((await press('Anna alone')).payload.active, true);
    const stopped = (await press('stop Anna')).payload as Msg;
    assert.deepEqual([stopped.status, stopped.kicked], ['stopped', 0]);
    assert.equal((await press('start Anna again')).payload.status, 'waiting');
    const status = (await press('who is live')).payload as Msg;
    assert.deepEqual([status.reachable, status.sessions], [true, 1]);
    assert.equal((await press('delete Anna')).payload.deleted, true);
    await waitFor(() => service.taps(others).length === count);
    const told = JSON.stringify(service.taps(others)) + nodeRed.program.log();
    for (const { stream_key } of [made, rotated])
      assert.ok(!told.includes(String(stream_key).split('=')[1]!), 'the key went on');
  });
});
