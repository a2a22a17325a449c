import assert from 'node:assert/strict';
import { FramesOf } from '../../lib/frames/source';
import type { Frame, Sampling } from '../../lib/frames/types';
import { requirePrograms } from '../support';
import { filmTags, numberIn, numberedFilm, PaperSource } from '../support/film-feed';
import { waitFor } from '../support/wait';

const FPS = 30;

/** All pictures that come of a film, with what the decoder said at its end. */
async function picturesOf(
  film: string,
  gopMs: number,
  wish: { everyMs: number; sampling: Sampling },
): Promise<{ frames: Frame[]; startMs: number; dropped: number }> {
  const source = new PaperSource();
  const pictures = new FramesOf(source, { ffmpegPath: null, lingerMs: 0 });
  try {
    const tap = pictures.tap('a', { ...wish, width: 320, quality: 90 });
    const frames: Frame[] = [];
    tap.onFrame((frame) => frames.push(frame));
    const feed = source.start('a');
    for (const tag of filmTags(film, feed.sinceMs)) {
      feed.send(tag);
      if (tag.timestampMs > 100) await waitFor(() => frames.length > 0 || pictures.children.length > 0);
      // one that is ended has two seconds, and on a busy machine not for all of it
      await waitFor(() => (frames.at(-1)?.mediaMs ?? 0) >= tag.timestampMs - wish.everyMs - 20_000, {
        intervalMs: 2,
      });
      // a decoder that changes its mode needs a moment, as it has in a real stream
      if (tag.timestampMs % 500 < 1000 / FPS) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const enough = filmTags(film).at(-1)!.timestampMs - wish.everyMs - 2 * gopMs - 500;
    await waitFor(() => (frames.at(-1)?.mediaMs ?? 0) >= enough);
    feed.end();
    await waitFor(() => pictures.children.length === 0 && tap.status().state === 'waiting');
    await pictures.close();
    return { frames, startMs: feed.sinceMs, dropped: tap.status().dropped };
  } finally {
    await pictures.close();
  }
}

describe('pictures and their times', function () {
  this.timeout(60_000);
  before(function () {
    requirePrograms(this, ['ffmpeg']);
  });

  for (const gopSeconds of [1, 2, 250 / FPS])
    for (const everyMs of [500, 1000, 5000])
      it(`each carries its own: key frames every ${gopSeconds.toFixed(1)} s, pictures every ${everyMs / 1000} s`, async () => {
        const film = await numberedFilm({ fps: FPS, gop: Math.round(gopSeconds * FPS), seconds: 26 });
        const { frames, startMs, dropped } = await picturesOf(film, gopSeconds * 1000, {
          everyMs,
          sampling: 'auto',
        });
        const numbers = frames.map(({ grid }) => numberIn(grid));
        const first = frames[0]!;
        assert.equal(numbers[0], 0);
        for (const [i, frame] of frames.entries()) {
          const own = (numbers[i]! / FPS) * 1000;
          assert.ok(Math.abs(frame.at - startMs - own) <= 2, `${numbers[i]} at ${frame.at - startMs}`);
          assert.ok(Math.abs(frame.mediaMs - first.mediaMs - own) <= 2, `${numbers[i]} ${frame.mediaMs}`);
          assert.ok(frame.seq >= i && frame.seq > (frames[i - 1]?.seq ?? -1));
        }
        assert.equal(dropped, 0);
        assert.ok(
          numbers.length >= Math.floor(25_000 / Math.max(everyMs * 1.2, gopSeconds * 1000)),
          numbers.join(' '),
        );
        const gaps = numbers.slice(1).map((number, i) => ((number - numbers[i]!) / FPS) * 1000);
        const most =
          gopSeconds * 1000 <= 1.5 * everyMs ? Math.max(2 * gopSeconds * 1000, everyMs * 1.5) : everyMs + 200;
        assert.ok(Math.min(...gaps) >= everyMs - 50, `gaps ${gaps.join(' ')}`);
        assert.ok(
          Math.max(...gaps, 0) <= Math.max(most, everyMs + gopSeconds * 1000),
          `gaps ${gaps.join(' ')}`,
        );
      });
});
