import type { PageFrame } from '../../lib/web/timeline/view';
import { el } from '../shared/dom';
import { smallUrl } from './api';
import { type Cell, dressCell, newCell, placeCell } from './cell';
import { Headings } from './headings';
import { HEADING, lastBefore, placeOf, type Section, type Sizes } from './layout';
import { Loader } from './loader';
import { edgesOf, stepFrom, type Spot } from './moves';
import { BEFORE, isSceneOf } from './scene';
import { Pictures } from './pictures';
import { TEXTS } from './texts';
import { clock, seconds } from './time';

/** px above and below the screen that are ready. */
const AROUND = 500;
/** What stands in it: `frame` where it is known. */
export interface Shown {
  at: number;
  id: string;
  frame: PageFrame | null;
}

/** The contact sheet: as many elements as a screen has places, however many pictures there are. */
export class Sheet {
  readonly space = el('div', { class: 'space' });
  readonly element = el('div', { class: 'sheet', role: 'group', 'aria-label': TEXTS.sheet }, this.space);
  readonly loader = new Loader((id) => this.arrived(id));
  readonly pictures: Pictures;
  sections: Section[] = [];
  private streams: readonly string[] = [];
  private sizes!: Sizes;
  private readonly cells = new Map<string, Cell>();
  private readonly headings = new Headings(this.space);
  private readonly spare: Cell[] = [];
  selected: Spot | null = null;
  private drawing = false;
  private aim: { stream: string; at: number } | null = null;

  constructor(
    private readonly hears: {
      open(shown: Shown, stream: string): void;
      scrolled(): void;
      unreadable(hours: number): void;
      failed(error: unknown): void;
    },
  ) {
    this.pictures = new Pictures(
      (unreadable) => {
        if (unreadable) hears.unreadable(unreadable);
        this.takeAim();
        this.draw();
      },
      (error) => hears.failed(error),
    );
    this.element.addEventListener('scroll', () => {
      this.draw();
      hears.scrolled();
    });
  }

  /** Show these sections from now on. What is selected stays, by its time. */
  lay(sections: Section[], streams: readonly string[], sizes: Sizes): void {
    const chosen = this.selected && this.at(this.selected);
    const stream = this.selected ? this.streams[this.selected.column] : undefined;
    const hadKeys = this.element.contains(document.activeElement);
    this.sections = sections;
    this.streams = streams;
    this.sizes = sizes;
    const last = sections.at(-1);
    this.space.style.height = `${last ? last.top + last.height : 0}px`;
    for (const key of [...this.cells.keys()]) this.drop(key);
    this.selected = chosen && stream ? this.find(stream, chosen.at) : null;
    this.drawNow();
    if (hadKeys && this.selected) this.cells.get(keyOf(this.selected))?.node.focus({ preventScroll: true });
  }

  /** What stands in a place; null: nobody knows yet, or nothing. */
  at({ section, column, n }: Spot): Shown | null {
    const one = this.sections[section];
    const stream = this.streams[column];
    if (!one || stream === undefined) return null;
    const stands = one.stands[column];
    if (stands) return stands[n] ? { ...stands[n], frame: null } : null;
    const frame = this.pictures.of(stream, one)?.[n];
    return frame ? { at: frame.at, id: frame.id, frame } : null;
  }

  streamOf({ column }: Spot): string {
    return this.streams[column] ?? '';
  }

  /** The place of the picture of a stream at a time, as nearly as is known; null: the stream has none. */
  find(stream: string, at: number): Spot | null {
    const column = Math.max(0, this.streams.indexOf(stream));
    let section = lastBefore(this.sections, at, (one) => one.at);
    while (section > 0 && !this.sections[section]!.counts[column]) section--;
    const one = this.sections[section];
    if (!one?.counts[column]) return null;
    const known: { at: number }[] | null | undefined = one.stands[column] ?? this.pictures.of(stream, one);
    const share = Math.min(1, Math.max(0, (at - one.at) / (one.to - one.at)));
    const n = known?.length
      ? lastBefore(known, at, (each) => each.at)
      : Math.floor(share * (one.counts[column] - 1));
    return { section, column, n };
  }

