import type { PublicEntry, PublicQueue, You } from '../../lib/web/guest-page/view';
import { copyButton } from './copy';
import { announce, ask, button, el, setText } from '../shared/dom';
import { post, type WithKey } from './post';
import { TEXTS } from './texts';
import { clock, remainingMs, startsInMinutes, timeOfDay, type Told } from './time';

const WARN_MS = 60_000;
const HIDDEN = '••••••••••••';

/** What only the guest himself sees: his place, and what he enters into OBS. The key lives in this page's memory, and nowhere else. */
export class MePart {
  private readonly hello = el('h2', { id: 'h-me', tabindex: '-1' });
  private readonly place = el('p', { class: 'place' });
  private readonly more = el('p', { class: 'quiet' });
  private readonly server = el('code', { id: 'server' });
  private readonly key = el('code', { id: 'key' });
  private readonly keyNote = el('p', { class: 'small quiet' });
  private readonly fault = el('p', { class: 'fault', role: 'alert' });
  private readonly reveal = button(TEXTS.show, () => this.setShown(!this.shown), {
    'aria-label': `${TEXTS.show} ${TEXTS.streamKey}`,
    'aria-pressed': 'false',
  });
  private readonly copyKey = copyButton(
    TEXTS.streamKey,
    () => this.streamKey ?? '',
    () => this.select(this.key),
  );
  private readonly details = el(
    'details',
    { open: true },
    el('summary', {}, TEXTS.settings),
    el('p', { class: 'quiet small' }, TEXTS.settingsHow),
    field(
      TEXTS.server,
      this.server,
      copyButton(
        TEXTS.server,
        () => this.server.textContent ?? '',
        () => this.select(this.server),
      ),
    ),
    field(TEXTS.streamKey, this.key, this.reveal, this.copyKey),
    this.keyNote,
  );
  readonly element = el(
    'section',
    { class: 'card me', 'aria-labelledby': 'h-me' },
    this.hello,
    this.place,
    this.more,
    this.details,
    this.fault,
    el(
      'div',
      { class: 'row' },
      button(TEXTS.newKey, () => void this.newKey()),
      button(TEXTS.leave, () => void this.leave()),
    ),
  );
  private streamKey: string | null = null;
  private shown = false;
  private you: You | null = null;
  private told: Told<PublicQueue | null> | null = null;
  private wasIn = false;
  private lastSaid = '';
  private warnedTurn: string | null = null;

  /** `left` hears that he is a guest no more. */
  constructor(private readonly left: () => void) {}

  /** A key has come, by joining or anew. */
  gotKey({ server, streamKey, me }: WithKey): void {
    this.streamKey = streamKey;
    setText(this.hello, TEXTS.hello(me.name));
    setText(this.server, server);
    this.details.open = true;
    this.setShown(false);
  }

  /** Lead whoever reads along to this part. */
  focus(): void {
    this.hello.focus();
    this.element.scrollIntoView({ block: 'start' });
  }

  show(you: You, told: Told<PublicQueue | null> | null): void {
    this.you = you;
    this.told = told;
    setText(this.hello, TEXTS.hello(you.name));
    setText(this.server, you.server);
    this.setShown(this.shown);
    const entry = this.entry();
    // who is in line needs them no more, and on a phone the place to see who is on air
    if ((entry !== null) !== this.wasIn) this.details.open = !(this.wasIn = entry !== null);
    const sentence = placeOf(you, entry);
    setText(this.place, sentence);
    this.element.classList.toggle('live', entry?.state === 'live');
    // what changes his turn is said aloud, each time once
    if (this.lastSaid !== '' && sentence !== this.lastSaid) announce(sentence);
    this.lastSaid = sentence;
    this.tick();
  }

  /** Let the time go on. */
  tick(): void {
    const { told } = this;
    const entry = this.entry();
    setText(this.more, told && entry ? this.moreOf(entry, told) : '');
    this.more.hidden = this.more.textContent === '';
  }

