import { frameFacts, isoOf, type FrameFacts } from '../../red/frame-messages';
import { timelineLink } from '../../red/timeline';
import { fail } from '../../lib/errors';
import { segmentsOf } from '../../lib/frames/store/segments';
import type { FrameStore, KeptFrame } from '../../lib/frames/store/types';
import type { PictureAs, Wish } from './wishes';

/** What a message may hold without the editor and the mail server giving up. */
const MOST_PICTURE_BYTES = 50e6;

/** A picture for the mail node. */
export interface Attachment {
  filename: string;
  content: Buffer;
  contentType: 'image/jpeg';
}

/** A kept picture in an answer; `jpeg` or `path` where the dialog asks for it. */
export type FoundFrame = FrameFacts & { jpeg?: Buffer; path?: string };

/** A link for people who look at the timeline. */
export interface FoundLink {
  url: string;
  /** ISO 8601 in UTC; from then on it opens nothing */
  expiresAt: string;
}

/** An answer as the payload, and what goes beside it. */
export interface Answer {
  payload: unknown;
  attachments?: Attachment[];
}

/** Ask the store of this id. @throws LiveError FRAMES_*, and CONFIG_INVALID for a link where there is no page */
export async function answer(store: FrameStore, id: string, wish: Wish): Promise<Answer> {
  const { action, stream, at, everyMs, query, picture, link } = wish;
  switch (action) {
    case 'find': {
      const { frames, cursor, by, unreadable } = await store.find(query);
      const { found, attachments } = await withPictures(store, frames, picture);
      return { payload: { frames: found, cursor, by, unreadable }, attachments };
    }
    case 'nearest': {
      const frame = await store.nearest(stream!, at);
      if (!frame) return { payload: null };
      const { found, attachments } = await withPictures(store, [frame], picture);
      return { payload: found[0], attachments };
    }
    case 'segments': {
      const { frames, cursor, by, unreadable } = await store.find(query);
      const segments = segmentsOf(frames).map(({ from, to, first, ...more }) => ({
        ...more,
        from: isoOf(from),
        to: isoOf(to),
        first: frameFacts(first),
      }));
      if (query.order === 'newest') segments.reverse();
      return { payload: { segments, cursor, by, unreadable } };
    }
    case 'buckets': {
      const now = Date.now();
      // a day, where nobody says from when
      const to = query.to ?? now;
      const from = query.from ?? to - 86_400_000;
      const found = await store.buckets({ stream, from, to, everyMs: everyMs! });
      const shown = found.map(({ at: begin, bytes, first, ...more }) => ({
        ...more,
        at: isoOf(begin),
        sizeBytes: bytes,
        first: frameFacts(first),
      }));
      return { payload: { buckets: shown } };
    }
    case 'streams': {
      const { streams, bytes, frames, freeBytes } = await store.use();
      const shown = streams.map(({ first, last, bytes: size, ...more }) => ({
        ...more,
        sizeBytes: size,
        first: isoOf(first),
        last: isoOf(last),
      }));
      return { payload: { streams: shown, frames, sizeBytes: bytes, freeBytes } };
    }
    case 'link': {
      const { address, until } = timelineLink(id, link!.streams, link!.forMs);
      const payload: FoundLink = { url: address, expiresAt: isoOf(until) };
      return { payload };
    }
    case 'verify': {
      const { faults, ...more } = await store.verify(stream!);
      const shown = faults.map(({ at: when, ...fault }) => ({
        ...fault,
        at: when === null ? null : isoOf(when),
      }));
      return { payload: { ...more, valid: faults.length === 0, faults: shown } };
    }
  }
}

async function withPictures(
  store: FrameStore,
  frames: readonly KeptFrame[],
  as: PictureAs,
): Promise<{ found: FoundFrame[]; attachments?: Attachment[] }> {
  const found: FoundFrame[] = frames.map(frameFacts);
  if (as === 'none') return { found };
  if (as !== 'path' && frames.reduce((sum, { bytes }) => sum + bytes, 0) > MOST_PICTURE_BYTES)
    throw fail('INPUT_INVALID', {
      field: 'picture',
      reason: `these are more than ${MOST_PICTURE_BYTES / 1e6} MB, too large for a message; ask for fewer, or for their paths`,
    });
  const attachments: Attachment[] = [];
  for (const [index, { id, at, stream }] of frames.entries()) {
    if (as === 'path') {
      found[index]!.path = store.pathOf(id);
      continue;
    }
    const { jpeg } = await store.picture(id);
    if (as === 'buffer') found[index]!.jpeg = jpeg;
    else
      attachments.push({
        filename: `${stream}-${isoOf(at).replace(/[:.]/g, '-')}.jpg`,
        content: jpeg,
        contentType: 'image/jpeg',
      });
  }
  return as === 'attachments' ? { found, attachments } : { found };
}
