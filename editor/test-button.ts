import { applicationOf, fieldsOf, settingsOfDialog } from './connections';
import { field, text } from './dialog';
import { post } from './requests';

interface Found {
  simulated: boolean;
  /** what the strings of the dialog say: versions and the like */
  [name: string]: unknown;
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
  /** what is not as it should be all the same */
  warn?: (answer: T) => string | null;
  /** the answer goes when one of these changes: one to other values than those in the dialog would mislead */
  fields: readonly string[];
}

/** Let a button try what the dialog shows, and tell the outcome. */
export function tryButton<T>(node: EditorNode, trial: Trial<T>): void {
  const { button, result, path, body, say, warn, fields } = trial;
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
    if (answer.ok) {
      show('good', 'fa-check', say(answer));
      const warning = warn?.(answer);
      if (warning)
        $('<div class="live-warning"><i class="fa fa-warning"></i> </div>')
          .append(document.createTextNode(warning))
          .appendTo(result);
    } else show('fault', 'fa-warning', answer.message);
  };
  button.on('click', () => void test());
  for (const property of fields)
    field(node, property).on('change input', () => {
      asked++;
      button.prop('disabled', false);
      show('', '', '');
    });
}

/**
 * Let `button` try the connection with the values in the dialog, before any deploy, and tell the outcome in `result`. What it says
 * is `test.connected` or `test.rehearsal` of the node's strings, filled with the answer.
 */
export function testButton(node: EditorNode, button: JQuery, result: JQuery): void {
  const application = applicationOf(node);
  tryButton<Found>(node, {
    button,
    result,
    path: `${application}/test`,
    body: () => ({ settings: settingsOfDialog(node) }),
    say: (answer) => text(node, answer.simulated ? 'test.rehearsal' : 'test.connected', answer),
    warn: ({ warning }) => (typeof warning === 'string' ? warning : null),
    fields: fieldsOf(application),
  });
}
