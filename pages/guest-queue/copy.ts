import { announce, button, el, setText } from '../shared/dom';
import { TEXTS } from './texts';

/** How long a button says that it has copied, in ms. */
const SAID_MS = 2_500;

/** Put text on the clipboard; false where the browser lets nobody. Without TLS the newer way is shut. */
async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = el('textarea', { readonly: true, class: 'unseen', 'aria-hidden': 'true' });
    area.value = text;
    document.body.append(area);
    const before = document.activeElement;
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    if (before instanceof HTMLElement) before.focus();
    return done;
  }
}

/** A button that copies what `text` gives; `failed` hears when that is forbidden. */
export function copyButton(what: string, text: () => string, failed: () => void): HTMLButtonElement {
  let back: ReturnType<typeof setTimeout> | undefined;
  // what is read aloud begins with what is seen
  const say = (word: string, name: string) => {
    setText(element, word);
    element.setAttribute('aria-label', name);
  };
  const element = button(
    TEXTS.copy,
    () => {
      void toClipboard(text()).then((done) => {
        announce(done ? TEXTS.copiedOf(what) : TEXTS.copyFailed);
        if (!done) return failed();
        say(TEXTS.copied, TEXTS.copiedOf(what));
        clearTimeout(back);
        back = setTimeout(() => say(TEXTS.copy, TEXTS.copyOf(what)), SAID_MS);
      });
    },
    { 'aria-label': TEXTS.copyOf(what) },
  );
  return element;
}
