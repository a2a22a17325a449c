/** One thing to paste elsewhere, with its own copy button; nobody types into it. */
export function pasteRow(words: {
  label: string;
  copy: string;
  /** what is read out; the label where there is none */
  aria?: string;
  value: string;
  note?: string;
}): { row: JQuery; field: JQuery; copy: JQuery } {
  const { label, aria = label, value, note } = words;
  const field = $('<input>', { type: 'text', readonly: true, class: 'live-key', 'aria-label': aria }).val(
    value,
  );
  const copy = $('<button>', { type: 'button', class: 'red-ui-button' }).text(words.copy);
  copy.on('click', () => {
    field.trigger('select');
    RED.clipboard.copyText(value, copy, 'clipboard.copyMessageValue');
  });
  const row = $('<div>', { class: 'form-row live-state-row' }).append($('<label>').text(label), field, copy);
  if (note !== undefined) row.append($('<div>', { class: 'live-note' }).text(note));
  return { row, field, copy };
}

/** Make a button one that wants to be pressed twice. `name`: of what it acts on, for who hears the page read out. */
export function pressedTwice(
  button: JQuery,
  words: { label: string; sure: string; name?: string },
  act: () => void,
): JQuery {
  const { label, sure, name } = words;
  const rest = () => {
    button.removeClass('live-sure').text(label);
    if (name !== undefined) button.attr('aria-label', `${label}: ${name}`);
  };
  rest();
  button.on('click', () => {
    if (button.hasClass('live-sure')) {
      rest();
      return act();
    }
    button.addClass('live-sure').text(sure);
    if (name !== undefined) button.attr('aria-label', `${label}: ${name}. ${sure}`);
  });
  return button.on('blur', rest);
}
