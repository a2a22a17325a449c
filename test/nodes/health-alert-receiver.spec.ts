// A health alert that also asks a media server: what its dialog says wrong leaves nobody asking.
import assert from 'node:assert/strict';
import { doubles, freshQueue, queueDoubles } from './support/queue';
import { HEALTH } from './support/health';
import {
  around,
  badges,
  connectionTo,
  type FlowNode,
  load,
  simulate,
  tearDown,
  waitFor,
} from './support/rig';

describe('health alert with a media server', () => {
  beforeEach(freshQueue);
  afterEach(tearDown);

  const start = async (more: Partial<FlowNode>): Promise<void> => {
    const server = { id: 'server', type: 'test-queue-server', name: 'SRS' };
    const asks = { mediaServer: 'server', received: 'live/show' };
    await load(around({ ...HEALTH, ...asks, ...more }, connectionTo(await simulate()), server), {}, [
      queueDoubles,
    ]);
  };

  it('asks it', async () => {
    await start({});
    await waitFor(() => doubles.server.lists > 0);
  });

  for (const [what, more] of [
    ['rules in the wrong order', { overrides: { bitrate: { warn: '40', critical: '70' } } }],
    ['a stream that is none', { received: 'show' }],
  ] as const)
    it(`does not, with ${what}`, async () => {
      await start(more);
      await waitFor(() => badges().at(-1) === 'misconfigured');
      assert.equal(doubles.server.lists, 0);
    });
});
