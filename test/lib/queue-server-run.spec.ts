// How a guest queue knows that its media server was started anew.
import assert from 'node:assert/strict';
import { nextRun } from '../../lib/queue/server-run';

describe('guest queue: the run of its server', () => {
  it('is another where its name is, or where it began later', () => {
    for (const [before, found, isNew, run] of [
      [null, '7', false, '7'],
      ['7', null, false, '7'],
      ['7', '7', false, '7'],
      ['7', '8', true, '8'],
      ['7@1000', '8@1001', true, '8@1001'],
      ['1@1000', '1@1001', false, '1@1000'],
      ['1@1000', '1@1010', false, '1@1000'],
      ['1@1000', '1@1011', true, '1@1011'],
      // a clock was put right
      ['1@5000', '1@1000', false, '1@5000'],
      // a file of before
      ['1', '1@1000', false, '1@1000'],
      ['2026-11-21T21:00:00Z', '2026-11-21T21:00:05Z', true, '2026-11-21T21:00:05Z'],
    ] as const)
      assert.deepEqual(nextRun(before, found), { run, isNew }, `${before} ${found}`);
  });
});
