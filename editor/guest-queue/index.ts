import type { QueueCommand } from '../../lib/queue/types';
import { commandQueue, listQueues, viewQueue } from './ask';
import { Board } from './board';
import { addStyle, el } from './parts';
import { TEXTS } from './texts';

const TYPE = 'live-guest-queue';
const TAB = 'live-guest-queue';
/** How often it asks while somebody can see it, in ms. */
const ASK_MS = 1_000;
const TICK_MS = 250;
/** The list of queues changes with a deploy only. */
const LIST_MS = 5_000;

/** The operator's sidebar: asks the runtime while it is to be seen, and not otherwise. */
class Sidebar {
  private readonly choice = el('select', { class: 'live-guests-choice', 'aria-label': TEXTS.queue });
  private readonly fault = el('p', { class: 'live-guests-fault', role: 'alert' });
  private readonly message = el('p', { role: 'status' }, TEXTS.loading);
  private readonly board = new Board((command) => void this.command(command));
  readonly element = el(
    'div',
    { class: 'live-guests', tabindex: '-1' },
    this.choice,
    this.message,
    this.fault,
    this.board.element,
  );
  private listedMs = -LIST_MS;
  private asking = false;

  constructor() {
    this.choice.hidden = true;
    this.board.element.hidden = true;
    this.choice.addEventListener('change', () => void this.look());
    setInterval(() => {
      if (this.isSeen()) void this.look();
    }, ASK_MS);
    setInterval(() => {
      if (this.isSeen()) this.board.tick();
    }, TICK_MS);
  }

  private isSeen(): boolean {
    return !document.hidden && this.element.isConnected && this.element.offsetParent !== null;
  }

  private async look(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    try {
      if (performance.now() - this.listedMs >= LIST_MS) await this.list();
      const id = this.choice.value;
      if (!id) return;
      const told = await viewQueue(id);
      if (id !== this.choice.value) return;
      if (!told.ok) {
        this.listedMs = -LIST_MS;
        return this.say(told.status === 401 || told.status === 403 ? TEXTS.mayNotLook : told.message);
      }
      if (!told.open) return this.say(TEXTS.noLogin);
      this.say('');
      this.board.show(told.view);
    } finally {
      this.asking = false;
    }
  }

  private async list(): Promise<void> {
    const told = await listQueues();
    if (!told.ok)
      return this.say(told.status === 401 || told.status === 403 ? TEXTS.mayNotLook : told.message);
    this.listedMs = performance.now();
    const had = this.choice.value;
    this.choice.replaceChildren(...told.queues.map(({ id, name }) => el('option', { value: id }, name)));
    if (told.queues.some(({ id }) => id === had)) this.choice.value = had;
    this.choice.hidden = told.queues.length < 2;
    if (told.queues.length === 0) this.say(TEXTS.none);
  }

  /** A message stands in the place of the queue. */
  private say(message: string): void {
    if (this.message.textContent !== message) this.message.textContent = message;
    this.message.hidden = message === '';
    this.board.element.hidden = message !== '';
  }

  private async command(command: QueueCommand): Promise<void> {
    const told = await commandQueue(this.choice.value, command);
    const refused = !told.ok && (told.status === 401 || told.status === 403);
    this.fault.textContent = told.ok ? '' : refused ? TEXTS.notAllowed : told.message;
    if (told.ok) this.board.show(told.view);
  }
}

/** The tab is there where a guest queue is, and takes nobody else's room. */
function followQueues(): void {
  let sidebar: Sidebar | null = null;
  let shown = false;
  const update = () => {
    let any = false;
    RED.nodes.eachConfig((node) => {
      any ||= node.type === TYPE;
    });
    if (any && !shown) {
      addStyle();
      sidebar ??= new Sidebar();
      RED.sidebar.addTab({
        id: TAB,
        label: TEXTS.tab,
        name: TEXTS.title,
        content: sidebar.element,
        iconClass: 'fa fa-users',
        enableOnEdit: true,
        action: 'live-production:show-guest-queue',
      });
    } else if (!any && shown) RED.sidebar.removeTab(TAB);
    shown = any;
  };
  RED.actions.add('live-production:show-guest-queue', () => shown && RED.sidebar.show(TAB), {
    label: TEXTS.show,
  });
  const soon = (node: EditorNode) => {
    if (node.type === TYPE) setTimeout(update);
  };
  RED.events.on('nodes:add', soon);
  RED.events.on('nodes:remove', soon);
  update();
}

RED.plugins.registerPlugin('live-guest-queue', { type: 'live-production-sidebar', onadd: followQueues });
