// Pictures of what is published to a media server, which is pulled from where players find it.
import assert from 'node:assert/strict';
import { OpenServer } from '../../lib/frames/pull/open';
import { alive } from '../support/programs';
import { requirePrograms } from '../support';
import { numberedFilm } from '../support/film-feed';
import { waitFor } from '../support/wait';

type Client = Parameters<OpenServer['askedBy']>[0];

describe('pictures of a media server', function () {
  this.timeout(60_000);
  before(function () {
    requirePrograms(this, ['ffmpeg']);
  });

  it('each stream that is wanted is pulled, by whoever may ask the server now; nothing is left at the end', async () => {
    const film = await numberedFilm({ seconds: 4, gop: 15 });
    const published = ['a', 'b'].map((stream) => ({ app: 'live', stream }));
    const client = { list: () => Promise.resolve({ publishers: published }) } as unknown as Client;
    const gone = { list: () => Promise.reject(new Error('closed')) } as unknown as Client;
    // whoever was there before the deploy is asked no more
    const open = new OpenServer({ apps: ['live'], playAddress: film, ffmpegPath: null });
    const letGo = open.askedBy(gone);
    open.askedBy(client);
    letGo();
    try {
      let told = 0;
      const unhear = open.onStreams(() => void told++);
      await waitFor(() => open.streams().length === 2 && told > 0);
      unhear();
      assert.equal(open.fault(null), null);
      open.want('a');
      const tap = open.frames.tap('a', { everyMs: 500, sampling: 'auto', width: 320, quality: 80 });
      const children = new Set<number>();
      const frame = await waitFor(() => {
        for (const pid of open.frames.children) children.add(pid);
        return tap.last();
      });
      assert.equal(frame.stream, 'a');
      await open.close();
      for (const pid of children) await waitFor(() => !alive(pid));
    } finally {
      await open.close();
    }
  });
});
