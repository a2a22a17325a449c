import type { EntryView, QueueCommand, QueueView } from '../../lib/queue/types';
import { BanForm, LimitForm } from './forms';
import { button, clock, el } from './parts';
import { TEXTS } from './texts';

const MINUTE_MS = 60_000;
const LONGER = [1, 5];

/** One queue with everything an operator can do. Drawn anew only when something but the time changed, and whoever was on a button stays on it. */
export class Board {
  private readonly lead = el('div', { class: 'live-guests-lead' });
  private readonly list = el('ol');
  private readonly bans = el('ul');
  private readonly note = el('p', { class: 'live-guests-note', role: 'status' });
  private readonly stop = el('div', { class: 'live-guests-row' });
  private readonly time = el('div', { class: 'live-guests-time', role: 'timer', 'aria-live': 'off' });
  private readonly ban: BanForm;
  private readonly limit: LimitForm;
  readonly element: HTMLElement;
  private drawn = '';
  private view: QueueView | null = null;
  private atMs = 0;

  constructor(private readonly act: (command: QueueCommand) => void) {
    this.ban = new BanForm(act);
    this.limit = new LimitForm(act);
    this.element = el(
      'div',
      {},
      this.note,
      el('h2', {}, TEXTS.onAir),
      this.lead,
      el('h2', {}, TEXTS.waiting),
      this.list,
      this.ban.element,
      this.stop,
      this.limit.element,
      el('h2', {}, TEXTS.banned),
      this.bans,
    );
  }

  /** Show what the runtime told just now. */
  show(view: QueueView): void {
    this.view = view;
    this.atMs = performance.now();
    this.limit.show(view.limitMs);
    const timeless = (entry: EntryView | null) => entry && { ...entry, usedMs: 0, remainingMs: 0 };
    const looks = JSON.stringify([
      timeless(view.lead),
      view.waiting.map(timeless),
      view.bans,
      view.onHold,
      view.serverReachable,
    ]);
    if (looks !== this.drawn) {
      this.drawn = looks;
      this.draw(view);
    }
    this.tick();
  }

  /** Let the time go on. */
  tick(): void {
    const lead = this.view?.lead;
    if (!lead) return;
    const left = lead.remainingMs;
    const gone = lead.counting ? performance.now() - this.atMs : 0;
    const text =
      lead.limitMs === null
        ? TEXTS.noLimit
        : left === null
          ? TEXTS.stands
          : `${clock(Math.max(0, left - gone))} ${lead.counting ? TEXTS.left : TEXTS.stands}`;
    if (this.time.textContent !== text) this.time.textContent = text;
  }

  private draw(view: QueueView): void {
    const active = document.activeElement;
    const had =
      active instanceof HTMLElement && this.element.contains(active) ? active.dataset.key : undefined;
    this.note.textContent =
      view.serverReachable === false ? TEXTS.serverAway : view.onHold ? TEXTS.onHold : '';
    this.lead.replaceChildren(...(view.lead ? this.leadOf(view.lead) : [el('p', {}, TEXTS.nobody)]));
    const last = view.waiting.length;
    this.list.replaceChildren(...view.waiting.map((entry) => this.rowOf(entry, last)));
    if (last === 0) this.list.replaceChildren(el('li', {}, el('div', {}, TEXTS.nobodyWaits)));
    this.stop.replaceChildren(
      view.onHold
        ? button('stop', TEXTS.resumeQueue, TEXTS.resumeQueue, () =>
            this.act({ action: 'resume', who: null }),
          )
        : button('stop', TEXTS.stopQueue, TEXTS.stopQueueTip, () => this.act({ action: 'hold', who: null })),
    );
    this.bans.replaceChildren(...view.bans.map((one) => this.banOf(one)));
    if (view.bans.length === 0) this.bans.replaceChildren(el('li', {}, el('div', {}, TEXTS.nobodyBanned)));
    if (had) this.refocus(had);
  }