  /** The tab's title says where he stands, for who has another tab open. */
  title(): string {
    const entry = this.entry();
    if (!entry) return '';
    return entry.place === 0 ? `${TEXTS.onAir}: ` : `(${entry.place}) `;
  }

  private moreOf(entry: PublicEntry, told: Told<PublicQueue | null>): string {
    const left = remainingMs(entry, told.atMs);
    if (entry.place === 0) {
      if (left === null) return '';
      if (entry.counting && left < WARN_MS && this.warnedTurn !== entry.turn) {
        this.warnedTurn = entry.turn;
        announce(TEXTS.warning);
      }
      return TEXTS.left(clock(left));
    }
    const minutes = startsInMinutes(entry, told.value?.lead ?? null, told.atMs);
    return minutes === null ? '' : TEXTS.turnStarts(minutes);
  }

  private entry(): PublicEntry | null {
    const queue = this.told?.value;
    if (!queue || !this.you?.turn) return null;
    const all = queue.lead ? [queue.lead, ...queue.waiting] : queue.waiting;
    return all.find(({ turn }) => turn === this.you?.turn) ?? null;
  }

  private setShown(shown: boolean): void {
    const { streamKey } = this;
    this.shown = shown && streamKey !== null;
    const id = (streamKey ?? this.you?.id ?? '').split('?', 1)[0]!;
    setText(this.key, streamKey !== null && this.shown ? streamKey : `${id}?key=${HIDDEN}`);
    setText(this.reveal, this.shown ? TEXTS.hide : TEXTS.show);
    this.reveal.setAttribute('aria-label', `${this.shown ? TEXTS.hide : TEXTS.show} ${TEXTS.streamKey}`);
    this.reveal.setAttribute('aria-pressed', String(this.shown));
    this.reveal.hidden = this.copyKey.hidden = streamKey === null;
    setText(this.keyNote, streamKey === null ? TEXTS.keyGone : TEXTS.keyOnce);
  }

  /** Mark the text, so that it can be copied by hand. */
  private select(element: HTMLElement): void {
    if (element === this.key) this.setShown(true);
    getSelection()?.selectAllChildren(element);
  }

  private async newKey(): Promise<void> {
    if (!(await ask(TEXTS.newKeyAsk, TEXTS.newKeyYes, TEXTS.stay))) return;
    const answer = await post<WithKey>('new-key', {});
    setText(this.fault, answer.ok ? '' : answer.sentence);
    if (answer.ok) this.gotKey(answer.value);
  }

  private async leave(): Promise<void> {
    if (!(await ask(TEXTS.leaveAsk, TEXTS.leaveYes, TEXTS.stay))) return;
    const answer = await post<object>('leave', {});
    setText(this.fault, answer.ok ? '' : answer.sentence);
    if (!answer.ok) return;
    this.forget();
    this.left();
  }

  /** Nothing of the key stays. */
  forget(): void {
    this.streamKey = null;
    this.you = null;
    this.lastSaid = '';
    this.wasIn = false;
    this.details.open = true;
    setText(this.key, '');
  }
}

function field(label: string, value: HTMLElement, ...buttons: HTMLElement[]): HTMLElement {
  return el(
    'div',
    { class: 'field' },
    el('span', { class: 'label' }, label),
    value,
    el('span', { class: 'row' }, ...buttons),
  );
}

function placeOf(you: You, entry: PublicEntry | null): string {
  if (you.banned)
    return you.banned.until ? TEXTS.youAreBannedUntil(timeOfDay(you.banned.until)) : TEXTS.youAreBanned;
  if (!entry) return TEXTS.youAreOut;
  switch (entry.state) {
    case 'live':
      return TEXTS.youAreOnAir;
    case 'promoting':
      return TEXTS.youAreComing;
    case 'grace':
      return TEXTS.youAreLost;
    case 'leaving':
      return TEXTS.youAreLeaving;
    case 'admitted':
      return TEXTS.youAreConnecting;
    default:
      if (entry.held) return TEXTS.youAreHeld;
      return entry.place <= 1 ? TEXTS.youAreNext : TEXTS.youAre(entry.place);
  }
}
