import { settingsOfDialog } from './connections';
import { field, text } from './dialog';
import { post } from './requests';

interface Found {
  where: string;
  obsVersion: string;
  websocketVersion: string;
  simulated: boolean;
}

/** A button that tries what the dialog shows, before any deploy. */
export interface Trial<T> {
  button: JQuery;
  /** where the outcome is told */
  result: JQuery;
  /** the route that tries it */
  path: string;
  body: () => object;
  /** the good news in words */
  say: (answer: T) => string;
  /** the answer goes when one of these changes: one to other values than those in the dialog would mislead */
  fields: readonly string[];
}

/** Let a button try what the dialog shows, and tell the outcome. */
export function tryButton<T>(node: EditorNode, { button, result, path, body, say, fields }: Trial<T>): void {
  let asked = 0;
  const show = (kind: '' | 'good' | 'fault', icon: string, message: string): void => {
    result
      .toggleClass('live-note-good', kind === 'good')
      .toggleClass('live-note-fault', kind === 'fault')
      .empty();
    if (message) result.append($('<i>', { class: `fa ${icon}` }), document.createTextNode(` ${message}`));
  };
  const test = async (): Promise<void> => {
    const mine = ++asked;
    button.prop('disabled', true);
    show('', 'fa-spinner fa-spin', text(node, 'test.busy'));
    const answer = await post<T>(node, path, body());
    button.prop('disabled', false);
    if (mine !== asked) return;
    if (answer.ok) show('good', 'fa-check', say(answer));
    else show('fault', 'fa-warning', answer.message);
  };
  button.on('click', () => void test());
  for (const property of fields)
    field(node, property).on('change input', () => {
      asked++;
      button.prop('disabled', false);
      show('', '', '');
    });
}

/** Let `button` try the connection with the values in the dialog, before any deploy, and tell the outcome in `result`. */
export function testButton(node: EditorNode, button: JQuery, result: JQuery): void {
  tryButton<Found>(node, {
    button,
    result,
    path: 'obs/test',
    body: () => ({ settings: settingsOfDialog(node) }),
    say: (answer) => text(node, answer.simulated ? 'test.rehearsal' : 'test.connected', answer),
    fields: ['connectTo', 'host', 'port', 'tls', 'password'],
  });
}
