import type { PageAbout, PageFrame, PageIndex } from '../../lib/web/timeline/view';
import { announce, button, el, setText } from '../shared/dom';
import { index as askIndex } from './api';
import { askTime, showKeys } from './dialogs';
import { ACTS, type Hands } from './keys';
import { EVERY, addTo, lastBefore, sectionsOf, sizesOf } from './layout';
import { News } from './news';
import { Scrubber } from './scrubber';
import { Sheet } from './sheet';
import { TEXTS } from './texts';
import { day, zone } from './time';
import { Viewer } from './viewer';

/** Shows with fewer pictures are shown whole at once. */
const FEW = 2_000;
/** As many streams side by side as can be seen at once. */
const LEAST_COLUMN_PX = 200;
/** Pictures of each stream that stand in for the others. */
const COARSE = 64;
/** New pictures are laid out together. */
const GATHER_MS = 400;
const AT_END_PX = 24;

/** The whole page, once there are pictures. */
export class Timeline {
  private index: PageIndex | null = null;
  private shown: string[] = [];
  private level = EVERY;
  private following = true;
  private whenLaid: ReturnType<typeof setTimeout> | undefined;
  private older = false;

  private readonly note = el('p', { class: 'note', role: 'status', hidden: true });
  private readonly chips = el('div', { class: 'chips', role: 'group', 'aria-label': TEXTS.streams });
  private readonly columns = el('div', { class: 'columns', 'aria-hidden': 'true' });
  private readonly levelText = el('span', { class: 'level', role: 'status' });
  private readonly count = el('span', { class: 'count' });
  private readonly when = el('span', {
    class: 'when-shown',
    title: TEXTS.zoneIs(Intl.DateTimeFormat().resolvedOptions().timeZone),
  });
  private readonly out = button('−', () => this.zoom(-1), { 'aria-label': TEXTS.zoomOut });
  private readonly in = button('+', () => this.zoom(1), { 'aria-label': TEXTS.zoomIn });
  private readonly live = button(TEXTS.live, () => this.goLive(), { class: 'live' });
  private readonly olderButton = button(TEXTS.older, () => void this.goOlder(), { hidden: true });
  private readonly sheet = new Sheet({
    open: (shown, stream) => void this.viewer.open(stream, shown.at, this.index?.streams ?? []),
    scrolled: () => this.scrolled(),
    unreadable: () => this.tell(TEXTS.unreadable),
    failed: (error) => this.hears.refused(error),
  });
  private readonly scrubber = new Scrubber((at) => {
    this.follow(false);
    this.sheet.scrollTo(at);
  });
  private readonly viewer = new Viewer((frame) => {
    if (frame) this.sheet.selectAt(frame.stream, frame.at);
    else this.sheet.select(this.sheet.selected, true);
  });
  private readonly news = new News({
    frame: (frame) => this.came(frame),
    again: () => this.hears.again(),
    connected: (is) => this.tell(is ? '' : TEXTS.offline),
    over: () => this.hears.over(),
  });
  readonly tools = [
    el('div', { class: 'zoom' }, this.out, this.levelText, this.in),
    button(TEXTS.jumpShort, () => this.jump(), { class: 'jump', 'aria-label': TEXTS.jump }),
    this.live,
    button('?', () => showKeys(), { class: 'keys', 'aria-label': TEXTS.keys }),
  ];
  readonly element = el(
    'div',
    { class: 'timeline' },
    this.note,
    el('div', { class: 'under' }, this.chips, this.count, this.olderButton, this.when),
    this.columns,
    this.sheet.element,
    this.scrubber.element,
    this.viewer.dialog,
  );

  private readonly hands: Hands = {
    sheet: this.sheet,
    shown: () => this.shown,
    zoom: (by) => this.zoom(by),
    jump: () => this.jump(),
    live: () => this.goLive(),
  };

  constructor(private readonly hears: { over(): void; refused(error: unknown): void; again(): void }) {
    this.sheet.element.tabIndex = -1;
    document.addEventListener('keydown', (event) => this.key(event));
    new ResizeObserver(() => this.lay()).observe(this.sheet.element);
    this.news.open();
  }

  /** What there is now. */
  show({ streams }: PageAbout, index: PageIndex): void {
    const first = this.index === null;
    this.index = index;
    this.olderButton.hidden = !index.older;
    const names = index.streams;
    this.shown = this.shown.filter((one) => names.includes(one));
    if (!this.shown.length) {
      const room = Math.max(1, Math.floor(this.sheet.element.clientWidth / LEAST_COLUMN_PX));
      // those that came last are what is looked for
      const newest = [...streams].sort((one, other) => other.last - one.last).slice(0, Math.min(4, room));
      this.shown = names.filter((name) => newest.some(({ stream }) => stream === name));
    }
    const total = index.entries.reduce((sum, [, , frames]) => sum + frames, 0);
    if (first && total > FEW) this.level = EVERY - 1;
    this.sheet.pictures.clear();
    this.drawChips();
    this.lay();
    this.prepare();
  }

  stop(): void {
    this.news.close();
    if (this.viewer.isOpen) this.viewer.dialog.close();
  }

