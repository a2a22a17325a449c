import type { PageFrame } from '../../lib/web/timeline/view';
import { announce, button, el, setText } from '../shared/dom';
import { Refused, before, beside, nearest, pictureUrl, smallUrl } from './api';
import { BEFORE, isSceneOf } from './scene';
import { TEXTS } from './texts';
import { clock, seconds, span, wholeLocal, wholeUtc } from './time';

const SWIPE_PX = 60;
const SAID_MS = 2_500;
/** What is further away is another time. */
const NEAR_MS = 60_000;

/** One picture large, with all that is known of it. */
export class Viewer {
  private readonly image = el('img', { class: 'large', alt: '' });
  private readonly fault = el('p', { class: 'fault', role: 'alert' });
  private readonly heading = el('h2', { id: 'h-viewer' });
  private readonly facts = el('dl');
  private readonly download = el('a', { class: 'button' }, TEXTS.download);
  private readonly others = el('div', { class: 'others' });
  private readonly copyPicture = button(TEXTS.copyPicture, () => void this.toClipboard());
  private readonly back = button('‹', () => void this.step(true), {
    class: 'side',
    'aria-label': TEXTS.previous,
  });
  private readonly on = button('›', () => void this.step(false), { class: 'side', 'aria-label': TEXTS.next });
  readonly dialog = el(
    'dialog',
    { class: 'viewer', 'aria-labelledby': 'h-viewer' },
    el(
      'div',
      { class: 'top' },
      this.heading,
      button('✕', () => this.dialog.close(), { class: 'plain', 'aria-label': TEXTS.close }),
    ),
    el('div', { class: 'stage' }, this.back, this.image, this.on),
    this.fault,
    el(
      'div',
      { class: 'about' },
      this.facts,
      el('div', { class: 'row' }, this.download, this.copyPicture),
      this.others,
    ),
  );
  private readonly mark = el('b', { class: 'mark', hidden: true }, TEXTS.scene);
  private frame: PageFrame | null = null;
  private streams: readonly string[] = [];
  private asked = 0;
  private stepping = false;

