import { button, el } from '../shared/dom';
import { TEXTS } from './texts';
import { forField } from './time';

/** Ask for a time; `go` hears it. */
export function askTime(usual: number, from: number, to: number, go: (at: number) => void): void {
  const field = el('input', {
    id: 'jump',
    type: 'datetime-local',
    step: '1',
    min: forField(from),
    max: forField(to),
    value: forField(Math.min(to, Math.max(from, usual))),
    required: true,
  });
  const form = el(
    'form',
    { method: 'dialog' },
    el('h2', { id: 'h-jump' }, TEXTS.jump),
    el('label', { for: 'jump' }, TEXTS.jumpTo),
    field,
    el(
      'div',
      { class: 'row' },
      el('button', { class: 'main' }, TEXTS.jumpGo),
      button(TEXTS.cancel, () => dialog.close()),
    ),
  );
  let wished = NaN;
  const dialog = small(form, 'h-jump', () => {
    if (Number.isFinite(wished)) go(wished);
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    wished = new Date(field.value).getTime();
    dialog.close();
  });
  dialog.showModal();
  field.focus();
}

/** Which keys there are. */
export function showKeys(): void {
  const rows = TEXTS.help.flatMap(([key, what]) => [el('dt', {}, key), el('dd', {}, what)]);
  const dialog = small(
    el(
      'div',
      {},
      el('h2', { id: 'h-keys' }, TEXTS.keys),
      el('dl', {}, ...rows),
      el(
        'div',
        { class: 'row' },
        button(TEXTS.close, () => dialog.close(), { class: 'main' }),
      ),
    ),
    'h-keys',
  );
  dialog.showModal();
}

/** A dialog that is gone when it is closed, with the keyboard back where it was. */
function small(
  content: HTMLElement,
  labelledBy: string,
  closed: () => void = () => undefined,
): HTMLDialogElement {
  const before = document.activeElement;
  const dialog = el('dialog', { 'aria-labelledby': labelledBy, class: 'small-dialog' }, content);
  dialog.addEventListener('keydown', (event) => event.stopPropagation());
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    closed();
  });
  document.body.append(dialog);
  return dialog;
}