  /** Scroll to a time. */
  scrollTo(at: number): void {
    const section = lastBefore(this.sections, at, (one) => one.at);
    const one = this.sections[section];
    if (!one) return;
    const share = Math.min(1, Math.max(0, (at - one.at) / (one.to - one.at)));
    const within = share * Math.max(0, one.height - HEADING);
    this.element.scrollTop = Math.max(0, one.top + (share > 0 ? within - this.sizes.lineHeight / 2 : 0));
    this.draw();
  }

  /** Have a place on screen. */
  reveal(spot: Spot): void {
    const section = this.sections[spot.section];
    if (!section) return;
    const { y } = placeOf(section, spot.column, spot.n, this.sizes);
    const { scrollTop, clientHeight } = this.element;
    const top = spot.n < this.sizes.perLine ? y - HEADING : y;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (y + this.sizes.lineHeight > scrollTop + clientHeight)
      this.element.scrollTop = y + this.sizes.lineHeight + 8 - clientHeight;
  }

  /** Make the picture of a time the selected one; where nobody knows yet which that is, once it is known. */
  selectAt(stream: string, at: number): void {
    const spot = this.find(stream, at);
    this.select(spot, true);
    if (spot && !this.at(spot)) this.aim = { stream, at };
  }

  private takeAim(): void {
    const { aim } = this;
    const spot = aim && this.find(aim.stream, aim.at);
    if (spot && this.at(spot)) this.select(spot, true);
  }

  /** Make a place the selected one, and bring the keyboard there. */
  select(spot: Spot | null, focus: boolean): void {
    this.aim = null;
    this.selected = spot;
    if (spot) this.reveal(spot);
    this.drawNow();
    if (spot && focus) this.cells.get(keyOf(spot))?.node.focus({ preventScroll: true });
  }

  /** From a place by so many pictures, or lines, of the same stream. */
  step(spot: Spot, by: number, lines: number): Spot {
    return stepFrom(this.sections, this.sizes.perLine, spot, by, lines);
  }

  /** The first and the last picture of the stream that is selected. */
  get edges(): { first: Spot | null; last: Spot | null } {
    return edgesOf(this.sections, this.selected?.column ?? 0);
  }

  /** The times at the upper and lower edge of the screen. */
  get onScreen(): { from: number; to: number } | null {
    if (!this.sections.length) return null;
    const { scrollTop, clientHeight } = this.element;
    const timeAt = (y: number) => {
      const one = this.sections[lastBefore(this.sections, y, ({ top }) => top)]!;
      const share = Math.min(1, Math.max(0, (y - one.top) / one.height));
      return one.at + share * (one.to - one.at);
    };
    return { from: timeAt(scrollTop), to: timeAt(scrollTop + clientHeight) };
  }

  /** Soon: many reasons in one moment are one. */
  draw(): void {
    if (this.drawing) return;
    this.drawing = true;
    requestAnimationFrame(() => {
      this.drawing = false;
      this.drawNow();
    });
  }

  private drawNow(): void {
    if (!this.sections.length || !this.sizes) return;
    const { scrollTop, clientHeight } = this.element;
    const [from, to] = [scrollTop - AROUND, scrollTop + clientHeight + AROUND];
    const first = lastBefore(this.sections, from, ({ top }) => top);
    const last = lastBefore(this.sections, to, ({ top }) => top);
    const keep = new Set<string>();
    const wantedIds: [distance: number, id: string][] = [];
    const middle = scrollTop + clientHeight / 2;
    const { perLine, lineHeight } = this.sizes;
    const visible: [number, number] = [scrollTop - lineHeight, scrollTop + clientHeight];
    for (let at = first; at <= last; at++) {
      const section = this.sections[at]!;
      section.counts.forEach((count, column) => {
        const lineOf = (y: number) => Math.floor((y - section.top - HEADING) / lineHeight);
        const begin = Math.max(0, lineOf(from)) * perLine;
        const end = Math.min(count, (Math.max(-1, lineOf(to)) + 1) * perLine);
        for (let n = begin; n < end; n++) {
          const spot = { section: at, column, n };
          keep.add(keyOf(spot));
          const { x, y } = placeOf(section, column, n, this.sizes);
          const cell = this.cellAt(spot, x, y);
          this.fill(cell);
          const on = y > visible[0] && y < visible[1];
          if (cell.id !== null) wantedIds.push([Math.abs(y - middle) + (on ? 0 : 1e6), cell.id]);
        }
      });
    }
    for (const key of [...this.cells.keys()]) if (!keep.has(key)) this.drop(key);
    this.headings.draw(this.sections, first, last);
    wantedIds.sort(([one], [other]) => one - other);
    this.loader.want(wantedIds.map(([, id]) => id));
    this.wantPictures(first, last, middle);
  }

