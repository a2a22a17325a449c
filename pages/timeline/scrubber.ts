import type { PageIndex } from '../../lib/web/timeline/view';
import { el, setText } from '../shared/dom';
import { smallUrl } from './api';
import { lastBefore, timeOf } from './layout';
import { TEXTS } from './texts';
import { DAY_MS, clock, day, seconds } from './time';

/** The whole time in one strip: where there are pictures, where one is, and a way to anywhere. */
export class Scrubber {
  private readonly canvas = el('canvas', { 'aria-hidden': 'true' });
  private readonly window = el('div', { class: 'window' });
  private readonly image = el('img', { alt: '' });
  private readonly tip = el('span');
  private readonly preview = el('div', { class: 'preview', hidden: true }, this.image, this.tip);
  private readonly from = el('span', { class: 'edge' });
  private readonly to = el('span', { class: 'edge' });
  private readonly bar = el(
    'div',
    {
      class: 'bar',
      role: 'slider',
      tabindex: '0',
      'aria-label': TEXTS.scrubber,
      'aria-valuemin': '0',
      'aria-valuemax': '1000',
      'aria-valuenow': '0',
    },
    this.canvas,
    this.window,
  );
  readonly element = el('div', { class: 'scrubber' }, this.from, this.bar, this.to, this.preview);
  private index: PageIndex | null = null;
  private shown: readonly string[] = [];
  private span = { from: 0, to: 1 };

  /** `go` hears the time that is wished for */
  constructor(private readonly go: (at: number) => void) {
    const { bar } = this;
    let dragging = false;
    bar.addEventListener('pointerdown', (event) => {
      dragging = true;
      bar.setPointerCapture(event.pointerId);
      this.go(this.timeAt(event.clientX));
    });
    bar.addEventListener('pointermove', (event) => {
      this.look(event.clientX);
      if (dragging) this.go(this.timeAt(event.clientX));
    });
    for (const end of ['pointerup', 'pointercancel'] as const)
      bar.addEventListener(end, () => {
        dragging = false;
        this.preview.hidden = true;
      });
    bar.addEventListener('pointerleave', () => (this.preview.hidden = true));
    bar.addEventListener('keydown', (event) => {
      const now = Number(bar.getAttribute('aria-valuenow'));
      const steps: Record<string, number> = {
        ...{ ArrowLeft: now - 5, ArrowDown: now - 5, ArrowRight: now + 5, ArrowUp: now + 5 },
        ...{ PageUp: now - 50, PageDown: now + 50, Home: 0, End: 1000 },
      };
      const to = steps[event.key];
      if (to === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      const share = Math.min(1000, Math.max(0, to)) / 1000;
      this.go(this.span.from + share * (this.span.to - this.span.from));
    });
    new ResizeObserver(() => this.draw()).observe(bar);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.draw());
  }

  show(index: PageIndex, shown: readonly string[]): void {
    this.index = index;
    this.shown = shown;
    const last = index.entries.at(-1);
    const from = index.entries[0]?.[1] ?? 0;
    this.span = { from, to: Math.max(from + index.everyMs, (last?.[1] ?? 0) + index.everyMs) };
    const text = this.span.to - this.span.from > DAY_MS ? day : clock;
    setText(this.from, text(this.span.from));
    setText(this.to, text(this.span.to));
    this.draw();
  }

  /** What is on screen. */
  at({ from, to }: { from: number; to: number }): void {
    const whole = this.span.to - this.span.from;
    const share = (at: number) => Math.min(1, Math.max(0, (at - this.span.from) / whole));
    const left = share(from);
    this.window.style.left = `${left * 100}%`;
    this.window.style.width = `${Math.max(0.002, share(to) - left) * 100}%`;
    this.bar.setAttribute('aria-valuenow', String(Math.round(left * 1000)));
    this.bar.setAttribute('aria-valuetext', `${day(from)}, ${seconds(from)}`);
  }

  private timeAt(x: number): number {
    const { left, width } = this.bar.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (x - left) / Math.max(1, width)));
    return this.span.from + share * (this.span.to - this.span.from);
  }

  private look(x: number): void {
    const { index, shown } = this;
    if (!index?.entries.length) return;
    const at = this.timeAt(x);
    let place = lastBefore(index.entries, at, (entry) => entry[1]);
    while (place > 0 && !shown.includes(index.streams[index.entries[place]![0]]!)) place--;
    const [stream, , , , name] = index.entries[place]!;
    const url = smallUrl(`${index.streams[stream]}/${name}`);
    if (this.image.getAttribute('src') !== url) this.image.src = url;
    const moment = Math.max(at, timeOf(name));
    const isLong = this.span.to - this.span.from > DAY_MS;
    setText(this.tip, isLong ? `${day(moment)}, ${clock(moment)}` : seconds(moment));
    this.preview.hidden = false;
    const box = this.element.getBoundingClientRect();
    const half = 88;
    this.preview.style.left = `${Math.min(box.width - half, Math.max(half, x - box.left))}px`;
  }

  private draw(): void {
    const { index, canvas, bar } = this;
    const { width, height } = bar.getBoundingClientRect();
    if (!index || width < 2) return;
    const scale = devicePixelRatio || 1;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const pen = canvas.getContext('2d');
    if (!pen) return;
    const columns = Math.round(width);
    const lanes = Math.max(1, this.shown.length);
    const counts = this.shown.map(() => new Float64Array(columns));
    const perPx = (this.span.to - this.span.from) / columns;
    for (const [stream, at, frames] of index.entries) {
      const lane = counts[this.shown.indexOf(index.streams[stream]!)];
      if (!lane) continue;
      // each piece covers its share of the points, or many of them
      const [begin, end] = [(at - this.span.from) / perPx, (at + index.everyMs - this.span.from) / perPx];
      for (let x = Math.floor(begin); x < end && x < columns; x++)
        lane[x]! += (frames * (Math.min(end, x + 1) - Math.max(begin, x))) / (end - begin);
    }
    const most = Math.max(...counts.map((lane) => lane.reduce((one, other) => Math.max(one, other), 0)));
    pen.scale(scale, scale);
    pen.fillStyle = getComputedStyle(bar).color;
    pen.globalAlpha = 0.7;
    const laneHeight = height / lanes;
    counts.forEach((lane, n) =>
      lane.forEach((count, x) => {
        if (count < most / 1e6) return;
        // many changes are a high bar, one a low one that can be seen
        const high = (0.25 + 0.75 * Math.sqrt(count / most)) * (laneHeight - 2);
        pen.fillRect(x, (n + 1) * laneHeight - 1 - high, 1, high);
      }),
    );
  }
}
