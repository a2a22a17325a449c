// The timeline page as somebody sees it in a browser.
import type { Page } from 'playwright-core';
import { waitFor } from './wait';

/** Of the cells that can be seen: how many have a picture at all, and how many their own. */
const SEEN = `(() => {
  const sheet = document.querySelector('.sheet').getBoundingClientRect();
  const cells = [...document.querySelectorAll('.cell')].filter((cell) => {
    const { top, bottom } = cell.getBoundingClientRect();
    return bottom > sheet.top + 2 && top < sheet.bottom - 2;
  });
  const shows = ({ complete, naturalWidth }) => complete && naturalWidth > 0;
  return {
    cells: cells.length,
    blank: cells.filter((cell) => !shows(cell.querySelector('img'))).length,
    waiting: cells.filter((cell) => cell.classList.contains('waiting')).length,
    elements: document.querySelectorAll('*').length,
  };
})()`;
export interface Seen {
  cells: number;
  /** without any picture */
  blank: number;
  /** with another one's */
  waiting: number;
  /** of the whole document */
  elements: number;
}

/** What is on screen. */
export const seen = (page: Page): Promise<Seen> => page.evaluate<Seen>(SEEN);

/** The browser has drawn what was asked of it. */
export const drawn = (page: Page): Promise<unknown> =>
  page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');

/** Wait until every cell has its own picture. Resolves with how long it took, ms. */
export async function whole(page: Page): Promise<number> {
  const began = performance.now();
  await waitFor(
    async () => {
      const { cells, blank, waiting } = await seen(page);
      return cells > 0 && blank === 0 && waiting === 0;
    },
    { timeoutMs: 60_000, message: 'every cell to have its own picture' },
  );
  return Math.round(performance.now() - began);
}

/** Watch every frame that the browser draws from now on: how many of them there are, and in how many a cell is without a picture. */
export async function watch(
  page: Page,
): Promise<() => Promise<{ drawn: number; blank: number; mostBlank: number; slowestMs: number }>> {
  await page.evaluate(`(() => {
    const told = (window.watched = { drawn: 0, blank: 0, mostBlank: 0, slowestMs: 0, stop: false });
    let before = performance.now();
    const after = new MessageChannel();
    const look = () => {
      if (told.stop) return;
      // in a task of its own: after all that draws for this frame
      after.port2.postMessage(document.querySelector('.sheet').scrollTop);
      requestAnimationFrame(look);
    };
    after.port1.onmessage = ({ data }) => {
      // somebody scrolled since: that is not drawn yet
      if (document.querySelector('.sheet').scrollTop !== data) return;
      const now = performance.now();
      told.slowestMs = Math.max(told.slowestMs, now - before);
      before = now;
      const { cells, blank } = ${SEEN};
      told.drawn++;
      if (blank > 0 || cells === 0) told.blank++;
      told.mostBlank = Math.max(told.mostBlank, blank);
    };
    requestAnimationFrame(look);
  })()`);
  return async () =>
    await page.evaluate('(watched.stop = true, { ...watched, slowestMs: Math.round(watched.slowestMs) })');
}
