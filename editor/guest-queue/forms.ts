import type { QueueCommand } from '../../lib/queue/types';
import { button, el } from './parts';
import { TEXTS } from './texts';

const MINUTE_MS = 60_000;

/** Minutes that were typed, in ms; null where nothing was, undefined where it is no number. */
function typedMs(text: string): number | null | undefined {
  const typed = text.trim().replace(',', '.');
  if (typed === '') return null;
  const minutes = Number(typed);
  return Number.isFinite(minutes) && minutes > 0 ? Math.round(minutes * MINUTE_MS) : undefined;
}

/** The form that asks for how long somebody is banned, and why. */
export class BanForm {
  private who: string | null = null;
  private back: HTMLElement | null = null;
  private readonly title = el('p', { class: 'live-guests-name' });
  private readonly minutes = el('input', {
    type: 'text',
    id: 'live-guests-ban-minutes',
    inputmode: 'decimal',
  });
  private readonly reason = el('input', { type: 'text', id: 'live-guests-ban-reason', maxlength: '200' });
  private readonly fault = el('p', { class: 'live-guests-fault', role: 'alert' });
  readonly element = el(
    'form',
    { hidden: '' },
    this.title,
    el('label', { for: 'live-guests-ban-minutes' }, TEXTS.banMinutes),
    this.minutes,
    el('label', { for: 'live-guests-ban-reason' }, TEXTS.banReason),
    this.reason,
    this.fault,
    el(
      'div',
      { class: 'live-guests-row' },
      el('button', { type: 'submit', class: 'red-ui-button red-ui-button-small primary' }, TEXTS.ban),
      button('ban-cancel', TEXTS.cancel, TEXTS.cancel, () => this.close()),
    ),
  );

  constructor(act: (command: QueueCommand) => void) {
    this.element.addEventListener('submit', (event) => {
      event.preventDefault();
      const forMs = typedMs(this.minutes.value);
      this.fault.textContent = forMs === undefined ? TEXTS.notANumber : '';
      if (forMs === undefined) return this.minutes.focus();
      if (this.who !== null)
        act({ action: 'ban', who: this.who, forMs, reason: this.reason.value.trim() || null });
      this.close();
    });
    this.element.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') this.close();
    });
  }

  /** Ask about somebody; `who` is his stream's name. */
  open(who: string, name: string): void {
    this.who = who;
    this.back = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    this.title.textContent = TEXTS.banOf(name);
    this.minutes.value = this.reason.value = this.fault.textContent = '';
    this.element.hidden = false;
    this.element.scrollIntoView({ block: 'nearest' });
    this.minutes.focus();
  }

  close(): void {
    this.who = null;
    this.element.hidden = true;
    if (this.back?.isConnected) this.back.focus();
  }
}

/** The field with the length of a turn. */
export class LimitForm {
  private readonly minutes = el('input', {
    type: 'text',
    id: 'live-guests-limit',
    inputmode: 'decimal',
    title: TEXTS.limitTip,
  });
  private readonly again = el('input', { type: 'checkbox', id: 'live-guests-again' });
  private readonly fault = el('p', { class: 'live-guests-fault', role: 'alert' });
  private dirty = false;
  readonly element = el(
    'form',
    { class: 'live-guests-limit' },
    el(
      'div',
      { class: 'live-guests-row' },
      el('label', { for: 'live-guests-limit' }, TEXTS.limit),
      this.minutes,
      el('button', { type: 'submit', class: 'red-ui-button red-ui-button-small' }, TEXTS.set),
    ),
    el('label', { for: 'live-guests-again' }, this.again, TEXTS.setAgain),
    this.fault,
  );

  constructor(act: (command: QueueCommand) => void) {
    this.minutes.addEventListener('input', () => (this.dirty = true));
    this.element.addEventListener('submit', (event) => {
      event.preventDefault();
      const limitMs = typedMs(this.minutes.value);
      this.fault.textContent = limitMs === undefined ? TEXTS.notANumber : '';
      if (limitMs === undefined) return this.minutes.focus();
      this.dirty = false;
      act({ action: 'limit', limitMs, again: this.again.checked });
    });
  }

  /** What holds now; nobody's typing is overwritten. */
  show(limitMs: number | null): void {
    if (this.dirty || document.activeElement === this.minutes) return;
    this.minutes.value = limitMs === null ? '' : String(Number((limitMs / MINUTE_MS).toFixed(2)));
  }
}
