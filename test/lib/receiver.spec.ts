// Whether a media server gets a stream: what it says, what it cannot say, and when that is too old.
import assert from 'node:assert/strict';
import { fail } from '../../lib/errors';
import { awaitReceived } from '../../lib/media-servers/received';
import { Receiver } from '../../lib/media-servers/receiver';
import type { MediaServerClient, Publisher, PublisherList } from '../../lib/media-servers/types';
import { waitFor } from '../support';

const STREAM = { app: 'live', stream: 'show' };

const publisher = (clientId: string, bytesIn: number | null): Publisher => ({
  ...STREAM,
  clientId,
  address: null,
  sinceMs: null,
  bytesIn,
  bitrateKbps: null,
  frames: null,
  readers: null,
  video: null,
  audio: null,
});

/** A server that answers as `next` says; a list that cannot be had is an error. */
class ToldServer implements MediaServerClient {
  readonly kind = 'srs';
  asked = 0;
  constructor(readonly next: (asked: number) => Publisher[]) {}

  list(): Promise<PublisherList> {
    return new Promise((resolve) =>
      resolve({ publishers: this.next(++this.asked), serverRun: null, atMs: 0 }),
    );
  }

  kick(): Promise<never> {
    return Promise.reject(new Error('not asked for'));
  }

  probe(): Promise<never> {
    return Promise.reject(new Error('not asked for'));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const away = (): never => {
  throw fail('MEDIA_SERVER_REFUSED', { where: '127.0.0.1:1985' });
};
const soon = { withinMs: 400, lookMs: 5 };

describe('a start that a media server confirms', () => {
  it('is confirmed once what the server gets of this very connection grew', async () => {
    const server = new ToldServer((asked) => [publisher(asked < 3 ? 'old' : 'new', asked < 5 ? 100 : 200)]);
    assert.deepEqual(await awaitReceived(server, STREAM, soon), { confirmed: true });
    assert.equal(server.asked, 5, 'neither another connection nor bytes that stand still confirm it');
  });

  it('is confirmed by two looks where the server does not count', async () => {
    const server = new ToldServer(() => [publisher('c', null)]);
    assert.deepEqual(await awaitReceived(server, STREAM, soon), { confirmed: true });
    assert.equal(server.asked, 2);
  });

  it('fails where the server answers and has no such stream', async () => {
    const server = new ToldServer(() => [{ ...publisher('c', 1), stream: 'another' }]);
    await assert.rejects(awaitReceived(server, STREAM, soon), { code: 'STREAM_NOT_RECEIVED' });
  });

  it('fails where the stream is there and nothing arrives', async () => {
    const server = new ToldServer(() => [publisher('c', 100)]);
    await assert.rejects(awaitReceived(server, STREAM, soon), { code: 'STREAM_NOT_RECEIVED' });
  });

  it('is left to the application, with the reason, where the server cannot be asked', async () => {
    const found = await awaitReceived(new ToldServer(away), STREAM, soon);
    assert.equal(found.confirmed, null);
    assert.match((found as { reason: string }).reason, /127\.0\.0\.1:1985/);
  });

  it('is not waited for any longer once the stream has ended', async () => {
    const server = new ToldServer(() => []);
    const found = await awaitReceived(server, STREAM, {
      withinMs: 60_000,
      lookMs: 5,
      goesOn: () => server.asked < 3,
    });
    assert.equal(found.confirmed, null);
  });
});

describe('what a media server gets, followed', () => {
  it('is null with the reason before the first answer and while there is none, never "nobody"', async () => {
    let fault = false;
    const server = new ToldServer((asked) => (fault ? away() : [publisher('c', asked * 100)]));
    const receiver = new Receiver(server, STREAM, 5);
    try {
      assert.equal(receiver.read().publishing, null);
      await waitFor(() => receiver.read().publishing === true);
      assert.ok(receiver.read().bytes! >= 100);
      fault = true;
      await waitFor(() => receiver.read().publishing === null);
      assert.match(receiver.read().reason!, /127\.0\.0\.1:1985/);
      fault = false;
      await waitFor(() => receiver.read().publishing === true);
    } finally {
      receiver.close();
    }
    const { asked } = server;
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(server.asked <= asked + 1, 'nothing is asked any more');
  });

  it('says false where the server has no such stream', async () => {
    const receiver = new Receiver(new ToldServer(() => []), STREAM, 5);
    await waitFor(() => receiver.read().publishing === false);
    assert.deepEqual(receiver.read(), { publishing: false, bytes: null, reason: null });
    receiver.close();
  });
});
