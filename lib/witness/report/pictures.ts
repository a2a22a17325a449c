import { createHash } from 'node:crypto';
import type { FrameStore, KeptFrame } from '../../frames/store/types';
import { LiveError } from '../../errors';
import type { ReportPicture, ReportPictures } from './types';
import { html, joined } from './table';
import { LocalTime } from './words';

/** In all: with some 10 kB each, and never more than 60, they fit into any mail. */
const MOST = 24;
const MOST_STREAMS = 8;
const LEAST_OF_EACH = 3;
/** Of a larger picture the small one beside it is shown. */
const MOST_BYTES = 60_000;

/** What is shown: the pictures' facts, and beside them the small pictures themselves, by id. */
export interface TakenPictures {
  told: ReportPictures;
  /** base64 */
  jpegs: ReadonlyMap<string, string>;
}

/**
 * Pictures of a show, evenly over its time, of the streams that have any. Each is read whole and held against its hash, also where the small one beside it is shown; one that
 * differs is told as that. Never rejects: what cannot be read is said.
 */
export async function takePictures(
  store: Pick<FrameStore, 'find' | 'picture' | 'small' | 'use'>,
  from: string | null,
  to: string | null,
): Promise<TakenPictures> {
  const told: ReportPictures = { pictures: [], notes: [] };
  const jpegs = new Map<string, string>();
  if (from === null || to === null) return { told, jpegs };
  const span = { from: Date.parse(from), to: Date.parse(to) + 1 };
  try {
    const { streams } = await store.use();
    const there = streams.filter(({ first, last }) => first < span.to && last >= span.from);
    if (there.length > MOST_STREAMS)
      told.notes.push(`Pictures of ${MOST_STREAMS} of ${there.length} streams are shown.`);
    if (there.length === 0) told.notes.push('The frame store has no pictures of this time.');
    const chosen = there.slice(0, MOST_STREAMS);
    const each = Math.max(LEAST_OF_EACH, Math.floor(MOST / Math.max(1, chosen.length)));
    for (const { stream, first, last } of chosen) {
      const [begin, end] = [Math.max(span.from, first), Math.min(span.to, last + 1)];
      const everyMs = Math.max(1_000, Math.ceil((end - begin) / each));
      const { frames, unreadable } = await store.find({ stream, from: begin, to: end, everyMs, limit: each });
      if (unreadable.length) told.notes.push(`Some hours of ${stream} could not be read.`);
      for (const frame of frames) told.pictures.push(await taken(store, frame, jpegs));
    }
    told.pictures.sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
  } catch (error) {
    const reason = error instanceof LiveError ? error.message : 'its files cannot be read';
    told.notes.push(`The pictures of the frame store are missing: ${reason}`);
  }
  return { told, jpegs };
}

async function taken(
  store: Pick<FrameStore, 'picture' | 'small'>,
  { id, stream, at, sha256 }: KeptFrame,
  jpegs: Map<string, string>,
): Promise<ReportPicture> {
  const picture: ReportPicture = { id, stream, at: new Date(at).toISOString(), sha256, fault: null };
  try {
    const { jpeg } = await store.picture(id);
    const shown = jpeg.length <= MOST_BYTES ? jpeg : await store.small(id);
    if (shown && shown.length <= MOST_BYTES) jpegs.set(id, shown.toString('base64'));
    else picture.fault = 'too large for a report';
  } catch (error) {
    picture.fault = faultOf(error);
  }
  return picture;
}

function faultOf(error: unknown): string {
  const code = error instanceof LiveError ? error.code : '';
  if (code === 'FRAMES_CHANGED') return 'not the picture that was kept: its hash differs';
  return code === 'FRAMES_UNKNOWN' ? 'gone: its file was removed' : 'it cannot be read';
}

/** Only for reports with pictures: those without stay as they are, byte by byte. */
export const PICTURE_STYLE = `.shots{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:10px;margin:6px 0}
.shots figure{margin:0;break-inside:avoid}
.shots img,.shots .none{display:block;width:100%;aspect-ratio:16/9;object-fit:contain;background:#0b0e11;border-radius:5px}
.shots .none{display:grid;place-items:center;padding:6px;color:#fff;font-size:11px;text-align:center}
.shots figcaption{font-size:12px;line-height:1.3;padding-top:3px;overflow-wrap:anywhere}
.shots code{display:block;color:var(--soft);font-size:9.5px}
`;

/** What the page allows beside its usual rules. */
export const PICTURE_STYLE_HASH = createHash('sha256').update(PICTURE_STYLE).digest('base64');

/** The pictures as a part of the page. */
export function picturesSection({ told, jpegs }: TakenPictures, time: LocalTime): string {
  const shots = told.pictures.map(({ id, stream, at, sha256, fault }) => {
    const jpeg = jpegs.get(id);
    const words = `${stream}, ${time.clock(at)}`;
    const image = jpeg
      ? html`<img src="data:image/jpeg;base64,${jpeg}" alt="${words}" />`
      : html`<div class="none">${fault ?? 'it cannot be read'}</div>`;
    return html`<figure>
      ${image}
      <figcaption>${words}<code>${sha256}</code></figcaption>
    </figure>`;
  });
  const notes = told.notes.map((note) => html`<p class="more">${note}</p>`);
  const how = html`<p class="more">
    The number below each is the SHA-256 of the picture as the frame store has it, which was held against it
    when this report was made. What is shown of a large picture is the small one that lies beside it; the
    number does not speak for that one.
  </p>`;
  return html`<section>
    <h2>Pictures</h2>
    <div class="shots">${joined(shots)}</div>
    ${shots.length ? how : ''}${joined(notes)}
  </section>`.markup;
}