  /** Only what is asked for by no name yet. The sections nearest to the middle of the screen come first. */
  private wantPictures(first: number, last: number, middle: number): void {
    const nearest = lastBefore(this.sections, middle, ({ top }) => top);
    const wanted = this.streams.flatMap((stream, column) => {
      const near = this.sections.slice(nearest, last + 1);
      const before = this.sections.slice(first, nearest);
      return [near, before].map((sections) => ({
        stream,
        column,
        sections: sections.filter(({ stands }) => stands[column] === null),
      }));
    });
    this.pictures.want(wanted);
  }

  private cellAt(spot: Spot, x: number, y: number): Cell {
    const key = keyOf(spot);
    let cell = this.cells.get(key);
    if (!cell) {
      cell = this.spare.pop() ?? newCell((pressed) => this.press(pressed));
      cell.spot = spot;
      cell.id = null;
      this.cells.set(key, cell);
      const { cellWidth, lineHeight } = this.sizes;
      placeCell(cell, { x, y }, cellWidth, lineHeight - 6);
      this.space.append(cell.node);
    }
    return cell;
  }

  private press({ spot }: Cell): void {
    this.selected = spot;
    this.drawNow();
    const shown = this.at(spot);
    if (shown) this.hears.open(shown, this.streamOf(spot));
  }

  private drop(key: string): void {
    const cell = this.cells.get(key)!;
    this.cells.delete(key);
    // what has the keyboard keeps it: the sheet takes it over
    if (document.activeElement === cell.node) this.element.focus({ preventScroll: true });
    cell.node.remove();
    if (this.spare.length < 100) this.spare.push(cell);
  }

  /** Give a cell its picture, or the nearest that is there. */
  private fill(cell: Cell): void {
    const { spot } = cell;
    const section = this.sections[spot.section]!;
    const shown = this.at(spot);
    const stream = this.streamOf(spot);
    cell.id = shown?.id ?? null;
    const selected = this.selected !== null && keyOf(this.selected) === keyOf(spot);
    const isFirst = this.selected === null && spot.section === 0 && spot.n === 0 && spot.column === 0;
    const lost = shown !== null && this.loader.isLost(shown.id);
    const ready = shown !== null && this.loader.isReady(shown.id);
    const share = spot.n / Math.max(1, section.counts[spot.column]!);
    const about = shown?.at ?? section.at + share * (section.to - section.at);
    const id = ready ? shown.id : this.loader.standIn(stream, about);
    const previous = this.sections[spot.section - 1];
    const before = () => this.pictures.before(stream, section, previous, spot.n, BEFORE);
    const scene = shown?.frame ? isSceneOf(shown.frame, before()) : false;
    const isClose = section.stands[spot.column] === null;
    const words = [seconds(about), stream, ...(scene ? [TEXTS.scene] : []), ...(lost ? [TEXTS.gone] : [])];
    dressCell(cell, {
      ...{ selected, scene, lost, reachable: selected || isFirst, waiting: !ready && !lost },
      url: id === null || lost ? null : smallUrl(id),
      caption: shown ? (isClose ? seconds(shown.at) : clock(shown.at)) : '',
      label: words.join(', '),
    });
  }

  private arrived(id: string): void {
    for (const cell of this.cells.values()) if (cell.id === id) this.fill(cell);
    // stand-ins may be nearer now, and who failed is asked for again
    this.draw();
  }
}

function keyOf({ section, column, n }: Spot): string {
  return `${section}.${column}.${n}`;
}
