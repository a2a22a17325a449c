type Child = Node | string | null;

/** An element with properties and children. Text stays text: nothing here is ever read as HTML. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Record<string, string | boolean> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === true) element.setAttribute(name, '');
    else if (value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child): child is Node | string => child !== null));
  return element;
}

/** A button that does not send a form. */
export function button(
  text: string,
  act: () => void,
  more: Record<string, string | boolean> = {},
): HTMLButtonElement {
  const element = el('button', { type: 'button', ...more }, text);
  element.addEventListener('click', act);
  return element;
}

/** Give an element another text, only where it differs: screens that are read aloud stay quiet. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

let spoken: HTMLElement | null = null;

/** The one place whose changes are read aloud. */
export function announcer(): HTMLElement {
  return (spoken ??= el('p', { role: 'status', class: 'unseen' }));
}

/** Have a sentence read aloud: for what matters even to who looks away. */
export function announce(sentence: string): void {
  setText(announcer(), sentence);
}

/** Ask before something that cannot be undone. Resolves with the answer; Escape is no. */
export function ask(question: string, yes: string, no: string): Promise<boolean> {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const id = 'question';
    const dialog = el('dialog', { 'aria-labelledby': id }, el('p', { id }, question));
    const answer = (value: boolean) => () => dialog.close(value ? 'yes' : '');
    dialog.append(
      el('div', { class: 'row' }, button(yes, answer(true), { class: 'main' }), button(no, answer(false))),
    );
    dialog.addEventListener('close', () => {
      dialog.remove();
      if (before instanceof HTMLElement) before.focus();
      resolve(dialog.returnValue === 'yes');
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
