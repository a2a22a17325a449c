import type { PublicEntry, PublicQueue } from '../../lib/web/guest-page/view';
import { el, setText } from '../shared/dom';
import { TEXTS } from './texts';
import { clock, remainingMs, startsInMinutes, type Told } from './time';

/** Under so much the time is shown as urgent, in ms: the first warning of a turn. */
const SOON_MS = 60_000;

/** The part that everybody sees: who is on air and for how long, and who waits. */
export class QueuePart {
  private readonly note = el('p', { class: 'note', hidden: true });
  private readonly leadName = el('p', { class: 'lead-name' });
  private readonly leadState = el('p', { class: 'quiet' });
  private readonly time = el('p', {
    class: 'time',
    'aria-label': TEXTS.leftLabel,
    role: 'timer',
    'aria-live': 'off',
  });
  private readonly bar = el('div', { class: 'bar', 'aria-hidden': 'true' }, el('i'));
  private readonly list = el('ol');
  private readonly nobody = el('p', { class: 'quiet' }, TEXTS.nobodyWaits);
  readonly element = el(
    'div',
    {},
    this.note,
    el(
      'section',
      { class: 'card on-air', 'aria-labelledby': 'h-on-air' },
      el('h2', { id: 'h-on-air' }, TEXTS.onAir),
      this.leadName,
      this.leadState,
      this.time,
      this.bar,
    ),
    el(
      'section',
      { class: 'card', 'aria-labelledby': 'h-waiting' },
      el('h2', { id: 'h-waiting' }, TEXTS.waiting),
      this.list,
      this.nobody,
    ),
  );
  private told: Told<PublicQueue | null> | null = null;
  private yourTurn: string | null = null;

  /** Show what the server told; `yourTurn` is marked. */
  show(told: Told<PublicQueue | null>, yourTurn: string | null): void {
    this.told = told;
    this.yourTurn = yourTurn;
    const queue = told.value;
    const note = !queue
      ? TEXTS.notOpen
      : queue.serverReachable === false
        ? TEXTS.serverAway
        : queue.onHold
          ? TEXTS.onHold
          : '';
    setText(this.note, note);
    this.note.hidden = note === '';
    const lead = queue?.lead ?? null;
    this.element.querySelector('.on-air')?.classList.toggle('nobody', !lead);
    setText(this.leadName, lead ? this.nameOf(lead) : TEXTS.nobodyOnAir);
    setText(this.leadState, lead ? leadState(lead) : '');
    this.leadState.hidden = this.leadState.textContent === '';
    const waiting = queue?.waiting ?? [];
    this.nobody.hidden = waiting.length > 0;
    this.list.hidden = waiting.length === 0;
    this.list.replaceChildren(...waiting.map((entry) => this.row(entry)));
    this.tick();
  }

  /** Let the time go on. */
  tick(): void {
    const { told } = this;
    const queue = told?.value;
    if (!told || !queue) {
      this.time.hidden = this.bar.hidden = true;
      return;
    }
    const { lead, waiting } = queue;
    const left = lead ? remainingMs(lead, told.atMs) : null;
    this.time.hidden = left === null;
    this.bar.hidden = left === null || !lead?.limitMs;
    if (lead && left !== null) {
      setText(this.time, clock(left));
      this.time.classList.toggle('soon', left < SOON_MS && lead.counting);
      const share = lead.limitMs ? Math.min(1, left / lead.limitMs) : 0;
      (this.bar.firstElementChild as HTMLElement).style.width = `${(share * 100).toFixed(1)}%`;
    }
    for (const [index, entry] of waiting.entries()) {
      const when = this.list.children[index]?.querySelector<HTMLElement>('.when');
      if (when) setText(when, whenOf(entry, lead, told.atMs));
    }
  }

  private row(entry: PublicEntry): HTMLElement {
    const mine = entry.turn === this.yourTurn;
    return el(
      'li',
      mine ? { class: 'mine' } : {},
      el('span', { class: 'name' }, this.nameOf(entry)),
      el('span', { class: 'when' }),
    );
  }

  private nameOf(entry: PublicEntry): string {
    return entry.turn === this.yourTurn ? `${entry.name} (${TEXTS.you})` : entry.name;
  }
}

function leadState(lead: PublicEntry): string {
  if (lead.state === 'promoting' || lead.state === 'admitted' || lead.state === 'waiting')
    return TEXTS.comingOnAir;
  if (lead.state === 'grace') return TEXTS.connectionLost;
  if (lead.state === 'leaving') return TEXTS.leaving;
  if (lead.limitMs === null) return TEXTS.noLimit;
  return lead.counting ? '' : TEXTS.timeStandsStill;
}

function whenOf(entry: PublicEntry, lead: PublicEntry | null, toldAtMs: number): string {
  if (entry.held) return TEXTS.held;
  if (entry.state === 'admitted') return TEXTS.connecting;
  const minutes = startsInMinutes(entry, lead, toldAtMs);
  if (minutes !== null) return TEXTS.startsIn(minutes);
  return entry.place === 1 ? TEXTS.soon : '';
}
