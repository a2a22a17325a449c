import { settingsOfDialog } from './connections';
import { field, text } from './dialog';
import { post } from './requests';

interface Found {
  where: string;
  obsVersion: string;
  websocketVersion: string;
  simulated: boolean;
}

/** Let `button` try the connection with the values in the dialog, before any deploy, and tell the outcome in `result`. */
export function testButton(node: EditorNode, button: JQuery, result: JQuery): void {
  let asked = 0;
  const say = (kind: '' | 'good' | 'fault', icon: string, message: string): void => {
    result
      .toggleClass('live-note-good', kind === 'good')
      .toggleClass('live-note-fault', kind === 'fault')
      .empty();
    if (message) result.append($('<i>', { class: `fa ${icon}` }), document.createTextNode(` ${message}`));
  };
  const test = async (): Promise<void> => {
    const mine = ++asked;
    button.prop('disabled', true);
    say('', 'fa-spinner fa-spin', text(node, 'test.busy'));
    const answer = await post<Found>(node, 'obs/test', { settings: settingsOfDialog(node) });
    button.prop('disabled', false);
    if (mine !== asked) return;
    if (answer.ok)
      say('good', 'fa-check', text(node, answer.simulated ? 'test.rehearsal' : 'test.connected', answer));
    else say('fault', 'fa-warning', answer.message);
  };
  button.on('click', () => void test());
  // an answer to other values than those in the dialog would mislead
  for (const property of ['connectTo', 'host', 'port', 'tls', 'password']) {
    field(node, property).on('change input', () => {
      asked++;
      button.prop('disabled', false);
      say('', '', '');
    });
  }
}
