// The ingest in a process of its own: what only that form has to show. What both have in common is in rtmp-ingest.spec.ts.
import assert from 'node:assert/strict';
import { startIsolatedIngest, type IsolatedDeps, type IsolatedIngest } from '../../lib/rtmp/isolated/ingest';
import type { IngestEvent, IngestSettings } from '../../lib/rtmp/types';
import { alive, waitFor } from '../support';
import * as rtmp from '../support/rtmp';

const START = 'NetStream.Publish.Start';
const closing: (() => unknown)[] = [];

function rig(settings: Partial<IngestSettings> = {}, deps: IsolatedDeps = {}) {
  const ingest = startIsolatedIngest(rtmp.ingestSettings(settings), deps);
  closing.push(() => ingest.close());
  ingest.guard(({ params, stream }) =>
    params.get('key') === `key-of-${stream}`
      ? { allow: true, name: stream }
      : { allow: false, reason: 'wrong' },
  );
  const events: IngestEvent[] = [];
  ingest.onEvent((event) => events.push(event));
  const story = () =>
    events.map((event) => {
      if (event.what === 'denied') return `denied ${event.why} ${event.stream}`;
      if (event.what === 'publishing') return `${event.back ? 'back' : 'publishing'} ${event.feed.stream}`;
      return `${event.what} ${event.feed.stream}${'expected' in event && event.expected ? ' expected' : ''}`;
    });
  return { ingest, events, story };
}

const listening = (ingest: IsolatedIngest): Promise<number> =>
  waitFor(() => ingest.status().port, { message: () => `it to listen; ${String(ingest.status().fault)}` });

async function onAir(port: number, id: string): Promise<rtmp.TestCaller> {
  const made = await rtmp.publishing(port, `${id}?key=key-of-${id}`);
  closing.push(() => made.close());
  await made.code(START);
  made.video(0, rtmp.videoHeader());
  made.video(0, rtmp.picture(true));
  return made;
}

describe('RTMP ingest in a process of its own', () => {
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  it('is started again when it ends, and who published is waited for', async () => {
    const { ingest, story, events } = rig();
    const port = await listening(ingest);
    const ana = await onAir(port, 'ana');
    await waitFor(() => ingest.feeds()[0]?.figures().keyframes === 1);
    const [feed] = ingest.feeds();
    const first = ingest.pid!;
    process.kill(first, 'SIGKILL');
    await ana.gone();
    await waitFor(() => feed!.ended);
    const { fault, listening: isUp } = ingest.status();
    assert.equal(isUp, false);
    assert.equal((fault as { code?: string }).code, 'INGEST_PROCESS');
    assert.match(fault!.message, /ended by SIGKILL/);
    const away = events.at(-1)!;
    assert.ok(away.what === 'away' && !away.expected && /SIGKILL/.test(away.reason));
    await waitFor(() => ingest.status().listening);
    assert.deepEqual([ingest.status().fault, ingest.status().port], [null, port]);
    assert.notEqual(ingest.pid, first);
    await onAir(port, 'ana');
    await waitFor(() => ingest.feeds()[0]?.figures().keyframes === 1);
    assert.deepEqual(story().slice(0, 4), ['publishing ana', 'video ana', 'away ana', 'back ana']);
  });

  it('holds no secret in arguments and environment, and leaves nothing when it is closed', async () => {
    process.env.LIVE_TEST_OF_NODE_RED = 'a credential';
    const { ingest } = rig({ play: { allowFrom: [], token: 'play-token' } });
    await listening(ingest);
    delete process.env.LIVE_TEST_OF_NODE_RED;
    const { pid } = ingest;
    assert.ok(pid && alive(pid));
    const began = performance.now();
    await ingest.close();
    assert.ok(performance.now() - began < 2_500);
    await waitFor(() => !alive(pid));
  });
});
