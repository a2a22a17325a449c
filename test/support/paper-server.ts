// A media server on paper for the keeper of a guest queue: who publishes is what the test says.
import type { KickOutcome, Publisher, PublisherList } from '../../lib/media-servers/types';
import type { QueueServer } from '../../lib/queue/rounds';

export class PaperServer implements QueueServer {
  /** name to connection */
  readonly publishing = new Map<string, { clientId: string; app: string; sinceMs: number | null }>();
  run = 'run-1';
  /** what goes wrong */
  listing: 'well' | 'fails' | 'hangs' = 'well';
  kicking: 'well' | 'fails' | 'hangs' = 'well';
  lists = 0;
  readonly kicked: string[] = [];

  publish(stream: string, clientId = `c-${stream}`, app = 'live', sinceMs: number | null = null): void {
    this.publishing.set(stream, { clientId, app, sinceMs });
  }

  list(): Promise<PublisherList> {
    this.lists += 1;
    if (this.listing === 'hangs') return new Promise(() => undefined);
    if (this.listing === 'fails')
      return Promise.reject(Object.assign(new Error('no way'), { code: 'ECONNREFUSED' }));
    const unknown = {
      address: null,
      bitrateKbps: null,
      frames: null,
      readers: null,
      video: null,
      audio: null,
    };
    const publishers = [...this.publishing].map(([stream, { clientId, app, sinceMs }]): Publisher => ({
      ...unknown,
      app,
      stream,
      clientId,
      sinceMs,
      bytesIn: 9,
    }));
    return Promise.resolve({ publishers, serverRun: this.run, atMs: 0 });
  }

  kick({ stream, clientId }: { stream: string; clientId: string | null }): Promise<KickOutcome> {
    if (this.kicking === 'hangs') return new Promise(() => undefined);
    if (this.kicking === 'fails') return Promise.reject(new Error('the API is broken'));
    this.kicked.push(`${stream} ${clientId}`);
    if (this.publishing.get(stream)?.clientId !== clientId) return Promise.resolve('absent');
    this.publishing.delete(stream);
    return Promise.resolve('kicked');
  }
}
