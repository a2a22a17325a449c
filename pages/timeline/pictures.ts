import type { PageFrame } from '../../lib/web/timeline/view';
import { frames } from './api';
import type { Section } from './layout';

/** Kept in memory: a few hours of one stream. */
const MOST_FRAMES = 30_000;
const AT_ONCE = 2;
/** Sections that lie side by side are asked for together, up to so many pictures. */
const AT_A_TIME = 400;
const AGAIN_MS = 3_000;

interface Wish {
  stream: string;
  from: number;
  to: number;
}

/** Which pictures there are, minute by minute, asked for when they come on screen. */
export class Pictures {
  /** by stream and section */
  private readonly known = new Map<string, PageFrame[]>();
  private size = 0;
  private wishes: Wish[] = [];
  private flying = 0;
  private readonly asked = new Set<string>();
  private notBefore = 0;

  /** `arrived` hears that something is there; `failed` why not */
  constructor(
    private readonly arrived: (unreadable: number) => void,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** The pictures of a section; undefined: they are not here yet. */
  of(stream: string, section: Section): PageFrame[] | undefined {
    return this.known.get(keyOf(stream, section.at, section.to));
  }

  /** What was kept before the picture `n` of a section, the newest first, as far as it is known. */
  before(
    stream: string,
    section: Section,
    previous: Section | undefined,
    n: number,
    most: number,
  ): PageFrame[] {
    const own = this.of(stream, section)?.slice(Math.max(0, n - most), n) ?? [];
    const more = most - own.length;
    const earlier = previous && more > 0 ? (this.of(stream, previous)?.slice(-more) ?? []) : [];
    return [...earlier, ...own].reverse();
  }

  /** What is on screen now, the most important first. */
  want(wanted: { stream: string; column: number; sections: Section[] }[]): void {
    this.wishes = [];
    for (const { stream, column, sections } of wanted) {
      let run: Section[] = [];
      let count = 0;
      const push = () => {
        if (run.length) this.wishes.push({ stream, from: run[0]!.at, to: run.at(-1)!.to });
        for (const { at, to } of run) this.cuts.set(keyOf(stream, at, to), { at, to });
        run = [];
        count = 0;
      };
      for (const section of sections) {
        const key = keyOf(stream, section.at, section.to);
        if (section.counts[column] === 0 || this.known.has(key) || this.asked.has(key)) {
          push();
          continue;
        }
        if (run.length && (run.at(-1)!.to !== section.at || count > AT_A_TIME)) push();
        run.push(section);
        count += section.counts[column]!;
      }
      push();
    }
    void this.fly();
  }

  /** A new picture belongs to a section that is known. */
  add(frame: PageFrame, section: Section): void {
    const all = this.of(frame.stream, section);
    if (!all || all.some(({ id }) => id === frame.id)) return;
    all.push(frame);
    this.size++;
  }

  /** Forget all: what is asked for next is what the store has now. */
  clear(): void {
    this.known.clear();
    this.asked.clear();
    this.size = 0;
  }

  private readonly cuts = new Map<string, { at: number; to: number }>();

  private async fly(): Promise<void> {
    while (this.flying < AT_ONCE && performance.now() >= this.notBefore) {
      const wish = this.wishes.shift();
      if (!wish) return;
      const { stream, from, to } = wish;
      const mine = [...this.cuts].filter(
        ([key, cut]) => key.startsWith(`${stream} `) && cut.at >= from && cut.to <= to,
      );
      for (const [key] of mine) {
        this.cuts.delete(key);
        this.asked.add(key);
      }
      this.flying++;
      try {
        const got = await frames(stream, from, to);
        for (const [key, cut] of mine) {
          const own = got.frames.filter(({ at }) => at >= cut.at && at < cut.to);
          this.known.set(key, own);
          this.size += own.length;
        }
        this.forget();
        this.arrived(got.unreadable);
      } catch (error) {
        this.notBefore = performance.now() + AGAIN_MS;
        setTimeout(() => this.arrived(0), AGAIN_MS);
        this.failed(error);
      } finally {
        for (const [key] of mine) this.asked.delete(key);
        this.flying--;
      }
    }
  }

  private forget(): void {
    for (const [key, all] of this.known) {
      if (this.size <= MOST_FRAMES) return;
      this.known.delete(key);
      this.size -= all.length;
    }
  }
}

function keyOf(stream: string, at: number, to: number): string {
  return `${stream} ${at} ${to}`;
}