  private lay(): void {
    const { index } = this;
    const { element } = this.sheet;
    if (!index || element.clientWidth === 0) return;
    const seen = this.sheet.onScreen;
    const sizes = sizesOf(element.clientWidth, this.shown.length);
    this.sheet.lay(sectionsOf(index, this.shown, this.level, sizes), this.shown, sizes);
    this.scrubber.show(index, this.shown);
    this.columns.hidden = this.shown.length < 2;
    this.columns.replaceChildren(
      ...this.shown.map((stream) => {
        const head = el('span', {}, stream);
        head.style.width = `${sizes.columnWidth}px`;
        return head;
      }),
    );
    const total = index.entries.reduce(
      (sum, [stream, , frames]) => sum + (this.shown.includes(index.streams[stream]!) ? frames : 0),
      0,
    );
    // with several the buttons beside it say which
    const [only, ...others] = index.streams;
    const isOnly = only !== undefined && !others.length;
    setText(this.count, isOnly ? TEXTS.ofStream(only, TEXTS.pictures(total)) : TEXTS.pictures(total));
    setText(this.levelText, TEXTS.levels[this.level]!);
    this.in.disabled = this.level === EVERY;
    this.out.disabled = this.level === 0;
    if (this.following) this.toEnd();
    else if (seen) this.scrollKeeping(seen.from);
    this.scrolled();
  }

  private scrollKeeping(at: number): void {
    // new pictures come at the end: what is above stays where it is
    if (Math.abs((this.sheet.onScreen?.from ?? 0) - at) > 500) this.sheet.scrollTo(at);
  }

  private toEnd(): void {
    this.sheet.element.scrollTop = this.sheet.element.scrollHeight;
    this.sheet.draw();
  }

  private prepare(): void {
    const { index } = this;
    if (!index) return;
    const ids = index.streams.flatMap((stream, place) => {
      if (!this.shown.includes(stream)) return [];
      const own = index.entries.filter(([one]) => one === place);
      const every = Math.max(1, Math.floor(own.length / COARSE));
      return own.filter((_, n) => n % every === 0).map((entry) => `${stream}/${entry[4]}`);
    });
    this.sheet.loader.prepare(ids);
  }

  private came(frame: PageFrame): void {
    const { index } = this;
    if (!index || (this.older && frame.at >= index.to)) return;
    const isNew = !index.streams.includes(frame.stream);
    addTo(index, frame.stream, frame.at, frame.id, frame.why === 'changed');
    const section = this.sheet.sections[lastBefore(this.sheet.sections, frame.at, ({ at }) => at)];
    if (section && frame.at >= section.at && frame.at < section.to) this.sheet.pictures.add(frame, section);
    if (isNew) this.drawChips();
    this.whenLaid ??= setTimeout(() => {
      this.whenLaid = undefined;
      this.lay();
    }, GATHER_MS);
  }

  private drawChips(): void {
    const { streams } = this.index!;
    this.chips.hidden = streams.length < 2;
    this.chips.replaceChildren(
      ...streams.map((stream) =>
        button(stream, () => this.toggle(stream), { 'aria-pressed': String(this.shown.includes(stream)) }),
      ),
    );
  }

  private toggle(stream: string): void {
    const has = this.shown.includes(stream);
    if (has && this.shown.length === 1) return;
    const next = has ? this.shown.filter((one) => one !== stream) : [...this.shown, stream];
    this.shown = this.index!.streams.filter((one) => next.includes(one));
    for (const chip of this.chips.children)
      chip.setAttribute('aria-pressed', String(this.shown.includes(chip.textContent ?? '')));
    this.lay();
    this.prepare();
  }

  private zoom(by: number): void {
    const to = Math.min(EVERY, Math.max(0, this.level + by));
    if (to === this.level) return;
    const { selected } = this.sheet;
    const at = selected ? this.sheet.at(selected)?.at : undefined;
    const stream = selected ? this.sheet.streamOf(selected) : '';
    const { from = 0 } = this.sheet.onScreen ?? {};
    this.level = to;
    this.lay();
    if (!this.following) this.sheet.scrollTo(at ?? from);
    if (at !== undefined) this.sheet.selectAt(stream, at);
    announce(TEXTS.shows(TEXTS.levels[to]!));
  }

  private jump(): void {
    const { index } = this;
    const seen = this.sheet.onScreen;
    if (!index?.entries.length || !seen) return;
    const [first, last] = [index.entries[0]![1], index.entries.at(-1)![1] + index.everyMs];
    askTime(seen.from, first, last, (at) => {
      this.follow(false);
      this.sheet.scrollTo(at);
      const { selected } = this.sheet;
      this.sheet.selectAt(selected ? this.sheet.streamOf(selected) : this.shown[0]!, at);
    });
  }

  private goLive(): void {
    if (this.older) {
      this.older = false;
      this.follow(true);
      this.index = null;
      return this.hears.again();
    }
    this.follow(true);
    this.toEnd();
  }

  private async goOlder(): Promise<void> {
    try {
      const index = await askIndex(this.index!.from);
      this.older = true;
      this.follow(false);
      this.index = index;
      this.olderButton.hidden = !index.older;
      this.sheet.pictures.clear();
      this.lay();
      this.sheet.scrollTo(index.entries.at(-1)?.[1] ?? 0);
      this.prepare();
    } catch (error) {
      this.hears.refused(error);
    }
  }

  private scrolled(): void {
    const { scrollTop, clientHeight, scrollHeight } = this.sheet.element;
    const atEnd = scrollTop + clientHeight >= scrollHeight - AT_END_PX;
    if (!this.older) this.follow(atEnd);
    const seen = this.sheet.onScreen;
    if (!seen) return;
    this.scrubber.at(seen);
    setText(this.when, TEXTS.whenShown(day(seen.from), zone(seen.from)));
  }

  private follow(is: boolean): void {
    this.following = is;
    this.live.setAttribute('aria-pressed', String(is));
    this.live.title = is ? TEXTS.following : TEXTS.goLive;
  }

  private tell(sentence: string): void {
    setText(this.note, sentence);
    this.note.hidden = sentence === '';
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || this.element.hidden) return;
    if (document.querySelector('dialog[open]') || event.target instanceof HTMLInputElement) return;
    const act = ACTS[event.key];
    if (!act) return;
    event.preventDefault();
    act(this.hands);
  }
}
