import { Refused, about, enter, index as askIndex } from './api';
import { announcer, el, setText } from '../shared/dom';
import { TEXTS } from './texts';
import { Timeline } from './timeline';

const AGAIN_MS = 5_000;
/** Half of what the server waits for before it ends the news of somebody whose login nobody has seen since. */
const STILL_MS = 5 * 60_000;

const IN_EDITOR = location.pathname.includes('/live-production/frames/');

const state = el('p', { class: 'state', role: 'status' }, TEXTS.loading);
const page = document.getElementById('page')!;
page.append(state, announcer());
let timeline: Timeline | null = null;

/** Say in place of the pictures why there are none. */
function say(sentence: string): void {
  setText(state, sentence);
  state.hidden = sentence === '';
  if (timeline) timeline.element.hidden = sentence !== '';
}

/** Look what there is, until there is something. */
async function look(): Promise<void> {
  try {
    const now = await about();
    if (!now.streams.length) {
      say(TEXTS.empty);
      again();
      return;
    }
    const index = await askIndex(null);
    timeline ??= start();
    say('');
    timeline.show(now, index);
  } catch (error) {
    refused(error);
  }
}

function refused(error: unknown): void {
  const why = error instanceof Refused ? error.why : 'failed';
  if (why === 'no-access') return over();
  if (timeline && why === 'offline') return;
  say(why === 'offline' ? TEXTS.offline : why === 'away' ? TEXTS.away : TEXTS.failed);
  again();
}

/** Nothing more comes by this link. */
function over(): void {
  timeline?.stop();
  say(IN_EDITOR ? TEXTS.fromEditor : TEXTS.expired);
}

/** Show that the login behind this page is still good, or hear that it is not. */
async function still(): Promise<void> {
  await about().catch((error: unknown) => {
    if (error instanceof Refused && error.why === 'no-access') over();
  });
}

let timer: ReturnType<typeof setTimeout> | undefined;
function again(): void {
  clearTimeout(timer);
  timer = setTimeout(() => void look(), AGAIN_MS);
}

function start(): Timeline {
  const made = new Timeline({ over, refused, again: () => void look() });
  page.append(made.element);
  document.getElementById('tools')!.append(...made.tools);
  if (IN_EDITOR) setInterval(() => void still(), STILL_MS);
  return made;
}

/** What stands in the address opens the page once, and stands there no longer than that takes: not in the history, and in no picture of the screen. */
async function begin(): Promise<void> {
  const token = location.hash.slice(1);
  if (token) {
    history.replaceState(null, '', location.pathname);
    await enter(token);
  }
  await look();
}

void begin();
