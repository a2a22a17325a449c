import type { PublicQueue, You } from '../../lib/web/guest-page/view';
import { announce, announcer, el } from '../shared/dom';
import { JoinPart } from './join';
import { Link } from './link';
import { MePart } from './me';
import type { WithKey } from './post';
import { QueuePart } from './queue';
import { TEXTS } from './texts';
import { nowMs, type Told } from './time';

const TICK_MS = 250;

const { title } = document;
const offline = el('p', { class: 'note', role: 'alert' });
const queuePart = new QueuePart();
const me = new MePart(() => {
  announce(TEXTS.hasLeft);
  you = null;
  show();
  link.open();
  join.element.querySelector('h2')?.scrollIntoView({ block: 'center' });
});
const join = new JoinPart((got: WithKey) => {
  me.gotKey(got);
  you = { ...got.me, server: got.server, turn: null, banned: null };
  show();
  me.focus();
  // the server tells a guest of himself on a connection that was opened with his cookie
  link.open();
});
let told: Told<PublicQueue | null> | null = null;
let you: You | null = null;

function show(): void {
  if (!told) return;
  queuePart.show(told, you?.turn ?? null);
  me.element.hidden = you === null;
  join.element.hidden = you !== null || told.value === null;
  join.show(told.value?.joining ?? false);
  if (you) me.show(you, told);
  document.title = (you ? me.title() : '') + title;
}

document.getElementById('page')?.append(offline, me.element, queuePart.element, join.element, announcer());
offline.hidden = true;
for (const part of [me, queuePart, join]) part.element.hidden = true;

const link = new Link({
  queue(queue) {
    told = { value: queue, atMs: nowMs() };
    queuePart.element.hidden = false;
    show();
  },
  you(now) {
    if (you && !now) me.forget();
    you = now;
    show();
  },
  connected(is) {
    offline.hidden = is;
    offline.textContent = is ? '' : TEXTS.notConnected;
    if (is) announce(TEXTS.connectedAgain);
  },
});
setInterval(() => {
  queuePart.tick();
  if (you) me.tick();
}, TICK_MS);
