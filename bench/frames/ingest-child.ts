// ingest-child.ts [own]: an ingest in a process beside the benchmark, which says its port and, whenever it is asked, how many publish.
// own: what is sent to it is read in one more process.
import { startIsolatedIngest } from '../../lib/rtmp/isolated/ingest';
import { waitFor } from '../../test/support/wait';
import { openStage } from './stage';

async function main(): Promise<void> {
  const isOwn = process.argv[2] === 'own';
  const { ingest } = await openStage(100, isOwn ? startIsolatedIngest : undefined);
  process.on('message', () => process.send!({ publishers: ingest.feeds().length }));
  await waitFor(() => ingest.status().port !== null);
  process.send!({ port: ingest.status().port });
}

void main();
