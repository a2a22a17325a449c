/** An element with attributes and children; texts stay texts. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/**
 * A small button as Node-RED has them. `key` finds it again after the list was drawn anew; `tip` is its name too, unless it lacks the text that
 * is seen: who commands by voice says what he reads.
 */
export function button(
  key: string,
  text: string,
  tip: string,
  act: () => void,
  icon?: string,
): HTMLButtonElement {
  const element = el('button', {
    type: 'button',
    class: 'red-ui-button red-ui-button-small',
    'data-key': key,
    title: tip,
    ...(tip.toLowerCase().includes(text.toLowerCase()) ? { 'aria-label': tip } : {}),
  });
  if (icon) element.append(el('i', { class: `fa ${icon}`, 'aria-hidden': 'true' }));
  else element.append(text);
  element.addEventListener('click', act);
  return element;
}

/** `12:05`, `1:02:03`. */
export function clock(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

const STYLE = `
.live-guests { position: relative; height: 100%; overflow-y: auto; padding: 10px 12px; box-sizing: border-box; color: var(--red-ui-primary-text-color); }
.live-guests h2 { margin: 16px 0 6px; font-size: 13px; line-height: 20px; font-weight: 600; }
.live-guests h2:first-child, .live-guests-note:empty + h2 { margin-top: 0; }
.live-guests p { margin: 0 0 6px; overflow-wrap: anywhere; }
.live-guests .red-ui-button:not(:disabled):not(.primary) { color: var(--red-ui-primary-text-color) !important; }
.live-guests select, .live-guests input[type=text] { box-sizing: border-box; height: 34px; margin: 0; }
.live-guests .live-guests-choice { width: 100%; margin-bottom: 10px; }
.live-guests .live-guests-note { padding: 8px 10px; border: 1px solid var(--red-ui-primary-border-color); border-radius: 4px; }
.live-guests .live-guests-note:empty, .live-guests .live-guests-fault:empty { display: none; }
.live-guests .live-guests-fault { color: var(--red-ui-text-color-error); }
.live-guests .live-guests-name { font-weight: 600; overflow-wrap: anywhere; }
.live-guests .live-guests-lead .live-guests-name { font-size: 17px; line-height: 24px; }
.live-guests .live-guests-time { font-size: 26px; line-height: 34px; font-variant-numeric: tabular-nums; }
.live-guests .live-guests-row { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; margin: 6px 0; }
.live-guests ol, .live-guests ul { list-style: none; margin: 0; padding: 0; }
.live-guests li { display: flex; align-items: center; gap: 8px; padding: 5px 0; border-top: 1px solid var(--red-ui-secondary-border-color); }
.live-guests li:first-child { border-top: 0; }
.live-guests li > div:first-child { flex: 1; min-width: 0; }
.live-guests li .live-guests-buttons { display: flex; gap: 3px; flex: none; }
.live-guests small { display: block; font-size: 12px; line-height: 16px; color: var(--red-ui-primary-text-color); overflow-wrap: anywhere; }
.live-guests form { display: grid; gap: 6px; padding: 8px 10px; border: 1px solid var(--red-ui-primary-border-color); border-radius: 4px; }
.live-guests form[hidden], .live-guests [hidden] { display: none; }
.live-guests form input[type=text] { width: 100%; }
.live-guests label { margin: 0; cursor: default; }
.live-guests .live-guests-limit input[type=text] { width: 70px; }
.live-guests .live-guests-limit label { display: inline-flex; align-items: center; gap: 5px; }
.live-guests .live-guests-limit input[type=checkbox] { margin: 0; width: auto; }
`;

/** The sidebar's style, once. */
export function addStyle(): void {
  if (document.getElementById('live-guests-style')) return;
  document.head.append(el('style', { id: 'live-guests-style' }, STYLE));
}
