import { smallUrl } from './api';
import { lastBefore, timeOf } from './layout';

/** A browser asks six at once of one server, and one of them hears the news. */
const AT_ONCE = 5;
/** Pictures that are held ready: a few screens, and those that stand in for others. */
const MOST_READY = 900;
/** A wider one has no small one, and came itself: twenty times as many bytes, so few at once and few held ready. */
const SMALL_WIDTH = 160;
const LARGE_AT_ONCE = 2;
const MOST_READY_LARGE = 200;
const MOST_TRIES = 3;
const AGAIN_MS = 1_500;

/**
 * Small pictures, those on screen first: what has been scrolled away again is not asked for. Until a picture is there the nearest one that is stands in
 * for it, so that nothing is ever blank.
 */
export class Loader {
  private readonly ready = new Map<string, HTMLImageElement>();
  private readonly tries = new Map<string, number>();
  private wanted: string[] = [];
  private background: string[] = [];
  private readonly flying = new Set<string>();
  /** the one that came last had no small one */
  private large = false;
  /** by stream, in the order of time */
  private readonly coarse = new Map<string, { at: number; id: string }[]>();

  /** `arrived` hears of each picture that is there now, or that cannot be had */
  constructor(private readonly arrived: (id: string, ok: boolean) => void) {}

  isReady(id: string): boolean {
    return this.ready.has(id);
  }

  /** It was tried often enough. */
  isLost(id: string): boolean {
    return (this.tries.get(id) ?? 0) >= MOST_TRIES;
  }

  /** What is on screen now, the most important first; whatever was wanted before and is not here is forgotten. */
  want(ids: string[]): void {
    this.wanted = ids.filter((id) => !this.ready.has(id) && !this.isLost(id));
    this.fly();
  }

  /** Fetch these when nothing else is to be done: they stand in for others. */
  prepare(ids: readonly string[]): void {
    this.background = ids.filter((id) => !this.ready.has(id));
    this.fly();
  }

  /** The nearest picture of a stream that is there; null: none is yet. */
  standIn(stream: string, at: number): string | null {
    const all = this.coarse.get(stream);
    if (!all?.length) return null;
    const place = lastBefore(all, at, (one) => one.at);
    const after = all[place + 1];
    const one = after && Math.abs(after.at - at) < Math.abs(all[place]!.at - at) ? after : all[place]!;
    return one.id;
  }

  private fly(): void {
    const atOnce = this.large ? LARGE_AT_ONCE : AT_ONCE;
    while (this.flying.size < atOnce) {
      const rests = this.large ? this.flying.size === 0 : this.flying.size < atOnce - 2;
      const id = this.next(this.wanted) ?? (rests ? this.next(this.background) : null);
      if (id === null) return;
      this.load(id);
    }
  }

  private next(from: string[]): string | null {
    for (;;) {
      const id = from.shift();
      if (id === undefined) return null;
      if (!this.ready.has(id) && !this.flying.has(id) && !this.isLost(id)) return id;
    }
  }

  private load(id: string): void {
    this.flying.add(id);
    const image = new Image();
    image.decoding = 'async';
    image.onload = () => {
      this.flying.delete(id);
      this.tries.delete(id);
      this.large = image.naturalWidth > SMALL_WIDTH;
      this.keep(id, image);
      this.arrived(id, true);
      this.fly();
    };
    image.onerror = () => {
      this.flying.delete(id);
      this.tries.set(id, (this.tries.get(id) ?? 0) + 1);
      if (this.isLost(id)) this.arrived(id, false);
      // the next thing that is looked at asks again
      setTimeout(() => this.arrived(id, false), AGAIN_MS);
      this.fly();
    };
    image.src = smallUrl(id);
  }

  private keep(id: string, image: HTMLImageElement): void {
    this.ready.set(id, image);
    const stream = id.slice(0, id.indexOf('/'));
    const at = timeOf(id);
    let all = this.coarse.get(stream);
    if (!all) this.coarse.set(stream, (all = []));
    const place = all.length && all[0]!.at <= at ? lastBefore(all, at, (one) => one.at) + 1 : 0;
    all.splice(place, 0, { at, id });
    const most = this.large ? MOST_READY_LARGE : MOST_READY;
    for (const oldest of this.ready.keys()) {
      if (this.ready.size <= most) return;
      this.ready.delete(oldest);
      const others = this.coarse.get(oldest.slice(0, oldest.indexOf('/')))!;
      const gone = others.findIndex((one) => one.id === oldest);
      if (gone >= 0) others.splice(gone, 1);
    }
  }
}
