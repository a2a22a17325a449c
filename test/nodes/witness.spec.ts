/* eslint-disable @typescript-eslint/no-unsafe-member-access -- a message carries anything */
import assert from 'node:assert/strict';
import { heardBy, load, send, tearDown, waitFor } from './support/rig';
import { folders, judged, logConfig, logNode, passed, recorded, witnessing } from './support/witness';

describe('witness', () => {
  afterEach(tearDown);

  it('passes each message on, recorded, in the order of arrival', async () => {
    const at = folders();
    await load(witnessing(logNode(at, { fields: 'topic, payload, live, user' })));
    const { vkey } = logConfig().trust;
    for (let n = 0; n < 500; n++) send({ topic: 'cue', payload: { n }, user: 'ann', other: 'not asked for' });
    const out = await passed(500);
    assert.deepEqual(
      out.map(({ payload }) => payload.n as number),
      Array.from({ length: 500 }, (_, n) => n),
    );
    assert.deepEqual(
      out.map(({ witness }) => witness.seq as number),
      Array.from({ length: 500 }, (_, n) => n + 2),
    );
    for (const { witness } of out) {
      assert.match(witness.hash as string, /^[0-9a-f]{64}$/);
      assert.equal(witness.size, witness.seq + 1);
    }
    await waitFor(() => heardBy('completed').length === 500);
    await tearDown();
    const lines = recorded(at.log);
    assert.equal(lines.length, 500);
    assert.deepEqual(lines[7]!.data, { topic: 'cue', payload: { n: 7 }, user: 'ann' });
    assert.equal(lines[7]!.type, 'cue');
    assert.deepEqual(lines[7]!.src, { flow: 'tab', name: 'all of it', node: 'n' });
    const report = await judged(at.log, vkey);
    assert.equal(report.verdict, 'valid', report.sentence);
    assert.equal(report.closed, true);
  });
});
