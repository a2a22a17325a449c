import { createMediaServer } from '../../lib/media-servers/client';
import type { KickOutcome, MediaServerClient, PublisherList } from '../../lib/media-servers/types';
import type { MediaServerConfig } from './settings';

/** The simulated media server of a rehearsal, and the client on it: it starts with the first lease and ends with the last. */
export class RehearsalClient implements MediaServerClient {
  readonly kind = 'rehearsal';
  private readonly running: Promise<{ client: MediaServerClient; close(): Promise<void> }>;

  constructor(private readonly config: MediaServerConfig) {
    this.running = this.start();
    // told by each call
    this.running.catch(() => undefined);
  }

  async list(freshMs?: number): Promise<PublisherList> {
    return await (await this.running).client.list(freshMs);
  }

  async kick(publisher: Parameters<MediaServerClient['kick']>[0]): Promise<KickOutcome> {
    return await (await this.running).client.kick(publisher);
  }

  async probe(): Promise<{ version: string | null; publishers: number }> {
    return await (await this.running).client.probe();
  }

  async close(): Promise<void> {
    const running = await this.running.catch(() => null);
    await running?.client.close();
    await running?.close();
  }

  /** The simulator is loaded when somebody rehearses: every other start of Node-RED would wait for it in vain. */
  private async start() {
    const { createRehearsalServer } =
      require('../../simulators/media-servers') as typeof import('../../simulators/media-servers');
    const { hookAddress, apps, client } = this.config;
    const server = createRehearsalServer({ hookAddress, app: apps[0] ?? 'live' });
    await server.start();
    return {
      client: createMediaServer({ ...client, api: server.api }),
      close: () => server.close(),
    };
  }
}
