import { showKeys } from './dialogs';
import type { Sheet } from './sheet';

/** What the keys move. */
export interface Hands {
  sheet: Sheet;
  /** the streams side by side */
  shown: () => readonly string[];
  zoom: (by: number) => void;
  jump: () => void;
  live: () => void;
}

function move(by: number, lines: number): (hands: Hands) => void {
  return ({ sheet, shown }) => {
    const { selected, onScreen } = sheet;
    const [stream] = shown();
    const begin = onScreen && stream !== undefined ? sheet.find(stream, onScreen.from) : null;
    sheet.select(selected ? sheet.step(selected, by, lines) : begin, true);
  };
}

function page(way: number): (hands: Hands) => void {
  return ({ sheet, shown }) => {
    sheet.element.scrollTop += way * sheet.element.clientHeight * 0.9;
    const { selected, onScreen } = sheet;
    const stream = selected ? sheet.streamOf(selected) : shown()[0];
    if (onScreen && stream !== undefined) sheet.selectAt(stream, onScreen.from);
  };
}

/** What each key does. */
export const ACTS: Readonly<Record<string, (hands: Hands) => void>> = {
  ArrowLeft: move(-1, 0),
  ArrowRight: move(1, 0),
  ArrowUp: move(0, -1),
  ArrowDown: move(0, 1),
  PageUp: page(-1),
  PageDown: page(1),
  Home: ({ sheet }) => sheet.select(sheet.edges.first, true),
  End: ({ sheet, live }) => {
    live();
    sheet.select(sheet.edges.last, true);
  },
  '+': ({ zoom }) => zoom(1),
  '=': ({ zoom }) => zoom(1),
  '-': ({ zoom }) => zoom(-1),
  g: ({ jump }) => jump(),
  G: ({ jump }) => jump(),
  '?': showKeys,
};