  /** `closed` hears which picture was shown last */
  constructor(closed: (frame: PageFrame | null) => void) {
    const { dialog } = this;
    dialog.addEventListener('close', () => {
      this.asked++;
      closed(this.frame);
    });
    dialog.addEventListener('keydown', (event) => {
      if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
        event.preventDefault();
        void this.step(event.key === 'ArrowLeft');
      }
      event.stopPropagation();
    });
    dialog.addEventListener('click', (event) => {
      if (event.target === dialog) dialog.close();
    });
    let from: number | null = null;
    const stage = this.image.parentElement!;
    stage.addEventListener('touchstart', ({ touches }) => {
      from = touches.length === 1 ? touches[0]!.clientX : null;
    });
    stage.addEventListener('touchend', ({ changedTouches }) => {
      const by = from === null ? 0 : changedTouches[0]!.clientX - from;
      from = null;
      if (Math.abs(by) > SWIPE_PX) void this.step(by > 0);
    });
    this.image.addEventListener('error', () => {
      if (this.image.getAttribute('src')) void this.whyNot();
    });
    this.copyPicture.hidden = !('ClipboardItem' in globalThis) || !isSecureContext;
  }

  get isOpen(): boolean {
    return this.dialog.open;
  }

  /** Show the picture of a stream at a time; `streams` are those that may be looked at beside it. */
  async open(stream: string, at: number, streams: readonly string[]): Promise<void> {
    this.streams = streams;
    const mine = ++this.asked;
    const frame = await this.ask(() => nearest(stream, at));
    if (frame && mine === this.asked) this.show(frame);
  }

  /** Show this one. */
  show(frame: PageFrame): void {
    this.frame = frame;
    const { id, stream, at } = frame;
    setText(this.heading, `${stream}, ${seconds(at)}`);
    setText(this.fault, '');
    // the small one is there already, and the large one comes over it
    this.image.style.backgroundImage = `url("${smallUrl(id)}")`;
    this.image.style.aspectRatio = `${frame.width} / ${frame.height}`;
    this.image.src = pictureUrl(id);
    this.image.alt = `${stream}, ${wholeLocal(at)}`;
    this.image.width = frame.width;
    this.image.height = frame.height;
    this.download.setAttribute('href', pictureUrl(id));
    this.download.setAttribute('download', `${stream} ${wholeUtc(at).replaceAll(':', '-')}.jpg`);
    this.showFacts(frame);
    if (!this.dialog.open) this.dialog.showModal();
    announce(this.image.alt);
    void this.showMark(frame);
    void this.showOthers(frame);
  }

  /** Whether it is another scene is seen by what came before. */
  private async showMark(frame: PageFrame): Promise<void> {
    this.mark.hidden = true;
    const known = await before(frame.stream, frame.at, BEFORE).catch(() => []);
    if (this.frame === frame) this.mark.hidden = !isSceneOf(frame, known);
  }

  private showFacts(frame: PageFrame): void {
    const { at, until, why, changedPercent, width, height, videoWidth, videoHeight, bytes, sha256 } = frame;
    const percent = changedPercent === null ? '' : TEXTS.percent(changedPercent);
    const shownMs = until - at;
    const rows: [string, (Node | string)[]][] = [
      [TEXTS.local, [wholeLocal(at)]],
      [TEXTS.utc, [wholeUtc(at)]],
      [
        TEXTS.shownFor,
        [shownMs < 1000 ? TEXTS.moment : `${TEXTS.forAbout(span(shownMs))}, ${clock(at)}–${clock(until)}`],
      ],
      [TEXTS.why, [TEXTS.whys[why] + percent, this.mark]],
      [TEXTS.size, [TEXTS.sizeOf(width, height, videoWidth, videoHeight, Math.round(bytes / 1000))]],
      [TEXTS.hash, [el('code', {}, sha256), this.copyButton(TEXTS.copyHash, () => sha256)]],
    ];
    this.facts.replaceChildren(
      ...rows.flatMap(([name, what]) => [el('dt', {}, name), el('dd', {}, ...what)]),
    );
  }

  private copyButton(label: string, text: () => string): HTMLButtonElement {
    const element = button(
      TEXTS.copy,
      () => {
        const said = (done: boolean) => this.said(element, TEXTS.copy, done);
        // without TLS there is no clipboard but for this machine itself
        if (!isSecureContext) return said(oldCopy(text()));
        navigator.clipboard.writeText(text()).then(
          () => said(true),
          () => said(oldCopy(text())),
        );
      },
      { class: 'small', 'aria-label': label },
    );
    return element;
  }

  private said(element: HTMLElement, usual: string, done: boolean): void {
    announce(done ? TEXTS.copied : TEXTS.copyFailed);
    setText(element, done ? TEXTS.copied : TEXTS.copyFailed);
    setTimeout(() => setText(element, usual), SAID_MS);
  }

  private async toClipboard(): Promise<void> {
    try {
      const canvas = el('canvas');
      canvas.width = this.image.naturalWidth;
      canvas.height = this.image.naturalHeight;
      canvas.getContext('2d')!.drawImage(this.image, 0, 0);
      const png = new Promise<Blob>((resolve, reject) =>
        canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/png'),
      );
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })]);
      this.said(this.copyPicture, TEXTS.copyPicture, true);
    } catch {
      this.said(this.copyPicture, TEXTS.copyPicture, false);
    }
  }

  private async step(back: boolean): Promise<void> {
    const { frame } = this;
    if (!frame || this.stepping) return;
    this.stepping = true;
    const mine = ++this.asked;
    const next = await this.ask(() => beside(frame.stream, frame.at, back));
    this.stepping = false;
    if (next && mine === this.asked && this.dialog.open) this.show(next);
  }

  /** What the other streams showed then. */
  private async showOthers({ stream, at }: PageFrame): Promise<void> {
    const mine = this.asked;
    this.others.replaceChildren();
    for (const other of this.streams.filter((one) => one !== stream).slice(0, 8)) {
      const frame = await this.ask(() => nearest(other, at));
      if (mine !== this.asked) return;
      if (!frame || at - frame.until > NEAR_MS || frame.at - at > NEAR_MS) continue;
      if (!this.others.childElementCount) this.others.append(el('h3', {}, TEXTS.sameTime));
      const label = `${other}, ${seconds(frame.at)}`;
      const card = button('', () => this.show(frame), { class: 'other', 'aria-label': label });
      card.append(el('img', { src: smallUrl(frame.id), alt: '' }), el('span', {}, label));
      this.others.append(card);
    }
  }

  private async ask<T>(question: () => Promise<T>): Promise<T | null> {
    try {
      return await question();
    } catch (error) {
      const why = error instanceof Refused ? error.why : 'failed';
      setText(this.fault, why === 'offline' ? TEXTS.offline : TEXTS.refused[why] || TEXTS.expired);
      return null;
    }
  }

  /** The browser does not say why a picture did not come; the server does. */
  private async whyNot(): Promise<void> {
    const response = await fetch(this.image.src).catch(() => null);
    const told = (await response?.json().catch(() => null)) as { why?: keyof typeof TEXTS.refused } | null;
    setText(this.fault, TEXTS.refused[told?.why ?? 'failed'] || TEXTS.expired);
  }
}

function oldCopy(text: string): boolean {
  const area = el('textarea', { readonly: true, class: 'unseen', 'aria-hidden': 'true' });
  area.value = text;
  (document.querySelector('dialog[open]') ?? document.body).append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}