  /** Back to the button somebody was on; where it is off now, to its neighbour. */
  private refocus(key: string): void {
    const all = [...this.element.querySelectorAll<HTMLButtonElement>('button[data-key]')];
    const same = all.find(({ dataset }) => dataset.key === key);
    const row = key.split(' ')[0]!;
    const other = all.find(({ dataset, disabled }) => dataset.key?.startsWith(`${row} `) && !disabled);
    (same && !same.disabled ? same : other)?.focus();
  }

  private leadOf(lead: EntryView): Node[] {
    const { stream, turn, name } = lead;
    return [
      el('div', { class: 'live-guests-name' }, name),
      el('small', {}, `${stream} · ${TEXTS.states[lead.state]}`),
      this.time,
      el(
        'div',
        { class: 'live-guests-row' },
        button(`${turn} skip`, TEXTS.skip, TEXTS.skipTip, () => this.act({ action: 'skip' })),
        ...LONGER.map((minutes) =>
          button(`${turn} +${minutes}`, TEXTS.minutesMore(minutes), TEXTS.minutesMoreTip(minutes), () =>
            this.act({ action: 'extend', byMs: minutes * MINUTE_MS }),
          ),
        ),
        button(`${turn} reset`, TEXTS.again, TEXTS.againTip, () => this.act({ action: 'reset' })),
        button(`${turn} kick`, TEXTS.kick, TEXTS.kickTip(name), () => this.kick(lead)),
        button(`${turn} ban`, TEXTS.ban, TEXTS.banTip(name), () => this.ban.open(stream, name)),
      ),
    ];
  }

  private rowOf(entry: EntryView, last: number): HTMLElement {
    const { turn, stream, name, place, held } = entry;
    const to = (place: number) => () => this.act({ action: 'move', who: turn, to: place });
    const up = button(`${turn} up`, '', TEXTS.up(name), to(place - 1), 'fa-chevron-up');
    const down = button(`${turn} down`, '', TEXTS.down(name), to(place + 1), 'fa-chevron-down');
    up.disabled = place <= 1;
    down.disabled = place >= last;
    const hold = held
      ? button(
          `${turn} hold`,
          '',
          TEXTS.resume(name),
          () => this.act({ action: 'resume', who: turn }),
          'fa-play',
        )
      : button(
          `${turn} hold`,
          '',
          TEXTS.hold(name),
          () => this.act({ action: 'hold', who: turn }),
          'fa-pause',
        );
    const state = held ? TEXTS.held : TEXTS.states[entry.state];
    return el(
      'li',
      { 'data-turn': turn },
      el(
        'div',
        {},
        el('span', { class: 'live-guests-name' }, `${place}. ${name}`),
        el('small', {}, `${stream} · ${state}`),
      ),
      el(
        'div',
        { class: 'live-guests-buttons' },
        up,
        down,
        hold,
        button(`${turn} kick`, '', TEXTS.kickTip(name), () => this.kick(entry), 'fa-times'),
        button(`${turn} ban`, '', TEXTS.banTip(name), () => this.ban.open(stream, name), 'fa-ban'),
      ),
    );
  }

  private banOf({ stream, name, until, reason }: QueueView['bans'][number]): HTMLElement {
    const end = until === null ? TEXTS.forGood : TEXTS.until(new Date(until).toLocaleString());
    return el(
      'li',
      {},
      el(
        'div',
        {},
        el('span', { class: 'live-guests-name' }, name),
        el('small', {}, [stream, end, ...(reason ? [reason] : [])].join(' · ')),
      ),
      button(`ban-${stream} unban`, TEXTS.unban, TEXTS.unbanTip(name), () =>
        this.act({ action: 'unban', who: stream }),
      ),
    );
  }

  private kick({ turn, name }: EntryView): void {
    const asked = RED.notify(el('p', {}, TEXTS.kickAsk(name)), {
      modal: true,
      fixed: true,
      buttons: [
        { text: TEXTS.cancel, click: () => asked.close() },
        {
          text: TEXTS.kick,
          class: 'primary',
          click: () => {
            asked.close();
            this.act({ action: 'kick', who: turn });
          },
        },
      ],
    });
  }
}
