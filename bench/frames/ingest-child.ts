// ingest-child.ts: an ingest in a process of its own, which says its port and, whenever it is asked, how many publish.
import { waitFor } from '../../test/support/wait';
import { openStage } from './stage';

async function main(): Promise<void> {
  const { ingest } = await openStage();
  process.on('message', () => process.send!({ publishers: ingest.feeds().length }));
  await waitFor(() => ingest.status().port !== null);
  process.send!({ port: ingest.status().port });
}

void main();
