import { el, setText } from '../shared/dom';
import type { Spot } from './moves';

/** One place on screen that shows a picture. It is used again for another one once it has left the screen. */
export interface Cell {
  node: HTMLButtonElement;
  image: HTMLImageElement;
  caption: HTMLElement;
  spot: Spot;
  /** whose picture is to be here; null: nobody knows yet */
  id: string | null;
}

/** What a cell shows. */
export interface Look {
  /** of its picture, or of one that stands in for it; null: none */
  url: string | null;
  /** another one stands in for it */
  waiting: boolean;
  /** it cannot be had */
  lost: boolean;
  scene: boolean;
  selected: boolean;
  /** the keyboard gets here by Tab */
  reachable: boolean;
  /** below the picture */
  caption: string;
  /** for who does not see it */
  label: string;
}

/** A new one; `press` hears that it was pressed. */
export function newCell(press: (cell: Cell) => void): Cell {
  const image = el('img', { alt: '', draggable: 'false' });
  const caption = el('span', { class: 'when' });
  const node = el('button', { type: 'button', class: 'cell', tabindex: '-1' }, image, caption);
  const cell: Cell = { node, image, caption, spot: { section: 0, column: 0, n: 0 }, id: null };
  node.addEventListener('click', () => press(cell));
  return cell;
}

/** Put a cell to where it belongs, empty; px. */
export function placeCell(
  { node, image }: Cell,
  at: { x: number; y: number },
  width: number,
  height: number,
): void {
  node.style.cssText = `transform:translate(${at.x}px,${at.y}px);width:${width}px;height:${height}px`;
  image.removeAttribute('src');
}

/** Change what differs, and nothing else: this is called for every cell while somebody scrolls. */
export function dressCell({ node, image, caption }: Cell, look: Look): void {
  node.tabIndex = look.reachable ? 0 : -1;
  for (const name of ['selected', 'waiting', 'lost', 'scene'] as const)
    node.classList.toggle(name, look[name]);
  if (look.url === null) image.removeAttribute('src');
  else if (image.getAttribute('src') !== look.url) image.src = look.url;
  setText(caption, look.caption);
  if (node.getAttribute('aria-label') !== look.label) node.setAttribute('aria-label', look.label);
}
